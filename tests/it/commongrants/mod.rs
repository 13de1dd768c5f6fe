//! CommonGrants: what the protocol shows of public calls, and nothing else.

mod applying;
mod document;
mod forms;
mod found;
mod tools;

use crate::support::Harness;
use crate::support::web::{Client, Reply};
use almoner::kernel::actor::Role;
use almoner::kernel::time::Date;
use serde_json::{Value, json};

const ROOT: &str = "/common-grants/opportunities";

fn day(t: &Harness, text: &str) {
    let day: Date = text.parse().expect("a day");
    t.clock.set(day.start());
}

/// A call that was opened; its id.
fn opened(admin: &Client, title: &str, more: Value) -> String {
    let mut form = json!({ "title": title, "kind": "rolling" });
    for (key, value) in more.as_object().expect("fields") {
        form[key] = value.clone();
    }
    let id = admin.post("/api/v1/calls", form).id();
    admin.command(&format!("/api/v1/calls/{id}/open")).ok();
    id
}

fn titles(reply: &Reply) -> Vec<String> {
    let page = reply.ok();
    let items = page["items"].as_array().expect("items").iter();
    items.map(|item| item["title"].as_str().expect("a title").to_owned()).collect()
}

fn search(who: &Client, form: Value) -> Reply {
    who.post(&format!("{ROOT}/search"), form)
}

/// An error in the protocol's envelope; its message.
#[track_caller]
fn enveloped(reply: &Reply, status: u16) -> String {
    assert_eq!(reply.status, status, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let envelope = reply.json();
    let mut keys: Vec<&String> = envelope.as_object().expect("an object").keys().collect();
    keys.sort();
    assert_eq!(keys, ["errors", "message", "status"], "{envelope}");
    assert_eq!(envelope["status"], status);
    assert!(envelope["errors"].is_array());
    envelope["message"].as_str().expect("a message").to_owned()
}

both! {
    fn only_public_calls_are_opportunities(t: &Harness) {
        let web = t.serve();
        let (admin, nobody) = (web.with_role("Ada", Role::Admin), web.anonymous());
        let draft = json!({ "title": "Draft", "kind": "rolling" });
        let draft = admin.post("/api/v1/calls", draft).id();
        let private = opened(&admin, "Private", json!({ "visibility": "private" }));
        let shown = opened(&admin, "Shown", json!({ "summary": "Für alle" }));
        assert_eq!(titles(&nobody.get(ROOT)), ["Shown"]);
        assert_eq!(titles(&admin.get(ROOT)), ["Shown"], "to whoever asks");
        assert_eq!(titles(&search(&nobody, json!({}))), ["Shown"]);
        for hidden in [&draft, &private, "01a19b7c-a680-7035-80a7-6d853561f4e6", "x", "%00"] {
            let refused = nobody.get(&format!("{ROOT}/{hidden}"));
            assert!(enveloped(&refused, 404).contains("no such opportunity"), "{hidden}");
        }
        let one = nobody.get(&format!("{ROOT}/{shown}")).ok();
        insta::with_settings!({ snapshot_path => "snapshots" }, {
            let told = serde_json::to_string_pretty(&one).expect("JSON");
            let told = told.replace(&web.url, "https://almoner.example").replace(&shown, "ID");
            let base = web.env().config.base_url();
            insta::assert_snapshot!("opportunity", told.replace(&base, "https://almoner.example"));
        });
        // What was shown is hidden again with its call.
        let etag = admin.get(&format!("/api/v1/calls/{shown}")).etag().to_owned();
        let hide = json!({ "visibility": "private" });
        admin.patch(&format!("/api/v1/calls/{shown}"), &etag, hide).ok();
        enveloped(&nobody.get(&format!("{ROOT}/{shown}")), 404);
        assert_eq!(nobody.get(ROOT).ok()["paginationInfo"]["totalItems"], 0);
    }

    fn a_status_follows_the_days(t: &Harness) {
        let web = t.serve();
        let (admin, nobody) = (web.with_role("Ada", Role::Admin), web.anonymous());
        let dated = json!({ "kind": "dated", "opens_on": "2026-11-05", "closes_on": "2026-11-20" });
        let id = opened(&admin, "Leap", dated);
        opened(&admin, "Rolling", json!({}));
        let of = |status: &str| {
            let status = json!({ "operator": "in", "value": [status] });
            titles(&search(&nobody, json!({ "filters": { "status": status } })))
        };
        for (on, status) in [
            ("2026-11-04", "forecasted"),
            ("2026-11-05", "open"),
            ("2026-11-20", "open"),
            ("2026-11-21", "closed"),
        ] {
            day(t, on);
            let one = nobody.get(&format!("{ROOT}/{id}")).ok();
            assert_eq!(one["data"]["status"]["value"], status, "on {on}");
            for other in ["forecasted", "open", "closed"] {
                let found = of(other).contains(&"Leap".to_owned());
                assert_eq!(found, other == status, "{other} on {on}");
            }
            let not = json!({ "operator": "notIn", "value": [status] });
            let rest = titles(&search(&nobody, json!({ "filters": { "status": not } })));
            assert!(!rest.contains(&"Leap".to_owned()), "on {on}");
            assert_eq!(of("custom"), [""; 0]);
        }
        assert_eq!(of("open"), ["Rolling"]);
    }

    fn pages_filters_and_orders(t: &Harness) {
        let web = t.serve();
        let (admin, nobody) = (web.with_role("Ada", Role::Admin), web.anonymous());
        let mut ids = Vec::new();
        for (title, last) in [("b 100%", "2026-12-01"), ("Ähren", "2026-12-24"), ("a_b", "")] {
            t.clock.advance_seconds(60);
            let form = match last {
                "" => json!({ "summary": "Barley" }),
                last => json!({ "kind": "dated", "closes_on": last }),
            };
            ids.push(opened(&admin, title, form));
        }
        assert_eq!(titles(&nobody.get(ROOT)), ["a_b", "Ähren", "b 100%"]);
        // What is edited comes first.
        t.clock.advance_seconds(60);
        let path = format!("/api/v1/calls/{}", ids[0]);
        let etag = admin.get(&path).etag().to_owned();
        admin.patch(&path, &etag, json!({ "summary": "Now with more words" })).ok();
        assert_eq!(titles(&nobody.get(ROOT)), ["b 100%", "a_b", "Ähren"]);
        let page = nobody.get(&format!("{ROOT}?page=2&pageSize=2"));
        assert_eq!(titles(&page), ["Ähren"]);
        let info = json!({ "page": 2, "pageSize": 2, "totalItems": 3, "totalPages": 2 });
        assert_eq!(page.ok()["paginationInfo"], info);
        assert_eq!(titles(&nobody.get(&format!("{ROOT}?page=2147483647&pageSize=100"))), [""; 0]);
        let large = nobody.get(&format!("{ROOT}?pageSize=900")).ok();
        assert_eq!(large["paginationInfo"]["pageSize"], 100);
        let found = |words: &str| titles(&search(&nobody, json!({ "search": words })));
        assert_eq!(found("äHREN"), ["Ähren"]);
        assert_eq!(found("MORE now"), ["b 100%"]);
        assert_eq!(found("barley"), ["a_b"]);
        assert_eq!((found("0%"), found("%%")), (vec!["b 100%".to_owned()], vec![]));
        assert_eq!((found("a_b"), found("_%")), (vec!["a_b".to_owned()], vec![]));
        assert_eq!(found("' OR 1=1 --"), [""; 0]);
        let sorted = |by: &str, order: &str| {
            titles(&search(&nobody, json!({ "sorting": { "sortBy": by, "sortOrder": order } })))
        };
        assert_eq!(sorted("title", "asc"), ["a_b", "b 100%", "Ähren"]);
        assert_eq!(sorted("title", "desc"), ["Ähren", "b 100%", "a_b"]);
        assert_eq!(sorted("createdAt", "asc"), ["b 100%", "Ähren", "a_b"]);
        assert_eq!(sorted("lastModifiedAt", "asc"), ["Ähren", "a_b", "b 100%"]);
        assert_eq!(sorted("keyDates.closeDate", "asc"), ["b 100%", "Ähren", "a_b"]);
        assert_eq!(sorted("keyDates.closeDate", "desc"), ["Ähren", "b 100%", "a_b"]);
        let closes = |operator: &str, min: &str, max: &str| {
            let range = json!({ "operator": operator, "value": { "min": min, "max": max } });
            titles(&search(&nobody, json!({ "filters": { "closeDateRange": range } })))
        };
        assert_eq!(closes("between", "2026-12-01", "2026-12-23T23:59:59Z"), ["b 100%"]);
        assert_eq!(closes("outside", "2026-12-02", "2026-12-31"), ["b 100%"]);
        assert_eq!(closes("between", "2026-12-25", "2026-12-02"), [""; 0]);
        let unknown = json!({
            "sorting": { "sortBy": "custom", "customSortBy": "x" }, "else": 1,
            "filters": { "customFilters": { "x": { "operator": "eq", "value": 1 } } },
        });
        let told = search(&nobody, unknown).ok();
        assert_eq!(told["sortInfo"]["sortBy"], "lastModifiedAt");
        assert_eq!(told["sortInfo"]["errors"].as_array().map(Vec::len), Some(1), "{told}");
        assert_eq!(told["filterInfo"]["errors"].as_array().map(Vec::len), Some(1), "{told}");
    }

    fn errors_have_the_protocols_envelope(t: &Harness) {
        let web = t.serve();
        let nobody = web.anonymous();
        enveloped(&nobody.get("/common-grants/nothing"), 404);
        enveloped(&nobody.send("DELETE", ROOT, &[], None), 405);
        enveloped(&nobody.get(&format!("{ROOT}?page=0")), 422);
        enveloped(&nobody.get(&format!("{ROOT}?page=x")), 422);
        enveloped(&nobody.get(&format!("{ROOT}?pageSize=99999999999")), 422);
        let path = format!("{ROOT}/search");
        enveloped(&nobody.send("POST", &path, &[], Some(b"{".to_vec())), 400);
        enveloped(&search(&nobody, json!({ "search": "a\u{0}b" })), 422);
        let text = [("Content-Type", "text/plain")];
        enveloped(&nobody.send("POST", &path, &text, Some(b"{}".to_vec())), 415);
        let long = vec![b' '; 2 << 20];
        enveloped(&nobody.send("POST", &path, &[], Some(long)), 413);
        let wrong = json!({ "pagination": { "page": 0 },
            "filters": { "closeDateRange": { "operator": "between",
                "value": { "min": "soon", "max": "2026-01-01" } } } });
        let refused = search(&nobody, wrong);
        enveloped(&refused, 422);
        let fields = refused.json()["errors"].as_array().cloned().unwrap_or_default();
        let fields: Vec<_> = fields.iter().filter_map(|e| e["field"].as_str()).collect();
        assert_eq!(fields, ["/pagination/page", "/filters/closeDateRange/value/min"]);
        enveloped(&search(&nobody, json!({ "search": null })), 422);
        enveloped(&search(&nobody, json!({ "filters": { "status": null } })), 422);
        let money = json!({ "amount": "much", "currency": "USD" });
        let range = json!({ "operator": "between", "value": { "min": money, "max": money } });
        let range = json!({ "filters": { "minAwardAmountRange": range } });
        enveloped(&search(&nobody, range), 422);
        // Also where the answer is compressed, and where somebody has no valid token.
        let zipped = nobody.send("GET", &format!("{ROOT}/x"), &[("Accept-Encoding", "gzip")], None);
        enveloped(&zipped, 404);
        let bad = [("Authorization", "Bearer nonsense")];
        enveloped(&nobody.send("GET", ROOT, &bad, None), 401);
        // Elsewhere problems stay what they are.
        nobody.get("/api/v1/common-grants/opportunities").refused(404, "not_found");
    }
}
