//! Lists, statements and the trial balance say what was posted, a page at a time.

use super::town::{Town, history};
use super::{Room, day};
use crate::support::Harness;
use almoner::kernel::ids::{AccountId, EntryId};
use almoner::kernel::page::PageQuery;
use almoner::kernel::time::Date;
use almoner::ledger::model::{Book, Code, MovementKind, Side, Sum};
use almoner::ledger::service::{self, Days, EntryFilter, LedgerEntry, Owner, Statement};
use std::collections::{BTreeMap, BTreeSet};

fn every_entry(room: &Room<'_>, town: &Town) -> Vec<LedgerEntry> {
    let all = town.entries.iter();
    let mut all: Vec<LedgerEntry> =
        all.map(|id| room.read(|conn| service::entry(conn, &room.ctx, *id))).collect();
    all.sort_by_key(|e| (e.head.effective_on, e.head.id));
    all
}

fn listed(room: &Room<'_>, filter: &EntryFilter, limit: i64) -> Vec<EntryId> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let query = PageQuery { limit: Some(limit), after: after.clone() };
        let page = room.read(|conn| service::entries(conn, &room.ctx, filter, &query.checked()?));
        all.extend(page.items.iter().map(|h| h.id));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

fn pages(room: &Room<'_>, owner: Owner, days: Days, limit: i64) -> Vec<Statement> {
    let (mut all, mut after): (Vec<Statement>, Option<String>) = (Vec::new(), None);
    loop {
        let query = PageQuery { limit: Some(limit), after: after.clone() };
        let page = room.read(|conn| service::statement(conn, owner, days, &query.checked()?));
        after = page.next.clone();
        all.push(page);
        if after.is_none() {
            return all;
        }
    }
}

/// Whether a line is about an owner.
fn is_about(owner: Owner, p: &service::LedgerPosting) -> bool {
    match owner {
        Owner::Fund(id) => p.fund_id == Some(id),
        Owner::Budget(id) => p.budget_id == Some(id),
        Owner::Grant(id) => p.grant_id == Some(id),
        Owner::Account(id) => p.account_id == id,
    }
}

/// Whether a line is on an account of an owner: of a fund, or of an account, all that is about it.
fn is_own(owner: Owner, p: &service::LedgerPosting) -> bool {
    let own: &[&str] = match owner {
        Owner::Fund(_) | Owner::Account(_) => return is_about(owner, p),
        Owner::Budget(_) => &["8200", "8300", "8400", "8500"],
        Owner::Grant(_) => &["1050", "2000", "2100", "8400", "8500"],
    };
    is_about(owner, p) && own.contains(&p.code.as_str())
}

fn owners(town: &Town) -> Vec<Owner> {
    let funds = town.funds.iter().map(|id| Owner::Fund(*id));
    let budgets = town.budgets.iter().map(|b| Owner::Budget(b.0));
    funds.chain(budgets).chain(town.grants.iter().map(|id| Owner::Grant(*id))).collect()
}

/// Debits are credits, per book and currency.
fn balanced(closing: &[service::StatementBalance]) {
    let mut sums: BTreeMap<(Book, String), i128> = BTreeMap::new();
    for b in closing {
        let key = (b.code.book(), b.balance.currency.to_string());
        *sums.entry(key).or_default() += b.balance.minor * b.code.normal_side().sign();
    }
    assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
}

both! {
    fn entries_are_listed_by_every_filter(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 70);
        let all = every_entry(&room, &town);
        let middle = all[all.len() / 2].head.effective_on;
        let ranges: [(Option<Date>, Option<Date>); 4] = [
            (None, None),
            (Some(middle), None),
            (None, Some(middle)),
            (Some(middle), Some(middle)),
        ];
        let mut filters = vec![EntryFilter::default()];
        filters.extend(
            owners(&town).into_iter().map(|o| EntryFilter { owner: Some(o), ..Default::default() }),
        );
        filters
            .extend(Code::ALL.iter().map(|c| EntryFilter { code: Some(*c), ..Default::default() }));
        filters.extend(
            MovementKind::ALL.iter().map(|k| EntryFilter { kind: Some(*k), ..Default::default() }),
        );
        filters.push(EntryFilter {
            owner: Some(Owner::Fund(town.funds[0])),
            code: Some(Code::Available),
            kind: Some(MovementKind::OfferPlaced),
            ..Default::default()
        });
        for (n, filter) in filters.into_iter().enumerate() {
            let (from, to) = ranges[n % 4];
            let filter = EntryFilter { from, to, ..filter };
            let wanted: Vec<EntryId> = all
                .iter()
                .rev()
                .filter(|e| {
                    let mut line = e.postings.iter();
                    filter.kind.is_none_or(|k| k == e.head.kind)
                        && from.is_none_or(|d| e.head.effective_on >= d)
                        && to.is_none_or(|d| e.head.effective_on <= d)
                        && line.any(|p| {
                            filter.owner.is_none_or(|o| is_about(o, p))
                                && filter.code.is_none_or(|c| c == p.code)
                        })
                })
                .map(|e| e.head.id)
                .collect();
            for limit in [3, 200] {
                assert_eq!(listed(&room, &filter, limit), wanted, "{filter:?}, {limit} a page");
            }
        }
    }

    fn statements_carry_their_balances_from_page_to_page(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 70);
        let all = every_entry(&room, &town);
        let middle = all[all.len() / 2].head.effective_on;
        let cash = all.iter().flat_map(|e| &e.postings).filter(|p| p.code == Code::Cash);
        let cash: BTreeSet<AccountId> = cash.map(|p| p.account_id).collect();
        assert!(cash.len() > 1, "{cash:?}");
        let accounts = cash.into_iter().map(Owner::Account);
        for (n, owner) in owners(&town).into_iter().chain(accounts).enumerate() {
            let days = match n % 3 {
                0 => Days::default(),
                1 => Days { from: Some(middle), to: None },
                _ => Days { from: Some(middle), to: Some(middle.plus_days(90)) },
            };
            let mut balances: BTreeMap<(Code, String), Sum> = BTreeMap::new();
            let pages = pages(&room, owner, days, 4);
            let mut lines = pages.iter().flat_map(|page| &page.lines);
            for entry in &all {
                let on = entry.head.effective_on;
                for p in entry.postings.iter().filter(|p| is_own(owner, p)) {
                    if days.to.is_some_and(|to| on > to) {
                        continue;
                    }
                    let sign = if p.side == p.code.normal_side() { 1 } else { -1 };
                    let currency = p.amount.currency();
                    let key = (p.code, currency.to_string());
                    let sum = balances.entry(key).or_insert(Sum { minor: 0, currency });
                    sum.minor += sign * i128::from(p.amount.minor());
                    if days.from.is_some_and(|from| on < from) {
                        continue;
                    }
                    let line = lines.next().expect("a line for each posting");
                    assert_eq!((line.entry_id, line.on, line.code), (entry.head.id, on, p.code));
                    assert_eq!((line.amount, line.side, &line.balance), (p.amount, p.side, &*sum));
                }
            }
            assert!(lines.next().is_none(), "{owner:?}");
            let closing = &pages.last().expect("a page").closing;
            let closing: Vec<(Code, Sum)> = closing.iter().map(|b| (b.code, b.balance)).collect();
            let wanted: Vec<(Code, Sum)> = balances.iter().map(|(k, sum)| (k.0, *sum)).collect();
            assert_eq!(closing, wanted, "{owner:?} {days:?}");
            for two in pages.windows(2) {
                let shown = |list: &[service::StatementBalance]| {
                    list.iter().map(|b| (b.code, b.balance)).collect::<Vec<_>>()
                };
                assert_eq!(shown(&two[0].closing), shown(&two[1].opening));
            }
        }
    }

    fn statements_close_with_what_the_owner_holds(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 70);
        for owner in owners(&town) {
            let pages = pages(&room, owner, Days::default(), 200);
            let mut held: BTreeMap<(Code, String), i128> = BTreeMap::new();
            for balance in room.read(|conn| service::balances(conn, owner)) {
                let key = (balance.code, balance.amount.currency().to_string());
                *held.entry(key).or_default() += i128::from(balance.amount.minor());
            }
            let closing = &pages.last().expect("a page").closing;
            for ((code, currency), minor) in &held {
                let shown = closing
                    .iter()
                    .find(|b| b.code == *code && b.balance.currency.to_string() == *currency);
                // An account of which nothing was ever posted is not shown.
                let shown = shown.map_or(0, |b| b.balance.minor);
                assert_eq!(shown, *minor, "{owner:?} {code} {currency}");
            }
            // And nothing else: what no running balance tells is what the fund shares with others.
            let shared = ["1050", "2000", "2100"];
            for balance in closing.iter().filter(|b| b.code.guarded()) {
                let code = balance.code.as_str();
                let key = (balance.code, balance.balance.currency.to_string());
                let known = held.contains_key(&key) || shared.contains(&code);
                assert!(known, "{owner:?} {code}");
            }
            match owner {
                Owner::Fund(_) => balanced(closing),
                _ => assert!(closing.iter().all(|b| b.code.guarded()), "{owner:?}"),
            }
        }
    }

    fn trial_balances_are_the_sums_of_days(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 70);
        let all = every_entry(&room, &town);
        let last = all.last().expect("some").head.effective_on;
        for at in [day("1999-12-31"), all[3].head.effective_on, last] {
            let trial = room.read(|conn| service::trial_balance(conn, &room.ctx, at));
            let mut wanted: BTreeMap<(Code, String), [i128; 2]> = BTreeMap::new();
            for p in all.iter().filter(|e| e.head.effective_on <= at).flat_map(|e| &e.postings) {
                let key = (p.code, p.amount.currency().to_string());
                let column = usize::from(p.side == Side::Credit);
                wanted.entry(key).or_default()[column] += i128::from(p.amount.minor());
            }
            let mut found: BTreeMap<(Code, String), [i128; 2]> = BTreeMap::new();
            for line in &trial.lines {
                let key = (line.code, line.debit.currency.to_string());
                let sums = found.entry(key).or_default();
                sums[0] += line.debit.minor;
                sums[1] += line.credit.minor;
                assert_eq!(
                    line.bank_account_id.is_some(),
                    matches!(line.code, Code::Cash | Code::InTransit)
                );
            }
            assert_eq!(found, wanted, "{at}");
            for total in &trial.totals {
                assert_eq!(total.debit, total.credit, "{at} {}", total.book);
            }
            let books: Vec<Book> = trial.totals.iter().map(|t| t.book).collect();
            assert!(books.is_sorted() && (at.year() == 1999) == books.is_empty());
        }
    }
}
