//! `almoner export ledger` and `almoner export 360giving`.

use super::Setup;
use super::passing::Passing;
use crate::exports;
use crate::kernel::Result;
use crate::kernel::fields::days_in_order;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
use crate::ledger::export::{Books, Format, Query};
use crate::platform::context::Ctx;
use crate::platform::db::{Conn, Db};
use crate::platform::files::kind_of;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

impl Args {
    /// Whether it signs, seals or opens: in public data people go by a mark that is made of a key.
    pub(super) fn needs_keys(&self) -> bool {
        matches!(self.what, What::Giving(_))
    }
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The journal, for an accountant's program
    Ledger(LedgerArgs),
    /// Awards, as a package of the 360Giving Data Standard
    #[command(name = "360giving")]
    Giving(GivingArgs),
}

#[derive(Debug, clap::Args)]
struct GivingArgs {
    /// Only what everybody may see; otherwise all but what is withheld
    #[arg(long)]
    public: bool,
    /// Write to this file instead of the terminal
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
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

/// Writes the export; a file appears under its name only when it is whole. A reader that wants no
/// more (`| head`) ends it, and is no failure.
pub(super) fn run(setup: &Setup, args: &Args) -> Result<ExitCode> {
    if let What::Ledger(args) = &args.what {
        days_in_order("--", args.from, args.to)?;
    }
    let db = setup.settled()?;
    let ctx = Ctx::system(&setup.env, "export");
    let (output, written) = match &args.what {
        What::Ledger(args) => {
            let query =
                Query { format: args.format, books: args.book, from: args.from, to: args.to };
            (
                &args.output,
                write(setup, &db, args.output.as_deref(), &|conn, out| {
                    exports::service::export(conn, &ctx, &query, out)
                }),
            )
        }
        What::Giving(args) => (
            &args.output,
            write(setup, &db, args.output.as_deref(), &|conn, out| match args.public {
                true => exports::service::public_giving(conn, &ctx, out),
                false => exports::service::giving(conn, &ctx, out),
            }),
        ),
    };
    match written {
        Err(problem) if output.is_none() && reader_left(&problem) => Ok(ExitCode::SUCCESS),
        written => written.map(|()| ExitCode::SUCCESS),
    }
}

/// What writes an export.
type Writing<'a> = &'a dyn Fn(&mut Conn, &mut dyn Write) -> Result<()>;

fn write(setup: &Setup, db: &Db, output: Option<&Path>, writing: Writing<'_>) -> Result<()> {
    let passing = Passing::new(setup)?;
    match output {
        Some(path) => to_file(db, &passing, writing, path),
        None => to_terminal(db, &passing, writing),
    }
}

/// Writes aside first: whoever reads may take their time, and the snapshot is not held meanwhile.
fn to_terminal(db: &Db, passing: &Passing, writing: Writing<'_>) -> Result<()> {
    let whole = passing.file("export");
    to_file(db, passing, writing, &whole)?;
    let copied = File::open(&whole).and_then(|mut file| {
        let mut out = io::stdout().lock();
        io::copy(&mut file, &mut out)?;
        out.flush()
    });
    copied.map_err(|e| Problem::new(kind_of(&e), "The export could not be written.").because(e))
}

/// Writes beside the file, under a name that no other export has, and puts it in its place when all
/// of it is on the disk.
fn to_file(db: &Db, passing: &Passing, writing: Writing<'_>, path: &Path) -> Result<()> {
    // Of a link, the file that it leads to; of what is not there yet, the name itself.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if path.exists() && !path.is_file() {
        let detail = format!("{} is not a plain file.", path.display());
        return Err(Problem::new(Kind::WrongState, detail));
    }
    let part = passing.beside(&path);
    let unwritten = |e: io::Error| {
        let detail = format!("{} could not be written.", path.display());
        Problem::new(kind_of(&e), detail).because(e)
    };
    db.read_now("export", |conn| {
        // From its beginning, also where the database asks to begin again.
        let mut out = BufWriter::new(File::create(&part).map_err(unwritten)?);
        writing(conn, &mut out)?;
        let file = out.into_inner().map_err(|e| unwritten(e.into_error()))?;
        file.sync_all().map_err(unwritten)
    })?;
    fs::rename(&part, &path).map_err(unwritten)
}

/// Whether writing failed because nobody reads any more.
fn reader_left(problem: &Problem) -> bool {
    let cause = problem.cause().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
