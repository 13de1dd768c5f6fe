//! What happens later.

use super::service;
use crate::platform::files::Files;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};

/// Removes files that no attachment names any more.
pub const SWEEP: &str = "attachments.sweep";

/// The background work of this room.
pub const JOBS: &[Kind] = &[Kind::new(SWEEP, sweep).every(6 * 3600)];

/// Carries out [`SWEEP`].
pub fn sweep(desk: &Desk, _: &Job) -> Outcome {
    let files = Files::of(&desk.env.config);
    let named = |shas: &[_]| desk.db.read_now(SWEEP, |conn| service::named(conn, shas));
    match files.sweep(named) {
        Ok(0) => Outcome::Done,
        Ok(removed) => {
            tracing::info!(removed, "files that nothing names were removed");
            Outcome::Done
        }
        Err(problem) => problem.into(),
    }
}
