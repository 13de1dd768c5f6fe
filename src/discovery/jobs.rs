//! What happens later: people are told what is new, texts are made ready to be compared, and what
//! a call no longer shows, or shows now, is found anew.

use super::service;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};

/// Tells what is new among what people look for.
pub const DIGEST: &str = "discovery.digest";
/// Keeps what texts are compared by.
pub const COMPARE: &str = "discovery.compare";
/// Has applications found anew whose call became private, or public.
pub const REFRESH: &str = "discovery.refresh";
/// Searches, or texts, of one look; looked again until none is due.
const BATCH: i64 = 200;
/// Seconds from one run to the next.
const EVERY: i64 = 300;

/// The background work of this room.
pub const JOBS: &[Kind] = &[
    Kind::new(DIGEST, digest).every(EVERY),
    Kind::new(COMPARE, compare).every(60),
    Kind::new(REFRESH, refresh).every(60),
];

/// Carries out [`COMPARE`]: each text in a transaction of its own.
pub fn compare(desk: &Desk, _: &Job) -> Outcome {
    until_none(|| {
        match desk.db.read_now("discovery.uncompared", |conn| service::uncompared(conn, BATCH)) {
            Ok(texts) => (texts.len(), desk.each(COMPARE, texts, service::sign)),
            Err(problem) => (0, problem.into()),
        }
    })
}

/// Carries out [`REFRESH`]: each application in a transaction of its own.
pub fn refresh(desk: &Desk, _: &Job) -> Outcome {
    until_none(|| match desk.db.read_now("discovery.stale", |conn| service::stale(conn, BATCH)) {
        Ok(due) => (due.len(), desk.each(REFRESH, due, service::refresh)),
        Err(problem) => (0, problem.into()),
    })
}

/// Carries out [`DIGEST`]: each search in a transaction of its own.
pub fn digest(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(DIGEST);
    until_none(|| match desk.db.read_now("discovery.due", |conn| service::due(conn, &ctx, BATCH)) {
        Ok(due) => (due.len(), desk.each(DIGEST, due, service::tell)),
        Err(problem) => (0, problem.into()),
    })
}

/// Looks again while a look was full: what is done is not found again, and what failed ends it.
fn until_none(look: impl Fn() -> (usize, Outcome)) -> Outcome {
    loop {
        match look() {
            (found, Outcome::Done) if i64::try_from(found) == Ok(BATCH) => {}
            (_, outcome) => return outcome,
        }
    }
}
