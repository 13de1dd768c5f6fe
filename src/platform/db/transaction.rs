//! How one transaction runs on one connection. Nothing outside this folder opens one.

use super::conn::Conn;
use super::errors::is_lost;
use super::{later, notes};
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use diesel::connection::{
    AnsiTransactionManager, Connection, SimpleConnection, TransactionManager,
};
use diesel::result::Error as DbError;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

type Manager = <Conn as Connection>::TransactionManager;

/// What a transaction may do, and what it is safe from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Isolation {
    /// Reads of one moment.
    Snapshot,
    /// Writes guarded by their own conditions, and by what they hold.
    Guarded,
}

/// Begins, on a connection that is in no transaction.
pub(super) fn begin(conn: &mut Conn, isolation: Isolation) -> Result<()> {
    match conn {
        Conn::Pg(pg) => {
            let sql = match isolation {
                Isolation::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                Isolation::Guarded => "BEGIN ISOLATION LEVEL READ COMMITTED",
            };
            AnsiTransactionManager::begin_transaction_sql(pg, sql)?;
        }
        Conn::Sqlite(sqlite) => {
            let sql = match isolation {
                Isolation::Snapshot => "BEGIN",
                Isolation::Guarded => "BEGIN IMMEDIATE",
            };
            AnsiTransactionManager::begin_transaction_sql(sqlite, sql)?;
        }
    }
    Ok(())
}

/// Commits, or says that nothing was.
pub(super) fn commit(conn: &mut Conn) -> Result<()> {
    commit_after(conn, false)
}

/// The same, where `sound` tells that the statement just before this went well, or that there is
/// nothing to lose.
fn commit_after(conn: &mut Conn, sound: bool) -> Result<()> {
    if depth(conn) != Some(1) {
        return Err(DbError::BrokenTransactionManager.into());
    }
    match conn {
        // PostgreSQL answers COMMIT with a plain ROLLBACK when a statement had failed before and
        // the failure was swallowed. A statement in front turns that into an error.
        Conn::Pg(pg) if !sound => pg.batch_execute("SELECT 1; COMMIT")?,
        Conn::Pg(pg) => pg.batch_execute("COMMIT")?,
        Conn::Sqlite(_) => Manager::commit_transaction(conn)?,
    }
    Ok(())
}

/// How deep the connection is in transactions; `None` when it can no longer tell.
pub(super) fn depth(conn: &mut Conn) -> Option<u32> {
    let status = Manager::transaction_manager_status_mut(conn);
    status.transaction_depth().ok().map(|d| d.map_or(0, std::num::NonZeroU32::get))
}

/// Rolls back until only `wanted` levels are open; false when the connection is beyond that.
pub(super) fn roll_back_to(conn: &mut Conn, wanted: u32) -> bool {
    loop {
        match depth(conn) {
            Some(found) if found == wanted => return true,
            Some(found) if found > wanted => {
                if let Err(e) = Manager::rollback_transaction(conn) {
                    tracing::warn!(error = %e, "a rollback failed");
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// Why [`run`] did not commit.
pub(super) enum Failure {
    /// Before anything was run: the connection had been lost.
    NotBegun(Problem),
    /// Later.
    Refused(Problem),
}

/// Runs `f` in a transaction.
pub(super) fn run<T>(
    conn: &mut Conn,
    isolation: Isolation,
    f: &impl Fn(&mut Conn) -> Result<T>,
) -> std::result::Result<T, Failure> {
    begin(conn, isolation)
        .map_err(|p| if is_lost(&p) { Failure::NotBegun(p) } else { Failure::Refused(p) })?;
    // Of a try that ended in a panic.
    later::forget();
    let result = f(conn).and_then(|value| {
        let sent = later::send(conn)?;
        commit_after(conn, sent || isolation == Isolation::Snapshot)?;
        Ok(value)
    });
    if result.is_err() {
        later::forget();
        // If this fails, the pool sees an open transaction and drops the connection.
        roll_back_to(conn, 0);
    }
    result.map_err(Failure::Refused)
}

/// Runs `f` so that it leaves nothing behind when it refuses, inside the transaction that is open:
/// for going on after a refusal. The problem that `f` gave is handed on.
pub fn savepoint<T>(conn: &mut Conn, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    let outside = depth(conn).filter(|d| *d > 0).ok_or(DbError::NotInTransaction)?;
    later::flush(conn)?;
    Manager::begin_transaction(conn)?;
    let mark = notes::mark();
    let result = f(conn).and_then(|value| later::flush(conn).map(|()| value));
    match result {
        Ok(value) => {
            Manager::commit_transaction(conn)?;
            Ok(value)
        }
        Err(problem) if roll_back_to(conn, outside) => {
            later::forget();
            notes::forget_after(mark);
            Err(problem)
        }
        Err(problem) => Err(Problem::from(DbError::BrokenTransactionManager).because(problem)),
    }
}

/// How a try within a larger transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Its changes are in, or were cleanly undone.
    Cleanly,
    /// It was alone, and the transaction was cleanly rolled back: there is nothing to commit.
    Undone,
    /// The whole transaction around it is lost.
    Broken,
}

/// Runs `f` in the open transaction, and survives its panic: in a savepoint of its own, unless it
/// is `alone` there. (A savepoint around a long job would have SQLite keep the old content of each
/// page until its end, and look through all of them at the end of each statement.)
pub(super) fn attempt<T>(
    conn: &mut Conn,
    alone: bool,
    f: &impl Fn(&mut Conn) -> Result<T>,
) -> (Ended, std::thread::Result<Result<T>>) {
    let Some(outside) = depth(conn).filter(|d| *d > 0) else {
        return (Ended::Broken, Ok(Err(DbError::NotInTransaction.into())));
    };
    if alone {
        return attempt_alone(conn, outside, f);
    }
    if let Err(e) = Manager::begin_transaction(conn) {
        return (Ended::Broken, Ok(Err(e.into())));
    }
    let inside = Inside::enter();
    let result = catch_unwind(AssertUnwindSafe(|| f(conn)));
    drop(inside);
    if let Ok(Ok(value)) = result {
        let released = if depth(conn) == Some(outside + 1) {
            Manager::commit_transaction(conn)
        } else {
            Err(DbError::BrokenTransactionManager)
        };
        return match released {
            Ok(()) => (Ended::Cleanly, Ok(Ok(value))),
            Err(e) => (Ended::Broken, Ok(Err(e.into()))),
        };
    }
    let ended = if roll_back_to(conn, outside) { Ended::Cleanly } else { Ended::Broken };
    (ended, result)
}

fn attempt_alone<T>(
    conn: &mut Conn,
    outside: u32,
    f: &impl Fn(&mut Conn) -> Result<T>,
) -> (Ended, std::thread::Result<Result<T>>) {
    let inside = Inside::enter();
    let result = catch_unwind(AssertUnwindSafe(|| f(conn)));
    drop(inside);
    if !matches!(result, Ok(Ok(_))) {
        let ended = if roll_back_to(conn, 0) { Ended::Undone } else { Ended::Broken };
        return (ended, result);
    }
    if depth(conn) == Some(outside) {
        return (Ended::Cleanly, result);
    }
    (Ended::Broken, Ok(Err(DbError::BrokenTransactionManager.into())))
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as being inside a transaction, until dropped.
pub(super) struct Inside(());

impl Inside {
    pub(super) fn enter() -> Self {
        INSIDE.set(true);
        Self(())
    }
    /// Whether this thread is. Another transaction would wait for the first one, for ever.
    pub(super) fn is() -> bool {
        INSIDE.get()
    }
}
impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(false);
    }
}
