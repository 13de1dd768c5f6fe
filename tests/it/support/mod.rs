//! What tests stand on: [`both!`] and the [`Harness`].

pub mod bodies;
pub mod books;
#[allow(dead_code, reason = "the promises read no pages")]
pub mod browser;
#[allow(dead_code, reason = "the promises kill their clusters, these tests do not")]
pub mod cluster;
pub mod desk;
pub mod device;
pub mod field;
pub mod payday;
pub mod post;
mod postgres;
pub mod programs;
mod queue;
pub mod smtp;
mod sqlite;
pub mod temp;
pub mod watch;
pub mod web;
pub mod years;

use almoner::kernel::ids::IdSource;
use almoner::kernel::time::{Clock, Instant};
use almoner::platform::config::Secret;
use almoner::platform::db::{Db, DbOptions};
use diesel::connection::SimpleConnection as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use temp::TempDir;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Sqlite,
    Postgres,
}

/// Writes each test once and runs it on both databases, as `name::sqlite` and `name::postgres`:
/// `both! { fn name(t: &Harness) { … } }`. Without PostgreSQL the second half is skipped and says
/// so; `ALMONER_REQUIRE_POSTGRES=1` makes that a failure.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* fn $name:ident($t:ident: $harness:ty) $body:block)+) => { $(
        fn $name($t: $harness) $body
        mod $name {
            #[test]
            $(#[$meta])*
            fn sqlite() {
                $crate::support::Harness::run($crate::support::Side::Sqlite, super::$name);
            }
            #[test]
            $(#[$meta])*
            fn postgres() {
                $crate::support::Harness::run($crate::support::Side::Postgres, super::$name);
            }
        }
    )+ };
}

/// A database of its own with all migrations applied, a clock that stands still, and a folder.
pub struct Harness {
    pub side: Side,
    pub db: Db,
    /// The address of [`Harness::db`], for settings.
    pub url: String,
    /// 2026-11-02T09:00:00Z, until it is moved.
    pub clock: Clock,
    /// The same ids on every run.
    pub ids: IdSource,
    dir: TempDir,
    databases: std::sync::Mutex<Vec<postgres::Database>>,
}

impl Harness {
    /// Runs one test on one side, and clears up after it.
    pub fn run(side: Side, test: impl FnOnce(&Harness)) {
        match Self::try_run(side, test) {
            Ok(()) => {}
            Err(why) => say(&format!("skipped on PostgreSQL: {why}")),
        }
    }
    /// The same, and what it came to; an error says why there is no such database here.
    pub fn try_run<T>(side: Side, test: impl FnOnce(&Harness) -> T) -> Result<T, String> {
        Self::new(side).map(|harness| test(&harness))
    }
    /// The program itself, with these words, on this database and folder; it logs warnings.
    #[allow(dead_code, reason = "the promises start it their own way")]
    pub fn program(&self, args: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_almoner"));
        command
            .args(args)
            .env("ALMONER__DATA_DIR", self.dir())
            .env("ALMONER__DATABASE__URL", &self.url)
            .env("ALMONER__LOG__LEVEL", "warn");
        command
    }
    /// Lets every row that is added to a table take its time on PostgreSQL, so that those who race
    /// for it are sure to meet: who looked before has not written yet when the others look. (SQLite
    /// has one writer: there nobody meets.)
    #[allow(dead_code, reason = "the promises race in their own way")]
    pub fn slows(&self, table: &str) {
        if self.side == Side::Sqlite {
            return;
        }
        let sql = format!(
            "CREATE FUNCTION takes_time() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END'; \
             CREATE TRIGGER takes_time BEFORE INSERT ON {table} \
             FOR EACH ROW EXECUTE FUNCTION takes_time();"
        );
        let done = self.db.write_now("test.slows", |conn| Ok(conn.batch_execute(&sql)?));
        done.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
    }
    /// On an empty database that somebody else made, and clears away.
    #[allow(dead_code, reason = "the promises bring databases of their own")]
    pub fn on(url: &str) -> Self {
        let harness = Self::over(url.to_owned(), TempDir::new("test"), Vec::new());
        let done = almoner::platform::db::migrate::migrate(&harness.db);
        done.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
        harness
    }
    fn new(side: Side) -> Result<Self, String> {
        let dir = TempDir::new("test");
        let (url, databases) = match side {
            Side::Sqlite => (sqlite::migrated(dir.path()), Vec::new()),
            Side::Postgres => {
                let database = postgres::migrated()?;
                (database.url.clone(), vec![database])
            }
        };
        Ok(Self::over(url, dir, databases))
    }
    fn over(url: String, dir: TempDir, databases: Vec<postgres::Database>) -> Self {
        let start: Instant = "2026-11-02T09:00:00Z".parse().expect("an instant");
        Self {
            side: if url.starts_with("postgres") { Side::Postgres } else { Side::Sqlite },
            db: open(&url, 4),
            url,
            clock: Clock::manual(start),
            ids: IdSource::seeded(7),
            dir,
            databases: databases.into(),
        }
    }
    /// A folder for the test, removed after it.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
    /// The address of a further database without any table.
    pub fn empty_database(&self) -> String {
        match self.side {
            Side::Sqlite => sqlite::empty(self.dir.path()),
            Side::Postgres => {
                let database = postgres::empty().expect("PostgreSQL was there a moment ago");
                let url = database.url.clone();
                self.databases.lock().expect("no test panics here").push(database);
                url
            }
        }
    }
    /// Opens the same database once more, with this many connections.
    pub fn open_again(&self, pool_size: u32) -> Db {
        open(&self.url, pool_size)
    }
}

/// Opens a database, impatiently.
pub fn open(url: &str, pool_size: u32) -> Db {
    let wait = Duration::from_millis(if pool_size == 1 { 300 } else { 10_000 });
    let options = DbOptions { url: Secret::new(url), pool_size, pool_wait: wait };
    Db::open(options).unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()))
}

/// Runs asynchronous code to its end, on a runtime of one thread, as the server's workers have.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(future)
}

/// A line for the person who runs the tests.
pub fn say(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment what to run on")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

/// Waits until somebody waits on PostgreSQL for what is held here, or `asks` is over; whether
/// somebody waits.
pub fn waits<T>(
    conn: &mut almoner::platform::db::Conn,
    asks: &std::thread::ScopedJoinHandle<'_, T>,
) -> diesel::QueryResult<bool> {
    many_wait(conn, 1, asks)
}

/// The same of so many, the last of whom `asks`: whether all of them wait.
pub fn many_wait<T>(
    conn: &mut almoner::platform::db::Conn,
    many: i64,
    asks: &std::thread::ScopedJoinHandle<'_, T>,
) -> diesel::QueryResult<bool> {
    let sql = "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
               AND wait_event_type = 'Lock')";
    loop {
        // What was seen once is kept to the end of the transaction.
        conn.batch_execute("SELECT pg_stat_clear_snapshot()")?;
        let count = diesel::dsl::sql::<diesel::sql_types::BigInt>(sql);
        if diesel::RunQueryDsl::get_result::<i64>(diesel::select(count), conn)? >= many {
            return Ok(true);
        }
        if asks.is_finished() {
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The sources of the program: where each lies, and its text.
pub fn sources() -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).expect("text");
                found.push((path, text));
            }
        }
    }
    found
}
