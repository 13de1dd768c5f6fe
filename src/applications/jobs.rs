//! What happens later.

use super::service;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};

/// Reminds, moves promised days before they are missed, and tells of what is missed.
pub const CLOCK: &str = "applications.clock";
/// Reminds of appeals, and promises another day before one is missed.
pub const APPEALS: &str = "applications.appeals";
/// The same for what further calls promised.
pub const ROUTES: &str = "applications.routes";
/// Applications looked at in one read.
const BATCH: i64 = 200;

/// The background work of this room.
pub const JOBS: &[Kind] = &[
    Kind::new(CLOCK, clock).every(3600),
    Kind::new(APPEALS, appeals).every(3600),
    Kind::new(ROUTES, routes).every(3600),
];

/// Carries out [`CLOCK`]: some at a time, each lot with the mails about it in one transaction.
pub fn clock(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx("decision clock");
    loop {
        let (reads, writes) = (ctx.clone(), ctx.clone());
        let due = desk.db.read_now(CLOCK, move |conn| service::due(conn, &reads, BATCH));
        let due = match due {
            Ok(due) if due.is_empty() => return Outcome::Done,
            Ok(due) => due,
            Err(problem) => return problem.into(),
        };
        let run = desk.db.write_now(CLOCK, move |conn| service::run(conn, &writes, due.clone()));
        if let Err(problem) = run {
            return problem.into();
        }
    }
}

/// Carries out [`ROUTES`], in the same way.
pub fn routes(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx("decision clock");
    loop {
        let (reads, writes) = (ctx.clone(), ctx.clone());
        let due = desk.db.read_now(ROUTES, move |conn| service::due_routes(conn, &reads, BATCH));
        let due = match due {
            Ok(due) if due.is_empty() => return Outcome::Done,
            Ok(due) => due,
            Err(problem) => return problem.into(),
        };
        let run =
            desk.db.write_now(ROUTES, move |conn| service::run_routes(conn, &writes, due.clone()));
        if let Err(problem) = run {
            return problem.into();
        }
    }
}

/// Carries out [`APPEALS`]: each in a transaction of its own.
pub fn appeals(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(APPEALS);
    loop {
        let due = desk.db.read_now(APPEALS, |conn| service::due_appeals(conn, &ctx, BATCH));
        match due {
            Ok(due) if due.is_empty() => return Outcome::Done,
            Ok(due) => match desk.each(APPEALS, due, service::run_appeal) {
                Outcome::Done => {}
                other => return other,
            },
            Err(problem) => return problem.into(),
        }
    }
}
