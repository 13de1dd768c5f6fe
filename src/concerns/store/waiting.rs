//! What of the lane waits, for the group or for applicants, and who was reminded of it.

use super::{ConcernRow, ScreeningRow};
use crate::applications::model::{ApplicationStatus, MergeStatus};
use crate::concerns::model::{ConcernRecord, ConcernStatus, ScreeningRecord, ScreeningStatus};
use crate::kernel::Result;
use crate::kernel::ids::{ConcernId, PersonId, ScreeningId};
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::schema::application_resubmissions::dsl as r;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::concerns::dsl as c;
use crate::platform::db::schema::lane_members::dsl as g;
use crate::platform::db::schema::merges::dsl as m;
use crate::platform::db::schema::screenings::dsl as s;
use diesel::dsl::exists;
use diesel::prelude::*;

/// Screenings after this one that wait for the group, answered (and back, where they were stopped
/// or cleared before) at `before` at the latest, the first first, with the titles of their
/// applications; not where these have ended or are being changed.
pub(in crate::concerns) fn answered(
    conn: &mut Conn,
    before: Instant,
    after: ScreeningId,
    limit: i64,
) -> Result<Vec<(ScreeningRecord, String)>> {
    let rows: Vec<(ScreeningRow, String)> = s::screenings
        .inner_join(a::applications.on(a::id.eq(s::application_id)))
        .filter(s::id.gt(after))
        .filter(s::status.eq(ScreeningStatus::Waiting).and(s::answered_at.le(before)))
        .filter(s::reopened_at.is_null().or(s::reopened_at.le(before)))
        .filter(a::status.eq_any([ApplicationStatus::Submitted, ApplicationStatus::Open]))
        .order(s::id)
        .limit(limit)
        .select((ScreeningRow::as_select(), a::title))
        .load(conn)?;
    Ok(rows.into_iter().map(|(row, title)| (row.into(), title)).collect())
}

/// Open concerns after this one that were raised at `before` at the latest, the first first; not
/// where the application has ended for good, nor where its applicant was asked after `late` and has
/// not answered. What lives on in another is told in any case: its applicant may be another.
pub(in crate::concerns) fn open(
    conn: &mut Conn,
    (before, late): (Instant, Instant),
    after: ConcernId,
    limit: i64,
) -> Result<Vec<ConcernRecord>> {
    use ApplicationStatus as S;
    let going = a::status.eq_any([S::Submitted, S::Open, S::ChangesRequested, S::Awarded]);
    let heard = c::asked_at
        .is_null()
        .or(c::asked_at.le(late))
        .or(c::answered_at.is_not_null())
        .or(c::asked_id.is_null())
        .or(c::asked_id.ne(a::applicant_id.nullable()));
    let taken = m::merges.filter(m::from_id.eq(a::id).and(m::status.eq(MergeStatus::Accepted)));
    let made = r::application_resubmissions.filter(r::resubmission_of.eq(a::id));
    let rows: Vec<ConcernRow> = c::concerns
        .inner_join(a::applications.on(a::id.eq(c::application_id)))
        .filter(c::id.gt(after))
        .filter(c::status.eq(ConcernStatus::Open).and(c::raised_at.le(before)))
        .filter(exists(taken).or(exists(made)).or(going.and(heard)))
        .order(c::id)
        .limit(limit)
        .select(ConcernRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(ConcernRecord::from).collect())
}

/// From cleared back to waiting, since then; nothing where it waits already.
pub(in crate::concerns) fn back(
    conn: &mut Conn,
    id: ScreeningId,
    since: Option<Instant>,
) -> Result<()> {
    let waiting = ScreeningStatus::Waiting;
    let set = (s::status.eq(waiting), s::cleared_at.eq(None::<Instant>), s::reopened_at.eq(since));
    let this = s::screenings.filter(s::id.eq(id).and(s::status.eq(ScreeningStatus::Cleared)));
    diesel::update(this).set(set).execute(conn)?;
    Ok(())
}

/// Who of the group was not reminded on this day.
pub(in crate::concerns) fn not_reminded(conn: &mut Conn, today: Date) -> Result<Vec<PersonId>> {
    Ok(g::lane_members
        .filter(g::removed_at.is_null())
        .filter(g::reminded_on.is_null().or(g::reminded_on.lt(today)))
        .order(g::id)
        .limit(i64::try_from(crate::concerns::rules::MEMBERS_MAX).unwrap_or(0))
        .select(g::person_id)
        .load(conn)?)
}

pub(in crate::concerns) fn member_reminded(
    conn: &mut Conn,
    person: PersonId,
    today: Date,
) -> Result<()> {
    let this = g::lane_members.filter(g::person_id.eq(person).and(g::removed_at.is_null()));
    diesel::update(this).set(g::reminded_on.eq(Some(today))).execute(conn)?;
    Ok(())
}

/// Screenings that their applicants were asked about at `before` at the latest, and neither
/// answered nor were reminded of; not where the application has ended or is being changed.
pub(in crate::concerns) fn unanswered(
    conn: &mut Conn,
    before: Instant,
    limit: i64,
) -> Result<Vec<ScreeningId>> {
    Ok(s::screenings
        .inner_join(a::applications.on(a::id.eq(s::application_id)))
        .filter(s::status.eq(ScreeningStatus::Waiting).and(s::answered_at.is_null()))
        .filter(s::asked_at.le(before).and(s::reminded_at.is_null()))
        .filter(a::status.eq_any([ApplicationStatus::Submitted, ApplicationStatus::Open]))
        .order(s::id)
        .limit(limit)
        .select(s::id)
        .load(conn)?)
}

/// Notes that the applicant is asked what everybody is; whether they were not until now.
pub(in crate::concerns) fn questions_asked(
    conn: &mut Conn,
    id: ScreeningId,
    at: Instant,
) -> Result<bool> {
    let this = s::screenings.filter(s::id.eq(id).and(s::asked_at.is_null()));
    Ok(diesel::update(this).set(s::asked_at.eq(Some(at))).execute(conn)? == 1)
}

/// Whether they were not reminded of it until now.
pub(in crate::concerns) fn screening_reminded(
    conn: &mut Conn,
    id: ScreeningId,
    at: Instant,
) -> Result<bool> {
    let this = s::screenings.filter(s::id.eq(id).and(s::reminded_at.is_null()));
    Ok(diesel::update(this).set(s::reminded_at.eq(Some(at))).execute(conn)? == 1)
}

/// Open concerns that their applicants were asked about at `before` at the latest, and neither
/// answered nor were reminded of.
pub(in crate::concerns) fn asked(
    conn: &mut Conn,
    before: Instant,
    limit: i64,
) -> Result<Vec<ConcernId>> {
    Ok(c::concerns
        .filter(c::status.eq(ConcernStatus::Open).and(c::answered_at.is_null()))
        .filter(c::asked_at.le(before).and(c::reminded_at.is_null()))
        .order(c::id)
        .limit(limit)
        .select(c::id)
        .load(conn)?)
}

/// Notes that somebody is asked who was not reminded of it.
pub(in crate::concerns) fn asked_anew(conn: &mut Conn, id: ConcernId) -> Result<()> {
    let this = c::concerns.find(id);
    diesel::update(this).set(c::reminded_at.eq(None::<Instant>)).execute(conn)?;
    Ok(())
}

/// Whether they were not reminded of it until now.
pub(in crate::concerns) fn concern_reminded(
    conn: &mut Conn,
    id: ConcernId,
    at: Instant,
) -> Result<bool> {
    let this = c::concerns.filter(c::id.eq(id).and(c::reminded_at.is_null()));
    Ok(diesel::update(this).set(c::reminded_at.eq(Some(at))).execute(conn)? == 1)
}
