//! Forms of calls, answers to them, and what of those is remembered.

mod bank;
mod bounds;
mod closed;
mod decimals;
mod drafts;
mod files;
mod forms;
mod schema;

use crate::support::web::{Client, Reply, Web};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

const APPLICATIONS: &str = "/api/v1/applications";

fn admin(web: &Web) -> Client {
    web.with_role("Ada Admin", Role::Admin)
}

/// An open call without a form; its id.
fn call(admin: &Client) -> String {
    let form = json!({ "title": "Rolling", "kind": "rolling", "opens_on": "2020-01-01" });
    let id = admin.post("/api/v1/calls", form).id();
    admin.command(&format!("/api/v1/calls/{id}/open")).ok();
    id
}

fn form_at(call: &str) -> String {
    format!("/api/v1/calls/{call}/form")
}

fn at(id: &str, path: &str) -> String {
    format!("{APPLICATIONS}/{id}{path}")
}

/// Sends a PUT of this version.
fn put(who: &Client, path: &str, etag: &str, body: &Value) -> Reply {
    who.send("PUT", path, &[("If-Match", etag)], Some(body.to_string().into_bytes()))
}

/// Writes the next version of a form, whatever the newest is.
fn write_form(admin: &Client, call: &str, form: &Value) -> Reply {
    let path = form_at(call);
    let etag = admin.get(&path).etag().to_owned();
    put(admin, &path, &etag, form)
}

/// A question with further fields.
fn question(key: &str, kind: &str, more: Value) -> Value {
    let mut question = json!({ "key": key, "label": format!("What of {key}?"), "kind": kind });
    for (name, value) in more.as_object().expect("fields") {
        question[name] = value.clone();
    }
    question
}

fn options(keys: &[&str]) -> Value {
    keys.iter().map(|key| json!({ "key": key, "label": key.to_uppercase() })).collect()
}

/// Everything but the answers that a submission needs.
fn whole(call: &str) -> Value {
    let amount = crate::support::desk::usd("50000.00");
    json!({
        "call_id": call, "title": "Probes", "summary": "What we do", "body": "Why and how",
        "amount_minimum": crate::support::desk::usd("10000.00"), "amount_requested": amount,
        "budget_lines": [{ "label": "All", "amount": amount }], "duration_months": 12,
    })
}

/// A draft that lacks only answers, with these; its id.
fn draft(who: &Client, call: &str, answers: Value) -> String {
    let mut form = whole(call);
    form["answers"] = answers;
    who.post(APPLICATIONS, form).id()
}

/// A PATCH of the version that is there.
fn edit(who: &Client, id: &str, body: Value) -> Reply {
    let read = who.get(&at(id, ""));
    read.ok();
    who.patch(&at(id, ""), read.etag(), body)
}

fn answer(who: &Client, id: &str, answers: Value) -> Reply {
    edit(who, id, json!({ "answers": answers }))
}

fn submit(who: &Client, id: &str) -> Reply {
    who.command(&at(id, "/submit"))
}

/// The code of each wrong field, by its pointer.
fn codes(problem: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let fields = problem["fields"].as_array().expect("fields");
    fields.iter().map(|field| (text(&field["pointer"]), text(&field["code"]))).collect()
}
