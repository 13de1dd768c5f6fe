//! A private PostgreSQL cluster in a folder of its own, without any right of an administrator.

use super::temp::TempDir;
use diesel::{Connection as _, PgConnection};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Makes and starts a cluster with these settings; its address, and the server itself. It ends
/// with this process, however that ends.
pub fn start(settings: &[&str]) -> Result<(String, Child), String> {
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
    let mut postgres = command("postgres");
    postgres.arg("-D").arg("data").arg("-k").arg(dir.path()).args(["-p", "5432"]);
    for setting in ["listen_addresses="].iter().chain(settings) {
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
    Ok((url, child))
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
