//! Writing: drafts saved as they grow, what may stand in them, what a submission needs.

use super::*;

both! {
    fn a_draft_grows_as_it_is_saved(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let made = rea.post(APPLICATIONS, json!({ "call_id": call, "title": "Probes" }));
        let place = made.header("location").expect("a place").to_owned();
        assert_eq!((made.status, made.etag()), (201, "\"v1\""));
        let made = made.ok();
        assert_eq!(made["status"], "draft");
        assert_eq!(made["visibility"], "private");
        assert_eq!(made["applicant"], json!({ "id": rea.id(), "name": "Rea" }));
        for empty in ["amount_minimum", "amount_requested", "duration_months", "promised_on"] {
            assert_eq!(made[empty], Value::Null, "{empty}");
        }
        let saved = rea.patch(&place, "\"v1\"", json!({
            "summary": "What\r\nwe do", "amount_requested": usd("500.00"), "duration_months": 120,
        }));
        assert_eq!(saved.etag(), "\"v2\"");
        let saved = saved.ok();
        assert_eq!(saved["summary"], "What\nwe do");
        assert_eq!(saved["title"], "Probes", "what is absent stays");
        assert_eq!(saved["amount_requested"], usd("500.00"));
        let cleared = edit(&rea, made["id"].as_str().expect("an id"), json!({
            "summary": null, "amount_requested": null, "duration_months": null, "body": null,
            "budget_lines": null, "amount_minimum": null,
        })).ok();
        assert_eq!(cleared["summary"], "");
        assert_eq!(cleared["amount_requested"], Value::Null);
        assert_eq!(rea.patch(&place, "\"v3\"", json!({})).etag(), "\"v3\"", "nothing changed");
        let late = rea.patch(&place, "\"v2\"", json!({ "title": "Late" }));
        let told = late.refused(412, "edited_meanwhile")["detail"].to_string();
        assert!(told.contains("Rea changed it") && told.contains("v3"), "{told}");
        rea.send("PATCH", &place, &[], Some(b"{}".to_vec())).refused(428, "precondition_required");
        assert_eq!(rea.get(&place).ok()["title"], "Probes");
    }

    fn names_of_the_world_pass(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let me = rea.get("/api/v1/me");
        rea.patch("/api/v1/me", me.etag(), json!({ "name": "محمد بن راشد" })).ok();
        let call = rolling(&admin);
        for title in ["עדה 👩🏽‍🔬 probes", "李小龍の研究", "Zoë \u{1F9EA} Ångström"] {
            let id = draft(&rea, &call, json!({ "title": title, "body": title }));
            let seen = rea.get(&at(&id)).ok();
            assert_eq!((&seen["title"], &seen["body"]), (&json!(title), &json!(title)));
            assert_eq!(seen["applicant"]["name"], "محمد بن راشد");
            rea.command(&at(&format!("{id}/submit"))).ok();
        }
        let longest = "👩".repeat(200);
        let long = draft(&rea, &call, json!({ "title": longest }));
        assert_eq!(rea.get(&at(&long)).ok()["title"], longest);
    }

    fn bad_input_is_refused_whole(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let id = draft(&rea, &call, json!({}));
        let before = rea.get(&at(&id)).ok();
        let one = |amount: Value| json!({ "amount_minimum": amount });
        for (amount, pointer) in [
            (usd("-1.00"), "/amount_minimum/amount"),
            (usd("0.00"), "/amount_minimum/amount"),
            (usd("1.005"), "/amount_minimum/amount"),
            (usd("1"), "/amount_minimum/amount"),
            (usd("99999999999999999999.00"), "/amount_minimum/amount"),
            (usd("1e3"), "/amount_minimum/amount"),
            (json!({ "amount": "1.00", "currency": "usd" }), "/amount_minimum/currency"),
            (json!({ "amount": "1.00", "currency": "XAU" }), "/amount_minimum/currency"),
            (json!({ "amount": "1.00", "currency": "EUR" }), "/amount_minimum/currency"),
            (json!({ "amount": "1.00", "currency": "USD", "x": 1 }), "/amount_minimum/x"),
            (json!({ "amount": 1.0, "currency": "USD" }), "/amount_minimum/amount"),
            (usd("50000.01"), "/amount_minimum/amount"),
        ] {
            edit(&rea, &id, one(amount)).wrong_fields(&[pointer]);
        }
        for (body, pointer) in [
            (json!({ "status": "open" }), "/status"),
            (json!({ "offered": usd("1.00") }), "/offered"),
            (json!({ "applicant_id": admin.id() }), "/applicant_id"),
            (json!({ "call_id": call }), "/call_id"),
            (json!({ "title": "" }), "/title"),
            (json!({ "title": "a\nb" }), "/title"),
            (json!({ "title": "\u{202E}gnp.exe" }), "/title"),
            (json!({ "title": "x".repeat(201) }), "/title"),
            (json!({ "summary": "x".repeat(2_001) }), "/summary"),
            (json!({ "body": "x".repeat(50_001) }), "/body"),
            (json!({ "body": "a\u{0}b" }), "/body"),
            (json!({ "duration_months": 0 }), "/duration_months"),
            (json!({ "duration_months": 121 }), "/duration_months"),
            (json!({ "duration_months": 1.5 }), "/duration_months"),
            (json!({ "visibility": null }), "/visibility"),
            (json!({ "visibility": "secret" }), "/visibility"),
            (json!({ "budget_lines": [{ "label": "x", "amount": usd("1.00"), "n": 1 }] }),
                "/budget_lines/0/n"),
            (json!({ "budget_lines": vec![json!({ "label": "x", "amount": usd("1.00") }); 51] }),
                "/budget_lines"),
        ] {
            edit(&rea, &id, body).wrong_fields(&[pointer]);
        }
        let raw = |bytes: &[u8]| {
            rea.send("PATCH", &at(&id), &[("If-Match", "\"v1\"")], Some(bytes.to_vec()))
        };
        raw(b"{\"title\":\"\xff\xfe\"}").refused(400, "malformed_request");
        raw(b"{\"title\":\"x\"").refused(400, "malformed_request");
        raw(&vec![b' '; 2 << 20]).refused(413, "too_large");
        assert_eq!(rea.get(&at(&id)).ok(), before, "nothing changed");
        assert_eq!(rea.get(&at(&id)).etag(), "\"v1\"");
        // The largest amount that there is, and the longest texts, can be kept.
        let most = usd("10000000000000.00");
        let lines = json!([{ "label": "All", "amount": most }]);
        edit(&rea, &id, json!({
            "amount_requested": most, "budget_lines": lines, "body": "x".repeat(50_000),
        })).ok();
    }

    fn a_submission_is_complete_and_promises_a_day(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin, json!({
            "title": "Long", "kind": "rolling", "opens_on": "2020-01-01", "decision_days": 60,
        }));
        let bare = rea.post(APPLICATIONS, json!({ "call_id": call, "title": "Probes" })).id();
        rea.command(&at(&format!("{bare}/submit"))).wrong_fields(&[
            "/summary", "/body", "/amount_minimum", "/amount_requested", "/duration_months",
            "/budget_lines",
        ]);
        let id = draft(&rea, &call, json!({
            "budget_lines": [{ "label": "Time", "amount": usd("49999.99") }],
        }));
        let wrong = rea.command(&at(&format!("{id}/submit"))).wrong_fields(&["/budget_lines"]);
        assert_eq!(wrong["fields"][0]["code"], "sum");
        assert_eq!(rea.get(&at(&id)).ok()["status"], "draft");
        edit(&rea, &id, json!({ "budget_lines": whole(&call)["budget_lines"] })).ok();
        // 31 December and 60 days, in a leap year: 29 February.
        day(t, "2027-12-31");
        let done = rea.command(&at(&format!("{id}/submit"))).ok();
        assert_eq!(done["status"], "submitted");
        assert_eq!(done["promised_on"], "2028-02-29");
        assert_eq!(done["submitted_at"], "2027-12-31T00:00:00Z");
        day(t, "2026-12-31");
        t.clock.advance_seconds(24 * 3600 - 1);
        let late = submitted(&rea, &call, json!({}));
        assert_eq!(rea.get(&at(&late)).ok()["promised_on"], "2027-03-01");
        // What the call says later changes no promise.
        let place = format!("/api/v1/calls/{call}");
        admin.patch(&place, admin.get(&place).etag(), json!({ "decision_days": 90 })).ok();
        assert_eq!(rea.get(&at(&id)).ok()["promised_on"], "2028-02-29");
    }

    fn drafts_and_private_ones_answer_like_missing_ones(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let others = [
            web.person("Sam"),
            web.with_role("Reg", Role::Regrantor),
            web.with_role("Fia", Role::Finance),
            web.with_role("Aud", Role::Auditor),
            admin.clone(),
            web.anonymous(),
        ];
        let call = rolling(&admin);
        let gone = "0190b3c4-0000-7000-8000-000000000000";
        let hidden = draft(&rea, &call, json!({ "visibility": "public" }));
        let thrown_away = draft(&rea, &call, json!({}));
        rea.command(&at(&format!("{thrown_away}/withdraw"))).ok();
        let private = opened(&rea, &admin, &call, json!({}));
        let drafts = [&hidden, &thrown_away].into_iter();
        let pairs = drafts.flat_map(|id| others.iter().map(move |who| (id, who)));
        for (id, who) in pairs.chain(others[..2].iter().map(|who| (&private, who))) {
            let reason = json!({ "reason": "x" });
            for (path, body) in [
                ("", None),
                ("/members", None),
                ("/conflicts", None),
                ("/submit", Some(json!({}))),
                ("/withdraw", Some(json!({}))),
                ("/open", Some(json!({}))),
                ("/request-changes", Some(reason.clone())),
                ("/decline", Some(reason.clone())),
                ("/conflicts", Some(reason.clone())),
                ("/members", Some(json!({ "email": "a@example.org", "name": "A" }))),
                ("/members/0190b3c4-0000-7000-8000-000000000001/accept", Some(json!({}))),
                ("/members/0190b3c4-0000-7000-8000-000000000001/decline", Some(json!({}))),
            ] {
                let ask = |id: &str| {
                    let path = at(&format!("{id}{path}"));
                    let reply = match &body {
                        None => who.get(&path),
                        Some(body) => who.post(&path, body.clone()),
                    };
                    let mut problem = reply.json();
                    problem["request_id"] = Value::Null;
                    (reply.status, problem)
                };
                let (missing, found) = (ask(gone), ask(id));
                assert_eq!(found, missing, "{path}");
                assert!(found.0 >= 401 && found.0 <= 404, "{path}: {}", found.1);
            }
            let patch = |id: &str| who.patch(&at(id), "\"v1\"", json!({ "title": "Mine" })).status;
            assert_eq!(patch(id), patch(gone));
        }
        assert_eq!(rea.get(&at(&hidden)).ok()["title"], "Probes");
    }

    fn calls_are_asked_before_anything_begins(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let unopened = admin.post("/api/v1/calls", json!({ "title": "x", "kind": "rolling" })).id();
        for id in [unopened.as_str(), "0190b3c4-0000-7000-8000-000000000000"] {
            rea.post(APPLICATIONS, whole(id)).wrong_fields(&["/call_id"]);
        }
        rea.post(APPLICATIONS, whole("x")).wrong_fields(&["/call_id"]);
        let last = call(&admin, json!({
            "title": "x", "kind": "dated", "opens_on": "2026-11-01", "closes_on": "2026-11-30",
        }));
        let id = draft(&rea, &last, json!({}));
        let in_time = submitted(&rea, &last, json!({}));
        send_back(&admin, &in_time);
        day(t, "2026-12-01");
        rea.post(APPLICATIONS, whole(&last)).refused(409, "wrong_state");
        rea.command(&at(&format!("{id}/submit"))).refused(409, "wrong_state");
        // It came in on time: changes may take longer than the call.
        rea.command(&at(&format!("{in_time}/submit"))).ok();
        web.anonymous().post(APPLICATIONS, whole(&last)).refused(401, "unauthenticated");
    }
}
