//! Public calls. They are few, so a page may be counted to; nothing here writes.

use super::model::{OppSortBy, OppStatusValue, RangeOperator, SortOrder};
use super::rules::{Paging, PublicCall, Wanted};
use crate::calls::model::{CallStatus, Visibility};
use crate::kernel::Result;
use crate::kernel::ids::CallId;
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::schema::call_forms::dsl as f;
use crate::platform::db::schema::calls;
use crate::platform::db::schema::calls::dsl as c;
use diesel::dsl::{count_star, exists, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

#[derive(Queryable, Selectable)]
#[diesel(table_name = calls)]
struct Row {
    id: CallId,
    title: String,
    summary: String,
    opens_on: Date,
    closes_on: Option<Date>,
    decision_days: i32,
    status: CallStatus,
    created_at: Instant,
    changed_at: Instant,
}

impl From<Row> for PublicCall {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            title: row.title,
            summary: row.summary,
            opens_on: row.opens_on,
            closes_on: row.closes_on,
            decision_days: row.decision_days,
            status: row.status,
            created_at: row.created_at,
            changed_at: row.changed_at,
        }
    }
}

/// Written out, as the partial index has it.
fn is_public() -> SqlLiteral<Bool> {
    sql("calls.visibility = 'public' AND calls.status <> 'draft'")
}

/// One that everybody may see.
pub(super) fn find(conn: &mut Conn, id: CallId) -> Result<Option<PublicCall>> {
    let query = c::calls.find(id).filter(c::visibility.eq(Visibility::Public));
    let query = query.filter(c::status.ne(CallStatus::Draft)).select(Row::as_select());
    Ok(query.first::<Row>(conn).optional()?.map(PublicCall::from))
}

/// Those that ask something of their own, newest first, and how many in all.
pub(super) fn with_forms(conn: &mut Conn, paging: Paging) -> Result<(Vec<PublicCall>, i64)> {
    let asks = || exists(f::call_forms.filter(f::call_id.eq(c::id)));
    let total: i64 =
        c::calls.filter(is_public()).filter(asks()).select(count_star()).first(conn)?;
    let rows: Vec<Row> = c::calls
        .filter(is_public())
        .filter(asks())
        .order(c::id.desc())
        .limit(paging.size.into())
        .offset(paging.offset())
        .select(Row::as_select())
        .load(conn)?;
    Ok((rows.into_iter().map(PublicCall::from).collect(), total))
}

/// What is found, and how many in all.
pub(super) fn search(
    conn: &mut Conn,
    wanted: &Wanted,
    today: Date,
) -> Result<(Vec<PublicCall>, i64)> {
    macro_rules! found {
        ($columns:expr) => {{
            let mut query = c::calls.filter(is_public()).select($columns).into_boxed();
            for word in &wanted.words {
                let literal = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                query = query.filter(c::search.like(format!("%{literal}%")).escape('\\'));
            }
            if let Some(statuses) = &wanted.statuses {
                let has = |status| statuses.contains(&status);
                let open = c::status.eq(CallStatus::Open);
                let over = c::closes_on.is_not_null().and(c::closes_on.lt(today));
                let over = over.assume_not_null();
                if !has(OppStatusValue::Forecasted) {
                    query = query.filter(diesel::dsl::not(open.and(c::opens_on.gt(today))));
                }
                if !has(OppStatusValue::Closed) {
                    query =
                        query.filter(open.and(c::opens_on.gt(today).or(diesel::dsl::not(over))));
                }
                if !has(OppStatusValue::Open) {
                    let begun = open.and(c::opens_on.le(today)).and(diesel::dsl::not(over));
                    query = query.filter(diesel::dsl::not(begun));
                }
            }
            match wanted.closes {
                Some((RangeOperator::Between, min, max)) => {
                    query = query.filter(c::closes_on.between(min, max));
                }
                Some((RangeOperator::Outside, min, max)) => {
                    query = query.filter(c::closes_on.lt(min).or(c::closes_on.gt(max)));
                }
                None => {}
            }
            query
        }};
    }
    let total: i64 = found!(count_star()).first(conn)?;
    let offset = wanted.paging.offset();
    if offset >= total {
        return Ok((Vec::new(), total));
    }
    // In the order of the bytes on both: PostgreSQL would take that of its language.
    let title = match conn {
        Conn::Pg(_) => "calls.title COLLATE \"C\"",
        Conn::Sqlite(_) => "calls.title",
    };
    let title = || sql::<Text>(title);
    let query = found!(Row::as_select());
    let up = wanted.sort_order == SortOrder::Asc;
    let query = match (wanted.sort_by, up) {
        (OppSortBy::CreatedAt, true) => query.order(c::id.asc()),
        (OppSortBy::CreatedAt, false) => query.order(c::id.desc()),
        (OppSortBy::Title, true) => query.order((title().asc(), c::id.asc())),
        (OppSortBy::Title, false) => query.order((title().desc(), c::id.desc())),
        // Those without a last day come last either way.
        (OppSortBy::CloseDate, true) => {
            query.order((c::closes_on.is_null().asc(), c::closes_on.asc(), c::id.asc()))
        }
        (OppSortBy::CloseDate, false) => {
            query.order((c::closes_on.is_null().asc(), c::closes_on.desc(), c::id.desc()))
        }
        (_, true) => query.order((c::changed_at.asc(), c::id.asc())),
        (_, false) => query.order((c::changed_at.desc(), c::id.desc())),
    };
    let rows: Vec<Row> = query.limit(wanted.paging.size.into()).offset(offset).load(conn)?;
    Ok((rows.into_iter().map(PublicCall::from).collect(), total))
}
