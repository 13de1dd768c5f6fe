//! Searches and queues. The applications of the benchmark are made of some fifty words, so that
//! each is in nearly all of them: the hard case, as there is nothing that tells them apart.

use crate::years::dice::Dice;

/// Words of the texts.
const WORDS: [&str; 6] = ["safety", "oversight", "training", "theory", "learning", "robust"];

/// The path of a search for so many words.
pub fn search(dice: &mut Dice, count: usize) -> String {
    let words: Vec<&str> = (0..count).map(|_| *dice.one(&WORDS)).collect();
    format!("search/applications?limit=50&q={}", words.join("+"))
}

/// The path of a queue.
pub fn queue() -> String {
    "me/queue?limit=50".into()
}
