//! What happens later: announcements end, and earmarked money follows its offer.

use super::service;
use crate::kernel::ids::{ContributionId, GrantId, OfferId};
use crate::offers;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Ends announcements that nothing came of.
pub const EXPIRE: &str = "publishing.expire";
/// Takes earmarked money back to its fund where its offer was released and nobody has yet: what is
/// released goes back at once, this is for what earlier programs left.
pub const OFFER_RELEASED: &str = "publishing.offer_released";
/// Notes that earmarked money was spent as it was meant.
pub const GRANTED: &str = "publishing.granted";

/// Takes back that money has arrived, where it was recorded in error.
pub const CONTRIBUTION_UNDONE: &str = "publishing.contribution_undone";

/// The background work of what is public.
pub const JOBS: &[Kind] = &[
    Kind::new(EXPIRE, expire).every(3600),
    Kind::new(OFFER_RELEASED, offer_released),
    Kind::new(GRANTED, granted),
    Kind::new(CONTRIBUTION_UNDONE, contribution_undone),
];

fn expire(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(EXPIRE);
    match desk.db.read_now("publishing.overdue", |conn| service::overdue(conn, &ctx)) {
        Ok(due) => desk.each(EXPIRE, due, service::expire),
        Err(problem) => problem.into(),
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

#[derive(Deserialize)]
struct Gone {
    contribution_id: ContributionId,
}

fn contribution_undone(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, CONTRIBUTION_UNDONE, |conn, ctx, told: &Gone| {
        service::not_received(conn, ctx, told.contribution_id)
    })
}
