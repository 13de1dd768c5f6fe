//! What happens later.

use super::service;
use crate::kernel::ids::{ApplicationId, CallId};
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Reminds of questions that nobody has answered.
pub const REMIND: &str = "vouches.remind";
/// Has those reminded who were not while the application was declined, and came back by an appeal.
pub const REOPENED: &str = "vouches.reopened";
/// Reminders of one run; the next run takes the next.
const BATCH: i64 = 200;

/// What runs them.
pub const JOBS: &[Kind] = &[Kind::new(REMIND, remind).every(3_600), Kind::new(REOPENED, reopened)];

/// Carries out [`REMIND`]: each in a transaction of its own.
fn remind(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(REMIND);
    match desk.db.read_now(REMIND, |conn| service::silent(conn, &ctx, BATCH)) {
        Ok(due) => desk.each(REMIND, due, service::remind),
        Err(problem) => problem.into(),
    }
}

#[derive(Deserialize)]
struct Reopened {
    application_id: ApplicationId,
    #[serde(default)]
    call_id: Option<CallId>,
}

fn reopened(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, REOPENED, |conn, _, told: &Reopened| match told.call_id {
        // In its other calls it went on: whoever was asked was reminded meanwhile.
        Some(_) => Ok(()),
        None => service::reopened(conn, told.application_id),
    })
}
