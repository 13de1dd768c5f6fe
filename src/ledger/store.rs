//! Rows of the ledger. Only this file inserts postings.

use super::model::{AccountKey, Code, Dims, Line, Movement, MovementKind, Side};
use crate::kernel::Result;
use crate::kernel::ids::{
    AccountId, BankAccountId, BudgetId, EntryId, FundId, GrantId, Id, PersonId, of,
};
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Both, Kept, padded, sum_i64};
use crate::platform::db::schema::ledger_accounts::dsl as a;
use crate::platform::db::schema::ledger_entries::dsl as e;
use crate::platform::db::schema::ledger_postings::dsl as p;
use diesel::prelude::*;
use std::collections::BTreeMap;

mod call;
pub(super) mod journal;
pub(super) mod seals;
pub(super) mod statement;
pub(super) mod sums;
mod write;

crate::db_text!(Side, Code, MovementKind);

/// Ids of accounts by the spelling of their keys.
type Accounts = BTreeMap<String, AccountId>;

#[derive(Insertable)]
#[diesel(table_name = crate::platform::db::schema::ledger_accounts)]
struct NewAccount {
    id: AccountId,
    key: String,
    code: Code,
    currency: Currency,
    fund_id: Option<FundId>,
    budget_id: Option<BudgetId>,
    grant_id: Option<GrantId>,
    bank_account_id: Option<BankAccountId>,
    guarded: bool,
    balance: i64,
    created_at: Instant,
}

/// By how much guarded balances change, by the spelling of their accounts' keys.
pub(super) type Changes = BTreeMap<String, (AccountKey, i64)>;

/// What became of an attempt to post.
pub(super) enum Posted {
    /// It is written.
    Done(Vec<EntryId>),
    /// An account is not there; nothing was changed.
    NoAccount,
    /// The balance of this account does not allow it; others may be changed already.
    Refused(String),
}

/// Changes guarded balances, each by one conditional update in the order of their accounts' ids,
/// and writes the movements.
pub(super) fn post(
    conn: &mut Conn,
    ctx: &Ctx,
    movements: &[Movement],
    (keys, changes): (&BTreeMap<String, AccountKey>, &Changes),
) -> Result<Posted> {
    if let Conn::Pg(conn) = conn {
        return call::post(conn, ctx, movements, (keys, changes));
    }
    let accounts = find(conn, keys)?;
    if accounts.len() != keys.len() {
        return Ok(Posted::NoAccount);
    }
    let mut by_id: BTreeMap<AccountId, (&String, i64)> = BTreeMap::new();
    for (text, (_, delta)) in changes.iter().filter(|(_, (_, delta))| *delta != 0) {
        let missing = || Problem::internal("a change without its account");
        by_id.insert(*accounts.get(text).ok_or_else(missing)?, (text, *delta));
    }
    for (id, (text, delta)) in by_id {
        if !change(conn, id, delta)? {
            return Ok(Posted::Refused(text.clone()));
        }
    }
    Ok(Posted::Done(write::insert(conn, ctx, movements, &accounts)?))
}

/// Makes the accounts with these keys where absent. Two that make the same one at once end up with
/// one: the unique key decides, not a look before.
pub(super) fn make_accounts(
    conn: &mut Conn,
    ctx: &Ctx,
    keys: &BTreeMap<String, AccountKey>,
) -> Result<()> {
    let found = find(conn, keys)?;
    for (text, key) in keys.iter().filter(|(text, _)| !found.contains_key(*text)) {
        let row = NewAccount {
            id: ctx.id::<of::Account>(),
            key: text.clone(),
            code: key.code,
            currency: key.currency,
            fund_id: key.dims.fund,
            budget_id: key.dims.budget,
            grant_id: key.dims.grant,
            bank_account_id: key.dims.bank,
            guarded: key.code.guarded(),
            balance: 0,
            created_at: ctx.now,
        };
        let insert =
            diesel::insert_into(a::ledger_accounts).values(row).on_conflict(a::key).do_nothing();
        Both(insert).execute(conn)?;
    }
    Ok(())
}

fn find(conn: &mut Conn, keys: &BTreeMap<String, AccountKey>) -> Result<Accounts> {
    let keys: Vec<&String> = keys.keys().collect();
    let query = a::ledger_accounts.filter(a::key.eq_any(padded(&keys))).select((a::key, a::id));
    let rows: Vec<(String, AccountId)> = Kept(query).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// Changes a guarded balance unless it would leave the range from zero to what a number holds;
/// whether it did. The condition adds nothing up: a sum past the end is an error on PostgreSQL,
/// and a fraction on SQLite.
fn change(conn: &mut Conn, account: AccountId, delta: i64) -> Result<bool> {
    let (least, most) = if delta < 0 { (-delta, i64::MAX) } else { (0, i64::MAX - delta) };
    let change = diesel::update(a::ledger_accounts.find(account))
        .filter(a::balance.between(least, most))
        .set(a::balance.eq(a::balance + delta))
        .returning(a::id);
    Ok(Kept(change).load::<AccountId>(conn)?.len() == 1)
}

pub(super) fn balance(conn: &mut Conn, key: &str) -> Result<i64> {
    let found: Option<i64> =
        a::ledger_accounts.filter(a::key.eq(key)).select(a::balance).first(conn).optional()?;
    Ok(found.unwrap_or(0))
}

/// Guarded balances by code, currency and dimension, of one owner.
pub(super) fn balances(conn: &mut Conn, of: Owner) -> Result<Vec<Balance>> {
    let query = a::ledger_accounts
        .filter(a::guarded.eq(true))
        .select((a::code, a::currency, a::fund_id, a::budget_id, a::grant_id, a::balance))
        .into_boxed();
    let query = match of {
        Owner::Fund(id) => query.filter(a::fund_id.eq(id)),
        Owner::Budget(id) => query.filter(a::budget_id.eq(id)),
        Owner::Grant(id) => query.filter(a::grant_id.eq(id)),
        Owner::Account(id) => query.filter(a::id.eq(id)),
    };
    let rows = query.order((a::code, a::id)).load::<BalanceRow>(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The sums of the guarded balances of one code, by grant.
pub(super) fn of_grants(
    conn: &mut Conn,
    code: Code,
    grants: &[GrantId],
) -> Result<Vec<(GrantId, i64)>> {
    let rows: Vec<(Option<GrantId>, Option<i64>)> = a::ledger_accounts
        .filter(a::guarded.eq(true).and(a::code.eq(code)))
        .filter(a::grant_id.eq_any(padded(grants)))
        .group_by(a::grant_id)
        .select((a::grant_id, sum_i64(a::balance)))
        .load(conn)?;
    let sums = rows.into_iter().filter_map(|(id, sum)| Some((id?, sum.unwrap_or(0))));
    Ok(sums.collect())
}

/// The sums of guarded balances by code, of one owner, in one currency.
pub(super) fn sums(conn: &mut Conn, of: Owner, currency: Currency) -> Result<Vec<(Code, i64)>> {
    let query = a::ledger_accounts
        .filter(a::guarded.eq(true).and(a::currency.eq(currency)))
        .group_by(a::code)
        .select((a::code, sum_i64(a::balance)))
        .into_boxed();
    let query = match of {
        Owner::Fund(id) => query.filter(a::fund_id.eq(id)),
        Owner::Budget(id) => query.filter(a::budget_id.eq(id)),
        Owner::Grant(id) => query.filter(a::grant_id.eq(id)),
        Owner::Account(id) => query.filter(a::id.eq(id)),
    };
    let rows: Vec<(Code, Option<i64>)> = query.load(conn)?;
    Ok(rows.into_iter().map(|(code, sum)| (code, sum.unwrap_or(0))).collect())
}

/// What was posted to grants payable and payments in transit of one fund's money, by side.
pub(super) fn owed_of_fund(
    conn: &mut Conn,
    fund: FundId,
    currency: Currency,
) -> Result<Vec<(Side, i64)>> {
    let owed = a::code.eq_any([Code::GrantsPayable, Code::InTransit]);
    let rows: Vec<(Side, Option<i64>)> = p::ledger_postings
        .inner_join(a::ledger_accounts.on(a::id.eq(p::account_id)))
        .filter(p::fund_id.eq(fund).and(a::currency.eq(currency)).and(owed))
        .group_by(p::side)
        .select((p::side, sum_i64(p::amount)))
        .load(conn)?;
    Ok(rows.into_iter().map(|(side, sum)| (side, sum.unwrap_or(0))).collect())
}

/// The account with this key; none where nothing was ever posted to it.
pub(super) fn account(conn: &mut Conn, key: &str) -> Result<Option<AccountId>> {
    Ok(a::ledger_accounts.filter(a::key.eq(key)).select(a::id).first(conn).optional()?)
}

/// All that was posted to the account with this key, by side.
pub(super) fn sums_by_side(conn: &mut Conn, key: &str) -> Result<Vec<(Side, i64)>> {
    let Some(account) = account(conn, key)? else { return Ok(Vec::new()) };
    let rows: Vec<(Side, Option<i64>)> = p::ledger_postings
        .filter(p::account_id.eq(account))
        .group_by(p::side)
        .select((p::side, sum_i64(p::amount)))
        .load(conn)?;
    Ok(rows.into_iter().map(|(side, sum)| (side, sum.unwrap_or(0))).collect())
}

/// Whose balances.
#[derive(Debug, Clone, Copy)]
pub enum Owner {
    /// Of a fund.
    Fund(FundId),
    /// Of a budget.
    Budget(BudgetId),
    /// Of a grant.
    Grant(GrantId),
    /// Of one account of the ledger.
    Account(AccountId),
}

/// A guarded balance.
#[derive(Debug, Clone, Copy)]
pub struct Balance {
    /// Its code.
    pub code: Code,
    /// The fund, where it has one.
    pub fund: Option<FundId>,
    /// The budget, where it has one.
    pub budget: Option<BudgetId>,
    /// The grant, where it has one.
    pub grant: Option<GrantId>,
    /// How much.
    pub amount: Money,
}

#[derive(Queryable)]
struct BalanceRow {
    code: Code,
    currency: Currency,
    fund: Option<FundId>,
    budget: Option<BudgetId>,
    grant: Option<GrantId>,
    balance: i64,
}
impl From<BalanceRow> for Balance {
    fn from(r: BalanceRow) -> Self {
        let amount = Money::new(r.balance, r.currency);
        Self { code: r.code, fund: r.fund, budget: r.budget, grant: r.grant, amount }
    }
}

#[derive(Queryable)]
struct LineRow {
    code: Code,
    currency: Currency,
    bank: Option<BankAccountId>,
    side: Side,
    amount: i64,
    fund: Option<FundId>,
    budget: Option<BudgetId>,
    grant: Option<GrantId>,
}

/// The lines of an entry, as they were posted.
pub(super) fn lines(conn: &mut Conn, entry: EntryId) -> Result<Vec<Line>> {
    let rows: Vec<LineRow> = p::ledger_postings
        .inner_join(a::ledger_accounts.on(a::id.eq(p::account_id)))
        .filter(p::entry_id.eq(entry))
        .order(p::line)
        .select((
            a::code,
            p::currency,
            a::bank_account_id,
            p::side,
            p::amount,
            p::fund_id,
            p::budget_id,
            p::grant_id,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let dims = Dims { fund: r.fund, budget: r.budget, grant: r.grant, bank: r.bank };
            Line {
                account: AccountKey::new(r.code, r.currency, dims),
                side: r.side,
                amount: Money::new(r.amount, r.currency),
                dims,
            }
        })
        .collect())
}

/// What is known of an entry besides its lines.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = LedgerEntryHead)]
pub struct Head {
    /// Its id.
    pub id: EntryId,
    /// What happened.
    pub kind: MovementKind,
    /// The day that it counts for.
    pub effective_on: Date,
    /// When it was written.
    pub recorded_at: Instant,
    /// In words.
    pub memo: String,
    /// Kind of what caused it.
    pub source_kind: String,
    /// Id of what caused it.
    #[schema(value_type = String, format = "uuid")]
    pub source_id: uuid::Uuid,
    /// Who did it; null for the service itself.
    pub person_id: Option<PersonId>,
    /// The entry that it reverses.
    pub reverses_id: Option<EntryId>,
}

#[derive(Queryable)]
struct HeadRow {
    id: EntryId,
    kind: MovementKind,
    effective_on: Date,
    recorded_at: Instant,
    memo: String,
    source_kind: String,
    source_id: Id<of::Event>,
    person_id: Option<PersonId>,
    reverses_id: Option<EntryId>,
}
impl From<HeadRow> for Head {
    fn from(r: HeadRow) -> Self {
        Self {
            id: r.id,
            kind: r.kind,
            effective_on: r.effective_on,
            recorded_at: r.recorded_at,
            memo: r.memo,
            source_kind: r.source_kind,
            source_id: r.source_id.uuid(),
            person_id: r.person_id,
            reverses_id: r.reverses_id,
        }
    }
}

pub(super) fn head(conn: &mut Conn, id: EntryId) -> Result<Option<Head>> {
    let row: Option<HeadRow> = e::ledger_entries.find(id).first(conn).optional()?;
    Ok(row.map(Into::into))
}

/// The reversal of an entry.
pub(super) fn reversal_of(conn: &mut Conn, id: EntryId) -> Result<Option<EntryId>> {
    let query = e::ledger_entries.filter(e::reverses_id.eq(id)).select(e::id);
    Ok(query.first(conn).optional()?)
}
