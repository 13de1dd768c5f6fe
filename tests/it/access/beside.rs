//! What stands beside the grant: another application, public, for which somebody gave; a call that
//! asks for something which is remembered; what banks did on their own; a job that was given up.

use crate::jobs::http::give_up_one;
use crate::support::desk::usd;
use crate::support::field::{Backer, Field};
use crate::support::web::{Client, Web};
use almoner::commongrants::rules::applications::BASICS;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Objects by the part of the API that serves them, and what stands in addresses beside an object.
pub struct Beside {
    pub ids: [(&'static str, String); 5],
    pub parts: BTreeMap<&'static str, String>,
}

fn id_of(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}

/// A public call of this fund that asks for a biography; its id.
fn asking(admin: &Client, fund: &str) -> String {
    let call = json!({ "title": "Asking", "kind": "rolling", "fund_ids": [fund] });
    let call = admin.post("/api/v1/calls", call).id();
    admin.command(&format!("/api/v1/calls/{call}/open")).ok();
    let path = format!("/api/v1/calls/{call}/form");
    let etag = admin.get(&path).etag().to_owned();
    let question = json!({ "key": "bio", "label": "Who are you?", "kind": "long_text",
        "reuse_key": "biography" });
    let body = json!({ "questions": [question] }).to_string().into_bytes();
    admin.send("PUT", &path, &[("If-Match", &etag)], Some(body)).ok();
    call
}

/// All of it, through the front door but for the job.
pub fn given(field: &Field<'_>, backer: &Backer, owner: &Client) -> Beside {
    let (admin, finance) = (&field.desk.admin, &field.desk.finance);
    let call = asking(admin, &backer.fund);
    let application = field.applies_with(
        owner,
        json!({
            "call_id": call, "title": "Another lens", "answers": { "bio": "I dig." },
            "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"),
            "budget_lines": [{ "label": "All of it", "amount": usd("50.00") }],
        }),
    );
    let announce = |amount: &str| {
        let path = format!("/api/v1/public/applications/{application}/announcements");
        let form = json!({ "amount": usd(amount), "email": "g@example.org" });
        field.web.anonymous().post(&path, form).ok();
        id_of(&finance.get("/api/v1/announcements").ok()["items"][0]["id"])
    };
    let form = json!({ "amount": usd("5.00"), "received_on": "2026-11-02" });
    let path = format!("/api/v1/announcements/{}/receive", announce("5.00"));
    let earmark = id_of(&finance.post(&path, form).ok()["earmark"]["id"]);
    let [bank, moved, charge] = banked(field, &backer.fund);
    let ids = [
        ("announcements", announce("6.00")),
        ("bank-accounts", bank),
        ("bank-transfers", moved),
        ("earmarks", earmark),
        ("jobs", given_up(field.web, admin)),
    ];
    let parts = BTreeMap::from([
        ("charge_id", charge),
        ("key", "biography".to_owned()),
        ("kind", "tax_form".to_owned()),
        ("number", "1".to_owned()),
        ("sequence", "1".to_owned()),
        ("compId", call.clone()),
        ("formId", BASICS.to_string()),
        ("oppId", call),
    ]);
    Beside { ids, parts }
}

/// What banks did on their own: the ids of an account that money left, of the transfer, and of a
/// charge of this fund.
fn banked(field: &Field<'_>, fund: &str) -> [String; 3] {
    let (desk, finance) = (&field.desk, &field.desk.finance);
    let [left, reached] = ["Left", "Reached"].map(|name| desk.bank(name, "USD"));
    let end = |bank: &str| json!({ "bank_account_id": bank, "amount": usd("5.00") });
    let moved = json!({ "from": end(&left), "to": end(&reached), "moved_on": "2026-11-02",
        "description": "For payments" });
    let moved = finance.post("/api/v1/bank-transfers", moved).id();
    let taken = json!({ "bank_account_id": left, "amount": usd("0.50"),
        "charged_on": "2026-11-02", "description": "Account fee" });
    let taken = finance.post(&format!("/api/v1/funds/{fund}/charges"), taken).id();
    [left, moved, taken]
}

/// A job that is given up at once; its id.
fn given_up(web: &Web, admin: &Client) -> String {
    give_up_one(web);
    id_of(&admin.get("/api/v1/jobs/dead").ok()["items"][0]["id"])
}
