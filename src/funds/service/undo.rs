//! Contributions that were recorded in error: taken out of the books by opposite entries, never
//! changed or deleted.

use super::super::model::{Contribution, Earmark, EarmarkStatus, Fund, Undone};
use super::super::{events, rules, store};
use super::balances::must_be_free;
use super::earmarks::undone_earmark;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ContributionId, FundId};
use crate::kernel::problem::Problem;
use crate::ledger::service as ledger;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde::Deserialize;
use serde_json::json;

/// Why a contribution does not count.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UndoContribution {
    /// What was wrong. Those who run the service read it, and the giver who has given besides.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Takes a contribution out of the books: receipt and fee are reversed, today, and what it was
/// earmarked for does not have it any more. It stays on record, and the same transfer can be
/// recorded anew.
///
/// # Errors
/// 404 if the fund has no such contribution; 409 if it was undone before, while its earmark is
/// offered, and for a closed fund; 409 `insufficient_funds` where the fund has less
/// than it brought that is neither allocated nor held; 422 without a reason.
pub fn undo_contribution(
    conn: &mut Conn,
    ctx: &Ctx,
    fund_id: FundId,
    id: ContributionId,
    form: &UndoContribution,
) -> Result<Contribution> {
    authz::require(ctx, Action::UndoContribution, &[])?;
    let missing = || Problem::not_found("contribution");
    // The earmark before its fund, as where it is offered.
    let earmark = store::earmark_of_contribution(conn, id)?;
    let fund = store::hold(conn, fund_id)?.ok_or_else(|| Problem::not_found("fund"))?;
    let given = store::contribution(conn, fund_id, id)?.ok_or_else(missing)?;
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", &form.reason, 1, 2000);
    fields.finish()?;
    if given.undone.is_some() {
        return Err(Problem::wrong_state("This contribution was undone already."));
    }
    rules::must_be_open(&fund.name, fund.status, "corrections until it is opened again")?;
    if let Some(earmark) = earmark {
        free(conn, ctx, &earmark)?;
    }
    let brought = given.amount.checked_sub(given.fee).map_err(Problem::internal)?;
    must_be_free(conn, &fund, brought, "The contribution brought")?;
    post(conn, ctx, &fund, &given)?;
    let undone = Undone { by: ctx.actor.person(), at: ctx.now, reason };
    if !store::undo_contribution(conn, id, &undone)? {
        return Err(Problem::changed_meanwhile("contribution"));
    }
    let change = Change::by(Action::UndoContribution, "contribution", id.uuid())
        .from(json!({ "fund_id": fund_id, "amount": given.amount, "fee": given.fee }))
        .to(json!({ "undone": undone.reason }));
    audit::record(conn, ctx, change)?;
    let facts = json!({ "v": 1, "fund_id": fund_id, "contribution_id": id });
    outbox::emit(conn, ctx, events::CONTRIBUTION_UNDONE, facts)?;
    Ok(Contribution { undone: Some(undone), ..given })
}

/// What it was earmarked for does not have it any more.
fn free(conn: &mut Conn, ctx: &Ctx, earmark: &Earmark) -> Result<()> {
    match earmark.status {
        // Of what is granted the grant stays: its fund pays for it with what else it has.
        EarmarkStatus::Held | EarmarkStatus::Spent => undone_earmark(conn, ctx, earmark),
        EarmarkStatus::Offered => Err(Problem::wrong_state(
            "This money is offered to the application that it was given for: have the offer \
             withdrawn first.",
        )),
        // Given another use, it is money of the fund like all other.
        EarmarkStatus::Reassigned | EarmarkStatus::Undone => Ok(()),
    }
}

/// Reverses the fee, then the receipt: in between the fund has more, not less. Neither says why:
/// other funders read the fund's statement.
fn post(conn: &mut Conn, ctx: &Ctx, fund: &Fund, given: &Contribution) -> Result<()> {
    if let Some(fee) = given.fee_entry_id {
        let memo = format!("Sponsor fee of {}: recorded in error", fund.name);
        ledger::reverse(conn, ctx, fee, &memo)?;
    }
    let memo = format!("Contribution to {}: recorded in error", fund.name);
    ledger::reverse(conn, ctx, given.entry_id, &memo).map(drop)
}
