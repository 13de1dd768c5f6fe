//! Awards in the order of their ids, some at a time, with what is published of them.

use crate::calls::model::{CallStatus, Visibility};
use crate::grants::model::{GrantStatus, TrancheStatus};
use crate::kernel::Result;
use crate::kernel::ids::{CallId, GrantId, PersonId};
use crate::kernel::money::Currency;
use crate::kernel::time::Date;
use crate::ledger;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::calls::dsl as c;
use crate::platform::db::schema::grants::dsl as g;
use crate::platform::db::schema::publications::dsl as p;
use crate::platform::db::schema::tranches::dsl as t;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// An award, its application and its call.
#[derive(Debug, Queryable)]
pub(in crate::exports) struct Award {
    pub(in crate::exports) id: GrantId,
    pub(in crate::exports) recipient_id: PersonId,
    pub(in crate::exports) title: String,
    pub(in crate::exports) amount_awarded: i64,
    pub(in crate::exports) currency: Currency,
    pub(in crate::exports) awarded_on: Date,
    pub(in crate::exports) ends_on: Option<Date>,
    pub(in crate::exports) summary: String,
    pub(in crate::exports) amount_requested: Option<i64>,
    pub(in crate::exports) duration_months: Option<i32>,
    pub(in crate::exports) visibility: Visibility,
    pub(in crate::exports) call_id: CallId,
    pub(in crate::exports) call_title: String,
    pub(in crate::exports) call_visibility: Visibility,
    pub(in crate::exports) call_status: CallStatus,
}

/// The awards above `after`, up to `limit`, without those that are withheld. Of the public ones
/// alone: those of public applications, and those that somebody decided to publish.
pub(in crate::exports) fn awards(
    conn: &mut Conn,
    public: bool,
    after: Option<GrantId>,
    limit: i64,
) -> Result<Vec<Award>> {
    let decided = |status: &'static str| {
        exists(p::publications.filter(p::grant_id.eq(g::id).and(p::status.eq(status))))
    };
    let mut query = g::grants
        .inner_join(a::applications.on(a::id.eq(g::application_id)))
        .inner_join(c::calls.on(c::id.eq(g::call_id)))
        .filter(not(decided("withheld")))
        // One that was cancelled before it began was never paid: it is no award any more.
        .filter(g::status.ne(GrantStatus::Cancelled))
        .select((
            g::id,
            g::recipient_id,
            g::title,
            g::amount_awarded,
            g::currency,
            g::awarded_on,
            g::ends_on,
            a::summary,
            a::amount_requested,
            a::duration_months,
            a::visibility,
            c::id,
            c::title,
            c::visibility,
            c::status,
        ))
        .into_boxed();
    if public {
        query = query.filter(a::visibility.eq(Visibility::Public).or(decided("published")));
    }
    if let Some(after) = after {
        query = query.filter(g::id.gt(after));
    }
    Ok(query.order(g::id.asc()).limit(limit).load(conn)?)
}

/// What was paid of these grants and not given back, in minor units of each one's currency. What
/// was released and is not spent any more was given back.
pub(in crate::exports) fn paid(
    conn: &mut Conn,
    grants: &[GrantId],
) -> Result<BTreeMap<GrantId, i64>> {
    let owed = t::status.eq_any([TrancheStatus::Released, TrancheStatus::Instructed]);
    let owed = t::tranches.filter(t::grant_id.eq_any(padded(grants)).and(owed));
    let owed: Vec<(GrantId, i64)> = Kept(owed.select((t::grant_id, t::amount))).load(conn)?;
    let mut sums = ledger::service::spent_of(conn, grants)?;
    for (grant, amount) in owed {
        let sum: &mut i64 = sums.entry(grant).or_default();
        *sum = sum.saturating_sub(amount).max(0);
    }
    Ok(sums)
}
