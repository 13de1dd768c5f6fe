//! Grants in the ledger.

use super::super::model::{GrantFacts, Part, TrancheFacts};
use super::super::store::{self, SourceRow};
use crate::funds;
use crate::kernel::Result;
use crate::kernel::ids::{BankAccountId, EntryId, TrancheId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::ledger;
use crate::ledger::model::{Code, MovementKind};
use crate::ledger::movements::{self, About, Share};
use crate::ledger::service::Owner;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeMap;

/// What came back, and the code that says how much.
const REFUND: (MovementKind, Code) = (MovementKind::RefundReceived, Code::Cash);

impl From<&Part> for Share {
    fn from(part: &Part) -> Self {
        Share { fund: part.fund_id, budget: part.budget_id, minor: part.amount }
    }
}

fn shares_of(parts: &[Part]) -> Vec<Share> {
    parts.iter().map(Share::from).collect()
}

/// Which budgets pay how much of a released tranche, for the movements of its payment.
pub fn shares(conn: &mut Conn, tranche: TrancheId) -> Result<Vec<Share>> {
    Ok(shares_of(&store::parts(conn, tranche)?))
}

/// A reservation becomes a commitment.
pub(super) fn awarded(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    source: &SourceRow,
) -> Result<()> {
    let share = Share { fund: source.fund_id, budget: source.budget_id, minor: source.amount };
    let about = about(ctx, grant, format!("award of {}", grant.title));
    let movement = movements::grant_awarded(grant.id, &share, grant.currency, &about)?;
    ledger::service::post(conn, ctx, &movement)?;
    Ok(())
}

/// What is still committed, per budget in the order of their ids.
pub(super) fn committed(conn: &mut Conn, grant: &GrantFacts) -> Result<Vec<Part>> {
    held(conn, grant, Code::Committed)
}

/// What was released and not given back, per budget in the order of their ids.
pub(super) fn spent(conn: &mut Conn, grant: &GrantFacts) -> Result<Vec<Part>> {
    held(conn, grant, Code::Spent)
}

/// The balances of one code, per budget: all of the grant's budgets, also those at nothing.
fn held(conn: &mut Conn, grant: &GrantFacts, code: Code) -> Result<Vec<Part>> {
    let balances = ledger::service::balances(conn, Owner::Grant(grant.id))?;
    let mut parts = store::given(conn, grant.id)?;
    for part in &mut parts {
        let mine =
            |b: &&ledger::service::Balance| b.code == code && b.budget == Some(part.budget_id);
        part.amount = balances.iter().find(mine).map_or(0, |b| b.amount.minor());
    }
    Ok(parts)
}

/// A tranche is owed.
pub(super) fn released(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    tranche: &TrancheFacts,
    parts: &[Part],
) -> Result<()> {
    let about = of_tranche(ctx, grant, tranche, "released");
    let shares = shares_of(parts);
    let movement = movements::tranche_released(grant.id, &shares, grant.currency, &about)?;
    ledger::service::post(conn, ctx, &movement)?;
    Ok(())
}

/// A tranche is not owed after all.
pub(super) fn undone(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    tranche: &TrancheFacts,
    parts: &[Part],
) -> Result<()> {
    let about = of_tranche(ctx, grant, tranche, "not released after all");
    let shares = shares_of(parts);
    let movement = movements::release_undone(grant.id, &shares, grant.currency, &about)?;
    ledger::service::post(conn, ctx, &movement)?;
    Ok(())
}

/// What is committed goes back to the budgets that it came from.
pub(super) fn freed(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, parts: &[Part]) -> Result<()> {
    let about = about(ctx, grant, format!("released of {}", grant.title));
    let shares = shares_of(parts);
    let movement = movements::commitment_released(grant.id, &shares, grant.currency, &about)?;
    ledger::service::post(conn, ctx, &movement)?;
    Ok(())
}

/// The recipient gave back; the money is on this bank account, or on that of each budget's fund.
pub(super) fn refunded(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    parts: &[Part],
    (arrived, account): ((Date, &str), Option<BankAccountId>),
) -> Result<Vec<EntryId>> {
    let missing = || Problem::internal("a budget without its fund");
    let mut entries = Vec::with_capacity(parts.len());
    for part in parts {
        let fund = funds::service::facts(conn, part.fund_id)?.ok_or_else(missing)?;
        let about = of_refund(grant, arrived);
        let bank = account.unwrap_or(fund.bank_account_id);
        let share = [Share::from(part)];
        let movement = movements::refund_received(grant.id, bank, &share, grant.currency, &about)?;
        entries.push(ledger::service::post(conn, ctx, &movement)?);
    }
    Ok(entries)
}

/// The entries of money of this grant that arrived on this day under this reference, but for those
/// that were reversed.
pub(super) fn refunds(
    conn: &mut Conn,
    grant: &GrantFacts,
    arrived: (Date, &str),
) -> Result<Vec<EntryId>> {
    let about = of_refund(grant, arrived);
    let memo = ledger::rules::memo(&about.memo);
    let mut entries = ledger::service::standing(conn, REFUND, &about)?;
    entries.retain(|entry| entry.memo == memo);
    Ok(entries.into_iter().map(|entry| entry.id).collect())
}

/// Whether money of this grant that arrived on this day stands under this reference; or this very
/// amount under one that only spaces, signs and capitals tell from it.
pub(super) fn has_arrived(
    conn: &mut Conn,
    grant: &GrantFacts,
    arrived: (Date, &str),
    minor: i64,
) -> Result<bool> {
    let about = of_refund(grant, arrived);
    let memo = ledger::rules::memo(&about.memo);
    // One refund is an entry for each budget, all of one memo.
    let mut refunds = BTreeMap::<String, i64>::new();
    for entry in ledger::service::standing(conn, REFUND, &about)? {
        *refunds.entry(entry.memo).or_default() += entry.amount;
    }
    // All memos begin alike: what they end with tells them apart.
    let bare = funds::rules::bare;
    let same = bare(&memo);
    let told = !bare(arrived.1).is_empty();
    let alike = |other: &str, sum: i64| told && sum == minor && bare(other) == same;
    Ok(refunds.iter().any(|(other, sum)| *other == memo || alike(other, *sum)))
}

/// Money of a refund that was recorded in error leaves the budgets again: the opposite of each of
/// its entries.
pub(super) fn refund_undone(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    entries: &[EntryId],
) -> Result<Vec<EntryId>> {
    let memo = format!("refund of {}: recorded in error", grant.title);
    entries.iter().map(|entry| ledger::service::reverse(conn, ctx, *entry, &memo)).collect()
}

fn of_refund(grant: &GrantFacts, (on, reference): (Date, &str)) -> About {
    let memo = format!("refund of {}: {reference}", grant.title);
    About { on, memo, source: ("grant", grant.id.uuid()) }
}

fn about(ctx: &Ctx, grant: &GrantFacts, memo: String) -> About {
    About { on: ctx.today(), memo, source: ("grant", grant.id.uuid()) }
}

fn of_tranche(ctx: &Ctx, grant: &GrantFacts, tranche: &TrancheFacts, what: &str) -> About {
    let memo = format!("tranche {} of {}: {what}", tranche.sequence, grant.title);
    About { on: ctx.today(), memo, source: ("tranche", tranche.id.uuid()) }
}
