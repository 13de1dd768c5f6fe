//! Posting, and what is left where.

mod check;
mod seal;
mod views;

pub use super::model::{BudgetBalances, FundBalances};
pub use super::store::{Balance, Head, Owner};
pub use check::{CheckReport, Expectations, Finding, check};
pub use seal::{SealHead, seal, seal_head, unsealed};
pub use views::{
    Days, EntryFilter, LedgerAccount, LedgerEntry, Statement, TrialBalance, TrialLine, accounts,
    entries, entry, statement, trial_balance,
};

use super::model::{AccountKey, Code, Dims, Movement};
use super::movements::{self, About};
use super::{rules, store};
use crate::kernel::Result;
use crate::kernel::ids::{AccountId, BudgetId, EntryId, FundId};
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::{Kind, Problem};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeMap;

/// Writes a movement: its entry and postings, and the guarded balances by one conditional update
/// each, in the order of their accounts' ids, so that two movements never wait for each other in
/// a ring.
///
/// # Errors
/// Insufficient funds, when a guarded balance would fall below zero: nothing is written then.
pub fn post(conn: &mut Conn, ctx: &Ctx, movement: &Movement) -> Result<EntryId> {
    rules::sound(movement).map_err(Problem::internal)?;
    let keys: BTreeMap<String, AccountKey> =
        movement.lines.iter().map(|l| (l.account.text(), l.account)).collect();
    let accounts = store::accounts(conn, ctx, &keys)?;
    let mut changes: BTreeMap<AccountId, (AccountKey, i64)> = BTreeMap::new();
    for line in movement.lines.iter().filter(|l| l.account.code.guarded()) {
        let missing = || Problem::internal("an account was not made");
        let id = *accounts.get(&line.account.text()).ok_or_else(missing)?;
        let delta = match line.side == line.account.code.normal_side() {
            true => line.amount.minor(),
            false => -line.amount.minor(),
        };
        let change = changes.entry(id).or_insert((line.account, 0));
        change.1 = change.1.checked_add(delta).ok_or_else(|| Problem::internal("overflow"))?;
    }
    for (id, (key, delta)) in changes {
        if delta != 0 && !store::add(conn, id, delta)? {
            return Err(insufficient(conn, &key)?);
        }
    }
    store::insert(conn, ctx, movement, &accounts)
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
    let lines = store::lines(conn, entry)?;
    let about = About { on: ctx.today(), memo: memo.to_owned(), source: ("entry", entry.uuid()) };
    let movement = movements::reversal(entry, lines, &about)?;
    post(conn, ctx, &movement).map_err(|problem| match crate::platform::db::constraint(&problem) {
        Some(_) => Problem::new(Kind::AlreadyExists, "The entry is reversed already."),
        None => problem,
    })
}

/// A guarded balance, in minor units; zero where nothing was ever posted.
pub fn balance(conn: &mut Conn, key: &AccountKey) -> Result<i64> {
    store::balance(conn, &key.text())
}

/// Every guarded balance of a fund, budget or grant.
pub fn balances(conn: &mut Conn, of: Owner) -> Result<Vec<Balance>> {
    store::balances(conn, of)
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
