//! Sums of postings, made by the database and too wide to overflow.

use crate::kernel::Result;
use crate::kernel::ids::{AccountId, BankAccountId, EntryId, FundId};
use crate::kernel::money::Currency;
use crate::kernel::time::Date;
use crate::ledger::model::{Code, Side, Sum};
use crate::platform::db::Conn;
use crate::platform::db::ext::{sum_wide, wide};
use crate::platform::db::schema::ledger_accounts::dsl as a;
use crate::platform::db::schema::ledger_entries::dsl as e;
use crate::platform::db::schema::ledger_postings::dsl as p;
use diesel::dsl::max;
use diesel::prelude::*;

use super::Owner;
use super::journal::Range;

/// The two halves of a sum.
type Halves = (Option<i64>, Option<i64>);

/// The sum of one side of the accounts of one code, currency and bank account, about one fund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// The code.
    pub code: Code,
    /// The bank account, where the code has them.
    pub bank: Option<BankAccountId>,
    /// The fund that it is about, if any.
    pub fund: Option<FundId>,
    /// The side.
    pub side: Side,
    /// The sum.
    pub sum: Sum,
}

type TotalRow = (Code, Currency, Option<BankAccountId>, Option<FundId>, Side, Halves);

/// Sums by code, currency, bank account, fund and side of what counts within a range.
pub(in crate::ledger) fn totals(conn: &mut Conn, range: Range) -> Result<Vec<Total>> {
    let key = (p::code, p::currency, a::bank_account_id, p::fund_id, p::side);
    let mut query = p::ledger_postings
        .inner_join(a::ledger_accounts.on(a::id.eq(p::account_id)))
        .group_by(key)
        .select((
            p::code,
            p::currency,
            a::bank_account_id,
            p::fund_id,
            p::side,
            sum_wide(p::amount),
        ))
        .order(key)
        .into_boxed();
    if let Some(from) = range.from {
        query = query.filter(p::effective_on.ge(from));
    }
    if let Some(to) = range.to {
        query = query.filter(p::effective_on.le(to));
    }
    let rows: Vec<TotalRow> = query.load(conn)?;
    let total = |(code, currency, bank, fund, side, halves): TotalRow| Total {
        code,
        bank,
        fund,
        side,
        sum: Sum { minor: wide(halves), currency },
    };
    Ok(rows.into_iter().map(total).collect())
}

/// The sum of one side of an account.
#[derive(Debug, Clone, Copy)]
pub(in crate::ledger) struct Posted {
    pub(in crate::ledger) account: AccountId,
    pub(in crate::ledger) side: Side,
    pub(in crate::ledger) minor: i128,
}

/// Sums by side of the accounts with ids above one and up to another, by account.
pub(in crate::ledger) fn of_accounts(
    conn: &mut Conn,
    above: Option<AccountId>,
    up_to: AccountId,
) -> Result<Vec<Posted>> {
    let mut query = p::ledger_postings
        .filter(p::account_id.le(up_to))
        .group_by((p::account_id, p::side))
        .select((p::account_id, p::side, sum_wide(p::amount)))
        .order((p::account_id, p::side))
        .into_boxed();
    if let Some(above) = above {
        query = query.filter(p::account_id.gt(above));
    }
    let rows: Vec<(AccountId, Side, Halves)> = query.load(conn)?;
    let posted = |(account, side, halves)| Posted { account, side, minor: wide(halves) };
    Ok(rows.into_iter().map(posted).collect())
}

/// The newest entry on an account.
pub(in crate::ledger) fn newest(conn: &mut Conn, account: AccountId) -> Result<Option<EntryId>> {
    let day: Option<Date> = p::ledger_postings
        .filter(p::account_id.eq(account))
        .select(max(p::effective_on))
        .first(conn)?;
    let Some(day) = day else { return Ok(None) };
    Ok(p::ledger_postings
        .filter(p::account_id.eq(account).and(p::effective_on.eq(day)))
        .select(p::entry_id)
        .order(p::entry_id.desc())
        .first(conn)
        .optional()?)
}

/// Sums by code, currency and side of an owner's postings before a day, or up to and including a
/// line in the order of days; of these codes only, if any are named.
pub(in crate::ledger) fn of_owner_before(
    conn: &mut Conn,
    (owner, codes): (Owner, Option<&'static [Code]>),
    (day, place): (Date, Option<(EntryId, i32)>),
) -> Result<Vec<(Code, Side, Sum)>> {
    let query = p::ledger_postings
        .group_by((p::code, p::currency, p::side))
        .select((p::code, p::currency, p::side, sum_wide(p::amount)))
        .order((p::code, p::currency, p::side))
        .into_boxed();
    let query = match owner {
        Owner::Fund(id) => query.filter(p::fund_id.eq(id)),
        Owner::Budget(id) => query.filter(p::budget_id.eq(id)),
        Owner::Grant(id) => query.filter(p::grant_id.eq(id)),
        Owner::Account(id) => query.filter(p::account_id.eq(id)),
    };
    let query = match codes {
        Some(codes) => query.filter(p::code.eq_any(codes)),
        None => query,
    };
    let query = match place {
        Some((entry, line)) => query.filter(p::effective_on.le(day)).filter(
            p::effective_on
                .lt(day)
                .or(p::entry_id.lt(entry))
                .or(p::entry_id.eq(entry).and(p::line.le(line))),
        ),
        None => query.filter(p::effective_on.lt(day)),
    };
    let rows: Vec<(Code, Currency, Side, Halves)> = query.load(conn)?;
    let sum = |(code, currency, side, halves): (_, _, _, Halves)| {
        (code, side, Sum { minor: wide(halves), currency })
    };
    Ok(rows.into_iter().map(sum).collect())
}

/// How many entries and postings there are.
pub(in crate::ledger) fn counts(conn: &mut Conn) -> Result<(i64, i64)> {
    let entries = e::ledger_entries.count().get_result(conn)?;
    Ok((entries, p::ledger_postings.count().get_result(conn)?))
}
