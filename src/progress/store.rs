//! Rows of reports and checkpoints.

mod closing;
mod halted;
mod watching;

pub(super) use closing::*;
pub(super) use halted::*;
pub(super) use watching::*;

use super::model::{Checkpoint, CheckpointStatus, Decision, Report, ReportStatus};
use crate::kernel::Result;
use crate::kernel::ids::{CheckpointId, GrantId, PersonId, ReportId, TrancheId};
use crate::kernel::time::{Date, Instant};
use crate::platform::db::Conn;
use crate::platform::db::ext::Both;
use crate::platform::db::schema::checkpoints::dsl as c;
use crate::platform::db::schema::reports::dsl as r;
use diesel::prelude::*;

crate::db_text!(ReportStatus, CheckpointStatus, Decision);

/// Reports or checkpoints of one grant, at most.
const MANY: i64 = 500;

#[derive(Queryable)]
struct ReportRow {
    id: ReportId,
    grant_id: GrantId,
    tranche_id: Option<TrancheId>,
    due_on: Date,
    status: ReportStatus,
    body: String,
    author_id: Option<PersonId>,
    submitted_at: Option<Instant>,
    decided_by: Option<PersonId>,
    decided_at: Option<Instant>,
    feedback: Option<String>,
    version: i32,
    _created_at: Instant,
    submitted_by: Option<PersonId>,
    remind_on: Option<Date>,
}

impl From<ReportRow> for Report {
    fn from(r: ReportRow) -> Self {
        Self {
            id: r.id,
            grant_id: r.grant_id,
            tranche_id: r.tranche_id,
            due_on: r.due_on,
            status: r.status,
            body: r.body,
            author_id: r.author_id,
            submitted_at: r.submitted_at,
            submitted_by: r.submitted_by,
            decided_by: r.decided_by,
            decided_at: r.decided_at,
            feedback: r.feedback,
            version: r.version,
            remind_on: r.remind_on,
        }
    }
}

/// Inserts a report unless its tranche has one already.
pub(super) fn insert_report(conn: &mut Conn, row: &Report, now: Instant) -> Result<()> {
    let insert = diesel::insert_into(r::reports)
        .values((
            r::id.eq(row.id),
            r::grant_id.eq(row.grant_id),
            r::tranche_id.eq(row.tranche_id),
            r::due_on.eq(row.due_on),
            r::status.eq(row.status),
            r::body.eq(&row.body),
            r::version.eq(row.version),
            r::remind_on.eq(row.remind_on),
            r::created_at.eq(now),
        ))
        .on_conflict(r::tranche_id)
        .do_nothing();
    Both(insert).execute(conn)?;
    Ok(())
}

pub(super) fn report(conn: &mut Conn, id: ReportId) -> Result<Option<Report>> {
    let row: Option<ReportRow> = r::reports.find(id).first(conn).optional()?;
    Ok(row.map(Into::into))
}

pub(super) fn reports(conn: &mut Conn, grant: GrantId) -> Result<Vec<Report>> {
    let rows: Vec<ReportRow> =
        r::reports.filter(r::grant_id.eq(grant)).order(r::id.desc()).limit(MANY).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Writes a changed report over the one that was read; whether it still was as read.
pub(super) fn change_report(conn: &mut Conn, was: &Report, now: &Report) -> Result<bool> {
    let still = r::reports
        .filter(r::id.eq(was.id))
        .filter(r::status.eq(was.status))
        .filter(r::version.eq(was.version));
    let changed = diesel::update(still)
        .set((
            r::status.eq(now.status),
            r::body.eq(&now.body),
            r::author_id.eq(now.author_id),
            r::submitted_at.eq(now.submitted_at),
            r::submitted_by.eq(now.submitted_by),
            r::decided_by.eq(now.decided_by),
            r::decided_at.eq(now.decided_at),
            r::feedback.eq(&now.feedback),
            r::version.eq(was.version + 1),
            r::remind_on.eq(now.remind_on),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

#[derive(Queryable)]
struct CheckpointRow {
    id: CheckpointId,
    grant_id: GrantId,
    tranche_id: Option<TrancheId>,
    due_on: Date,
    status: CheckpointStatus,
    promised: String,
    seen: String,
    decision: Option<Decision>,
    reason: Option<String>,
    reported_by: Option<PersonId>,
    decided_by: Option<PersonId>,
    decided_at: Option<Instant>,
    version: i32,
    _created_at: Instant,
    remind_on: Option<Date>,
    reported_at: Option<Instant>,
}

impl From<CheckpointRow> for Checkpoint {
    fn from(r: CheckpointRow) -> Self {
        Self {
            id: r.id,
            grant_id: r.grant_id,
            tranche_id: r.tranche_id,
            due_on: r.due_on,
            status: r.status,
            promised: r.promised,
            seen: r.seen,
            decision: r.decision,
            reason: r.reason,
            reported_by: r.reported_by,
            decided_by: r.decided_by,
            decided_at: r.decided_at,
            version: r.version,
            remind_on: r.remind_on,
            reported_at: r.reported_at,
        }
    }
}

/// Inserts a checkpoint unless its tranche has one already.
pub(super) fn insert_checkpoint(conn: &mut Conn, row: &Checkpoint, now: Instant) -> Result<()> {
    let insert = diesel::insert_into(c::checkpoints)
        .values((
            c::id.eq(row.id),
            c::grant_id.eq(row.grant_id),
            c::tranche_id.eq(row.tranche_id),
            c::due_on.eq(row.due_on),
            c::status.eq(row.status),
            c::promised.eq(&row.promised),
            c::seen.eq(&row.seen),
            c::version.eq(row.version),
            c::remind_on.eq(row.remind_on),
            c::created_at.eq(now),
        ))
        .on_conflict(c::tranche_id)
        .do_nothing();
    Both(insert).execute(conn)?;
    Ok(())
}

pub(super) fn checkpoint(conn: &mut Conn, id: CheckpointId) -> Result<Option<Checkpoint>> {
    let row: Option<CheckpointRow> = c::checkpoints.find(id).first(conn).optional()?;
    Ok(row.map(Into::into))
}

pub(super) fn checkpoints(conn: &mut Conn, grant: GrantId) -> Result<Vec<Checkpoint>> {
    let rows: Vec<CheckpointRow> =
        c::checkpoints.filter(c::grant_id.eq(grant)).order(c::id.desc()).limit(MANY).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Writes a changed checkpoint over the one that was read; whether it still was as read.
pub(super) fn change_checkpoint(
    conn: &mut Conn,
    was: &Checkpoint,
    now: &Checkpoint,
) -> Result<bool> {
    let still = c::checkpoints
        .filter(c::id.eq(was.id))
        .filter(c::status.eq(was.status))
        .filter(c::version.eq(was.version));
    let changed = diesel::update(still)
        .set((
            c::tranche_id.eq(now.tranche_id),
            c::status.eq(now.status),
            c::seen.eq(&now.seen),
            c::decision.eq(now.decision),
            c::reason.eq(&now.reason),
            c::reported_by.eq(now.reported_by),
            c::decided_by.eq(now.decided_by),
            c::decided_at.eq(now.decided_at),
            c::version.eq(was.version + 1),
            c::remind_on.eq(now.remind_on),
            c::reported_at.eq(now.reported_at),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}
