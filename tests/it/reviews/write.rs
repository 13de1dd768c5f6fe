//! From the question to the decision; and what reviewers see of each other.

use super::*;
use crate::support::desk::threads;

both! {
    fn a_review_is_written_submitted_revised_and_decided_on(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, one) = (web.person("Rea"), reviewer(&web, "Una"));
        let application = submitted(&field, &rea);
        let admin = &field.desk.admin;
        let made = ask(admin, &application, &one);
        assert_eq!((made.status, made.etag()), (201, "\"v1\""));
        let review = made.id();
        assert_eq!(made.header("location"), Some(at(&review, "").as_str()));
        assert_eq!(made.json()["rubric"].as_array().map(Vec::len), Some(4));
        assert_eq!(field.subjects(&one), ["Please review: A better lens"]);
        let queue = one.get("/api/v1/me/reviews?status=assigned").ok();
        assert_eq!(queue["items"][0]["id"], json!(review));
        assert_eq!(queue["items"][0]["title"], "A better lens");
        assert_eq!(one.get("/api/v1/me/reviews?status=submitted").ok()["items"], json!([]));
        // The application itself stays out of sight; through the review it is read.
        one.get(&format!("/api/v1/applications/{application}")).refused(404, "not_found");
        let read = one.get(&at(&review, "/application")).ok();
        assert_eq!((&read["body"], &read["applicant"]), (&json!("We grind it ourselves."),
            &json!("Rea")));
        assert!(!read.to_string().contains("@example.org"), "{read}");

        one.command(&at(&review, "/submit"))
            .wrong_fields(&["/scores", "/scores", "/scores", "/scores", "/comment",
                "/recommendation"]);
        let bad = json!({ "scores": [
            { "key": "merit", "score": 6 }, { "key": "team", "score": -1 },
            { "key": "charm", "score": 1 }, { "key": "merit", "score": 1 },
        ] });
        save(&one, &review, bad)
            .wrong_fields(&["/scores/0/score", "/scores/1/score", "/scores/2/key",
                "/scores/3/key"]);
        one.patch(&at(&review, ""), "\"v9\"", json!({})).refused(412, "edited_meanwhile");
        write(&one, &review, [5, 4, 3, 1], "fund");
        // A draft is its author's alone.
        let others = admin.get(&at(&review, "")).ok();
        assert_eq!((&others["scores"], &others["total"]), (&json!([]), &Value::Null));
        let shown = one.command(&at(&review, "/submit")).ok();
        assert_eq!((&shown["status"], &shown["total"]), (&json!("submitted"), &json!("65.00")));
        one.command(&at(&review, "/submit")).refused(409, "wrong_state");
        hand_in(&one, &review, [5, 5, 5, 5], "fund").ok();
        let versions = admin.get(&at(&review, "/versions")).ok();
        let totals: Vec<&Value> =
            versions.as_array().expect("versions").iter().map(|v| &v["total"]).collect();
        assert_eq!(totals, ["100.00", "65.00"], "what was said stays");

        let decide = format!("/api/v1/applications/{application}/reviews/decide");
        let decision = json!({ "outcome": "advance", "reason": "Strong." });
        one.post(&decide, decision.clone()).refused(403, "forbidden");
        rea.post(&decide, decision.clone()).refused(403, "forbidden");
        let decided = admin.post(&decide, decision.clone()).ok();
        assert_eq!((&decided["mean"], &decided["reviews"]), (&json!("100.00"), &json!(1)));
        admin.post(&decide, decision).refused(409, "already_exists");
        save(&one, &review, json!({ "comment": "Late" })).refused(409, "wrong_state");
        one.command(&at(&review, "/submit")).refused(409, "wrong_state");
        ask(admin, &application, &reviewer(&web, "Tess")).refused(409, "wrong_state");
        let all = admin.get(&format!("/api/v1/applications/{application}/reviews")).ok();
        assert_eq!(all["decision"]["reason"], "Strong.");
    }

    fn a_calls_own_rubric_is_scored_with_its_weights(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, rea) = (&field.desk.admin, web.person("Rea"));
        let path = format!("/api/v1/calls/{}/form", field.call);
        let rubric = |etag: &str, criteria: Value| {
            let body = json!({ "questions": [], "rubric": criteria }).to_string().into_bytes();
            admin.send("PUT", &path, &[("If-Match", etag)], Some(body)).ok();
        };
        let one = |key: &str, weight: i32, max: i32| json!({ "key": key, "label": key,
            "weight": weight, "max_score": max });
        rubric("\"v0\"", json!([one("depth", 3, 10), one("cost", 1, 2)]));
        let application = submitted(&field, &rea);
        let (una, duo) = (reviewer(&web, "Una"), reviewer(&web, "Duo"));
        let first = ask(admin, &application, &una).id();
        let unknown = json!({ "scores": [{ "key": "merit", "score": 1 }] });
        save(&una, &first, unknown).wrong_fields(&["/scores/0/key"]);
        let above = json!({ "scores": [{ "key": "cost", "score": 3 }] });
        save(&una, &first, above).wrong_fields(&["/scores/0/score"]);
        // Edited meanwhile: all reviews of an application are under the rubric of the first.
        rubric("\"v1\"", json!([one("charm", 1, 5)]));
        let second = ask(admin, &application, &duo).id();
        for (who, review, [depth, cost], total) in
            [(&una, &first, [9, 0], "67.50"), (&duo, &second, [2, 2], "40.00")] {
            let said = json!({
                "scores": [{ "key": "depth", "score": depth, "comment": "Why" },
                    { "key": "cost", "score": cost, "comment": "Why" }],
                "comment": "On the whole", "recommendation": "fund",
            });
            save(who, review, said).ok();
            // 3 of 4 parts for tenths of depth, 1 of 4 for halves of cost.
            assert_eq!(who.command(&at(review, "/submit")).ok()["total"], total);
        }
        let all = admin.get(&format!("/api/v1/applications/{application}/reviews")).ok();
        assert_eq!(all["summary"]["total"]["mean"], "53.75", "{all}");
        // What was written under a form is reviewed under it, however late it is assigned.
        let other = submitted(&field, &rea);
        rubric("\"v2\"", json!([one("wit", 1, 5)]));
        let new = ask(admin, &other, &una).ok();
        assert_eq!(new["rubric"][0]["key"], "charm");
    }

    fn nobody_sees_others_before_their_own_is_in(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, one, two) = (web.person("Rea"), reviewer(&web, "Una"), reviewer(&web, "Duo"));
        // A reviewer whose other roles read everything.
        let both = web.with_roles("Bo", &[Role::Reviewer, Role::Admin, Role::Auditor]);
        let application = submitted(&field, &rea);
        let [r1, r2, r3] = [&one, &two, &both].map(|who| ask(admin, &application, who).id());
        hand_in(&one, &r1, [5, 5, 5, 5], "fund").ok();
        let canary = "On the whole: [5, 5, 5, 5]";
        let all = format!("/api/v1/applications/{application}/reviews");
        let paths = [all.clone(), at(&r1, ""), at(&r1, "/versions"), at(&r1, "/summary"),
            at(&r2, "/summary"), at(&r3, "/summary"), at(&r2, ""), at(&r3, ""),
            "/api/v1/me/reviews".into(), "/api/v1/me/next".into(),
            "/api/v1/audit?limit=200".into(), "/api/v1/applications".into(),
            at(&r2, "/application"), at(&r3, "/application"), at(&r2, "/versions")];
        let told = |who: &Client| -> Vec<String> {
            paths.iter().map(|path| who.get(path).text()).collect()
        };
        for who in [&two, &both, &rea, &web.person("Sam"), &field.desk.finance] {
            for (path, text) in paths.iter().zip(told(who)) {
                let leaks = ["100.00", canary, "\"mean\""].iter().any(|w| text.contains(w));
                assert!(!leaks, "{path} as {}: {text}", who.email);
            }
        }
        both.get(&all).refused(409, "wrong_state");
        both.get(&at(&r1, "")).refused(409, "wrong_state");
        two.get(&at(&r1, "")).refused(404, "not_found");
        let decide = json!({ "outcome": "advance", "reason": "x" });
        both.post(&format!("{all}/decide"), decide).refused(409, "wrong_state");
        // Theirs in, they see the others'; and that they changed their mind after that.
        hand_in(&two, &r2, [1, 5, 5, 5], "decline").ok();
        let seen = two.get(&at(&r2, "/summary")).ok();
        assert_eq!(seen["summary"]["total"]["mean"], "90.00");
        assert_eq!(seen["summary"]["total"]["spread"], "20.00");
        assert_eq!(seen["summary"]["criteria"][0]["disagreement"], true);
        assert_eq!(seen["summary"]["criteria"][1]["disagreement"], false);
        assert_eq!(seen["summary"]["disagreement"], true);
        assert_eq!(seen.get("waiting"), None, "nor who is still to come");
        hand_in(&two, &r2, [5, 5, 5, 5], "fund").ok();
        let versions = two.get(&at(&r2, "/versions")).ok();
        assert_eq!((&versions[0]["others_in"], &versions[1]["others_in"]), (&json!(1), &json!(1)));
        let first = one.get(&at(&r1, "/versions")).ok();
        assert_eq!(first[0]["others_in"], 0);
        let seen = admin.get(&all).ok();
        assert_eq!(seen["summary"]["total"]["mean"], "100.00", "the newest counts");
        assert_eq!(seen["waiting"].as_array().map(Vec::len), Some(1));
        // Whoever has read them by another role is not asked any more.
        let late = web.with_roles("La", &[Role::Reviewer, Role::Auditor]);
        ask(admin, &application, &late).wrong_fields(&["/person_id"]);
        // Nor does taking oneself off open a way back.
        both.post(&at(&r3, "/decline"), json!({ "reason": "No time." })).ok();
        both.get(&all).ok();
        ask(admin, &application, &both).wrong_fields(&["/person_id"]);
    }

    fn bad_reviews_change_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, one) = (web.person("Rea"), reviewer(&web, "Una"));
        let application = submitted(&field, &rea);
        let review = ask(admin, &application, &one).id();
        for (body, pointer) in [
            (json!({ "scores": [{ "key": "merit", "score": 2_147_483_647 }] }), "/scores/0/score"),
            (json!({ "scores": [{ "key": "merit", "score": 1.5 }] }), "/scores/0/score"),
            (json!({ "comment": "x".repeat(20_001) }), "/comment"),
            (json!({ "recommendation": "perhaps" }), "/recommendation"),
            (json!({ "total": "100.00" }), "/total"),
        ] {
            save(&one, &review, body).wrong_fields(&[pointer]);
        }
        let many: Vec<Value> = (0..5).map(|_| json!({ "key": "merit", "score": 1 })).collect();
        save(&one, &review, json!({ "scores": many })).wrong_fields(&["/scores"]);
        assert_eq!(one.get(&at(&review, "")).etag(), "\"v1\"");
        // A draft application takes no reviewer, and one that ended no review.
        let draft = json!({ "call_id": field.call, "title": "x" });
        let draft = rea.post("/api/v1/applications", draft).id();
        ask(admin, &draft, &one).refused(404, "not_found");
        ask(admin, &application, &web.person("Sam")).wrong_fields(&["/person_id"]);
        let past = json!({ "person_id": one.id(), "due_on": "2026-11-01" });
        admin.post(&format!("/api/v1/applications/{application}/reviewers"), past)
            .wrong_fields(&["/due_on"]);
        ask(admin, &application, &one).refused(409, "already_exists");
        write(&one, &review, [1, 2, 3, 4], "unsure");
        let no = json!({ "reason": "Not this year." });
        admin.post(&format!("/api/v1/applications/{application}/decline"), no).ok();
        one.command(&at(&review, "/submit")).refused(409, "wrong_state");
        let decide = json!({ "outcome": "decline", "reason": "x" });
        admin.post(&format!("/api/v1/applications/{application}/reviews/decide"), decide)
            .refused(409, "wrong_state");
        assert_eq!(one.get(&at(&review, "/versions")).ok(), json!([]));
    }

    fn a_submission_and_the_decision_at_once_leave_no_late_review(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, one, two) = (web.person("Rea"), reviewer(&web, "Una"), reviewer(&web, "Duo"));
        for _ in 0..4 {
            let application = submitted(&field, &rea);
            let (r1, r2) = (ask(admin, &application, &one).id(), ask(admin, &application,
                &two).id());
            hand_in(&one, &r1, [4, 4, 4, 4], "fund").ok();
            write(&two, &r2, [1, 1, 1, 1], "decline");
            let decide = format!("/api/v1/applications/{application}/reviews/decide");
            let form = json!({ "outcome": "advance", "reason": "x" });
            let answers = threads(2, |n| match n {
                0 => two.command(&at(&r2, "/submit")),
                _ => admin.post(&decide, form.clone()),
            });
            let counted = if answers[0].status == 200 { 2 } else { 1 };
            assert_eq!(answers[1].ok()["reviews"], counted, "{}", answers[0].text());
            assert!(matches!(answers[0].status, 200 | 409), "{}", answers[0].text());
        }
    }

    fn who_did_not_write_reads_the_others_once_it_is_over(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        crate::decisions::day(t, "2026-11-03");
        crate::decisions::terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let (rea, one) = (web.person("Rea"), reviewer(&web, "Una"));
        let both = web.with_roles("Bo", &[Role::Reviewer, Role::Admin]);
        let [decided, declined] = [(); 2].map(|()| {
            let id = submitted(&field, &rea);
            let [review, own] = [&one, &both].map(|who| ask(admin, &id, who).id());
            hand_in(&one, &review, [4, 4, 4, 4], "fund").ok();
            (format!("/api/v1/applications/{id}"), own)
        });
        let read = |path: &str| both.get(&format!("{path}/reviews"));
        read(&decided.0).refused(409, "wrong_state");
        let form = json!({ "outcome": "advance", "reason": "Strong." });
        admin.post(&format!("{}/reviews/decide", decided.0), form).ok();
        assert_eq!(read(&decided.0).ok()["summary"]["reviews"], 1);
        both.get(&at(&decided.1, "/summary")).refused(409, "wrong_state");
        // What may come back by an appeal is not over.
        let no = json!({ "reason": "Not this year." });
        admin.post(&format!("{}/decline", declined.0), no).ok();
        read(&declined.0).refused(409, "wrong_state");
        crate::decisions::day(t, "2026-11-23");
        assert_eq!(read(&declined.0).ok()["summary"]["reviews"], 1);
    }
}
