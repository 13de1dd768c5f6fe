//! What can be done about a decline, and what a reason may not hold.

use crate::calls::model::Appeals;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;

/// Templates that are in use at one time.
pub const TEMPLATES_MAX: i64 = 100;

/// What can be done, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remedy {
    /// What the call allows.
    pub appeals: Appeals,
    /// The last day.
    pub until: Date,
}

/// What is left to do about a decline today; nothing once it was used, or its time is over.
pub fn remedy(
    (appeals, days): (Appeals, i32),
    declined_on: Date,
    used: bool,
    today: Date,
) -> Option<Remedy> {
    let until = declined_on.plus_days(days);
    let open = appeals != Appeals::None && !used && today <= until;
    open.then_some(Remedy { appeals, until })
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

    #[test]
    fn a_remedy_is_open_for_its_days_and_once() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        let (on, terms) = (day("2028-02-01"), (Appeals::Appeal, 28));
        let last = Remedy { appeals: Appeals::Appeal, until: day("2028-02-29") };
        assert_eq!(remedy(terms, on, false, day("2028-02-29")), Some(last));
        assert_eq!(remedy(terms, on, false, day("2028-03-01")), None);
        assert_eq!(remedy(terms, on, true, on), None);
        assert_eq!(remedy((Appeals::None, 28), on, false, on), None);
        assert!(may(Appeals::Appeal, Some(last)).is_ok());
        assert!(may(Appeals::Resubmit, Some(last)).is_err());
        assert!(may(Appeals::Appeal, None).is_err());
    }
}
