//! What somebody with the database in their hands changes is found, and named.

use super::town::{Town, history};
use super::{Room, holds};
use crate::support::{Harness, Side};
use almoner::kernel::ids::EntryId;
use almoner::ledger::model::MovementKind;
use almoner::ledger::service::{self, CheckReport, SealHead};
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;

/// Takes the guards away, within a transaction.
fn unlock(side: Side) -> String {
    let tables = ["entries", "postings", "seals", "accounts", "unsealed"];
    match side {
        Side::Postgres => {
            tables.map(|t| format!("ALTER TABLE ledger_{t} DISABLE TRIGGER ALL;")).concat()
        }
        Side::Sqlite => {
            let mut sql = String::from("PRAGMA defer_foreign_keys = ON;");
            for table in ["entries", "postings", "seals"] {
                for guard in ["update", "delete", "replace"] {
                    sql.push_str(&format!("DROP TRIGGER ledger_{table}_no_{guard};"));
                }
            }
            sql + "DROP TRIGGER ledger_accounts_fixed; DROP TRIGGER ledger_accounts_no_delete;"
        }
    }
}

/// What happens after the tampering.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    /// A plain check finds it, and names the entry.
    Named,
    /// A plain check finds it.
    Found,
    /// Only the seal that was kept outside finds it.
    Kept,
}

struct Trick {
    name: &'static str,
    sql: String,
    then: Then,
    /// Whether the whole chain is made anew afterwards.
    reseal: bool,
}

/// Found, with the entry named. `E` is an entry, `N` the next, `S` an id of nothing; `ENTRY`,
/// `LINES` and `LINE` set something of the entry, its lines, its first line.
const NAMED: &[(&str, &str)] = &[
    ("memo", "ENTRY memo = memo || ' ' WHERE"),
    ("kind", "ENTRY kind = 'reversal' WHERE"),
    ("kind that is none", "ENTRY kind = 'nonsense' WHERE"),
    ("day", "ENTRY effective_on = effective_on + 1 WHERE"),
    (
        "day of the lines too",
        "ENTRY effective_on = effective_on + 1 WHERE; LINES effective_on = effective_on + 1 WHERE",
    ),
    ("moment", "ENTRY recorded_at = recorded_at + TICK WHERE"),
    ("source", "ENTRY source_id = S WHERE"),
    ("kind of source", "ENTRY source_kind = 'gift' WHERE"),
    ("person", "ENTRY person_id = S WHERE"),
    ("reverses", "ENTRY reverses_id = N WHERE"),
    ("amounts", "LINES amount = amount + 1 WHERE"),
    ("one amount", "LINE amount = amount + 1 WHERE"),
    ("sides", "LINES side = CASE side WHEN 'debit' THEN 'credit' ELSE 'debit' END WHERE"),
    ("one side", "LINE side = CASE side WHEN 'debit' THEN 'credit' ELSE 'debit' END WHERE"),
    ("fund", "LINES fund_id = S WHERE"),
    ("fund there or not", "LINES fund_id = CASE WHEN fund_id IS NULL THEN S END WHERE"),
    ("grant", "LINES grant_id = S WHERE"),
    ("currency", "LINES currency = 'EUR' WHERE"),
    ("currency that is none", "LINES currency = 'ZZZ' WHERE"),
    ("code", "LINE code = '4900' WHERE"),
    ("code that is none", "LINE code = '0000' WHERE"),
    ("day of the lines", "LINES effective_on = effective_on + 1 WHERE"),
    (
        "account",
        "LINE account_id = (SELECT account_id FROM ledger_postings WHERE entry_id <> E AND \
         account_id NOT IN (SELECT account_id FROM ledger_postings WHERE entry_id = E) \
         ORDER BY id LIMIT 1) WHERE",
    ),
    ("id of a line", "LINE id = S WHERE"),
    ("numbers of lines", "LINES line = line + 10 WHERE"),
    ("a line gone", "DELETE FROM ledger_postings WHERE entry_id = E AND line = 2"),
    ("all lines gone", "DELETE FROM ledger_postings WHERE entry_id = E"),
    (
        "a line more",
        "INSERT INTO ledger_postings SELECT S, entry_id, line + 50, account_id, code, side, \
         amount, currency, effective_on, fund_id, budget_id, grant_id FROM ledger_postings \
         WHERE entry_id = E AND line = 1",
    ),
    (
        "entry gone, seal left",
        "DELETE FROM ledger_postings WHERE entry_id = E; DELETE FROM ledger_entries WHERE id = E",
    ),
    ("hash", "UPDATE ledger_seals SET hash = NOHASH WHERE entry_id = E"),
    (
        "moment of sealing",
        "UPDATE ledger_seals SET sealed_at = sealed_at + TICK WHERE entry_id = E",
    ),
];

/// Found; what is named is an account, a seal, or the first entry that it shows in. `ACCOUNT` sets
/// something of the account of the entry's first line.
const FOUND: &[(&str, &str)] = &[
    (
        "seal of another",
        "DELETE FROM ledger_seals WHERE entry_id = N; \
         UPDATE ledger_seals SET entry_id = N WHERE entry_id = E",
    ),
    ("no seal and no place in the queue", "DELETE FROM ledger_seals WHERE entry_id = E"),
    (
        "an entry gone with its seal",
        "DELETE FROM ledger_postings WHERE entry_id = E; DELETE FROM ledger_seals WHERE \
         entry_id = E; DELETE FROM ledger_entries WHERE id = E",
    ),
    ("a seal's number", "UPDATE ledger_seals SET seq = seq + 1000 WHERE seq = LAST"),
    ("account's key", "ACCOUNT key = key || 'x' WHERE"),
    ("account's currency", "ACCOUNT currency = 'ZZZ' WHERE"),
    ("account's fund", "ACCOUNT fund_id = S WHERE"),
    ("account's bank", "ACCOUNT bank_account_id = S WHERE"),
    ("account's code", "ACCOUNT code = '4900' WHERE"),
    ("account's guard", "ACCOUNT guarded = NOT guarded WHERE"),
    (
        "a balance",
        "UPDATE ledger_accounts SET balance = balance + 1 WHERE id = \
         (SELECT id FROM ledger_accounts WHERE guarded ORDER BY id LIMIT 1)",
    ),
];

/// Found only by who kept a seal outside.
const KEPT: &[(&str, &str)] = &[
    (
        "the tail cut",
        "INSERT INTO ledger_unsealed SELECT entry_id FROM ledger_seals WHERE seq = LAST; \
         DELETE FROM ledger_seals WHERE seq = LAST",
    ),
    (
        "the chain made anew",
        "ENTRY memo = 'all was well' WHERE; DELETE FROM ledger_seals; \
         INSERT INTO ledger_unsealed SELECT id FROM ledger_entries \
         WHERE id NOT IN (SELECT entry_id FROM ledger_unsealed)",
    ),
];

/// Ways to harm one sealed entry; `next` is the one after it.
fn tricks(room: &Room<'_>, entry: EntryId, next: EntryId) -> Vec<Trick> {
    let sqlite = room.t.side == Side::Sqlite;
    let words = [
        ("ENTRY", "UPDATE ledger_entries SET".to_owned()),
        ("LINES", "UPDATE ledger_postings SET".to_owned()),
        ("LINE", "UPDATE ledger_postings SET".to_owned()),
        ("ACCOUNT", "UPDATE ledger_accounts SET".to_owned()),
        ("E", room.lit(entry.uuid())),
        ("N", room.lit(next.uuid())),
        ("S", room.lit(uuid::Uuid::from_u128(77))),
        ("TICK", if sqlite { "1" } else { "interval '1 microsecond'" }.to_owned()),
        (
            "NOHASH",
            if sqlite { "zeroblob(32)" } else { "decode(repeat('00',32),'hex')" }.to_owned(),
        ),
        ("LAST", "(SELECT max(seq) FROM ledger_seals)".to_owned()),
    ];
    let spell = |statement: &str| {
        let first = statement.split_whitespace().next().unwrap_or_default();
        // Where the statement leaves open which rows.
        let which = match first {
            "ENTRY" => " id = E",
            "LINES" => " entry_id = E",
            "LINE" => " entry_id = E AND line = 1",
            "ACCOUNT" => {
                " id = (SELECT account_id FROM ledger_postings WHERE entry_id = E AND line = 1)"
            }
            _ => "",
        };
        let whole = format!("{statement}{which}");
        let word = |word: &str| {
            let bare = word.trim_matches(['(', ')', ',']);
            let known = words.iter().find(|w| w.0 == bare);
            known.map_or_else(|| word.to_owned(), |w| word.replace(bare, &w.1))
        };
        whole.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    let trick = |then| {
        move |(name, sql): &(&'static str, &str)| {
            let sql: Vec<String> = sql.split("; ").map(spell).collect();
            Trick { name, sql: sql.join("; "), then, reseal: *name == "the chain made anew" }
        }
    };
    let (named, found) =
        (NAMED.iter().map(trick(Then::Named)), FOUND.iter().map(trick(Then::Found)));
    named.chain(found).chain(KEPT.iter().map(trick(Then::Kept))).collect()
}

/// Tampers, checks, and undoes it.
fn tamper(room: &Room<'_>, town: &Town, trick: &Trick, kept: Option<&SealHead>) -> CheckReport {
    let unlock = unlock(room.t.side);
    room.undone(|conn: &mut Conn| {
        conn.batch_execute(&unlock)?;
        conn.batch_execute(&trick.sql)?;
        if trick.reseal {
            while service::seal(conn, &room.ctx, 100)? > 0 {}
        }
        service::check(conn, town.expected(), kept)
    })
}

/// What the check says of all but the missing guards.
fn said(report: &CheckReport) -> (Vec<String>, Vec<Option<EntryId>>) {
    let other = |first: &&String| !first.contains("trigger");
    let texts = report.findings.iter().filter_map(|f| f.first.as_ref()).filter(other);
    let entries = report.findings.iter().filter(|f| !f.holds).map(|f| f.entry_id);
    (texts.cloned().collect(), entries.collect())
}

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
