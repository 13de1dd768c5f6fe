//! Rows of bank accounts, funds, contributions, earmarks, and of what banks do on their own.

mod charges;
mod contributions;
mod earmarks;
mod transfers;

pub(super) use charges::{charge, charges, described_charges, insert_charge, undo_charge};
pub(super) use contributions::{
    contribution, contributions, has_contribution, insert_contribution, is_undone, references,
    undo_contribution,
};
pub(super) use earmarks::{
    any_given_for, application_of, earmark_of_contribution, earmark_of_offer, earmarks, given_for,
    held_for, held_in, hold_earmark, insert_earmark, offered_for, tied, turn_earmark, unspent_for,
};
pub(super) use transfers::{
    described_transfers, insert_transfer, transfer, transfers, undo_transfer,
};

use super::model::{BankAccount, Fund, FundStatus, Restriction, Undone};
use crate::kernel::Result;
use crate::kernel::ids::{BankAccountId, FundId, PersonId, of};
use crate::kernel::money::Currency;
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::schema::bank_accounts::dsl as b;
use crate::platform::db::schema::contributions::dsl as c;
use crate::platform::db::schema::funds::dsl as f;
use diesel::prelude::*;

crate::platform::db::types::db_text!(Restriction, FundStatus);

/// How a row was undone, if it was.
fn undone(by: Option<PersonId>, at: Option<Instant>, reason: Option<String>) -> Option<Undone> {
    at.zip(reason).map(|(at, reason)| Undone { by, at, reason })
}

type BankRow = (BankAccountId, String, Currency, Instant);

fn bank((id, name, currency, created_at): BankRow) -> BankAccount {
    BankAccount { id, name, currency, created_at }
}

/// Adds a bank account; its name must be free (a unique index says so).
pub(super) fn insert_bank(conn: &mut Conn, row: &BankAccount) -> Result<()> {
    diesel::insert_into(b::bank_accounts)
        .values((
            b::id.eq(row.id),
            b::name.eq(&row.name),
            b::currency.eq(row.currency),
            b::created_at.eq(row.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// One bank account.
pub(super) fn find_bank(conn: &mut Conn, id: BankAccountId) -> Result<Option<BankAccount>> {
    let row: Option<BankRow> = b::bank_accounts
        .find(id)
        .select((b::id, b::name, b::currency, b::created_at))
        .first(conn)
        .optional()?;
    Ok(row.map(bank))
}

/// The bank account, held until the transaction ends.
pub(super) fn hold_bank(conn: &mut Conn, id: BankAccountId) -> Result<Option<BankAccount>> {
    diesel::update(b::bank_accounts.find(id)).set(b::currency.eq(b::currency)).execute(conn)?;
    find_bank(conn, id)
}

/// Bank accounts, newest first, one more than the page.
pub(super) fn list_banks(
    conn: &mut Conn,
    page: &PageOf<of::BankAccount>,
) -> Result<Vec<BankAccount>> {
    let mut query =
        b::bank_accounts.select((b::id, b::name, b::currency, b::created_at)).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(b::id.lt(after));
    }
    let rows: Vec<BankRow> = query.order(b::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(bank).collect())
}

#[derive(Queryable)]
struct FundRow {
    id: FundId,
    name: String,
    currency: Currency,
    restriction: Restriction,
    purpose: String,
    fee_basis_points: i32,
    bank_account_id: BankAccountId,
    status: FundStatus,
    version: i32,
    created_at: Instant,
}

impl From<FundRow> for Fund {
    fn from(r: FundRow) -> Self {
        Self {
            id: r.id,
            name: r.name,
            currency: r.currency,
            restriction: r.restriction,
            purpose: r.purpose,
            fee_basis_points: r.fee_basis_points,
            bank_account_id: r.bank_account_id,
            status: r.status,
            version: r.version,
            created_at: r.created_at,
        }
    }
}

macro_rules! fund_columns {
    () => {
        (
            f::id,
            f::name,
            f::currency,
            f::restriction,
            f::purpose,
            f::fee_basis_points,
            f::bank_account_id,
            f::status,
            f::version,
            f::created_at,
        )
    };
}

/// Adds a fund; its name must be free (a unique index says so).
pub(super) fn insert(conn: &mut Conn, row: &Fund) -> Result<()> {
    diesel::insert_into(f::funds)
        .values((
            f::id.eq(row.id),
            f::name.eq(&row.name),
            f::currency.eq(row.currency),
            f::restriction.eq(row.restriction),
            f::purpose.eq(&row.purpose),
            f::fee_basis_points.eq(row.fee_basis_points),
            f::bank_account_id.eq(row.bank_account_id),
            f::status.eq(row.status),
            f::version.eq(row.version),
            f::created_at.eq(row.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// One fund.
pub(super) fn find(conn: &mut Conn, id: FundId) -> Result<Option<Fund>> {
    let row: Option<FundRow> = f::funds.find(id).select(fund_columns!()).first(conn).optional()?;
    Ok(row.map(Into::into))
}

/// The fund, held until the end of the transaction: an update that changes nothing locks the row
/// before it is read, so that closing and contributing exclude each other.
pub(super) fn hold(conn: &mut Conn, id: FundId) -> Result<Option<Fund>> {
    diesel::update(f::funds.find(id)).set(f::version.eq(f::version)).execute(conn)?;
    find(conn, id)
}

/// Writes what can be edited, if the fund still has the version that was read; whether it had.
pub(super) fn update(conn: &mut Conn, row: &Fund) -> Result<bool> {
    let still = f::funds.filter(f::id.eq(row.id)).filter(f::version.eq(row.version));
    let changed = diesel::update(still)
        .set((
            f::name.eq(&row.name),
            f::purpose.eq(&row.purpose),
            f::fee_basis_points.eq(row.fee_basis_points),
            f::version.eq(row.version + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Takes a fund from one status to another; whether it was in the first.
pub(super) fn turn(conn: &mut Conn, id: FundId, from: FundStatus, to: FundStatus) -> Result<bool> {
    let still = f::funds.filter(f::id.eq(id)).filter(f::status.eq(from));
    let changed = diesel::update(still)
        .set((f::status.eq(to), f::version.eq(f::version + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Which funds to list.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// Only in this state.
    pub(super) status: Option<FundStatus>,
    /// Only those that this person gave to.
    pub(super) contributor: Option<PersonId>,
}

/// Funds, newest first, one more than the page.
pub(super) fn list(conn: &mut Conn, filter: &Filter, page: &PageOf<of::Fund>) -> Result<Vec<Fund>> {
    let mut query = f::funds.select(fund_columns!()).into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(f::status.eq(status));
    }
    if let Some(person) = filter.contributor {
        let theirs = c::funder_id.eq(person).and(c::undone_at.is_null());
        let given = c::contributions.filter(theirs).select(c::fund_id);
        query = query.filter(f::id.eq_any(given));
    }
    if let Some(after) = page.after {
        query = query.filter(f::id.lt(after));
    }
    let rows: Vec<FundRow> = query.order(f::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Ids and names of all funds; an organisation has few.
pub(super) fn names(conn: &mut Conn) -> Result<Vec<(FundId, String)>> {
    Ok(f::funds.select((f::id, f::name)).load(conn)?)
}

/// Ids and names of all bank accounts; an organisation has few.
pub(super) fn bank_names(conn: &mut Conn) -> Result<Vec<(BankAccountId, String)>> {
    Ok(b::bank_accounts.select((b::id, b::name)).load(conn)?)
}
