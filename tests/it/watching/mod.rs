//! What those who run the service see: its log, its figures, the doctor, and the keys.

mod commands;
mod doctor;
mod doctor_inside;
mod metrics;
mod notes;
mod rotation;
mod story;

use crate::support::web::{Client, Web};
use crate::support::{Harness, Side};
use almoner::kernel::actor::Role;
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// The program itself, on the test's database.
fn program(t: &Harness, args: &[&str]) -> Command {
    let mut command = t.program(args);
    command.env("ALMONER__LOG__LEVEL", "error");
    command
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// Somebody else on this machine. (Whoever runs the tests may be root, whom nothing is closed to:
/// then it is a copy of the program, started as nobody.)
struct Stranger<'t> {
    t: &'t Harness,
    copy: Option<PathBuf>,
}
impl<'t> Stranger<'t> {
    /// The mode of the data folder where root runs the tests, and where its owner does.
    fn new(t: &'t Harness, (by_root, by_owner): (u32, u32)) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let root = std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0);
        doctor::mode(t.dir(), if root { by_root } else { by_owner });
        let copy = root.then(|| {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("almoner-stranger-{}-{number}", std::process::id());
            let copy = std::env::temp_dir().join(name);
            // Not by this process: what a test beside this one starts meanwhile would hold the copy
            // open for writing, and what somebody writes to cannot be started.
            let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_almoner")).arg(&copy).status();
            assert!(copied.expect("cp starts").success());
            copy
        });
        Self { t, copy }
    }
    fn program(&self, args: &[&str]) -> Command {
        let Some(copy) = &self.copy else { return program(self.t, args) };
        let mut command = Command::new(copy);
        command
            .args(args)
            .env("ALMONER__DATA_DIR", self.t.dir())
            .env("ALMONER__DATABASE__URL", &self.t.url)
            .env("ALMONER__LOG__LEVEL", "error")
            .uid(65534)
            .gid(65534);
        command
    }
}
impl Drop for Stranger<'_> {
    fn drop(&mut self) {
        doctor::mode(self.t.dir(), 0o700);
        if let Some(copy) = &self.copy {
            drop(std::fs::remove_file(copy));
        }
    }
}

/// Runs it; it has to go well.
#[track_caller]
fn ran(t: &Harness, args: &[&str]) -> String {
    let done = program(t, args).output().expect("the program starts");
    assert!(done.status.success(), "{args:?}: {}", said(&done));
    said(&done)
}

/// Runs it; it has to refuse, and say why.
#[track_caller]
fn refused(t: &Harness, args: &[&str], why: &str) {
    let done = program(t, args).output().expect("the program starts");
    assert!(!done.status.success() && said(&done).contains(why), "{args:?}: {}", said(&done));
}

/// Straight in the database.
fn tamper(t: &Harness, sqlite: &str, postgres: &str) {
    let done = t.db.write_now("test.tamper", |conn| {
        match conn {
            Conn::Pg(conn) => conn.batch_execute(postgres)?,
            Conn::Sqlite(conn) => conn.batch_execute(sqlite)?,
        }
        Ok(())
    });
    done.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
}
