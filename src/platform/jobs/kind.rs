//! Which handler runs which jobs, and how.

use super::model::{Job, Outcome};
use super::runner::Desk;

/// What runs the jobs of one kind.
pub struct Kind {
    pub(super) name: &'static str,
    pub(super) run: Handler,
    pub(super) every: Option<i64>,
    pub(super) max_attempts: Option<i32>,
    pub(super) private: bool,
}

/// Kinds of jobs, a list from each room.
pub type Kinds = &'static [&'static [Kind]];

/// Does what a job asks, on a thread that may wait, outside of every transaction. It may run twice
/// for one job.
pub type Handler = fn(&Desk, &Job) -> Outcome;

impl Kind {
    /// Jobs of this name are run by this handler. A panic in it counts as [`Outcome::Retry`].
    pub const fn new(name: &'static str, run: Handler) -> Self {
        Self { name, run, every: None, max_attempts: None, private: false }
    }
    /// The name of its jobs.
    pub const fn name(&self) -> &'static str {
        self.name
    }
    /// Runs by itself, again this many seconds after the last time. At most one such job is
    /// waiting or running, whatever the number of processes.
    #[must_use]
    pub const fn every(mut self, seconds: i64) -> Self {
        self.every = Some(seconds);
        self
    }
    /// Another number of tries than the setting `jobs.max_attempts`.
    #[must_use]
    pub const fn max_attempts(mut self, tries: i32) -> Self {
        self.max_attempts = Some(tries);
        self
    }
    /// The payload holds what must not be kept: it is wiped once the job is done.
    #[must_use]
    pub const fn private(mut self) -> Self {
        self.private = true;
        self
    }
}
