//! A ledger of one test, the town that lives by it, and the reference that both are compared with.

pub mod life;
#[allow(dead_code, reason = "what it knows of states is for the promises alone")]
pub mod reference;
pub mod town;
pub mod tricks;

use super::{Harness, Side};
use almoner::app;
use almoner::kernel::Result;
use almoner::kernel::ids::{BankAccountId, EntryId, FundId, Id};
use almoner::kernel::money::{Currency, Money};
use almoner::kernel::problem::Problem;
use almoner::kernel::time::Date;
use almoner::ledger::model::Movement;
use almoner::ledger::movements::{About, contribution_received};
use almoner::ledger::service::{self, CheckReport, Expectations, SealHead};
use almoner::platform::context::Ctx;
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;
use std::cell::Cell;
use uuid::Uuid;

/// The ledger of one test.
pub struct Room<'t> {
    pub t: &'t Harness,
    pub ctx: Ctx,
}

impl<'t> Room<'t> {
    pub fn new(t: &'t Harness) -> Self {
        let env = app::environment(t.config(), t.clock.clone(), t.ids.clone());
        let env = env.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
        Self { t, ctx: Ctx::system(&env, "test") }
    }
    /// A new id.
    pub fn id<T>(&self) -> Id<T> {
        self.ctx.id()
    }
    /// Writes, or tells why not.
    pub fn try_write<T>(&self, f: impl Fn(&mut Conn) -> Result<T>) -> Result<T> {
        self.t.db.write_now("test.ledger", f)
    }
    #[track_caller]
    pub fn write<T>(&self, f: impl Fn(&mut Conn) -> Result<T>) -> T {
        good(self.try_write(f))
    }
    #[track_caller]
    pub fn read<T>(&self, f: impl Fn(&mut Conn) -> Result<T>) -> T {
        good(self.t.db.read_now("test.ledger", f))
    }
    /// Posts a movement, or tells why not.
    pub fn try_post(&self, movement: Result<Movement>) -> Result<EntryId> {
        let movement = movement?;
        self.try_write(|conn| service::post(conn, &self.ctx, &movement))
    }
    #[track_caller]
    pub fn post(&self, movement: Result<Movement>) -> EntryId {
        good(self.try_post(movement))
    }
    /// Seals all that waits, a few at a time.
    pub fn seal(&self) {
        while self.write(|conn| service::seal(conn, &self.ctx, 7)) > 0 {}
    }
    pub fn head(&self) -> SealHead {
        self.read(service::seal_head).expect("something is sealed")
    }
    /// All invariants; the domains expect what `expected` says.
    pub fn check(&self, expected: impl Fn() -> Expectations) -> CheckReport {
        self.read(|conn| service::check(conn, expected(), None))
    }
    /// SQL by hand; why it was refused.
    pub fn sql(&self, sql: &str) -> std::result::Result<(), String> {
        let done = self.try_write(|conn| Ok(conn.batch_execute(sql)?));
        done.map_err(|p| p.cause().map_or_else(|| p.to_string(), ToString::to_string))
    }
    /// Runs `f` and undoes all that it did.
    pub fn undone<T>(&self, f: impl Fn(&mut Conn) -> Result<T>) -> T {
        let result = Cell::new(None);
        let undo = || Problem::wrong_state("undo");
        let done: Result<()> = self.try_write(|conn| {
            result.set(Some(f(conn)?));
            Err(undo())
        });
        match result.into_inner() {
            Some(value) => value,
            None => panic!(
                "{:?}",
                done.err().map(|p| (p.to_string(), p.cause().map(|c| c.to_string())))
            ),
        }
    }
    /// An id as it is written in SQL.
    pub fn lit(&self, id: Uuid) -> String {
        match self.t.side {
            Side::Sqlite => format!("x'{}'", id.simple()),
            Side::Postgres => format!("'{id}'::uuid"),
        }
    }
}

/// When, why and what for.
pub fn about(on: Date, memo: &str) -> About {
    About { on, memo: memo.into(), source: ("test", Uuid::from_u128(1)) }
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[track_caller]
pub fn good<T>(result: Result<T>) -> T {
    result.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()))
}

/// Everything holds, or the findings that don't.
#[track_caller]
pub fn holds(report: &CheckReport) {
    let broken: Vec<_> = report.findings.iter().filter(|f| !f.holds).collect();
    assert!(report.holds && broken.is_empty(), "{broken:#?}");
}

/// The numbers of the invariants that are broken.
pub fn broken(report: &CheckReport) -> Vec<u8> {
    report.findings.iter().filter(|f| !f.holds).map(|f| f.invariant).collect()
}

/// Adds contributions until there are so many postings, of which each has four, and seals them all.
pub fn grow(room: &Room<'_>, from: usize, to: usize) {
    let (fund, bank): (FundId, BankAccountId) = (room.id(), room.id());
    let usd = Currency::parse("USD").expect("known");
    let first = room.ctx.today().plus_days(-4_000);
    let movement = |n: usize| {
        let amount = Money::new(100 + i64::try_from(n).expect("few"), usd);
        let on = first.plus_days(i32::try_from(n % 4_000).expect("few"));
        let about = about(on, "A gift like many others, told in a sentence or two.");
        contribution_received(fund, bank, amount, &about).expect("sound")
    };
    for start in (from / 4..to / 4).step_by(500) {
        let some: Vec<Movement> = (start..(to / 4).min(start + 500)).map(movement).collect();
        room.write(|conn| service::post_many(conn, &room.ctx, &some));
    }
    while room.write(|conn| service::seal(conn, &room.ctx, 1_000)) > 0 {}
}
