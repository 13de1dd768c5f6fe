//! Rows of the queue. The status is written into the SQL text, not bound: only so can both
//! databases see that the partial indexes fit.

use super::model::{DeadJob, Job, JobStatus, Stats, Unfinished};
use super::rules::Step;
use crate::kernel::Result;
use crate::kernel::ids::{JobId, of};
use crate::kernel::page::PageOf;
use crate::kernel::time::Instant;
use crate::platform::db::ext::{Both, Kept, SkipLocked};
use crate::platform::db::schema::jobs::dsl as j;
use crate::platform::db::types::{Doc, Sealed};
use crate::platform::db::{Conn, flush, later};
use diesel::dsl::{count_star, min, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::json;

crate::db_text!(JobStatus);

const READY: &str = "status = 'ready'";
const RUNNING: &str = "status = 'running'";
const DONE: &str = "status = 'done'";
const DEAD: &str = "status = 'dead'";
/// Word for word the conditions of two indexes: otherwise SQLite does not take them.
const OPEN: &str = "status IN ('ready','running','dead')";
const OLD_MAILS: &str = "kind = 'mail.send' AND sealed IS NULL AND status <> 'done'";

/// Adds a job; false if its dedupe key is there already.
pub(super) fn insert(
    conn: &mut Conn,
    job: Job,
    run_at: Instant,
    key: Option<&str>,
) -> Result<bool> {
    let row = (
        j::id.eq(job.id),
        j::kind.eq(job.kind),
        j::payload.eq(Doc(job.payload)),
        j::sealed.eq(job.sealed.map(Sealed)),
        j::status.eq(JobStatus::Ready),
        j::run_at.eq(run_at),
        j::attempts.eq(job.attempts),
        j::dedupe.eq(key.map(str::to_owned)),
        j::created_at.eq(job.created_at),
    );
    let insert = diesel::insert_into(j::jobs).values(row);
    if key.is_none() {
        return later(conn, "jobs", insert).map(|()| true);
    }
    Ok(Both(insert.on_conflict(j::dedupe).do_nothing()).execute(conn)? == 1)
}

/// Puts a periodic job back to work that an older version of the program gave up.
pub(super) fn revive_periodic(conn: &mut Conn, key: &str, now: Instant) -> Result<()> {
    diesel::update(j::jobs.filter(j::dedupe.eq(key)).filter(sql::<Bool>(DEAD)))
        .set((j::status.eq(JobStatus::Ready), j::attempts.eq(0), j::run_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// Puts a periodic job that waits for longer than until `latest` on for now: the clock was ahead
/// when it last ran, or it ran more seldom.
pub(super) fn hasten_periodic(
    conn: &mut Conn,
    key: &str,
    now: Instant,
    latest: Instant,
) -> Result<()> {
    let late =
        j::jobs.filter(j::dedupe.eq(key)).filter(sql::<Bool>(READY)).filter(j::run_at.gt(latest));
    diesel::update(late).set(j::run_at.eq(now)).execute(conn)?;
    Ok(())
}

/// Whether there is anything to claim.
pub(super) fn any_due(conn: &mut Conn, now: Instant) -> Result<bool> {
    flush(conn)?;
    let ready = j::jobs.filter(sql::<Bool>(READY)).filter(j::run_at.le(now)).select(j::id);
    if !Kept(ready.limit(1)).load::<JobId>(conn)?.is_empty() {
        return Ok(true);
    }
    let lost = j::jobs.filter(sql::<Bool>(RUNNING)).filter(j::locked_until.le(now)).select(j::id);
    Ok(!Kept(lost.limit(1)).load::<JobId>(conn)?.is_empty())
}

/// Takes the job that is due longest, or one whose worker is lost, and holds it until `until`.
/// Rows that another worker is just taking are passed over.
pub(super) fn claim(conn: &mut Conn, now: Instant, until: Instant) -> Result<Option<Job>> {
    flush(conn)?;
    let ready = j::jobs
        .filter(sql::<Bool>(READY))
        .filter(j::run_at.le(now))
        .order((j::run_at, j::id))
        .select(j::id)
        .limit(1);
    let lost = j::jobs
        .filter(sql::<Bool>(RUNNING))
        .filter(j::locked_until.le(now))
        .order(j::locked_until)
        .select(j::id)
        .limit(1);
    let mut found: Vec<JobId> = Kept(SkipLocked(ready)).load(conn)?;
    if found.is_empty() {
        found = Kept(SkipLocked(lost)).load(conn)?;
    }
    let Some(id) = found.pop() else { return Ok(None) };
    type Row = (JobId, String, Doc, Option<Sealed>, i32, Instant);
    let (id, kind, payload, sealed, attempts, created_at): Row = diesel::update(j::jobs.find(id))
        .set((
            j::status.eq(JobStatus::Running),
            j::attempts.eq(j::attempts + 1),
            j::locked_until.eq(Some(until)),
        ))
        .returning((j::id, j::kind, j::payload, j::sealed, j::attempts, j::created_at))
        .get_result(conn)?;
    let (payload, sealed) = (payload.0, sealed.map(|s| s.0));
    Ok(Some(Job { id, kind, payload, sealed, attempts, created_at }))
}

/// Notes what became of a job that was held until `until`; false if another worker has taken it
/// meanwhile. The tries alone do not tell: those of a periodic job are counted anew after each run.
pub(super) fn settle(
    conn: &mut Conn,
    (job, until): (&Job, Instant),
    step: &Step,
    wipe: bool,
    now: Instant,
) -> Result<bool> {
    let held = j::jobs
        .find(job.id)
        .filter(sql::<Bool>(RUNNING))
        .filter(j::attempts.eq(job.attempts))
        .filter(j::locked_until.eq(until));
    let free = j::locked_until.eq(None::<Instant>);
    let rows = match step {
        Step::Done => {
            let error = j::last_error.eq(None::<String>);
            let ended = (j::status.eq(JobStatus::Done), j::finished_at.eq(Some(now)));
            if wipe {
                let wiped = (j::payload.eq(Doc(json!({}))), j::sealed.eq(None::<Sealed>));
                diesel::update(held).set((ended, free, error, wiped)).execute(conn)?
            } else {
                diesel::update(held).set((ended, free, error)).execute(conn)?
            }
        }
        Step::Again { seconds, anew, error } => {
            let attempts = if *anew { 0 } else { job.attempts };
            let waits = (j::status.eq(JobStatus::Ready), j::run_at.eq(now.plus_seconds(*seconds)));
            let set = (waits, free, j::attempts.eq(attempts), j::last_error.eq(error));
            diesel::update(held).set(set).execute(conn)?
        }
        Step::Dead(error) => {
            let ended = (j::status.eq(JobStatus::Dead), j::finished_at.eq(Some(now)));
            let set = (ended, free, j::last_error.eq(Some(error)));
            diesel::update(held).set(set).execute(conn)?
        }
    };
    Ok(rows == 1)
}

type DeadRow = (JobId, String, i32, Option<String>, Instant, Option<Instant>);

/// Up to one more than a page of jobs that were given up, newest first.
pub(super) fn dead(conn: &mut Conn, page: &PageOf<of::Job>) -> Result<Vec<DeadJob>> {
    flush(conn)?;
    let mut query = j::jobs
        .filter(sql::<Bool>(DEAD))
        .select((j::id, j::kind, j::attempts, j::last_error, j::created_at, j::finished_at))
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(j::id.lt(after));
    }
    let rows: Vec<DeadRow> = query.order(j::id.desc()).limit(page.limit + 1).load(conn)?;
    Ok(rows.into_iter().map(view).collect())
}

fn view((id, kind, attempts, last_error, created_at, finished_at): DeadRow) -> DeadJob {
    DeadJob { id, kind, attempts, last_error, created_at, finished_at }
}

/// The job as admins see it, if it was given up; `Err` holds its status otherwise.
pub(super) fn find(conn: &mut Conn, id: JobId) -> Result<Option<(JobStatus, DeadJob)>> {
    flush(conn)?;
    let columns = (j::id, j::kind, j::attempts, j::last_error, j::created_at, j::finished_at);
    let row: Option<(JobStatus, DeadRow)> =
        j::jobs.find(id).select((j::status, columns)).first(conn).optional()?;
    Ok(row.map(|(status, row)| (status, view(row))))
}

/// Gives a dead job all its tries again; false if it is not dead.
pub(super) fn revive(conn: &mut Conn, id: JobId, now: Instant) -> Result<bool> {
    let rows = diesel::update(j::jobs.find(id).filter(sql::<Bool>(DEAD)))
        .set((
            j::status.eq(JobStatus::Ready),
            j::attempts.eq(0),
            j::run_at.eq(now),
            j::finished_at.eq(None::<Instant>),
        ))
        .execute(conn)?;
    Ok(rows == 1)
}

pub(super) fn stats(conn: &mut Conn, now: Instant) -> Result<Stats> {
    flush(conn)?;
    let (ready, oldest): (i64, Option<Instant>) = j::jobs
        .filter(sql::<Bool>(READY))
        .filter(j::run_at.le(now))
        .select((count_star(), min(j::run_at)))
        .first(conn)?;
    let open: Vec<(JobStatus, String, i64)> = j::jobs
        .filter(sql::<Bool>(OPEN))
        .group_by((j::status, j::kind))
        .select((j::status, j::kind, count_star()))
        .load(conn)?;
    let (mut waiting, mut running, mut dead, mut mails) = (0, 0, 0, 0);
    for (status, kind, jobs) in open {
        match status {
            JobStatus::Ready => waiting += jobs,
            JobStatus::Running => running += jobs,
            JobStatus::Dead => dead += jobs,
            JobStatus::Done => {}
        }
        if kind == "mail.send" && matches!(status, JobStatus::Ready | JobStatus::Running) {
            mails += jobs;
        }
    }
    let scheduled = waiting - ready;
    let oldest_seconds = oldest.map_or(0, |at| now.as_seconds() - at.as_seconds());
    Ok(Stats { ready, oldest_seconds, dead, scheduled, running, mails })
}

/// Mails that wait and were sealed before 0011, in their payload: what holds one with a key of
/// before.
pub(super) fn mails_of_old(conn: &mut Conn) -> Result<i64> {
    flush(conn)?;
    Ok(j::jobs.filter(sql::<Bool>(OLD_MAILS)).count().get_result(conn)?)
}

/// Due, running and dead jobs, up to a thousand.
pub(super) fn unfinished(conn: &mut Conn, now: Instant) -> Result<Vec<Unfinished>> {
    flush(conn)?;
    let rows: Vec<(String, JobStatus, Option<String>)> = j::jobs
        .filter(j::status.ne(JobStatus::Done))
        .filter(j::status.ne(JobStatus::Ready).or(j::run_at.le(now)))
        .order(j::id)
        .limit(1000)
        .select((j::kind, j::status, j::last_error))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(kind, status, last_error)| Unfinished { kind, status, last_error })
        .collect())
}

/// Forgets up to `limit` jobs that were done before this moment; how many.
pub(super) fn purge(conn: &mut Conn, before: Instant, limit: i64) -> Result<usize> {
    let old: Vec<JobId> = j::jobs
        .filter(sql::<Bool>(DONE))
        .filter(j::finished_at.lt(before))
        .order(j::finished_at)
        .limit(limit)
        .select(j::id)
        .load(conn)?;
    Ok(diesel::delete(j::jobs.filter(j::id.eq_any(old))).execute(conn)?)
}
