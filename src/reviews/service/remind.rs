//! Nobody waits in silence for a review: who writes it is reminded, who asked hears when all are
//! in, and when a reviewer cannot write theirs any more.

use super::letters;
use crate::applications;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{ApplicationId, PersonId, ReviewId};
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
    let Some(facts) = applications::service::facts(conn, record.application_id)? else {
        return Ok(());
    };
    let over = record.due_on.is_some_and(|due| due < ctx.today());
    store::reminded(conn, id, if over { 2 } else { 1 })?;
    // Who was asked a moment ago has read the day.
    let fresh = !over && ctx.now < record.assigned_at.plus_seconds(24 * 3_600);
    let waits = !fresh
        && record.status == ReviewStatus::Assigned
        && super::still_in(conn, &facts, &record).is_ok();
    let reviewer = people::service::brief(conn, record.reviewer_id)?.filter(can_review);
    let (Some(reviewer), true) = (reviewer, waits) else { return Ok(()) };
    letters::remind(conn, ctx, &reviewer, &record, &facts.title, over)?;
    if over {
        let askers = askers(conn, std::slice::from_ref(&record))?;
        for asker in askers {
            letters::is_late(conn, ctx, &asker, (&record, &reviewer.name), &facts.title)?;
        }
    }
    Ok(())
}

/// What somebody was asked to write and cannot any more, up to `limit`: nothing where they can
/// again, or whoever asked heard of it. For the job.
pub(in crate::reviews) fn of_former(
    conn: &mut Conn,
    person: PersonId,
    limit: i64,
) -> Result<Vec<ReviewId>> {
    match people::service::brief(conn, person)?.filter(can_review) {
        Some(_) => Ok(Vec::new()),
        None => store::untold_of(conn, person, limit),
    }
}

/// Who asked for a review hears, once, that its reviewer cannot write it any more, and that all are
/// in where nobody else is waited for. Nothing where somebody was faster.
pub(in crate::reviews) fn end_of_former(conn: &mut Conn, ctx: &Ctx, id: ReviewId) -> Result<()> {
    let Some(record) = store::find(conn, id)? else { return Ok(()) };
    let facts = super::held(conn, record.application_id)?;
    // As it is now that nobody else writes it.
    let Some(record) = store::find(conn, id)? else { return Ok(()) };
    let waited =
        record.status == ReviewStatus::Assigned && super::still_in(conn, &facts, &record).is_ok();
    let reviewer = people::service::brief(conn, record.reviewer_id)?.filter(|p| !can_review(p));
    let (Some(reviewer), true) = (reviewer, waited) else { return Ok(()) };
    if !store::former_told(conn, id, ctx.now)? {
        return Ok(());
    }
    let all = store::of_application(conn, facts.id)?;
    let left = left(conn, &all)?;
    for asker in askers(conn, std::slice::from_ref(&record))? {
        letters::cannot(conn, ctx, &asker, (&record, &reviewer.name), (&facts.title, left))?;
    }
    all_in(conn, ctx, facts.id)
}

/// How many of these reviews are in, and how many are waited for: those whose reviewer can still
/// write them.
fn left(conn: &mut Conn, all: &[Record]) -> Result<(usize, usize)> {
    let done = all.iter().filter(|record| record.status == ReviewStatus::Submitted).count();
    let mut waited = 0;
    for record in all.iter().filter(|record| record.status == ReviewStatus::Assigned) {
        let reviewer = people::service::brief(conn, record.reviewer_id)?;
        waited += usize::from(reviewer.is_some_and(|reviewer| can_review(&reviewer)));
    }
    Ok((done, waited))
}

/// Where the last review that was waited for is in, or nobody waits for it any more: who asked for
/// them hears so.
pub(super) fn all_in(conn: &mut Conn, ctx: &Ctx, application: ApplicationId) -> Result<()> {
    let all = store::of_application(conn, application)?;
    let (count, waited) = left(conn, &all)?;
    if count == 0 || waited > 0 {
        return Ok(());
    }
    let Some(facts) = applications::service::facts(conn, application)? else { return Ok(()) };
    for asker in askers(conn, &all)? {
        letters::all_in(conn, ctx, &asker, application, &facts.title, count)?;
    }
    Ok(())
}

/// Who asked for a review hears that its reviewer keeps out or cannot do it, and in which words.
pub(super) fn gone(conn: &mut Conn, ctx: &Ctx, record: &Record, aside: Aside) -> Result<()> {
    let Some(facts) = applications::service::facts(conn, record.application_id)? else {
        return Ok(());
    };
    let all = store::of_application(conn, record.application_id)?;
    let left = left(conn, &all)?;
    let reviewer = people::service::brief(conn, record.reviewer_id)?;
    let reviewer = reviewer.map(|person| person.name).unwrap_or_default();
    for asker in askers(conn, std::slice::from_ref(record))? {
        if !ctx.actor.is(asker.id) {
            let about = (record, reviewer.as_str(), aside);
            letters::is_gone(conn, ctx, &asker, about, (&facts.title, left))?;
        }
    }
    Ok(())
}

/// Who asked for these reviews, is an admin and has no stake in the application.
fn askers(conn: &mut Conn, records: &[Record]) -> Result<Vec<Brief>> {
    let ids: BTreeSet<(PersonId, ApplicationId)> = records
        .iter()
        .filter_map(|record| Some((record.assigned_by?, record.application_id)))
        .collect();
    let mut askers = Vec::new();
    for (id, application) in ids {
        let person = people::service::brief(conn, id)?;
        let Some(person) = person.filter(|p| p.active && p.roles.has(Role::Admin)) else {
            continue;
        };
        if !applications::service::has_stake(conn, id, application)? {
            askers.push(person);
        }
    }
    Ok(askers)
}
