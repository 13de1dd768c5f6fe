//! Routes of applications.

mod agendas;
mod appeals;
mod applications;
mod clock;
mod decisions;
mod files;
mod merges;
mod nominations;
mod routes;
mod team;
mod versions;

use super::model::Application;
use crate::kernel::Result;
use crate::platform::http::Done;
use crate::platform::http::Routes;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    applications::routes(cfg);
    decisions::routes(cfg);
    files::routes(cfg);
    clock::routes(cfg);
    appeals::routes(cfg);
    team::routes(cfg);
    agendas::routes(cfg);
    versions::routes(cfg);
    merges::routes(cfg);
    nominations::routes(cfg);
    routes::routes(cfg);
}

fn changed(application: &Application) -> Result<Done> {
    Ok(Done::ok(application)?.version(application.version))
}
