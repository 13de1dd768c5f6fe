//! Malformed requests: each is refused in good order, and the service stays as it was.

use super::junk::Junk;
use super::machine;
use super::wire::{Answer, Wire};
use crate::promise::{Kept, On, Promise, Run};
use crate::support::desk::threads;
use crate::support::field::Field;
use crate::support::web::Web;
use almoner::kernel::actor::Role;
use almoner::kernel::time::Stopwatch;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// S1.
pub const REFUSED: Promise = Promise {
    id: "S1",
    says: "Malformed requests on every route neither break nor hold up the service",
    short: "4,500 requests on each database",
    full: "500,000 requests on each database",
    on: On::Both,
    run: refused,
};

const ROLES: [Option<Role>; 6] = [
    None,
    Some(Role::Regrantor),
    Some(Role::Finance),
    Some(Role::Admin),
    Some(Role::Auditor),
    Some(Role::Funder),
];
/// How long an answer may take. What takes longer is asked for once more: a machine that does
/// much else may be slow by accident.
const SOON: Duration = Duration::from_secs(1);
/// Threads that ask.
const ASKERS: usize = 3;

/// What one thread found.
#[derive(Default)]
struct Found {
    statuses: BTreeMap<u16, usize>,
    closed: usize,
    slowest: Duration,
    wrong: Vec<String>,
}

fn refused(run: &Run) -> Kept {
    let total = run.much(4_500, 500_000);
    run.with(|t| {
        let panics = machine::Panics::count();
        let mut config = t.config();
        config.server.workers = 2;
        let web = t.serve_with(config);
        let field = web.field();
        let ids = world(&field);
        // What grows at first is what is kept from then on: connections, caches, statements.
        let mut found = threads(ASKERS, |n| ask(&web, &ids, n, total / 3 / ASKERS));
        let before = machine::memory();
        found.extend(threads(ASKERS, |n| ask(&web, &ids, n + ASKERS, total * 2 / 3 / ASKERS)));
        let after = machine::memory();
        field.sound();
        let operations = Junk::new(0, Vec::new()).operations();
        // A few thousand requests do not yet fill all that is kept: they may add this much.
        let most = run.figure((before / 10).max(96 << 10), before / 10);
        if after.saturating_sub(before) > most {
            return Err(format!("memory grew from {before} to {after} KiB"));
        }
        if panics.seen() > 0 {
            return Err(format!("{} panics", panics.seen()));
        }
        told(found, operations, total, (before, after))
    })
}

fn told(
    found: Vec<Found>,
    operations: usize,
    total: usize,
    (before, after): (usize, usize),
) -> Kept {
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for (status, times) in found.iter().flat_map(|f| &f.statuses) {
        *statuses.entry(*status).or_default() += times;
    }
    let wrong: Vec<&String> = found.iter().flat_map(|f| &f.wrong).collect();
    if let Some(first) = wrong.first() {
        return Err(format!("{} are wrong, the first: {first}", wrong.len()));
    }
    let closed: usize = found.iter().map(|f| f.closed).sum();
    let slowest = found.iter().map(|f| f.slowest).max().unwrap_or_default().as_millis();
    let list: Vec<String> = statuses.iter().map(|(s, n)| format!("{s}: {n}")).collect();
    Ok(format!(
        "{total} on {operations} operations, 0 of 5xx, 0 panics, slowest {slowest} ms, {closed} \
         closed without an answer, memory {before} to {after} KiB; {}",
        list.join(", ")
    ))
}

/// Something that each kind of address can be about; their ids.
fn world(field: &Field<'_>) -> Vec<String> {
    let backer = field.backer("5000.00");
    let application = field.application("1.00", "500.00");
    let offer = backer.offer(&application, "10.00").id();
    let grant = field.active(&[(&backer, "100.00")], serde_json::json!({}));
    vec![application, offer, grant, backer.budget, backer.fund, field.call.clone()]
}

fn ask(web: &Web, ids: &[String], thread: usize, count: usize) -> Found {
    let seed = u64::try_from(thread).unwrap_or(0);
    let mut junk = Junk::new(seed + 1, ids.to_vec());
    let mut wire = Wire::new(&web.url, Duration::from_secs(20));
    let mut found = Found::default();
    let mut tokens: Vec<Option<Arc<str>>> = ROLES.iter().map(|r| token(web, *r)).collect();
    for number in 0..count {
        // Each operation as each role, before any is asked a second time.
        let role = number / junk.operations() % ROLES.len();
        if number % 300 == 299 {
            stay_signed_in(web, &mut wire, &mut tokens);
        }
        let request = junk.request(number + thread * 37, tokens[role].as_deref());
        let (mut answer, mut took) = timed(&mut wire, &request);
        if took > SOON {
            (answer, took) = timed(&mut wire, &request);
        }
        found.slowest = found.slowest.max(took);
        found.take(&request, answer, took);
    }
    found
}

fn timed(wire: &mut Wire, request: &[u8]) -> (Result<Option<Answer>, String>, Duration) {
    let watch = Stopwatch::start();
    let answer = wire.ask(request).map_err(|e| e.to_string());
    (answer, watch.read())
}

fn text_of(request: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(request)
}

/// A refusal in the envelope of the CommonGrants protocol, which stands for a problem there.
fn enveloped(answer: &Answer) -> bool {
    let told: Value = serde_json::from_str(&answer.text()).unwrap_or_default();
    let kind = answer.header("content-type").unwrap_or_default();
    kind.starts_with("application/json")
        && told["status"] == answer.status
        && told["message"].is_string()
        && told["errors"].is_array()
}

impl Found {
    fn take(&mut self, request: &[u8], answer: Result<Option<Answer>, String>, took: Duration) {
        let shown = || text_of(request).chars().take(900).collect::<String>();
        match answer {
            Ok(Some(answer)) => {
                *self.statuses.entry(answer.status).or_default() += 1;
                let kind = answer.header("content-type").unwrap_or_default();
                let problem = answer.status < 400
                    || answer.body.is_empty()
                    || kind.starts_with("application/problem+json")
                    || (text_of(request).contains("/common-grants/") && enveloped(&answer));
                if answer.status >= 500 || answer.status < 200 || !problem || took > SOON {
                    let (status, text) = (answer.status, answer.text());
                    self.wrong.push(format!("{status} after {took:?} to {}: {text}", shown()));
                }
            }
            // The parser may give a connection up whose bytes it cannot make out.
            Ok(None) => self.closed += 1,
            Err(why) => self.wrong.push(format!("no answer ({why}) to {}", shown())),
        }
    }
}

fn token(web: &Web, role: Option<Role>) -> Option<Arc<str>> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("Malformed {}", NUMBER.fetch_add(1, Ordering::SeqCst));
    let client = match role? {
        // A researcher is everybody: here it is a person without any role.
        Role::Funder => web.person(&name),
        role => web.with_role(&name, role),
    };
    client.token.map(Arc::from)
}

/// Some of what is sent is well formed by accident and ends a session: begins another.
fn stay_signed_in(web: &Web, wire: &mut Wire, tokens: &mut [Option<Arc<str>>]) {
    for (token, role) in tokens.iter_mut().zip(ROLES) {
        let Some(held) = token.as_deref() else { continue };
        let head = "GET /api/v1/me HTTP/1.1\r\nHost: almoner\r\nAuthorization: Bearer ";
        let answer = wire.ask(format!("{head}{held}\r\n\r\n").as_bytes());
        if !matches!(answer, Ok(Some(a)) if a.status == 200) {
            *token = self::token(web, role);
        }
    }
}
