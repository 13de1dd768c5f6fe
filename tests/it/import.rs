//! Grants of the past, through the program itself.

use crate::support::{Harness, environment, say};
use almoner::exports;
use almoner::kernel::page::PageQuery;
use almoner::kernel::time::{Clock, Instant};
use almoner::ledger::service::{self as ledger, EntryFilter};
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

/// 2,880 public grants, where the file is there; on the embedded database, for the time it takes.
#[test]
fn the_public_grants() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/public-grants.csv");
    if !file.is_file() {
        return say("skipped: ../shared/data/public-grants.csv is not there");
    }
    Harness::run(crate::support::Side::Sqlite, |t| {
        let total: u64 = csv::Reader::from_path(&file)
            .expect("readable")
            .records()
            .map(|r| r.expect("a row")[3].parse::<u64>().expect("whole dollars"))
            .sum();
        imported(t, &file, 2880, 0, &format!("{total}.00 USD"));
    });
}
