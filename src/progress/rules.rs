//! When somebody is reminded of a report or a checkpoint.

use super::model::{CheckpointStatus, ReportStatus};
use crate::kernel::time::Date;

/// Days before its day on which it is asked for once more.
const BEFORE_DAYS: i32 = 7;
/// Days after which one that is late is asked for again.
const LATE_DAYS: i32 = 14;
/// Days that an answer may take before it is asked for, and asked for again.
const ANSWER_DAYS: i32 = 7;

/// The first day on which something new is asked for: a week before its day, or today where less
/// is left.
pub(super) fn first_reminder(due_on: Date, today: Date) -> Date {
    due_on.plus_days(-BEFORE_DAYS).max(today)
}

/// The next day on which a report is spoken of, seen from today; none once it is accepted.
pub(super) fn remind_report(status: ReportStatus, due_on: Date, today: Date) -> Option<Date> {
    match status {
        ReportStatus::Due | ReportStatus::Draft | ReportStatus::ChangesRequested => {
            Some(to_write(due_on, today))
        }
        ReportStatus::Submitted => Some(today.plus_days(ANSWER_DAYS)),
        ReportStatus::Accepted => None,
    }
}

/// The same of a checkpoint; none once it is decided.
pub(super) fn remind_checkpoint(
    status: CheckpointStatus,
    due_on: Date,
    today: Date,
) -> Option<Date> {
    match status {
        CheckpointStatus::Due => Some(to_write(due_on, today)),
        CheckpointStatus::Reported => Some(today.plus_days(ANSWER_DAYS)),
        CheckpointStatus::Decided => None,
    }
}

/// A week before its day, the day after it, then every other week.
fn to_write(due_on: Date, today: Date) -> Date {
    let before = due_on.plus_days(-BEFORE_DAYS);
    if today < before {
        before
    } else if today <= due_on {
        due_on.plus_days(1)
    } else {
        today.plus_days(LATE_DAYS)
    }
}

/// Whether it has been late for so long that those who run the service have to know.
pub(super) fn is_long_late(due_on: Date, today: Date) -> bool {
    due_on.plus_days(LATE_DAYS) < today
}

/// Whether an answer has been waited for so long that those who run the service have to know.
pub(super) fn is_long_unanswered(since: Date, today: Date) -> bool {
    since.plus_days(2 * ANSWER_DAYS) <= today
}
