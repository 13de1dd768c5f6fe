//! Rows of the ledger. Only this file inserts postings.

use super::model::{AccountKey, Code, Dims, Line, Movement, MovementKind, Side};
use crate::kernel::Result;
use crate::kernel::ids::{
    AccountId, BankAccountId, BudgetId, EntryId, FundId, GrantId, Id, PersonId, PostingId, of,
};
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Both, Kept, insert_rows, padded, sum_i64};
use crate::platform::db::schema::ledger_accounts::dsl as a;
use crate::platform::db::schema::ledger_entries::dsl as e;
use crate::platform::db::schema::ledger_postings::dsl as p;
use crate::platform::db::schema::ledger_unsealed::dsl as u;
use diesel::prelude::*;
use std::collections::BTreeMap;

pub(super) mod journal;
pub(super) mod seals;
pub(super) mod statement;
pub(super) mod sums;

crate::db_text!(Side, Code, MovementKind);

/// Ids of accounts by the spelling of their keys.
pub(super) type Accounts = BTreeMap<String, AccountId>;

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

/// The accounts with these keys, made where absent. Two that make the same one at once end up
/// with one: the unique key decides, not a look before.
pub(super) fn accounts(
    conn: &mut Conn,
    ctx: &Ctx,
    keys: &BTreeMap<String, AccountKey>,
) -> Result<Accounts> {
    let found = find(conn, keys)?;
    if found.len() == keys.len() {
        return Ok(found);
    }
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
    find(conn, keys)
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
pub(super) fn change(conn: &mut Conn, account: AccountId, delta: i64) -> Result<bool> {
    let (least, most) = if delta < 0 { (-delta, i64::MAX) } else { (0, i64::MAX - delta) };
    let change = diesel::update(a::ledger_accounts.find(account))
        .filter(a::balance.between(least, most))
        .set(a::balance.eq(a::balance + delta));
    Ok(Kept(change).execute(conn)? == 1)
}

pub(super) fn balance(conn: &mut Conn, key: &str) -> Result<i64> {
    let found: Option<i64> =
        a::ledger_accounts.filter(a::key.eq(key)).select(a::balance).first(conn).optional()?;
    Ok(found.unwrap_or(0))
}

/// Guarded balances by code, currency and dimension, of one fund, budget or grant.
pub(super) fn balances(conn: &mut Conn, of: Owner) -> Result<Vec<Balance>> {
    let query = a::ledger_accounts
        .filter(a::guarded.eq(true))
        .select((a::code, a::currency, a::fund_id, a::budget_id, a::grant_id, a::balance))
        .into_boxed();
    let query = match of {
        Owner::Fund(id) => query.filter(a::fund_id.eq(id)),
        Owner::Budget(id) => query.filter(a::budget_id.eq(id)),
        Owner::Grant(id) => query.filter(a::grant_id.eq(id)),
    };
    let rows = query.order((a::code, a::id)).load::<BalanceRow>(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The sums of guarded balances by code, of one fund, budget or grant, in one currency.
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
    };
    let rows: Vec<(Code, Option<i64>)> = query.load(conn)?;
    Ok(rows.into_iter().map(|(code, sum)| (code, sum.unwrap_or(0))).collect())
}

/// All that was posted to the account with this key, by side.
pub(super) fn sums_by_side(conn: &mut Conn, key: &str) -> Result<Vec<(Side, i64)>> {
    let account = a::ledger_accounts.filter(a::key.eq(key)).select(a::id);
    let account: Option<AccountId> = account.first(conn).optional()?;
    let Some(account) = account else { return Ok(Vec::new()) };
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

#[derive(Insertable)]
#[diesel(table_name = crate::platform::db::schema::ledger_entries)]
#[diesel(treat_none_as_default_value = false)]
struct NewEntry<'a> {
    id: EntryId,
    kind: MovementKind,
    effective_on: Date,
    recorded_at: Instant,
    memo: &'a str,
    source_kind: &'a str,
    source_id: Id<of::Event>,
    person_id: Option<PersonId>,
    reverses_id: Option<EntryId>,
}

#[derive(Insertable)]
#[diesel(table_name = crate::platform::db::schema::ledger_postings)]
#[diesel(treat_none_as_default_value = false)]
struct NewPosting {
    id: PostingId,
    entry_id: EntryId,
    line: i32,
    account_id: AccountId,
    code: Code,
    side: Side,
    amount: i64,
    currency: Currency,
    effective_on: Date,
    fund_id: Option<FundId>,
    budget_id: Option<BudgetId>,
    grant_id: Option<GrantId>,
}

#[derive(Insertable)]
#[diesel(table_name = crate::platform::db::schema::ledger_unsealed)]
#[diesel(treat_none_as_default_value = false)]
struct NewUnsealed {
    entry_id: EntryId,
}

/// Writes entries, their postings, and their places in the queue for sealing.
pub(super) fn insert(
    conn: &mut Conn,
    ctx: &Ctx,
    movements: &[Movement],
    accounts: &Accounts,
) -> Result<Vec<EntryId>> {
    let ids: Vec<EntryId> = movements.iter().map(|_| ctx.id::<of::Entry>()).collect();
    // The clock's, not the context's: an import acts at the date of accounting.
    let at = ctx.env.clock.now();
    let entry = |(id, movement): (&EntryId, _)| new_entry(*id, ctx, at, movement);
    let entries: Vec<NewEntry<'_>> = ids.iter().zip(movements).map(entry).collect();
    let mut postings = Vec::new();
    for (id, movement) in ids.iter().zip(movements) {
        for (line, number) in movement.lines.iter().zip(1i32..) {
            postings.push(new_posting(ctx, (*id, movement.on, number), line, accounts)?);
        }
    }
    let queued: Vec<NewUnsealed> = ids.iter().map(|id| NewUnsealed { entry_id: *id }).collect();
    insert_rows!(conn, e::ledger_entries, entries);
    insert_rows!(conn, p::ledger_postings, postings);
    insert_rows!(conn, u::ledger_unsealed, queued);
    Ok(ids)
}

fn new_entry<'a>(id: EntryId, ctx: &Ctx, at: Instant, movement: &'a Movement) -> NewEntry<'a> {
    NewEntry {
        id,
        kind: movement.kind,
        effective_on: movement.on,
        recorded_at: at,
        memo: &movement.memo,
        source_kind: movement.source.0,
        source_id: Id::from_uuid(movement.source.1),
        person_id: ctx.actor.person(),
        reverses_id: movement.reverses,
    }
}

fn new_posting(
    ctx: &Ctx,
    (entry_id, effective_on, line): (EntryId, Date, i32),
    Line { account, side, amount, dims }: &Line,
    accounts: &Accounts,
) -> Result<NewPosting> {
    let missing = || Problem::internal("an account was not made");
    Ok(NewPosting {
        id: ctx.id::<of::Posting>(),
        entry_id,
        line,
        account_id: *accounts.get(&account.text()).ok_or_else(missing)?,
        code: account.code,
        side: *side,
        amount: amount.minor(),
        currency: amount.currency(),
        effective_on,
        fund_id: dims.fund,
        budget_id: dims.budget,
        grant_id: dims.grant,
    })
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
