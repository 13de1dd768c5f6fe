//! Use-cases of budgets.

mod balances;
mod moves;
mod terms;

pub use super::model::BudgetTerms;
pub use balances::{available, statement};
pub use moves::{MoveForm, allocate, close, hold_with_fund, list_allocations, recall};
pub use terms::{BudgetChange, BudgetForm, Reach, create, edit};

use super::model::{Budget, BudgetStatus, BudgetView, FundOfBudget};
use super::store;
use crate::agendas;
use crate::funds;
use crate::funds::service::FundFacts;
use crate::kernel::Result;
use crate::kernel::ids::{BudgetId, FundId, PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Budgets of one person that are looked at, active ones first.
const HELD: i64 = 200;

/// Which budgets to list.
#[derive(Debug, Clone, Default)]
pub struct ListBudgets {
    /// Only of this fund.
    pub fund_id: Option<FundId>,
    /// Only held by this person.
    pub holder_id: Option<PersonId>,
    /// Only in this state.
    pub status: Option<BudgetStatus>,
}

/// Budgets, newest first: all for those who run or audit the service, else the actor's own.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    wanted: &ListBudgets,
    page: &PageOf<of::Budget>,
) -> Result<Page<Budget>> {
    authz::require(ctx, Action::ListBudgets, &[])?;
    let mut filter =
        store::Filter { fund: wanted.fund_id, holder: wanted.holder_id, status: wanted.status };
    if !authz::allowed(&ctx.actor, Action::GetBudget, &[]) {
        let me = ctx.me()?;
        if filter.holder.is_some_and(|holder| holder != me) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        filter.holder = Some(me);
    }
    let rows = store::list(conn, &filter, page)?;
    Ok(Page::cut(rows, page.limit, |b| b.id))
}

/// One budget with its fund and balances.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: BudgetId) -> Result<BudgetView> {
    let budget = visible(conn, ctx, Action::GetBudget, id)?;
    view(conn, ctx, budget)
}

/// What other domains need to know of a budget.
pub fn terms(conn: &mut Conn, id: BudgetId) -> Result<Option<BudgetTerms>> {
    Ok(store::find(conn, id)?.map(Into::into))
}

/// The same, which nobody changes from here on until the transaction ends. Before the people who
/// are held in the same transaction, and after the application.
///
/// # Errors
/// 404 where there is none.
pub fn kept_terms(conn: &mut Conn, id: BudgetId) -> Result<BudgetTerms> {
    let budget = store::keep(conn, id)?.ok_or_else(|| Problem::not_found("budget"))?;
    Ok(budget.into())
}

/// The budgets of a person, closed and expired ones too; active ones first, at most 200.
pub fn held_by(conn: &mut Conn, person: PersonId) -> Result<Vec<BudgetTerms>> {
    let budgets = store::held_by(conn, person, HELD)?;
    Ok(budgets.into_iter().map(Into::into).collect())
}

fn load(conn: &mut Conn, id: BudgetId) -> Result<Budget> {
    store::find(conn, id)?.ok_or_else(|| Problem::not_found("budget"))
}

/// The budget, held until the transaction ends.
fn hold(conn: &mut Conn, id: BudgetId) -> Result<Budget> {
    store::hold(conn, id)?.ok_or_else(|| Problem::not_found("budget"))
}

fn view(conn: &mut Conn, ctx: &Ctx, budget: Budget) -> Result<BudgetView> {
    let fund = fund_of(conn, &budget)?;
    let fund =
        FundOfBudget { name: fund.name, restriction: fund.restriction, purpose: fund.purpose };
    let balances = balances::money(conn, &budget)?;
    Ok(BudgetView { expired: budget.expired(ctx.today()), budget, fund, balances })
}

fn fund_of(conn: &mut Conn, budget: &Budget) -> Result<FundFacts> {
    funds::service::facts(conn, budget.fund_id)?
        .ok_or_else(|| Problem::internal("a budget without its fund"))
}

/// The budget, if the actor may do this with it; else as if it were not there.
fn visible(conn: &mut Conn, ctx: &Ctx, action: Action, id: BudgetId) -> Result<Budget> {
    let budget = load(conn, id)?;
    let holds = ctx.actor.is(budget.holder_id);
    let relations: &[Relation] = if holds { &[Relation::Holder] } else { &[] };
    authz::require(ctx, action, relations)?;
    Ok(budget)
}

/// Names of all budgets, for exports.
pub fn names(conn: &mut Conn) -> Result<Vec<(BudgetId, String)>> {
    store::names(conn)
}

/// Links budgets with a new agenda that one of their words is the slug of; for the job. Running it
/// twice changes nothing.
pub(super) fn link_agenda(conn: &mut Conn, slug: &str) -> Result<()> {
    for (id, words) in store::words(conn)? {
        if words.iter().any(|word| word == slug) {
            agendas::service::set_of_budget(conn, id, &words)?;
        }
    }
    Ok(())
}
