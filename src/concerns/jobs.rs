//! What happens later.

use super::service;
use crate::kernel::ids::ApplicationId;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Looks again at what was sent back for changes.
pub const CHANGES_REQUESTED: &str = "concerns.changes_requested";
/// Moves what was raised about an application that another one has taken up.
pub const MERGED: &str = "concerns.merged";
/// Begins screenings that are due.
pub const SWEEP: &str = "concerns.sweep";
/// Screenings begun in one transaction.
const BATCH: i64 = 50;

/// What runs them.
pub const JOBS: &[Kind] = &[
    Kind::new(CHANGES_REQUESTED, changes_requested),
    Kind::new(MERGED, merged),
    Kind::new(SWEEP, sweep).every(300),
];

#[derive(Deserialize)]
struct SentBack {
    application_id: ApplicationId,
}

fn changes_requested(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, CHANGES_REQUESTED, |conn, ctx, told: &SentBack| {
        service::reopen(conn, ctx, told.application_id)
    })
}

#[derive(Deserialize)]
struct Merged {
    application_id: ApplicationId,
    into_id: ApplicationId,
}

fn merged(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, MERGED, |conn, ctx, told: &Merged| {
        service::move_along(conn, ctx, (told.application_id, told.into_id))
    })
}

fn sweep(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(SWEEP);
    // A look first: a write transaction for nothing would disturb others.
    match desk.db.read_now("concerns.due", service::is_due) {
        Ok(true) => {}
        Ok(false) => return Outcome::Done,
        Err(problem) => return problem.into(),
    }
    loop {
        match desk.db.write_now(SWEEP, |conn| service::sweep(conn, &ctx, BATCH)) {
            Ok(true) => {}
            Ok(false) => return Outcome::Done,
            Err(problem) => return problem.into(),
        }
    }
}
