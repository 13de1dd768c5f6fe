//! PostgreSQL: a private cluster for this run of the tests, or the server that
//! `ALMONER_TEST_POSTGRES_URL` names. Each test has a database of its own, copied from one that
//! was migrated once.

use super::{cluster, environment, open};
use almoner::platform::db::migrate;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// A database that is dropped with this.
pub struct Database {
    pub url: String,
    name: String,
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Ok(server) = server() {
            drop(server.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)));
        }
    }
}

/// A new database with all migrations applied; an error says why there is none.
pub fn migrated() -> Result<Database, String> {
    let server = server()?;
    let template = server.template()?;
    Ok(server.create(&template))
}

/// A new database without any table.
pub fn empty() -> Result<Database, String> {
    Ok(server()?.create("template0"))
}

struct Server {
    /// An address on it, of whatever database.
    url: String,
    /// Copying a database and being connected to it exclude each other.
    copying: Mutex<()>,
    template: OnceLock<String>,
}

fn server() -> Result<&'static Server, String> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    let found = SERVER.get_or_init(|| {
        let url = match environment("ALMONER_TEST_POSTGRES_URL") {
            Some(url) => Ok(url),
            None => start(),
        };
        url.map(|url| Server { url, copying: Mutex::new(()), template: OnceLock::new() })
    });
    match found {
        Ok(server) => Ok(server),
        Err(why) if environment("ALMONER_REQUIRE_POSTGRES").is_some_and(|v| v != "0") => {
            panic!("ALMONER_REQUIRE_POSTGRES is set, but there is no PostgreSQL: {why}")
        }
        Err(why) => Err(why.clone()),
    }
}

impl Server {
    fn run(&self, sql: &str) -> Result<(), String> {
        let mut conn = PgConnection::establish(&self.url).map_err(|e| e.to_string())?;
        conn.batch_execute(sql).map_err(|e| e.to_string())
    }
    /// The address of another database on the same server.
    fn url_of(&self, name: &str) -> String {
        let (address, rest) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let scheme = address.find("://").map_or(0, |i| i + 3);
        let host = address[scheme..].find('/').map_or(address.len(), |i| scheme + i);
        let question = if rest.is_empty() { "" } else { "?" };
        format!("{}/{name}{question}{rest}", &address[..host])
    }
    fn create(&self, template: &str) -> Database {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("almoner_test_{}_{number}", std::process::id());
        self.copy(&name, template);
        Database { url: self.url_of(&name), name }
    }
    fn copy(&self, name: &str, template: &str) {
        let _one_at_a_time = self.copying.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'");
        // Another process may be copying the same template, or still be connected to it.
        for _ in 0..100 {
            match self.run(&sql) {
                Err(e) if e.contains("being accessed by other users") => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                result => return result.unwrap_or_else(|e| panic!("{sql}: {e}")),
            }
        }
        panic!("the template database stays in use");
    }
    /// The migrated template; named after the text of the migrations, so that on a server that
    /// stays it is made once.
    fn template(&self) -> Result<String, String> {
        let name = self.template.get_or_init(|| {
            let name = format!("almoner_template_{:016x}", fingerprint());
            if PgConnection::establish(&self.url_of(&name)).is_err() {
                let draft = format!("{name}_{}", std::process::id());
                self.copy(&draft, "template0");
                let db = open(&self.url_of(&draft), 2);
                migrate::migrate(&db).unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
                drop(db);
                self.publish(&draft, &name);
            }
            name
        });
        Ok(name.clone())
    }
    /// Gives the finished draft its name, unless somebody was faster.
    fn publish(&self, draft: &str, name: &str) {
        for _ in 0..100 {
            match self.run(&format!("ALTER DATABASE {draft} RENAME TO {name}")) {
                Err(e) if e.contains("being accessed") => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(e) if e.contains("already exists") => {
                    return drop(self.run(&format!("DROP DATABASE {draft} WITH (FORCE)")));
                }
                result => return result.unwrap_or_else(|e| panic!("{e}")),
            }
        }
        panic!("the draft of the template stays in use");
    }
}

/// Of all migrations of PostgreSQL.
fn fingerprint() -> u64 {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    let mut files: Vec<PathBuf> =
        root.read_dir().expect("migrations").flatten().map(|e| e.path().join("up.sql")).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        std::fs::read(&file).expect("a migration").hash(&mut hasher);
    }
    hasher.finish()
}

/// A cluster that is in a hurry: what it loses with the machine, nobody misses.
fn start() -> Result<String, String> {
    let settings = [
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=300",
        "shared_buffers=64MB",
        "jit=off",
    ];
    cluster::start(&settings).map(|(url, _)| url)
}
