//! In which of some applications somebody has a stake.

use super::lineage::past;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::application_members::dsl as m;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::conflicts::dsl as k;
use diesel::prelude::*;

/// An application, who applies with it and since when, and whether it took another one up, or was
/// made of a declined one.
pub(in crate::applications) type Applied = (ApplicationId, PersonId, Instant, bool, bool);

/// Who applies with these.
pub(in crate::applications) fn applicants(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<Vec<Applied>> {
    let these = a::applications.filter(a::id.eq_any(padded(ids)));
    let (took, made) = past!(a::id);
    Ok(these.select((a::id, a::applicant_id, a::created_at, took, made)).load(conn)?)
}

/// Those of these that somebody is on the team of, or was at any time; not where they were only
/// asked.
pub(in crate::applications) fn teams_of(
    conn: &mut Conn,
    ids: &[ApplicationId],
    person: PersonId,
) -> Result<Vec<ApplicationId>> {
    let theirs = m::application_id.eq_any(padded(ids)).and(m::person_id.eq(person));
    Ok(m::application_members.filter(theirs).select(m::application_id).load(conn)?)
}

/// Everybody who is on one of these teams, or was at any time; not who was only asked.
pub(in crate::applications) fn ever_on(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<Vec<PersonId>> {
    let these = m::application_members.filter(m::application_id.eq_any(padded(ids)));
    let people: Vec<Option<PersonId>> = these.select(m::person_id).load(conn)?;
    Ok(people.into_iter().flatten().collect())
}

/// Those of these that somebody declared a conflict with.
pub(in crate::applications) fn declared_by(
    conn: &mut Conn,
    ids: &[ApplicationId],
    person: PersonId,
) -> Result<Vec<ApplicationId>> {
    let declared =
        k::conflicts.filter(k::application_id.eq_any(padded(ids)).and(k::person_id.eq(person)));
    Ok(declared.select(k::application_id).load(conn)?)
}
