//! What a promise is, and how it is put to the test.

use crate::options::Options;
use crate::support::{Harness, Side, environment, say};
use crate::table::{Outcome, Row};
use almoner::kernel::time::Stopwatch;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How the reason starts where there is no such database here.
pub const MISSING: &str = "not here: ";

/// What was counted, or what was broken.
pub type Kept = Result<String, String>;

/// What a promise needs is not here. A failure where the environment says that it must be.
pub fn missing(required_by: &str, why: &str) -> Kept {
    if environment(required_by).is_some_and(|v| v != "0") {
        return Err(format!("{required_by} is set, but: {why}"));
    }
    Err(format!("{MISSING}{why}"))
}

/// One promise.
pub struct Promise {
    /// Short and stable: `G1`.
    pub id: &'static str,
    /// What is promised, in a sentence.
    pub says: &'static str,
    /// What the short form does, in numbers.
    pub short: &'static str,
    /// What the full form does, in numbers.
    pub full: &'static str,
    /// Tells databases apart: run once on each, or once in all.
    pub on: On,
    /// Puts it to the test: what was counted, or what was broken. A panic breaks it as well.
    pub run: fn(&Run) -> Kept,
}

/// Which databases a promise is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Both,
    /// Only there.
    Sqlite,
    /// Only where several processes share one database.
    Postgres,
    /// Whatever the database, or both at once.
    Once,
}

/// One run of a promise.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// The database; SQLite for a promise that runs once.
    pub side: Side,
    /// At the full figure?
    pub full: bool,
    /// Hundredths of the figure.
    pub scale: u32,
}

impl Run {
    /// The figure of this run.
    pub fn figure<T>(&self, short: T, full: T) -> T {
        if self.full { full } else { short }
    }
    /// Of what can be counted or lasts: that part of the figure which was asked for.
    pub fn much<T: TryFrom<u64>>(&self, short: u64, full: u64) -> T {
        let part = (self.figure(short, full) * u64::from(self.scale)).div_ceil(100);
        T::try_from(part).ok().expect("a figure that fits")
    }
    /// With a database of its own; without PostgreSQL there is nothing to run.
    pub fn with(&self, test: impl FnOnce(&Harness) -> Kept) -> Kept {
        Harness::try_run(self.side, test).unwrap_or_else(|why| Err(format!("{MISSING}{why}")))
    }
}

/// Runs a promise wherever it is about, and tells how that went.
pub fn keep(promise: &'static Promise, options: &Options) -> Vec<Row> {
    let sides: &[(Side, &'static str)] = match promise.on {
        On::Both => &[(Side::Sqlite, "SQLite"), (Side::Postgres, "PostgreSQL")],
        On::Sqlite => &[(Side::Sqlite, "SQLite")],
        On::Postgres => &[(Side::Postgres, "PostgreSQL")],
        On::Once => &[(Side::Sqlite, "")],
    };
    let wanted = sides.iter().filter(|(side, _)| options.side.is_none_or(|s| s == *side));
    let run = |side| Run { side, full: options.full, scale: options.scale.unwrap_or(100) };
    wanted.map(|(side, title)| row(promise, title, &run(*side))).collect()
}

fn row(promise: &'static Promise, title: &'static str, run: &Run) -> Row {
    let watch = Stopwatch::start();
    let outcome = match catch_unwind(AssertUnwindSafe(|| (promise.run)(run))) {
        Ok(Ok(said)) => Outcome::Kept(said),
        Ok(Err(why)) if why.starts_with(MISSING) => Outcome::Skipped(why),
        Ok(Err(why)) => Outcome::Broken(why),
        Err(panic) => Outcome::Broken(words(panic.as_ref())),
    };
    let row = Row { promise, title, outcome, took: watch.read() };
    say(&row.line());
    row
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".into())
}
