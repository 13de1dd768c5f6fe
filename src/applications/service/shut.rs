//! Drafts that cannot be handed in today, for their call takes none.

use super::{declines, routes};
use crate::applications::model::{ApplicationFacts, ApplicationStatus, Going, RouteStatus, Shut};
use crate::applications::store;
use crate::calls;
use crate::calls::model::CallStatus;
use crate::kernel::Result;
use crate::kernel::ids::CallId;
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

/// What a call refuses today.
fn by_call(conn: &mut Conn, ctx: &Ctx, id: CallId) -> Result<Option<Shut>> {
    let Some(call) = calls::service::facts(conn, id)? else { return Ok(None) };
    let Err(refused) = calls::service::accepts(&call, ctx.today()) else { return Ok(None) };
    let past = call.closes_on.is_some_and(|last| last < ctx.today());
    let over = past || call.status == CallStatus::Closed;
    Ok(Some(Shut { why: refused.detail().to_owned(), over }))
}
