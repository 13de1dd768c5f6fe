//! One connection that is either database, and how it is opened.

use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::config::{UNCLEAR, is_clear, without_password};
use diesel::connection::{Connection, SimpleConnection};
use diesel::r2d2::{Error as PoolError, ManageConnection, R2D2Connection};
use diesel::sql_types::{Integer, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A connection to either database. Statements are written once, against [`MultiBackend`].
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL.
    Pg(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// The oldest SQLite that is safe with several connections in WAL mode: before it, a reset of the
/// log could corrupt the file.
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// Seconds that SQLite waits for another process that writes.
const BUSY_SECONDS: u32 = 5;

/// What a session on PostgreSQL is held to: nobody waits for ever on a lock, a statement, or a
/// client that went away in the middle of a transaction.
const PG_SESSION: &str = "SET TIME ZONE 'UTC'; SET lock_timeout = '5s'; \
    SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'; \
    SET client_min_messages = 'warning'";

/// Which database, and where.
#[derive(Clone)]
pub(super) enum Target {
    Pg { url: String },
    Sqlite { path: PathBuf },
}

impl Target {
    /// From `postgres://…` or `sqlite://PATH`.
    pub(super) fn parse(url: &str) -> Result<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Target::Pg { url: url.to_owned() });
        }
        match url.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() && path != ":memory:" && !path.starts_with("file:") => {
                Ok(Target::Sqlite { path: path.into() })
            }
            _ => Err(refuse(
                "The database address has to be sqlite://PATH or postgres://USER@HOST:PORT/NAME.",
            )),
        }
    }
}

/// What a connection is for. On PostgreSQL the difference is made by each transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Write,
}

/// Opens connections. Not diesel's own manager: `Conn::establish` tries one database after the
/// other, and with PostgreSQL away would make an SQLite file named `postgres:…`.
#[derive(Clone)]
pub(super) struct Manager {
    pub(super) target: Target,
    pub(super) purpose: Purpose,
}

impl Manager {
    /// A new connection, set up and checked.
    pub(super) fn open(&self) -> Result<Conn> {
        match &self.target {
            Target::Pg { url } => open_postgres(url),
            Target::Sqlite { path } => open_sqlite(path, self.purpose),
        }
    }
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = PoolError;
    fn connect(&self) -> std::result::Result<Conn, PoolError> {
        self.open().map_err(|problem| {
            let why = problem.cause().map_or_else(|| problem.to_string(), ToString::to_string);
            PoolError::ConnectionError(diesel::ConnectionError::BadConnection(why))
        })
    }
    fn is_valid(&self, conn: &mut Conn) -> std::result::Result<(), PoolError> {
        conn.ping().map_err(PoolError::QueryError)
    }
    fn has_broken(&self, conn: &mut Conn) -> bool {
        // After a panic in the middle nobody knows what the transaction holds.
        std::thread::panicking() || conn.is_broken()
    }
}

fn refuse(detail: impl Into<String>) -> Problem {
    Problem::new(Kind::Unavailable, detail)
}

fn open_postgres(url: &str) -> Result<Conn> {
    let away = |why: String| refuse("The database cannot be reached.").because(why);
    if !is_clear(url) {
        return Err(away(UNCLEAR.into()));
    }
    // A malformed address is quoted in the message, with the password in it.
    let away = |e: diesel::ConnectionError| away(without_password(&e.to_string(), url));
    let mut conn = PgConnection::establish(url).map_err(away)?;
    conn.batch_execute(PG_SESSION)?;
    // Deadlocks and lock timeouts are told apart by their English message, as diesel hands no
    // SQLSTATE on. Only a superuser may choose the language, so a refusal is no error here.
    if conn.batch_execute("SET lc_messages = 'C'").is_err() {
        tracing::debug!("the server keeps its own language for messages");
    }
    let encoding: Setting = diesel::sql_query("SELECT current_setting('server_encoding') AS value")
        .get_result(&mut conn)?;
    if encoding.value != "UTF8" {
        let found = encoding.value;
        return Err(refuse(format!("The database is in {found}; make it anew in UTF8.")));
    }
    Ok(Conn::Pg(conn))
}

/// Lets PostgreSQL wait so long for the next statement of this transaction, which somebody reads at
/// their own pace.
pub fn idle_for(conn: &mut Conn, most: Duration) -> Result<()> {
    let Conn::Pg(pg) = conn else { return Ok(()) };
    let seconds = most.as_secs();
    let set = format!("SET LOCAL idle_in_transaction_session_timeout = '{seconds}s'");
    Ok(pg.batch_execute(&set)?)
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

fn open_sqlite(path: &Path, purpose: Purpose) -> Result<Conn> {
    make_private(path)?;
    if purpose == Purpose::Write {
        refuse_read_only(path)?;
    }
    let away = |e| refuse(format!("{} cannot be opened.", path.display())).because(e);
    let mut conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(away)?;
    // First of all: what follows may have to wait for another process.
    conn.batch_execute(&format!("PRAGMA busy_timeout = {}", BUSY_SECONDS * 1000))?;
    write_ahead(&mut conn)?;
    conn.batch_execute(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; \
         PRAGMA recursive_triggers = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; \
         PRAGMA journal_size_limit = 33554432",
    )?;
    if purpose == Purpose::Read {
        conn.batch_execute("PRAGMA query_only = ON")?;
    }
    check_sqlite(&mut conn)?;
    Ok(Conn::Sqlite(conn))
}

/// Changing a new file to WAL takes a lock that SQLite does not always wait for when two
/// processes start at once.
fn write_ahead(conn: &mut SqliteConnection) -> Result<()> {
    let mut tries = 0;
    loop {
        match conn.batch_execute("PRAGMA journal_mode = WAL") {
            Err(e) if tries < 50 && e.to_string().contains("locked") => tries += 1,
            result => return Ok(result?),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Everybody's data: only for the user that the service runs as. SQLite gives the files beside it
/// the same mode.
fn make_private(path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty() && !f.exists()) {
        crate::platform::config::create_private_dir(folder).map_err(refuse)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let away = |e| refuse(format!("{} cannot be made.", path.display())).because(e);
    options.open(path).map(drop).map_err(away)
}

/// SQLite opens what it may only read without a word, and never writes to it through any
/// connection of this process again, also when the disk has recovered. Asked of a file beside it:
/// to open the database itself would end the locks that this process holds on it.
fn refuse_read_only(path: &Path) -> Result<()> {
    let mut probe = path.as_os_str().to_owned();
    probe.push("-probe");
    match std::fs::File::create(&probe) {
        Err(e) if e.kind() == std::io::ErrorKind::ReadOnlyFilesystem => {
            let detail = format!("{} is on a disk that may only be read.", path.display());
            Err(refuse(detail).because(e))
        }
        // A full disk may refuse as well; what is there can be read.
        _ => {
            drop(std::fs::remove_file(&probe));
            Ok(())
        }
    }
}

#[derive(QueryableByName, Debug)]
struct Pragmas {
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Text)]
    journal_mode: String,
    #[diesel(sql_type = Integer)]
    synchronous: i32,
    #[diesel(sql_type = Integer)]
    foreign_keys: i32,
    #[diesel(sql_type = Integer)]
    trusted_schema: i32,
    /// A REPLACE asks the guard against deletion too.
    #[diesel(sql_type = Integer)]
    recursive_triggers: i32,
    #[diesel(sql_type = Integer)]
    busy_timeout: i32,
}

/// A pragma that is misspelt or not compiled in is silently ignored: so look.
fn check_sqlite(conn: &mut SqliteConnection) -> Result<()> {
    let found: Pragmas = diesel::sql_query(
        "SELECT sqlite_version() AS version, \
         (SELECT * FROM pragma_journal_mode) AS journal_mode, \
         (SELECT * FROM pragma_synchronous) AS synchronous, \
         (SELECT * FROM pragma_foreign_keys) AS foreign_keys, \
         (SELECT * FROM pragma_trusted_schema) AS trusted_schema, \
         (SELECT * FROM pragma_recursive_triggers) AS recursive_triggers, \
         (SELECT * FROM pragma_busy_timeout) AS busy_timeout",
    )
    .get_result(conn)?;
    if !new_enough(&found.version) {
        let [a, b, c] = OLDEST_SQLITE;
        let version = found.version;
        return Err(refuse(format!("SQLite {version} is too old; {a}.{b}.{c} is needed.")));
    }
    let set = found.journal_mode == "wal"
        && found.synchronous == 2
        && found.foreign_keys == 1
        && found.trusted_schema == 0
        && found.recursive_triggers == 1
        && found.busy_timeout > 0;
    if set { Ok(()) } else { Err(refuse(format!("SQLite did not take its settings: {found:?}"))) }
}

/// Whether this version (`3.53.0`) is at least [`OLDEST_SQLITE`].
fn new_enough(version: &str) -> bool {
    let mut parts = version.split('.').map(|p| p.parse().unwrap_or(0u32));
    let found: [u32; 3] = std::array::from_fn(|_| parts.next().unwrap_or(0));
    found >= OLDEST_SQLITE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for good in ["3.51.3", "3.51.10", "3.53.0", "3.100", "4"] {
            assert!(new_enough(good), "{good}");
        }
        for bad in ["3.51.2", "3.9.9", "3.51", "2.99.99", "", "x"] {
            assert!(!new_enough(bad), "{bad}");
        }
    }

    #[test]
    fn addresses() {
        let sqlite = Target::parse("sqlite:///tmp/a b.db").expect("an absolute path");
        assert!(matches!(sqlite, Target::Sqlite { path } if path == Path::new("/tmp/a b.db")));
        assert!(matches!(Target::parse("postgresql://h/d"), Ok(Target::Pg { .. })));
        for bad in ["", "sqlite://", "sqlite://:memory:", "mysql://h/d", "almoner.db"] {
            assert!(Target::parse(bad).is_err(), "{bad:?}");
        }
    }
}
