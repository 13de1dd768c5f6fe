//! A job, what runs it, and what came of it.

use crate::kernel::ids::JobId;
use crate::kernel::problem::{Kind as ProblemKind, Problem};
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The version of payloads that this program writes and reads.
pub const PAYLOAD_VERSION: i64 = 1;

text_enum! {
    /// Where a job is: `ready → running → done`, back to `ready` for another try, or `dead`.
    pub enum JobStatus {
        /// Waits for its time.
        Ready = "ready",
        /// Held by a worker until its lease ends.
        Running = "running",
        /// Carried out.
        Done = "done",
        /// Given up; waits for a person.
        Dead = "dead",
    }
}

/// A job to be enqueued.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What is to be done, for example `mail.send`.
    pub kind: &'static str,
    /// With what: an object. `"v": 1` is added.
    pub payload: Value,
    /// Not before this moment.
    pub run_at: Instant,
    /// A job with the same key that is not yet purged makes this one superfluous.
    pub dedupe: Option<String>,
}

/// A job in the hands of its handler.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id; the same on each try.
    pub id: JobId,
    /// What is to be done.
    pub kind: String,
    /// With what.
    pub payload: Value,
    /// With what nobody else may read, sealed for this job.
    pub sealed: Option<Vec<u8>>,
    /// Which try this is, from 1 on.
    pub attempts: i32,
    /// When it was enqueued.
    pub created_at: Instant,
}

impl Job {
    /// The payload as the handler's type.
    ///
    /// # Errors
    /// [`Outcome::GiveUp`] for another version, or what does not fit: no repetition mends either.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Outcome> {
        let version = self.payload.get("v").and_then(Value::as_i64);
        if version != Some(PAYLOAD_VERSION) {
            let found = version.map_or_else(|| "none".into(), |v| v.to_string());
            let text = format!("version of the payload: {found}; this program reads 1");
            return Err(Outcome::GiveUp(text));
        }
        // The message would quote values; the line and column do for finding the field.
        T::deserialize(&self.payload).map_err(|e| {
            let kind = if e.is_data() { "has a wrong or missing field" } else { "cannot be read" };
            Outcome::GiveUp(format!("the payload {kind}"))
        })
    }
}

/// What came of one try. The texts are for operators: no secrets, no mail bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Carried out.
    Done,
    /// Not now; try again later.
    Retry(String),
    /// Never; a person has to look.
    GiveUp(String),
}

/// A use-case's result as a job's: faults of ours and of the surroundings are tried again, and so
/// is what somebody changed meanwhile; what the rules refuse will be refused again.
impl From<crate::kernel::Result<()>> for Outcome {
    fn from(result: crate::kernel::Result<()>) -> Self {
        match result {
            Ok(()) => Outcome::Done,
            Err(problem) => problem.into(),
        }
    }
}
impl From<Problem> for Outcome {
    fn from(problem: Problem) -> Self {
        if let Some(cause) = problem.cause() {
            tracing::warn!(cause = %cause, "a job met a fault");
        }
        let text = problem.to_string();
        let again = problem.status() >= 500 || problem.kind() == ProblemKind::EditedMeanwhile;
        if again { Outcome::Retry(text) } else { Outcome::GiveUp(text) }
    }
}

/// A job that was given up, as admins see it: without its payload, which may hold secrets.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DeadJob {
    /// Its id.
    pub id: JobId,
    /// What was to be done.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i32,
    /// What went wrong at last.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: Instant,
    /// When it was given up.
    pub finished_at: Option<Instant>,
}

/// The queue in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Jobs whose time has come and that nobody has taken yet.
    pub ready: i64,
    /// How many seconds the oldest of them waits.
    pub oldest_seconds: i64,
    /// Jobs given up.
    pub dead: i64,
    /// Jobs that wait for a later time.
    pub scheduled: i64,
    /// Jobs in the hands of a worker.
    pub running: i64,
    /// Mails that have not left, those that were given up not counted.
    pub mails: i64,
}

/// A job that is neither done nor waiting for a later time; for tests that prove there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// What was to be done.
    pub kind: String,
    /// Where it is.
    pub status: JobStatus,
    /// What went wrong at last.
    pub last_error: Option<String>,
}
