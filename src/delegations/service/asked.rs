//! What other domains ask: who acts for whom.

use crate::delegations::model::{DelegationStatus, Record};
use crate::delegations::{rules, store};
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::people;
use crate::platform::authz::Relation;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// What the acting person may do for somebody else today; empty for themselves.
pub fn errands(conn: &mut Conn, ctx: &Ctx, principal: PersonId) -> Result<Vec<Errand>> {
    match ctx.actor.person().filter(|me| *me != principal) {
        Some(me) => {
            let live = store::live(conn, (principal, me), ctx.today())?;
            match live {
                Some((_, errands)) if is_active(conn, principal)? => Ok(errands),
                _ => Ok(Vec::new()),
            }
        }
        None => Ok(Vec::new()),
    }
}

/// Nobody acts for somebody who may not act themselves.
fn is_active(conn: &mut Conn, principal: PersonId) -> Result<bool> {
    Ok(people::service::brief(conn, principal)?.is_some_and(|person| person.active))
}

/// The relations that go with it.
pub fn relations(conn: &mut Conn, ctx: &Ctx, principal: PersonId) -> Result<Vec<Relation>> {
    Ok(errands(conn, ctx, principal)?.into_iter().map(Relation::Delegate).collect())
}

/// The same request, in the name of somebody whom the acting person may do this for. The
/// delegation is held until the transaction ends: either it is in force until then, or nothing is
/// done.
///
/// # Errors
/// `None` where it is not in force, or does not reach so far.
pub fn acting(
    conn: &mut Conn,
    ctx: &Ctx,
    principal: PersonId,
    errand: Errand,
) -> Result<Option<Ctx>> {
    let Some(me) = ctx.actor.person().filter(|me| *me != principal) else { return Ok(None) };
    let Some((id, _)) = store::live(conn, (principal, me), ctx.today())? else { return Ok(None) };
    let held = store::lock(conn, id)?.filter(|held| {
        held.status_on(ctx.today()) == DelegationStatus::Accepted && held.errands.contains(&errand)
    });
    if held.is_none() {
        return Ok(None);
    }
    let whom = people::service::brief(conn, principal)?.filter(|person| person.active);
    Ok(whom.map(|person| ctx.on_behalf_of(principal, &person.name)))
}

/// For whom the acting person may do this today.
pub fn principals(conn: &mut Conn, ctx: &Ctx, errand: Option<Errand>) -> Result<Vec<PersonId>> {
    let Some(me) = ctx.actor.person() else { return Ok(Vec::new()) };
    let limit = i64::try_from(rules::DELEGATES_MAX).unwrap_or(i64::MAX);
    let all = store::principals(conn, me, ctx.today(), limit)?;
    let wanted = |errands: &[Errand]| errand.is_none_or(|errand| errands.contains(&errand));
    Ok(all.into_iter().filter(|(_, e)| wanted(e)).map(|(person, _)| person).collect())
}

/// Who may do something for somebody today, whatever it is.
pub fn acting_for(conn: &mut Conn, ctx: &Ctx, principal: PersonId) -> Result<Vec<PersonId>> {
    let open = store::open_of(conn, principal)?;
    let live = |d: &Record| d.status_on(ctx.today()) == DelegationStatus::Accepted;
    Ok(open.into_iter().filter(live).filter_map(|record| record.delegate_id).collect())
}

/// Whether two-person rules count these two as one: somebody and their own second account (both
/// gave the same bank account), or two of whom one acts, or acted at any time since then, for the
/// other.
pub fn same_side(conn: &mut Conn, a: PersonId, b: PersonId, since: Instant) -> Result<bool> {
    one_side(conn, a, &[b], since)
}

/// Whether [`same_side`] is true of somebody and any of these; asked of all of them at once.
pub fn one_side(
    conn: &mut Conn,
    person: PersonId,
    others: &[PersonId],
    since: Instant,
) -> Result<bool> {
    Ok(others.contains(&person)
        || (!others.is_empty() && store::any_overlaps(conn, person, others, since)?)
        || people::service::shares_account(conn, person, others)?)
}

/// Refuses the acting person where [`same_side`] counts them and `other` as one.
///
/// # Errors
/// 403 `two_persons`, with what to do; `did` tells what the other one did.
pub fn another_side(
    conn: &mut Conn,
    ctx: &Ctx,
    (other, since): (Option<PersonId>, Instant),
    did: &str,
) -> Result<()> {
    let (Some(me), Some(other)) = (ctx.actor.person(), other) else { return Ok(()) };
    if me == other || !same_side(conn, me, other, since)? {
        return Ok(());
    }
    let detail = format!(
        "You and whoever {did} act for each other, or gave the same bank account: somebody else \
         has to do this."
    );
    Err(Problem::new(Kind::TwoPersons, detail))
}

/// For whom somebody is or was a delegate, each with when that ended.
pub fn stood_for_whom(
    conn: &mut Conn,
    person: PersonId,
) -> Result<Vec<(PersonId, Option<Instant>)>> {
    store::stood_for(conn, person)
}

/// Who is a delegate of somebody, or was at any time since.
pub fn stood_by(conn: &mut Conn, principal: PersonId, since: Instant) -> Result<Vec<PersonId>> {
    store::stood_by(conn, principal, since)
}
