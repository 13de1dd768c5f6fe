//! The same clock for each further call that an application is routed to: those who answer for that
//! call are reminded, and its day is moved, by the same rules, before it is missed.

use super::run::{Firm, Notice, Readers, reason, ticked, write};
use super::{letters, moved};
use crate::applications::model::{
    Due, ExtensionRecord, Record, RouteRecord, RouteStatus, Running, State,
};
use crate::applications::rules::clock as rules;
use crate::applications::service::routes::first_day;
use crate::applications::store;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId};
use crate::kernel::problem::Problem;
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// Routes on which something is due, up to `limit`.
pub(in crate::applications) fn due_routes(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<(ApplicationId, CallId)>> {
    store::due_routes(conn, ctx.today(), limit)
}

/// Does what is due on these, and writes to those who have to know.
pub(in crate::applications) fn run_routes(
    conn: &mut Conn,
    ctx: &Ctx,
    mut keys: Vec<(ApplicationId, CallId)>,
    firm: Firm,
) -> Result<()> {
    keys.sort_unstable();
    let mut notices = Vec::new();
    for (id, call) in keys {
        let Some(record) = store::lock(conn, id)? else { continue };
        let Some(mut route) = store::route(conn, (id, call))? else { continue };
        let before = route.clone();
        let notice = step(conn, ctx, (&record, &mut route), firm)?;
        if route != before {
            route.version += 1;
            store::save_route(conn, &route)?;
            first_day(conn, &record)?;
        }
        notices.extend(notice.map(|notice| (call, notice)));
    }
    write(conn, ctx, &mut Readers::default(), notices)
}

fn step(
    conn: &mut Conn,
    ctx: &Ctx,
    (record, route): (&Record, &mut RouteRecord),
    firm: Firm,
) -> Result<Option<Notice>> {
    let waits = matches!(record.state, State::Submitted | State::Open);
    let waits = waits && route.status == RouteStatus::Submitted;
    let Some(promised) = route.promised_on.filter(|_| waits) else {
        route.due_on = None;
        return Ok(None);
    };
    if route.due_on.is_none_or(|day| day > ctx.today()) {
        return Ok(None);
    }
    let Some(call) = calls::service::facts(conn, route.call_id)? else { return Ok(None) };
    let (step, rule_extensions) = (route.step, route.rule_extensions);
    let running = Running { promised, step, rule_extensions };
    let tick = ticked(conn, ctx, record, (&running, call.decision_days), firm)?;
    (route.step, route.due_on) = (tick.due.step, Some(tick.due.on));
    if let Some(day) = tick.moved {
        route.rule_extensions = (rule_extensions + 1).min(rules::RULE_EXTENSIONS_MAX);
        let there = Some(route.call_id);
        let moved = moved(ctx, there, (Some(promised), day), reason(tick.why));
        move_day(conn, ctx, record, (route, &call.title), &moved)?;
    }
    let title = format!("{} (in {})", record.content.title, call.title);
    let promised_on = tick.moved.unwrap_or(promised);
    Ok(Some(Notice { id: record.id, why: tick.why, title, promised_on }))
}

/// The route of an application that is in this call.
pub(super) fn found(conn: &mut Conn, id: ApplicationId, call: CallId) -> Result<RouteRecord> {
    let route = store::route(conn, (id, call))?;
    let message = "the application is not in this call";
    let unknown = || Problem::field("/call_id", "unknown", message);
    route.filter(|route| route.status == RouteStatus::Submitted).ok_or_else(unknown)
}

/// Somebody promises another day for a further call.
pub(super) fn extend(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    mut route: RouteRecord,
    moved: &ExtensionRecord,
    due: Due,
) -> Result<()> {
    (route.step, route.due_on) = (due.step, Some(due.on));
    let call = calls::service::facts(conn, route.call_id)?;
    let title = call.map(|call| call.title).unwrap_or_default();
    move_day(conn, ctx, record, (&mut route, &title), moved)?;
    route.version += 1;
    store::save_route(conn, &route)?;
    first_day(conn, record).map(drop)
}

/// Sets another day on a route to the call of this title, remembers why, and tells the applicant.
fn move_day(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (route, title): (&mut RouteRecord, &str),
    moved: &ExtensionRecord,
) -> Result<()> {
    route.promised_on = Some(moved.promised_on);
    store::insert_extension(conn, record.id, moved)?;
    letters::extended_there(conn, ctx, record, title, moved)?;
    let (before, after, reason) = (moved.promised_before, moved.promised_on, &moved.reason);
    let change = Change {
        action: Action::ExtendApplication.as_str(),
        object: ("application", record.id.uuid()),
        before: Some(json!({ "call_id": route.call_id, "promised_on": before })),
        after: Some(json!({ "call_id": route.call_id, "promised_on": after, "reason": reason })),
    };
    audit::record(conn, ctx, change)
}
