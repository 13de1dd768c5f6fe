//! Sealing: entries in a hash chain, so that a changed byte is found.
//!
//! `hash(n) = SHA-256(hash(n-1) ‖ n ‖ bytes of entry n)`, from 32 zero bytes on. The bytes are
//! every field of the entry and its postings, each with its length before it, so that no two
//! different entries have the same ones.

use super::super::store::journal::{self, Entry};
use crate::kernel::Result;
use crate::kernel::ids::EntryId;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A hash of the chain.
pub type Hash = [u8; 32];

/// The end of the chain, to be kept outside: whoever rewrites the whole chain cannot make it fit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SealHead {
    /// Number of the newest sealed entry.
    pub seq: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// Seals up to `limit` entries that wait, oldest first; how many. Two workers that seal at once
/// take the same next number: the loser is refused by the database and tries again.
pub fn seal(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<usize> {
    let (mut seq, mut hash) = match journal::seal_head(conn)? {
        Some((seq, hash)) => (seq, hash.try_into().unwrap_or([0; 32])),
        None => (0, [0; 32]),
    };
    let waiting = journal::unsealed(conn, None, limit)?;
    for entry in &waiting {
        seq += 1;
        hash = link(&hash, seq, entry);
        journal::insert_seal(conn, seq, entry.head.id, &hash, ctx.now)?;
    }
    Ok(waiting.len())
}

/// The end of the chain.
pub fn seal_head(conn: &mut Conn) -> Result<Option<SealHead>> {
    let head = journal::seal_head(conn)?;
    Ok(head.map(|(seq, hash)| SealHead { seq, hash: hex(&hash) }))
}

/// How many entries wait for their seal.
pub fn unsealed(conn: &mut Conn) -> Result<i64> {
    journal::count_unsealed(conn)
}

/// The hash of an entry in its place.
pub(super) fn link(previous: &Hash, seq: i64, entry: &Entry) -> Hash {
    let mut bytes = Bytes(Sha256::new());
    bytes.0.update(previous);
    bytes.field(&seq.to_be_bytes());
    let head = &entry.head;
    bytes.id(head.id);
    bytes.field(head.kind.as_str().as_bytes());
    bytes.field(&head.effective_on.days_since_epoch().to_be_bytes());
    bytes.field(&head.recorded_at.as_micros().to_be_bytes());
    bytes.field(head.memo.as_bytes());
    bytes.field(head.source_kind.as_bytes());
    bytes.field(head.source_id.as_bytes());
    bytes.optional(head.person_id.map(|i| i.uuid()));
    bytes.optional(head.reverses_id.map(|i| i.uuid()));
    bytes.field(&u32::try_from(entry.postings.len()).unwrap_or(u32::MAX).to_be_bytes());
    for p in &entry.postings {
        bytes.field(&p.line.to_be_bytes());
        bytes.field(p.account_id.uuid().as_bytes());
        bytes.field(p.code.as_str().as_bytes());
        bytes.field(p.book.as_str().as_bytes());
        bytes.field(p.side.as_str().as_bytes());
        bytes.field(&p.amount.to_be_bytes());
        bytes.field(p.currency.code().as_bytes());
        bytes.field(&p.effective_on.days_since_epoch().to_be_bytes());
        bytes.optional(p.fund.map(|i| i.uuid()));
        bytes.optional(p.budget.map(|i| i.uuid()));
        bytes.optional(p.grant.map(|i| i.uuid()));
        bytes.optional(p.bank.map(|i| i.uuid()));
    }
    bytes.0.finalize().into()
}

struct Bytes(Sha256);
impl Bytes {
    fn field(&mut self, bytes: &[u8]) {
        self.0.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(bytes);
    }
    fn id(&mut self, id: EntryId) {
        self.field(id.uuid().as_bytes());
    }
    fn optional(&mut self, id: Option<Uuid>) {
        self.field(id.as_ref().map_or(&[], |i| i.as_bytes().as_slice()));
    }
}

/// Hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
