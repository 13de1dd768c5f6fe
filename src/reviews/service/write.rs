//! What reviewers do: write, submit, or keep out.

use super::{
    hold, impartial, is_open, knows_names, meanwhile, remind, sees_names, still_in, still_open,
};
use crate::applications;
use crate::applications::model::ApplicationFacts;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::ReviewId;
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::reviews::model::{Aside, EditReview, Record, Review, ReviewStatus, Submitted};
use crate::reviews::rules::{self, sums};
use crate::reviews::store;
use serde_json::json;

/// Saves what a reviewer is writing; after a submission, what will be its next version.
///
/// # Errors
/// 409 where it was set aside or reviewing is over, 412 when it was changed since it was read, 422
/// with all that is wrong.
pub fn edit(conn: &mut Conn, ctx: &Ctx, id: ReviewId, form: &EditReview) -> Result<Review> {
    let (mut record, application) = hold(conn, ctx, id, Action::EditReview)?;
    audit::expect_version(conn, ctx, ("review", id.uuid()), record.version, &[Action::EditReview])?;
    record.status.write()?;
    still_in(conn, &application, &record)?;
    let mut fields = Fields::new();
    let new = rules::edit(&mut fields, &record.rubric, &record.content, form);
    fields.finish()?;
    if new != record.content {
        record.content = new;
        record = saved(conn, record)?;
        // What they wrote is nobody's but theirs until it is submitted.
        let change = Change::by(Action::EditReview, "review", id.uuid());
        audit::record(conn, ctx, change.to(json!({ "version": record.version })))?;
    }
    super::shown(conn, record, None, true)
}

fn saved(conn: &mut Conn, record: Record) -> Result<Record> {
    let (before, record) = (record.version, Record { version: record.version + 1, ..record });
    if store::save(conn, &record, before)? { Ok(record) } else { Err(meanwhile()) }
}

/// Hands a review in, complete; again, as a new version. From then on its reviewer sees the
/// others'.
///
/// # Errors
/// 403 with a stake in the application, 409 where it was set aside, reviewing is over or something
/// was found, 422 with all that is missing.
pub fn submit(conn: &mut Conn, ctx: &Ctx, id: ReviewId) -> Result<Review> {
    let (mut record, application) = hold(conn, ctx, id, Action::SubmitReview)?;
    record.status.write()?;
    still_in(conn, &application, &record)?;
    impartial(conn, &record)?;
    let mut fields = Fields::new();
    rules::complete(&mut fields, &record.rubric, &record.content);
    fields.finish()?;
    if record.submissions >= rules::SUBMISSIONS_MAX {
        let detail = format!("A review has at most {} versions.", rules::SUBMISSIONS_MAX);
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    if store::versions(conn, id)?.first().is_some_and(|last| last.content == record.content) {
        return Err(Problem::wrong_state("Nothing has changed since it was submitted."));
    }
    let others = store::of_application(conn, application.id)?;
    let others = others.iter().filter(|r| r.id != id && r.status == ReviewStatus::Submitted);
    let reviewer = people::service::brief(conn, record.reviewer_id)?;
    let told_names = match &reviewer {
        Some(person) if sees_names(person.roles) => true,
        Some(person) => {
            let ties = applications::service::ties(conn, &application, person.id)?;
            knows_names(conn, &application, (person, ties.asked))?
        }
        None => false,
    };
    let version = Submitted {
        number: record.submissions + 1,
        content: record.content.clone(),
        total: sums::total(&record.rubric, &record.content.scores)?,
        blind: record.blind && application.opened_at.is_none() && !told_names,
        others_in: i32::try_from(others.count()).unwrap_or(i32::MAX),
        submitted_at: ctx.now,
    };
    store::insert_version(conn, id, &version, rules::recommended(&record.content)?)?;
    record.status = ReviewStatus::Submitted;
    record.submissions = version.number;
    record.submitted_at = Some(ctx.now);
    let record = saved(conn, record)?;
    let change = Change::by(Action::SubmitReview, "review", id.uuid());
    audit::record(conn, ctx, change.to(json!({ "number": version.number })))?;
    if version.number == 1 {
        remind::all_in(conn, ctx, application.id)?;
    }
    super::shown(conn, record, None, true)
}

/// The reviewer has a conflict of interest: their review does not count, and they have no say in
/// the application from then on. One that is in stays as it is where reviewing is over.
///
/// # Errors
/// 409 where they declared it already, or it was set aside.
pub fn declare_conflict(conn: &mut Conn, ctx: &Ctx, id: ReviewId, text: &str) -> Result<Review> {
    let (record, application) = hold(conn, ctx, id, Action::DeclareReviewConflict)?;
    record.status.write()?;
    let action = Action::DeclareReviewConflict;
    let declared = applications::service::keep_out(conn, ctx, action, application.id, text)?;
    let record = match stays(conn, &application, &record)? {
        true => record,
        false => put_aside(conn, ctx, action, record, Aside::Conflict, declared.reason)?,
    };
    super::shown(conn, record, None, true)
}

/// The reviewer cannot do it.
///
/// # Errors
/// 409 where it is in already, was set aside, or reviewing is over.
pub fn decline(conn: &mut Conn, ctx: &Ctx, id: ReviewId, text: &str) -> Result<Review> {
    let (record, application) = hold(conn, ctx, id, Action::DeclineReview)?;
    record.status.write()?;
    still_open(conn, &application)?;
    if record.status == ReviewStatus::Submitted {
        return Err(Problem::wrong_state("It is in already: it counts."));
    }
    let reason = super::reason(text)?;
    let record = put_aside(conn, ctx, Action::DeclineReview, record, Aside::Declined, reason)?;
    super::shown(conn, record, None, true)
}

/// Whether a review stays, conflict or not: what was decided on rests on it. One that was never
/// written is not waited for either where an appeal brings the application back.
pub(super) fn stays(
    conn: &mut Conn,
    application: &ApplicationFacts,
    record: &Record,
) -> Result<bool> {
    Ok(record.status == ReviewStatus::Submitted && !is_open(conn, application)?)
}

/// Sets a review aside; the caller has decided.
pub(super) fn put_aside(
    conn: &mut Conn,
    ctx: &Ctx,
    action: Action,
    record: Record,
    aside: Aside,
    reason: String,
) -> Result<Record> {
    let from = record.status;
    let record = Record {
        status: ReviewStatus::SetAside,
        aside: Some(aside),
        aside_reason: Some(reason),
        ..record
    };
    let record = saved(conn, record)?;
    let change = Change::by(action, "review", record.id.uuid())
        .from(json!({ "status": from }))
        .to(json!({ "status": record.status, "aside": aside }));
    audit::record(conn, ctx, change)?;
    let waited_for = from == ReviewStatus::Assigned;
    let facts = applications::service::facts(conn, record.application_id)?;
    if facts.map_or(Ok(false), |facts| is_open(conn, &facts))? {
        remind::gone(conn, ctx, &record, (aside, waited_for))?;
    }
    Ok(record)
}
