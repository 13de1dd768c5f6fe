//! Use-cases of watching a grant.

mod applying;
mod awarding;
mod checkpoints;
mod closing;
mod desk;
mod halted;
mod letters;
mod mailed;
mod more;
mod next;
mod paid;
mod payments;
mod readers;
mod remind;
mod reports;
mod waiting;
mod watch;

pub use checkpoints::{
    CheckpointDecision, NewCheckpoint, Seen, add_checkpoint, checkpoint, checkpoints, decide,
    report_checkpoint,
};
pub use mailed::{Invitation, MailedToken, mailed};
pub use more::NextKind;
pub use next::{NextStep, NextView, next};
pub(super) use remind::{remind, speak_again, to_remind};
pub use reports::{
    Feedback, NewReport, ReportText, accept, add_report, edit, report, reports, send_back, submit,
};

use super::model::{Checkpoint, CheckpointStatus, Report, ReportStatus};
use super::{rules, store};
use crate::delegations;
use crate::grants;
use crate::grants::model::{GrantStatus, ReleaseCondition};
use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{GrantId, TrancheId, of};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::platform::authz::{Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Days after the award on which a report or checkpoint is wanted where its tranche has no day.
const DEFAULT_DAYS: i32 = 180;

/// Opens a report or a checkpoint for each tranche that waits for one. Running it twice changes
/// nothing.
pub fn open_for_tranches(conn: &mut Conn, ctx: &Ctx, grant: GrantId) -> Result<()> {
    let Some(facts) = grants::service::facts(conn, grant)? else { return Ok(()) };
    for tranche in grants::service::tranches(conn, grant)? {
        let due_on = tranche.due_on.unwrap_or(facts.awarded_on.plus_days(DEFAULT_DAYS));
        match tranche.release_condition {
            ReleaseCondition::OnReport => {
                let report = new_report(ctx, grant, Some(tranche.id), due_on);
                store::insert_report(conn, &report, ctx.now)?;
            }
            ReleaseCondition::OnCheckpoint => {
                let promised = format!("What “{}” promised until then.", facts.title);
                let checkpoint = new_checkpoint(ctx, grant, Some(tranche.id), due_on, promised);
                store::insert_checkpoint(conn, &checkpoint, ctx.now)?;
            }
            ReleaseCondition::OnActivation | ReleaseCondition::OnDate => {}
        }
    }
    Ok(())
}

fn new_report(ctx: &Ctx, grant_id: GrantId, tranche_id: Option<TrancheId>, due_on: Date) -> Report {
    Report {
        id: ctx.id::<of::Report>(),
        grant_id,
        tranche_id,
        due_on,
        status: ReportStatus::Due,
        body: String::new(),
        author_id: None,
        submitted_at: None,
        submitted_by: None,
        decided_by: None,
        decided_at: None,
        feedback: None,
        version: 1,
        remind_on: Some(rules::first_reminder(due_on, ctx.today())),
    }
}

fn new_checkpoint(
    ctx: &Ctx,
    grant_id: GrantId,
    tranche_id: Option<TrancheId>,
    due_on: Date,
    promised: String,
) -> Checkpoint {
    Checkpoint {
        id: ctx.id::<of::Checkpoint>(),
        grant_id,
        tranche_id,
        due_on,
        status: CheckpointStatus::Due,
        promised,
        seen: String::new(),
        decision: None,
        reason: None,
        reported_by: None,
        decided_by: None,
        decided_at: None,
        version: 1,
        remind_on: Some(rules::first_reminder(due_on, ctx.today())),
        reported_at: None,
    }
}

/// Checks that something is asked for by a day to come.
fn to_come(fields: &mut Fields, ctx: &Ctx, pointer: &str, day: Date) {
    fields.plausible(pointer, day);
    fields.check(day >= ctx.today(), pointer, "in_the_past", "this day has passed");
}

/// The grant for what changes something of it, held until the transaction ends: nothing is written
/// or decided about one that has ended, nor that is ended or paused at the same moment. Its row
/// comes before those of its reports, checkpoints and delegations, as before its tranches.
fn going(conn: &mut Conn, ctx: &Ctx, id: GrantId, action: Action) -> Result<GrantFacts> {
    grants::service::grant_for(conn, ctx, id, action)?;
    // Again, now that nobody else can change it.
    grants::service::going(grants::service::held(conn, id)?)
}

/// The same request, in the recipient's name where somebody reports for them; from here on until
/// the transaction ends the delegation is in force. Who is related to the grant in one of these
/// ways does it in their own name.
fn reporting(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, own: &[Relation]) -> Result<Ctx> {
    let relations = grants::service::relations(conn, ctx, grant)?;
    if ctx.actor.is_system() || relations.iter().any(|relation| own.contains(relation)) {
        return Ok(ctx.clone());
    }
    let acting = delegations::service::acting(conn, ctx, grant.recipient_id, Errand::Report)?;
    acting.ok_or_else(|| Problem::not_found("report"))
}

/// Releases the tranche that waited; whether it did. Where the grant is wound down it was
/// cancelled: what is reported is still heard, nothing is released.
fn release(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    tranche: TrancheId,
    why: &str,
) -> Result<bool> {
    if grant.status == GrantStatus::WindingDown {
        return Ok(false);
    }
    grants::service::release(conn, ctx, tranche, why)?;
    Ok(true)
}

fn just_changed() -> Problem {
    Problem::changed_meanwhile("report or checkpoint")
}
