//! What the ledger says about a fund, and what it is told.

use super::super::model::{Fund, FundFacts, FundMoney};
use super::super::rules;
use super::earmarks::tied;
use super::visible;
use crate::kernel::Result;
use crate::kernel::ids::{ContributionId, EntryId, FundId, of};
use crate::kernel::money::Money;
use crate::kernel::page::PageOf;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
use crate::ledger::model::Code;
use crate::ledger::movements::{self, About};
use crate::ledger::service::{self as ledger, Days, Owner, Statement, fund_key};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Where the money of a fund is.
pub(super) fn money(conn: &mut Conn, fund: &Fund) -> Result<FundMoney> {
    let mut posted = |code| ledger::turnover(conn, &fund_key(code, fund.id, fund.currency));
    let contributed = posted(Code::Contributions)?;
    let fees = posted(Code::SponsorFee)?;
    let charges = posted(Code::BankCharges)?;
    let now = ledger::of_fund(conn, fund.id, fund.currency)?;
    let parts = [now.available, now.reserved, now.committed, now.spent];
    let allocated = Money::sum(fund.currency, parts).map_err(Problem::internal)?;
    Ok(FundMoney {
        contributed,
        fees,
        charges,
        unallocated: now.unallocated,
        allocated,
        available: now.available,
        reserved: now.reserved,
        committed: now.committed,
        spent: now.spent,
    })
}

/// What grants are still owed of the fund's money, and what the bank has not settled yet.
pub(super) fn owed(conn: &mut Conn, fund: &Fund) -> Result<Money> {
    ledger::owed_of_fund(conn, fund.id, fund.currency)
}

/// What the fund had to do with, in the order of days.
pub fn statement(
    conn: &mut Conn,
    ctx: &Ctx,
    id: FundId,
    days: Days,
    page: &PageOf<of::Posting>,
) -> Result<Statement> {
    visible(conn, ctx, Action::GetFundStatement, id)?;
    ledger::statement(conn, Owner::Fund(id), days, page)
}

/// What a fund has in no budget.
pub fn unallocated(conn: &mut Conn, fund: &FundFacts) -> Result<Money> {
    let key = fund_key(Code::Unallocated, fund.id, fund.currency);
    Ok(Money::new(ledger::balance(conn, &key)?, fund.currency))
}

/// Refuses where the fund, which is held, has less than this that is neither in a budget nor held
/// for an application. `what` says whose amount it is: “The bank took”.
pub(super) fn must_be_free(conn: &mut Conn, fund: &Fund, amount: Money, what: &str) -> Result<()> {
    let unallocated = unallocated(conn, &fund.clone().into())?;
    let free = unallocated.minor() - tied(conn, fund.id)?;
    if amount.minor() <= free {
        return Ok(());
    }
    let free = Money::new(free.max(0), fund.currency);
    let detail = format!(
        "{what} {amount}, and the fund has {free} that is neither in a budget nor held for an \
         application: recall the rest from its budgets first."
    );
    Err(Problem::new(Kind::InsufficientFunds, detail))
}

/// What was posted for a contribution.
pub(super) struct Posted {
    pub(super) fee: Money,
    pub(super) entry_id: EntryId,
    pub(super) fee_entry_id: Option<EntryId>,
}

/// Posts the receipt, and the sponsor's fee as an entry of its own if there is one. Neither names
/// the giver: other funders read the fund's statement.
pub(super) fn post(
    conn: &mut Conn,
    ctx: &Ctx,
    fund: &Fund,
    id: ContributionId,
    amount: Money,
    on: Date,
) -> Result<Posted> {
    let source = ("contribution", id.uuid());
    let about = About { on, memo: format!("Contribution to {}", fund.name), source };
    let received = movements::contribution_received(fund.id, fund.bank_account_id, amount, &about)?;
    let entry_id = ledger::post(conn, ctx, &received)?;
    let fee = rules::fee(amount, fund.fee_basis_points)?;
    let fee_entry_id = if fee.is_positive() {
        let about = About { on, memo: format!("Sponsor fee of {}", fund.name), source };
        let charged = movements::sponsor_fee_charged(fund.id, fee, &about)?;
        Some(ledger::post(conn, ctx, &charged)?)
    } else {
        None
    };
    Ok(Posted { fee, entry_id, fee_entry_id })
}
