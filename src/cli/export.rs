//! `almoner export ledger`.

use super::Setup;
use crate::exports;
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
use crate::ledger::export::{Books, Format, Query};
use crate::platform::context::Ctx;
use std::cell::RefCell;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The journal, for an accountant's program
    Ledger(LedgerArgs),
}

#[derive(Debug, clap::Args)]
struct LedgerArgs {
    /// csv, jsonl, hledger or beancount
    #[arg(long)]
    format: Format,
    /// general, budget or both
    #[arg(long, default_value = "general")]
    book: Books,
    /// First day; what was before becomes one opening entry
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// Last day
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
    /// Write to this file instead of the terminal
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes the export; a file appears under its name only when it is whole.
pub(super) fn run(setup: &Setup, args: &Args) -> Result<ExitCode> {
    let What::Ledger(args) = &args.what;
    let query = Query { format: args.format, books: args.book, from: args.from, to: args.to };
    let db = setup.database()?;
    let ctx = Ctx::system(&setup.env, "export");
    let unwritten = |e: std::io::Error| {
        Problem::new(Kind::StorageFull, "The file could not be written.").because(e)
    };
    let part = args.output.as_ref().map(|p| p.with_added_extension("part"));
    let out: Box<dyn Write> = match &part {
        Some(path) => Box::new(BufWriter::new(File::create(path).map_err(unwritten)?)),
        None => Box::new(BufWriter::new(std::io::stdout().lock())),
    };
    let out = RefCell::new(out);
    db.read_now("export.ledger", |conn| {
        exports::service::export(conn, &ctx, &query, &mut **out.borrow_mut())
    })?;
    drop(out);
    if let (Some(part), Some(path)) = (part, &args.output) {
        std::fs::rename(part, path).map_err(unwritten)?;
    }
    Ok(ExitCode::SUCCESS)
}
