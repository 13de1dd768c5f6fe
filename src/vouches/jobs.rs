//! What happens later.

use super::service;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};

/// Reminds of questions that nobody has answered.
pub const REMIND: &str = "vouches.remind";
/// Reminders of one run; the next run takes the next.
const BATCH: i64 = 200;

/// What runs them.
pub const JOBS: &[Kind] = &[Kind::new(REMIND, remind).every(3_600)];

/// Carries out [`REMIND`]: each in a transaction of its own.
fn remind(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(REMIND);
    match desk.db.read_now(REMIND, |conn| service::silent(conn, &ctx, BATCH)) {
        Ok(due) => desk.each(REMIND, due, service::remind),
        Err(problem) => problem.into(),
    }
}
