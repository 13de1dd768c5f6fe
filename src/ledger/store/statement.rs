//! Reading what one fund, budget, grant or account has to do with.

use super::journal::{Posting, Range, posting};
use super::{Head, HeadRow, Owner};
use crate::kernel::Result;
use crate::kernel::ids::{AccountId, EntryId, PostingId};
use crate::kernel::money::Currency;
use crate::kernel::time::Date;
use crate::ledger::model::{Code, MovementKind, Side};
use crate::platform::db::Conn;
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
            Owner::Account(id) => $query.filter(p::account_id.eq(id)),
        }
    };
}

/// Where a posting stands in the order of days: its day, its entry, its line.
pub(in crate::ledger) type Place = (Date, EntryId, i32);

/// The place of a posting.
pub(in crate::ledger) fn place(conn: &mut Conn, id: PostingId) -> Result<Option<Place>> {
    let row = p::ledger_postings.find(id).select((p::effective_on, p::entry_id, p::line));
    Ok(row.first(conn).optional()?)
}

/// The day of an entry.
pub(in crate::ledger) fn day_of(conn: &mut Conn, id: EntryId) -> Result<Option<Date>> {
    Ok(e::ledger_entries.find(id).select(e::effective_on).first(conn).optional()?)
}

/// The next lines of a statement, by day, entry and line; of these codes only, if any are named.
pub(in crate::ledger) fn lines(
    conn: &mut Conn,
    (owner, codes): (Owner, Option<&'static [Code]>),
    range: Range,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Line>> {
    let query = p::ledger_postings
        .inner_join(e::ledger_entries.on(e::id.eq(p::entry_id)))
        .select((
            p::id,
            p::entry_id,
            p::effective_on,
            e::kind,
            e::memo,
            p::code,
            p::side,
            p::amount,
            p::currency,
        ))
        .into_boxed();
    let mut query = of_owner!(query, owner);
    if let Some(codes) = codes {
        query = query.filter(p::code.eq_any(codes));
    }
    if let Some(from) = range.from {
        query = query.filter(p::effective_on.ge(from));
    }
    if let Some(to) = range.to {
        query = query.filter(p::effective_on.le(to));
    }
    if let Some((day, entry, line)) = after {
        query = query.filter(p::effective_on.ge(day)).filter(
            p::effective_on
                .gt(day)
                .or(p::entry_id.gt(entry))
                .or(p::entry_id.eq(entry).and(p::line.gt(line))),
        );
    }
    Ok(query.order((p::effective_on, p::entry_id, p::line)).limit(limit).load(conn)?)
}

/// Which entries to list.
#[derive(Debug, Default, Clone, Copy)]
pub struct EntryFilter {
    /// Only about this fund, budget, grant or account.
    pub owner: Option<Owner>,
    /// Only with lines on this account.
    pub account: Option<AccountId>,
    /// Only with lines of this code.
    pub code: Option<Code>,
    /// Only this kind.
    pub kind: Option<MovementKind>,
    /// From this day on.
    pub from: Option<Date>,
    /// Up to this day, inclusive.
    pub to: Option<Date>,
}

/// Only within the filter's days, and below a place in the order of days.
macro_rules! below {
    ($query:ident, $day:expr, $id:expr, $filter:ident, $place:ident) => {
        if let Some(from) = $filter.from {
            $query = $query.filter($day.ge(from));
        }
        if let Some(to) = $filter.to {
            $query = $query.filter($day.le(to));
        }
        if let Some((day, id)) = $place {
            $query = $query.filter($day.le(day)).filter($day.lt(day).or($id.lt(id)));
        }
    };
}

/// Ids of entries, the latest day first, below a place. What narrows them most leads: the fund,
/// budget or grant or the account, else the code, else the kind; each has an index in this order.
pub(in crate::ledger) fn latest(
    conn: &mut Conn,
    filter: &EntryFilter,
    place: Option<(Date, EntryId)>,
    limit: i64,
) -> Result<Vec<EntryId>> {
    if filter.owner.is_none() && filter.account.is_none() && filter.code.is_none() {
        let mut query = e::ledger_entries.select(e::id).into_boxed();
        if let Some(kind) = filter.kind {
            query = query.filter(e::kind.eq(kind));
        }
        below!(query, e::effective_on, e::id, filter, place);
        let order = (e::effective_on.desc(), e::id.desc());
        return Ok(query.order(order).limit(limit).load(conn)?);
    }
    let mut query =
        p::ledger_postings.select((p::effective_on, p::entry_id)).distinct().into_boxed();
    if let Some(owner) = filter.owner {
        query = of_owner!(query, owner);
    }
    if let Some(account) = filter.account {
        query = query.filter(p::account_id.eq(account));
    }
    if let Some(code) = filter.code {
        query = query.filter(p::code.eq(code));
    }
    if let Some(kind) = filter.kind {
        let of_kind = e::ledger_entries.filter(e::id.eq(p::entry_id).and(e::kind.eq(kind)));
        query = query.filter(exists(of_kind));
    }
    below!(query, p::effective_on, p::entry_id, filter, place);
    let order = (p::effective_on.desc(), p::entry_id.desc());
    let rows: Vec<(Date, EntryId)> = query.order(order).limit(limit).load(conn)?;
    Ok(rows.into_iter().map(|(_, id)| id).collect())
}

/// What is known of entries, in the order of their ids given.
pub(in crate::ledger) fn heads(conn: &mut Conn, ids: &[EntryId]) -> Result<Vec<Head>> {
    let mut rows: Vec<HeadRow> = e::ledger_entries.filter(e::id.eq_any(ids)).load(conn)?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
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
