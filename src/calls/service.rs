//! Use-cases of calls.

mod decisions;

pub use decisions::{announced, decision_terms, decisions, set_decisions};

use super::events::{CALL_CLOSED, CALL_OPENED};
use super::model::{
    Call, CallFacts, CallRecord, CallStatus, CreateCall, EditCall, Terms, Visibility,
};
pub use super::rules::accepts;
use super::{rules, store};
use crate::funds;
use crate::funds::model::FundStatus;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{CallId, FundId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;

fn missing() -> Problem {
    Problem::not_found("call")
}

fn meanwhile() -> Problem {
    Problem::changed_meanwhile("call")
}

/// What other domains need to know of a call.
pub fn facts(conn: &mut Conn, id: CallId) -> Result<Option<CallFacts>> {
    Ok(store::find(conn, id)?.map(CallFacts::from))
}

/// The same, held until the transaction ends.
pub fn hold(conn: &mut Conn, id: CallId) -> Result<Option<CallFacts>> {
    Ok(store::lock(conn, id)?.map(CallFacts::from))
}

/// Nobody opens, closes or edits a call from here on until the transaction ends, while others may
/// come into it at the same moment. Before the application's row, wherever both are held.
pub fn keep(conn: &mut Conn, id: CallId) -> Result<()> {
    store::keep(conn, id)
}

/// Whether a fund is open and may spend in a call.
pub fn may_spend(conn: &mut Conn, call: CallId, fund: FundId) -> Result<bool> {
    let found = store::spends(conn, call, fund)?;
    Ok(found.is_some_and(|(status, names_funds, names_it)| {
        status == FundStatus::Open && (names_it || !names_funds)
    }))
}

fn shown(call: CallRecord, today: Date) -> Call {
    let CallRecord { id, terms, status, version, created_at, .. } = call.clone();
    let accepting = rules::accepts(&CallFacts::from(call), today).is_ok();
    let Terms { title, summary, kind, opens_on, closes_on, decision_days, visibility, fund_ids } =
        terms;
    Call {
        id,
        title,
        summary,
        kind,
        opens_on,
        closes_on,
        decision_days,
        visibility,
        status,
        accepting,
        fund_ids,
        version,
        created_at,
    }
}

/// Refuses funds that do not exist.
fn known_funds(conn: &mut Conn, fields: &mut Fields, terms: &Terms) -> Result<()> {
    for (i, fund) in terms.fund_ids.iter().enumerate().take(rules::FUNDS_MAX) {
        if funds::service::facts(conn, *fund)?.is_none() {
            let message = format!("there is no fund {fund}");
            fields.push(&format!("/fund_ids/{i}"), "unknown", message);
        }
    }
    Ok(())
}

/// Makes a call; it starts as a draft.
///
/// # Errors
/// 422 with all that is wrong.
pub fn create(conn: &mut Conn, ctx: &Ctx, form: &CreateCall) -> Result<Call> {
    authz::require(ctx, Action::CreateCall, &[])?;
    let mut fields = Fields::new();
    let days = ctx.env.config.calls.decision_days;
    let terms = rules::create(&mut fields, form, ctx.today(), days);
    known_funds(conn, &mut fields, &terms)?;
    fields.finish()?;
    let call = CallRecord {
        id: ctx.id(),
        terms,
        status: CallStatus::Draft,
        version: 1,
        created_by: ctx.actor.person(),
        created_at: ctx.now,
    };
    store::insert(conn, &call)?;
    let change = Change::by(Action::CreateCall, "call", call.id.uuid());
    audit::record(conn, ctx, change.to(json!(call.terms)))?;
    Ok(shown(call, ctx.today()))
}

/// Changes a draft or an open call.
///
/// # Errors
/// 409 once it is closed, 412 when somebody changed it meanwhile, 422 with all that is wrong.
pub fn edit(conn: &mut Conn, ctx: &Ctx, id: CallId, form: &EditCall) -> Result<Call> {
    authz::require(ctx, Action::EditCall, &[])?;
    let mut call = store::lock(conn, id)?.ok_or_else(missing)?;
    audit::expect_version(
        conn,
        ctx,
        ("call", id.uuid()),
        call.version,
        &[Action::EditCall, Action::SetCallDecisions],
    )?;
    let status = call.status.edit()?;
    let mut fields = Fields::new();
    let terms = rules::edit(&mut fields, &call.terms, form, status, ctx.today());
    known_funds(conn, &mut fields, &terms)?;
    fields.finish()?;
    if terms == call.terms {
        return Ok(shown(call, ctx.today()));
    }
    if !store::save(conn, id, &terms, call.version, ctx.now)? {
        return Err(meanwhile());
    }
    let change = Change::by(Action::EditCall, "call", id.uuid());
    audit::record(conn, ctx, change.from(json!(call.terms)).to(json!(terms)))?;
    call.terms = terms;
    call.version += 1;
    Ok(shown(call, ctx.today()))
}

/// Takes applications from its first day on.
///
/// # Errors
/// 409 unless it is a draft whose last day is still to come.
pub fn open(conn: &mut Conn, ctx: &Ctx, id: CallId) -> Result<Call> {
    authz::require(ctx, Action::OpenCall, &[])?;
    let call = store::lock(conn, id)?.ok_or_else(missing)?;
    let to = call.status.open()?;
    rules::may_open(&CallFacts::from(call.clone()), ctx.today())?;
    let closes_on = call.terms.closes_on;
    turn(conn, ctx, Action::OpenCall, call, to, closes_on)
}

/// Takes no more applications; those that are there go on.
///
/// # Errors
/// 409 unless it is open.
pub fn close(conn: &mut Conn, ctx: &Ctx, id: CallId) -> Result<Call> {
    authz::require(ctx, Action::CloseCall, &[])?;
    let call = store::lock(conn, id)?.ok_or_else(missing)?;
    end(conn, ctx, call)
}

/// Closes a call whose last day is over; nothing where somebody was faster, or gave it more time.
pub(super) fn close_over(conn: &mut Conn, ctx: &Ctx, id: CallId) -> Result<()> {
    let Some(call) = store::lock(conn, id)? else { return Ok(()) };
    let over = call.terms.closes_on.is_some_and(|last| last < ctx.today());
    if over && call.status == CallStatus::Open {
        end(conn, ctx, call)?;
    }
    Ok(())
}

fn end(conn: &mut Conn, ctx: &Ctx, call: CallRecord) -> Result<Call> {
    let to = call.status.close()?;
    let last = rules::last_day(call.terms.closes_on, ctx.today());
    turn(conn, ctx, Action::CloseCall, call, to, Some(last))
}

fn turn(
    conn: &mut Conn,
    ctx: &Ctx,
    action: Action,
    mut call: CallRecord,
    to: CallStatus,
    closes_on: Option<Date>,
) -> Result<Call> {
    let from = call.status;
    if !store::set_status(conn, call.id, (from, to), closes_on, ctx.now)? {
        return Err(meanwhile());
    }
    let change = Change::by(action, "call", call.id.uuid())
        .from(json!({ "status": from, "closes_on": call.terms.closes_on }))
        .to(json!({ "status": to, "closes_on": closes_on }));
    audit::record(conn, ctx, change)?;
    let event = if to == CallStatus::Open { CALL_OPENED } else { CALL_CLOSED };
    outbox::emit(conn, ctx, event, json!({ "call_id": call.id }))?;
    call.status = to;
    call.terms.closes_on = closes_on;
    call.version += 1;
    Ok(shown(call, ctx.today()))
}

/// One call. Drafts are for admins and auditors; a private one for whoever is signed in and has
/// its address.
///
/// # Errors
/// 404 if there is none that the actor may see.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: CallId) -> Result<Call> {
    let call = seen(conn, ctx, id, Action::GetCall)?;
    Ok(shown(call, ctx.today()))
}

/// What other domains need to know of a call, where the actor may do this with it; who may see it
/// is as in [`get`].
///
/// # Errors
/// 404 if there is none that the actor may see.
pub fn visible(conn: &mut Conn, ctx: &Ctx, id: CallId, action: Action) -> Result<CallFacts> {
    seen(conn, ctx, id, action).map(CallFacts::from)
}

/// The call, where the actor may see it.
fn seen(conn: &mut Conn, ctx: &Ctx, id: CallId, action: Action) -> Result<CallRecord> {
    let call = store::find(conn, id)?.ok_or_else(missing)?;
    let announced = call.status != CallStatus::Draft;
    let mut relations = Vec::new();
    if announced && call.terms.visibility == Visibility::Public {
        relations.push(Relation::Public);
    }
    if announced && ctx.actor.person().is_some() {
        relations.push(Relation::Known);
    }
    authz::require(ctx, action, &relations)?;
    Ok(call)
}

/// A page of calls, newest first: for admins and auditors all; for everybody else the public ones
/// that are open, or, if asked for, closed.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    status: Option<CallStatus>,
    page: &PageOf<of::Call>,
) -> Result<Page<Call>> {
    authz::require(ctx, Action::ListCalls, &[])?;
    let actor = &ctx.actor;
    let all = actor.is_system() || actor.has(Role::Admin) || actor.has(Role::Auditor);
    let filter = if all {
        store::Filter { status, public_on: None }
    } else {
        let status = status.unwrap_or(CallStatus::Open);
        if status == CallStatus::Draft {
            return Ok(Page { items: Vec::new(), next: None });
        }
        store::Filter { status: Some(status), public_on: Some(ctx.today()) }
    };
    let rows = store::list(conn, filter, page)?;
    let today = ctx.today();
    let page = Page::cut(rows, page.limit, |call| call.id);
    Ok(page.map(|call| shown(call, today)))
}

/// Open calls whose last day is over, up to `limit`; for the job that closes them.
pub(super) fn over(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<CallId>> {
    store::over(conn, ctx.today(), limit)
}

/// Those of some calls that are private.
pub fn private_among(conn: &mut Conn, ids: &[CallId]) -> Result<Vec<CallId>> {
    if ids.is_empty() { Ok(Vec::new()) } else { store::private_among(conn, ids) }
}

/// Moves the first day of a call back to this one, for imports of what was earlier; nothing where
/// it is not later.
///
/// # Errors
/// 404 if there is none.
pub fn open_since(conn: &mut Conn, ctx: &Ctx, id: CallId, day: Date) -> Result<()> {
    authz::require(ctx, Action::EditCall, &[])?;
    let call = store::lock(conn, id)?.ok_or_else(missing)?;
    if call.terms.opens_on <= day {
        return Ok(());
    }
    let terms = Terms { opens_on: day, ..call.terms.clone() };
    if !store::save(conn, id, &terms, call.version, ctx.now)? {
        return Err(meanwhile());
    }
    let change = Change::by(Action::EditCall, "call", id.uuid());
    audit::record(conn, ctx, change.from(json!(call.terms)).to(json!(terms)))
}

/// The oldest call with this title, for imports.
pub fn find_by_title(conn: &mut Conn, title: &str) -> Result<Option<CallId>> {
    store::find_by_title(conn, title)
}
