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
    for name in &pending {
        say(&format!("{} {name}", if args.dry_run { "would apply" } else { "applying" }));
    }
    if !args.dry_run {
        migrate::migrate(&db)?;
    }
    Ok(ExitCode::SUCCESS)
}
