//! What happens later.

use super::service;
use crate::kernel::problem;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};

/// Lets open applications lapse whose time is over.
pub const LAPSE: &str = "applications.lapse";
/// Reminds, moves promised days before they are missed, and tells of what is missed.
pub const CLOCK: &str = "applications.clock";
/// The same for what further calls promised.
pub const ROUTES: &str = "applications.routes";
/// Applications looked at in one read.
const BATCH: i64 = 200;

/// The background work of this room.
pub const JOBS: &[Kind] = &[
    Kind::new(LAPSE, lapse).every(3600),
    Kind::new(CLOCK, clock).every(3600),
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

/// Carries out [`LAPSE`]: each application in a transaction of its own.
pub fn lapse(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx("application lapse");
    let mut after = None;
    loop {
        let read = {
            let ctx = ctx.clone();
            desk.db
                .read_now("applications.aged", move |conn| service::aged(conn, &ctx, after, BATCH))
        };
        let rows = match read {
            Ok(rows) => rows,
            Err(problem) => return problem.into(),
        };
        let Some((last, _)) = rows.last() else { return Outcome::Done };
        after = Some(*last);
        for (id, _) in rows.into_iter().filter(|(_, over)| *over) {
            let ctx = ctx.clone();
            let lapsed = desk.db.write_now(LAPSE, move |conn| service::lapse(conn, &ctx, id));
            match lapsed {
                // It was decided on a moment ago.
                Err(problem) if problem.kind() == problem::Kind::WrongState => {}
                Err(problem) => return problem.into(),
                Ok(_) => {}
            }
        }
    }
}
