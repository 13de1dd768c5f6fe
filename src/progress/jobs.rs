//! What happens later: reports and checkpoints opened after an award, and what is reminded of.

use super::service;
use crate::kernel::ids::GrantId;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Opens the reports and checkpoints of a new grant.
pub const OPEN: &str = "progress.open";

/// Reminds again of what is open of a grant that had ended.
pub const WINDING_DOWN: &str = "progress.winding_down";

/// Reminds of reports and checkpoints that are wanted, late, or wait for an answer.
pub const REMIND: &str = "progress.remind";
/// Reports and checkpoints reminded of in one run; the next run takes the next.
const REMINDERS: i64 = 200;

/// The background work of watching.
pub const JOBS: &[Kind] = &[
    Kind::new(OPEN, open),
    Kind::new(WINDING_DOWN, winding_down),
    Kind::new(REMIND, remind).every(3_600),
];

/// What both events bring, in version 1.
#[derive(Deserialize)]
struct OfGrant {
    grant_id: GrantId,
}

/// Run twice it changes nothing.
fn open(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, OPEN, |conn, ctx, told: &OfGrant| {
        service::open_for_tranches(conn, ctx, told.grant_id)
    })
}

/// Run twice it changes nothing.
fn winding_down(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, WINDING_DOWN, |conn, ctx, told: &OfGrant| {
        service::speak_again(conn, ctx, told.grant_id)
    })
}

fn remind(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(REMIND);
    match desk.db.read_now(REMIND, |conn| service::to_remind(conn, &ctx, REMINDERS)) {
        Ok(due) => desk.each(REMIND, due, service::remind),
        Err(problem) => problem.into(),
    }
}
