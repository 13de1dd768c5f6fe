//! Random histories against the reference book: of movements, straight in the ledger; and of
//! offers, grants, tranches and payments, through the front door.

use super::village::{Deed, Village};
use crate::promise::{Kept, On, Promise, Run};
use crate::support::books::life::live;
use crate::support::books::town::deed;
use crate::support::years::dice::Dice;
use crate::support::{Side, say};
use crate::trace::served;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// G7, first part.
pub const MOVEMENTS: Promise = Promise {
    id: "G7",
    says: "Random histories of every movement leave what a pure reference book says",
    short: "3 seeds × 30 steps, every invariant after each",
    full: "1,000 seeds × 200 steps, every invariant after each",
    on: On::Both,
    run: movements,
};
/// G7, second part.
pub const STATES: Promise = Promise {
    id: "G7",
    says: "Random histories of offers, grants and payments follow DOMAIN.md's state machines",
    short: "2 seeds × 60 steps through the front door, every invariant after each",
    full: "1,000 seeds × 200 steps through the front door, every invariant after each",
    on: On::Both,
    run: states,
};

/// Seeds that failed once: they are tried first, and are worth keeping.
fn kept_in(name: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("proptest-regressions/promises").join(format!("{name}.txt"))
}

/// The seeds of a run: those that failed before, then as many new ones.
fn seeds(name: &str, count: usize) -> BTreeSet<usize> {
    let failed = std::fs::read_to_string(kept_in(name)).unwrap_or_default();
    let failed = failed.lines().filter_map(|line| line.split(' ').next()?.parse().ok());
    failed.chain(1..=count).collect()
}

/// Says which seed failed, and keeps it.
fn keep(name: &str, seed: usize, why: String) -> String {
    use std::io::Write as _;
    let path = kept_in(name);
    drop(path.parent().map(std::fs::create_dir_all));
    let file = std::fs::File::options().create(true).append(true).open(&path);
    drop(file.and_then(|mut file| writeln!(file, "{seed} {}", why.lines().next().unwrap_or(""))));
    say(&format!("seed {seed} failed, and is kept in {}", path.display()));
    format!("seed {seed}: {why}")
}

fn movements(run: &Run) -> Kept {
    let (count, steps) = (run.much(3, 1_000), run.figure(30, 200));
    run.with(|_| Ok(String::new()))?;
    let seeds = seeds("movements", count);
    let number = seeds.len();
    for seed in seeds {
        one(run.side, seed, steps).map_err(|why| keep("movements", seed, why))?;
    }
    Ok(format!("{number} histories of {steps} movements, none parted from the reference"))
}

/// One history of movements; shrunk where it fails.
fn one(side: Side, seed: usize, steps: usize) -> Result<(), String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config =
        Config { cases: 1, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let deeds = prop::collection::vec(deed(), steps..=steps);
    let run = TestRunner::new_with_rng(config, rng).run(&deeds, |deeds| live(side, &deeds));
    match run {
        Ok(()) => Ok(()),
        Err(TestError::Fail(why, deeds)) => {
            Err(format!("{why} after {} deeds: {deeds:?}", deeds.len()))
        }
        Err(other) => Err(other.to_string()),
    }
}

fn states(run: &Run) -> Kept {
    let (count, steps) = (run.much(2, 1_000), run.figure(60, 200));
    let (mut done, mut refused) = (0, 0);
    let seeds = seeds("states", count);
    let number = seeds.len();
    for seed in seeds {
        let lived = run.with(|t| {
            let web = served(t);
            let mut village = Village::new(&web)?;
            let mut dice = Dice::new(seed);
            for step in 0..steps {
                let deed = Deed::FIRST.get(step).copied().unwrap_or_else(|| Deed::any(&mut dice));
                let possible = village
                    .act(t, deed, &mut dice)
                    .map_err(|why| keep("states", seed, format!("step {step}, {deed:?}: {why}")))?;
                match possible {
                    Some(true) => done += 1,
                    Some(false) => refused += 1,
                    None => {}
                }
            }
            village.look().map_err(|why| keep("states", seed, why))?;
            Ok(String::new())
        });
        lived?;
    }
    if done == 0 || refused == 0 {
        return Err(format!("{done} steps done, {refused} refused: nothing was tried"));
    }
    Ok(format!(
        "{number} histories of {steps} steps, {done} done, {refused} refused, as the reference says"
    ))
}
