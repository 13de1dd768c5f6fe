//! `almoner reconciled`.

use super::{Setup, say};
use crate::kernel::Result;
use crate::platform::audit::{self, Change};
use crate::platform::context::Ctx;
use crate::platform::db::backup::mark;
use serde_json::json;
use std::process::ExitCode;
use uuid::Uuid;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The bank's statements were compared: what it has paid is not sent again
    #[arg(long)]
    yes: bool,
}

/// Takes away the mark of a database that was put back; without `--yes` it only says what stands.
pub(super) fn run(setup: &Setup, args: &Args) -> Result<ExitCode> {
    let db = setup.database()?;
    let Some(mark) = db.read_now("reconciled.look", mark::standing)? else {
        say("nothing to do: no payment is held because of a restore");
        return Ok(ExitCode::SUCCESS);
    };
    if !args.yes {
        say(&mark.says());
        say("Nothing was changed: once that is done, run almoner reconciled --yes.");
        return Ok(ExitCode::FAILURE);
    }
    let ctx = Ctx::system(&setup.env, "command line");
    db.write_now("reconciled", |conn| {
        mark::clear(conn)?;
        // A database has no id of its own.
        let object = ("database", Uuid::nil());
        let change = Change { action: "reconciled", object, before: None, after: None };
        audit::record(conn, &ctx, change.from(json!({ "restored": mark })))
    })?;
    say("payments can be put into batches again, and payment files fetched");
    Ok(ExitCode::SUCCESS)
}
