//! `almoner migrate`.

use super::{Setup, say};
use crate::kernel::Result;
use crate::platform::db::{Db, migrate};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only list what would be applied
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(setup: &Setup, args: &Args) -> Result<ExitCode> {
    let db = Db::open(&setup.env.config)?;
    let pending = migrate::pending(&db)?;
    if pending.is_empty() {
        say("nothing to do: the schema is the newest");
    }
    if args.dry_run {
        pending.iter().for_each(|name| say(&format!("would apply {name}")));
        return Ok(ExitCode::SUCCESS);
    }
    let done = migrate::migrate(&db);
    // On PostgreSQL those before one that fails stay; somebody else may have applied some, too.
    if let Ok(left) = migrate::pending(&db) {
        let applied = pending.iter().filter(|name| !left.contains(name));
        applied.for_each(|name| say(&format!("applied {name}")));
    }
    done.map(|_| ExitCode::SUCCESS)
}
