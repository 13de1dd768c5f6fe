//! What the steps of an application do to its routes: they end with it, their clocks stand while
//! changes are asked for, and what is decided is counted for each call.

use super::answer;
use super::decide::title;
use crate::answers;
use crate::answers::model::Paper;
use crate::answers::rules as forms;
use crate::applications::model::{Act, Record, RouteRecord, RouteStatus, State, Tally};
use crate::applications::rules::clock as clocks;
use crate::applications::service::clock;
use crate::applications::store;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::kernel::time::Date;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Counts an answer, or a decision, for the call of a route.
pub(super) fn count(
    conn: &mut Conn,
    ctx: &Ctx,
    route: &mut RouteRecord,
    (answered, decided): (bool, bool),
) -> Result<()> {
    let Some(submitted_at) = route.submitted_at else { return Ok(()) };
    if answered && route.answered_at.is_none() {
        route.answered_at = Some(ctx.now);
        clock::tally(conn, (route.call_id, Tally::FirstAnswer), (submitted_at, ctx.now))?;
    }
    // Once for each call, also where it is decided anew after an appeal.
    let before = store::clock(conn, route.application_id)?.and_then(|clock| clock.decided_at);
    let said = store::last_decline(conn, route.application_id, Some(route.call_id))?;
    let before = before.max(said.map(|said| said.declined_at));
    if decided && before.is_none_or(|before| before < submitted_at) {
        clock::tally(conn, (route.call_id, Tally::Decision), (submitted_at, ctx.now))?;
    }
    Ok(())
}

/// Follows a step that the application has taken, before its own clock does.
pub(in crate::applications::service) fn turned(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    act: Act,
) -> Result<()> {
    for route in store::routes(conn, record.id)? {
        let mut new = route.clone();
        if new.status == RouteStatus::Submitted {
            match act {
                Act::Open | Act::RequestChanges => count(conn, ctx, &mut new, (true, false))?,
                Act::Decline | Act::Award => count(conn, ctx, &mut new, (true, true))?,
                // Nobody answered; that time ran out decides all the same.
                Act::Lapse => count(conn, ctx, &mut new, (false, true))?,
                _ => {}
            }
        }
        step(conn, ctx, record, act, &mut new)?;
        if new != route {
            new.version += 1;
            store::save_route(conn, &new)?;
        }
    }
    Ok(())
}

fn step(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    act: Act,
    route: &mut RouteRecord,
) -> Result<()> {
    let live = matches!(route.status, RouteStatus::Draft | RouteStatus::Submitted);
    let is_in = route.status == RouteStatus::Submitted;
    if record.state.is_end() {
        route.due_on = None;
        // A grant stays in the calls that it came from.
        if live && !(is_in && record.state == State::Awarded) {
            route.status = RouteStatus::Ended;
            if !route.is_remedy() {
                route.ended_at = Some(ctx.now);
            }
        }
        return Ok(());
    }
    match act {
        Act::RequestChanges => route.due_on = None,
        Act::Submit if is_in => {
            let paused = store::clock(conn, record.id)?.and_then(|clock| clock.paused_on);
            if let (Some(promised), Some(paused)) = (route.promised_on, paused) {
                let days = days(conn, route)?;
                promise(ctx, route, clocks::resumed(promised, paused, ctx.today(), days));
            }
        }
        Act::Reopen if route.status == RouteStatus::Ended && route.submitted_at.is_some() => {
            (route.status, route.ended_at) = (RouteStatus::Submitted, None);
            route.rule_extensions = 0;
            let day = ctx.today().plus_days(days(conn, route)?);
            promise(ctx, route, day);
        }
        _ => {}
    }
    Ok(())
}

/// The decision time of its call.
pub(super) fn days(conn: &mut Conn, route: &RouteRecord) -> Result<i32> {
    Ok(calls::service::facts(conn, route.call_id)?.map_or(7, |call| call.decision_days))
}

/// Promises this day for a route, and what comes first so that it is kept.
pub(super) fn promise(ctx: &Ctx, route: &mut RouteRecord, day: Date) {
    let due = clocks::begin(day, ctx.today());
    (route.promised_on, route.step, route.due_on) = (Some(day), due.step, Some(due.on));
}

/// What came over follows the application when it is handed in again, where it still fits; answers
/// to what is not asked any more after that go. What is asked from then on is for [`unanswered`].
pub(in crate::applications::service) fn follow(
    conn: &mut Conn,
    record: &Record,
    own: &Paper,
) -> Result<()> {
    for mut route in store::routes(conn, record.id)? {
        if route.status != RouteStatus::Submitted || route.carried.is_empty() {
            continue;
        }
        let before = route.paper.answers.clone();
        let form = answers::service::form_of(conn, route.call_id, route.paper.form_version)?;
        let from = answers::service::form_of(conn, record.call_id, own.form_version)?;
        let common = forms::common(&from, &own.answers, &form);
        for (key, old) in &route.carried {
            if common.get(key) == Some(old) {
                route.paper.answers.insert(key.clone(), own.answers[old].clone());
            }
        }
        answer::there(conn, record, &form, &mut route.paper)?;
        route.paper.answers = forms::prune(&form, &route.paper.answers);
        let kept = &route.paper.answers;
        route.carried.retain(|key, _| kept.contains_key(key));
        if route.paper.answers != before {
            route.version += 1;
            super::keep(conn, &route)?;
        }
    }
    Ok(())
}

/// What has to be answered in the further calls that an application is in, and is not since its
/// answers were changed: the title of each such call, and what it asks.
pub(in crate::applications::service) fn unanswered(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<Vec<(String, Vec<String>)>> {
    let mut all = Vec::new();
    for route in store::routes(conn, id)? {
        if route.status != RouteStatus::Submitted {
            continue;
        }
        let form = answers::service::form_of(conn, route.call_id, route.paper.form_version)?;
        let open = forms::unanswered(&form, &route.paper.answers).into_iter();
        let labels: Vec<String> = open.map(|question| question.label.clone()).collect();
        if !labels.is_empty() {
            all.push((title(conn, route.call_id)?, labels));
        }
    }
    Ok(all)
}
