//! One trace of requests on both databases: the same answers, to the byte.
//!
//! The trace knows the API from its own document: every operation is asked for, also those that
//! nobody has written a form for. Ids, and hashes over them, are compared by the order in which
//! they came up; what is made of chance (tokens, secrets) is left out.

use super::forms::{self, Names, Pool, Told};
use crate::promise::{Kept, On, Promise, Run, missing};
use crate::support::payday::Payday;
use crate::support::web::{Client, Web};
use crate::support::years::dice::Dice;
use crate::support::{Harness, Side};
use almoner::kernel::actor::Role;
use almoner::platform::config::Limit;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// G11.
pub const SAME: Promise = Promise {
    id: "G11",
    says: "Both databases give the same answers to the same requests",
    short: "One trace of 300 requests over all operations, byte for byte",
    full: "One trace of 5,000 requests over all operations, byte for byte",
    on: On::Once,
    run: same,
};

/// Answers that hold what is made of chance.
const RANDOM: &[&str] = &[
    "auth/",
    "me/factor",
    "me/access-tokens",
    "me/password",
    "me/sessions",
    // Ends the sessions of those who ask.
    "/suspend",
    "/reset-factor",
    "/grant-role",
    "/remove-role",
];

fn same(run: &Run) -> Kept {
    let requests = run.much(300, 5_000);
    let with_both = |left: &Harness| {
        let both = Harness::try_run(Side::Postgres, |right| trace(left, right, requests));
        both.unwrap_or_else(|why| missing("ALMONER_REQUIRE_POSTGRES", &why))
    };
    Harness::try_run(Side::Sqlite, with_both)?
}

/// What an address has to have encoded.
const NOT_IN_A_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}').add(b'^');

/// An operation of the document.
struct Operation {
    method: String,
    path: String,
    id: String,
}

/// One of the two services, with those who use it.
struct Half<'w> {
    web: &'w Web,
    people: Vec<Client>,
    names: Names,
}

impl<'w> Half<'w> {
    /// A world with a bit of everything in it.
    fn new(web: &'w Web, payday: &Payday<'w>) -> Self {
        let reader = web.with_role("Aud Itor", Role::Auditor);
        let people = vec![
            payday.field.desk.admin.clone(),
            payday.fia.clone(),
            payday.fay.clone(),
            payday.backer.who.clone(),
            payday.ada.clone(),
            reader,
            web.anonymous(),
        ];
        let grant = payday.grant(&["10.00", "20.00", "30.00"]);
        let first = payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        payday.payment(&grant, 2, &["approve"]);
        payday.act(&first, "return").ok();
        let application = payday.field.applies(&payday.ada, "1.00", "5000.00");
        payday.backer.offer(&application, "100.00").ok();
        Self { web, people, names: Names::default() }
    }
    fn ask(&mut self, request: &Request) -> Told {
        let who = &self.people[request.who];
        let body = request.body.as_ref().map(|b| self.names.ids(&b.to_string()).into_bytes());
        let mut headers = Vec::new();
        if request.method == "POST" {
            headers.push(("Idempotency-Key", request.key.as_str()));
        }
        if let Some(version) = &request.version {
            headers.push(("If-Match", version.as_str()));
        }
        // What comes up as an id may be any text of the service's.
        let path = self.names.ids(&request.path);
        let path = utf8_percent_encode(&path, NOT_IN_A_PATH).to_string();
        let reply = who.send(&request.method, &path, &headers, body);
        let mut header = |name| reply.header(name).map(|text| self.names.ordinals(text));
        let (etag, location) = (header("etag"), header("location"));
        Told { status: reply.status, etag, location, text: self.names.ordinals(&reply.text()) }
    }
}

/// What is asked of both.
#[derive(Debug)]
struct Request {
    who: usize,
    method: String,
    path: String,
    key: String,
    version: Option<String>,
    body: Option<Value>,
}

fn trace(left: &Harness, right: &Harness, requests: usize) -> Kept {
    // Limits of tries go by a stopwatch of their own, and one side is faster than the other.
    let served = |t: &Harness| {
        let mut config = t.config();
        let limits = &mut config.auth.limits;
        for limit in [&mut limits.account, &mut limits.address, &mut limits.overall] {
            *limit = Limit { burst: 1_000_000, per_hour: 1_000_000 };
        }
        limits.mail = limits.overall;
        limits.work = limits.overall;
        t.serve_with(config)
    };
    let (one, other) = (served(left), served(right));
    let mut halves =
        [(&one, one.payday()), (&other, other.payday())].map(|(web, day)| Half::new(web, &day));
    let document = one.anonymous().get("/openapi.json").ok();
    let operations = operations(&document);
    let (mut dice, mut pool) = (Dice::new(11), Pool::default());
    let (mut statuses, mut asked) = (BTreeMap::new(), BTreeSet::new());
    for number in 0..requests {
        if number % 25 == 24 {
            for (half, t) in halves.iter().zip([left, right]) {
                t.clock.advance_seconds(3_600);
                half.web.work();
            }
        }
        let operation = &operations[pick(number, operations.len(), &mut dice)];
        let request = request(number, operation, &mut pool, &mut dice, halves[0].people.len());
        let [a, b] = halves.each_mut().map(|half| half.ask(&request));
        if a != b {
            return Err(format!("request {number}, {request:?}: {}", parting(&a, &b)));
        }
        pool.learn(&operation.path, &a);
        *statuses.entry(a.status).or_insert(0) += 1;
        asked.insert(&operation.id);
        if a.status >= 500 {
            return Err(format!("request {number}, {request:?}: {}", a.text));
        }
    }
    let counts: Vec<String> = statuses.iter().map(|(s, n)| format!("{n} × {s}")).collect();
    Ok(format!(
        "{requests} of {requests} answers identical, {} of {} operations; {}",
        asked.len(),
        operations.len(),
        counts.join(", ")
    ))
}

/// Where two answers part.
fn parting(a: &Told, b: &Told) -> String {
    let (a, b) = (format!("{a:?}"), format!("{b:?}"));
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count().saturating_sub(80);
    let part = |text: &str| text.chars().skip(same).take(240).collect::<String>();
    format!("SQLite …{}, PostgreSQL …{}", part(&a), part(&b))
}

/// Each operation in turn, and every second time any of them.
fn pick(number: usize, count: usize, dice: &mut Dice) -> usize {
    if number.is_multiple_of(2) {
        return number / 2 % count;
    }
    usize::try_from(dice.below(u32::try_from(count).unwrap_or(1))).unwrap_or(0)
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
            if !RANDOM.iter().any(|part| path.contains(part)) && !id.is_empty() {
                all.push(Operation { method: method.to_uppercase(), path: path.clone(), id });
            }
        }
    }
    // Lists first: from them the trace learns what there is.
    all.sort_by_key(|o| (o.path.contains('{'), o.method != "GET"));
    all
}

fn request(
    number: usize,
    operation: &Operation,
    pool: &mut Pool,
    dice: &mut Dice,
    people: usize,
) -> Request {
    let writes = operation.method != "GET";
    let who = match dice.below(3) {
        0 => usize::try_from(dice.below(u32::try_from(people).unwrap_or(1))).unwrap_or(0),
        // Most are asked by somebody who may.
        _ => forms::fitting(&operation.id, dice),
    };
    let mut path = pool.fill(&operation.path, dice);
    if !writes && !path.contains("/export") {
        path.push_str(&pool.page(&operation.path, dice));
    }
    let body = writes.then(|| forms::form(&operation.id, pool, dice));
    let version = (operation.method == "PATCH").then(|| pool.version(&path));
    // A key comes twice now and then.
    let key = format!("trace-{}", if dice.below(20) == 0 { number / 2 } else { number });
    Request { who, method: operation.method.clone(), path, key, version, body }
}
