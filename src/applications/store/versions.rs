//! Rows of the history of applications.

use crate::applications::model::{Saved, VersionRecord, VersionStage};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId, VersionId, of};
use crate::kernel::page::PageOf;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::application_versions;
use crate::platform::db::schema::application_versions::dsl as v;
use crate::platform::db::types::Doc;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = application_versions)]
struct Row {
    id: VersionId,
    number: i32,
    stage: VersionStage,
    content: Doc,
    saved_by: Option<PersonId>,
    saved_for: Option<PersonId>,
    began_at: Instant,
    saved_at: Instant,
}

impl Row {
    fn record(self) -> Result<VersionRecord> {
        let Row { id, number, stage, content, saved_by, saved_for, began_at, saved_at } = self;
        let content = serde_json::from_value(content.0).map_err(Problem::internal)?;
        Ok(VersionRecord { id, number, stage, content, saved_by, saved_for, began_at, saved_at })
    }
}

fn doc(version: &VersionRecord) -> Result<Doc> {
    serde_json::to_value(&version.content).map(Doc).map_err(Problem::internal)
}

pub(in crate::applications) fn insert_version(
    conn: &mut Conn,
    application: ApplicationId,
    version: &VersionRecord,
) -> Result<()> {
    diesel::insert_into(v::application_versions)
        .values((
            v::id.eq(version.id),
            v::application_id.eq(application),
            v::number.eq(version.number),
            v::stage.eq(version.stage),
            v::content.eq(doc(version)?),
            v::saved_by.eq(version.saved_by),
            v::saved_for.eq(version.saved_for),
            v::began_at.eq(version.began_at),
            v::saved_at.eq(version.saved_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Adds to a version.
pub(in crate::applications) fn save_version(
    conn: &mut Conn,
    version: &VersionRecord,
) -> Result<()> {
    diesel::update(v::application_versions.find(version.id))
        .set((
            v::stage.eq(version.stage),
            v::content.eq(doc(version)?),
            v::saved_at.eq(version.saved_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes out the oldest versions that were never handed in, until `most` are left.
pub(in crate::applications) fn thin_versions(
    conn: &mut Conn,
    application: ApplicationId,
    most: i64,
) -> Result<()> {
    let of_it = v::application_versions.filter(v::application_id.eq(application));
    let count: i64 = of_it.count().get_result(conn)?;
    if count <= most {
        return Ok(());
    }
    let oldest: Vec<VersionId> = of_it
        .filter(v::stage.eq(VersionStage::Draft))
        .order(v::number)
        .limit(count - most)
        .select(v::id)
        .load(conn)?;
    for id in oldest {
        diesel::delete(v::application_versions.find(id)).execute(conn)?;
    }
    Ok(())
}

fn one(row: Option<Row>) -> Result<Option<VersionRecord>> {
    row.map(Row::record).transpose()
}

/// The newest, whatever its stage.
pub(in crate::applications) fn last_version(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Option<VersionRecord>> {
    let row = v::application_versions
        .filter(v::application_id.eq(application))
        .order(v::number.desc())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    one(row)
}

/// One of them; unless `all`, only of those that were handed in.
pub(in crate::applications) fn version(
    conn: &mut Conn,
    application: ApplicationId,
    number: i32,
    all: bool,
) -> Result<Option<VersionRecord>> {
    let mut query = v::application_versions
        .filter(v::application_id.eq(application).and(v::number.eq(number)))
        .select(Row::as_select())
        .into_boxed();
    if !all {
        query = query.filter(v::stage.eq(VersionStage::Submitted));
    }
    one(query.first(conn).optional()?)
}

/// The newest before it.
pub(in crate::applications) fn version_before(
    conn: &mut Conn,
    application: ApplicationId,
    number: i32,
    all: bool,
) -> Result<Option<VersionRecord>> {
    let mut query = v::application_versions
        .filter(v::application_id.eq(application).and(v::number.lt(number)))
        .select(Row::as_select())
        .into_boxed();
    if !all {
        query = query.filter(v::stage.eq(VersionStage::Submitted));
    }
    one(query.order(v::number.desc()).first(conn).optional()?)
}

/// When an application was handed in last, without what it said; nothing of one older than its
/// history.
pub(in crate::applications) fn last_handed_in(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Option<Instant>> {
    Ok(v::application_versions
        .filter(v::application_id.eq(application).and(v::stage.eq(VersionStage::Submitted)))
        .order(v::number.desc())
        .select(v::saved_at)
        .first(conn)
        .optional()?)
}

// A second look at the versions, for what was handed in later.
diesel::alias!(application_versions as later: Later);

/// What was handed in last of each of these applications, by its id.
pub(in crate::applications) fn handed_in(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<Vec<(ApplicationId, VersionRecord)>> {
    let of_it = later.field(v::application_id).eq(v::application_id);
    let newer = later
        .filter(of_it.and(later.field(v::stage).eq(VersionStage::Submitted)))
        .filter(later.field(v::number).gt(v::number));
    let rows: Vec<(ApplicationId, Row)> = v::application_versions
        .filter(v::application_id.eq_any(padded(ids)))
        .filter(v::stage.eq(VersionStage::Submitted))
        .filter(not(exists(newer)))
        .select((v::application_id, Row::as_select()))
        .load(conn)?;
    rows.into_iter().map(|(id, row)| Ok((id, row.record()?))).collect()
}

/// When what each of these says was last saved, by its id; nothing of one older than its history.
pub(in crate::applications) fn saved_last(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<Vec<(ApplicationId, Instant)>> {
    let newer = later
        .filter(later.field(v::application_id).eq(v::application_id))
        .filter(later.field(v::number).gt(v::number));
    Ok(v::application_versions
        .filter(v::application_id.eq_any(padded(ids)))
        .filter(not(exists(newer)))
        .select((v::application_id, v::saved_at))
        .load(conn)?)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = application_versions)]
struct Short {
    id: VersionId,
    number: i32,
    stage: VersionStage,
    saved_by: Option<PersonId>,
    saved_for: Option<PersonId>,
    saved_at: Instant,
}

impl From<Short> for Saved {
    fn from(row: Short) -> Self {
        let Short { id, number, stage, saved_by, saved_for, saved_at } = row;
        Self { id, number, stage, saved_by, saved_for, saved_at }
    }
}

/// Newest first, one more than the page holds, without what was written: one may be long.
pub(in crate::applications) fn saved(
    conn: &mut Conn,
    application: ApplicationId,
    all: bool,
    page: &PageOf<of::Version>,
) -> Result<Vec<Saved>> {
    let mut query = v::application_versions
        .filter(v::application_id.eq(application))
        .select(Short::as_select())
        .into_boxed();
    if !all {
        query = query.filter(v::stage.eq(VersionStage::Submitted));
    }
    if let Some(after) = page.after {
        query = query.filter(v::id.lt(after));
    }
    let rows: Vec<Short> = query.order(v::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(Saved::from).collect())
}
