//! The answer bank: what was answered once is filled in again, and the person decides.

use super::*;
use crate::support::Harness;

fn form() -> Value {
    json!({ "questions": [
        question("bio", "long_text", json!({ "reuse_key": "biography", "required": true })),
        question("site", "short_text", json!({ "reuse_key": "website" })),
        question("why", "short_text", json!({})),
        question("cv", "file", json!({ "reuse_key": "cv" })),
    ] })
}

/// A second call asks for the same under other keys, and less of it.
fn other() -> Value {
    json!({ "questions": [
        question("about_you", "long_text", json!({ "reuse_key": "biography", "max_words": 3,
            "required": true })),
        question("web", "short_text", json!({ "reuse_key": "website" })),
        question("why", "short_text", json!({})),
    ] })
}

both! {
    fn what_was_answered_is_filled_in_and_waits_for_a_yes(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (first, second) = (call(&admin), call(&admin));
        write_form(&admin, &first, &form()).ok();
        write_form(&admin, &second, &other()).ok();
        let id = draft(&rea, &first, json!({ "bio": "A lens grinder", "site": "rea.example",
            "why": "Because" }));
        assert_eq!(rea.get("/api/v1/me/answers").ok()["items"], json!([]), "drafts are not kept");
        submit(&rea, &id).ok();
        let mine = rea.get("/api/v1/me/answers").ok();
        let names: Vec<&Value> = mine["items"].as_array().expect("items").iter()
            .map(|item| &item["reuse_key"]).collect();
        assert_eq!(names, ["website", "biography"]);
        assert_eq!(mine["items"][1]["answer"], "A lens grinder");
        assert_eq!(mine["items"][1]["application_id"], json!(id));
        assert_eq!(mine["items"][1]["answered_at"], "2026-11-02T09:00:00Z");

        t.clock.advance_seconds(86_400);
        let made = rea.post(APPLICATIONS, whole(&second)).ok();
        assert_eq!(made["answers"], json!({ "about_you": "A lens grinder", "web": "rea.example" }));
        assert_eq!(made["suggested"]["web"], json!({ "reuse_key": "website",
            "application_id": id, "answered_at": "2026-11-02T09:00:00Z" }));
        let next = made["id"].as_str().expect("an id");
        let unsure = submit(&rea, next).wrong_fields(&["/answers/about_you", "/answers/web"]);
        assert_eq!(unsure["fields"][0]["code"], "unconfirmed");
        assert!(unsure["fields"][0]["message"].to_string().contains("2026-11-02"), "{unsure}");
        edit(&rea, next, json!({ "confirm": ["why"] })).wrong_fields(&["/confirm/0"]);
        let sure = edit(&rea, next, json!({ "confirm": ["web"] })).ok();
        assert_eq!(sure["answers"]["web"], "rea.example");
        assert_eq!(sure["suggested"].as_object().map(|s| s.len()), Some(1));
        answer(&rea, next, json!({ "about_you": "A grinder" })).ok();
        assert_eq!(rea.get(&at(next, "")).ok().get("suggested"), None);
        submit(&rea, next).ok();
        let mine = rea.get("/api/v1/me/answers").ok();
        assert_eq!(mine["items"].as_array().map(Vec::len), Some(2), "one of each name");
        assert_eq!(mine["items"][1]["answer"], "A grinder", "the newest");
        assert_eq!(mine["items"][1]["application_id"], json!(next));
    }

    fn what_does_not_fit_or_is_answered_is_not_filled_in(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (first, second) = (call(&admin), call(&admin));
        write_form(&admin, &first, &form()).ok();
        write_form(&admin, &second, &other()).ok();
        let id = draft(&rea, &first, json!({ "bio": "one two three four", "site": "old.example" }));
        submit(&rea, &id).ok();
        let mut sent = whole(&second);
        sent["answers"] = json!({ "web": "new.example" });
        let made = rea.post(APPLICATIONS, sent).ok();
        assert_eq!(made["answers"], json!({ "web": "new.example" }), "four words are too many");
        assert_eq!(made.get("suggested"), None);
    }

    fn the_bank_is_its_owners_alone_and_forgets(t: &Harness) {
        let web = t.serve();
        let (admin, rea, sam) = (admin(&web), web.person("Rea"), web.person("Sam"));
        let call = call(&admin);
        write_form(&admin, &call, &form()).ok();
        let id = draft(&rea, &call, json!({ "bio": "Canary", "site": "x" }));
        submit(&rea, &id).ok();
        for who in [&sam, &admin] {
            assert_eq!(who.get("/api/v1/me/answers").ok()["items"], json!([]));
            let made = who.post(APPLICATIONS, whole(&call)).ok();
            assert_eq!(made["answers"], json!({}));
            who.delete("/api/v1/me/answers/biography").refused(404, "not_found");
        }
        web.anonymous().get("/api/v1/me/answers").refused(401, "unauthenticated");
        let page = rea.get("/api/v1/me/answers?limit=1").ok();
        let next = page["next"].as_str().expect("a next page");
        let rest = rea.get(&format!("/api/v1/me/answers?limit=1&after={next}")).ok();
        assert_eq!(rest["items"][0]["reuse_key"], "biography");
        assert_eq!(rea.delete("/api/v1/me/answers/biography").status, 204);
        rea.delete("/api/v1/me/answers/biography").refused(404, "not_found");
        assert_eq!(rea.post(APPLICATIONS, whole(&call)).ok()["answers"], json!({ "site": "x" }));
        assert_eq!(rea.get(&at(&id, "")).ok()["answers"]["bio"], "Canary",
            "what was handed in stays");
        let log = admin.get("/api/v1/audit").text();
        assert!(!log.contains("Canary"), "{log}");
    }

    fn what_waits_for_a_yes_waits_for_it_under_another_key_too(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (first, second) = (call(&admin), call(&admin));
        write_form(&admin, &first, &form()).ok();
        write_form(&admin, &second, &other()).ok();
        let given = json!({ "bio": "A lens grinder", "site": "rea.example" });
        let from = draft(&rea, &first, given);
        submit(&rea, &from).ok();
        let id = draft(&rea, &second, json!({}));
        let renamed = json!({ "questions": [
            question("who", "long_text", json!({ "reuse_key": "biography", "required": true })),
            question("page", "short_text", json!({ "reuse_key": "website" })),
        ] });
        write_form(&admin, &second, &renamed).ok();
        let moved = rea.command(&at(&id, "/form")).ok();
        assert_eq!(moved["answers"], json!({ "who": "A lens grinder", "page": "rea.example" }));
        assert_eq!(moved["suggested"]["who"]["application_id"], json!(from));
        submit(&rea, &id).wrong_fields(&["/answers/page", "/answers/who"]);
        // Nor does a version from before bring back as an answer what nobody had confirmed.
        answer(&rea, &id, json!({ "page": "new.example" })).ok();
        let etag = rea.get(&at(&id, "")).etag().to_owned();
        let restore = at(&id, "/versions/1/restore");
        let body = Some(b"{}".to_vec());
        let back = rea.send("POST", &restore, &[("If-Match", &etag)], body).ok();
        assert_eq!((&back["form_version"], &back["answers"]["page"]),
            (&json!(2), &json!("new.example")));
        submit(&rea, &id).wrong_fields(&["/answers/who"]);
    }

    fn what_was_answered_last_comes_first(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (first, second) = (call(&admin), call(&admin));
        write_form(&admin, &first, &form()).ok();
        let less = question("bio", "long_text", json!({ "reuse_key": "biography" }));
        write_form(&admin, &second, &json!({ "questions": [less] })).ok();
        let names = |path: &str| -> Vec<Value> {
            let mine = rea.get(path).ok();
            let items = mine["items"].as_array().expect("items");
            items.iter().map(|item| item["reuse_key"].clone()).collect()
        };
        let all = "/api/v1/me/answers";
        submit(&rea, &draft(&rea, &first, json!({ "bio": "One", "site": "x" }))).ok();
        assert_eq!(names(all), ["website", "biography"]);
        submit(&rea, &draft(&rea, &second, json!({ "bio": "Two" }))).ok();
        assert_eq!(names(all), ["biography", "website"]);
        let page = rea.get(&format!("{all}?limit=1")).ok();
        let next = page["next"].as_str().expect("a next page");
        assert_eq!(names(&format!("{all}?limit=1&after={next}")), ["website"]);
    }
}
