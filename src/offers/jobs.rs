//! What happens to offers later: they lapse, or end with their application. What goes by the sum of
//! offers happens here as well: the decision clocks, and who is told of a possible award.

use crate::applications;
use crate::applications::jobs as clocks;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::kernel::time::Instant;
use crate::offers::model::OfferStatus;
use crate::offers::service;
use crate::platform::db::Conn;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Releases what is over its time.
pub const LAPSE: &str = "offers.lapse";
/// Lets open applications lapse whose time is over, and whose offers do not reach their minimum.
pub const LAPSE_APPLICATIONS: &str = "offers.lapse_applications";
/// Releases what an ended application leaves open.
pub const APPLICATION_ENDED: &str = "offers.application_ended";
/// Releases what somebody offered before they declared a conflict; with programs before this one
/// they could join the team as well, of which jobs may still wait.
pub const CONFLICT_DECLARED: &str = "offers.conflict_declared";

/// Tells those who offered that somebody has joined the team.
pub const JOINED: &str = "offers.joined";

/// Releases what somebody offered who acts for another from now on, wherever that one is behind it.
pub const DELEGATED: &str = "offers.delegated";

/// Releases what was offered to an application that took another one up, by who was on that.
pub const MERGED: &str = "offers.merged";

/// Releases what somebody offered who was suspended, or is no regrantor any more. It keeps the name
/// under which jobs may wait in the queue.
pub const FORMER: &str = "offers.suspended";

/// Tells whoever answers for the call that an award has become possible by a change of the
/// application.
pub const AWARDABLE: &str = "offers.awardable";
/// The same where its screening has ended: once, for a second time would say why.
pub const CLEARED: &str = "offers.cleared";

/// Reminds those who may approve of what waits for them.
pub const APPROVALS: &str = "offers.approvals";

/// Releases what nothing has released of people who are on its application, in a declared conflict
/// with it, or no regrantors any more: programs before this one let that stand.
pub const INSIDERS: &str = "offers.insiders";

/// Releases what funds offered that may spend in none of an application's calls any more.
pub const UNROUTED: &str = "offers.unrouted";

/// Tells those who offered what the team of an application said to its funders.
pub const SAID: &str = "offers.said";

/// What runs them.
pub const JOBS: &[Kind] = &[
    Kind::new(LAPSE, lapse).every(60),
    Kind::new(APPROVALS, approvals).every(3600),
    Kind::new(INSIDERS, insiders).every(3600),
    Kind::new(clocks::CLOCK, clock).every(3600),
    Kind::new(clocks::ROUTES, routes).every(3600),
    Kind::new(LAPSE_APPLICATIONS, lapse_applications).every(3600),
    Kind::new(APPLICATION_ENDED, application_ended),
    Kind::new(CONFLICT_DECLARED, conflict_declared),
    Kind::new(JOINED, joined),
    Kind::new(DELEGATED, delegated),
    Kind::new(MERGED, merged),
    Kind::new(UNROUTED, unrouted),
    Kind::new(AWARDABLE, awardable),
    Kind::new(CLEARED, cleared),
    Kind::new(FORMER, former),
    Kind::new(SAID, said),
];

/// Offers looked at in one run; the next run takes the next.
const BATCH: i64 = 200;

/// Batches that a walk through all open offers takes in one run; the next run goes on there.
const BATCHES: usize = 10;

/// Far more offers than one person has open.
const MANY: i64 = 10_000;

fn lapse(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(LAPSE);
    match desk.db.read_now("offers.overdue", |conn| service::overdue(conn, &ctx, BATCH)) {
        Ok(due) => desk.each(LAPSE, due, service::lapse),
        Err(problem) => problem.into(),
    }
}

/// Each in a transaction of its own. The next run takes the next.
fn approvals(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(APPROVALS);
    match desk.db.read_now(APPROVALS, |conn| service::approvals_due(conn, &ctx, BATCH)) {
        Ok(due) => desk.each(APPROVALS, due, service::remind_approvers),
        Err(problem) => problem.into(),
    }
}

fn insiders(desk: &Desk, _: &Job) -> Outcome {
    let mut failed = None;
    for status in [OfferStatus::AwaitingApproval, OfferStatus::Placed] {
        match walk(desk, status) {
            Ok(Outcome::Done) => {}
            Ok(other) => failed = Some(other),
            Err(problem) => return problem.into(),
        }
    }
    failed.unwrap_or(Outcome::Done)
}

/// What cannot be released is told of, and found again by the next walk.
fn walk(desk: &Desk, status: OfferStatus) -> Result<Outcome> {
    let from = desk.db.read_now("offers.walked", |conn| service::walked(conn, status))?;
    let (mut after, mut failed) = (from, None);
    for _ in 0..BATCHES {
        let next = |conn: &mut Conn| service::unfit(conn, status, after, BATCH);
        let (found, last) = desk.db.read_now(INSIDERS, next)?;
        after = last;
        match desk.each(INSIDERS, found, service::end_of_unfit) {
            Outcome::Done => {}
            other => failed = Some(other),
        }
        if after.is_none() {
            break;
        }
    }
    // Nothing is written where all of it is walked in one run.
    if after != from {
        desk.db.write_now("offers.walked", |conn| service::walked_to(conn, status, after))?;
    }
    Ok(failed.unwrap_or(Outcome::Done))
}

fn clock(desk: &Desk, _: &Job) -> Outcome {
    clocks::clock(desk, service::firm)
}

fn routes(desk: &Desk, _: &Job) -> Outcome {
    clocks::routes(desk, service::firm)
}

/// Each application in a transaction of its own.
fn lapse_applications(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx("application lapse");
    let (mut after, mut failed) = (None, None);
    loop {
        let aged = desk.db.read_now("offers.aged_applications", |conn| {
            applications::service::aged(conn, &ctx, after, BATCH)
        });
        let rows = match aged {
            Ok(rows) => rows,
            Err(problem) => return problem.into(),
        };
        let Some((last, _)) = rows.last() else { return failed.unwrap_or(Outcome::Done) };
        after = Some(*last);
        let over = rows.into_iter().filter(|(_, over)| *over).map(|(id, _)| id).collect();
        // One that cannot lapse is told of, and keeps none of those behind it.
        match desk.each(LAPSE_APPLICATIONS, over, service::lapse_application) {
            Outcome::Done => {}
            other => failed = Some(other),
        }
    }
}

#[derive(Deserialize)]
struct Ended {
    application_id: ApplicationId,
}

fn application_ended(desk: &Desk, job: &Job) -> Outcome {
    let told_at = job.created_at;
    outbox::listen(desk, job, APPLICATION_ENDED, move |conn, ctx, told: &Ended| {
        service::end_of_application(conn, ctx, told.application_id, told_at)
    })
}

#[derive(Deserialize)]
struct Declared {
    application_id: ApplicationId,
    person_id: PersonId,
}

fn conflict_declared(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, CONFLICT_DECLARED, |conn, ctx, told: &Declared| {
        service::end_of_impartiality(conn, ctx, told.application_id, told.person_id)
    })
}

fn joined(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, JOINED, |conn, ctx, told: &Declared| {
        service::makers_hear_of_member(conn, ctx, (told.application_id, told.person_id))
    })
}

#[derive(Deserialize)]
struct Delegated {
    delegate_id: PersonId,
}

fn delegated(desk: &Desk, job: &Job) -> Outcome {
    // What the other applied with may have been taken up by what a third applies with.
    let open = |conn: &mut Conn, told: &Delegated| service::open_by(conn, told.delegate_id, MANY);
    outbox::listen_each(desk, job, DELEGATED, open, service::end_of_insider)
}

#[derive(Deserialize)]
struct Merged {
    into_id: ApplicationId,
}

fn merged(desk: &Desk, job: &Job) -> Outcome {
    let open = |conn: &mut Conn, told: &Merged| service::open_on(conn, told.into_id);
    outbox::listen_each(desk, job, MERGED, open, service::end_of_insider)
}

#[derive(Deserialize)]
struct Former {
    person_id: PersonId,
}

fn former(desk: &Desk, job: &Job) -> Outcome {
    let open = |conn: &mut Conn, told: &Former| service::open_by(conn, told.person_id, MANY);
    outbox::listen_each(desk, job, FORMER, open, service::end_of_former)
}

#[derive(Deserialize)]
struct Said {
    application_id: ApplicationId,
    hour: i64,
}

fn said(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, SAID, |conn, ctx, told: &Said| {
        service::makers_hear(conn, ctx, told.application_id, told.hour)
    })
}

fn unrouted(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, UNROUTED, |conn, ctx, told: &Ended| {
        service::end_of_route(conn, ctx, told.application_id)
    })
}

fn awardable(desk: &Desk, job: &Job) -> Outcome {
    awardable_again(desk, job, AWARDABLE, Some(job.created_at))
}

fn cleared(desk: &Desk, job: &Job) -> Outcome {
    awardable_again(desk, job, CLEARED, None)
}

fn awardable_again(
    desk: &Desk,
    job: &Job,
    name: &'static str,
    changed: Option<Instant>,
) -> Outcome {
    outbox::listen(desk, job, name, move |conn, ctx, told: &Ended| {
        service::tell_awardable(conn, ctx, told.application_id, changed)
    })
}
