//! PostgreSQL: a private cluster for this run of the tests, or the server that
//! `ALMONER_TEST_POSTGRES_URL` names. Each test has a database of its own, copied from one that
//! was migrated once.

use super::{environment, open, temp::TempDir};
use almoner::platform::db::migrate;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
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
                let db = open(&self.url_of(&draft), 1);
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

/// Makes and starts a cluster in a folder of its own; returns its address. It ends with this
/// process, however that ends.
fn start() -> Result<String, String> {
    let bin = binaries().ok_or("no initdb in PATH or /usr/lib/postgresql/*/bin")?;
    let dir = TempDir::new("cluster");
    let user = other_user()?;
    if let Some((uid, gid)) = user {
        let chown = std::os::unix::fs::chown(dir.path(), Some(uid), Some(gid));
        chown.map_err(|e| format!("chown: {e}"))?;
    }
    let command = |name: &str| {
        let mut command = Command::new(bin.join(name));
        command.current_dir(dir.path()).stdin(Stdio::null()).process_group(0);
        if let Some((uid, gid)) = user {
            command.uid(uid).gid(gid);
        }
        command
    };
    initialise(command)?;
    let log = std::fs::File::create(dir.path().join("log")).map_err(|e| e.to_string())?;
    let settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
    let sizes = ["listen_addresses=", "max_connections=300", "shared_buffers=64MB", "jit=off"];
    let mut postgres = command("postgres");
    postgres.arg("-D").arg("data").arg("-k").arg(dir.path()).args(["-p", "5432"]);
    for setting in settings.into_iter().chain(sizes) {
        postgres.args(["-c", setting]);
    }
    let mut child = postgres
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|e| format!("postgres does not start: {e}"))?;
    let host = dir.path().display().to_string().replace('/', "%2F");
    let url = format!("postgresql://postgres@/postgres?host={host}&port=5432");
    wait(&mut child, &url, dir.path())?;
    // The watchdog stops it and removes the folder.
    std::mem::forget(dir);
    Ok(url)
}

fn initialise(command: impl Fn(&str) -> Command) -> Result<(), String> {
    let mut said = String::new();
    // C.UTF-8 is not everywhere.
    for locale in ["--locale=C.UTF-8", "--locale=C"] {
        let output = command("initdb")
            .args(["-D", "data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"])
            .arg(locale)
            .output()
            .map_err(|e| format!("initdb does not start: {e}"))?;
        if output.status.success() {
            return Ok(());
        }
        said = String::from_utf8_lossy(&output.stderr).into_owned();
    }
    Err(format!("initdb failed: {said}"))
}

fn wait(child: &mut Child, url: &str, dir: &Path) -> Result<(), String> {
    for _ in 0..600 {
        if PgConnection::establish(url).is_ok() {
            return Ok(());
        }
        if let Ok(Some(status)) = child.try_wait() {
            let log = std::fs::read_to_string(dir.join("log")).unwrap_or_default();
            return Err(format!("postgres ended with {status}: {log}"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err("postgres did not answer within 30 s".into())
}

/// The folder with the newest initdb and postgres.
fn binaries() -> Option<PathBuf> {
    let both = |dir: &PathBuf| dir.join("initdb").is_file() && dir.join("postgres").is_file();
    let version = |dir: &PathBuf| -> u32 {
        let parent = dir.parent().and_then(Path::file_name).and_then(|v| v.to_str());
        parent.and_then(|v| v.parse().ok()).unwrap_or(0)
    };
    let installed = Path::new("/usr/lib/postgresql").read_dir();
    let installed = installed.into_iter().flatten().flatten().map(|e| e.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    installed
        .filter(both)
        .max_by_key(version)
        .or_else(|| std::env::split_paths(&path).find(|dir| both(dir)))
}

/// PostgreSQL refuses to run as root: then as somebody with fewer rights.
fn other_user() -> Result<Option<(u32, u32)>, String> {
    use std::os::unix::fs::MetadataExt as _;
    let me = std::fs::metadata("/proc/self").map_err(|e| e.to_string())?.uid();
    if me != 0 {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").map_err(|e| e.to_string())?;
    for wanted in ["postgres", "nobody"] {
        for line in users.lines() {
            let fields: Vec<&str> = line.split(':').collect();
            if let [name, _, uid, gid, ..] = fields[..]
                && name == wanted
                && let (Ok(uid), Ok(gid)) = (uid.parse(), gid.parse())
            {
                return Ok(Some((uid, gid)));
            }
        }
    }
    Err("running as root, and there is no user postgres or nobody to run PostgreSQL as".into())
}
