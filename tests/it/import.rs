//! Grants of the past, through the program itself.

use crate::support::{Harness, Side, environment, say};
use almoner::exports;
use almoner::kernel::page::PageQuery;
use almoner::kernel::time::{Clock, Instant};
use almoner::ledger::service::{self as ledger, EntryFilter};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use std::path::{Path, PathBuf};
use std::process::Command;

const SAMPLE: &str = "\
id,title,recipient_organization,amount,currency,award_date,programs
g-1,General support,\"Ärzte; \"\"ohne\"\" | Grenzen\",100000,USD,2012-07-01,Health
g-2,=cmd|' /C calc'!A0,Org One,\"1,250.50\",USD,2016-02-29,\"A, B\"
g-3,Research,Org One,1,USD,2026-01-31,
bad-1,No amount,Org,none,USD,2020-01-01,
bad-2,No such day,Org,5,USD,2023-02-29,
bad-3,,Org,5,USD,2023-02-28,
bad-4,Nothing,Org,0,USD,2023-02-28,
bad-5,A decimal comma,Org,\"1250,50\",USD,2023-02-28,
";

fn run(t: &Harness, args: &[&str]) -> (bool, String) {
    let done = t.program(args).output().expect("the program starts");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    (done.status.success(), said + &String::from_utf8_lossy(&done.stderr))
}

/// Every entry counts for a day of the past, and was written between these moments.
fn recorded_between(t: &Harness, first: Instant, last: Instant) {
    let ctx = crate::ledger::Room::new(t).ctx;
    let page = PageQuery { limit: Some(200), after: None };
    let all = t.db.read_now("test.entries", |conn| {
        ledger::entries(conn, &ctx, &EntryFilter::default(), &page.checked()?)
    });
    let all = all.expect("a list").items;
    assert!(all.len() > 20);
    for entry in &all {
        assert!(entry.effective_on < first.date(), "{entry:?}");
        assert!((first..=last).contains(&entry.recorded_at), "{entry:?}");
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

fn count(t: &Harness, sql: &str) -> i64 {
    let count = t.db.read_now("test.count", |conn| {
        let count: Count = diesel::sql_query(sql).get_result(conn)?;
        Ok(count.rows)
    });
    count.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()))
}

/// The balance of an account in hledger's eyes, as it prints it.
fn hledger(journal: &Path, account: &str) -> Option<String> {
    let args = ["-f", journal.to_str()?, "bal", "-N", "-E", "--flat", account, "-O", "csv"];
    let done = match Command::new("hledger").args(args).output() {
        Ok(done) => done,
        Err(e) if environment("ALMONER_REQUIRE_VALIDATORS").is_none() => {
            say(&format!("skipped hledger: {e}"));
            return None;
        }
        Err(e) => panic!("hledger is required: {e}"),
    };
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    text.lines().last().and_then(|l| l.rsplit_once(",\"")).map(|l| l.1.trim_matches('"').to_owned())
}

fn imported(t: &Harness, file: &Path, new: usize, bad: usize, total: &str) {
    let path = file.to_str().expect("plain");
    let (good, said) = run(t, &["import", "grants", path, "--source", "public"]);
    assert_eq!(good, bad == 0, "{said}");
    let tail = format!("{new} imported, 0 were there before, {bad} not imported");
    assert!(said.contains(&tail), "{said}");
    let (_, said) = run(t, &["import", "grants", path, "--source", "public"]);
    let tail = format!("0 imported, {new} were there before, {bad} not imported");
    assert!(said.contains(&tail), "{said}");
    let (holds, said) = run(t, &["check"]);
    assert!(holds, "{said}");
    let report = t.db.read_now("test.check", |conn| exports::service::prove(conn, None));
    assert!(report.expect("it runs").holds);
    let package = t.dir().join("360giving.json");
    let file = package.to_str().expect("plain").to_owned();
    let (good, said) = run(t, &["export", "360giving", "--public", "--output", &file]);
    assert!(good, "{said}");
    let package = std::fs::read_to_string(&package).expect("a file");
    let package = crate::publishing::giving::read(&package, new);
    let organisations = package["grants"].as_array().expect("grants").iter();
    assert!(organisations.clone().all(|g| g["recipientOrganization"][0]["name"].is_string()));
    let journal: PathBuf = t.dir().join("out.journal");
    let out = journal.to_str().expect("plain").to_owned();
    let (good, said) = run(t, &["export", "ledger", "--format", "hledger", "--output", &out]);
    assert!(good, "{said}");
    if let Some(paid) = hledger(&journal, "Expenses:Grants") {
        assert_eq!(paid.replace(',', ""), total);
        assert_eq!(hledger(&journal, "Assets:Bank").as_deref(), Some("0"), "all of it was paid");
    }
}

both! {
    fn a_file_with_good_and_bad_rows(t: &Harness) {
        let file = t.dir().join("grants.csv");
        std::fs::write(&file, SAMPLE).expect("written");
        let before = Clock::system().now();
        imported(t, &file, 3, 5, "101251.50 USD");
        recorded_between(t, before, Clock::system().now());
        let path = file.to_str().expect("plain");
        let (_, said) = run(t, &["import", "grants", path, "--source", "x"]);
        for line in
            ["line 5: amount", "line 6: award_date", "line 7:", "line 8: amount", "line 9: amount"]
        {
            assert!(said.contains(line), "{line} in {said}");
        }
    }
}

both! {
    fn a_file_without_a_column_is_told_once(t: &Harness) {
        let file = t.dir().join("grants.csv");
        let path = file.to_str().expect("plain");
        let lines = "title,recipient_organization,amount,award_date\n\
                     Support,Org One,3000,2024-05-01\n\
                     Support,Org Two,2000,2024-05-01\n";
        std::fs::write(&file, lines).expect("written");
        let (good, said) = run(t, &["import", "grants", path]);
        let missing = "line 1: these columns are missing: id, currency";
        assert!(!good && said.contains(missing), "{said}");
        assert!(said.contains("0 imported, 0 were there before, 1 not imported"), "{said}");
        assert!(!said.contains("line 2"), "{said}");
    }

    fn nothing_but_the_sum_is_said(t: &Harness) {
        let file = t.dir().join("grants.csv");
        let path = file.to_str().expect("plain");
        let lines = "id,title,recipient_organization,amount,currency,award_date,programs\n\
                     a,Support,Org One,3000,USD,2024-05-01,Health\n";
        std::fs::write(&file, lines).expect("written");
        let mut command = t.program(&["import", "grants", path]);
        let done = command.env_remove("ALMONER__LOG__LEVEL").output().expect("it starts");
        assert!(done.status.success());
        let logged = String::from_utf8_lossy(&done.stderr);
        assert!(!logged.contains("INFO") && !logged.contains("payment"), "{logged}");
        assert!(String::from_utf8_lossy(&done.stdout).starts_with("1 imported, "));
    }
}

both! {
    // As lists of grants often are: the newest first, and some have had several.
    fn lines_are_in_any_order_of_days(t: &Harness) {
        let file = t.dir().join("grants.csv");
        let lines = "id,title,recipient_organization,amount,currency,award_date,programs\n\
                     a,Support,Org One,3000,USD,2024-05-01,Health\n\
                     b,Support,Org One,2000,USD,2021-03-01,Health\n\
                     c,Support,Org One,1000,USD,2012-01-15,Health\n";
        std::fs::write(&file, lines).expect("written");
        imported(t, &file, 3, 0, "6000.00 USD");
    }
}

both! {
    // What could not be read at first is put right, and the file imported again.
    fn lines_that_are_mended_later_may_be_the_oldest(t: &Harness) {
        let file = t.dir().join("grants.csv");
        let path = file.to_str().expect("plain");
        let lines = |first: &str, older: &str| format!(
            "id,title,recipient_organization,amount,currency,award_date,programs\n\
             a,Support,Org One,3000,USD,2021-05-01,Health\n\
             b,Support,Org Two,2000,USD,{first},Health\n{older}"
        );
        let import = |text: String, tail: &str| {
            std::fs::write(&file, text).expect("written");
            let (_, said) = run(t, &["import", "grants", path, "--source", "public"]);
            assert!(said.contains(tail), "{said}");
        };
        import(lines("unknown", ""), "1 imported, 0 were there before, 1 not imported");
        // Its call was made by an earlier version, for the days of the first file.
        let day = match t.side {
            Side::Sqlite => "18748",
            Side::Postgres => "DATE '2021-05-01'",
        };
        let sql = format!("UPDATE calls SET opens_on = {day}");
        let older = t.db.write_now("test.older", |conn| Ok(conn.batch_execute(&sql)?));
        older.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
        import(lines("2012-01-15", ""), "1 imported, 1 were there before, 0 not imported");
        // A slip of the pen spoils its own line.
        let slip = "c,Support,Org One,1000,USD,0202-01-15,Health\n";
        import(lines("2012-01-15", slip), "0 imported, 2 were there before, 1 not imported");
        let (holds, said) = run(t, &["check"]);
        assert!(holds, "{said}");
        // It was moved once, and when that was done is not a day of the past.
        let moved = "SELECT count(*) AS rows FROM audit_log WHERE action = 'edit_call'";
        assert_eq!(count(t, moved), 1);
        let late = "SELECT count(*) AS rows FROM calls WHERE changed_at > created_at";
        assert_eq!(count(t, late), 1);
    }
}

both! {
    fn ids_that_only_signs_tell_apart_are_two(t: &Harness) {
        let file = t.dir().join("grants.csv");
        let lines = "id,title,recipient_organization,amount,currency,award_date,programs\n\
                     2023-1-12,Support,Org One,3000,USD,2023-05-01,Health\n\
                     2023-11-2,Support,Org Two,3000,USD,2023-05-01,Health\n\
                     a,Support,Org One,3000,USD,2023-05-01,Health\n\
                     A,Support,Org Two,3000,USD,2023-05-01,Health\n";
        std::fs::write(&file, lines).expect("written");
        imported(t, &file, 4, 0, "12000.00 USD");
    }

    // The budget that the rows before had is closed: those that follow have another.
    fn a_source_whose_budget_was_closed_goes_on(t: &Harness) {
        let file = t.dir().join("grants.csv");
        let path = file.to_str().expect("plain");
        let import = |last: &str, tail: &str| {
            let lines = format!(
                "id,title,recipient_organization,amount,currency,award_date,programs\n\
                 a,Support,Org One,3000,USD,2021-05-01,Health\n{last}"
            );
            std::fs::write(&file, lines).expect("written");
            let (_, said) = run(t, &["import", "grants", path, "--source", "public"]);
            assert!(said.contains(tail), "{said}");
        };
        import("", "1 imported, 0 were there before, 0 not imported");
        {
            let web = t.serve();
            let admin = web.desk().admin;
            let budgets = admin.get("/api/v1/budgets").ok();
            let budget = budgets["items"][0]["id"].as_str().expect("an id");
            admin.command(&format!("/api/v1/budgets/{budget}/close")).ok();
        }
        import(
            "b,Support,Org Two,2000,USD,2022-05-01,Health\n",
            "1 imported, 1 were there before, 0 not imported",
        );
        import(
            "c,Support,Org Two,1000,USD,2023-05-01,Health\n",
            "1 imported, 1 were there before, 0 not imported",
        );
        assert_eq!(count(t, "SELECT count(*) AS rows FROM budgets"), 2, "no more than is needed");
        let (holds, said) = run(t, &["check"]);
        assert!(holds, "{said}");
    }
}

/// 2,880 public grants, where the file is there; on the embedded database, for the time it takes.
#[test]
fn the_public_grants() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/public-grants.csv");
    if !file.is_file() {
        return say("skipped: ../shared/data/public-grants.csv is not there");
    }
    Harness::run(Side::Sqlite, |t| {
        let total: u64 = csv::Reader::from_path(&file)
            .expect("readable")
            .records()
            .map(|r| r.expect("a row")[3].parse::<u64>().expect("whole dollars"))
            .sum();
        imported(t, &file, 2880, 0, &format!("{total}.00 USD"));
    });
}
