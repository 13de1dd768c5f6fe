//! Rows of bank accounts, funds, contributions and earmarks.

mod earmarks;

pub(super) use earmarks::{
    any_given_for, earmark_of_offer, earmarks, given_for, held_for, held_in, hold_earmark,
    insert_earmark, offered_for, tied, turn_earmark,
};

use super::model::{BankAccount, Contribution, Fund, FundStatus, Restriction};
use crate::kernel::Result;
use crate::kernel::ids::{BankAccountId, ContributionId, EntryId, FundId, PersonId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::PageOf;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::schema::bank_accounts::dsl as b;
use crate::platform::db::schema::contributions::dsl as c;
use crate::platform::db::schema::funds::dsl as f;
use diesel::prelude::*;

crate::platform::db::types::db_text!(Restriction, FundStatus);

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
        let given = c::contributions.filter(c::funder_id.eq(person)).select(c::fund_id);
        query = query.filter(f::id.eq_any(given));
    }
    if let Some(after) = page.after {
        query = query.filter(f::id.lt(after));
    }
    let rows: Vec<FundRow> = query.order(f::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

#[derive(Queryable)]
struct ContributionRow {
    id: ContributionId,
    fund_id: FundId,
    funder_id: Option<PersonId>,
    funder_name: String,
    amount: i64,
    fee: i64,
    currency: Currency,
    received_on: Date,
    reference: String,
    recorded_by: Option<PersonId>,
    entry_id: EntryId,
    fee_entry_id: Option<EntryId>,
    created_at: Instant,
}

impl From<ContributionRow> for Contribution {
    fn from(r: ContributionRow) -> Self {
        Self {
            id: r.id,
            fund_id: r.fund_id,
            funder_id: r.funder_id,
            funder_name: r.funder_name,
            amount: Money::new(r.amount, r.currency),
            fee: Money::new(r.fee, r.currency),
            received_on: r.received_on,
            reference: r.reference,
            recorded_by: r.recorded_by,
            entry_id: r.entry_id,
            fee_entry_id: r.fee_entry_id,
            created_at: r.created_at,
        }
    }
}

/// Adds a contribution.
pub(super) fn insert_contribution(conn: &mut Conn, row: &Contribution) -> Result<()> {
    diesel::insert_into(c::contributions)
        .values((
            c::id.eq(row.id),
            c::fund_id.eq(row.fund_id),
            c::funder_id.eq(row.funder_id),
            c::funder_name.eq(&row.funder_name),
            c::amount.eq(row.amount.minor()),
            c::fee.eq(row.fee.minor()),
            c::currency.eq(row.amount.currency()),
            c::received_on.eq(row.received_on),
            c::reference.eq(&row.reference),
            c::recorded_by.eq(row.recorded_by),
            c::entry_id.eq(row.entry_id),
            c::fee_entry_id.eq(row.fee_entry_id),
            c::created_at.eq(row.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Contributions to a fund, of one funder or of all, newest first, one more than the page.
pub(super) fn contributions(
    conn: &mut Conn,
    fund: FundId,
    funder: Option<PersonId>,
    page: &PageOf<of::Contribution>,
) -> Result<Vec<Contribution>> {
    let mut query = c::contributions
        .filter(c::fund_id.eq(fund))
        .select((
            c::id,
            c::fund_id,
            c::funder_id,
            c::funder_name,
            c::amount,
            c::fee,
            c::currency,
            c::received_on,
            c::reference,
            c::recorded_by,
            c::entry_id,
            c::fee_entry_id,
            c::created_at,
        ))
        .into_boxed();
    if let Some(person) = funder {
        query = query.filter(c::funder_id.eq(person));
    }
    if let Some(after) = page.after {
        query = query.filter(c::id.lt(after));
    }
    let rows: Vec<ContributionRow> = query.order(c::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The references of what a fund received on a day in this amount (minor units, before the fee).
pub(super) fn references(
    conn: &mut Conn,
    fund: FundId,
    amount: i64,
    on: Date,
) -> Result<Vec<String>> {
    let same = c::received_on.eq(on).and(c::amount.eq(amount));
    Ok(c::contributions.filter(c::fund_id.eq(fund).and(same)).select(c::reference).load(conn)?)
}

/// Whether the fund has a contribution, of this funder or of anybody.
pub(super) fn has_contribution(
    conn: &mut Conn,
    fund: FundId,
    funder: Option<PersonId>,
) -> Result<bool> {
    let mut query = c::contributions.filter(c::fund_id.eq(fund)).select(c::id).into_boxed();
    if let Some(person) = funder {
        query = query.filter(c::funder_id.eq(person));
    }
    let found: Option<ContributionId> = query.first(conn).optional()?;
    Ok(found.is_some())
}

/// Ids and names of all funds; an organisation has few.
pub(super) fn names(conn: &mut Conn) -> Result<Vec<(FundId, String)>> {
    Ok(f::funds.select((f::id, f::name)).load(conn)?)
}

/// Ids and names of all bank accounts; an organisation has few.
pub(super) fn bank_names(conn: &mut Conn) -> Result<Vec<(BankAccountId, String)>> {
    Ok(b::bank_accounts.select((b::id, b::name)).load(conn)?)
}
