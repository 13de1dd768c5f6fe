//! `almoner export ledger` on the command line: a file is whole or not there, and a reader may
//! leave.

use super::Room;
use super::town::history;
use crate::support::{Harness, Side};
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn command(t: &Harness, args: &[&str]) -> Command {
    let mut command = t.program(&["export", "ledger", "--book", "both", "--format"]);
    command.args(args);
    command
}

fn run(t: &Harness, format: &str, file: &Path) -> Output {
    let file = file.to_str().expect("plain");
    command(t, &[format, "--output", file]).output().expect("the program starts")
}

/// Makes the newest entry unreadable, by hand.
fn break_the_end(room: &Room<'_>) {
    room.sql(match room.t.side {
        Side::Sqlite => "DROP TRIGGER ledger_entries_no_update",
        Side::Postgres => "DROP TRIGGER ledger_entries_no_update ON ledger_entries",
    })
    .expect("it is there");
    let last = "SELECT max(effective_on) FROM ledger_entries";
    let wrong = "UPDATE ledger_entries SET kind = 'nosuch' WHERE effective_on =";
    room.sql(&format!("{wrong} ({last})")).expect("nothing refuses it any more");
}

both! {
    fn a_file_is_whole_or_not_there(t: &Harness) {
        let room = Room::new(t);
        history(&room, 40);
        let folder = t.dir().join("out");
        fs::create_dir(&folder).expect("made");
        let names = || -> Vec<String> {
            let files = fs::read_dir(&folder).expect("there");
            files.map(|f| f.expect("a file").file_name().to_string_lossy().into_owned()).collect()
        };
        let file = folder.join("ledger.csv");
        // What another writes, or has left, is its own: it is no obstacle, and stays.
        let others = folder.join("ledger.csv.part");
        fs::write(&others, "half of").expect("written");
        let done = run(t, "csv", &file);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(fs::read(&others).expect("it is there"), b"half of");
        fs::remove_file(&others).expect("it is there");
        assert!(done.stdout.is_empty() && names() == ["ledger.csv"]);
        let whole = fs::read(&file).expect("it is there");
        let printed = command(t, &["csv"]).output().expect("the program starts").stdout;
        assert!(whole == printed && whole.len() > 1_000, "the same as on the terminal");

        break_the_end(&room);
        for format in ["csv", "jsonl", "hledger", "beancount"] {
            let failed = run(t, format, &file);
            assert_eq!(failed.status.code(), Some(1), "{format}");
            assert!(!failed.stderr.is_empty(), "{format}: it says why");
            assert_eq!(names(), ["ledger.csv"], "{format}");
            assert!(fs::read(&file).expect("there") == whole, "{format}: the older file is kept");
        }
        // The same where there was none, and where there can be none.
        assert_eq!(run(t, "csv", &folder.join("new.csv")).status.code(), Some(1));
        assert_eq!(names(), ["ledger.csv"]);
        assert_eq!(run(t, "csv", &folder).status.code(), Some(1), "a folder");
        assert_eq!(run(t, "csv", &folder.join("no/such.csv")).status.code(), Some(1));
        assert_eq!(names(), ["ledger.csv"]);
    }

    fn what_a_link_leads_to_is_replaced(t: &Harness) {
        history(&Room::new(t), 5);
        let (file, link) = (t.dir().join("kept.csv"), t.dir().join("link.csv"));
        fs::write(&file, "old").expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        assert!(run(t, "csv", &link).status.success());
        assert!(fs::read(&file).expect("there").len() > 100);
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    }

    fn a_reader_may_leave(t: &Harness) {
        history(&Room::new(t), 400);
        for format in ["csv", "jsonl", "hledger", "beancount"] {
            let mut child = command(t, &[format])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the program starts");
            // As `head -1` does: a little is read, then the pipe is closed.
            let mut out = child.stdout.take().expect("piped");
            out.read_exact(&mut [0; 10]).expect("a beginning");
            drop(out);
            let done = child.wait_with_output().expect("it ends");
            assert_eq!(String::from_utf8_lossy(&done.stderr), "", "{format}");
            assert_eq!(done.status.code(), Some(0), "{format}");
        }
    }

    fn a_full_disk_is_told(t: &Harness) {
        history(&Room::new(t), 5);
        let Ok(full) = fs::File::options().write(true).open("/dev/full") else { return };
        let done = command(t, &["csv"])
            .stdout(full)
            .stderr(Stdio::piped())
            .spawn()
            .and_then(|child| child.wait_with_output())
            .expect("the program starts");
        assert_eq!(done.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&done.stderr).contains("could not be written"));
    }
}
