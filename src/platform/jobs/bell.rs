//! Wakes waiting workers when there may be work.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Rung whenever a job is enqueued. Clones are the same bell.
#[derive(Clone, Default)]
pub struct Bell(Arc<(Mutex<u64>, Condvar)>);

impl Bell {
    /// A bell that nobody hears yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// Wakes all who wait. It is rung inside of transactions: what it announces may be visible
    /// only a little later.
    pub fn ring(&self) {
        let (count, changed) = &*self.0;
        let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
        *count = count.wrapping_add(1);
        changed.notify_all();
    }
    /// How often it was rung so far.
    pub(super) fn count(&self) -> u64 {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Waits until it was rung after `seen` times, or the time is over; whether it was rung.
    pub(super) fn wait(&self, seen: u64, longest: Duration) -> bool {
        let (count, changed) = &*self.0;
        let guard = count.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(guard, longest, |now| *now == seen);
        waited.is_ok_and(|(_, over)| !over.timed_out())
    }
    /// Waits until the time is over, or `ended` says so when it is rung: whoever else rings.
    pub(super) fn sit_out(&self, longest: Duration, ended: impl Fn() -> bool) {
        let (count, changed) = &*self.0;
        let guard = count.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_timeout_while(guard, longest, |_| !ended()));
    }
}
