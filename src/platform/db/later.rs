//! Statements whose rows nobody reads before the transaction ends: on PostgreSQL they wait, and go
//! to the server together as one statement, for the way there and back is what a statement costs.
//! They are in the same transaction as what they tell of, and commit with it or not at all.
//!
//! SQLite has no way to the server: there each runs at once.
//!
//! For rows that are only added or that this transaction added itself, and whose refusal nobody
//! waits for. Whoever reads such a table calls [`flush`] first. They are sent as well before a
//! savepoint begins, so that undoing it undoes no more than its own.

use super::conn::Conn;
use super::ext::quietly;
use super::transaction::Inside;
use crate::kernel::Result;
use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sqlite::{Sqlite, SqliteConnection};
use std::cell::RefCell;

/// How many are sent as one statement at most.
const TOGETHER: usize = 12;

type Statement = Box<dyn QueryFragment<Pg>>;

thread_local! {
    static WAITING: RefCell<Vec<(&'static str, Statement)>> = const { RefCell::new(Vec::new()) };
}

/// Runs a statement that changes `table` before the transaction commits.
pub fn later<S>(conn: &mut Conn, table: &'static str, statement: S) -> Result<()>
where
    S: QueryFragment<Pg> + QueryFragment<Sqlite> + QueryId + 'static,
    S: RunQueryDsl<SqliteConnection>,
{
    match conn {
        Conn::Pg(_) if Inside::is() => {
            WAITING.with_borrow_mut(|waiting| waiting.push((table, Box::new(statement))));
        }
        Conn::Pg(conn) => quietly(conn, Together(vec![Box::new(statement)]))?,
        Conn::Sqlite(conn) => drop(RunQueryDsl::execute(statement, conn)?),
    }
    Ok(())
}

/// Sends what waits.
pub fn flush(conn: &mut Conn) -> Result<()> {
    send(conn).map(drop)
}

/// The same; whether there was anything, so that the server is known to go along.
pub(super) fn send(conn: &mut Conn) -> Result<bool> {
    let Conn::Pg(conn) = conn else { return Ok(false) };
    let mut waiting = WAITING.take();
    // In a fixed order, so that few texts are to be kept prepared.
    waiting.sort_by_key(|(table, _)| *table);
    let any = !waiting.is_empty();
    let mut waiting = waiting.into_iter().map(|(_, statement)| statement);
    loop {
        let together: Vec<Statement> = waiting.by_ref().take(TOGETHER).collect();
        if together.is_empty() {
            return Ok(any);
        }
        quietly(conn, Together(together))?;
    }
}

/// Forgets what waits: its transaction, or its savepoint, was undone.
pub(super) fn forget() {
    drop(WAITING.take());
}

/// Several statements as one: all but the last in front of it, as what it could refer to.
struct Together(Vec<Statement>);

impl QueryFragment<Pg> for Together {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Some((last, first)) = self.0.split_last() else { return Ok(()) };
        for (number, statement) in first.iter().enumerate() {
            out.push_sql(if number == 0 { "WITH w" } else { ", w" });
            out.push_sql(&number.to_string());
            out.push_sql(" AS (");
            statement.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        if !first.is_empty() {
            out.push_sql(" ");
        }
        last.walk_ast(out)
    }
}
