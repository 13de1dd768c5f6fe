//! Rows of budgets and allocations.

use super::model::{Allocation, AllocationKind, Budget, BudgetStatus};
use crate::kernel::Result;
use crate::kernel::ids::{AllocationId, BudgetId, EntryId, FundId, PersonId, of};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::PageOf;
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::ext::Shared;
use crate::platform::db::schema::allocations::dsl as a;
use crate::platform::db::schema::budgets::dsl as b;
use crate::platform::db::types::Doc;
use diesel::prelude::*;

crate::platform::db::types::db_text!(BudgetStatus, AllocationKind);

#[derive(Queryable)]
struct Row {
    id: BudgetId,
    fund_id: FundId,
    holder_id: PersonId,
    name: String,
    currency: Currency,
    per_grant_cap: Option<i64>,
    approval_threshold: Option<i64>,
    expires_on: Option<Date>,
    agendas: Doc,
    status: BudgetStatus,
    version: i32,
    created_at: Instant,
}

impl TryFrom<Row> for Budget {
    type Error = Problem;
    fn try_from(r: Row) -> Result<Self> {
        let money = |minor| Money::new(minor, r.currency);
        Ok(Self {
            id: r.id,
            fund_id: r.fund_id,
            holder_id: r.holder_id,
            name: r.name,
            currency: r.currency,
            per_grant_cap: r.per_grant_cap.map(money),
            approval_threshold: r.approval_threshold.map(money),
            expires_on: r.expires_on,
            agendas: serde_json::from_value(r.agendas.0).map_err(Problem::internal)?,
            status: r.status,
            version: r.version,
            created_at: r.created_at,
        })
    }
}

macro_rules! columns {
    () => {
        (
            b::id,
            b::fund_id,
            b::holder_id,
            b::name,
            b::currency,
            b::per_grant_cap,
            b::approval_threshold,
            b::expires_on,
            b::agendas,
            b::status,
            b::version,
            b::created_at,
        )
    };
}

fn budgets(rows: Vec<Row>) -> Result<Vec<Budget>> {
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Adds a budget.
pub(super) fn insert(conn: &mut Conn, row: &Budget) -> Result<()> {
    diesel::insert_into(b::budgets)
        .values((
            b::id.eq(row.id),
            b::fund_id.eq(row.fund_id),
            b::holder_id.eq(row.holder_id),
            b::name.eq(&row.name),
            b::currency.eq(row.currency),
            b::per_grant_cap.eq(row.per_grant_cap.map(Money::minor)),
            b::approval_threshold.eq(row.approval_threshold.map(Money::minor)),
            b::expires_on.eq(row.expires_on),
            b::agendas.eq(Doc(row.agendas.clone().into())),
            b::status.eq(row.status),
            b::version.eq(row.version),
            b::created_at.eq(row.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// One budget.
pub(super) fn find(conn: &mut Conn, id: BudgetId) -> Result<Option<Budget>> {
    let row: Option<Row> = b::budgets.find(id).select(columns!()).first(conn).optional()?;
    row.map(TryInto::try_into).transpose()
}

/// The newest terms, which nobody changes until the transaction ends.
pub(super) fn keep(conn: &mut Conn, id: BudgetId) -> Result<Option<Budget>> {
    let this = Shared(b::budgets.find(id).select(columns!()));
    let row: Option<Row> = this.get_result(conn).optional()?;
    row.map(TryInto::try_into).transpose()
}

/// The budget, held until the end of the transaction: an update that changes nothing locks the
/// row before it is read, so that closing and allocating exclude each other.
pub(super) fn hold(conn: &mut Conn, id: BudgetId) -> Result<Option<Budget>> {
    diesel::update(b::budgets.find(id)).set(b::version.eq(b::version)).execute(conn)?;
    find(conn, id)
}

/// Writes the terms, if the budget still has the version that was read; whether it had.
pub(super) fn update(conn: &mut Conn, row: &Budget) -> Result<bool> {
    let still = b::budgets.filter(b::id.eq(row.id)).filter(b::version.eq(row.version));
    let changed = diesel::update(still)
        .set((
            b::name.eq(&row.name),
            b::per_grant_cap.eq(row.per_grant_cap.map(Money::minor)),
            b::approval_threshold.eq(row.approval_threshold.map(Money::minor)),
            b::expires_on.eq(row.expires_on),
            b::agendas.eq(Doc(row.agendas.clone().into())),
            b::version.eq(row.version + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Takes an active budget to its end; whether it was active.
pub(super) fn close(conn: &mut Conn, id: BudgetId) -> Result<bool> {
    let active = b::budgets.filter(b::id.eq(id)).filter(b::status.eq(BudgetStatus::Active));
    let changed = diesel::update(active)
        .set((b::status.eq(BudgetStatus::Closed), b::version.eq(b::version + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Which budgets to list.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    /// Only of this fund.
    pub(super) fund: Option<FundId>,
    /// Only held by this person.
    pub(super) holder: Option<PersonId>,
    /// Only in this state.
    pub(super) status: Option<BudgetStatus>,
}

/// Budgets, newest first, one more than the page.
pub(super) fn list(
    conn: &mut Conn,
    filter: &Filter,
    page: &PageOf<of::Budget>,
) -> Result<Vec<Budget>> {
    let mut query = b::budgets.select(columns!()).into_boxed();
    if let Some(fund) = filter.fund {
        query = query.filter(b::fund_id.eq(fund));
    }
    if let Some(holder) = filter.holder {
        query = query.filter(b::holder_id.eq(holder));
    }
    if let Some(status) = filter.status {
        query = query.filter(b::status.eq(status));
    }
    if let Some(after) = page.after {
        query = query.filter(b::id.lt(after));
    }
    let rows: Vec<Row> = query.order(b::id.desc()).limit(page.limit + 1).load(conn)?;
    budgets(rows)
}

/// A person's budgets, those that are active first, then newest first.
pub(super) fn held_by(conn: &mut Conn, person: PersonId, limit: i64) -> Result<Vec<Budget>> {
    let rows: Vec<Row> = b::budgets
        .filter(b::holder_id.eq(person))
        .order((b::status, b::id.desc()))
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    budgets(rows)
}

#[derive(Queryable)]
struct AllocationRow {
    id: AllocationId,
    budget_id: BudgetId,
    kind: AllocationKind,
    amount: i64,
    currency: Currency,
    note: String,
    entry_id: EntryId,
    made_by: Option<PersonId>,
    created_at: Instant,
}

impl From<AllocationRow> for Allocation {
    fn from(r: AllocationRow) -> Self {
        Self {
            id: r.id,
            budget_id: r.budget_id,
            kind: r.kind,
            amount: Money::new(r.amount, r.currency),
            note: r.note,
            entry_id: r.entry_id,
            made_by: r.made_by,
            created_at: r.created_at,
        }
    }
}

/// Adds an allocation or a recall.
pub(super) fn insert_allocation(conn: &mut Conn, row: &Allocation) -> Result<()> {
    diesel::insert_into(a::allocations)
        .values((
            a::id.eq(row.id),
            a::budget_id.eq(row.budget_id),
            a::kind.eq(row.kind),
            a::amount.eq(row.amount.minor()),
            a::currency.eq(row.amount.currency()),
            a::note.eq(&row.note),
            a::entry_id.eq(row.entry_id),
            a::made_by.eq(row.made_by),
            a::created_at.eq(row.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// What went to a budget and came back, newest first, one more than the page.
pub(super) fn allocations(
    conn: &mut Conn,
    budget: BudgetId,
    page: &PageOf<of::Allocation>,
) -> Result<Vec<Allocation>> {
    let mut query = a::allocations
        .filter(a::budget_id.eq(budget))
        .select((
            a::id,
            a::budget_id,
            a::kind,
            a::amount,
            a::currency,
            a::note,
            a::entry_id,
            a::made_by,
            a::created_at,
        ))
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(a::id.lt(after));
    }
    let rows: Vec<AllocationRow> = query.order(a::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Ids and names of all budgets: one to a delegation, not to a grant.
pub(super) fn names(conn: &mut Conn) -> Result<Vec<(BudgetId, String)>> {
    Ok(b::budgets.select((b::id, b::name)).load(conn)?)
}

/// The words of all active budgets: one to a delegation, not to a grant.
pub(super) fn words(conn: &mut Conn) -> Result<Vec<(BudgetId, Vec<String>)>> {
    let active = b::budgets.filter(b::status.eq(BudgetStatus::Active));
    let rows: Vec<(BudgetId, Doc)> = active.select((b::id, b::agendas)).load(conn)?;
    let read = |(id, doc): (BudgetId, Doc)| {
        Ok((id, serde_json::from_value(doc.0).map_err(Problem::internal)?))
    };
    rows.into_iter().map(read).collect()
}
