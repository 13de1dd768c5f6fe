//! Disks that fail, fill up, or may only be read: what was confirmed is kept, what could not be
//! is told, and when the disk is well again so is the service.

use super::caller::{Answer, Payers};
use super::program::{Home, Program};
use crate::promise::{Kept, On, Promise, Run, missing};
use crate::support::Side;
use crate::support::cluster::Cluster;
use crate::support::desk::threads;
use crate::support::temp::TempDir;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// G6, first part.
pub const FSYNC: Promise = Promise {
    id: "G6",
    says: "Where the disk does not confirm, nobody is told that it went well",
    short: "2 times that every fsync fails (EIO), under load, once with a kill in it",
    full: "20 times that every fsync fails (EIO), under load, every second with a kill in it",
    on: On::Sqlite,
    run: fsync,
};
/// G6, second part.
pub const FULL: Promise = Promise {
    id: "G6",
    says: "A full disk refuses, keeps what it confirmed, and works again when there is room",
    short: "A small tmpfs filled once under load",
    full: "A small tmpfs filled 20 times under load",
    on: On::Both,
    run: full,
};
/// G6, third part.
pub const READ_ONLY: Promise = Promise {
    id: "G6",
    says: "A disk that may only be read refuses writes, answers reads, and recovers",
    short: "A tmpfs mounted read-only once, under load",
    full: "A tmpfs mounted read-only 20 times, under load",
    on: On::Sqlite,
    run: read_only,
};

/// Whoever runs this and has to see it done says so.
const REQUIRED: &str = "ALMONER_REQUIRE_FAULTS";
const CLIENTS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(20);

const SYNCS: &str = "fsync,fdatasync,sync_file_range";
/// What SQLite changes a file with; answers to clients and lines of the log go other ways.
const WRITES: &str = "pwrite64,ftruncate,fallocate,fsync,fdatasync";

/// Calls of a running program that fail, until this is dropped.
struct Faults(Child);

impl Faults {
    /// Begins; `Err` where nobody may look into another process.
    fn begin(program: &Program, calls: &str, error: &str) -> Result<Self, String> {
        let child = Command::new("strace")
            .args(["-f", "-q", "-e", &format!("trace={calls}")])
            .args(["-e", &format!("inject={calls}:error={error}")])
            .args(["-p", &program.id().to_string(), "-o", "/dev/null"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let faults = Self(child.map_err(|e| format!("strace does not start: {e}"))?);
        for _ in 0..400 {
            let status = std::fs::read_to_string(format!("/proc/{}/status", program.id()));
            let traced = status
                .unwrap_or_default()
                .lines()
                .any(|l| l.strip_prefix("TracerPid:").is_some_and(|pid| pid.trim() != "0"));
            if traced {
                return Ok(faults);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err("strace may not look into other processes here".into())
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        // Told to end it lets go of the program; killed it might take it along.
        drop(Command::new("kill").arg(self.0.id().to_string()).status());
        drop(self.0.wait());
    }
}

/// A small disk in memory, taken away with this.
struct Disk(TempDir);

impl Disk {
    fn new(size: &str) -> Result<Self, String> {
        let disk = Self(TempDir::new("disk"));
        disk.mount(&["-t", "tmpfs", "-o", &format!("size={size},mode=755"), "tmpfs"])?;
        Ok(disk)
    }
    fn path(&self) -> &Path {
        self.0.path()
    }
    fn mount(&self, args: &[&str]) -> Result<(), String> {
        let done = Command::new("mount").args(args).arg(self.path()).output();
        let done = done.map_err(|e| format!("mount: {e}"))?;
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        if done.status.success() { Ok(()) } else { Err(format!("mount is refused: {said}")) }
    }
    fn read_only(&self, yes: bool) -> Result<(), String> {
        self.mount(&["-o", if yes { "remount,ro" } else { "remount,rw" }])
    }
    /// Fills what is left.
    fn fill(&self) -> std::io::Result<()> {
        use std::io::Write as _;
        let mut ballast = std::fs::File::create(self.path().join("ballast"))?;
        for size in [1 << 16, 1 << 12, 1] {
            while ballast.write_all(&vec![b'x'; size]).is_ok() {}
        }
        Ok(())
    }
    fn relieve(&self) -> std::io::Result<()> {
        std::fs::remove_file(self.path().join("ballast"))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.path()).status());
    }
}

/// A service under load that something happens to, and what its clients know.
struct Trial<'h> {
    home: &'h Home,
    payers: Payers,
    base: u64,
    program: Program,
    next: AtomicUsize,
    done: Vec<(usize, Answer)>,
    open: BTreeSet<usize>,
    refused: usize,
}

impl<'h> Trial<'h> {
    fn begin(home: &'h Home) -> Result<Self, String> {
        let payers = home.inside(|_, web| Payers::new(&web.field(), PATIENCE, 0));
        let base = home.check()?;
        let program = Program::start(home)?;
        let (next, done, open) = (AtomicUsize::new(0), Vec::new(), BTreeSet::new());
        Ok(Self { home, payers, base, program, next, done, open, refused: 0 })
    }
    /// So many payments by all clients at once; how many went well.
    fn pay(&mut self, count: usize) -> Result<usize, String> {
        let end = self.next.load(Ordering::SeqCst) + count;
        let (payers, url, next) = (&self.payers, &self.program.url, &self.next);
        let told = threads(CLIENTS, |_| {
            let mut mine = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                if n >= end {
                    return mine;
                }
                mine.push((n, payers.pay(url, n)));
            }
        });
        self.next.store(end, Ordering::SeqCst);
        let before = self.done.len();
        for (n, answer) in told.into_iter().flatten() {
            match answer {
                Some(answer) if answer.good() => self.done.push((n, answer)),
                Some(answer) if matches!(answer.status, 503 | 507) => {
                    self.refused += 1;
                    self.open.insert(n);
                    let problem = answer.json();
                    if problem["status"] != answer.status || !problem["code"].is_string() {
                        return Err(format!("payment {n}: no problem: {answer:?}"));
                    }
                }
                Some(other) => return Err(format!("payment {n}: {other:?}")),
                None => drop(self.open.insert(n)),
            }
        }
        Ok(self.done.len() - before)
    }
    /// All is well again: what was open is settled by asking again, what was done is there.
    fn settle(&mut self) -> Result<(), String> {
        self.program.until_ready(PATIENCE)?;
        for n in std::mem::take(&mut self.open) {
            let answer = self.payers.insist(&self.program.url, n)?;
            self.done.push((n, answer));
        }
        for (n, answer) in &self.done {
            let again = self.payers.insist(&self.program.url, *n)?;
            if again != *answer {
                return Err(format!("payment {n}: {answer:?} was confirmed, now {again:?}"));
            }
        }
        let found = self.home.check()? - self.base;
        if found != u64::try_from(self.done.len()).unwrap_or(0) {
            return Err(format!("{} payments, {found} entries", self.done.len()));
        }
        self.home.no_panic()
    }
    /// Ends it at once, and starts another.
    fn again(&mut self) -> Result<(), String> {
        self.program.end()?;
        self.program = Program::start(self.home)?;
        Ok(())
    }
    fn said(&self, times: u32, what: &str) -> Kept {
        if self.refused == 0 {
            return Err(format!("nothing was refused: {what} did not come about"));
        }
        Ok(format!(
            "{times} times {what}: {} refused with 503 or 507, all settled later; 0 of {} lost",
            self.refused,
            self.done.len()
        ))
    }
}

fn fsync(run: &Run) -> Kept {
    let times = run.much(2, 20);
    let home = Home::sqlite();
    let mut trial = Trial::begin(&home)?;
    for time in 0..times {
        trial.pay(8)?;
        let faults = match Faults::begin(&trial.program, SYNCS, "EIO") {
            Ok(faults) => faults,
            Err(why) => return missing(REQUIRED, &why),
        };
        let good = trial.pay(12)?;
        if good > 0 {
            return Err(format!("{good} payments confirmed without the disk"));
        }
        if time % 2 == 1 {
            // It goes down with its disk; what was refused may or may not have been written.
            trial.program.end()?;
            drop(faults);
            trial.again()?;
        } else {
            drop(faults);
        }
        trial.settle()?;
    }
    trial.said(times, "every fsync failed")
}

/// Mounts a small disk, or tells why that cannot be done here.
fn disk(size: &str) -> Result<Disk, Kept> {
    Disk::new(size).map_err(|why| missing(REQUIRED, &why))
}

fn full(run: &Run) -> Kept {
    let times = run.much(1, 20);
    match run.side {
        Side::Sqlite => {
            // Room for the schema, for what is asked for, and a log of changes as large again.
            let disk = match disk(run.figure("8m", "64m")) {
                Ok(disk) => disk,
                Err(kept) => return kept,
            };
            fill_up(&Home::sqlite_in(disk.path()), &disk, times, || Ok(()))
        }
        Side::Postgres => {
            let disk = match disk(run.figure("160m", "640m")) {
                Ok(disk) => disk,
                Err(kept) => return kept,
            };
            let settings = ["max_connections=60", "shared_buffers=32MB", "max_wal_size=32MB"];
            let mut cluster = match Cluster::start_in(disk.path(), &settings, &["--wal-segsize=1"])
            {
                Ok(cluster) => cluster,
                Err(why) => return missing("ALMONER_REQUIRE_POSTGRES", &why),
            };
            let home = Home::at(cluster.database("almoner")?);
            // Without room for its log of changes the server ends itself.
            let kept = fill_up(&home, &disk, times, || {
                if cluster.lives() { Ok(()) } else { cluster.restart() }
            });
            cluster.kill().and(kept)
        }
    }
}

fn fill_up(
    home: &Home,
    disk: &Disk,
    times: u32,
    mut revive: impl FnMut() -> Result<(), String>,
) -> Kept {
    let mut trial = Trial::begin(home)?;
    for _ in 0..times {
        trial.pay(8)?;
        disk.fill().map_err(|e| e.to_string())?;
        // What had been set aside is used up first.
        let before = trial.refused;
        for _ in 0..200 {
            if trial.refused >= before + 12 {
                break;
            }
            trial.pay(12)?;
        }
        disk.relieve().map_err(|e| e.to_string())?;
        revive()?;
        trial.settle()?;
    }
    trial.said(times, "the disk was full")
}

fn read_only(run: &Run) -> Kept {
    let times = run.much(1, 20);
    let disk = match disk("16m") {
        Ok(disk) => disk,
        Err(kept) => return kept,
    };
    let home = Home::sqlite_in(disk.path());
    let mut trial = Trial::begin(&home)?;
    for _ in 0..times {
        trial.pay(8)?;
        // The kernel does not do this to a disk with files open for writing unless the disk is
        // broken: so what it would answer then is answered in its place.
        let faults = match Faults::begin(&trial.program, WRITES, "EROFS") {
            Ok(faults) => faults,
            Err(why) => return missing(REQUIRED, &why),
        };
        let good = trial.pay(12)?;
        let read = trial.payers.read(&trial.program.url);
        drop(faults);
        if good > 0 || read.as_ref().is_none_or(|answer| answer.status != 200) {
            return Err(format!("{good} payments confirmed; a read came to {read:?}"));
        }
        trial.settle()?;
        trial.program.end()?;
        disk.read_only(true)?;
        // SQLite would serve it, and not write again when the disk is well: so it stays away.
        let started = Program::start(&home);
        disk.read_only(false)?;
        if started.is_ok() || !home.log().contains("may only be read") {
            return Err("it started where it may not write".into());
        }
        trial.again()?;
        trial.settle()?;
    }
    trial.said(times, "the disk could only be read")
}
