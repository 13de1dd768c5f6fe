//! What happens later.

use super::service;
use crate::kernel::problem;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};

/// Closes dated calls once their last day is over.
pub const CLOSE: &str = "calls.close";
/// Calls closed in one run.
const BATCH: i64 = 200;

/// The background work of this room.
pub const JOBS: &[Kind] = &[Kind::new(CLOSE, close).every(3600)];

/// Carries out [`CLOSE`]. Until it runs, the days already keep applications out.
pub fn close(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx("call closing");
    let over = {
        let ctx = ctx.clone();
        desk.db.read_now("calls.over", move |conn| service::over(conn, &ctx, BATCH))
    };
    let over = match over {
        Ok(over) => over,
        Err(problem) => return problem.into(),
    };
    for id in over {
        let ctx = ctx.clone();
        let closed = desk.db.write_now(CLOSE, move |conn| service::close(conn, &ctx, id));
        match closed {
            // Somebody was faster.
            Err(problem) if problem.kind() == problem::Kind::WrongState => {}
            Err(problem) => return problem.into(),
            Ok(_) => {}
        }
    }
    Outcome::Done
}
