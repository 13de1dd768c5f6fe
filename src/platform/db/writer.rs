//! Group commit for SQLite: one thread owns the one connection that writes, and commits for all
//! who wait at once, so that many share the cost of one `fsync`.
//!
//! Each of several jobs runs in a savepoint of its own: none sees another's failure or panic.
//! Nobody is answered before the commit that holds their changes; if that fails, nobody is told
//! that it went well. Where a job breaks the transaction around it (a full disk does), it alone is
//! refused and the others are run again.

use super::conn::{Conn, Manager};
use super::errors::{FOREIGN_KEY, constraint, is_transient};
use super::notes::Notes;
use super::transaction::{Ended, Isolation, attempt, begin, commit};
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::panics::{self, Behalf};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender, TrySendError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Jobs committed together at most, and jobs that may wait.
const TOGETHER: usize = 64;
const WAITING: usize = 1024;
/// How often another process may keep us from beginning, for the busy timeout each time.
const BEGINS: u32 = 3;

/// What became of the commit.
#[derive(Clone)]
enum Verdict {
    /// What the job itself said stands.
    Settled,
    /// Nothing is certain.
    Failed(Arc<Problem>),
}

impl Verdict {
    fn over<T>(self, result: Option<Result<T>>) -> Result<T> {
        match self {
            Verdict::Settled => result.unwrap_or_else(|| Err(gone())),
            Verdict::Failed(problem) => Err(Arc::try_unwrap(problem).unwrap_or_else(|shared| {
                Problem::new(shared.kind(), shared.detail()).because(shared.to_string())
            })),
        }
    }
}

fn gone() -> Problem {
    Problem::new(Kind::Unavailable, "The writer has stopped.")
}
fn busy() -> Problem {
    Problem::new(Kind::Unavailable, "Too many writes are waiting.").retry_after(1)
}
/// Something to do in a transaction; may be run again, then only its last result counts.
trait Job: Send {
    /// Runs, in a savepoint unless it is alone in the transaction, and gives the connection back
    /// unless it was lost.
    fn run(&mut self, conn: Box<Conn>, alone: bool) -> (Option<Box<Conn>>, Ended);
    fn answer(self: Box<Self>, verdict: Verdict);
}

/// A job that runs on the writer's own thread.
struct Call<F, T> {
    f: F,
    behalf: Behalf,
    result: Option<Result<T>>,
    notes: Notes,
    reply: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: Fn(&mut Conn) -> Result<T> + Send> Job for Call<F, T> {
    fn run(&mut self, mut conn: Box<Conn>, alone: bool) -> (Option<Box<Conn>>, Ended) {
        drop(Notes::take());
        let (ended, result) = self.behalf.scope(|| attempt(&mut conn, alone, &self.f));
        self.notes = Notes::take();
        self.result = Some(result.unwrap_or_else(|_| Err(panics::problem())));
        (Some(conn), ended)
    }
    fn answer(self: Box<Self>, verdict: Verdict) {
        let result = verdict.over(self.result);
        if result.is_ok() {
            self.notes.tell();
        }
        // Who asked may be gone; what was committed stays.
        drop(self.reply.send(result));
    }
}

enum Step {
    /// The connection, and whether the job is alone in its transaction.
    Turn(Box<Conn>, bool),
    End(Verdict),
}

/// A job whose closure may borrow: it runs on the caller's thread, which is lent the connection.
struct Loan {
    steps: Sender<Step>,
    returned: Receiver<(Box<Conn>, Ended)>,
}

impl Job for Loan {
    fn run(&mut self, conn: Box<Conn>, alone: bool) -> (Option<Box<Conn>>, Ended) {
        let lent = self.steps.send(Step::Turn(conn, alone));
        if let Err(mpsc::SendError(Step::Turn(conn, _))) = lent {
            return (Some(conn), Ended::Cleanly);
        }
        match self.returned.recv() {
            Ok((conn, ended)) => (Some(conn), ended),
            Err(_) => (None, Ended::Broken),
        }
    }
    fn answer(self: Box<Self>, verdict: Verdict) {
        drop(self.steps.send(Step::End(verdict)));
    }
}

/// Counts one who waits for an answer, however that ends.
struct Queued(Arc<AtomicI64>);

impl Queued {
    fn one(queued: &Arc<AtomicI64>) -> Self {
        queued.fetch_add(1, Ordering::Relaxed);
        Self(queued.clone())
    }
}
impl Drop for Queued {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The writer's handle.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Job>>>,
    queued: Arc<AtomicI64>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Opens the writing connection and starts the thread.
    pub(super) fn start(manager: Manager) -> Result<Self> {
        let conn = Box::new(manager.open()?);
        let (queue, jobs) = mpsc::sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || serve(&manager, conn, &jobs))
            .map_err(Problem::internal)?;
        Ok(Self { queue: Some(queue), queued: Arc::default(), thread: Some(thread) })
    }
    /// How many wait for their answer.
    pub(super) fn queued(&self) -> i64 {
        self.queued.load(Ordering::Relaxed)
    }
    fn queue(&self) -> &SyncSender<Box<dyn Job>> {
        self.queue.as_ref().expect("invariant: the queue is there until the handle is dropped")
    }
    /// Runs `f` and waits, without holding a thread, until its changes are on the disk.
    pub(super) async fn run<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        let _one_more = Queued::one(&self.queued);
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Call {
            f,
            behalf: Behalf::now(),
            result: None,
            notes: Notes::default(),
            reply,
        });
        self.queue().try_send(job).map_err(|e| match e {
            TrySendError::Full(_) => busy(),
            TrySendError::Disconnected(_) => gone(),
        })?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
    /// The same for a thread that may wait; `f` runs on it, and may borrow.
    pub(super) fn run_now<T>(&self, f: &impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        let _one_more = Queued::one(&self.queued);
        let (steps, turns) = mpsc::channel();
        let (back, returned) = mpsc::channel();
        self.queue().send(Box::new(Loan { steps, returned })).map_err(|_| gone())?;
        let (mut last, mut notes) = (None, Notes::default());
        loop {
            match turns.recv() {
                Ok(Step::Turn(mut conn, alone)) => {
                    drop(Notes::take());
                    let (ended, result) = attempt(&mut conn, alone, f);
                    notes = Notes::take();
                    last = Some(result);
                    drop(back.send((conn, ended)));
                }
                Ok(Step::End(verdict)) => {
                    let result = last.map(|r| r.unwrap_or_else(|panic| resume_unwind(panic)));
                    let result = verdict.over(result);
                    if result.is_ok() {
                        notes.tell();
                    }
                    return result;
                }
                Err(_) => return Err(gone()),
            }
        }
    }
}

impl Drop for Writer {
    /// Finishes what is waiting, so that the file may be moved or read by others afterwards.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            drop(thread.join());
        }
    }
}

fn serve(manager: &Manager, conn: Box<Conn>, queue: &Receiver<Box<dyn Job>>) {
    let mut conn = Some(conn);
    // Jobs of a batch that has to be run again; `alone`: one to a commit, to find the culprit.
    let (mut again, mut alone): (Vec<Box<dyn Job>>, bool) = (Vec::new(), false);
    loop {
        let mut batch = std::mem::take(&mut again);
        if alone && batch.len() > 1 {
            again = batch.split_off(1);
        } else if batch.is_empty() {
            alone = false;
            let Ok(job) = queue.recv() else { return };
            batch.push(job);
        }
        while !alone && batch.len() < TOGETHER {
            let Ok(job) = queue.try_recv() else { break };
            batch.push(job);
        }
        let open = conn.take().map_or_else(|| manager.open().map(Box::new), Ok);
        let round = match open {
            Ok(open) => round(open, batch),
            Err(problem) => Round::lost(batch, problem),
        };
        conn = round.conn;
        alone = alone || round.alone;
        again.splice(0..0, round.again);
    }
}

/// What one transaction left behind.
struct Round {
    /// `None`: to be opened anew.
    conn: Option<Box<Conn>>,
    again: Vec<Box<dyn Job>>,
    alone: bool,
}

impl Round {
    fn lost(batch: Vec<Box<dyn Job>>, problem: Problem) -> Self {
        let problem = Arc::new(problem);
        let verdicts = std::iter::repeat_n(problem, batch.len());
        for (job, problem) in batch.into_iter().zip(verdicts) {
            job.answer(Verdict::Failed(problem));
        }
        Self { conn: None, again: Vec::new(), alone: false }
    }
}

fn round(conn: Box<Conn>, mut batch: Vec<Box<dyn Job>>) -> Round {
    let mut conn = conn;
    if let Err(problem) = begin_patiently(&mut conn) {
        return Round::lost(batch, problem);
    }
    let alone = batch.len() == 1;
    for place in 0..batch.len() {
        let (back, ended) = batch[place].run(conn, alone);
        match (back, ended) {
            (Some(back), Ended::Cleanly) => conn = back,
            (Some(back), Ended::Undone) => {
                batch.remove(place).answer(Verdict::Settled);
                return Round { conn: Some(back), again: batch, alone: false };
            }
            _ => {
                batch.remove(place).answer(Verdict::Settled);
                return Round { conn: None, again: batch, alone: false };
            }
        }
    }
    match commit(&mut conn) {
        Ok(()) => {
            batch.into_iter().for_each(|job| job.answer(Verdict::Settled));
            Round { conn: Some(conn), again: Vec::new(), alone: false }
        }
        // A deferred foreign key of one of them: find out whose.
        Err(p) if batch.len() > 1 && constraint(&p).is_some_and(|c| c == FOREIGN_KEY) => {
            Round { conn: None, again: batch, alone: true }
        }
        Err(p) if p.kind() == Kind::Internal && constraint(&p).is_none() => {
            let unknown = Problem::new(Kind::Unavailable, "The commit was not confirmed.");
            Round::lost(batch, unknown.because(p))
        }
        Err(p) => Round::lost(batch, p),
    }
}

fn begin_patiently(conn: &mut Conn) -> Result<()> {
    let mut tries = 1;
    loop {
        match begin(conn, Isolation::Guarded) {
            Err(p) if tries < BEGINS && is_transient(&p) => tries += 1,
            result => return result,
        }
    }
}
