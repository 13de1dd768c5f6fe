//! Malformed requests: each is refused in good order, and the service stays as it was.

use super::junk::Junk;
use super::machine;
use super::schema::ends_the_session;
use super::wire::{Answer, Wire};
use crate::promise::{Kept, On, Promise, Run};
use crate::support::Harness;
use crate::support::desk::threads;
use crate::support::web::Web;
use crate::trace::{Trace, settings};
use almoner::kernel::actor::Role;
use almoner::kernel::time::Stopwatch;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// S1.
pub const REFUSED: Promise = Promise {
    id: "S1",
    says: "Malformed requests on every route neither break nor hold up the service",
    short: "4,500 requests on each database, about what a story left",
    full: "500,000 requests on each database, about what a story left; each operation is reached",
    on: On::Both,
    run: refused,
};

/// Who asks, of the cast of the story; and the role of whoever comes when that session has ended.
const ROLES: [(&str, Option<Role>); 8] = [
    (NOBODY, None),
    ("ada", None),
    ("reg", Some(Role::Regrantor)),
    ("remy", Some(Role::Reviewer)),
    ("fia", Some(Role::Finance)),
    ("admin", Some(Role::Admin)),
    ("aud", Some(Role::Auditor)),
    ("lana", None),
];
/// Who is not signed in.
const NOBODY: &str = "nobody";
/// What is told before a request is looked at as what it asks for.
const STOPPED: [u16; 6] = [400, 401, 403, 404, 405, 429];
/// How long an answer may take. What takes longer is asked for once more: a machine that does
/// much else may be slow by accident.
const SOON: Duration = Duration::from_secs(1);
/// Threads that ask.
const ASKERS: usize = 3;

/// What one thread found.
#[derive(Default)]
struct Found {
    statuses: BTreeMap<u16, usize>,
    /// Operations, by their place, for which somebody was told something else.
    reached: BTreeSet<usize>,
    closed: usize,
    slowest: Duration,
    wrong: Vec<String>,
}

fn refused(run: &Run) -> Kept {
    let total = run.much(4_500, 500_000);
    run.with(|t| {
        let panics = machine::Panics::count();
        let mut config = settings(t);
        config.server.workers = 2;
        let web = t.serve_with(config);
        let world = World::new(&web, t)?;
        let field = web.field();
        // What grows at first is what is kept from then on: connections, caches, statements.
        let mut found = threads(ASKERS, |n| ask(&web, &world, n, total / 3 / ASKERS));
        let before = machine::memory();
        found.extend(threads(ASKERS, |n| ask(&web, &world, n + ASKERS, total * 2 / 3 / ASKERS)));
        let after = machine::memory();
        field.sound();
        // A few thousand requests do not yet fill all that is kept: they may add this much.
        let most = run.figure((before / 10).max(96 << 10), before / 10);
        if after.saturating_sub(before) > most {
            return Err(format!("memory grew from {before} to {after} KiB"));
        }
        if panics.seen() > 0 {
            return Err(format!("{} panics", panics.seen()));
        }
        told(run, &found, &Junk::new(0, world.addresses), total, (before, after))
    })
}

fn told(
    run: &Run,
    found: &[Found],
    junk: &Junk,
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
    let reached: BTreeSet<usize> = found.iter().flat_map(|f| &f.reached).copied().collect();
    let missed = junk.missed(&reached);
    if run.full && !missed.is_empty() {
        return Err(format!("nobody got beyond {STOPPED:?} with {missed:?}"));
    }
    let (reached, operations) = (reached.len(), junk.operations());
    if reached * 4 < operations {
        return Err(format!("only {reached} of {operations} operations were reached"));
    }
    let closed: usize = found.iter().map(|f| f.closed).sum();
    let slowest = found.iter().map(|f| f.slowest).max().unwrap_or_default().as_millis();
    let list: Vec<String> = statuses.iter().map(|(s, n)| format!("{s}: {n}")).collect();
    Ok(format!(
        "{total} on {operations} operations, of which {reached} were reached ({} not, though \
         about something that there is), 0 of 5xx, 0 panics, slowest {slowest} ms, {closed} \
         closed without an answer, memory {before} to {after} KiB; {}",
        missed.len(),
        list.join(", ")
    ))
}

/// What a story left, and who asks about it.
struct World {
    addresses: BTreeMap<String, Vec<String>>,
    /// One for each of [`ROLES`].
    tokens: Vec<Option<Arc<str>>>,
}

impl World {
    fn new(web: &Web, t: &Harness) -> Result<Self, String> {
        let mut trace = Trace::new(&[(web, t)])?;
        trace.tell_the_story()?;
        // Codes of second factors are good once: for a new session each needs another.
        t.clock.advance_seconds(60);
        let mut tokens = Vec::new();
        for (name, _) in ROLES {
            let who = trace.person(name).ok_or_else(|| format!("who is {name}?"))?;
            let who = if who.token.is_some() { web.sign_in(who) } else { who };
            tokens.push(who.token.map(Arc::from));
        }
        Ok(Self { addresses: trace.addresses(), tokens })
    }
}

fn ask(web: &Web, world: &World, thread: usize, count: usize) -> Found {
    let seed = u64::try_from(thread).unwrap_or(0);
    let mut junk = Junk::new(seed + 1, world.addresses.clone());
    let mut wire = Wire::new(&web.url, Duration::from_secs(20));
    let mut found = Found::default();
    let mut tokens = world.tokens.clone();
    // For what may end a session; that of somebody whom the story tells of is not had again.
    let other = |(name, role): (&str, Option<Role>)| {
        if name == NOBODY { None } else { another(web, role) }
    };
    let mut others: Vec<Option<Arc<str>>> = ROLES.into_iter().map(other).collect();
    for number in 0..count {
        // Each thread begins elsewhere, and asks about what it asked before as somebody else.
        let (round, place) = (number / junk.operations(), number + thread * 37);
        let place = place % junk.operations();
        let role = (place + round + 2 * thread) % ROLES.len();
        if number % 300 == 299 {
            stay_signed_in(web, &mut wire, &mut tokens);
            stay_signed_in(web, &mut wire, &mut others);
        }
        let ends = ends_the_session(junk.name(place));
        let token = if ends { &others[role] } else { &tokens[role] };
        let request = junk.request(place, token.as_deref());
        let (mut answer, mut took) = timed(&mut wire, &request);
        if took > SOON {
            (answer, took) = timed(&mut wire, &request);
        }
        found.slowest = found.slowest.max(took);
        if matches!(&answer, Ok(Some(answer)) if !STOPPED.contains(&answer.status)) {
            found.reached.insert(place);
        }
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

/// Somebody new.
fn another(web: &Web, role: Option<Role>) -> Option<Arc<str>> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("Malformed {}", NUMBER.fetch_add(1, Ordering::SeqCst));
    let client = match role {
        Some(role) => web.with_role(&name, role),
        None => web.person(&name),
    };
    client.token.map(Arc::from)
}

/// Some of what is sent is well formed by accident and ends a session: begins another.
fn stay_signed_in(web: &Web, wire: &mut Wire, tokens: &mut [Option<Arc<str>>]) {
    for (token, (_, role)) in tokens.iter_mut().zip(ROLES) {
        let Some(held) = token.as_deref() else { continue };
        let head = "GET /api/v1/me HTTP/1.1\r\nHost: almoner\r\nAuthorization: Bearer ";
        let answer = wire.ask(format!("{head}{held}\r\n\r\n").as_bytes());
        if !matches!(answer, Ok(Some(a)) if a.status == 200) {
            *token = another(web, role);
        }
    }
}
