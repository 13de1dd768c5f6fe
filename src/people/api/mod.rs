//! Routes about people.

mod auth;
mod factor;
mod me;
mod people;
mod views;

use crate::platform::http::Routes;

/// Registers them.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    auth::routes(cfg);
    factor::routes(cfg);
    me::routes(cfg);
    people::routes(cfg);
}
