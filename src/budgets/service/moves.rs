//! Money to a budget and back, and its end.

use super::super::model::{Allocation, AllocationKind, Budget, BudgetStatus, BudgetView};
use super::super::{events, rules, store};
use super::terms::own;
use super::{balances, fund_of, hold, load, view, visible};
use crate::funds;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{BudgetId, of};
use crate::kernel::money::{Money, MoneyText};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde::Deserialize;
use serde_json::json;

/// Money to allocate or recall.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveForm {
    /// How much, in the budget's currency.
    pub amount: MoneyText,
    /// Why, for those who look at it later.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// Gives a budget money that its fund has unallocated.
pub fn allocate(conn: &mut Conn, ctx: &Ctx, id: BudgetId, form: &MoveForm) -> Result<Allocation> {
    authz::require(ctx, Action::AllocateBudget, &[])?;
    let budget = hold(conn, id)?;
    own(conn, ctx, (budget.holder_id, budget.created_at))?;
    rules::may_allocate(&budget, ctx.today())?;
    let (amount, note) = checked(&budget, form)?;
    untied(conn, &budget, amount)?;
    move_money(conn, ctx, &budget, AllocationKind::Allocated, amount, note)
}

/// Refuses to take what the fund holds for applications.
fn untied(conn: &mut Conn, budget: &Budget, wanted: Money) -> Result<()> {
    let tied = Money::new(funds::service::tied(conn, budget.fund_id)?, budget.currency);
    if !tied.is_positive() {
        return Ok(());
    }
    let fund = fund_of(conn, budget)?;
    let left = funds::service::unallocated(conn, &fund)?;
    let free = left.checked_sub(tied).map_err(Problem::internal)?;
    if free.minor() >= wanted.minor() {
        return Ok(());
    }
    let state = format!("unallocated that is not held for applications ({tied} are)");
    Err(rules::not_enough("fund", &fund.name, free, &state, wanted))
}

/// Takes back what a budget has available, also from an expired or closed one.
pub fn recall(conn: &mut Conn, ctx: &Ctx, id: BudgetId, form: &MoveForm) -> Result<Allocation> {
    authz::require(ctx, Action::RecallBudget, &[])?;
    let budget = hold_with_fund(conn, id)?;
    let (amount, note) = checked(&budget, form)?;
    move_money(conn, ctx, &budget, AllocationKind::Recalled, amount, note)
}

/// A budget and then its fund, held until the transaction ends: whoever allocates from the fund
/// meanwhile waits, and reads what is tied and what is there after this.
pub fn hold_with_fund(conn: &mut Conn, id: BudgetId) -> Result<Budget> {
    let budget = hold(conn, id)?;
    funds::service::hold(conn, budget.fund_id)?;
    Ok(budget)
}

/// Closes a budget on which no offer holds money; what it has available goes back to its fund.
pub fn close(conn: &mut Conn, ctx: &Ctx, id: BudgetId) -> Result<BudgetView> {
    authz::require(ctx, Action::CloseBudget, &[])?;
    let budget = hold_with_fund(conn, id)?;
    let held = balances::money(conn, &budget)?;
    rules::may_close(&budget, &held)?;
    if held.available.is_positive() {
        let note = "The budget was closed.".to_owned();
        move_money(conn, ctx, &budget, AllocationKind::Recalled, held.available, note)?;
    }
    if !store::close(conn, id)? {
        return Err(Problem::changed_meanwhile("budget"));
    }
    let change = Change::by(Action::CloseBudget, "budget", id.uuid())
        .from(json!({ "status": BudgetStatus::Active }))
        .to(json!({ "status": BudgetStatus::Closed, "recalled": held.available }));
    audit::record(conn, ctx, change)?;
    outbox::emit(conn, ctx, events::BUDGET_CLOSED, json!({ "v": 1, "budget_id": id }))?;
    let budget = load(conn, id)?;
    view(conn, ctx, budget)
}

/// What went to a budget and came back, newest first.
pub fn list_allocations(
    conn: &mut Conn,
    ctx: &Ctx,
    id: BudgetId,
    page: &PageOf<of::Allocation>,
) -> Result<Page<Allocation>> {
    visible(conn, ctx, Action::ListAllocations, id)?;
    Ok(Page::cut(store::allocations(conn, id, page)?, page.limit, |a| a.id))
}

fn checked(budget: &Budget, form: &MoveForm) -> Result<(Money, String)> {
    let mut fields = Fields::new();
    let amount = fields.money_in("/amount", &form.amount, budget.currency);
    let note = fields.paragraphs("/note", form.note.as_deref().unwrap_or(""), 0, 500);
    fields.finish()?;
    let amount = amount.ok_or_else(|| Problem::internal("an amount was let through"))?;
    Ok((amount, note))
}

/// Posts the movement, keeps a row of it, and tells.
fn move_money(
    conn: &mut Conn,
    ctx: &Ctx,
    budget: &Budget,
    kind: AllocationKind,
    amount: Money,
    note: String,
) -> Result<Allocation> {
    let (action, event) = match kind {
        AllocationKind::Allocated => (Action::AllocateBudget, events::BUDGET_ALLOCATED),
        AllocationKind::Recalled => (Action::RecallBudget, events::BUDGET_RECALLED),
    };
    let id = ctx.id();
    let entry_id = match balances::post(conn, ctx, budget, kind, id, amount) {
        Err(p) if p.kind() == Kind::InsufficientFunds => {
            return Err(short(conn, budget, kind, amount)?.because(p));
        }
        posted => posted?,
    };
    let row = Allocation {
        id,
        budget_id: budget.id,
        kind,
        amount,
        note,
        entry_id,
        made_by: ctx.actor.person(),
        created_at: ctx.now,
    };
    store::insert_allocation(conn, &row)?;
    let change = Change::by(action, "budget", budget.id.uuid())
        .to(json!({ "allocation_id": row.id, "amount": amount, "note": row.note }));
    audit::record(conn, ctx, change)?;
    let facts = json!({ "v": 1, "budget_id": budget.id, "allocation_id": row.id });
    outbox::emit(conn, ctx, event, facts)?;
    Ok(row)
}

/// The ledger has refused: what there is, in a sentence.
fn short(conn: &mut Conn, budget: &Budget, kind: AllocationKind, wanted: Money) -> Result<Problem> {
    Ok(match kind {
        AllocationKind::Allocated => {
            let fund = fund_of(conn, budget)?;
            let left = funds::service::unallocated(conn, &fund)?;
            rules::not_enough("fund", &fund.name, left, "unallocated", wanted)
        }
        AllocationKind::Recalled => {
            let left = balances::money(conn, budget)?.available;
            rules::not_enough("budget", &budget.name, left, "available", wanted)
        }
    })
}
