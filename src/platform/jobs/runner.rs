//! Takes jobs and runs them: in threads of their own, or one after the other until none is due.

use super::Bell;
use super::kind::{Kind, Kinds};
use super::model::{Job, NewJob, Outcome};
use super::rules::{self, Backoff, Step, Try};
use super::store;
use crate::kernel::Result;
use crate::kernel::problem::{Kind as ProblemKind, Problem};
use crate::kernel::time::Instant;
use crate::platform::context::{Ctx, Env};
use crate::platform::db::{Conn, Db};
use serde_json::json;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// What handlers work with.
#[derive(Clone)]
pub struct Desk {
    /// The database. Handlers open short transactions of their own, never around the network.
    pub db: Db,
    /// Settings, clock, ids, keys, mailer.
    pub env: Arc<Env>,
}

impl Desk {
    /// The service itself acts, under this name in the audit log.
    pub fn ctx(&self, name: &'static str) -> Ctx {
        Ctx::system(&self.env, name)
    }
    /// Does the same with each of many, in one transaction each, so that one that fails does not
    /// hold up the others. What somebody else has changed a moment ago is left alone.
    pub fn each<I: Copy, R>(
        &self,
        name: &'static str,
        ids: Vec<I>,
        act: impl Fn(&mut Conn, &Ctx, I) -> Result<R>,
    ) -> Outcome {
        let ctx = self.ctx(name);
        let mut failed = None;
        for id in ids {
            let done = self.db.write_now(name, |conn| act(conn, &ctx, id).map(|_| ()));
            // Somebody was faster: what is left to do is found again.
            let faster = [ProblemKind::WrongState, ProblemKind::EditedMeanwhile];
            failed = done.err().filter(|p| !faster.contains(&p.kind())).or(failed);
        }
        failed.map_or(Outcome::Done, Outcome::from)
    }
}

/// Runs the jobs of the given kinds.
#[derive(Clone)]
pub struct Runner {
    desk: Desk,
    kinds: Kinds,
}

/// The running threads.
pub struct Workers {
    stop: Arc<AtomicBool>,
    bell: Bell,
    threads: Vec<JoinHandle<()>>,
}

/// First pause after a bell; it doubles up to `jobs.poll_ms` while nothing comes.
const SHORTEST_NAP: Duration = Duration::from_millis(10);

impl Runner {
    /// Of these kinds; each name once.
    pub fn new(db: Db, env: Arc<Env>, kinds: Kinds) -> Self {
        Self { desk: Desk { db, env }, kinds }
    }

    /// Starts as many threads as `jobs.workers` says.
    ///
    /// # Errors
    /// Where the operating system gives no threads.
    pub fn start(&self) -> Result<Workers> {
        let stop = Arc::new(AtomicBool::new(false));
        let bell = self.desk.env.bell.clone();
        let mut workers = Workers { stop: stop.clone(), bell, threads: Vec::new() };
        for n in 0..self.desk.env.config.jobs.workers {
            let (runner, stop) = (self.clone(), stop.clone());
            let thread = std::thread::Builder::new().name(format!("worker-{n}"));
            let thread = thread.spawn(move || runner.work(&stop)).map_err(Problem::internal)?;
            workers.threads.push(thread);
        }
        Ok(workers)
    }

    /// Runs what is due, and what becomes due by it, until nothing is; how many runs that were.
    /// For tests: what waits for a later time stays until the clock is moved.
    pub fn run_until_idle(&self) -> Result<usize> {
        self.ensure_periodic()?;
        let mut runs = 0;
        while self.run_one()? {
            runs += 1;
            if runs > 1_000_000 {
                return Err(Problem::internal("jobs make jobs without end"));
            }
        }
        Ok(runs)
    }

    /// Claims one job and runs it; false if none was due.
    pub fn run_one(&self) -> Result<bool> {
        let now = self.desk.env.clock.now();
        let until = now.plus_seconds(self.desk.env.config.jobs.lease_seconds);
        if !self.desk.db.read_now("jobs.due", move |conn| store::any_due(conn, now))? {
            return Ok(false);
        }
        let claim = move |conn: &mut _| store::claim(conn, now, until);
        let Some(job) = self.desk.db.write_now("jobs.claim", claim)? else { return Ok(false) };
        self.run(job, until)?;
        Ok(true)
    }

    fn kinds(&self) -> impl Iterator<Item = &'static Kind> {
        self.kinds.iter().copied().flatten()
    }

    /// Runs a job that is held until this moment, and notes what became of it.
    fn run(&self, job: Job, until: Instant) -> Result<()> {
        let kind = self.kinds().find(|k| k.name == job.kind);
        let jobs = &self.desk.env.config.jobs;
        let this = Try {
            job: job.id,
            attempts: job.attempts,
            max_attempts: kind.and_then(|k| k.max_attempts).unwrap_or(jobs.max_attempts),
            every: kind.and_then(|k| k.every),
        };
        let backoff = Backoff { first: jobs.backoff_seconds, longest: jobs.backoff_max_seconds };
        let outcome = match kind {
            Some(_) if rules::is_exhausted(&this) => {
                Outcome::GiveUp("it was started again and again and never ended".into())
            }
            Some(kind) => attempt(kind, &self.desk, &job),
            // A newer version of the program may know it.
            None => Outcome::Retry("this program knows no such kind of job".into()),
        };
        let step = rules::after(outcome, &this, backoff);
        log(&job, &step);
        let wipe = kind.is_some_and(|k| k.private);
        let (now, id) = (self.desk.env.clock.now(), job.id);
        let settle = move |conn: &mut _| store::settle(conn, (&job, until), &step, wipe, now);
        if !self.desk.db.write_now("jobs.settle", settle)? {
            tracing::warn!(job = %id, "the lease ran out: another worker has the job");
        }
        Ok(())
    }

    /// Sees to it that each periodic job has its row, and waits no longer than it should.
    fn ensure_periodic(&self) -> Result<()> {
        for (kind, every) in self.kinds().filter_map(|k| k.every.map(|every| (k, every))) {
            let (ctx, name) = (self.desk.ctx("jobs"), kind.name);
            self.desk.db.write_now("jobs.periodic", move |conn| {
                let key = format!("every:{name}");
                let run_at = ctx.env.clock.now();
                let dedupe = Some(key.clone());
                let job = NewJob { kind: name, payload: json!({}), run_at, dedupe };
                if !super::enqueue(conn, &ctx, job)? {
                    store::revive_periodic(conn, &key, run_at)?;
                    store::hasten_periodic(conn, &key, run_at, run_at.plus_seconds(every))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// One look for work, which no fault of the program ends.
    fn look(&self, periodic: &mut bool) -> Result<bool> {
        let look = AssertUnwindSafe(|| {
            if !*periodic {
                self.ensure_periodic()?;
                *periodic = true;
            }
            self.run_one()
        });
        catch_unwind(look).unwrap_or_else(|_| Err(Problem::internal("looking for work panicked")))
    }

    fn work(&self, stop: &AtomicBool) {
        let longest = Duration::from_millis(self.desk.env.config.jobs.poll_ms);
        let mut nap = longest;
        let mut periodic = false;
        let mut told = None;
        while !stop.load(Ordering::SeqCst) {
            let heard = self.desk.env.bell.count();
            match self.look(&mut periodic) {
                Ok(did) => {
                    told = None;
                    if did {
                        continue;
                    }
                }
                Err(problem) => {
                    let why = (problem.to_string(), problem.cause().map(ToString::to_string));
                    if told.as_ref() != Some(&why) {
                        tracing::error!(cause = why.1, "a worker cannot work: {problem}");
                        told = Some(why);
                    }
                    // What failed may have rung itself.
                    self.desk.env.bell.sit_out(longest, || stop.load(Ordering::SeqCst));
                    nap = longest;
                    continue;
                }
            }
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let rung = self.desk.env.bell.wait(heard, nap);
            nap = if rung { SHORTEST_NAP } else { (nap * 2).min(longest) };
        }
    }
}

impl Workers {
    /// Lets each thread finish the job in its hands, then returns. What they did not come to
    /// stays in the queue.
    pub fn stop(mut self) {
        self.halt();
    }
    fn halt(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        self.bell.ring();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a worker had panicked");
            }
        }
    }
}
impl Drop for Workers {
    fn drop(&mut self) {
        self.halt();
    }
}

/// One call of the handler. A panic is a fault of the program, which the next version may not
/// have: the job is tried again.
fn attempt(kind: &Kind, desk: &Desk, job: &Job) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| (kind.run)(desk, job)))
        .unwrap_or_else(|_| Outcome::Retry("its handler panicked; see the log".into()))
}

fn log(job: &Job, step: &Step) {
    let (id, kind, attempt) = (job.id, &job.kind, job.attempts);
    match step {
        Step::Done | Step::Again { error: None, .. } => {
            tracing::debug!(job = %id, kind, attempt, "job done");
        }
        Step::Again { error: Some(error), seconds, .. } => {
            tracing::warn!(job = %id, kind, attempt, error, seconds, "job put off");
        }
        Step::Dead(error) => tracing::error!(job = %id, kind, attempt, error, "job given up"),
    }
}
