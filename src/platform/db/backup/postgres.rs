//! PostgreSQL is copied by its own programs. The password goes by the environment, never by the
//! command line, where others could read it.

use super::super::conn::{Conn, Manager, Purpose, Target};
use super::super::{Db, DbOptions};
use super::{failed, occupied};
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _};
use percent_encoding::percent_decode_str;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use zeroize::Zeroizing;

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
    let (bare, password) = split(url);
    let mut command = Command::new(find(name)?);
    command.arg("--dbname").arg(bare).arg("--no-password");
    if let Some(password) = password {
        command.env("PGPASSWORD", password.as_str());
    }
    Ok(command)
}

/// The address without its password, and the password: before the host, or as a parameter.
fn split(url: &str) -> (String, Option<Zeroizing<String>>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut password = None;
    let mut bare = address.to_owned();
    let host_at = address.find('/').unwrap_or(address.len());
    if let Some(at) = address[..host_at].rfind('@')
        && let Some((name, secret)) = address[..at].split_once(':')
    {
        password = Some(decoded(secret));
        bare = format!("{name}{}", &address[at..]);
    }
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.strip_prefix("password=") {
            Some(secret) => password = Some(decoded(secret)),
            None => kept.push(pair),
        }
    }
    let mark = if kept.is_empty() { "" } else { "?" };
    (format!("{scheme}://{bare}{mark}{}", kept.join("&")), password)
}

fn decoded(secret: &str) -> Zeroizing<String> {
    Zeroizing::new(percent_decode_str(secret).decode_utf8_lossy().into_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_leaves_the_address() {
        for (url, bare, password) in [
            (
                "postgres://ada:p%40ss%3A@db:5432/x?a=b",
                "postgres://ada@db:5432/x?a=b",
                Some("p@ss:"),
            ),
            ("postgres://ada@db/x", "postgres://ada@db/x", None),
            ("postgres:///x?host=/tmp", "postgres:///x?host=/tmp", None),
            ("postgres://db/x?user=a@b:c", "postgres://db/x?user=a@b:c", None),
            ("postgres://db/x?password=p%26s", "postgres://db/x", Some("p&s")),
            (
                "postgres://ada@db/x?user=b&password=s&sslmode=disable",
                "postgres://ada@db/x?user=b&sslmode=disable",
                Some("s"),
            ),
            // libpq takes the one that comes last.
            ("postgres://ada:one@db/x?password=two", "postgres://ada@db/x", Some("two")),
        ] {
            let (found, secret) = split(url);
            assert_eq!((found.as_str(), secret.as_ref().map(|s| s.as_str())), (bare, password));
        }
    }
}
