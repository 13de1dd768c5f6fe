//! Rows of saved searches.

use crate::applications::model::RouteStatus;
use crate::calls::model::Visibility;
use crate::discovery::model::{Asked, Digest, SavedSearch};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, PersonId, SavedSearchId, of};
use crate::kernel::page::PageOf;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, cols};
use crate::platform::db::schema::application_routes::dsl as r;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::saved_searches;
use crate::platform::db::schema::saved_searches::dsl as s;
use crate::platform::db::types::{Doc, db_text};
use diesel::prelude::*;
use std::collections::BTreeSet;

db_text!(Digest);

#[derive(Queryable, Selectable)]
#[diesel(table_name = saved_searches)]
struct Row {
    id: SavedSearchId,
    person_id: PersonId,
    name: String,
    asked: Doc,
    digest: Digest,
    told_until: Instant,
    due_at: Option<Instant>,
    version: i32,
    created_at: Instant,
}

impl Row {
    fn view(self) -> Result<SavedSearch> {
        Ok(SavedSearch {
            id: self.id,
            name: self.name,
            asked: serde_json::from_value(self.asked.0).map_err(Problem::internal)?,
            digest: self.digest,
            due_at: self.due_at,
            created_at: self.created_at,
            version: self.version,
            person_id: self.person_id,
            told_until: self.told_until,
        })
    }
}

/// What is written.
pub(in crate::discovery) struct NewSearch<'a> {
    pub(in crate::discovery) name: &'a str,
    pub(in crate::discovery) asked: &'a Asked,
    pub(in crate::discovery) digest: Digest,
    pub(in crate::discovery) due_at: Option<Instant>,
    pub(in crate::discovery) told_until: Instant,
}

fn doc(asked: &Asked) -> Result<Doc> {
    serde_json::to_value(asked).map(Doc).map_err(Problem::internal)
}

pub(in crate::discovery) fn insert(
    conn: &mut Conn,
    (id, person): (SavedSearchId, PersonId),
    new: &NewSearch<'_>,
    now: Instant,
) -> Result<()> {
    diesel::insert_into(s::saved_searches)
        .values((
            s::id.eq(id),
            s::person_id.eq(person),
            s::name.eq(new.name),
            s::asked.eq(doc(new.asked)?),
            s::digest.eq(new.digest),
            s::told_until.eq(new.told_until),
            s::due_at.eq(new.due_at),
            s::version.eq(1),
            s::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes a search whose version is still this one; whether it was.
pub(in crate::discovery) fn update(
    conn: &mut Conn,
    (id, version): (SavedSearchId, i32),
    new: &NewSearch<'_>,
) -> Result<bool> {
    let this = s::saved_searches.filter(s::id.eq(id).and(s::version.eq(version)));
    let rows = diesel::update(this)
        .set((
            s::name.eq(new.name),
            s::asked.eq(doc(new.asked)?),
            s::digest.eq(new.digest),
            s::told_until.eq(new.told_until),
            s::due_at.eq(new.due_at),
            s::version.eq(version + 1),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

pub(in crate::discovery) fn find(
    conn: &mut Conn,
    id: SavedSearchId,
) -> Result<Option<SavedSearch>> {
    let row: Option<Row> =
        s::saved_searches.find(id).select(Row::as_select()).first(conn).optional()?;
    row.map(Row::view).transpose()
}

/// The newest row, held until the transaction ends, so that what is decided on it stays true.
pub(in crate::discovery) fn lock(
    conn: &mut Conn,
    id: SavedSearchId,
) -> Result<Option<SavedSearch>> {
    let hold = diesel::update(s::saved_searches.find(id)).set(s::version.eq(s::version));
    let row: Option<Row> = Kept(hold.returning(cols::<Row>())).get_result(conn).optional()?;
    row.map(Row::view).transpose()
}

pub(in crate::discovery) fn delete(conn: &mut Conn, id: SavedSearchId) -> Result<bool> {
    Ok(diesel::delete(s::saved_searches.find(id)).execute(conn)? == 1)
}

/// How many somebody has.
pub(in crate::discovery) fn count(conn: &mut Conn, person: PersonId) -> Result<i64> {
    Ok(s::saved_searches.filter(s::person_id.eq(person)).count().get_result(conn)?)
}

/// Somebody's, newest first; one more than the page holds.
pub(in crate::discovery) fn list(
    conn: &mut Conn,
    person: PersonId,
    page: &PageOf<of::SavedSearch>,
) -> Result<Vec<SavedSearch>> {
    let mut query =
        s::saved_searches.filter(s::person_id.eq(person)).select(Row::as_select()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(s::id.lt(after));
    }
    let rows: Vec<Row> = query.order(s::id.desc()).limit(page.limit + 1).load(conn)?;
    rows.into_iter().map(Row::view).collect()
}

/// Searches whose owners are to be told, those that wait longest first.
pub(in crate::discovery) fn due(
    conn: &mut Conn,
    now: Instant,
    limit: i64,
) -> Result<Vec<SavedSearchId>> {
    Ok(s::saved_searches
        .filter(s::due_at.le(now))
        .order((s::due_at, s::id))
        .limit(limit)
        .select(s::id)
        .load(conn)?)
}

/// Moves a search on to its next period; whether it was still due then: of two that try, one does.
pub(in crate::discovery) fn move_on(
    conn: &mut Conn,
    search: &SavedSearch,
    told_until: Instant,
    due_at: Option<Instant>,
) -> Result<bool> {
    let this = s::saved_searches.filter(s::id.eq(search.id).and(s::due_at.eq(search.due_at)));
    let set = (s::told_until.eq(told_until), s::due_at.eq(due_at));
    Ok(diesel::update(this).set(set).execute(conn)? == 1)
}

/// Ends the mails of a search.
pub(in crate::discovery) fn stop(conn: &mut Conn, id: SavedSearchId) -> Result<bool> {
    let this = s::saved_searches.filter(s::id.eq(id).and(s::digest.ne(Digest::None)));
    let set =
        (s::digest.eq(Digest::None), s::due_at.eq(None::<Instant>), s::version.eq(s::version + 1));
    Ok(diesel::update(this).set(set).execute(conn)? == 1)
}

/// The applications that came into a further call in a period through which they are seen: this
/// one, or any of a private one. Of others their being open was told already.
macro_rules! routed {
    ($after:expr, $until:expr, $call:expr) => {
        r::application_routes
            .inner_join(a::applications.on(a::id.eq(r::application_id)))
            .filter(r::submitted_at.gt($after).and(r::submitted_at.le($until)))
            .filter(r::status.eq(RouteStatus::Submitted).and(a::opened_at.is_not_null()))
            .filter(r::call_id.nullable().eq($call).or(a::visibility.eq(Visibility::Private)))
    };
}

/// The moment after `after` by which `limit` applications had been opened, or had come into a
/// further call; none where fewer did until `until`.
pub(in crate::discovery) fn full_at(
    conn: &mut Conn,
    (after, until): (Instant, Instant),
    call: Option<CallId>,
    limit: i64,
) -> Result<Option<Instant>> {
    let opened: Option<Option<Instant>> = a::applications
        .filter(a::opened_at.gt(after).and(a::opened_at.le(until)))
        .order((a::opened_at, a::id))
        .offset(limit - 1)
        .select(a::opened_at)
        .first(conn)
        .optional()?;
    let routed: Option<Option<Instant>> = routed!(after, until, call)
        .order((r::submitted_at, r::application_id))
        .offset(limit - 1)
        .select(r::submitted_at)
        .first(conn)
        .optional()?;
    Ok(opened.flatten().into_iter().chain(routed.flatten()).min())
}

/// The applications that were opened after `after` and until `until`, and those that came into a
/// further call then through which they are seen. The newest of each first.
pub(in crate::discovery) fn opened_between(
    conn: &mut Conn,
    (after, until): (Instant, Instant),
    call: Option<CallId>,
) -> Result<Vec<ApplicationId>> {
    let mut ids: Vec<ApplicationId> = a::applications
        .filter(a::opened_at.gt(after).and(a::opened_at.le(until)))
        .order((a::opened_at.desc(), a::id.desc()))
        .select(a::id)
        .load(conn)?;
    let routed: Vec<ApplicationId> = routed!(after, until, call)
        .order((r::submitted_at.desc(), r::application_id.desc()))
        .select(r::application_id)
        .load(conn)?;
    let known: BTreeSet<ApplicationId> = ids.iter().copied().collect();
    ids.extend(routed.into_iter().filter(|id| !known.contains(id)));
    Ok(ids)
}
