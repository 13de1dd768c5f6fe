//! When somebody is reminded of what a grant still needs.

use crate::kernel::time::Date;
use crate::paperwork::model::{RequirementKind, RequirementStatus};

/// Days before its day on which it is asked for once more.
const BEFORE_DAYS: i32 = 7;
/// Days after which what is late is asked for again.
const LATE_DAYS: i32 = 14;
/// Days that there are at least for what is asked for anew.
const AGAIN_DAYS: i32 = 14;

/// The next day on which it is spoken of, seen from today: a week before its day, the day after it,
/// then every other week. None for what nobody waits for, and for what those who run the service do
/// by themselves. A payee that was named may be found wrong: that one is looked at further.
pub fn remind(
    (kind, status): (RequirementKind, RequirementStatus),
    due_on: Option<Date>,
    today: Date,
) -> Option<Date> {
    let waits = match (kind, status) {
        (RequirementKind::Screening, _) => false,
        (_, RequirementStatus::Open | RequirementStatus::Refused) => true,
        (kind, RequirementStatus::Provided) => kind == RequirementKind::Payee,
        (_, RequirementStatus::Satisfied | RequirementStatus::Waived) => false,
    };
    let due_on = due_on.filter(|_| waits)?;
    let before = due_on.plus_days(-BEFORE_DAYS);
    if today < before {
        return Some(before);
    }
    let late = today.days_since_epoch() - due_on.days_since_epoch();
    let rounds = if late < 1 { 0 } else { (late - 1) / LATE_DAYS + 1 };
    Some(due_on.plus_days(1 + rounds * LATE_DAYS))
}

/// Whether it has been late for two weeks, and had not been on the day that was noted to speak of
/// it: those who run the service have to know, once.
pub fn is_long_late(due_on: Date, noted: Date, today: Date) -> bool {
    let long = due_on.plus_days(1 + LATE_DAYS);
    noted <= long && today >= long
}

/// By when it is wanted once it stands so: what is asked for anew, or was settled before, has two
/// weeks at least.
pub fn due_again(
    (was, status): (RequirementStatus, RequirementStatus),
    due_on: Option<Date>,
    today: Date,
) -> Option<Date> {
    use RequirementStatus::{Open, Refused};
    let anew = matches!(status, Open | Refused) || (was.is_settled() && !status.is_settled());
    if anew { due_on.map(|day| day.max(today.plus_days(AGAIN_DAYS))) } else { due_on }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RequirementKind::{Agreement, Payee, Screening, TaxForm};
    use RequirementStatus::{Open, Provided, Refused, Satisfied, Waived};

    fn day(number: i32) -> Date {
        Date::from_days_since_epoch(number).expect("a day")
    }

    #[test]
    fn a_week_before_the_day_after_and_every_other_week() {
        let due = Some(day(100));
        for (today, next) in [
            (50, 93),
            (92, 93),
            (93, 101),
            (100, 101),
            (101, 115),
            (114, 115),
            (115, 129),
            (140, 143),
        ] {
            assert_eq!(remind((TaxForm, Open), due, day(today)), Some(day(next)), "{today}");
        }
        assert_eq!(remind((TaxForm, Open), None, day(1)), None);
    }

    #[test]
    fn only_of_what_somebody_waits_for() {
        for kind in [Agreement, Payee, TaxForm, Screening] {
            for status in [Open, Provided, Satisfied, Refused, Waived] {
                let asked = match status {
                    Open | Refused => kind != Screening,
                    Provided => kind == Payee,
                    Satisfied | Waived => false,
                };
                let next = remind((kind, status), Some(day(100)), day(1));
                assert_eq!(next.is_some(), asked, "{kind} {status}");
            }
        }
    }

    #[test]
    fn once_it_is_late_for_two_weeks() {
        let late = |noted: i32, today: i32| is_long_late(day(100), day(noted), day(today));
        assert!(!late(101, 101) && !late(101, 114));
        assert!(late(115, 115) && late(115, 120) && late(93, 140));
        assert!(!late(129, 129));
    }

    #[test]
    fn asked_anew_there_is_time_for_it() {
        let due = Some(day(100));
        assert_eq!(due_again((Provided, Refused), due, day(20)), due);
        assert_eq!(due_again((Provided, Refused), due, day(99)), Some(day(113)));
        assert_eq!(due_again((Open, Provided), due, day(200)), due);
        assert_eq!(due_again((Satisfied, Provided), due, day(200)), Some(day(214)));
        assert_eq!(due_again((Open, Open), None, day(200)), None);
    }
}
