//! Checkpoints: dated, reported, decided.

use super::super::model::{Checkpoint, CheckpointAct, CheckpointStatus, Decision};
use super::super::{rules, store};
use super::{going, just_changed, letters, new_checkpoint, readers, release, reporting, to_come};
use crate::delegations;
use crate::grants;
use crate::grants::model::GrantStatus;
use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{CheckpointId, GrantId, PersonId};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde::Deserialize;
use serde_json::json;

/// A new checkpoint.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCheckpoint {
    /// Its day.
    pub due_on: Date,
    /// What is promised until then.
    #[schema(min_length = 1, max_length = 5_000)]
    pub promised: String,
}

/// What was seen.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// What was seen of what was promised.
    #[schema(min_length = 1, max_length = 10_000)]
    pub seen: String,
}

/// How a checkpoint ends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckpointDecision {
    /// What happens.
    pub decision: Decision,
    /// Why; the recipient reads it.
    #[schema(min_length = 1, max_length = 5_000)]
    pub reason: String,
    /// The day of the next checkpoint, if one is to follow. After *rescope* and *pause* one
    /// follows anyway where a tranche waits: 90 days later, unless this says when.
    #[serde(default)]
    pub next_on: Option<Date>,
    /// What is promised until the next one; as before where nothing is said.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 5_000)]
    pub next_promised: Option<String>,
}

/// Days until the checkpoint that follows one which left its tranche waiting.
const FOLLOWS_AFTER_DAYS: i32 = 90;
/// Who says in their own name what was seen.
const WRITERS: &[Relation] = &[Relation::Recipient, Relation::Team, Relation::Backer];

/// The checkpoints of a grant, newest first.
pub fn checkpoints(conn: &mut Conn, ctx: &Ctx, grant: GrantId) -> Result<Vec<Checkpoint>> {
    let (facts, _) = grants::service::grant_for(conn, ctx, grant, Action::ListCheckpoints)?;
    let unnamed = grants::service::unnamed(conn, ctx, &facts)?;
    let all = store::checkpoints(conn, grant)?;
    Ok(all.into_iter().map(|checkpoint| checkpoint.without(&unnamed)).collect())
}

/// One of them, as the list shows it, with the version that a change names.
///
/// # Errors
/// 404 where there is none of a grant whose checkpoints they read.
pub fn checkpoint(conn: &mut Conn, ctx: &Ctx, id: CheckpointId) -> Result<Checkpoint> {
    let found = load(conn, id)?;
    let grant = grants::service::grant_for(conn, ctx, found.grant_id, Action::GetCheckpoint);
    let (facts, _) = grant.map_err(hidden)?;
    Ok(found.without(&grants::service::unnamed(conn, ctx, &facts)?))
}

/// Adds a checkpoint that no tranche waits for; the recipient is told.
pub fn add_checkpoint(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    form: &NewCheckpoint,
) -> Result<Checkpoint> {
    let facts = going(conn, ctx, grant, Action::AddCheckpoint)?;
    grants::service::impartial(conn, ctx, &facts)?;
    let mut fields = Fields::new();
    let promised = fields.paragraphs("/promised", &form.promised, 1, 5_000);
    to_come(&mut fields, ctx, "/due_on", form.due_on);
    fields.finish()?;
    let mut checkpoint = new_checkpoint(ctx, grant, None, form.due_on, promised);
    // They hear of it now.
    let next = rules::remind_checkpoint(checkpoint.status, checkpoint.due_on, ctx.today());
    checkpoint.remind_on = next;
    store::insert_checkpoint(conn, &checkpoint, ctx.now)?;
    let change = Change::by(Action::AddCheckpoint, "checkpoint", checkpoint.id.uuid())
        .to(json!({ "grant_id": grant, "due_on": form.due_on }));
    audit::record(conn, ctx, change)?;
    letters::checkpoint_added(conn, ctx, &facts, &checkpoint)?;
    Ok(checkpoint)
}

fn load(conn: &mut Conn, id: CheckpointId) -> Result<Checkpoint> {
    store::checkpoint(conn, id)?.ok_or_else(|| Problem::not_found("checkpoint"))
}

/// The checkpoint and its grant, for an act on it: from here on nobody else does one.
fn held(
    conn: &mut Conn,
    ctx: &Ctx,
    id: CheckpointId,
    action: Action,
) -> Result<(Checkpoint, GrantFacts)> {
    let seen = load(conn, id)?;
    let grant = going(conn, ctx, seen.grant_id, action).map_err(hidden)?;
    // Again, now that its grant is held.
    Ok((load(conn, id)?, grant))
}

fn hidden(problem: Problem) -> Problem {
    if problem.status() == 404 { Problem::not_found("checkpoint") } else { problem }
}

/// Checks that the version is meant that is there: more than one may write what was seen. Who did
/// is named in the refusal where the checkpoint itself names them.
fn expect_version(
    conn: &mut Conn,
    ctx: &Ctx,
    (was, unnamed): (&Checkpoint, &[PersonId]),
) -> Result<()> {
    let object = ("checkpoint", was.id.uuid());
    let named = was.reported_by.is_none_or(|by| !unnamed.contains(&by));
    let edits: &[Action] = if named { &[Action::ReportCheckpoint] } else { &[] };
    audit::expect_version(conn, ctx, object, was.version, edits)
}

/// Writes down what was seen. Until it is decided it can be written again, over the version that
/// was read; whoever decides hears of that.
pub fn report_checkpoint(
    conn: &mut Conn,
    ctx: &Ctx,
    id: CheckpointId,
    form: &Seen,
) -> Result<Checkpoint> {
    let (was, grant) = held(conn, ctx, id, Action::ReportCheckpoint)?;
    let ctx = &reporting(conn, ctx, &grant, WRITERS).map_err(hidden)?;
    let mut now = was.clone();
    now.status = was.status.after(CheckpointAct::Report)?;
    let anew = was.status == CheckpointStatus::Reported;
    if anew || ctx.if_match.is_some() {
        let unnamed = grants::service::unnamed(conn, ctx, &grant)?;
        expect_version(conn, ctx, (&was, &unnamed))?;
    }
    let mut fields = Fields::new();
    now.seen = fields.paragraphs("/seen", &form.seen, 1, 10_000);
    fields.finish()?;
    now.reported_by = ctx.actor.person();
    if !anew {
        now.remind_on = rules::remind_checkpoint(now.status, was.due_on, ctx.today());
        now.reported_at = Some(ctx.now);
    }
    if !store::change_checkpoint(conn, &was, &now)? {
        return Err(just_changed());
    }
    now.version = was.version + 1;
    let change = Change::by(Action::ReportCheckpoint, "checkpoint", id.uuid())
        .from(json!({ "status": was.status, "version": was.version }))
        .to(json!({ "status": now.status, "version": now.version }));
    audit::record(conn, ctx, change)?;
    if now.seen != was.seen || now.reported_by != was.reported_by {
        letters::seen_for(conn, ctx, &grant)?;
        readers::seen(conn, ctx, &grant, &now, anew)?;
    }
    Ok(now)
}

/// Who decides did not write down what was seen. What stops a grant for all who pay for it is an
/// admin's to decide, here as elsewhere.
fn may_decide(
    conn: &mut Conn,
    ctx: &Ctx,
    (grant, was): (&GrantFacts, &Checkpoint),
    decision: Decision,
) -> Result<()> {
    if was.reported_by.is_some() && was.reported_by == ctx.actor.person() {
        let detail = "You wrote down what was seen: somebody else has to decide.";
        return Err(Problem::new(Kind::TwoPersons, detail));
    }
    let reporter = (was.reported_by, grant.awarded_on.start());
    delegations::service::another_side(conn, ctx, reporter, "wrote down what was seen")?;
    match decision {
        Decision::Pause => authz::require(ctx, Action::PauseGrant, &[]),
        Decision::WindDown => authz::require(ctx, Action::WindDownGrant, &[]),
        Decision::Continue | Decision::Rescope => Ok(()),
    }
}

/// The checkpoint that follows, if one does: where it was asked for, and where a tranche still
/// waits for a *continue*, so that neither money nor people stay stuck. Where the grant is wound
/// down none waits: it was cancelled.
fn following(
    ctx: &Ctx,
    grant: &GrantFacts,
    was: &Checkpoint,
    form: &CheckpointDecision,
    fields: &mut Fields,
) -> Option<Checkpoint> {
    let promised = form.next_promised.as_ref();
    let promised = promised.map(|text| fields.paragraphs("/next_promised", text, 1, 5_000));
    if let Some(day) = form.next_on {
        to_come(fields, ctx, "/next_on", day);
        let ends = form.decision == Decision::WindDown;
        fields.check(!ends, "/next_on", "not_allowed", "nothing follows a wind-down");
    }
    let waits = matches!(form.decision, Decision::Rescope | Decision::Pause)
        && grant.status != GrantStatus::WindingDown;
    let tranche = was.tranche_id.filter(|_| waits);
    if form.next_on.is_none() && tranche.is_none() {
        let alone = "give the day of the next checkpoint too";
        fields.check(promised.is_none(), "/next_promised", "without_day", alone);
        return None;
    }
    let due_on = form.next_on.unwrap_or(ctx.today().plus_days(FOLLOWS_AFTER_DAYS));
    let promised = promised.unwrap_or_else(|| was.promised.clone());
    Some(new_checkpoint(ctx, was.grant_id, tranche, due_on, promised))
}

/// Decides on what was read, and carries the decision out in the same transaction: *continue*
/// releases the tranche that waits, *pause* pauses the grant, *wind down* winds it down. A tranche
/// that goes on waiting waits for the checkpoint that follows. Refused (403) also for who was
/// suspended or lost a role while the request waited.
pub fn decide(
    conn: &mut Conn,
    ctx: &Ctx,
    id: CheckpointId,
    form: &CheckpointDecision,
) -> Result<Checkpoint> {
    let (was, grant) = held(conn, ctx, id, Action::DecideCheckpoint)?;
    people::service::keep_acting(conn, ctx)?;
    grants::service::impartial(conn, ctx, &grant)?;
    let mut now = was.clone();
    now.status = was.status.after(CheckpointAct::Decide)?;
    let unnamed = grants::service::unnamed(conn, ctx, &grant)?;
    expect_version(conn, ctx, (&was, &unnamed))?;
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", &form.reason, 1, 5_000);
    let next = following(ctx, &grant, &was, form, &mut fields);
    fields.finish()?;
    may_decide(conn, ctx, (&grant, &was), form.decision)?;
    now.decision = Some(form.decision);
    now.reason = Some(reason.clone());
    now.decided_by = ctx.actor.person();
    now.decided_at = Some(ctx.now);
    now.remind_on = rules::remind_checkpoint(now.status, was.due_on, ctx.today());
    if next.as_ref().is_some_and(|next| next.tranche_id.is_some()) {
        now.tranche_id = None; // it waits for the next one from here on
    }
    if !store::change_checkpoint(conn, &was, &now)? {
        return Err(just_changed());
    }
    now.version = was.version + 1;
    if let Some(next) = &next {
        store::insert_checkpoint(conn, next, ctx.now)?;
    }
    carry_out(conn, ctx, &grant, &was, form.decision, &reason)?;
    let next = next.map(|next| next.id);
    let change = Change::by(Action::DecideCheckpoint, "checkpoint", id.uuid())
        .from(json!({
            "status": was.status, "version": was.version, "tranche_id": was.tranche_id,
        }))
        .to(json!({
            "status": now.status, "decision": form.decision, "reason": reason, "next": next,
        }));
    audit::record(conn, ctx, change)?;
    Ok(now.without(&unnamed))
}

fn carry_out(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    was: &Checkpoint,
    decision: Decision,
    reason: &str,
) -> Result<()> {
    match decision {
        Decision::Continue => {
            if let Some(tranche) = was.tranche_id {
                release(conn, ctx, grant, tranche, "checkpoint: continue")?;
            }
            letters::decided(conn, ctx, grant, decision, reason)
        }
        Decision::Rescope => letters::decided(conn, ctx, grant, decision, reason),
        // These two tell the recipient themselves.
        Decision::Pause => grants::service::pause_by_checkpoint(conn, ctx, grant.id, reason),
        Decision::WindDown => grants::service::wind_down_by_checkpoint(conn, ctx, grant.id, reason),
    }
}
