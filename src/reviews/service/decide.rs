//! What admins do with reviews, and what a conflict does to them.

use super::assign::has_no_stake;
use super::read::counting;
use super::write::{put_aside, stays};
use super::{held, hold, still_open};
use crate::applications;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, PersonId, ReviewId};
use crate::kernel::problem::{Kind, Problem};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::reviews::model::{
    Aside, Content, DecideReview, Review, ReviewDecision, ReviewStatus, percent,
};
use crate::reviews::rules::sums;
use crate::reviews::store::{self, DecisionRow};
use serde_json::json;

/// Takes a review away, in or not; the reason is kept.
///
/// # Errors
/// 403 and 409 with a stake in the application, 409 where it was set aside already or reviewing is
/// over.
pub fn set_aside(conn: &mut Conn, ctx: &Ctx, id: ReviewId, text: &str) -> Result<Review> {
    let (record, application) = hold(conn, ctx, id, Action::SetAsideReview)?;
    has_no_stake(conn, ctx, application.id)?;
    record.status.write()?;
    still_open(conn, &application)?;
    let reason = super::reason(text)?;
    let record = put_aside(conn, ctx, Action::SetAsideReview, record, Aside::Removed, reason)?;
    super::shown(conn, record, None, false)
}

/// Somebody declared a conflict with an application: their review of it does not count. Nothing
/// where they have none, it was set aside already, or it is in and reviewing is over; nor where the
/// conflict was lifted by now.
pub fn set_aside_for_conflict(
    conn: &mut Conn,
    ctx: &Ctx,
    application: ApplicationId,
    person: PersonId,
) -> Result<()> {
    applications::service::lock(conn, application)?;
    let Some(application) = applications::service::facts(conn, application)? else { return Ok(()) };
    let Some(record) = store::of_reviewer(conn, application.id, person)? else { return Ok(()) };
    if record.status == ReviewStatus::SetAside
        || stays(conn, &application, &record)?
        || !applications::service::has_conflict(conn, application.id, person)?
    {
        return Ok(());
    }
    let action = Action::DeclareReviewConflict;
    let reason = "They declared a conflict of interest.".to_owned();
    put_aside(conn, ctx, action, record, Aside::Conflict, reason).map(drop)
}

/// Records what comes of the reviews of an application, and why. They are closed from then on.
///
/// # Errors
/// 404 for an application out of sight, 403 and 409 with a stake in it, 409 where it was decided,
/// has ended, no review counts, or the actor's own is not in.
pub fn decide(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &DecideReview,
) -> Result<ReviewDecision> {
    applications::service::visible(conn, ctx, id)?;
    authz::require(ctx, Action::DecideReviews, &[])?;
    let reason = super::reason(&form.reason)?;
    let application = held(conn, id)?;
    has_no_stake(conn, ctx, id)?;
    super::own_is_in(conn, ctx, id)?;
    if store::decision(conn, id)?.is_some() {
        return Err(Problem::new(Kind::AlreadyExists, "It was decided already."));
    }
    still_open(conn, &application)?;
    let all = store::of_application(conn, id)?;
    let said = counting(conn, &all)?;
    let said: Vec<_> = said.into_iter().filter(|(_, _, counts)| *counts).collect();
    // Those of its own call, unless that has declined it alone; where none of these is in, of the
    // further call that was first.
    let own = said.iter().find(|(record, ..)| Some(record.call_id) == application.own_call());
    let further = said.iter().find(|(record, ..)| record.call_id != application.call_id);
    let Some((first, ..)) = own.or(further).or(said.first()).cloned() else {
        return Err(Problem::wrong_state("No review that counts is in yet."));
    };
    let here = said.into_iter().filter(|(record, ..)| record.call_id == first.call_id);
    let contents: Vec<Content> = here.map(|(_, said, _)| said.content).collect();
    let row = DecisionRow {
        application_id: id,
        outcome: form.outcome,
        reason,
        reviews: i32::try_from(contents.len()).unwrap_or(i32::MAX),
        mean: sums::mean(&first.rubric, &contents)?,
        decided_by: ctx.me()?,
        decided_at: ctx.now,
    };
    // Asked first: SQLite's guard against REPLACE cannot tell the two apart.
    let decided = store::decision(conn, row.application_id)?.is_some();
    if decided || !store::insert_decision(conn, &row)? {
        return Err(Problem::new(Kind::AlreadyExists, "It was decided already."));
    }
    let change = Change::by(Action::DecideReviews, "application", id.uuid());
    audit::record(conn, ctx, change.to(json!({ "outcome": row.outcome })))?;
    Ok(decision(row))
}

pub(super) fn decision(row: DecisionRow) -> ReviewDecision {
    ReviewDecision {
        outcome: row.outcome,
        reason: row.reason,
        reviews: row.reviews,
        mean: percent(row.mean),
        decided_by: row.decided_by,
        decided_at: row.decided_at,
    }
}
