//! PostgreSQL is copied by its own programs. The password goes by the environment, never by the
//! command line, where others could read it.

use super::super::conn::{Conn, Manager, Purpose, Target};
use super::{failed, occupied};
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use diesel::sql_types::BigInt;
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

pub(super) fn put_back(url: &str, from: &Path) -> Result<()> {
    let manager = Manager { target: Target::Pg { url: url.to_owned() }, purpose: Purpose::Write };
    let mut conn = manager.open()?;
    if tables(&mut conn)? > 0 {
        return Err(occupied("The database"));
    }
    drop(conn);
    let mut program = program("pg_restore", url)?;
    program
        .args(["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"])
        .arg(from);
    run(program, "pg_restore")
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn tables(conn: &mut Conn) -> Result<i64> {
    let query = "SELECT count(*) AS count FROM pg_tables WHERE schemaname = current_schema()";
    let found: Count = diesel::sql_query(query).get_result(conn)?;
    Ok(found.count)
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

/// The address without its password, and the password.
fn split(url: &str) -> (String, Option<Zeroizing<String>>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let host_at = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some(at) = rest[..host_at].rfind('@') else { return (url.to_owned(), None) };
    let (person, place) = (&rest[..at], &rest[at..]);
    let Some((name, password)) = person.split_once(':') else { return (url.to_owned(), None) };
    let password = percent_decode_str(password).decode_utf8_lossy().into_owned();
    (format!("{scheme}://{name}{place}"), Some(Zeroizing::new(password)))
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
        ] {
            let (found, secret) = split(url);
            assert_eq!((found.as_str(), secret.as_ref().map(|s| s.as_str())), (bare, password));
        }
    }
}
