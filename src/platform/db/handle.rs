//! The database as the rest of the service holds it.

use super::conn::{Conn, Manager, Purpose, Target};
use super::errors::is_transient;
use super::notes::Notes;
use super::transaction::{self, Failure, Inside, Isolation};
use super::writer::Writer;
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Stopwatch;
use crate::platform::config::{Config, Secret};
use crate::platform::panics;
use diesel::r2d2::{Pool, PooledConnection, R2D2Connection as _};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How often a transaction is run in all when the database asks for it.
const TRIES: u32 = 12;
/// How long to wait for a connection of the pool, if nothing else is said.
const POOL_WAIT: Duration = Duration::from_secs(5);

/// What to open.
#[derive(Debug, Clone)]
pub struct DbOptions {
    /// `sqlite://PATH` or `postgres://…`.
    pub url: Secret,
    /// Connections to PostgreSQL, or readers of SQLite (it has one writer besides).
    pub pool_size: u32,
    /// How long a transaction waits for one of them.
    pub pool_wait: Duration,
}

impl From<&Config> for DbOptions {
    fn from(config: &Config) -> Self {
        Self {
            url: config.database.url.clone(),
            pool_size: config.database.pool_size,
            pool_wait: POOL_WAIT,
        }
    }
}
impl From<&DbOptions> for DbOptions {
    fn from(options: &DbOptions) -> Self {
        options.clone()
    }
}

/// A finished transaction, for metrics.
#[derive(Debug, Clone, Copy)]
pub struct Finished {
    /// As it was named.
    pub name: &'static str,
    /// From asking to the answer, waiting and retries included.
    pub took: Duration,
    /// Whether it was committed.
    pub committed: bool,
}

/// How busy the way to the database is, at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Connections of the pool that somebody works with.
    pub in_use: i64,
    /// Connections of the pool that wait for work.
    pub idle: i64,
    /// Threads that wait for a connection.
    pub waiting: i64,
    /// Writes that wait for the one writer of SQLite, or are being written.
    pub writer_queue: i64,
}

type Observer = Box<dyn Fn(Finished) + Send + Sync>;

/// The database; clones share it.
///
/// Transactions are named, for logs and metrics. A closure may be run more than once, so it must
/// not use anything up; what it changes in the database is undone before it is run again.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    target: Target,
    /// Connections for reading; on PostgreSQL for writing too.
    pool: Pool<Manager>,
    /// SQLite only.
    writer: Option<Writer>,
    observer: OnceLock<Observer>,
    /// Threads that wait for a connection of the pool.
    waiting: AtomicI64,
    outage: Outage,
}

impl Db {
    /// Opens the database and proves that it answers. Makes the SQLite file where there is none;
    /// applies no migrations.
    pub fn open(options: impl Into<DbOptions>) -> Result<Self> {
        let options = options.into();
        let target = Target::parse(options.url.expose())?;
        let manager = |purpose| Manager { target: target.clone(), purpose };
        let writer = match &target {
            Target::Sqlite { .. } => Some(Writer::start(manager(Purpose::Write))?),
            Target::Pg { .. } => {
                // A pool would hide behind a timeout why it cannot be reached.
                drop(manager(Purpose::Write).open()?);
                None
            }
        };
        let outage = Outage::default();
        let pool = Pool::<Manager>::builder()
            .max_size(options.pool_size.max(1))
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(options.pool_wait)
            .error_handler(Box::new(outage.clone()))
            .connection_customizer(Box::new(outage.clone()))
            .build(manager(Purpose::Read))
            .map_err(|e| outage.no_connection(e))?;
        Ok(Self(Arc::new(Inner {
            target,
            pool,
            writer,
            observer: OnceLock::new(),
            waiting: AtomicI64::new(0),
            outage,
        })))
    }

    /// Whether this is PostgreSQL; SQLite otherwise.
    pub fn is_postgres(&self) -> bool {
        matches!(self.0.target, Target::Pg { .. })
    }

    /// Calls `observer` after each transaction, from the thread that asked. Only the first stays.
    pub fn observe(&self, observer: impl Fn(Finished) + Send + Sync + 'static) {
        drop(self.0.observer.set(Box::new(observer)));
    }

    /// Reads one consistent moment.
    pub async fn read<T, F>(&self, name: &'static str, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.on_a_thread(name, Isolation::Snapshot, f).await
    }

    /// Writes, all or nothing. Decide by the condition of the update itself (`WHERE available >=
    /// x`), or on what is held, never on what was only read before: others may write in between
    /// (READ COMMITTED).
    pub async fn write<T, F>(&self, name: &'static str, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        let Some(writer) = &self.0.writer else {
            return self.on_a_thread(name, Isolation::Guarded, f).await;
        };
        let watch = Stopwatch::start();
        let result = writer.run(f).await;
        self.finish(name, &watch, result.is_ok());
        result
    }

    /// [`Db::read`], for a thread that may wait.
    pub fn read_now<T>(&self, name: &'static str, f: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        self.now(name, Isolation::Snapshot, &f)
    }

    /// [`Db::write`], for a thread that may wait.
    pub fn write_now<T>(
        &self,
        name: &'static str,
        f: impl Fn(&mut Conn) -> Result<T>,
    ) -> Result<T> {
        self.now(name, Isolation::Guarded, &f)
    }

    /// Whether the database answers. Waits.
    pub fn ping(&self) -> Result<()> {
        Ok(self.connection()?.ping()?)
    }

    /// Whether it answers and its schema is the one that this program knows. Waits.
    pub fn ready(&self) -> Result<()> {
        let pending = super::migrate::pending(self)?;
        if pending.is_empty() {
            return Ok(());
        }
        let detail = format!(
            "{} migrations are waiting: run almoner migrate (where there is data, after a backup).",
            pending.len()
        );
        Err(Problem::new(Kind::Unavailable, detail))
    }

    /// A connection of its own, outside of the pool: for migrations.
    pub(super) fn separate(&self) -> Result<Conn> {
        Manager { target: self.0.target.clone(), purpose: Purpose::Write }.open()
    }

    async fn on_a_thread<T, F>(&self, name: &'static str, isolation: Isolation, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Conn) -> Result<T> + Send + 'static,
    {
        let (db, span) = (self.clone(), tracing::Span::current());
        // Where it panics its connection is dropped, and the transaction with it.
        panics::blocking(move || span.in_scope(|| db.now(name, isolation, &f))).await?
    }

    fn now<T>(
        &self,
        name: &'static str,
        isolation: Isolation,
        f: &impl Fn(&mut Conn) -> Result<T>,
    ) -> Result<T> {
        if Inside::is() {
            return Err(Problem::internal(format!("{name} began inside another transaction")));
        }
        let watch = Stopwatch::start();
        let result = match &self.0.writer {
            Some(writer) if isolation != Isolation::Snapshot => writer.run_now(f),
            _ => self.pooled(name, isolation, f),
        };
        self.finish(name, &watch, result.is_ok());
        result
    }

    /// Runs on a connection of the pool, again where the database asks for it: those that
    /// collided wait a random while each, so that they do not collide again.
    fn pooled<T>(
        &self,
        name: &'static str,
        isolation: Isolation,
        f: &impl Fn(&mut Conn) -> Result<T>,
    ) -> Result<T> {
        let mut conn = self.connection()?;
        for attempt in 1.. {
            drop(Notes::take());
            let inside = Inside::enter();
            let result = transaction::run(&mut conn, isolation, f);
            drop(inside);
            let notes = Notes::take();
            match result {
                Ok(value) => {
                    notes.tell();
                    return Ok(value);
                }
                // The server was started anew: all that the pool holds may be dead.
                Err(Failure::NotBegun(problem)) if attempt < TRIES => {
                    tracing::debug!(name, cause = %problem, "a connection was lost");
                    drop(conn);
                    conn = self.connection()?;
                }
                Err(Failure::Refused(problem)) if attempt < TRIES && is_transient(&problem) => {
                    tracing::debug!(name, attempt, "run again");
                    std::thread::sleep(pause(attempt));
                }
                Err(Failure::NotBegun(problem) | Failure::Refused(problem)) => return Err(problem),
            }
        }
        unreachable!("invariant: the last try returns")
    }

    /// How busy the way to the database is.
    pub fn load(&self) -> Load {
        let state = self.0.pool.state();
        Load {
            in_use: i64::from(state.connections.saturating_sub(state.idle_connections)),
            idle: state.idle_connections.into(),
            waiting: self.0.waiting.load(Ordering::Relaxed),
            writer_queue: self.0.writer.as_ref().map_or(0, Writer::queued),
        }
    }

    fn connection(&self) -> Result<PooledConnection<Manager>> {
        if let Some(free) = self.0.pool.try_get() {
            return Ok(free);
        }
        self.0.waiting.fetch_add(1, Ordering::Relaxed);
        let got = self.0.pool.get();
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
        got.map_err(|e| self.0.outage.no_connection(e))
    }

    fn finish(&self, name: &'static str, watch: &Stopwatch, committed: bool) {
        let took = watch.read();
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(name, micros, committed, "transaction");
        if let Some(observer) = self.0.observer.get() {
            observer(Finished { name, took, committed });
        }
    }
}

/// From nothing to 1 ms after the first try, twice as long after each further one, 256 ms at most.
fn pause(attempt: u32) -> Duration {
    let longest = 1000u64 << attempt.saturating_sub(1).min(8);
    Duration::from_micros(getrandom::u64().unwrap_or(0) % longest)
}

/// Whether the last try to connect failed. The pool tries again and again; its log has a line for
/// the first that fails and one for the end of it.
#[derive(Debug, Clone, Default)]
struct Outage(Arc<AtomicBool>);

impl Outage {
    /// Why a transaction could not begin.
    fn no_connection(&self, error: diesel::r2d2::PoolError) -> Problem {
        let detail = if self.0.load(Ordering::Relaxed) {
            "The database cannot be reached: nothing was done."
        } else {
            "No connection to the database is free: nothing was done."
        };
        Problem::new(Kind::Unavailable, detail).retry_after(1).because(error)
    }
}
impl diesel::r2d2::HandleError<diesel::r2d2::Error> for Outage {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        if !self.0.swap(true, Ordering::Relaxed) {
            tracing::warn!(%error, "a connection to the database failed");
        }
    }
}
impl diesel::r2d2::CustomizeConnection<Conn, diesel::r2d2::Error> for Outage {
    fn on_acquire(&self, _: &mut Conn) -> std::result::Result<(), diesel::r2d2::Error> {
        if self.0.swap(false, Ordering::Relaxed) {
            tracing::info!("connections to the database can be made again");
        }
        Ok(())
    }
}
