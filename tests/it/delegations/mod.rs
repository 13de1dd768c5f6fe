//! Delegates: who does paperwork for whom, in two names, until either says no.

mod acts;
mod life;
mod papers;

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::web::{Client, Reply, Web};
use serde_json::{Value, json};

const DELEGATES: &str = "/api/v1/me/delegates";
const DELEGATIONS: &str = "/api/v1/me/delegations";
const APPLICATIONS: &str = "/api/v1/applications";

fn at(path: &str) -> String {
    format!("{APPLICATIONS}/{path}")
}

fn answer(who: &Client, id: &str, how: &str, body: Value) -> Reply {
    who.post(&format!("/api/v1/delegations/{id}/{how}"), body)
}

fn ask(who: &Client, email: &str, scopes: &[&str], until: &str) -> Reply {
    who.post(DELEGATES, json!({ "email": email, "scopes": scopes, "expires_on": until }))
}

/// The other may act from now on; the delegation's id.
pub fn lets(who: &Client, other: &Client, scopes: &[&str]) -> String {
    let id = ask(who, &other.email, scopes, "2027-06-30").id();
    answer(other, &id, "accept", json!({})).ok();
    id
}

/// Ends it, as either may.
pub fn ends(who: &Client, id: &str) {
    answer(who, id, "revoke", json!({})).ok();
}

fn items(reply: &Reply) -> Vec<Value> {
    reply.ok()["items"].as_array().expect("items").clone()
}

/// Everything that a submission needs.
fn whole(call: &str) -> Value {
    json!({
        "call_id": call, "title": "Probes", "summary": "What we do", "body": "Why and how",
        "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"), "duration_months": 12,
        "budget_lines": [{ "label": "Time", "amount": usd("50.00") }],
    })
}

fn edit(who: &Client, id: &str, etag: &str) -> Reply {
    who.patch(&at(id), etag, json!({ "title": "Probes, better" }))
}

/// Sends what is due; subjects and texts of all mails to somebody, the oldest first.
fn mails(web: &Web, who: &str) -> Vec<(String, String)> {
    web.work();
    let Ok(files) = std::fs::read_dir(web.env().config.mail_folder()) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|f| f.expect("a file").path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let bytes = std::fs::read(path).expect("a mail");
        let mail = mail_parser::MessageParser::default().parse(&bytes).expect("a good mail");
        let to = mail.to().and_then(|t| t.first()).and_then(|a| a.address().map(str::to_owned));
        if to.as_deref() == Some(who) {
            let text = mail.body_text(0).expect("a text").into_owned();
            found.push((mail.subject().expect("a subject").to_owned(), text));
        }
    }
    found
}

/// The token in a mail's link.
fn token_in(text: &str) -> String {
    let (_, rest) = text.split_once("#token=").expect("a link with a token");
    rest.split_whitespace().next().expect("a token").to_owned()
}

fn start(t: &Harness) -> Web {
    t.clock.set("2026-11-02T09:00:00Z".parse().expect("an instant"));
    t.serve()
}
