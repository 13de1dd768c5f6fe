//! Enqueueing, and what admins do with jobs that were given up.

use super::model::{DeadJob, Job, JobStatus, NewJob, PAYLOAD_VERSION, Stats, Unfinished};
use super::store;
use crate::kernel::Result;
use crate::kernel::ids::{JobId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::{Value, json};

/// Stores a job in the caller's transaction: it runs once that has committed, and never if it is
/// rolled back. False if a job with its dedupe key is there already.
pub fn enqueue(conn: &mut Conn, ctx: &Ctx, job: NewJob) -> Result<bool> {
    enqueue_as(conn, ctx, ctx.id(), job, None)
}

/// The same with an id chosen before, and what was sealed for it.
pub(crate) fn enqueue_as(
    conn: &mut Conn,
    ctx: &Ctx,
    id: JobId,
    job: NewJob,
    sealed: Option<Vec<u8>>,
) -> Result<bool> {
    let NewJob { kind, mut payload, run_at, dedupe } = job;
    let Value::Object(fields) = &mut payload else {
        return Err(Problem::internal(format!("the payload of {kind} is no object")));
    };
    fields.entry("v").or_insert_with(|| json!(PAYLOAD_VERSION));
    // Queues live in the present, also for what is recorded of the past.
    let created_at = ctx.env.clock.now();
    let job = Job { id, kind: kind.into(), payload, sealed, attempts: 0, created_at };
    let new = store::insert(conn, job, run_at, dedupe.as_deref())?;
    ctx.env.bell.ring();
    Ok(new)
}

/// Jobs that were given up, newest first.
pub fn list_dead(conn: &mut Conn, ctx: &Ctx, page: &PageOf<of::Job>) -> Result<Page<DeadJob>> {
    authz::require(ctx, Action::ListDeadJobs, &[])?;
    Ok(Page::cut(store::dead(conn, page)?, page.limit, |job| job.id))
}

/// Gives a job that was given up all its tries again, at once.
///
/// # Errors
/// 404 if there is no such job, 409 if it was not given up.
pub fn retry_dead(conn: &mut Conn, ctx: &Ctx, id: JobId) -> Result<DeadJob> {
    authz::require(ctx, Action::RetryJob, &[])?;
    let (status, job) = store::find(conn, id)?.ok_or_else(|| Problem::not_found("job"))?;
    if !store::revive(conn, id, ctx.env.clock.now())? {
        let detail = format!("The job is {status}; only one that was given up is tried again.");
        return Err(Problem::wrong_state(detail));
    }
    let change = Change::by(Action::RetryJob, "job", id.uuid())
        .from(json!({ "status": JobStatus::Dead, "attempts": job.attempts }))
        .to(json!({ "status": JobStatus::Ready, "kind": job.kind }));
    audit::record(conn, ctx, change)?;
    ctx.env.bell.ring();
    Ok(DeadJob { attempts: 0, finished_at: None, ..job })
}

/// The queue in figures, for metrics.
pub fn stats(conn: &mut Conn, now: Instant) -> Result<Stats> {
    store::stats(conn, now)
}

/// Jobs that are due, running or given up: none, if all work is done.
pub fn unfinished(conn: &mut Conn, now: Instant) -> Result<Vec<Unfinished>> {
    store::unfinished(conn, now)
}
