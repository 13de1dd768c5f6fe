//! The life of a grant after the award.

use super::super::model::{GrantStatus, Step, TrancheStatus};
use super::super::{events, rules, store};
use super::tranches::{cancel_planned, release_waiting};
use super::{GrantFacts, advance, held, impartial, notify, readers};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{GrantId, PayeeId};
use crate::kernel::problem::Problem;
use crate::offers;
use crate::paperwork;
use crate::paperwork::model::{RequirementKind, RequirementStatus};
use crate::payees;
use crate::payees::model::PayeeStatus;
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// Makes an awarded grant active once agreement and payee are settled, and releases what waits
/// for that, and what is due, if it is screened. Nothing where it is not awarded or something is
/// open.
pub fn activate_if_ready(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<()> {
    let grant = held(conn, id)?;
    let needed = [RequirementKind::Agreement, RequirementKind::Payee];
    if grant.status != GrantStatus::Awarded
        || !paperwork::service::all_settled(conn, id, &needed)?
        || !payee_stands(conn, &grant)?
    {
        return Ok(());
    }
    let status = advance(conn, ctx, &grant, Step::Activate, "activate_grant", None)?;
    store::activated(conn, id, ctx.now)?;
    events::tell(conn, ctx, events::ACTIVATED, id)?;
    notify::activated(conn, ctx, &grant)?;
    let grant = GrantFacts { status, ..grant };
    release_waiting(conn, ctx, &grant, "the grant became active")
}

/// Something of the paperwork was settled: makes the grant active, or releases what waited for the
/// screening of one that is.
pub(super) fn go_on(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<()> {
    activate_if_ready(conn, ctx, id)?;
    let grant = held(conn, id)?;
    release_waiting(conn, ctx, &grant, "what it waited for is settled")
}

/// Whether the payee, where one is named, is still verified: its details may have changed since
/// the requirement was satisfied. Where the requirement was waived, nobody asks.
fn payee_stands(conn: &mut Conn, grant: &GrantFacts) -> Result<bool> {
    let Some(id) = grant.payee_id else { return Ok(true) };
    let waived = paperwork::service::requirements(conn, grant.id)?
        .into_iter()
        .any(|r| r.kind == RequirementKind::Payee && r.status == RequirementStatus::Waived);
    if waived {
        return Ok(true);
    }
    let payee = payees::service::facts(conn, id)?;
    Ok(payee.is_some_and(|payee| payee.status == PayeeStatus::Verified))
}

/// Names whom the bank pays. The caller has found that the payee may be chosen for this grant.
pub fn set_payee(conn: &mut Conn, ctx: &Ctx, id: GrantId, payee: PayeeId) -> Result<()> {
    let grant = held(conn, id)?;
    if grant.status.has_ended() {
        return Err(Problem::wrong_state("The grant has ended."));
    }
    store::set_payee(conn, id, Some(payee))?;
    let change = Change::by(Action::SetGrantPayee, "grant", id.uuid())
        .from(json!({ "payee_id": grant.payee_id }))
        .to(json!({ "payee_id": payee }));
    audit::record(conn, ctx, change)
}

/// A payee was verified: satisfies the requirement of the grants that are paid to it, also of
/// active ones whose payee was exchanged.
pub fn payee_verified(conn: &mut Conn, ctx: &Ctx, payee: PayeeId) -> Result<()> {
    let by = payees::service::facts(conn, payee)?.and_then(|payee| payee.verified_by);
    for id in store::waiting_for(conn, payee)? {
        // The grant's row before its requirements, as everywhere; another payee may have been
        // named before it was held.
        let grant = held(conn, id)?;
        if grant.status.has_ended() || grant.payee_id != Some(payee) {
            continue;
        }
        // It may have been changed again before this was heard of.
        if !payee_stands(conn, &grant)? {
            continue;
        }
        let settled = (RequirementKind::Payee, RequirementStatus::Satisfied);
        paperwork::service::mark_by(conn, ctx, id, settled, by)?;
        activate_if_ready(conn, ctx, id)?;
    }
    Ok(())
}

/// The details of a payee were changed, or it was found wrong: what is paid to it waits until it is
/// verified again, and its owner is reminded. For `somebody_else`, another name or another country,
/// what was found about the one before says nothing: nothing is paid until they are screened.
pub fn payee_changed(
    conn: &mut Conn,
    ctx: &Ctx,
    payee: PayeeId,
    somebody_else: bool,
) -> Result<()> {
    for id in store::waiting_for(conn, payee)? {
        let grant = held(conn, id)?;
        if grant.status.has_ended() || grant.payee_id != Some(payee) {
            continue;
        }
        if somebody_else {
            reopen_screening(conn, ctx, id)?;
        }
        // It may have been verified again before this was heard of.
        if !payee_stands(conn, &grant)? {
            let (kind, status) = (RequirementKind::Payee, RequirementStatus::Provided);
            paperwork::service::mark(conn, ctx, id, kind, status)?;
        }
    }
    Ok(())
}

/// Asks for the screening anew, also where it was done without: that was for another name.
pub(super) fn reopen_screening(conn: &mut Conn, ctx: &Ctx, id: GrantId) -> Result<()> {
    let (kind, status) = (RequirementKind::Screening, RequirementStatus::Open);
    paperwork::service::mark(conn, ctx, id, kind, status)
}

/// Holds everything: nothing is released or instructed.
///
/// # Errors
/// 404, 403 for who is on the grant, 409 where it is not active, 422 without a reason.
pub fn pause(conn: &mut Conn, ctx: &Ctx, id: GrantId, reason: &str) -> Result<()> {
    let (grant, reason) = begin(conn, ctx, id, Action::PauseGrant, reason)?;
    hold_on(conn, ctx, &grant, &reason)
}

/// A checkpoint ended in *pause*; who decided it was allowed to.
pub fn pause_by_checkpoint(conn: &mut Conn, ctx: &Ctx, id: GrantId, reason: &str) -> Result<()> {
    let grant = held(conn, id)?;
    hold_on(conn, ctx, &grant, reason)
}

fn hold_on(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, reason: &str) -> Result<()> {
    let action = Action::PauseGrant.as_str();
    advance(conn, ctx, grant, Step::Pause, action, Some(reason))?;
    events::tell(conn, ctx, events::PAUSED, grant.id)?;
    notify::ended(conn, ctx, grant, "was paused", reason)
}

/// Goes on, and releases what is due.
///
/// # Errors
/// As [`pause`]; 403 also for who was suspended or lost a role while the request waited.
pub fn resume(conn: &mut Conn, ctx: &Ctx, id: GrantId, reason: Option<&str>) -> Result<()> {
    authz::require(ctx, Action::ResumeGrant, &[])?;
    let reason = why(reason)?;
    let grant = held(conn, id)?;
    people::service::keep_acting(conn, ctx)?;
    impartial(conn, ctx, &grant)?;
    let action = Action::ResumeGrant.as_str();
    let status = advance(conn, ctx, &grant, Step::Resume, action, reason.as_deref())?;
    events::tell(conn, ctx, events::RESUMED, id)?;
    let grant = GrantFacts { status, ..grant };
    release_waiting(conn, ctx, &grant, "the grant goes on")?;
    notify::resumed(conn, ctx, &grant)
}

/// Releases nothing more: planned tranches are cancelled, what is committed goes back to the
/// budgets that it came from. What was released may still be paid.
///
/// # Errors
/// 404, 403 for who is on the grant, 409 in another state, 422 without a reason.
pub fn wind_down(conn: &mut Conn, ctx: &Ctx, id: GrantId, reason: &str) -> Result<()> {
    let (grant, reason) = begin(conn, ctx, id, Action::WindDownGrant, reason)?;
    end_release(conn, ctx, &grant, &reason)
}

/// A checkpoint ended in *wind down*; who decided it was allowed to.
pub fn wind_down_by_checkpoint(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    reason: &str,
) -> Result<()> {
    let grant = held(conn, id)?;
    end_release(conn, ctx, &grant, reason)
}

fn end_release(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, reason: &str) -> Result<()> {
    let action = Action::WindDownGrant.as_str();
    advance(conn, ctx, grant, Step::WindDown, action, Some(reason))?;
    let parts = cancel_planned(conn, ctx, grant)?;
    events::tell(conn, ctx, events::WINDING_DOWN, grant.id)?;
    notify::ended(conn, ctx, grant, "is being wound down", reason)?;
    readers::back_home(conn, ctx, grant, (&parts, "The grant is being wound down."))
}

/// Ends a grant of which nothing is left to release or to pay.
///
/// # Errors
/// 404, 403 for who is on the grant, 409 in another state or while something is left.
pub fn close(conn: &mut Conn, ctx: &Ctx, id: GrantId, reason: Option<&str>) -> Result<()> {
    authz::require(ctx, Action::CloseGrant, &[])?;
    let reason = why(reason)?;
    let grant = held(conn, id)?;
    impartial(conn, ctx, &grant)?;
    rules::step(grant.status, Step::Close)?;
    for tranche in store::tranches(conn, id)? {
        let n = tranche.sequence;
        let left = match tranche.status {
            TrancheStatus::Paid | TrancheStatus::Cancelled => continue,
            TrancheStatus::Planned => format!("Tranche {n} is planned: wind the grant down first."),
            TrancheStatus::Released => format!("Tranche {n} is released and not yet paid."),
            TrancheStatus::Instructed => format!("The bank has not settled tranche {n} yet."),
        };
        return Err(Problem::wrong_state(left));
    }
    let action = Action::CloseGrant.as_str();
    advance(conn, ctx, &grant, Step::Close, action, reason.as_deref())?;
    store::closed(conn, id, ctx.now)?;
    events::tell(conn, ctx, events::CLOSED, id)?;
    notify::closed(conn, ctx, &grant)
}

/// Takes a closed grant back: what was paid with one of its tranches came back, which the caller
/// tells the recipient. Admins hear that it is open again.
pub(super) fn reopen(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, number: i32) -> Result<()> {
    let reason = format!("The bank gave back what was paid with tranche {number}.");
    advance(conn, ctx, grant, Step::Reopen, "reopen_grant", Some(&reason))?;
    store::reopened(conn, grant.id)?;
    // While it was closed nobody looked at whom it is paid to.
    reopen_screening(conn, ctx, grant.id)?;
    events::tell(conn, ctx, events::WINDING_DOWN, grant.id)?;
    readers::reopened(conn, ctx, grant, number)
}

/// Ends a grant before it began: everything goes back to the budgets that it came from, and what
/// the public gave for the application on to its fund, which holds it.
///
/// # Errors
/// 404, 403 for who is on the grant, 409 once it is active, 422 without a reason.
pub fn cancel(conn: &mut Conn, ctx: &Ctx, id: GrantId, reason: &str) -> Result<()> {
    let (grant, reason) = begin(conn, ctx, id, Action::CancelGrant, reason)?;
    advance(conn, ctx, &grant, Step::Cancel, Action::CancelGrant.as_str(), Some(&reason))?;
    store::closed(conn, id, ctx.now)?;
    let offers = store::offers_of(conn, id)?;
    let earmarked = offers::service::hold_earmarks(conn, &offers)?;
    let mut parts = cancel_planned(conn, ctx, &grant)?;
    offers::service::grant_cancelled(conn, ctx, &earmarked)?;
    for (offer, earmark) in &earmarked {
        let from = parts.iter_mut().find(|part| part.budget_id == offer.budget_id);
        if let Some(part) = from {
            part.amount -= earmark.amount.minor();
        }
    }
    events::tell(conn, ctx, events::CANCELLED, id)?;
    notify::ended(conn, ctx, &grant, "was cancelled", &reason)?;
    readers::back_home(conn, ctx, &grant, (&parts, "The grant was cancelled before it began."))
}

/// A reason that nobody has to give, cleaned; `None` where none is given.
///
/// # Errors
/// 422 where it is longer than 2,000 characters or holds what no text holds.
pub(super) fn why(reason: Option<&str>) -> Result<Option<String>> {
    let mut fields = Fields::new();
    let reason = reason.map(|given| fields.paragraphs("/reason", given, 0, 2000));
    fields.finish()?;
    Ok(reason.filter(|reason| !reason.is_empty()))
}

/// The gate of what needs a reason: the right, the reason, the row, the impartiality.
fn begin(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    action: Action,
    reason: &str,
) -> Result<(GrantFacts, String)> {
    authz::require(ctx, action, &[])?;
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", reason, 1, 2000);
    fields.finish()?;
    let grant = held(conn, id)?;
    impartial(conn, ctx, &grant)?;
    Ok((grant, reason))
}
