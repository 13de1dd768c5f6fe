//! Puts the service together. `main` and the tests build it the same way.

use crate::kernel::Result;
use crate::kernel::ids::IdSource;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Clock;
use crate::platform::auth::keys::Keys;
use crate::platform::auth::limits::Limits;
use crate::platform::auth::password::Hasher;
use crate::platform::config::{Config, ConfigError, create_private_dir};
use crate::platform::context::Env;
use crate::platform::db::{Db, health, migrate};
use crate::platform::http::{App, Places, State, metrics::Metrics};
use crate::platform::jobs::{self, Bell, Kinds, Runner, Workers};
use crate::platform::mail::{self, Mailer};
use crate::{
    agendas, applications, attachments, budgets, calls, comments, concerns, delegations,
    disbursements, discovery, exports, funds, grants, ledger, offers, payees, people, progress,
    publishing, reviews, vouches,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which job each event starts: the only way upward through the house.
pub const SUBSCRIPTIONS: &[(&str, &str)] = &[
    (agendas::events::AGENDA_CREATED, budgets::jobs::AGENDA_CREATED),
    (applications::events::DECLINED, offers::jobs::APPLICATION_ENDED),
    (applications::events::LAPSED, offers::jobs::APPLICATION_ENDED),
    (applications::events::WITHDRAWN, offers::jobs::APPLICATION_ENDED),
    (applications::events::UNROUTED, offers::jobs::UNROUTED),
    (applications::events::CONFLICT_DECLARED, offers::jobs::CONFLICT_DECLARED),
    (applications::events::JOINED, offers::jobs::JOINED),
    (applications::events::JOINED, reviews::jobs::JOINED),
    (applications::events::JOINED, concerns::jobs::JOINED),
    (applications::events::MERGED, offers::jobs::MERGED),
    (delegations::events::ACCEPTED, offers::jobs::DELEGATED),
    (applications::events::SUBMITTED, offers::jobs::AWARDABLE),
    (concerns::events::CLEARED, offers::jobs::CLEARED),
    (people::events::PERSON_SUSPENDED, offers::jobs::FORMER),
    (people::events::ROLE_CHANGED, offers::jobs::FORMER),
    (applications::events::REOPENED, vouches::jobs::REOPENED),
    (applications::events::CONFLICT_DECLARED, reviews::jobs::CONFLICT_DECLARED),
    (applications::events::REOPENED, reviews::jobs::REOPENED),
    (applications::events::UNROUTED, reviews::jobs::UNROUTED),
    (people::events::PERSON_SUSPENDED, reviews::jobs::FORMER),
    (people::events::PERSON_REACTIVATED, reviews::jobs::FORMER),
    (people::events::ROLE_CHANGED, reviews::jobs::FORMER),
    (applications::events::MERGED, comments::jobs::MERGED),
    (comments::events::SAID_TO_FUNDERS, offers::jobs::SAID),
    (applications::events::CHANGES_REQUESTED, concerns::jobs::CHANGES_REQUESTED),
    (applications::events::ROUTED, concerns::jobs::ROUTED),
    (applications::events::REOPENED, concerns::jobs::REOPENED),
    (applications::events::PUT_OUT, concerns::jobs::PUT_OUT),
    (applications::events::EMPTIED, concerns::jobs::EMPTIED),
    (payees::events::VERIFIED, grants::jobs::PAYEE_VERIFIED),
    (payees::events::CHANGED, grants::jobs::PAYEE_CHANGED),
    (payees::events::REJECTED, grants::jobs::PAYEE_CHANGED),
    (grants::events::AWARDED, progress::jobs::OPEN),
    (grants::events::WINDING_DOWN, progress::jobs::WINDING_DOWN),
    (offers::events::RELEASED, publishing::jobs::OFFER_RELEASED),
    (funds::events::CONTRIBUTION_UNDONE, publishing::jobs::CONTRIBUTION_UNDONE),
    (grants::events::AWARDED, publishing::jobs::GRANTED),
    (grants::events::CANCELLED, publishing::jobs::GRANT_CANCELLED),
    (applications::events::DECLINED, publishing::jobs::APPLICATION_ENDED),
    (applications::events::LAPSED, publishing::jobs::APPLICATION_ENDED),
    (applications::events::WITHDRAWN, publishing::jobs::APPLICATION_ENDED),
    (applications::events::UNROUTED, publishing::jobs::UNROUTED),
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

/// What the service is started with. Makes the data folder and the key file where they are not
/// there: see [`expect_keys`].
pub fn environment(config: Config, clock: Clock, ids: IdSource) -> Result<Arc<Env>> {
    started(config, clock, ids, |file| Keys::load(file, true))
}

/// The same for what neither signs, seals nor opens: it goes on where the key file is away, and
/// where it cannot be used, of which the log warns. None is made.
pub fn keyless(config: Config, clock: Clock, ids: IdSource) -> Result<Arc<Env>> {
    started(config, clock, ids, |file| {
        if matches!(file.try_exists(), Ok(false)) {
            return Ok(Keys::ephemeral());
        }
        Ok(Keys::load(file, false).unwrap_or_else(|e| {
            tracing::warn!(error = %e.0.join("; "), "the keys cannot be used: goes on without");
            Keys::ephemeral()
        }))
    })
}

fn started(
    config: Config,
    clock: Clock,
    ids: IdSource,
    load: impl FnOnce(&Path) -> std::result::Result<Keys, ConfigError>,
) -> Result<Arc<Env>> {
    let unusable = |what: &str, why: String| {
        Problem::new(Kind::Unavailable, format!("The {what} cannot be used.")).because(why)
    };
    create_private_dir(&config.data_dir).map_err(|e| unusable("data folder", e))?;
    let keys = load(&config.keys_file());
    let keys = keys.map_err(|e| unusable("keys", e.to_string()))?;
    let (mailer, bell) = (Mailer::new(&config)?, Bell::new());
    let subscriptions = SUBSCRIPTIONS;
    Ok(Arc::new(Env { config, clock, ids, keys, subscriptions, mailer, bell }))
}

/// Refuses what would make new keys for a database that is in use: what is sealed in it would stay
/// closed, and the links and tokens of its people would be worth nothing.
///
/// # Errors
/// 503 with what to do; also where the database cannot be looked at.
pub fn expect_keys(config: &Config) -> Result<()> {
    let (keys, database) = (config.keys_file(), &config.database.url);
    if is_there(&keys)? || absent(config)?.is_some() {
        return Ok(());
    }
    if health::is_in_use(&mut health::open(database)?)? {
        let detail = format!(
            "There is no key file at {}, and the database was used with one: put that keys.json \
             back from where a copy is kept, or set auth.keys_file to where it is.",
            keys.display()
        );
        return Err(Problem::new(Kind::Unavailable, detail));
    }
    Ok(())
}

/// Refuses what works with a database that is there, where there is none: it would make an empty
/// one, and report that all is well. Only the embedded one is ever made.
///
/// # Errors
/// 503 with what to do; also where it cannot be looked at.
pub fn expect_database(config: &Config) -> Result<()> {
    match absent(config)? {
        None => Ok(()),
        Some(file) => {
            let detail = format!(
                "There is no database at {}: set data_dir or database.url to where it is. (A new \
                 one is made by almoner serve.)",
                file.display()
            );
            Err(Problem::new(Kind::Unavailable, detail))
        }
    }
}

/// The file of the embedded database, where it is not there.
fn absent(config: &Config) -> Result<Option<PathBuf>> {
    match health::file(&config.database.url) {
        Some(file) if !is_there(&file)? => Ok(Some(file)),
        _ => Ok(None),
    }
}

/// Whether a file is there. What another user has locked away is not taken for missing.
fn is_there(path: &Path) -> Result<bool> {
    path.try_exists().map_err(|e| {
        let detail = format!("{} cannot be looked at.", path.display());
        Problem::new(Kind::Unavailable, detail).because(e)
    })
}

/// Opens the database; the embedded one is migrated at once, PostgreSQL by `almoner migrate`.
///
/// # Errors
/// 503 where the schema is not the one of this program.
pub fn database(config: &Config) -> Result<Db> {
    let db = Db::open(config)?;
    if !db.is_postgres() {
        migrate::migrate(&db)?;
    }
    db.ready()?;
    Ok(db)
}

/// Opens the database as it is, and migrates nothing.
///
/// # Errors
/// As [`database`].
pub fn settled(config: &Config) -> Result<Db> {
    let db = Db::open(config)?;
    db.ready()?;
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
