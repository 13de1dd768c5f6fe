//! What happens to offers later: they lapse, or end with their application.

use crate::kernel::ids::{ApplicationId, PersonId};
use crate::kernel::problem::Kind as ProblemKind;
use crate::offers::service;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Releases what is over its time.
pub const LAPSE: &str = "offers.lapse";
/// Releases what an ended application leaves open.
pub const APPLICATION_ENDED: &str = "offers.application_ended";

/// Releases what somebody offered before they declared a conflict.
pub const CONFLICT_DECLARED: &str = "offers.conflict_declared";

/// What runs them.
pub const JOBS: &[Kind] = &[
    Kind::new(LAPSE, lapse).every(60),
    Kind::new(APPLICATION_ENDED, application_ended),
    Kind::new(CONFLICT_DECLARED, conflict_declared),
];

/// Offers looked at in one run; the next run takes the next.
const BATCH: i64 = 200;

/// One transaction each, so that one that cannot be released does not hold up the others.
fn lapse(desk: &Desk, _: &Job) -> Outcome {
    let ctx = desk.ctx(LAPSE);
    let due = match desk.db.read_now("offers.overdue", |conn| service::overdue(conn, &ctx, BATCH)) {
        Ok(due) => due,
        Err(problem) => return problem.into(),
    };
    let mut failed = None;
    for id in due {
        let done = desk.db.write_now(LAPSE, |conn| service::lapse(conn, &ctx, id));
        failed = done.err().filter(|p| p.kind() != ProblemKind::WrongState).or(failed);
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
    let ctx = desk.ctx(APPLICATION_ENDED);
    let done = desk.db.write_now("offers.application_ended", move |conn| {
        service::end_of_application(conn, &ctx, heard.application_id).map(|_| ())
    });
    done.into()
}

#[derive(Deserialize)]
struct Declared {
    application_id: ApplicationId,
    person_id: PersonId,
}

fn conflict_declared(desk: &Desk, job: &Job) -> Outcome {
    let heard = match outbox::heard::<Declared>(job) {
        Ok(heard) => heard.data,
        Err(outcome) => return outcome,
    };
    let ctx = desk.ctx(CONFLICT_DECLARED);
    let (application, person) = (heard.application_id, heard.person_id);
    let done = desk.db.write_now(CONFLICT_DECLARED, |conn| {
        service::end_of_impartiality(conn, &ctx, application, person).map(|_| ())
    });
    done.into()
}
