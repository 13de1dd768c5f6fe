//! Backups made while others write, put back elsewhere.

use super::offers::entries;
use crate::promise::{Kept, On, Promise, Run};
use crate::support::books::{Room, grow};
use crate::support::web::Web;
use crate::support::years::dice::Dice;
use crate::support::{Harness, Side};
use almoner::kernel::time::Stopwatch;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// G9, first part.
pub const WHOLE: Promise = Promise {
    id: "G9",
    says: "A backup made under load is whole; one that was changed, or another key, is refused",
    short: "2 backups under load, each put back elsewhere and proven, each spoilt twice",
    full: "50 backups while ≥ 50 a second are written, put back, proven, and spoilt twice",
    on: On::Both,
    run: whole,
};
/// G9, second part.
pub const FAST: Promise = Promise {
    id: "G9",
    says: "A large ledger is put back in less than a minute",
    short: "4,000 entries",
    full: "1,000,000 entries in less than 60 s",
    on: On::Both,
    run: fast,
};

const WRITERS: usize = 4;

/// Runs the program on this database.
fn run(t: &Harness, url: &str, args: &[&str]) -> Result<(bool, String), String> {
    let done = Command::new(env!("CARGO_BIN_EXE_almoner"))
        .args(args)
        .env("ALMONER__DATA_DIR", t.dir())
        .env("ALMONER__DATABASE__URL", url)
        .env("ALMONER__LOG__LEVEL", "warn")
        .output()
        .map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    Ok((done.status.success(), said + &String::from_utf8_lossy(&done.stderr)))
}

fn well(t: &Harness, url: &str, args: &[&str]) -> Result<String, String> {
    let (good, said) = run(t, url, args)?;
    if good { Ok(said) } else { Err(format!("{args:?}: {said}")) }
}

fn refused(t: &Harness, url: &str, args: &[&str], why: &str) -> Result<(), String> {
    let (good, said) = run(t, url, args)?;
    if !good && said.contains(why) { Ok(()) } else { Err(format!("{args:?}: {said}")) }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}

/// Somewhere to put it back to.
fn place(t: &Harness, name: &str) -> String {
    match t.side {
        Side::Sqlite => format!("sqlite://{}", t.dir().join(format!("{name}.db")).display()),
        Side::Postgres => t.empty_database(),
    }
}

fn key(t: &Harness, name: &str, digits: &str) -> std::io::Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let path = t.dir().join(name);
    std::fs::write(&path, digits)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(path)
}

/// How many entries a program speaks of.
fn counted(said: &str) -> u64 {
    let line = said.lines().find(|l| l.contains(" entries, ")).unwrap_or_default();
    line.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn whole(run: &Run) -> Kept {
    let (rounds, rate) = (run.much(2, 50), run.figure(0, 50));
    run.with(|t| {
        let web = t.serve();
        let (stop, written) = (AtomicBool::new(false), AtomicU64::new(0));
        let field = web.field();
        let fund = field.desk.fund("General");
        field.desk.give(&fund, "5.00").ok();
        web.work();
        let base = entries(&field);
        let watch = Stopwatch::start();
        let told = std::thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(|| {
                    while !stop.load(Ordering::SeqCst) {
                        field.desk.give(&fund, "1.00").ok();
                        written.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            let told = rounds_of(t, &web, rounds, base, &written);
            stop.store(true, Ordering::SeqCst);
            told
        });
        let spoilt = told?;
        let seconds = watch.read().as_secs().max(1);
        let speed = written.load(Ordering::SeqCst) / seconds;
        if speed < rate {
            return Err(format!("only {speed} a second were written"));
        }
        Ok(format!(
            "{rounds} of {rounds} whole, at {speed} writes a second; {spoilt} spoilt refused"
        ))
    })
}

/// Backs up and puts back, again and again; how many spoilt ones were refused.
fn rounds_of(
    t: &Harness,
    web: &Web,
    rounds: u32,
    base: u64,
    written: &AtomicU64,
) -> Result<u32, String> {
    let right = key(t, "right.key", &"0f".repeat(32)).map_err(|e| e.to_string())?;
    let wrong = key(t, "wrong.key", &"1e".repeat(32)).map_err(|e| e.to_string())?;
    let (mut dice, mut spoilt) = (Dice::new(9), 0);
    for round in 0..rounds {
        let file = t.dir().join(format!("{round}.backup"));
        // Every second one is encrypted.
        let (right, wrong) = if round % 2 == 1 {
            (Some(right.as_path()), Some(wrong.as_path()))
        } else {
            (None, None)
        };
        let least = base + written.load(Ordering::SeqCst);
        well(t, &t.url, &args("backup", &file, right))?;
        let most = base + written.load(Ordering::SeqCst) + WRITERS as u64;
        let target = place(t, &format!("restored-{round}"));
        // Spoilt ones first: the place has to stay as empty as it was.
        spoilt += 1;
        let broken = spoil(t, &file, &mut dice)?;
        if run(t, &target, &args("restore", &broken, right))?.0 {
            return Err(format!("round {round}: a byte was changed, and nobody noticed"));
        }
        if wrong.is_some() {
            spoilt += 1;
            refused(t, &target, &args("restore", &file, wrong), "does not open")?;
        }
        let said = well(t, &target, &args("restore", &file, right))?;
        let found = counted(&said);
        if !said.contains("every invariant holds") || found < least || found > most {
            return Err(format!("round {round}: {found} of {least} to {most}: {said}"));
        }
        if counted(&well(t, &target, &["check"])?) != found {
            return Err(format!("round {round}: check counts otherwise"));
        }
        drop(std::fs::remove_file(&file));
        if let Some(path) = target.strip_prefix("sqlite://") {
            drop(std::fs::remove_file(path));
        }
    }
    web.work();
    Ok(spoilt)
}

fn args<'a>(command: &'a str, file: &'a Path, key: Option<&'a Path>) -> Vec<&'a str> {
    let key = key.map(|key| ["--key-file", text(key)]);
    [command, text(file)].into_iter().chain(key.into_iter().flatten()).collect()
}

/// The same with one bit changed.
fn spoil(t: &Harness, file: &Path, dice: &mut Dice) -> Result<PathBuf, String> {
    let mut bytes = std::fs::read(file).map_err(|e| e.to_string())?;
    let at = dice.below(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    bytes[usize::try_from(at).unwrap_or(0)] ^= 1 << dice.below(8);
    let broken = t.dir().join("broken.backup");
    std::fs::write(&broken, &bytes).map_err(|e| e.to_string())?;
    Ok(broken)
}

fn fast(run: &Run) -> Kept {
    let most = Duration::from_secs(60);
    let number: usize = run.much(4_000, 1_000_000);
    run.with(|t| {
        grow(&Room::new(t), 0, number * 4);
        let file = t.dir().join("large.backup");
        let watch = Stopwatch::start();
        well(t, &t.url, &["backup", text(&file)])?;
        let made = watch.read();
        let target = place(t, "large");
        let watch = Stopwatch::start();
        let said = well(t, &target, &["restore", text(&file)])?;
        let took = watch.read();
        if counted(&said) != number as u64 || took > most {
            return Err(format!("{} entries in {took:?}", counted(&said)));
        }
        let (made, took) = (made.as_millis(), took.as_millis());
        Ok(format!("{number} entries backed up in {made} ms, restored and proven in {took} ms"))
    })
}
