//! What somebody with the database in their hands changes is found, and named.

use super::town::history;
use super::{Room, holds};
use crate::support::Harness;
use crate::support::books::tricks::{Then, Trick, said, tamper, tricks};
use almoner::kernel::ids::EntryId;
use almoner::ledger::model::MovementKind;
use almoner::ledger::service::{self, SealHead};
use diesel::connection::SimpleConnection as _;

both! {
    fn every_change_is_found(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 60);
        room.seal();
        let kept = room.head();
        holds(&room.check(|| town.expected()));
        let (mut tried, mut missed) = (0, Vec::new());
        let places: usize = super::setting("ALMONER_LEDGER_PLACES", 4);
        let step = (town.entries.len() / places).max(1);
        for pair in town.entries.windows(2).step_by(step) {
            for trick in tricks(&room, pair[0], pair[1]) {
                tried += 1;
                let plain = tamper(&room, &town, &trick, None);
                let (texts, entries) = said(&plain);
                let named = entries.contains(&Some(pair[0]));
                let caught = match trick.then {
                    Then::Named => !texts.is_empty() && named,
                    Then::Found => !texts.is_empty(),
                    Then::Kept => {
                        let against = tamper(&room, &town, &trick, Some(&kept));
                        texts.is_empty() && !said(&against).0.is_empty()
                    }
                };
                if !caught {
                    missed.push(format!("{}: {texts:?}", trick.name));
                }
            }
        }
        assert!(
            missed.is_empty(),
            "{} of {tried} were missed:\n{}",
            missed.len(),
            missed.join("\n")
        );
        // All of it was undone.
        let report = room.read(|conn| service::check(conn, town.expected(), Some(&kept)));
        holds(&report);
    }

    fn of_many_changes_the_first_is_named(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 40);
        room.seal();
        let all: Vec<String> = town.entries[7..].iter().map(|id| room.lit(id.uuid())).collect();
        let sql = format!("UPDATE ledger_entries SET memo = 'x' WHERE id IN ({})", all.join(", "));
        let trick = Trick { name: "many", sql, then: Then::Named, reseal: false };
        let report = tamper(&room, &town, &trick, None);
        let seals = &report.findings[5];
        assert_eq!(seals.entry_id, Some(town.entries[7]), "{seals:?}");
        assert_eq!(seals.broken, u64::try_from(all.len()).expect("few"));
    }

    fn an_entry_that_was_forged_is_found_before_it_is_sealed(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 30);
        room.seal();
        let forged = uuid::Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);
        let given = |id: &&EntryId| {
            let entry = room.read(|conn| service::entry(conn, &room.ctx, **id));
            entry.head.kind == MovementKind::ContributionReceived
        };
        let old = town.entries.iter().find(given).expect("money came in");
        let (id, old) = (room.lit(forged), room.lit(old.uuid()));
        let posting = |n: u128| room.lit(uuid::Uuid::from_u128(n));
        // A contribution in the general book only, queued like any other.
        let sql = format!(
            "INSERT INTO ledger_entries SELECT {id}, kind, effective_on, recorded_at, memo, \
             source_kind, source_id, person_id, NULL FROM ledger_entries WHERE id = {old}; \
             INSERT INTO ledger_unsealed VALUES ({id}); \
             INSERT INTO ledger_postings SELECT {}, {id}, line, account_id, code, side, amount, \
             currency, effective_on, fund_id, budget_id, grant_id FROM ledger_postings \
             WHERE entry_id = {old} AND line = 1; \
             INSERT INTO ledger_postings SELECT {}, {id}, line, account_id, code, side, amount, \
             currency, effective_on, fund_id, budget_id, grant_id FROM ledger_postings \
             WHERE entry_id = {old} AND line = 2",
            posting(101),
            posting(102),
        );
        let report = room.undone(|conn| {
            conn.batch_execute(&sql)?;
            service::check(conn, town.expected(), None)
        });
        assert_eq!(super::broken(&report), [3], "{:#?}", report.findings);
        assert_eq!(report.findings[2].entry_id.map(|id| id.uuid()), Some(forged));
    }
}

#[test]
fn a_kept_seal_reads_as_it_was_written() {
    let head = SealHead { seq: 5, hash: "ab".into() };
    let text = serde_json::to_string(&head).expect("JSON");
    assert_eq!(text, r#"{"seq":5,"hash":"ab"}"#);
    let read: SealHead = serde_json::from_str(&text).expect("what was written");
    assert_eq!(read, head);
}
