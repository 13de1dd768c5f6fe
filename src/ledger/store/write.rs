//! Adding entries and postings, a statement to each table.

use super::Accounts;
use crate::kernel::Result;
use crate::kernel::ids::{
    AccountId, BudgetId, EntryId, FundId, GrantId, Id, PersonId, PostingId, of,
};
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::ledger::model::{Code, Line, Movement, MovementKind, Side};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::db::ext::insert_rows;
use crate::platform::db::schema::ledger_entries::dsl as e;
use crate::platform::db::schema::ledger_postings::dsl as p;
use crate::platform::db::schema::ledger_unsealed::dsl as u;
use diesel::prelude::*;

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
    let ids = new_ids(ctx, movements);
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

pub(super) fn new_ids(ctx: &Ctx, movements: &[Movement]) -> Vec<EntryId> {
    movements.iter().map(|_| ctx.id::<of::Entry>()).collect()
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
