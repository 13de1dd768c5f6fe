//! The command line: one file per command.

mod admin;
mod backup;
mod check;
mod demo;
pub mod doctor;
mod export;
pub mod image;
mod import;
mod keys;
mod migrate;
mod openapi;
mod passing;
mod reconciled;
mod serve;

use crate::kernel::Result;
use crate::kernel::ids::IdSource;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Clock;
use crate::platform::config::{Config, log};
use crate::platform::context::Env;
use crate::platform::db::Db;
use clap::{Parser, Subcommand};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Grants and regrants: apply once, fund together, pay in tranches, account for every cent.
#[derive(Debug, Parser)]
#[command(name = "almoner", version)]
struct Cli {
    /// A settings file (TOML); what it leaves out keeps its default.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API, and (unless --no-worker) do the background work
    Serve(serve::Args),
    /// Do background work only
    Work,
    /// Apply migrations
    Migrate(migrate::Args),
    /// First admin, roles, keys
    Admin(admin::Args),
    /// Serve a throw-away database full of demo data
    Demo(demo::Args),
    /// Grants of the past
    Import(import::Args),
    /// The journal for an accountant's program, or awards for a register
    Export(export::Args),
    /// Prove every invariant of the ledger and the seal
    Check(check::Args),
    /// Write a consistent copy of the database, also while it is served
    Backup(backup::BackupArgs),
    /// Put a backup back into an empty database, and prove it
    Restore(backup::RestoreArgs),
    /// Let payments be sent again after a restore, once the bank's statements were compared
    Reconciled(reconciled::Args),
    /// Say in plain words what is wrong with the configuration or the database; changes nothing
    Doctor(doctor::Args),
    /// Print the API document
    Openapi,
}

impl Command {
    /// Whether it may begin a new database, with a folder and keys of its own.
    fn begins(&self) -> bool {
        match self {
            Command::Admin(args) => args.begins(),
            Command::Export(_)
            | Command::Check(_)
            | Command::Backup(_)
            | Command::Reconciled(_) => false,
            _ => true,
        }
    }
    /// Whether it signs, seals or opens. What does not goes on without the key file, and makes
    /// none.
    fn needs_keys(&self) -> bool {
        match self {
            Command::Export(args) => args.needs_keys(),
            Command::Migrate(_)
            | Command::Check(_)
            | Command::Backup(_)
            | Command::Restore(_)
            | Command::Reconciled(_) => false,
            _ => true,
        }
    }
}

/// Runs the command that was asked for.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Command::Openapi => openapi::run(),
        Command::Doctor(args) => doctor::run(cli.config.as_deref(), args),
        Command::Demo(args) => demo::run(args),
        Command::Import(args) => start(&cli).and_then(|s| import::run(&s, args)),
        Command::Export(args) => start(&cli).and_then(|s| export::run(&s, args)),
        Command::Check(args) => start(&cli).and_then(|s| check::run(&s, args)),
        Command::Backup(args) => start(&cli).and_then(|s| backup::backup(&s, args)),
        Command::Restore(args) => start(&cli).and_then(|s| backup::restore(&s, args)),
        Command::Reconciled(args) => start(&cli).and_then(|s| reconciled::run(&s, args)),
        Command::Serve(args) => start(&cli).and_then(|s| serve::run(&s, args)),
        Command::Work => start(&cli).and_then(|s| serve::work(&s)),
        Command::Admin(args) => start(&cli).and_then(|s| admin::run(&s, args)),
        Command::Migrate(args) if args.dry_run => {
            settings(&cli).and_then(|config| migrate::list(&config))
        }
        Command::Migrate(_) => start(&cli).and_then(|s| migrate::run(&s)),
    };
    match result {
        Ok(code) => code,
        Err(problem) => {
            complain(&problem);
            ExitCode::FAILURE
        }
    }
}

/// Settings, clock, ids and keys of a command.
pub(crate) struct Setup {
    pub(crate) env: Arc<Env>,
}

impl Setup {
    /// The database, migrated where it is the embedded one.
    pub(crate) fn database(&self) -> Result<Db> {
        crate::app::database(&self.env.config)
    }
    /// The database as it is: refused where migrations are waiting, and none is applied.
    pub(crate) fn settled(&self) -> Result<Db> {
        crate::app::settled(&self.env.config)
    }
}

fn settings(cli: &Cli) -> Result<Config> {
    Config::load(cli.config.as_deref())
        .map_err(|e| Problem::new(Kind::Unavailable, "The settings cannot be used.").because(e))
}

fn start(cli: &Cli) -> Result<Setup> {
    let mut config = settings(cli)?;
    // Where it listens is also where links in mails lead, unless base_url says otherwise.
    if let Command::Serve(serve::Args { bind: Some(bind), .. }) = &cli.command {
        config.server.bind = *bind;
    }
    // Each row is some payments of the past: a line of the log for each of their steps would bury
    // what the command itself says.
    if matches!(cli.command, Command::Import(_)) && config.log.level == "info" {
        config.log.level = "warn".into();
    }
    let clock = Clock::system();
    log::init(&config.log, &clock).map_err(Problem::internal)?;
    if !cli.command.begins() {
        crate::app::expect_database(&config)?;
    }
    let ids = IdSource::system();
    let env = if cli.command.needs_keys() {
        crate::app::expect_keys(&config)?;
        crate::app::environment(config, clock, ids)?
    } else {
        crate::app::keyless(config, clock, ids)?
    };
    Ok(Setup { env })
}

/// Writes a line for the person at the terminal. A closed pipe is not an error of ours.
pub(crate) fn say(text: &str) {
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

fn complain(problem: &Problem) {
    let mut err = std::io::stderr().lock();
    let cause = problem.cause().map(ToString::to_string);
    // What the table of problems calls these, and what it advises, is for who sends requests.
    let (says, remedy) = match problem.kind() {
        Kind::Internal if cause.as_deref().is_some_and(is_denied) => {
            ("This was not carried out.".to_owned(), Some(DENIED))
        }
        Kind::Internal => ("This was not carried out.".to_owned(), Some(BROKEN)),
        Kind::Unavailable => (problem.detail().to_owned(), Some(AWAY)),
        _ => (problem.to_string(), None),
    };
    drop(writeln!(err, "almoner: {says}"));
    if let Some(cause) = cause {
        drop(writeln!(err, "  because: {cause}"));
    }
    if let Some(remedy) = remedy {
        drop(writeln!(err, "  {remedy}"));
    }
}

/// Whether PostgreSQL says that its role lacks a right.
fn is_denied(cause: &str) -> bool {
    cause.contains("permission denied for")
}

const DENIED: &str = "Give the role of database.url the rights that docs/OPERATIONS.md lists under \
                      PostgreSQL (GRANT …): each restore, and each migration, needs that again.";
const BROKEN: &str = "The lines of the log before this one may say more; almoner doctor looks at \
                      settings and database.";
const AWAY: &str = "almoner doctor says in plain words what is wrong, and what to do.";
