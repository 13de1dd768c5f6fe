//! A regrantor's queue.

use crate::agendas;
use crate::applications;
use crate::applications::model::ApplicationStatus;
use crate::applications::service::{Among, Sight};
use crate::budgets;
use crate::budgets::model::BudgetTerms;
use crate::discovery::model::{Queue, QueueItem, Waiting};
use crate::discovery::rules;
use crate::discovery::store::{self, Purse, Whose};
use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, ApplicationId, FundId};
use crate::kernel::money::{Currency, Money};
use crate::offers;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::vouches;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// So many are looked at, or twice as many as are shown: those promised first.
const LOOKED_AT: i64 = 100;
/// Budgets that are looked at.
const BUDGETS: usize = 50;
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
    let held = budgets::service::held_by(conn, me)?;
    let purses = purses(conn, ctx, &held)?;
    if purses.is_empty() {
        return Ok(Queue { items: Vec::new(), considered: 0, truncated: false });
    }
    let sight = applications::service::sight_holding(conn, ctx, &held)?;
    let whose = Whose { me, purses: &purses };
    let mut waiting: BTreeMap<ApplicationId, Waiting> = BTreeMap::new();
    let until = ctx.now.plus_seconds(LAPSING_DAYS * 86_400);
    let looked_at = limit.saturating_mul(2).max(LOOKED_AT);
    let (found, mut truncated) = store::pressing(conn, whose, looked_at)?;
    for w in found {
        let earlier = waiting.get(&w.id).is_none_or(|before| w.promised_on < before.promised_on);
        if earlier {
            waiting.insert(w.id, w);
        }
    }
    let (lapsing, more) = store::lapsing(conn, whose, (ctx.now, until), LAPSING)?;
    truncated |= more;
    for w in lapsing {
        waiting.entry(w.id).or_insert(w).lapses_on = w.lapses_on;
    }
    let considered = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
    let items = ranked(conn, ctx, &sight, &waiting, usize::try_from(limit).unwrap_or(0))?;
    Ok(Queue { items, considered, truncated })
}

/// What somebody's budgets may still give: those that can be spent from and have something left.
/// What one fund's money is for no other fund's is: purses are put together where they are for the
/// same.
fn purses(conn: &mut Conn, ctx: &Ctx, held: &[BudgetTerms]) -> Result<Vec<Purse>> {
    let mut by_fund: BTreeMap<FundId, (Currency, Option<BTreeSet<AgendaId>>)> = BTreeMap::new();
    let usable = held.iter().filter(|budget| budget.usable(ctx.today()));
    for budget in usable.take(BUDGETS) {
        if !budgets::service::available(conn, budget)?.is_positive() {
            continue;
        }
        let of = agendas::service::of_budget(conn, budget.id)?;
        let nothing = || (budget.currency, Some(BTreeSet::new()));
        let (_, there) = by_fund.entry(budget.fund_id).or_insert_with(nothing);
        match there {
            Some(all) if !of.is_empty() => all.extend(of),
            _ => *there = None,
        }
    }
    let mut all: Vec<Purse> = Vec::new();
    for (fund, (currency, named)) in by_fund {
        let named = named.map(|all| all.into_iter().collect::<Vec<_>>());
        let agendas = match named {
            Some(named) => Some(agendas::service::with_narrower(conn, &named)?),
            None => None,
        };
        match all.iter_mut().find(|p| p.currency == currency && p.agendas == agendas) {
            None => all.push(Purse { currency, agendas, funds: vec![fund] }),
            Some(purse) => purse.funds.push(fund),
        }
    }
    Ok(all)
}

/// Those of which the offers and vouches are looked at one by one: the most pressing by what their
/// own rows say.
fn closer<'a>(
    ctx: &Ctx,
    waiting: impl Iterator<Item = &'a Waiting>,
    most: usize,
) -> Vec<&'a Waiting> {
    let score = |w: &Waiting| rules::pressing(w, w.offered, w.lapses_on, ctx.today());
    let mut all: Vec<(i64, &Waiting)> = waiting.map(|w| (score(w), w)).collect();
    all.sort_unstable_by_key(|(score, w)| (Reverse(*score), w.id));
    all.truncate(most);
    all.into_iter().map(|(_, w)| w).collect()
}

fn ranked(
    conn: &mut Conn,
    ctx: &Ctx,
    sight: &Sight,
    waiting: &BTreeMap<ApplicationId, Waiting>,
    limit: usize,
) -> Result<Vec<QueueItem>> {
    let waiting = closer(ctx, waiting.values(), limit.saturating_mul(2));
    let ids: Vec<ApplicationId> = waiting.iter().map(|w| w.id).collect();
    let (mut standing, mut vouched) = (BTreeMap::new(), BTreeMap::new());
    for some in ids.chunks(AT_ONCE) {
        standing.extend(offers::service::standing_on(conn, ctx, some)?);
        vouched.extend(vouches::service::counts_for_funder(conn, ctx, some)?);
    }
    let vouched = |id: &ApplicationId| vouched.get(id).copied().unwrap_or((0_i64, 0_i64));
    let vouches = |id: &ApplicationId| vouched(id).0 + vouched(id).1;
    let mut scored: Vec<(i64, &Waiting)> = waiting
        .into_iter()
        .map(|w| {
            let (funded, lapses) = standing.get(&w.id).map_or((0, None), |(f, l)| (*f, Some(*l)));
            (rules::pressing(w, funded, lapses.map(|l| l.date()), ctx.today()), w)
        })
        .collect();
    // Of equals the one with more vouches, then the one that was begun first.
    scored.sort_unstable_by_key(|(score, w)| (Reverse(*score), Reverse(vouches(&w.id)), w.id));
    scored.truncate(limit);
    let shown: Vec<ApplicationId> = scored.iter().map(|(_, w)| w.id).collect();
    let open = Among { status: Some(ApplicationStatus::Open), ..Among::default() };
    let rows = applications::service::among(conn, ctx, sight, &shown, open)?;
    let mut rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let held = applications::service::held_for_any(conn, &shown)?;
    let item = |(pressing, w): (i64, &Waiting)| {
        let mut row = rows.remove(&w.id)?;
        // By when it is decided where their budgets may spend, which may be a further call.
        row.promised_on = w.promised_on;
        let currency = row.amount_requested?.currency();
        let (funded, lapses) = standing.get(&w.id).map_or((0, None), |(f, l)| (*f, Some(*l)));
        let money = |minor: i64| Money::new(minor.max(0), currency);
        Some(QueueItem {
            funded: money(funded),
            missing_to_minimum: money(w.minimum - funded),
            missing_to_full: money(w.requested - funded),
            held: held.get(&(w.id, currency)).copied(),
            first_lapses_at: lapses,
            vouches: vouched(&w.id).0,
            vouches_private: vouched(&w.id).1,
            pressing,
            row,
        })
    };
    Ok(scored.into_iter().filter_map(item).collect())
}
