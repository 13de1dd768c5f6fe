//! Living through a history of movements: the same outcomes and balances as the reference, and
//! every invariant, after each step.

use super::Room;
use super::town::{Deed, Town};
use crate::support::{Harness, Side};
use almoner::kernel::page::PageQuery;
use almoner::ledger::model::{AccountKey, Dims};
use almoner::ledger::service::{self, LedgerAccount};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::collections::BTreeMap;

/// Lives through a history in a ledger of its own.
pub fn live(side: Side, deeds: &[Deed]) -> Result<(), TestCaseError> {
    let mut result = Ok(());
    Harness::run(side, |t| result = steps(&Room::new(t), deeds));
    result
}

fn steps(room: &Room<'_>, deeds: &[Deed]) -> Result<(), TestCaseError> {
    let mut town = Town::new(room);
    for (number, deed) in deeds.iter().enumerate() {
        room.t.clock.advance_seconds(3600);
        let now = Room { t: room.t, ctx: room.ctx.at(room.t.clock.now()) };
        town.act(&now, *deed).map_err(|e| TestCaseError::fail(format!("{number}: {e}")))?;
        if number % 5 == 0 {
            now.write(|conn| service::seal(conn, &now.ctx, 3));
        }
        let report = now.check(|| town.expected());
        prop_assert!(report.holds, "{number}: {deed:?}: {:#?}", report.findings);
        prop_assert_eq!(report.entries, u64::try_from(town.reference.entries.len()).expect("few"));
        let mut wanted = town.reference.balances.clone();
        wanted.retain(|_, balance| *balance != 0);
        prop_assert_eq!(&balances(&now), &wanted, "{}: {:?}", number, deed);
    }
    Ok(())
}

/// What the ledger's accounts hold, by key; those without a running balance by the sum of their
/// postings.
pub fn balances(room: &Room<'_>) -> BTreeMap<String, i128> {
    let mut found = BTreeMap::new();
    for account in accounts(room) {
        let dims = Dims {
            fund: account.fund_id,
            budget: account.budget_id,
            grant: account.grant_id,
            bank: account.bank_account_id,
        };
        let key = AccountKey::new(account.code, account.currency, dims);
        let balance = match account.balance {
            Some(money) => money.minor(),
            None => room.read(|conn| service::turnover(conn, &key)).minor(),
        };
        found.insert(key.text(), i128::from(balance));
    }
    found.retain(|_, balance| *balance != 0);
    found
}

fn accounts(room: &Room<'_>) -> Vec<LedgerAccount> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let query = PageQuery { limit: Some(200), after: after.clone() };
        let page = room.read(|conn| service::accounts(conn, &room.ctx, None, &query.checked()?));
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}
