//! What makes a good form.

use super::kinds::largest;
use super::{
    COLUMNS_MAX, CRITERIA_MAX, HELP_MAX, KEY_MAX, LABEL_MAX, OPTIONS_MAX, QUESTIONS_MAX, QUIZ_MAX,
    REFUSAL_MAX, ROWS_MAX, SHORT_MAX, WORDS_MAX,
};
use crate::answers::model::{
    Choice, Column, ColumnKind, Condition, Criterion, DECIMALS_MAX, Decimal, Form, Question,
    QuestionKind, QuizQuestion,
};
use crate::kernel::fields::Fields;
use crate::kernel::money::Currency;
use std::collections::BTreeSet;

/// The form as it is kept: texts cleaned, limits filled in. What is wrong goes to `fields`.
pub fn form(fields: &mut Fields, sent: &Form) -> Form {
    let few = |fields: &mut Fields, pointer: &str, length: usize, max: usize| {
        let message = format!("write at most {max}");
        fields.check(length <= max, pointer, "too_many", &message);
        length <= max
    };
    let mut kept = Form::default();
    let mut keys = BTreeSet::new();
    if few(fields, "/questions", sent.questions.len(), QUESTIONS_MAX) {
        let mut reused = BTreeSet::new();
        for (i, question) in sent.questions.iter().enumerate() {
            let at = format!("/questions/{i}");
            key(fields, &mut keys, &format!("{at}/key"), &question.key);
            if let Some(name) = &question.reuse_key {
                key(fields, &mut reused, &format!("{at}/reuse_key"), name);
            }
            let shown = question.shown_if.as_ref();
            if let Some(shown) = shown {
                condition(fields, &format!("{at}/shown_if"), shown, &sent.questions, i);
            }
            kept.questions.push(one(fields, &at, question));
        }
    }
    if few(fields, "/eligibility", sent.eligibility.len(), QUIZ_MAX) {
        for (i, question) in sent.eligibility.iter().enumerate() {
            let at = format!("/eligibility/{i}");
            key(fields, &mut keys, &format!("{at}/key"), &question.key);
            kept.eligibility.push(quiz(fields, &at, question));
        }
    }
    if few(fields, "/rubric", sent.rubric.len(), CRITERIA_MAX) {
        let mut keys = BTreeSet::new();
        for (i, criterion) in sent.rubric.iter().enumerate() {
            let at = format!("/rubric/{i}");
            key(fields, &mut keys, &format!("{at}/key"), &criterion.key);
            kept.rubric.push(scored(fields, &at, criterion));
        }
    }
    kept
}

/// Whether it can be a key: small letters, digits and `_`, a letter first.
fn is_key(text: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.len() <= KEY_MAX
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(word)
}

fn key(fields: &mut Fields, taken: &mut BTreeSet<String>, pointer: &str, text: &str) {
    if !is_key(text) {
        let message = format!(
            "write small letters, digits and _, a letter first, at most {KEY_MAX} characters"
        );
        fields.push(pointer, "malformed", message);
    } else if !taken.insert(text.to_owned()) {
        fields.push(pointer, "duplicate", "another one has this name already");
    }
}

fn one(fields: &mut Fields, at: &str, sent: &Question) -> Question {
    use QuestionKind as K;
    let mut kept = sent.clone();
    kept.label = fields.line(&format!("{at}/label"), &sent.label, 1, LABEL_MAX);
    kept.help = fields.paragraphs(&format!("{at}/help"), &sent.help, 0, HELP_MAX);
    let kind = sent.kind;
    let chooses = matches!(kind, K::Choice | K::Choices);
    for (name, there, fits) in [
        ("max_chars", sent.max_chars.is_some(), kind == K::ShortText),
        ("max_words", sent.max_words.is_some(), kind == K::LongText),
        ("decimals", sent.decimals.is_some(), kind == K::Number),
        ("min", sent.min.is_some(), kind == K::Number),
        ("max", sent.max.is_some(), kind == K::Number),
        ("currency", sent.currency.is_some(), kind == K::Money),
        ("options", !sent.options.is_empty(), chooses),
        ("max_choices", sent.max_choices.is_some(), kind == K::Choices),
        ("columns", !sent.columns.is_empty(), kind == K::Table),
        ("max_rows", sent.max_rows.is_some(), kind == K::Table),
    ] {
        let message = format!("a question of the kind {kind} has none");
        fields.check(!there || fits, &format!("{at}/{name}"), "not_allowed", &message);
    }
    let mut limit = |name: &str, place: &mut Option<i64>, most: i64, usual: i64| {
        let value = *place.get_or_insert(usual);
        fields.range(&format!("{at}/{name}"), value, 1, most);
    };
    match kind {
        K::ShortText => limit("max_chars", &mut kept.max_chars, SHORT_MAX, 200),
        K::LongText => limit("max_words", &mut kept.max_words, WORDS_MAX, 500),
        K::Choices => {
            let all = i64::try_from(sent.options.len()).unwrap_or(i64::MAX);
            limit("max_choices", &mut kept.max_choices, all.max(1), all.max(1));
            kept.options = options(fields, at, &sent.options);
        }
        K::Choice => kept.options = options(fields, at, &sent.options),
        K::Table => {
            limit("max_rows", &mut kept.max_rows, ROWS_MAX, 20);
            kept.columns = columns(fields, at, &sent.columns);
        }
        K::Number => numbers(fields, at, sent),
        K::Money => currency(fields, at, sent.currency.as_deref()),
        K::Date | K::File => {}
    }
    kept
}

fn numbers(fields: &mut Fields, at: &str, sent: &Question) {
    decimals(fields, at, sent.decimals);
    for (name, value) in [("min", sent.min), ("max", sent.max)] {
        bound(fields, &format!("{at}/{name}"), sent.digits(), value);
    }
    let ordered = sent.min.zip(sent.max).is_none_or(|(min, max)| min <= max);
    let message = "the most cannot be below the least";
    fields.check(ordered, &format!("{at}/max"), "out_of_range", message);
}

fn decimals(fields: &mut Fields, at: &str, sent: Option<i64>) {
    let pointer = format!("{at}/decimals");
    fields.range(&pointer, sent.unwrap_or(0), 0, i64::from(DECIMALS_MAX));
}

/// A bound is a number that can be answered: it has no more digits after the point than those.
fn bound(fields: &mut Fields, pointer: &str, decimals: u32, sent: Option<Decimal>) {
    let (Some(value), most) = (sent, largest(decimals)) else { return };
    if !value.fits(decimals) {
        let message = match decimals {
            0 => "write a whole number, as the question takes".to_owned(),
            n => format!("write at most {n} digits after the point, as the question takes"),
        };
        fields.push(pointer, "precision", message);
    } else if !(-most..=most).contains(&value) {
        fields.push(pointer, "out_of_range", format!("write a number from {} to {most}", -most));
    }
}

fn currency(fields: &mut Fields, at: &str, code: Option<&str>) {
    let pointer = format!("{at}/currency");
    match code.map(Currency::parse) {
        None => fields.push(&pointer, "required", "say in which currency, for example USD"),
        Some(Err(e)) => fields.push(&pointer, "unknown_currency", e.to_string()),
        Some(Ok(_)) => {}
    }
}

fn options(fields: &mut Fields, at: &str, sent: &[Choice]) -> Vec<Choice> {
    let pointer = format!("{at}/options");
    if sent.is_empty() || sent.len() > OPTIONS_MAX {
        let code = if sent.is_empty() { "required" } else { "too_many" };
        fields.push(&pointer, code, format!("write 1 to {OPTIONS_MAX} options"));
        return Vec::new();
    }
    let mut keys = BTreeSet::new();
    let mut kept = Vec::with_capacity(sent.len());
    for (i, option) in sent.iter().enumerate() {
        let at = format!("{pointer}/{i}");
        key(fields, &mut keys, &format!("{at}/key"), &option.key);
        let label = fields.line(&format!("{at}/label"), &option.label, 1, LABEL_MAX);
        kept.push(Choice { key: option.key.clone(), label });
    }
    kept
}

fn columns(fields: &mut Fields, at: &str, sent: &[Column]) -> Vec<Column> {
    let pointer = format!("{at}/columns");
    if sent.is_empty() || sent.len() > COLUMNS_MAX {
        let code = if sent.is_empty() { "required" } else { "too_many" };
        fields.push(&pointer, code, format!("write 1 to {COLUMNS_MAX} columns"));
        return Vec::new();
    }
    let mut keys = BTreeSet::new();
    let mut kept = Vec::with_capacity(sent.len());
    for (i, column) in sent.iter().enumerate() {
        let at = format!("{pointer}/{i}");
        let mut clean = column.clone();
        key(fields, &mut keys, &format!("{at}/key"), &column.key);
        clean.label = fields.line(&format!("{at}/label"), &column.label, 1, LABEL_MAX);
        let (money, choice) = (column.kind == ColumnKind::Money, column.kind == ColumnKind::Choice);
        decimals(fields, &at, column.decimals);
        for (name, there, fits) in [
            ("decimals", column.decimals.is_some(), column.kind == ColumnKind::Number),
            ("currency", column.currency.is_some(), money),
            ("options", !column.options.is_empty(), choice),
        ] {
            let message = format!("a column of the kind {} has none", column.kind);
            fields.check(!there || fits, &format!("{at}/{name}"), "not_allowed", &message);
        }
        if money {
            currency(fields, &at, column.currency.as_deref());
        }
        if choice {
            clean.options = options(fields, &at, &column.options);
        }
        kept.push(clean);
    }
    kept
}

/// A condition looks back, and asks what the earlier question can answer.
fn condition(fields: &mut Fields, at: &str, sent: &Condition, all: &[Question], here: usize) {
    let pointer = format!("{at}/question");
    let Some(place) = all.iter().position(|q| q.key == sent.question) else {
        return fields.push(&pointer, "unknown", "there is no question with this key");
    };
    if place >= here {
        let message = "a condition looks back: name a question that stands before this one";
        return fields.push(&pointer, "not_earlier", message);
    }
    let (asked, bounds) = (&all[place], sent.at_least.is_some() || sent.at_most.is_some());
    match asked.kind {
        QuestionKind::Choice | QuestionKind::Choices => {
            let message = "name at least one of its options";
            fields.check(!sent.any_of.is_empty(), &format!("{at}/any_of"), "required", message);
            for (i, option) in sent.any_of.iter().enumerate().take(OPTIONS_MAX) {
                let known = asked.options.iter().any(|o| o.key == *option);
                let message = "the question has no such option";
                fields.check(known, &format!("{at}/any_of/{i}"), "unknown", message);
            }
            let few = sent.any_of.len() <= OPTIONS_MAX;
            fields.check(few, &format!("{at}/any_of"), "too_many", "these are too many");
            let message = "bounds are for questions of the kind number";
            fields.check(!bounds, at, "not_allowed", message);
        }
        QuestionKind::Number => {
            let message = "options are for choices: write at_least or at_most";
            fields.check(sent.any_of.is_empty(), &format!("{at}/any_of"), "not_allowed", message);
            fields.check(bounds, at, "required", "write at_least, at_most, or both");
            for (name, value) in [("at_least", sent.at_least), ("at_most", sent.at_most)] {
                bound(fields, &format!("{at}/{name}"), asked.digits(), value);
            }
        }
        _ => {
            let message = "only a choice, choices or a number can decide what is shown";
            fields.push(&pointer, "not_allowed", message);
        }
    }
}

fn quiz(fields: &mut Fields, at: &str, sent: &QuizQuestion) -> QuizQuestion {
    let known = |key: &String| sent.options.iter().any(|o| o.key == *key);
    let message = "name at least one option with which somebody can apply";
    fields.check(!sent.eligible.is_empty(), &format!("{at}/eligible"), "required", message);
    for (i, option) in sent.eligible.iter().enumerate().take(OPTIONS_MAX) {
        let pointer = format!("{at}/eligible/{i}");
        fields.check(known(option), &pointer, "unknown", "the question has no such option");
    }
    let few = sent.eligible.len() <= OPTIONS_MAX;
    fields.check(few, &format!("{at}/eligible"), "too_many", "these are too many");
    QuizQuestion {
        key: sent.key.clone(),
        label: fields.line(&format!("{at}/label"), &sent.label, 1, LABEL_MAX),
        help: fields.paragraphs(&format!("{at}/help"), &sent.help, 0, HELP_MAX),
        options: options(fields, at, &sent.options),
        eligible: sent.eligible.clone(),
        refusal: fields.paragraphs(&format!("{at}/refusal"), &sent.refusal, 1, REFUSAL_MAX),
    }
}

fn scored(fields: &mut Fields, at: &str, sent: &Criterion) -> Criterion {
    fields.range(&format!("{at}/weight"), i64::from(sent.weight), 1, 100);
    fields.range(&format!("{at}/max_score"), i64::from(sent.max_score), 2, 10);
    Criterion {
        label: fields.line(&format!("{at}/label"), &sent.label, 1, LABEL_MAX),
        help: fields.paragraphs(&format!("{at}/help"), &sent.help, 0, HELP_MAX),
        ..sent.clone()
    }
}
