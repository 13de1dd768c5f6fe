//! What is published about how long decisions take.

use crate::decisions::{at, day, decline, submitted};
use crate::support::Harness;
use crate::support::desk::usd;
use serde_json::{Value, json};

both! {
    fn figures_are_published_of_five_and_more(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let ids: Vec<String> = (0..6).map(|_| submitted(&field, &web.person("Rea"))).collect();
        let hidden = json!({ "title": "Hidden", "kind": "rolling", "visibility": "private" });
        let hidden = admin.post("/api/v1/calls", hidden).id();
        admin.command(&format!("/api/v1/calls/{hidden}/open")).ok();
        let stats = || web.anonymous().get("/api/v1/stats/decisions").ok();
        assert_eq!(stats()["items"][0]["months"], json!([]));
        // First answers after 1, 2, 3, 4 and 5 days.
        for (n, id) in ids.iter().take(4).enumerate() {
            day(t, &format!("2026-11-0{}", n + 3));
            admin.command(&at(id, "/open")).ok();
        }
        let none = json!({
            "suppressed": true, "count": null, "median_days": null, "p90_days": null,
        });
        assert_eq!(stats()["items"][0]["months"][0]["first_answer"], none);
        day(t, "2026-11-07");
        decline(admin, &ids[4]);
        let told = stats();
        assert_eq!(told["items"].as_array().map(Vec::len), Some(1), "public calls alone: {told}");
        let few = json!({ "suppressed": true, "count": null, "oldest_days": null });
        let six = json!({ "suppressed": false, "count": 5, "oldest_days": 5 });
        assert_eq!(told["items"][0]["waiting"], six);
        let month = &told["items"][0]["months"][0];
        assert_eq!(month["month"], "2026-11");
        let five = json!({
            "suppressed": false, "count": 5, "median_days": 3, "p90_days": 5,
        });
        assert_eq!(month["first_answer"], five);
        assert_eq!(month["decision"], none);
        // Each is counted once, in the month of its own answer.
        day(t, "2026-12-01");
        for id in ids.iter().take(4) {
            decline(admin, id);
        }
        let why = json!({ "reason": "Say more." });
        admin.post(&at(&ids[5], "/request-changes"), why).ok();
        let told = stats();
        assert_eq!(told["items"][0]["waiting"], few, "fewer than five wait");
        let months = told["items"][0]["months"].as_array().expect("months");
        assert_eq!(months.len(), 2);
        assert_eq!((&months[0]["month"], &months[0]["decision"]), (&json!("2026-12"), &none));
        assert_eq!(months[1]["first_answer"], five, "the newest first");
        // Together they are five; the one answer of December would be what is left.
        let decided = json!({
            "suppressed": false, "count": 5, "median_days": 29, "p90_days": 29,
        });
        let span = json!({ "first_answer": none, "decision": decided });
        assert_eq!(told["items"][0]["span"], span);
        let only = |query: &str| {
            let path = format!("/api/v1/stats/decisions?{query}");
            web.anonymous().get(&path).ok()["items"].as_array().expect("items").clone()
        };
        assert_eq!(only(&format!("call_id={hidden}")), Vec::<Value>::new());
        let november = only("from=2026-11-01&to=2026-11-30");
        assert_eq!(november[0]["months"].as_array().map(Vec::len), Some(1));
        let span = json!({ "first_answer": five, "decision": none });
        assert_eq!(november[0]["span"], span);
        let path = "/api/v1/stats/decisions?from=2020-01-01";
        web.anonymous().get(path).wrong_fields(&["?from"]);
    }

    fn four_a_month_are_told_of_together(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let ids: Vec<String> = (0..12).map(|_| submitted(&field, &web.person("Rea"))).collect();
        let asked = |query: &str| {
            let path = format!("/api/v1/stats/decisions{query}");
            web.anonymous().get(&path).ok()["items"][0].clone()
        };
        for (month, four) in ["2026-11-05", "2026-12-05", "2027-01-05"].iter().zip(ids.chunks(4)) {
            assert_eq!(asked("")["span"]["decision"]["count"], if *month < "2027" {
                Value::Null
            } else {
                json!(5)
            }, "before {month}");
            day(t, month);
            four.iter().for_each(|id| decline(admin, id));
        }
        let told = asked("");
        let months = told["months"].as_array().expect("months");
        assert!(months.iter().all(|month| month["decision"]["suppressed"] == true), "{told}");
        // Twelve: to the five below, so that no month is what two spans differ by.
        let all = json!({
            "suppressed": false, "count": 10, "median_days": 33, "p90_days": 64,
        });
        assert_eq!(told["span"], json!({ "first_answer": all, "decision": all }));
        let one = asked("?from=2026-12-01&to=2026-12-31");
        assert_eq!(one["months"].as_array().map(Vec::len), Some(1));
        assert_eq!(one["span"]["decision"]["suppressed"], true, "{one}");
    }

    fn what_lapses_is_decided(t: &Harness) {
        day(t, "2028-01-31");
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let call = json!({ "title": "Dated", "kind": "dated", "opens_on": "2028-01-31",
            "closes_on": "2028-02-01", "decision_days": 7 });
        let call = admin.post("/api/v1/calls", call).id();
        admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        let ids: Vec<String> = (0..5).map(|_| field.applies_with(&web.person("Rea"), json!({
            "call_id": call, "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All", "amount": usd("9.00") }] }))).collect();
        let mut lapsed = String::new();
        for month in ["2028-02-20", "2028-03-20", "2028-04-20", "2028-05-20", "2028-06-20"] {
            day(t, month);
            web.work();
            if lapsed.is_empty() && admin.get(&at(&ids[0], "")).ok()["status"] == "lapsed" {
                lapsed = month[..7].into();
            }
        }
        let path = format!("/api/v1/stats/decisions?call_id={call}");
        let told = web.anonymous().get(&path).ok()["items"][0].clone();
        let months = told["months"].as_array().expect("months");
        let month = months.iter().find(|month| month["month"] == json!(lapsed)).expect("told");
        assert_eq!(month["decision"]["count"], 5, "{told}");
    }
}
