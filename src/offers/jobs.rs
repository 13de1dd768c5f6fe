//! What happens to offers later: they lapse, or end with their application.

use crate::kernel::ids::ApplicationId;
use crate::kernel::problem::Kind as ProblemKind;
use crate::offers::service;
use crate::platform::context::Ctx;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Releases what is over its time.
pub const LAPSE: &str = "offers.lapse";
/// Releases what an ended application leaves open.
pub const APPLICATION_ENDED: &str = "offers.application_ended";

/// What runs them.
pub const JOBS: &[Kind] =
    &[Kind::new(LAPSE, lapse).every(60), Kind::new(APPLICATION_ENDED, application_ended)];

/// Offers looked at in one run; the next run takes the next.
const BATCH: i64 = 200;

/// One transaction each, so that one that cannot be released does not hold up the others.
fn lapse(desk: &Desk, _: &Job) -> Outcome {
    let ctx = Ctx::system(&desk.env, LAPSE);
    let at = ctx.clone();
    let due =
        match desk.db.read_now("offers.overdue", move |conn| service::overdue(conn, &at, BATCH)) {
            Ok(due) => due,
            Err(problem) => return problem.into(),
        };
    let mut failed = None;
    for id in due {
        let at = ctx.clone();
        let done = desk.db.write_now("offers.lapse", move |conn| service::lapse(conn, &at, id));
        if let Err(problem) = done {
            if problem.kind() != ProblemKind::WrongState {
                failed = Some(problem);
            }
        }
    }
    failed.map_or(Outcome::Done, Outcome::from)
}

#[derive(Deserialize)]
struct Ended {
    application_id: ApplicationId,
}

fn application_ended(desk: &Desk, job: &Job) -> Outcome {
    let heard = match outbox::heard::<Ended>(job) {
        Ok(heard) => heard.data,
        Err(outcome) => return outcome,
    };
    let ctx = Ctx::system(&desk.env, APPLICATION_ENDED);
    let done = desk.db.write_now("offers.application_ended", move |conn| {
        service::end_of_application(conn, &ctx, heard.application_id).map(|_| ())
    });
    done.into()
}
