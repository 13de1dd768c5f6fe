//! `kill -9` inside migrations: the old schema or the new one, and nothing that was there changed.

use super::program::Home;
use super::schema::{self, Columns, Store};
use crate::promise::{Kept, On, Promise, Run, missing};
use crate::support::cluster::Cluster;
use crate::support::years;
use crate::support::years::dice::Dice;
use crate::support::{Harness, Side, temp::TempDir};
use crate::trace::{Trace, served};
use almoner::kernel::time::Stopwatch;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

/// G10.
pub const KILLED: Promise = Promise {
    id: "G10",
    says: "Killed inside a migration it has the old schema or the new one, and all of its data",
    short: "1 kill inside what leads from the last 12 schemas, and each fourth before, to the \
            newest, over 1,000 rows, with some in every table that a story fills",
    full: "12 kills inside each migration and those after it, over 100,000 rows, with some in \
           every table that a story fills",
    on: On::Both,
    run: killed,
};

/// Tables, by how their names begin, that may be without a row, and why.
const EMPTY: &[(&str, &str)] = &[
    ("search_", "made again from applications"),
    ("similar_", "made again from applications"),
    ("access_tokens", "a token is made of chance, so the story makes none"),
    ("award_notices", "forgotten with the award"),
    ("challenges", "a login that waits is forgotten when it is too old"),
    ("comment_mentions", "the story mentions nobody"),
    ("import_rows", "an import is a command of the program, not of the story"),
    ("ledger_unsealed", "all entries are sealed"),
    ("mail_tokens", "a token is made of chance, so the story asks for none"),
    ("meta", "marks of backups, proofs and walks, of which there were none"),
    ("recovery_codes", "codes are made of chance, so the story makes none"),
];

/// Every column of all tables whose names begin so.
const ALL: &str = "*";
/// Columns of what was there before that a migration may change, and why.
const CHANGED: &[(&str, &str, &str)] = &[
    ("search_", ALL, "made again from applications"),
    ("similar_", ALL, "made again from applications"),
    ("screenings", "status", "0088: what came back though it stood as cleared waits again"),
    ("screenings", "cleared_at", "0088: the same"),
    ("screenings", "reminded_at", "0088: where nobody was asked nobody was reminded"),
    ("application_routes", "ended_at", "0101: of a draft in a call that declined it before"),
    ("concerns", "application_id", "0103: it stands with what it went on with"),
];

fn killed(run: &Run) -> Kept {
    let (applications, kills) = (run.figure(50, 15_000), run.much(1, 12));
    match run.side {
        Side::Sqlite => {
            let dir = TempDir::new("schemas");
            each(&Store::Folder(dir.path().to_owned()), applications, kills, run.full)
        }
        Side::Postgres => match Cluster::start(&["fsync=off", "max_connections=60"]) {
            Ok(mut cluster) => {
                let kept = each(&Store::Cluster(&cluster), applications, kills, run.full);
                cluster.kill().and(kept)
            }
            Err(why) => missing("ALMONER_REQUIRE_POSTGRES", &why),
        },
    }
}

/// How often which schema was found.
#[derive(Default)]
struct Tally {
    old: u32,
    between: u32,
    new: u32,
}

/// Schemas before the newest from which the short form starts; of those before, from each fourth.
const LATE: usize = 12;

fn each(store: &Store<'_>, applications: u32, kills: u32, full: bool) -> Kept {
    let newest = store.empty("newest")?;
    fill(&newest, applications)?;
    let all = schema::applied(&newest)?;
    let rows = schema::rows(&newest)?;
    filled(&newest)?;
    let (mut dice, mut tally) = (Dice::new(10), Tally::default());
    // From the newest back: each older one is made by taking one more migration back.
    let (mut base, mut tried) = (newest, 0);
    for version in (1..all).rev() {
        base = store.copy(&base, &format!("base_{version}"))?;
        schema::take_back(&base)?;
        if !(full || version + LATE >= all || version % 4 == 1) {
            continue;
        }
        tried += 1;
        one(store, &base, (version, all), kills, (&mut dice, &mut tally))
            .map_err(|why| format!("from {version} of {all} migrations: {why}"))?;
    }
    newer(&store.copy(&base, "newer")?)?;
    if tally.old == 0 || tally.new == 0 {
        return Err(format!("{} old, {} new: no kill came in time", tally.old, tally.new));
    }
    Ok(format!(
        "{} kills in {} schemas over {rows} rows: {} old, {} between two migrations, {} new; no \
         data changed; a newer schema is refused",
        kills * tried,
        tried,
        tally.old,
        tally.between,
        tally.new
    ))
}

/// Rows in all tables: what a story leaves, and years of applications.
fn fill(url: &str, applications: u32) -> Result<(), String> {
    let t = Harness::on(url);
    let web = served(&t);
    Trace::new(&[(&web, &t)])?.tell_the_story()?;
    years::make(&t.db, &web.system(), applications).map(drop)
}

/// Every table has a row that a migration could lose.
fn filled(url: &str) -> Result<(), String> {
    let mut empty = schema::empty(url)?;
    empty.retain(|table| !EMPTY.iter().any(|(name, _)| table.starts_with(name)));
    if empty.is_empty() { Ok(()) } else { Err(format!("without a row: {empty:?}")) }
}

/// What migrations found is there after them, but for what they may change.
fn unchanged(before: &str, after: &str) -> Result<(), String> {
    let may = |table: &str, column: &str| {
        let mut all = CHANGED.iter();
        all.any(|(name, one, _)| match *one {
            ALL => table.starts_with(name),
            one => table == *name && column == one,
        })
    };
    let (mut common, now) = (schema::columns(before)?, schema::columns(after)?);
    for (table, columns) in &mut common {
        let kept = |column: &String| now.get(table).is_some_and(|now| now.contains(column));
        columns.retain(|column| kept(column) && !may(table, column));
    }
    let lost = |(table, columns): &(&String, &Vec<String>)| {
        columns.is_empty() && !may(table, ALL) && !now.contains_key(*table)
    };
    if let Some((table, _)) = common.iter().find(lost) {
        return Err(format!("{table} is no more"));
    }
    let common: Columns = common.into_iter().filter(|(_, columns)| !columns.is_empty()).collect();
    let (was, is) = (schema::through(before, &common)?, schema::through(after, &common)?);
    if was == is { Ok(()) } else { Err(schema::difference(Some(&was), &is)) }
}

/// Kills inside of what leads from one older schema to the newest.
fn one(
    store: &Store<'_>,
    base: &str,
    (version, all): (usize, usize),
    kills: u32,
    (dice, tally): (&mut Dice, &mut Tally),
) -> Result<(), String> {
    filled(base)?;
    // What each schema on the way holds, when nobody kills.
    let golden = store.copy(base, "golden")?;
    let mut wanted = BTreeMap::from([(version, schema::contents(&golden)?)]);
    for next in version + 1..=all {
        schema::apply_next(&golden)?;
        wanted.insert(next, schema::contents(&golden)?);
    }
    unchanged(base, &golden).map_err(|why| format!("what was there has changed: {why}"))?;
    let idle = migrate(&golden, None)?;
    let whole = migrate(&store.copy(base, "whole")?, None)?;
    let span = u32::try_from((whole.saturating_sub(idle / 2)).as_micros()).unwrap_or(u32::MAX);
    for number in 0..kills {
        let victim = store.copy(base, "victim")?;
        let after = idle / 2 + Duration::from_micros(u64::from(dice.below(span)));
        migrate(&victim, Some(after))?;
        let found = schema::applied(&victim)?;
        let contents = schema::contents(&victim)?;
        if wanted.get(&found) != Some(&contents) {
            let differ = schema::difference(wanted.get(&found), &contents);
            return Err(format!("kill {number}, {found} applied: {differ}"));
        }
        match found {
            _ if found == version => tally.old += 1,
            _ if found == all => tally.new += 1,
            _ => tally.between += 1,
        }
        migrate(&victim, None)?;
        let contents = schema::contents(&victim)?;
        if wanted.get(&all) != Some(&contents) {
            let differ = schema::difference(wanted.get(&all), &contents);
            return Err(format!("kill {number}, then to the end: {differ}"));
        }
    }
    Ok(())
}

/// Runs `almoner migrate`, to its end or until it is killed; how long it ran.
fn migrate(url: &str, killed_after: Option<Duration>) -> Result<Duration, String> {
    let home = Home::at(url.to_owned());
    let watch = Stopwatch::start();
    let child = home.command(&["migrate"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|e| e.to_string())?;
    if let Some(after) = killed_after {
        std::thread::sleep(after);
        child.kill().and_then(|()| child.wait()).map_err(|e| e.to_string())?;
        schema::alone(url)?;
        return Ok(watch.read());
    }
    let done = child.wait_with_output().map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    if done.status.success() { Ok(watch.read()) } else { Err(format!("almoner migrate: {said}")) }
}

/// A program that is older than the schema keeps away from it.
fn newer(url: &str) -> Result<(), String> {
    schema::run(url, "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')")?;
    let before = schema::contents(url)?;
    let home = Home::at(url.to_owned());
    for args in [&["migrate"][..], &["serve", "--bind", "127.0.0.1:0"], &["check"]] {
        let (good, said) = home.run(args)?;
        if good || !said.contains("start a newer almoner") {
            return Err(format!("{args:?} on a newer schema: {said}"));
        }
    }
    if schema::contents(url)? == before { Ok(()) } else { Err("it changed a newer schema".into()) }
}
