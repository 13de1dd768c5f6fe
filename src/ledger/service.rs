//! Posting, and what is left where.

mod check;
mod seal;
mod views;

pub use super::model::{BudgetBalances, FundBalances};
pub use super::store::journal::Standing;
pub use super::store::{Balance, Head, Owner};
pub use check::{CheckReport, Expectations, Finding, check};
pub use seal::{SealHead, SealLag, seal, seal_head, seal_lag, unsealed};
pub use views::{
    Days, EntryFilter, LedgerAccount, LedgerEntry, LedgerPosting, Statement, StatementBalance,
    StatementLine, TrialBalance, TrialLine, TrialTotal, accounts, bank_statement, entries, entry,
    statement, trial_balance,
};

use super::model::{AccountKey, Code, Dims, Movement, MovementKind, Side};
use super::movements::{self, About};
use super::store::Posted;
use super::{rules, store};
use crate::kernel::Result;
use crate::kernel::ids::{BudgetId, EntryId, FundId, GrantId, Id};
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::{Kind, Problem};
use crate::platform::context::Ctx;
use crate::platform::db::{Conn, constraint};
use std::collections::BTreeMap;

/// Writes a movement: its entry and postings, and the guarded balances by one conditional update
/// each, in the order of their accounts' ids, so that two movements never wait for each other in
/// a ring.
///
/// # Errors
/// Insufficient funds, when a guarded balance would fall below zero: nothing is written then.
pub fn post(conn: &mut Conn, ctx: &Ctx, movement: &Movement) -> Result<EntryId> {
    let entries = post_many(conn, ctx, std::slice::from_ref(movement))?;
    entries.first().copied().ok_or_else(|| Problem::internal("no entry was written"))
}

/// The entries of this kind, of the same source and day, that were not reversed, whatever describes
/// them, each with what it put on this code. The caller holds what the source is, so that two who
/// ask at once do not both hear of none.
pub fn standing(
    conn: &mut Conn,
    (kind, code): (MovementKind, Code),
    about: &About,
) -> Result<Vec<Standing>> {
    let source = (about.source.0, Id::from_uuid(about.source.1));
    store::journal::standing(conn, source, (kind, code), about.on)
}

/// Writes several movements as [`post`] does one, in as few statements: all or none. Balances
/// are guarded after all of them, not in between.
pub fn post_many(conn: &mut Conn, ctx: &Ctx, movements: &[Movement]) -> Result<Vec<EntryId>> {
    for movement in movements {
        rules::sound(movement).map_err(Problem::internal)?;
    }
    let lines = || movements.iter().flat_map(|m| &m.lines);
    let keys: BTreeMap<String, AccountKey> =
        lines().map(|l| (l.account.text(), l.account)).collect();
    let changes = rules::changes(lines()).ok_or_else(too_large)?;
    let mut posted = store::post(conn, ctx, movements, (&keys, &changes))?;
    if matches!(posted, Posted::NoAccount) {
        store::make_accounts(conn, ctx, &keys)?;
        posted = store::post(conn, ctx, movements, (&keys, &changes))?;
    }
    match posted {
        Posted::Done(entries) => Ok(entries),
        Posted::NoAccount => Err(Problem::internal("an account was not made")),
        Posted::Refused(text) => match changes.get(&text) {
            Some((key, delta)) if *delta < 0 => Err(insufficient(conn, key)?),
            _ => Err(too_large()),
        },
    }
}

fn too_large() -> Problem {
    Problem::new(Kind::LimitReached, "The balance would be larger than the ledger can hold.")
}

fn insufficient(conn: &mut Conn, key: &AccountKey) -> Result<Problem> {
    let left = Money::new(store::balance(conn, &key.text())?, key.currency);
    let detail = match key.code {
        Code::Unallocated => format!("The fund has {left} that is not allocated."),
        Code::Available => format!("The budget has {left} available."),
        Code::Reserved => format!("The budget has {left} reserved."),
        Code::Committed => format!("The grant has {left} committed from this budget."),
        Code::Spent => format!("The grant has {left} spent from this budget."),
        Code::GrantsPayable => format!("The grant is owed {left}."),
        Code::InTransit => format!("Payments of {left} are in transit."),
        _ => format!("There is {left}."),
    };
    Ok(Problem::new(Kind::InsufficientFunds, detail))
}

/// Reverses an entry by its exact opposite, once.
pub fn reverse(conn: &mut Conn, ctx: &Ctx, entry: EntryId, memo: &str) -> Result<EntryId> {
    let head = store::head(conn, entry)?.ok_or_else(|| Problem::not_found("entry"))?;
    if head.reverses_id.is_some() {
        return Err(Problem::wrong_state("A reversal is not reversed: post it anew."));
    }
    if store::reversal_of(conn, entry)?.is_some() {
        return Err(reversed());
    }
    let lines = store::lines(conn, entry)?;
    let about = About { on: ctx.today(), memo: memo.to_owned(), source: ("entry", entry.uuid()) };
    let movement = movements::reversal(entry, lines, &about)?;
    // Two at once: the unique key decides.
    let twice = "ledger_entries_reverses_id_key";
    post(conn, ctx, &movement).map_err(|problem| match constraint(&problem) {
        Some(name) if name == twice => reversed(),
        _ => problem,
    })
}

fn reversed() -> Problem {
    Problem::new(Kind::AlreadyExists, "The entry is reversed already.")
}

/// A guarded balance, in minor units; zero where nothing was ever posted.
pub fn balance(conn: &mut Conn, key: &AccountKey) -> Result<i64> {
    store::balance(conn, &key.text())
}

/// Every guarded balance of a fund, budget, grant or account.
pub fn balances(conn: &mut Conn, of: Owner) -> Result<Vec<Balance>> {
    store::balances(conn, of)
}

/// What was released to each of these grants and not given back, in minor units of its currency;
/// those of which nothing was released are left out.
pub fn spent_of(conn: &mut Conn, grants: &[GrantId]) -> Result<BTreeMap<GrantId, i64>> {
    Ok(store::of_grants(conn, Code::Spent, grants)?.into_iter().collect())
}

/// What a budget holds.
pub fn of_budget(conn: &mut Conn, budget: BudgetId, currency: Currency) -> Result<BudgetBalances> {
    let sums = store::sums(conn, Owner::Budget(budget), currency)?;
    let sum = |code| of_code(currency, &sums, code);
    Ok(BudgetBalances {
        available: sum(Code::Available),
        reserved: sum(Code::Reserved),
        committed: sum(Code::Committed),
        spent: sum(Code::Spent),
    })
}

/// What a fund holds, all its budgets together.
pub fn of_fund(conn: &mut Conn, fund: FundId, currency: Currency) -> Result<FundBalances> {
    let sums = store::sums(conn, Owner::Fund(fund), currency)?;
    let sum = |code| of_code(currency, &sums, code);
    Ok(FundBalances {
        unallocated: sum(Code::Unallocated),
        available: sum(Code::Available),
        reserved: sum(Code::Reserved),
        committed: sum(Code::Committed),
        spent: sum(Code::Spent),
    })
}

/// What grants of a fund are owed, and what is under way to them: grants payable and payments in
/// transit, as far as they are of its money.
pub fn owed_of_fund(conn: &mut Conn, fund: FundId, currency: Currency) -> Result<Money> {
    let sums = store::owed_of_fund(conn, fund, currency)?;
    let sum = |side| sums.iter().find(|(s, _)| *s == side).map_or(0, |(_, minor)| *minor);
    Ok(Money::new(sum(Side::Credit) - sum(Side::Debit), currency))
}

fn of_code(currency: Currency, sums: &[(Code, i64)], code: Code) -> Money {
    let minor = sums.iter().find(|(c, _)| *c == code).map_or(0, |(_, minor)| *minor);
    Money::new(minor, currency)
}

/// What was posted to an account, all in all, on the side on which it grows; for those without a
/// running balance.
pub fn turnover(conn: &mut Conn, key: &AccountKey) -> Result<Money> {
    let mut minor = 0i64;
    for (side, sum) in store::sums_by_side(conn, &key.text())? {
        let signed = if side == key.code.normal_side() { sum } else { -sum };
        minor = minor.checked_add(signed).ok_or_else(|| Problem::internal("overflow"))?;
    }
    Ok(Money::new(minor, key.currency))
}

/// The key of an account of a fund: its contributions, its fees…
pub fn fund_key(code: Code, fund: FundId, currency: Currency) -> AccountKey {
    AccountKey::new(code, currency, Dims { fund: Some(fund), ..Dims::default() })
}

/// The key of a budget's free money.
pub fn available_key(fund: FundId, budget: BudgetId, currency: Currency) -> AccountKey {
    let dims = Dims { fund: Some(fund), budget: Some(budget), ..Dims::default() };
    AccountKey::new(Code::Available, currency, dims)
}
