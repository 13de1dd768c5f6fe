//! Rows of attachments.

use super::model::{AttachmentFacts, FileKind};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, AttachmentId, PersonId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::attachments;
use crate::platform::db::schema::attachments::dsl as a;
use diesel::prelude::*;

crate::db_text!(FileKind);

#[derive(Queryable, Selectable)]
#[diesel(table_name = attachments)]
struct Row {
    id: AttachmentId,
    application_id: ApplicationId,
    uploaded_by: PersonId,
    uploaded_for: Option<PersonId>,
    name: String,
    kind: FileKind,
    bytes: i64,
    sha256: Vec<u8>,
    created_at: Instant,
    copied: bool,
    closed: bool,
}

impl Row {
    fn facts(self) -> Option<AttachmentFacts> {
        Some(AttachmentFacts {
            id: self.id,
            application_id: self.application_id,
            uploaded_by: self.uploaded_by,
            uploaded_for: self.uploaded_for,
            name: self.name,
            kind: self.kind,
            bytes: self.bytes,
            sha256: self.sha256.try_into().ok()?,
            created_at: self.created_at,
            copied: self.copied,
            closed: self.closed,
        })
    }
}

pub(super) fn insert(conn: &mut Conn, made: &AttachmentFacts) -> Result<()> {
    diesel::insert_into(a::attachments)
        .values((
            a::id.eq(made.id),
            a::application_id.eq(made.application_id),
            a::uploaded_by.eq(made.uploaded_by),
            a::uploaded_for.eq(made.uploaded_for),
            a::name.eq(&made.name),
            a::kind.eq(made.kind),
            a::bytes.eq(made.bytes),
            a::sha256.eq(&made.sha256[..]),
            a::created_at.eq(made.created_at),
            a::copied.eq(made.copied),
            a::closed.eq(made.closed),
        ))
        .execute(conn)?;
    Ok(())
}

/// One that was not removed.
pub(super) fn find(conn: &mut Conn, id: AttachmentId) -> Result<Option<AttachmentFacts>> {
    let row: Option<Row> = a::attachments
        .filter(a::id.eq(id).and(a::removed_at.is_null()))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.and_then(Row::facts))
}

/// Those of an application that were not removed and that hung there at that time, but some, newest
/// first.
pub(super) fn list(
    conn: &mut Conn,
    application: ApplicationId,
    (but, until): (&[AttachmentId], Option<Instant>),
    page: &PageOf<of::Attachment>,
) -> Result<Vec<AttachmentFacts>> {
    let mut query = a::attachments
        .filter(a::application_id.eq(application).and(a::removed_at.is_null()))
        .select(Row::as_select())
        .into_boxed();
    if let Some(until) = until {
        query = query.filter(a::created_at.le(until));
    }
    if let Some(after) = page.after {
        query = query.filter(a::id.lt(after));
    }
    if !but.is_empty() {
        query = query.filter(a::id.ne_all(padded(but)));
    }
    let rows: Vec<Row> = query.order(a::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().filter_map(Row::facts).collect())
}

pub(super) fn count(conn: &mut Conn, application: ApplicationId) -> Result<i64> {
    let live = a::application_id.eq(application).and(a::removed_at.is_null());
    Ok(a::attachments.filter(live).count().get_result(conn)?)
}

/// How many somebody attached since then, removed ones included.
pub(super) fn count_since(conn: &mut Conn, person: PersonId, since: Instant) -> Result<i64> {
    let theirs = a::uploaded_by.eq(person).and(a::created_at.ge(since));
    Ok(a::attachments.filter(theirs.and(a::copied.eq(false))).count().get_result(conn)?)
}

/// How many were copied from somebody's files since then, removed ones included.
pub(super) fn copied_since(conn: &mut Conn, person: PersonId, since: Instant) -> Result<i64> {
    let theirs = a::uploaded_by.eq(person).and(a::created_at.ge(since));
    Ok(a::attachments.filter(theirs.and(a::copied.eq(true))).count().get_result(conn)?)
}

/// Whether it was still there.
pub(super) fn remove(conn: &mut Conn, id: AttachmentId, now: Instant) -> Result<bool> {
    let live = a::attachments.filter(a::id.eq(id).and(a::removed_at.is_null()));
    Ok(diesel::update(live).set(a::removed_at.eq(Some(now))).execute(conn)? == 1)
}

/// Marks these, where they hang on this application.
pub(super) fn close(
    conn: &mut Conn,
    application: ApplicationId,
    files: &[AttachmentId],
) -> Result<()> {
    let open = a::attachments
        .filter(a::application_id.eq(application).and(a::closed.eq(false)))
        .filter(a::id.eq_any(padded(files)));
    diesel::update(open).set(a::closed.eq(true)).execute(conn)?;
    Ok(())
}

/// Which of these contents are named by an attachment that was not removed.
pub(super) fn named(conn: &mut Conn, shas: &[[u8; 32]]) -> Result<Vec<[u8; 32]>> {
    let asked: Vec<Vec<u8>> = shas.iter().map(|sha| sha.to_vec()).collect();
    let rows: Vec<Vec<u8>> = Kept(
        a::attachments
            .filter(a::sha256.eq_any(padded(&asked)).and(a::removed_at.is_null()))
            .select(a::sha256),
    )
    .load(conn)?;
    Ok(rows.into_iter().filter_map(|sha| sha.try_into().ok()).collect())
}

/// Contents that should be there, with their ids and lengths, in the order of ids.
pub(super) fn contents(
    conn: &mut Conn,
    after: Option<AttachmentId>,
    limit: i64,
) -> Result<Vec<(AttachmentId, Vec<u8>, i64)>> {
    let mut query = a::attachments
        .filter(a::removed_at.is_null())
        .select((a::id, a::sha256, a::bytes))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(a::id.gt(after));
    }
    Ok(query.order(a::id).limit(limit).load(conn)?)
}
