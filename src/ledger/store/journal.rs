//! Reading the journal in order, a chunk at a time.

use super::{Head, HeadRow};
use crate::kernel::Result;
use crate::kernel::ids::{
    AccountId, BankAccountId, BudgetId, EntryId, FundId, GrantId, Id, PostingId, of,
};
use crate::kernel::money::Currency;
use crate::kernel::time::Date;
use crate::ledger::model::{Code, MovementKind, Side};
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema;
use crate::platform::db::schema::ledger_accounts::dsl as a;
use crate::platform::db::schema::ledger_entries::dsl as e;
use crate::platform::db::schema::ledger_postings::dsl as p;
use diesel::prelude::*;
use std::collections::HashMap;

/// One posting with its account. Code, currency and day stand in it as well as in its account and
/// entry; the dimensions are what it is about, which may be more than what its account is told
/// apart by.
#[derive(Debug, Clone, Queryable)]
pub struct Posting {
    /// Its id.
    pub id: PostingId,
    /// The entry that it belongs to.
    pub entry_id: EntryId,
    /// Its place in the entry.
    pub line: i32,
    /// The account's code.
    pub code: Code,
    /// Its side.
    pub side: Side,
    /// Minor units, above zero.
    pub amount: i64,
    /// Its currency.
    pub currency: Currency,
    /// The day that it counts for.
    pub effective_on: Date,
    /// The fund that it is about.
    pub fund: Option<FundId>,
    /// The budget that it is about.
    pub budget: Option<BudgetId>,
    /// The grant that it is about.
    pub grant: Option<GrantId>,
    /// Its account.
    pub account: Account,
}

impl Posting {
    /// Debits above zero, credits below.
    pub fn signed(&self) -> i128 {
        self.side.sign() * i128::from(self.amount)
    }
    /// The account's bank account.
    pub fn bank(&self) -> Option<BankAccountId> {
        self.account.bank
    }
}

macro_rules! posting {
    () => {
        (
            p::id,
            p::entry_id,
            p::line,
            p::code,
            p::side,
            p::amount,
            p::currency,
            p::effective_on,
            p::fund_id,
            p::budget_id,
            p::grant_id,
            crate::ledger::store::journal::account!(),
        )
    };
}
pub(in crate::ledger) use posting;

/// An entry with its postings, in the order of their lines.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What is known of it besides its postings.
    pub head: Head,
    /// Its postings.
    pub postings: Vec<Posting>,
}

fn with_postings(conn: &mut Conn, heads: Vec<HeadRow>) -> Result<Vec<Entry>> {
    let ids: Vec<EntryId> = heads.iter().map(|h| h.id).collect();
    let rows: Vec<Posting> = p::ledger_postings
        .inner_join(a::ledger_accounts.on(a::id.eq(p::account_id)))
        .filter(p::entry_id.eq_any(ids))
        .select(posting!())
        .order((p::entry_id, p::line))
        .load(conn)?;
    let mut by_entry = HashMap::<EntryId, Vec<Posting>>::new();
    for row in rows {
        by_entry.entry(row.entry_id).or_default().push(row);
    }
    let entry = |head: HeadRow| {
        let postings = by_entry.remove(&head.id).unwrap_or_default();
        Entry { head: head.into(), postings }
    };
    Ok(heads.into_iter().map(entry).collect())
}

/// An entry that was not reversed.
#[derive(Debug, Clone, Queryable)]
pub struct Standing {
    /// Its id.
    pub id: EntryId,
    /// Its memo, as it is kept.
    pub memo: String,
    /// What it put on one code, in minor units.
    pub amount: i64,
}

/// The entries of this source, kind and day that were not reversed, oldest first, each with what it
/// put on this code, of which it has one line.
pub(in crate::ledger) fn standing(
    conn: &mut Conn,
    source: (&str, Id<of::Event>),
    (kind, code): (MovementKind, Code),
    day: Date,
) -> Result<Vec<Standing>> {
    let undo = diesel::alias!(schema::ledger_entries as undo);
    let same = e::ledger_entries
        .inner_join(p::ledger_postings.on(p::entry_id.eq(e::id)))
        .filter(e::source_kind.eq(source.0).and(e::source_id.eq(source.1)))
        .filter(e::kind.eq(kind).and(e::effective_on.eq(day)))
        .filter(p::code.eq(code));
    let its = undo.filter(undo.field(e::reverses_id).eq(e::id.nullable()));
    let standing = same.filter(diesel::dsl::not(diesel::dsl::exists(its)));
    Ok(standing.order(e::id).select((e::id, e::memo, p::amount)).load(conn)?)
}

/// Which entries to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Range {
    /// From this day on.
    pub from: Option<Date>,
    /// Up to this day, inclusive.
    pub to: Option<Date>,
}

/// The next entries after a place, by day and id.
pub(in crate::ledger) fn by_day(
    conn: &mut Conn,
    range: Range,
    after: Option<(Date, EntryId)>,
    limit: i64,
) -> Result<Vec<Entry>> {
    let mut query = e::ledger_entries.into_boxed();
    if let Some((day, id)) = after {
        query =
            query.filter(e::effective_on.ge(day)).filter(e::effective_on.gt(day).or(e::id.gt(id)));
    } else if let Some(from) = range.from {
        query = query.filter(e::effective_on.ge(from));
    }
    if let Some(to) = range.to {
        query = query.filter(e::effective_on.le(to));
    }
    let heads: Vec<HeadRow> = query.order((e::effective_on, e::id)).limit(limit).load(conn)?;
    with_postings(conn, heads)
}

/// Entries by their ids, in that order; those that are not there are left out.
pub(in crate::ledger) fn entries(conn: &mut Conn, ids: &[EntryId]) -> Result<Vec<Entry>> {
    let mut heads: Vec<HeadRow> = e::ledger_entries.filter(e::id.eq_any(ids)).load(conn)?;
    let place: HashMap<EntryId, usize> = ids.iter().enumerate().map(|(n, id)| (*id, n)).collect();
    heads.sort_by_key(|h| place.get(&h.id).copied());
    with_postings(conn, heads)
}

/// An account as it is stored.
#[derive(Debug, Clone, Queryable)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its unique spelling.
    pub key: String,
    /// Its code.
    pub code: Code,
    /// Its currency.
    pub currency: Currency,
    /// Its fund.
    pub fund: Option<FundId>,
    /// Its budget.
    pub budget: Option<BudgetId>,
    /// Its grant.
    pub grant: Option<GrantId>,
    /// Its bank account.
    pub bank: Option<BankAccountId>,
    /// Whether it carries a running balance.
    pub guarded: bool,
    /// That balance, in minor units.
    pub balance: i64,
}

macro_rules! account {
    () => {
        (
            a::id,
            a::key,
            a::code,
            a::currency,
            a::fund_id,
            a::budget_id,
            a::grant_id,
            a::bank_account_id,
            a::guarded,
            a::balance,
        )
    };
}
pub(in crate::ledger) use account;

/// The next accounts after an id.
pub(in crate::ledger) fn accounts_after(
    conn: &mut Conn,
    after: Option<AccountId>,
    limit: i64,
) -> Result<Vec<Account>> {
    let mut query = a::ledger_accounts.select(account!()).into_boxed();
    if let Some(after) = after {
        query = query.filter(a::id.gt(after));
    }
    Ok(query.order(a::id).limit(limit).load(conn)?)
}

/// A page of accounts, newest first, of one code if it is named.
pub(in crate::ledger) fn accounts_page(
    conn: &mut Conn,
    code: Option<Code>,
    page: &crate::kernel::page::PageOf<of::Account>,
) -> Result<Vec<Account>> {
    // The ids first: an index alone answers that, also for a code that only one account has.
    let mut query = a::ledger_accounts.select(a::id).into_boxed();
    if let Some(code) = code {
        query = query.filter(a::code.eq(code));
    }
    if let Some(after) = page.after {
        query = query.filter(a::id.lt(after));
    }
    let ids: Vec<AccountId> = query.order(a::id.desc()).limit(page.limit + 1).load(conn)?;
    let these = a::ledger_accounts.filter(a::id.eq_any(padded(&ids))).select(account!());
    Ok(Kept(these.order(a::id.desc())).load(conn)?)
}

/// Codes, bank accounts and currencies in use: what plain-text formats declare.
pub(in crate::ledger) fn in_use(
    conn: &mut Conn,
) -> Result<Vec<(Code, Option<BankAccountId>, Currency)>> {
    Ok(a::ledger_accounts
        .select((a::code, a::bank_account_id, a::currency))
        .distinct()
        .order((a::code, a::currency))
        .load(conn)?)
}

/// The first and last day on which anything counts, within a range.
pub(in crate::ledger) fn days(conn: &mut Conn, range: Range) -> Result<Option<(Date, Date)>> {
    let within = || {
        let mut query = e::ledger_entries.select(e::effective_on).into_boxed();
        if let Some(from) = range.from {
            query = query.filter(e::effective_on.ge(from));
        }
        if let Some(to) = range.to {
            query = query.filter(e::effective_on.le(to));
        }
        query
    };
    let first: Option<Date> = within().order((e::effective_on, e::id)).first(conn).optional()?;
    let last: Option<Date> =
        within().order((e::effective_on.desc(), e::id.desc())).first(conn).optional()?;
    Ok(first.zip(last))
}
