//! Sealed fields as bytes under a key, without knowing what they hold: to find those under a key,
//! and to put the same field under another.
//!
//! A sealed field begins with the id of its key (see `auth::seal`), within [`HEAD`] bytes. Each
//! column of [`SEALED`] has an index over them, so that what is under one key is a range.

use super::conn::Conn;
use super::types::{Sealed, SqlId, SqlSealed};
use crate::each;
use crate::kernel::Result;
use crate::kernel::ids::{Id, of};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl};
use uuid::Uuid;

/// Where the key's id ends at the latest.
pub const HEAD: usize = 34;

/// A column that holds sealed fields; the row is named by `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    /// Table.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
}

impl std::fmt::Display for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}

/// Every column of type [`SqlSealed`].
pub const SEALED: [Column; 5] = [
    Column { table: "factors", column: "secret" },
    Column { table: "jobs", column: "sealed" },
    Column { table: "payees", column: "sealed" },
    Column { table: "concerns", column: "sealed" },
    Column { table: "screenings", column: "sealed" },
];

/// First bytes from `from` on and before `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// From here on.
    pub from: Vec<u8>,
    /// Before this.
    pub to: Vec<u8>,
}

/// The id of a row of whatever table.
type AnyId = Id<of::Audit>;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlId)]
    id: AnyId,
    #[diesel(sql_type = SqlSealed)]
    sealed: Sealed,
}
#[derive(QueryableByName)]
struct Head {
    #[diesel(sql_type = SqlSealed)]
    head: Sealed,
}
#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The statements say besides that a field is there: an index that holds only those is not taken
/// by SQLite otherwise.
fn head(column: Column) -> String {
    format!("substr({}, 1, {HEAD})", column.column)
}

/// Up to `limit` fields of a range in the order of their first bytes, after a field if one is
/// given.
pub fn page(
    conn: &mut Conn,
    column: Column,
    range: &Range,
    after: Option<&(Uuid, Vec<u8>)>,
    limit: u32,
) -> Result<Vec<(Uuid, Vec<u8>)>> {
    let (from, row) = match after {
        Some((row, sealed)) => (sealed[..sealed.len().min(HEAD)].to_vec(), *row),
        None => (range.from.clone(), Uuid::nil()),
    };
    let (Column { table, column: name }, head) = (column, head(column));
    let sql = format!(
        "SELECT id, {name} AS sealed FROM {table} \
         WHERE {name} IS NOT NULL AND {head} >= $1 AND {head} < $2 \
           AND ({head} > $3 OR id > $4) \
         ORDER BY {head}, id LIMIT {limit}"
    );
    let found: Vec<Found> = each!(
        conn,
        diesel::sql_query(sql)
            .bind::<SqlSealed, _>(Sealed(from.clone()))
            .bind::<SqlSealed, _>(Sealed(range.to.clone()))
            .bind::<SqlSealed, _>(Sealed(from))
            .bind::<SqlId, _>(AnyId::from_uuid(row))
            .load(conn)?
    );
    Ok(found.into_iter().map(|f| (f.id.uuid(), f.sealed.0)).collect())
}

/// Puts another value in a field that still holds `was`; whether it did.
pub fn swap(conn: &mut Conn, column: Column, row: Uuid, was: &[u8], now: &[u8]) -> Result<bool> {
    let Column { table, column: name } = column;
    let sql = format!("UPDATE {table} SET {name} = $1 WHERE id = $2 AND {name} = $3");
    let rows = each!(
        conn,
        diesel::sql_query(sql)
            .bind::<SqlSealed, _>(Sealed(now.to_vec()))
            .bind::<SqlId, _>(AnyId::from_uuid(row))
            .bind::<SqlSealed, _>(Sealed(was.to_vec()))
            .execute(conn)?
    );
    Ok(rows == 1)
}

/// The least first bytes of a column from `from` on.
pub fn least(conn: &mut Conn, column: Column, from: &[u8]) -> Result<Option<Vec<u8>>> {
    let (Column { table, column: name }, head) = (column, head(column));
    let sql = format!(
        "SELECT {head} AS head FROM {table} \
         WHERE {name} IS NOT NULL AND {head} >= $1 ORDER BY {head} LIMIT 1"
    );
    let found: Vec<Head> =
        each!(conn, diesel::sql_query(sql).bind::<SqlSealed, _>(Sealed(from.to_vec())).load(conn)?);
    Ok(found.into_iter().next().map(|h| h.head.0))
}

/// How many fields of a column are in a range.
pub fn count(conn: &mut Conn, column: Column, range: &Range) -> Result<i64> {
    let (Column { table, column: name }, head) = (column, head(column));
    let sql = format!(
        "SELECT COUNT(*) AS count FROM {table} \
         WHERE {name} IS NOT NULL AND {head} >= $1 AND {head} < $2"
    );
    let found: Count = each!(
        conn,
        diesel::sql_query(sql)
            .bind::<SqlSealed, _>(Sealed(range.from.clone()))
            .bind::<SqlSealed, _>(Sealed(range.to.clone()))
            .get_result(conn)?
    );
    Ok(found.count)
}
