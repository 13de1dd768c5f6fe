//! What stands still until a person does something about it.

use crate::applications::model::{ApplicationStatus, RouteStatus};
use crate::funds::model::EarmarkStatus;
use crate::grants::model::{GrantStatus, TrancheStatus};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, EarmarkId, FundId, GrantId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::time::Instant;
use crate::paperwork::model::{RequirementKind, RequirementStatus};
use crate::people::model::PersonStatus;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::{
    application_routes, applications, call_funds, earmarks, grants, people, requirements, tranches,
};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use std::collections::BTreeSet;

/// Tranches of active grants whose release was taken back, and that could be released again now,
/// the oldest first: of which grant, their numbers, and when they had been released.
pub(in crate::progress) fn taken_back(
    conn: &mut Conn,
    limit: i64,
) -> Result<Vec<(GrantId, i32, Option<Instant>)>> {
    let screened = requirements::table
        .filter(requirements::grant_id.eq(tranches::grant_id))
        .filter(requirements::kind.eq(RequirementKind::Screening))
        .filter(requirements::status.eq_any(RequirementStatus::SETTLED));
    // A word of ours, written out as the index has it.
    let planned = format!("tranches.status = '{}'", TrancheStatus::Planned.as_str());
    Ok(tranches::table
        .inner_join(grants::table.on(grants::id.eq(tranches::grant_id)))
        .filter(sql::<Bool>(&planned))
        .filter(tranches::released_at.is_not_null())
        .filter(grants::status.eq(GrantStatus::Active))
        .filter(exists(screened))
        .order(tranches::id.asc())
        .limit(limit)
        .select((tranches::grant_id, tranches::sequence, tranches::released_at))
        .load(conn)?)
}

/// Money that is held for an application: which earmark, of which fund, and how much.
pub(in crate::progress) type Gift = (EarmarkId, FundId, Money);

/// Money that is held for applications which take no offers any more, or are not in one of their
/// calls, the oldest first; without what its fund may spend in the own call of one that is in that.
/// Whether it may in a further one is not looked at.
pub(in crate::progress) fn left(conn: &mut Conn, limit: i64) -> Result<Vec<(ApplicationId, Gift)>> {
    use ApplicationStatus::{Awarded, Declined, Lapsed, Withdrawn};
    type Row = (ApplicationId, EarmarkId, FundId, i64, Currency);
    let elsewhere = application_routes::table
        .filter(application_routes::application_id.eq(applications::id))
        .filter(application_routes::status.ne(RouteStatus::Submitted))
        // Keeps PostgreSQL from making a list of all routes before it looks at any.
        .offset(0);
    let named = || call_funds::table.filter(call_funds::call_id.eq(applications::call_id));
    let names_it = named().filter(call_funds::fund_id.eq(earmarks::fund_id));
    let over = applications::status
        .eq_any([Awarded, Declined, Lapsed, Withdrawn])
        .or(applications::own_call_declined_at.is_not_null())
        .or(exists(elsewhere).and(exists(named())).and(not(exists(names_it))));
    let rows: Vec<Row> = earmarks::table
        .inner_join(applications::table.on(applications::id.eq(earmarks::application_id)))
        .filter(earmarks::status.eq(EarmarkStatus::Held))
        .filter(over)
        .order(earmarks::id.asc())
        .limit(limit)
        .select((
            earmarks::application_id,
            earmarks::id,
            earmarks::fund_id,
            earmarks::amount,
            earmarks::currency,
        ))
        .load(conn)?;
    let gift = |(application, id, fund, amount, currency): Row| {
        (application, (id, fund, Money::new(amount, currency)))
    };
    Ok(rows.into_iter().map(gift).collect())
}

/// Those of these grants whose screening is not settled: nothing of them is released before.
pub(in crate::progress) fn unscreened(
    conn: &mut Conn,
    ids: &[GrantId],
) -> Result<BTreeSet<GrantId>> {
    let mut all: BTreeSet<GrantId> = ids.iter().copied().collect();
    if all.is_empty() {
        return Ok(all);
    }
    let screened: Vec<GrantId> = requirements::table
        .filter(requirements::grant_id.eq_any(padded(ids)))
        .filter(requirements::kind.eq(RequirementKind::Screening))
        .filter(requirements::status.eq_any(RequirementStatus::SETTLED))
        .select(requirements::grant_id)
        .load(conn)?;
    for id in screened {
        all.remove(&id);
    }
    Ok(all)
}

/// Grants that may pay, and owe a tranche that was released to somebody who is suspended; the
/// oldest first.
pub(in crate::progress) fn owed_to_suspended(conn: &mut Conn, limit: i64) -> Result<Vec<GrantId>> {
    use GrantStatus::{Active, WindingDown};
    let owed = tranches::table
        .filter(tranches::grant_id.eq(grants::id))
        .filter(tranches::status.eq(TrancheStatus::Released));
    Ok(grants::table
        .inner_join(people::table.on(people::id.eq(grants::recipient_id)))
        .filter(people::status.eq(PersonStatus::Suspended))
        .filter(grants::status.eq_any([Active, WindingDown]))
        .filter(exists(owed))
        .order(grants::id.asc())
        .limit(limit)
        .select(grants::id)
        .load(conn)?)
}
