//! What happens later.

use super::service;
use crate::kernel::ids::{ApplicationId, PersonId};
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Sets the review of somebody aside who declared a conflict.
pub const CONFLICT_DECLARED: &str = "reviews.conflict_declared";

/// What runs them.
pub const JOBS: &[Kind] = &[Kind::new(CONFLICT_DECLARED, conflict_declared)];

#[derive(Deserialize)]
struct Declared {
    application_id: ApplicationId,
    person_id: PersonId,
}

fn conflict_declared(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, CONFLICT_DECLARED, |conn, ctx, told: &Declared| {
        service::set_aside_for_conflict(conn, ctx, told.application_id, told.person_id)
    })
}
