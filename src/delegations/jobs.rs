//! What happens later.

use super::service;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};

/// Ends delegations whose last day is over.
pub const EXPIRE: &str = "delegations.expire";
/// Tells the two of a delegation that it ends soon.
pub const WARN: &str = "delegations.warn";
/// Delegations looked at in one run; the next run takes the next.
const BATCH: i64 = 200;

/// The background work of this room.
pub const JOBS: &[Kind] =
    &[Kind::new(EXPIRE, expire).every(3600), Kind::new(WARN, warn).every(3600)];

fn expire(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(EXPIRE);
    match desk.db.read_now("delegations.over", |conn| service::over(conn, &ctx, BATCH)) {
        Ok(due) => desk.each(EXPIRE, due, service::expire),
        Err(problem) => problem.into(),
    }
}

fn warn(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(WARN);
    match desk.db.read_now("delegations.ending", |conn| service::ending(conn, &ctx, BATCH)) {
        Ok(due) => desk.each(WARN, due, service::warn),
        Err(problem) => problem.into(),
    }
}
