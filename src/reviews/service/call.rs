//! Spreading the applications of a call over its reviewers.

use super::assign::{candidate, due, has_no_stake, is_about_them, write};
use super::{held, is_blind, letters, meanwhile, partial_to};
use crate::applications;
use crate::applications::model::{ApplicationFacts, ApplicationStatus};
use crate::calls;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::people;
use crate::people::service::Brief;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::reviews::model::{AssignCall, Assigned, AssignedPair, Record};
use crate::reviews::rules;
use crate::reviews::rules::balance::{Able, Need, plan};
use crate::reviews::store;
use std::collections::{BTreeMap, BTreeSet};

/// Applications that one run looks at: each costs a look at several people.
const AT_ONCE: usize = 50;

/// Assigns reviewers to the applications of a call, those that came by a route among them, that
/// have fewer than asked for there, without those who cannot review any more; or (`dry_run`) tells
/// whom. The same facts give the same answer.
///
/// # Errors
/// 404 where there is no such call, 412 where somebody of them was changed at the same moment, 422
/// with all that is wrong.
pub fn assign_call(conn: &mut Conn, ctx: &Ctx, id: CallId, form: &AssignCall) -> Result<Assigned> {
    calls::service::get(conn, ctx, id)?;
    authz::require(ctx, Action::AssignReviewers, &[])?;
    let mut fields = Fields::new();
    fields.range("/per_application", form.per_application.into(), 1, rules::PER_APPLICATION_MAX);
    if let Some(most) = form.max_per_reviewer {
        fields.range("/max_per_reviewer", most.into(), 1, rules::PER_REVIEWER_MAX);
    }
    due(&mut fields, ctx, form.due_on);
    let pool = pool(conn, &mut fields, form)?;
    fields.finish()?;
    // Two runs at once do not both count the same reviewer's load.
    calls::service::hold(conn, id)?.ok_or_else(|| Problem::not_found("call"))?;
    let (partial, scanned) = partial(conn, id, form.after)?;
    let (ids, next) = needy(conn, id, form, (&partial, scanned))?;
    let wanted = usize::try_from(form.per_application).unwrap_or(0);
    let (mut needs, mut seen) = (Vec::new(), BTreeMap::new());
    for application in ids {
        // In the order of their ids, as everywhere.
        let facts = held(conn, application)?;
        let is_in = applications::service::is_in(conn, &facts, id)?;
        if !is_in || has_no_stake(conn, ctx, application).is_err() {
            continue;
        }
        let asked = store::of_application(conn, application)?;
        let live = store::counting(conn, application, id)?;
        let live = live.saturating_sub(partial.get(&application).copied().unwrap_or(0));
        let room = rules::REVIEWERS_MAX.saturating_sub(asked.len());
        needs.push(Need { id: application, more: wanted.saturating_sub(live), room });
        seen.insert(application, (facts, asked));
    }
    let people: Vec<PersonId> = pool.keys().copied().collect();
    let loads = store::loads(conn, &people)?;
    let able = |id: &PersonId| Able { id: *id, load: loads.get(id).copied().unwrap_or(0) };
    let able: Vec<Able> = people.iter().map(able).collect();
    let applications: Vec<ApplicationId> = needs.iter().map(|need| need.id).collect();
    let shared = store::in_common(conn, &applications, &people)?;
    let close = |id, person| shared.get(&(id, person)).copied().unwrap_or(0);
    let most = form.max_per_reviewer.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(0));
    let made = plan(&needs, (&able, most), close, |application, person| {
        eligible(conn, id, &seen, application, &pool[&person])
    })?;
    if !form.dry_run {
        carry_out(conn, ctx, id, (&made.pairs, &seen), (&pool, form))?;
    }
    let pair = |(application_id, reviewer_id)| AssignedPair { application_id, reviewer_id };
    let assigned = made.pairs.into_iter().map(pair).collect();
    let routed = store::routed(conn, id)?;
    Ok(Assigned { dry_run: form.dry_run, routed, assigned, short: made.short, next })
}

/// The reviewers to choose among.
fn pool(
    conn: &mut Conn,
    fields: &mut Fields,
    form: &AssignCall,
) -> Result<BTreeMap<PersonId, Brief>> {
    let Some(ids) = &form.reviewer_ids else {
        let all = people::service::all_holders(conn, Role::Reviewer, rules::POOL_MAX)?;
        let most = rules::POOL_MAX;
        let message = format!("there are more than {most} reviewers: name up to {most} of them");
        fields.check(all.is_some(), "/reviewer_ids", "required", &message);
        return Ok(all.into_iter().flatten().map(|person| (person.id, person)).collect());
    };
    if ids.is_empty() || ids.len() > rules::POOL_MAX {
        let message = format!("name 1 to {} reviewers, or leave it out", rules::POOL_MAX);
        fields.push("/reviewer_ids", "out_of_range", message);
        return Ok(BTreeMap::new());
    }
    let mut pool = BTreeMap::new();
    for (i, id) in ids.iter().enumerate() {
        let person = people::service::brief(conn, *id)?;
        match person.filter(|person| person.active && person.roles.has(Role::Reviewer)) {
            Some(person) => drop(pool.insert(*id, person)),
            None => {
                let pointer = format!("/reviewer_ids/{i}");
                fields.push(&pointer, "not_a_reviewer", "this is no reviewer");
            }
        }
    }
    Ok(pool)
}

/// Reviews that are looked at for one page: those of as many applications as a page has, at the
/// least.
const SCANNED: usize = AT_ONCE * rules::REVIEWERS_MAX;

/// How many reviews of each application do not count, or would not, for their reviewer is partial
/// by now; where all do, it is left out. And the last application that was looked at, if there are
/// more.
fn partial(
    conn: &mut Conn,
    call: CallId,
    after: Option<ApplicationId>,
) -> Result<(BTreeMap<ApplicationId, usize>, Option<ApplicationId>)> {
    let limit = i64::try_from(SCANNED + 1).unwrap_or(1);
    let mut rows = store::counting_in(conn, call, after, limit)?;
    let mut scanned = None;
    if rows.len() > SCANNED {
        // Of the last one there may be more.
        let cut = rows.last().map(|(_, application)| *application);
        rows.retain(|(_, application)| Some(*application) != cut);
        scanned = rows.last().map(|(_, application)| *application);
    }
    let mut theirs: BTreeMap<PersonId, Vec<ApplicationId>> = BTreeMap::new();
    for (person, application) in rows {
        theirs.entry(person).or_default().push(application);
    }
    let mut partial = BTreeMap::new();
    for (person, ids) in theirs {
        for id in partial_to(conn, person, &ids)? {
            *partial.entry(id).or_default() += 1;
        }
    }
    Ok((partial, scanned))
}

/// Applications that need reviewers, the oldest first; and the last of them, if there are more.
fn needy(
    conn: &mut Conn,
    call: CallId,
    form: &AssignCall,
    (partial, scanned): (&BTreeMap<ApplicationId, usize>, Option<ApplicationId>),
) -> Result<(Vec<ApplicationId>, Option<ApplicationId>)> {
    // Where names are hidden, it is too late for those that are open, or were.
    let blind = is_blind(conn, call)?;
    let mut statuses = vec![ApplicationStatus::Submitted];
    if !blind {
        statuses.push(ApplicationStatus::Open);
    }
    let (mut ids, limit) = (Vec::new(), i64::try_from(AT_ONCE + 1).unwrap_or(1));
    // Of those in which not all reviews count there may be too few.
    let partial: Vec<ApplicationId> = partial.keys().copied().collect();
    let most = (form.per_application.into(), partial.as_slice());
    for status in statuses {
        let which = (call, status, blind);
        ids.extend(store::needy(conn, which, form.after, most, limit)?);
        ids.extend(store::needy_routed(conn, which, form.after, most, limit)?);
    }
    ids.sort_unstable();
    ids.retain(|id| scanned.is_none_or(|last| *id <= last));
    let more = ids.len() > AT_ONCE;
    ids.truncate(AT_ONCE);
    let next = if more { ids.last().copied() } else { scanned };
    Ok((ids, next))
}

type Seen = BTreeMap<ApplicationId, (ApplicationFacts, Vec<Record>)>;

fn eligible(
    conn: &mut Conn,
    call: CallId,
    seen: &Seen,
    application: ApplicationId,
    person: &Brief,
) -> Result<bool> {
    let Some((facts, asked)) = seen.get(&application) else { return Ok(false) };
    // Whoever was asked by name and taken off is not asked again by a rule.
    if asked.iter().any(|record| record.reviewer_id == person.id) {
        return Ok(false);
    }
    let candidate = candidate(conn, (facts, call), asked, person)?;
    match rules::may_assign(&candidate) {
        Ok(()) => Ok(true),
        Err(problem) if is_about_them(&problem) => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// Refuses where somebody was changed since the pool was read, such as suspended or without the
/// role by now; from here on they stay as they are.
fn unchanged(conn: &mut Conn, person: &Brief) -> Result<()> {
    match people::service::kept(conn, person.id)?.as_ref() == Some(person) {
        true => Ok(()),
        false => Err(meanwhile()),
    }
}

/// Writes the assignments; each reviewer gets one mail for all of theirs.
fn carry_out(
    conn: &mut Conn,
    ctx: &Ctx,
    call: CallId,
    (pairs, seen): (&[(ApplicationId, PersonId)], &Seen),
    (pool, form): (&BTreeMap<PersonId, Brief>, &AssignCall),
) -> Result<()> {
    let blind = is_blind(conn, call)?;
    let people: BTreeSet<PersonId> = pairs.iter().map(|(_, person)| *person).collect();
    people.iter().try_for_each(|person| unchanged(conn, &pool[person]))?;
    let mut days: BTreeMap<PersonId, Vec<Date>> = BTreeMap::new();
    let mut written: BTreeMap<ApplicationId, Vec<Record>> = BTreeMap::new();
    for (application, person) in pairs {
        let Some((facts, before)) = seen.get(application) else { continue };
        let asked = written.entry(*application).or_insert_with(|| before.clone());
        let record = write(conn, ctx, (facts, call), asked, (*person, blind), form.due_on)?;
        days.entry(*person).or_default().extend(record.due_on);
        asked.push(record);
    }
    for (person, days) in days {
        letters::asked_for_several(conn, ctx, &pool[&person], &days)?;
    }
    Ok(())
}
