//! What happens later.

use super::service;
use crate::kernel::ids::{ApplicationId, CallId};
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Looks again at what was sent back for changes.
pub const CHANGES_REQUESTED: &str = "concerns.changes_requested";
/// Looks again at what came into a further call.
pub const ROUTED: &str = "concerns.routed";
/// Looks again at what was stopped, and came back by an appeal.
pub const REOPENED: &str = "concerns.reopened";
/// Looks again at what somebody has joined the team of.
pub const JOINED: &str = "concerns.joined";
/// Looks again at what somebody was taken off the team of.
pub const PUT_OUT: &str = "concerns.put_out";
/// Forgets what an applicant answered who has deleted their application.
pub const EMPTIED: &str = "concerns.emptied";
/// Begins screenings that are due, and asks their applicants.
pub const SWEEP: &str = "concerns.sweep";
/// Reminds the group and applicants of what waits.
pub const REMIND: &str = "concerns.remind";
/// Applicants reminded of each kind of question in one run; the next run takes the next.
const REMINDERS: i64 = 200;
/// Screenings begun in one transaction.
const BATCH: i64 = 50;

/// What runs them.
pub const JOBS: &[Kind] = &[
    Kind::new(CHANGES_REQUESTED, changes_requested),
    Kind::new(ROUTED, routed),
    Kind::new(REOPENED, reopened),
    Kind::new(JOINED, joined),
    Kind::new(PUT_OUT, put_out),
    Kind::new(EMPTIED, emptied),
    Kind::new(SWEEP, sweep).every(300),
    Kind::new(REMIND, remind).every(3_600),
];

/// It was sent back, reopened, or emptied, or somebody joined its team or was taken off it.
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
struct Routed {
    application_id: ApplicationId,
    call_id: CallId,
}

fn routed(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, ROUTED, |conn, ctx, told: &Routed| {
        service::routed(conn, ctx, told.application_id, told.call_id)
    })
}

fn reopened(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, REOPENED, |conn, ctx, told: &SentBack| {
        service::reopened(conn, ctx, told.application_id)
    })
}

fn joined(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, JOINED, |conn, ctx, told: &SentBack| {
        service::changed(conn, ctx, told.application_id)
    })
}

fn put_out(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, PUT_OUT, |conn, ctx, told: &SentBack| {
        service::changed(conn, ctx, told.application_id)
    })
}

fn emptied(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, EMPTIED, |conn, ctx, told: &SentBack| {
        service::forget_answers(conn, ctx, told.application_id)
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

fn remind(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(REMIND);
    match desk.db.read_now(REMIND, |conn| service::to_remind(conn, &ctx, REMINDERS)) {
        Ok(due) => desk.each(REMIND, due, service::remind),
        Err(problem) => problem.into(),
    }
}
