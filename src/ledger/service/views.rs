//! Reading the ledger: accounts, entries, trial balance, statements.

pub use super::super::store::statement::EntryFilter;

use super::super::model::{AccountKey, Book, Code, Dims, MovementKind, Side, Sum};
use super::super::store::journal::{self, Range};
use super::super::store::{self, Head, Owner, statement, sums};
use crate::kernel::Result;
use crate::kernel::fields::days_in_order;
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

/// A page of entries without their lines, the latest day first.
pub fn entries(
    conn: &mut Conn,
    ctx: &Ctx,
    filter: &EntryFilter,
    page: &PageOf<of::Entry>,
) -> Result<Page<Head>> {
    authz::require(ctx, Action::ListLedgerEntries, &[])?;
    days_in_order("?", filter.from, filter.to)?;
    let place = match page.after {
        Some(id) => Some((statement::day_of(conn, id)?.ok_or_else(no_such_place)?, id)),
        None => None,
    };
    let ids = statement::latest(conn, filter, place, page.limit + 1)?;
    Ok(Page::cut(statement::heads(conn, &ids)?, page.limit, |h| h.id))
}

fn no_such_place() -> Problem {
    Problem::field("?after", "malformed", "send the `next` of the page before, unchanged")
}

/// One entry with its lines.
pub fn entry(conn: &mut Conn, ctx: &Ctx, id: EntryId) -> Result<LedgerEntry> {
    authz::require(ctx, Action::GetLedgerEntry, &[])?;
    let head = store::head(conn, id)?.ok_or_else(|| Problem::not_found("entry"))?;
    let view = |p: journal::Posting| LedgerPosting {
        line: p.line,
        account_id: p.account.id,
        code: p.code,
        book: p.code.book(),
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
    /// The bank account, where the code has them.
    pub bank_account_id: Option<BankAccountId>,
    /// Sum of debits.
    pub debit: Sum,
    /// Sum of credits.
    pub credit: Sum,
    /// What is left, on the side on which the code grows.
    pub balance: Sum,
}

/// The sums of one book in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TrialTotal {
    /// The book.
    pub book: Book,
    /// Sum of debits.
    pub debit: Sum,
    /// Sum of credits.
    pub credit: Sum,
}

/// What every account came to at the end of a day.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TrialBalance {
    /// The day.
    pub at: Date,
    /// By code, currency and bank account.
    pub lines: Vec<TrialLine>,
    /// By book and currency: debits equal credits.
    pub totals: Vec<TrialTotal>,
}

/// The trial balance at the end of a day.
pub fn trial_balance(conn: &mut Conn, ctx: &Ctx, at: Date) -> Result<TrialBalance> {
    authz::require(ctx, Action::GetTrialBalance, &[])?;
    let mut lines: BTreeMap<(Code, Currency, Option<BankAccountId>), [i128; 2]> = BTreeMap::new();
    let mut totals: BTreeMap<(Book, Currency), [i128; 2]> = BTreeMap::new();
    for total in sums::totals(conn, Range { from: None, to: Some(at) })? {
        let Sum { minor, currency } = total.sum;
        let column = usize::from(total.side == Side::Credit);
        lines.entry((total.code, currency, total.bank)).or_default()[column] += minor;
        totals.entry((total.code.book(), currency)).or_default()[column] += minor;
    }
    let line = |((code, currency, bank), [debit, credit]): ((Code, _, _), [i128; 2])| {
        let sum = |minor| Sum { minor, currency };
        TrialLine {
            code,
            title: code.title(),
            book: code.book(),
            bank_account_id: bank,
            debit: sum(debit),
            credit: sum(credit),
            balance: sum((debit - credit) * code.normal_side().sign()),
        }
    };
    let total = |((book, currency), [debit, credit]): (_, [i128; 2])| TrialTotal {
        book,
        debit: Sum { minor: debit, currency },
        credit: Sum { minor: credit, currency },
    };
    Ok(TrialBalance {
        at,
        lines: lines.into_iter().map(line).collect(),
        totals: totals.into_iter().map(total).collect(),
    })
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
    pub balance: Sum,
}

/// A sum by code.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StatementBalance {
    /// Code of the chart.
    pub code: Code,
    /// Its name.
    pub title: &'static str,
    /// Growing on its normal side.
    pub balance: Sum,
}

/// What happened on the accounts of one fund, budget, grant or bank account, in the order of days.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
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

/// The codes of the accounts on which an owner holds something. A budget and a grant share
/// movements with their fund, whose lines are left out; a fund's are all lines about it, so that
/// its books balance, and an account's are all lines on it.
const fn own_codes(owner: Owner) -> Option<&'static [Code]> {
    match owner {
        Owner::Fund(_) | Owner::Account(_) => None,
        Owner::Budget(_) => Some(&[Code::Available, Code::Reserved, Code::Committed, Code::Spent]),
        Owner::Grant(_) => Some(&[
            Code::InTransit,
            Code::GrantsPayable,
            Code::TaxWithheld,
            Code::Committed,
            Code::Spent,
        ]),
    }
}

/// A statement: the page after a line, with what was there before and after it. Who may see it is
/// for the caller to decide.
pub fn statement(
    conn: &mut Conn,
    owner: Owner,
    days: Days,
    page: &PageOf<of::Posting>,
) -> Result<Statement> {
    days_in_order("?", days.from, days.to)?;
    let range = Range { from: days.from, to: days.to };
    let whose = (owner, own_codes(owner));
    let after = match page.after {
        Some(id) => Some(statement::place(conn, id)?.ok_or_else(no_such_place)?),
        None => None,
    };
    let start = match (after, days.from) {
        (Some((day, entry, line)), _) => Some((day, Some((entry, line)))),
        (None, from) => from.map(|day| (day, None)),
    };
    let mut balances: BTreeMap<(Code, Currency), i128> = BTreeMap::new();
    if let Some(start) = start {
        for (code, side, Sum { minor, currency }) in sums::of_owner_before(conn, whose, start)? {
            let growth = minor * side.sign() * code.normal_side().sign();
            *balances.entry((code, currency)).or_insert(0) += growth;
        }
    }
    let opening = shown(&balances);
    let rows = statement::lines(conn, whose, range, after, page.limit + 1)?;
    let Page { items, next } = Page::cut(rows, page.limit, |l| l.id);
    let mut lines = Vec::with_capacity(items.len());
    for row in items {
        let amount = Money::new(row.amount, row.currency);
        let growth = i128::from(row.amount) * row.side.sign() * row.code.normal_side().sign();
        let balance = balances.entry((row.code, row.currency)).or_insert(0);
        *balance += growth;
        lines.push(StatementLine {
            id: row.id,
            entry_id: row.entry_id,
            on: row.on,
            kind: row.kind,
            memo: row.memo,
            code: row.code,
            side: row.side,
            amount,
            balance: Sum { minor: *balance, currency: row.currency },
        });
    }
    Ok(Statement { opening, lines, closing: shown(&balances), next })
}

/// A statement of the cash in one bank account; empty where nothing was ever booked there. Who may
/// see it is for the caller to decide.
///
/// # Errors
/// 422 for days in the wrong order, and for a place to go on from that there is not.
pub fn bank_statement(
    conn: &mut Conn,
    (bank, currency): (BankAccountId, Currency),
    days: Days,
    page: &PageOf<of::Posting>,
) -> Result<Statement> {
    let dims = Dims { bank: Some(bank), ..Dims::default() };
    let key = AccountKey::new(Code::Cash, currency, dims);
    if let Some(id) = store::account(conn, &key.text())? {
        return statement(conn, Owner::Account(id), days, page);
    }
    days_in_order("?", days.from, days.to)?;
    match page.after {
        Some(_) => Err(no_such_place()),
        None => Ok(Statement::default()),
    }
}

fn shown(balances: &BTreeMap<(Code, Currency), i128>) -> Vec<StatementBalance> {
    let balance = |((code, currency), minor): (&(Code, Currency), &i128)| StatementBalance {
        code: *code,
        title: code.title(),
        balance: Sum { minor: *minor, currency: *currency },
    };
    balances.iter().map(balance).collect()
}
