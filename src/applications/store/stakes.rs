//! In which of some applications somebody has a stake.

use crate::applications::model::Consent;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::application_members::dsl as m;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::conflicts::dsl as k;
use diesel::prelude::*;

/// Who applies with these, and since when.
pub(in crate::applications) fn applicants(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<Vec<(ApplicationId, PersonId, Instant)>> {
    let these = a::applications.filter(a::id.eq_any(padded(ids)));
    Ok(these.select((a::id, a::applicant_id, a::created_at)).load(conn)?)
}

/// Those of these that somebody is on the team of, was at any time, or is invited to by address.
pub(in crate::applications) fn teams_of(
    conn: &mut Conn,
    ids: &[ApplicationId],
    (person, email): (PersonId, &str),
) -> Result<Vec<ApplicationId>> {
    let invited = m::email.eq(email.to_owned()).and(m::consent.eq(Consent::Invited));
    Ok(m::application_members
        .filter(m::application_id.eq_any(padded(ids)))
        .filter(m::person_id.eq(person).or(invited.nullable()))
        .select(m::application_id)
        .load(conn)?)
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
