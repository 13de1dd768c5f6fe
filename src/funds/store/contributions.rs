//! Rows of contributions.

use super::undone;
use crate::funds::model::{Contribution, Undone};
use crate::kernel::Result;
use crate::kernel::ids::{ContributionId, EntryId, FundId, PersonId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::PageOf;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::schema::contributions;
use crate::platform::db::schema::contributions::dsl as c;
use diesel::prelude::*;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = contributions, treat_none_as_default_value = false)]
struct Row {
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
    undone_by: Option<PersonId>,
    undone_at: Option<Instant>,
    undone_reason: Option<String>,
}

impl From<Row> for Contribution {
    fn from(r: Row) -> Self {
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
            undone: undone(r.undone_by, r.undone_at, r.undone_reason),
        }
    }
}

/// Adds a contribution.
pub(in crate::funds) fn insert_contribution(conn: &mut Conn, of: &Contribution) -> Result<()> {
    let row = Row {
        id: of.id,
        fund_id: of.fund_id,
        funder_id: of.funder_id,
        funder_name: of.funder_name.clone(),
        amount: of.amount.minor(),
        fee: of.fee.minor(),
        currency: of.amount.currency(),
        received_on: of.received_on,
        reference: of.reference.clone(),
        recorded_by: of.recorded_by,
        entry_id: of.entry_id,
        fee_entry_id: of.fee_entry_id,
        created_at: of.created_at,
        undone_by: None,
        undone_at: None,
        undone_reason: None,
    };
    diesel::insert_into(contributions::table).values(&row).execute(conn)?;
    Ok(())
}

/// One contribution to a fund.
pub(in crate::funds) fn contribution(
    conn: &mut Conn,
    fund: FundId,
    id: ContributionId,
) -> Result<Option<Contribution>> {
    let its = c::contributions.find(id).filter(c::fund_id.eq(fund));
    let row: Option<Row> = its.select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Into::into))
}

/// Whether a contribution was undone.
pub(in crate::funds) fn is_undone(conn: &mut Conn, id: ContributionId) -> Result<bool> {
    let undone = c::contributions.find(id).filter(c::undone_at.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(undone)).get_result(conn)?)
}

/// Notes that a contribution was undone; whether it stood until now.
pub(in crate::funds) fn undo_contribution(
    conn: &mut Conn,
    id: ContributionId,
    undone: &Undone,
) -> Result<bool> {
    let standing = c::contributions.filter(c::id.eq(id).and(c::undone_at.is_null()));
    let rows = diesel::update(standing)
        .set((
            c::undone_by.eq(undone.by),
            c::undone_at.eq(undone.at),
            c::undone_reason.eq(&undone.reason),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Contributions to a fund, of one funder or of all, newest first, one more than the page.
pub(in crate::funds) fn contributions(
    conn: &mut Conn,
    fund: FundId,
    funder: Option<PersonId>,
    page: &PageOf<of::Contribution>,
) -> Result<Vec<Contribution>> {
    let mut query =
        c::contributions.filter(c::fund_id.eq(fund)).select(Row::as_select()).into_boxed();
    if let Some(person) = funder {
        query = query.filter(c::funder_id.eq(person));
    }
    if let Some(after) = page.after {
        query = query.filter(c::id.lt(after));
    }
    let rows: Vec<Row> = query.order(c::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The references of what a fund received on a day in this amount (minor units, before the fee);
/// not of what was undone.
pub(in crate::funds) fn references(
    conn: &mut Conn,
    fund: FundId,
    amount: i64,
    on: Date,
) -> Result<Vec<String>> {
    let same = c::received_on.eq(on).and(c::amount.eq(amount)).and(c::undone_at.is_null());
    Ok(c::contributions.filter(c::fund_id.eq(fund).and(same)).select(c::reference).load(conn)?)
}

/// Whether the fund has a contribution, of this funder or of anybody, that was not undone.
pub(in crate::funds) fn has_contribution(
    conn: &mut Conn,
    fund: FundId,
    funder: Option<PersonId>,
) -> Result<bool> {
    let standing = c::fund_id.eq(fund).and(c::undone_at.is_null());
    let mut query = c::contributions.filter(standing).select(c::id).into_boxed();
    if let Some(person) = funder {
        query = query.filter(c::funder_id.eq(person));
    }
    let found: Option<ContributionId> = query.first(conn).optional()?;
    Ok(found.is_some())
}
