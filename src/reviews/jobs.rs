//! What happens later.

use super::service;
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::platform::db::Conn;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Sets the review of somebody aside who declared a conflict, while reviews are open.
pub const CONFLICT_DECLARED: &str = "reviews.conflict_declared";

/// Tells those who review an application that somebody has joined its team.
pub const JOINED: &str = "reviews.joined";

/// Tells whoever asked for the reviews of somebody who was suspended, or is no reviewer any more;
/// who is back is reminded of theirs again.
pub const FORMER: &str = "reviews.former";

/// Asks again for the reviews that are not in of an application that came back by an appeal; where
/// it came back into one call alone, for those there.
pub const REOPENED: &str = "reviews.reopened";

/// Tells whoever asked that all are in, where only reviews in a call were waited for that the
/// application has left.
pub const UNROUTED: &str = "reviews.unrouted";

/// Reminds reviewers of the days by which theirs are asked for.
pub const REMIND: &str = "reviews.remind";
/// Reminders of one run; the next run takes the next.
const BATCH: i64 = 200;

/// Far more reviews than wait for one person.
const MANY: i64 = 10_000;

/// What runs them.
pub const JOBS: &[Kind] = &[
    Kind::new(CONFLICT_DECLARED, conflict_declared),
    Kind::new(JOINED, joined),
    Kind::new(FORMER, former),
    Kind::new(REOPENED, reopened),
    Kind::new(UNROUTED, unrouted),
    Kind::new(REMIND, remind).every(3_600),
];

fn remind(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(REMIND);
    // A look first: a write transaction for nothing would disturb others.
    match desk.db.read_now(REMIND, |conn| service::to_remind(conn, &ctx, BATCH)) {
        Ok(due) => desk.each(REMIND, due, service::remind),
        Err(problem) => problem.into(),
    }
}

/// Somebody declared a conflict with an application, or joined its team.
#[derive(Deserialize)]
struct Declared {
    application_id: ApplicationId,
    person_id: PersonId,
}

fn conflict_declared(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, CONFLICT_DECLARED, |conn, ctx, told: &Declared| {
        service::set_aside_for_conflict(conn, ctx, told.application_id, told.person_id)
    })
}

fn joined(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, JOINED, |conn, ctx, told: &Declared| {
        service::joined(conn, ctx, (told.application_id, told.person_id))
    })
}

#[derive(Deserialize)]
struct Former {
    person_id: PersonId,
}

fn former(desk: &Desk, job: &Job) -> Outcome {
    let open = |conn: &mut Conn, told: &Former| service::to_tell(conn, told.person_id, MANY);
    outbox::listen_each(desk, job, FORMER, open, service::came_or_went)
}

#[derive(Deserialize)]
struct Reopened {
    application_id: ApplicationId,
    #[serde(default)]
    call_id: Option<CallId>,
}

fn reopened(desk: &Desk, job: &Job) -> Outcome {
    let open = |conn: &mut Conn, told: &Reopened| {
        service::open_of(conn, (told.application_id, told.call_id))
    };
    outbox::listen_each(desk, job, REOPENED, open, service::reopened)
}

#[derive(Deserialize)]
struct Unrouted {
    application_id: ApplicationId,
    call_id: CallId,
}

fn unrouted(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, UNROUTED, |conn, ctx, told: &Unrouted| {
        service::unrouted(conn, ctx, (told.application_id, told.call_id))
    })
}
