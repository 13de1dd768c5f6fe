//! What happens later.

use super::service;
use crate::platform::jobs::{Desk, Job, Kind, Outcome};
use crate::platform::outbox;
use serde::Deserialize;

/// Links budgets with an agenda that one of their words is the slug of.
pub const AGENDA_CREATED: &str = "budgets.agenda_created";

/// The background work of this room.
pub const JOBS: &[Kind] = &[Kind::new(AGENDA_CREATED, agenda_created)];

#[derive(Deserialize)]
struct Told {
    slug: String,
}

fn agenda_created(desk: &Desk, job: &Job) -> Outcome {
    outbox::listen(desk, job, AGENDA_CREATED, |conn, _, told: &Told| {
        service::link_agenda(conn, &told.slug)
    })
}
