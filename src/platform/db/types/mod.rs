//! SQL types and Rust types that read and write the same on both databases.
//!
//! | SQL type | PostgreSQL | SQLite | Rust |
//! |---|---|---|---|
//! | [`SqlId`] | `uuid` | `BLOB` of 16 bytes | [`Id`](crate::kernel::ids::Id) |
//! | [`SqlInstant`] | `timestamptz` | `INTEGER`, microseconds since 1970 | `Instant` |
//! | [`SqlDate`] | `date` | `INTEGER`, days since 1970-01-01 | `Date` |
//! | [`SqlDoc`] | `jsonb` | `TEXT` | [`Doc`] |
//! | [`SqlSealed`] | `bytea` | `BLOB` | [`Sealed`] |
//! | `Text` | `text` | `TEXT` | `Currency`, enums by [`db_text!`](crate::db_text) |
//!
//! The kernel stays free of diesel: the impls are here.

#[macro_use]
mod plumbing;
mod doc;
mod id;
mod sealed;
mod text;
mod time;

pub use crate::db_text;
pub use doc::Doc;
pub use sealed::Sealed;

use super::conn::MultiBackend;
use diesel::query_builder::QueryId;
use diesel::sql_types::{HasSqlType, SqlOrd, SqlType};

/// `uuid` on PostgreSQL, `BLOB` of 16 bytes on SQLite.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct SqlId;

/// `timestamptz` on PostgreSQL, `INTEGER` microseconds since 1970 on SQLite.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
pub struct SqlInstant;

/// `date` on PostgreSQL, `INTEGER` days since 1970-01-01 on SQLite.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 1082, array_oid = 1182), sqlite_type(name = "Integer"))]
pub struct SqlDate;

/// `jsonb` on PostgreSQL, `TEXT` on SQLite.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807), sqlite_type(name = "Text"))]
pub struct SqlDoc;

/// A sealed field: `bytea` on PostgreSQL, `BLOB` on SQLite. Every column of this type has to be on
/// the list [`SEALED`](super::sealed::SEALED), so that its keys are changed with all others.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 17, array_oid = 1001), sqlite_type(name = "Binary"))]
pub struct SqlSealed;

impl SqlOrd for SqlId {}
impl SqlOrd for SqlInstant {}
impl SqlOrd for SqlDate {}

macro_rules! on_both { ($($st:ty),*) => { $(
    impl HasSqlType<$st> for MultiBackend {
        fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
            MultiBackend::lookup_sql_type::<$st>(lookup)
        }
    }
)* } }
on_both!(SqlId, SqlInstant, SqlDate, SqlDoc, SqlSealed);
