//! Who has had a say in the offers on some applications.

use crate::approvals::model::{SubjectKind, Vote};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::offers::model::OfferStatus;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::{approval_votes, approvals, offers};
use diesel::prelude::*;

/// On which of these applications somebody made offers, each with a status that one is in.
pub(in crate::offers) fn made_on(
    conn: &mut Conn,
    ids: &[ApplicationId],
    person: PersonId,
) -> Result<Vec<(ApplicationId, OfferStatus)>> {
    let theirs = offers::application_id.eq_any(padded(ids)).and(offers::regrantor_id.eq(person));
    let made =
        offers::table.filter(theirs).select((offers::application_id, offers::status)).distinct();
    Ok(Kept(made).load(conn)?)
}

/// On which of these applications somebody said yes or no to offers as their second person, each
/// with a status that such a one is in. An offer is asked about once.
pub(in crate::offers) fn voted_on(
    conn: &mut Conn,
    ids: &[ApplicationId],
    person: PersonId,
) -> Result<Vec<(ApplicationId, Vote, OfferStatus)>> {
    let voted = offers::table
        .inner_join(approvals::table.on(approvals::subject_id.eq(offers::id)))
        .inner_join(approval_votes::table.on(approval_votes::approval_id.eq(approvals::id)))
        .filter(offers::application_id.eq_any(padded(ids)))
        .filter(approvals::subject_kind.eq(SubjectKind::Offer))
        .filter(approval_votes::person_id.eq(person))
        .select((offers::application_id, approval_votes::vote, offers::status))
        .distinct();
    Ok(Kept(voted).load(conn)?)
}
