//! Rows of disbursements, attempts and batches.

use super::model::{Attempt, BatchStatus, Disbursement, DisbursementStatus, Outcome};
use crate::kernel::Result;
use crate::kernel::ids::{
    AttemptId, BankAccountId, BatchId, DisbursementId, EntryId, GrantId, PayeeId, PersonId,
    TrancheId, of,
};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::PageOf;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::schema::attempts::dsl as t;
use crate::platform::db::schema::disbursements::dsl as d;
use diesel::prelude::*;

crate::db_text!(DisbursementStatus, BatchStatus, Outcome);

#[derive(Queryable)]
struct Row {
    id: DisbursementId,
    grant_id: GrantId,
    tranche_id: TrancheId,
    payee_id: PayeeId,
    payee_version: i32,
    amount: i64,
    currency: Currency,
    status: DisbursementStatus,
    reference: String,
    drafted_by: Option<PersonId>,
    approved_by: Option<PersonId>,
    batch_id: Option<BatchId>,
    status_reason: Option<String>,
    version: i32,
    created_at: Instant,
    instructed_at: Option<Instant>,
    settled_on: Option<Date>,
    double_of: Option<DisbursementId>,
    double_confirmed_by: Option<PersonId>,
    double_reason: Option<String>,
}

impl From<Row> for Disbursement {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            grant_id: r.grant_id,
            tranche_id: r.tranche_id,
            payee_id: r.payee_id,
            payee_version: r.payee_version,
            amount: Money::new(r.amount, r.currency),
            status: r.status,
            reference: r.reference,
            drafted_by: r.drafted_by,
            approved_by: r.approved_by,
            batch_id: r.batch_id,
            status_reason: r.status_reason,
            version: r.version,
            created_at: r.created_at,
            instructed_at: r.instructed_at,
            settled_on: r.settled_on,
            double_of: r.double_of,
            double_confirmed_by: r.double_confirmed_by,
            double_reason: r.double_reason,
        }
    }
}

macro_rules! columns {
    () => {
        (
            d::id,
            d::grant_id,
            d::tranche_id,
            d::payee_id,
            d::payee_version,
            d::amount,
            d::currency,
            d::status,
            d::reference,
            d::drafted_by,
            d::approved_by,
            d::batch_id,
            d::status_reason,
            d::version,
            d::created_at,
            d::instructed_at,
            d::settled_on,
            d::double_of,
            d::double_confirmed_by,
            d::double_reason,
        )
    };
}

mod batches;
mod waiting;

pub(super) use batches::*;
pub(super) use waiting::*;

/// Adds a payment to the account of this fingerprint.
pub(super) fn insert(conn: &mut Conn, row: &Disbursement, fingerprint: &[u8]) -> Result<()> {
    diesel::insert_into(d::disbursements)
        .values((
            d::id.eq(row.id),
            d::grant_id.eq(row.grant_id),
            d::tranche_id.eq(row.tranche_id),
            d::payee_id.eq(row.payee_id),
            d::payee_version.eq(row.payee_version),
            d::amount.eq(row.amount.minor()),
            d::currency.eq(row.amount.currency()),
            d::status.eq(row.status),
            d::reference.eq(&row.reference),
            d::drafted_by.eq(row.drafted_by),
            d::version.eq(row.version),
            d::created_at.eq(row.created_at),
            d::double_of.eq(row.double_of),
            d::fingerprint.eq(fingerprint),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, id: DisbursementId) -> Result<Option<Disbursement>> {
    let row: Option<Row> = d::disbursements.find(id).select(columns!()).first(conn).optional()?;
    Ok(row.map(Into::into))
}

/// Those of a tranche that the bank was not told of.
pub(super) fn untold(conn: &mut Conn, tranche: TrancheId) -> Result<Vec<Disbursement>> {
    let rows: Vec<Row> = d::disbursements
        .filter(d::tranche_id.eq(tranche))
        .filter(d::status.eq_any([DisbursementStatus::Drafted, DisbursementStatus::Approved]))
        .select(columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Which disbursements to list.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) status: Option<DisbursementStatus>,
    pub(super) grant: Option<GrantId>,
    pub(super) batch: Option<BatchId>,
}

pub(super) fn list(
    conn: &mut Conn,
    filter: &Filter,
    page: &PageOf<of::Disbursement>,
) -> Result<Vec<Disbursement>> {
    let mut query = d::disbursements.select(columns!()).into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(d::status.eq(status));
    }
    if let Some(grant) = filter.grant {
        query = query.filter(d::grant_id.eq(grant));
    }
    if let Some(batch) = filter.batch {
        query = query.filter(d::batch_id.eq(batch));
    }
    if let Some(after) = page.after {
        query = query.filter(d::id.lt(after));
    }
    let rows: Vec<Row> = query.order(d::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Every payment of a batch, oldest first; a batch is bounded when it is made.
pub(super) fn of_batch(conn: &mut Conn, batch: BatchId) -> Result<Vec<Disbursement>> {
    let rows: Vec<Row> = d::disbursements
        .filter(d::batch_id.eq(batch))
        .select(columns!())
        .order(d::id)
        .load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// What a change of status sets besides; `None` leaves a column as it is.
#[derive(AsChangeset, Default)]
#[diesel(table_name = crate::platform::db::schema::disbursements)]
pub(super) struct Set {
    pub(super) status: Option<DisbursementStatus>,
    pub(super) version: Option<i32>,
    pub(super) payee_id: Option<PayeeId>,
    pub(super) payee_version: Option<i32>,
    pub(super) drafted_by: Option<Option<PersonId>>,
    pub(super) approved_by: Option<Option<PersonId>>,
    pub(super) batch_id: Option<Option<BatchId>>,
    pub(super) status_reason: Option<Option<String>>,
    pub(super) instructed_at: Option<Option<Instant>>,
    pub(super) settled_on: Option<Option<Date>>,
    pub(super) double_of: Option<Option<DisbursementId>>,
    pub(super) double_confirmed_by: Option<Option<PersonId>>,
    pub(super) double_reason: Option<Option<String>>,
    pub(super) fingerprint: Option<Vec<u8>>,
    pub(super) reference: Option<String>,
}

/// Changes a disbursement that still is as it was read; whether it was.
pub(super) fn change(conn: &mut Conn, was: &Disbursement, set: &Set) -> Result<bool> {
    let still = d::disbursements
        .filter(d::id.eq(was.id))
        .filter(d::status.eq(was.status))
        .filter(d::version.eq(was.version));
    Ok(diesel::update(still).set(set).execute(conn)? == 1)
}

/// A payment of this amount to this payee, or to the account that the payee has now, whoever had
/// it then, that the bank was told of since, or was not told of yet; to find doubles. `but` is not
/// one.
pub(super) fn similar(
    conn: &mut Conn,
    (payee, fingerprint): (PayeeId, &[u8]),
    amount: i64,
    since: Instant,
    but: Option<DisbursementId>,
) -> Result<Option<DisbursementId>> {
    let mut query = d::disbursements
        .filter(d::fingerprint.eq(fingerprint).or(d::payee_id.eq(payee)))
        .filter(d::amount.eq(amount))
        .into_boxed();
    if let Some(but) = but {
        query = query.filter(d::id.ne(but));
    }
    Ok(query
        .filter(d::instructed_at.is_null().or(d::instructed_at.ge(since)))
        .filter(d::status.ne(DisbursementStatus::Voided))
        .select(d::id)
        .first(conn)
        .optional()?)
}

pub(super) struct NewAttempt {
    pub(super) id: AttemptId,
    pub(super) disbursement: DisbursementId,
    pub(super) number: i32,
    pub(super) batch: Option<BatchId>,
    pub(super) bank: BankAccountId,
    pub(super) entry: EntryId,
    pub(super) at: Instant,
}

pub(super) fn insert_attempt(conn: &mut Conn, new: &NewAttempt) -> Result<()> {
    diesel::insert_into(t::attempts)
        .values((
            t::id.eq(new.id),
            t::disbursement_id.eq(new.disbursement),
            t::number.eq(new.number),
            t::batch_id.eq(new.batch),
            t::bank_account_id.eq(new.bank),
            t::instructed_at.eq(new.at),
            t::entry_id.eq(new.entry),
        ))
        .execute(conn)?;
    Ok(())
}

#[derive(Queryable)]
struct AttemptRow {
    number: i32,
    batch_id: Option<BatchId>,
    instructed_at: Instant,
    entry_id: EntryId,
    outcome: Option<Outcome>,
    outcome_on: Option<Date>,
    outcome_entry_id: Option<EntryId>,
    reason: Option<String>,
    settled_on: Option<Date>,
    settled_entry_id: Option<EntryId>,
    bank_account_id: BankAccountId,
    not_sent: bool,
}

/// The tries of a disbursement, first to last, each with the bank account it used.
pub(super) fn attempts(
    conn: &mut Conn,
    id: DisbursementId,
) -> Result<Vec<(Attempt, BankAccountId)>> {
    let rows: Vec<AttemptRow> = t::attempts
        .filter(t::disbursement_id.eq(id))
        .order(t::number)
        .select((
            t::number,
            t::batch_id,
            t::instructed_at,
            t::entry_id,
            t::outcome,
            t::outcome_on,
            t::outcome_entry_id,
            t::reason,
            t::settled_on,
            t::settled_entry_id,
            t::bank_account_id,
            t::not_sent,
        ))
        .load(conn)?;
    let attempt = |r: AttemptRow| {
        let attempt = Attempt {
            number: r.number,
            batch_id: r.batch_id,
            instructed_at: r.instructed_at,
            entry_id: r.entry_id,
            outcome: r.outcome,
            outcome_on: r.outcome_on,
            outcome_entry_id: r.outcome_entry_id,
            reason: r.reason,
            settled_on: r.settled_on,
            settled_entry_id: r.settled_entry_id,
            not_sent: r.not_sent,
        };
        (attempt, r.bank_account_id)
    };
    Ok(rows.into_iter().map(attempt).collect())
}

/// How a try ended.
pub(super) struct Ended<'a> {
    pub(super) outcome: Outcome,
    pub(super) on: Date,
    pub(super) entry: EntryId,
    pub(super) reason: Option<&'a str>,
    pub(super) not_sent: bool,
}

/// Records how the newest try ended. What it says so far is that it arrived, or nothing: that is
/// kept beside.
pub(super) fn end_attempt(
    conn: &mut Conn,
    id: DisbursementId,
    number: i32,
    ended: &Ended<'_>,
) -> Result<()> {
    diesel::update(t::attempts.filter(t::disbursement_id.eq(id).and(t::number.eq(number))))
        .set((
            t::outcome.eq(Some(ended.outcome)),
            t::outcome_on.eq(Some(ended.on)),
            t::outcome_entry_id.eq(Some(ended.entry)),
            t::reason.eq(ended.reason),
            t::not_sent.eq(ended.not_sent),
            t::settled_on.eq(t::outcome_on),
            t::settled_entry_id.eq(t::outcome_entry_id),
        ))
        .execute(conn)?;
    Ok(())
}

/// Sum of payments that the bank was told and has not answered, in minor units by bank account
/// and currency: what the ledger must hold in transit.
pub(super) fn in_transit(conn: &mut Conn) -> Result<Vec<(BankAccountId, Currency, i64)>> {
    use crate::platform::db::ext::sum_i64;
    let rows: Vec<(BankAccountId, Currency, Option<i64>)> = d::disbursements
        .inner_join(t::attempts.on(t::disbursement_id.eq(d::id).and(t::outcome.is_null())))
        .filter(d::status.eq(DisbursementStatus::Instructed))
        .group_by((t::bank_account_id, d::currency))
        .select((t::bank_account_id, d::currency, sum_i64(d::amount)))
        .load(conn)?;
    Ok(rows.into_iter().map(|(bank, cur, sum)| (bank, cur, sum.unwrap_or(0))).collect())
}
