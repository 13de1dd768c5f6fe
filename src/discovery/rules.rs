//! What a search asks of the index, how pressing an application is, and when somebody is told.

mod alike;

pub use alike::Signature;

use crate::applications::model::ApplicationStatus;
use crate::discovery::model::{Asked, Digest, Waiting};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::AgendaId;
use crate::kernel::money::{Currency, Money};
use crate::kernel::text::{self, place_marks};
use crate::kernel::time::{Date, Instant};

/// Searches that one person may save.
pub const SAVED_MAX: i64 = 50;
/// Longest text that is looked for.
const TEXT_MAX: usize = 200;
/// Longest name of a place.
const PLACE_MAX: usize = 120;
/// Teams of more count as this many.
const TEAM_MAX: i64 = 20;
/// The largest amount that is told apart, in minor units.
const AMOUNT_MAX: i64 = i64::MAX;

/// What is looked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The text; none where only filters count.
    pub text: Option<String>,
    /// Marks of the index, one of each group; those of the direction ([`about`]) apart.
    pub marks: Vec<Vec<String>>,
    /// Currency, least and most, in minor units.
    pub amounts: Option<(Currency, i64, i64)>,
}

/// Checks what is looked for. `at` is what stands before a field's name: `?`, or `/asked/`.
///
/// # Errors
/// 422 with all that is wrong.
pub fn wanted(asked: &Asked, at: &str) -> Result<Wanted> {
    let mut fields = Fields::new();
    let wanted = read(&mut fields, asked, at);
    fields.finish()?;
    Ok(wanted)
}

/// Checks what is looked for and how often somebody is told of it, before it is saved.
///
/// # Errors
/// 422 with all that is wrong.
pub fn saved(asked: &Asked, digest: Digest) -> Result<()> {
    use ApplicationStatus::{Draft, Open};
    let mut fields = Fields::new();
    read(&mut fields, asked, "/asked/");
    // Of drafts something else was said already.
    let told = asked.status.is_none_or(|status| matches!(status, Draft | Open));
    fields.check(
        told || digest == Digest::None,
        "/asked/status",
        "out_of_range",
        "digests tell of what is opened: leave status out, write open, or choose no digest",
    );
    fields.finish()
}

fn read(fields: &mut Fields, asked: &Asked, at: &str) -> Wanted {
    let at = |name: &str| format!("{at}{name}");
    let text = asked.q.as_deref().map(|q| fields.line(&at("q"), q, 0, TEXT_MAX));
    let mut marks = Vec::new();
    if let Some(status) = asked.status {
        fields.check(
            status != ApplicationStatus::Draft,
            &at("status"),
            "out_of_range",
            "drafts are not found: choose another status",
        );
        marks.push(vec![format!("status{}x", joined(status.as_str()))]);
    }
    marks.extend(asked.call_id.map(|id| vec![format!("call{}x", id.uuid().simple())]));
    marks.extend(asked.vouched_by.map(|id| vec![format!("vouched{}x", id.uuid().simple())]));
    if let Some(place) = asked.place.as_deref() {
        let place = fields.line(&at("place"), place, 1, PLACE_MAX);
        let words = place_marks(&place);
        let message = "write a word of the place's name";
        fields.check(!words.is_empty(), &at("place"), "malformed", message);
        marks.extend(words.into_iter().map(|mark| vec![mark]));
    }
    marks.extend(asked.looking_for.map(|what| vec![format!("looks{}x", joined(what.as_str()))]));
    let (least, most) = (asked.team_min.unwrap_or(1), asked.team_max.unwrap_or(TEAM_MAX));
    fields.range(&at("team_min"), least, 1, TEAM_MAX);
    fields.range(&at("team_max"), most, 1, TEAM_MAX);
    fields.check(least <= most, &at("team_max"), "out_of_range", "write no less than team_min");
    if asked.team_min.is_some() || asked.team_max.is_some() {
        let sizes = least.clamp(1, TEAM_MAX)..=most.clamp(1, TEAM_MAX);
        marks.push(sizes.map(|size| format!("team{size}x")).collect());
    }
    let amounts = amounts(fields, asked, &at);
    if let Some((currency, least, most)) = amounts {
        marks.push(amount_marks(currency, least, most));
    }
    Wanted { text, marks, amounts }
}

/// The marks of directions, any of which is enough.
pub fn about(directions: &[AgendaId]) -> Vec<String> {
    directions.iter().map(|id| format!("agenda{}x", id.uuid().simple())).collect()
}

/// A word of ours without what would make it two.
fn joined(word: &str) -> String {
    word.replace('_', "")
}

fn amounts(
    fields: &mut Fields,
    asked: &Asked,
    at: &impl Fn(&str) -> String,
) -> Option<(Currency, i64, i64)> {
    let bounds = [("amount_min", &asked.amount_min), ("amount_max", &asked.amount_max)];
    if bounds.iter().all(|(_, bound)| bound.is_none()) && asked.currency.is_none() {
        return None;
    }
    let Some(code) = asked.currency.as_deref() else {
        fields.push(&at("currency"), "required", "name the currency of the amounts");
        return None;
    };
    let Ok(currency) = Currency::parse(code) else {
        fields.push(&at("currency"), "unknown_currency", "write a code of ISO 4217, as USD");
        return None;
    };
    let mut minor = |(name, bound): (&str, &Option<String>), absent: i64| match bound.as_deref() {
        None => Some(absent),
        Some(bound) => match Money::parse(bound, currency) {
            Ok(money) if money.minor() >= 0 => Some(money.minor()),
            _ => {
                let message = format!("write an amount in {currency}, as 1000.00");
                fields.push(&at(name), "malformed", message);
                None
            }
        },
    };
    let (least, most) = (minor(bounds[0], 0), minor(bounds[1], AMOUNT_MAX));
    let (least, most) = (least?, most?);
    if least > most {
        fields.push(&at("amount_max"), "out_of_range", "write no less than amount_min");
        return None;
    }
    Some((currency, least, most))
}

/// The marks of a range of amounts: of how many digits, and for the first and last number of digits
/// also of which first digit. They hold the range and a little more.
fn amount_marks(currency: Currency, least: i64, most: i64) -> Vec<String> {
    let code = currency.code().to_lowercase();
    let shape = |minor: i64| {
        let digits = minor.max(1).to_string();
        (digits.len(), digits.as_bytes()[0] - b'0')
    };
    let ((few, low), (many, high)) = (shape(least), shape(most));
    let mut marks = Vec::new();
    for digits in few..=many {
        let from = if digits == few { low } else { 1 };
        let to = if digits == many { high } else { 9 };
        if (from, to) == (1, 9) {
            marks.push(format!("sum{code}{digits}x"));
        } else {
            marks.extend((from..=to).map(|first| format!("sum{code}{digits}from{first}x")));
        }
    }
    marks
}

/// The marks of what others than the sponsor come across: public ones that are open or awarded, for
/// `backer` private ones too.
pub fn scope(backer: bool) -> Vec<String> {
    let mut marks = vec!["seenpublicopenx".to_owned(), "seenpublicawardedx".to_owned()];
    if backer {
        marks.extend(["seenprivateopenx".to_owned(), "seenprivateawardedx".to_owned()]);
    }
    marks
}

/// How pressing an application is, from 0 to 1000; what waits longest and lacks most is lost first:
///
/// - up to 500 for the promised day: 500 on that day and after, 10 less for each day before it;
/// - up to 300 for what is missing to the minimum, as a share of it;
/// - up to 200 for offers about to lapse: 200 on the day, 5 less for each day before it.
pub fn pressing(waiting: &Waiting, funded: i64, first_lapses_on: Option<Date>, today: Date) -> i64 {
    let days = |day: Date| i64::from(day.days_since_epoch() - today.days_since_epoch()).max(0);
    let promised = waiting.promised_on.map_or(0, |day| (500 - 10 * days(day)).max(0));
    let lapsing = first_lapses_on.map_or(0, |day| (200 - 5 * days(day)).max(0));
    let missing = (waiting.minimum - funded).clamp(0, waiting.minimum);
    let share = i128::from(missing) * 300 / i128::from(waiting.minimum.max(1));
    promised + lapsing + i64::try_from(share).unwrap_or(300)
}

/// When somebody is told next.
pub fn due_at(digest: Digest, now: Instant) -> Option<Instant> {
    let day = 86_400;
    match digest {
        Digest::None => None,
        Digest::Daily => Some(now.plus_seconds(day)),
        Digest::Weekly => Some(now.plus_seconds(7 * day)),
    }
}

/// A cleaned name of a saved search.
pub fn name(fields: &mut Fields, name: &str) -> String {
    fields.line("/name", name, 1, 100)
}

/// What an unsubscribe link proves, as its owner sends it back.
pub fn token(id: uuid::Uuid, proof: &[u8; 32]) -> String {
    format!("{}.{}", id.simple(), text::hex(proof))
}

/// The parts of [`token`].
pub fn read_token(token: &str) -> Option<(uuid::Uuid, [u8; 32])> {
    let (id, proof) = token.split_once('.')?;
    Some((uuid::Uuid::try_parse(id).ok()?, text::unhex(proof)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usd() -> Currency {
        Currency::parse("USD").expect("known")
    }
    fn day(d: i8) -> Date {
        Date::new(2026, 6, d).expect("a day")
    }
    fn waiting(promised: Option<Date>) -> Waiting {
        let id = crate::kernel::ids::Id::from_uuid(uuid::Uuid::nil());
        Waiting {
            id,
            promised_on: promised,
            minimum: 1_000,
            requested: 2_000,
            offered: 0,
            lapses_on: None,
        }
    }

    #[test]
    fn what_is_pressing() {
        let at = |promised, funded, lapses| pressing(&waiting(promised), funded, lapses, day(10));
        assert_eq!(at(Some(day(10)), 0, Some(day(10))), 1_000);
        assert_eq!(at(Some(day(1)), 0, None), 800, "late is not later than late");
        assert_eq!(at(Some(day(20)), 1_000, None), 400);
        assert_eq!(at(None, 500, None), 150);
        assert_eq!(at(None, 1_500, Some(day(20))), 150);
        assert_eq!(at(None, 2_000, None), 0);
    }

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let (id, proof) = (uuid::Uuid::from_u128(7), [9; 32]);
        assert_eq!(read_token(&token(id, &proof)), Some((id, proof)));
        for bad in ["", ".", "x.y", &"0".repeat(97), &token(id, &proof)[1..]] {
            assert_eq!(read_token(bad), None, "{bad}");
        }
    }

    #[test]
    fn wrong_filters_are_told_all_at_once() {
        let asked = Asked {
            q: Some("x".repeat(201)),
            status: Some(ApplicationStatus::Draft),
            amount_min: Some("1".into()),
            team_min: Some(0),
            team_max: Some(21),
            ..Asked::default()
        };
        let problem = wanted(&asked, "?").expect_err("it is wrong");
        let told: Vec<&str> = problem.fields().iter().map(|f| f.pointer.as_str()).collect();
        assert_eq!(told, ["?q", "?status", "?team_min", "?team_max", "?currency"]);
        let asked = Asked {
            currency: Some("USD".into()),
            amount_min: Some("5.00".into()),
            amount_max: Some("4.00".into()),
            team_min: Some(5),
            team_max: Some(4),
            ..Asked::default()
        };
        assert_eq!(wanted(&asked, "?").expect_err("both are upside down").fields().len(), 2);
    }

    proptest! {
        /// The marks that the index keeps of an amount are among those of each range that holds it.
        #[test]
        fn no_amount_of_a_range_is_missed(
            amount in 1..=i64::MAX, below in 0..=i64::MAX, above in 0..=i64::MAX,
        ) {
            let (least, most) = (amount.saturating_sub(below).max(0), amount.saturating_add(above));
            let digits = amount.to_string();
            let kept = [
                format!("sumusd{}x", digits.len()),
                format!("sumusd{}from{}x", digits.len(), &digits[..1]),
            ];
            let marks = amount_marks(usd(), least, most);
            prop_assert!(marks.iter().any(|mark| kept.contains(mark)), "{:?} {:?}", marks, kept);
            prop_assert!(marks.len() <= 36);
        }
    }
}
