//! The decision clock: starts with the submission, stands while changes are asked for, ends with
//! the decision. [`turned`] is told of every step that an application takes.

mod appeals;
mod letters;
mod routes;
mod run;

pub(super) use appeals::{appealed, taken_back, waits_again};
pub(in crate::applications) use appeals::{due_appeals, run_appeal};
pub(in crate::applications) use routes::{due_routes, run_routes};
pub use run::{Firm, deciders};
pub(in crate::applications) use run::{changes_missing, due, remind_of_changes, run};

use super::{hold, meanwhile, missing, see};
use crate::applications::model::{
    Act, Ahead, ApplicationFacts, ApplicationStatus, ClockRecord, DecisionClock, Due, ExtendForm,
    Extension, ExtensionRecord, Named, Record, State, Tally,
};
use crate::applications::rules::clock as rules;
use crate::applications::store;
use crate::calls::model::CallFacts;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;
use std::collections::BTreeMap;

/// The day that a submission promises: the call's decision time from today; after changes the day
/// before, later by the days that the applicant took.
pub(super) fn promise(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    call: &CallFacts,
) -> Result<Date> {
    let (today, days) = (ctx.today(), call.decision_days);
    let paused = store::clock(conn, record.id)?.and_then(|clock| clock.paused_on);
    Ok(match (record.promised_on, paused) {
        (Some(promised), Some(paused)) => rules::resumed(promised, paused, today, days),
        _ => today.plus_days(days),
    })
}

/// Follows a step that was taken.
pub(super) fn turned(conn: &mut Conn, ctx: &Ctx, record: &Record, act: Act) -> Result<()> {
    let Some(submitted_at) = record.submitted_at else { return Ok(()) };
    let Some(promised) = record.promised_on else { return Ok(()) };
    let today = ctx.today();
    let begins = rules::begin(promised, today);
    let mut clock = store::clock(conn, record.id)?.unwrap_or(ClockRecord {
        application_id: record.id,
        first_promised_on: promised,
        paused_on: None,
        step: begins.step,
        due_on: Some(begins.on),
        rule_extensions: 0,
        answered_at: None,
        decided_at: None,
        remind_on: None,
    });
    clock.remind_on = None;
    match record.state {
        State::ChangesRequested(_) => {
            (clock.paused_on, clock.due_on) = (Some(today), None);
            clock.remind_on = Some(today.plus_days(rules::CHANGES_DAYS));
        }
        _ if record.state.is_end() => (clock.paused_on, clock.due_on) = (None, None),
        _ if act == Act::Submit || act == Act::Reopen => {
            clock.paused_on = None;
            // What is decided anew after an appeal begins anew.
            if act == Act::Reopen {
                clock.rule_extensions = 0;
            }
            // In its own call nobody is waited for where that has declined it alone.
            let due = Some(begins.on).filter(|_| !record.left_own_call());
            (clock.step, clock.due_on) = (begins.step, due);
        }
        _ => {}
    }
    let answers = matches!(act, Act::Open | Act::RequestChanges | Act::Decline | Act::Award);
    if answers && clock.answered_at.is_none() {
        clock.answered_at = Some(ctx.now);
        tally(conn, (record.call_id, Tally::FirstAnswer), (submitted_at, ctx.now))?;
    }
    if matches!(act, Act::Decline | Act::Award | Act::Lapse) && clock.decided_at.is_none() {
        clock.decided_at = Some(ctx.now);
        decided(conn, ctx, record)?;
    }
    store::save_clock(conn, &clock)
}

/// Counts a decision in the own call, unless that had declined it before.
fn decided(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    let Some(submitted_at) = record.submitted_at else { return Ok(()) };
    match store::last_decline(conn, record.id, None)? {
        Some(_) => Ok(()),
        None => tally(conn, (record.call_id, Tally::Decision), (submitted_at, ctx.now)),
    }
}

/// Follows a decline in the own call alone, before what was said is kept: the clock there ends, and
/// what it took is counted.
pub(super) fn own_call_declined(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    let Some(submitted_at) = record.submitted_at else { return Ok(()) };
    let Some(mut clock) = store::clock(conn, record.id)? else { return Ok(()) };
    clock.due_on = None;
    if clock.answered_at.is_none() {
        clock.answered_at = Some(ctx.now);
        tally(conn, (record.call_id, Tally::FirstAnswer), (submitted_at, ctx.now))?;
    }
    if clock.decided_at.is_none() {
        decided(conn, ctx, record)?;
    }
    store::save_clock(conn, &clock)
}

/// It is back in its own call, with a day that is promised anew: the clock there begins again, or
/// stands while changes are made.
pub(super) fn own_call_reopened(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<()> {
    let Some(promised) = record.promised_on else { return Ok(()) };
    let Some(mut clock) = store::clock(conn, record.id)? else { return Ok(()) };
    let begins = rules::begin(promised, ctx.today());
    clock.rule_extensions = 0;
    let due = Some(begins.on).filter(|_| clock.paused_on.is_none());
    (clock.step, clock.due_on) = (begins.step, due);
    store::save_clock(conn, &clock)
}

/// Since when the clocks of an application stand, while changes are made.
pub(super) fn stands_since(conn: &mut Conn, id: ApplicationId) -> Result<Option<Date>> {
    Ok(store::clock(conn, id)?.and_then(|clock| clock.paused_on))
}

/// Counts days of UTC, in the month of the answer.
pub(super) fn tally(
    conn: &mut Conn,
    what: (CallId, Tally),
    (from, to): (Instant, Instant),
) -> Result<()> {
    let (from, to) = (from.date(), to.date());
    let days = (to.days_since_epoch() - from.days_since_epoch()).max(0);
    store::count_days(conn, what, to.month(), days)
}

/// Where an application stands in time, for its team and for those who run the service.
///
/// # Errors
/// 404 where there is no application that the actor may see, 403 where it is not theirs to know.
pub fn clock(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<DecisionClock> {
    let facts = super::facts(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &facts)?;
    authz::require(ctx, Action::GetClock, &relations)?;
    let clock = store::clock(conn, id)?;
    let paused_since = clock.as_ref().and_then(|clock| clock.paused_on);
    let waits = matches!(facts.status, ApplicationStatus::Submitted | ApplicationStatus::Open);
    let today = ctx.today();
    let left = |day: Date| day.days_since_epoch() - today.days_since_epoch();
    let shut = super::shut(conn, ctx, &facts)?;
    let taken_up = facts.status == ApplicationStatus::Withdrawn
        && store::resubmitted_as(conn, id)?.is_none()
        && store::successors(conn, &[id])?.contains_key(&id);
    let goes_on = facts.own_call().is_none() && !facts.status.is_end();
    let next = rules::next(facts.status, shut.as_ref());
    Ok(DecisionClock {
        application_id: id,
        stage: facts.status,
        promised_on: facts.promised_on,
        first_promised_on: clock.map(|clock| clock.first_promised_on),
        days_left: facts.promised_on.filter(|_| waits).map(left),
        paused_since,
        ahead: ahead(conn, &facts)?,
        next: match taken_up {
            true => rules::TAKEN_UP.to_owned(),
            false if goes_on => format!("{} {next}", rules::GOES_ON),
            false => next,
        },
        extensions: extensions(conn, ctx, id)?,
        resubmission_of: store::resubmission_of(conn, id)?,
    })
}

/// How many wait before this one, in its own call and stage; none where it does not wait there.
pub fn ahead(conn: &mut Conn, facts: &ApplicationFacts) -> Result<Option<Ahead>> {
    let waits = matches!(facts.status, ApplicationStatus::Submitted | ApplicationStatus::Open);
    let waits = waits && facts.own_call().is_some();
    let Some(submitted_at) = facts.submitted_at.filter(|_| waits) else { return Ok(None) };
    let most = rules::AHEAD_MAX;
    let count = store::ahead(conn, (facts.call_id, facts.status), submitted_at, most)?;
    Ok(Some(Ahead { count, or_more: count >= most }))
}

/// Who extended is told to those who run the service alone, as who declined is.
fn extensions(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Vec<Extension>> {
    let rows = store::extensions(conn, id)?;
    let people: Vec<PersonId> = rows.iter().filter_map(|row| row.extended_by).collect();
    let names: BTreeMap<PersonId, String> = people::service::names(conn, &people)?;
    let shown = |row: ExtensionRecord| Extension {
        id: row.id,
        promised_before: row.promised_before,
        promised_on: row.promised_on,
        reason: row.reason,
        extended_by: row
            .extended_by
            .filter(|_| ctx.actor.is_sponsor())
            .map(|id| Named { id, name: names.get(&id).cloned().unwrap_or_default() }),
        extended_at: row.extended_at,
        call_id: row.call_id,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// Promises another day, with a reason that the applicant reads; in a further call, where one is
/// named.
///
/// # Errors
/// 403 for somebody with a stake in it, 409 where no decision is awaited, 422 for a day that is no
/// later one, or a call that it is not in.
pub fn extend(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &ExtendForm,
) -> Result<DecisionClock> {
    let (record, _) = hold(conn, ctx, id, Action::ExtendApplication)?;
    super::decide::impartial(conn, ctx, &ApplicationFacts::from(&record))?;
    if !matches!(record.state, State::Submitted | State::Open) {
        let status = record.state.status();
        let detail = format!("The application is {status}: no decision is awaited.");
        return Err(Problem::wrong_state(detail));
    }
    let there = form.call_id.filter(|call| *call != record.call_id);
    if there.is_none() && record.left_own_call() {
        let message = "it was declined in its own call: name the further call that needs longer";
        return Err(Problem::field("/call_id", "required", message));
    }
    let route = there.map(|call| routes::found(conn, id, call)).transpose()?;
    let before = route.as_ref().map_or(record.promised_on, |route| route.promised_on);
    let mut fields = Fields::new();
    let today = ctx.today();
    rules::check_day(&mut fields, form.promised_on, before, today);
    let most = crate::applications::rules::REASON_MAX;
    let reason = fields.paragraphs("/reason", &form.reason, 1, most);
    fields.finish()?;
    let due = rules::begin(form.promised_on, today);
    let moved = moved(ctx, there, (before, form.promised_on), reason);
    match route {
        Some(route) => routes::extend(conn, ctx, &record, route, &moved, due)?,
        None => {
            move_day(conn, ctx, &record, &moved, due)?;
            letters::extended(conn, ctx, &record, &moved)?;
        }
    }
    clock(conn, ctx, id)
}

fn moved(
    ctx: &Ctx,
    call_id: Option<CallId>,
    (before, promised_on): (Option<Date>, Date),
    reason: String,
) -> ExtensionRecord {
    ExtensionRecord {
        id: ctx.id(),
        promised_before: before.unwrap_or_else(|| promised_on.plus_days(-1)),
        promised_on,
        reason,
        extended_by: ctx.actor.person(),
        extended_at: ctx.now,
        call_id,
    }
}

/// Writes another day, why, and what comes next.
fn move_day(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    moved: &ExtensionRecord,
    due: Due,
) -> Result<()> {
    let place = (record.id, record.state.status());
    if !store::move_promise(conn, place, moved.promised_on)? {
        return Err(meanwhile());
    }
    store::insert_extension(conn, record.id, moved)?;
    let mut clock = store::clock(conn, record.id)?.unwrap_or(ClockRecord {
        application_id: record.id,
        first_promised_on: moved.promised_before,
        paused_on: None,
        step: due.step,
        due_on: None,
        rule_extensions: 0,
        answered_at: None,
        decided_at: None,
        remind_on: None,
    });
    (clock.step, clock.due_on) = (due.step, Some(due.on));
    let more = clock.rule_extensions + i32::from(moved.extended_by.is_none());
    clock.rule_extensions = more.min(rules::RULE_EXTENSIONS_MAX);
    store::save_clock(conn, &clock)?;
    let change = Change {
        action: Action::ExtendApplication.as_str(),
        object: ("application", record.id.uuid()),
        before: Some(json!({ "promised_on": moved.promised_before })),
        after: Some(json!({ "promised_on": moved.promised_on, "reason": moved.reason })),
    };
    audit::record(conn, ctx, change)
}
