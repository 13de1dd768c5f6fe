//! Neither money nor people stay stuck in silence: who owes a report or what was seen at a
//! checkpoint is reminded before its day and after it, who has to answer is reminded too, and
//! admins hear of what is late or unanswered for long.

use super::super::model::{Checkpoint, CheckpointStatus, Report, ReportStatus};
use super::super::{rules, store};
use super::{letters, readers};
use crate::grants;
use crate::grants::model::GrantStatus;
use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::kernel::ids::{CheckpointId, ReportId};
use crate::kernel::time::{Date, Instant};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// What somebody is to be reminded of.
#[derive(Debug, Clone, Copy)]
pub(in crate::progress) enum Due {
    /// A report, to be written or to be answered.
    Report(ReportId),
    /// A checkpoint, to be reported or to be decided.
    Checkpoint(CheckpointId),
}

/// What is due today, up to `limit` of each.
pub(in crate::progress) fn to_remind(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<Due>> {
    let reports = store::due_reports(conn, ctx.today(), limit)?;
    let checkpoints = store::due_checkpoints(conn, ctx.today(), limit)?;
    let reports = reports.into_iter().map(Due::Report);
    Ok(reports.chain(checkpoints.into_iter().map(Due::Checkpoint)).collect())
}

/// Reminds of one, once for its day.
pub(in crate::progress) fn remind(conn: &mut Conn, ctx: &Ctx, due: Due) -> Result<()> {
    match due {
        Due::Report(id) => {
            let Some(it) = store::report(conn, id)? else { return Ok(()) };
            match it.remind_on.filter(|day| *day <= ctx.today()) {
                Some(day) => report(conn, ctx, (&it, day)),
                None => Ok(()),
            }
        }
        Due::Checkpoint(id) => {
            let Some(it) = store::checkpoint(conn, id)? else { return Ok(()) };
            match it.remind_on.filter(|day| *day <= ctx.today()) {
                Some(day) => checkpoint(conn, ctx, (&it, day)),
                None => Ok(()),
            }
        }
    }
}

/// Whether anybody is asked for it now: not before the grant begins, nor while it rests and nothing
/// is released.
fn is_watched(grant: &GrantFacts) -> bool {
    matches!(grant.status, GrantStatus::Active | GrantStatus::WindingDown)
}

fn report(conn: &mut Conn, ctx: &Ctx, (it, day): (&Report, Date)) -> Result<()> {
    let Some(grant) = grants::service::facts(conn, it.grant_id)? else { return Ok(()) };
    let next = match grant.status.has_ended() {
        true => None,
        false => rules::remind_report(it.status, it.due_on, ctx.today()),
    };
    let first = store::report_reminded(conn, (it.id, it.version, day), next)?;
    if !first || next.is_none() {
        return Ok(());
    }
    match (it.status, it.submitted_at) {
        _ if !is_watched(&grant) => Ok(()),
        (ReportStatus::Submitted, Some(at)) => {
            let long = rules::is_long_unanswered(at.date(), ctx.today());
            readers::unanswered(conn, ctx, &grant, (it, at.date()), long)
        }
        _ => {
            let tranche = readers::waits(conn, &grant, it.tranche_id)?;
            letters::report_wanted(conn, ctx, &grant, (it.due_on, tranche))?;
            match it.due_on < ctx.today() {
                true => {
                    let long = rules::is_long_late(it.due_on, ctx.today());
                    readers::report_is_late(conn, ctx, &grant, it, long)
                }
                false => Ok(()),
            }
        }
    }
}

fn checkpoint(conn: &mut Conn, ctx: &Ctx, (it, day): (&Checkpoint, Date)) -> Result<()> {
    let Some(grant) = grants::service::facts(conn, it.grant_id)? else { return Ok(()) };
    let next = match grant.status.has_ended() {
        true => None,
        false => rules::remind_checkpoint(it.status, it.due_on, ctx.today()),
    };
    let first = store::checkpoint_reminded(conn, (it.id, it.version, day), next)?;
    if !first || next.is_none() {
        return Ok(());
    }
    match (it.status, it.reported_at) {
        _ if !is_watched(&grant) => Ok(()),
        (CheckpointStatus::Reported, at) => {
            let since = at.map_or(it.due_on, Instant::date);
            let long = rules::is_long_unanswered(since, ctx.today());
            readers::undecided(conn, ctx, &grant, it, long)
        }
        _ => {
            let long = rules::is_long_late(it.due_on, ctx.today());
            let tranche = readers::waits(conn, &grant, it.tranche_id)?;
            letters::checkpoint_wanted(conn, ctx, &grant, (it, tranche))?;
            match it.due_on < ctx.today() {
                true => readers::checkpoint_is_late(conn, ctx, &grant, it, long),
                false => Ok(()),
            }
        }
    }
}
