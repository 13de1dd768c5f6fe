//! Nobody waits in silence for a review: who writes it is reminded, who asked (or, where they are
//! gone, who decides) hears when all are in, and when a reviewer cannot write theirs any more.

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
use crate::reviews::store;
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
    let left = left(conn, &all)?;
    for asker in askers(conn, std::slice::from_ref(&record))? {
        letters::cannot(conn, ctx, &asker, (&record, &reviewer.name), (&facts.title, left))?;
    }
    tell_all_in(conn, ctx, &facts, &all, left)
}

/// How many of these reviews are in, and how many are waited for: those that count, or would, whose
/// reviewer can still write them.
fn left(conn: &mut Conn, all: &[Record]) -> Result<(usize, usize)> {
    let (mut done, mut waited) = (0, 0);
    for record in all.iter().filter(|record| record.status != ReviewStatus::SetAside) {
        if !super::partiality(conn, record.application_id, record.reviewer_id)?.is_none() {
            continue;
        }
        if record.status == ReviewStatus::Submitted {
            done += 1;
        } else {
            let reviewer = people::service::brief(conn, record.reviewer_id)?;
            waited += usize::from(reviewer.as_ref().is_some_and(can_review));
        }
    }
    Ok((done, waited))
}

/// Where the last review that was waited for is in: who asked for them hears so.
pub(super) fn all_in(conn: &mut Conn, ctx: &Ctx, application: ApplicationId) -> Result<()> {
    let Some(facts) = applications::service::as_handed_in(conn, application)? else {
        return Ok(());
    };
    let all = store::of_application(conn, application)?;
    let left = left(conn, &all)?;
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
        letters::all_in(conn, ctx, &asker, facts.id, &facts.title, count)?;
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
    let left = left(conn, &all)?;
    let reviewer = people::service::brief(conn, record.reviewer_id)?;
    let reviewer = reviewer.map(|person| person.name).unwrap_or_default();
    for asker in askers(conn, std::slice::from_ref(record))? {
        if !ctx.actor.is(asker.id) {
            let about = (record, reviewer.as_str(), aside);
            letters::is_gone(conn, ctx, &asker, about, (&facts.title, left))?;
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
        let own = store::of_reviewer(conn, id, person.id)?;
        if own.is_none_or(|own| own.status != ReviewStatus::Assigned) {
            free.push(person);
        }
    }
    Ok(free)
}
