//! `almoner migrate`.

use super::{Setup, say};
use crate::kernel::Result;
use crate::platform::config::Config;
use crate::platform::db::{Db, health, migrate};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only list what would be applied; nothing is made
    #[arg(long)]
    pub(super) dry_run: bool,
}

const NEWEST: &str = "nothing to do: the schema is the newest";

/// Says what would be applied: all, where there is no database yet.
pub(super) fn list(config: &Config) -> Result<ExitCode> {
    let pending = health::pending(&config.database.url)?;
    if pending.is_empty() {
        say(NEWEST);
    }
    pending.iter().for_each(|name| say(&format!("would apply {name}")));
    Ok(ExitCode::SUCCESS)
}

/// Applies what is missing, and names it.
pub(super) fn run(setup: &Setup) -> Result<ExitCode> {
    let db = Db::open(&setup.env.config)?;
    let pending = migrate::pending(&db)?;
    if pending.is_empty() {
        say(NEWEST);
    }
    let done = migrate::migrate(&db);
    // On PostgreSQL those before one that fails stay.
    if let Ok(left) = migrate::pending(&db) {
        for name in pending.iter().filter(|name| !left.contains(name)) {
            match &done {
                Ok(ours) if !ours.contains(name) => {
                    say(&format!("applied meanwhile by another process: {name}"));
                }
                _ => say(&format!("applied {name}")),
            }
        }
    }
    done.map(|_| ExitCode::SUCCESS)
}
