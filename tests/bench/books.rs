//! Grants of the past imported, the ledger proven, the journal exported and judged by another
//! program.

use crate::home::Home;
use crate::report::{Table, megabytes, percent, progress, seconds};
use crate::server::{program, time};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Grants that were really made, where they are at hand.
const PUBLIC: &str = "../shared/data/public-grants.csv";
const IMPORT: Duration = Duration::from_secs(30);

/// The file to import, and what it is.
fn grants(scratch: &Path) -> Result<(PathBuf, String), String> {
    let public = Path::new(env!("CARGO_MANIFEST_DIR")).join(PUBLIC);
    if let Ok(text) = std::fs::read_to_string(&public) {
        return Ok((public, format!("{} public grants", text.lines().count() - 1)));
    }
    let head = "id,title,recipient_organization,amount,currency,award_date,programs\n";
    let rows = (1..=2_000).fold(head.to_owned(), |mut text, n| {
        let (who, month) = (n % 700, n % 12 + 1);
        let year = 2012 + n % 13;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "g-{n},Support,Org {who},{n}000,USD,{year}-{month:02}-15,Health");
        text
    });
    let path = scratch.join("grants.csv");
    std::fs::write(&path, rows).map_err(|e| e.to_string())?;
    Ok((path, "2,000 made-up grants".into()))
}

/// Imports into an empty database, then proves and exports it.
pub fn import(home: &Home, table: &mut Table) -> Result<(), String> {
    let (file, what) = grants(home.scratch())?;
    progress(&format!("{}: importing {what}", home.side.title()));
    let file = file.to_string_lossy().into_owned();
    let ran = time(program(home, &["import", "grants", &file]))?;
    let micros = |d: Duration| u64::try_from(d.as_micros()).unwrap_or(u64::MAX);
    let beside = format!(
        "{} % of 30 s: {}",
        percent(micros(ran.took), micros(IMPORT)),
        if ran.took <= IMPORT { "met" } else { "MISSED" }
    );
    table.row(vec![
        home.side.title().into(),
        format!("import of {what}"),
        seconds(ran.took),
        megabytes(ran.most),
        beside,
    ]);
    prove(home, &what, table)
}

/// `check` and the exports.
pub fn prove(home: &Home, what: &str, table: &mut Table) -> Result<(), String> {
    progress(&format!("{}: check and exports, {what}", home.side.title()));
    let side = home.side.title();
    let mut row = |name: String, took: Duration, most: Option<u64>| {
        table.row(vec![side.into(), name, seconds(took), megabytes(most), String::new()]);
    };
    let ran = time(program(home, &["check"]))?;
    row(format!("check, {what}"), ran.took, ran.most);
    for format in ["csv", "hledger"] {
        let output = home.scratch().join(format!("out.{format}"));
        let path = output.to_string_lossy().into_owned();
        let mut args = vec!["export", "ledger", "--format", format, "--output", &path];
        args.extend(["--book", "both"]);
        let ran = time(program(home, &args))?;
        row(format!("export as {format}, {what}"), ran.took, ran.most);
        if format == "hledger" {
            let mut hledger = Command::new("hledger");
            hledger.args(["check", "-f", &path]).stdin(Stdio::null()).stdout(Stdio::null());
            match time(hledger) {
                Ok(ran) => row(format!("hledger check, {what}"), ran.took, ran.most),
                Err(why) => progress(&format!("hledger: {why}")),
            }
        }
        drop(std::fs::remove_file(&output));
    }
    Ok(())
}
