//! What a person typed cannot leave its field, in any format, whatever it is.

use super::exports::{exported, file, query, table};
use super::{Room, about, day, validators};
use crate::support::{Harness, Side};
use almoner::kernel::ids::{BankAccountId, BudgetId, FundId};
use almoner::kernel::money::{Currency, Money};
use almoner::ledger::export::{self, Books, Format, Names, Query};
use almoner::ledger::movements as m;
use diesel::connection::SimpleConnection as _;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;

const NASTY: &[&str] = &[
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    " =HYPERLINK(\"http://x\")",
    "a\nb",
    "a\r\n2026-01-01 * fake\r\n    Assets:Bank  1 USD\r\n    Income  -1 USD",
    "; comment",
    "pay ; comment",
    "| pipe | pipe",
    "\"quoted\"",
    "back\\slash\\",
    "\\\"",
    "two  spaces   three",
    "😀 👩🏽‍🔬",
    "مرحبا بالعالم",
    "\u{202E}gnp.exe",
    "{curly} (round) [square]",
    "[2020-01-01]",
    "[=2020-01-01]",
    "date:2020-01-01",
    "x, date:2020-01-01",
    "x, date2:2020-01-01, type:A",
    "fund:other",
    ":a:b:",
    "* cleared",
    "! pending",
    "~ monthly",
    "= /rule/",
    "include /etc/passwd",
    "comment",
    "end comment",
    "#tag ^link",
    "% note",
    "'apostrophe",
    "1 USD @ 2 EUR",
    "= 5.00 USD",
    "$(whoami) `id`",
    "\u{2028}line\u{2029}paragraph",
    "\u{85}nel\u{B}vt\u{C}ff",
    "Assets:Bank:X  5.00 USD",
    "\u{FEFF}bom\u{FFFE}",
    "e\u{301}",
    "\u{3000}wide\u{A0}space",
    "",
    " ",
    "ＡＢＣ ＝1",
    "\u{1b}[31mred",
    "2026-01-01 open Assets:X",
    "NULL",
];

/// Nasty texts and random ones.
fn texts() -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let random = (0..60).map(|_| {
        prop_oneof!["\\PC{0,60}", ".{0,60}", "[;|:,\"'\\\\\\[\\](){}@=#^*!%~ \\t\\n\\r-]{0,30}"]
            .new_tree(&mut runner)
            .expect("a text")
            .current()
    });
    let long = std::iter::once("x; ".repeat(160));
    // PostgreSQL keeps no NUL, and nothing takes one in: SQLite's own test is below.
    let all = NASTY.iter().map(|s| (*s).to_owned()).chain(random).chain(long);
    all.map(|s| s.replace('\0', "")).collect()
}

/// A ledger with an entry, a fund, a budget and a bank account for each text.
fn nasty(room: &Room<'_>, texts: &[String]) -> Names {
    let mut names = Names::default();
    for text in texts {
        let (fund, budget): (FundId, BudgetId) = (room.id(), room.id());
        let bank: BankAccountId = room.id();
        let ten = Money::new(1000, Currency::parse("USD").expect("known"));
        let about = about(day("2026-03-01"), text);
        room.post(m::contribution_received(fund, bank, ten, &about));
        room.post(m::budget_allocated(fund, budget, ten, &about));
        names.funds.insert(fund, text.clone());
        names.budgets.insert(budget, text.clone());
        names.banks.insert(bank, text.clone());
    }
    names
}

/// Puts the texts into the journal as they are, past all that cleans them.
fn raw(room: &Room<'_>, texts: &[String]) {
    let quote = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let guard = match room.t.side {
        Side::Sqlite => "DROP TRIGGER ledger_entries_no_update",
        Side::Postgres => "DROP TRIGGER ledger_entries_no_update ON ledger_entries",
    };
    room.sql(guard).expect("dropped");
    let ids: Vec<String> = room.read(|conn| {
        use almoner::platform::db::schema::ledger_entries::dsl as e;
        use diesel::prelude::*;
        let ids: Vec<almoner::kernel::ids::EntryId> =
            e::ledger_entries.order(e::id).select(e::id).load(conn)?;
        Ok(ids.into_iter().map(|id| room.lit(id.uuid())).collect())
    });
    room.write(|conn| {
        for (pair, text) in ids.chunks(2).zip(texts) {
            let ids = pair.join(", ");
            let set =
                format!("UPDATE ledger_entries SET memo = {} WHERE id IN ({ids})", quote(text));
            conn.batch_execute(&set)?;
        }
        Ok(())
    });
}

both! {
    fn hostile_text_stays_in_its_field(t: &Harness) {
        let room = Room::new(t);
        let texts = texts();
        let names = nasty(&room, &texts);
        let count = texts.len();
        let twice = [false, true];
        for as_it_is in twice {
            if as_it_is {
                raw(&room, &texts);
            }
            let journal = exported(&room, &query(Format::Hledger, Books::Both), &names);
            let path = file(&room, "hostile.journal", &journal);
            if let Some(found) = validators::hledger(&path) {
                let found = found.unwrap_or_else(|e| panic!("{e}"));
                let banks = found.iter().filter(|(k, _)| k.0.starts_with("Assets:Bank:"));
                assert_eq!(banks.filter(|(_, b)| *b == "10").count(), count);
                assert_eq!(found.values().filter(|b| *b != "0").count(), count + 3);
                let all = validators::hledger_descriptions(&path).expect("installed");
                // Both entries of each text, all on one day, and the check at the end.
                assert_eq!(
                    all.iter().filter(|d| d.starts_with("contribution_received")).count(),
                    4 * count
                );
                assert_eq!(
                    all.iter().filter(|d| d.starts_with("budget_allocated")).count() % count,
                    0
                );
                let early = validators::hledger_query(&path, &["-e", "2026-03-01"]);
                assert_eq!(early.map(|b| b.len()), Some(0), "no text became a date");
            }
            let beans = exported(&room, &query(Format::Beancount, Books::Both), &names);
            let path = file(&room, "hostile.beancount", &beans);
            if let Some(found) = validators::beancount(&path) {
                let found = found.unwrap_or_else(|e| panic!("{e}"));
                let banks = found.iter().filter(|(k, _)| k.0.starts_with("Assets:Bank:"));
                assert_eq!(banks.filter(|(_, b)| *b == "10").count(), count);
            }
            cells(&room, &names, &texts, as_it_is);
        }
    }

    fn a_nul_in_the_database_leaves_nothing_open(t: &Harness) {
        if t.side == Side::Postgres {
            return;
        }
        let room = Room::new(t);
        let names = nasty(&room, &["plain".into()]);
        raw(&room, &["x".into()]);
        room.sql("UPDATE ledger_entries SET memo = CAST(x'6100620a63' AS TEXT)").expect("set");
        for format in Format::ALL {
            let text = exported(&room, &query(*format, Books::Both), &names);
            assert!(!text.contains('\0'), "{format}");
            let path = file(&room, &format!("nul.{format}"), &text);
            match format {
                Format::Hledger => drop(validators::hledger(&path).map(|r| r.expect("taken"))),
                Format::Beancount => drop(validators::beancount(&path).map(|r| r.expect("taken"))),
                _ => {}
            }
        }
    }
}

/// No cell begins like a formula or breaks its row; JSON keeps the text as it is.
fn cells(room: &Room<'_>, names: &Names, texts: &[String], as_it_is: bool) {
    let csv = exported(room, &query(Format::Csv, Books::General), names);
    let rows = table(&csv);
    assert_eq!(rows.len(), 2 * texts.len());
    assert_eq!(csv.lines().count(), rows.len() + 1, "a row is a line");
    for row in &rows {
        for (name, cell) in row {
            let first = cell.trim_start().chars().next();
            let begins = first.is_some_and(|c| "=+-@\t\r＝＋－＠".contains(c));
            assert!(!begins, "{name}: {cell:?}");
            assert!(!cell.chars().any(char::is_control), "{name}: {cell:?}");
        }
    }
    let json = exported(room, &query(Format::Jsonl, Books::General), names);
    let lines: Vec<Value> = json.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    for (pair, text) in lines.chunks(2).zip(texts) {
        assert_eq!(pair[0]["fund"], text.as_str(), "names as they are");
        if as_it_is {
            assert_eq!(pair[0]["memo"], text.as_str(), "the memo as it is");
        }
    }
}

both! {
    fn names_that_are_missing_are_ids(t: &Harness) {
        let room = Room::new(t);
        let known = nasty(&room, &["plain".into()]);
        let fund = known.funds.keys().next().expect("one").to_string();
        let rows = table(&exported(&room, &query(Format::Csv, Books::General), &Names::default()));
        assert!(rows.iter().all(|r| r["fund"] == fund && r["fund_id"] == fund));
        let asked =
            Query { from: Some(day("2027-01-01")), ..query(Format::Beancount, Books::Both) };
        let mut out = Vec::new();
        let done = t.db.read_now("export", |conn| {
            let mut bytes = Vec::new();
            export::export(conn, &asked, &Names::default(), room.ctx.today(), &mut bytes)?;
            Ok(bytes)
        });
        out.extend(done.unwrap_or_else(|p| panic!("{p}")));
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(text.contains(&format!("fund: \"{fund}\"")), "{text}");
        let path = file(&room, "opening.beancount", &text);
        drop(validators::beancount(&path).map(|r| r.expect("taken")));
    }
}
