//! Grants, through the front door: the award, tranches, and where the money goes at every end.

mod awards;
mod ends;
mod meanwhile;
mod persons;
mod told;
mod tranches;

use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::{Client, Reply};
use almoner::kernel::ids::TrancheId;
use serde_json::{Value, json};

const NOBODY: &str = "019340aa-0000-7000-8000-000000000000";

fn tranche(amount: &str, condition: &str, due_on: Option<&str>) -> Value {
    json!({ "amount": usd(amount), "release_condition": condition, "due_on": due_on })
}
fn plan(tranches: &[Value]) -> Value {
    json!({ "tranches": tranches })
}
fn on(who: &Client, grant: &str, what: &str) -> Reply {
    let body = match what {
        "pause" | "wind-down" | "cancel" => json!({ "reason": "It has to be." }),
        _ => json!({}),
    };
    who.post(&format!("/api/v1/grants/{grant}/{what}"), body)
}
fn refund(who: &Client, grant: &str, amount: &str) -> Reply {
    let reference = crate::support::web::new_key();
    let form =
        json!({ "amount": usd(amount), "received_on": "2026-11-02", "reference": reference });
    who.post(&format!("/api/v1/grants/{grant}/refunds"), form)
}
fn statuses(grant: &Value) -> Vec<&str> {
    let tranches = grant["tranches"].as_array().expect("tranches");
    tranches.iter().map(|t| t["status"].as_str().expect("a status")).collect()
}
fn tranche_id(field: &Field<'_>, grant: &str, number: usize) -> TrancheId {
    let id = field.grant(grant)["tranches"][number - 1]["id"].clone();
    id.as_str().expect("an id").parse().expect("an id")
}
