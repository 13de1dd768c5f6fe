//! What happens later.

use super::service;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Sets the review of somebody aside who declared a conflict.
pub const CONFLICT_DECLARED: &str = "reviews.conflict_declared";

/// Reminds reviewers of the days by which theirs are asked for.
pub const REMIND: &str = "reviews.remind";
/// Reminders of one run; the next run takes the next.
const BATCH: i64 = 200;

/// What runs them.
pub const JOBS: &[Kind] =
    &[Kind::new(CONFLICT_DECLARED, conflict_declared), Kind::new(REMIND, remind).every(3_600)];

fn remind(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(REMIND);
    // A look first: a write transaction for nothing would disturb others.
    let due = match desk.db.read_now(REMIND, |conn| service::to_remind(conn, &ctx, BATCH)) {
        Ok(due) => due,
        Err(problem) => return problem.into(),
    };
    for id in due {
        if let Err(problem) = desk.db.write_now(REMIND, |conn| service::remind(conn, &ctx, id)) {
            return problem.into();
        }
    }
    Outcome::Done
}

#[derive(Deserialize)]
struct Declared {
    application_id: ApplicationId,
    person_id: PersonId,
}

fn conflict_declared(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, CONFLICT_DECLARED, |conn, ctx, told: &Declared| {
        service::set_aside_for_conflict(conn, ctx, told.application_id, told.person_id)
    })
}
