//! What is published about how long decisions take.

use crate::decisions::{at, day, decline, submitted};
use crate::support::Harness;
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
        let months = told["items"][0]["months"].as_array().expect("months");
        assert_eq!(months.len(), 2);
        assert_eq!((&months[0]["month"], &months[0]["decision"]), (&json!("2026-12"), &none));
        assert_eq!(months[1]["first_answer"], five, "the newest first");
        let only = |query: &str| {
            let path = format!("/api/v1/stats/decisions?{query}");
            web.anonymous().get(&path).ok()["items"].as_array().expect("items").clone()
        };
        assert_eq!(only(&format!("call_id={hidden}")), Vec::<Value>::new());
        let november = only("from=2026-11-01&to=2026-11-30");
        assert_eq!(november[0]["months"].as_array().map(Vec::len), Some(1));
        let path = "/api/v1/stats/decisions?from=2020-01-01";
        web.anonymous().get(path).wrong_fields(&["?from"]);
    }
}
