//! Rows of comments and of who is mentioned in them.

use super::model::{CommentRecord, CommentVisibility};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CommentId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::comment_mentions::dsl as m;
use crate::platform::db::schema::comments;
use crate::platform::db::schema::comments::dsl as c;
use diesel::dsl::{exists, max};
use diesel::prelude::*;

crate::db_text!(CommentVisibility);

#[derive(Queryable, Selectable)]
#[diesel(table_name = comments)]
struct Row {
    id: CommentId,
    application_id: ApplicationId,
    author_id: PersonId,
    said_for: Option<PersonId>,
    visibility: CommentVisibility,
    body: String,
    created_at: Instant,
    edited_at: Option<Instant>,
    removed_at: Option<Instant>,
    version: i32,
}

impl From<Row> for CommentRecord {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            application_id: row.application_id,
            author_id: row.author_id,
            said_for: row.said_for,
            visibility: row.visibility,
            body: row.body,
            created_at: row.created_at,
            edited_at: row.edited_at,
            removed_at: row.removed_at,
            version: row.version,
        }
    }
}

pub(super) fn insert(conn: &mut Conn, said: &CommentRecord, mentions: &[PersonId]) -> Result<()> {
    diesel::insert_into(c::comments)
        .values((
            c::id.eq(said.id),
            c::application_id.eq(said.application_id),
            c::author_id.eq(said.author_id),
            c::said_for.eq(said.said_for),
            c::visibility.eq(said.visibility),
            c::body.eq(&said.body),
            c::created_at.eq(said.created_at),
            c::version.eq(said.version),
        ))
        .execute(conn)?;
    for person in mentions {
        diesel::insert_into(m::comment_mentions)
            .values((m::comment_id.eq(said.id), m::person_id.eq(*person)))
            .execute(conn)?;
    }
    Ok(())
}

/// One comment of an application, if it is of one of these visibilities.
pub(super) fn find(
    conn: &mut Conn,
    (application, id): (ApplicationId, CommentId),
    seen: &[CommentVisibility],
) -> Result<Option<CommentRecord>> {
    let row: Option<Row> = c::comments
        .filter(c::id.eq(id).and(c::application_id.eq(application)))
        .filter(c::visibility.eq_any(padded(seen)))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(CommentRecord::from))
}

/// Those of an application that are of one of these visibilities, newest first.
pub(super) fn list(
    conn: &mut Conn,
    application: ApplicationId,
    seen: &[CommentVisibility],
    page: &PageOf<of::Comment>,
) -> Result<Vec<CommentRecord>> {
    let mut query = c::comments
        .filter(c::application_id.eq(application))
        .filter(c::visibility.eq_any(padded(seen)))
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(c::id.lt(after));
    }
    let rows: Vec<Row> = Kept(query.order(c::id.desc()).limit(page.limit + 1)).load(conn)?;
    Ok(rows.into_iter().map(CommentRecord::from).collect())
}

/// What others than `reader` said in these moments and did not remove, of these visibilities; the
/// first first.
pub(super) fn said_between(
    conn: &mut Conn,
    (application, reader): (ApplicationId, PersonId),
    seen: &[CommentVisibility],
    (from, until): (Instant, Instant),
    limit: i64,
) -> Result<Vec<CommentRecord>> {
    let rows: Vec<Row> = c::comments
        .filter(c::application_id.eq(application).and(c::visibility.eq_any(padded(seen))))
        .filter(c::created_at.ge(from).and(c::created_at.lt(until)))
        .filter(c::author_id.ne(reader).and(c::removed_at.is_null()))
        .order(c::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(CommentRecord::from).collect())
}

/// Who is mentioned in these.
pub(super) fn mentions(
    conn: &mut Conn,
    comments: &[CommentId],
) -> Result<Vec<(CommentId, PersonId)>> {
    let rows = m::comment_mentions
        .filter(m::comment_id.eq_any(padded(comments)))
        .order((m::comment_id, m::person_id))
        .select((m::comment_id, m::person_id));
    Ok(Kept(rows).load(conn)?)
}

/// Who said something of these visibilities since then and did not remove it, up to a number, the
/// last first.
pub(super) fn speakers(
    conn: &mut Conn,
    application: ApplicationId,
    visibilities: &[CommentVisibility],
    since: Instant,
) -> Result<Vec<PersonId>> {
    Ok(c::comments
        .filter(c::application_id.eq(application))
        .filter(c::visibility.eq_any(padded(visibilities)))
        .filter(c::created_at.ge(since).and(c::removed_at.is_null()))
        .group_by(c::author_id)
        .order(max(c::created_at).desc())
        .limit(super::rules::SPEAKERS_MAX)
        .select(c::author_id)
        .load(conn)?)
}

pub(super) fn count(conn: &mut Conn, application: ApplicationId) -> Result<i64> {
    let these = c::comments.filter(c::application_id.eq(application));
    Ok(these.count().get_result(conn)?)
}

/// How many somebody said since then, on any application.
pub(super) fn count_since(conn: &mut Conn, author: PersonId, since: Instant) -> Result<i64> {
    let theirs = c::comments.filter(c::author_id.eq(author).and(c::created_at.ge(since)));
    Ok(theirs.count().get_result(conn)?)
}

/// Whether somebody said something on an application that everybody reads who sees it.
pub(super) fn spoke(conn: &mut Conn, application: ApplicationId, author: PersonId) -> Result<bool> {
    let said = c::comments
        .filter(c::application_id.eq(application).and(c::author_id.eq(author)))
        .filter(c::visibility.eq(CommentVisibility::Public).and(c::removed_at.is_null()));
    Ok(diesel::select(exists(said)).get_result(conn)?)
}

/// How many people somebody mentioned since then, on any application.
pub(super) fn mentioned_since(conn: &mut Conn, author: PersonId, since: Instant) -> Result<i64> {
    let theirs = c::comments
        .inner_join(m::comment_mentions.on(m::comment_id.eq(c::id)))
        .filter(c::author_id.eq(author).and(c::created_at.ge(since)));
    Ok(theirs.count().get_result(conn)?)
}

/// Writes another text; whether the version was still `version`, and it was not removed.
pub(super) fn save(conn: &mut Conn, said: &CommentRecord, version: i32) -> Result<bool> {
    let this = c::comments
        .filter(c::id.eq(said.id).and(c::version.eq(version)).and(c::removed_at.is_null()));
    let rows = diesel::update(this)
        .set((c::body.eq(&said.body), c::edited_at.eq(said.edited_at), c::version.eq(version + 1)))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Takes the text away; whether it was there.
pub(super) fn remove(conn: &mut Conn, id: CommentId, by: PersonId, now: Instant) -> Result<bool> {
    let this = c::comments.filter(c::id.eq(id).and(c::removed_at.is_null()));
    let rows = diesel::update(this)
        .set((
            c::body.eq(""),
            c::removed_at.eq(Some(now)),
            c::removed_by.eq(Some(by)),
            c::version.eq(c::version + 1),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Moves those of one application that are of these visibilities to another: which, who said each,
/// and when.
pub(super) fn move_to(
    conn: &mut Conn,
    (from, into): (ApplicationId, ApplicationId),
    visibilities: &[CommentVisibility],
) -> Result<Vec<(CommentId, PersonId, CommentVisibility, Instant)>> {
    let these = c::comments
        .filter(c::application_id.eq(from).and(c::visibility.eq_any(padded(visibilities))));
    let moved = diesel::update(these).set(c::application_id.eq(into));
    Ok(Kept(moved.returning((c::id, c::author_id, c::visibility, c::created_at))).load(conn)?)
}

/// The application of each of these comments.
pub(super) fn of_which(
    conn: &mut Conn,
    ids: &[CommentId],
) -> Result<Vec<(CommentId, ApplicationId)>> {
    let these = c::comments.filter(c::id.eq_any(padded(ids)));
    Ok(these.select((c::id, c::application_id)).load(conn)?)
}
