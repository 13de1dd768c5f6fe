//! What happens to grants later: tranches whose day comes, payees that get verified.

use crate::grants::service;
use crate::kernel::ids::PayeeId;
use crate::kernel::problem::Kind as ProblemKind;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Releases the tranches whose day has come.
pub const RELEASE_DUE: &str = "grants.release_due";
/// Carries on the grants that waited for a payee.
pub const PAYEE_VERIFIED: &str = "grants.payee_verified";

/// What runs them.
pub const JOBS: &[Kind] =
    &[Kind::new(RELEASE_DUE, release_due).every(300), Kind::new(PAYEE_VERIFIED, payee_verified)];

/// Tranches looked at in one run; the next run takes the next.
const BATCH: i64 = 200;

/// One transaction each, so that one that cannot be released does not hold up the others.
fn release_due(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(RELEASE_DUE);
    let found = desk.db.read_now("grants.due", |conn| service::due(conn, &ctx, BATCH));
    let due = match found {
        Ok(due) => due,
        Err(problem) => return problem.into(),
    };
    let mut failed = None;
    for id in due {
        let done = desk.db.write_now(RELEASE_DUE, |conn| service::release_due(conn, &ctx, id));
        failed = done.err().filter(|p| p.kind() != ProblemKind::WrongState).or(failed);
    }
    failed.map_or(Outcome::Done, Outcome::from)
}

#[derive(Deserialize)]
struct Verified {
    payee_id: PayeeId,
}

fn payee_verified(desk: &Desk, job: &Job) -> Outcome {
    let payee = match outbox::heard::<Verified>(job) {
        Ok(heard) => heard.data.payee_id,
        Err(outcome) => return outcome,
    };
    let ctx = desk.ctx(PAYEE_VERIFIED);
    desk.db.write_now(PAYEE_VERIFIED, |conn| service::payee_verified(conn, &ctx, payee)).into()
}
