//! A list where an object belongs: read by position it would mean what nobody wrote.

use super::money::announced;
use super::wider::patient;
use crate::matrix::filled;
use crate::payees::count;
use crate::support::Harness;
use crate::support::bodies::Document;
use crate::support::desk::usd;
use crate::support::payday::us_payee;
use crate::support::web::{Client, Reply, Web, new_key};
use almoner::kernel::actor::Role;
use almoner::web::routes;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// It was refused for what stands at this place.
#[track_caller]
fn no_object(reply: &Reply, pointer: &str) {
    let problem = reply.json();
    let first = problem["fields"].get(0).map(|field| (&field["pointer"], &field["message"]));
    // The protocol has an envelope of its own.
    let errors = || problem["errors"].get(0).map(|field| (&field["field"], &field["message"]));
    let wanted = (json!(pointer), json!("invalid type: sequence, expected an object"));
    let told = (reply.status, first.or_else(errors));
    assert_eq!(told, (422, Some((&wanted.0, &wanted.1))), "{pointer}: {reply:?}");
}

/// Each shows a second factor, so that nothing is written to be asked for one.
fn shown_factors(callers: &[&Client]) {
    for who in callers {
        who.post("/api/v1/payees", json!({})).refused(422, "invalid");
    }
}

fn logged(web: &Web) -> i64 {
    count(web, "SELECT COUNT(*) FROM audit_log")
}

/// What the first of them is told who may.
fn told(callers: &[Client], method: &str, path: &str, body: &Value) -> Reply {
    let mut replies = callers.iter().map(|who| {
        let key = new_key();
        let headers = [("Idempotency-Key", key.as_str()), ("If-Match", "\"v1\"")];
        who.send(method, path, &headers, Some(body.to_string().into_bytes()))
    });
    let told = replies.find(|reply| ![401, 403, 404].contains(&reply.status));
    told.unwrap_or_else(|| panic!("nobody may {method} {path}"))
}

/// A body that holds this at the place, and nothing else.
fn holding(pointer: &str, value: &Value) -> Value {
    pointer.rsplit('/').filter(|part| !part.is_empty()).fold(value.clone(), |inner, part| {
        if part == "0" { json!([inner]) } else { json!({ part: inner }) }
    })
}

both! {
    fn a_list_is_no_object(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, finance) = (&field.desk.admin, &field.desk.finance);
        let rea = web.person("Rea");
        let searches = "/api/v1/saved-searches";
        let search = json!({ "name": "Lenses", "asked": { "q": "lens" }, "digest": "daily" });
        let made = rea.post(searches, search);
        let (search, etag) = (format!("{searches}/{}", made.id()), made.etag());
        let call = admin.post("/api/v1/calls", json!({ "title": "Not yet", "kind": "rolling" }));
        let call = format!("/api/v1/calls/{}", call.id());
        let (left, reached) = (field.desk.bank("One", "USD"), field.desk.bank("Two", "USD"));
        shown_factors(&[&rea, admin, finance]);
        let before = logged(&web);

        // All of a body, also of one that holds nothing.
        no_object(&rea.post(searches, json!(["Lenses", { "q": "lens" }, "daily"])), "");
        no_object(&admin.post("/api/v1/agendas", json!(["lenses", "Lenses", null, null])), "");
        no_object(&admin.post(&format!("{call}/open"), json!([])), "");
        // A part of it.
        no_object(&rea.patch(&search, etag, json!({ "asked": [null, null] })), "/asked");
        no_object(&rea.patch(&search, etag, json!({ "asked": [] })), "/asked");
        let end = |account: &str| json!({ "bank_account_id": account, "amount": usd("1.00") });
        let transfer = json!({ "from": [left, usd("1.00")], "to": end(&reached),
            "moved_on": "2026-11-02", "description": "For the payments of November" });
        no_object(&finance.post("/api/v1/bank-transfers", transfer), "/from");
        let page = json!({ "pagination": [1, 10] });
        no_object(&rea.post("/common-grants/opportunities/search", page), "/pagination");
        // One of two forms, which its first field tells apart.
        let account = json!(["us_bank", "021000021", "000424242424", "checking"]);
        let payee = us_payee("000424242424", json!({ "account": account }));
        no_object(&rea.post("/api/v1/payees", payee), "/account");
        // One of a list, and what is in one of a list.
        let draft = |lines: Value| {
            let form = json!({ "call_id": field.call, "title": "x", "budget_lines": lines });
            rea.post("/api/v1/applications", form)
        };
        let half = json!({ "label": "A half", "amount": usd("4.50") });
        no_object(&draft(json!([half, ["Another", usd("4.50")]])), "/budget_lines/1");
        let sum = json!([{ "label": "All of it", "amount": ["9.00", "USD"] }]);
        no_object(&draft(sum), "/budget_lines/0/amount");

        assert_eq!(logged(&web), before, "nothing was done");
        let list = rea.get(searches).ok();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
        assert_eq!(rea.get(&search).ok()["asked"], json!({ "q": "lens" }));
        assert_eq!(admin.get(&call).ok()["status"], "draft");
    }

    fn no_operation_takes_a_list_for_an_object(t: &Harness) {
        let web = t.serve_with(patient(t));
        let given_to = announced(&web, &mut web.field());
        let mut callers = vec![web.anonymous(), web.person("Nora")];
        callers.extend(Role::ALL.map(|role| web.with_role(role.as_str(), role)));
        shown_factors(&callers.iter().skip(1).collect::<Vec<_>>());
        let document = Document::new();
        let (before, mut tried) = (logged(&web), 0);
        for operation in routes::operations(&almoner::web::openapi()) {
            let (method, path) = (operation.method, operation.path.as_str());
            let Some(Value::Object(_)) = document.body(method, path) else { continue };
            // What strangers find is looked for before they are told how to ask for it.
            let at = match operation.id.as_str() {
                "announce_contribution" => path.replace("{id}", &given_to),
                _ => filled(path),
            };
            let mut places = BTreeSet::from([String::new()]);
            places.extend(document.objects(method, path));
            for place in &places {
                for list in [json!([]), json!([null, null])] {
                    no_object(&told(&callers, method, &at, &holding(place, &list)), place);
                    tried += 1;
                }
            }
        }
        assert!(tried > 400, "{tried}");
        assert_eq!(logged(&web), before, "nothing was done");
    }
}
