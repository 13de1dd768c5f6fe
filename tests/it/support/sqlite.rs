//! SQLite files: migrated once, then copied.

use super::open;
use super::temp::TempDir;
use almoner::platform::db::migrate;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The address of a new file in `dir` with all migrations applied.
pub fn migrated(dir: &Path) -> String {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    let template = TEMPLATE.get_or_init(make);
    let file = dir.join("almoner.db");
    std::fs::write(&file, template).expect("the folder can be written to");
    format!("sqlite://{}", file.display())
}

/// The address of a file in `dir` that does not exist yet.
pub fn empty(dir: &Path) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("empty-{}.db", NEXT.fetch_add(1, Ordering::Relaxed));
    format!("sqlite://{}", dir.join(name).display())
}

fn make() -> Vec<u8> {
    let dir = TempDir::new("template");
    let file = dir.path().join("template.db");
    let db = open(&format!("sqlite://{}", file.display()), 2);
    migrate::migrate(&db).unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
    drop(db);
    let mut conn = SqliteConnection::establish(&file.to_string_lossy()).expect("the template");
    conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").expect("a checkpoint");
    drop(conn);
    std::fs::read(&file).expect("the template")
}
