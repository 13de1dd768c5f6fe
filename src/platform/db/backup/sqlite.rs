//! SQLite copies itself within one read snapshot; writers go on meanwhile.

use super::super::conn::Conn;
use super::super::{Db, DbOptions};
use super::{failed, occupied};
use crate::kernel::Result;
use crate::platform::config::{Secret, create_private_dir};
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

pub(super) fn copy(db: &Db, to: &Path) -> Result<()> {
    let mut conn = db.separate()?;
    let path = to.to_str().ok_or_else(|| failed("The copy could not be made.", "not UTF-8"))?;
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(path).execute(&mut conn)?;
    // It does not sync what it wrote.
    let sync = File::open(to).and_then(|file| file.sync_all());
    sync.map_err(|e| failed("The copy could not be written.", e))
}

/// Proves that the file is a whole database and what it holds, then moves it to its place in one
/// step.
pub(super) fn put_back(
    options: &DbOptions,
    path: &Path,
    from: &Path,
    prove: impl FnOnce(&Db) -> Result<()>,
) -> Result<()> {
    let beside = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    if [path.to_owned(), beside("-wal"), beside("-journal")].iter().any(|p| p.exists()) {
        return Err(occupied(&path.display().to_string()));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.exists() {
        create_private_dir(folder)
            .map_err(|why| failed("The database could not be put in its place.", why))?;
    }
    whole(from)?;
    let url = Secret::new(format!("sqlite://{}", from.display()));
    let staged = Db::open(DbOptions { url, ..options.clone() })?;
    prove(&staged)?;
    drop(staged);
    fold(from)?;
    let staged = beside(".restored");
    let unmoved = |e| failed("The database could not be put in its place.", e);
    let moved = fs::copy(from, &staged)
        .and_then(|_| File::open(&staged)?.sync_all())
        .map_err(unmoved)
        .and_then(|()| whole(&staged))
        .and_then(|()| {
            // A hard link is made whole or not at all, and never over a file that is there.
            let linked = fs::hard_link(&staged, path);
            linked.and_then(|()| File::open(folder)?.sync_all()).map_err(unmoved)
        });
    drop(fs::remove_file(&staged));
    moved
}

/// Writes the log of a database into its file, whoever has still to let go of it.
fn fold(path: &Path) -> Result<()> {
    use diesel::Connection as _;
    let unfolded = |e: String| failed("The copy cannot be written to.", e);
    let text = path.to_str().ok_or_else(|| unfolded("not UTF-8".into()))?;
    let mut conn =
        diesel::SqliteConnection::establish(text).map_err(|e| unfolded(e.to_string()))?;
    conn.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA wal_checkpoint(TRUNCATE)")?;
    drop(conn);
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    match fs::metadata(PathBuf::from(log)) {
        Ok(meta) if meta.len() > 0 => Err(unfolded("its log is still in use".into())),
        _ => Ok(()),
    }
}

fn whole(file: &Path) -> Result<()> {
    use diesel::Connection as _;
    let unreadable = |e: String| failed("The copy cannot be read.", e);
    let path = file.to_str().ok_or_else(|| unreadable("not UTF-8".into()))?;
    let sqlite = diesel::SqliteConnection::establish(path);
    let mut conn = Conn::Sqlite(sqlite.map_err(|e| unreadable(e.to_string()))?);
    if let Conn::Sqlite(sqlite) = &mut conn {
        sqlite.batch_execute("PRAGMA query_only = ON")?;
    }
    let found: Vec<Finding> = diesel::sql_query("PRAGMA integrity_check(3)").load(&mut conn)?;
    let said: Vec<&str> = found.iter().map(|f| f.integrity_check.as_str()).collect();
    if said == ["ok"] { Ok(()) } else { Err(unreadable(said.join("; "))) }
}
