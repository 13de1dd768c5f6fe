//! Offers of money that was given for their application: released, it goes on to its fund in the
//! same transaction, so that nobody finds it in the budget in between.

use super::super::model::{OfferFacts, OfferStatus};
use super::super::store::{self, Row};
use crate::applications;
use crate::budgets;
use crate::budgets::service::MoveForm;
use crate::funds;
use crate::funds::model::{Earmark, EarmarkStatus};
use crate::kernel::Result;
use crate::kernel::actor::Actor;
use crate::kernel::ids::{BudgetId, OfferId};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Where the money of a released offer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// In the budget that it came from.
    Budget,
    /// In the fund, which holds it for the application.
    Fund,
}

impl Home {
    /// As those read it who made the offer.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::Budget => "The money is back in your budget.",
            Self::Fund => {
                "The money was given for this application: it is back in its fund, which holds it."
            }
        }
    }
}

/// The earmark that an offer about to be released is made of. It, its budget and its fund are held
/// before the ledger is written, in the order of allocations.
pub(super) fn hold(conn: &mut Conn, row: &Row) -> Result<Option<Earmark>> {
    let Some(earmark) = funds::service::earmark_of_offer(conn, row.id)? else { return Ok(None) };
    let earmark = funds::service::held_earmark(conn, earmark.id)?;
    if earmark.status != EarmarkStatus::Offered || earmark.offer_id != Some(row.id) {
        return Ok(None);
    }
    budgets::service::hold_with_fund(conn, row.budget_id)?;
    Ok(Some(earmark))
}

/// What the offer held goes from its budget to its fund, tied as before.
pub(super) fn tie_again(conn: &mut Conn, ctx: &Ctx, row: &Row, earmark: &Earmark) -> Result<Home> {
    recall(conn, ctx, row.budget_id, earmark, "An offer of earmarked money was released.")?;
    Ok(Home::Fund)
}

/// Takes earmarked money from a budget back to its fund, tied. The service does it: the giver, not
/// whoever holds the budget, has decided what it is for.
fn recall(
    conn: &mut Conn,
    ctx: &Ctx,
    budget: BudgetId,
    earmark: &Earmark,
    note: &str,
) -> Result<()> {
    let system = ctx.acting(Actor::System("earmark"), &ctx.actor_name);
    let moved = MoveForm { amount: earmark.amount.into(), note: Some(note.to_owned()) };
    budgets::service::recall(conn, &system, budget, &moved)?;
    funds::service::tie_earmark_again(conn, ctx, earmark)
}

/// Ties what an offer was made of before it was released, if nobody has yet: for what earlier
/// programs released. Run twice it changes nothing.
pub fn settle_earmark(conn: &mut Conn, ctx: &Ctx, offer: OfferId) -> Result<()> {
    let Some(row) = store::find(conn, offer)? else { return Ok(()) };
    applications::service::lock(conn, row.application_id)?;
    let Some(row) = store::find(conn, offer)? else { return Ok(()) };
    if row.status != OfferStatus::Released {
        return Ok(());
    }
    match hold(conn, &row)? {
        Some(earmark) => tie_again(conn, ctx, &row, &earmark).map(drop),
        None => Ok(()),
    }
}

/// The earmarks among these offers, whose budgets and funds are held from here on.
pub fn hold_earmarks(conn: &mut Conn, offers: &[OfferId]) -> Result<Vec<(OfferFacts, Earmark)>> {
    let mut found = Vec::new();
    for id in offers {
        let Some(earmark) = funds::service::earmark_of_offer(conn, *id)? else { continue };
        let earmark = funds::service::held_earmark(conn, earmark.id)?;
        let Some(row) = store::find(conn, *id)? else { continue };
        if matches!(earmark.status, EarmarkStatus::Offered | EarmarkStatus::Spent) {
            found.push((row.facts(), earmark));
        }
    }
    found.sort_by_key(|(offer, _)| (offer.budget_id, offer.id));
    for (offer, _) in &found {
        budgets::service::hold_with_fund(conn, offer.budget_id)?;
    }
    Ok(found)
}

/// A grant was cancelled before it began, and what was committed is back in the budgets: what was
/// given for the application goes on to its fund.
pub fn grant_cancelled(conn: &mut Conn, ctx: &Ctx, found: &[(OfferFacts, Earmark)]) -> Result<()> {
    for (offer, earmark) in found {
        let note = "A grant that earmarked money was part of was cancelled.";
        recall(conn, ctx, offer.budget_id, earmark, note)?;
    }
    Ok(())
}
