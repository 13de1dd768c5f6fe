//! What happens by itself: proving the ledger once a day.

use super::service;
use crate::kernel::Result;
use crate::kernel::time::Stopwatch;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};

/// Proves every invariant, in one snapshot and constant memory.
pub const CHECK: &str = "ledger.check";

/// The background work of exports.
pub const JOBS: &[Kind] = &[Kind::new(CHECK, check).every(24 * 3600)];

/// Carries out [`CHECK`]. What it found is kept for metrics and for `almoner doctor`.
pub fn check(desk: &Desk, _: &Job) -> Outcome {
    match prove(desk) {
        Ok(None) => Outcome::Done,
        Ok(Some(first)) => Outcome::GiveUp(format!("the ledger does not hold: {first}")),
        Err(problem) => problem.into(),
    }
}

/// The first thing that is wrong, if anything is.
fn prove(desk: &Desk) -> Result<Option<String>> {
    let (watch, at) = (Stopwatch::start(), desk.env.clock.now());
    let report = desk.db.read_now(CHECK, |conn| service::prove(conn, None))?;
    let kept = service::Checked::of(&report, at, watch.read());
    desk.db.write_now("ledger.checked", |conn| service::keep_check(conn, &kept))?;
    let (entries, took_ms) = (kept.entries, kept.took_ms);
    let Some(first) = &kept.first else {
        tracing::info!(entries, took_ms, "the ledger holds");
        return Ok(None);
    };
    tracing::error!(entries, took_ms, first, "the ledger does not hold: run almoner check");
    Ok(kept.first)
}
