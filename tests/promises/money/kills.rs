//! `kill -9` under load: what was acknowledged is there, what was not is settled by asking again.

use super::caller::{Answer, Payers, unsettled};
use super::program::{Home, Program, READY};
use crate::promise::{Kept, On, Promise, Run, missing};
use crate::support::Side;
use crate::support::cluster::Cluster;
use crate::support::desk::threads;
use crate::support::years::dice::Dice;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// G5.
pub const KILLED: Promise = Promise {
    id: "G5",
    says: "Killed under load, it loses nothing acknowledged and leaves nothing in progress",
    short: "2 kills under load; on PostgreSQL every second one is the database server's",
    full: "200 kills under load on SQLite, 100 on PostgreSQL, every second one the server's",
    on: On::Both,
    run: killed,
};

const CLIENTS: usize = 8;

/// As in earnest: what it confirms is on the disk.
const SETTINGS: [&str; 2] = ["max_connections=100", "shared_buffers=64MB"];

fn killed(run: &Run) -> Kept {
    match run.side {
        Side::Sqlite => cycles(&Home::sqlite(), None, run.much(2, 200)),
        Side::Postgres => {
            let mut cluster = match Cluster::start(&SETTINGS) {
                Ok(cluster) => cluster,
                Err(why) => return missing("ALMONER_REQUIRE_POSTGRES", &why),
            };
            let home = Home::at(cluster.database("almoner")?);
            let kept = cycles(&home, Some(&mut cluster), run.much(2, 100));
            cluster.kill().and(kept)
        }
    }
}

/// What clients know.
#[derive(Default)]
struct Known {
    /// Payments and their answers.
    acknowledged: Vec<(usize, Answer)>,
    /// Payments that nobody answered.
    unknown: Vec<usize>,
}

fn cycles(home: &Home, mut cluster: Option<&mut Cluster>, count: u32) -> Kept {
    // Those of one round come to less than 200.
    let payments = usize::try_from(count).unwrap_or(0) * 200;
    let patience = Duration::from_secs(20);
    let payers = home.inside(|_, web| Payers::new(&web.field(), patience, payments));
    let base = home.check()?;
    let (next, mut dice) = (AtomicUsize::new(0), Dice::new(5));
    let (mut slowest, mut settled, mut acknowledged) = (Duration::ZERO, 0, 0);
    let mut program = Program::start(home)?;
    for cycle in 0..count {
        let server = cluster.as_mut().filter(|_| cycle % 2 == 1);
        let pause = Duration::from_millis(u64::from(dice.below(150)));
        let (known, again) = one(home, program, server, (&payers, &next, pause))?;
        program = again;
        slowest = slowest.max(program.ready);
        let in_all = u64::try_from(next.load(Ordering::SeqCst)).unwrap_or(0);
        let unknown = u64::try_from(known.unknown.len()).unwrap_or(0);
        let found = home.check()?.saturating_sub(base);
        if found > in_all || found + unknown < in_all {
            return Err(format!("cycle {cycle}: {found} of {in_all}, {unknown} unknown"));
        }
        for (n, answer) in &known.acknowledged {
            let again = payers.insist(&program.url, *n)?;
            if again != *answer {
                return Err(format!("cycle {cycle}: {answer:?} was acknowledged, now {again:?}"));
            }
        }
        for n in &known.unknown {
            payers.insist(&program.url, *n)?;
        }
        let found = home.check()?.saturating_sub(base);
        if found != in_all {
            return Err(format!("cycle {cycle}: {in_all} payments, {found} entries"));
        }
        acknowledged += known.acknowledged.len();
        settled += known.unknown.len();
    }
    program.end()?;
    home.no_panic()?;
    // Whatever a dead worker had in its hands is taken up once its lease has run out.
    home.inside(|t, web| {
        t.clock.advance_seconds(web.env().config.jobs.lease_seconds + 1);
        web.work();
        web.nothing_left_undone();
    });
    if slowest > READY {
        return Err(format!("ready after {slowest:?} at worst"));
    }
    Ok(format!(
        "{count} kills: 0 of {acknowledged} acknowledged lost, {settled} unknown settled; ready in \
         {} ms at worst",
        slowest.as_millis()
    ))
}

/// Load, a kill in the middle of it, and the program that runs afterwards.
fn one(
    home: &Home,
    mut program: Program,
    server: Option<&mut &mut Cluster>,
    (payers, next, pause): (&Payers, &AtomicUsize, Duration),
) -> Result<(Known, Program), String> {
    let stop = AtomicBool::new(false);
    let url = program.url.clone();
    let (again, told) = std::thread::scope(|scope| {
        let load = scope.spawn(|| threads(CLIENTS, |_| pay(payers, &url, next, &stop)));
        // In the middle of it: some have been answered, some wait.
        let begun = next.load(Ordering::SeqCst);
        while next.load(Ordering::SeqCst) < begun + 4 * CLIENTS && !load.is_finished() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(pause);
        let again = match server {
            None => {
                let died = program.end();
                stop.store(true, Ordering::SeqCst);
                died.and_then(|()| Program::start(home))
            }
            Some(cluster) => {
                let died = cluster.kill();
                stop.store(true, Ordering::SeqCst);
                let ready = died.and_then(|()| cluster.restart());
                let patience = Duration::from_secs(30);
                let ready = ready.and_then(|()| program.until_ready(patience));
                ready.map(|ready| {
                    program.ready = ready;
                    program
                })
            }
        };
        (again, load.join())
    });
    let mut known = Known::default();
    for mine in told.map_err(|_| "a client panicked")? {
        let mine: Known = mine?;
        known.acknowledged.extend(mine.acknowledged);
        known.unknown.extend(mine.unknown);
    }
    Ok((known, again?))
}

/// Pays until told to stop, and remembers every answer.
fn pay(payers: &Payers, url: &str, next: &AtomicUsize, stop: &AtomicBool) -> Result<Known, String> {
    let mut known = Known::default();
    while !stop.load(Ordering::SeqCst) {
        let n = next.fetch_add(1, Ordering::SeqCst);
        match payers.pay(url, n) {
            Some(answer) if answer.good() => known.acknowledged.push((n, answer)),
            Some(answer) if !unsettled(&answer) => return Err(format!("payment {n}: {answer:?}")),
            _ => {
                known.unknown.push(n);
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }
    Ok(known)
}
