//! The fuzz targets of `fuzz/`, replayed with their corpus and a little chance, so that none of
//! them rots between the long runs.

use super::dice::Dice;
use crate::promise::{Kept, On, Promise, Run};
use almoner::kernel::time::Stopwatch;
use std::path::Path;
use std::time::Duration;

#[path = "../../../fuzz/targets.rs"]
mod targets;

/// S9.
pub const REPLAYED: Promise = Promise {
    id: "S9",
    says: "What reads bytes from outside breaks on none of those that were ever kept",
    short: "the corpus of 8 targets, and 1 second of mutations to each",
    full: "the corpus of 8 targets, and 30 minutes of mutations to each",
    on: On::Once,
    run: replayed,
};

fn replayed(run: &Run) -> Kept {
    let time = Duration::from_secs(run.much(1, 1800));
    let (mut kept, mut tried) = (0, 0);
    for (name, target) in targets::ALL {
        let inputs = corpus(name)?;
        if inputs.is_empty() {
            return Err(format!("the corpus of {name} is empty"));
        }
        inputs.iter().for_each(|input| attempt(name, *target, input));
        kept += inputs.len();
        let (since, mut dice) = (Stopwatch::start(), Dice::new(kept as u64));
        while since.read() < time {
            let input = mutated(&inputs, &mut dice);
            attempt(name, *target, &input);
            tried += 1;
        }
    }
    Ok(format!("{} targets, {kept} kept and {tried} mutated inputs, 0 broken", targets::ALL.len()))
}

/// The input is told before the panic goes on: it belongs into the corpus.
fn attempt(name: &str, target: fn(&[u8]), input: &[u8]) {
    if let Err(panic) = std::panic::catch_unwind(|| target(input)) {
        crate::support::say(&format!("{name} breaks on {:?}", String::from_utf8_lossy(input)));
        std::panic::resume_unwind(panic);
    }
}

fn corpus(name: &str) -> Result<Vec<Vec<u8>>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let files = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<_> = files.flatten().map(|file| file.path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).map_err(|e| e.to_string())).collect()
}

/// One of them with some bytes changed, doubled, taken out, or taken from another.
fn mutated(inputs: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut input = inputs[dice.below(inputs.len())].clone();
    for _ in 0..=dice.below(4) {
        let (from, to) = (dice.below(input.len() + 1), dice.below(input.len() + 1));
        let (from, to) = (from.min(to), from.max(to));
        match dice.below(5) {
            0 => drop(input.drain(from..to)),
            1 => drop(input.splice(from..from, input[from..to].to_vec())),
            2 => input.insert(from, dice.next().to_le_bytes()[0]),
            3 if from < input.len() => input[from] ^= 1 << dice.below(8),
            _ => {
                let other = &inputs[dice.below(inputs.len())];
                let cut = dice.below(other.len() + 1);
                drop(input.splice(from..to, other[cut..].iter().copied()));
            }
        }
    }
    input.truncate(4096);
    input
}
