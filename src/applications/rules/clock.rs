//! When somebody is reminded, when a day is moved, and by how much.

use crate::applications::model::{ApplicationStatus, Due, Running, Shut, Step, Tick, Why};
use crate::kernel::fields::Fields;
use crate::kernel::time::Date;

/// Days before the promised day on which whoever is responsible is reminded.
pub const REMIND_DAYS: i32 = 7;
/// Days before the promised day on which it is moved, if there is no decision.
pub const FINAL_DAYS: i32 = 2;
/// How often a rule moves a day before all admins hear of it each day.
pub const RULE_EXTENSIONS_MAX: i32 = 2;
/// The latest day that a person may promise, in days from today.
pub const EXTEND_DAYS_MAX: i32 = 180;
/// Waiting applications are counted up to this number.
pub const AHEAD_MAX: i64 = 500;
/// Days that are left at least when changes come in, if the call gives so many.
const BACK_DAYS: i32 = 7;

fn days(from: Date, to: Date) -> i32 {
    to.days_since_epoch() - from.days_since_epoch()
}

/// What comes first for a day that is promised today. A short time has its reminder a day before
/// the last step, and a very short one none; its last step comes after the first day.
pub fn begin(promised: Date, today: Date) -> Due {
    let room = days(today, promised);
    if room > REMIND_DAYS {
        return Due { step: Step::Remind, on: promised.plus_days(-REMIND_DAYS) };
    }
    if room > FINAL_DAYS + 1 {
        return Due { step: Step::Remind, on: promised.plus_days(-FINAL_DAYS - 1) };
    }
    let lead = FINAL_DAYS.min(room - 1).max(0);
    Due { step: Step::Final, on: promised.plus_days(-lead) }
}

/// What comes after the reminder.
pub fn reminded(promised: Date) -> Due {
    Due { step: Step::Final, on: promised.plus_days(-FINAL_DAYS) }
}

/// What comes once a day was moved too often: each day all admins are told, the first time a day
/// after the one that was promised before.
pub fn again(before: Date, today: Date) -> Due {
    Due { step: Step::Overdue, on: before.max(today).plus_days(1) }
}

/// Whether a day that is promised is about to be missed, so that another one has to be named.
pub fn is_near(promised: Date, today: Date) -> bool {
    days(today, promised) <= FINAL_DAYS
}

/// The day to which a rule moves a promise.
pub fn extended(promised: Date, today: Date, decision_days: i32) -> Date {
    let more = (decision_days / 2).clamp(7, 28);
    promised.max(today).plus_days(more)
}

/// Whether the day was moved by rule so often that all admins hear of it each day.
pub fn is_often(clock: &Running) -> bool {
    clock.rule_extensions >= RULE_EXTENSIONS_MAX
}

/// What a clock does on which something is due. `last` is the last day before the application
/// lapses if nobody does anything: for no day after it is anything promised again and again.
pub fn tick(clock: &Running, today: Date, decision_days: i32, last: Option<Date>) -> Tick {
    let promised = clock.promised;
    match clock.step {
        Step::Remind => Tick { due: reminded(promised), why: Why::Near, moved: None },
        // No day that was promised passes without another one, named before it.
        Step::Final | Step::Overdue if is_near(promised, today) => {
            let day = extended(promised, today, decision_days);
            if !is_often(clock) {
                return Tick { due: begin(day, today), why: Why::Moved, moved: Some(day) };
            }
            let due = again(promised, today);
            let day = last.map_or(day, |last| day.min(last));
            match day > promised.max(today) {
                true => Tick { due, why: Why::Again, moved: Some(day) },
                false => Tick { due, why: Why::Near, moved: None },
            }
        }
        Step::Final | Step::Overdue => {
            let tomorrow = Due { step: Step::Overdue, on: today.plus_days(1) };
            Tick { due: tomorrow, why: Why::Again, moved: None }
        }
    }
}

/// Days after which an applicant is reminded of changes that were asked for, and reminded again.
pub const CHANGES_DAYS: i32 = 14;

/// The promised day once changes came in: the days that the applicant took are added. At least a
/// week is left, or the call's whole time if that is shorter.
pub fn resumed(promised: Date, paused_on: Date, today: Date, decision_days: i32) -> Date {
    let paused = days(paused_on, today).max(0);
    promised.plus_days(paused).max(today.plus_days(BACK_DAYS.min(decision_days)))
}

/// Checks the day that a person promises instead.
pub fn check_day(fields: &mut Fields, new: Date, old: Option<Date>, today: Date) {
    let later = new > today && old.is_none_or(|old| new > old);
    let near = days(today, new) <= EXTEND_DAYS_MAX;
    let message = "write a day after today and after the one that is promised, at most 180 days \
                   from today";
    fields.check(later && near, "/promised_on", "out_of_range", message);
}

/// What is told in place of [`next`] about one that another took up.
pub const TAKEN_UP: &str = "It was merged into another application, and goes on in that one.";

/// What is told before [`next`] about one that its own call has declined alone.
pub const GOES_ON: &str = "It was declined in its own call, and goes on in its further calls.";

/// What happens next, in a sentence for the applicant; where something keeps a draft from being
/// handed in today, that.
pub fn next(status: ApplicationStatus, shut: Option<&Shut>) -> String {
    shut.map_or_else(|| then(status).to_owned(), Shut::sentence)
}

fn then(status: ApplicationStatus) -> &'static str {
    match status {
        ApplicationStatus::Draft => "When you submit it, a decision date is promised.",
        ApplicationStatus::Submitted => {
            "An admin looks whether it fits the call and whether anything speaks against it, then \
             opens it to regrantors, asks for changes, or declines with a reason."
        }
        ApplicationStatus::ChangesRequested => {
            "It waits for your changes, and the clock stands. When they come in, it goes back to \
             where it was with the days that were left."
        }
        ApplicationStatus::Open => {
            "Regrantors read it and place offers; when these reach your minimum it can be awarded."
        }
        ApplicationStatus::Declined => "It is decided; the reason is with it.",
        ApplicationStatus::Awarded => "It became a grant.",
        ApplicationStatus::Withdrawn => "You took it back.",
        ApplicationStatus::Lapsed => "Its time is over; you can apply again in another call.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    #[test]
    fn all_but_a_very_short_time_has_a_reminder() {
        let today = day("2028-02-01");
        for (promised, step, on) in [
            ("2028-02-29", Step::Remind, "2028-02-22"),
            ("2028-02-09", Step::Remind, "2028-02-02"),
            ("2028-02-08", Step::Remind, "2028-02-05"),
            ("2028-02-05", Step::Remind, "2028-02-02"),
            ("2028-02-04", Step::Final, "2028-02-02"),
            ("2028-02-03", Step::Final, "2028-02-02"),
            ("2028-02-02", Step::Final, "2028-02-02"),
            ("2028-02-01", Step::Final, "2028-02-01"),
            ("2028-01-01", Step::Final, "2028-01-01"),
        ] {
            assert_eq!(begin(day(promised), today), Due { step, on: day(on) }, "{promised}");
        }
    }

    #[test]
    fn a_rule_moves_a_day() {
        let (promised, today) = (day("2028-02-29"), day("2028-02-27"));
        assert_eq!(extended(promised, today, 28), day("2028-03-14"));
        assert_eq!(extended(promised, today, 1), day("2028-03-07"), "a week at least");
        assert_eq!(extended(promised, today, 365), day("2028-03-28"), "four at most");
        let late = day("2028-04-01");
        assert_eq!(extended(promised, late, 28), day("2028-04-15"), "never in the past");
        assert_eq!(again(promised, today).on, day("2028-03-01"));
        assert_eq!(again(promised, late).on, day("2028-04-02"));
        assert!(is_near(promised, today) && is_near(promised, late));
        assert!(!is_near(promised, day("2028-02-26")));
    }

    #[test]
    fn what_was_moved_often_is_moved_to_the_day_of_its_lapse_and_no_further() {
        let (promised, today) = (day("2028-02-29"), day("2028-02-27"));
        let moved = |rule_extensions, last: Option<&str>| {
            let clock = Running { promised, step: Step::Final, rule_extensions };
            let tick = tick(&clock, today, 28, last.map(day));
            (tick.why, tick.moved)
        };
        let two_weeks = Some(day("2028-03-14"));
        assert_eq!(moved(1, Some("2028-02-28")), (Why::Moved, two_weeks));
        assert_eq!(moved(2, None), (Why::Again, two_weeks));
        assert_eq!(moved(2, Some("2028-03-20")), (Why::Again, two_weeks));
        assert_eq!(moved(2, Some("2028-03-05")), (Why::Again, Some(day("2028-03-05"))));
        assert_eq!(moved(2, Some("2028-02-29")), (Why::Near, None));
        assert_eq!(moved(2, Some("2028-02-01")), (Why::Near, None));
    }

    #[test]
    fn the_clock_stands_while_changes_are_made() {
        let promised = day("2028-02-29");
        let back = |paused, today| resumed(promised, day(paused), day(today), 28);
        assert_eq!(back("2028-02-01", "2028-02-11"), day("2028-03-10"));
        assert_eq!(back("2028-02-28", "2028-02-28"), day("2028-03-06"), "a week at least");
        assert_eq!(back("2028-02-28", "2028-03-28"), day("2028-04-04"), "a week at least");
        assert_eq!(resumed(promised, promised, promised, 3), day("2028-03-03"));
    }

    proptest! {
        #[test]
        fn an_applicant_hears_before_the_day(room in 1_i32..400, decision_days in 1_i32..366) {
            let today = day("2028-02-01");
            let promised = today.plus_days(room);
            let mut due = begin(promised, today);
            if due.step == Step::Remind {
                prop_assert!(due.on > today);
                due = reminded(promised);
            }
            prop_assert!(due.on <= promised && due.on > today, "{due:?}");
            let moved = extended(promised, due.on, decision_days);
            prop_assert!(moved >= promised.plus_days(7));
        }
    }
}
