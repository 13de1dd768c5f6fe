//! Reviews: who scores what, what they see of each other, and what conflicts do to them.

mod again;
mod assign;
mod blind;
mod conflicts;
mod gone;
mod many;
mod write;

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::{Client, Reply, Web};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

/// A submitted, private application; its id.
fn submitted(field: &Field<'_>, who: &Client) -> String {
    submitted_in(&field.call, who, "private")
}

fn submitted_in(call: &str, who: &Client, visibility: &str) -> String {
    let form = json!({
        "call_id": call, "title": "A better lens", "summary": "To see further.",
        "body": "We grind it ourselves.", "duration_months": 12, "visibility": visibility,
        "amount_minimum": usd("10.00"), "amount_requested": usd("90.00"),
        "budget_lines": [{ "label": "All of it", "amount": usd("90.00") }],
    });
    let id = who.post("/api/v1/applications", form).id();
    who.command(&format!("/api/v1/applications/{id}/submit")).ok();
    id
}

fn reviewer(web: &Web, name: &str) -> Client {
    web.with_role(name, Role::Reviewer)
}

/// Asks somebody for a review.
fn ask(admin: &Client, application: &str, who: &Client) -> Reply {
    let path = format!("/api/v1/applications/{application}/reviewers");
    admin.post(&path, json!({ "person_id": who.id() }))
}

fn at(review: &str, rest: &str) -> String {
    format!("/api/v1/reviews/{review}{rest}")
}

/// All scores of the default rubric, in its order.
fn scores(points: [i32; 4]) -> Value {
    let keys = ["merit", "feasibility", "team", "value"];
    let one = |(key, score): (&str, i32)| json!({ "key": key, "score": score, "comment": "Why" });
    keys.into_iter().zip(points).map(one).collect()
}

/// Saves a review as it is there.
fn save(who: &Client, review: &str, body: Value) -> Reply {
    let read = who.get(&at(review, ""));
    read.ok();
    who.patch(&at(review, ""), read.etag(), body)
}

/// Writes a whole review.
fn write(who: &Client, review: &str, points: [i32; 4], recommendation: &str) {
    let body = json!({
        "scores": scores(points), "comment": format!("On the whole: {points:?}"),
        "recommendation": recommendation,
    });
    save(who, review, body).ok();
}

/// Writes a whole review and hands it in.
fn hand_in(who: &Client, review: &str, points: [i32; 4], recommendation: &str) -> Reply {
    write(who, review, points, recommendation);
    who.command(&at(review, "/submit"))
}
