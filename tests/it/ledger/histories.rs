//! Random histories of every movement against the reference: the same outcomes and balances, and
//! every invariant, after each step.
//!
//! `ALMONER_LEDGER_CASES`, `ALMONER_LEDGER_STEPS` and `ALMONER_LEDGER_SEED` make it longer, or
//! repeat what failed.

use super::setting;
use super::town::deed;
use crate::support::Harness;
use crate::support::books::life::live;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

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
