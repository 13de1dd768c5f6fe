//! What happens later: reports and checkpoints opened after an award.

use super::service;
use crate::kernel::ids::GrantId;
use crate::platform::context::Ctx;
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

/// Carries out [`OPEN`]. Run twice it changes nothing.
pub fn open(desk: &Desk, job: &Job) -> Outcome {
    let awarded = match outbox::heard::<GrantAwarded>(job) {
        Ok(heard) => heard.data,
        Err(outcome) => return outcome,
    };
    let ctx = Ctx::system(&desk.env, "progress");
    desk.db.write_now(OPEN, |conn| service::open_for_tranches(conn, &ctx, awarded.grant_id)).into()
}
