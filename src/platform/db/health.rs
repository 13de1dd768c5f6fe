//! What can be said about a database by looking at it. Nothing is made, changed or migrated.

use super::conn::{Conn, Manager, Purpose, Target};
use super::migrate;
use super::types::SqlInstant;
use crate::each;
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::platform::config::Secret;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::{Connection as _, QueryableByName, RunQueryDsl, SqliteConnection};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::{Path, PathBuf};

/// What a file's address keeps as it is.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

/// What keeps tables insert-only, and the words of the index in step, on PostgreSQL.
pub const GUARDS_POSTGRES: [&str; 47] = [
    "application_agendas_search_changed",
    "application_answers_search_added",
    "application_answers_search_changed",
    "application_members_search_added",
    "application_members_search_changed",
    "application_routes_search_changed",
    "application_texts_search_added",
    "application_texts_search_changed",
    "applications_search_changed",
    "applications_search_placed",
    "approval_votes_no_change",
    "approval_votes_no_truncate",
    "audit_log_no_change",
    "audit_log_no_truncate",
    "calls_search_changed",
    "conflict_exceptions_no_change",
    "conflict_exceptions_no_truncate",
    "events_no_change",
    "events_no_truncate",
    "lane_log_no_change",
    "lane_log_no_truncate",
    "ledger_accounts_fixed",
    "ledger_accounts_no_delete",
    "ledger_entries_no_delete",
    "ledger_entries_no_truncate",
    "ledger_entries_no_update",
    "ledger_postings_no_delete",
    "ledger_postings_no_truncate",
    "ledger_postings_no_update",
    "ledger_seals_no_delete",
    "ledger_seals_no_truncate",
    "ledger_seals_no_update",
    "lifted_conflicts_no_change",
    "lifted_conflicts_no_truncate",
    "review_decisions_no_change",
    "review_decisions_no_truncate",
    "review_versions_no_change",
    "review_versions_no_truncate",
    "screening_sets_no_change",
    "screening_sets_no_truncate",
    "search_documents_compare_changed",
    "signatures_no_change",
    "signatures_no_truncate",
    "templates_no_change",
    "templates_no_truncate",
    "vouches_search_added",
    "vouches_search_changed",
];

/// The same on SQLite.
pub const GUARDS_SQLITE: [&str; 64] = [
    "application_agendas_search_added",
    "application_agendas_search_removed",
    "application_answers_search_added",
    "application_answers_search_changed",
    "application_members_search_added",
    "application_members_search_changed",
    "application_routes_search_changed",
    "application_texts_search_added",
    "application_texts_search_changed",
    "applications_search_changed",
    "applications_search_placed",
    "approval_votes_no_delete",
    "approval_votes_no_replace",
    "approval_votes_no_update",
    "audit_log_no_delete",
    "audit_log_no_replace",
    "audit_log_no_update",
    "calls_search_changed",
    "conflict_exceptions_no_delete",
    "conflict_exceptions_no_replace",
    "conflict_exceptions_no_update",
    "events_no_delete",
    "events_no_replace",
    "events_no_update",
    "lane_log_no_delete",
    "lane_log_no_replace",
    "lane_log_no_update",
    "ledger_accounts_fixed",
    "ledger_accounts_no_delete",
    "ledger_accounts_no_replace",
    "ledger_entries_no_delete",
    "ledger_entries_no_replace",
    "ledger_entries_no_update",
    "ledger_postings_no_delete",
    "ledger_postings_no_replace",
    "ledger_postings_no_update",
    "ledger_seals_no_delete",
    "ledger_seals_no_replace",
    "ledger_seals_no_update",
    "lifted_conflicts_no_delete",
    "lifted_conflicts_no_replace",
    "lifted_conflicts_no_update",
    "review_decisions_no_delete",
    "review_decisions_no_replace",
    "review_decisions_no_update",
    "review_versions_no_delete",
    "review_versions_no_replace",
    "review_versions_no_update",
    "screening_sets_no_delete",
    "screening_sets_no_replace",
    "screening_sets_no_update",
    "search_documents_added",
    "search_documents_changed",
    "search_documents_compare_added",
    "search_documents_compare_changed",
    "search_documents_removed",
    "signatures_no_delete",
    "signatures_no_replace",
    "signatures_no_update",
    "templates_no_delete",
    "templates_no_replace",
    "templates_no_update",
    "vouches_search_added",
    "vouches_search_changed",
];

/// What only one of the two databases has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite {
        /// Its version.
        version: String,
        /// `wal`, unless somebody changed it.
        journal: String,
        /// Tables that are not STRICT.
        loose: Vec<String>,
    },
    /// A server.
    Postgres {
        /// Its version as a number, 170002 for 17.2.
        version: i64,
        /// The rules of sorting, and whether they have changed since indexes were built.
        collation: String,
        /// See `collation`.
        collation_changed: bool,
        /// Under which role the program works.
        role: String,
        /// Insert-only tables that this role may change, or owns and so may unguard.
        may_change: Vec<String>,
        /// Insert-only tables that it may not add to.
        may_not_add: Vec<String>,
        /// Sequences that it may not read, as a backup does.
        may_not_read: Vec<String>,
        /// Whether triggers are switched off for its sessions.
        unguarded: bool,
        /// Seconds that the oldest open transaction of others is open.
        oldest_transaction: i64,
        /// Transactions that were prepared and never ended.
        prepared: i64,
        /// The server's clock.
        clock: Instant,
    },
}

/// What was seen.
#[derive(Debug, Clone)]
pub struct Health {
    /// What only this engine has.
    pub engine: Engine,
    /// Migrations that are not applied; why not, where the schema is newer than this program or
    /// cannot be read.
    pub pending: std::result::Result<Vec<String>, String>,
    /// Triggers that are not in force.
    pub unguarded: Vec<String>,
    /// When the newest row of the audit log was written.
    pub newest: Option<Instant>,
}

/// The file of an embedded database.
pub fn file(url: &Secret) -> Option<PathBuf> {
    match Target::parse(url.expose()) {
        Ok(Target::Sqlite { path }) => Some(path),
        _ => None,
    }
}

/// A connection that reads only.
///
/// # Errors
/// Where there is no database, with the reason.
pub fn open(url: &Secret) -> Result<Conn> {
    let target = Target::parse(url.expose())?;
    if let Target::Sqlite { path } = &target {
        return open_file(path);
    }
    let mut conn = Manager { target, purpose: Purpose::Write }.open()?;
    conn.batch_execute("SET default_transaction_read_only = on")?;
    Ok(conn)
}

fn open_file(path: &Path) -> Result<Conn> {
    let away = |why: String| {
        let detail = format!("{} cannot be opened.", path.display());
        Problem::new(Kind::Unavailable, detail).because(why)
    };
    std::fs::File::open(path).map_err(|e| away(e.to_string()))?;
    let whole = std::path::absolute(path).map_err(|e| away(e.to_string()))?;
    let text = whole.to_string_lossy();
    let address = format!("file:{}?mode=ro", utf8_percent_encode(&text, &PLAIN));
    let mut conn = SqliteConnection::establish(&address).map_err(|e| away(e.to_string()))?;
    conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON")?;
    // The first page is read now: a file that is no database tells so here.
    conn.batch_execute("SELECT count(*) FROM sqlite_schema").map_err(|e| away(e.to_string()))?;
    Ok(Conn::Sqlite(conn))
}

/// Whether there is certainly no file of an embedded database: one that cannot be looked at may be.
pub fn is_away(url: &Secret) -> bool {
    file(url).is_some_and(|file| matches!(file.try_exists(), Ok(false)))
}

/// The names of the migrations that are not applied: all, where the file of an embedded database
/// is not there.
///
/// # Errors
/// As [`open`]; also where the schema is newer than this program.
pub fn pending(url: &Secret) -> Result<Vec<String>> {
    if is_away(url) {
        return migrate::embedded();
    }
    migrate::missing(&mut open(url)?)
}

/// Whether the connections of the service itself take all their settings (foreign keys, WAL, full
/// sync, a busy timeout); the file is in WAL already.
pub fn takes_settings(url: &Secret) -> Result<()> {
    let target = Target::parse(url.expose())?;
    Manager { target, purpose: Purpose::Read }.open().map(drop)
}

/// Looks at a database.
pub fn look(conn: &mut Conn) -> Result<Health> {
    let pending = migrate::missing(conn).map_err(|p| match (p.kind(), p.cause()) {
        (Kind::Internal, Some(cause)) => cause.to_string(),
        _ => p.detail().to_owned(),
    });
    let there = super::ext::triggers(conn)?;
    let (engine, guards): (Engine, &[&str]) = match conn {
        Conn::Sqlite(_) => (sqlite(conn)?, &GUARDS_SQLITE),
        Conn::Pg(_) => (postgres(conn)?, &GUARDS_POSTGRES),
    };
    let complete = pending.as_ref().is_ok_and(Vec::is_empty);
    let lost = guards.iter().filter(|g| complete && !there.iter().any(|t| t == **g));
    let unguarded = lost.map(|g| (*g).to_owned()).collect();
    let newest = if complete { newest(conn)? } else { None };
    Ok(Health { engine, pending, unguarded, newest })
}

/// Whether there are people in it, for whom keys were made.
///
/// # Errors
/// Where it cannot be read, or its schema is newer than this program.
pub fn is_in_use(conn: &mut Conn) -> Result<bool> {
    migrate::missing(conn)?;
    let table = match conn {
        Conn::Pg(_) => "SELECT 'there' AS word WHERE to_regclass('people') IS NOT NULL",
        Conn::Sqlite(_) => "SELECT 'there' AS word FROM sqlite_schema WHERE name = 'people'",
    };
    let somebody = "SELECT 'there' AS word FROM people LIMIT 1";
    Ok(!words(conn, table)?.is_empty() && !words(conn, somebody)?.is_empty())
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}
#[derive(QueryableByName)]
struct Moment {
    #[diesel(sql_type = Nullable<SqlInstant>)]
    at: Option<Instant>,
}

fn words(conn: &mut Conn, sql: &str) -> Result<Vec<String>> {
    let rows: Vec<Word> = each!(conn, diesel::sql_query(sql).load(conn)?);
    Ok(rows.into_iter().map(|row| row.word).collect())
}

fn newest(conn: &mut Conn) -> Result<Option<Instant>> {
    let sql = "SELECT at FROM audit_log ORDER BY id DESC LIMIT 1";
    let rows: Vec<Moment> = each!(conn, diesel::sql_query(sql).load(conn)?);
    Ok(rows.into_iter().next().and_then(|row| row.at))
}

fn sqlite(conn: &mut Conn) -> Result<Engine> {
    let mut one = |sql: &str| words(conn, sql).map(|w| w.into_iter().next().unwrap_or_default());
    let version = one("SELECT sqlite_version() AS word")?;
    let journal = one("SELECT journal_mode AS word FROM pragma_journal_mode")?;
    let loose = "SELECT name AS word FROM pragma_table_list WHERE schema = 'main' \
        AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%' \
        AND name <> '__diesel_schema_migrations' ORDER BY 1";
    Ok(Engine::Sqlite { version, journal, loose: words(conn, loose)? })
}

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    collation: String,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Bool)]
    unguarded: bool,
    #[diesel(sql_type = BigInt)]
    oldest_transaction: i64,
    #[diesel(sql_type = BigInt)]
    prepared: i64,
    #[diesel(sql_type = SqlInstant)]
    clock: Instant,
}

#[derive(QueryableByName)]
struct Right {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    changes: bool,
    #[diesel(sql_type = Bool)]
    adds: bool,
}

const SERVER: &str = "SELECT current_setting('server_version_num')::bigint AS version, \
    datcollate::text AS collation, current_user::text AS role, \
    current_setting('session_replication_role') = 'replica' AS unguarded, \
    coalesce((SELECT max(extract(epoch FROM now() - xact_start))::bigint FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()), 0) AS oldest_transaction, \
    (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()) AS prepared, \
    now() AS clock \
    FROM pg_database WHERE datname = current_database()";

/// Of the tables that only grow: those with a guard against TRUNCATE.
const RIGHTS: &str = "SELECT relname::text AS name, \
    (has_table_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE') \
        OR has_table_privilege(oid, 'TRUNCATE') OR pg_has_role(relowner, 'USAGE')) AS changes, \
    has_table_privilege(oid, 'INSERT') AS adds FROM pg_class AS c WHERE oid IN ( \
    SELECT tgrelid FROM pg_trigger WHERE tgname = c.relname || '_no_truncate') ORDER BY 1";

/// What `pg_dump` reads besides tables.
const SEQUENCES: &str = "SELECT relname::text AS word FROM pg_class \
    WHERE relnamespace = current_schema()::regnamespace \
    AND CASE WHEN relkind = 'S' THEN NOT has_sequence_privilege(oid, 'SELECT') ELSE false END \
    ORDER BY 1";

/// Since version 15 a database knows the rules of sorting that it was made with.
const COLLATION: &str = "SELECT 'changed' AS word FROM pg_database \
    WHERE datname = current_database() \
    AND datcollversion <> pg_database_collation_actual_version(oid)";

fn postgres(conn: &mut Conn) -> Result<Engine> {
    let Conn::Pg(pg) = conn else { return Err(Problem::internal("this is not PostgreSQL")) };
    let server: Server = diesel::sql_query(SERVER).get_result(pg)?;
    let rights: Vec<Right> = diesel::sql_query(RIGHTS).load(pg)?;
    let named = |of: fn(&Right) -> bool| -> Vec<String> {
        rights.iter().filter(|r| of(r)).map(|r| r.name.clone()).collect()
    };
    let Server { version, collation, role, unguarded, oldest_transaction, prepared, clock } =
        server;
    let collation_changed = version >= 150_000 && !words(conn, COLLATION)?.is_empty();
    let may_not_read = words(conn, SEQUENCES)?;
    Ok(Engine::Postgres {
        version,
        collation,
        collation_changed,
        role,
        may_change: named(|r| r.changes),
        may_not_add: named(|r| !r.adds),
        may_not_read,
        unguarded,
        oldest_transaction,
        prepared,
        clock,
    })
}
