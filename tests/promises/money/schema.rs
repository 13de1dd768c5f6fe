//! Databases at older schemas, and what they hold.

use crate::support::cluster::Cluster;
use almoner::kernel::time::Stopwatch;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where databases are made.
pub enum Store<'c> {
    Folder(PathBuf),
    Cluster(&'c Cluster),
}

/// The sum over hashes of the rows of each table.
pub type Contents = BTreeMap<String, String>;
/// Columns, by their table.
pub type Columns = BTreeMap<String, Vec<String>>;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}
#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

enum Raw {
    Sqlite(SqliteConnection),
    Pg(PgConnection),
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn path(url: &str) -> Option<&str> {
    url.strip_prefix("sqlite://")
}

fn open(url: &str) -> Result<Raw, String> {
    match path(url) {
        Some(path) => {
            let mut conn = SqliteConnection::establish(path).map_err(told)?;
            // The first to open it after a kill reads the log again, alone.
            conn.batch_execute("PRAGMA busy_timeout = 5000").map_err(told)?;
            Ok(Raw::Sqlite(conn))
        }
        None => PgConnection::establish(url).map(Raw::Pg).map_err(told),
    }
}

impl Raw {
    fn run(&mut self, sql: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql),
            Self::Pg(conn) => conn.batch_execute(sql),
        }
        .map_err(|e| format!("{sql}: {e}"))
    }
    fn lines(&mut self, sql: &str) -> Result<Vec<String>, String> {
        let query = diesel::sql_query(sql);
        let lines: Vec<Line> = match self {
            Self::Sqlite(conn) => query.load(conn),
            Self::Pg(conn) => query.load(conn),
        }
        .map_err(|e| format!("{sql}: {e}"))?;
        Ok(lines.into_iter().map(|l| l.line).collect())
    }
    fn count(&mut self, sql: &str) -> Result<i64, String> {
        let query = diesel::sql_query(sql);
        let count: Count = match self {
            Self::Sqlite(conn) => query.get_result(conn),
            Self::Pg(conn) => query.get_result(conn),
        }
        .map_err(|e| format!("{sql}: {e}"))?;
        Ok(count.count)
    }
    /// All tables of the service.
    fn tables(&mut self) -> Result<Vec<String>, String> {
        self.lines(match self {
            Self::Sqlite(_) => {
                "SELECT name AS line FROM sqlite_schema WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name"
            }
            Self::Pg(_) => {
                "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public' \
                 AND tablename NOT LIKE '\\_\\_%' ORDER BY tablename"
            }
        })
    }
    fn columns(&mut self, name: &str) -> Result<Vec<String>, String> {
        self.lines(&match self {
            Self::Sqlite(_) => {
                format!("SELECT name AS line FROM pragma_table_info('{name}') ORDER BY cid")
            }
            Self::Pg(_) => format!(
                "SELECT attname::text AS line FROM pg_attribute \
                 WHERE attrelid = '{name}'::regclass AND attnum > 0 AND NOT attisdropped \
                 ORDER BY attnum"
            ),
        })
    }
    /// How many rows a table has, and the sum over what they hold, in these columns or in all.
    fn table(&mut self, name: &str, columns: Option<&[String]>) -> Result<String, String> {
        if let Self::Pg(_) = self {
            let named = |all: &[String]| format!("(SELECT \"{}\" FROM {name})", all.join("\", \""));
            let from = columns.map_or_else(|| name.to_owned(), named);
            let sql = format!(
                "SELECT count(*) || ':' || coalesce(sum(('x' || substr(md5(t::text), 1, 15))\
                 ::bit(60)::bigint), 0) AS line FROM {from} t"
            );
            return self.lines(&sql).map(|lines| lines.concat());
        }
        let columns = match columns {
            Some(columns) => columns.to_vec(),
            None => self.columns(name)?,
        };
        let quoted: Vec<String> = columns.iter().map(|c| format!("quote(\"{c}\")")).collect();
        let sql = format!("SELECT {} AS line FROM {name}", quoted.join(" || ',' || "));
        let Self::Sqlite(conn) = self else { return Err("which database?".into()) };
        let (mut count, mut sum) = (0, columns.join(",").len() as u64);
        let rows =
            diesel::sql_query(sql).load_iter::<Line, diesel::connection::DefaultLoadingMode>(conn);
        for row in rows.map_err(told)? {
            let mut hasher = DefaultHasher::new();
            row.map_err(told)?.line.hash(&mut hasher);
            (count, sum) = (count + 1, hasher.finish().wrapping_add(sum));
        }
        Ok(format!("{count}:{sum}"))
    }
    fn migrations(&self) -> Result<FileBasedMigrations, String> {
        let side = if matches!(self, Self::Pg(_)) { "postgres" } else { "sqlite" };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(side);
        FileBasedMigrations::from_path(root).map_err(told)
    }
}

impl Store<'_> {
    /// A database without any table; its address.
    pub fn empty(&self, name: &str) -> Result<String, String> {
        match self {
            Self::Folder(folder) => {
                Ok(format!("sqlite://{}", folder.join(format!("{name}.db")).display()))
            }
            Self::Cluster(cluster) => cluster.database(name),
        }
    }
    /// A copy in the place of what had this name before; its address.
    pub fn copy(&self, from: &str, name: &str) -> Result<String, String> {
        match self {
            Self::Folder(folder) => {
                let source = path(from).ok_or("another database")?;
                open(from)?.run("PRAGMA wal_checkpoint(TRUNCATE)")?;
                let target = folder.join(format!("{name}.db"));
                for beside in ["-wal", "-shm"] {
                    drop(std::fs::remove_file(format!("{}{beside}", target.display())));
                }
                std::fs::copy(source, &target).map_err(told)?;
            }
            Self::Cluster(cluster) => {
                let source = from.split('?').next().and_then(|url| url.rsplit('/').next());
                alone(from)?;
                let mut conn = open(&cluster.url)?;
                conn.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
                let source = source.ok_or("an address without a name")?;
                conn.run(&format!("CREATE DATABASE {name} TEMPLATE {source}"))?;
                return Ok(cluster.url.replacen("/postgres?", &format!("/{name}?"), 1));
            }
        }
        self.empty(name)
    }
}

/// How many migrations are applied.
pub fn applied(url: &str) -> Result<usize, String> {
    let count = open(url)?.count("SELECT count(*) AS count FROM __diesel_schema_migrations")?;
    usize::try_from(count).map_err(told)
}

/// How many rows it has in all.
pub fn rows(url: &str) -> Result<i64, String> {
    let mut conn = open(url)?;
    let tables = conn.tables()?;
    tables.iter().map(|t| conn.count(&format!("SELECT count(*) AS count FROM {t}"))).sum()
}

/// Its tables without a row.
pub fn empty(url: &str) -> Result<Vec<String>, String> {
    let mut conn = open(url)?;
    let mut empty = Vec::new();
    for table in conn.tables()? {
        let sql = format!("SELECT count(*) AS count FROM (SELECT 1 FROM {table} LIMIT 1) t");
        if conn.count(&sql)? == 0 {
            empty.push(table);
        }
    }
    Ok(empty)
}

/// The columns of all of its tables.
pub fn columns(url: &str) -> Result<Columns, String> {
    let mut conn = open(url)?;
    let tables = conn.tables()?;
    tables.into_iter().map(|name| Ok((name.clone(), conn.columns(&name)?))).collect()
}

/// What these columns hold.
pub fn through(url: &str, columns: &Columns) -> Result<Contents, String> {
    let mut conn = open(url)?;
    let mut all = Contents::new();
    for (name, columns) in columns {
        all.insert(name.clone(), conn.table(name, Some(columns.as_slice()))?);
    }
    Ok(all)
}

/// What all of its tables hold.
pub fn contents(url: &str) -> Result<Contents, String> {
    let mut conn = open(url)?;
    let tables = conn.tables()?;
    tables.into_iter().map(|name| Ok((name.clone(), conn.table(&name, None)?))).collect()
}

/// In which tables two differ.
pub fn difference(wanted: Option<&Contents>, found: &Contents) -> String {
    let Some(wanted) = wanted else { return "a schema that is none".into() };
    let names = wanted.keys().chain(found.keys());
    let differ = names.filter(|name| wanted.get(*name) != found.get(*name));
    let told = differ.map(|n| format!("{n}: {:?} was {:?}", found.get(n), wanted.get(n)));
    told.collect::<Vec<_>>().join("; ")
}

/// Takes the newest migration back.
pub fn take_back(url: &str) -> Result<(), String> {
    let mut conn = open(url)?;
    let source = conn.migrations()?;
    match &mut conn {
        Raw::Sqlite(conn) => conn.revert_last_migration(source).map(drop).map_err(told),
        Raw::Pg(conn) => conn.revert_last_migration(source).map(drop).map_err(told),
    }
}

/// Applies the next migration.
pub fn apply_next(url: &str) -> Result<(), String> {
    let mut conn = open(url)?;
    let source = conn.migrations()?;
    match &mut conn {
        Raw::Sqlite(conn) => conn.run_next_migration(source).map(drop).map_err(told),
        Raw::Pg(conn) => conn.run_next_migration(source).map(drop).map_err(told),
    }
}

/// Runs SQL.
pub fn run(url: &str, sql: &str) -> Result<(), String> {
    open(url)?.run(sql)
}

/// Waits until nobody else is connected: a server notices late that its client is dead.
pub fn alone(url: &str) -> Result<(), String> {
    let Raw::Pg(mut conn) = open(url)? else { return Ok(()) };
    let others = "SELECT count(*) AS count FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let watch = Stopwatch::start();
    while watch.read() < Duration::from_secs(60) {
        let count: Count = diesel::sql_query(others).get_result(&mut conn).map_err(told)?;
        if count.count == 0 {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err("somebody stays connected".into())
}
