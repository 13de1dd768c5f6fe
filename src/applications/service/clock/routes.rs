//! The same clock for each further call that an application is routed to: those who answer for that
//! call are reminded, and its day is moved, by the same rules, before it is missed.

use super::letters;
use super::run::{Notice, Readers, Why, lapses, write};
use crate::applications::model::{Due, Record, RouteRecord, RouteStatus, State, Step};
use crate::applications::rules::clock as rules;
use crate::applications::store;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId};
use crate::kernel::time::Date;
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
) -> Result<()> {
    keys.sort_unstable();
    let mut notices = Vec::new();
    for (id, call) in keys {
        let Some(record) = store::lock(conn, id)? else { continue };
        let Some(mut route) = store::route(conn, (id, call))? else { continue };
        let notice = step(conn, ctx, &record, &mut route)?;
        route.version += 1;
        store::save_route(conn, &route)?;
        notices.extend(notice.map(|notice| (call, notice)));
    }
    write(conn, ctx, &mut Readers::default(), notices)
}

fn step(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    route: &mut RouteRecord,
) -> Result<Option<Notice>> {
    let waits = matches!(record.state, State::Submitted | State::Open);
    let waits = waits && route.status == RouteStatus::Submitted;
    let Some(promised) = route.promised_on.filter(|_| waits) else {
        route.due_on = None;
        return Ok(None);
    };
    let today = ctx.today();
    if route.due_on.is_none_or(|day| day > today) {
        return Ok(None);
    }
    let Some(call) = calls::service::facts(conn, route.call_id)? else { return Ok(None) };
    let title = format!("{} (in {})", record.content.title, call.title);
    let notice = |why, promised_on| Some(Notice { why, title: title.clone(), promised_on });
    let (due, told): (Due, _) = match route.step {
        Step::Remind => (rules::reminded(promised), notice(Why::Near, promised)),
        // No day that was promised passes without another one, named before it.
        Step::Final | Step::Overdue if rules::is_near(promised, today) => {
            let day = rules::extended(promised, today, call.decision_days);
            let often = route.rule_extensions >= rules::RULE_EXTENSIONS_MAX;
            if often && lapses(conn, record, day)? {
                let due = rules::again(promised, today);
                (route.step, route.due_on) = (due.step, Some(due.on));
                return Ok(notice(Why::Near, promised));
            }
            route.rule_extensions = (route.rule_extensions + 1).min(rules::RULE_EXTENSIONS_MAX);
            route.promised_on = Some(day);
            letters::extended_there(conn, ctx, record, &call.title, (promised, day))?;
            moved_there(conn, ctx, route, promised)?;
            match often {
                false => (rules::begin(day, today), notice(Why::Moved, day)),
                true => (rules::again(promised, today), notice(Why::Again, day)),
            }
        }
        Step::Final | Step::Overdue => {
            let tomorrow = Due { step: Step::Overdue, on: today.plus_days(1) };
            (tomorrow, notice(Why::Again, promised))
        }
    };
    (route.step, route.due_on) = (due.step, Some(due.on));
    Ok(told)
}

fn moved_there(conn: &mut Conn, ctx: &Ctx, route: &RouteRecord, before: Date) -> Result<()> {
    let change = Change {
        action: Action::ExtendApplication.as_str(),
        object: ("application", route.application_id.uuid()),
        before: Some(json!({ "call_id": route.call_id, "promised_on": before })),
        after: Some(json!({ "call_id": route.call_id, "promised_on": route.promised_on })),
    };
    audit::record(conn, ctx, change)
}
