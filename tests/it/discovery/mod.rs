//! Discovery, through the front door: search, saved searches and their digests, the queue.

mod alike;
mod found;
mod narrower;
mod queue;
mod saved;
mod scope;
mod search;

use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::{Client, Web};
use crate::support::{Harness, Side};
use diesel::connection::SimpleConnection as _;
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

/// So many more rows of an application, but for their ids and what is set in them. They have no
/// words, and are found by none.
fn copied(t: &Harness, web: &Web, id: &str, many: u32, set: &str) {
    let (new, this) = match t.side {
        Side::Sqlite => ("randomblob(16)", format!("x'{}'", id.replace('-', ""))),
        Side::Postgres => ("gen_random_uuid()", format!("'{id}'")),
    };
    let rows = format!(
        "CREATE TABLE copies AS WITH RECURSIVE n(i) AS
           (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})
           SELECT a.* FROM applications a, n WHERE a.id = {this};
         UPDATE copies SET id = {new}, {set};
         INSERT INTO applications SELECT * FROM copies;
         DROP TABLE copies;"
    );
    web.app
        .db
        .write_now("test.copy", |conn| Ok(conn.batch_execute(&rows)?))
        .unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
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
