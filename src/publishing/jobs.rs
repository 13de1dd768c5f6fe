//! What happens later: announcements end, earmarked money follows its offer, and what is left of it
//! when an application ends, or leaves a call, is told of.

use super::service;
use crate::kernel::ids::{ApplicationId, CallId, ContributionId, GrantId, OfferId};
use crate::offers;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Ends announcements that nothing came of.
pub const EXPIRE: &str = "publishing.expire";
/// Takes earmarked money back to its fund where its offer was released and nobody has yet: what is
/// released goes back at once, this is for what earlier programs left.
pub const OFFER_RELEASED: &str = "publishing.offer_released";
/// Notes that earmarked money was spent as it was meant, and tells of what is left.
pub const GRANTED: &str = "publishing.granted";
/// Tells of earmarked money that an application without a grant leaves.
pub const APPLICATION_ENDED: &str = "publishing.application_ended";
/// Tells of earmarked money of funds that may spend in none of an application's calls any more.
pub const UNROUTED: &str = "publishing.unrouted";
/// Tells of earmarked money that is held again, as its grant was cancelled.
pub const GRANT_CANCELLED: &str = "publishing.grant_cancelled";

/// Takes back that money has arrived, where it was recorded in error.
pub const CONTRIBUTION_UNDONE: &str = "publishing.contribution_undone";

/// Announcements of one look; looked again while one is full.
const BATCH: i64 = 200;

/// The background work of what is public.
pub const JOBS: &[Kind] = &[
    Kind::new(EXPIRE, expire).every(3600),
    Kind::new(OFFER_RELEASED, offer_released),
    Kind::new(GRANTED, granted),
    Kind::new(APPLICATION_ENDED, application_ended),
    Kind::new(UNROUTED, unrouted),
    Kind::new(GRANT_CANCELLED, grant_cancelled),
    Kind::new(CONTRIBUTION_UNDONE, contribution_undone),
];

fn expire(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(EXPIRE);
    let look =
        || desk.db.read_now("publishing.overdue", |conn| service::overdue(conn, &ctx, BATCH));
    loop {
        let due = match look() {
            Ok(due) => due,
            Err(problem) => return problem.into(),
        };
        let full = i64::try_from(due.len()) == Ok(BATCH);
        match desk.each(EXPIRE, due, service::expire) {
            Outcome::Done if full => {}
            outcome => return outcome,
        }
    }
}

#[derive(Deserialize)]
struct Released {
    offer_id: OfferId,
}

fn offer_released(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, OFFER_RELEASED, |conn, ctx, told: &Released| {
        offers::service::settle_earmark(conn, ctx, told.offer_id)
    })
}

#[derive(Deserialize)]
struct Awarded {
    grant_id: GrantId,
}

fn granted(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, GRANTED, |conn, ctx, told: &Awarded| {
        service::granted(conn, ctx, told.grant_id)
    })
}

fn grant_cancelled(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, GRANT_CANCELLED, |conn, ctx, told: &Awarded| {
        service::cancelled(conn, ctx, told.grant_id)
    })
}

#[derive(Deserialize)]
struct Ended {
    application_id: ApplicationId,
}

fn application_ended(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, APPLICATION_ENDED, |conn, ctx, told: &Ended| {
        service::ended(conn, ctx, told.application_id)
    })
}

#[derive(Deserialize)]
struct Unrouted {
    application_id: ApplicationId,
    call_id: CallId,
}

fn unrouted(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, UNROUTED, |conn, ctx, told: &Unrouted| {
        service::stranded(conn, ctx, (told.application_id, Some(told.call_id)))
    })
}

#[derive(Deserialize)]
struct Gone {
    contribution_id: ContributionId,
}

fn contribution_undone(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, CONTRIBUTION_UNDONE, |conn, ctx, told: &Gone| {
        service::not_received(conn, ctx, told.contribution_id)
    })
}
