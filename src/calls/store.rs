//! Rows of calls and of the funds that may spend in them.

mod decisions;

pub(super) use decisions::{announced, decisions, save_decisions};

use super::model::{CallKind, CallRecord, CallStatus, Terms, Visibility};
use crate::funds::model::FundStatus;
use crate::kernel::Result;
use crate::kernel::ids::{CallId, FundId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, Shared, cols, padded};
use crate::platform::db::schema::call_funds::dsl as f;
use crate::platform::db::schema::calls;
use crate::platform::db::schema::calls::dsl as c;
use crate::platform::db::schema::funds;
use diesel::dsl::exists;
use diesel::prelude::*;

crate::db_text!(CallKind, CallStatus, Visibility);

#[derive(Queryable, Selectable)]
#[diesel(table_name = calls)]
struct Row {
    id: CallId,
    title: String,
    summary: String,
    kind: CallKind,
    opens_on: Date,
    closes_on: Option<Date>,
    decision_days: i32,
    visibility: Visibility,
    status: CallStatus,
    version: i32,
    created_by: Option<PersonId>,
    created_at: Instant,
}

impl Row {
    fn with(self, fund_ids: Vec<FundId>) -> CallRecord {
        let terms = Terms {
            title: self.title,
            summary: self.summary,
            kind: self.kind,
            opens_on: self.opens_on,
            closes_on: self.closes_on,
            decision_days: self.decision_days,
            visibility: self.visibility,
            fund_ids,
        };
        CallRecord {
            id: self.id,
            terms,
            status: self.status,
            version: self.version,
            created_by: self.created_by,
            created_at: self.created_at,
        }
    }
}

fn funds(conn: &mut Conn, calls: &[CallId]) -> Result<Vec<(CallId, FundId)>> {
    let of_calls = f::call_funds.filter(f::call_id.eq_any(padded(calls)));
    let named = of_calls.order((f::call_id, f::fund_id)).select((f::call_id, f::fund_id));
    Ok(Kept(named).load(conn)?)
}

fn with_funds(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<CallRecord>> {
    let ids: Vec<CallId> = rows.iter().map(|r| r.id).collect();
    let named = funds(conn, &ids)?;
    let of_call = |id: CallId| named.iter().filter(|n| n.0 == id).map(|n| n.1).collect();
    Ok(rows.into_iter().map(|row| (of_call(row.id), row)).map(|(f, row)| row.with(f)).collect())
}

fn name_funds(conn: &mut Conn, id: CallId, fund_ids: &[FundId]) -> Result<()> {
    for fund in fund_ids {
        diesel::insert_into(f::call_funds)
            .values((f::call_id.eq(id), f::fund_id.eq(*fund)))
            .execute(conn)?;
    }
    Ok(())
}

pub(super) fn insert(conn: &mut Conn, call: &CallRecord) -> Result<()> {
    let terms = &call.terms;
    diesel::insert_into(c::calls)
        .values((
            c::id.eq(call.id),
            c::title.eq(&terms.title),
            c::summary.eq(&terms.summary),
            c::kind.eq(terms.kind),
            c::opens_on.eq(terms.opens_on),
            c::closes_on.eq(terms.closes_on),
            c::decision_days.eq(terms.decision_days),
            c::visibility.eq(terms.visibility),
            c::status.eq(call.status),
            c::version.eq(call.version),
            c::created_by.eq(call.created_by),
            c::created_at.eq(call.created_at),
            c::changed_at.eq(call.created_at),
            c::search.eq(searchable(terms)),
        ))
        .execute(conn)?;
    name_funds(conn, call.id, &terms.fund_ids)
}

pub(super) fn find(conn: &mut Conn, id: CallId) -> Result<Option<CallRecord>> {
    let row: Option<Row> = c::calls.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(with_funds(conn, row.into_iter().collect())?.pop())
}

/// Of a fund: its status, whether a call names the funds that may spend in it, and whether it names
/// this one.
pub(super) fn spends(
    conn: &mut Conn,
    call: CallId,
    fund: FundId,
) -> Result<Option<(FundStatus, bool, bool)>> {
    let named = f::call_funds.filter(f::call_id.eq(call));
    let this = f::call_funds.find((call, fund));
    let found = funds::table.find(fund).select((funds::status, exists(named), exists(this)));
    Ok(found.first(conn).optional()?)
}

/// The newest row, held until the transaction ends, so that what is decided on it stays true.
pub(super) fn lock(conn: &mut Conn, id: CallId) -> Result<Option<CallRecord>> {
    let row: Option<Row> = diesel::update(c::calls.find(id))
        .set(c::version.eq(c::version))
        .returning(cols::<Row>())
        .get_result(conn)
        .optional()?;
    Ok(with_funds(conn, row.into_iter().collect())?.pop())
}

/// Keeps a call as it is until the transaction ends; others may do so at the same moment.
pub(super) fn keep(conn: &mut Conn, id: CallId) -> Result<()> {
    let this = Shared(c::calls.find(id).select(c::id));
    this.get_result::<CallId>(conn).optional()?;
    Ok(())
}

/// The words that it is found by.
fn searchable(terms: &Terms) -> String {
    format!("{} {}", terms.title, terms.summary).to_lowercase()
}

/// Writes the terms; whether the version was still `version`.
pub(super) fn save(
    conn: &mut Conn,
    id: CallId,
    terms: &Terms,
    version: i32,
    now: Instant,
) -> Result<bool> {
    let rows = diesel::update(c::calls.filter(c::id.eq(id).and(c::version.eq(version))))
        .set((
            c::title.eq(&terms.title),
            c::summary.eq(&terms.summary),
            c::kind.eq(terms.kind),
            c::opens_on.eq(terms.opens_on),
            c::closes_on.eq(terms.closes_on),
            c::decision_days.eq(terms.decision_days),
            c::visibility.eq(terms.visibility),
            c::version.eq(version + 1),
            c::changed_at.eq(now),
            c::search.eq(searchable(terms)),
        ))
        .execute(conn)?;
    if rows == 1 {
        diesel::delete(f::call_funds.filter(f::call_id.eq(id))).execute(conn)?;
        name_funds(conn, id, &terms.fund_ids)?;
    }
    Ok(rows == 1)
}

/// From one status to another; whether it was still in the first.
pub(super) fn set_status(
    conn: &mut Conn,
    id: CallId,
    (from, to): (CallStatus, CallStatus),
    closes_on: Option<Date>,
    now: Instant,
) -> Result<bool> {
    let rows = diesel::update(c::calls.filter(c::id.eq(id).and(c::status.eq(from))))
        .set((
            c::status.eq(to),
            c::closes_on.eq(closes_on),
            c::version.eq(c::version + 1),
            c::changed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Which calls to list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filter {
    /// Only in this status.
    pub(super) status: Option<CallStatus>,
    /// Only those that everyone may come across, and that are not over on this day.
    pub(super) public_on: Option<Date>,
}

pub(super) fn list(
    conn: &mut Conn,
    filter: Filter,
    page: &PageOf<of::Call>,
) -> Result<Vec<CallRecord>> {
    let mut query = c::calls.select(Row::as_select()).into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(c::status.eq(status));
    }
    if let Some(today) = filter.public_on {
        query = query.filter(c::visibility.eq(Visibility::Public));
        if filter.status == Some(CallStatus::Open) {
            query = query.filter(c::closes_on.is_null().or(c::closes_on.ge(today)));
        }
    }
    if let Some(after) = page.after {
        query = query.filter(c::id.lt(after));
    }
    let rows: Vec<Row> = query.order(c::id.desc()).limit(page.limit + 1).load(conn)?;
    with_funds(conn, rows)
}

/// Open calls whose last day is before `today`, up to `limit`.
pub(super) fn over(conn: &mut Conn, today: Date, limit: i64) -> Result<Vec<CallId>> {
    Ok(c::calls
        .filter(c::status.eq(CallStatus::Open).and(c::closes_on.lt(today)))
        .order(c::id)
        .limit(limit)
        .select(c::id)
        .load(conn)?)
}

pub(super) fn private_among(conn: &mut Conn, ids: &[CallId]) -> Result<Vec<CallId>> {
    let these = c::calls.filter(c::id.eq_any(padded(ids)));
    let private = these.filter(c::visibility.eq(Visibility::Private)).select(c::id);
    Ok(Kept(private).load(conn)?)
}

/// The oldest call with this title.
pub(super) fn find_by_title(conn: &mut Conn, title: &str) -> Result<Option<CallId>> {
    Ok(c::calls.filter(c::title.eq(title)).order(c::id).select(c::id).first(conn).optional()?)
}
