//! What every handler shares.

use super::caller::{Credential, Identity};
use super::metrics::Metrics;
use crate::kernel::Result;
use crate::kernel::time::Instant;
use crate::platform::auth::limits::Limits;
use crate::platform::auth::password::Hasher;
use crate::platform::context::Env;
use crate::platform::db::{Conn, Db};
use std::sync::Arc;

/// Finds out who a credential belongs to; given by the domain that knows people.
pub type Identify = fn(&mut Conn, &Credential, Instant) -> Result<Identity>;

/// What every handler shares.
pub struct State {
    /// The database.
    pub db: Db,
    /// Settings, clock, ids, keys.
    pub env: Arc<Env>,
    /// Who a credential belongs to.
    pub identify: Identify,
    /// Hashes passwords, a few at a time.
    pub hasher: Hasher,
    /// How often doors without a login may be tried.
    pub limits: Limits,
    /// Counters.
    pub metrics: Metrics,
}

/// As handlers take it.
pub type App = actix_web::web::Data<State>;
