//! What happens later.

use super::service::{self, Firm};
use crate::kernel::Result;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};

/// Reminds, moves promised days before they are missed, and tells of what is missed. The room of
/// offers runs it, as [`ROUTES`]: whether a day may be moved on goes by what is offered.
pub const CLOCK: &str = "applications.clock";
/// Reminds of appeals, and promises another day before one is missed.
pub const APPEALS: &str = "applications.appeals";
/// The same for what further calls promised.
pub const ROUTES: &str = "applications.routes";
/// Reminds of invitations that nobody has answered.
pub const INVITATIONS: &str = "applications.invitations";
/// Reminds of nominations, and tells of those that nobody answered in time.
pub const NOMINATIONS: &str = "applications.nominations";
/// Reminds of changes that were asked for.
pub const CHANGES: &str = "applications.changes";
/// Applications looked at in one read.
const BATCH: i64 = 200;

/// The background work of this room.
pub const JOBS: &[Kind] = &[
    Kind::new(APPEALS, appeals).every(3600),
    Kind::new(INVITATIONS, invitations).every(3600),
    Kind::new(NOMINATIONS, nominations).every(3600),
    Kind::new(CHANGES, changes).every(3600),
];

/// Carries out [`CLOCK`].
pub fn clock(desk: &Desk, firm: Firm) -> Outcome {
    let run = |conn: &mut Conn, ctx: &Ctx, lot| service::run(conn, ctx, lot, firm);
    in_lots(desk, CLOCK, service::due, run)
}

/// Carries out [`ROUTES`].
pub fn routes(desk: &Desk, firm: Firm) -> Outcome {
    let run = |conn: &mut Conn, ctx: &Ctx, lot| service::run_routes(conn, ctx, lot, firm);
    in_lots(desk, ROUTES, service::due_routes, run)
}

/// Does what is due, some at a time, each lot with the mails about it in one transaction. Of a lot
/// that fails each is done alone: one that cannot be done is told of, and keeps nothing behind it.
fn in_lots<T: Clone + PartialEq + Send + 'static>(
    desk: &Desk,
    name: &'static str,
    due: fn(&mut Conn, &Ctx, i64) -> Result<Vec<T>>,
    run: impl Fn(&mut Conn, &Ctx, Vec<T>) -> Result<()>,
) -> Outcome {
    let ctx = desk.ctx("decision clock");
    let do_it = |lot: &[T]| desk.db.write_now(name, |conn| run(conn, &ctx, lot.to_vec()));
    lot_by_lot(
        || desk.db.read_now(name, |conn| due(conn, &ctx, BATCH)),
        |lot: Vec<T>| match do_it(&lot) {
            Ok(()) => (Outcome::Done, true),
            Err(_) => {
                let mut failed: Vec<_> = lot.chunks(1).filter_map(|one| do_it(one).err()).collect();
                let some = failed.len() < lot.len();
                (failed.pop().map_or(Outcome::Done, Outcome::from), some)
            }
        },
    )
}

/// Carries out [`INVITATIONS`]: each in a transaction of its own. The next run takes the next.
pub fn invitations(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(INVITATIONS);
    match desk.db.read_now(INVITATIONS, |conn| service::silent(conn, &ctx, BATCH)) {
        Ok(due) => desk.each(INVITATIONS, due, service::remind),
        Err(problem) => problem.into(),
    }
}

/// Carries out [`NOMINATIONS`]: each in a transaction of its own. The next run takes the next.
pub fn nominations(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(NOMINATIONS);
    match desk.db.read_now(NOMINATIONS, |conn| service::due_nominations(conn, &ctx, BATCH)) {
        Ok(due) => desk.each(NOMINATIONS, due, service::follow_up),
        Err(problem) => problem.into(),
    }
}

/// Carries out [`CHANGES`]: each in a transaction of its own. The next run takes the next.
pub fn changes(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(CHANGES);
    match desk.db.read_now(CHANGES, |conn| service::changes_missing(conn, &ctx, BATCH)) {
        Ok(due) => desk.each(CHANGES, due, service::remind_of_changes),
        Err(problem) => problem.into(),
    }
}

/// Carries out [`APPEALS`]: each in a transaction of its own.
pub fn appeals(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(APPEALS);
    lot_by_lot(
        || desk.db.read_now(APPEALS, |conn| service::due_appeals(conn, &ctx, BATCH)),
        |due| {
            let outcome = desk.each(APPEALS, due, service::run_appeal);
            let all = outcome == Outcome::Done;
            (outcome, all)
        },
    )
}

/// Goes on until nothing is due, or of all that is due nothing could be done; the last failure, if
/// there was one. `run` tells also whether anything was done.
fn lot_by_lot<T: Clone + PartialEq>(
    due: impl Fn() -> Result<Vec<T>>,
    run: impl Fn(Vec<T>) -> (Outcome, bool),
) -> Outcome {
    let (mut before, mut failed) = (Vec::new(), None);
    loop {
        let lot = match due() {
            Ok(lot) if lot.is_empty() || lot == before => return failed.unwrap_or(Outcome::Done),
            Ok(lot) => lot,
            Err(problem) => return problem.into(),
        };
        let (outcome, some) = run(lot.clone());
        failed = Some(outcome).filter(|outcome| *outcome != Outcome::Done).or(failed);
        before = if some { Vec::new() } else { lot };
    }
}
