//! Appeals against a decline in one further call: what there is to appeal against, and how the
//! application comes back there.

use super::turned::{days, follow, promise};
use super::{Sight, decide, found, in_time_again, no_route, note, own, tell};
use crate::answers;
use crate::applications::events;
use crate::applications::model::{
    ApplicationFacts, ApplicationStatus, DeclineRecord, Going, Record, RouteAct, RouteRecord,
    RouteStatus,
};
use crate::applications::service::{clock, declines, see, versions};
use crate::applications::store;
use crate::calls;
use crate::calls::model::Appeals;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, FundId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::platform::authz::{Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

const AGAIN: &str = "It was handed in again as another application: go on with that one.";

/// Whether an appeal against a decline in a further call can still bring anything: the application
/// goes on, or has ended as its calls declined it one by one; and neither did its applicant delete
/// what it says, nor is it handed in again as another one.
fn may_come_back(conn: &mut Conn, facts: &ApplicationFacts) -> Result<bool> {
    let may = match facts.status {
        ApplicationStatus::Declined => facts.own_call().is_none(),
        status => !status.is_end(),
    };
    Ok(may
        && !store::is_emptied(conn, facts.id)?
        && store::resubmitted_as(conn, facts.id)?.is_none())
}

/// How an application was declined in a further call, where it stands declined there.
///
/// # Errors
/// 404 where it was not routed there, 409 where it was not declined there, or does not come back.
pub(in crate::applications::service) fn declined_there(
    conn: &mut Conn,
    record: &Record,
    call: CallId,
) -> Result<(RouteRecord, DeclineRecord)> {
    let route = found(conn, record, call)?;
    if !may_come_back(conn, &ApplicationFacts::from(record))? {
        let detail = match store::resubmitted_as(conn, record.id)? {
            Some(_) => AGAIN.to_owned(),
            None => format!("The application is {}: it has ended.", record.state.status()),
        };
        return Err(Problem::wrong_state(detail));
    }
    let never = || Problem::wrong_state("The application was not declined in this call.");
    if route.status != RouteStatus::Declined {
        return Err(never());
    }
    let said = store::last_decline(conn, record.id, Some(call))?.ok_or_else(never)?;
    Ok((route, said))
}

/// What can be done today about what a further call said: an appeal only while that can bring
/// anything, to route it there again only while it goes on.
fn left(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
    route: &RouteRecord,
) -> Result<Option<(Appeals, Date)>> {
    let Some(left) = decide::remedy(conn, ctx, route)? else { return Ok(None) };
    let may = match left.appeals {
        Appeals::Appeal => may_come_back(conn, facts)?,
        _ => !facts.status.is_end(),
    };
    Ok(may.then_some((left.appeals, left.until)))
}

/// Whether an application that has ended can still be brought back by an appeal against what a
/// further call said.
pub(in crate::applications::service) fn may_be_appealed(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
) -> Result<bool> {
    if !may_come_back(conn, facts)? {
        return Ok(false);
    }
    for route in store::routes(conn, facts.id)? {
        let left = decide::remedy(conn, ctx, &route)?;
        if left.is_some_and(|left| left.appeals == Appeals::Appeal) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an application that was begun in a further call, or was taken out of it, may be handed
/// in there today: the call takes applications, or it comes again in the days of its decline.
fn may_come_in(conn: &mut Conn, ctx: &Ctx, route: &RouteRecord) -> Result<bool> {
    match route.status {
        RouteStatus::Draft if in_time_again(conn, ctx, route)? => return Ok(true),
        RouteStatus::Draft => {}
        // What was never in there was begun and given up.
        RouteStatus::Withdrawn | RouteStatus::Ended if route.submitted_at.is_some() => {}
        _ => return Ok(false),
    }
    let call = calls::service::facts(conn, route.call_id)?;
    Ok(call.is_some_and(|call| calls::service::accepts(&call, ctx.today()).is_ok()))
}

/// Whether an application that goes on may come into a call that it has left, or has not come into,
/// and in which a fund may spend: an appeal waits there or may still be made, it may be handed in
/// as it was begun there, or be routed there again.
pub(in crate::applications::service) fn may_return(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
    fund: FundId,
) -> Result<bool> {
    let mut calls = Vec::new();
    for appeal in store::appeals_of(conn, facts.id)? {
        if appeal.decided_at.is_none() {
            calls.push(appeal.call_id.unwrap_or(facts.call_id));
        }
    }
    if let Some((Appeals::Appeal, _)) = declines::remedy_for(conn, ctx, facts)? {
        calls.push(facts.call_id);
    }
    for route in store::routes(conn, facts.id)? {
        if may_come_in(conn, ctx, &route)? || left(conn, ctx, facts, &route)?.is_some() {
            calls.push(route.call_id);
        }
    }
    for call in calls {
        if see::pays(conn, call, &[fund])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What can be done today about a decline in a further call, and until when.
pub fn remedy_there(
    conn: &mut Conn,
    ctx: &Ctx,
    (facts, there): (&ApplicationFacts, &Going),
) -> Result<Option<(Appeals, Date)>> {
    match store::route(conn, (facts.id, there.call_id))? {
        Some(route) => left(conn, ctx, facts, &route),
        None => Ok(None),
    }
}

/// The same, for somebody who is related to the application like this.
///
/// # Errors
/// 404 where it was not routed there, or they do not see that.
pub(in crate::applications::service) fn remedy_seen(
    conn: &mut Conn,
    ctx: &Ctx,
    (facts, call): (&ApplicationFacts, CallId),
    relations: &[Relation],
) -> Result<Option<(Appeals, Date)>> {
    let route = store::route(conn, (facts.id, call))?.ok_or_else(no_route)?;
    match Sight::of(conn, ctx, relations)?.shows(conn, &route)? {
        true => left(conn, ctx, facts, &route),
        false => Err(no_route()),
    }
}

/// The day by which an appeal that waits is answered, in this further call.
pub fn appeal_promised_there(
    conn: &mut Conn,
    (id, call): (ApplicationId, CallId),
) -> Result<Option<Date>> {
    let appeal = store::appeal_of(conn, id, Some(call))?;
    let waits = appeal.filter(|appeal| appeal.decided_at.is_none());
    Ok(waits.and_then(|appeal| appeal.promised_on))
}

/// An appeal found that a further call was wrong: the application, which goes on or has just come
/// back (which was `told` then), is in that call again, with a new promise: that day. What had come
/// over there follows what was handed in since.
pub(in crate::applications::service) fn back_there(
    conn: &mut Conn,
    ctx: &Ctx,
    (record, call): (&Record, CallId),
    told: bool,
) -> Result<Option<Date>> {
    let mut route = found(conn, record, call)?;
    route.status = route.status.after(RouteAct::Reopen)?;
    (route.ended_at, route.reason, route.again_until) = (None, None, None);
    route.rule_extensions = 0;
    let paused = clock::stands_since(conn, record.id)?;
    let from = paused.unwrap_or_else(|| ctx.today());
    let day = from.plus_days(days(conn, &route)?);
    promise(ctx, &mut route, day);
    if paused.is_some() {
        route.due_on = None;
    }
    route.version += 1;
    store::save_route(conn, &route)?;
    let paper = match versions::handed_in(conn, record)? {
        Some((_, paper)) => paper,
        None => answers::service::paper(conn, record.id)?,
    };
    follow(conn, record, &paper)?;
    own::first_day(conn, record)?;
    note(conn, ctx, Action::AnswerAppeal, &route)?;
    if !told {
        tell(conn, ctx, events::REOPENED, &route)?;
    }
    Ok(route.promised_on)
}
