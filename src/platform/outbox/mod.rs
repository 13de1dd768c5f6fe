//! What happened, told to those who listen: an event and, in the same transaction, one job for
//! each of its subscribers. The only way upward through the house: who emits knows no listener.
//!
//! Invariant: an event is stored, and heard, exactly if the change it tells of has committed.
//! A listener hears at least once; the event's id is the same each time.

mod store;

use crate::kernel::Result;
use crate::kernel::ids::EventId;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::jobs::{Desk, Job, NewJob, Outcome, enqueue};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// An event in the hands of a listener.
#[derive(Debug, Clone, Deserialize)]
pub struct Heard<T> {
    /// The event's id; the same however often it is heard.
    pub event: EventId,
    /// Its name, in the past tense: `offer_placed`.
    pub name: String,
    /// What it tells.
    pub data: T,
}

/// Stores the event and a job for each subscriber, in the caller's transaction. `data` holds ids
/// and facts that listeners may keep: no secrets.
pub fn emit(conn: &mut Conn, ctx: &Ctx, name: &str, data: Value) -> Result<()> {
    let event: EventId = ctx.id();
    let subscribers = ctx.env.subscriptions.iter().filter(|(heard, _)| *heard == name);
    for (_, kind) in subscribers {
        let payload = json!({ "v": 1, "event": event, "name": name, "data": data });
        let run_at = ctx.env.clock.now();
        enqueue(conn, ctx, NewJob { kind, payload, run_at, dedupe: None })?;
    }
    store::insert(conn, ctx, event, name, data)
}

/// Carries out what an event asks of a listener: one transaction under the job's name, in which the
/// service itself acts.
pub fn listen<T: DeserializeOwned, R>(
    desk: &Desk,
    job: &Job,
    name: &'static str,
    act: impl Fn(&mut Conn, &Ctx, &T) -> Result<R>,
) -> Outcome {
    let data = match heard::<T>(job) {
        Ok(heard) => heard.data,
        Err(outcome) => return outcome,
    };
    let ctx = desk.ctx(name);
    desk.db.write_now(name, |conn| act(conn, &ctx, &data).map(|_| ())).into()
}

/// The same for each of many, which `find` names, in one transaction each, the first first: as
/// [`Desk::each`].
pub fn listen_each<T: DeserializeOwned, I: Copy, R>(
    desk: &Desk,
    job: &Job,
    name: &'static str,
    find: impl Fn(&mut Conn, &T) -> Result<Vec<I>>,
    act: impl Fn(&mut Conn, &Ctx, I) -> Result<R>,
) -> Outcome {
    let data = match heard::<T>(job) {
        Ok(heard) => heard.data,
        Err(outcome) => return outcome,
    };
    match desk.db.read_now(name, |conn| find(conn, &data)) {
        Ok(found) => desk.each(name, found, act),
        Err(problem) => problem.into(),
    }
}

/// The event that a listener's job brings.
///
/// # Errors
/// As [`Job::payload`].
pub fn heard<T: DeserializeOwned>(job: &Job) -> std::result::Result<Heard<T>, Outcome> {
    job.payload()
}
