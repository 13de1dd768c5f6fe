//! What an answer of each kind looks like.

use super::{LONG_MAX, NUMBER_MAX, SHORT_MAX};
use crate::answers::model::{
    Choice, Column, ColumnKind, DECIMALS_MAX, Decimal, Question, QuestionKind,
};
use crate::kernel::fields::Fields;
use crate::kernel::money::{Currency, Money};
use crate::kernel::time::Date;
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

/// As it is kept: texts normalised and trimmed, numbers written the shortest way, empty cells left
/// out. Null where nothing is left. What is of another kind stays as it came, for [`check`].
pub(super) fn clean(question: &Question, sent: &Value) -> Value {
    let kept = match question.kind {
        QuestionKind::ShortText => line(sent),
        QuestionKind::LongText => paragraphs(sent),
        QuestionKind::Number => number(sent),
        QuestionKind::Table => table(&question.columns, sent),
        _ => sent.clone(),
    };
    let nothing = match &kept {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if nothing { Value::Null } else { kept }
}

fn line(sent: &Value) -> Value {
    match sent {
        Value::String(text) => Value::String(text.trim().nfc().collect()),
        other => other.clone(),
    }
}

fn paragraphs(sent: &Value) -> Value {
    match sent {
        Value::String(text) => {
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            Value::String(text.trim().nfc().collect())
        }
        other => other.clone(),
    }
}

fn number(sent: &Value) -> Value {
    Decimal::of(sent).map_or_else(|| sent.clone(), Decimal::value)
}

fn table(columns: &[Column], sent: &Value) -> Value {
    let Value::Array(rows) = sent else { return sent.clone() };
    let cells = |row: &Map<String, Value>| {
        let mut kept = Map::new();
        for (key, cell) in row {
            let kind = columns.iter().find(|c| c.key == *key).map(|c| c.kind);
            let cell = match kind {
                Some(ColumnKind::Text) => line(cell),
                Some(ColumnKind::Number) => number(cell),
                _ => cell.clone(),
            };
            if !cell.is_null() && cell != "" {
                kept.insert(key.clone(), cell);
            }
        }
        kept
    };
    let rows = rows.iter().map(|row| match row {
        Value::Object(row) => Value::Object(cells(row)),
        other => other.clone(),
    });
    Value::Array(rows.filter(|row| row.as_object().is_none_or(|row| !row.is_empty())).collect())
}

/// The largest number with so many digits after the point, and with a minus the smallest: of at
/// most 15 digits in all, which all programs read exactly.
pub(super) fn largest(decimals: u32) -> Decimal {
    Decimal::from(NUMBER_MAX / 10_i64.pow(decimals.min(DECIMALS_MAX)))
}

/// What is wrong with an answer goes to `fields`, under `at`.
pub(super) fn check(fields: &mut Fields, at: &str, question: &Question, value: &Value) {
    match question.kind {
        QuestionKind::ShortText => {
            short(fields, at, value, question.max_chars.unwrap_or(SHORT_MAX));
        }
        QuestionKind::LongText => long(fields, at, value, question.max_words.unwrap_or(i64::MAX)),
        QuestionKind::Number => {
            in_range(fields, at, value, question.digits(), (question.min, question.max));
        }
        QuestionKind::Money => amount(fields, at, value, question.currency.as_deref()),
        QuestionKind::Date => day(fields, at, value),
        QuestionKind::Choice => option(fields, at, value, &question.options),
        QuestionKind::Choices => {
            let most = question.max_choices.unwrap_or(i64::MAX);
            some(fields, at, value, &question.options, most);
        }
        QuestionKind::File => file(fields, at, value),
        QuestionKind::Table => rows(fields, at, question, value),
    }
}

fn wrong_kind(fields: &mut Fields, at: &str, wanted: &str) {
    fields.push(at, "malformed", format!("write {wanted}"));
}

/// Marks that make a text read as another.
fn overrides(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn count(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

fn short(fields: &mut Fields, at: &str, value: &Value, max: i64) {
    let Value::String(text) = value else { return wrong_kind(fields, at, "a text") };
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || overrides(c);
    if text.trim().is_empty() {
        fields.push(at, "required", "write something, or leave it out");
    } else if text.chars().any(breaks) {
        let message = "write it on one line, without control characters";
        fields.push(at, "malformed", message);
    } else if count(text) > max {
        let message = format!("write at most {max} characters; these are {}", count(text));
        fields.push(at, "too_long", message);
    }
}

fn long(fields: &mut Fields, at: &str, value: &Value, max_words: i64) {
    let Value::String(text) = value else { return wrong_kind(fields, at, "a text") };
    let control = |c: char| c.is_control() && c != '\n' && c != '\t';
    let words = i64::try_from(text.split_whitespace().count()).unwrap_or(i64::MAX);
    let longest = i64::try_from(LONG_MAX).unwrap_or(i64::MAX);
    if words == 0 {
        fields.push(at, "required", "write something, or leave it out");
    } else if text.chars().any(|c| control(c) || overrides(c)) {
        fields.push(at, "malformed", "leave out control characters");
    } else if words > max_words {
        let message = format!("write at most {max_words} words; these are {words}");
        fields.push(at, "too_long", message);
    } else if count(text) > longest {
        let message = format!("write at most {longest} characters; these are {}", count(text));
        fields.push(at, "too_long", message);
    }
}

fn in_range(
    fields: &mut Fields,
    at: &str,
    value: &Value,
    decimals: u32,
    (min, max): (Option<Decimal>, Option<Decimal>),
) {
    let few = if decimals == 0 { "" } else { ", of at most 15 digits in all" };
    let Some(number) = Decimal::of(value).filter(|number| number.fits(decimals)) else {
        let wanted = match decimals {
            0 => "a whole number, without quotes".to_owned(),
            n => format!("a number with at most {n} digits after the point{few}, without quotes"),
        };
        return wrong_kind(fields, at, &wanted);
    };
    let (min, max) = (min.unwrap_or(-largest(decimals)), max.unwrap_or(largest(decimals)));
    if !(min..=max).contains(&number) {
        fields.push(at, "out_of_range", format!("write a number from {min} to {max}{few}"));
    }
}

fn amount(fields: &mut Fields, at: &str, value: &Value, currency: Option<&str>) {
    let wanted = currency.unwrap_or("USD");
    let form = || format!("an amount as {{\"amount\": \"1250.00\", \"currency\": \"{wanted}\"}}");
    let Value::Object(object) = value else { return wrong_kind(fields, at, &form()) };
    let (amount, code) = (object.get("amount"), object.get("currency"));
    let (Some(Value::String(amount)), Some(Value::String(code)), 2) = (amount, code, object.len())
    else {
        return wrong_kind(fields, at, &form());
    };
    if code != wanted {
        let message = format!("this has to be in {wanted}");
        return fields.push(&format!("{at}/currency"), "currency_mismatch", message);
    }
    let pointer = format!("{at}/amount");
    let parsed = Currency::parse(code).and_then(|currency| Money::parse(amount, currency));
    match parsed {
        Ok(_) if amount.starts_with('-') => {
            fields.push(&pointer, "negative", "write an amount of zero or more");
        }
        Ok(_) => {}
        Err(e) => fields.push(&pointer, "malformed", e.to_string()),
    }
}

fn day(fields: &mut Fields, at: &str, value: &Value) {
    let parsed = value.as_str().and_then(|text| text.parse::<Date>().ok().map(|d| (text, d)));
    match parsed {
        Some((text, day)) if day.to_string() == text => fields.plausible(at, day),
        _ => wrong_kind(fields, at, "a day that there is, as 2026-12-31"),
    }
}

fn option(fields: &mut Fields, at: &str, value: &Value, options: &[Choice]) {
    let known = value.as_str().is_some_and(|text| options.iter().any(|o| o.key == text));
    if !known {
        let keys: Vec<&str> = options.iter().take(20).map(|o| o.key.as_str()).collect();
        fields.push(at, "unknown_option", format!("choose one of: {}", keys.join(", ")));
    }
}

fn some(fields: &mut Fields, at: &str, value: &Value, options: &[Choice], max: i64) {
    let Value::Array(items) = value else { return wrong_kind(fields, at, "a list of options") };
    let number = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if !(1..=max).contains(&number) {
        let message = format!("choose 1 to {max} options");
        return fields.push(at, "out_of_range", message);
    }
    for (i, item) in items.iter().enumerate() {
        option(fields, &format!("{at}/{i}"), item, options);
        if items[..i].contains(item) {
            fields.push(&format!("{at}/{i}"), "duplicate", "this was chosen already");
        }
    }
}

fn file(fields: &mut Fields, at: &str, value: &Value) {
    let id = value.as_str().and_then(|text| Some((text, Uuid::try_parse(text).ok()?)));
    if id.is_none_or(|(text, id)| id.to_string() != text) {
        wrong_kind(fields, at, "the id of a file of this application");
    }
}

fn rows(fields: &mut Fields, at: &str, question: &Question, value: &Value) {
    let Value::Array(rows) = value else { return wrong_kind(fields, at, "a list of rows") };
    let max = question.max_rows.unwrap_or(super::ROWS_MAX);
    let number = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if !(1..=max).contains(&number) {
        return fields.push(at, "out_of_range", format!("write 1 to {max} rows"));
    }
    for (i, row) in rows.iter().enumerate() {
        let at = format!("{at}/{i}");
        let Value::Object(row) = row else {
            wrong_kind(fields, &at, "a row as an object");
            continue;
        };
        cells(fields, &at, &question.columns, row);
    }
}

fn cells(fields: &mut Fields, at: &str, columns: &[Column], row: &Map<String, Value>) {
    if row.is_empty() {
        return fields.push(at, "required", "fill in the row, or leave it out");
    }
    for key in row.keys().filter(|key| columns.iter().all(|c| c.key != **key)) {
        let pointer = format!("{at}/{}", super::answers::segment(key));
        fields.push(&pointer, "unknown_field", "the table has no such column");
    }
    for column in columns {
        let at = format!("{at}/{}", column.key);
        match row.get(&column.key) {
            None if column.required => fields.push(&at, "required", "this is needed"),
            None => {}
            Some(cell) => match column.kind {
                ColumnKind::Text => short(fields, &at, cell, SHORT_MAX),
                ColumnKind::Number => {
                    in_range(fields, &at, cell, column.digits(), (None, None));
                }
                ColumnKind::Money => amount(fields, &at, cell, column.currency.as_deref()),
                ColumnKind::Date => day(fields, &at, cell),
                ColumnKind::Choice => option(fields, &at, cell, &column.options),
            },
        }
    }
}
