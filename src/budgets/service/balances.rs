//! What the ledger says about a budget, and what it is told.

use super::super::model::{AllocationKind, Budget, BudgetBalances, BudgetTerms};
use super::visible;
use crate::kernel::Result;
use crate::kernel::ids::{AllocationId, BudgetId, EntryId, of};
use crate::kernel::money::Money;
use crate::kernel::page::PageOf;
use crate::ledger::movements::{self, About};
use crate::ledger::service::{self as ledger, Days, Owner, Statement};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Where the money of a budget is.
pub(super) fn money(conn: &mut Conn, budget: &Budget) -> Result<BudgetBalances> {
    ledger::of_budget(conn, budget.id, budget.currency)
}

/// What a budget has left to offer.
pub fn available(conn: &mut Conn, budget: &BudgetTerms) -> Result<Money> {
    // One account, where all that a budget holds is an account for each of its grants.
    let key = ledger::available_key(budget.fund_id, budget.id, budget.currency);
    Ok(Money::new(ledger::balance(conn, &key)?, budget.currency))
}

/// What the budget had to do with, in the order of days.
pub fn statement(
    conn: &mut Conn,
    ctx: &Ctx,
    id: BudgetId,
    days: Days,
    page: &PageOf<of::Posting>,
) -> Result<Statement> {
    visible(conn, ctx, Action::GetBudgetStatement, id)?;
    ledger::statement(conn, Owner::Budget(id), days, page)
}

/// Posts an allocation or a recall, on the day of the request.
pub(super) fn post(
    conn: &mut Conn,
    ctx: &Ctx,
    budget: &Budget,
    kind: AllocationKind,
    id: AllocationId,
    amount: Money,
) -> Result<EntryId> {
    let source = ("allocation", id.uuid());
    let words = match kind {
        AllocationKind::Allocated => "Allocated to",
        AllocationKind::Recalled => "Recalled from",
    };
    let about = About { on: ctx.today(), memo: format!("{words} {}", budget.name), source };
    let movement = match kind {
        AllocationKind::Allocated => {
            movements::budget_allocated(budget.fund_id, budget.id, amount, &about)?
        }
        AllocationKind::Recalled => {
            movements::budget_recalled(budget.fund_id, budget.id, amount, &about)?
        }
    };
    ledger::post(conn, ctx, &movement)
}
