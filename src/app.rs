//! Puts the service together. `main` and the tests build it the same way.

use crate::kernel::Result;
use crate::kernel::ids::IdSource;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Clock;
use crate::platform::auth::keys::Keys;
use crate::platform::auth::limits::Limits;
use crate::platform::auth::password::Hasher;
use crate::platform::config::{Config, create_private_dir};
use crate::platform::context::Env;
use crate::platform::db::{Db, migrate};
use crate::platform::http::{App, Places, State, metrics::Metrics};
use crate::platform::jobs::{self, Bell, Kinds, Runner, Workers};
use crate::platform::mail::{self, Mailer};
use crate::{
    agendas, applications, attachments, budgets, calls, comments, concerns, delegations,
    disbursements, discovery, exports, funds, grants, ledger, offers, payees, people, progress,
    publishing, reviews, vouches,
};
use std::sync::Arc;

/// Which job each event starts: the only way upward through the house.
pub const SUBSCRIPTIONS: &[(&str, &str)] = &[
    (agendas::events::AGENDA_CREATED, budgets::jobs::AGENDA_CREATED),
    (applications::events::DECLINED, offers::jobs::APPLICATION_ENDED),
    (applications::events::LAPSED, offers::jobs::APPLICATION_ENDED),
    (applications::events::WITHDRAWN, offers::jobs::APPLICATION_ENDED),
    (applications::events::UNROUTED, offers::jobs::UNROUTED),
    (applications::events::CONFLICT_DECLARED, offers::jobs::CONFLICT_DECLARED),
    (applications::events::SUBMITTED, offers::jobs::AWARDABLE),
    (concerns::events::CLEARED, offers::jobs::CLEARED),
    (people::events::PERSON_SUSPENDED, offers::jobs::FORMER),
    (people::events::ROLE_CHANGED, offers::jobs::FORMER),
    (applications::events::CONFLICT_DECLARED, reviews::jobs::CONFLICT_DECLARED),
    (people::events::PERSON_SUSPENDED, reviews::jobs::FORMER),
    (people::events::PERSON_REACTIVATED, reviews::jobs::FORMER),
    (people::events::ROLE_CHANGED, reviews::jobs::FORMER),
    (applications::events::MERGED, comments::jobs::MERGED),
    (applications::events::CHANGES_REQUESTED, concerns::jobs::CHANGES_REQUESTED),
    (applications::events::ROUTED, concerns::jobs::ROUTED),
    (applications::events::REOPENED, concerns::jobs::REOPENED),
    (applications::events::EMPTIED, concerns::jobs::EMPTIED),
    (payees::events::VERIFIED, grants::jobs::PAYEE_VERIFIED),
    (payees::events::CHANGED, grants::jobs::PAYEE_CHANGED),
    (grants::events::AWARDED, progress::jobs::OPEN),
    (offers::events::RELEASED, publishing::jobs::OFFER_RELEASED),
    (funds::events::CONTRIBUTION_UNDONE, publishing::jobs::CONTRIBUTION_UNDONE),
    (grants::events::AWARDED, publishing::jobs::GRANTED),
    (grants::events::CANCELLED, publishing::jobs::GRANT_CANCELLED),
    (applications::events::DECLINED, publishing::jobs::APPLICATION_ENDED),
    (applications::events::LAPSED, publishing::jobs::APPLICATION_ENDED),
    (applications::events::WITHDRAWN, publishing::jobs::APPLICATION_ENDED),
    (grants::events::RELEASE_UNDONE, disbursements::jobs::RELEASE_UNDONE),
];

/// All background work: what runs the jobs of each kind.
pub const JOBS: Kinds = &[
    &[jobs::PURGE, jobs::REWRAP, mail::jobs::SEND],
    ledger::jobs::JOBS,
    people::jobs::JOBS,
    delegations::jobs::JOBS,
    budgets::jobs::JOBS,
    calls::jobs::JOBS,
    attachments::jobs::JOBS,
    applications::jobs::JOBS,
    vouches::jobs::JOBS,
    reviews::jobs::JOBS,
    concerns::jobs::JOBS,
    comments::jobs::JOBS,
    offers::jobs::JOBS,
    discovery::jobs::JOBS,
    grants::jobs::JOBS,
    disbursements::jobs::JOBS,
    progress::jobs::JOBS,
    publishing::jobs::JOBS,
    exports::jobs::JOBS,
];

/// What the service is started with.
pub fn environment(config: Config, clock: Clock, ids: IdSource) -> Result<Arc<Env>> {
    let unusable = |what: &str, why: String| {
        Problem::new(Kind::Unavailable, format!("The {what} cannot be used.")).because(why)
    };
    create_private_dir(&config.data_dir).map_err(|e| unusable("data folder", e))?;
    let keys = Keys::load(&config.keys_file(), true);
    let keys = keys.map_err(|e| unusable("keys", e.to_string()))?;
    let (mailer, bell) = (Mailer::new(&config)?, Bell::new());
    let subscriptions = SUBSCRIPTIONS;
    Ok(Arc::new(Env { config, clock, ids, keys, subscriptions, mailer, bell }))
}

/// Opens the database; the embedded one is migrated at once, PostgreSQL by `almoner migrate`.
/// Refuses a schema that is newer than this program.
pub fn database(config: &Config) -> Result<Db> {
    let db = Db::open(config)?;
    if db.is_postgres() {
        migrate::pending(&db)?;
    } else {
        migrate::migrate(&db)?;
    }
    Ok(db)
}

/// What every handler shares.
pub fn state(env: Arc<Env>, db: Db) -> App {
    let identify = people::service::identify;
    let hasher = Hasher::new(env.config.auth.hash_parallel);
    let limits = Limits::new(&env.config.auth.limits);
    let places = Places::among(env.config.database.pool_size);
    App::new(State { db, env, identify, metrics: Metrics::default(), hasher, limits, places })
}

/// What takes the jobs of this process.
pub fn runner(state: &App) -> Runner {
    Runner::new(state.db.clone(), state.env.clone(), JOBS)
}

/// Starts the background work of this process; it ends when told to, or when dropped.
pub fn worker(state: &App) -> Result<Workers> {
    runner(state).start()
}
