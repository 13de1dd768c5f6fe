//! Rows of transfers between own accounts.

use super::undone;
use crate::funds::model::{BankTransfer, TransferEnd, Undone};
use crate::kernel::Result;
use crate::kernel::ids::{BankAccountId, BankTransferId, EntryId, PersonId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::PageOf;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::schema::bank_transfers;
use crate::platform::db::schema::bank_transfers::dsl as t;
use diesel::prelude::*;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = bank_transfers, treat_none_as_default_value = false)]
struct Row {
    id: BankTransferId,
    from_account_id: BankAccountId,
    from_amount: i64,
    from_currency: Currency,
    to_account_id: BankAccountId,
    to_amount: i64,
    to_currency: Currency,
    moved_on: Date,
    description: String,
    recorded_by: Option<PersonId>,
    entry_id: EntryId,
    created_at: Instant,
    undone_by: Option<PersonId>,
    undone_at: Option<Instant>,
    undone_reason: Option<String>,
}

fn end(bank_account_id: BankAccountId, minor: i64, currency: Currency) -> TransferEnd {
    TransferEnd { bank_account_id, amount: Money::new(minor, currency) }
}

impl From<Row> for BankTransfer {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            from: end(r.from_account_id, r.from_amount, r.from_currency),
            to: end(r.to_account_id, r.to_amount, r.to_currency),
            moved_on: r.moved_on,
            description: r.description,
            recorded_by: r.recorded_by,
            entry_id: r.entry_id,
            created_at: r.created_at,
            undone: undone(r.undone_by, r.undone_at, r.undone_reason),
        }
    }
}

/// Adds a transfer, which stands.
pub(in crate::funds) fn insert_transfer(conn: &mut Conn, of: &BankTransfer) -> Result<()> {
    let row = Row {
        id: of.id,
        from_account_id: of.from.bank_account_id,
        from_amount: of.from.amount.minor(),
        from_currency: of.from.amount.currency(),
        to_account_id: of.to.bank_account_id,
        to_amount: of.to.amount.minor(),
        to_currency: of.to.amount.currency(),
        moved_on: of.moved_on,
        description: of.description.clone(),
        recorded_by: of.recorded_by,
        entry_id: of.entry_id,
        created_at: of.created_at,
        undone_by: None,
        undone_at: None,
        undone_reason: None,
    };
    diesel::insert_into(bank_transfers::table).values(&row).execute(conn)?;
    Ok(())
}

/// One transfer.
pub(in crate::funds) fn transfer(
    conn: &mut Conn,
    id: BankTransferId,
) -> Result<Option<BankTransfer>> {
    let its = t::bank_transfers.find(id).select(Row::as_select());
    let row: Option<Row> = its.first(conn).optional()?;
    Ok(row.map(Into::into))
}

/// Notes that a transfer was undone; whether it stood until now.
pub(in crate::funds) fn undo_transfer(
    conn: &mut Conn,
    id: BankTransferId,
    undone: &Undone,
) -> Result<bool> {
    let standing = t::bank_transfers.filter(t::id.eq(id).and(t::undone_at.is_null()));
    let rows = diesel::update(standing)
        .set((
            t::undone_by.eq(undone.by),
            t::undone_at.eq(undone.at),
            t::undone_reason.eq(&undone.reason),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Transfers, newest first, one more than the page.
pub(in crate::funds) fn transfers(
    conn: &mut Conn,
    page: &PageOf<of::BankTransfer>,
) -> Result<Vec<BankTransfer>> {
    let mut query = t::bank_transfers.select(Row::as_select()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(t::id.lt(after));
    }
    let rows: Vec<Row> = query.order(t::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The descriptions of what moved between two accounts on a day in these amounts; not of what was
/// undone.
pub(in crate::funds) fn described_transfers(
    conn: &mut Conn,
    from: TransferEnd,
    to: TransferEnd,
    on: Date,
) -> Result<Vec<String>> {
    let left = t::from_account_id.eq(from.bank_account_id).and(t::moved_on.eq(on));
    let reached = t::to_account_id.eq(to.bank_account_id).and(t::undone_at.is_null());
    let alike = t::from_amount.eq(from.amount.minor()).and(t::to_amount.eq(to.amount.minor()));
    let same = left.and(reached).and(alike);
    Ok(t::bank_transfers.filter(same).select(t::description).load(conn)?)
}
