//! Forgetting what nobody asks for any more, in small bites that hold nobody up.

use super::kind::Kind;
use super::model::{Job, Outcome};
use super::runner::Desk;
use super::store;
use crate::kernel::Result;
use crate::platform::db::Conn;
use crate::platform::idempotency;

const DAY: i64 = 86_400;
/// Days that done jobs are kept; so long do their dedupe keys hold.
const DONE_DAYS: i64 = 30;
/// Rows to a transaction.
const BITE: i64 = 500;

/// Runs [`purge`] each hour.
pub const PURGE: Kind = Kind::new("jobs.purge", purge).every(3600);

/// Forgets done jobs after 30 days, idempotency keys after 7.
pub fn purge(desk: &Desk, _: &Job) -> Outcome {
    let now = desk.env.clock.now();
    let jobs = now.plus_seconds(-DONE_DAYS * DAY);
    let keys = now.plus_seconds(-idempotency::KEPT_DAYS * DAY);
    let result = all(desk, move |conn| store::purge(conn, jobs, BITE))
        .and_then(|()| all(desk, move |conn| idempotency::purge(conn, keys, BITE)));
    result.into()
}

/// Takes bites until one is not full.
fn all(
    desk: &Desk,
    bite: impl Fn(&mut Conn) -> Result<usize> + Copy + Send + 'static,
) -> Result<()> {
    while i64::try_from(desk.db.write_now("jobs.purge", bite)?).is_ok_and(|rows| rows >= BITE) {}
    Ok(())
}
