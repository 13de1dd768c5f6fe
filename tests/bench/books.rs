//! Grants of the past imported, the ledger proven, the journal exported and judged by another
//! program.

use crate::home::{Home, Side};
use crate::report::{Table, megabytes, progress, seconds};
use crate::server::{Ran, program, time};
use crate::years::{self, told};
use almoner::kernel::ids::of;
use almoner::kernel::money::{Currency, Money};
use almoner::ledger;
use almoner::ledger::movements::{self, About};
use almoner::platform::context::Ctx;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Grants that were really made, where they are at hand.
const PUBLIC: &str = "../shared/data/public-grants.csv";
const IMPORT: Duration = Duration::from_secs(30);
/// What `check` and the exports may take, however much there is.
const MOST_KIB: u64 = 64 * 1024;
const FORMATS: [&str; 4] = ["csv", "jsonl", "hledger", "beancount"];
/// Offers that come and go: four postings each.
const PAIRS: usize = 250_000;
const PAIRS_AT_ONCE: usize = 500;

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
    // Wanted of an import into the embedded database.
    let target = match home.side {
        Side::Sqlite => verdict("≤ 30 s", ran.took <= IMPORT),
        Side::Postgres => String::new(),
    };
    table.row(cells(home, format!("import of {what}"), &ran, target));
    prove(home, &what, table)
}

/// A million postings, made by the ledger itself; then proven and exported.
pub fn million(home: &Home, table: &mut Table) -> Result<(), String> {
    progress(&format!("{}: making 1,000,000 postings", home.side.title()));
    let db = home.open()?;
    let ctx = Ctx::system(&home.env()?, "bench");
    let (world, _) = years::make(&db, &ctx, 500)?;
    let currency = Currency::parse("USD").map_err(|e| e.to_string())?;
    // An offer, two postings; and its release, two more.
    for batch in 0..PAIRS / PAIRS_AT_ONCE {
        let mut movements = Vec::new();
        for number in batch * PAIRS_AT_ONCE..(batch + 1) * PAIRS_AT_ONCE {
            let who = &world.regrantors[number % world.regrantors.len()];
            let minor = 100 + i64::try_from(number % 9_000).unwrap_or(0);
            let money = Money::new(minor, currency);
            let day = i32::try_from(number * 1_800 / PAIRS).unwrap_or(0);
            let source = ("offer", ctx.id::<of::Offer>().uuid());
            let on = ctx.today().plus_days(day - 1_800);
            let about = |memo: &str| About { on, memo: memo.into(), source };
            let (fund, budget) = (who.fund, who.budget);
            let placed = movements::offer_placed(fund, budget, money, &about("offer placed"));
            let back = movements::offer_released(fund, budget, money, &about("offer released"));
            movements.push(placed.map_err(told)?);
            movements.push(back.map_err(told)?);
        }
        db.write_now("bench.million", |conn| ledger::service::post_many(conn, &ctx, &movements))
            .map_err(told)?;
    }
    let seal = || db.write_now("bench.seal", |conn| ledger::service::seal(conn, &ctx, 1_000));
    while seal().map_err(told)? > 0 {}
    drop(db);
    home.settle()?;
    prove(home, "1,000,000 postings", table)
}

fn verdict(target: &str, met: bool) -> String {
    format!("{target}: {}", if met { "met" } else { "MISSED" })
}

fn cells(home: &Home, what: String, ran: &Ran, target: String) -> Vec<String> {
    let cpu = ran.cpu.map_or_else(|| "n/a".into(), seconds);
    let (took, most) = (seconds(ran.took), megabytes(ran.most));
    vec![home.side.title().into(), what, took, cpu, most, target]
}

/// `check` and the exports.
pub fn prove(home: &Home, what: &str, table: &mut Table) -> Result<(), String> {
    progress(&format!("{}: check and exports, {what}", home.side.title()));
    let small = |ran: &Ran| ran.most.is_some_and(|kib| kib <= MOST_KIB);
    let check = time(program(home, &["check"]))?;
    table.row(cells(home, format!("check, {what}"), &check, verdict("≤ 64 MiB", small(&check))));
    for format in FORMATS {
        let output = home.scratch().join(format!("out.{format}"));
        let path = output.to_string_lossy().into_owned();
        let mut args = vec!["export", "ledger", "--format", format, "--output", &path];
        args.extend(["--book", "both"]);
        let ran = time(program(home, &args))?;
        let target = verdict("≤ 64 MiB", small(&ran));
        table.row(cells(home, format!("export as {format}, {what}"), &ran, target));
        if format == "hledger" {
            let mut hledger = Command::new("hledger");
            hledger.args(["check", "-f", &path]).stdin(Stdio::null()).stdout(Stdio::null());
            match time(hledger) {
                Ok(ran) => {
                    let target = verdict("more than our check", check.took < ran.took);
                    table.row(cells(home, format!("hledger check, {what}"), &ran, target));
                }
                Err(why) => progress(&format!("hledger: {why}")),
            }
        }
        drop(std::fs::remove_file(&output));
    }
    Ok(())
}
