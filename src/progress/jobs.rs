//! What happens later: reports and checkpoints opened after an award, and what is reminded of.

use super::service;
use crate::kernel::ids::GrantId;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Opens the reports and checkpoints of a new grant.
pub const OPEN: &str = "progress.open";

/// Reminds of reports and checkpoints that are wanted, late, or wait for an answer.
pub const REMIND: &str = "progress.remind";
/// Reports and checkpoints reminded of in one run; the next run takes the next.
const REMINDERS: i64 = 200;

/// The background work of watching.
pub const JOBS: &[Kind] = &[Kind::new(OPEN, open), Kind::new(REMIND, remind).every(3_600)];

/// The payload of version 1.
#[derive(Deserialize)]
struct GrantAwarded {
    grant_id: GrantId,
}

/// Run twice it changes nothing.
fn open(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, OPEN, |conn, ctx, told: &GrantAwarded| {
        service::open_for_tranches(conn, ctx, told.grant_id)
    })
}

fn remind(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(REMIND);
    match desk.db.read_now(REMIND, |conn| service::to_remind(conn, &ctx, REMINDERS)) {
        Ok(due) => desk.each(REMIND, due, service::remind),
        Err(problem) => problem.into(),
    }
}
