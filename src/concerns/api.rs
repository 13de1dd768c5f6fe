//! Routes of the lane.

mod applicant;
mod group;
mod lane;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the routes.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    group::routes(cfg);
    applicant::routes(cfg);
    lane::routes(cfg);
}
