//! Whether reversals are what they say.

use crate::kernel::Result;
use crate::kernel::ids::{AccountId, BudgetId, EntryId, FundId, GrantId};
use crate::ledger::model::MovementKind;
use crate::ledger::store::journal::{self, Entry};
use crate::platform::db::{Conn, is_unreadable};
use std::collections::HashMap;

/// What a line comes to: its account, what it adds there, and what it is about.
type Effect = (AccountId, i128, Option<FundId>, Option<BudgetId>, Option<GrantId>);

/// The reversals among these entries that are not the exact opposite of what they reverse.
pub(super) fn lame(conn: &mut Conn, entries: &[Entry]) -> Result<Vec<EntryId>> {
    let reversals: Vec<&Entry> = entries.iter().filter(|e| is_reversal(e)).collect();
    if reversals.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<EntryId> = reversals.iter().filter_map(|e| e.head.reverses_id).collect();
    let reversed = match journal::entries(conn, &ids) {
        // It is named where it stands in the chain.
        Err(problem) if is_unreadable(&problem) => return Ok(Vec::new()),
        result => result?,
    };
    let reversed: HashMap<EntryId, Entry> = reversed.into_iter().map(|e| (e.head.id, e)).collect();
    let is_lame = |entry: &&&Entry| {
        let of = entry.head.reverses_id.and_then(|id| reversed.get(&id));
        entry.head.kind != MovementKind::Reversal
            || of.is_none_or(|of| effects(entry, -1) != effects(of, 1))
    };
    Ok(reversals.iter().filter(is_lame).map(|e| e.head.id).collect())
}

fn is_reversal(entry: &Entry) -> bool {
    entry.head.kind == MovementKind::Reversal || entry.head.reverses_id.is_some()
}

/// What an entry comes to, its lines turned around where `turn` is below zero.
fn effects(entry: &Entry, turn: i128) -> Vec<Effect> {
    let effect =
        |p: &journal::Posting| (p.account.id, turn * p.signed(), p.fund, p.budget, p.grant);
    let mut effects: Vec<Effect> = entry.postings.iter().map(effect).collect();
    effects.sort();
    effects
}
