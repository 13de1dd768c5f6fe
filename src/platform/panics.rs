//! What a panic leaves behind: one line of the log, with its place and the request that met it, and
//! none of its words, which may hold what somebody typed.

use crate::kernel::Result;
use crate::kernel::ids::RequestId;
use crate::kernel::problem::Problem;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

thread_local! {
    static WORKS_FOR: Cell<Behalf> = const { Cell::new(Behalf(None)) };
}

/// For which request a thread works, if for one.
#[derive(Debug, Clone, Copy)]
pub struct Behalf(Option<RequestId>);

impl Behalf {
    /// What this thread works for now; to be taken along to another one.
    pub fn now() -> Self {
        WORKS_FOR.get()
    }
    /// Works for it, until `work` ends, by a panic too.
    pub fn scope<T>(self, work: impl FnOnce() -> T) -> T {
        struct Before(Behalf);
        impl Drop for Before {
            fn drop(&mut self) {
                WORKS_FOR.set(self.0);
            }
        }
        let _before = Before(WORKS_FOR.replace(self));
        work()
    }
}

/// The cause of a problem that was a panic: the log has a line about it already.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("it panicked: the line before says where")]
struct Panicked;

/// What is answered where something panicked.
pub fn problem() -> Problem {
    Problem::internal(Panicked)
}

/// Whether the log has its line about this problem already.
pub fn is_told(problem: &Problem) -> bool {
    problem.cause().is_some_and(|cause| cause.is::<Panicked>())
}

/// From now on a panic is a line of the log, instead of several that are no lines of it. What
/// writes the log must not panic itself: a panic in here ends the process.
pub fn tell() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let request_id = WORKS_FOR.try_with(Cell::get).ok().and_then(|behalf| behalf.0);
        let request_id = request_id.map(|id| id.to_string());
        let thread = std::thread::current();
        tracing::error!(request_id, place, thread = thread.name(), "panicked");
    }));
}

/// Waits for it on behalf of a request; a panic is a problem.
pub async fn caught<T>(request: RequestId, work: impl Future<Output = T>) -> Result<T> {
    let behalf = Behalf(Some(request));
    let mut work = pin!(work);
    std::future::poll_fn(|cx| {
        let poll = || catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
        match behalf.scope(poll) {
            Ok(poll) => poll.map(Ok),
            Err(_) => std::task::Poll::Ready(Err(problem())),
        }
    })
    .await
}

/// Runs what waits, on a thread that may, for what this one works for; a panic is a problem.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let behalf = Behalf::now();
    let done = tokio::task::spawn_blocking(move || behalf.scope(work)).await;
    done.map_err(|e| if e.is_panic() { problem() } else { Problem::internal(e) })
}
