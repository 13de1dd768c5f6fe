//! A form as a JSON Schema (draft 2020-12) of the answers that can be handed in.

use super::kinds::largest;
use super::{LONG_MAX, SHORT_MAX};
use crate::answers::model::{
    Choice, Column, ColumnKind, Condition, Decimal, Form, Question, QuestionKind,
};
use crate::kernel::ids::CallId;
use crate::kernel::money::Currency;
use serde_json::{Map, Value, json};

/// White space, inside of a class: what divides words.
const SPACE: &str =
    r"\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// One line without marks that override the writing direction.
const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$";
/// The same on several lines.
const PARAGRAPHS: &str = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$";
/// A day that there is, 1900 to 2200.
const DAY: &str = concat!(
    "^(?:(?:(?:19|20|21)[0-9]{2}|2200)-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])",
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))",
    "|(?:(?:19|20|21)(?:0[48]|[2468][048]|[13579][26])|2000)-02-29)$",
);
/// An id.
const UUID: &str = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
/// Digits of the largest amount, 10^15 minor units.
const DIGITS: u32 = 15;

/// The schema of what can be handed in under this version of a call's form.
pub fn schema(call: CallId, version: i32, form: &Form) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    let mut conditions = Vec::new();
    for quiz in &form.eligibility {
        let eligible = quiz.options.iter().filter(|o| quiz.eligible.contains(&o.key));
        let mut one = json!({ "type": "string", "oneOf": labelled(eligible) });
        describe(&mut one, &quiz.label, &quiz.help);
        properties.insert(quiz.key.clone(), one);
        required.push(quiz.key.clone());
    }
    for question in &form.questions {
        let mut one = kind(question);
        describe(&mut one, &question.label, &question.help);
        properties.insert(question.key.clone(), one);
        match &question.shown_if {
            Some(condition) => {
                let asked = form.questions.iter().find(|q| q.key == condition.question);
                let decimals = asked.map_or(0, Question::digits);
                conditions.push(shown(question, condition, decimals));
            }
            None if question.required => required.push(question.key.clone()),
            None => {}
        }
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:almoner:call:{call}:form:{version}"),
        "title": "Answers that can be handed in",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    if !conditions.is_empty() {
        schema["allOf"] = json!(conditions);
    }
    schema
}

fn describe(schema: &mut Value, label: &str, help: &str) {
    schema["title"] = json!(label);
    if !help.is_empty() {
        schema["description"] = json!(help);
    }
}

fn labelled<'o>(options: impl Iterator<Item = &'o Choice>) -> Vec<Value> {
    options.map(|option| json!({ "const": option.key, "title": option.label })).collect()
}

/// Asked where the condition holds, and absent where it does not. A number that it looks at has so
/// many digits after the point.
fn shown(question: &Question, condition: &Condition, decimals: u32) -> Value {
    let key = &question.key;
    let asked = if condition.any_of.is_empty() {
        let mut range = json!({ "type": if decimals == 0 { "integer" } else { "number" } });
        if let Some(least) = condition.at_least {
            range["minimum"] = json!(least);
        }
        if let Some(most) = condition.at_most {
            range["maximum"] = json!(most);
        }
        range
    } else {
        let any = json!({ "enum": condition.any_of });
        json!({ "anyOf": [any, { "type": "array", "contains": any }] })
    };
    let mut absent = Map::new();
    absent.insert(key.clone(), json!(false));
    let mut when = Map::new();
    when.insert(condition.question.clone(), asked);
    let mut rule = json!({
        "if": { "properties": when, "required": [condition.question] },
        "else": { "properties": absent },
    });
    if question.required {
        rule["then"] = json!({ "required": [key] });
    }
    rule
}

fn kind(question: &Question) -> Value {
    match question.kind {
        QuestionKind::ShortText => line(question.max_chars.unwrap_or(SHORT_MAX)),
        QuestionKind::LongText => {
            let words = question.max_words.unwrap_or(super::WORDS_MAX);
            let words = format!("^[{SPACE}]*(?:[^{SPACE}]+(?:[{SPACE}]+|$)){{1,{words}}}$");
            let patterns = [json!({ "pattern": PARAGRAPHS }), json!({ "pattern": words })];
            json!({ "type": "string", "maxLength": LONG_MAX, "allOf": patterns })
        }
        QuestionKind::Number => number(question.digits(), question.min, question.max),
        QuestionKind::Money => money(question.currency.as_deref()),
        QuestionKind::Date => json!({ "type": "string", "format": "date", "pattern": DAY }),
        QuestionKind::Choice => {
            json!({ "type": "string", "oneOf": labelled(question.options.iter()) })
        }
        QuestionKind::Choices => json!({
            "type": "array",
            "items": { "type": "string", "oneOf": labelled(question.options.iter()) },
            "minItems": 1,
            "maxItems": question.max_choices,
            "uniqueItems": true,
        }),
        QuestionKind::File => json!({ "type": "string", "format": "uuid", "pattern": UUID }),
        QuestionKind::Table => json!({
            "type": "array",
            "items": row(&question.columns),
            "minItems": 1,
            "maxItems": question.max_rows,
        }),
    }
}

fn line(max: i64) -> Value {
    let patterns = [json!({ "pattern": LINE }), json!({ "pattern": format!("[^{SPACE}]") })];
    json!({ "type": "string", "maxLength": max, "allOf": patterns })
}

/// A whole number; or one that is a multiple of the last digit after the point that it may have.
fn number(decimals: u32, min: Option<Decimal>, max: Option<Decimal>) -> Value {
    let most = largest(decimals);
    let mut schema = json!({
        "type": "integer",
        "minimum": min.unwrap_or(-most),
        "maximum": max.unwrap_or(most),
    });
    if decimals > 0 {
        schema["type"] = json!("number");
        schema["multipleOf"] = json!(Decimal::step(decimals));
    }
    schema
}

/// An amount of zero or more with exactly the currency's digits, up to the largest that there is.
fn money(currency: Option<&str>) -> Value {
    let code = currency.unwrap_or("USD");
    let digits = Currency::parse(code).map_or(2, Currency::exponent);
    let after = if digits == 0 { String::new() } else { format!("\\.[0-9]{{{digits}}}") };
    let zeros = if digits == 0 { String::new() } else { format!("\\.0{{{digits}}}") };
    let (more, most) = (DIGITS - digits - 1, DIGITS - digits);
    let amount = format!("^(?:(?:0|[1-9][0-9]{{0,{more}}}){after}|10{{{most}}}{zeros})$");
    json!({
        "type": "object",
        "properties": {
            "amount": { "type": "string", "pattern": amount },
            "currency": { "const": code },
        },
        "required": ["amount", "currency"],
        "additionalProperties": false,
    })
}

fn row(columns: &[Column]) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for column in columns {
        let mut cell = match column.kind {
            ColumnKind::Text => line(SHORT_MAX),
            ColumnKind::Number => number(column.digits(), None, None),
            ColumnKind::Money => money(column.currency.as_deref()),
            ColumnKind::Date => json!({ "type": "string", "format": "date", "pattern": DAY }),
            ColumnKind::Choice => {
                json!({ "type": "string", "oneOf": labelled(column.options.iter()) })
            }
        };
        cell["title"] = json!(column.label);
        properties.insert(column.key.clone(), cell);
        if column.required {
            required.push(column.key.clone());
        }
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "minProperties": 1,
        "additionalProperties": false,
    })
}
