//! When a job runs again, and when it is given up.

use super::model::Outcome;
use crate::kernel::ids::JobId;

/// How long to wait between tries, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// After the first failure; it doubles with each further one.
    pub first: i64,
    /// Never longer than this.
    pub longest: i64,
}

/// One try of one job.
#[derive(Debug, Clone, Copy)]
pub struct Try {
    /// Of which job.
    pub job: JobId,
    /// The how manieth, from 1 on.
    pub attempts: i32,
    /// The last one allowed.
    pub max_attempts: i32,
    /// Seconds between the runs of a periodic job.
    pub every: Option<i64>,
}

/// What becomes of the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is over.
    Done,
    /// It runs again in so many seconds.
    Again {
        /// From now on.
        seconds: i64,
        /// Whether its tries are counted from the start.
        anew: bool,
        /// What went wrong, if anything did.
        error: Option<String>,
    },
    /// It waits for a person.
    Dead(String),
}

/// Longest error that is kept, in characters.
const ERROR_MAX: usize = 500;

/// The pause after this many failures: doubling, capped, and spread over its upper half, so that
/// those that failed together do not come back together. The same for the same job and try.
pub fn pause(backoff: Backoff, job: JobId, failures: i32) -> i64 {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(0).min(40);
    let whole = backoff.first.max(1).saturating_mul(1 << doublings).min(backoff.longest.max(1));
    let half = whole / 2;
    whole - i64::try_from(spread(job, failures) % (half.unsigned_abs() + 1)).unwrap_or(0)
}

/// Bits that differ between jobs and tries: the random tail of the id, stirred (splitmix64).
fn spread(job: JobId, failures: i32) -> u64 {
    let z = job.uuid().as_u64_pair().1 ^ u64::from(failures.unsigned_abs());
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Whether this try is one too many: its predecessors all ended without an outcome.
pub fn is_exhausted(this: &Try) -> bool {
    this.every.is_none() && this.attempts > this.max_attempts
}

/// What becomes of a job after a try with this outcome. A periodic job is never given up: the
/// next time is another chance, and its error stays to be seen until a run succeeds.
pub fn after(outcome: Outcome, this: &Try, backoff: Backoff) -> Step {
    let wait = pause(backoff, this.job, this.attempts);
    match (outcome, this.every) {
        (Outcome::Done, None) => Step::Done,
        (Outcome::Done, Some(every)) => Step::Again { seconds: every, anew: true, error: None },
        (Outcome::Retry(error), Some(every)) => {
            Step::Again { seconds: wait.min(every), anew: false, error: Some(short(&error)) }
        }
        (Outcome::GiveUp(error), Some(every)) => {
            Step::Again { seconds: every, anew: false, error: Some(short(&error)) }
        }
        (Outcome::Retry(error), None) if this.attempts < this.max_attempts => {
            Step::Again { seconds: wait, anew: false, error: Some(short(&error)) }
        }
        (Outcome::Retry(error) | Outcome::GiveUp(error), None) => Step::Dead(short(&error)),
    }
}

/// One line of bounded length: what comes from elsewhere must not forge lines of a log.
fn short(error: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    error.chars().map(clean).take(ERROR_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::IdSource;
    use crate::kernel::time::Instant;
    use proptest::prelude::*;

    const BACKOFF: Backoff = Backoff { first: 5, longest: 3600 };

    fn a_try(attempts: i32, every: Option<i64>) -> Try {
        let now = Instant::from_micros(1_800_000_000_000_000).expect("in range");
        Try { job: IdSource::seeded(1).next(now), attempts, max_attempts: 3, every }
    }
    fn error(text: &str) -> Option<String> {
        Some(text.into())
    }

    #[test]
    fn a_job_is_tried_to_the_last_and_then_waits_for_a_person() {
        let again = |step| matches!(step, Step::Again { anew: false, error: Some(_), .. });
        let retry = || Outcome::Retry("away".into());
        assert!(again(after(retry(), &a_try(1, None), BACKOFF)));
        assert!(again(after(retry(), &a_try(2, None), BACKOFF)));
        assert_eq!(after(retry(), &a_try(3, None), BACKOFF), Step::Dead("away".into()));
        assert_eq!(after(Outcome::Done, &a_try(3, None), BACKOFF), Step::Done);
        let refused = Outcome::GiveUp("no\r\nsuch\0box".into());
        assert_eq!(after(refused, &a_try(1, None), BACKOFF), Step::Dead("no  such box".into()));
        assert!(!is_exhausted(&a_try(3, None)));
        assert!(is_exhausted(&a_try(4, None)));
    }

    #[test]
    fn a_periodic_job_is_never_given_up() {
        let done = after(Outcome::Done, &a_try(1, Some(60)), BACKOFF);
        assert_eq!(done, Step::Again { seconds: 60, anew: true, error: None });
        let failed = after(Outcome::Retry("x".into()), &a_try(50, Some(60)), BACKOFF);
        assert_eq!(failed, Step::Again { seconds: 60, anew: false, error: error("x") });
        let refused = after(Outcome::GiveUp("x".into()), &a_try(1, Some(60)), BACKOFF);
        assert_eq!(refused, Step::Again { seconds: 60, anew: false, error: error("x") });
        assert!(!is_exhausted(&a_try(50, Some(60))));
    }

    proptest! {
        #[test]
        fn pauses_double_up_to_the_cap(
            bits in any::<u128>(),
            failures in 1..i32::MAX,
            first in 1..10_000i64,
            longest in 1..i64::MAX,
        ) {
            let job = JobId::from_uuid(uuid::Uuid::from_u128(bits));
            let pause = pause(Backoff { first, longest }, job, failures);
            let doublings = u32::try_from(failures - 1).expect("positive").min(40);
            let whole = (first << doublings).min(longest);
            prop_assert!(pause <= whole && pause >= whole - whole / 2, "{pause} of {whole}");
            prop_assert!(pause >= 1);
        }
    }

    #[test]
    fn jobs_that_failed_together_do_not_come_back_together() {
        let ids = IdSource::seeded(7);
        let now = Instant::from_micros(1_800_000_000_000_000).expect("in range");
        let pauses: std::collections::BTreeSet<i64> =
            (0..100).map(|_| pause(BACKOFF, ids.next(now), 10)).collect();
        assert!(pauses.len() > 80, "{} of 100 differ", pauses.len());
    }
}
