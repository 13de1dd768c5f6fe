//! What banks do on their own: charges, transfers between own accounts, exchanges; and what the
//! books say of each account, to be held against the bank's own statement.

mod charges;
mod statements;
mod transfers;

use crate::support::desk::{Desk, usd};
use crate::support::web::{Client, Reply};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NOBODY: &str = "019340aa-0000-7000-8000-000000000000";
const TRANSFERS: &str = "/api/v1/bank-transfers";

fn eur(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The account in which a fund's money lies.
fn bank_of(desk: &Desk<'_>, fund: &str) -> String {
    text(&desk.admin.get(&format!("/api/v1/funds/{fund}")).ok()["bank_account_id"])
}

fn charges(fund: &str) -> String {
    format!("/api/v1/funds/{fund}/charges")
}

/// A charge of this fund, of today, as its bank calls it.
fn charge_form(desk: &Desk<'_>, fund: &str, amount: &str, description: &str) -> Value {
    json!({ "bank_account_id": bank_of(desk, fund), "amount": usd(amount),
        "charged_on": "2026-11-02", "description": description })
}

fn charge(desk: &Desk<'_>, fund: &str, amount: &str, description: &str) -> Reply {
    desk.finance.post(&charges(fund), charge_form(desk, fund, amount, description))
}

fn undo_charge(who: &Client, fund: &str, id: &str) -> Reply {
    let why = json!({ "reason": "It was another fund's." });
    who.post(&format!("{}/{id}/undo", charges(fund)), why)
}

fn transfer_form(from: (&str, Value), to: (&str, Value)) -> Value {
    let end = |(bank, amount): (&str, Value)| json!({ "bank_account_id": bank, "amount": amount });
    json!({ "from": end(from), "to": end(to), "moved_on": "2026-11-02",
        "description": "For the payments of November" })
}

fn undo_transfer(who: &Client, id: &str) -> Reply {
    who.post(&format!("{TRANSFERS}/{id}/undo"), json!({ "reason": "Typed twice." }))
}

fn statement(desk: &Desk<'_>, bank: &str, query: &str) -> Value {
    desk.finance.get(&format!("/api/v1/bank-accounts/{bank}/statement?{query}")).ok()
}

/// What the books say lies in an account.
fn lies(desk: &Desk<'_>, bank: &str) -> Value {
    let closing = statement(desk, bank, "limit=200")["closing"].clone();
    let all = closing.as_array().expect("sums");
    assert!(all.iter().all(|sum| sum["code"] == "1000") && all.len() <= 1, "{closing}");
    all.first().map_or(Value::Null, |sum| sum["balance"].clone())
}

/// What is left in currency clearing, by currency; nothing where it is nothing.
fn clearing(desk: &Desk<'_>) -> BTreeSet<(String, String)> {
    let trial = desk.finance.get("/api/v1/ledger/trial-balance").ok();
    let lines = trial["lines"].as_array().expect("lines").iter();
    let lines = lines.filter(|line| line["code"] == "1900").map(|line| &line["balance"]);
    let sums = lines.map(|sum| (text(&sum["currency"]), text(&sum["amount"])));
    sums.filter(|(_, amount)| amount != "0.00").collect()
}

#[track_caller]
fn sound(desk: &Desk<'_>) {
    let report = desk.finance.get("/api/v1/ledger/check").ok();
    assert_eq!(report["holds"], true, "{report}");
}

/// How many entries there are, and how many rows of what banks did.
fn written(desk: &Desk<'_>, fund: &str) -> [usize; 3] {
    let lists = ["/api/v1/ledger/entries".to_owned(), charges(fund), TRANSFERS.to_owned()];
    lists.map(|list| {
        let page = desk.finance.get(&format!("{list}?limit=200")).ok();
        page["items"].as_array().map_or(0, Vec::len)
    })
}
