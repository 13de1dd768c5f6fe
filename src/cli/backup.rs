//! `almoner backup` and `almoner restore`.

use super::passing::Passing;
use super::{Setup, say};
use crate::exports;
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::ledger::service::{SealHead, seal_head};
use crate::platform::db::backup::parcel::{self, Label};
use crate::platform::db::backup::{copy, engine, mark, put_back};
use crate::platform::db::{Db, DbOptions, meta, migrate};
use crate::web::seen;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// The backup to write; it must not be there yet
    file: PathBuf,
    /// Encrypt with this key: a file of 64 hexadecimal digits (openssl rand -hex 32), mode 600
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    /// The backup to put back, into the configured database, which must be empty
    file: PathBuf,
    /// The key that it was encrypted with
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

/// The migration that brings the seal: there is none before it.
const SEALS: &str = "0002";

/// Writes a consistent copy of the database, also while it is served. Nothing is migrated: it may
/// be the backup that is made before that.
pub(super) fn backup(setup: &Setup, args: &BackupArgs) -> Result<ExitCode> {
    let key = args.key_file.as_deref().map(parcel::key).transpose()?;
    let options = DbOptions::from(&setup.env.config);
    let db = Db::open(&setup.env.config)?;
    let pending = migrate::pending(&db)?;
    let waiting = pending.len();
    // Read before the copy is made: the copy holds this seal, and perhaps more.
    let sealless = pending.iter().any(|name| name.starts_with(SEALS));
    let head = if sealless { None } else { db.read_now("backup.seal", seal_head)? };
    let sealed = head.is_some();
    let label = Label {
        engine: engine(&db).into(),
        program: env!("CARGO_PKG_VERSION").into(),
        made_at: setup.env.clock.now(),
        sealed: head.as_ref().map_or(0, |head| head.seq),
        seal: head.map(|head| head.hash).unwrap_or_default(),
        nonce: None,
    };
    let passing = Passing::new(setup)?;
    let plain = passing.file("copy");
    copy(&db, &options, &plain)?;
    let made_at = label.made_at.to_string();
    let part = passing.beside(&args.file);
    parcel::pack(&plain, (&part, &args.file), label, key.as_ref())?;
    // A backup of a database that cannot be written to is a backup, too.
    let kept = db.write_now("backup.kept", |conn| meta::put(conn, seen::BACKUP, &made_at));
    if let Err(problem) = kept {
        tracing::warn!(%problem, "that a backup was made could not be noted in the database");
    }
    let file = args.file.display();
    say(&format!("{file} holds the database. Neither keys.json nor the attached files (files/ in"));
    say("the data folder, or files.folder) are in it: keep copies of both, keys.json apart.");
    if waiting > 0 {
        say(&format!(
            "{waiting} migrations are waiting: the copy is of the schema before them. A restore \
             applies them, and proves the ledger."
        ));
    }
    if !sealed {
        say("There is no seal in it yet: a restore proves the ledger without one to compare with.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts a backup back into an empty place, once the ledger in it is proven.
pub(super) fn restore(setup: &Setup, args: &RestoreArgs) -> Result<ExitCode> {
    let key = args.key_file.as_deref().map(parcel::key).transpose()?;
    let passing = Passing::new(setup)?;
    let plain = passing.file("copy");
    let label = parcel::unpack(&args.file, &plain, key.as_ref())?;
    let head = SealHead { seq: label.sealed, hash: label.seal };
    let (made_at, now) = (label.made_at, setup.env.clock.now());
    let mut marked = None;
    put_back(&DbOptions::from(&setup.env.config), &label.engine, &plain, |db| {
        ready(db)?;
        // Before the proof, which takes its time: nobody pays out of a database without its mark.
        marked = Some(db.write_now("restore.mark", |conn| mark::set(conn, made_at, now))?);
        prove(db, &head)
    })?;
    say(match head.seq {
        0 => "every invariant holds; the backup has no seal to compare with",
        _ => "every invariant holds, and the seal is the one of the backup",
    });
    if let Some(mark) = marked {
        say(&mark.says());
    }
    let keys = setup.env.config.keys_file();
    if matches!(keys.try_exists(), Ok(false)) {
        say(&format!(
            "There is no key file at {}: put keys.json back from where its copy is kept, before \
             the service starts.",
            keys.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Applies the migrations that the copy lacks.
fn ready(db: &Db) -> Result<()> {
    let missing = migrate::pending(db)?;
    if !missing.is_empty() {
        say(&format!("migrations are to be applied: {}", missing.join(", ")));
        migrate::migrate(db)?;
    }
    Ok(())
}

fn prove(db: &Db, head: &SealHead) -> Result<()> {
    let against = (head.seq > 0).then_some(head);
    let report = db.read_now("restore.check", |conn| exports::service::prove(conn, against))?;
    if !report.holds {
        let broken = report.findings.iter().find(|f| !f.holds).map(|f| f.says.to_string());
        let detail = "The ledger in the backup does not hold, so it was not put back.";
        return Err(Problem::wrong_state(detail).because(broken.unwrap_or_default()));
    }
    say(&format!("{} entries, {} postings restored", report.entries, report.postings));
    Ok(())
}
