//! A consistent copy of the database, also while it is written to, and the way back.
//!
//! SQLite copies itself (`VACUUM INTO`, one read snapshot); PostgreSQL is copied by its own
//! programs, `pg_dump` and `pg_restore`, which have to be of the server's version or newer. Either
//! copy travels in one [`parcel`]: checksummed, encrypted where a key is given.
//!
//! Invariant: nothing is put back that was not whole, and never over something that is there. What
//! was put back has a [`mark`] until the bank was asked what it has paid since.

pub mod mark;
pub mod parcel;
mod postgres;
mod sqlite;

use super::conn::Target;
use super::{Db, DbOptions};
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use std::path::Path;

/// The name of an engine, as it stands in a backup.
pub fn engine(db: &Db) -> &'static str {
    if db.is_postgres() { "postgres" } else { "sqlite" }
}

/// Writes a consistent copy to `to`, a new file that only its owner reads.
///
/// # Errors
/// 503 or 507 where the copy cannot be made; `to` may be there half-written then.
pub fn copy(db: &Db, options: &DbOptions, to: &Path) -> Result<()> {
    match Target::parse(options.url.expose())? {
        Target::Sqlite { .. } => sqlite::copy(db, to),
        Target::Pg { url } => postgres::copy(&url, to),
    }
}

/// Puts a copy back into a place where nothing is yet: the file of the address must not be there,
/// the PostgreSQL database must be empty. `engine` is that of the copy. `prove` has to find it
/// right, or nothing stays: SQLite is proven where the copy lies, before it is moved into place;
/// PostgreSQL, which takes a copy into a database only, is emptied again.
///
/// # Errors
/// 409 where something is there already, or the copy is of the other engine; 503 where it cannot
/// be put back; what `prove` says.
pub fn put_back(
    options: &DbOptions,
    engine: &str,
    from: &Path,
    prove: impl FnOnce(&Db) -> Result<()>,
) -> Result<()> {
    let target = Target::parse(options.url.expose())?;
    let here = match &target {
        Target::Sqlite { .. } => "sqlite",
        Target::Pg { .. } => "postgres",
    };
    if here != engine {
        let detail = format!(
            "The backup is of {engine}, the configured database is {here}: a backup goes back to \
             the engine that it came from."
        );
        return Err(Problem::wrong_state(detail));
    }
    match target {
        Target::Sqlite { path } => sqlite::put_back(options, &path, from, prove),
        Target::Pg { url } => postgres::put_back(options, &url, from, prove),
    }
}

fn occupied(what: &str) -> Problem {
    let detail = format!("{what} is not empty: restore to a place where nothing is yet.");
    Problem::wrong_state(detail)
}

fn failed(detail: &str, why: impl std::fmt::Display) -> Problem {
    Problem::new(Kind::Unavailable, detail).because(why.to_string())
}
