//! Watching, through the front door: reports, checkpoints, what each may do to them, and what is
//! asked of whom.

mod awarding;
mod checkpoints;
mod decisions;
mod ends;
mod halted;
mod meanwhile;
mod more;
mod next;
mod obstacles;
mod persons;
mod reminded;
mod reports;
mod shut;
mod written;

use crate::support::payday::{Payday, planned};
use crate::support::web::{Client, Reply, new_key};
use serde_json::{Value, json};

const NOBODY: &str = "01a19b7c-a680-7035-80a7-6d853561f4e6";

/// An active grant of which one tranche waits for a report, and one for a checkpoint.
fn watched(payday: &Payday<'_>, team: &[&Client]) -> String {
    payday.active(plan(), team)
}

fn plan() -> Value {
    planned(&[("10.00", "on_activation"), ("20.00", "on_report"), ("40.00", "on_checkpoint")])
}

/// Refused as what comes second is: it found it done, or done while it looked.
#[track_caller]
fn late(reply: &Reply) {
    let code = reply.json()["code"].clone();
    let known = [(409, "wrong_state"), (412, "edited_meanwhile")];
    assert!(known.iter().any(|(s, c)| reply.status == *s && code == *c), "{}", reply.text());
}

/// Reports or checkpoints of a grant, the oldest first.
fn all(payday: &Payday<'_>, grant: &str, what: &str) -> Vec<Value> {
    let list = payday.field.desk.admin.get(&format!("/api/v1/grants/{grant}/{what}")).ok();
    let mut items = list["items"].as_array().expect("items").clone();
    items.reverse();
    items
}

/// One of them, as it is now.
fn now(payday: &Payday<'_>, was: &Value, what: &str) -> Value {
    let grant = was["grant_id"].as_str().expect("an id");
    let found = all(payday, grant, what).into_iter().find(|it| it["id"] == was["id"]);
    found.expect("it is there")
}

fn path(what: &str, it: &Value, act: &str) -> String {
    format!("/api/v1/{what}/{}{act}", it["id"].as_str().expect("an id"))
}

/// The only checkpoint of a grant that is not decided.
fn open_checkpoint(payday: &Payday<'_>, grant: &str) -> Value {
    let mut open = all(payday, grant, "checkpoints");
    open.retain(|c| c["status"] != "decided");
    assert_eq!(open.len(), 1, "{open:?}");
    open.remove(0)
}

/// Writes a report over what it is now.
fn write(who: &Client, payday: &Payday<'_>, report: &Value, body: &str) -> Reply {
    let version = now(payday, report, "reports")["version"].clone();
    write_over(who, report, &version, body)
}

fn write_over(who: &Client, report: &Value, version: &Value, body: &str) -> Reply {
    let etag = format!("\"v{version}\"");
    who.patch(&path("reports", report, ""), &etag, json!({ "body": body }))
}

/// Does one of edit, submit, accept, return to a report.
fn act(payday: &Payday<'_>, report: &Value, act: &str) -> Reply {
    let backer = &payday.backer.who;
    match act {
        "edit" => write(&payday.ada, payday, report, "What we found."),
        "submit" => payday.ada.command(&path("reports", report, "/submit")),
        "accept" => accept(backer, report),
        _ => backer.post(&path("reports", report, "/return"), json!({ "feedback": "And why?" })),
    }
}

/// Accepts a report as it is now.
fn accept(who: &Client, report: &Value) -> Reply {
    let etag = etag_of(who, "reports", report);
    post_over(who, &path("reports", report, "/accept"), Some(&etag), &json!({}))
}

/// The ETag of a checkpoint as somebody reads it now; as they were given it, where they do not.
fn etag(who: &Client, checkpoint: &Value) -> String {
    etag_of(who, "checkpoints", checkpoint)
}

/// The same of reports or checkpoints.
fn etag_of(who: &Client, what: &str, it: &Value) -> String {
    let grant = it["grant_id"].as_str().unwrap_or(NOBODY);
    let read = who.get(&format!("/api/v1/grants/{grant}/{what}"));
    let read = if read.status == 200 { read.json() } else { Value::Null };
    let mut items = read["items"].as_array().into_iter().flatten();
    let now = items.find(|found| found["id"] == it["id"]).unwrap_or(it);
    format!("\"v{}\"", now["version"])
}

/// A POST over this version, or over any where none is named.
fn post_over(who: &Client, path: &str, etag: Option<&str>, body: &Value) -> Reply {
    let key = new_key();
    let mut headers = vec![("Idempotency-Key", key.as_str())];
    headers.extend(etag.map(|etag| ("If-Match", etag)));
    who.send("POST", path, &headers, Some(body.to_string().into_bytes()))
}

/// Says what was seen, over what it is now.
fn see(who: &Client, checkpoint: &Value) -> Reply {
    see_over(who, checkpoint, Some(&etag(who, checkpoint)), "It works.")
}

fn see_over(who: &Client, checkpoint: &Value, etag: Option<&str>, seen: &str) -> Reply {
    let path = path("checkpoints", checkpoint, "/report");
    post_over(who, &path, etag, &json!({ "seen": seen }))
}

fn decide(who: &Client, checkpoint: &Value, decision: &str) -> Reply {
    decide_with(who, checkpoint, decision, json!({}))
}

fn decide_with(who: &Client, checkpoint: &Value, decision: &str, more: Value) -> Reply {
    let mut form = json!({ "decision": decision, "reason": "So it is." });
    for (key, value) in more.as_object().expect("fields") {
        form[key] = value.clone();
    }
    let etag = etag(who, checkpoint);
    post_over(who, &path("checkpoints", checkpoint, "/decide"), Some(&etag), &form)
}

/// Asks for a report.
fn ask(who: &Client, grant: &str, due_on: &str) -> Reply {
    who.post(&format!("/api/v1/grants/{grant}/reports"), json!({ "due_on": due_on }))
}

fn add(who: &Client, grant: &str, due_on: &str, promised: &str) -> Reply {
    let form = json!({ "due_on": due_on, "promised": promised });
    who.post(&format!("/api/v1/grants/{grant}/checkpoints"), form)
}

/// Something about the grant itself, by an admin.
fn on_grant(payday: &Payday<'_>, grant: &str, what: &str) -> Reply {
    let body = match what {
        "resume" | "close" => json!({}),
        _ => json!({ "reason": "It has to be." }),
    };
    payday.field.desk.admin.post(&format!("/api/v1/grants/{grant}/{what}"), body)
}

fn tranches(payday: &Payday<'_>, grant: &str) -> Vec<String> {
    let grant = payday.field.grant(grant);
    let list = grant["tranches"].as_array().expect("tranches").iter();
    list.map(|t| t["status"].as_str().expect("a status").to_owned()).collect()
}

/// Everything that watching can change.
fn look(payday: &Payday<'_>, grant: &str) -> (Vec<Value>, Vec<Value>, Value, [i64; 5]) {
    let (reports, checkpoints) = (all(payday, grant, "reports"), all(payday, grant, "checkpoints"));
    (reports, checkpoints, payday.field.grant(grant), payday.books())
}

/// Refused for what the state is, and nothing changed.
#[track_caller]
fn held(payday: &Payday<'_>, grant: &str, ask: impl FnOnce() -> Reply) -> Value {
    let before = look(payday, grant);
    let problem = ask().refused(409, "wrong_state");
    assert_eq!(look(payday, grant), before);
    problem
}

/// Subject and text of every mail to somebody, the oldest first.
fn letters(payday: &Payday<'_>, who: &Client) -> Vec<(String, String)> {
    payday.web.work();
    let folder = payday.web.env().config.mail_folder();
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|f| f.expect("a file").path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let bytes = std::fs::read(path).expect("a mail");
        let mail = mail_parser::MessageParser::default().parse(&bytes).expect("a mail");
        let to = mail.to().and_then(|t| t.first()).and_then(|a| a.address());
        if to == Some(&who.email) {
            let text = mail.body_text(0).expect("a text").into_owned();
            found.push((mail.subject().expect("a subject").to_owned(), text));
        }
    }
    found
}
