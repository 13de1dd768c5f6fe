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
use crate::kernel::ids::{CheckpointId, GrantId, ReportId};
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
            let then = rules::remind_report(it.status, it.due_on, ctx.today());
            let note = |conn: &mut Conn, day: Date, next: Option<Date>| {
                store::report_reminded(conn, (id, it.version, day), next)
            };
            match spoken_of(conn, ctx, it.grant_id, (it.remind_on, then), note)? {
                Some(grant) => report(conn, ctx, &grant, &it),
                None => Ok(()),
            }
        }
        Due::Checkpoint(id) => {
            let Some(it) = store::checkpoint(conn, id)? else { return Ok(()) };
            let then = rules::remind_checkpoint(it.status, it.due_on, ctx.today());
            let note = |conn: &mut Conn, day: Date, next: Option<Date>| {
                store::checkpoint_reminded(conn, (id, it.version, day), next)
            };
            match spoken_of(conn, ctx, it.grant_id, (it.remind_on, then), note)? {
                Some(grant) => checkpoint(conn, ctx, &grant, &it),
                None => Ok(()),
            }
        }
    }
}

/// A grant is being wound down, perhaps after it was closed: what of it is open and was not spoken
/// of any more, since it had ended, is spoken of again.
pub(in crate::progress) fn speak_again(conn: &mut Conn, ctx: &Ctx, grant: GrantId) -> Result<()> {
    for it in store::reports(conn, grant)? {
        let then = rules::remind_report(it.status, it.due_on, ctx.today());
        if let (None, Some(day)) = (it.remind_on, then) {
            store::remind_of_report(conn, (it.id, it.version), day)?;
        }
    }
    for it in store::checkpoints(conn, grant)? {
        let then = rules::remind_checkpoint(it.status, it.due_on, ctx.today());
        if let (None, Some(day)) = (it.remind_on, then) {
            store::remind_of_checkpoint(conn, (it.id, it.version), day)?;
        }
    }
    Ok(())
}

/// Whether anybody is asked for it now: not before the grant begins, nor while it rests and nothing
/// is released.
fn is_watched(grant: &GrantFacts) -> bool {
    matches!(grant.status, GrantStatus::Active | GrantStatus::WindingDown)
}

/// The grant, if the day that was noted has come and it is watched. The next day is noted: while
/// the grant is not watched, tomorrow, so that nothing is passed over; none once it has ended,
/// until it is open again: see [`speak_again`].
fn spoken_of(
    conn: &mut Conn,
    ctx: &Ctx,
    id: GrantId,
    (noted, then): (Option<Date>, Option<Date>),
    note: impl FnOnce(&mut Conn, Date, Option<Date>) -> Result<bool>,
) -> Result<Option<GrantFacts>> {
    let Some(day) = noted.filter(|day| *day <= ctx.today()) else { return Ok(None) };
    let Some(grant) = grants::service::facts(conn, id)? else { return Ok(None) };
    let next = match is_watched(&grant) {
        true => then,
        false if grant.status.has_ended() => None,
        false => then.map(|_| ctx.today().plus_days(1)),
    };
    let first = note(conn, day, next)?;
    Ok(Some(grant).filter(|grant| first && next.is_some() && is_watched(grant)))
}

fn report(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, it: &Report) -> Result<()> {
    if let (ReportStatus::Submitted, Some(at)) = (it.status, it.submitted_at) {
        let long = rules::is_long_unanswered(at.date(), ctx.today());
        return readers::unanswered(conn, ctx, grant, (it, at.date()), long);
    }
    let tranche = readers::waits(conn, grant, it.tranche_id)?;
    letters::report_wanted(conn, ctx, grant, (it.due_on, tranche))?;
    if it.due_on < ctx.today() {
        let long = rules::is_long_late(it.due_on, ctx.today());
        readers::report_is_late(conn, ctx, grant, it, long)?;
    }
    Ok(())
}

fn checkpoint(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, it: &Checkpoint) -> Result<()> {
    if it.status == CheckpointStatus::Reported {
        let since = it.reported_at.map_or(it.due_on, Instant::date);
        let long = rules::is_long_unanswered(since, ctx.today());
        return readers::undecided(conn, ctx, grant, it, long);
    }
    let tranche = readers::waits(conn, grant, it.tranche_id)?;
    letters::checkpoint_wanted(conn, ctx, grant, (it, tranche))?;
    if it.due_on < ctx.today() {
        let long = rules::is_long_late(it.due_on, ctx.today());
        readers::checkpoint_is_late(conn, ctx, grant, it, long)?;
    }
    Ok(())
}
