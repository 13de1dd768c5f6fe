//! Many offers at once: nothing is offered that is not there.

use crate::promise::{Kept, On, Promise, Run};
use crate::support::desk::{threads, usd};
use crate::support::field::{Backer, Field, minor};
use crate::support::web::Reply;
use almoner::ledger::service::{self, Expectations};
use std::sync::atomic::{AtomicUsize, Ordering};

/// G1.
pub const RACED: Promise = Promise {
    id: "G1",
    says: "Budgets that many offer from at once are never overspent",
    short: "16 clients, 400 offers with random amounts against 8 budgets",
    full: "64 clients, 10,000 offers with random amounts against 100 budgets",
    on: On::Both,
    run: raced,
};
/// G2.
pub const FIRST: Promise = Promise {
    id: "G2",
    says: "The first offers from a budget, raced, take no more than it holds",
    short: "10 budgets, 4 offers of the whole at once",
    full: "100 budgets, 16 offers of the whole at once",
    on: On::Both,
    run: first,
};

/// Cents from a seed, from 1 to `most`.
fn cents(seed: usize, most: u64) -> String {
    let mut x = (seed as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let cents = 1 + (x ^ (x >> 32)) % most;
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Where an offer ended: taken, or refused because nothing was left. Anything else is a break.
fn sort(reply: &Reply) -> Result<Option<i64>, String> {
    match reply.status {
        201 => Ok(Some(minor(&reply.ok()["amount"]))),
        409 if reply.json()["code"] == "insufficient_funds" => Ok(None),
        status => Err(format!("{status}: {}", reply.text())),
    }
}

/// What was taken of each budget is what it lost, and the ledger has as many entries more.
fn raced(run: &Run) -> Kept {
    let (clients, budgets) = run.figure((16, 8), (64, 100));
    let offers: usize = run.much(400, 10_000);
    run.with(|t| {
        let web = t.serve();
        let field = web.field();
        let backers: Vec<Backer> = (0..budgets).map(|_| field.backer("500.00")).collect();
        let applications: Vec<String> =
            (0..8).map(|_| field.application("1.00", "1000000.00")).collect();
        let before = entries(&field);
        let next = AtomicUsize::new(0);
        let replies = threads(clients, |_| {
            let mut mine = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                if n >= offers {
                    return mine;
                }
                let reply = backers[n % budgets].offer(&applications[n % 8], &cents(n, 4_000));
                mine.push((n % budgets, reply));
            }
        });
        told(&field, &backers, &replies.into_iter().flatten().collect::<Vec<_>>(), before)
    })
}

fn told(field: &Field<'_>, backers: &[Backer], replies: &[(usize, Reply)], before: u64) -> Kept {
    let mut taken = vec![0; backers.len()];
    let mut placed = 0;
    for (budget, reply) in replies {
        if let Some(minor) = sort(reply)? {
            taken[*budget] += minor;
            placed += 1;
        }
    }
    for (backer, taken) in backers.iter().zip(&taken) {
        let left = minor(&usd(&field.available(backer)));
        if left < 0 || left + taken != 50_000 {
            return Err(format!("{taken} was taken and {left} is left of 50000"));
        }
    }
    let posted = entries(field) - before;
    if posted != placed {
        return Err(format!("{placed} offers were placed, {posted} entries posted"));
    }
    field.sound();
    let refused = replies.len() as u64 - placed;
    Ok(format!("{placed} placed, {refused} refused with 409, 0 overspent, {posted} entries"))
}

/// How many entries the ledger has.
pub fn entries(field: &Field<'_>) -> u64 {
    field.act(|conn, _| service::check(conn, Expectations::default(), None)).entries
}

fn first(run: &Run) -> Kept {
    let (budgets, at_once) = (run.much(10, 100), run.figure(4, 16));
    run.with(|t| {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "1000000.00");
        for _ in 0..budgets {
            let backer = field.backer("10.00");
            let replies = threads(at_once, |_| backer.offer(&application, "10.00"));
            let taken: Result<Vec<_>, _> = replies.iter().map(sort).collect();
            match taken?.iter().flatten().count() {
                1 => {}
                many => return Err(format!("{many} of {at_once} took the whole budget")),
            }
        }
        field.sound();
        Ok(format!("0 of {budgets} overspent"))
    })
}
