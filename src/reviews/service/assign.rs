//! Asking somebody for a review.

use super::{held, is_blind, letters, meanwhile, settings};
use crate::applications;
use crate::applications::model::{ApplicationFacts, Ground};
use crate::calls;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::people;
use crate::people::service::Brief;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::reviews::model::{AssignReviewer, Content, Criterion, Record, Review, ReviewStatus};
use crate::reviews::rules::{self, Candidate};
use crate::reviews::store;
use serde_json::json;

/// Checks the day by which reviews are asked for.
pub(super) fn due(fields: &mut Fields, ctx: &Ctx, due_on: Option<Date>) {
    if let Some(day) = due_on {
        fields.plausible("/due_on", day);
        fields.check(day >= ctx.today(), "/due_on", "out_of_range", "write a day from today on");
    }
}

/// Assigns a reviewer to an application.
///
/// # Errors
/// 404 for an application out of sight, 403 and 409 for an admin with a stake in it, 409 and 422 as
/// [`rules::may_assign`].
pub fn assign(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &AssignReviewer,
) -> Result<Review> {
    let application = applications::service::visible(conn, ctx, id)?;
    authz::require(ctx, Action::AssignReviewer, &[])?;
    let mut fields = Fields::new();
    due(&mut fields, ctx, form.due_on);
    let person = people::service::brief(conn, form.person_id)?;
    fields.check(person.is_some(), "/person_id", "unknown", "there is no such person");
    let call = form.call_id.unwrap_or(application.call_id);
    let is_in = applications::service::is_in(conn, &application, call)?;
    fields.check(is_in, "/call_id", "unknown", "the application is not in this call");
    fields.finish()?;
    calls::service::hold(conn, call)?;
    let application = held(conn, id)?;
    // From here on as they are: who loses the role just now is asked before that, or not at all.
    let person = people::service::kept(conn, form.person_id)?.ok_or_else(meanwhile)?;
    if !applications::service::is_in(conn, &application, call)? {
        return Err(meanwhile());
    }
    has_no_stake(conn, ctx, id)?;
    let asked = store::of_application(conn, id)?;
    let elsewhere = |r: &Record| r.reviewer_id == person.id && r.call_id != call;
    if asked.iter().any(elsewhere) {
        let message = "they were asked to review it in another of its calls";
        return Err(Problem::field("/person_id", "other_call", message));
    }
    let place = (&application, call);
    let candidate = candidate(conn, place, &asked, &person)?;
    rules::may_assign(&candidate)?;
    let record = write(conn, ctx, place, &asked, (person.id, candidate.blind), form.due_on)?;
    let read = applications::service::as_handed_in(conn, id)?.unwrap_or(application);
    letters::asked(conn, ctx, &person, &record, &read.title)?;
    let own = ctx.actor.is(person.id);
    super::shown(conn, record, None, own)
}

/// Whoever is on the application, declared a conflict with it or shares a bank account with its
/// team neither chooses its reviewers nor decides anything on the reviews.
///
/// # Errors
/// 403 on it or with a declared conflict, 409 with an account that was found.
pub(super) fn has_no_stake(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    applications::service::impartial(conn, ctx, id, &[Ground::BankAccount])
}

/// What decides on an assignment in a call; the application's row is held.
pub(super) fn candidate(
    conn: &mut Conn,
    (application, call): (&ApplicationFacts, CallId),
    asked: &[Record],
    person: &Brief,
) -> Result<Candidate> {
    let before = asked.iter().find(|record| record.reviewer_id == person.id);
    let ties = applications::service::ties(conn, application, person.id)?;
    let blind = is_blind(conn, call)?;
    Ok(Candidate {
        application: application.status,
        opened: application.opened_at.is_some(),
        decided: store::decision(conn, application.id)?.is_some(),
        asked: asked.len(),
        any_in: asked.iter().any(|record| record.submissions > 0),
        blind,
        before: before.map(|record| (record.status, record.aside, record.submissions)),
        reviewer: person.active && person.roles.has(Role::Reviewer),
        reads_reviews: person.roles.has(Role::Admin) || person.roles.has(Role::Auditor),
        sees_names: super::sees_names(person.roles),
        knows_names: blind && super::knows_names(conn, application, (person, ties.declined))?,
        on_team: ties.takes_part,
        conflict: ties.conflict,
        found: ties.found,
    })
}

/// Writes an assignment that was decided on. All reviews of an application in a call are under the
/// rubric of the first there.
pub(super) fn write(
    conn: &mut Conn,
    ctx: &Ctx,
    (application, call): (&ApplicationFacts, CallId),
    asked: &[Record],
    (person, blind): (PersonId, bool),
    due_on: Option<Date>,
) -> Result<Record> {
    let promised = applications::service::promised_in(conn, application, call)?;
    let due_on = due_on.or(Some(rules::due(ctx.today(), promised)));
    let record = match asked.iter().find(|record| record.reviewer_id == person) {
        Some(before) => {
            let record = Record {
                status: ReviewStatus::Assigned,
                aside: None,
                aside_reason: None,
                due_on,
                assigned_by: ctx.actor.person(),
                assigned_at: ctx.now,
                version: before.version + 1,
                ..before.clone()
            };
            if !store::save(conn, &record, before.version)? {
                return Err(meanwhile());
            }
            store::asked_anew(conn, record.id)?;
            record
        }
        None => {
            let rubric = match asked.iter().find(|record| record.call_id == call) {
                Some(first) => first.rubric.clone(),
                None => settings::rubric_of(conn, application, call)?,
            };
            let record = new(ctx, (application, call), rubric, (person, blind), due_on);
            store::insert(conn, &record)?;
            record
        }
    };
    let change = Change::by(Action::AssignReviewer, "review", record.id.uuid());
    let after = json!({ "application_id": record.application_id, "reviewer_id": person });
    audit::record(conn, ctx, change.to(after))?;
    Ok(record)
}

fn new(
    ctx: &Ctx,
    (application, call_id): (&ApplicationFacts, CallId),
    rubric: Vec<Criterion>,
    (reviewer_id, blind): (PersonId, bool),
    due_on: Option<Date>,
) -> Record {
    Record {
        id: ctx.id(),
        application_id: application.id,
        call_id,
        reviewer_id,
        status: ReviewStatus::Assigned,
        aside: None,
        aside_reason: None,
        blind,
        rubric,
        content: Content { scores: Vec::new(), comment: String::new(), recommendation: None },
        submissions: 0,
        due_on,
        assigned_by: ctx.actor.person(),
        assigned_at: ctx.now,
        submitted_at: None,
        version: 1,
    }
}

/// Whether a refusal is about this person or application, so that another may be tried.
pub(super) fn is_about_them(problem: &Problem) -> bool {
    problem.status() != 500 && problem.status() != 503
}
