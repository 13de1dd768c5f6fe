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
    let tranche = match outbox::heard::<Undone>(job) {
        Ok(heard) => heard.data.tranche_id,
        Err(outcome) => return outcome,
    };
    let ctx = desk.ctx(RELEASE_UNDONE);
    desk.db.write_now(RELEASE_UNDONE, |conn| service::release_undone(conn, &ctx, tranche)).into()
}
