//! Routes about people.

mod auth;
mod factor;
mod me;
mod people;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers them.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    auth::routes(cfg);
    factor::routes(cfg);
    me::routes(cfg);
    people::routes(cfg);
}
