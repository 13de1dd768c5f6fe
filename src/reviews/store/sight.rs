//! How somebody stands to several applications that are reviewed, asked at once.

use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId, ReviewId};
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::reviews::dsl as r;
use crate::reviews::model::ReviewStatus;
use diesel::prelude::*;

/// Those of these applications that somebody reviews without names; not where that was set aside.
pub(in crate::reviews) fn blind_to(
    conn: &mut Conn,
    ids: &[ApplicationId],
    person: PersonId,
) -> Result<Vec<ApplicationId>> {
    let theirs = r::reviews
        .filter(r::application_id.eq_any(padded(ids)).and(r::reviewer_id.eq(person)))
        .filter(r::blind.eq(true).and(r::status.ne(ReviewStatus::SetAside)));
    Ok(theirs.select(r::application_id).load(conn)?)
}

/// Those of these applications that somebody reviews, or ever handed a review of in.
pub(in crate::reviews) fn reviewed(
    conn: &mut Conn,
    ids: &[ApplicationId],
    person: PersonId,
) -> Result<Vec<ApplicationId>> {
    let theirs = r::reviews
        .filter(r::application_id.eq_any(padded(ids)).and(r::reviewer_id.eq(person)))
        .filter(r::status.ne(ReviewStatus::SetAside).or(r::submissions.gt(0)));
    Ok(theirs.select(r::application_id).load(conn)?)
}

/// The reviews of these applications, each with who asked for it last.
pub(in crate::reviews) fn asked_for(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<Vec<(ReviewId, ApplicationId, Option<PersonId>)>> {
    let these = r::reviews.filter(r::application_id.eq_any(padded(ids)));
    Ok(these.select((r::id, r::application_id, r::assigned_by)).load(conn)?)
}

/// The application of each of these reviews.
pub(in crate::reviews) fn of_which(
    conn: &mut Conn,
    ids: &[ReviewId],
) -> Result<Vec<(ReviewId, ApplicationId)>> {
    let these = r::reviews.filter(r::id.eq_any(padded(ids)));
    Ok(these.select((r::id, r::application_id)).load(conn)?)
}
