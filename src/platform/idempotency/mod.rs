//! The same request twice has one effect (IETF draft “The Idempotency-Key HTTP Header Field”).
//!
//! The key is inserted first, in the same transaction as the effect and the answer: all three
//! commit together or not at all. A second request with the key waits for the first and then
//! gets its answer. Keys belong to a person and are bound to a keyed hash of the request.

mod store;

pub use store::purge;

use crate::kernel::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::platform::db::Conn;

/// Days that an answer is kept.
pub const KEPT_DAYS: i64 = 7;

/// An answer that was given before.
#[derive(Debug, Clone)]
pub struct Stored {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: String,
    /// `Location` header.
    pub location: Option<String>,
    /// `ETag` header.
    pub etag: Option<String>,
}

/// A request with a key.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// Who sent it.
    pub person: PersonId,
    /// The key, 1 to 255 characters.
    pub key: String,
    /// The operation.
    pub operation: &'static str,
    /// Keyed hash of method, address and body.
    pub hash: Vec<u8>,
}

/// Claims the key. `None`: it is new, carry on; `Some`: the answer given before. Refuses the same
/// key with another request, and a key whose first request still runs.
pub fn begin(conn: &mut Conn, keyed: &Keyed, now: Instant) -> Result<Option<Stored>> {
    if store::claim(conn, keyed, now)? {
        return Ok(None);
    }
    let row = store::find(conn, keyed)?.ok_or_else(in_flight)?;
    stored(row, keyed).map(Some)
}

/// Whether the key was used for this operation already, whatever was sent: for what is asked before
/// a body is read. Refuses a key that was used for another one.
pub fn used(conn: &mut Conn, keyed: &Keyed) -> Result<bool> {
    match store::find(conn, keyed)? {
        Some(row) if row.operation != keyed.operation => Err(reused(&row)),
        row => Ok(row.is_some()),
    }
}

/// The answer given before, without claiming the key: for what is not to be begun in vain. Refuses
/// what [`begin`] refuses.
pub fn answered(conn: &mut Conn, keyed: &Keyed) -> Result<Option<Stored>> {
    let row = store::find(conn, keyed)?;
    row.map(|row| stored(row, keyed)).transpose()
}

fn stored(row: store::Found, keyed: &Keyed) -> Result<Stored> {
    if row.operation != keyed.operation || row.hash != keyed.hash {
        return Err(reused(&row));
    }
    row.stored.ok_or_else(in_flight)
}

fn reused(row: &store::Found) -> Problem {
    let detail = format!("It was first used for {}.", row.operation);
    Problem::new(Kind::KeyReused, detail)
}

fn in_flight() -> Problem {
    Problem::new(Kind::KeyInFlight, "The first request has not ended.")
}

/// Keeps the answer for the next request with this key.
pub fn finish(conn: &mut Conn, keyed: &Keyed, answer: &Stored) -> Result<()> {
    store::keep(conn, keyed, answer)
}
