//! What of reports and checkpoints waits, for whom, and of what somebody is to be reminded.

use crate::grants::model::GrantStatus;
use crate::kernel::Result;
use crate::kernel::ids::{CheckpointId, GrantId, PersonId, ReportId, TrancheId};
use crate::kernel::time::Date;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::{budgets, checkpoints, grant_sources, grants, reports};
use crate::progress::model::{CheckpointStatus, ReportStatus};
use diesel::dsl::exists;
use diesel::prelude::*;

/// Grants of which reports and checkpoints are decided: nothing is released while one rests.
const GOING: [GrantStatus; 2] = [GrantStatus::Active, GrantStatus::WindingDown];
/// Grants whose recipients are asked for them.
const WATCHED: [GrantStatus; 3] =
    [GrantStatus::Active, GrantStatus::Paused, GrantStatus::WindingDown];

/// Whether a budget that pays for the grant is this person's.
macro_rules! backed_by {
    ($person:expr) => {
        exists(
            grant_sources::table
                .inner_join(budgets::table.on(budgets::id.eq(grant_sources::budget_id)))
                .filter(grant_sources::grant_id.eq(grants::id))
                .filter(budgets::holder_id.eq($person)),
        )
    };
}

/// A report, its grant, its day, and which tranche waits for it.
type ToAnswer = (ReportId, GrantId, Date, Option<TrancheId>);

/// Reports that were handed in and wait for an answer, the first day first: all of them, or of
/// the grants that somebody's budgets pay for.
pub(in crate::progress) fn reports_to_answer(
    conn: &mut Conn,
    backer: Option<PersonId>,
    limit: i64,
) -> Result<Vec<ToAnswer>> {
    let mut query = reports::table
        .inner_join(grants::table.on(grants::id.eq(reports::grant_id)))
        .filter(reports::status.eq(ReportStatus::Submitted))
        .filter(grants::status.eq_any(GOING))
        .order((reports::due_on, reports::id))
        .limit(limit)
        .select((reports::id, reports::grant_id, reports::due_on, reports::tranche_id))
        .into_boxed();
    if let Some(person) = backer {
        query = query.filter(backed_by!(person));
    }
    Ok(query.load(conn)?)
}

/// A checkpoint, its grant, its day, its tranche, and who wrote down what was seen.
type Waiting = (CheckpointId, GrantId, Date, Option<TrancheId>, Option<PersonId>);

/// The same of checkpoints in this status, up to this day: which, of which grant, their days, their
/// tranches, and who wrote down what was seen.
pub(in crate::progress) fn checkpoints_waiting(
    conn: &mut Conn,
    (status, until): (CheckpointStatus, Date),
    backer: Option<PersonId>,
    limit: i64,
) -> Result<Vec<Waiting>> {
    let mut query = checkpoints::table
        .inner_join(grants::table.on(grants::id.eq(checkpoints::grant_id)))
        .filter(checkpoints::status.eq(status).and(checkpoints::due_on.le(until)))
        .filter(grants::status.eq_any(GOING))
        .order((checkpoints::due_on, checkpoints::id))
        .limit(limit)
        .select((
            checkpoints::id,
            checkpoints::grant_id,
            checkpoints::due_on,
            checkpoints::tranche_id,
            checkpoints::reported_by,
        ))
        .into_boxed();
    if let Some(person) = backer {
        query = query.filter(backed_by!(person));
    }
    Ok(query.load(conn)?)
}

/// Reports that these recipients owe up to a day, the first day first: which, of which grant and
/// recipient, and their days.
pub(in crate::progress) fn reports_to_write(
    conn: &mut Conn,
    recipients: &[PersonId],
    until: Date,
    limit: i64,
) -> Result<Vec<(ReportId, GrantId, PersonId, Date)>> {
    use ReportStatus::{ChangesRequested, Draft, Due};
    Ok(reports::table
        .inner_join(grants::table.on(grants::id.eq(reports::grant_id)))
        .filter(grants::recipient_id.eq_any(padded(recipients)))
        .filter(grants::status.eq_any(WATCHED))
        .filter(reports::status.eq_any([Due, Draft, ChangesRequested]))
        .filter(reports::due_on.le(until))
        .order((reports::due_on, reports::id))
        .limit(limit)
        .select((reports::id, reports::grant_id, grants::recipient_id, reports::due_on))
        .load(conn)?)
}

/// The same of checkpoints that nobody has reported.
pub(in crate::progress) fn checkpoints_to_report(
    conn: &mut Conn,
    recipients: &[PersonId],
    until: Date,
    limit: i64,
) -> Result<Vec<(CheckpointId, GrantId, PersonId, Date)>> {
    Ok(checkpoints::table
        .inner_join(grants::table.on(grants::id.eq(checkpoints::grant_id)))
        .filter(grants::recipient_id.eq_any(padded(recipients)))
        .filter(grants::status.eq_any(WATCHED))
        .filter(checkpoints::status.eq(CheckpointStatus::Due))
        .filter(checkpoints::due_on.le(until))
        .order((checkpoints::due_on, checkpoints::id))
        .limit(limit)
        .select((checkpoints::id, checkpoints::grant_id, grants::recipient_id, checkpoints::due_on))
        .load(conn)?)
}

/// Reports on which somebody is to be reminded today.
pub(in crate::progress) fn due_reports(
    conn: &mut Conn,
    today: Date,
    limit: i64,
) -> Result<Vec<ReportId>> {
    Ok(reports::table
        .filter(reports::remind_on.le(today))
        .order((reports::remind_on, reports::id))
        .limit(limit)
        .select(reports::id)
        .load(conn)?)
}

/// The same of checkpoints.
pub(in crate::progress) fn due_checkpoints(
    conn: &mut Conn,
    today: Date,
    limit: i64,
) -> Result<Vec<CheckpointId>> {
    Ok(checkpoints::table
        .filter(checkpoints::remind_on.le(today))
        .order((checkpoints::remind_on, checkpoints::id))
        .limit(limit)
        .select(checkpoints::id)
        .load(conn)?)
}

/// Notes when somebody is reminded next, where a day was noted until now; whether nobody else did
/// so, or changed the report.
pub(in crate::progress) fn report_reminded(
    conn: &mut Conn,
    (id, version, was): (ReportId, i32, Date),
    next: Option<Date>,
) -> Result<bool> {
    let still = reports::table
        .find(id)
        .filter(reports::version.eq(version))
        .filter(reports::remind_on.eq(was));
    Ok(diesel::update(still).set(reports::remind_on.eq(next)).execute(conn)? == 1)
}

/// The same of a checkpoint.
pub(in crate::progress) fn checkpoint_reminded(
    conn: &mut Conn,
    (id, version, was): (CheckpointId, i32, Date),
    next: Option<Date>,
) -> Result<bool> {
    let still = checkpoints::table
        .find(id)
        .filter(checkpoints::version.eq(version))
        .filter(checkpoints::remind_on.eq(was));
    Ok(diesel::update(still).set(checkpoints::remind_on.eq(next)).execute(conn)? == 1)
}

/// Notes when somebody is reminded of a report of which no day is noted, unless it was changed.
pub(in crate::progress) fn remind_of_report(
    conn: &mut Conn,
    (id, version): (ReportId, i32),
    day: Date,
) -> Result<()> {
    let silent = reports::table
        .find(id)
        .filter(reports::version.eq(version))
        .filter(reports::remind_on.is_null());
    diesel::update(silent).set(reports::remind_on.eq(Some(day))).execute(conn)?;
    Ok(())
}

/// The same of a checkpoint.
pub(in crate::progress) fn remind_of_checkpoint(
    conn: &mut Conn,
    (id, version): (CheckpointId, i32),
    day: Date,
) -> Result<()> {
    let silent = checkpoints::table
        .find(id)
        .filter(checkpoints::version.eq(version))
        .filter(checkpoints::remind_on.is_null());
    diesel::update(silent).set(checkpoints::remind_on.eq(Some(day))).execute(conn)?;
    Ok(())
}
