//! Rows of how calls are decided.

use crate::calls::model::{Appeals, CallRecord, CallStatus, DecisionTerms, Visibility};
use crate::kernel::Result;
use crate::kernel::ids::{CallId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::platform::db::Conn;
use crate::platform::db::schema::call_decisions;
use crate::platform::db::schema::call_decisions::dsl as d;
use crate::platform::db::schema::calls::dsl as c;
use diesel::prelude::*;

crate::db_text!(Appeals);

#[derive(Queryable, Selectable)]
#[diesel(table_name = call_decisions)]
struct Row {
    responsible_id: Option<PersonId>,
    appeals: Appeals,
    appeal_days: i32,
    version: i32,
}

pub(in crate::calls) fn decisions(conn: &mut Conn, id: CallId) -> Result<Option<DecisionTerms>> {
    let row: Option<Row> =
        d::call_decisions.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(|row| DecisionTerms {
        responsible_id: row.responsible_id,
        appeals: row.appeals,
        appeal_days: row.appeal_days,
        version: row.version,
    }))
}

/// Writes them; the caller holds the call's row, and gives the next version.
pub(in crate::calls) fn save_decisions(
    conn: &mut Conn,
    id: CallId,
    terms: &DecisionTerms,
) -> Result<()> {
    let values = (
        d::responsible_id.eq(terms.responsible_id),
        d::appeals.eq(terms.appeals),
        d::appeal_days.eq(terms.appeal_days),
        d::version.eq(terms.version),
    );
    if diesel::update(d::call_decisions.find(id)).set(values).execute(conn)? == 0 {
        diesel::insert_into(d::call_decisions).values((d::call_id.eq(id), values)).execute(conn)?;
    }
    Ok(())
}

/// Public calls that were opened, newest first, one more than the page holds.
pub(in crate::calls) fn announced(
    conn: &mut Conn,
    only: Option<CallId>,
    page: &PageOf<of::Call>,
) -> Result<Vec<CallRecord>> {
    let mut rows = Vec::new();
    for status in [CallStatus::Open, CallStatus::Closed] {
        let mut query = c::calls
            .filter(c::visibility.eq(Visibility::Public).and(c::status.eq(status)))
            .select(super::Row::as_select())
            .into_boxed();
        if let Some(after) = page.after {
            query = query.filter(c::id.lt(after));
        }
        if let Some(only) = only {
            query = query.filter(c::id.eq(only));
        }
        let found: Vec<super::Row> = query.order(c::id.desc()).limit(page.limit + 1).load(conn)?;
        rows.extend(found);
    }
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
    rows.truncate(usize::try_from(page.limit + 1).unwrap_or(0));
    Ok(rows.into_iter().map(|row| row.with(Vec::new())).collect())
}
