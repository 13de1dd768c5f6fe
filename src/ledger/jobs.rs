//! What happens later: sealing.

use super::service;
use crate::platform::context::Ctx;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};

/// Seals what waits.
pub const SEAL: &str = "ledger.seal";

/// The background work of the ledger.
pub const JOBS: &[Kind] = &[Kind::new(SEAL, seal).every(30)];

/// Carries out [`SEAL`], a batch to a transaction. Run twice it changes nothing.
pub fn seal(desk: &Desk, _: &Job) -> Outcome {
    let ctx = Ctx::system(&desk.env, "seal");
    let batch = desk.env.config.ledger.seal_batch;
    loop {
        match desk.db.write_now(SEAL, |conn| service::seal(conn, &ctx, batch)) {
            Ok(0) => return Outcome::Done,
            Ok(_) => {}
            Err(problem) => return problem.into(),
        }
    }
}
