//! What diesel lacks for the two databases at once, each as one small piece.

use super::conn::{Conn, MultiBackend};
use crate::kernel::Result;
use diesel::backend::Backend;
use diesel::connection::LoadConnection;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, SqlType, Untyped};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl};

pub use crate::{each, insert_rows};

/// Rows to put in one insert: the widest table stays below the 32,766 parameters of SQLite.
pub const ROWS_PER_INSERT: usize = 500;

/// The columns that a model is made of, for `.returning(cols::<Model>())`; `as_returning` would
/// tie the statement to one database.
pub fn cols<T: diesel::Selectable<MultiBackend>>() -> T::SelectExpression {
    T::construct_selection()
}

/// Runs one statement on the connection that is really there, for what only the true backends
/// can do, as inserting many rows at once:
/// `each!(conn, insert_into(t::table).values(&rows).execute(conn))?`.
#[macro_export]
macro_rules! each {
    ($conn:ident, $statement:expr) => {
        match $conn {
            $crate::platform::db::Conn::Pg($conn) => $statement,
            $crate::platform::db::Conn::Sqlite($conn) => $statement,
        }
    };
}

/// Inserts the rows of a `Vec`: `insert_rows!(conn, t::table, rows);`. The statements of a few rows
/// stay prepared.
#[macro_export]
macro_rules! insert_rows {
    ($conn:ident, $table:expr, $rows:expr) => {
        match $conn {
            $crate::platform::db::Conn::Pg(conn) if $rows.len() <= 4 => {
                let insert = diesel::insert_into($table).values(&$rows);
                $crate::platform::db::ext::quietly(conn, insert)?;
            }
            // Without a way to the server and back, one by one costs no more.
            $crate::platform::db::Conn::Sqlite(conn) if $rows.len() <= 4 => {
                for row in &$rows {
                    diesel::insert_into($table).values(row).execute(conn)?;
                }
            }
            _ => {
                for rows in $rows.chunks($crate::platform::db::ext::ROWS_PER_INSERT) {
                    $crate::each!($conn, diesel::insert_into($table).values(rows).execute($conn)?);
                }
            }
        }
    };
}

/// Runs a statement that both databases know though [`MultiBackend`] does not, as ON CONFLICT:
/// `Both(insert_into(…).values(…).on_conflict(…).do_nothing()).execute(conn)?`.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct Both<Q>(pub Q);

impl<Q: Query> Query for Both<Q> {
    type SqlType = Q::SqlType;
}
impl<Q> RunQueryDsl<Conn> for Both<Q> {}
impl<Q: QueryFragment<Pg> + QueryFragment<Sqlite>> QueryFragment<MultiBackend> for Both<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(&self.0, pass)
    }
}

/// Keeps a statement prepared on its connection where diesel would have it parsed and planned each
/// time: an update, a list of values on SQLite, words of ours written out. Each text is kept for as
/// long as the connection, so only for statements whose text is one of a few: see [`padded`].
///
/// It has to be loaded: `execute` hands diesel a reference to the statement, which does not say any
/// more that it is to be kept. An update gives something back for that, or goes by [`quietly`].
#[derive(Debug, Clone, Copy)]
pub struct Kept<Q>(pub Q);

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}
impl<Q, C> RunQueryDsl<C> for Kept<Q> {}
impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Kept<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// A statement that is loaded though it gives nothing back.
struct Quiet<Q>(Kept<Q>);

impl<Q> QueryId for Quiet<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<Q> Query for Quiet<Q> {
    type SqlType = Untyped;
}
impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Quiet<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
    fn is_safe_to_cache_prepared(&self, backend: &DB) -> QueryResult<bool> {
        self.0.is_safe_to_cache_prepared(backend)
    }
}

/// Runs a statement that gives nothing back, and keeps it prepared as [`Kept`] does; how many rows
/// it touched is not told.
pub fn quietly<C, Q>(conn: &mut C, statement: Q) -> QueryResult<()>
where
    C: LoadConnection,
    C::Backend: diesel::expression::QueryMetadata<Untyped>,
    Q: QueryFragment<C::Backend>,
{
    for row in conn.load(Quiet(Kept(statement)))? {
        row?;
    }
    Ok(())
}

/// The same values, the last of them repeated until a power of two is full: as a list to compare
/// with they mean the same, and lists of all lengths make only a few texts for [`Kept`].
pub fn padded<T: Clone>(values: &[T]) -> Vec<T> {
    let mut padded = values.to_vec();
    if let Some(last) = values.last() {
        padded.resize(values.len().next_power_of_two(), last.clone());
    }
    padded
}

/// A select whose rows are locked until the transaction ends, skipping those that another holds.
/// On SQLite there is nothing to add: who writes is alone.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct SkipLocked<Q>(pub Q);

impl<Q: Query> Query for SkipLocked<Q> {
    type SqlType = Q::SqlType;
}
impl<Q> RunQueryDsl<Conn> for SkipLocked<Q> {}
impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for SkipLocked<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        MultiBackend::walk_variant_ast(&SkipLockedTail, out)
    }
}

#[derive(Debug, Clone, Copy)]
struct SkipLockedTail;

impl QueryFragment<Pg> for SkipLockedTail {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" FOR UPDATE SKIP LOCKED");
        Ok(())
    }
}
impl QueryFragment<Sqlite> for SkipLockedTail {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        Ok(())
    }
}

/// A select whose rows stay as they are until the transaction ends: others may hold them so as
/// well, and whoever would change them waits. On SQLite there is nothing to add: who writes is
/// alone.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct Shared<Q>(pub Q);

impl<Q: Query> Query for Shared<Q> {
    type SqlType = Q::SqlType;
}
impl<Q> RunQueryDsl<Conn> for Shared<Q> {}
impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Shared<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        MultiBackend::walk_variant_ast(&SharedTail, out)
    }
}

#[derive(Debug, Clone, Copy)]
struct SharedTail;

impl QueryFragment<Pg> for SharedTail {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" FOR SHARE");
        Ok(())
    }
}
impl QueryFragment<Sqlite> for SharedTail {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        Ok(())
    }
}

/// A whole number of 64 bits, or none.
pub trait WholeNumber: SqlType {}
impl WholeNumber for BigInt {}
impl WholeNumber for Nullable<BigInt> {}

/// See [`sum_i64`].
#[derive(Debug, Clone, Copy, QueryId)]
pub struct SumI64<E>(E);

/// The exact sum of a `BigInt` expression; `None` over no rows, an error on overflow. (diesel's
/// own `sum` is a decimal, which SQLite hands over as a float.)
pub fn sum_i64<E>(expression: E) -> SumI64<E>
where
    E: Expression<SqlType: WholeNumber>,
{
    SumI64(expression)
}

impl<E> Expression for SumI64<E> {
    type SqlType = Nullable<BigInt>;
}
impl<E: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for SumI64<E> {}
impl<E, QS> SelectableExpression<QS> for SumI64<E>
where
    E: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}
impl<E, GB> ValidGrouping<GB> for SumI64<E> {
    type IsAggregate = is_aggregate::Yes;
}
impl<E: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for SumI64<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("CAST(SUM(");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS BIGINT)");
        Ok(())
    }
}

/// See [`sum_wide`].
#[derive(Debug, Clone, Copy, QueryId)]
pub struct SumHigh<E>(E);
/// See [`sum_wide`].
#[derive(Debug, Clone, Copy, QueryId)]
pub struct SumLow<E>(E);

/// The sum of a `BigInt` expression over up to 2³¹ rows, whatever they hold, in two halves for
/// [`wide`]: of the upper 32 bits of each, and of the lower.
pub fn sum_wide<E>(expression: E) -> (SumHigh<E>, SumLow<E>)
where
    E: Expression<SqlType: WholeNumber> + Clone,
{
    (SumHigh(expression.clone()), SumLow(expression))
}

/// The whole of [`sum_wide`]; zero over no rows.
pub fn wide((high, low): (Option<i64>, Option<i64>)) -> i128 {
    (i128::from(high.unwrap_or(0)) << 32) + i128::from(low.unwrap_or(0))
}

macro_rules! half {
    ($name:ident, $before:literal, $after:literal) => {
        impl<E> Expression for $name<E> {
            type SqlType = Nullable<BigInt>;
        }
        impl<E: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for $name<E> {}
        impl<E, QS> SelectableExpression<QS> for $name<E>
        where
            E: SelectableExpression<QS>,
            Self: AppearsOnTable<QS>,
        {
        }
        impl<E, GB> ValidGrouping<GB> for $name<E> {
            type IsAggregate = is_aggregate::Yes;
        }
        impl<E: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for $name<E> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
                out.push_sql($before);
                self.0.walk_ast(out.reborrow())?;
                out.push_sql($after);
                Ok(())
            }
        }
    };
}
half!(SumHigh, "CAST(SUM((", ") >> 32) AS BIGINT)");
half!(SumLow, "CAST(SUM((", ") & 4294967295) AS BIGINT)");

/// Waits until no other transaction of any process holds this number, and holds it until this
/// one ends: for work that only one may do at a time. On SQLite who writes is alone anyway.
pub fn alone(conn: &mut Conn, number: i64) -> Result<()> {
    if let Conn::Pg(pg) = conn {
        let take = diesel::sql_query("SELECT pg_advisory_xact_lock($1)");
        take.bind::<BigInt, _>(number).execute(pg)?;
    }
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Named {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

/// The triggers that are in force, in order: what keeps insert-only tables insert-only. Each has
/// the name of its table before its own: one of another table does not count.
pub fn triggers(conn: &mut Conn) -> Result<Vec<String>> {
    let rows: Vec<Named> = match conn {
        Conn::Pg(pg) => diesel::sql_query(
            "SELECT t.tgname::text AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
             WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') \
               AND starts_with(t.tgname::text, c.relname || '_') ORDER BY 1",
        )
        .load(pg)?,
        Conn::Sqlite(sqlite) => {
            let query = "SELECT name FROM sqlite_master WHERE type = 'trigger' \
                 AND substr(name, 1, length(tbl_name) + 1) = tbl_name || '_' ORDER BY 1";
            diesel::sql_query(query).load(sqlite)?
        }
    };
    Ok(rows.into_iter().map(|row| row.name).collect())
}
