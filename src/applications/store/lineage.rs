//! What went into an application, and what goes on in its place.

use crate::applications::model::MergeStatus;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::platform::db::Conn;
use crate::platform::db::schema::application_resubmissions::dsl as r;
use crate::platform::db::schema::merges::dsl as m;
use diesel::prelude::*;

/// Most that one application took up.
const MOST: i64 = 100;

/// Those that it took up, and the declined one that it was made of.
pub(in crate::applications) fn sources(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<Vec<ApplicationId>> {
    let mut all: Vec<ApplicationId> = m::merges
        .filter(m::into_id.eq(id).and(m::status.eq(MergeStatus::Accepted)))
        .order(m::id)
        .limit(MOST)
        .select(m::from_id)
        .load(conn)?;
    let before = r::application_resubmissions.find(id).select(r::resubmission_of);
    all.extend(before.first::<ApplicationId>(conn).optional()?);
    Ok(all)
}

/// The one that took it up, or was made of it.
pub(in crate::applications) fn successor(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<Option<ApplicationId>> {
    let taken: Option<ApplicationId> = m::merges
        .filter(m::from_id.eq(id).and(m::status.eq(MergeStatus::Accepted)))
        .select(m::into_id)
        .first(conn)
        .optional()?;
    match taken {
        Some(into) => Ok(Some(into)),
        None => super::resubmitted_as(conn, id),
    }
}
