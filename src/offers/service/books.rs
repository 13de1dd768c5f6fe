//! Offers in the ledger.

use super::super::store::Row;
use crate::budgets;
use crate::budgets::model::BudgetTerms;
use crate::kernel::Result;
use crate::kernel::money::Money;
use crate::kernel::problem::Problem;
use crate::ledger;
use crate::ledger::movements::{self, About};
use crate::offers::model::OfferFacts;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// The budget holds the amount for the offer.
pub(super) fn reserved(conn: &mut Conn, ctx: &Ctx, row: &Row, budget: &BudgetTerms) -> Result<()> {
    let about = about(ctx, row, "offer placed");
    let movement = movements::offer_placed(budget.fund_id, budget.id, row.money(), &about)?;
    ledger::service::post(conn, ctx, &movement)?;
    Ok(())
}

/// The budget has it back.
pub(super) fn freed(conn: &mut Conn, ctx: &Ctx, row: &Row) -> Result<()> {
    let missing = || Problem::internal("an offer without its budget");
    let budget = budgets::service::terms(conn, row.budget_id)?.ok_or_else(missing)?;
    let about = about(ctx, row, "offer released");
    let movement = movements::offer_released(budget.fund_id, budget.id, row.money(), &about)?;
    ledger::service::post(conn, ctx, &movement)?;
    Ok(())
}

/// The budget has a part of it back: what did not become part of the grant.
pub(super) fn rest_freed(conn: &mut Conn, ctx: &Ctx, offer: &OfferFacts, rest: i64) -> Result<()> {
    let missing = || Problem::internal("an offer without its budget");
    let budget = budgets::service::terms(conn, offer.budget_id)?.ok_or_else(missing)?;
    let source = ("offer", offer.id.uuid());
    let about = About { on: ctx.today(), memo: "rest of an offer released".into(), source };
    let rest = Money::new(rest, offer.currency);
    let movement = movements::offer_released(budget.fund_id, budget.id, rest, &about)?;
    ledger::service::post(conn, ctx, &movement)?;
    Ok(())
}

fn about(ctx: &Ctx, row: &Row, memo: &str) -> About {
    About { on: ctx.today(), memo: memo.into(), source: ("offer", row.id.uuid()) }
}
