//! Rows of bank charges.

use super::undone;
use crate::funds::model::{BankCharge, Undone};
use crate::kernel::Result;
use crate::kernel::ids::{BankAccountId, BankChargeId, EntryId, FundId, PersonId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::PageOf;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::schema::bank_charges;
use crate::platform::db::schema::bank_charges::dsl as c;
use diesel::prelude::*;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = bank_charges, treat_none_as_default_value = false)]
struct Row {
    id: BankChargeId,
    fund_id: FundId,
    bank_account_id: BankAccountId,
    amount: i64,
    currency: Currency,
    charged_on: Date,
    description: String,
    recorded_by: Option<PersonId>,
    entry_id: EntryId,
    created_at: Instant,
    undone_by: Option<PersonId>,
    undone_at: Option<Instant>,
    undone_reason: Option<String>,
}

impl From<Row> for BankCharge {
    fn from(r: Row) -> Self {
        Self {
            id: r.id,
            fund_id: r.fund_id,
            bank_account_id: r.bank_account_id,
            amount: Money::new(r.amount, r.currency),
            charged_on: r.charged_on,
            description: r.description,
            recorded_by: r.recorded_by,
            entry_id: r.entry_id,
            created_at: r.created_at,
            undone: undone(r.undone_by, r.undone_at, r.undone_reason),
        }
    }
}

/// Adds a charge, which stands.
pub(in crate::funds) fn insert_charge(conn: &mut Conn, of: &BankCharge) -> Result<()> {
    let row = Row {
        id: of.id,
        fund_id: of.fund_id,
        bank_account_id: of.bank_account_id,
        amount: of.amount.minor(),
        currency: of.amount.currency(),
        charged_on: of.charged_on,
        description: of.description.clone(),
        recorded_by: of.recorded_by,
        entry_id: of.entry_id,
        created_at: of.created_at,
        undone_by: None,
        undone_at: None,
        undone_reason: None,
    };
    diesel::insert_into(bank_charges::table).values(&row).execute(conn)?;
    Ok(())
}

/// One charge of a fund.
pub(in crate::funds) fn charge(
    conn: &mut Conn,
    fund: FundId,
    id: BankChargeId,
) -> Result<Option<BankCharge>> {
    let its = c::bank_charges.find(id).filter(c::fund_id.eq(fund));
    let row: Option<Row> = its.select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Into::into))
}

/// Notes that a charge was undone; whether it stood until now.
pub(in crate::funds) fn undo_charge(
    conn: &mut Conn,
    id: BankChargeId,
    undone: &Undone,
) -> Result<bool> {
    let standing = c::bank_charges.filter(c::id.eq(id).and(c::undone_at.is_null()));
    let rows = diesel::update(standing)
        .set((
            c::undone_by.eq(undone.by),
            c::undone_at.eq(undone.at),
            c::undone_reason.eq(&undone.reason),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Charges of a fund, newest first, one more than the page.
pub(in crate::funds) fn charges(
    conn: &mut Conn,
    fund: FundId,
    page: &PageOf<of::BankCharge>,
) -> Result<Vec<BankCharge>> {
    let mut query =
        c::bank_charges.filter(c::fund_id.eq(fund)).select(Row::as_select()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(c::id.lt(after));
    }
    let rows: Vec<Row> = query.order(c::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The descriptions of what a bank took of a fund from an account on a day in this amount (minor
/// units); not of what was undone.
pub(in crate::funds) fn described_charges(
    conn: &mut Conn,
    (fund, bank): (FundId, BankAccountId),
    amount: i64,
    on: Date,
) -> Result<Vec<String>> {
    let its = c::fund_id.eq(fund).and(c::bank_account_id.eq(bank));
    let alike = c::charged_on.eq(on).and(c::amount.eq(amount)).and(c::undone_at.is_null());
    Ok(c::bank_charges.filter(its.and(alike)).select(c::description).load(conn)?)
}
