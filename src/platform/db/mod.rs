//! The database, and the only room that knows that there are two: SQLite (embedded) and
//! PostgreSQL, under one set of statements.
//!
//! Invariants: every transaction is opened here, by name; a read sees one moment; a write that was
//! answered is on the disk; each connection has foreign keys on, the full sync, UTC, and limits to
//! how long it waits.
//!
//! - [`Db`] opens the database and runs transactions; stores take a [`Conn`].
//! - [`types`] maps kernel types to columns, [`ext`] holds what diesel lacks for two databases.
//! - [`errors`] turns what a database refuses into problems: [`constraint`], [`is_transient`].
//! - [`backup`] makes a consistent copy and puts it back.
//! - [`sealed`] finds sealed fields by their key.
//! - [`migrate`] applies migrations; [`schema`] is what they make.

pub mod backup;
mod conn;
pub mod errors;
pub mod ext;
mod handle;
pub mod health;
mod later;
pub mod meta;
pub mod migrate;
mod notes;
pub mod schema;
pub mod sealed;
mod transaction;
pub mod types;
mod writer;

pub use conn::{Conn, MultiBackend, MultiRawValue, idle_for};
pub use errors::{FOREIGN_KEY, constraint, is_lock_timeout, is_transient, is_unreadable};
pub use handle::{Db, DbOptions, Finished, Load};
pub use later::{flush, later};
pub use notes::once_committed;
pub use transaction::savepoint;
