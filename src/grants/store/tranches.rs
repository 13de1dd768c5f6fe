//! Tranches, and which budget pays how much of each.

use crate::grants::model::{Part, ReleaseCondition, TrancheFacts, TrancheStatus};
use crate::kernel::Result;
use crate::kernel::ids::{BudgetId, FundId, GrantId, PersonId, TrancheId};
use crate::kernel::money::Currency;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded, sum_i64};
use crate::platform::db::schema::{grants, requirements, tranche_parts, tranches};
use diesel::dsl::exists;
use diesel::prelude::*;

/// One tranche as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tranches, treat_none_as_default_value = false)]
pub(in crate::grants) struct TrancheRow {
    pub(in crate::grants) id: TrancheId,
    pub(in crate::grants) grant_id: GrantId,
    pub(in crate::grants) sequence: i32,
    pub(in crate::grants) amount: i64,
    pub(in crate::grants) currency: Currency,
    pub(in crate::grants) due_on: Option<Date>,
    pub(in crate::grants) release_condition: ReleaseCondition,
    pub(in crate::grants) status: TrancheStatus,
    pub(in crate::grants) released_at: Option<Instant>,
    pub(in crate::grants) released_by: Option<PersonId>,
    pub(in crate::grants) version: i32,
}

impl TrancheRow {
    fn facts(self) -> TrancheFacts {
        TrancheFacts {
            id: self.id,
            grant_id: self.grant_id,
            sequence: self.sequence,
            amount: self.amount,
            currency: self.currency,
            due_on: self.due_on,
            release_condition: self.release_condition,
            status: self.status,
            released_at: self.released_at,
        }
    }
}

pub(in crate::grants) fn insert_tranche(conn: &mut Conn, row: &TrancheRow) -> Result<()> {
    diesel::insert_into(tranches::table).values(row).execute(conn)?;
    Ok(())
}

pub(in crate::grants) fn tranche(conn: &mut Conn, id: TrancheId) -> Result<Option<TrancheFacts>> {
    let row = tranches::table.find(id).select(TrancheRow::as_select()).first(conn).optional()?;
    Ok(row.map(TrancheRow::facts))
}

pub(in crate::grants) fn tranche_number(
    conn: &mut Conn,
    grant: GrantId,
    sequence: i32,
) -> Result<Option<TrancheFacts>> {
    let row = tranches::table
        .filter(tranches::grant_id.eq(grant).and(tranches::sequence.eq(sequence)))
        .select(TrancheRow::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(TrancheRow::facts))
}

/// The tranches of a grant, in their order.
pub(in crate::grants) fn tranches(conn: &mut Conn, grant: GrantId) -> Result<Vec<TrancheFacts>> {
    let rows: Vec<TrancheRow> = tranches::table
        .filter(tranches::grant_id.eq(grant))
        .order(tranches::sequence.asc())
        .select(TrancheRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(TrancheRow::facts).collect())
}

/// Moves a tranche on, and keeps with its grant, which is held, whether anything is left of that;
/// whether it was still as it is here.
pub(in crate::grants) fn move_tranche(
    conn: &mut Conn,
    was: &TrancheFacts,
    to: TrancheStatus,
) -> Result<bool> {
    let this = tranches::table.find(was.id).filter(tranches::status.eq(was.status));
    let changed = diesel::update(this)
        .set((tranches::status.eq(to), tranches::version.eq(tranches::version + 1)))
        .execute(conn)?;
    if changed != 1 {
        return Ok(false);
    }
    let left: i64 = tranches::table
        .filter(tranches::grant_id.eq(was.grant_id))
        .filter(tranches::status.ne_all([TrancheStatus::Paid, TrancheStatus::Cancelled]))
        .count()
        .get_result(conn)?;
    diesel::update(grants::table.find(was.grant_id))
        .set(grants::nothing_left.eq(left == 0))
        .execute(conn)?;
    Ok(true)
}

/// Notes who released it, and when.
pub(in crate::grants) fn released(
    conn: &mut Conn,
    id: TrancheId,
    by: Option<PersonId>,
    now: Instant,
) -> Result<()> {
    diesel::update(tranches::table.find(id))
        .set((tranches::released_at.eq(Some(now)), tranches::released_by.eq(by)))
        .execute(conn)?;
    Ok(())
}

/// Planned tranches of active grants whose day has come and that nobody took back, the longest
/// due first.
pub(in crate::grants) fn due(conn: &mut Conn, today: Date, limit: i64) -> Result<Vec<TrancheId>> {
    use crate::grants::model::GrantStatus;
    use crate::paperwork::model::{RequirementKind, RequirementStatus};
    // What waits for its screening does not stand before what does not.
    let screened = requirements::table
        .filter(requirements::grant_id.eq(tranches::grant_id))
        .filter(requirements::kind.eq(RequirementKind::Screening))
        .filter(requirements::status.eq_any(RequirementStatus::SETTLED));
    Ok(tranches::table
        .inner_join(grants::table.on(grants::id.eq(tranches::grant_id)))
        .filter(grants::status.eq(GrantStatus::Active))
        .filter(tranches::status.eq(TrancheStatus::Planned))
        .filter(tranches::release_condition.eq(ReleaseCondition::OnDate))
        .filter(tranches::due_on.le(today))
        .filter(tranches::released_at.is_null())
        .filter(exists(screened))
        .order((tranches::due_on.asc(), tranches::id.asc()))
        .limit(limit)
        .select(tranches::id)
        .load(conn)?)
}

pub(in crate::grants) fn insert_part(
    conn: &mut Conn,
    tranche: TrancheId,
    part: &Part,
) -> Result<()> {
    diesel::insert_into(tranche_parts::table)
        .values((
            tranche_parts::tranche_id.eq(tranche),
            tranche_parts::budget_id.eq(part.budget_id),
            tranche_parts::fund_id.eq(part.fund_id),
            tranche_parts::amount.eq(part.amount),
        ))
        .execute(conn)?;
    Ok(())
}

/// What each budget pays of a tranche, in the order of their ids.
pub(in crate::grants) fn parts(conn: &mut Conn, tranche: TrancheId) -> Result<Vec<Part>> {
    let rows: Vec<(BudgetId, FundId, i64)> = tranche_parts::table
        .filter(tranche_parts::tranche_id.eq(tranche))
        .order(tranche_parts::budget_id.asc())
        .select((tranche_parts::budget_id, tranche_parts::fund_id, tranche_parts::amount))
        .load(conn)?;
    let part = |(budget_id, fund_id, amount)| Part { budget_id, fund_id, amount };
    Ok(rows.into_iter().map(part).collect())
}

pub(in crate::grants) fn delete_parts(conn: &mut Conn, tranche: TrancheId) -> Result<()> {
    let parts = tranche_parts::table.filter(tranche_parts::tranche_id.eq(tranche));
    diesel::delete(parts).execute(conn)?;
    Ok(())
}

/// What each budget pays of the tranches in these states, in the order of their ids.
pub(in crate::grants) fn parts_in(
    conn: &mut Conn,
    grant: GrantId,
    states: &[TrancheStatus],
) -> Result<Vec<Part>> {
    let rows: Vec<(BudgetId, FundId, Option<i64>)> = tranche_parts::table
        .inner_join(tranches::table.on(tranches::id.eq(tranche_parts::tranche_id)))
        .filter(tranches::grant_id.eq(grant))
        .filter(tranches::status.eq_any(states))
        .group_by((tranche_parts::budget_id, tranche_parts::fund_id))
        .select((tranche_parts::budget_id, tranche_parts::fund_id, sum_i64(tranche_parts::amount)))
        .order(tranche_parts::budget_id.asc())
        .load(conn)?;
    let part = |(budget_id, fund_id, amount): (_, _, Option<i64>)| Part {
        budget_id,
        fund_id,
        amount: amount.unwrap_or(0),
    };
    Ok(rows.into_iter().map(part).collect())
}

/// What of these grants is released and did not arrive yet, one for each tranche.
pub(in crate::grants) fn owed(conn: &mut Conn, ids: &[GrantId]) -> Result<Vec<(GrantId, i64)>> {
    let owed = [TrancheStatus::Released, TrancheStatus::Instructed];
    let tranches = tranches::table
        .filter(tranches::grant_id.eq_any(padded(ids)).and(tranches::status.eq_any(owed)));
    Ok(Kept(tranches.select((tranches::grant_id, tranches::amount))).load(conn)?)
}

/// What the tranches in this state sum to, by grant.
pub(in crate::grants) fn sums(
    conn: &mut Conn,
    status: TrancheStatus,
) -> Result<Vec<(GrantId, Currency, i64)>> {
    let sums: Vec<(GrantId, Currency, Option<i64>)> = tranches::table
        .filter(tranches::status.eq(status))
        .group_by((tranches::grant_id, tranches::currency))
        .select((tranches::grant_id, tranches::currency, sum_i64(tranches::amount)))
        .load(conn)?;
    Ok(sums.into_iter().map(|(id, currency, sum)| (id, currency, sum.unwrap_or(0))).collect())
}
