//! Nobody waits in silence for a review: who writes it is reminded, and hears when the team has
//! changed, who asked (or, where they are gone, who decides) hears when all are in, and when a
//! reviewer cannot write theirs any more.

use super::letters;
use crate::applications;
use crate::applications::model::ApplicationFacts;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{ApplicationId, CallId, PersonId, ReviewId};
use crate::people;
use crate::people::service::Brief;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::reviews::model::{Aside, Record, ReviewStatus};
use crate::reviews::{rules, store};
use std::collections::BTreeSet;

/// Days before the day that it is asked for by.
const BEFORE: i32 = 3;

/// Reviews to be reminded of today, up to `limit`.
pub(in crate::reviews) fn to_remind(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<ReviewId>> {
    store::to_remind(conn, (ctx.today(), ctx.today().plus_days(BEFORE)), limit)
}

/// Whether somebody can write reviews: not suspended, and still a reviewer.
fn can_review(person: &Brief) -> bool {
    person.active && person.roles.has(Role::Reviewer)
}

/// Reminds a reviewer, before the day and once it is over; then also whoever asked them. Who cannot
/// write it any more is not reminded.
pub(in crate::reviews) fn remind(conn: &mut Conn, ctx: &Ctx, id: ReviewId) -> Result<()> {
    let Some(record) = store::find(conn, id)? else { return Ok(()) };
    let Some(facts) = applications::service::as_handed_in(conn, record.application_id)? else {
        return Ok(());
    };
    let over = record.due_on.is_some_and(|due| due < ctx.today());
    store::reminded(conn, id, if over { 2 } else { 1 })?;
    // Who was asked a moment ago has read the day.
    let fresh = !over && ctx.now < record.assigned_at.plus_seconds(24 * 3_600);
    let waits = !fresh && super::is_waited_for(conn, &facts, &record)?;
    let reviewer = people::service::brief(conn, record.reviewer_id)?.filter(can_review);
    let (Some(reviewer), true) = (reviewer, waits) else { return Ok(()) };
    if super::partiality(conn, record.application_id, record.reviewer_id)?.is_none() {
        letters::remind(conn, ctx, &reviewer, &record, &facts.title, over)?;
    }
    if over {
        for asker in askers(conn, std::slice::from_ref(&record))? {
            letters::is_late(conn, ctx, &asker, (&record, &reviewer.name), &facts.title)?;
        }
    }
    Ok(())
}

/// What somebody was asked to write, up to `limit`, and cannot any more, where whoever asked has
/// not heard of it; or can again, where they have. For the job.
pub(in crate::reviews) fn to_tell(
    conn: &mut Conn,
    person: PersonId,
    limit: i64,
) -> Result<Vec<ReviewId>> {
    let can = people::service::brief(conn, person)?.as_ref().is_some_and(can_review);
    store::waiting_of(conn, person, can, limit)
}

/// Who asked for a review hears, once, that its reviewer cannot write it any more, and that all are
/// in where nobody else is waited for. Who can again is reminded anew. Nothing where somebody was
/// faster.
pub(in crate::reviews) fn came_or_went(conn: &mut Conn, ctx: &Ctx, id: ReviewId) -> Result<()> {
    let Some(record) = store::find(conn, id)? else { return Ok(()) };
    applications::service::lock(conn, record.application_id)?;
    // As it is now that nobody else writes it.
    let Some(record) = store::find(conn, id)? else { return Ok(()) };
    let Some(facts) = applications::service::as_handed_in(conn, record.application_id)? else {
        return Ok(());
    };
    let Some(reviewer) = people::service::brief(conn, record.reviewer_id)? else { return Ok(()) };
    if can_review(&reviewer) {
        return store::can_again(conn, id);
    }
    if !super::is_waited_for(conn, &facts, &record)? || !store::former_told(conn, id, ctx.now)? {
        return Ok(());
    }
    let all = store::of_application(conn, facts.id)?;
    let left = left(conn, &facts, &all)?;
    for asker in askers(conn, std::slice::from_ref(&record))? {
        let told = is_told(conn, &asker, facts.id)?.then_some(left);
        letters::cannot(conn, ctx, &asker, (&record, &reviewer.name), (&facts.title, told))?;
    }
    tell_all_in(conn, ctx, &facts, &all, left)
}

/// Reviews of an application that are not in, in this call where one is named; for the job.
pub(in crate::reviews) fn open_of(
    conn: &mut Conn,
    (id, call): (ApplicationId, Option<CallId>),
) -> Result<Vec<ReviewId>> {
    let mut all = store::of_application(conn, id)?;
    let there = |record: &Record| call.is_none_or(|call| record.call_id == call);
    all.retain(|record| record.status == ReviewStatus::Assigned && there(record));
    Ok(all.into_iter().map(|record| record.id).collect())
}

/// The application came back by an appeal: a review of it that is waited for again is asked for by
/// the day of one that is asked for today, or a later one that it had, and its reviewer is reminded
/// anew; who asked hears where they cannot write it any more.
pub(in crate::reviews) fn reopened(conn: &mut Conn, ctx: &Ctx, id: ReviewId) -> Result<()> {
    let Some(record) = store::find(conn, id)? else { return Ok(()) };
    applications::service::lock(conn, record.application_id)?;
    // As it is now that nobody else writes it.
    let Some(record) = store::find(conn, id)? else { return Ok(()) };
    let facts = applications::service::facts(conn, record.application_id)?;
    let Some(facts) = facts else { return Ok(()) };
    if !super::is_waited_for(conn, &facts, &record)? {
        return Ok(());
    }
    let promised = applications::service::promised_in(conn, &facts, record.call_id)?;
    let due = Some(rules::due(ctx.today(), promised));
    store::wait_again(conn, id, record.due_on.max(due))?;
    came_or_went(conn, ctx, id)
}

/// The application left a further call: where a review there was waited for, and no other is, who
/// asked hears that all are in.
pub(in crate::reviews) fn unrouted(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, call): (ApplicationId, CallId),
) -> Result<()> {
    applications::service::lock(conn, id)?;
    let Some(facts) = applications::service::as_handed_in(conn, id)? else { return Ok(()) };
    let all = store::of_application(conn, id)?;
    let mut waited = false;
    for record in all.iter().filter(|record| record.call_id == call) {
        waited |= can_come(conn, record)?;
    }
    if !waited || !super::is_open(conn, &facts)? {
        return Ok(());
    }
    // Reviews of the call that was left alone are no news.
    let mut here = false;
    for record in all.iter().filter(|record| record.status == ReviewStatus::Submitted) {
        here |= applications::service::is_in(conn, &facts, record.call_id)?;
    }
    if !here {
        return Ok(());
    }
    let left = left(conn, &facts, &all)?;
    tell_all_in(conn, ctx, &facts, &all, left)
}

/// Somebody has joined the team of an application: who reviews it hears so, by name where names are
/// not hidden from them and they have nothing in common with the team. Not who is on it or declared
/// a conflict; nobody once reviewing is over, or where they have left it again.
pub(in crate::reviews) fn joined(
    conn: &mut Conn,
    ctx: &Ctx,
    (id, member): (ApplicationId, PersonId),
) -> Result<()> {
    let Some(facts) = applications::service::as_handed_in(conn, id)? else { return Ok(()) };
    let stays = applications::service::on_team(conn, id)?.contains(&member);
    let Some(member) = people::service::brief(conn, member)?.filter(|_| stays) else {
        return Ok(());
    };
    if !super::is_open(conn, &facts)? {
        return Ok(());
    }
    for record in store::of_application(conn, id)? {
        if record.status == ReviewStatus::SetAside
            || !applications::service::is_in(conn, &facts, record.call_id)?
        {
            continue;
        }
        let reviewer = people::service::brief(conn, record.reviewer_id)?.filter(can_review);
        let Some(reviewer) = reviewer else { continue };
        let ties = applications::service::ties(conn, &facts, reviewer.id)?;
        if ties.takes_part || ties.conflict {
            continue;
        }
        let apart = ties.found.is_empty();
        let name = Some(member.name.as_str()).filter(|_| apart && !record.blind);
        letters::joined(conn, ctx, &reviewer, &record, (&facts.title, name))?;
    }
    Ok(())
}

/// Whether a review is not in, its reviewer can still write it, and it would count.
fn can_come(conn: &mut Conn, record: &Record) -> Result<bool> {
    if record.status != ReviewStatus::Assigned {
        return Ok(false);
    }
    let reviewer = people::service::brief(conn, record.reviewer_id)?;
    Ok(reviewer.as_ref().is_some_and(can_review)
        && super::partiality(conn, record.application_id, record.reviewer_id)?.is_none())
}

/// How many of these reviews are in and count, and how many are waited for: those that can come, in
/// calls that the application is in.
fn left(conn: &mut Conn, facts: &ApplicationFacts, all: &[Record]) -> Result<(usize, usize)> {
    let (mut done, mut waited) = (0, 0);
    for record in all {
        if record.status == ReviewStatus::Submitted {
            let partiality = super::partiality(conn, record.application_id, record.reviewer_id)?;
            done += usize::from(partiality.is_none());
        } else if can_come(conn, record)? {
            let is_in = applications::service::is_in(conn, facts, record.call_id)?;
            waited += usize::from(is_in);
        }
    }
    Ok((done, waited))
}

/// Whether somebody may be told how many reviews are in: not whose own is still open.
fn is_told(conn: &mut Conn, person: &Brief, id: ApplicationId) -> Result<bool> {
    let own = store::of_reviewer(conn, id, person.id)?;
    Ok(own.is_none_or(|own| own.status != ReviewStatus::Assigned))
}

/// Where the last review that was waited for is in: who asked for them hears so.
pub(super) fn all_in(conn: &mut Conn, ctx: &Ctx, application: ApplicationId) -> Result<()> {
    let Some(facts) = applications::service::as_handed_in(conn, application)? else {
        return Ok(());
    };
    let all = store::of_application(conn, application)?;
    let left = left(conn, &facts, &all)?;
    tell_all_in(conn, ctx, &facts, &all, left)
}

fn tell_all_in(
    conn: &mut Conn,
    ctx: &Ctx,
    facts: &ApplicationFacts,
    all: &[Record],
    (count, waited): (usize, usize),
) -> Result<()> {
    if count == 0 || waited > 0 {
        return Ok(());
    }
    for asker in askers(conn, all)? {
        let told = is_told(conn, &asker, facts.id)?.then_some(count);
        letters::all_in(conn, ctx, &asker, facts.id, &facts.title, told)?;
    }
    Ok(())
}

/// Who asked for a review hears that its reviewer keeps out or cannot do it, and in which words;
/// and where it was waited for, that all are in, if nobody else is.
pub(super) fn gone(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (aside, waited): (Aside, bool),
) -> Result<()> {
    let Some(facts) = applications::service::as_handed_in(conn, record.application_id)? else {
        return Ok(());
    };
    let all = store::of_application(conn, facts.id)?;
    let left = left(conn, &facts, &all)?;
    let reviewer = people::service::brief(conn, record.reviewer_id)?;
    let reviewer = reviewer.map(|person| person.name).unwrap_or_default();
    for asker in askers(conn, std::slice::from_ref(record))? {
        if !ctx.actor.is(asker.id) {
            let about = (record, reviewer.as_str(), aside);
            let told = is_told(conn, &asker, facts.id)?.then_some(left);
            letters::is_gone(conn, ctx, &asker, about, (&facts.title, told))?;
        }
    }
    match waited {
        true => tell_all_in(conn, ctx, &facts, &all, left),
        false => Ok(()),
    }
}

/// Who asked for these reviews of one application, is an admin and has no stake in it. Where nobody
/// is left of them: who decides in their calls, or else all admins, but for those with a stake or a
/// review of their own to write.
fn askers(conn: &mut Conn, records: &[Record]) -> Result<Vec<Brief>> {
    let Some(id) = records.first().map(|record| record.application_id) else {
        return Ok(Vec::new());
    };
    let ids: BTreeSet<PersonId> = records.iter().filter_map(|record| record.assigned_by).collect();
    let mut asked = Vec::new();
    for person in ids {
        let person = people::service::brief(conn, person)?;
        asked.extend(person.filter(|p| p.active && p.roles.has(Role::Admin)));
    }
    let asked = applications::service::without_stake(conn, id, asked)?;
    if !asked.is_empty() {
        return Ok(asked);
    }
    let calls: BTreeSet<CallId> = records.iter().map(|record| record.call_id).collect();
    let mut deciders = Vec::new();
    for call in calls {
        deciders.extend(applications::service::deciders(conn, call, None)?);
    }
    let deciders = free(conn, id, deciders)?;
    if !deciders.is_empty() {
        return Ok(deciders);
    }
    let admins = people::service::holders(conn, Role::Admin)?;
    free(conn, id, admins)
}

/// Those who have neither a stake in an application nor a review of it to write, each once.
fn free(conn: &mut Conn, id: ApplicationId, mut people: Vec<Brief>) -> Result<Vec<Brief>> {
    people.sort_by_key(|person| person.id);
    people.dedup_by_key(|person| person.id);
    let mut free = Vec::with_capacity(people.len());
    for person in applications::service::without_stake(conn, id, people)? {
        if is_told(conn, &person, id)? {
            free.push(person);
        }
    }
    Ok(free)
}
