//! A regrantor's queue.

use crate::agendas;
use crate::applications;
use crate::applications::service::Among;
use crate::budgets;
use crate::discovery::model::{Queue, QueueItem, Waiting};
use crate::discovery::rules;
use crate::discovery::store::{self, Whose};
use crate::funds;
use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, ApplicationId, PersonId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::Problem;
use crate::offers;
use crate::people;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeMap;

/// Calls that are looked at, the newest first, and applications of each, those promised first.
const CALLS: i64 = 32;
const OF_EACH: i64 = 50;
/// Offers that lapse within so many days are looked at, so many of them.
const LAPSING_DAYS: i64 = 40;
const LAPSING: i64 = 200;
/// Applications of which the offers are added up at once.
const AT_ONCE: usize = 256;

/// Open applications that the actor's budgets may fund and that miss money, the most pressing
/// first; without their own and those that they have a conflict with.
pub fn queue(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Queue> {
    authz::require(ctx, Action::GetQueue, &[])?;
    let me = ctx.me()?;
    let person = people::service::brief(conn, me)?.ok_or_else(|| Problem::not_found("person"))?;
    let funds = applications::service::spendable(conn, ctx, me)?;
    let mut currencies: Vec<Currency> = Vec::new();
    for fund in &funds {
        currencies.extend(funds::service::facts(conn, *fund)?.map(|fund| fund.currency));
    }
    currencies.sort_unstable();
    currencies.dedup();
    if currencies.is_empty() {
        return Ok(Queue { items: Vec::new(), considered: 0 });
    }
    let agendas = agendas(conn, ctx, me)?;
    let whose = Whose {
        me,
        email: &person.email,
        funds: &funds,
        currencies: &currencies,
        agendas: agendas.as_deref(),
    };
    let mut waiting: BTreeMap<ApplicationId, Waiting> = BTreeMap::new();
    let until = ctx.now.plus_seconds(LAPSING_DAYS * 86_400);
    let found = store::pressing(conn, whose, (CALLS, OF_EACH))?;
    let lapsing = store::lapsing(conn, whose, (ctx.now, until), LAPSING)?;
    waiting.extend(found.into_iter().chain(lapsing).map(|w| (w.id, w)));
    let considered = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
    let items = ranked(conn, ctx, &waiting, usize::try_from(limit).unwrap_or(0))?;
    Ok(Queue { items, considered })
}

/// The directions that somebody's budgets are for; none where one of them is for anything.
fn agendas(conn: &mut Conn, ctx: &Ctx, me: PersonId) -> Result<Option<Vec<AgendaId>>> {
    let mut all = Vec::new();
    let held = budgets::service::held_by(conn, me)?;
    for budget in held.into_iter().filter(|budget| budget.usable(ctx.today())) {
        let of = agendas::service::of_budget(conn, budget.id)?;
        if of.is_empty() {
            return Ok(None);
        }
        all.extend(of);
    }
    Ok(Some(all))
}

fn ranked(
    conn: &mut Conn,
    ctx: &Ctx,
    waiting: &BTreeMap<ApplicationId, Waiting>,
    limit: usize,
) -> Result<Vec<QueueItem>> {
    let ids: Vec<ApplicationId> = waiting.keys().copied().collect();
    let mut standing = BTreeMap::new();
    for some in ids.chunks(AT_ONCE) {
        standing.extend(offers::service::standing_on(conn, ctx, some)?);
    }
    let mut scored: Vec<(i64, &Waiting)> = waiting
        .values()
        .map(|w| {
            let (funded, lapses) = standing.get(&w.id).map_or((0, None), |(f, l)| (*f, Some(*l)));
            (rules::pressing(w, funded, lapses.map(|l| l.date()), ctx.today()), w)
        })
        .collect();
    // Of equals the one that was begun first.
    scored.sort_unstable_by_key(|(score, w)| (std::cmp::Reverse(*score), w.id));
    scored.truncate(limit);
    let shown: Vec<ApplicationId> = scored.iter().map(|(_, w)| w.id).collect();
    let rows = applications::service::among(conn, ctx, &shown, Among::default())?;
    let mut rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let item = |(pressing, w): (i64, &Waiting)| {
        let row = rows.remove(&w.id)?;
        let currency = row.amount_requested?.currency();
        let (funded, lapses) = standing.get(&w.id).map_or((0, None), |(f, l)| (*f, Some(*l)));
        let money = |minor: i64| Money::new(minor.max(0), currency);
        Some(QueueItem {
            funded: money(funded),
            missing_to_minimum: money(w.minimum - funded),
            missing_to_full: money(w.requested - funded),
            first_lapses_at: lapses,
            pressing,
            row,
        })
    };
    Ok(scored.into_iter().filter_map(item).collect())
}
