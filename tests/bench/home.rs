//! Databases to measure on: a file of SQLite, or a database of a private PostgreSQL cluster that
//! keeps what it confirmed, as in earnest.

use crate::cluster;
use crate::machine;
use crate::temp::TempDir;
use crate::years::told;
use almoner::kernel::ids::IdSource;
use almoner::kernel::time::Clock;
use almoner::platform::config::{Config, MailTransport, Secret};
use almoner::platform::context::Env;
use almoner::platform::db::{Db, migrate};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Sqlite,
    Postgres,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
    /// On the command line.
    pub fn option(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
    /// In the report.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// An empty database with all migrations applied, and a data folder.
pub struct Home {
    pub side: Side,
    /// Its address.
    pub url: String,
    dir: TempDir,
}

/// `fsync` and the like keep their defaults: on.
const SETTINGS: [&str; 3] = ["max_connections=100", "shared_buffers=256MB", "max_wal_size=4GB"];

fn postgres() -> Result<&'static (String, Child), String> {
    static CLUSTER: OnceLock<Result<(String, Child), String>> = OnceLock::new();
    CLUSTER.get_or_init(|| cluster::start(&SETTINGS)).as_ref().map_err(Clone::clone)
}

impl Home {
    /// Makes one.
    pub fn new(side: Side, name: &str) -> Result<Self, String> {
        let dir = TempDir::new("home");
        let url = match side {
            Side::Sqlite => format!("sqlite://{}", dir.path().join("data/almoner.db").display()),
            Side::Postgres => {
                let (url, _) = postgres()?;
                let mut conn = PgConnection::establish(url).map_err(|e| e.to_string())?;
                let sql = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
                conn.batch_execute(&sql).map_err(|e| e.to_string())?;
                url.replacen("/postgres?", &format!("/{name}?"), 1)
            }
        };
        let home = Self { side, url, dir };
        let db = home.open()?;
        migrate::migrate(&db).map_err(told)?;
        Ok(home)
    }
    /// The service's data folder.
    pub fn folder(&self) -> PathBuf {
        self.dir.path().join("data")
    }
    /// A folder for files.
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }
    /// The file of SQLite.
    pub fn file(&self) -> PathBuf {
        self.folder().join("almoner.db")
    }
    /// Opens the database in this process.
    pub fn open(&self) -> Result<Db, String> {
        Db::open(&self.config()).map_err(told)
    }
    /// The service's settings.
    pub fn config(&self) -> Config {
        let mut config = Config::for_folder(&self.folder());
        config.database.url = Secret::new(self.url.as_str());
        config.mail.transport = MailTransport::Off;
        // The tokens have to last for the whole run.
        config.auth.access_token_minutes = 60 * 24;
        // Asked for at login and before marked steps, of which none is measured.
        config.auth.require_factor = false;
        config
    }
    /// What the service would be started with.
    pub fn env(&self) -> Result<Arc<Env>, String> {
        almoner::app::environment(self.config(), Clock::system(), IdSource::system()).map_err(told)
    }
    /// The database server's time on the processor; `None` where it is part of the program.
    pub fn cpu(&self) -> Option<Duration> {
        match self.side {
            Side::Sqlite => None,
            Side::Postgres => machine::cpu_of_family(postgres().ok()?.1.id()),
        }
    }
    /// Lets the database learn what it holds, and write what it put off.
    pub fn settle(&self) -> Result<(), String> {
        match self.side {
            Side::Sqlite => self.sql("PRAGMA wal_checkpoint(TRUNCATE)"),
            Side::Postgres => self.sql("VACUUM ANALYZE").and_then(|()| self.sql("CHECKPOINT")),
        }
    }
    /// Runs SQL.
    pub fn sql(&self, sql: &str) -> Result<(), String> {
        let done = match self.side {
            Side::Sqlite => {
                let path = self.file().to_string_lossy().into_owned();
                let conn = diesel::SqliteConnection::establish(&path);
                conn.map_err(|e| e.to_string())?.batch_execute(sql)
            }
            Side::Postgres => {
                let conn = PgConnection::establish(&self.url);
                conn.map_err(|e| e.to_string())?.batch_execute(sql)
            }
        };
        done.map_err(|e| format!("{sql}: {e}"))
    }
}
