//! Each step of each payment once, however many hands reach for it.

use crate::promise::{Kept, On, Promise, Run};
use crate::support::desk::threads;
use crate::support::payday::{Payday, at};
use crate::support::web::{Client, Reply, new_key};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// G3.
pub const TWICE: Promise = Promise {
    id: "G3",
    says: "Each step of a payment is done once, though it is asked for twice at once",
    short: "20 payments, each of 10 steps asked for twice at once by 20 workers",
    full: "500 payments, each of 10 steps asked for twice at once by 20 workers",
    on: On::Both,
    run: twice,
};

const WORKERS: usize = 20;
/// Payments of a grant: it may have 60 tranches.
const OF_A_GRANT: usize = 50;
/// From a draft to the money's way there, back, there and back once more, refused and dropped.
const STEPS: [&str; 10] = [
    "approve", "batch", "settle", "return", "retry", "approve", "batch", "return", "retry", "void",
];

/// Where a payment begins.
struct Place {
    grant: String,
    tranche: usize,
}

/// What is asked for, by whom.
struct Asked<'a>(&'a Client, String, Value);

fn asked<'a>(payday: &'a Payday<'_>, id: &str, step: &str) -> Asked<'a> {
    let form = match step {
        "batch" => {
            let path = "/api/v1/payment-batches".to_owned();
            let form = json!({ "bank_account_id": payday.bank, "disbursement_ids": [id] });
            return Asked(&payday.fia, path, form);
        }
        "void" | "return" => json!({ "reason": "The account is closed." }),
        "settle" => json!({ "paid_without_file": "Typed in at the bank." }),
        _ => json!({}),
    };
    Asked(if step == "approve" { &payday.fay } else { &payday.fia }, at(id, step), form)
}

fn twice(run: &Run) -> Kept {
    let count = run.much(20, 500);
    run.with(|t| {
        let web = t.serve();
        let payday = web.payday();
        let places = places(&payday, count);
        let (mut done, mut replayed, mut refused) = (0, 0, 0);
        let drafted = raced(count, |n| {
            let Place { grant, tranche } = &places[n];
            let path = format!("/api/v1/grants/{grant}/tranches/{tranche}/disbursement");
            Asked(&payday.fia, path, json!({ "despite_double": true }))
        })?;
        let ids: Vec<String> = drafted.iter().map(|pair| pair.id.clone()).collect();
        let mut tally = |pairs: Vec<Pair>| {
            done += pairs.len();
            replayed += pairs.iter().filter(|pair| pair.replayed).count();
            refused += pairs.iter().filter(|pair| !pair.replayed).count();
        };
        tally(drafted);
        for step in STEPS {
            tally(
                raced(count, |n| asked(&payday, &ids[n], step))
                    .map_err(|e| format!("{step}: {e}"))?,
            );
            payday.check();
            balanced(&payday)?;
        }
        for id in &ids {
            let attempts = payday.disbursement(id)["attempts"].as_array().map(Vec::len);
            if attempts != Some(2) {
                return Err(format!("{id} was tried {attempts:?} times, not twice"));
            }
        }
        payday.field.sound();
        Ok(format!("{done} steps done, {replayed} replayed, {refused} refused; balance zero"))
    })
}

/// Grants whose tranches wait to be paid: no two of one amount.
fn places(payday: &Payday<'_>, count: usize) -> Vec<Place> {
    let mut places = Vec::new();
    while places.len() < count {
        let some = OF_A_GRANT.min(count - places.len());
        let amounts: Vec<String> = (places.len()..places.len() + some)
            .map(|n| format!("{}.{:02}", 10 + n / 100, n % 100))
            .collect();
        let grant = payday.grant(&amounts.iter().map(String::as_str).collect::<Vec<_>>());
        places.extend((1..=some).map(|tranche| Place { grant: grant.clone(), tranche }));
    }
    places
}

/// What came of asking twice: once done; and done again in name only, or refused.
struct Pair {
    id: String,
    replayed: bool,
}

/// Asks for each of `count` twice at once: every second time with one key for both, as a client
/// that repeats itself, and else as two who know nothing of each other.
fn raced<'a>(count: usize, ask: impl Fn(usize) -> Asked<'a> + Sync) -> Result<Vec<Pair>, String> {
    let next = AtomicUsize::new(0);
    let keys: Vec<[String; 2]> = (0..count)
        .map(|n| {
            let first = new_key();
            let second = if n % 2 == 0 { first.clone() } else { new_key() };
            [first, second]
        })
        .collect();
    let told = threads(WORKERS, |_| {
        let mut mine = Vec::new();
        loop {
            let turn = next.fetch_add(1, Ordering::SeqCst);
            if turn >= count * 2 {
                return mine;
            }
            let Asked(who, path, form) = ask(turn / 2);
            mine.push((turn / 2, patiently(who, &path, &keys[turn / 2][turn % 2], &form)));
        }
    });
    let mut replies: Vec<Vec<Reply>> = vec![Vec::new(); count];
    told.into_iter().flatten().for_each(|(n, reply)| replies[n].push(reply));
    replies.iter().enumerate().map(|(n, pair)| judge(n % 2 == 0, pair)).collect()
}

/// Whoever is told to come back later does.
fn patiently(who: &Client, path: &str, key: &str, form: &Value) -> Reply {
    loop {
        let reply = who.post_key(path, key, form.clone());
        let later =
            reply.status == 503 || (reply.status == 409 && reply.json()["code"] == "key_in_flight");
        if !later {
            return reply;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn judge(one_key: bool, pair: &[Reply]) -> Result<Pair, String> {
    let good: Vec<&Reply> = pair.iter().filter(|r| r.status < 300).collect();
    let said = || pair.iter().map(|r| format!("{}: {}", r.status, r.text())).collect::<Vec<_>>();
    let kept = if one_key {
        good.len() == 2 && good[0].bytes == good[1].bytes
    } else {
        good.len() == 1 && pair.iter().any(|r| r.status == 409)
    };
    if !kept {
        return Err(format!("asked twice (with one key: {one_key}): {:?}", said()));
    }
    let id = good[0].json()["id"].as_str().unwrap_or_default().to_owned();
    Ok(Pair { id, replayed: one_key })
}

/// What all accounts hold on the one side is what they hold on the other, and nothing is on its
/// way that no payment says.
fn balanced(payday: &Payday<'_>) -> Result<(), String> {
    let trial = payday.fia.get("/api/v1/ledger/trial-balance").ok();
    let lines = trial["lines"].as_array().cloned().unwrap_or_default();
    let sum =
        |side: &str| -> i64 { lines.iter().map(|l| crate::support::field::minor(&l[side])).sum() };
    let (debit, credit) = (sum("debit"), sum("credit"));
    if debit != credit || debit == 0 {
        return Err(format!("the trial balance is {debit} against {credit}"));
    }
    Ok(())
}
