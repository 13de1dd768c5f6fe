//! Signatures of texts and their bands.

use crate::applications::model::Consent;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::application_members::dsl as m;
use crate::platform::db::schema::applications::dsl as a;
use crate::platform::db::schema::search_contents::dsl as w;
use crate::platform::db::schema::similar_bands::dsl as b;
use crate::platform::db::schema::similar_due::dsl as d;
use crate::platform::db::schema::similar_texts::dsl as t;
use diesel::prelude::*;

/// Applications whose text is to be looked at again.
pub(in crate::discovery) fn uncompared(conn: &mut Conn, limit: i64) -> Result<Vec<ApplicationId>> {
    Ok(d::similar_due.order(d::application_id).limit(limit).select(d::application_id).load(conn)?)
}

/// Takes one of them; whether it was still there.
pub(in crate::discovery) fn take(conn: &mut Conn, id: ApplicationId) -> Result<bool> {
    Ok(diesel::delete(d::similar_due.find(id)).execute(conn)? == 1)
}

/// Version and text of an application: what it is found by, the answers among it that everybody may
/// read who reads it.
pub(in crate::discovery) fn text(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<Option<(i32, String)>> {
    let row: Option<(i32, String)> = a::applications
        .inner_join(w::search_contents.on(w::application_id.eq(a::id)))
        .filter(a::id.eq(id))
        .select((a::version, w::whole))
        .first(conn)
        .optional()?;
    Ok(row)
}

/// The signature that is kept of an application.
pub(in crate::discovery) fn signature(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<Option<Vec<u8>>> {
    Ok(t::similar_texts.find(id).select(t::signature).first(conn).optional()?)
}

/// Keeps the signature of a version, instead of the one before; none where there is no text.
pub(in crate::discovery) fn keep(
    conn: &mut Conn,
    (id, version): (ApplicationId, i32),
    signature: Option<(&[u8], &[i64])>,
) -> Result<()> {
    diesel::delete(b::similar_bands.filter(b::application_id.eq(id))).execute(conn)?;
    diesel::delete(t::similar_texts.find(id)).execute(conn)?;
    let Some((signature, bands)) = signature else { return Ok(()) };
    diesel::insert_into(t::similar_texts)
        .values((t::application_id.eq(id), t::version.eq(version), t::signature.eq(signature)))
        .execute(conn)?;
    for (band, hash) in (0_i32..).zip(bands) {
        diesel::insert_into(b::similar_bands)
            .values((b::band.eq(band), b::hash.eq(hash), b::application_id.eq(id)))
            .execute(conn)?;
    }
    Ok(())
}

/// Others that share a band, up to `each` of each band, with their signatures.
pub(in crate::discovery) fn sharing(
    conn: &mut Conn,
    id: ApplicationId,
    bands: &[i64],
    each: i64,
) -> Result<Vec<(ApplicationId, Vec<u8>)>> {
    let mut ids: Vec<ApplicationId> = Vec::new();
    for (band, hash) in (0_i32..).zip(bands) {
        let found: Vec<ApplicationId> = b::similar_bands
            .filter(b::band.eq(band).and(b::hash.eq(hash)).and(b::application_id.ne(id)))
            .order(b::application_id.desc())
            .limit(each)
            .select(b::application_id)
            .load(conn)?;
        ids.extend(found);
    }
    ids.sort_unstable();
    ids.dedup();
    let these = t::similar_texts.filter(t::application_id.eq_any(padded(&ids)));
    Ok(Kept(these.select((t::application_id, t::signature))).load(conn)?)
}

/// Others by the same people, as applicants or on the team, up to `each` of each way.
pub(in crate::discovery) fn same_people(
    conn: &mut Conn,
    id: ApplicationId,
    each: i64,
) -> Result<Vec<ApplicationId>> {
    let team: Vec<Option<PersonId>> = m::application_members
        .filter(m::application_id.eq(id).and(m::consent.eq(Consent::Accepted)))
        .order(m::id)
        .limit(20)
        .select(m::person_id)
        .load(conn)?;
    let team: Vec<PersonId> = team.into_iter().flatten().collect();
    let mut found: Vec<ApplicationId> = a::applications
        .filter(a::applicant_id.eq_any(team.clone()).and(a::id.ne(id)))
        .filter(a::submitted_at.is_not_null())
        .order(a::id.desc())
        .limit(each)
        .select(a::id)
        .load(conn)?;
    let on: Vec<ApplicationId> = m::application_members
        .filter(m::person_id.eq_any(team).and(m::consent.eq(Consent::Accepted)))
        .filter(m::application_id.ne(id))
        .order(m::application_id.desc())
        .limit(each)
        .select(m::application_id)
        .load(conn)?;
    found.extend(on);
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
