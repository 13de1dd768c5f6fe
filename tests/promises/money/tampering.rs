//! Somebody with the database in their hands.

use crate::promise::{Kept, On, Promise, Run};
use crate::support::books::Room;
use crate::support::books::town::{Town, history};
use crate::support::books::tricks::{Then, Trick, said, tamper, tricks};
use crate::support::years::dice::Dice;
use almoner::kernel::ids::EntryId;
use almoner::ledger::service::SealHead;
use std::collections::BTreeMap;

/// G8.
pub const FOUND: Promise = Promise {
    id: "G8",
    says: "Whatever is changed in the ledger behind the program's back is found and named",
    short: "40 random changes, and those that only the seal kept outside can show",
    full: "1,000 random changes: updates, deletions, swaps, insertions, cut tails, whole chains",
    on: On::Both,
    run: found,
};

fn found(run: &Run) -> Kept {
    let (changes, entries) = (run.much(40, 1_000), run.figure(40, 200));
    run.with(|t| {
        let room = Room::new(t);
        let town = history(&room, entries);
        room.seal();
        let kept = room.head();
        let (mut dice, mut kinds) = (Dice::new(8), BTreeMap::new());
        for number in 0..changes {
            let last = u32::try_from(town.entries.len() - 1).map_err(|e| e.to_string())?;
            let place = usize::try_from(dice.below(last)).map_err(|e| e.to_string())?;
            let (entry, next) = (town.entries[place], town.entries[place + 1]);
            let mut all = tricks(&room, entry, next);
            // The last ones can only be seen from outside: they are few, and come up often enough.
            let kind = match number % 10 {
                0 => all.len() - 1 - number / 10 % 2,
                _ => {
                    usize::try_from(dice.below(u32::try_from(all.len()).unwrap_or(1))).unwrap_or(0)
                }
            };
            let trick = all.swap_remove(kind);
            *kinds.entry(trick.then as u8).or_insert(0) += 1;
            seen(&room, &town, &trick, entry, &kept)
                .map_err(|why| format!("change {number}, {} of {entry}: {why}", trick.name))?;
        }
        let report = room.check(|| town.expected());
        if !report.holds {
            return Err("what was undone did not vanish".into());
        }
        let of = |then: Then| kinds.get(&(then as u8)).copied().unwrap_or(0);
        Ok(format!(
            "{changes} of {changes} found: {} named by entry, {} by account or seal, {} by the \
             seal kept outside",
            of(Then::Named),
            of(Then::Found),
            of(Then::Kept)
        ))
    })
}

fn seen(
    room: &Room<'_>,
    town: &Town,
    trick: &Trick,
    entry: EntryId,
    kept: &SealHead,
) -> Result<(), String> {
    let (texts, entries) = said(&tamper(room, town, trick, None));
    let caught = match trick.then {
        Then::Named => !texts.is_empty() && entries.contains(&Some(entry)),
        Then::Found => !texts.is_empty(),
        Then::Kept => {
            let against = said(&tamper(room, town, trick, Some(kept))).0;
            texts.is_empty() && !against.is_empty()
        }
    };
    if caught { Ok(()) } else { Err(format!("missed: {texts:?}, {entries:?}")) }
}
