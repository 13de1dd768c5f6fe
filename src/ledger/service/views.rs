//! Reading the ledger: accounts, entries, trial balance, statements.

pub use super::super::store::statement::EntryFilter;

use super::super::model::{Book, Code, MovementKind, Side};
use super::super::store::journal;
use super::super::store::statement::{self, Window};
use super::super::store::{self, Head, Owner};
use crate::kernel::Result;
use crate::kernel::ids::{
    AccountId, BankAccountId, BudgetId, EntryId, FundId, GrantId, PostingId, of,
};
use crate::kernel::money::{Currency, Money};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde::Serialize;
use std::collections::BTreeMap;

/// An account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LedgerAccount {
    /// Its id.
    pub id: AccountId,
    /// Code of the chart.
    pub code: Code,
    /// Its name.
    pub title: &'static str,
    /// Its book.
    pub book: Book,
    /// The side on which it grows.
    pub normal_side: Side,
    /// Its currency.
    pub currency: Currency,
    /// Its fund.
    pub fund_id: Option<FundId>,
    /// Its budget.
    pub budget_id: Option<BudgetId>,
    /// Its grant.
    pub grant_id: Option<GrantId>,
    /// Its bank account.
    pub bank_account_id: Option<BankAccountId>,
    /// Its running balance; null for accounts that are summed when asked.
    pub balance: Option<Money>,
}

/// A page of accounts, newest first.
pub fn accounts(
    conn: &mut Conn,
    ctx: &Ctx,
    code: Option<Code>,
    page: &PageOf<of::Account>,
) -> Result<Page<LedgerAccount>> {
    authz::require(ctx, Action::ListLedgerAccounts, &[])?;
    let rows = journal::accounts_page(conn, code, page)?;
    let view = |a: journal::Account| LedgerAccount {
        id: a.id,
        code: a.code,
        title: a.code.title(),
        book: a.code.book(),
        normal_side: a.code.normal_side(),
        currency: a.currency,
        fund_id: a.fund,
        budget_id: a.budget,
        grant_id: a.grant,
        bank_account_id: a.bank,
        balance: a.guarded.then(|| Money::new(a.balance, a.currency)),
    };
    Ok(Page::cut(rows, page.limit, |a| a.id).map(view))
}

/// One line of an entry.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LedgerPosting {
    /// Its place.
    pub line: i32,
    /// Its account.
    pub account_id: AccountId,
    /// The account's code.
    pub code: Code,
    /// Its book.
    pub book: Book,
    /// Its side.
    pub side: Side,
    /// How much, above zero.
    pub amount: Money,
    /// The fund that it is about.
    pub fund_id: Option<FundId>,
    /// The budget that it is about.
    pub budget_id: Option<BudgetId>,
    /// The grant that it is about.
    pub grant_id: Option<GrantId>,
}

/// An entry with its lines.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LedgerEntry {
    /// What is known of it.
    #[serde(flatten)]
    pub head: Head,
    /// Its lines.
    pub postings: Vec<LedgerPosting>,
}

/// A page of entries without their lines, newest first.
pub fn entries(
    conn: &mut Conn,
    ctx: &Ctx,
    filter: &EntryFilter,
    page: &PageOf<of::Entry>,
) -> Result<Page<Head>> {
    authz::require(ctx, Action::ListLedgerEntries, &[])?;
    Ok(Page::cut(statement::entries(conn, filter, page)?, page.limit, |h| h.id))
}

/// One entry with its lines.
pub fn entry(conn: &mut Conn, ctx: &Ctx, id: EntryId) -> Result<LedgerEntry> {
    authz::require(ctx, Action::GetLedgerEntry, &[])?;
    let head = store::head(conn, id)?.ok_or_else(|| Problem::not_found("entry"))?;
    let view = |p: journal::Posting| LedgerPosting {
        line: p.line,
        account_id: p.account_id,
        code: p.code,
        book: p.book,
        side: p.side,
        amount: Money::new(p.amount, p.currency),
        fund_id: p.fund,
        budget_id: p.budget,
        grant_id: p.grant,
    };
    let postings = statement::postings(conn, id)?.into_iter().map(view).collect();
    Ok(LedgerEntry { head, postings })
}

/// One line of a trial balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TrialLine {
    /// Code of the chart.
    pub code: Code,
    /// Its name.
    pub title: &'static str,
    /// Its book.
    pub book: Book,
    /// Sum of debits.
    pub debit: Money,
    /// Sum of credits.
    pub credit: Money,
}

/// What every account came to at the end of a day.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TrialBalance {
    /// The day.
    pub at: Date,
    /// By code and currency; debits equal credits in each book and currency.
    pub lines: Vec<TrialLine>,
}

/// The trial balance at the end of a day.
pub fn trial_balance(conn: &mut Conn, ctx: &Ctx, at: Date) -> Result<TrialBalance> {
    authz::require(ctx, Action::GetTrialBalance, &[])?;
    let mut sums: BTreeMap<(Code, Currency), (i64, i64)> = BTreeMap::new();
    let overflow = || Problem::internal("a trial balance beyond i64");
    for total in journal::totals(conn, at)? {
        let sum = sums.entry((total.code, total.currency)).or_insert((0, 0));
        let side = match total.side {
            Side::Debit => &mut sum.0,
            Side::Credit => &mut sum.1,
        };
        *side = side.checked_add(total.sum.unwrap_or(0)).ok_or_else(overflow)?;
    }
    let line = |((code, currency), (debit, credit)): ((Code, Currency), (i64, i64))| TrialLine {
        code,
        title: code.title(),
        book: code.book(),
        debit: Money::new(debit, currency),
        credit: Money::new(credit, currency),
    };
    Ok(TrialBalance { at, lines: sums.into_iter().map(line).collect() })
}

/// One line of a statement.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StatementLine {
    /// Its id.
    pub id: PostingId,
    /// The entry that it belongs to.
    pub entry_id: EntryId,
    /// The day that it counts for.
    pub on: Date,
    /// What happened.
    pub kind: MovementKind,
    /// In words.
    pub memo: String,
    /// Code of its account.
    pub code: Code,
    /// Its side.
    pub side: Side,
    /// How much.
    pub amount: Money,
    /// Of the same code, after this line, growing on the code's normal side.
    pub balance: Money,
}

/// A sum by code.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StatementBalance {
    /// Code of the chart.
    pub code: Code,
    /// Its name.
    pub title: &'static str,
    /// Growing on its normal side.
    pub balance: Money,
}

/// What one fund, budget or grant had to do with, in the order of days.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Statement {
    /// By code, before the first line.
    pub opening: Vec<StatementBalance>,
    /// The lines.
    pub lines: Vec<StatementLine>,
    /// By code, after the last line.
    pub closing: Vec<StatementBalance>,
    /// Where to go on; null at the end.
    pub next: Option<String>,
}

/// Days of a statement.
#[derive(Debug, Clone, Copy, Default)]
pub struct Days {
    /// From this day on.
    pub from: Option<Date>,
    /// Up to this day, inclusive.
    pub to: Option<Date>,
}

/// A statement. Who may see it is for the caller to decide.
pub fn statement(
    conn: &mut Conn,
    owner: Owner,
    days: Days,
    page: &PageOf<of::Posting>,
) -> Result<Statement> {
    let window = Window { from: days.from, to: days.to, after: page.after, limit: page.limit };
    let overflow = || Problem::internal("a statement beyond i64");
    let mut sums: BTreeMap<(Code, Currency), i64> = BTreeMap::new();
    for (code, currency, side, sum) in statement::opening(conn, owner, &window)? {
        let sum = sum.unwrap_or(0);
        let signed = if side == code.normal_side() { sum } else { -sum };
        let total = sums.entry((code, currency)).or_insert(0);
        *total = total.checked_add(signed).ok_or_else(overflow)?;
    }
    let opening = balances(&sums);
    let rows = Page::cut(statement::lines(conn, owner, &window)?, page.limit, |l| l.id);
    let next = rows.next;
    let mut lines = Vec::with_capacity(rows.items.len());
    for row in rows.items {
        let signed = if row.side == row.code.normal_side() { row.amount } else { -row.amount };
        let total = sums.entry((row.code, row.currency)).or_insert(0);
        *total = total.checked_add(signed).ok_or_else(overflow)?;
        lines.push(StatementLine {
            id: row.id,
            entry_id: row.entry_id,
            on: row.on,
            kind: row.kind,
            memo: row.memo,
            code: row.code,
            side: row.side,
            amount: Money::new(row.amount, row.currency),
            balance: Money::new(*total, row.currency),
        });
    }
    Ok(Statement { opening, lines, closing: balances(&sums), next })
}

fn balances(sums: &BTreeMap<(Code, Currency), i64>) -> Vec<StatementBalance> {
    let balance = |((code, currency), sum): (&(Code, Currency), &i64)| StatementBalance {
        code: *code,
        title: code.title(),
        balance: Money::new(*sum, *currency),
    };
    sums.iter().map(balance).collect()
}
