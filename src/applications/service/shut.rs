//! Drafts that cannot be handed in today, for their call takes none; and those that cannot be from
//! some day on.

use super::{declines, routes};
use crate::applications::model::{ApplicationFacts, ApplicationStatus, Going, RouteStatus, Shut};
use crate::applications::store;
use crate::calls;
use crate::calls::model::CallStatus;
use crate::kernel::Result;
use crate::kernel::ids::CallId;
use crate::kernel::time::Date;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// What keeps a draft from being handed in today, where its call does: what comes again after a
/// decline has days of its own.
pub fn shut(conn: &mut Conn, ctx: &Ctx, facts: &ApplicationFacts) -> Result<Option<Shut>> {
    if facts.status != ApplicationStatus::Draft {
        return Ok(None);
    }
    match by_call(conn, ctx, facts.call_id)? {
        Some(_) if declines::comes_again(conn, ctx, facts.id)? => Ok(None),
        shut => Ok(shut),
    }
}

/// The same of a draft in a further call.
pub fn shut_there(conn: &mut Conn, ctx: &Ctx, going: &Going) -> Result<Option<Shut>> {
    if going.status != RouteStatus::Draft {
        return Ok(None);
    }
    let Some(shut) = by_call(conn, ctx, going.call_id)? else { return Ok(None) };
    let route = store::route(conn, (going.application_id, going.call_id))?;
    match route {
        Some(route) if routes::in_time_again(conn, ctx, &route)? => Ok(None),
        _ => Ok(Some(shut)),
    }
}

/// The last day on which a draft can be handed in that comes again after a decline, where its call
/// takes none on the day after.
pub fn last_day(conn: &mut Conn, ctx: &Ctx, facts: &ApplicationFacts) -> Result<Option<Date>> {
    if facts.status != ApplicationStatus::Draft {
        return Ok(None);
    }
    match declines::again_until(conn, ctx, facts.id)? {
        Some(until) => binding(conn, facts.call_id, until),
        None => Ok(None),
    }
}

/// The same of a draft in a further call.
pub fn last_day_there(conn: &mut Conn, ctx: &Ctx, going: &Going) -> Result<Option<Date>> {
    if going.status != RouteStatus::Draft {
        return Ok(None);
    }
    let route = store::route(conn, (going.application_id, going.call_id))?;
    let Some(route) = route else { return Ok(None) };
    match routes::again_until(conn, ctx, &route)? {
        Some(until) => binding(conn, going.call_id, until),
        None => Ok(None),
    }
}

/// The day, unless the call still takes applications on the day after.
fn binding(conn: &mut Conn, id: CallId, until: Date) -> Result<Option<Date>> {
    let Some(call) = calls::service::facts(conn, id)? else { return Ok(None) };
    Ok(calls::service::accepts(&call, until.plus_days(1)).err().map(|_| until))
}

/// What a call refuses today.
fn by_call(conn: &mut Conn, ctx: &Ctx, id: CallId) -> Result<Option<Shut>> {
    let Some(call) = calls::service::facts(conn, id)? else { return Ok(None) };
    let Err(refused) = calls::service::accepts(&call, ctx.today()) else { return Ok(None) };
    let past = call.closes_on.is_some_and(|last| last < ctx.today());
    let over = past || call.status == CallStatus::Closed;
    Ok(Some(Shut { why: refused.detail().to_owned(), over }))
}
