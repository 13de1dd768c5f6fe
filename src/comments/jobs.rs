//! What readers are told by mail: of an hour's comments at once, after the time in which they can
//! still be changed.

use super::{rules, service};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::jobs::{self, Desk, Job, Kind, NewJob, Outcome};
use crate::platform::outbox;
use serde::Deserialize;
use serde_json::json;

/// Tells one reader of one application's comments of an hour.
pub const TELL: &str = "comments.tell";

/// Moves what was said on an application that another one has taken up.
pub const MERGED: &str = "comments.merged";

/// The background work of this room.
pub const JOBS: &[Kind] = &[Kind::new(TELL, told), Kind::new(MERGED, merged)];

const HOUR: i64 = 3_600;

#[derive(Deserialize)]
struct Told {
    application_id: ApplicationId,
    person_id: PersonId,
    /// Which hour, counted from 1970.
    hour: i64,
}

/// The hour of a moment, counted from 1970.
pub(super) fn hour(at: Instant) -> i64 {
    at.as_seconds() / HOUR
}

/// The first hour whose comments nobody was to be told of before that moment.
pub(super) fn first_untold(at: Instant) -> i64 {
    hour(at.plus_seconds(-rules::EDIT_SECONDS))
}

/// Has a reader told of an hour's comments on an application, once.
pub(super) fn tell(
    conn: &mut Conn,
    ctx: &Ctx,
    (application, reader): (ApplicationId, PersonId),
    hour: i64,
) -> Result<()> {
    let (_, until) = moments(hour)?;
    let job = NewJob {
        kind: TELL,
        payload: json!({ "application_id": application, "person_id": reader, "hour": hour }),
        run_at: until.plus_seconds(rules::EDIT_SECONDS),
        dedupe: Some(format!("comments:{application}:{reader}:{hour}")),
    };
    jobs::enqueue(conn, ctx, job).map(drop)
}

/// When an hour begins, and when the next one does.
fn moments(hour: i64) -> Result<(Instant, Instant)> {
    let at = |hour: i64| hour.checked_mul(HOUR * 1_000_000).and_then(Instant::from_micros);
    let moments = at(hour).zip(hour.checked_add(1).and_then(at));
    moments.ok_or_else(|| Problem::internal("an hour beyond the calendar"))
}

fn told(desk: &Desk, job: &Job) -> Outcome {
    let told: Told = match job.payload() {
        Ok(told) => told,
        Err(outcome) => return outcome,
    };
    let ctx = desk.ctx("comments");
    let place = (told.application_id, told.person_id);
    let write = |conn: &mut Conn| service::write_to(conn, &ctx, place, moments(told.hour)?);
    desk.db.write_now(TELL, write).into()
}

#[derive(Deserialize)]
struct Merged {
    application_id: ApplicationId,
    into_id: ApplicationId,
}

fn merged(desk: &Desk, job: &Job) -> Outcome {
    let merged_at = job.created_at;
    outbox::listen(desk, job, MERGED, move |conn, ctx, told: &Merged| {
        service::move_along(conn, ctx, (told.application_id, told.into_id), merged_at)
    })
}
