//! The real programs: hledger, ledger, bean-check, bean-query. Where one is not installed, what it
//! would prove is skipped and says so; `ALMONER_REQUIRE_VALIDATORS=1` makes that a failure.

use super::setting;
use crate::support::say;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// What is left on an account, by its name and currency, as decimal text without zeros.
pub type Balances = BTreeMap<(String, String), String>;

/// The program of this name: where `variable` says, or on the path.
fn find(name: &str, variable: &str) -> Option<PathBuf> {
    let told: String = setting(variable, String::new());
    let path: String = setting("PATH", String::new());
    let found = if told.is_empty() {
        std::env::split_paths(&path).map(|dir| dir.join(name)).find(|p| p.is_file())
    } else {
        Some(PathBuf::from(told))
    };
    let required: String = setting("ALMONER_REQUIRE_VALIDATORS", String::new());
    if found.is_none() {
        assert!(required != "1", "ALMONER_REQUIRE_VALIDATORS is set, but there is no {name}");
        static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        if SAID.lock().expect("no panic in here").insert(name.to_owned()) {
            say(&format!(
                "skipped: what {name} would prove: it is not installed ({variable}, PATH)"
            ));
        }
    }
    found
}

/// Runs it; what it said, or what it complained about.
fn run(program: &Path, args: &[&str]) -> Result<String, String> {
    let out = Command::new(program)
        .args(args)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap_or_else(|e| panic!("{}: {e}", program.display()));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, complained) = (text(&out.stdout), text(&out.stderr));
    if out.status.success() { Ok(said) } else { Err(format!("{said}{complained}")) }
}

/// Whether hledger and ledger take a journal; what hledger says is left on each account.
pub fn hledger(file: &Path) -> Option<Result<Balances, String>> {
    let hledger = find("hledger", "ALMONER_HLEDGER")?;
    let path = file.display().to_string();
    Some((|| {
        let checks = ["ordereddates", "accounts", "commodities", "payees", "assertions"];
        let mut args = vec!["-f", &path, "check", "-s"];
        args.extend(checks);
        run(&hledger, &args)?;
        if let Some(ledger) = find("ledger", "ALMONER_LEDGER_CLI") {
            run(&ledger, &["-f", &path, "--pedantic", "bal"])?;
        }
        let table = run(
            &hledger,
            &["-f", &path, "bal", "--flat", "-N", "-E", "-O", "csv", "--layout=bare"],
        )?;
        Ok(rows(&table)
            .filter(|r| r.len() == 3 && r[0] != "account")
            .map(|r| ((r[0].clone(), r[1].clone()), plain(&r[2])))
            .collect())
    })())
}

/// What hledger says of a query, as rows of account, currency and amount.
pub fn hledger_query(file: &Path, query: &[&str]) -> Option<Balances> {
    let hledger = find("hledger", "ALMONER_HLEDGER")?;
    let path = file.display().to_string();
    let mut args = vec!["-f", &path, "bal", "--flat", "-N", "-O", "csv", "--layout=bare"];
    args.extend(query);
    let table = run(&hledger, &args).unwrap_or_else(|e| panic!("{query:?}: {e}"));
    Some(
        rows(&table)
            .filter(|r| r.len() == 3 && r[0] != "account")
            .map(|r| ((r[0].clone(), r[1].clone()), plain(&r[2])))
            .collect(),
    )
}

/// Descriptions of all transactions, as hledger reads them.
pub fn hledger_descriptions(file: &Path) -> Option<Vec<String>> {
    let hledger = find("hledger", "ALMONER_HLEDGER")?;
    let table = run(&hledger, &["-f", &file.display().to_string(), "print", "-O", "csv"]);
    let table = table.unwrap_or_else(|e| panic!("{e}"));
    Some(rows(&table).skip(1).map(|r| r[5].clone()).collect())
}

/// Whether bean-check takes a file; what bean-query says is left on each account.
pub fn beancount(file: &Path) -> Option<Result<Balances, String>> {
    let check = find("bean-check", "ALMONER_BEAN_CHECK")?;
    let path = file.display().to_string();
    Some((|| {
        let said = run(&check, &["--no-cache", &path])?;
        if !said.trim().is_empty() {
            return Err(said);
        }
        let Some(query) = find("bean-query", "ALMONER_BEAN_QUERY") else {
            return Err("bean-check without bean-query".into());
        };
        let sql = "SELECT account, currency, sum(number) AS n \
                   GROUP BY account, currency ORDER BY account";
        let table = run(&query, &["-f", "csv", &path, sql])?;
        let rows = rows(&table).skip(1).filter(|r| r.len() == 3 && r[0] != "account");
        Ok(rows.map(|r| ((r[0].clone(), r[1].clone()), plain(&r[2]))).collect())
    })())
}

fn rows(table: &str) -> impl Iterator<Item = Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(table.as_bytes());
    let rows: Vec<Vec<String>> = reader
        .records()
        .map(|r| r.expect("CSV").iter().map(|c| c.trim().to_owned()).collect())
        .collect();
    rows.into_iter()
}

/// `1250.50` and `1250.5` are the same; zero is `0`.
pub fn plain(number: &str) -> String {
    let number = number.trim().replace(',', "");
    let number = match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => number,
    };
    if matches!(number.as_str(), "" | "-" | "-0") { "0".into() } else { number }
}
