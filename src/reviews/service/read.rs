//! What reviewers and those who decide read.

use super::{impartial, missing, no_stake, own_is_in, partiality, relations, seen};
use crate::applications;
use crate::applications::model::{BudgetLine, Named};
use crate::attachments::model::AttachmentFacts;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{ApplicationId, AttachmentId, CallId, PersonId, ReviewId, of};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::people;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::reviews::model::{
    CallSummary, Content, Record, Review, ReviewRow, ReviewStatus, ReviewVersion,
    ReviewedApplication, ReviewedCall, ReviewedFile, Reviews, Submitted, SubmittedReview, Summary,
    percent,
};
use crate::reviews::rules::{self, sums};
use crate::reviews::store::{self, Waiting};
use std::collections::BTreeSet;

/// The acting person's reviews, newest first; none without the role. What was set aside is without
/// its application's name.
pub fn queue(
    conn: &mut Conn,
    ctx: &Ctx,
    status: Option<ReviewStatus>,
    page: &PageOf<of::Review>,
) -> Result<Page<ReviewRow>> {
    authz::require(ctx, Action::ListMyReviews, &[])?;
    let me = ctx.me()?;
    if !ctx.actor.has(Role::Reviewer) {
        return Ok(Page { items: Vec::new(), next: None });
    }
    let rows = Page::cut(store::queue(conn, me, status, page)?, page.limit, |row| row.id);
    titled(conn, rows)
}

fn titled(conn: &mut Conn, rows: Page<Waiting>) -> Result<Page<ReviewRow>> {
    let ids: Vec<ApplicationId> = rows.items.iter().map(|row| row.application_id).collect();
    let read = applications::service::facts_handed_in(conn, &ids)?;
    let title = |row: &Waiting| {
        let facts = read.get(&row.application_id)?;
        (row.status != ReviewStatus::SetAside).then(|| facts.title.clone())
    };
    Ok(rows.map(|row| ReviewRow {
        id: row.id,
        application_id: row.application_id,
        title: title(&row),
        call_id: row.call_id,
        status: row.status,
        blind: row.blind,
        due_on: row.due_on,
        assigned_at: row.assigned_at,
        submitted_at: row.submitted_at,
    }))
}

/// The acting person's reviews that are waited for, newest first, up to `limit`: not where
/// reviewing is over. None without the role.
pub fn waiting(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<ReviewRow>> {
    authz::require(ctx, Action::ListMyReviews, &[])?;
    let me = ctx.me()?;
    if !ctx.actor.has(Role::Reviewer) {
        return Ok(Vec::new());
    }
    let items = store::waited_for(conn, me, limit)?;
    Ok(titled(conn, Page { items, next: None })?.items)
}

/// One review: the reviewer's own with what they are writing, or what somebody submitted last.
///
/// # Errors
/// 404 where there is none in sight or the actor has a stake in the application, 409 where their
/// own review of it is not in.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: ReviewId) -> Result<Review> {
    let record = seen(conn, ctx, id)?;
    let own = ctx.actor.is(record.reviewer_id);
    authz::require(ctx, Action::GetReview, &relations(ctx, &record))?;
    if own {
        return super::shown(conn, record, None, true);
    }
    no_stake(conn, ctx, record.application_id)?;
    own_is_in(conn, ctx, record.application_id)?;
    let said = store::versions(conn, id)?.into_iter().next();
    super::shown(conn, record, said, false)
}

/// What a review said each time that it was submitted, the newest first.
///
/// # Errors
/// As [`get`].
pub fn versions(conn: &mut Conn, ctx: &Ctx, id: ReviewId) -> Result<Vec<ReviewVersion>> {
    let record = seen(conn, ctx, id)?;
    authz::require(ctx, Action::GetReviewVersions, &relations(ctx, &record))?;
    if !ctx.actor.is(record.reviewer_id) {
        no_stake(conn, ctx, record.application_id)?;
        own_is_in(conn, ctx, record.application_id)?;
    }
    store::versions(conn, id)?.into_iter().map(version).collect()
}

fn version(said: Submitted) -> Result<ReviewVersion> {
    let recommendation = rules::recommended(&said.content)?;
    Ok(ReviewVersion {
        number: said.number,
        scores: said.content.scores,
        comment: said.content.comment,
        recommendation,
        total: percent(said.total),
        blind: said.blind,
        others_in: said.others_in,
        submitted_at: said.submitted_at,
    })
}

/// The application that a review is of, for its reviewer; in a blind call without its people.
///
/// # Errors
/// 404 where there is none in sight, 409 where the review was set aside, 403 and 409 as
/// [`rules::impartial`] where they are partial by now.
pub fn application(conn: &mut Conn, ctx: &Ctx, id: ReviewId) -> Result<ReviewedApplication> {
    let record = seen(conn, ctx, id)?;
    authz::require(ctx, Action::GetReviewedApplication, &relations(ctx, &record))?;
    still_reads(conn, &record)?;
    let read = applications::service::reading(conn, record.application_id)?;
    let read = read.ok_or_else(missing)?;
    let content = read.content;
    let money = |minor: Option<i64>| Some(Money::new(minor?, content.currency?));
    let lines = content.budget_lines.iter().filter_map(|line| {
        let amount = Money::new(line.amount, content.currency?);
        Some(BudgetLine { label: line.label.clone(), amount })
    });
    let there = applications::service::reading_there(conn, record.application_id)?.into_iter();
    let further = there.map(|there| ReviewedCall { call: there.call, answers: there.answers });
    let files = read.files.into_iter().map(|file| ReviewedFile {
        id: file.id,
        name: (!record.blind).then_some(file.name),
        content_type: file.content_type,
        bytes: file.bytes,
    });
    Ok(ReviewedApplication {
        id: read.facts.id,
        call_id: read.facts.call_id,
        status: read.facts.status,
        amount_minimum: money(content.amount_minimum),
        amount_requested: money(content.amount_requested),
        budget_lines: lines.collect(),
        duration_months: content.duration_months,
        title: content.title,
        summary: content.summary,
        body: content.body,
        applicant: (!record.blind).then_some(read.applicant),
        team: (!record.blind).then_some(read.team),
        answers: read.answers,
        further_calls: further.collect(),
        agendas: read.agendas,
        attachments: files.collect(),
    })
}

/// A file of the application that a review is of, for its reviewer.
///
/// # Errors
/// 404 where there is none in sight, 409 where the review was set aside, 403 and 409 as
/// [`rules::impartial`] where they are partial by now.
pub fn attachment(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, file): (ReviewId, AttachmentId),
) -> Result<AttachmentFacts> {
    let record = seen(conn, ctx, id)?;
    authz::require(ctx, Action::GetReviewedAttachment, &relations(ctx, &record))?;
    still_reads(conn, &record)?;
    let mut found = applications::service::file(conn, (record.application_id, file))?;
    if record.blind {
        let ending = found.kind.endings().first().copied().unwrap_or("bin");
        found.name = format!("attachment.{ending}");
    }
    Ok(found)
}

/// Refuses who no longer reads what they were asked to review.
fn still_reads(conn: &mut Conn, record: &Record) -> Result<()> {
    if record.status == ReviewStatus::SetAside {
        let detail = "This review was set aside: you no longer read what it was of.";
        return Err(Problem::wrong_state(detail));
    }
    impartial(conn, record)
}

/// The reviews that are in, with what each said last and whether it counts: not where its reviewer
/// is partial by now, also where that came to be known a moment ago.
pub(super) fn counting(conn: &mut Conn, all: &[Record]) -> Result<Vec<(Record, Submitted, bool)>> {
    let is_in = |record: &&Record| record.status == ReviewStatus::Submitted;
    let ids: Vec<ReviewId> = all.iter().filter(is_in).map(|record| record.id).collect();
    let mut said = store::newest(conn, &ids)?;
    let mut counting = Vec::with_capacity(ids.len());
    for record in all.iter().filter(is_in) {
        let Some(version) = said.remove(&record.id) else { continue };
        let counts = partiality(conn, record.application_id, record.reviewer_id)?.is_none();
        counting.push((record.clone(), version, counts));
    }
    Ok(counting)
}

/// What the reviews in one call come to, that count.
fn come_to(all: &[Record], said: &[(Record, Submitted, bool)], call: CallId) -> Result<Summary> {
    let first = all.iter().find(|record| record.call_id == call);
    let rubric = first.map(|record| record.rubric.as_slice()).unwrap_or_default();
    let here = said.iter().filter(|(record, _, counts)| *counts && record.call_id == call);
    let contents: Vec<Content> = here.map(|(_, said, _)| said.content.clone()).collect();
    sums::summary(rubric, &contents)
}

fn all(conn: &mut Conn, id: ApplicationId, with_waiting: bool) -> Result<Reviews> {
    let all = store::of_application(conn, id)?;
    let people: Vec<PersonId> = all.iter().map(|record| record.reviewer_id).collect();
    let names = people::service::names(conn, &people)?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let said = counting(conn, &all)?;
    let own = applications::service::facts(conn, id)?.ok_or_else(missing)?.call_id;
    let further: BTreeSet<CallId> = all.iter().map(|r| r.call_id).filter(|c| *c != own).collect();
    let further = further
        .into_iter()
        .map(|call_id| Ok(CallSummary { call_id, summary: come_to(&all, &said, call_id)? }));
    let further_calls = further.collect::<Result<Vec<_>>>()?;
    let summary = come_to(&all, &said, own)?;
    let mut items = Vec::with_capacity(said.len());
    for (record, said, counts) in said {
        let reviewer = Named { id: record.reviewer_id, name: name(record.reviewer_id) };
        let (id, call_id, version) = (record.id, record.call_id, version(said)?);
        items.push(SubmittedReview { id, call_id, reviewer, counts, version });
    }
    let waiting = with_waiting.then(|| {
        let rest = all.into_iter().filter(|record| record.status != ReviewStatus::Submitted);
        rest.map(|record| {
            let name = name(record.reviewer_id);
            super::view(record, None, false, name)
        })
        .collect()
    });
    let decision = store::decision(conn, id)?.map(super::decide::decision);
    Ok(Reviews { summary, further_calls, items, waiting, decision })
}

/// All reviews of an application, for those who decide.
///
/// # Errors
/// 404 for an application out of sight or with a stake in it, 409 where the actor's own review is
/// not in.
pub fn of_application(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Reviews> {
    applications::service::visible(conn, ctx, id)?;
    authz::require(ctx, Action::GetApplicationReviews, &[])?;
    no_stake(conn, ctx, id)?;
    own_is_in(conn, ctx, id)?;
    all(conn, id, true)
}

/// What the others said, for a reviewer whose own review is in and counts.
///
/// # Errors
/// 404 where there is none in sight, 409 where theirs is not in or was set aside, 403 and 409 as
/// [`rules::impartial`] where they are partial by now.
pub fn summary(conn: &mut Conn, ctx: &Ctx, id: ReviewId) -> Result<Reviews> {
    let record = seen(conn, ctx, id)?;
    authz::require(ctx, Action::GetReviewSummary, &relations(ctx, &record))?;
    match record.status {
        ReviewStatus::Submitted => {}
        ReviewStatus::Assigned => {
            let detail = "What others say is shown to you once your own review is in.";
            return Err(Problem::wrong_state(detail));
        }
        ReviewStatus::SetAside => {
            return Err(Problem::wrong_state("This review was set aside."));
        }
    }
    impartial(conn, &record)?;
    all(conn, record.application_id, false)
}
