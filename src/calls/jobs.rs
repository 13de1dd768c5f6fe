//! What happens later.

use super::service;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};

/// Closes dated calls once their last day is over.
pub const CLOSE: &str = "calls.close";
/// Calls closed in one run.
const BATCH: i64 = 200;

/// The background work of this room.
pub const JOBS: &[Kind] = &[Kind::new(CLOSE, close).every(3600)];

/// Carries out [`CLOSE`], each call in a transaction of its own. Until it runs, the days already
/// keep applications out.
pub fn close(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(CLOSE);
    match desk.db.read_now("calls.over", |conn| service::over(conn, &ctx, BATCH)) {
        Ok(over) => desk.each(CLOSE, over, service::close_over),
        Err(problem) => problem.into(),
    }
}
