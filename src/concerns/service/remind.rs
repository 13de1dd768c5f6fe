//! Nobody waits for the lane in silence: its group is reminded of what waits, never of which; an
//! applicant once of what they were asked.

use super::waiting::{Since, has_ended, is_stuck, waits};
use super::{find, held, letters};
use crate::concerns::model::{ConcernStatus, Waiting};
use crate::concerns::{rules, store};
use crate::kernel::Result;
use crate::kernel::ids::{ConcernId, PersonId, ScreeningId};
use crate::people;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

const DAY: i64 = 86_400;
/// What is counted for one person at most, of each kind.
const COUNTED: usize = 50;

/// Who or what is to be reminded of.
#[derive(Debug, Clone, Copy)]
pub(in crate::concerns) enum Due {
    /// Admins: something waits for nobody.
    Admins,
    /// Somebody in the group.
    Member(PersonId),
    /// The applicant, of the questions that everybody is asked.
    Screening(ScreeningId),
    /// The applicant, of what the group asked.
    Concern(ConcernId),
}

/// What waits for the acting person, the oldest first, up to `most` of each kind. Nothing for
/// others than the group.
pub fn to_look_at(conn: &mut Conn, ctx: &Ctx, most: i64) -> Result<Vec<Waiting>> {
    let me = ctx.me()?;
    if !store::is_member(conn, me)? || authz::gate(ctx, Action::ListScreenings).is_err() {
        return Ok(Vec::new());
    }
    let most = usize::try_from(most).unwrap_or(0);
    waits(conn, ctx.now, me, ((ctx.now, ctx.now), most))
}

/// Whom to remind of what, up to `limit` of each.
pub(in crate::concerns) fn to_remind(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<Due>> {
    let before = ctx.now.plus_seconds(-rules::REMIND_DAYS * DAY);
    let members = store::not_reminded(conn, ctx.today())?;
    // With the group, and so once a day.
    let stuck = !members.is_empty() && is_stuck(conn, ctx.now, long_ago(ctx))?;
    let mut due: Vec<Due> = stuck.then_some(Due::Admins).into_iter().collect();
    due.extend(members.into_iter().map(Due::Member));
    due.extend(store::unanswered(conn, before, limit)?.into_iter().map(Due::Screening));
    due.extend(store::asked(conn, before, limit)?.into_iter().map(Due::Concern));
    Ok(due)
}

/// Reminds of one.
pub(in crate::concerns) fn remind(conn: &mut Conn, ctx: &Ctx, due: Due) -> Result<()> {
    match due {
        Due::Admins => letters::nobody_may(conn, ctx),
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

/// Since when that has waited of which the group is reminded.
fn long_ago(ctx: &Ctx) -> Since {
    let ago = |days: i64| ctx.now.plus_seconds(-days * DAY);
    (ago(rules::SCREEN_DAYS), ago(rules::DECIDE_DAYS))
}

fn member(conn: &mut Conn, ctx: &Ctx, person: PersonId) -> Result<()> {
    store::member_reminded(conn, person, ctx.today())?;
    if !people::service::brief(conn, person)?.is_some_and(|p| p.active) {
        return Ok(());
    }
    let all = waits(conn, ctx.now, person, (long_ago(ctx), COUNTED))?;
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
    let theirs = record.asks(application.applicant_id) && !has_ended(application.status);
    let days = i32::try_from(rules::ANSWER_DAYS).unwrap_or(i32::MAX);
    let until = record.asked_at.map(|asked| asked.date().plus_days(days));
    // Once the days are over there is nothing to remind of.
    match until {
        Some(until) if first && theirs && until >= ctx.today() => {
            letters::still_asked(conn, ctx, &application, Some(until))
        }
        _ => Ok(()),
    }
}
