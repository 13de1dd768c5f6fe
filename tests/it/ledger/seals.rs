//! The chain can be made again by anybody who can read, from docs/LEDGER.md alone.

use super::town::history;
use super::{Room, holds};
use crate::support::{Harness, Side};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use sha2::{Digest as _, Sha256};

#[derive(Debug, QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    hash: String,
    #[diesel(sql_type = Text)]
    entry: String,
    #[diesel(sql_type = Nullable<Text>)]
    posting: Option<String>,
}

/// The fields of a row as one text, each field in front of a tab, absent ones as `~`.
fn fields(side: Side, columns: &[&str]) -> String {
    let text = |column: &&str| {
        let (name, kind) = column.split_once(':').unwrap_or((column, "text"));
        let value = match (side, kind) {
            (Side::Sqlite, "id") => format!(
                "lower(substr(hex({name}),1,8)||'-'||substr(hex({name}),9,4)||'-'||\
                 substr(hex({name}),13,4)||'-'||substr(hex({name}),17,4)||'-'||\
                 substr(hex({name}),21))"
            ),
            (Side::Sqlite, "day") => format!("date({name} * 86400, 'unixepoch')"),
            (Side::Postgres, "at") => {
                format!("(extract(epoch FROM {name}) * 1000000)::bigint::text")
            }
            (Side::Postgres, "flag") => format!("(CASE WHEN {name} THEN '1' ELSE '0' END)"),
            (Side::Postgres, _) => format!("{name}::text"),
            _ => format!("CAST({name} AS TEXT)"),
        };
        format!("CASE WHEN {name} IS NULL THEN '~' ELSE {value} END")
    };
    columns.iter().map(text).collect::<Vec<_>>().join(" || '\t' || ")
}

const ENTRY: [&str; 9] = [
    "e.id:id",
    "e.kind",
    "e.effective_on:day",
    "e.recorded_at:at",
    "e.memo",
    "e.source_kind",
    "e.source_id:id",
    "e.person_id:id",
    "e.reverses_id:id",
];
const POSTING: [&str; 20] = [
    "p.id:id",
    "p.entry_id:id",
    "p.line",
    "p.code",
    "p.side",
    "p.amount",
    "p.currency",
    "p.effective_on:day",
    "p.fund_id:id",
    "p.budget_id:id",
    "p.grant_id:id",
    "a.id:id",
    "a.key",
    "a.code",
    "a.currency",
    "a.fund_id:id",
    "a.budget_id:id",
    "a.grant_id:id",
    "a.bank_account_id:id",
    "a.guarded:flag",
];

both! {
    fn the_chain_is_made_again_by_plain_sql(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 40);
        room.seal();
        let hex =
            if t.side == Side::Sqlite { "lower(hex(s.hash))" } else { "encode(s.hash, 'hex')" };
        let sql = format!(
            "SELECT s.seq AS seq, {hex} AS hash, {} || '\t' || {} AS entry, {} AS posting \
             FROM ledger_seals s JOIN ledger_entries e ON e.id = s.entry_id \
             JOIN ledger_postings p ON p.entry_id = e.id \
             JOIN ledger_accounts a ON a.id = p.account_id ORDER BY s.seq, p.line",
            fields(t.side, &["s.seq", "s.sealed_at:at"]),
            fields(t.side, &ENTRY),
            fields(t.side, &POSTING),
        );
        let rows: Vec<Row> = room.read(|conn| Ok(diesel::sql_query(&sql).load(conn)?));
        let mut before = "0".repeat(64);
        let mut seals = 0;
        for lines in rows.chunk_by(|a, b| a.seq == b.seq) {
            seals += 1;
            assert_eq!(lines[0].seq, seals, "no gap");
            let mut all = vec!["almoner.ledger.seal.1".to_owned(), before];
            all.extend(lines[0].entry.split('\t').map(str::to_owned));
            all.push(lines.len().to_string());
            let postings = lines.iter().filter_map(|l| l.posting.as_ref());
            all.extend(postings.flat_map(|p| p.split('\t')).map(str::to_owned));
            let mut hash = Sha256::new();
            for field in &all {
                match field.as_str() {
                    "~" => hash.update(u64::MAX.to_be_bytes()),
                    text => {
                        hash.update(u64::try_from(text.len()).expect("short").to_be_bytes());
                        hash.update(text);
                    }
                }
            }
            let made: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(made, lines[0].hash, "seal {seals}");
            before = made;
        }
        assert_eq!(seals, i64::try_from(town.entries.len()).expect("few"));
        let report = room.check(|| town.expected());
        holds(&report);
        assert_eq!(report.seal.as_deref(), Some(before.as_str()));
        assert_eq!(room.head().hash, before);
    }
}
