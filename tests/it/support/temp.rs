//! Folders that go away, however the tests end.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A new folder, removed with all in it when dropped.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = root().join(format!("{name}-{number}"));
        std::fs::create_dir(&path).expect("a folder for temporary files");
        Self(path)
    }
    pub fn path(&self) -> &Path {
        &self.0
    }
}
impl Drop for TempDir {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The folder of this run, with a watchdog that outlives it.
fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let mut parent = in_memory().unwrap_or_else(std::env::temp_dir);
        // The path of a socket may have 107 bytes.
        if parent.as_os_str().len() > 60 {
            parent = "/tmp".into();
        }
        let root = parent.join(format!("almoner-test-{}", std::process::id()));
        std::fs::create_dir_all(&root).expect("a folder for temporary files");
        // PostgreSQL may run as somebody else, who has to get through.
        let open = std::fs::Permissions::from_mode(0o711);
        std::fs::set_permissions(&root, open).expect("the folder is ours");
        watch(&root);
        root
    })
}

/// Where files cost no disk, with gigabytes of room: a disk spends more on making and removing the
/// files of a thousand databases than the tests do on all else. What is promised about disks and
/// kills (`tests/promises`) stays on a disk; `TMPDIR` overrules it.
fn in_memory() -> Option<PathBuf> {
    const FOLDER: &str = "/dev/shm";
    if env!("CARGO_CRATE_NAME") != "it" || std::env::var_os("TMPDIR").is_some() {
        return None;
    }
    let told = Command::new("df").args(["-Pm", FOLDER]).output().ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let room: u32 = told.lines().last()?.split_whitespace().nth(3)?.parse().ok()?;
    (room > 4096).then(|| FOLDER.into())
}

/// Leaves a shell behind that reads from us. When we are gone, however that came, its read ends;
/// it then stops a cluster that runs in the folder, lets go of small disks that are mounted in it,
/// and removes the folder.
fn watch(root: &Path) {
    const SCRIPT: &str = r#"
        trap '' INT TERM HUP
        read -r _
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            runs=
            for pidfile in "$1"/*/data/postmaster.pid; do
                [ -e "$pidfile" ] && kill -QUIT "$(head -n 1 "$pidfile")" && runs=yes
            done
            for disk in "$1"/disk-*; do umount -l "$disk" 2>/dev/null; done
            [ "$runs" ] || { rm -rf "$1" && [ ! -e "$1" ] && exit; }
            sleep 0.2
        done
        rm -rf "$1"
    "#;
    let child = Command::new("sh")
        .args(["-c", SCRIPT, "watchdog"])
        .arg(root)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("sh");
    // Our end of the pipe stays open until this process ends.
    std::mem::forget(child);
}
