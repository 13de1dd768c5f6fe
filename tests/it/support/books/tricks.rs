//! What somebody with the database in their hands may do to the ledger, and what a check of it
//! has to say then.

use super::Room;
use super::town::Town;
use crate::support::Side;
use almoner::kernel::ids::EntryId;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// A plain check finds it, and names the entry.
    Named,
    /// A plain check finds it.
    Found,
    /// Only the seal that was kept outside finds it.
    Kept,
}

/// One way to harm a ledger.
pub struct Trick {
    pub name: &'static str,
    pub sql: String,
    pub then: Then,
    /// Whether the whole chain is made anew afterwards.
    pub reseal: bool,
}

/// Found, with the entry named. `E` is an entry, `N` the next, `S` an id of nothing; `ENTRY`,
/// `LINES` and `LINE` set something of the entry, its lines, its first line.
const NAMED: &[(&str, &str)] = &[
    ("memo", "ENTRY memo = memo || ' ' WHERE"),
    ("kind", "ENTRY kind = CASE kind WHEN 'reversal' THEN 'nonsense' ELSE 'reversal' END WHERE"),
    ("kind that is none", "ENTRY kind = 'nonsense' WHERE"),
    ("day", "ENTRY effective_on = effective_on + 1 WHERE"),
    (
        "day of the lines too",
        "ENTRY effective_on = effective_on + 1 WHERE; LINES effective_on = effective_on + 1 WHERE",
    ),
    ("moment", "ENTRY recorded_at = recorded_at + TICK WHERE"),
    ("source", "ENTRY source_id = S WHERE"),
    ("kind of source", "ENTRY source_kind = source_kind || 's' WHERE"),
    ("person", "ENTRY person_id = S WHERE"),
    (
        // One that nobody reverses yet: an entry is reversed once, which the database itself holds.
        "reverses",
        "ENTRY reverses_id = (SELECT id FROM ledger_entries WHERE id <> E AND id NOT IN (SELECT \
         reverses_id FROM ledger_entries WHERE reverses_id IS NOT NULL) ORDER BY id LIMIT 1) WHERE",
    ),
    ("amounts", "LINES amount = amount + 1 WHERE"),
    ("one amount", "LINE amount = amount + 1 WHERE"),
    ("sides", "LINES side = CASE side WHEN 'debit' THEN 'credit' ELSE 'debit' END WHERE"),
    ("one side", "LINE side = CASE side WHEN 'debit' THEN 'credit' ELSE 'debit' END WHERE"),
    ("fund", "LINES fund_id = S WHERE"),
    ("fund there or not", "LINES fund_id = CASE WHEN fund_id IS NULL THEN S END WHERE"),
    ("grant", "LINES grant_id = S WHERE"),
    ("currency", "LINES currency = CASE currency WHEN 'EUR' THEN 'USD' ELSE 'EUR' END WHERE"),
    ("currency that is none", "LINES currency = 'ZZZ' WHERE"),
    ("code", "LINE code = CASE code WHEN '4900' THEN '4000' ELSE '4900' END WHERE"),
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
    (
        "two entries swapped in the chain",
        "UPDATE ledger_seals SET entry_id = S WHERE entry_id = E; \
         UPDATE ledger_seals SET entry_id = E WHERE entry_id = N; \
         UPDATE ledger_seals SET entry_id = N WHERE entry_id = S",
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
pub fn tricks(room: &Room<'_>, entry: EntryId, next: EntryId) -> Vec<Trick> {
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
pub fn tamper(room: &Room<'_>, town: &Town, trick: &Trick, kept: Option<&SealHead>) -> CheckReport {
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
pub fn said(report: &CheckReport) -> (Vec<String>, Vec<Option<EntryId>>) {
    let other = |first: &&String| !first.contains("trigger");
    let texts = report.findings.iter().filter_map(|f| f.first.as_ref()).filter(other);
    let entries = report.findings.iter().filter(|f| !f.holds).map(|f| f.entry_id);
    (texts.cloned().collect(), entries.collect())
}
