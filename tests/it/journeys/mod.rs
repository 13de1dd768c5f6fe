//! A journey of each role, from the first mail to the end: each person knows what mails and
//! `GET /me/next` tell them, and opens what these lead to. What they must not see is tried as well.

mod admin;
mod auditor;
mod delegate;
mod finance;
mod funder;
mod giver;
mod lane;
mod regrantor;
mod researcher;
mod reviewer;
mod team;
mod voucher;

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::{Client, Reply, Web};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

/// All that `me/next` tells somebody.
fn steps(who: &Client) -> Vec<Value> {
    who.get("/api/v1/me/next").ok()["items"].as_array().expect("items").clone()
}

/// What somebody is asked to do: the addresses that take it.
fn asked(who: &Client) -> Vec<String> {
    let all = steps(who);
    let todo = all.iter().flat_map(|step| step["todo"].as_array().expect("todo"));
    todo.map(|todo| todo["href"].as_str().expect("an address").to_owned()).collect()
}

/// The one thing that somebody is asked to do whose address ends so.
#[track_caller]
fn asked_to(who: &Client, act: &str) -> String {
    let all = asked(who);
    let found: Vec<&String> = all.iter().filter(|href| href.ends_with(act)).collect();
    assert_eq!(found.len(), 1, "{act} in {all:?}");
    found[0].clone()
}

/// What the API has behind the first link of the newest mail with this subject.
#[track_caller]
fn mailed(web: &Web, who: &Client, subject: &str) -> String {
    let mail = web.mail(&who.email, subject);
    let links = mail.links(web);
    let path = links.first().unwrap_or_else(|| panic!("no link in {mail:?}"));
    format!("/api/v1{}", path.split('#').next().unwrap_or_default())
}

/// What a whole application says, in this call.
fn whole(call: &str) -> Value {
    json!({
        "call_id": call, "title": "A quiet lens", "summary": "To see.", "body": "We grind it.",
        "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"), "duration_months": 12,
        "visibility": "private", "budget_lines": [{ "label": "Time", "amount": usd("50.00") }],
    })
}

/// Somebody's private application, handed in as `me/next` says; its address.
fn handed_in(field: &Field<'_>, who: &Client) -> String {
    let id = who.post("/api/v1/applications", whole(&field.call)).id();
    who.command(&asked_to(who, "/submit")).ok();
    format!("/api/v1/applications/{id}")
}

/// None of these is there for somebody.
#[track_caller]
fn out_of_sight(who: &Client, paths: &[String]) {
    for path in paths {
        let reply: Reply = who.get(path);
        assert!(matches!(reply.status, 401 | 403 | 404), "{path}: {}", reply.text());
    }
}
