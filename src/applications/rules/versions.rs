//! What a version keeps, and how two differ.

use crate::answers::model::Decimal;
use crate::applications::model::{
    FieldChange, Piece, PieceKind, Snapshot, VersionRecord, VersionStage,
};
use crate::kernel::ids::PersonId;
use crate::kernel::time::Instant;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeMap;
use std::time::Duration;

/// Most versions that are kept of one application.
pub const VERSIONS_MAX: i64 = 500;
/// Seconds within which what only grows is one version.
pub const TOGETHER_SECONDS: i64 = 300;
/// Words of a text up to which a difference is told word by word; beyond, line by line.
pub const WORDS_APART: usize = 5_000;
/// How long is looked for what long texts have in common, all fields of a version together; what
/// is past it is told as removed and added.
pub const LOOKED_FOR: Duration = Duration::from_millis(200);
/// Words (or lines) of one text times those of the other up to which all is always found.
const ALWAYS: usize = 100_000;

/// Whether what is saved now may take the place of the version before: the same person goes on
/// writing within a few minutes, and nothing that stood there is lost.
pub fn goes_on(last: &VersionRecord, new: &Snapshot, by: Option<PersonId>, now: Instant) -> bool {
    last.stage == VersionStage::Draft
        && last.saved_by == by
        && now >= last.began_at
        && now < last.began_at.plus_seconds(TOGETHER_SECONDS)
        && grows(&last.content, new)
}

/// Whether all that stood in the old one stands in the new one, in its order.
fn grows(old: &Snapshot, new: &Snapshot) -> bool {
    let (old, new) = (flat(old), flat(new));
    old.iter().all(|(pointer, text)| match new.get(pointer) {
        Some(now) => text == now || (is_text(pointer) && is_within(text, now)),
        None => text.is_empty(),
    })
}

/// Amounts and dates that change are lost; texts can grow.
fn is_text(pointer: &str) -> bool {
    matches!(pointer, "/title" | "/summary" | "/body") || pointer.starts_with("/answers/")
}

/// Whether the characters of one text stand in another, in their order.
fn is_within(old: &str, new: &str) -> bool {
    let mut rest = new.chars();
    old.chars().all(|wanted| rest.any(|found| found == wanted))
}

/// Each field of a version as a text, by its JSON pointer.
fn flat(snapshot: &Snapshot) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let Ok(Value::Object(all)) = serde_json::to_value(snapshot) else { return fields };
    for (name, value) in all {
        match value {
            Value::Object(answers) if name == "answers" => {
                for (key, answer) in answers {
                    fields.insert(format!("/answers/{key}"), as_text(&answer));
                }
            }
            Value::Array(lines) if name == "budget_lines" => {
                let lines = lines.iter().map(|line| {
                    let label = line["label"].as_str().unwrap_or_default();
                    format!("{label}: {}", as_text(&line["amount"]))
                });
                fields.insert("/budget_lines".into(), lines.collect::<Vec<_>>().join("\n"));
            }
            value => {
                fields.insert(format!("/{name}"), as_text(&value));
            }
        }
    }
    fields
}

/// An answer as people read it; a list and a table line by line.
pub fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => yes.to_string(),
        // Never with an exponent.
        Value::Number(number) => {
            Decimal::of(value).map_or_else(|| number.to_string(), |number| number.to_string())
        }
        Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join("\n"),
        Value::Object(fields) => match (fields.get("amount"), fields.get("currency")) {
            (Some(Value::String(amount)), Some(Value::String(currency))) => {
                format!("{amount} {currency}")
            }
            _ => {
                let cells = fields.iter().map(|(key, cell)| format!("{key}: {}", as_text(cell)));
                cells.collect::<Vec<_>>().join("; ")
            }
        },
    }
}

/// The fields that read differently, each word by word.
pub fn changes(old: Option<&Snapshot>, new: &Snapshot) -> Vec<FieldChange> {
    let (old, new) = (old.map(flat).unwrap_or_default(), flat(new));
    let mut pointers: Vec<&String> = old.keys().chain(new.keys()).collect();
    pointers.sort();
    pointers.dedup();
    let text = |texts: &BTreeMap<String, String>, pointer: &String| -> String {
        texts.get(pointer).cloned().unwrap_or_default()
    };
    let both = |pointer: &String| (pointer.clone(), text(&old, pointer), text(&new, pointer));
    let mut changed: Vec<_> = pointers.into_iter().map(both).collect();
    changed.retain(|(_, before, after)| before != after);
    let share = LOOKED_FOR / u32::try_from(changed.len().max(1)).unwrap_or(u32::MAX);
    let change = |(pointer, before, after): (String, String, String)| FieldChange {
        pointer,
        pieces: pieces(&before, &after, share),
    };
    changed.into_iter().map(change).collect()
}

/// How one text became another; within `time` where they are long.
fn pieces(before: &str, after: &str, time: Duration) -> Vec<Piece> {
    let words = |text: &str| text.split_whitespace().count();
    let (mut old, mut new) = (words(before), words(after));
    let by_line = old.max(new) > WORDS_APART;
    if by_line {
        (old, new) = (before.lines().count(), after.lines().count());
    }
    let mut differ = TextDiff::configure();
    if old.saturating_mul(new) > ALWAYS {
        differ.timeout(time);
    }
    let diff = match by_line {
        true => differ.diff_lines(before, after),
        false => differ.diff_words(before, after),
    };
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => PieceKind::Kept,
            ChangeTag::Delete => PieceKind::Removed,
            ChangeTag::Insert => PieceKind::Added,
        };
        match pieces.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(change.value()),
            _ => pieces.push(Piece { kind, text: change.value().to_owned() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_stood_there_is_within_what_only_grew() {
        for (old, new, grew) in [
            ("", "a", true),
            ("a c", "a b c", true),
            ("ab", "ba", false),
            ("a b", "a", false),
            ("naïve", "naïve!", true),
        ] {
            assert_eq!(is_within(old, new), grew, "{old} {new}");
        }
    }

    /// The text that is read where these pieces are left out.
    fn without(not: PieceKind, pieces: &[Piece]) -> String {
        pieces.iter().filter(|p| p.kind != not).map(|p| p.text.as_str()).collect()
    }

    #[test]
    fn what_is_not_found_in_time_is_told_as_removed_and_added() {
        let text = |word: &str| format!("{}end", format!("{word} of ").repeat(400));
        let (before, after) = (text("a"), text("b"));
        let pieces = pieces(&before, &after, Duration::ZERO);
        assert!(pieces.len() < 10, "{} pieces", pieces.len());
        assert_eq!(without(PieceKind::Added, &pieces), before);
        assert_eq!(without(PieceKind::Removed, &pieces), after);
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_from_their_difference(
            before in "[a-c \n]{0,60}", after in "[a-c \n]{0,60}"
        ) {
            let pieces = pieces(&before, &after, Duration::ZERO);
            prop_assert_eq!(without(PieceKind::Added, &pieces), before);
            prop_assert_eq!(without(PieceKind::Removed, &pieces), after);
        }
    }
}
