//! A bad network: whoever asks again with the same key until they are answered has paid once.

use super::caller::Payers;
use super::offers::entries;
use super::proxy::{LATEST_MS, Mischief, Proxy};
use crate::promise::{Kept, On, Promise, Run};
use crate::support::desk::threads;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// G4.
pub const LOST: Promise = Promise {
    id: "G4",
    says: "Over a network that loses, doubles and delays, asking again pays once",
    short: "200 payments; 10 % of requests and 20 % of answers lost, 10 % doubled, 10 % late",
    full: "20,000 payments; 10 % of requests and 20 % of answers lost, 10 % doubled, 10 % late",
    on: On::Both,
    run: lost,
};

const CLIENTS: usize = 16;

fn lost(run: &Run) -> Kept {
    let payments = run.much(200, 20_000);
    run.with(|t| {
        let web = t.serve();
        let field = web.field();
        let proxy = Proxy::start(&web.url);
        // Less patient than the network is late, so that the next try meets the last one.
        let patience = Duration::from_millis(u64::from(LATEST_MS) / 2);
        let payers = Payers::new(&field, patience, payments);
        let before = entries(&field);
        let next = AtomicUsize::new(0);
        let pay = |n: usize| -> Result<(), String> {
            let first = payers.insist(&proxy.url, n)?;
            // Once more, when all is quiet: the same words.
            let again = payers.insist(&web.url, n)?;
            if again == first { Ok(()) } else { Err(format!("{first:?}, then {again:?}")) }
        };
        let told = threads(CLIENTS, |_| -> Result<(), String> {
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                if n >= payments {
                    return Ok(());
                }
                pay(n)?;
            }
        });
        told.into_iter().collect::<Result<(), String>>()?;
        let posted = entries(&field) - before;
        if posted != u64::try_from(payments).unwrap_or(0) {
            return Err(format!("{payments} payments made {posted} entries"));
        }
        field.sound();
        said(payments, &proxy.mischief)
    })
}

fn said(payments: usize, mischief: &Mischief) -> Kept {
    let differing = mischief.differing.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(first) = differing.first() {
        return Err(format!("{} answers differ: {first}", differing.len()));
    }
    let of = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
    let (requests, doubled) = (of(&mischief.requests), of(&mischief.doubled));
    let (lost, unanswered) = (of(&mischief.lost_requests), of(&mischief.lost_answers));
    if lost == 0 || unanswered == 0 || doubled == 0 {
        return Err("the network was too good".into());
    }
    Ok(format!(
        "{payments} payments, {payments} entries, replays identical; {requests} requests: {lost} \
         lost, {unanswered} answers lost, {doubled} doubled, {} late",
        of(&mischief.delayed)
    ))
}
