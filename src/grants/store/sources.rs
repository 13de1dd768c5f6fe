//! Who funds a grant.

use crate::grants::model::{Part, SourceView};
use crate::kernel::Result;
use crate::kernel::ids::{BudgetId, FundId, GrantId, OfferId, PersonId, SourceId};
use crate::kernel::money::{Currency, Money};
use crate::platform::db::Conn;
use crate::platform::db::ext::sum_i64;
use crate::platform::db::schema::{budgets, funds, grant_sources, offers, people};
use diesel::prelude::*;

/// One source as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = grant_sources, treat_none_as_default_value = false)]
pub(in crate::grants) struct SourceRow {
    pub(in crate::grants) id: SourceId,
    pub(in crate::grants) grant_id: GrantId,
    pub(in crate::grants) offer_id: OfferId,
    pub(in crate::grants) budget_id: BudgetId,
    pub(in crate::grants) fund_id: FundId,
    pub(in crate::grants) amount: i64,
}

pub(in crate::grants) fn insert_source(conn: &mut Conn, row: &SourceRow) -> Result<()> {
    diesel::insert_into(grant_sources::table).values(row).execute(conn)?;
    Ok(())
}

/// What each budget gave to a grant, in the order of their ids.
pub(in crate::grants) fn given(conn: &mut Conn, grant: GrantId) -> Result<Vec<Part>> {
    let rows: Vec<(BudgetId, FundId, Option<i64>)> = grant_sources::table
        .filter(grant_sources::grant_id.eq(grant))
        .group_by((grant_sources::budget_id, grant_sources::fund_id))
        .select((grant_sources::budget_id, grant_sources::fund_id, sum_i64(grant_sources::amount)))
        .order(grant_sources::budget_id.asc())
        .load(conn)?;
    let part = |(budget_id, fund_id, amount): (_, _, Option<i64>)| Part {
        budget_id,
        fund_id,
        amount: amount.unwrap_or(0),
    };
    Ok(rows.into_iter().map(part).collect())
}

/// The offers that fund a grant: at most one budget's each, as many as its sources.
pub(in crate::grants) fn offers_of(conn: &mut Conn, grant: GrantId) -> Result<Vec<OfferId>> {
    Ok(grant_sources::table
        .filter(grant_sources::grant_id.eq(grant))
        .order(grant_sources::budget_id)
        .select(grant_sources::offer_id)
        .load(conn)?)
}

/// Who holds the budgets that fund a grant, each once.
pub(in crate::grants) fn holders(conn: &mut Conn, grant: GrantId) -> Result<Vec<PersonId>> {
    Ok(grant_sources::table
        .inner_join(budgets::table.on(budgets::id.eq(grant_sources::budget_id)))
        .filter(grant_sources::grant_id.eq(grant))
        .select(budgets::holder_id)
        .distinct()
        .order(budgets::holder_id)
        .load(conn)?)
}

/// Whose offers fund a grant, each once.
pub(in crate::grants) fn backers(conn: &mut Conn, grant: GrantId) -> Result<Vec<PersonId>> {
    Ok(grant_sources::table
        .inner_join(offers::table.on(offers::id.eq(grant_sources::offer_id)))
        .filter(grant_sources::grant_id.eq(grant))
        .select(offers::regrantor_id)
        .distinct()
        .load(conn)?)
}

/// Whose private offers fund a grant, each once.
pub(in crate::grants) fn private_backers(conn: &mut Conn, grant: GrantId) -> Result<Vec<PersonId>> {
    Ok(grant_sources::table
        .inner_join(offers::table.on(offers::id.eq(grant_sources::offer_id)))
        .filter(grant_sources::grant_id.eq(grant))
        .filter(offers::private)
        .select(offers::regrantor_id)
        .distinct()
        .load(conn)?)
}

/// Who funds a grant, by name where `named` says so of a private offer's maker, in the order of
/// their offers.
pub(in crate::grants) fn sources(
    conn: &mut Conn,
    grant: GrantId,
    currency: Currency,
    named: impl Fn(PersonId) -> bool,
) -> Result<Vec<SourceView>> {
    type Found = (SourceRow, String, String, (PersonId, String, bool));
    let rows: Vec<Found> = grant_sources::table
        .inner_join(budgets::table.on(budgets::id.eq(grant_sources::budget_id)))
        .inner_join(funds::table.on(funds::id.eq(grant_sources::fund_id)))
        .inner_join(offers::table.on(offers::id.eq(grant_sources::offer_id)))
        .inner_join(people::table.on(people::id.eq(offers::regrantor_id)))
        .filter(grant_sources::grant_id.eq(grant))
        .select((
            SourceRow::as_select(),
            budgets::name,
            funds::name,
            (people::id, people::name, offers::private),
        ))
        .order(grant_sources::id.asc())
        .load(conn)?;
    let view = |(row, budget_name, fund_name, (by, name, private)): Found| {
        let shown = !private || named(by);
        SourceView {
            offer_id: row.offer_id,
            budget_id: shown.then_some(row.budget_id),
            budget_name: shown.then_some(budget_name),
            fund_id: row.fund_id,
            fund_name,
            regrantor_id: shown.then_some(by),
            regrantor_name: shown.then_some(name),
            amount: Money::new(row.amount, currency),
        }
    };
    Ok(rows.into_iter().map(view).collect())
}
