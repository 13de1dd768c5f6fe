//! Use-cases of reviews. Each write holds the application's row from its first statement on:
//! assignments, submissions, conflicts and the decision on one application come one after the
//! other.

mod assign;
mod call;
mod decide;
mod letters;
mod read;
mod remind;
mod settings;
mod write;

pub use assign::assign;
pub use call::assign_call;
pub use decide::{decide, set_aside, set_aside_for_conflict};
pub use read::{application, attachment, get, of_application, queue, summary, versions, waiting};
pub(super) use remind::{
    came_or_went, joined, open_of, remind, reopened, to_remind, to_tell, unrouted,
};
pub use settings::{set_settings, settings};
pub use write::{declare_conflict, decline, edit, submit};

use super::model::{Content, Record, Review, ReviewStatus, Submitted, percent};
use super::rules::Partiality;
use super::rules::sums;
use super::{rules, store};
use crate::applications;
use crate::applications::model::{ApplicationFacts, Named};
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId, Id, PersonId, ReviewId};
use crate::kernel::problem::Problem;
use crate::people;
use crate::people::service::Brief;
use crate::platform::audit;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::vouches;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn missing() -> Problem {
    Problem::not_found("review")
}

fn meanwhile() -> Problem {
    Problem::changed_meanwhile("review")
}

/// A reason that is kept.
fn reason(text: &str) -> Result<String> {
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", text, 1, rules::REASON_MAX);
    fields.finish()?;
    Ok(reason)
}

fn relations(ctx: &Ctx, record: &Record) -> Vec<Relation> {
    if ctx.actor.is(record.reviewer_id) { vec![Relation::Own] } else { Vec::new() }
}

/// A review that the actor may see.
///
/// # Errors
/// 404 where there is none.
fn seen(conn: &mut Conn, ctx: &Ctx, id: ReviewId) -> Result<Record> {
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    if authz::allowed(&ctx.actor, Action::GetReview, &relations(ctx, &record)) {
        Ok(record)
    } else {
        Err(missing())
    }
}

/// A review and its application, held until the transaction ends.
///
/// # Errors
/// 404 where there is none that they may see, 403 where they may see it but not do this.
fn hold(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ReviewId,
    action: Action,
) -> Result<(Record, ApplicationFacts)> {
    let record = seen(conn, ctx, id)?;
    authz::require(ctx, action, &relations(ctx, &record))?;
    let application = held(conn, record.application_id)?;
    // As it is now that nobody else writes it.
    let record = store::find(conn, id)?.ok_or_else(missing)?;
    Ok((record, application))
}

/// The application's facts, its row held until the transaction ends.
fn held(conn: &mut Conn, id: ApplicationId) -> Result<ApplicationFacts> {
    applications::service::lock(conn, id)?;
    let facts = applications::service::facts(conn, id)?;
    facts.ok_or_else(|| Problem::not_found("application"))
}

/// Whether anything about the reviews may still change.
fn is_open(conn: &mut Conn, application: &ApplicationFacts) -> Result<bool> {
    let decided = store::decision(conn, application.id)?.is_some();
    Ok(rules::under_review(application.status, decided).is_ok())
}

/// Whether a review is not in, and can still be written.
fn is_waited_for(conn: &mut Conn, facts: &ApplicationFacts, record: &Record) -> Result<bool> {
    Ok(record.status == ReviewStatus::Assigned
        && is_open(conn, facts)?
        && applications::service::is_in(conn, facts, record.call_id)?)
}

/// Refuses where nothing about the reviews may change any more.
fn still_open(conn: &mut Conn, application: &ApplicationFacts) -> Result<()> {
    let decided = store::decision(conn, application.id)?.is_some();
    rules::under_review(application.status, decided)
}

/// The same, and where the application has left the call that this review is for.
fn still_in(conn: &mut Conn, application: &ApplicationFacts, record: &Record) -> Result<()> {
    still_open(conn, application)?;
    match applications::service::is_in(conn, application, record.call_id)? {
        true => Ok(()),
        false => Err(Problem::wrong_state("The application has left this call.")),
    }
}

/// How somebody stands to an application that they review.
fn partiality(conn: &mut Conn, application: ApplicationId, person: PersonId) -> Result<Partiality> {
    let ties = match applications::service::facts(conn, application)? {
        Some(facts) => applications::service::ties(conn, &facts, person)?,
        None => applications::service::Ties::default(),
    };
    Ok(Partiality { on_team: ties.takes_part, conflict: ties.conflict, found: ties.found })
}

/// Refuses a reviewer who is partial by now: they read only their own.
fn impartial(conn: &mut Conn, record: &Record) -> Result<()> {
    let partiality = partiality(conn, record.application_id, record.reviewer_id)?;
    rules::impartial(&partiality, record.blind)
}

/// Those of these applications to which somebody is partial.
fn partial_to(
    conn: &mut Conn,
    person: PersonId,
    ids: &[ApplicationId],
) -> Result<BTreeSet<ApplicationId>> {
    let mut partial = applications::service::stakes(conn, person, ids)?;
    partial.extend(applications::service::found_among(conn, ids, person)?);
    Ok(partial)
}

/// Whether names are hidden from somebody who reviews an application; `None` for who does not, or
/// no more.
pub fn reviews_blind(
    conn: &mut Conn,
    application: ApplicationId,
    person: PersonId,
) -> Result<Option<bool>> {
    let own = store::of_reviewer(conn, application, person)?;
    Ok(own.filter(|own| own.status != ReviewStatus::SetAside).map(|own| own.blind))
}

/// Those of some applications that somebody reviews, or ever handed a review of in, whatever became
/// of that.
pub fn reviewed(
    conn: &mut Conn,
    ids: &[ApplicationId],
    person: PersonId,
) -> Result<Vec<ApplicationId>> {
    store::reviewed(conn, ids, person)
}

/// Those of some applications of which somebody asked for a review, or set one aside.
pub fn had_reviewed(
    conn: &mut Conn,
    ids: &[ApplicationId],
    person: PersonId,
) -> Result<Vec<ApplicationId>> {
    const ACTS: &[Action] = &[Action::AssignReviewer, Action::SetAsideReview];
    let all = store::asked_for(conn, ids)?;
    let reviews: Vec<Uuid> = all.iter().map(|(id, ..)| id.uuid()).collect();
    // Who asked first is known to the log alone, where somebody asked again.
    let did = audit::did(conn, person, ("review", &reviews), ACTS)?;
    let theirs =
        all.into_iter().filter(|(id, _, by)| *by == Some(person) || did.contains(&id.uuid()));
    Ok(theirs.map(|(_, application, _)| application).collect())
}

/// [`reviews_blind`], for somebody who is about to read for their review.
///
/// # Errors
/// 403 and 409 as [`rules::impartial`] where they are partial by now: they read only their own.
pub fn reads_blind(
    conn: &mut Conn,
    application: ApplicationId,
    person: PersonId,
) -> Result<Option<bool>> {
    let blind = reviews_blind(conn, application, person)?;
    if let Some(blind) = blind {
        rules::impartial(&partiality(conn, application, person)?, blind)?;
    }
    Ok(blind)
}

/// Those of these applications from whose reviewer, this person, names are hidden.
pub fn blind_to(
    conn: &mut Conn,
    ids: &[ApplicationId],
    person: PersonId,
) -> Result<BTreeSet<ApplicationId>> {
    let found = if ids.is_empty() { Vec::new() } else { store::blind_to(conn, ids, person)? };
    Ok(found.into_iter().collect())
}

/// The application of each of these reviews, by its id; those that are not there are left out.
pub fn of_which(conn: &mut Conn, ids: &[Uuid]) -> Result<BTreeMap<Uuid, ApplicationId>> {
    let ids: Vec<_> = ids.iter().map(|id| Id::from_uuid(*id)).collect();
    let found = if ids.is_empty() { Vec::new() } else { store::of_which(conn, &ids)? };
    Ok(found.into_iter().map(|(id, application)| (id.uuid(), application)).collect())
}

/// Whether names are hidden in a call.
fn is_blind(conn: &mut Conn, call: CallId) -> Result<bool> {
    Ok(store::blind(conn, call)?.unwrap_or(false))
}

/// Whether somebody's other roles show them who applies.
fn sees_names(roles: crate::kernel::actor::Roles) -> bool {
    [Role::Admin, Role::Finance, Role::Auditor].into_iter().any(|role| roles.has(role))
}

/// Whether somebody was told who applies, by an invitation onto its team (`told`) or by what they
/// did for this application before: they nominated it, said no to an invitation, or were asked to
/// vouch for it, or did. Whether somebody read an invitation that they have not answered nobody
/// knows: it keeps nobody from being asked for a review, or who applies could choose who does not;
/// but what they hand in then does not pass for blind.
fn knows_names(
    conn: &mut Conn,
    facts: &ApplicationFacts,
    (person, told): (&Brief, bool),
) -> Result<bool> {
    if told {
        return Ok(true);
    }
    // What it was made of is of the same people.
    let past = applications::service::lineage(conn, facts.id)?;
    let all = applications::service::facts_of(conn, &past)?;
    if all.values().any(|one| one.nominated_by == Some(person.id)) {
        return Ok(true);
    }
    for id in &past {
        if vouches::service::has_to_do(conn, *id, (person.id, &person.email))? {
            return Ok(true);
        }
    }
    said_no(conn, &past, person.id)
}

/// Whether somebody said no to an invitation onto the team of one of these: also where it was
/// mailed to another address than theirs, so that the place does not say who answered.
fn said_no(conn: &mut Conn, past: &[ApplicationId], person: PersonId) -> Result<bool> {
    let objects: Vec<Uuid> = past.iter().map(|id| id.uuid()).collect();
    let acts = [Action::DeclineMembership];
    Ok(!audit::did(conn, person, ("application", &objects), &acts)?.is_empty())
}

/// A review as its reviewer sees it, or (with what they submitted last) as others do.
fn shown(conn: &mut Conn, record: Record, said: Option<Submitted>, own: bool) -> Result<Review> {
    let name = people::service::brief(conn, record.reviewer_id)?.map(|p| p.name);
    Ok(view(record, said, own, name.unwrap_or_default()))
}

/// [`shown`], with the reviewer's name at hand.
fn view(record: Record, said: Option<Submitted>, own: bool, name: String) -> Review {
    let nothing = Content { scores: Vec::new(), comment: String::new(), recommendation: None };
    let (content, total) = match (own, said) {
        (true, _) => {
            let total = sums::total(&record.rubric, &record.content.scores).ok();
            (record.content, total)
        }
        (false, Some(said)) => (said.content, Some(said.total)),
        (false, None) => (nothing, None),
    };
    Review {
        id: record.id,
        application_id: record.application_id,
        call_id: record.call_id,
        reviewer: Named { id: record.reviewer_id, name },
        status: record.status,
        aside: record.aside,
        aside_reason: record.aside_reason,
        blind: record.blind,
        rubric: record.rubric,
        scores: content.scores,
        comment: content.comment,
        recommendation: content.recommendation,
        total: total.map(percent),
        submissions: record.submissions,
        due_on: record.due_on,
        assigned_at: record.assigned_at,
        submitted_at: record.submitted_at,
        version: record.version,
    }
}

/// Refuses whoever is on the application, or declared a conflict with it, as if there were no
/// reviews: they read nobody's, whatever roles they hold.
fn no_stake(conn: &mut Conn, ctx: &Ctx, application: ApplicationId) -> Result<()> {
    let Some(me) = ctx.actor.person() else { return Ok(()) };
    match applications::service::has_stake(conn, me, application)? {
        true => Err(missing()),
        false => Ok(()),
    }
}

/// Refuses whoever can still write their own review of the application, or could again after an
/// appeal, whatever roles they hold besides: they see nobody's.
fn own_is_in(conn: &mut Conn, ctx: &Ctx, application: ApplicationId) -> Result<()> {
    let Some(me) = ctx.actor.person() else { return Ok(()) };
    let own = store::of_reviewer(conn, application, me)?;
    // What was decided on the reviews stays decided, also after an appeal.
    if own.is_none_or(|own| own.status != ReviewStatus::Assigned)
        || store::decision(conn, application)?.is_some()
    {
        return Ok(());
    }
    let facts = applications::service::facts(conn, application)?.ok_or_else(missing)?;
    if rules::under_review(facts.status, false).is_ok()
        || applications::service::may_be_reopened(conn, ctx, application)?
    {
        let detail = "You review this application: what others say is shown once yours is in.";
        return Err(Problem::wrong_state(detail));
    }
    Ok(())
}
