//! Answers as others read them: under what was asked, with what was chosen by name.

use crate::answers::model::{Answered, Answers, Choice, Column, Form, Question};
use serde_json::{Map, Value};

/// The answers in the order of the form's questions; what was not answered is left out.
pub fn labelled(form: &Form, answers: &Answers) -> Vec<Answered> {
    let asked = form.questions.iter().filter_map(|question| {
        let given = answers.get(&question.key)?;
        Some(Answered {
            key: question.key.clone(),
            label: question.label.clone(),
            kind: question.kind,
            answer: told(question, given),
        })
    });
    asked.collect()
}

/// An answer with labels in place of the keys of options.
fn told(question: &Question, given: &Value) -> Value {
    match given {
        Value::Array(rows) if !question.columns.is_empty() => {
            rows.iter().map(|row| cells(&question.columns, row)).collect()
        }
        Value::Array(chosen) => chosen.iter().map(|key| label(&question.options, key)).collect(),
        other => label(&question.options, other),
    }
}

fn cells(columns: &[Column], row: &Value) -> Value {
    let Some(cells) = row.as_object() else { return row.clone() };
    let mut named = Map::new();
    for (place, column) in columns.iter().enumerate() {
        if let Some(cell) = cells.get(&column.key) {
            // Two columns may have one label; each is named alike in all rows.
            let twice = columns.iter().take(place).any(|before| before.label == column.label);
            let key = format!("{} ({})", column.label, column.key);
            let name = if twice { key } else { column.label.clone() };
            named.insert(name, label(&column.options, cell));
        }
    }
    Value::Object(named)
}

fn label(options: &[Choice], key: &Value) -> Value {
    let found = options.iter().find(|option| Some(option.key.as_str()) == key.as_str());
    found.map_or_else(|| key.clone(), |option| Value::String(option.label.clone()))
}
