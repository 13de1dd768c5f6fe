//! Further calls: an application that was written once goes to several. What its own form asked
//! comes over; the further call asks only what it adds, and its own eligibility quiz. One
//! application, one screening and one award: but each call, the own one as well, promises its own
//! day, can decline for itself and be appealed against, and brings the funds that may spend in it.

mod answer;
mod appealed;
mod decide;
mod own;
mod turned;
mod view;

pub use appealed::{appeal_promised_there, remedy_there};
pub(super) use appealed::{back_there, declined_there, may_be_appealed, may_return, remedy_seen};
pub use decide::{decline_route, withdraw_route};
pub(super) use decide::{further_titles, remedy, title};
pub(super) use own::{back_in_own, decline_own, decline_rest, first_day, told_calls};
pub use own::{in_calls, lead_call};
pub use view::{route, routes};

pub(super) use view::Sight;

pub(super) use turned::{follow, turned, unanswered};

use super::{acting, hold, missing, named, see, versions, write};
use crate::answers;
use crate::answers::rules as forms;
use crate::applications::events;
use crate::applications::model::{
    ApplicationFacts, EditRoute, Going, Record, RouteAct, RouteApplication, RouteRecord,
    RouteStatus, RouteView, State, Step,
};
use crate::applications::rules::{clock as clocks, declines as limits};
use crate::applications::store;
use crate::calls;
use crate::calls::model::{Appeals, CallFacts};
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId, FundId};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;

/// Most further calls that an application is routed to.
const ROUTES_MAX: usize = 10;

fn no_route() -> Problem {
    Problem::not_found("route of the application")
}

/// The further calls that an application was handed in to and is in.
pub fn further_calls(conn: &mut Conn, id: ApplicationId) -> Result<Vec<CallId>> {
    store::further_calls(conn, id)
}

/// The version of the form under which what others read of an application answers in one of its
/// calls: what was handed in, while it is being changed.
///
/// # Errors
/// 404 where there is no such application, or it was not routed there.
pub fn form_version_in(conn: &mut Conn, id: ApplicationId, call: CallId) -> Result<i32> {
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    if call != record.call_id {
        return Ok(found(conn, &record, call)?.paper.form_version);
    }
    match versions::handed_in(conn, &record)? {
        Some((_, paper)) => Ok(paper.form_version),
        None => Ok(answers::service::paper(conn, id)?.form_version),
    }
}

/// Whether a fund is open and may spend in one of the calls that the application is in.
pub fn may_spend(conn: &mut Conn, facts: &ApplicationFacts, fund: FundId) -> Result<bool> {
    if let Some(own) = facts.own_call()
        && calls::service::may_spend(conn, own, fund)?
    {
        return Ok(true);
    }
    for call in store::further_calls(conn, facts.id)? {
        if calls::service::may_spend(conn, call, fund)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Further calls that some applications are in, are drafts in, or were declined in, each with its
/// title; whether it was handed in there, and the day that is promised then.
pub fn routes_of(conn: &mut Conn, ids: &[ApplicationId]) -> Result<Vec<Going>> {
    store::going(conn, ids)
}

/// Whether a fund is named by a call that the application has left, and by none of those that it
/// is in. Whether the fund is open still does not matter here.
pub fn is_unrouted(conn: &mut Conn, facts: &ApplicationFacts, fund: FundId) -> Result<bool> {
    let mut left = store::other_calls(conn, facts.id)?;
    if facts.own_call().is_none() {
        left.push(facts.call_id);
    }
    if left.is_empty() {
        return Ok(false);
    }
    for call in own::in_calls(conn, facts)? {
        if see::pays(conn, call, &[fund])? {
            return Ok(false);
        }
    }
    for call in left {
        if see::pays(conn, call, &[fund])? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn note(conn: &mut Conn, ctx: &Ctx, action: Action, route: &RouteRecord) -> Result<()> {
    let change = Change::by(action, "application", route.application_id.uuid());
    let reason = route.reason.as_ref().filter(|_| route.status != RouteStatus::Withdrawn);
    let after = json!({
        "call_id": route.call_id, "route": route.status, "promised_on": route.promised_on,
        "reason": reason,
    });
    audit::record(conn, ctx, change.to(after))
}

fn tell(conn: &mut Conn, ctx: &Ctx, event: &'static str, route: &RouteRecord) -> Result<()> {
    let told = json!({ "v": 1, "application_id": route.application_id, "call_id": route.call_id });
    outbox::emit(conn, ctx, event, told)
}

fn goes_on(record: &Record) -> Result<()> {
    if record.state.is_end() {
        let detail = format!("The application is {}: it has ended.", record.state.status());
        return Err(Problem::wrong_state(detail));
    }
    Ok(())
}

/// Keeps a route, and closes the files that it names to who does not read it.
fn keep(conn: &mut Conn, route: &RouteRecord) -> Result<()> {
    named::close_there(conn, route)?;
    store::save_route(conn, route)
}

/// The route of an application that is held.
fn found(conn: &mut Conn, record: &Record, call: CallId) -> Result<RouteRecord> {
    store::route(conn, (record.id, call))?.ok_or_else(no_route)
}

/// Checks that the version of a route is meant that is there.
fn expect_version(conn: &mut Conn, ctx: &Ctx, route: &RouteRecord) -> Result<()> {
    let object = ("application", route.application_id.uuid());
    audit::expect_version(conn, ctx, object, route.version, &[Action::EditRoute])
}

/// The call, where the actor may see it and it takes applications today.
fn further(
    conn: &mut Conn,
    ctx: &Ctx,
    id: CallId,
    before: Option<&RouteRecord>,
) -> Result<CallFacts> {
    let call = calls::service::visible(conn, ctx, id, Action::GetCall);
    let call = call.map_err(|problem| match problem.kind() {
        Kind::NotFound => Problem::field("/call_id", "unknown", "there is no such call"),
        _ => problem,
    })?;
    // What was declined there comes again within the days of the decline, not of the call.
    let again = match before {
        Some(old) => {
            decide::remedy(conn, ctx, old)?.is_some_and(|r| r.appeals == Appeals::Resubmit)
        }
        None => false,
    };
    if !again {
        calls::service::accepts(&call, ctx.today())?;
    }
    Ok(call)
}

/// Routes an application to a further call: a draft there, with all that was answered already.
///
/// # Errors
/// 409 where the application has ended, the call takes none today, has it already, or declined it
/// and does not let people hand in again; 422 for a call
/// that is not to be seen, for wrong answers, and with each reason why somebody cannot apply.
pub fn route_application(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &RouteApplication,
) -> Result<RouteView> {
    calls::service::keep(conn, form.call_id)?;
    let (record, relations) = hold(conn, ctx, id, Action::RouteApplication)?;
    let ctx = &acting(conn, ctx, &record, &relations, Errand::Draft)?;
    goes_on(&record)?;
    let before = store::route(conn, (id, form.call_id))?;
    let call = further(conn, ctx, form.call_id, before.as_ref())?;
    let already = |detail: &str| Err(Problem::new(Kind::AlreadyExists, detail));
    if record.call_id == call.id {
        return already("This is the call that the application was written for.");
    }
    match &before {
        None => {}
        Some(old) if matches!(old.status, RouteStatus::Draft | RouteStatus::Submitted) => {
            return already("The application is routed to this call already.");
        }
        Some(old) => drop(old.status.after(RouteAct::Return)?),
    }
    let declined = before.as_ref().filter(|old| old.status == RouteStatus::Declined);
    let again = declined.is_some() || before.as_ref().is_some_and(|old| old.again);
    if let Some(old) = declined {
        limits::may(Appeals::Resubmit, decide::remedy(conn, ctx, old)?)?;
    }
    // From here its days are counted until it is handed in.
    let remedied = before.as_ref().filter(|old| declined.is_some() || old.is_remedy());
    let ended_at = remedied.and_then(|old| old.ended_at);
    let again_until = remedied.and_then(|old| old.again_until);
    let all = store::routes(conn, id)?;
    let open = |r: &&RouteRecord| matches!(r.status, RouteStatus::Draft | RouteStatus::Submitted);
    if all.iter().filter(open).count() >= ROUTES_MAX {
        let detail = format!("An application is routed to at most {ROUTES_MAX} further calls.");
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    let mut fields = Fields::new();
    let (paper, carried) =
        answer::begin(conn, &mut fields, (&record, call.id), before.as_ref(), &form.answers)?;
    fields.finish()?;
    let route = RouteRecord {
        application_id: id,
        call_id: call.id,
        status: RouteStatus::Draft,
        paper,
        carried,
        routed_by: ctx.actor.person(),
        routed_at: ctx.now,
        submitted_by: None,
        submitted_at: None,
        promised_on: None,
        step: Step::Remind,
        due_on: None,
        rule_extensions: 0,
        answered_at: None,
        ended_at,
        reason: None,
        version: before.map_or(1, |old| old.version + 1),
        again,
        again_until,
    };
    keep(conn, &route)?;
    note(conn, ctx, Action::RouteApplication, &route)?;
    view::shown(conn, ctx, &record, &route, &relations)
}

/// Whether it was begun again after a decline, and the days that are given for that, from the
/// decline on, are not over.
pub(super) fn in_time_again(conn: &mut Conn, ctx: &Ctx, route: &RouteRecord) -> Result<bool> {
    Ok(again_until(conn, ctx, route)?.is_some())
}

/// The last of those days; none where it was not begun so, or they are over.
pub(super) fn again_until(conn: &mut Conn, ctx: &Ctx, route: &RouteRecord) -> Result<Option<Date>> {
    if !route.again {
        return Ok(None);
    }
    let left = decide::left(conn, ctx, route, false)?;
    Ok(left.filter(|left| left.appeals == Appeals::Resubmit).map(|left| left.until))
}

/// Answers what a further call asks.
///
/// # Errors
/// 409 once it was handed in, 412 when it was changed since it was read, 422 with all that is
/// wrong.
pub fn edit_route(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, call): (ApplicationId, CallId),
    form: &EditRoute,
) -> Result<RouteView> {
    let (record, relations) = hold(conn, ctx, id, Action::EditRoute)?;
    let ctx = &acting(conn, ctx, &record, &relations, Errand::Draft)?;
    let mut route = found(conn, &record, call)?;
    expect_version(conn, ctx, &route)?;
    route.status.after(RouteAct::Edit)?;
    let before = route.clone();
    answer::refresh(conn, &record, &mut route)?;
    let mut fields = Fields::new();
    answer::edit(conn, &mut fields, &record, &mut route, form)?;
    fields.finish()?;
    if route == before {
        return view::shown(conn, ctx, &record, &route, &relations);
    }
    route.version += 1;
    keep(conn, &route)?;
    note(conn, ctx, Action::EditRoute, &route)?;
    view::shown(conn, ctx, &record, &route, &relations)
}

/// Hands an application in to a further call: whoever may fund there comes across it from now on.
/// Promises a decision by the day that this call's decision time gives from today.
///
/// # Errors
/// 409 unless the application itself was handed in and waits for a decision, or where the call
/// takes none today; 412 when what was read, where that is named, was changed since; 422 with all
/// that is missing.
pub fn submit_route(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, call): (ApplicationId, CallId),
) -> Result<RouteView> {
    calls::service::keep(conn, call)?;
    let (record, relations) = hold(conn, ctx, id, Action::SubmitRoute)?;
    let ctx = &acting(conn, ctx, &record, &relations, Errand::Submit)?;
    let mut route = found(conn, &record, call)?;
    // Others write as well: who says what they read hands in nothing else.
    if ctx.if_match.is_some() {
        expect_version(conn, ctx, &route)?;
    }
    route.status = route.status.after(RouteAct::Submit)?;
    if !matches!(record.state, State::Submitted | State::Open) {
        let status = record.state.status();
        let detail = format!("The application is {status}: hand it in first, to its own call.");
        return Err(Problem::wrong_state(detail));
    }
    let facts = calls::service::facts(conn, call)?.ok_or_else(missing)?;
    if !in_time_again(conn, ctx, &route)? {
        calls::service::accepts(&facts, ctx.today())?;
    }
    answer::refresh(conn, &record, &mut route)?;
    let mut fields = Fields::new();
    write::payable(conn, &mut fields, &record.content, &facts)?;
    let form = answers::service::form_of(conn, call, route.paper.form_version)?;
    let paper = &mut route.paper;
    paper.answers = forms::prune(&form, &paper.answers);
    let kept = &paper.answers;
    paper.suggested.retain(|key, _| kept.contains_key(key));
    route.carried.retain(|key, _| kept.contains_key(key));
    answer::whole(conn, &mut fields, &record, &form, paper)?;
    fields.finish()?;
    let promised = ctx.today().plus_days(facts.decision_days);
    let due = clocks::begin(promised, ctx.today());
    (route.submitted_by, route.submitted_at) = (ctx.actor.person(), Some(ctx.now));
    (route.ended_at, route.again_until) = (None, None);
    (route.promised_on, route.step, route.due_on) = (Some(promised), due.step, Some(due.on));
    route.version += 1;
    keep(conn, &route)?;
    let handed_in = (&form, &route.paper.answers);
    answers::service::remember(conn, ctx, record.applicant_id, id, handed_in)?;
    own::first_day(conn, &record)?;
    note(conn, ctx, Action::SubmitRoute, &route)?;
    tell(conn, ctx, events::ROUTED, &route)?;
    decide::came_in(conn, ctx, &record, &route, &facts.title)?;
    view::shown(conn, ctx, &record, &route, &relations)
}
