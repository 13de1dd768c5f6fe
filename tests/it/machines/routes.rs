//! Routes of an application to a further call.

use super::{Machine, acts, status, texts};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::web::Client;
use almoner::applications::model::RouteStatus;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

const UNSENT: &str = "draft: not handed in";
const MOVES: &[(&str, &str, &str)] = &[
    ("draft", "edit_route", "draft"),
    ("draft", "submit_route", "submitted"),
    ("draft", "withdraw_route", "withdrawn"),
    (UNSENT, "edit_route", "draft"),
    (UNSENT, "withdraw_route", "withdrawn"),
    ("draft: sent back", "edit_route", "draft"),
    ("draft: sent back", "withdraw_route", "withdrawn"),
    ("submitted", "decline_route", "declined"),
    ("submitted", "withdraw_route", "withdrawn"),
    ("submitted: sent back", "decline_route", "declined"),
    ("submitted: sent back", "withdraw_route", "withdrawn"),
    ("withdrawn", "route_application", "draft"),
];

/// An open call that asks one thing; its id.
fn further(admin: &Client) -> String {
    let form = json!({ "title": "Further", "kind": "rolling" });
    let call = admin.post("/api/v1/calls", form).id();
    let path = format!("/api/v1/calls/{call}/form");
    let etag = admin.get(&path).etag().to_owned();
    let question = json!({ "key": "risk", "label": "What can go wrong?",
        "kind": "short_text" });
    let body = json!({ "questions": [question] }).to_string().into_bytes();
    admin.send("PUT", &path, &[("If-Match", &etag)], Some(body)).ok();
    admin.command(&format!("/api/v1/calls/{call}/open")).ok();
    call
}

/// A complete draft; its id.
fn draft(rea: &Client, call: &str) -> String {
    let form = json!({
        "call_id": call, "title": "A lens", "summary": "To see.", "body": "Glass.",
        "amount_minimum": usd("1.00"), "amount_requested": usd("2.00"),
        "duration_months": 2, "budget_lines": [{ "label": "All", "amount": usd("2.00") }],
    });
    rea.post("/api/v1/applications", form).id()
}

both! {
    fn routes(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let whose: RefCell<BTreeMap<String, (Client, String)>> = RefCell::default();
        let at = |id: &str, rest: &str| format!("/api/v1/applications/{id}{rest}");
        let why = json!({ "reason": "Not here." });
        let all = json!({ "reason": "Not here.", "all_calls": true });
        let make = |to: &str| {
            let (rea, call) = (web.person("Rea"), further(admin));
            let id = draft(&rea, &field.call);
            let (status, then) = to.split_once(": ").unwrap_or((to, ""));
            rea.post(&at(&id, "/routes"), json!({ "call_id": call })).ok();
            let path = at(&id, &format!("/routes/{call}"));
            let step = |who: &Client, act: &str, body: &Value| {
                who.post(&format!("{path}/{act}"), body.clone()).ok();
            };
            if then != "not handed in" {
                rea.command(&at(&id, "/submit")).ok();
            }
            if matches!(status, "submitted" | "declined" | "withdrawn") || then == "from there" {
                step(&rea, "submit", &json!({}));
            }
            match (status, then) {
                ("declined", _) => step(admin, "decline", &why),
                ("withdrawn", _) => step(&rea, "withdraw", &json!({})),
                ("ended", _) => drop(admin.post(&at(&id, "/decline"), all.clone()).ok()),
                (_, "sent back") => {
                    admin.post(&at(&id, "/request-changes"), why.clone()).ok();
                }
                _ => {}
            }
            whose.borrow_mut().insert(id.clone(), (rea, call));
            id
        };
        let act = |act: &str, id: &str| {
            let (rea, call) = whose.borrow()[id].clone();
            let path = at(id, &format!("/routes/{call}"));
            match act {
                "route_application" => rea.post(&at(id, "/routes"), json!({ "call_id": call })),
                "edit_route" => {
                    let etag = rea.get(&path).etag().to_owned();
                    rea.patch(&path, &etag, json!({ "answers": { "risk": "Much." } }))
                }
                "submit_route" => rea.command(&format!("{path}/submit")),
                "withdraw_route" => rea.command(&format!("{path}/withdraw")),
                "decline_route" => admin.post(&format!("{path}/decline"), why.clone()),
                other => panic!("say how to {other}"),
            }
        };
        Machine {
            web: &web,
            statuses: texts!(RouteStatus),
            acts: acts("/api/v1/applications/{id}/routes"),
            tried: &["draft", UNSENT, "draft: sent back", "submitted", "submitted: sent back",
                "declined", "withdrawn", "ended", "ended: from there"],
            moves: MOVES,
            // A draft application is its team's alone, and so is a route that was not handed in.
            hidden: &[(UNSENT, "decline_route"), ("draft", "decline_route"),
                ("draft: sent back", "decline_route"), ("ended", "decline_route")],
            make: &make,
            act: &act,
            read: &|id| {
                let (rea, call) = whose.borrow()[id].clone();
                rea.get(&at(id, &format!("/routes/{call}"))).ok()
            },
            status: &status,
        }
        .run();
    }
}
