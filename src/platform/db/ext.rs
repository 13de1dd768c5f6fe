//! What diesel lacks for the two databases at once, each as one small piece.

use super::conn::{Conn, MultiBackend};
use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, SqlType};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl};

pub use crate::each;

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
