//! What happens to grants later: tranches whose day comes, payees that get verified, paperwork that
//! is reminded of.

use crate::grants::service;
use crate::kernel::ids::PayeeId;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Releases the tranches whose day has come.
pub const RELEASE_DUE: &str = "grants.release_due";
/// Carries on the grants that waited for a payee.
pub const PAYEE_VERIFIED: &str = "grants.payee_verified";

/// Holds what is paid to a payee that was changed or found wrong, until it is verified again.
pub const PAYEE_CHANGED: &str = "grants.payee_changed";

/// Reminds of paperwork that is wanted or late.
pub const REMIND: &str = "grants.remind";

/// What runs them.
pub const JOBS: &[Kind] = &[
    Kind::new(RELEASE_DUE, release_due).every(300),
    Kind::new(PAYEE_VERIFIED, payee_verified),
    Kind::new(PAYEE_CHANGED, payee_changed),
    Kind::new(REMIND, remind).every(3_600),
];

/// Tranches, or papers, looked at in one run; the next run takes the next.
const BATCH: i64 = 200;

fn release_due(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(RELEASE_DUE);
    match desk.db.read_now("grants.due", |conn| service::due(conn, &ctx, BATCH)) {
        Ok(due) => desk.each(RELEASE_DUE, due, service::release_due),
        Err(problem) => problem.into(),
    }
}

fn remind(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(REMIND);
    match desk.db.read_now(REMIND, |conn| service::to_remind(conn, &ctx, BATCH)) {
        Ok(due) => desk.each(REMIND, due, service::remind),
        Err(problem) => problem.into(),
    }
}

#[derive(Deserialize)]
struct Verified {
    payee_id: PayeeId,
}

fn payee_verified(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, PAYEE_VERIFIED, |conn, ctx, told: &Verified| {
        service::payee_verified(conn, ctx, told.payee_id)
    })
}

#[derive(Deserialize)]
struct Changed {
    payee_id: PayeeId,
    #[serde(default)]
    somebody_else: bool,
}

fn payee_changed(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, PAYEE_CHANGED, |conn, ctx, told: &Changed| {
        service::payee_changed(conn, ctx, told.payee_id, told.somebody_else)
    })
}
