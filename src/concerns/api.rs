//! Routes of the lane.

mod applicant;
mod group;
mod lane;

use crate::platform::http::Routes;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    group::routes(cfg);
    applicant::routes(cfg);
    lane::routes(cfg);
}
