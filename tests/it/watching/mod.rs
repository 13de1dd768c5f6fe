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
use std::process::{Command, Output};

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
