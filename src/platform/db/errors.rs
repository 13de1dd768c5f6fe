//! What a database refuses, as a [`Problem`], told apart the same way on both.

use crate::kernel::problem::{Kind, Problem};
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DbError};

/// A text with a NUL character, which PostgreSQL cannot keep.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("a text holds a NUL character")]
pub(super) struct NulInText;

/// What stands for the name of any foreign key in [`constraint`]: SQLite does not tell which.
pub const FOREIGN_KEY: &str = "foreign_key";

impl From<DbError> for Problem {
    /// The error stays as the cause, so that [`constraint`] and [`is_transient`] can look at it.
    /// A missing row is a fault here: stores ask with `.optional()`.
    fn from(error: DbError) -> Self {
        let problem = match kind(&error) {
            Kind::MalformedRequest => {
                Problem::new(Kind::MalformedRequest, "A text holds a NUL character: remove it.")
            }
            Kind::StorageFull => Problem::new(Kind::StorageFull, "The database has no room left."),
            Kind::Unavailable => {
                Problem::new(Kind::Unavailable, "The database cannot answer.").retry_after(1)
            }
            _ => return Problem::internal(error),
        };
        problem.because(error)
    }
}

/// Messages of either database by what they mean. diesel hands neither SQLSTATE nor SQLite's
/// error code on, so the words have to do; both programs have kept them for decades.
const FULL: &[&str] = &["database or disk is full", "No space left on device"];
const TRANSIENT: &[&str] =
    &["deadlock detected", "database is locked", "database table is locked", "could not serialize"];
const LOCK_TIMEOUT: &str = "due to lock timeout";
const AWAY: &[&str] = &[
    LOCK_TIMEOUT,
    "due to statement timeout",
    "terminating connection",
    "server closed the connection",
    "no connection to the server",
    "connection to server",
    "could not send data to server",
    "the database system is",
    "too many clients",
    "remaining connection slots",
    "SSL connection has been closed",
    "cannot execute",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "no such savepoint",
    "no transaction is active",
];
const NUL: &[&str] = &[
    "invalid byte sequence for encoding \"UTF8\": 0x00",
    "unsupported Unicode escape sequence",
    "char(0)",
];

fn says(info: &dyn DatabaseErrorInformation, words: &[&str]) -> bool {
    words.iter().any(|w| info.message().contains(w))
}

fn kind(error: &DbError) -> Kind {
    match error {
        _ if transient(error) => Kind::Unavailable,
        DbError::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
        | DbError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _)
        | DbError::BrokenTransactionManager => Kind::Unavailable,
        DbError::DatabaseError(_, info) if says(&**info, NUL) => Kind::MalformedRequest,
        DbError::DatabaseError(_, info) if says(&**info, FULL) => Kind::StorageFull,
        DbError::DatabaseError(_, info) if says(&**info, AWAY) => Kind::Unavailable,
        DbError::RollbackErrorOnCommit { commit_error, .. } => kind(commit_error),
        DbError::SerializationError(e) if e.is::<NulInText>() => Kind::MalformedRequest,
        _ => Kind::Internal,
    }
}

fn transient(error: &DbError) -> bool {
    match error {
        DbError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        DbError::DatabaseError(DatabaseErrorKind::Unknown, info) => says(&**info, TRANSIENT),
        DbError::RollbackErrorOnCommit { commit_error, .. } => transient(commit_error),
        _ => false,
    }
}

/// The database's own error behind a problem, if there is one.
pub(super) fn behind(problem: &Problem) -> Option<&DbError> {
    problem.cause()?.downcast_ref()
}

/// Whether the same transaction may well succeed when it is run again: a serialization failure, a
/// deadlock, a busy file.
pub fn is_transient(problem: &Problem) -> bool {
    behind(problem).is_some_and(transient)
}

/// Whether a row holds what cannot be read: written by somebody else than this service.
pub fn is_unreadable(problem: &Problem) -> bool {
    matches!(behind(problem), Some(DbError::DeserializationError(_)))
}

/// Whether somebody else held a row for longer than `lock_timeout` (PostgreSQL).
pub fn is_lock_timeout(problem: &Problem) -> bool {
    matches!(behind(problem), Some(DbError::DatabaseError(_, i)) if says(&**i, &[LOCK_TIMEOUT]))
}

/// Whether the connection itself is gone.
pub(super) fn is_lost(problem: &Problem) -> bool {
    match behind(problem) {
        Some(DbError::BrokenTransactionManager) => true,
        Some(DbError::DatabaseError(kind, info)) => {
            matches!(kind, DatabaseErrorKind::ClosedConnection)
                || says(&**info, &["terminating connection", "closed the connection"])
        }
        _ => false,
    }
}

/// The constraint that was broken, spelt the same on both databases:
/// - unique and primary keys: `<table>_<column>_<column>_key`, whatever they were named; those on
///   expressions by the name of their index;
/// - checks by their name;
/// - foreign keys all as [`FOREIGN_KEY`];
/// - missing values: `<table>_<column>_not_null`.
pub fn constraint(problem: &Problem) -> Option<String> {
    let DbError::DatabaseError(kind, info) = behind(problem)? else { return None };
    match kind {
        DatabaseErrorKind::UniqueViolation => unique(&**info),
        DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
            Some(FOREIGN_KEY.to_owned())
        }
        DatabaseErrorKind::NotNullViolation => match (info.table_name(), info.column_name()) {
            (Some(table), Some(column)) => Some(format!("{table}_{column}_not_null")),
            _ => Some(format!("{}_not_null", failed(&**info)?.replace('.', "_"))),
        },
        _ => info.constraint_name().map(str::to_owned).or_else(|| failed(&**info).map(Into::into)),
    }
}

/// What SQLite names after `… constraint failed: `.
fn failed(info: &dyn DatabaseErrorInformation) -> Option<&str> {
    info.message().split_once("constraint failed: ").map(|(_, rest)| rest)
}

fn unique(info: &dyn DatabaseErrorInformation) -> Option<String> {
    if let Some(name) = info.constraint_name() {
        // PostgreSQL: `Key (a, b)=(1, 2) already exists.`
        let columns = info.details().and_then(|d| d.split_once('('))?.1.split_once(")=(")?.0;
        let table = info.table_name()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ',' || c == ' ';
        return Some(if columns.chars().all(plain) {
            format!("{table}_{}_key", columns.replace(", ", "_"))
        } else {
            name.to_owned()
        });
    }
    // SQLite: `t.a, t.b`, or `index 'name'` where the index is on an expression.
    let what = failed(info)?;
    if let Some(index) = what.strip_prefix("index '") {
        return Some(index.trim_end_matches('\'').to_owned());
    }
    let table = what.split_once('.')?.0;
    let columns: Vec<&str> =
        what.split(", ").filter_map(|c| c.split_once('.')).map(|(_, c)| c).collect();
    Some(format!("{table}_{}_key", columns.join("_")))
}
