//! Rows of the lane. Lists leave out in SQL what hangs on an application that somebody is on, or
//! declared a conflict with; what SQL does not know (who acts for the applicant, what both have in
//! common) the service leaves out of what it is given.

mod group;
mod stops;
mod waiting;

pub(super) use group::*;
pub(super) use stops::*;
pub(super) use waiting::*;

use super::model::{
    ConcernOutcome, ConcernRecord, ConcernStatus, ScreeningRecord, ScreeningStatus,
};
use crate::applications::model::ApplicationStatus;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, ConcernId, Id, PersonId, ScreeningId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Both, padded};
use crate::platform::db::schema::application_members::dsl as m;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::concerns;
use crate::platform::db::schema::concerns::dsl as c;
use crate::platform::db::schema::conflicts::dsl as k;
use crate::platform::db::schema::lane_log::dsl as l;
use crate::platform::db::schema::screenings;
use crate::platform::db::schema::screenings::dsl as s;
use crate::platform::db::types::Sealed;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

crate::db_text!(ConcernOutcome, ConcernStatus, ScreeningStatus);

type AnyId = Id<of::Audit>;

#[derive(Queryable, Selectable)]
#[diesel(table_name = screenings)]
struct ScreeningRow {
    id: ScreeningId,
    application_id: ApplicationId,
    status: ScreeningStatus,
    set_number: Option<i32>,
    sealed: Option<Sealed>,
    answered_at: Option<Instant>,
    cleared_at: Option<Instant>,
    opened_at: Instant,
    asked_at: Option<Instant>,
    reopened_at: Option<Instant>,
}

impl From<ScreeningRow> for ScreeningRecord {
    fn from(row: ScreeningRow) -> Self {
        Self {
            id: row.id,
            application_id: row.application_id,
            status: row.status,
            set_number: row.set_number,
            sealed: row.sealed.map(|sealed| sealed.0),
            answered_at: row.answered_at,
            cleared_at: row.cleared_at,
            opened_at: row.opened_at,
            asked_at: row.asked_at,
            reopened_at: row.reopened_at,
        }
    }
}

pub(super) fn screening(conn: &mut Conn, id: ScreeningId) -> Result<Option<ScreeningRecord>> {
    let found = s::screenings.find(id).select(ScreeningRow::as_select());
    Ok(found.first(conn).optional()?.map(ScreeningRecord::from))
}

pub(super) fn screening_of(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Option<ScreeningRecord>> {
    let found = s::screenings.filter(s::application_id.eq(application));
    let row: Option<ScreeningRow> =
        found.select(ScreeningRow::as_select()).first(conn).optional()?;
    Ok(row.map(ScreeningRecord::from))
}

/// Begins the screening of an application; nothing where it has begun.
pub(super) fn begin(
    conn: &mut Conn,
    id: ScreeningId,
    application: ApplicationId,
    at: Instant,
) -> Result<bool> {
    let insert = diesel::insert_into(s::screenings)
        .values((
            s::id.eq(id),
            s::application_id.eq(application),
            s::status.eq(ScreeningStatus::Waiting),
            s::opened_at.eq(at),
        ))
        .on_conflict(s::application_id)
        .do_nothing();
    Ok(Both(insert).execute(conn)? == 1)
}

pub(super) fn answer(
    conn: &mut Conn,
    id: ScreeningId,
    number: i32,
    sealed: Vec<u8>,
    at: Instant,
) -> Result<bool> {
    let waits = s::id.eq(id).and(s::status.eq(ScreeningStatus::Waiting));
    let set = (
        s::set_number.eq(Some(number)),
        s::sealed.eq(Some(Sealed(sealed))),
        s::answered_at.eq(Some(at)),
    );
    Ok(diesel::update(s::screenings.filter(waits)).set(set).execute(conn)? == 1)
}

/// From waiting to cleared; whether it waited.
pub(super) fn clear(conn: &mut Conn, id: ScreeningId, at: Instant) -> Result<bool> {
    let this = s::screenings.filter(s::id.eq(id).and(s::status.eq(ScreeningStatus::Waiting)));
    let set = (s::status.eq(ScreeningStatus::Cleared), s::cleared_at.eq(Some(at)));
    Ok(diesel::update(this).set(set).execute(conn)? == 1)
}

/// Applications in this status whose applicants were not asked, whether or not their screening has
/// begun, the oldest first.
pub(super) fn unasked(
    conn: &mut Conn,
    status: ApplicationStatus,
    limit: i64,
) -> Result<Vec<ApplicationId>> {
    let asked = s::screenings.filter(s::application_id.eq(a::id).and(s::asked_at.is_not_null()));
    Ok(a::applications
        .filter(a::status.eq(status))
        .filter(not(exists(asked)))
        .order(a::id)
        .limit(limit)
        .select(a::id)
        .load(conn)?)
}

/// Applications that somebody is kept out of: they are on it or were, or declared a conflict.
macro_rules! not_theirs {
    ($me:expr) => {{
        let on_team =
            m::application_members.filter(m::application_id.eq(a::id).and(m::person_id.eq($me)));
        let declared = k::conflicts.filter(k::application_id.eq(a::id).and(k::person_id.eq($me)));
        a::applicant_id.ne($me).and(not(exists(on_team))).and(not(exists(declared)))
    }};
}

/// Screenings in this status, newest first.
pub(super) fn screenings(
    conn: &mut Conn,
    me: PersonId,
    status: ScreeningStatus,
    page: &PageOf<of::Screening>,
) -> Result<Vec<ScreeningRecord>> {
    let mut query = s::screenings
        .inner_join(a::applications.on(a::id.eq(s::application_id)))
        .filter(s::status.eq(status))
        .filter(not_theirs!(me))
        .select(ScreeningRow::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(s::id.lt(after));
    }
    let rows: Vec<ScreeningRow> = query.order(s::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(ScreeningRecord::from).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = concerns)]
struct ConcernRow {
    id: ConcernId,
    application_id: ApplicationId,
    raised_about: Option<ApplicationId>,
    raised_by: PersonId,
    status: ConcernStatus,
    outcome: Option<ConcernOutcome>,
    conditions: Option<String>,
    sealed: Sealed,
    raised_at: Instant,
    asked_at: Option<Instant>,
    asked_id: Option<PersonId>,
    answered_at: Option<Instant>,
    decided_at: Option<Instant>,
}

impl From<ConcernRow> for ConcernRecord {
    fn from(row: ConcernRow) -> Self {
        Self {
            id: row.id,
            application_id: row.application_id,
            raised_about: row.raised_about,
            raised_by: row.raised_by,
            status: row.status,
            outcome: row.outcome,
            conditions: row.conditions,
            sealed: row.sealed.0,
            raised_at: row.raised_at,
            asked_at: row.asked_at,
            asked_id: row.asked_id,
            answered_at: row.answered_at,
            decided_at: row.decided_at,
        }
    }
}

pub(super) fn insert_concern(conn: &mut Conn, record: &ConcernRecord) -> Result<()> {
    diesel::insert_into(c::concerns)
        .values((
            c::id.eq(record.id),
            c::application_id.eq(record.application_id),
            c::raised_by.eq(record.raised_by),
            c::status.eq(record.status),
            c::sealed.eq(Sealed(record.sealed.clone())),
            c::raised_at.eq(record.raised_at),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn concern(conn: &mut Conn, id: ConcernId) -> Result<Option<ConcernRecord>> {
    let found = c::concerns.find(id).select(ConcernRow::as_select());
    Ok(found.first(conn).optional()?.map(ConcernRecord::from))
}

/// Writes what can change, while it is open, and where it went on; whether it was.
pub(super) fn save_concern(conn: &mut Conn, record: &ConcernRecord) -> Result<bool> {
    let this = c::concerns.filter(c::id.eq(record.id).and(c::status.eq(ConcernStatus::Open)));
    let rows = diesel::update(this)
        .set((
            c::application_id.eq(record.application_id),
            c::raised_about.eq(record.raised_about),
            c::status.eq(record.status),
            c::outcome.eq(record.outcome),
            c::conditions.eq(record.conditions.as_deref()),
            c::sealed.eq(Sealed(record.sealed.clone())),
            c::asked_at.eq(record.asked_at),
            c::asked_id.eq(record.asked_id),
            c::answered_at.eq(record.answered_at),
            c::decided_at.eq(record.decided_at),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Writes its sealed texts anew, whatever its status.
pub(super) fn reseal(conn: &mut Conn, id: ConcernId, sealed: Vec<u8>) -> Result<()> {
    diesel::update(c::concerns.find(id)).set(c::sealed.eq(Sealed(sealed))).execute(conn)?;
    Ok(())
}

/// All concerns about some applications, newest first.
pub(super) fn concerns_of(
    conn: &mut Conn,
    applications: &[ApplicationId],
) -> Result<Vec<ConcernRecord>> {
    let rows: Vec<ConcernRow> = c::concerns
        .filter(c::application_id.eq_any(padded(applications)))
        .order(c::id.desc())
        .limit(super::rules::CONCERNS_MAX)
        .select(ConcernRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(ConcernRecord::from).collect())
}

/// Whether one of them is open.
pub(super) fn any_open(conn: &mut Conn, applications: &[ApplicationId]) -> Result<bool> {
    let open = c::concerns
        .filter(c::application_id.eq_any(padded(applications)))
        .filter(c::status.eq(ConcernStatus::Open));
    Ok(diesel::select(exists(open)).get_result(conn)?)
}

/// How many about an application are open, of one person or of all.
pub(super) fn open_of(
    conn: &mut Conn,
    application: ApplicationId,
    by: Option<PersonId>,
) -> Result<i64> {
    let open = c::application_id.eq(application).and(c::status.eq(ConcernStatus::Open));
    let mut query = c::concerns.filter(open).into_boxed();
    if let Some(person) = by {
        query = query.filter(c::raised_by.eq(person));
    }
    Ok(query.count().get_result(conn)?)
}

/// How many somebody has raised since an id of that moment.
pub(super) fn raised_since(conn: &mut Conn, person: PersonId, since: Instant) -> Result<i64> {
    let raised = c::concerns.filter(c::raised_by.eq(person).and(c::raised_at.ge(since)));
    Ok(raised.count().get_result(conn)?)
}

/// Concerns in this status, newest first.
pub(super) fn concerns(
    conn: &mut Conn,
    me: PersonId,
    status: ConcernStatus,
    page: &PageOf<of::Concern>,
) -> Result<Vec<ConcernRecord>> {
    let mut query = c::concerns
        .inner_join(a::applications.on(a::id.eq(c::application_id)))
        .filter(c::status.eq(status))
        .filter(not_theirs!(me))
        .select(ConcernRow::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(c::id.lt(after));
    }
    let rows: Vec<ConcernRow> = query.order(c::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(ConcernRecord::from).collect())
}

/// What somebody raised, newest first.
pub(super) fn raised_by(
    conn: &mut Conn,
    person: PersonId,
    page: &PageOf<of::Concern>,
) -> Result<Vec<ConcernRecord>> {
    let mut query =
        c::concerns.filter(c::raised_by.eq(person)).select(ConcernRow::as_select()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(c::id.lt(after));
    }
    let rows: Vec<ConcernRow> = query.order(c::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(ConcernRecord::from).collect())
}

/// The conditions that were set for these applications, in the order of their concerns.
pub(super) fn conditions(conn: &mut Conn, applications: &[ApplicationId]) -> Result<Vec<String>> {
    let set: Vec<Option<String>> = c::concerns
        .filter(c::application_id.eq_any(padded(applications)))
        .filter(c::conditions.is_not_null())
        .order(c::id)
        .limit(super::rules::CONCERNS_MAX)
        .select(c::conditions)
        .load(conn)?;
    Ok(set.into_iter().flatten().collect())
}

/// A line of the log: what was done, to which concern, by whom, when.
pub(super) type Entry = (String, Option<ConcernId>, PersonId, Instant);

pub(super) fn log(
    conn: &mut Conn,
    id: AnyId,
    application: ApplicationId,
    (act, concern, person, at): (&str, Option<ConcernId>, PersonId, Instant),
) -> Result<()> {
    diesel::insert_into(l::lane_log)
        .values((
            l::id.eq(id),
            l::application_id.eq(application),
            l::concern_id.eq(concern),
            l::person_id.eq(person),
            l::act.eq(act),
            l::done_at.eq(at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Those of these applications about which somebody did one of these acts.
pub(super) fn did(
    conn: &mut Conn,
    applications: &[ApplicationId],
    person: PersonId,
    acts: &[&str],
) -> Result<Vec<ApplicationId>> {
    let theirs = l::application_id.eq_any(padded(applications)).and(l::person_id.eq(person));
    let did = l::lane_log.filter(theirs).filter(l::act.eq_any(padded(acts)));
    Ok(did.select(l::application_id).distinct().load(conn)?)
}

/// The newest first.
pub(super) fn entries(conn: &mut Conn, applications: &[ApplicationId]) -> Result<Vec<Entry>> {
    Ok(l::lane_log
        .filter(l::application_id.eq_any(padded(applications)))
        .order(l::id.desc())
        .limit(100)
        .select((l::act, l::concern_id, l::person_id, l::done_at))
        .load(conn)?)
}
