//! What happens to disbursements when their tranche changes.

use crate::disbursements::service;
use crate::kernel::ids::TrancheId;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Drops what was to pay a tranche whose release was taken back.
pub const RELEASE_UNDONE: &str = "disbursements.release_undone";

/// What runs them.
pub const JOBS: &[Kind] = &[Kind::new(RELEASE_UNDONE, release_undone)];

#[derive(Deserialize)]
struct Undone {
    tranche_id: TrancheId,
}

fn release_undone(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, RELEASE_UNDONE, |conn, ctx, told: &Undone| {
        service::release_undone(conn, ctx, told.tranche_id)
    })
}
