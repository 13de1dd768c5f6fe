//! What can be done about a decline, and what a reason may not hold.

use crate::applications::model::Remedy;
use crate::calls::model::Appeals;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;

/// Templates that are in use at one time.
pub const TEMPLATES_MAX: i64 = 100;

/// What can be done about a decline: what was promised with it, and for longer where the call now
/// gives longer for the same. Where nothing was promised it goes by what the call says now.
pub fn granted(
    promised: Option<Remedy>,
    (appeals, days): (Appeals, i32),
    declined_on: Date,
) -> Remedy {
    let now = Remedy { appeals, until: declined_on.plus_days(days) };
    match promised {
        None => now,
        Some(held) if held.appeals == now.appeals => {
            Remedy { until: held.until.max(now.until), ..now }
        }
        Some(held) => held,
    }
}

/// What is left of it today; nothing once it was used, or its time is over.
pub fn left(granted: Remedy, used: bool, today: Date) -> Option<Remedy> {
    let open = granted.appeals != Appeals::None && !used && today <= granted.until;
    open.then_some(granted)
}

/// Refuses what the call does not allow, or no longer.
///
/// # Errors
/// 409 with why.
pub fn may(wanted: Appeals, remedy: Option<Remedy>) -> Result<()> {
    if remedy.is_some_and(|remedy| remedy.appeals == wanted) {
        return Ok(());
    }
    let what = if wanted == Appeals::Appeal { "appealed against" } else { "handed in again" };
    let detail = format!(
        "It cannot be {what}: the call does not allow it, it was done already, or the time for it \
         is over."
    );
    Err(Problem::wrong_state(detail))
}

/// Refuses whoever declined: another person answers.
///
/// # Errors
/// 403 for the same person.
pub fn another(declined_by: Option<PersonId>, me: PersonId) -> Result<()> {
    if declined_by == Some(me) {
        let detail = "You declined it: another admin answers the appeal.";
        return Err(Problem::new(Kind::TwoPersons, detail));
    }
    Ok(())
}

/// Refuses a template that was not filled in.
pub fn filled_in(fields: &mut Fields, pointer: &str, text: &str) {
    let open = text.contains("{{") || text.contains("}}");
    let message = "replace what stands in {{…}}: the applicant reads exactly this";
    fields.check(!open, pointer, "unfinished", message);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    #[test]
    fn what_was_promised_is_not_taken_back() {
        let on = day("2028-02-01");
        let held = Remedy { appeals: Appeals::Appeal, until: day("2028-02-29") };
        let granted = |now: (Appeals, i32)| granted(Some(held), now, on);
        for now in [(Appeals::None, 30), (Appeals::Resubmit, 300), (Appeals::Appeal, 1)] {
            assert_eq!(granted(now), held);
        }
        let more = Remedy { until: day("2028-03-01"), ..held };
        assert_eq!(granted((Appeals::Appeal, 29)), more);
    }

    #[test]
    fn a_remedy_is_open_for_its_days_and_once() {
        let (on, terms) = (day("2028-02-01"), (Appeals::Appeal, 28));
        let last = Remedy { appeals: Appeals::Appeal, until: day("2028-02-29") };
        assert_eq!(granted(None, terms, on), last);
        assert_eq!(left(last, false, day("2028-02-29")), Some(last));
        assert_eq!(left(last, false, day("2028-03-01")), None);
        assert_eq!(left(last, true, on), None);
        assert_eq!(left(granted(None, (Appeals::None, 28), on), false, on), None);
        assert!(may(Appeals::Appeal, Some(last)).is_ok());
        assert!(may(Appeals::Resubmit, Some(last)).is_err());
        assert!(may(Appeals::Appeal, None).is_err());
    }
}
