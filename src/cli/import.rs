//! `almoner import grants FILE.csv`.

use super::{Setup, say};
use crate::exports::service::{self, GrantRow, Imported, Setup as Source};
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::context::Ctx;
use crate::platform::db::{Db, savepoint};
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Grants of the past, with the columns id, title, recipient_organization, amount, currency,
    /// award_date and programs
    Grants {
        /// The file (CSV, UTF-8)
        file: PathBuf,
        /// Name of the source: rows are imported once to a source; the file's name when absent
        #[arg(long)]
        source: Option<String>,
    },
}

/// What became of all rows.
#[derive(Debug, Default)]
struct Tally {
    new: usize,
    before: usize,
    bad: Vec<(u64, String)>,
}

/// Imports each good row, reports each bad one with its line, and may be run again.
pub(super) fn run(setup: &Setup, args: &Args) -> Result<ExitCode> {
    let What::Grants { file, source } = &args.what;
    let stem = || file.file_stem().map(|s| s.to_string_lossy().into_owned());
    let source = source.clone().or_else(stem).unwrap_or_else(|| "import".into());
    let unreadable = |e: String| {
        let detail = format!("{} cannot be read.", file.display());
        Problem::new(Kind::MalformedRequest, detail).because(e)
    };
    let opened = std::fs::File::open(file).map_err(|e| unreadable(e.to_string()))?;
    let mut tally = Tally::default();
    let mut rows = Vec::new();
    for (line, row) in service::read_rows(opened) {
        match row {
            Ok(row) => rows.push((line, row)),
            Err(why) => tally.bad.push((line, why)),
        }
    }
    let db = setup.database()?;
    carry(setup, &db, &source, &rows, &mut tally)?;
    report(&tally);
    Ok(if tally.bad.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Carries the rows through the services, some to a transaction, each in a savepoint of its own.
fn carry(
    setup: &Setup,
    db: &Db,
    name: &str,
    rows: &[(u64, GrantRow)],
    tally: &mut Tally,
) -> Result<()> {
    let Some(first) = rows.iter().map(|(_, r)| r.awarded_on).min() else { return Ok(()) };
    let currency = rows[0].1.amount.currency();
    let ctx = Ctx::system(&setup.env, "import");
    let source: Source = db.write_now("import.set_up", |conn| {
        service::set_up(conn, &ctx, name, currency, first.min(ctx.today()))
    })?;
    let at_once = setup.env.config.import.batch_rows.max(1);
    let mut bar = Bar::new(rows.len());
    for chunk in rows.chunks(at_once) {
        let results = db.write_now("import.rows", |conn| {
            let mut results = Vec::with_capacity(chunk.len());
            for (line, row) in chunk {
                let result = savepoint(conn, |conn| service::import_row(conn, &ctx, &source, row));
                match result {
                    // A fault of ours or of the database is not the row's: stop and say so.
                    Err(problem) if problem.status() >= 500 => return Err(problem),
                    other => results.push((*line, other.map_err(|p| p.to_string()))),
                }
            }
            Ok(results)
        })?;
        for (line, result) in results {
            match result {
                Ok(Imported::New) => tally.new += 1,
                Ok(Imported::Before) => tally.before += 1,
                Err(why) => tally.bad.push((line, why)),
            }
        }
        bar.advance(chunk.len());
    }
    bar.end();
    tally.bad.sort();
    Ok(())
}

fn report(tally: &Tally) {
    for (line, why) in &tally.bad {
        say(&format!("line {line}: {why}"));
    }
    say(&format!(
        "{} imported, {} were there before, {} not imported",
        tally.new,
        tally.before,
        tally.bad.len()
    ));
}

/// Progress on a terminal; silent elsewhere.
struct Bar {
    all: usize,
    done: usize,
    shown: bool,
}

impl Bar {
    fn new(all: usize) -> Self {
        Self { all, done: 0, shown: std::io::stderr().is_terminal() }
    }
    fn advance(&mut self, by: usize) {
        self.done += by;
        if self.shown {
            let full = self.done * 40 / self.all.max(1);
            let (done, all) = (self.done, self.all);
            let mut err = std::io::stderr().lock();
            // A terminal that has gone is no reason to stop.
            drop(write!(err, "\r[{:<40}] {done}/{all}", "#".repeat(full)));
            drop(err.flush());
        }
    }
    fn end(&self) {
        if self.shown {
            drop(writeln!(std::io::stderr().lock()));
        }
    }
}
