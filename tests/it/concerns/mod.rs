//! The need-to-know lane: who is in it, what it decides, and that nobody else learns of it.

mod again;
mod awards;
mod group;
mod heard;
mod meanwhile;
mod merged;
mod read;
mod secret;
mod waiting;

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::{Client, Reply};
use serde_json::{Value, json};

/// Somebody without any role, in the group.
fn lane(field: &Field<'_>, name: &str) -> Client {
    let who = field.web.person(name);
    add(&field.desk.admin, &who).ok();
    who
}

fn add(admin: &Client, who: &Client) -> Reply {
    let path = format!("/api/v1/people/{}/need-to-know", who.id());
    admin.post(&path, json!({ "reason": "Knows the field." }))
}

fn application(id: &str, rest: &str) -> String {
    format!("/api/v1/applications/{id}{rest}")
}

/// Answers of an applicant to the questions that come with the service.
fn answers(text: &str) -> Value {
    let one = |key: &str| json!({ "key": key, "answer": text });
    {
        let list = ["misuse", "accident", "publication"].map(one);
        json!({ "answers": list })
    }
}

fn answer(who: &Client, id: &str) -> Reply {
    who.put(&application(id, "/screening"), answers("Nothing comes to mind."))
}

fn raise(who: &Client, id: &str, text: &str) -> Reply {
    who.post(&application(id, "/concerns"), json!({ "concern": text }))
}

/// The screening of an application, as the group finds it; its id.
fn screening(lane: &Client, id: &str) -> String {
    for status in ["waiting", "cleared"] {
        let page = lane.get(&format!("/api/v1/screenings?status={status}&limit=200")).ok();
        for row in page["items"].as_array().expect("items") {
            if row["application_id"] == json!(id) {
                return row["id"].as_str().expect("an id").into();
            }
        }
    }
    panic!("no screening of {id}");
}

fn clear(lane: &Client, id: &str) -> Reply {
    lane.command_as_read(&format!("/api/v1/screenings/{}/clear", screening(lane, id)))
}

fn concern(id: &str, rest: &str) -> String {
    format!("/api/v1/concerns/{id}{rest}")
}

fn ask(lane: &Client, id: &str) -> Reply {
    lane.post(&concern(id, "/ask"), json!({ "summary": "It could be turned around." }))
}

fn respond(who: &Client, id: &str, concern: &str) -> Reply {
    let form = json!({ "concern_id": concern, "response": "We keep the last step to ourselves." });
    who.post(&application(id, "/screening/respond"), form)
}

/// An application with answers and a concern, for whoever wants sealed fields.
pub fn something_waits(field: &Field<'_>) {
    lane(field, "Lana");
    let rea = field.web.person("Rea");
    let id = field.applies(&rea, "1.00", "9.00");
    answer(&rea, &id).ok();
    raise(&field.web.person("Sam"), &id, "It could hurt.").ok();
}
