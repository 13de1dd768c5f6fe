//! How an application leaves a further call, and what its applicant is told.

use super::view::Sight;
use super::{found, no_route, note, own, tell};
use crate::applications::events;
use crate::applications::model::{
    ApplicationFacts, DeclineRecord, DeclineRouteForm, Record, Remedy, RouteAct, RouteRecord,
    RouteStatus, RouteView, WithdrawForm,
};
use crate::applications::rules::declines as limits;
use crate::applications::service::letters::{letter, path, to_applicant, withdrawn_there_for};
use crate::applications::service::{acting, decide, declines, hold, mates, missing, reason};
use crate::applications::store;
use crate::calls;
use crate::calls::model::Appeals;
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::ids::{ApplicationId, CallId};
use crate::kernel::problem::Problem;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Takes an application out of one further call; it stays in the others. Offers of funds that may
/// spend in none of those are released.
///
/// # Errors
/// 404 where it is not routed there, 409 where it has left already, or is in no other call any
/// more.
pub fn withdraw_route(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, call): (ApplicationId, CallId),
    form: &WithdrawForm,
) -> Result<RouteView> {
    let (record, relations) = hold(conn, ctx, id, Action::WithdrawRoute)?;
    let ctx = &acting(conn, ctx, &record, &relations, Errand::Submit)?;
    let route = found(conn, &record, call)?;
    super::goes_on(&record)?;
    if own::is_last(conn, &record, &route)? {
        let detail = "It was declined in its own call, and is in no other further call: take it \
                      out of this one by withdrawing the application itself.";
        return Err(Problem::wrong_state(detail));
    }
    let said = form.reason.as_deref().map(reason).transpose()?;
    let was_in = route.status == RouteStatus::Submitted;
    let route = leave(conn, ctx, route, (RouteAct::Withdraw, Action::WithdrawRoute), said)?;
    own::first_day(conn, &record)?;
    let title = title(conn, call)?;
    if was_in {
        withdrawn_there_for(conn, ctx, &record, &title)?;
        let text = format!(
            "Its lead has taken this application out of the call “{title}”; it goes on elsewhere."
        );
        mates::tell(conn, ctx, &record, ("Taken out of one call", &text), &[])?;
    }
    super::view::shown(conn, ctx, &record, &route, &relations)
}

/// Says no in one further call, with a reason that the applicant reads; the application goes on in
/// the others, and ends where this was the last one.
///
/// # Errors
/// 403 for somebody with a stake in it, 404 where it is not routed there, 409 where it was not
/// handed in there, or has left.
pub fn decline_route(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, call): (ApplicationId, CallId),
    form: &DeclineRouteForm,
) -> Result<RouteView> {
    let (record, relations) = hold(conn, ctx, id, Action::DeclineRoute)?;
    decide::impartial(conn, ctx, &ApplicationFacts::from(&record))?;
    let route = found(conn, &record, call)?;
    // One that was not handed in is its team's alone.
    if !Sight::of(conn, ctx, &relations)?.shows(conn, &route)? {
        return Err(no_route());
    }
    route.status.after(RouteAct::Decline)?;
    super::goes_on(&record)?;
    let said = declines::said(conn, ctx, declines::Saying::from(form))?;
    let last = own::is_last(conn, &record, &route)?;
    let (route, told) = say_no(conn, ctx, &record, route, (&said, last))?;
    let record = match last {
        true => own::end(conn, ctx, record, &said.reason)?,
        false => record,
    };
    own::first_day(conn, &record)?;
    own::tell_no(conn, ctx, &record, (&said, last), &[told])?;
    super::view::shown(conn, ctx, &record, &route, &relations)
}

/// Says no in one further call, and keeps what was said with what can be done about it: nothing but
/// an appeal where it is the `last` call.
pub(super) fn say_no(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    mut route: RouteRecord,
    (said, last): (&DeclineRecord, bool),
) -> Result<(RouteRecord, own::Told)> {
    let call = route.call_id;
    super::turned::count(conn, ctx, &mut route, (true, true))?;
    let granted = declines::granted(conn, (call, ctx.now), None)?;
    let used = match granted.appeals {
        Appeals::Appeal => store::appeal_of(conn, record.id, Some(call))?.is_some(),
        // It is routed there again only while it goes on.
        _ => route.again || last,
    };
    let promised = limits::left(granted, used, ctx.today());
    let kept = DeclineRecord { id: ctx.id(), promised, call_id: Some(call), ..said.clone() };
    store::insert_decline(conn, record.id, &kept)?;
    let again = promised.filter(|promised| promised.appeals == Appeals::Resubmit);
    route.again_until = again.map(|again| again.until);
    let steps = (RouteAct::Decline, Action::DeclineRoute);
    let route = leave(conn, ctx, route, steps, Some(said.reason.clone()))?;
    let remedy = promised.map(|promised| match promised.appeals {
        Appeals::Appeal => declines::may_appeal(promised.until),
        _ => format!("You can route it there again, changed, until {}.", promised.until),
    });
    Ok((route, (title(conn, call)?, remedy)))
}

/// What is left to do about a decline in a further call. A draft that was begun after it, and
/// never came in, has used nothing up of its coming again.
pub(in crate::applications::service) fn remedy(
    conn: &mut Conn,
    ctx: &Ctx,
    route: &RouteRecord,
) -> Result<Option<Remedy>> {
    match route.status {
        RouteStatus::Declined => left(conn, ctx, route, route.again),
        RouteStatus::Withdrawn | RouteStatus::Ended if route.is_remedy() => {
            let left = left(conn, ctx, route, false)?;
            Ok(left.filter(|left| left.appeals == Appeals::Resubmit))
        }
        _ => Ok(None),
    }
}

/// What is left today of what somebody can do who was declined there when it ended.
pub(super) fn left(
    conn: &mut Conn,
    ctx: &Ctx,
    route: &RouteRecord,
    used: bool,
) -> Result<Option<Remedy>> {
    let Some(declined_at) = route.ended_at else { return Ok(None) };
    let (id, call) = (route.application_id, route.call_id);
    let said = store::last_decline(conn, id, Some(call))?;
    let again = route.again_until.map(|until| Remedy { appeals: Appeals::Resubmit, until });
    let promised = again.or(said.as_ref().and_then(|said| said.promised));
    let granted = declines::granted(conn, (call, declined_at), promised)?;
    let used = match granted.appeals {
        // Who declined is not known of what was declined before that was kept: nobody answers.
        Appeals::Appeal => said.is_none() || store::appeal_of(conn, id, Some(call))?.is_some(),
        _ => used,
    };
    Ok(limits::left(granted, used, ctx.today()))
}

fn leave(
    conn: &mut Conn,
    ctx: &Ctx,
    mut route: RouteRecord,
    (act, action): (RouteAct, Action),
    said: Option<String>,
) -> Result<RouteRecord> {
    let was = route.status;
    route.status = was.after(act)?;
    if !route.is_remedy() {
        route.ended_at = Some(ctx.now);
    }
    (route.reason, route.due_on) = (said, None);
    route.version += 1;
    store::save_route(conn, &route)?;
    note(conn, ctx, action, &route)?;
    if was == RouteStatus::Submitted {
        tell(conn, ctx, events::UNROUTED, &route)?;
    }
    Ok(route)
}

/// The titles of the further calls that an application was handed in to.
pub(in crate::applications::service) fn further_titles(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<Vec<String>> {
    let routes = store::routes(conn, id)?.into_iter();
    let there = routes.filter(|route| route.status == RouteStatus::Submitted);
    there.map(|route| title(conn, route.call_id)).collect()
}

/// The title of a call.
pub(in crate::applications::service) fn title(conn: &mut Conn, call: CallId) -> Result<String> {
    Ok(calls::service::facts(conn, call)?.ok_or_else(missing)?.title)
}

/// Tells the applicant that their application is in a further call, whoever handed it in.
pub(super) fn came_in(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    route: &RouteRecord,
    call: &str,
) -> Result<()> {
    let promised = route.promised_on.map(|day| day.to_string()).unwrap_or_default();
    let came_in = match &ctx.behalf {
        Some(_) => format!("{} handed in your application to “{call}” as well.", ctx.actor_name),
        None => format!("Thank you: your application has come in to “{call}” as well."),
    };
    let letter = letter(record, "We have your application in a further call")
        .paragraph(came_in)
        .paragraph(format!("In this call you will have a decision by {promised}."))
        .paragraph("You can take it out of this call at any time; it stays in the others.")
        .link("Your application", path(record));
    to_applicant(conn, ctx, record, letter)?;
    let text = format!(
        "This application was handed in to the call “{call}” as well. In this call there will be \
         a decision by {promised}."
    );
    mates::tell(conn, ctx, record, ("Handed in to a further call", &text), &[])
}
