//! Hours at half load: nothing grows.

use super::invitations::Teams;
use super::machine;
use super::program::Program;
use super::wire::{Answer, Wire};
use crate::promise::{Kept, On, Promise, Run};
use crate::support::smtp::Smtp;
use almoner::kernel::time::Stopwatch;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// S8.
pub const FLAT: Promise = Promise {
    id: "S8",
    says: "At half load memory, descriptors and the write-ahead log stay as they are",
    short: "5 seconds: no 5xx, descriptors, log below 64 MB",
    full: "2 hours: no 5xx, descriptors, log below 64 MB, memory slope below 1 MB an hour",
    on: On::Both,
    run: flat,
};

/// What a write-ahead log may grow to.
const LOG: u64 = 64 << 20;

/// Two people who never stop would soon be told to wait; here the program is to work for them.
const UNLIMITED: [(&str, &str); 4] = [
    ("ALMONER__AUTH__LIMITS__WORK__BURST", "1000000"),
    ("ALMONER__AUTH__LIMITS__WORK__PER_HOUR", "1000000"),
    ("ALMONER__AUTH__LIMITS__OVERALL__BURST", "1000000"),
    ("ALMONER__AUTH__LIMITS__OVERALL__PER_HOUR", "1000000"),
];

/// One look at the program.
#[derive(Debug, Clone, Copy)]
struct Look {
    memory: usize,
    descriptors: usize,
    log: u64,
}

fn flat(run: &Run) -> Kept {
    let seconds = run.much(5, 7_200);
    run.with(|t| {
        let web = t.serve();
        let teams = Teams::with_room(&web, 90);
        drop(web);
        let smtp = Smtp::start();
        let program = Program::serve(t, &smtp, &UNLIMITED)?;
        let log = PathBuf::from(format!("{}-wal", t.url.trim_start_matches("sqlite://")));
        let (end, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
        let looks = std::thread::scope(|scope| {
            let (end, asked, program, teams) = (&end, &asked, &program, &teams);
            let since = Stopwatch::start();
            let start = |n: usize| {
                scope.spawn(move || {
                    let told = use_it(program, teams, n, end, asked);
                    // What is broken need not be watched for hours.
                    end.fetch_or(told.is_err(), Ordering::SeqCst);
                    told.map_err(|why| format!("after {:?}: {why}", since.read()))
                })
            };
            let users: Vec<_> = (0..2).map(start).collect();
            let looks = watch(program, &log, Duration::from_secs(seconds), end);
            end.store(true, Ordering::SeqCst);
            let told: Result<Vec<()>, String> =
                users.into_iter().map(|user| user.join().expect("no panic")).collect();
            told.map(|_| looks)
        })?;
        judge(&looks, asked.load(Ordering::SeqCst), run)
    })
}

fn watch(program: &Program, log: &std::path::Path, time: Duration, end: &AtomicBool) -> Vec<Look> {
    let (since, pid, mut looks) = (Stopwatch::start(), program.pid(), Vec::new());
    while since.read() < time && !end.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(500));
        looks.push(Look {
            memory: machine::memory_of(&pid),
            descriptors: machine::descriptors_of(&pid),
            log: std::fs::metadata(log).map_or(0, |m| m.len()),
        });
    }
    looks
}

/// Writes and reads, and rests as long as each took: half of what is possible.
fn use_it(
    program: &Program,
    teams: &Teams,
    user: usize,
    end: &AtomicBool,
    asked: &AtomicUsize,
) -> Result<(), String> {
    let mut wire = program.wire();
    let (owner, (path, _)) = (teams.owner(user * 45), teams.invitation(user * 45));
    let path = path.trim_end_matches("/members").to_owned();
    let token = owner.token.as_deref().unwrap_or_default();
    let head = |method: &str, path: &str| {
        format!("{method} {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n")
    };
    let ask = |wire: &mut Wire, text: &str| -> Result<Answer, String> {
        let watch = Stopwatch::start();
        let answer = wire.ask(text.as_bytes()).map_err(|e| format!("no answer: {e}"))?;
        let answer = answer.ok_or("the connection ended without an answer")?;
        asked.fetch_add(1, Ordering::SeqCst);
        if answer.status != 200 {
            return Err(format!("{}: {}", answer.status, answer.text()));
        }
        std::thread::sleep(watch.read());
        Ok(answer)
    };
    let mut number = 0;
    while !end.load(Ordering::SeqCst) {
        let seen = ask(&mut wire, &format!("{}\r\n", head("GET", &path)))?;
        let etag = seen.header("etag").ok_or("no ETag")?;
        let body = format!("{{\"title\":\"Version {number}\"}}");
        let length = body.len();
        let more = format!("If-Match: {etag}\r\nContent-Length: {length}\r\n");
        let text = head("PATCH", &path) + &more + "Content-Type: application/json\r\n\r\n" + &body;
        ask(&mut wire, &text)?;
        for list in ["/api/v1/applications?limit=50", "/api/v1/me/next", "/api/v1/calls"] {
            ask(&mut wire, &format!("{}\r\n", head("GET", list)))?;
        }
        number += 1;
    }
    Ok(())
}

fn judge(looks: &[Look], asked: usize, run: &Run) -> Kept {
    let quarter = (looks.len() / 4).max(1);
    let most = |part: &[Look], of: fn(&Look) -> usize| part.iter().map(of).max().unwrap_or(0);
    let mean = |part: &[Look]| part.iter().map(|l| l.memory).sum::<usize>() / part.len().max(1);
    let (early, late) = (&looks[quarter..2 * quarter], &looks[looks.len() - quarter..]);
    let (before, after) = (most(early, |l| l.descriptors), most(late, |l| l.descriptors));
    let log = looks.iter().map(|l| l.log).max().unwrap_or(0);
    // Between the middles of the second and of the last quarter lies half of the time: an hour of
    // the full two.
    let grown = mean(late).saturating_sub(mean(early));
    let said = format!(
        "{asked} requests, all answered well; memory {} to {} KiB, descriptors {before} to \
         {after}, write-ahead log at most {} KiB",
        mean(early),
        mean(late),
        log >> 10
    );
    // Connections of a pool are opened when they are needed.
    let wrong = after > before + 4
        || log >= LOG
        || (run.full && grown >= run.much::<usize>(1_024, 1_024))
        || asked < 10;
    if wrong { Err(said) } else { Ok(said) }
}
