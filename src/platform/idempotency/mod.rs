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
    let Some(row) = store::find(conn, keyed)? else {
        return Err(Problem::new(Kind::KeyInFlight, "The first request has not ended."));
    };
    if row.operation != keyed.operation || row.hash != keyed.hash {
        let detail = format!("It was first used for {}.", row.operation);
        return Err(Problem::new(Kind::KeyReused, detail));
    }
    let unfinished = || Problem::new(Kind::KeyInFlight, "The first request has not ended.");
    row.stored.map(Some).ok_or_else(unfinished)
}

/// Keeps the answer for the next request with this key.
pub fn finish(conn: &mut Conn, keyed: &Keyed, answer: &Stored) -> Result<()> {
    store::keep(conn, keyed, answer)
}
