//! Releasing tranches, taking a release back, and what paying does to them.

use super::super::model::{GrantStatus, Move, Part, TrancheFacts, TrancheStatus};
use super::super::{events, rules, store};
use super::lifecycle::{reopen, why};
use super::{GrantFacts, books, changed, held, impartial, missing, notify, readers};
use crate::kernel::Result;
use crate::kernel::ids::{GrantId, TrancheId};
use crate::kernel::money::Money;
use crate::kernel::problem::Problem;
use crate::paperwork;
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// Releases a tranche: its budgets pay their parts, in proportion to what they still hold for
/// the grant. Whoever calls has found that its condition holds.
///
/// # Errors
/// 409 where the grant is not active or not screened, or the tranche not planned.
pub fn release(conn: &mut Conn, ctx: &Ctx, id: TrancheId, why: &str) -> Result<()> {
    let (grant, tranche) = held_tranche(conn, id)?;
    release_held(conn, ctx, &grant, &tranche, why)
}

pub(super) fn release_held(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    tranche: &TrancheFacts,
    why: &str,
) -> Result<()> {
    if grant.status != GrantStatus::Active {
        return Err(Problem::wrong_state(rests(grant.status)));
    }
    if !paperwork::service::screened(conn, grant.id)? {
        let detail = "Screening of this grant is not settled: nothing is released before. See its \
                      requirements.";
        return Err(Problem::wrong_state(detail));
    }
    shift(conn, tranche, Move::Release)?;
    // No two releases of a tranche share their instant, also where a clock stood still or was set
    // back: an approval to pay is bound to it.
    let at = tranche.released_at.map_or(ctx.now, |last| ctx.now.max(last.just_after()));
    store::released(conn, tranche.id, ctx.actor.person(), at)?;
    let parts = rules::divide(tranche.amount, &books::committed(conn, grant)?)?;
    for part in &parts {
        store::insert_part(conn, tranche.id, part)?;
    }
    books::released(conn, ctx, grant, tranche, &parts)?;
    log(conn, ctx, Action::ReleaseTranche.as_str(), tranche, TrancheStatus::Released, why)?;
    events::tell_tranche(conn, ctx, events::TRANCHE_RELEASED, tranche)?;
    notify::released(conn, ctx, grant, tranche)
}

/// Why nothing is released in this state, and what can be done.
fn rests(status: GrantStatus) -> String {
    match status {
        GrantStatus::Paused => {
            "The grant is paused, and releases nothing: resume it first, and do this then. What is \
             missing in a report can be asked for meanwhile."
                .into()
        }
        GrantStatus::Awarded => {
            "The grant has not begun, and releases nothing: do this once its agreement is signed \
             and its payee verified. What is missing in a report can be asked for meanwhile."
                .into()
        }
        other => format!("Tranches are released while the grant is active, and it is {other}."),
    }
}

/// A person releases a tranche whose condition holds.
///
/// # Errors
/// 404 for a grant out of sight or a number that it has not, 403 for who is on the grant, or was
/// suspended or lost a role while the request waited, 409 where the condition does not hold or the
/// screening is not settled.
pub fn release_number(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    number: i32,
    reason: Option<&str>,
) -> Result<()> {
    authz::require(ctx, Action::ReleaseTranche, &[])?;
    let reason = why(reason)?;
    let grant = held(conn, grant)?;
    people::service::keep_acting(conn, ctx)?;
    impartial(conn, ctx, &grant)?;
    let tranche = numbered(conn, grant.id, number)?;
    rules::shift(tranche.status, Move::Release)?;
    rules::may_release(&tranche, ctx.today())?;
    release_held(conn, ctx, &grant, &tranche, reason.as_deref().unwrap_or("released by hand"))
}

/// Takes the release of an unpaid tranche back: its parts are committed again, or, where the
/// grant winds down, go back to their budgets at once.
///
/// # Errors
/// As [`release_number`]; 409 once the bank was told.
pub fn undo_number(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    number: i32,
    reason: Option<&str>,
) -> Result<()> {
    authz::require(ctx, Action::UndoRelease, &[])?;
    let reason = why(reason)?;
    let grant = held(conn, grant)?;
    impartial(conn, ctx, &grant)?;
    let tranche = numbered(conn, grant.id, number)?;
    shift(conn, &tranche, Move::Undo)?;
    let parts = store::parts(conn, tranche.id)?;
    not_refunded(conn, &grant, &tranche, &parts)?;
    store::delete_parts(conn, tranche.id)?;
    books::undone(conn, ctx, &grant, &tranche, &parts)?;
    let reason = reason.as_deref().unwrap_or("taken back");
    log(conn, ctx, Action::UndoRelease.as_str(), &tranche, TrancheStatus::Planned, reason)?;
    events::tell_tranche(conn, ctx, events::RELEASE_UNDONE, &tranche)?;
    let ends = matches!(grant.status, GrantStatus::WindingDown | GrantStatus::Closed);
    notify::taken_back(conn, ctx, &grant, (&tranche, ends))?;
    if ends {
        let parts = cancel_planned(conn, ctx, &grant)?;
        let happened = format!("The release of tranche {number} was taken back.");
        readers::back_home(conn, ctx, &grant, (&parts, &happened))?;
    }
    Ok(())
}

/// Refuses where the recipient has given back what a payment brought that then came back as well:
/// the books would owe less than nothing.
fn not_refunded(
    conn: &mut Conn,
    grant: &GrantFacts,
    tranche: &TrancheFacts,
    parts: &[Part],
) -> Result<()> {
    let spent = books::spent(conn, grant)?;
    // What other tranches owe is not what this one brought. It is planned again already.
    let owed = [TrancheStatus::Released, TrancheStatus::Instructed];
    let owed = store::parts_in(conn, grant.id, &owed)?;
    let of_budget = |all: &[Part], part: &Part| {
        all.iter().find(|s| s.budget_id == part.budget_id).map_or(0, |s| s.amount)
    };
    let left = |part: &Part| of_budget(&spent, part) - of_budget(&owed, part);
    let lacks: i64 = parts.iter().map(|part| (part.amount - left(part)).max(0)).sum();
    if lacks == 0 {
        return Ok(());
    }
    let lacks = Money::new(lacks, grant.currency);
    let detail = format!(
        "Of what was paid with tranche {}, the recipient has given {lacks} back, and then the \
         payment came back, too: what is theirs is owed to them. Have the bank pay it again, and \
         record what comes back then as a refund.",
        tranche.sequence
    );
    Err(Problem::wrong_state(detail))
}

/// Cancels what is still planned, and gives what is still committed back to its budgets: how much
/// to each.
pub(super) fn cancel_planned(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<Vec<Part>> {
    for tranche in store::tranches(conn, grant.id)? {
        if tranche.status == TrancheStatus::Planned {
            shift(conn, &tranche, Move::Cancel)?;
            log(conn, ctx, "cancel_tranche", &tranche, TrancheStatus::Cancelled, "not released")?;
        }
    }
    let mut parts = books::committed(conn, grant)?;
    parts.retain(|part| part.amount > 0);
    if !parts.is_empty() {
        books::freed(conn, ctx, grant, &parts)?;
    }
    Ok(parts)
}

/// The bank is told to pay a released tranche. The caller posts the movement.
///
/// # Errors
/// 409 where the grant is paused or ended, or the tranche not released.
pub fn instruct(conn: &mut Conn, ctx: &Ctx, id: TrancheId) -> Result<()> {
    let (grant, tranche) = held_tranche(conn, id)?;
    if !grant.status.may_pay() {
        return Err(Problem::wrong_state("Payments of this grant are held: it is not active."));
    }
    moved(conn, ctx, &tranche, Move::Instruct, "instruct_tranche")
}

/// The bank paid an instructed tranche. The caller posts the movement.
///
/// # Errors
/// 409 in another state.
pub fn pay(conn: &mut Conn, ctx: &Ctx, id: TrancheId) -> Result<()> {
    let (_, tranche) = held_tranche(conn, id)?;
    moved(conn, ctx, &tranche, Move::Pay, "pay_tranche")
}

/// The bank gave the money back, or was not given the payment (`not_sent`), for a reason that the
/// recipient reads: the tranche is owed again, and a grant that was closed winds down until it is
/// paid or taken back. The caller posts the movement.
///
/// # Errors
/// 409 in another state.
pub fn give_back(
    conn: &mut Conn,
    ctx: &Ctx,
    id: TrancheId,
    reason: &str,
    not_sent: bool,
) -> Result<()> {
    let (grant, tranche) = held_tranche(conn, id)?;
    moved(conn, ctx, &tranche, Move::GiveBack, "give_back_tranche")?;
    if grant.status == GrantStatus::Closed {
        reopen(conn, ctx, &grant, tranche.sequence)?;
    }
    match not_sent {
        true => notify::not_sent(conn, ctx, &grant, (&tranche, reason)),
        false => notify::came_back(conn, ctx, &grant, (&tranche, reason)),
    }
}

/// Planned tranches whose day has come, up to `limit`.
pub fn due(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<TrancheId>> {
    store::due(conn, ctx.today(), limit)
}

/// Releases a tranche whose day has come; nothing where somebody was faster.
pub fn release_due(conn: &mut Conn, ctx: &Ctx, id: TrancheId) -> Result<()> {
    let (grant, tranche) = held_tranche(conn, id)?;
    if !is_due(&tranche, ctx) || !may_release_by_itself(conn, &grant)? {
        return Ok(());
    }
    release_held(conn, ctx, &grant, &tranche, "its day has come")
}

/// Releases what waited for nothing but the grant; nothing where it is not active or not screened.
pub(super) fn release_waiting(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    why: &str,
) -> Result<()> {
    if !may_release_by_itself(conn, grant)? {
        return Ok(());
    }
    for tranche in store::tranches(conn, grant.id)? {
        if is_due(&tranche, ctx) {
            release_held(conn, ctx, grant, &tranche, why)?;
        }
    }
    Ok(())
}

fn may_release_by_itself(conn: &mut Conn, grant: &GrantFacts) -> Result<bool> {
    Ok(grant.status == GrantStatus::Active && paperwork::service::screened(conn, grant.id)?)
}

/// Whether the service releases it by itself. What a person took back only a person releases.
fn is_due(tranche: &TrancheFacts, ctx: &Ctx) -> bool {
    use super::super::model::ReleaseCondition::{OnActivation, OnCheckpoint, OnDate, OnReport};
    let its_time = match tranche.release_condition {
        OnActivation => true,
        OnDate => tranche.due_on.is_some_and(|due| due <= ctx.today()),
        OnReport | OnCheckpoint => false,
    };
    its_time && tranche.status == TrancheStatus::Planned && tranche.released_at.is_none()
}

fn held_tranche(conn: &mut Conn, id: TrancheId) -> Result<(GrantFacts, TrancheFacts)> {
    let absent = || Problem::not_found("tranche");
    let tranche = store::tranche(conn, id)?.ok_or_else(absent)?;
    let grant = held(conn, tranche.grant_id)?;
    // Again, now that nobody else can change it.
    let tranche = store::tranche(conn, id)?.ok_or_else(absent)?;
    Ok((grant, tranche))
}

fn numbered(conn: &mut Conn, grant: GrantId, number: i32) -> Result<TrancheFacts> {
    store::tranche_number(conn, grant, number)?.ok_or_else(missing)
}

fn shift(conn: &mut Conn, tranche: &TrancheFacts, step: Move) -> Result<TrancheStatus> {
    let to = rules::shift(tranche.status, step)?;
    if store::move_tranche(conn, tranche, to)? { Ok(to) } else { Err(changed()) }
}

fn moved(
    conn: &mut Conn,
    ctx: &Ctx,
    tranche: &TrancheFacts,
    step: Move,
    action: &str,
) -> Result<()> {
    let to = shift(conn, tranche, step)?;
    log(conn, ctx, action, tranche, to, "")
}

fn log(
    conn: &mut Conn,
    ctx: &Ctx,
    action: &str,
    tranche: &TrancheFacts,
    to: TrancheStatus,
    why: &str,
) -> Result<()> {
    let object = ("tranche", tranche.id.uuid());
    let mut after = json!({ "status": to, "amount": tranche.money() });
    if !why.is_empty() {
        after["reason"] = json!(why);
    }
    let change = Change { action, object, before: None, after: None }
        .from(json!({ "status": tranche.status, "sequence": tranche.sequence }))
        .to(after);
    audit::record(conn, ctx, change)
}
