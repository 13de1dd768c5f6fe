//! Puts the service together. `main` and the tests build it the same way.

use crate::kernel::Result;
use crate::kernel::ids::IdSource;
use crate::kernel::time::Clock;
use crate::people;
use crate::platform::auth::keys::Keys;
use crate::platform::config::Config;
use crate::platform::context::Env;
use crate::platform::db::{Db, migrate};
use crate::platform::http::{App, State, metrics::Metrics};
use std::sync::Arc;

/// Which job each event starts: the only way upward through the house.
pub const SUBSCRIPTIONS: &[(&str, &str)] = &[];

/// What the service is started with.
pub fn environment(config: Config, clock: Clock, ids: IdSource) -> Result<Arc<Env>> {
    let keys = Keys::load(&config.keys_file(), true)?;
    Ok(Arc::new(Env { config, clock, ids, keys, subscriptions: SUBSCRIPTIONS }))
}

/// Opens the database; the embedded one is migrated at once, PostgreSQL by `almoner migrate`.
pub fn database(config: &Config) -> Result<Db> {
    let db = Db::open(config)?;
    if !db.is_postgres() {
        migrate::migrate(&db)?;
    }
    Ok(db)
}

/// What every handler shares.
pub fn state(env: Arc<Env>, db: Db) -> App {
    let identify = people::service::identify;
    App::new(State { db, env, identify, metrics: Metrics::default() })
}
