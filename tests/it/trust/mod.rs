//! What somebody is kept out of stays out of sight by every path: also by what is told beside it.

mod bulk;
mod consent;
mod deciding;
mod doors;
mod lane;
mod merges;
mod names;
mod reading;
mod stakes;
mod waiting;

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::{Client, Reply};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

fn at(id: &str, rest: &str) -> String {
    format!("/api/v1/applications/{id}{rest}")
}

/// A draft in a call; its id.
fn draft(who: &Client, call: &str, more: Value) -> String {
    let mut form = json!({
        "call_id": call, "title": "A better lens", "summary": "To see further.",
        "body": "We grind it ourselves.", "duration_months": 12, "visibility": "private",
        "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
        "budget_lines": [{ "label": "All of it", "amount": usd("9.00") }],
    });
    for (key, value) in more.as_object().expect("fields") {
        form[key] = value.clone();
    }
    who.post("/api/v1/applications", form).id()
}

/// An application that was handed in; its id.
fn handed_in(who: &Client, call: &str, more: Value) -> String {
    let id = draft(who, call, more);
    who.command(&at(&id, "/submit")).ok();
    id
}

fn items(reply: &Reply) -> Vec<Value> {
    reply.ok()["items"].as_array().expect("items").clone()
}

/// Asks somebody onto the team; the place.
fn invite(lead: &Client, id: &str, who: &Client) -> String {
    let form = json!({ "email": who.email, "name": "Asked", "role": "member" });
    lead.post(&at(id, "/members"), form).id()
}

fn joins(lead: &Client, id: &str, who: &Client) {
    let seat = invite(lead, id, who);
    who.command(&at(id, &format!("/members/{seat}/accept"))).ok();
}

/// Asks somebody for a review; its id.
fn asked(admin: &Client, id: &str, who: &Client) -> String {
    admin.post(&at(id, "/reviewers"), json!({ "person_id": who.id() })).id()
}

/// Hands a review in.
fn reviews(who: &Client, review: &str, word: &str) {
    let path = format!("/api/v1/reviews/{review}");
    let read = who.get(&path);
    let keys = ["merit", "feasibility", "team", "value"];
    let scores: Vec<Value> =
        keys.iter().map(|key| json!({ "key": key, "score": 4, "comment": word })).collect();
    let body = json!({ "scores": scores, "comment": word, "recommendation": "fund" });
    who.patch(&path, read.etag(), body).ok();
    who.command(&format!("{path}/submit")).ok();
}

/// The token in the newest mail to an address.
fn token_for(web: &crate::support::web::Web, address: &str) -> String {
    let folder = web.env().config.mail_folder();
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("mails").map(|f| f.expect("a file").path()).collect();
    paths.sort();
    let found = paths.into_iter().rev().find_map(|path| {
        let bytes = std::fs::read(path).expect("a mail");
        let mail = mail_parser::MessageParser::default().parse(&bytes).expect("a mail");
        let to = mail.to().and_then(|t| t.first()).and_then(|a| a.address()) == Some(address);
        let text = mail.body_text(0).expect("a text").into_owned();
        let (_, rest) = text.split_once("#token=").filter(|_| to)?;
        Some(rest.split_whitespace().next().expect("a token").to_owned())
    });
    found.expect("a mail with a token")
}
