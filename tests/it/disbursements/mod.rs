//! Paying, through the front door, as an auditor would look at it: every step from every state,
//! every person, every release that is taken back, every file that leaves.

mod batches;
mod doubles;
mod file;
mod lists;
pub mod meanwhile;
pub mod one_person;
mod payees;
mod persons;
mod races;
mod releases;
mod returns;
mod standing;
mod steps;

use crate::support::payday::Payday;
use crate::support::web::Reply;
use serde_json::Value;

/// Whatever was asked changed nothing: neither these payments, nor a batch, nor the books.
#[track_caller]
fn unchanged(payday: &Payday<'_>, ids: &[&str], ask: impl FnOnce() -> Reply) -> Reply {
    let look = || -> (Vec<Value>, usize, [i64; 5]) {
        let payments = ids.iter().map(|id| payday.disbursement(id)).collect();
        (payments, payday.count("/api/v1/payment-batches?limit=200"), payday.books())
    };
    let before = look();
    let reply = ask();
    assert_eq!(look(), before, "{}", reply.text());
    payday.check();
    reply
}

/// Refused for what it is now, and nothing changed.
#[track_caller]
fn held(payday: &Payday<'_>, id: &str, act: &str) -> Value {
    unchanged(payday, &[id], || payday.act(id, act)).refused(409, "wrong_state")
}

/// An amount for each of many payments, so that none looks like another.
fn amounts(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("10.{n:02}")).collect()
}

fn words(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}
