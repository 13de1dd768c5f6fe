//! The queue: every job at least once, by one worker at a time, and none forgotten.

pub mod http;
mod queue;
mod tries;
mod workers;

use crate::support::Harness;
use crate::support::web::Web;
use almoner::kernel::actor::{Actor, Role, Roles, Scopes};
use almoner::kernel::page::PageQuery;
use almoner::kernel::problem::{Kind as ProblemKind, Problem};
use almoner::kernel::time::Instant;
use almoner::platform::config::Config;
use almoner::platform::context::{Ctx, Env};
use almoner::platform::idempotency::{self, Keyed};
use almoner::platform::jobs::{
    self, DeadJob, Desk, Job, JobStatus, Kind, Kinds, NewJob, Outcome, Runner, Stats,
};
use almoner::platform::outbox;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What test jobs do: the n-th word is for the n-th try, the last for all further ones.
#[derive(Deserialize)]
struct Script {
    tag: String,
    does: Vec<String>,
}

/// The tries of each tag that were begun.
static BEGUN: Mutex<BTreeMap<String, Vec<i32>>> = Mutex::new(BTreeMap::new());

fn begun(tag: &str) -> Vec<i32> {
    BEGUN.lock().expect("not poisoned").get(tag).cloned().unwrap_or_default()
}

fn act(desk: &Desk, job: &Job) -> Outcome {
    let script: Script = match job.payload() {
        Ok(script) => script,
        Err(outcome) => return outcome,
    };
    BEGUN.lock().expect("not poisoned").entry(script.tag.clone()).or_default().push(job.attempts);
    let nth = usize::try_from(job.attempts - 1).expect("from 1 on").min(script.does.len() - 1);
    match script.does[nth].as_str() {
        "done" => Outcome::Done,
        "retry" => Outcome::Retry("the network\nis away".into()),
        "give up" => Outcome::GiveUp("no such thing".into()),
        "panic" => panic!("a fault in a handler"),
        // As a worker that dies: nothing is ever heard of this try again.
        "die" => loop {
            std::thread::park();
        },
        "be slow" => {
            std::thread::sleep(Duration::from_millis(300));
            BEGUN.lock().expect("not poisoned").entry(script.tag).or_default().push(-1);
            Outcome::Done
        }
        "lose the lease" => {
            desk.env.clock.advance_seconds(desk.env.config.jobs.lease_seconds + 1);
            let other = Runner::new(desk.db.clone(), desk.env.clone(), KINDS);
            let other = std::thread::spawn(move || other.run_one());
            while begun(&script.tag).len() == 1 {
                std::thread::sleep(Duration::from_millis(5));
            }
            // It has ended the job, or is still at it.
            if script.does[1] == "done" {
                assert!(other.join().expect("no panic").expect("claimed"));
            }
            Outcome::GiveUp("too late to say so".into())
        }
        other => panic!("no such deed: {other}"),
    }
}

fn hear(_: &Desk, job: &Job) -> Outcome {
    #[derive(Deserialize)]
    struct Told {
        tag: String,
    }
    let heard = outbox::heard::<Told>(job).expect("an event");
    assert_eq!(heard.name, "told");
    BEGUN.lock().expect("not poisoned").entry(heard.data.tag).or_default().push(job.attempts);
    Outcome::Done
}

/// A periodic job finds its tag in the service's issuer, which is free to choose.
fn tick(desk: &Desk, job: &Job) -> Outcome {
    let tag = desk.env.config.auth.issuer.clone();
    BEGUN.lock().expect("not poisoned").entry(tag.clone()).or_default().push(job.attempts);
    if tag.ends_with("fails") { Outcome::GiveUp("it never works".into()) } else { Outcome::Done }
}

const KINDS: Kinds = &[&[
    Kind::new("test.act", act),
    Kind::new("test.act_twice", act).max_attempts(2),
    Kind::new("test.hear", hear),
    Kind::new("test.also_hear", hear),
    Kind::new("jobs.purge", jobs::purge),
]];
const PERIODIC: Kinds = &[&[Kind::new("test.tick", tick).every(60)]];

/// A service of its own, with its queue.
struct Queue<'t> {
    t: &'t Harness,
    env: Arc<Env>,
    tag: String,
}

impl<'t> Queue<'t> {
    fn new(t: &'t Harness) -> Self {
        Self::with(t, |_| ())
    }
    fn with(t: &'t Harness, change: impl FnOnce(&mut Config)) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let tag = format!("job-{}", COUNT.fetch_add(1, Ordering::SeqCst));
        let mut config = t.config();
        config.auth.issuer = tag.clone();
        change(&mut config);
        let heard = &[("told", "test.hear"), ("told", "test.also_hear"), ("else", "test.act")];
        let env = t.env(config, heard);
        Self { t, env, tag }
    }
    fn runner(&self, kinds: Kinds) -> Runner {
        Runner::new(self.t.db.clone(), self.env.clone(), kinds)
    }
    fn run(&self) -> usize {
        self.runner(KINDS).run_until_idle().expect("the queue works")
    }
    fn ctx(&self) -> Ctx {
        Ctx::system(&self.env, "test")
    }
    fn put(&self, job: NewJob) -> bool {
        let ctx = self.ctx();
        let put = move |conn: &mut _| jobs::enqueue(conn, &ctx, job.clone());
        self.t.db.write_now("put", put).expect("enqueued")
    }
    fn job(&self, kind: &'static str, does: &[&str]) -> NewJob {
        let payload = json!({ "tag": self.tag, "does": does });
        NewJob { kind, payload, run_at: self.env.clock.now(), dedupe: None }
    }
    fn act(&self, does: &[&str]) {
        assert!(self.put(self.job("test.act", does)));
    }
    /// Status and last error of what is due, running or dead.
    fn unfinished(&self) -> Vec<(JobStatus, String)> {
        let now = self.env.clock.now();
        let list = self.t.db.read_now("unfinished", move |conn| jobs::unfinished(conn, now));
        let list = list.expect("listed").into_iter();
        list.map(|j| (j.status, j.last_error.unwrap_or_default())).collect()
    }
    fn dead(&self) -> Vec<DeadJob> {
        let ctx = self.admin();
        let list =
            move |conn: &mut _| jobs::list_dead(conn, &ctx, &PageQuery::default().checked()?);
        self.t.db.read_now("dead", list).expect("listed").items
    }
    fn stats(&self) -> Stats {
        let now = self.env.clock.now();
        self.t.db.read_now("stats", move |conn| jobs::stats(conn, now)).expect("counted")
    }
    fn admin(&self) -> Ctx {
        self.person(&[Role::Admin])
    }
    fn person(&self, roles: &[Role]) -> Ctx {
        let ctx = self.ctx();
        let roles: Roles = roles.iter().copied().collect();
        let (id, scopes) = (ctx.id(), Scopes::All);
        ctx.acting(Actor::Person { id, roles, session: None, scopes }, "Grace")
    }
    fn wait_for(&self, what: &str, holds: impl Fn() -> bool) {
        let held = (0..1000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            holds()
        });
        assert!(held, "{what}: {:?}, {:?}", begun(&self.tag), self.unfinished());
    }
}
