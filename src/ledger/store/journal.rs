//! Reading the journal in order, a chunk at a time.

use super::{Head, HeadRow};
use crate::kernel::Result;
use crate::kernel::ids::{AccountId, BankAccountId, BudgetId, EntryId, FundId, GrantId, of};
use crate::kernel::money::Currency;
use crate::kernel::time::Date;
use crate::ledger::model::{Book, Code, Side};
use crate::platform::db::Conn;
use crate::platform::db::ext::sum_i64;
use crate::platform::db::schema::ledger_accounts::dsl as a;
use crate::platform::db::schema::ledger_entries::dsl as e;
use crate::platform::db::schema::ledger_postings::dsl as p;
use crate::platform::db::schema::ledger_seals::dsl as s;
use crate::platform::db::schema::ledger_unsealed::dsl as u;
use diesel::prelude::*;

/// One posting with its account.
#[derive(Debug, Clone, Queryable)]
pub struct Posting {
    /// The entry that it belongs to.
    pub entry_id: EntryId,
    /// Its place in the entry.
    pub line: i32,
    /// Its account.
    pub account_id: AccountId,
    /// The account's code.
    pub code: Code,
    /// The account's bank account.
    pub bank: Option<BankAccountId>,
    /// Its book.
    pub book: Book,
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
}

impl Posting {
    /// Debits above zero, credits below.
    pub fn signed(&self) -> i64 {
        match self.side {
            Side::Debit => self.amount,
            Side::Credit => -self.amount,
        }
    }
}

macro_rules! posting {
    () => {
        (
            p::entry_id,
            p::line,
            p::account_id,
            a::code,
            a::bank_account_id,
            p::book,
            p::side,
            p::amount,
            p::currency,
            p::effective_on,
            p::fund_id,
            p::budget_id,
            p::grant_id,
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
    let mut by_entry = std::collections::HashMap::<EntryId, Vec<Posting>>::new();
    for row in rows {
        by_entry.entry(row.entry_id).or_default().push(row);
    }
    let entry = |head: HeadRow| {
        let postings = by_entry.remove(&head.id).unwrap_or_default();
        Entry { head: head.into(), postings }
    };
    Ok(heads.into_iter().map(entry).collect())
}

/// Which entries to read.
#[derive(Debug, Clone, Default)]
pub struct Range {
    /// From this day on.
    pub from: Option<Date>,
    /// Up to this day, inclusive.
    pub to: Option<Date>,
}

/// The next entries after a place, by day and id.
pub(in crate::ledger) fn by_day(
    conn: &mut Conn,
    range: &Range,
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

/// One sealed entry.
pub(in crate::ledger) struct Sealed {
    pub(in crate::ledger) seq: i64,
    pub(in crate::ledger) hash: Vec<u8>,
    pub(in crate::ledger) entry: Entry,
}

/// The next sealed entries after a place in the chain.
pub(in crate::ledger) fn sealed(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<Sealed>> {
    let rows: Vec<(i64, Vec<u8>, HeadRow)> = s::ledger_seals
        .inner_join(e::ledger_entries.on(e::id.eq(s::entry_id)))
        .filter(s::seq.gt(after))
        .order(s::seq)
        .limit(limit)
        .select((s::seq, s::hash, e::ledger_entries::all_columns()))
        .load(conn)?;
    let (seals, heads): (Vec<_>, Vec<_>) =
        rows.into_iter().map(|(seq, hash, head)| ((seq, hash), head)).unzip();
    let entries = with_postings(conn, heads)?;
    let sealed = seals.into_iter().zip(entries);
    Ok(sealed.map(|((seq, hash), entry)| Sealed { seq, hash, entry }).collect())
}

/// The next entries that wait for their seal, by id.
pub(in crate::ledger) fn unsealed(
    conn: &mut Conn,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Entry>> {
    let mut query = u::ledger_unsealed
        .inner_join(e::ledger_entries.on(e::id.eq(u::entry_id)))
        .select(e::ledger_entries::all_columns())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(u::entry_id.gt(after));
    }
    let heads: Vec<HeadRow> = query.order(u::entry_id).limit(limit).load(conn)?;
    with_postings(conn, heads)
}

/// How many entries wait for their seal.
pub(in crate::ledger) fn count_unsealed(conn: &mut Conn) -> Result<i64> {
    Ok(u::ledger_unsealed.count().get_result(conn)?)
}

/// The end of the chain: its number and hash.
pub(in crate::ledger) fn seal_head(conn: &mut Conn) -> Result<Option<(i64, Vec<u8>)>> {
    Ok(s::ledger_seals.order(s::seq.desc()).select((s::seq, s::hash)).first(conn).optional()?)
}

/// Adds a seal, and takes the entry off the queue.
pub(in crate::ledger) fn insert_seal(
    conn: &mut Conn,
    seq: i64,
    entry: EntryId,
    hash: &[u8],
    now: crate::kernel::time::Instant,
) -> Result<()> {
    let row = (s::seq.eq(seq), s::entry_id.eq(entry), s::hash.eq(hash), s::sealed_at.eq(now));
    diesel::insert_into(s::ledger_seals).values(row).execute(conn)?;
    diesel::delete(u::ledger_unsealed.find(entry)).execute(conn)?;
    Ok(())
}

/// An entry that is neither sealed nor waits for it: somebody put it there behind our back.
pub(in crate::ledger) fn stray(conn: &mut Conn) -> Result<Option<EntryId>> {
    let sealed = s::ledger_seals.filter(s::entry_id.eq(e::id));
    let waiting = u::ledger_unsealed.filter(u::entry_id.eq(e::id));
    Ok(e::ledger_entries
        .filter(diesel::dsl::not(diesel::dsl::exists(sealed)))
        .filter(diesel::dsl::not(diesel::dsl::exists(waiting)))
        .select(e::id)
        .order(e::id)
        .first(conn)
        .optional()?)
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
    let mut query = a::ledger_accounts.select(account!()).into_boxed();
    if let Some(code) = code {
        query = query.filter(a::code.eq(code));
    }
    if let Some(after) = page.after {
        query = query.filter(a::id.lt(after));
    }
    Ok(query.order(a::id.desc()).limit(page.limit + 1).load(conn)?)
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

/// Sum of one side, by code, currency, bank account and fund.
#[derive(Debug, Clone, Queryable)]
pub struct Total {
    /// The code.
    pub code: Code,
    /// The currency.
    pub currency: Currency,
    /// The bank account.
    pub bank: Option<BankAccountId>,
    /// The fund that the postings are about.
    pub fund: Option<FundId>,
    /// The side.
    pub side: Side,
    /// Minor units.
    pub sum: Option<i64>,
}

/// Sums up to and including a day.
pub(in crate::ledger) fn totals(conn: &mut Conn, to: Date) -> Result<Vec<Total>> {
    Ok(p::ledger_postings
        .inner_join(a::ledger_accounts.on(a::id.eq(p::account_id)))
        .filter(p::effective_on.le(to))
        .group_by((a::code, p::currency, a::bank_account_id, p::fund_id, p::side))
        .select((a::code, p::currency, a::bank_account_id, p::fund_id, p::side, sum_i64(p::amount)))
        .order((a::code, p::currency, a::bank_account_id, p::fund_id, p::side))
        .load(conn)?)
}

/// The first and last day on which anything counts, within a range.
pub(in crate::ledger) fn days(conn: &mut Conn, range: &Range) -> Result<Option<(Date, Date)>> {
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
