//! Money that was given for an application: whether its fund may still spend it there.

use super::{declines, facts_of, routes, see};
use crate::applications::model::{ApplicationFacts, RouteStatus};
use crate::applications::store;
use crate::funds;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, FundId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeMap;

/// What funds hold for an application and can be offered there, in a currency and in minor units.
/// What a fund holds that may spend in none of its calls any more is not among it.
pub fn held_for(conn: &mut Conn, id: ApplicationId, currency: Currency) -> Result<i64> {
    let all = held_for_any(conn, &[id])?;
    Ok(all.get(&(id, currency)).map_or(0, |held| held.minor()))
}

/// The same of some applications, by currency; those for which nothing is held are left out.
pub fn held_for_any(
    conn: &mut Conn,
    applications: &[ApplicationId],
) -> Result<BTreeMap<(ApplicationId, Currency), Money>> {
    let held = funds::service::held_for(conn, applications)?;
    let ids: Vec<ApplicationId> = held.iter().map(|(id, ..)| *id).collect();
    let all = facts_of(conn, &ids)?;
    let have_left = store::with_other_calls(conn, &ids)?;
    let mut sums: BTreeMap<(ApplicationId, Currency), Money> = BTreeMap::new();
    for (id, fund, money) in held {
        let Some(facts) = all.get(&id) else { continue };
        // Most have left no call: nothing more is asked about them.
        let has_left = facts.own_call().is_none() || have_left.contains(&id);
        if has_left && routes::is_unrouted(conn, facts, fund)? {
            continue;
        }
        let currency = money.currency();
        let sum = sums.entry((id, currency)).or_insert(Money::zero(currency));
        *sum = sum.checked_add(money).map_err(Problem::internal)?;
    }
    Ok(sums)
}

/// What funds hold for an application in a currency, in minor units: what can be offered there,
/// and, apart, what cannot while it is out of their calls and may still come into one.
pub fn held_and_waiting(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    currency: Currency,
) -> Result<(i64, i64)> {
    let (mut held, mut waiting) = (0_i64, 0_i64);
    let all = funds::service::held_for(conn, &[id])?;
    if all.is_empty() {
        return Ok((held, waiting));
    }
    let Some(facts) = see::facts(conn, id)? else { return Ok((held, waiting)) };
    for (_, fund, money) in all {
        if money.currency() != currency {
            continue;
        }
        if !routes::is_unrouted(conn, &facts, fund)? {
            held = held.saturating_add(money.minor());
        } else if routes::may_return(conn, ctx, &facts, fund)? {
            waiting = waiting.saturating_add(money.minor());
        }
    }
    Ok((held, waiting))
}

/// Whether money of a fund may still come to an application: it goes on in a call in which the fund
/// may spend, or may come back into one, or as a whole, by an appeal or as it is routed there anew.
pub fn may_get(conn: &mut Conn, ctx: &Ctx, facts: &ApplicationFacts, fund: FundId) -> Result<bool> {
    if facts.status.is_end() {
        return declines::may_be_reopened(conn, ctx, facts.id);
    }
    Ok(!routes::is_unrouted(conn, facts, fund)? || routes::may_return(conn, ctx, facts, fund)?)
}

/// When an application left its calls: declined alone in its own, declined in further ones or taken
/// out of them.
fn left_at(conn: &mut Conn, facts: &ApplicationFacts) -> Result<Vec<(Instant, CallId)>> {
    let own = facts.own_call_declined_at.map(|at| (at, facts.call_id));
    let mut all: Vec<(Instant, CallId)> = own.into_iter().collect();
    for route in store::routes(conn, facts.id)? {
        let was_in = route.status != RouteStatus::Submitted && route.submitted_at.is_some();
        all.extend(route.ended_at.filter(|_| was_in).map(|at| (at, route.call_id)));
    }
    Ok(all)
}

/// Whether a fund may spend in a call, and in none that the application has left after it: who
/// leaves several at once leaves the money in the last of them.
fn left_last(
    conn: &mut Conn,
    left: &[(Instant, CallId)],
    (call, fund): (CallId, FundId),
) -> Result<bool> {
    if !see::pays(conn, call, &[fund])? {
        return Ok(false);
    }
    let Some((this, _)) = left.iter().find(|(_, of)| *of == call) else { return Ok(true) };
    for (_, later) in left.iter().filter(|(at, _)| at > this) {
        if see::pays(conn, *later, &[fund])? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What was given for an application, and no grant has, of funds that may spend in a call that it
/// has left (in this one, and in none that it left after it, where one is named), and in none that
/// it is in; and whether some of it may still come there.
pub fn stranded(
    conn: &mut Conn,
    ctx: &Ctx,
    (facts, call): (&ApplicationFacts, Option<CallId>),
) -> Result<(Vec<Money>, bool)> {
    let (mut left, mut waits) = (Vec::new(), false);
    let gone = left_at(conn, facts)?;
    for (fund, money) in funds::service::unspent_for(conn, facts.id)? {
        let there = match call {
            Some(call) => left_last(conn, &gone, (call, fund))?,
            None => true,
        };
        if there && routes::is_unrouted(conn, facts, fund)? {
            left.push(money);
            waits |= routes::may_return(conn, ctx, facts, fund)?;
        }
    }
    Ok((left, waits))
}
