//! The history of what was written: nothing that stood there is lost.

use super::*;

fn numbers(who: &Client, id: &str) -> Vec<i64> {
    let page = who.get(&at(&format!("{id}/versions"))).ok();
    let items = page["items"].as_array().expect("items");
    items.iter().map(|v| v["number"].as_i64().expect("a number")).collect()
}

fn body(who: &Client, id: &str, number: i64) -> String {
    let version = who.get(&at(&format!("{id}/versions/{number}"))).ok();
    version["content"]["body"].as_str().expect("a text").to_owned()
}

both! {
    fn autosave_is_one_version_until_something_is_taken_out(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let id = draft(&rea, &call, json!({ "body": "we" }));
        for text in ["we grind", "we grind lenses", "So we grind lenses"] {
            edit(&rea, &id, json!({ "body": text })).ok();
        }
        assert_eq!(numbers(&rea, &id), [1]);
        assert_eq!(body(&rea, &id, 1), "So we grind lenses");
        edit(&rea, &id, json!({ "body": "So we grind" })).ok();
        assert_eq!(numbers(&rea, &id), [2, 1], "a word was taken out");
        edit(&rea, &id, json!({ "amount_minimum": usd("9.00") })).ok();
        assert_eq!(numbers(&rea, &id), [3, 2, 1], "an amount was another");
        t.clock.advance_seconds(300);
        edit(&rea, &id, json!({ "body": "So we grind lenses" })).ok();
        assert_eq!(numbers(&rea, &id), [4, 3, 2, 1], "five minutes are over");
        assert_eq!(body(&rea, &id, 1), "So we grind lenses");
        assert_eq!(body(&rea, &id, 2), "So we grind");
        edit(&rea, &id, json!({})).ok();
        assert_eq!(numbers(&rea, &id).len(), 4, "nothing changed");
        let row = rea.get(&at(&format!("{id}/versions?limit=1"))).ok();
        assert_eq!(row["items"][0]["saved_by"]["name"], "Rea");
        assert_eq!(row["items"][0]["saved_at"], "2026-11-02T09:05:00Z");
        let next = row["next"].as_str().expect("a next page");
        let rest = rea.get(&at(&format!("{id}/versions?limit=1&after={next}"))).ok();
        assert_eq!(rest["items"][0]["number"], 3);
    }

    fn what_stood_there_before_comes_back(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let call = rolling(&admin);
        let question = |key: &str| super::routes::question(key, "short_text", json!({}));
        let form = json!({ "questions": [question("plan"), question("risk")] });
        super::routes::write_form(&admin, &call, &form);
        let first = json!({ "body": "We grind", "answers": { "plan": "Flint", "risk": "None" } });
        let id = draft(&rea, &call, first);
        let second = json!({ "title": "Two", "body": "Polish", "amount_minimum": null,
            "answers": { "plan": "Crown", "risk": null } });
        edit(&rea, &id, second).ok();
        edit(&rea, &id, json!({ "title": "Three", "answers": { "risk": "Much" } })).ok();
        let restore = |who: &Client, number: i64, etag: &str| {
            let path = at(&format!("{id}/versions/{number}/restore"));
            let body = Some(b"{}".to_vec());
            who.send("POST", &path, &[("If-Match", etag)], body)
        };
        let etag = rea.get(&at(&id)).etag().to_owned();
        restore(&rea, 9, &etag).refused(404, "not_found");
        restore(&mo, 1, &etag).refused(404, "not_found");
        restore(&rea, 1, "\"v1\"").refused(412, "edited_meanwhile");
        let back = restore(&rea, 1, &etag).ok();
        assert_eq!(back["body"], "We grind");
        assert_eq!(back["amount_minimum"], usd("10000.00"));
        assert_eq!(back["answers"], json!({ "plan": "Flint", "risk": "None" }));
        // Nothing is lost by it.
        let last = numbers(&rea, &id)[0];
        let etag = rea.get(&at(&id)).etag().to_owned();
        let again = restore(&rea, last - 1, &etag).ok();
        assert_eq!((&again["title"], &again["amount_minimum"]), (&json!("Three"), &Value::Null));
        assert_eq!(again["answers"], json!({ "plan": "Crown", "risk": "Much" }));
        // What the form did not ask then stays, and so does who may come across it.
        let more = json!({ "questions": [question("plan"), question("risk"), question("new")] });
        super::routes::write_form(&admin, &call, &more);
        let moved = rea.post(&at(&format!("{id}/form")), json!({})).ok();
        let other = if moved["visibility"] == "public" { "private" } else { "public" };
        edit(&rea, &id, json!({ "answers": { "new": "Asked now" }, "visibility": other })).ok();
        let etag = rea.get(&at(&id)).etag().to_owned();
        let old = restore(&rea, 1, &etag).ok();
        assert_eq!(old["answers"], json!({ "plan": "Flint", "risk": "None", "new": "Asked now" }));
        assert_eq!(old["visibility"], other);
        // Once it is handed in, it is not edited by this either.
        let etag = rea.get(&at(&id)).etag().to_owned();
        restore(&rea, 1, &etag).ok();
        rea.command(&at(&format!("{id}/submit"))).ok();
        let etag = rea.get(&at(&id)).etag().to_owned();
        restore(&rea, last - 1, &etag).refused(409, "wrong_state");
        restore(&admin, 1, &etag).refused(403, "forbidden");
    }

    fn the_difference_is_told_word_by_word(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let id = draft(&rea, &rolling(&admin), json!({ "body": "We grind one lens" }));
        edit(&rea, &id, json!({ "body": "We polish one lens", "duration_months": 6 })).ok();
        let diff = rea.get(&at(&format!("{id}/versions/2/diff"))).ok();
        assert_eq!((&diff["from"], &diff["to"]), (&json!(1), &json!(2)));
        assert_eq!(diff["changes"], json!([
            { "pointer": "/body", "pieces": [
                { "kind": "kept", "text": "We " }, { "kind": "removed", "text": "grind" },
                { "kind": "added", "text": "polish" }, { "kind": "kept", "text": " one lens" } ] },
            { "pointer": "/duration_months", "pieces": [
                { "kind": "removed", "text": "12" }, { "kind": "added", "text": "6" } ] },
        ]));
        let back = rea.get(&at(&format!("{id}/versions/1/diff?from=2"))).ok();
        assert_eq!(back["changes"][1]["pieces"][1]["text"], "12");
        let first = rea.get(&at(&format!("{id}/versions/1/diff"))).ok();
        assert_eq!(first["from"], Value::Null);
        rea.get(&at(&format!("{id}/versions/3/diff"))).refused(404, "not_found");
        rea.get(&at(&format!("{id}/versions/1/diff?from=9"))).refused(404, "not_found");
        rea.get(&at(&format!("{id}/versions/x"))).refused(400, "malformed_request");
    }

    fn long_texts_without_a_line_in_common_are_told_apart_at_once(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (old, new) = ("a\n".repeat(24_999) + "a", "b\n".repeat(24_999) + "b");
        let id = draft(&rea, &rolling(&admin), json!({ "body": old }));
        edit(&rea, &id, json!({ "body": new })).ok();
        let watch = almoner::kernel::time::Stopwatch::start();
        let diff = rea.get(&at(&format!("{id}/versions/2/diff"))).ok();
        assert!(watch.read().as_secs() < 5, "{:?}", watch.read());
        let pieces = diff["changes"][0]["pieces"].as_array().expect("pieces");
        let without = |kind: &str| -> String {
            pieces.iter().filter(|p| p["kind"] != kind).filter_map(|p| p["text"].as_str()).collect()
        };
        assert_eq!((without("added"), without("removed")), (old, new));
    }

    fn the_sponsor_sees_what_was_handed_in_and_strangers_nothing(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let auditor = web.with_role("Aud", Role::Auditor);
        let id = draft(&rea, &rolling(&admin), json!({ "body": "Canary draft",
            "visibility": "public" }));
        edit(&rea, &id, json!({ "body": "Fit to be read" })).ok();
        for who in [&admin, &auditor] {
            who.get(&at(&format!("{id}/versions"))).refused(404, "not_found");
        }
        rea.command(&at(&format!("{id}/submit"))).ok();
        send_back(&admin, &id);
        edit(&rea, &id, json!({ "body": "Canary rewritten" })).ok();
        for who in [&admin, &auditor] {
            assert_eq!(numbers(who, &id), [2]);
            assert_eq!(body(who, &id, 2), "Fit to be read");
            for path in ["versions/1", "versions/3", "versions/1/diff", "versions/2/diff?from=1"] {
                who.get(&at(&format!("{id}/{path}"))).refused(404, "not_found");
            }
            let diff = who.get(&at(&format!("{id}/versions/2/diff")));
            assert_eq!(diff.ok()["from"], Value::Null);
            assert!(!diff.text().contains("Canary"));
        }
        assert_eq!(numbers(&rea, &id), [3, 2, 1]);
        edit(&rea, &id, json!({ "body": "Fit again" })).ok();
        rea.command(&at(&format!("{id}/submit"))).ok();
        assert_eq!(numbers(&admin, &id), [4, 2]);
        let diff = admin.get(&at(&format!("{id}/versions/4/diff"))).ok();
        assert_eq!(diff["from"], 2, "since what they saw before");
        admin.command(&at(&format!("{id}/open"))).ok();
        for who in [&web.person("Sam"), &web.with_role("Reg", Role::Regrantor)] {
            who.get(&at(&id)).ok();
            who.get(&at(&format!("{id}/versions"))).refused(404, "not_found");
            who.get(&at(&format!("{id}/versions/2"))).refused(404, "not_found");
        }
        web.anonymous().get(&at(&format!("{id}/versions"))).refused(401, "unauthenticated");
        // What was taken back can still be read by its team.
        rea.command(&at(&format!("{id}/withdraw"))).ok();
        assert_eq!(body(&rea, &id, 1), "Canary draft");
    }
}
