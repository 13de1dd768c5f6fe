//! What went into an application, and what goes on in its place.

use crate::applications::model::MergeStatus;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::application_resubmissions::dsl as r;
use crate::platform::db::schema::merges::dsl as m;
use diesel::prelude::*;
use std::collections::BTreeMap;

/// Whether an application took another one up, and whether it was made of a declined one: two
/// columns of a query that asks for it along with others.
macro_rules! past {
    ($id:expr) => {{
        use crate::applications::model::MergeStatus;
        use crate::platform::db::schema::{application_resubmissions as r, merges as m};
        let took = m::table.filter(m::into_id.eq($id).and(m::status.eq(MergeStatus::Accepted)));
        let made = r::table.filter(r::application_id.eq($id));
        (diesel::dsl::exists(took), diesel::dsl::exists(made))
    }};
}
pub(super) use past;

/// What these took up, and the declined one that each was made of: what went into which.
pub(in crate::applications) fn sources_of(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<Vec<(ApplicationId, ApplicationId)>> {
    let taken = m::merges.filter(m::into_id.eq_any(padded(ids)));
    let mut all: Vec<(ApplicationId, ApplicationId)> = taken
        .filter(m::status.eq(MergeStatus::Accepted))
        .select((m::into_id, m::from_id))
        .load(conn)?;
    let made = r::application_resubmissions.filter(r::application_id.eq_any(padded(ids)));
    let made = made.select((r::application_id, r::resubmission_of));
    all.extend(made.load::<(ApplicationId, ApplicationId)>(conn)?);
    Ok(all)
}

/// What took up each of several, or was made of it, beside it.
pub(in crate::applications) fn successors(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<BTreeMap<ApplicationId, ApplicationId>> {
    let made = r::application_resubmissions.filter(r::resubmission_of.eq_any(padded(ids)));
    let made = made.select((r::resubmission_of, r::application_id));
    let mut all: BTreeMap<ApplicationId, ApplicationId> =
        made.load::<(ApplicationId, ApplicationId)>(conn)?.into_iter().collect();
    let taken = m::merges.filter(m::from_id.eq_any(padded(ids)));
    let taken = taken.filter(m::status.eq(MergeStatus::Accepted)).select((m::from_id, m::into_id));
    all.extend(taken.load::<(ApplicationId, ApplicationId)>(conn)?);
    Ok(all)
}
