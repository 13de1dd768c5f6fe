//! Sealing: entries in a hash chain, so that a changed byte is found.
//!
//! The hash of an entry is SHA-256 over the hash before it and every field of the entry, its
//! postings and their accounts; docs/LEDGER.md lists them in order.

use super::super::rules::seal::{Fields, GENESIS};
use super::super::store::Head;
use super::super::store::journal::{self, Account, Entry, Posting};
use super::super::store::seals::{self, Seal};
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::kernel::text::hex;
use crate::kernel::time::Instant;
use crate::platform::context::Ctx;
use crate::platform::db::{Conn, ext};

/// The number under which only one at a time seals: “seal” in ASCII.
const ALONE: i64 = 0x7365_616C;

/// The end of the chain, to be kept outside: whoever rewrites the whole chain cannot make it fit.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SealHead {
    /// Number of the newest sealed entry.
    pub seq: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

impl SealHead {
    /// Whether it is the seal of an entry at all: that of an empty chain fits whatever was cut off.
    pub fn is_one(&self) -> bool {
        self.seq >= 1 && self.hash.len() == 64 && self.hash.bytes().all(|b| b.is_ascii_hexdigit())
    }
}

/// Seals up to `limit` entries that wait, by their ids; how many. Of several workers one seals,
/// the others wait for it and go on from its end.
pub fn seal(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<usize> {
    ext::alone(conn, ALONE)?;
    let waiting = seals::waiting(conn, None, limit)?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let (mut seq, mut before) = match seals::last(conn)? {
        Some(last) => (last.seq, last.hash),
        None => (0, GENESIS.to_vec()),
    };
    let mut chain = Vec::with_capacity(waiting.len());
    for entry in journal::entries(conn, &waiting)? {
        seq += 1;
        before = link(&before, seq, ctx.now, &entry).to_vec();
        let (entry_id, hash) = (entry.head.id, before.clone());
        chain.push(Seal { seq, entry_id, hash, sealed_at: ctx.now });
    }
    if chain.len() != waiting.len() {
        return Err(Problem::internal("an entry that waits for its seal is not there"));
    }
    seals::insert(conn, &chain)?;
    Ok(chain.len())
}

/// The end of the chain.
pub fn seal_head(conn: &mut Conn) -> Result<Option<SealHead>> {
    let last = seals::last(conn)?;
    Ok(last.map(|s| SealHead { seq: s.seq, hash: hex(&s.hash) }))
}

/// How many entries wait for their seal.
pub fn unsealed(conn: &mut Conn) -> Result<i64> {
    seals::count_waiting(conn)
}

/// How far the seals are behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SealLag {
    /// Entries that wait for their seal.
    pub entries: i64,
    /// How many seconds the oldest of them waits.
    pub seconds: i64,
}

/// How far the seals are behind, by the clock that wrote the entries.
pub fn seal_lag(conn: &mut Conn, now: Instant) -> Result<SealLag> {
    let oldest = seals::oldest_waiting(conn)?;
    let seconds = oldest.map_or(0, |at| now.as_seconds().saturating_sub(at.as_seconds()).max(0));
    Ok(SealLag { entries: seals::count_waiting(conn)?, seconds })
}

/// The hash of an entry in its place. Structs are taken apart without `..`, so that a new field
/// cannot be forgotten here.
pub(super) fn link(before: &[u8], seq: i64, sealed_at: Instant, entry: &Entry) -> [u8; 32] {
    let Entry { head, postings } = entry;
    let Head {
        id,
        kind,
        effective_on,
        recorded_at,
        memo,
        source_kind,
        source_id,
        person_id,
        reverses_id,
    } = head;
    let mut fields = Fields::after(before);
    fields.number(seq);
    fields.instant(sealed_at);
    fields.id(*id);
    fields.text(kind.as_str());
    fields.text(&effective_on.to_string());
    fields.instant(*recorded_at);
    fields.text(memo);
    fields.text(source_kind);
    fields.text(&source_id.to_string());
    fields.maybe(*person_id);
    fields.maybe(*reverses_id);
    fields.text(&postings.len().to_string());
    postings.iter().for_each(|p| posting(&mut fields, p));
    fields.hash()
}

fn posting(fields: &mut Fields, posting: &Posting) {
    let Posting {
        id,
        entry_id,
        line,
        code,
        side,
        amount,
        currency,
        effective_on,
        fund,
        budget,
        grant,
        account,
    } = posting;
    fields.id(*id);
    fields.id(*entry_id);
    fields.number(*line);
    fields.text(code.as_str());
    fields.text(side.as_str());
    fields.number(*amount);
    fields.text(currency.code());
    fields.text(&effective_on.to_string());
    fields.maybe(*fund);
    fields.maybe(*budget);
    fields.maybe(*grant);
    // The balance changes with each movement; that it is right is another invariant.
    let Account { id, key, code, currency, fund, budget, grant, bank, guarded, balance: _ } =
        account;
    fields.id(*id);
    fields.text(key);
    fields.text(code.as_str());
    fields.text(currency.code());
    fields.maybe(*fund);
    fields.maybe(*budget);
    fields.maybe(*grant);
    fields.maybe(*bank);
    fields.number(i32::from(*guarded));
}
