//! Reading what one fund, budget or grant has to do with.

use super::journal::{Posting, posting};
use super::{Head, HeadRow, Owner};
use crate::kernel::Result;
use crate::kernel::ids::{EntryId, PostingId, of};
use crate::kernel::money::Currency;
use crate::kernel::page::PageOf;
use crate::kernel::time::Date;
use crate::ledger::model::{Code, MovementKind, Side};
use crate::platform::db::Conn;
use crate::platform::db::ext::sum_i64;
use crate::platform::db::schema::ledger_accounts::dsl as a;
use crate::platform::db::schema::ledger_entries::dsl as e;
use crate::platform::db::schema::ledger_postings::dsl as p;
use diesel::dsl::exists;
use diesel::prelude::*;

/// One line of a statement.
#[derive(Debug, Queryable)]
pub(in crate::ledger) struct Line {
    pub(in crate::ledger) id: PostingId,
    pub(in crate::ledger) entry_id: EntryId,
    pub(in crate::ledger) on: Date,
    pub(in crate::ledger) kind: MovementKind,
    pub(in crate::ledger) memo: String,
    pub(in crate::ledger) code: Code,
    pub(in crate::ledger) side: Side,
    pub(in crate::ledger) amount: i64,
    pub(in crate::ledger) currency: Currency,
}

macro_rules! of_owner {
    ($query:expr, $owner:expr) => {
        match $owner {
            Owner::Fund(id) => $query.filter(p::fund_id.eq(id)),
            Owner::Budget(id) => $query.filter(p::budget_id.eq(id)),
            Owner::Grant(id) => $query.filter(p::grant_id.eq(id)),
        }
    };
}

/// Days of a statement, and where to go on.
pub(in crate::ledger) struct Window {
    pub(in crate::ledger) from: Option<Date>,
    pub(in crate::ledger) to: Option<Date>,
    pub(in crate::ledger) after: Option<PostingId>,
    pub(in crate::ledger) limit: i64,
}

/// The day of a posting, to go on after it.
fn day_of(conn: &mut Conn, id: PostingId) -> Result<Option<Date>> {
    Ok(p::ledger_postings.find(id).select(p::effective_on).first(conn).optional()?)
}

/// The next lines of a statement, by day and id.
pub(in crate::ledger) fn lines(
    conn: &mut Conn,
    owner: Owner,
    window: &Window,
) -> Result<Vec<Line>> {
    let after = match window.after {
        Some(id) => day_of(conn, id)?.map(|day| (day, id)),
        None => None,
    };
    let query = p::ledger_postings
        .inner_join(a::ledger_accounts.on(a::id.eq(p::account_id)))
        .inner_join(e::ledger_entries.on(e::id.eq(p::entry_id)))
        .select((
            p::id,
            p::entry_id,
            p::effective_on,
            e::kind,
            e::memo,
            a::code,
            p::side,
            p::amount,
            p::currency,
        ))
        .into_boxed();
    let mut query = of_owner!(query, owner);
    if let Some((day, id)) = after {
        query =
            query.filter(p::effective_on.ge(day)).filter(p::effective_on.gt(day).or(p::id.gt(id)));
    } else if let Some(from) = window.from {
        query = query.filter(p::effective_on.ge(from));
    }
    if let Some(to) = window.to {
        query = query.filter(p::effective_on.le(to));
    }
    Ok(query.order((p::effective_on, p::id)).limit(window.limit + 1).load(conn)?)
}

/// Sum of one side of a code in a currency, in minor units.
pub(in crate::ledger) type Sum = (Code, Currency, Side, Option<i64>);

/// Sums by code, currency and side of all that counts before a day, or before a posting.
pub(in crate::ledger) fn opening(
    conn: &mut Conn,
    owner: Owner,
    window: &Window,
) -> Result<Vec<Sum>> {
    let query = p::ledger_postings
        .inner_join(a::ledger_accounts.on(a::id.eq(p::account_id)))
        .group_by((a::code, p::currency, p::side))
        .select((a::code, p::currency, p::side, sum_i64(p::amount)))
        .into_boxed();
    let query = of_owner!(query, owner);
    let query = match (window.after, window.from) {
        (Some(id), _) => {
            let Some(day) = day_of(conn, id)? else { return Ok(Vec::new()) };
            query.filter(p::effective_on.le(day)).filter(p::effective_on.lt(day).or(p::id.le(id)))
        }
        (None, Some(from)) => query.filter(p::effective_on.lt(from)),
        (None, None) => return Ok(Vec::new()),
    };
    Ok(query.load(conn)?)
}

/// Which entries to list.
#[derive(Debug, Default, Clone)]
pub struct EntryFilter {
    /// Only about this fund, budget or grant.
    pub owner: Option<Owner>,
    /// Only this kind.
    pub kind: Option<MovementKind>,
    /// From this day on.
    pub from: Option<Date>,
    /// Up to this day, inclusive.
    pub to: Option<Date>,
}

/// A page of entries, newest first.
pub(in crate::ledger) fn entries(
    conn: &mut Conn,
    filter: &EntryFilter,
    page: &PageOf<of::Entry>,
) -> Result<Vec<Head>> {
    let mut query = e::ledger_entries.into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(e::kind.eq(kind));
    }
    if let Some(from) = filter.from {
        query = query.filter(e::effective_on.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(e::effective_on.le(to));
    }
    if let Some(after) = page.after {
        query = query.filter(e::id.lt(after));
    }
    let about = || p::ledger_postings.filter(p::entry_id.eq(e::id));
    query = match filter.owner {
        Some(Owner::Fund(id)) => query.filter(exists(about().filter(p::fund_id.eq(id)))),
        Some(Owner::Budget(id)) => query.filter(exists(about().filter(p::budget_id.eq(id)))),
        Some(Owner::Grant(id)) => query.filter(exists(about().filter(p::grant_id.eq(id)))),
        None => query,
    };
    let rows: Vec<HeadRow> = query.order(e::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The postings of an entry, in order.
pub(in crate::ledger) fn postings(conn: &mut Conn, entry: EntryId) -> Result<Vec<Posting>> {
    Ok(p::ledger_postings
        .inner_join(a::ledger_accounts.on(a::id.eq(p::account_id)))
        .filter(p::entry_id.eq(entry))
        .select(posting!())
        .order(p::line)
        .load(conn)?)
}
