//! The hash chain, and the queue of what is to be added to it.

use crate::kernel::Result;
use crate::kernel::ids::EntryId;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{ROWS_PER_INSERT, each};
use crate::platform::db::schema::ledger_entries::dsl as e;
use crate::platform::db::schema::ledger_seals::dsl as s;
use crate::platform::db::schema::ledger_unsealed::dsl as u;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

/// The seal of an entry.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = crate::platform::db::schema::ledger_seals)]
pub(in crate::ledger) struct Seal {
    /// Its place in the chain, from 1 on without gaps.
    pub(in crate::ledger) seq: i64,
    /// The entry.
    pub(in crate::ledger) entry_id: EntryId,
    /// SHA-256 over the hash before it and every field of the entry.
    pub(in crate::ledger) hash: Vec<u8>,
    /// When it was sealed.
    pub(in crate::ledger) sealed_at: Instant,
}

/// The end of the chain.
pub(in crate::ledger) fn last(conn: &mut Conn) -> Result<Option<Seal>> {
    Ok(s::ledger_seals.order(s::seq.desc()).first(conn).optional()?)
}

/// The next seals after a place in the chain.
pub(in crate::ledger) fn after(conn: &mut Conn, seq: i64, limit: i64) -> Result<Vec<Seal>> {
    Ok(s::ledger_seals.filter(s::seq.gt(seq)).order(s::seq).limit(limit).load(conn)?)
}

/// Adds to the chain, and takes the entries off the queue.
pub(in crate::ledger) fn insert(conn: &mut Conn, seals: &[Seal]) -> Result<()> {
    for rows in seals.chunks(ROWS_PER_INSERT) {
        let ids: Vec<EntryId> = rows.iter().map(|r| r.entry_id).collect();
        each!(conn, diesel::insert_into(s::ledger_seals).values(rows).execute(conn)?);
        diesel::delete(u::ledger_unsealed.filter(u::entry_id.eq_any(ids))).execute(conn)?;
    }
    Ok(())
}

/// The next entries that wait for their seal, by id. The queue is short: no scan of the journal.
pub(in crate::ledger) fn waiting(
    conn: &mut Conn,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<EntryId>> {
    let mut query = u::ledger_unsealed.select(u::entry_id).into_boxed();
    if let Some(after) = after {
        query = query.filter(u::entry_id.gt(after));
    }
    Ok(query.order(u::entry_id).limit(limit).load(conn)?)
}

/// How many entries wait for their seal.
pub(in crate::ledger) fn count_waiting(conn: &mut Conn) -> Result<i64> {
    Ok(u::ledger_unsealed.count().get_result(conn)?)
}

/// When the oldest entry that waits for its seal was recorded.
pub(in crate::ledger) fn oldest_waiting(conn: &mut Conn) -> Result<Option<Instant>> {
    let oldest = u::ledger_unsealed.order(u::entry_id).select(u::entry_id).limit(1);
    let Some(id) = oldest.first::<EntryId>(conn).optional()? else { return Ok(None) };
    Ok(e::ledger_entries.find(id).select(e::recorded_at).first(conn).optional()?)
}

/// Entries that are neither sealed nor wait for it, above an id: somebody put them there.
pub(in crate::ledger) fn strays(
    conn: &mut Conn,
    above: Option<EntryId>,
    limit: i64,
) -> Result<Vec<EntryId>> {
    let mut query = e::ledger_entries
        .filter(not(exists(s::ledger_seals.filter(s::entry_id.eq(e::id)))))
        .filter(not(exists(u::ledger_unsealed.filter(u::entry_id.eq(e::id)))))
        .select(e::id)
        .into_boxed();
    if let Some(above) = above {
        query = query.filter(e::id.gt(above));
    }
    Ok(query.order(e::id).limit(limit).load(conn)?)
}
