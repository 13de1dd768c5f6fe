//! A private PostgreSQL cluster in a folder of its own, without any right of an administrator.

use super::temp::TempDir;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Makes and starts a cluster with these settings; its address, and the server itself. It ends
/// with this process, however that ends.
pub fn start(settings: &[&str]) -> Result<(String, Child), String> {
    let Cluster { url, server, .. } = Cluster::start(settings)?;
    Ok((url, server))
}

/// A cluster that may be killed, and started again.
pub struct Cluster {
    /// Of the database `postgres` on it.
    pub url: String,
    server: Child,
    dir: PathBuf,
    settings: Vec<String>,
    user: Option<(u32, u32)>,
}

impl Cluster {
    /// The same in a folder that the watchdog removes.
    pub fn start(settings: &[&str]) -> Result<Self, String> {
        let dir = TempDir::new("cluster");
        let cluster = Self::start_in(dir.path(), settings, &[])?;
        // The watchdog stops it and removes the folder.
        std::mem::forget(dir);
        Ok(cluster)
    }
    /// The same in this folder, made with these further arguments of initdb.
    pub fn start_in(dir: &Path, settings: &[&str], make: &[&str]) -> Result<Self, String> {
        let bin = binaries().ok_or("no initdb in PATH or /usr/lib/postgresql/*/bin")?;
        let user = other_user()?;
        if let Some((uid, gid)) = user {
            let chown = std::os::unix::fs::chown(dir, Some(uid), Some(gid));
            chown.map_err(|e| format!("chown: {e}"))?;
        }
        initialise(|| command(&bin.join("initdb"), dir, user), make)?;
        let host = dir.display().to_string().replace('/', "%2F");
        let url = format!("postgresql://postgres@/postgres?host={host}&port=5432");
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        let mut server = spawn(dir, user, &settings)?;
        wait(&mut server, &url, dir)?;
        Ok(Self { url, server, dir: dir.to_owned(), settings, user })
    }
    /// Kills the server as a loss of power would: it writes nothing more. Its children see that
    /// it is gone and end on their own.
    pub fn kill(&mut self) -> Result<(), String> {
        self.server.kill().and_then(|()| self.server.wait()).map(drop).map_err(|e| e.to_string())
    }
    /// Whether the server runs.
    pub fn lives(&mut self) -> bool {
        matches!(self.server.try_wait(), Ok(None))
    }
    /// Starts it after it ended, and waits until it has recovered. What the dead one left may
    /// have to end first.
    pub fn restart(&mut self) -> Result<(), String> {
        let mut last = String::new();
        for _ in 0..100 {
            self.server = spawn(&self.dir, self.user, &self.settings)?;
            match wait(&mut self.server, &self.url, &self.dir) {
                Ok(()) => return Ok(()),
                Err(why) => last = why,
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(last)
    }
    /// Makes a database; its address.
    pub fn database(&self, name: &str) -> Result<String, String> {
        let mut conn = PgConnection::establish(&self.url).map_err(|e| e.to_string())?;
        let sql = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        conn.batch_execute(&sql).map_err(|e| e.to_string())?;
        Ok(self.url.replacen("/postgres?", &format!("/{name}?"), 1))
    }
}

fn command(program: &Path, dir: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir).stdin(Stdio::null()).process_group(0);
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

fn spawn(dir: &Path, user: Option<(u32, u32)>, settings: &[String]) -> Result<Child, String> {
    let bin = binaries().ok_or("no postgres")?;
    let log = std::fs::OpenOptions::new().create(true).append(true).open(dir.join("log"));
    let log = log.map_err(|e| e.to_string())?;
    let mut postgres = command(&bin.join("postgres"), dir, user);
    postgres.arg("-D").arg("data").arg("-k").arg(dir).args(["-p", "5432"]);
    for setting in std::iter::once("listen_addresses=").chain(settings.iter().map(String::as_str)) {
        postgres.args(["-c", setting]);
    }
    let child = postgres.stdout(Stdio::null()).stderr(log).spawn();
    child.map_err(|e| format!("postgres does not start: {e}"))
}

fn initialise(initdb: impl Fn() -> Command, make: &[&str]) -> Result<(), String> {
    let mut said = String::new();
    // C.UTF-8 is not everywhere.
    for locale in ["--locale=C.UTF-8", "--locale=C"] {
        let output = initdb()
            .args(["-D", "data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"])
            .arg(locale)
            .args(make)
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
    for _ in 0..6_000 {
        if PgConnection::establish(url).is_ok() {
            return Ok(());
        }
        if let Ok(Some(status)) = child.try_wait() {
            let log = std::fs::read_to_string(dir.join("log")).unwrap_or_default();
            return Err(format!("postgres ended with {status}: {log}"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err("postgres did not answer within 30 s".into())
}

/// The folder with the newest initdb and postgres.
pub fn binaries() -> Option<PathBuf> {
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
