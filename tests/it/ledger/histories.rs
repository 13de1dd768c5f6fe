//! Random histories of every movement against the reference: the same outcomes and balances, and
//! every invariant, after each step.
//!
//! `ALMONER_LEDGER_CASES`, `ALMONER_LEDGER_STEPS` and `ALMONER_LEDGER_SEED` make it longer, or
//! repeat what failed.

use super::town::{Deed, Town, deed};
use super::{Room, setting};
use crate::support::{Harness, Side};
use almoner::kernel::page::PageQuery;
use almoner::ledger::model::{AccountKey, Dims};
use almoner::ledger::service::{self, LedgerAccount};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::collections::BTreeMap;

both! {
    fn random_histories_agree_with_the_reference(t: &Harness) {
        let (cases, steps) =
            (setting("ALMONER_LEDGER_CASES", 6), setting("ALMONER_LEDGER_STEPS", 40));
        let seed: u64 = setting("ALMONER_LEDGER_SEED", 1);
        let config =
            Config { cases, max_shrink_iters: 300, failure_persistence: None, ..Config::default() };
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let deeds = prop::collection::vec(deed(), 1..=steps);
        let run = TestRunner::new_with_rng(config, rng).run(&deeds, |deeds| live(t.side, &deeds));
        if let Err(TestError::Fail(why, deeds)) = run {
            panic!("ALMONER_LEDGER_SEED={seed}: {why}\nafter {} deeds:\n{deeds:#?}", deeds.len());
        }
        run.expect("nothing else goes wrong");
    }
}

/// Lives through a history in a ledger of its own.
fn live(side: Side, deeds: &[Deed]) -> Result<(), TestCaseError> {
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
        prop_assert_eq!(report.entries, u64::try_from(town.reference.len()).expect("few"));
        let mut wanted = town.reference.balances.clone();
        wanted.retain(|_, balance| *balance != 0);
        prop_assert_eq!(&balances(&now), &wanted, "{}: {:?}", number, deed);
    }
    Ok(())
}

/// What the ledger's accounts hold, by key; those without a running balance by the sum of their
/// postings.
fn balances(room: &Room<'_>) -> BTreeMap<String, i128> {
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
