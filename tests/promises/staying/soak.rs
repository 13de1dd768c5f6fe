//! Hours at half load: nothing grows.

use super::invitations::Teams;
use super::machine;
use super::program::Program;
use super::wire::{Answer, Wire};
use crate::promise::{Kept, On, Promise, Run};
use crate::support::field::{Backer, Field};
use crate::support::smtp::Smtp;
use crate::support::web::Client;
use almoner::kernel::time::{Clock, Stopwatch};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// S8.
pub const FLAT: Promise = Promise {
    id: "S8",
    says: "At half load memory, descriptors and the write-ahead log stay as they are",
    short: "5 seconds with offers and exports: no 5xx, descriptors, log below 64 MB",
    full: "2 hours with offers and exports: no 5xx, descriptors, log below 64 MB, memory slope \
           below 1 MB an hour",
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

/// How often each of them offers money, takes it back, and asks for the books.
const PAYDAY: Duration = Duration::from_secs(5);
/// How many they are.
const USERS: usize = 2;

/// Money to move, and who may.
struct Funding {
    application: String,
    backers: Vec<Backer>,
    finance: Client,
}

impl Funding {
    fn new(field: &Field<'_>) -> Self {
        let backers = (0..USERS).map(|_| field.backer("1000.00")).collect();
        let application = field.application("1.00", "500.00");
        Self { application, backers, finance: field.desk.finance.clone() }
    }
}

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
        // The program goes by the clock of the machine.
        t.clock.set(Clock::system().now());
        let web = t.serve();
        let (teams, funding) = (Teams::with_room(&web, 90), Funding::new(&web.field()));
        drop(web);
        let smtp = Smtp::start();
        let program = Program::serve(t, &smtp, &UNLIMITED)?;
        let log = PathBuf::from(format!("{}-wal", t.url.trim_start_matches("sqlite://")));
        let (end, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
        let looks = std::thread::scope(|scope| {
            let (end, asked, program) = (&end, &asked, &program);
            let (teams, funding) = (&teams, &funding);
            let since = Stopwatch::start();
            let start = |n: usize| {
                scope.spawn(move || {
                    let caller = Caller { wire: program.wire(), asked };
                    let told = use_it(caller, (teams, funding), n, end);
                    // What is broken need not be watched for hours.
                    end.fetch_or(told.is_err(), Ordering::SeqCst);
                    told.map_err(|why| format!("after {:?}: {why}", since.read()))
                })
            };
            let users: Vec<_> = (0..USERS).map(start).collect();
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

/// Asks, and rests as long as the answer took: half of what is possible.
struct Caller<'a> {
    wire: Wire,
    asked: &'a AtomicUsize,
}

impl Caller<'_> {
    /// A request with these further lines of its head, and this body. It has to go well.
    fn ask(
        &mut self,
        who: &Client,
        line: &str,
        more: &str,
        body: Option<&Value>,
    ) -> Result<Answer, String> {
        let token = who.token.as_deref().unwrap_or_default();
        let mut text =
            format!("{line} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n{more}");
        let body = body.map(Value::to_string);
        if let Some(body) = &body {
            let length = body.len();
            text.push_str(&format!(
                "Content-Type: application/json\r\nContent-Length: {length}\r\n"
            ));
        }
        let text = format!("{text}\r\n{}", body.unwrap_or_default());
        let watch = Stopwatch::start();
        let answer = self.wire.ask(text.as_bytes()).map_err(|e| format!("no answer: {e}"))?;
        let answer = answer.ok_or("the connection ended without an answer")?;
        self.asked.fetch_add(1, Ordering::SeqCst);
        if !matches!(answer.status, 200 | 201) {
            return Err(format!("{line}: {}: {}", answer.status, answer.text()));
        }
        std::thread::sleep(watch.read());
        Ok(answer)
    }
    fn get(&mut self, who: &Client, path: &str) -> Result<Answer, String> {
        self.ask(who, &format!("GET {path}"), "", None)
    }
    fn post(&mut self, who: &Client, path: &str, key: &str, body: &Value) -> Result<Value, String> {
        let key = format!("Idempotency-Key: {key}\r\n");
        let answer = self.ask(who, &format!("POST {path}"), &key, Some(body))?;
        serde_json::from_slice(&answer.body).map_err(|e| format!("POST {path}: {e}"))
    }
}

/// Writes and reads; now and then money is offered and taken back, and the books are asked for.
fn use_it(
    mut caller: Caller<'_>,
    (teams, funding): (&Teams, &Funding),
    user: usize,
    end: &AtomicBool,
) -> Result<(), String> {
    let (owner, (path, _)) = (teams.owner(user * 45), teams.invitation(user * 45));
    let path = path.trim_end_matches("/members").to_owned();
    let (since, mut payday) = (Stopwatch::start(), Duration::ZERO);
    let mut number = 0;
    while !end.load(Ordering::SeqCst) {
        let seen = caller.get(owner, &path)?;
        let version = format!("If-Match: {}\r\n", seen.header("etag").ok_or("no ETag")?);
        let body = json!({ "title": format!("Version {number}") });
        caller.ask(owner, &format!("PATCH {path}"), &version, Some(&body))?;
        for list in ["/api/v1/applications?limit=50", "/api/v1/me/next", "/api/v1/calls"] {
            caller.get(owner, list)?;
        }
        if since.read() >= payday {
            payday += PAYDAY;
            move_money(&mut caller, funding, user, number)?;
        }
        number += 1;
    }
    Ok(())
}

fn move_money(
    caller: &mut Caller<'_>,
    funding: &Funding,
    user: usize,
    number: usize,
) -> Result<(), String> {
    let backer = &funding.backers[user];
    let form = backer.form("10.00", json!({}));
    let path = format!("/api/v1/applications/{}/offers", funding.application);
    let offer = caller.post(&backer.who, &path, &format!("offer-{user}-{number}"), &form)?;
    let path = format!("/api/v1/offers/{}/withdraw", offer["id"].as_str().ok_or("no offer")?);
    caller.post(&backer.who, &path, &format!("back-{user}-{number}"), &json!({}))?;
    // One at a time: the books are read by as many as may read long files at once.
    if user > 0 {
        return Ok(());
    }
    caller.get(&funding.finance, "/api/v1/ledger/export?format=csv").map(drop)
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
