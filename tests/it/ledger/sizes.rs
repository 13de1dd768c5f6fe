//! Exports and checks take as much memory for a long journal as for a short one: measured as the
//! most that the program itself ever held (`VmHWM` of Linux).

use super::{Room, grow};
use crate::support::{Harness, say};
use std::io::Read as _;
use std::process::Stdio;
use std::time::Duration;

/// Postings of a short and of a long journal; each movement has four.
const SHORT: usize = 8_000;
const LONG: usize = 60_000;
/// By how much the memory for both may differ: the cache of SQLite may fill meanwhile, up to its
/// own limit of 16 MB, with as much again as half of it for what else comes and goes. The long
/// journal held whole is more than twice this.
const SLACK_KB: u64 = 24 * 1024;

/// The most memory that a process ever held, in KiB; `None` once it has ended.
fn peak(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// Runs the program to its end; its peak, and how many lines it printed.
fn measured(t: &Harness, args: &[&str]) -> (u64, usize) {
    let mut child = t.program(args).stdout(Stdio::piped()).spawn().expect("the program starts");
    let (pid, mut out) = (child.id(), child.stdout.take().expect("piped"));
    let reader = std::thread::spawn(move || {
        let (mut lines, mut bytes) = (0, [0; 4096]);
        loop {
            match out.read(&mut bytes).expect("a pipe") {
                0 => return lines,
                n => lines += bytes[..n].iter().filter(|b| **b == b'\n').count(),
            }
        }
    });
    // It only grows, so that the last look before the end is as good as all of them.
    let mut most = 0;
    while child.try_wait().expect("it is ours").is_none() {
        most = most.max(peak(pid).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(child.wait().expect("it is ours").success(), "{args:?}");
    (most, reader.join().expect("no panic"))
}

both! {
    fn a_long_journal_takes_no_more_memory_than_a_short_one(t: &Harness) {
        if !cfg!(target_os = "linux") {
            return say("skipped: only Linux tells how much memory a program held");
        }
        let room = Room::new(t);
        let mut commands = vec![vec!["check"]];
        for format in ["csv", "jsonl", "hledger", "beancount"] {
            commands.push(vec!["export", "ledger", "--book", "both", "--format", format]);
        }
        let measure = || -> Vec<(u64, usize)> {
            commands.iter().map(|args| measured(t, args)).collect()
        };
        grow(&room, 0, SHORT);
        let short = measure();
        grow(&room, SHORT, LONG);
        let long = measure();
        for (args, (before, after)) in commands.iter().zip(short.iter().zip(&long)) {
            let told = format!("{args:?}: {} and {} KiB", before.0, after.0);
            say(&told);
            assert!(before.0 > 1_000, "it was measured: {told}");
            assert!(after.0 < before.0 + SLACK_KB, "{told}");
        }
        assert_eq!((short[1].1, long[1].1), (SHORT + 1, LONG + 1), "all of it was written");
    }
}
