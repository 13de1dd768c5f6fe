//! Exports say what the ledger says, and the programs of accountants agree.

use super::town::{Town, history};
use super::validators::{self, Balances, plain};
use super::{Room, day, good};
use crate::support::Harness;
use almoner::kernel::problem::Kind;
use almoner::kernel::time::Date;
use almoner::ledger::export::{self, Books, Format, Names, Query};
use almoner::ledger::model::{Book, Sum};
use almoner::ledger::service;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

pub fn query(format: Format, books: Books) -> Query {
    Query { format, books, from: None, to: None }
}

pub fn names(town: &Town) -> Names {
    let mut names = Names::default();
    for (n, id) in town.funds.iter().enumerate() {
        names.funds.insert(*id, format!("Fund {n}"));
    }
    for (n, (id, _)) in town.budgets.iter().enumerate() {
        names.budgets.insert(*id, format!("Budget {n}"));
    }
    for (n, id) in town.banks.iter().enumerate() {
        names.banks.insert(*id, format!("Bank {n}"));
    }
    names
}

pub fn exported(room: &Room<'_>, query: &Query, names: &Names) -> String {
    let bytes = room.read(|conn| {
        let mut bytes = Vec::new();
        export::export(conn, query, names, room.ctx.today(), &mut bytes)?;
        Ok(bytes)
    });
    String::from_utf8(bytes).expect("UTF-8")
}

/// Writes a file for the validators.
pub fn file(room: &Room<'_>, name: &str, text: &str) -> PathBuf {
    let path = room.t.dir().join(name);
    std::fs::write(&path, text).expect("the folder can be written to");
    path
}

/// Rows of a CSV export by the names of their columns.
pub fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row with every column")).collect()
}

fn minor(row: &BTreeMap<String, String>) -> i128 {
    let digits = row["amount"].replace('.', "").parse::<i128>().expect("digits");
    if row["side"] == "debit" { digits } else { -digits }
}

/// What is left on each account by a CSV export, counting rows that `counts` takes.
fn sums(
    rows: &[BTreeMap<String, String>],
    counts: impl Fn(&BTreeMap<String, String>) -> bool,
) -> Balances {
    let mut sums: BTreeMap<(String, String), i128> = BTreeMap::new();
    for row in rows.iter().filter(|row| counts(row)) {
        let key = (row["account"].clone(), row["currency"].clone());
        *sums.entry(key).or_insert(0) += minor(row);
    }
    let text = |((account, currency), minor): ((String, String), i128)| {
        let sum = Sum { minor, currency: currency.parse().expect("known") };
        ((account, currency), plain(&sum.decimal()))
    };
    sums.into_iter().map(text).collect()
}

fn without_zeros(balances: Balances) -> Balances {
    balances.into_iter().filter(|(_, balance)| balance != "0").collect()
}

fn has(books: Books, row: &BTreeMap<String, String>) -> bool {
    books == Books::Both || row["book"] == books.as_str()
}

both! {
    fn csv_and_json_lines_hold_every_posting(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 70);
        let names = names(&town);
        let rows = table(&exported(&room, &query(Format::Csv, Books::Both), &names));
        let report = room.check(|| town.expected());
        assert_eq!(u64::try_from(rows.len()), Ok(report.postings));
        let json = exported(&room, &query(Format::Jsonl, Books::Both), &names);
        let lines: Vec<Value> =
            json.lines().map(|l| serde_json::from_str(l).expect("an object")).collect();
        assert_eq!(lines.len(), rows.len());
        for (row, line) in rows.iter().zip(&lines) {
            assert_eq!(line["entry_id"], row["entry_id"].as_str());
            assert_eq!(line["line"], row["line"].parse::<i64>().expect("a number"));
            assert_eq!(line["amount"]["amount"], row["amount"].as_str());
            assert_eq!(line["amount"]["currency"], row["currency"].as_str());
            assert_eq!(line["side"], row["side"].as_str());
            assert_eq!(line["fund"].as_str().unwrap_or(""), row["fund"]);
            let digits = row["amount"].split_once('.').map_or(0, |d| d.1.len());
            let wanted = [("USD", 2), ("JPY", 0), ("KWD", 3)];
            assert!(wanted.contains(&(row["currency"].as_str(), digits)), "{row:?}");
        }
        assert!(rows.windows(2).all(|w| w[0]["effective_on"] <= w[1]["effective_on"]));
        // By code, they are the trial balance.
        let today = rows.last().map(|r| day(&r["effective_on"])).expect("rows");
        let trial = room.read(|conn| service::trial_balance(conn, &room.ctx, today));
        for line in &trial.lines {
            let (code, currency) = (line.code.as_str(), line.debit.currency.code());
            let accounts =
                |r: &&BTreeMap<String, String>| r["code"] == code && r["currency"] == currency;
            let all: i128 = rows.iter().filter(accounts).map(minor).sum();
            let same = trial.lines.iter().filter(|l| l.code == line.code);
            let same = same.filter(|l| l.debit.currency == line.debit.currency);
            let wanted: i128 = same.map(|l| l.debit.minor - l.credit.minor).sum();
            assert_eq!(all, wanted, "{code} {currency}");
        }
        // One book is the other left out.
        for (books, book) in [(Books::General, Book::General), (Books::Budget, Book::Budget)] {
            let some = table(&exported(&room, &query(Format::Csv, books), &names));
            let wanted: Vec<_> =
                rows.iter().filter(|r| r["book"] == book.as_str()).cloned().collect();
            assert_eq!(some, wanted);
        }
    }

    fn hledger_and_beancount_agree_to_the_last_digit(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 70);
        let names = names(&town);
        let rows = table(&exported(&room, &query(Format::Csv, Books::Both), &names));
        let days: Vec<Date> = rows.iter().map(|r| day(&r["effective_on"])).collect();
        let (first, middle, last) = (days[0], days[days.len() / 2], days[days.len() - 1]);
        let ranges = [
            (None, None),
            (Some(middle), None),
            (None, Some(middle)),
            (Some(middle), Some(middle.plus_days(60))),
            (Some(first.plus_days(-500)), Some(first.plus_days(-400))),
            (Some(last.plus_days(10)), Some(last.plus_days(20))),
        ];
        for books in [Books::General, Books::Budget, Books::Both] {
            for (n, (from, to)) in ranges.into_iter().enumerate() {
                let wanted = without_zeros(sums(&rows, |row| {
                    has(books, row) && to.is_none_or(|to| day(&row["effective_on"]) <= to)
                }));
                let text =
                    exported(&room, &Query { format: Format::Hledger, books, from, to }, &names);
                let path = file(&room, &format!("{books}-{n}.journal"), &text);
                if let Some(found) = validators::hledger(&path) {
                    let found = found.unwrap_or_else(|e| panic!("{books} {from:?} {to:?}: {e}"));
                    assert_eq!(without_zeros(found), wanted, "hledger, {books} {from:?} {to:?}");
                }
                let text =
                    exported(&room, &Query { format: Format::Beancount, books, from, to }, &names);
                let path = file(&room, &format!("{books}-{n}.beancount"), &text);
                if let Some(found) = validators::beancount(&path) {
                    let found = found.unwrap_or_else(|e| panic!("{books} {from:?} {to:?}: {e}"));
                    assert_eq!(without_zeros(found), wanted, "beancount, {books} {from:?} {to:?}");
                }
            }
        }
    }

    fn dimensions_can_be_asked_for(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 70);
        let names = names(&town);
        let rows = table(&exported(&room, &query(Format::Csv, Books::Both), &names));
        let middle = day(&rows[rows.len() / 2]["effective_on"]);
        for from in [None, Some(middle)] {
            let range = Query { from, ..query(Format::Hledger, Books::Both) };
            let path = file(&room, "tags.journal", &exported(&room, &range, &names));
            let fund = "Fund 0";
            let wanted = without_zeros(sums(&rows, |row| row["fund"] == fund));
            let Some(found) = validators::hledger_query(&path, &["tag:fund=^Fund 0$"]) else {
                return;
            };
            assert_eq!(without_zeros(found), wanted, "{from:?}");
        }
        let path = file(
            &room,
            "tags.journal",
            &exported(&room, &query(Format::Hledger, Books::Both), &names),
        );
        let grant = town.grants[0].to_string();
        let found = validators::hledger_query(&path, &[&format!("tag:grant={grant}")]);
        let wanted = sums(&rows, |row| row["grant_id"] == grant);
        assert_eq!(found.map(without_zeros), Some(without_zeros(wanted)));
        let found = validators::hledger_query(&path, &["tag:budget=^Budget 1$"]);
        let wanted = sums(&rows, |row| row["budget"] == "Budget 1");
        assert_eq!(found.map(without_zeros), Some(without_zeros(wanted)));
    }

    fn rows_of_a_range_begin_with_what_was_before(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 70);
        let names = names(&town);
        let rows = table(&exported(&room, &query(Format::Csv, Books::Both), &names));
        let middle = day(&rows[rows.len() / 2]["effective_on"]);
        for books in [Books::General, Books::Budget, Books::Both] {
            let range = Query { from: Some(middle), ..query(Format::Csv, books) };
            let found = table(&exported(&room, &range, &names));
            let all = |row: &BTreeMap<String, String>| has(books, row);
            assert_eq!(
                without_zeros(sums(&found, all)),
                without_zeros(sums(&rows, all)),
                "balances, {books}"
            );
            let is_opening = |row: &BTreeMap<String, String>| row["kind"] == "opening";
            let (opening, rest): (Vec<_>, Vec<_>) = found.iter().cloned().partition(is_opening);
            let since = |row: &&BTreeMap<String, String>| {
                has(books, row) && day(&row["effective_on"]) >= middle
            };
            assert_eq!(rest, rows.iter().filter(since).cloned().collect::<Vec<_>>());
            assert!(!opening.is_empty());
            for row in &opening {
                assert_eq!((&*row["entry_id"], day(&row["effective_on"])), ("", middle));
            }
            let json = exported(&room, &Query { format: Format::Jsonl, ..range }, &names);
            let lines: Vec<Value> =
                json.lines().map(|l| serde_json::from_str(l).expect("an object")).collect();
            assert_eq!(lines.len(), found.len());
            for (row, line) in found.iter().zip(&lines) {
                assert_eq!(line["amount"]["amount"], row["amount"].as_str());
                assert_eq!(line["fund"].as_str().unwrap_or(""), row["fund"]);
                for key in ["kind", "book", "code", "account", "side", "effective_on"] {
                    assert_eq!(line[key], row[key].as_str(), "{key}");
                }
            }
        }
    }

    fn an_export_is_not_sent_away_row_by_row(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 20);
        struct Counted(usize);
        impl std::io::Write for Counted {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                self.0 += 1;
                Ok(())
            }
        }
        for format in Format::ALL {
            let flushed = room.read(|conn| {
                let (asked, mut out) = (query(*format, Books::Both), Counted(0));
                export::export(conn, &asked, &names(&town), room.ctx.today(), &mut out)?;
                Ok(out.0)
            });
            assert_eq!(flushed, 1, "{format}: at its end");
        }
    }

    fn an_amount_that_was_changed_on_the_way_is_noticed(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 40);
        let names = names(&town);
        // Both sides of one entry, so that it still balances: only the assertions can tell.
        let journal = exported(&room, &query(Format::Hledger, Books::General), &names);
        let (text, found) = falsified(&journal);
        assert!(found);
        let path = file(&room, "false.journal", &text);
        if let Some(result) = validators::hledger(&path) {
            assert!(result.expect_err("it was changed").contains("assertion"));
        }
        let beans = exported(&room, &query(Format::Beancount, Books::General), &names);
        let (text, found) = falsified(&beans);
        assert!(found);
        let path = file(&room, "false.beancount", &text);
        if let Some(result) = validators::beancount(&path) {
            assert!(result.expect_err("it was changed").contains("Balance failed"));
        }
    }

    fn empty_and_impossible_ranges(t: &Harness) {
        let room = Room::new(t);
        let names = Names::default();
        for format in Format::ALL {
            let text = exported(&room, &query(*format, Books::Both), &names);
            let path = file(&room, &format!("empty.{format}"), &text);
            match format {
                Format::Csv => assert_eq!(text.lines().count(), 1, "the header alone"),
                Format::Jsonl => assert_eq!(text, ""),
                Format::Hledger => drop(validators::hledger(&path).map(|r| r.expect("empty"))),
                Format::Beancount => drop(validators::beancount(&path).map(|r| r.expect("empty"))),
            }
            let (from, to) = (Some(day("2026-02-02")), Some(day("2026-02-01")));
            let backwards = Query { from, to, ..query(*format, Books::Both) };
            let refused = t.db.read_now("export", |conn| {
                export::export(conn, &backwards, &names, room.ctx.today(), &mut std::io::sink())
            });
            assert_eq!(refused.expect_err("backwards").kind(), Kind::Invalid);
        }
    }

    fn a_reader_that_goes_away_ends_the_export(t: &Harness) {
        let room = Room::new(t);
        let town = history(&room, 10);
        struct Gone;
        impl std::io::Write for Gone {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        for format in Format::ALL {
            let asked = query(*format, Books::Both);
            let ended = t.db.read_now("export", |conn| {
                export::export(conn, &asked, &names(&town), room.ctx.today(), &mut Gone)
            });
            assert!(ended.is_err(), "{format}");
        }
        good(t.db.ping());
    }
}

/// One cent more on both sides of the first entry of two lines in dollars.
fn falsified(text: &str) -> (String, bool) {
    let mut changed = 0;
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let amount = line.trim_start().split("  ").nth(1).filter(|_| line.starts_with(' '));
        let usd =
            amount.and_then(|a| a.trim().split(" USD").next()).filter(|_| line.contains(" USD"));
        let number =
            usd.filter(|n| n.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()));
        match number {
            Some(number) if changed < 2 => {
                changed += 1;
                let more = format!("{}9", &number[..number.len() - 1]);
                lines.push(line.replace(number, &more));
            }
            _ => lines.push(line.to_owned()),
        }
    }
    (lines.join("\n") + "\n", changed == 2)
}
