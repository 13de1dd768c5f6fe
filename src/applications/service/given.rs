//! Money that was given for an application: whether its fund may still spend it there.

use super::{declines, facts_of, routes, see};
use crate::applications::model::ApplicationFacts;
use crate::funds;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, FundId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::Problem;
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
    let mut sums: BTreeMap<(ApplicationId, Currency), Money> = BTreeMap::new();
    for (id, fund, money) in held {
        let Some(facts) = all.get(&id) else { continue };
        if routes::is_unrouted(conn, facts, fund)? {
            continue;
        }
        let currency = money.currency();
        let sum = sums.entry((id, currency)).or_insert(Money::zero(currency));
        *sum = sum.checked_add(money).map_err(Problem::internal)?;
    }
    Ok(sums)
}

/// Whether money of a fund may still come to an application: it goes on in a call in which the fund
/// may spend, or may come back into one, or as a whole, by an appeal or as it is routed there anew.
pub fn may_get(conn: &mut Conn, ctx: &Ctx, facts: &ApplicationFacts, fund: FundId) -> Result<bool> {
    if facts.status.is_end() {
        return declines::may_be_reopened(conn, ctx, facts.id);
    }
    Ok(!routes::is_unrouted(conn, facts, fund)? || routes::may_return(conn, ctx, facts, fund)?)
}

/// What was given for an application, and no grant has, of funds that may spend in a call that it
/// has left (in this one, where one is named), and in none that it is in; and whether some of it
/// may still come there.
pub fn stranded(
    conn: &mut Conn,
    ctx: &Ctx,
    (facts, call): (&ApplicationFacts, Option<CallId>),
) -> Result<(Vec<Money>, bool)> {
    let (mut left, mut waits) = (Vec::new(), false);
    for (fund, money) in funds::service::unspent_for(conn, facts.id)? {
        let there = match call {
            Some(call) => see::pays(conn, call, &[fund])?,
            None => true,
        };
        if there && routes::is_unrouted(conn, facts, fund)? {
            left.push(money);
            waits |= routes::may_return(conn, ctx, facts, fund)?;
        }
    }
    Ok((left, waits))
}
