//! Discovery, through the front door: search, saved searches and their digests, the queue.

mod alike;
mod found;
mod queue;
mod saved;
mod scope;
mod search;

use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::Client;
use serde_json::{Value, json};

const SEARCH: &str = "/api/v1/search/applications";

/// The titles that somebody finds, in order.
fn found(who: &Client, query: &str) -> Vec<String> {
    titles(&who.get(&format!("{SEARCH}?{query}")).ok())
}

fn titles(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|a| a["title"].as_str().expect("a title").to_owned()).collect()
}

/// An open application with these words; its id.
fn open(field: &Field<'_>, who: &Client, [title, summary, body]: [&str; 3]) -> String {
    open_with(field, who, json!({ "title": title, "summary": summary, "body": body }))
}

/// Asks somebody onto the team of an open application, which goes back to its applicant for that;
/// `says_yes`: they join.
fn joins(field: &Field<'_>, owner: &Client, id: &str, who: &Client, says_yes: bool) -> String {
    let path = format!("/api/v1/applications/{id}");
    let reason = json!({ "reason": "Name your team." });
    field.desk.admin.post(&format!("{path}/request-changes"), reason).ok();
    let form = json!({ "email": who.email, "name": "Somebody" });
    let seat = owner.post(&format!("{path}/members"), form).id();
    if says_yes {
        who.command(&format!("{path}/members/{seat}/accept")).ok();
    }
    owner.command(&format!("{path}/submit"));
    seat
}

fn open_with(field: &Field<'_>, who: &Client, more: Value) -> String {
    let mut form = json!({
        "amount_minimum": usd("100.00"), "amount_requested": usd("1000.00"),
        "budget_lines": [{ "label": "All of it", "amount": usd("1000.00") }],
    });
    for (key, value) in more.as_object().expect("fields") {
        form[key] = value.clone();
    }
    field.applies_with(who, form)
}
