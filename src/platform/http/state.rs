//! What every handler shares.

use super::caller::{Credential, Identity};
use super::metrics::Metrics;
use super::stream::Places;
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::auth::limits::Limits;
use crate::platform::auth::password::Hasher;
use crate::platform::authz::Action;
use crate::platform::context::{Ctx, Env};
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
    /// How many long answers may be written at once.
    pub places: Places,
    /// Counters.
    pub metrics: Metrics,
}

impl State {
    /// Counts one try by the counter of the action's row: of an account, where one is named.
    ///
    /// # Errors
    /// Too many requests, with the seconds to wait.
    pub fn tried(&self, ctx: &Ctx, action: Action, account: Option<&str>) -> Result<()> {
        let none = || Problem::internal(format!("{} is counted by no counter", action.as_str()));
        let door = action.rule().pace.ok_or_else(none)?;
        self.limits.check(door, account, ctx.address.as_deref())
    }
}

/// As handlers take it.
pub type App = actix_web::web::Data<State>;
