//! What was stopped, and what came back.

use crate::concerns::model::{ConcernOutcome, ConcernStatus, ScreeningStatus};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, ScreeningId};
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::concerns::dsl as c;
use crate::platform::db::schema::lane_log::dsl as l;
use crate::platform::db::schema::screenings::dsl as s;
use diesel::dsl::{exists, max};
use diesel::prelude::*;

/// When one of these applications, the first and what went into it, was stopped last. `None` where
/// none was, or since then the first itself was cleared, or something was decided about it that did
/// not stop it.
pub(in crate::concerns) fn stopped_at(
    conn: &mut Conn,
    applications: &[ApplicationId],
) -> Result<Option<Instant>> {
    let stop: Option<Instant> = c::concerns
        .filter(c::application_id.eq_any(padded(applications)))
        .filter(c::status.eq(ConcernStatus::Closed).and(c::outcome.eq(ConcernOutcome::Stopped)))
        .select(max(c::decided_at))
        .first(conn)?;
    let Some(stop) = stop else { return Ok(None) };
    let first = applications.first().copied();
    let decided = c::concerns
        .filter(c::application_id.eq_any(first))
        .filter(c::status.eq(ConcernStatus::Closed).and(c::outcome.ne(ConcernOutcome::Stopped)))
        .filter(c::decided_at.gt(stop));
    let cleared = s::screenings
        .filter(s::application_id.eq_any(first))
        .filter(s::status.eq(ScreeningStatus::Cleared).and(s::cleared_at.gt(stop)));
    let lifted = diesel::select(exists(decided)).get_result::<bool>(conn)?
        || diesel::select(exists(cleared)).get_result::<bool>(conn)?;
    Ok((!lifted).then_some(stop))
}

/// When a concern last stopped an application, by an act that the log has at this one: the concern
/// may have been raised about what went into it.
pub(in crate::concerns) fn stopped_at_itself(
    conn: &mut Conn,
    application: ApplicationId,
    act: &str,
) -> Result<Option<Instant>> {
    let stop: Option<Instant> = l::lane_log
        .inner_join(c::concerns.on(l::concern_id.eq(c::id.nullable())))
        .filter(l::application_id.eq(application).and(l::act.eq(act)))
        .filter(c::outcome.eq(ConcernOutcome::Stopped))
        .select(max(c::decided_at))
        .first(conn)?;
    Ok(stop)
}

/// Back to waiting after a stop of that moment, and to be asked again where nothing was answered;
/// whether it was not brought back since then.
pub(in crate::concerns) fn brought_back(
    conn: &mut Conn,
    id: ScreeningId,
    stop: Instant,
    at: Instant,
) -> Result<bool> {
    let not_since = s::reopened_at.is_null().or(s::reopened_at.lt(stop));
    let set = (
        s::status.eq(ScreeningStatus::Waiting),
        s::cleared_at.eq(None::<Instant>),
        s::reopened_at.eq(Some(at)),
    );
    let this = s::screenings.filter(s::id.eq(id).and(not_since));
    if diesel::update(this).set(set).execute(conn)? != 1 {
        return Ok(false);
    }
    let silent = s::screenings.filter(s::id.eq(id).and(s::answered_at.is_null()));
    let anew = (s::asked_at.eq(None::<Instant>), s::reminded_at.eq(None::<Instant>));
    diesel::update(silent).set(anew).execute(conn)?;
    Ok(true)
}
