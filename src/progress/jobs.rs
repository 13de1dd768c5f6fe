//! What happens later: reports and checkpoints opened after an award.

use super::service;
use crate::kernel::ids::GrantId;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Opens the reports and checkpoints of a new grant.
pub const OPEN: &str = "progress.open";

/// The background work of watching.
pub const JOBS: &[Kind] = &[Kind::new(OPEN, open)];

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
