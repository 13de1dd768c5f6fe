//! Routes of applications.

mod agendas;
mod applications;
mod decisions;
mod merges;
mod nominations;
mod team;

use super::model::Application;
use crate::kernel::Result;
use crate::platform::http::Done;
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the routes.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    applications::routes(cfg);
    decisions::routes(cfg);
    team::routes(cfg);
    agendas::routes(cfg);
    merges::routes(cfg);
    nominations::routes(cfg);
}

fn changed(application: &Application) -> Result<Done> {
    Ok(Done::ok(application)?.version(application.version))
}
