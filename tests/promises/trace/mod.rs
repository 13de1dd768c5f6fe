//! A trace of requests: one service, or two that are compared, asked by everybody of a cast.
//!
//! It begins with a story (`story.txt`) in which every operation of the API document succeeds once.
//! What the story does not tell is looked for: somebody of the cast, and something of what there
//! is, for whom a plausible form succeeds. An operation for which that finds nothing breaks the
//! trace, unless it is in [`LEFT_OUT`] with a reason: a route cannot be forgotten. From then on it
//! is up to chance what is asked, mostly by those and of that for which it has succeeded before.

mod cast;
mod document;
mod examples;
mod forms;
mod names;
mod pool;
mod story;

use crate::support::Harness;
use crate::support::bodies::Document;
use crate::support::web::{Client, Web};
use crate::support::years::dice::Dice;
use almoner::platform::config::{Config, Limit};
use cast::{CAST, Half, Request};
use document::Operation;
use forms::{Filled, Forms};
use names::Told;
use pool::Pool;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use story::Teller;

/// What is not asked, by a part of the address, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("/auth/", "answers hold tokens, which are made of chance"),
    ("/me/factor", "the secret of a factor is made of chance, and a new one ends all sessions"),
    ("/me/access-tokens", "a token is made of chance"),
    ("/me/password", "it ends all sessions"),
    ("/me/sessions", "when a session was last used goes by a stopwatch, and ending one is the end"),
    ("/saved-searches/unsubscribe", "it takes a token out of a mail, which is made of chance"),
    ("/invitations/preview", "the same"),
    ("/jobs/{id}/retry", "no job dies in a trace"),
];

/// What is asked in the story alone, and why.
const ONCE: &[(&str, &str)] = &[
    ("/suspend", "it would end the sessions of those who ask, one by one"),
    ("/reset-factor", "the same"),
    ("/grant-role", "the same"),
    ("/remove-role", "the same"),
];

fn listed(operation: &Operation, list: &[(&str, &str)]) -> bool {
    list.iter().any(|(part, _)| operation.path.contains(part))
}

/// A service for a trace.
pub fn served(t: &Harness) -> Web {
    t.serve_with(settings(t))
}

/// Its settings.
pub fn settings(t: &Harness) -> Config {
    let mut config = t.config();
    config.publishing.how_to_pay = "Example Bank, account 42".into();
    // Limits of tries go by a stopwatch of their own, and one side is faster than the other.
    let limits = &mut config.auth.limits;
    for limit in [&mut limits.account, &mut limits.address, &mut limits.overall] {
        *limit = Limit { burst: 1_000_000, per_hour: 1_000_000 };
    }
    limits.mail = limits.overall;
    limits.work = limits.overall;
    config
}

/// How many requests were asked, and how many of them succeeded.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    asked: usize,
    good: usize,
}

impl Count {
    fn share(self) -> usize {
        self.good * 100 / self.asked.max(1)
    }
}

/// The services, and what is known of them.
pub struct Trace<'w> {
    halves: Vec<Half<'w>>,
    harnesses: Vec<&'w Harness>,
    teller: Option<Teller>,
    document: Document,
    operations: Vec<Operation>,
    forms: Forms,
    pool: Pool,
    /// By operation: for whom it succeeded.
    able: BTreeMap<String, BTreeSet<usize>>,
    statuses: BTreeMap<u16, usize>,
    /// Of the requests by chance, by the part of the API.
    rooms: BTreeMap<String, Count>,
    asked: usize,
}

impl<'w> Trace<'w> {
    /// Everybody is there, and nothing was asked yet.
    pub fn new(services: &[(&'w Web, &'w Harness)]) -> Result<Self, String> {
        let document = Document::new();
        let all = services.iter().map(|(web, _)| Half::new(web, &web.payday()));
        let (halves, known): (Vec<_>, Vec<_>) = all.unzip();
        if known.windows(2).any(|two| two[0] != two[1]) {
            return Err(format!("they begin with {known:?}"));
        }
        let mut pool = Pool::default();
        let teller = known.into_iter().next().map(|known| Teller::new(&mut pool, known));
        Ok(Self {
            halves,
            harnesses: services.iter().map(|(_, t)| *t).collect(),
            teller,
            operations: document::operations(&document),
            document,
            forms: Forms::new(),
            pool,
            able: BTreeMap::new(),
            statuses: BTreeMap::new(),
            rooms: BTreeMap::new(),
            asked: 0,
        })
    }
    /// Tells the story once; each step succeeds.
    pub fn tell_the_story(&mut self) -> Result<(), String> {
        self.with_teller(|trace, teller| teller.tell(trace))
    }
    fn with_teller(
        &mut self,
        tell: impl FnOnce(&mut Self, &mut Teller) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut teller = self.teller.take().ok_or("nobody tells the story")?;
        let told = tell(self, &mut teller);
        self.teller = Some(teller);
        told
    }
    /// Asks all, and compares what they say.
    fn ask(&mut self, operation: &Operation, request: &Request) -> Result<Told, String> {
        let mut all = self.halves.iter_mut().map(|half| half.ask(request));
        let a = all.next().ok_or("nobody is asked")?;
        let other = all.find(|other| *other != a);
        let asked = || format!("request {}, {request:?}", self.asked);
        if let Some(b) = other {
            return Err(format!("{}: {}", asked(), a.parting(&b)));
        }
        if a.status >= 500 {
            return Err(format!("{}: {}", asked(), a.text));
        }
        if a.status == 428 && !operation.versioned {
            return Err(format!("{}: the document says nothing of a version", asked()));
        }
        self.asked += 1;
        *self.statuses.entry(a.status).or_insert(0) += 1;
        let room = self.rooms.entry(operation.room()).or_default();
        room.asked += 1;
        room.good += usize::from(a.good());
        if a.good() {
            self.able.entry(operation.id.clone()).or_default().insert(request.who);
            self.pool.possible(operation, request.who, &request.path);
        }
        self.pool.learn(operation, &request.path, &a);
        Ok(a)
    }
    /// A request about this address; where it edits a version, that is read before.
    fn request(
        &mut self,
        operation: &Operation,
        who: usize,
        path: String,
        body: Option<Value>,
    ) -> Result<Request, String> {
        let key = format!("trace-{}", self.asked);
        let version = if operation.versioned { self.version(operation, who, &path)? } else { None };
        let version = version.or_else(|| operation.versioned.then(|| "\"v1\"".to_owned()));
        Ok(Request { who, method: operation.method, path, key, version, body })
    }
    /// The version of what is there, or of what it is a part of.
    fn version(
        &mut self,
        operation: &Operation,
        who: usize,
        path: &str,
    ) -> Result<Option<String>, String> {
        let (mut template, mut path) = (operation.path.as_str(), path);
        loop {
            let reads = |o: &&Operation| o.method == "GET" && o.path == template;
            if let Some(reads) = self.operations.iter().find(reads).cloned() {
                let path = path.to_owned();
                let key = String::new();
                let request = Request { who, method: "GET", path, key, version: None, body: None };
                let told = self.ask(&reads, &request)?;
                if !told.good() || told.etag.is_some() {
                    return Ok(told.etag);
                }
            }
            if let Some(version) = self.pool.version(path) {
                return Ok(Some(version));
            }
            let shorter = template.rsplit_once('/').zip(path.rsplit_once('/'));
            let Some(((t, _), (p, _))) = shorter.filter(|((t, _), _)| t.contains('{')) else {
                return Ok(None);
            };
            (template, path) = (t, p);
        }
    }
    fn work(&mut self, seconds: i64) {
        for (half, t) in self.halves.iter().zip(&self.harnesses) {
            t.clock.advance_seconds(seconds);
            half.web.work();
            self.pool.knows("today", std::iter::once(t.clock.now().date().to_string()));
        }
    }
    /// Whatever the story did not tell: somebody succeeds with it, or it is in the list.
    pub fn look_for_the_rest(&mut self) -> Result<(), String> {
        let mut never = Vec::new();
        for operation in self.operations.clone() {
            let done = self.able.contains_key(&operation.id);
            match (done, listed(&operation, LEFT_OUT)) {
                (true, true) => return Err(format!("{} is left out, but not", operation.id)),
                (false, false) => never.extend(self.look_for(&operation)?),
                _ => {}
            }
        }
        let unknown = self.forms.unknown(&self.operations);
        if never.is_empty() && unknown.is_empty() {
            return Ok(());
        }
        Err(format!(
            "never succeeded, whoever asked; let trace/story.txt tell of it, or say in LEFT_OUT \
             why not: {never:#?}; forms of what is no operation: {unknown:?}"
        ))
    }
    /// Everybody tries it with the newest and what came before; what the last was told, if nobody
    /// succeeds.
    fn look_for(&mut self, operation: &Operation) -> Result<Option<String>, String> {
        let mut last = format!("{}: there is nothing to ask it of", operation.id);
        for back in 0..3 {
            let Some(path) = self.pool.address(operation, back) else { break };
            let path = path + &self.document.query(operation.method, &operation.path);
            for (who, name) in CAST.iter().enumerate() {
                let body = self.forms.body(
                    operation,
                    &self.document,
                    &self.pool,
                    Filled::Well(self.asked),
                );
                let body = body.filter(|_| operation.method != "GET");
                let request = self.request(operation, who, path.clone(), body)?;
                let told = self.ask(operation, &request)?;
                if told.good() {
                    return Ok(None);
                }
                if told.status == 409 || told.status == 422 || last.contains("nothing") {
                    last = format!("{} by {name}: {}", operation.id, told.text);
                }
            }
            if !operation.path.contains('{') {
                break;
            }
        }
        Ok(Some(last))
    }
    /// Any operation, or the next step of the story, which is told again and again.
    pub fn by_chance(&mut self, requests: usize) -> Result<(), String> {
        let asks = |o: &&Operation| !listed(o, LEFT_OUT) && !listed(o, ONCE);
        let operations: Vec<Operation> = self.operations.iter().filter(asks).cloned().collect();
        let (mut dice, until) = (Dice::new(11), self.asked + requests);
        self.rooms.clear();
        let mut number = 0;
        while self.asked < until {
            number += 1;
            if number % 25 == 0 {
                self.work(3_600);
            }
            if number % 2 == 0 {
                self.with_teller(|trace, teller| teller.again(trace, &mut dice))?;
                continue;
            }
            let operation = &operations[pick(number / 2, operations.len(), &mut dice)];
            let mut request = self.chance(operation, &mut dice)?;
            // A key comes twice now and then.
            if dice.below(20) == 0 {
                request.key = format!("trace-{}", self.asked.saturating_sub(1));
            }
            self.ask(operation, &request)?;
        }
        Ok(())
    }
    fn chance(&mut self, operation: &Operation, dice: &mut Dice) -> Result<Request, String> {
        let able: Vec<usize> =
            self.able.get(&operation.id).into_iter().flatten().copied().collect();
        let who = match dice.below(4) {
            1.. if !able.is_empty() => *dice.one(&able),
            _ => usize::try_from(dice.below(u32::try_from(CAST.len()).unwrap_or(1))).unwrap_or(0),
        };
        let mut path = self.pool.fill(operation, who, dice);
        path.push_str(&self.document.query(operation.method, &operation.path));
        if operation.paged {
            path.push_str(&self.pool.page(&operation.path, dice));
        }
        let body = self.forms.body(operation, &self.document, &self.pool, Filled::ByChance(dice));
        let body = body.filter(|_| !matches!(operation.method, "GET" | "DELETE"));
        if operation.versioned && dice.below(4) == 0 {
            let (method, key) = (operation.method, String::new());
            return Ok(Request { who, method, path, key, version: Some("\"v1\"".into()), body });
        }
        self.request(operation, who, path, body)
    }
    /// Somebody of the cast, with the first service.
    pub fn person(&self, name: &str) -> Option<Client> {
        let place = CAST.iter().position(|known| *known == name)?;
        Some(self.halves.first()?.person(place).clone())
    }
    /// The names of all operations.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        self.operations.iter().map(|operation| operation.id.as_str())
    }
    /// Whether this one succeeded for this one of the cast.
    pub fn succeeded(&self, operation: &str, name: &str) -> bool {
        let place = CAST.iter().position(|known| *known == name);
        let able = self.able.get(operation);
        able.zip(place).is_some_and(|(able, place)| able.contains(&place))
    }
    pub fn asked(&self) -> usize {
        self.asked
    }
    /// Of a hundred requests by chance, how many succeeded.
    pub fn share(&self) -> usize {
        let add = |a: Count, b: &Count| Count { asked: a.asked + b.asked, good: a.good + b.good };
        self.rooms.values().fold(Count::default(), add).share()
    }
    /// The part of the API in which fewest of them did, among those that were asked a lot.
    pub fn least(&self) -> (&str, usize) {
        let asked = self.rooms.iter().filter(|(_, count)| count.asked >= 20);
        let all = asked.map(|(room, count)| (room.as_str(), count.share()));
        all.min_by_key(|(_, share)| *share).unwrap_or(("no room", 100))
    }
    /// How often there was each status.
    pub fn counts(&self) -> String {
        let counts: Vec<String> = self.statuses.iter().map(|(s, n)| format!("{n} × {s}")).collect();
        counts.join(", ")
    }
}

/// Each operation in turn, and every second time any of them.
fn pick(number: usize, count: usize, dice: &mut Dice) -> usize {
    if number.is_multiple_of(2) {
        return number / 2 % count;
    }
    usize::try_from(dice.below(u32::try_from(count).unwrap_or(1))).unwrap_or(0)
}
