//! Rows of merges.

use crate::applications::model::{MergeRecord, MergeStatus, MergedText};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, MergeId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::merges;
use crate::platform::db::schema::merges::dsl as m;
use crate::platform::db::types::Doc;
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

#[derive(Queryable, Selectable)]
#[diesel(table_name = merges)]
struct Row {
    id: MergeId,
    into_id: ApplicationId,
    from_id: ApplicationId,
    proposed_by: PersonId,
    asked_id: PersonId,
    status: MergeStatus,
    kept: Option<Doc>,
    created_at: Instant,
    decided_at: Option<Instant>,
}

impl Row {
    fn record(self) -> Result<MergeRecord> {
        let kept = self.kept.map(|doc| serde_json::from_value(doc.0));
        Ok(MergeRecord {
            id: self.id,
            into_id: self.into_id,
            from_id: self.from_id,
            proposed_by: self.proposed_by,
            asked_id: self.asked_id,
            status: self.status,
            kept: kept.transpose().map_err(Problem::internal)?,
            created_at: self.created_at,
            decided_at: self.decided_at,
        })
    }
}

pub(in crate::applications) fn insert_merge(conn: &mut Conn, merge: &MergeRecord) -> Result<()> {
    diesel::insert_into(m::merges)
        .values((
            m::id.eq(merge.id),
            m::into_id.eq(merge.into_id),
            m::from_id.eq(merge.from_id),
            m::proposed_by.eq(merge.proposed_by),
            m::asked_id.eq(merge.asked_id),
            m::status.eq(merge.status),
            m::created_at.eq(merge.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

pub(in crate::applications) fn find_merge(
    conn: &mut Conn,
    id: MergeId,
) -> Result<Option<MergeRecord>> {
    let row: Option<Row> = m::merges.find(id).select(Row::as_select()).first(conn).optional()?;
    row.map(Row::record).transpose()
}

/// Whether this merge waits for an answer.
pub(in crate::applications) fn is_proposed(
    conn: &mut Conn,
    (into, from): (ApplicationId, ApplicationId),
) -> Result<bool> {
    let found: Option<MergeId> = m::merges
        .filter(m::into_id.eq(into).and(m::from_id.eq(from)))
        .filter(m::status.eq(MergeStatus::Proposed))
        .select(m::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Whether these two were proposed to each other since then, either way round.
pub(in crate::applications) fn was_proposed_since(
    conn: &mut Conn,
    (one, other): (ApplicationId, ApplicationId),
    since: Instant,
) -> Result<bool> {
    for (into, from) in [(one, other), (other, one)] {
        let found = m::merges
            .filter(m::into_id.eq(into).and(m::from_id.eq(from)).and(m::created_at.ge(since)))
            .select(m::id);
        if found.first::<MergeId>(conn).optional()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Those that wait for somebody's answer, the newest, with the title of the one that would go on.
pub(in crate::applications) fn merges_to_answer(
    conn: &mut Conn,
    person: PersonId,
    limit: i64,
) -> Result<Vec<(MergeId, String)>> {
    // Written out, as the index has it.
    let waits = sql::<Bool>("merges.status = 'proposed'");
    Ok(m::merges
        .inner_join(a::applications.on(a::id.eq(m::into_id)))
        .filter(m::asked_id.eq(person).and(waits))
        .order(m::id.desc())
        .limit(limit)
        .select((m::id, a::title))
        .load(conn)?)
}

/// How many somebody has proposed since then.
pub(in crate::applications) fn proposed_since(
    conn: &mut Conn,
    person: PersonId,
    since: Instant,
) -> Result<i64> {
    let made = m::merges.filter(m::proposed_by.eq(person).and(m::created_at.ge(since)));
    Ok(made.count().get_result(conn)?)
}

/// What waits for an answer with either side of an application ends: it does. What it was.
pub(in crate::applications) fn end_proposals(
    conn: &mut Conn,
    id: ApplicationId,
    now: Instant,
) -> Result<Vec<MergeRecord>> {
    let open = m::merges
        .filter(m::status.eq(MergeStatus::Proposed))
        .filter(m::into_id.eq(id).or(m::from_id.eq(id)));
    let rows: Vec<Row> = open.select(Row::as_select()).order(m::id).load(conn)?;
    if !rows.is_empty() {
        diesel::update(open)
            .set((m::status.eq(MergeStatus::Withdrawn), m::decided_at.eq(Some(now))))
            .execute(conn)?;
    }
    rows.into_iter().map(Row::record).collect()
}

/// Writes the answer; whether it still waited for one.
pub(in crate::applications) fn decide_merge(
    conn: &mut Conn,
    id: MergeId,
    to: MergeStatus,
    kept: Option<&MergedText>,
    now: Instant,
) -> Result<bool> {
    let kept = kept.map(serde_json::to_value).transpose().map_err(Problem::internal)?;
    let open = m::merges.find(id).filter(m::status.eq(MergeStatus::Proposed));
    let rows = diesel::update(open)
        .set((m::status.eq(to), m::kept.eq(kept.map(Doc)), m::decided_at.eq(Some(now))))
        .execute(conn)?;
    Ok(rows == 1)
}

/// The merges of an application, or those that were done, newest first; up to one more than the
/// page. Each side is read by its own index.
pub(in crate::applications) fn merges_of(
    conn: &mut Conn,
    application: ApplicationId,
    all: bool,
    page: &PageOf<of::Merge>,
) -> Result<Vec<MergeRecord>> {
    let limit = page.limit + 1;
    let mut into =
        m::merges.filter(m::into_id.eq(application)).select(Row::as_select()).into_boxed();
    let mut from =
        m::merges.filter(m::from_id.eq(application)).select(Row::as_select()).into_boxed();
    if !all {
        into = into.filter(m::status.eq(MergeStatus::Accepted));
        from = from.filter(m::status.eq(MergeStatus::Accepted));
    }
    if let Some(after) = page.after {
        into = into.filter(m::id.lt(after));
        from = from.filter(m::id.lt(after));
    }
    let mut rows: Vec<Row> = into.order(m::id.desc()).limit(limit).load(conn)?;
    rows.extend(from.order(m::id.desc()).limit(limit).load::<Row>(conn)?);
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
    rows.truncate(usize::try_from(limit).unwrap_or(0));
    rows.into_iter().map(Row::record).collect()
}

/// Whether it has taken up another one after this moment.
pub(in crate::applications) fn merged_since(
    conn: &mut Conn,
    id: ApplicationId,
    since: Instant,
) -> Result<bool> {
    let since = m::merges
        .filter(m::into_id.eq(id).and(m::status.eq(MergeStatus::Accepted)))
        .filter(m::decided_at.gt(since));
    Ok(diesel::select(exists(since)).get_result(conn)?)
}
