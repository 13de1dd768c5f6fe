//! PostgreSQL is copied by its own programs. The password goes by the environment, never by the
//! command line, where others could read it.

use super::super::conn::{Conn, Manager, Purpose, Target};
use super::super::{Db, DbOptions};
use super::{failed, occupied};
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::platform::config::split_password;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(super) fn copy(url: &str, to: &Path) -> Result<()> {
    let mut program = program("pg_dump", url)?;
    program.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(to);
    run(program, "pg_dump")
}

pub(super) fn put_back(
    options: &DbOptions,
    url: &str,
    from: &Path,
    prove: impl FnOnce(&Db) -> Result<()>,
) -> Result<()> {
    let manager = Manager { target: Target::Pg { url: url.to_owned() }, purpose: Purpose::Write };
    let mut conn = manager.open()?;
    if !things(&mut conn)?.is_empty() {
        return Err(occupied("The database"));
    }
    drop(conn);
    let mut program = program("pg_restore", url)?;
    program
        .args(["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"])
        .arg(from);
    run(program, "pg_restore")?;
    let proven = Db::open(options).and_then(|db| prove(&db));
    if proven.is_err()
        && let Err(left) = manager.open().and_then(|mut conn| empty(&mut conn))
    {
        tracing::error!(error = %left, "what was put back could not be taken out again");
    }
    proven
}

#[derive(QueryableByName)]
struct Thing {
    #[diesel(sql_type = Text)]
    removal: String,
}

/// What is in the schema: for each table, function and rule of words, except those of extensions,
/// the statement that removes it.
fn things(conn: &mut Conn) -> Result<Vec<Thing>> {
    let query = "SELECT format('DROP TABLE IF EXISTS %I CASCADE', tablename) AS removal \
         FROM pg_tables WHERE schemaname = current_schema() \
       UNION ALL \
         SELECT 'DROP FUNCTION IF EXISTS ' || p.oid::regprocedure || ' CASCADE' \
         FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND NOT EXISTS \
           (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') \
       UNION ALL \
         SELECT 'DROP TEXT SEARCH CONFIGURATION IF EXISTS ' || c.oid::regconfig || ' CASCADE' \
         FROM pg_ts_config c WHERE c.cfgnamespace = current_schema()::regnamespace \
       UNION ALL \
         SELECT 'DROP TEXT SEARCH DICTIONARY IF EXISTS ' || d.oid::regdictionary || ' CASCADE' \
         FROM pg_ts_dict d WHERE d.dictnamespace = current_schema()::regnamespace";
    Ok(diesel::sql_query(query).load(conn)?)
}

/// Takes out again what was put into a database that was empty.
fn empty(conn: &mut Conn) -> Result<()> {
    for thing in things(conn)? {
        conn.batch_execute(&thing.removal)?;
    }
    Ok(())
}

/// The program, where it is, with the address of the database.
fn program(name: &str, url: &str) -> Result<Command> {
    let (bare, password) = split_password(url);
    let mut command = Command::new(find(name)?);
    command.arg("--dbname").arg(bare).arg("--no-password");
    if let Some(password) = password {
        command.env("PGPASSWORD", password.as_str());
    }
    Ok(command)
}

/// On the path, or where Debian keeps them: the newest.
fn find(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|p| p.is_file());
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut kept: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin").join(name)))
        })
        .filter(|(_, path)| path.is_file())
        .collect();
    kept.sort();
    kept.pop().map(|(_, path)| path).or(on_path).ok_or_else(|| {
        let detail = format!("There is no {name}: install PostgreSQL's client programs.");
        Problem::new(crate::kernel::problem::Kind::Unavailable, detail)
    })
}

fn run(mut command: Command, name: &str) -> Result<()> {
    let done = command.stdin(Stdio::null()).stdout(Stdio::null()).output();
    let done = done.map_err(|e| failed(&format!("{name} cannot be started."), e))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    Err(failed(&format!("{name} did not do it: {}", said.lines().next().unwrap_or("")), said))
}
