//! Decisions about agendas and profiles, from facts alone.

use super::model::{AgendaRecord, AgendaStatus, LookingFor, SetProfile};
use crate::kernel::fields::Fields;
use crate::kernel::ids::AgendaId;

/// Longest title or place, in characters.
pub const LINE_MAX: usize = 120;
/// Longest summary, text about oneself, or message, in characters.
pub const TEXT_MAX: usize = 2_000;
/// Shortest message to somebody in the directory, in characters.
pub const MESSAGE_MIN: usize = 20;
/// Messages of one person in a day.
pub const MESSAGES_A_DAY: i64 = 5;
/// Seconds after which somebody writes to the same one again.
pub const MESSAGE_AGAIN_SECONDS: i64 = 7 * 24 * 3_600;
/// Most agendas of one person, application or merged application.
pub const NAMED_MAX: usize = 10;
/// Most agendas below one.
pub const CHILDREN_MAX: i64 = 100;

/// A slug as it is kept.
pub fn slug(fields: &mut Fields, text: &str) -> String {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let good = (2..=60).contains(&text.len()) && text.split('-').all(part);
    let message = "write 2 to 60 small letters and digits, with single hyphens between them";
    fields.check(good, "/slug", "malformed", message);
    text.to_owned()
}

/// Whether an agenda may stand below `parent`; `has_children` is that of the one to be moved.
pub fn below(
    fields: &mut Fields,
    moved: Option<AgendaId>,
    has_children: bool,
    parent: Option<&AgendaRecord>,
) {
    let wrong = match parent {
        None => Some(("unknown", "there is no such agenda")),
        Some(parent) if Some(parent.id) == moved => {
            Some(("circle", "an agenda cannot be below itself"))
        }
        Some(parent) if parent.parent_id.is_some() => {
            Some(("too_deep", "this one belongs to another itself: name that"))
        }
        Some(parent) if parent.status == AgendaStatus::Retired => {
            Some(("retired", "this agenda is retired"))
        }
        Some(_) if has_children => {
            Some(("too_deep", "there are agendas below this one: it cannot be below another"))
        }
        Some(_) => None,
    };
    if let Some((code, message)) = wrong {
        fields.push("/parent_id", code, message);
    }
}

/// The agendas that were named, each once, in their order. `known` are those of them that there
/// are; `before` are those that were named so far, which may stay though they are retired.
pub fn named(
    fields: &mut Fields,
    sent: &[AgendaId],
    known: &[AgendaRecord],
    before: &[AgendaId],
) -> Vec<AgendaId> {
    let mut clean = Vec::new();
    for (place, id) in sent.iter().enumerate() {
        let pointer = format!("/agendas/{place}");
        match known.iter().find(|agenda| agenda.id == *id) {
            None => fields.push(&pointer, "unknown", "there is no such agenda"),
            Some(agenda) if agenda.status == AgendaStatus::Retired && !before.contains(id) => {
                let message = format!("{} is retired: name another", agenda.title);
                fields.push(&pointer, "retired", message);
            }
            Some(_) if clean.contains(id) => {}
            Some(_) => clean.push(*id),
        }
    }
    clean
}

/// Refuses more than can be named; whether there are few enough.
pub fn few(fields: &mut Fields, sent: &[AgendaId]) -> bool {
    let few = sent.len() <= NAMED_MAX;
    let message = format!("name at most {NAMED_MAX}");
    fields.check(few, "/agendas", "too_many", &message);
    few
}

/// What somebody says of themselves, besides agendas.
pub struct Said {
    /// Where they work.
    pub place: String,
    /// In their own words.
    pub about: String,
    /// What they look for, each once, in the order of the list.
    pub looking_for: Vec<LookingFor>,
}

/// The texts of a profile, cleaned. To be found one has to say under what.
pub fn said(fields: &mut Fields, form: &SetProfile) -> Said {
    let place = fields.line("/place", &form.place, 0, LINE_MAX);
    let about = fields.paragraphs("/about", &form.about, 0, TEXT_MAX);
    let nowhere = form.listed && form.agendas.is_empty();
    let message = "name at least one agenda to be found under";
    fields.check(!nowhere, "/agendas", "required", message);
    let looking_for = LookingFor::from_bits(LookingFor::bits(&form.looking_for));
    Said { place, about, looking_for }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::problem::Problem;

    fn code(check: impl Fn(&mut Fields)) -> Option<&'static str> {
        let mut fields = Fields::new();
        check(&mut fields);
        fields.finish().err().map(|p: Problem| p.fields()[0].code)
    }

    #[test]
    fn slugs_are_plain() {
        for good in ["ab", "evals", "a-1", "ai-control-2"] {
            assert_eq!(code(|f| drop(slug(f, good))), None, "{good}");
        }
        let long = "a".repeat(61);
        for bad in ["", "a", "-a", "a-", "a--b", "A-b", "a b", "é-e", "a_b", "a/b", &long] {
            assert_eq!(code(|f| drop(slug(f, bad))), Some("malformed"), "{bad}");
        }
    }

    #[test]
    fn what_people_look_for_survives_its_bits() {
        let all = LookingFor::ALL;
        assert_eq!(LookingFor::bits(all), 63);
        for mask in 0..64 {
            assert_eq!(LookingFor::bits(&LookingFor::from_bits(mask)), mask);
        }
    }
}
