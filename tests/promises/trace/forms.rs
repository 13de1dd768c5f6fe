//! What is sent: what `forms.json` says of an operation, or a plausible body made from the API
//! document, so that an operation has a form before anybody wrote one.
//!
//! In `forms.json` `"@calls"` is the id of a call, `"$"` an amount (the same in all of a form),
//! `"$900"` that amount, and `"~"` some text.

use super::document::Operation;
use super::pool::{Pool, list_of};
use crate::support::bodies::{Document, NOBODY};
use crate::support::desk::usd;
use crate::support::years::dice::Dice;
use serde_json::{Value, json};

/// The forms.
pub struct Forms(Value);

/// How a form is filled in: as it should be, with the newest of everything; or by chance.
pub enum Filled<'d> {
    /// With this number in texts, for what has to differ.
    Well(usize),
    ByChance(&'d mut Dice),
}

impl Forms {
    pub fn new() -> Self {
        Self(serde_json::from_str(include_str!("forms.json")).expect("it is JSON"))
    }
    /// Operations that have a form but are in no document.
    pub fn unknown(&self, operations: &[Operation]) -> Vec<&String> {
        let names = self.0.as_object().expect("by operation").keys();
        names.filter(|name| !operations.iter().any(|o| o.id == **name)).collect()
    }
    /// A body for an operation; none where it takes none.
    pub fn body(
        &self,
        operation: &Operation,
        document: &Document,
        pool: &Pool,
        mut how: Filled<'_>,
    ) -> Option<Value> {
        if operation.raw {
            return Some(json!("In a file."));
        }
        let plausible = document.body(operation.method, &operation.path);
        let mut form = self.0.get(&operation.id).cloned().or(plausible)?;
        if let Filled::ByChance(dice) = &mut how
            && dice.below(15) == 0
        {
            return Some(json!({ "unknown": text(dice) }));
        }
        let money = match &mut how {
            Filled::Well(_) => usd("5.00"),
            Filled::ByChance(dice) => money(dice),
        };
        fill(&mut form, "", &money, pool, &mut how);
        Some(form)
    }
}

fn fill(value: &mut Value, field: &str, money: &Value, pool: &Pool, how: &mut Filled<'_>) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(|item| fill(item, field, money, pool, how));
        }
        Value::Object(fields) => {
            fields.iter_mut().for_each(|(name, value)| fill(value, name, money, pool, how));
        }
        Value::String(text) => {
            let list = text.strip_prefix('@').map(str::to_owned);
            let list = list.or_else(|| list_of(field).filter(|_| text == NOBODY));
            if let Some(list) = list {
                *value = json!(match how {
                    Filled::Well(_) => pool.newest(&list, 0).unwrap_or_else(|| NOBODY.into()),
                    Filled::ByChance(dice) => pool.one(&list, dice),
                });
            } else if text == "~" {
                *value = json!(match how {
                    Filled::Well(number) => format!("Some words {number}"),
                    Filled::ByChance(dice) => self::text(dice),
                });
            } else if text == "$" {
                *value = money.clone();
            } else if let Some(amount) = text.strip_prefix('$') {
                *value = usd(&format!("{amount}.00"));
            }
        }
        _ => {}
    }
}

fn money(dice: &mut Dice) -> Value {
    match dice.below(16) {
        0 => usd("0.00"),
        1 => json!({ "amount": "1.001", "currency": "USD" }),
        2 => json!({ "amount": "5", "currency": "JPY" }),
        _ => usd(&format!("{}.{:02}", 1 + dice.below(90), dice.below(100))),
    }
}

/// Text that databases have been known to treat differently.
fn text(dice: &mut Dice) -> String {
    let words = [
        "plain",
        "Ärger und Öl",
        "ſ İ ı",
        "100% _under",
        "it's \"so\"",
        "a\u{301}",
        "🦊",
        "",
        "zebra",
        "Zebra",
        "_zebra",
        "éclair",
    ];
    (*dice.one(&words)).to_owned()
}
