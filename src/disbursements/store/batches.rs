//! Rows of payment batches.

use crate::disbursements::model::{Batch, BatchStatus, DisbursementStatus, GivenOut};
use crate::kernel::Result;
use crate::kernel::ids::{BankAccountId, BatchId, GrantId, PersonId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::disbursements::dsl as d;
use crate::platform::db::schema::payment_batches::dsl as b;
use crate::platform::db::schema::payment_files::dsl as f;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

#[derive(Queryable)]
struct BatchRow {
    id: BatchId,
    bank_account_id: BankAccountId,
    currency: Currency,
    total: i64,
    payments: i32,
    status: BatchStatus,
    file_sha256: Option<String>,
    created_by: Option<PersonId>,
    created_at: Instant,
}

impl From<BatchRow> for Batch {
    fn from(r: BatchRow) -> Self {
        Self {
            id: r.id,
            bank_account_id: r.bank_account_id,
            total: Money::new(r.total, r.currency),
            payments: r.payments,
            status: r.status,
            file_sha256: r.file_sha256,
            created_by: r.created_by,
            created_at: r.created_at,
        }
    }
}

/// Keeps a new batch.
pub(in crate::disbursements) fn insert_batch(conn: &mut Conn, batch: &Batch) -> Result<()> {
    diesel::insert_into(b::payment_batches)
        .values((
            b::id.eq(batch.id),
            b::bank_account_id.eq(batch.bank_account_id),
            b::currency.eq(batch.total.currency()),
            b::total.eq(batch.total.minor()),
            b::payments.eq(batch.payments),
            b::status.eq(batch.status),
            b::created_by.eq(batch.created_by),
            b::created_at.eq(batch.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// One batch.
pub(in crate::disbursements) fn batch(conn: &mut Conn, id: BatchId) -> Result<Option<Batch>> {
    let row: Option<BatchRow> = b::payment_batches.find(id).first(conn).optional()?;
    Ok(row.map(Into::into))
}

/// One batch, held until the transaction ends: an update that changes nothing locks its row.
pub(in crate::disbursements) fn hold_batch(conn: &mut Conn, id: BatchId) -> Result<Option<Batch>> {
    diesel::update(b::payment_batches.find(id)).set(b::status.eq(b::status)).execute(conn)?;
    batch(conn, id)
}

/// Batches, newest first; up to one more than the page.
pub(in crate::disbursements) fn batches(
    conn: &mut Conn,
    status: Option<BatchStatus>,
    page: &PageOf<of::Batch>,
) -> Result<Vec<Batch>> {
    let mut query = b::payment_batches.into_boxed();
    if let Some(status) = status {
        query = query.filter(b::status.eq(status));
    }
    if let Some(after) = page.after {
        query = query.filter(b::id.lt(after));
    }
    let rows: Vec<BatchRow> = query.order(b::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Batches whose file nobody was given, the oldest first, but those with a payment that this person
/// approved: they may not fetch it.
pub(in crate::disbursements) fn to_give(
    conn: &mut Conn,
    but: PersonId,
    limit: i64,
) -> Result<Vec<Batch>> {
    let given = f::payment_files.filter(f::batch_id.eq(b::id));
    let theirs = d::disbursements
        .filter(d::batch_id.eq(b::id.nullable()))
        .filter(d::status.eq(DisbursementStatus::Instructed))
        .filter(d::approved_by.eq(but));
    let rows: Vec<BatchRow> = b::payment_batches
        .filter(b::status.eq(BatchStatus::Instructed))
        .filter(not(exists(given)))
        .filter(not(exists(theirs)))
        .order(b::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Batches that wait for the bank's word, and whose file was given out before this moment and not
/// since; the oldest first.
pub(in crate::disbursements) fn to_hear(
    conn: &mut Conn,
    before: Instant,
    limit: i64,
) -> Result<Vec<Batch>> {
    let given = f::payment_files.filter(f::batch_id.eq(b::id));
    let since = f::payment_files.filter(f::batch_id.eq(b::id)).filter(f::made_at.ge(before));
    let rows: Vec<BatchRow> = b::payment_batches
        .filter(b::status.eq(BatchStatus::Instructed))
        .filter(exists(given))
        .filter(not(exists(since)))
        .order(b::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The grants of what some batches wait for: of which batch, and which, each once.
pub(in crate::disbursements) fn grants_of(
    conn: &mut Conn,
    batches: &[BatchId],
) -> Result<Vec<(Option<BatchId>, GrantId)>> {
    if batches.is_empty() {
        return Ok(Vec::new());
    }
    Ok(d::disbursements
        .filter(d::batch_id.eq_any(padded(batches)))
        .filter(d::status.eq(DisbursementStatus::Instructed))
        .select((d::batch_id, d::grant_id))
        .distinct()
        .load(conn)?)
}

/// Keeps the hash of the file that was made for a batch.
pub(in crate::disbursements) fn keep_file_hash(
    conn: &mut Conn,
    id: BatchId,
    sha256: &str,
) -> Result<()> {
    // The first file stays the one of record; each later one is in the audit log.
    diesel::update(b::payment_batches.find(id).filter(b::file_sha256.is_null()))
        .set(b::file_sha256.eq(Some(sha256)))
        .execute(conn)?;
    Ok(())
}

/// Another batch for which this very file was given out.
pub(in crate::disbursements) fn same_file(
    conn: &mut Conn,
    but: BatchId,
    sha256: &str,
) -> Result<Option<BatchId>> {
    let same = f::payment_files.filter(f::sha256.eq(sha256).and(f::batch_id.ne(but)));
    Ok(same.select(f::batch_id).order(f::batch_id).first(conn).optional()?)
}

/// How the file of this batch was given out last.
pub(in crate::disbursements) fn last_given(
    conn: &mut Conn,
    batch: BatchId,
) -> Result<Option<GivenOut>> {
    let last: Option<(Option<PersonId>, Instant, String)> = f::payment_files
        .filter(f::batch_id.eq(batch))
        .order((f::made_at.desc(), f::sha256))
        .select((f::made_by, f::made_at, f::sha256))
        .first(conn)
        .optional()?;
    Ok(last.map(|(by, at, sha256)| GivenOut { by, at, sha256 }))
}

/// A file that is given out.
pub(in crate::disbursements) struct NewFile<'a> {
    pub(in crate::disbursements) batch: BatchId,
    pub(in crate::disbursements) sha256: &'a str,
    pub(in crate::disbursements) by: Option<PersonId>,
    pub(in crate::disbursements) at: Instant,
}

/// Keeps the last time that a batch's file was given out like this, and why, if that was asked.
pub(in crate::disbursements) fn keep_file(
    conn: &mut Conn,
    made: &NewFile<'_>,
    despite: Option<&str>,
) -> Result<()> {
    let this = f::payment_files.filter(f::batch_id.eq(made.batch).and(f::sha256.eq(made.sha256)));
    let again = diesel::update(this).set((f::made_by.eq(made.by), f::made_at.eq(made.at)));
    if again.execute(conn)? == 1 {
        // What was asked once stays, also where it is not asked again.
        if despite.is_some() {
            diesel::update(this).set(f::despite_reason.eq(despite)).execute(conn)?;
        }
        return Ok(());
    }
    let insert = diesel::insert_into(f::payment_files).values((
        f::batch_id.eq(made.batch),
        f::sha256.eq(made.sha256),
        f::made_by.eq(made.by),
        f::made_at.eq(made.at),
        f::despite_reason.eq(despite),
    ));
    insert.execute(conn)?;
    Ok(())
}

/// Closes a batch whose payments have all been settled or returned. The caller holds it, so that
/// two who speak of its last two payments at once do not miss each other.
pub(in crate::disbursements) fn close_batch_if_done(conn: &mut Conn, id: BatchId) -> Result<()> {
    let waiting: i64 = d::disbursements
        .filter(d::batch_id.eq(id).and(d::status.eq(DisbursementStatus::Instructed)))
        .count()
        .get_result(conn)?;
    if waiting == 0 {
        diesel::update(b::payment_batches.find(id))
            .set(b::status.eq(BatchStatus::Closed))
            .execute(conn)?;
    }
    Ok(())
}
