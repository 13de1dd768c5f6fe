//! `almoner check`.

use super::{Setup, say};
use crate::exports;
use crate::exports::service::Checked;
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Stopwatch;
use crate::ledger::service::{CheckReport, SealHead};
use crate::platform::db::Db;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    /// A seal that was kept elsewhere: the JSON that `--seal` printed
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Print the newest seal, to be kept elsewhere
    #[arg(long)]
    seal: bool,
}

/// Proves every invariant over the whole journal; exit code 1 when one is broken. A seal is printed
/// only where there is one, and only of a ledger that holds. What was found is kept, as that of the
/// daily check is.
pub(super) fn run(setup: &Setup, args: &Args) -> Result<ExitCode> {
    let against = args.against.as_deref().map(read).transpose()?;
    let db = setup.settled()?;
    let (watch, at) = (Stopwatch::start(), setup.env.clock.now());
    let report = db.read_now("check", |conn| exports::service::prove(conn, against.as_ref()))?;
    // What does not hold against a seal from elsewhere may hold all the same by itself.
    if report.holds || against.is_none() {
        keep(&db, &Checked::of(&report, at, watch.read()));
    }
    if args.json {
        say(&serde_json::to_string_pretty(&report).map_err(Problem::internal)?);
    } else if args.seal && report.holds {
        let head = head(&report)?;
        say(&serde_json::to_string(&head).map_err(Problem::internal)?);
    } else {
        tell(&report);
    }
    Ok(if report.holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A ledger that cannot be written to is proven, too.
fn keep(db: &Db, checked: &Checked) {
    let kept = db.write_now("check.kept", |conn| exports::service::keep_check(conn, checked));
    if let Err(problem) = kept {
        tracing::warn!(%problem, "what was found could not be noted in the database");
    }
}

/// The newest seal. Nothing could ever differ from one of an empty chain.
fn head(report: &CheckReport) -> Result<SealHead> {
    let head = SealHead { seq: report.sealed, hash: report.seal.clone().unwrap_or_default() };
    if head.is_one() {
        return Ok(head);
    }
    let detail = "Nothing is sealed yet: keep a seal once there is one (a job seals what is booked \
                  within minutes).";
    Err(Problem::wrong_state(detail))
}

fn read(path: &Path) -> Result<SealHead> {
    let unreadable = |why: String| {
        let detail = format!("{} is not a seal.", path.display());
        Problem::new(Kind::MalformedRequest, detail).because(why)
    };
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
    let head: SealHead = serde_json::from_str(&text).map_err(|e| unreadable(e.to_string()))?;
    if !head.is_one() {
        return Err(unreadable("it is of an empty chain, or its hash is not one".into()));
    }
    Ok(head)
}

fn tell(report: &CheckReport) {
    say(&format!(
        "{} entries, {} postings, {} sealed",
        report.entries, report.postings, report.sealed
    ));
    for finding in &report.findings {
        let word = if finding.holds { "holds " } else { "BROKEN" };
        say(&format!("{word} {}. {}", finding.invariant, finding.says));
        if let Some(first) = &finding.first {
            say(&format!("          first: {first}"));
        }
    }
}
