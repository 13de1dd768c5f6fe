//! Migrations: the same names on both databases, compiled in, applied in order.

use super::conn::Conn;
use super::handle::Db;
use super::transaction;
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use diesel::backend::Backend;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use diesel::{QueryableByName, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Who migrates holds this advisory lock on PostgreSQL ("almoner" on a telephone's keys).
const LOCK: i64 = 2_566_637;

/// Applies what is missing and returns its names; when two processes start at once, one waits and
/// finds nothing to do. Refuses a schema that is newer than this program.
pub fn migrate(db: &Db) -> Result<Vec<String>> {
    locked(db, |conn| {
        let names = missing(conn)?;
        match conn {
            Conn::Pg(pg) => pg.run_pending_migrations(POSTGRES).map(drop),
            Conn::Sqlite(sqlite) => sqlite.run_pending_migrations(SQLITE).map(drop),
        }
        .map_err(failed)?;
        Ok(names)
    })
}

/// The names of what is missing. Refuses a schema that is newer than this program.
pub fn pending(db: &Db) -> Result<Vec<String>> {
    db.read_now("migrate.pending", missing)
}

/// Takes back all migrations, and all data with them: for tests.
pub fn revert_all(db: &Db) -> Result<()> {
    locked(db, |conn| {
        match conn {
            Conn::Pg(pg) => pg.revert_all_migrations(POSTGRES).map(drop),
            Conn::Sqlite(sqlite) => sqlite.revert_all_migrations(SQLITE).map(drop),
        }
        .map_err(failed)
    })
}

fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> Problem {
    Problem::internal(error)
}

/// Runs `f` while nobody else migrates, on a connection of its own and without time limits.
fn locked<T>(db: &Db, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    let mut conn = db.separate()?;
    match &mut conn {
        Conn::Pg(pg) => {
            pg.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0")?;
            pg.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))?;
            let result = f(&mut conn);
            if let Conn::Pg(pg) = &mut conn {
                pg.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
            }
            result
        }
        Conn::Sqlite(sqlite) => {
            // One transaction for all: a crash leaves the old schema.
            sqlite.batch_execute("PRAGMA busy_timeout = 600000")?;
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN EXCLUSIVE")?;
            let result = f(&mut conn).and_then(|value| {
                AnsiTransactionManager::commit_transaction(sqlite_of(&mut conn))?;
                Ok(value)
            });
            if result.is_err() {
                transaction::roll_back_to(&mut conn, 0);
            }
            result
        }
    }
}

fn sqlite_of(conn: &mut Conn) -> &mut diesel::SqliteConnection {
    match conn {
        Conn::Sqlite(sqlite) => sqlite,
        Conn::Pg(_) => unreachable!("invariant: only called for SQLite"),
    }
}

/// Names and versions of all migrations of one side, in order.
fn known<DB: Backend>(source: &EmbeddedMigrations) -> Result<Vec<(String, String)>> {
    let all: Vec<Box<dyn Migration<DB>>> = source.migrations().map_err(failed)?;
    let mut all: Vec<_> =
        all.iter().map(|m| (m.name().version().to_string(), m.name().to_string())).collect();
    all.sort();
    Ok(all)
}

/// The names of all that a new embedded database gets.
pub(super) fn embedded() -> Result<Vec<String>> {
    Ok(known::<Sqlite>(&SQLITE)?.into_iter().map(|(_, name)| name).collect())
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}
#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Versions in the database. Asks without making the table, which the service may not be allowed
/// to do on PostgreSQL.
fn applied(conn: &mut Conn) -> Result<Vec<String>> {
    let there = match conn {
        Conn::Pg(_) => "SELECT count(to_regclass('__diesel_schema_migrations')) AS count",
        Conn::Sqlite(_) => {
            "SELECT count(*) AS count FROM sqlite_schema WHERE name = '__diesel_schema_migrations'"
        }
    };
    let there: Count = diesel::sql_query(there).get_result(conn)?;
    if there.count == 0 {
        return Ok(Vec::new());
    }
    let rows: Vec<Version> =
        diesel::sql_query("SELECT version FROM __diesel_schema_migrations").load(conn)?;
    Ok(rows.into_iter().map(|r| r.version).collect())
}

pub(super) fn missing(conn: &mut Conn) -> Result<Vec<String>> {
    let known = match conn {
        Conn::Pg(_) => known::<Pg>(&POSTGRES)?,
        Conn::Sqlite(_) => known::<Sqlite>(&SQLITE)?,
    };
    let applied = applied(conn)?;
    if let Some(newer) = applied.iter().find(|v| !known.iter().any(|(version, _)| version == *v)) {
        let detail = format!(
            "The database has migration {newer}, which this program does not know: \
             start a newer almoner."
        );
        return Err(Problem::new(Kind::Unavailable, detail));
    }
    let waiting = known.into_iter().filter(|(version, _)| !applied.contains(version));
    Ok(waiting.map(|(_, name)| name).collect())
}
