//! Posting in one call to PostgreSQL (migration 0013), for each statement is a way there and back.

use super::write::new_ids;
use super::{Changes, Posted};
use crate::kernel::Result;
use crate::kernel::ids::{BudgetId, EntryId, FundId, GrantId, Id, PostingId, of};
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::ledger::model::{AccountKey, Movement, MovementKind, Side};
use crate::platform::context::Ctx;
use crate::platform::db::ext::Kept;
use crate::platform::db::types::{SqlDate, SqlId, SqlInstant};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text};
use std::collections::BTreeMap;

const CALL: &str = "SELECT ledger_post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
    $14, $15, $16, $17, $18, $19, $20) AS refused";

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Nullable<Text>)]
    refused: Option<String>,
}

/// A column of each entry.
#[derive(Default)]
struct Entries<'a> {
    kinds: Vec<MovementKind>,
    days: Vec<Date>,
    memos: Vec<&'a str>,
    source_kinds: Vec<&'static str>,
    source_ids: Vec<Id<of::Event>>,
    reverses: Vec<Option<EntryId>>,
}

impl<'a> Entries<'a> {
    fn of(movements: &'a [Movement]) -> Self {
        let mut all = Self::default();
        for movement in movements {
            all.kinds.push(movement.kind);
            all.days.push(movement.on);
            all.memos.push(&movement.memo);
            all.source_kinds.push(movement.source.0);
            all.source_ids.push(Id::from_uuid(movement.source.1));
            all.reverses.push(movement.reverses);
        }
        all
    }
}

/// A column of each posting; entries and accounts by their place, from one.
#[derive(Default)]
struct Postings {
    ids: Vec<PostingId>,
    entries: Vec<i32>,
    lines: Vec<i32>,
    accounts: Vec<i32>,
    sides: Vec<Side>,
    amounts: Vec<i64>,
    funds: Vec<Option<FundId>>,
    budgets: Vec<Option<BudgetId>>,
    grants: Vec<Option<GrantId>>,
}

impl Postings {
    fn of(ctx: &Ctx, movements: &[Movement], keys: &BTreeMap<String, AccountKey>) -> Result<Self> {
        let places: BTreeMap<&str, i32> = keys.keys().map(String::as_str).zip(1..).collect();
        let missing = || Problem::internal("a line without its account");
        let mut all = Self::default();
        for (entry, movement) in (1..).zip(movements) {
            for (number, line) in (1..).zip(&movement.lines) {
                let place = places.get(line.account.text().as_str()).ok_or_else(missing)?;
                all.ids.push(ctx.id());
                all.entries.push(entry);
                all.lines.push(number);
                all.accounts.push(*place);
                all.sides.push(line.side);
                all.amounts.push(line.amount.minor());
                all.funds.push(line.dims.fund);
                all.budgets.push(line.dims.budget);
                all.grants.push(line.dims.grant);
            }
        }
        Ok(all)
    }
}

/// Changes the guarded balances and writes the movements.
pub(super) fn post(
    conn: &mut PgConnection,
    ctx: &Ctx,
    movements: &[Movement],
    (keys, changes): (&BTreeMap<String, AccountKey>, &Changes),
) -> Result<Posted> {
    let ids = new_ids(ctx, movements);
    let texts: Vec<&str> = keys.keys().map(String::as_str).collect();
    let delta = |text: &&str| changes.get(*text).map_or(0, |(_, delta)| *delta);
    let deltas: Vec<i64> = texts.iter().map(delta).collect();
    let entries = Entries::of(movements);
    let postings = Postings::of(ctx, movements, keys)?;
    let call = diesel::sql_query(CALL)
        .bind::<Array<Text>, _>(&texts)
        .bind::<Array<BigInt>, _>(&deltas)
        .bind::<Array<SqlId>, _>(&ids)
        .bind::<Array<Text>, _>(&entries.kinds)
        .bind::<Array<SqlDate>, _>(&entries.days)
        .bind::<SqlInstant, _>(ctx.env.clock.now())
        .bind::<Array<Text>, _>(&entries.memos)
        .bind::<Array<Text>, _>(&entries.source_kinds)
        .bind::<Array<SqlId>, _>(&entries.source_ids)
        .bind::<Nullable<SqlId>, _>(ctx.actor.person())
        .bind::<Array<Nullable<SqlId>>, _>(&entries.reverses)
        .bind::<Array<SqlId>, _>(&postings.ids)
        .bind::<Array<Integer>, _>(&postings.entries)
        .bind::<Array<Integer>, _>(&postings.lines)
        .bind::<Array<Integer>, _>(&postings.accounts)
        .bind::<Array<Text>, _>(&postings.sides)
        .bind::<Array<BigInt>, _>(&postings.amounts)
        .bind::<Array<Nullable<SqlId>>, _>(&postings.funds)
        .bind::<Array<Nullable<SqlId>>, _>(&postings.budgets)
        .bind::<Array<Nullable<SqlId>>, _>(&postings.grants);
    let answer: Answer = Kept(call).get_result(conn)?;
    Ok(match answer.refused {
        None => Posted::Done(ids),
        Some(key) if key.is_empty() => Posted::NoAccount,
        Some(key) => Posted::Refused(key),
    })
}
