//! Nobody waits for the lane in silence: its group is reminded of what waits, never of which; an
//! applicant once of what they were asked.

use super::{find, held, is_partial, letters, settled};
use crate::applications;
use crate::applications::model::ApplicationStatus;
use crate::concerns::model::{ConcernRecord, ConcernStatus, Waiting, WaitingKind};
use crate::concerns::{rules, store};
use crate::kernel::Result;
use crate::kernel::ids::{ConcernId, PersonId, ScreeningId};
use crate::kernel::time::Instant;
use crate::people;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

const DAY: i64 = 86_400;
/// What is looked through for one person, of each kind, the oldest.
const EACH: i64 = 50;

/// Who or what is to be reminded of.
#[derive(Debug, Clone, Copy)]
pub(in crate::concerns) enum Due {
    /// Somebody in the group.
    Member(PersonId),
    /// The applicant, of the questions that everybody is asked.
    Screening(ScreeningId),
    /// The applicant, of what the group asked.
    Concern(ConcernId),
}

/// What waits for somebody in the group and came in so long ago, the oldest first.
fn waits(
    conn: &mut Conn,
    now: Instant,
    person: PersonId,
    (answered, raised): (Instant, Instant),
) -> Result<Vec<Waiting>> {
    let mut all = Vec::new();
    for (row, title) in store::answered(conn, answered, EACH)? {
        if !is_partial(conn, row.application_id, person)? {
            let since = row.answered_at.max(row.reopened_at).unwrap_or(row.opened_at);
            let (id, kind) = (row.id.uuid(), WaitingKind::Screening);
            all.push(Waiting { kind, id, title, since });
        }
    }
    for record in store::open(conn, raised, EACH)? {
        let record = settled(conn, record)?;
        if !is_theirs(&record, now, person) || is_partial(conn, record.application_id, person)? {
            continue;
        }
        if let Some(facts) = applications::service::facts(conn, record.application_id)? {
            let (id, kind) = (record.id.uuid(), WaitingKind::Concern);
            all.push(Waiting { kind, id, title: facts.title, since: record.raised_at });
        }
    }
    all.sort_by_key(|waiting| waiting.since);
    Ok(all)
}

/// Whether a concern waits for them: somebody else raised it, and it does not wait for the
/// applicant.
fn is_theirs(record: &ConcernRecord, now: Instant, person: PersonId) -> bool {
    let late = |asked: Instant| asked.plus_seconds(rules::ANSWER_DAYS * DAY) <= now;
    let heard = record.answered_at.is_some() || record.asked_at.is_none_or(late);
    heard && record.raised_by != person
}

/// What waits for the acting person, the oldest first. Nothing for others than the group.
pub fn to_look_at(conn: &mut Conn, ctx: &Ctx) -> Result<Vec<Waiting>> {
    let me = ctx.me()?;
    if !store::is_member(conn, me)? || authz::gate(ctx, Action::ListScreenings).is_err() {
        return Ok(Vec::new());
    }
    waits(conn, ctx.now, me, (ctx.now, ctx.now))
}

/// Whom to remind of what, up to `limit` of each.
pub(in crate::concerns) fn to_remind(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<Due>> {
    let before = ctx.now.plus_seconds(-rules::REMIND_DAYS * DAY);
    let members = store::not_reminded(conn, ctx.today())?;
    let mut due: Vec<Due> = members.into_iter().map(Due::Member).collect();
    due.extend(store::unanswered(conn, before, limit)?.into_iter().map(Due::Screening));
    due.extend(store::asked(conn, before, limit)?.into_iter().map(Due::Concern));
    Ok(due)
}

/// Reminds of one.
pub(in crate::concerns) fn remind(conn: &mut Conn, ctx: &Ctx, due: Due) -> Result<()> {
    match due {
        Due::Member(person) => member(conn, ctx, person),
        Due::Screening(id) => {
            let Some(record) = store::screening(conn, id)? else { return Ok(()) };
            let application = held(conn, record.application_id)?;
            let now = store::screening(conn, id)?.is_some_and(|s| s.answered_at.is_none());
            match now && store::screening_reminded(conn, id, ctx.now)? {
                true => letters::still_asked(conn, ctx, &application, None),
                false => Ok(()),
            }
        }
        Due::Concern(id) => concern(conn, ctx, id),
    }
}

fn member(conn: &mut Conn, ctx: &Ctx, person: PersonId) -> Result<()> {
    store::member_reminded(conn, person, ctx.today())?;
    if !people::service::brief(conn, person)?.is_some_and(|p| p.active) {
        return Ok(());
    }
    let ago = |days: i64| ctx.now.plus_seconds(-days * DAY);
    let since = (ago(rules::SCREEN_DAYS), ago(rules::DECIDE_DAYS));
    let all = waits(conn, ctx.now, person, since)?;
    match all.first() {
        Some(oldest) => letters::waits_long(conn, ctx, person, (all.len(), oldest.since.date())),
        None => Ok(()),
    }
}

fn concern(conn: &mut Conn, ctx: &Ctx, id: ConcernId) -> Result<()> {
    let Some(record) = find(conn, id)? else { return Ok(()) };
    let application = held(conn, record.application_id)?;
    let Some(record) = find(conn, id)? else { return Ok(()) };
    let going = record.status == ConcernStatus::Open && record.answered_at.is_none();
    let first = going && store::concern_reminded(conn, id, ctx.now)?;
    let ended = matches!(
        application.status,
        ApplicationStatus::Declined | ApplicationStatus::Withdrawn | ApplicationStatus::Lapsed
    );
    let days = i32::try_from(rules::ANSWER_DAYS).unwrap_or(i32::MAX);
    let until = record.asked_at.map(|asked| asked.date().plus_days(days));
    // Once the days are over there is nothing to remind of.
    match until {
        Some(until) if first && !ended && until >= ctx.today() => {
            letters::still_asked(conn, ctx, &application, Some(until))
        }
        _ => Ok(()),
    }
}
