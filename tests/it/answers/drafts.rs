//! Answers in drafts: saved as they are written, handed in whole, under the form they began with.

use super::*;
use crate::support::Harness;

/// A form with a condition, and a quiz.
fn form() -> Value {
    json!({
        "questions": [
            question("team", "choice", json!({ "options": options(&["solo", "group"]),
                "required": true })),
            question("size", "number", json!({ "min": 2, "max": 20, "required": true,
                "shown_if": { "question": "team", "any_of": ["group"] } })),
            question("plan", "long_text", json!({ "max_words": 5, "required": true,
                "public": true })),
        ],
        "eligibility": [{ "key": "country", "label": "Where do you work?",
            "options": options(&["here", "there"]), "eligible": ["here"],
            "refusal": "This call pays for work that is done here." }],
    })
}

both! {
    fn answers_are_saved_bit_by_bit_and_handed_in_whole(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        write_form(&admin, &call, &form()).ok();
        let id = draft(&rea, &call, json!({}));
        let made = rea.get(&at(&id, "")).ok();
        assert_eq!((&made["form_version"], &made["answers"]), (&json!(1), &json!({})));
        let missing = submit(&rea, &id).refused(422, "invalid");
        let wanted = [("/answers/country", "required"), ("/answers/team", "required"),
            ("/answers/plan", "required")];
        let wanted: Vec<_> = wanted.map(|(p, c)| (p.to_owned(), c.to_owned())).into();
        assert_eq!(codes(&missing), wanted);
        let saved = answer(&rea, &id, json!({ "team": "group", "plan": "  one\r\ntwo " }));
        assert_eq!(saved.etag(), "\"v2\"");
        assert_eq!(saved.ok()["answers"], json!({ "team": "group", "plan": "one\ntwo" }));
        assert_eq!(answer(&rea, &id, json!({ "plan": "one\ntwo" })).etag(), "\"v2\"", "the same");
        rea.patch(&at(&id, ""), "\"v1\"", json!({ "answers": { "team": "solo" } }))
            .refused(412, "edited_meanwhile");
        answer(&rea, &id, json!({ "country": "here" })).ok();
        submit(&rea, &id).wrong_fields(&["/answers/size"]);
        answer(&rea, &id, json!({ "size": 3.0, "plan": null })).ok();
        submit(&rea, &id).wrong_fields(&["/answers/plan"]);
        answer(&rea, &id, json!({ "plan": "one two three four five" })).ok();
        let done = submit(&rea, &id).ok();
        assert_eq!(done["answers"], json!({
            "country": "here", "team": "group", "size": 3, "plan": "one two three four five",
        }));
        answer(&rea, &id, json!({ "size": 4 })).refused(409, "wrong_state");
        // Sent back, the answers can be changed, and are checked again.
        admin.post(&at(&id, "/request-changes"), json!({ "reason": "Say more." })).ok();
        answer(&rea, &id, json!({ "size": null })).ok();
        submit(&rea, &id).wrong_fields(&["/answers/size"]);
        answer(&rea, &id, json!({ "team": "solo" })).ok();
        submit(&rea, &id).ok();
    }

    fn all_wrong_answers_are_told_at_once_and_change_nothing(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        write_form(&admin, &call, &form()).ok();
        let id = draft(&rea, &call, json!({ "team": "solo" }));
        let wrong = answer(&rea, &id, json!({
            "team": "both", "size": "3", "plan": "one two three four five six", "gone": 1,
            "a/b~c": null, "country": ["here"],
        }));
        wrong.wrong_fields(&["/answers/a~1b~0c", "/answers/country", "/answers/gone",
            "/answers/plan", "/answers/size", "/answers/team"]);
        for sent in [json!([]), json!("x"), json!(null), json!(7)] {
            edit(&rea, &id, json!({ "answers": sent })).wrong_fields(&["/answers"]);
        }
        answer(&rea, &id, json!({ "plan": "a\u{202e}b" })).wrong_fields(&["/answers/plan"]);
        answer(&rea, &id, json!({ "plan": "x".repeat(20_001) })).wrong_fields(&["/answers/plan"]);
        let nul = format!("{{\"answers\":{{\"plan\":\"a{}0000b\"}}}}", "\\u");
        let reply = rea.send("PATCH", &at(&id, ""), &[("If-Match", "\"v1\"")],
            Some(nul.into_bytes()));
        reply.wrong_fields(&["/answers/plan"]);
        let deep = format!("{{\"answers\":{{\"plan\":{}1{}}}}}", "[".repeat(63), "]".repeat(63));
        let reply = rea.send("PATCH", &at(&id, ""), &[("If-Match", "\"v1\"")],
            Some(deep.into_bytes()));
        reply.refused(400, "malformed_request");
        let deep = format!("{{\"answers\":{{\"plan\":{}1{}}}}}", "[".repeat(60), "]".repeat(60));
        let reply = rea.send("PATCH", &at(&id, ""), &[("If-Match", "\"v1\"")],
            Some(deep.into_bytes()));
        reply.wrong_fields(&["/answers/plan"]);
        let kept = rea.get(&at(&id, ""));
        assert_eq!((kept.etag(), &kept.json()["answers"]), ("\"v1\"", &json!({ "team": "solo" })));
        // A call without a form asks nothing, and takes nothing.
        let bare = super::call(&admin);
        let mut sent = whole(&bare);
        sent["answers"] = json!({ "team": "solo" });
        rea.post(APPLICATIONS, sent).wrong_fields(&["/answers/team"]);
    }

    fn who_cannot_apply_is_told_why_before_and_after(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        write_form(&admin, &call, &form()).ok();
        let quiz = format!("/api/v1/calls/{call}/eligibility");
        let ask = |answers: Value| rea.post(&quiz, json!({ "answers": answers }));
        assert_eq!(ask(json!({})).ok(), json!({ "eligible": false, "reasons": [],
            "missing": ["country"] }));
        assert_eq!(ask(json!({ "country": "here" })).ok()["eligible"], true);
        let told = ask(json!({ "country": "there" })).ok();
        assert_eq!(told["reasons"], json!([{ "key": "country",
            "reason": "This call pays for work that is done here." }]));
        ask(json!({ "country": "away" })).wrong_fields(&["/answers/country"]);
        ask(json!({ "plan": "x" })).wrong_fields(&["/answers/plan"]);
        web.anonymous().post(&quiz, json!({})).refused(401, "unauthenticated");
        let mut sent = whole(&call);
        sent["answers"] = json!({ "country": "there" });
        let refused = rea.post(APPLICATIONS, sent).wrong_fields(&["/answers/country"]);
        assert_eq!(refused["fields"][0]["code"], "not_eligible");
        let id = draft(&rea, &call, json!({ "team": "solo", "plan": "x" }));
        answer(&rea, &id, json!({ "country": "there" })).ok();
        let refused = submit(&rea, &id).wrong_fields(&["/answers/country"]);
        assert_eq!(refused["fields"][0]["message"], "This call pays for work that is done here.");
        assert_eq!(rea.get(&at(&id, "")).ok()["status"], "draft");
    }

    fn a_form_edited_while_drafts_exist_leaves_them_theirs(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        write_form(&admin, &call, &form()).ok();
        let old = json!({ "country": "here", "team": "group", "size": 3, "plan": "x" });
        let (stays, moves) = (draft(&rea, &call, old.clone()), draft(&rea, &call, old));
        let mut next = form();
        next["questions"][0] = question("team", "short_text", json!({ "required": true }));
        next["questions"][1] = question("size", "number", json!({ "max": 2 }));
        next["questions"].as_array_mut().expect("a list")
            .push(question("risk", "short_text", json!({ "required": true })));
        write_form(&admin, &call, &next).ok();
        assert_eq!(rea.get(&at(&stays, "")).ok()["form_version"], 1);
        answer(&rea, &stays, json!({ "risk": "none" })).wrong_fields(&["/answers/risk"]);
        submit(&rea, &stays).ok();
        assert_eq!(rea.get(&at(&stays, "")).ok()["form_version"], 1, "handed in under its own");

        let form_of = at(&moves, "/form");
        rea.post(&form_of, json!({ "version": 3 })).wrong_fields(&["/version"]);
        rea.post(&form_of, json!({ "version": 0 })).wrong_fields(&["/version"]);
        web.person("Sam").command(&form_of).refused(404, "not_found");
        let moved = rea.command(&form_of);
        assert_eq!(moved.etag(), "\"v2\"");
        assert_eq!(moved.ok()["form_version"], 2);
        // Of another kind, or out of its new bounds: not carried over, and not lost.
        assert_eq!(moved.ok()["answers"], json!({ "country": "here", "plan": "x" }));
        assert_eq!(rea.command(&form_of).etag(), "\"v2\"", "it is there already");
        let before = rea.get(&at(&moves, "/versions/1")).ok();
        assert_eq!(before["content"]["answers"]["size"], 3);
        submit(&rea, &moves).wrong_fields(&["/answers/team", "/answers/risk"]);
        answer(&rea, &moves, json!({ "team": "two of us", "risk": "none" })).ok();
        submit(&rea, &moves).ok();
        rea.command(&at(&moves, "/form")).refused(409, "wrong_state");
        let mine = draft(&rea, &call, json!({}));
        assert_eq!(rea.get(&at(&mine, "")).ok()["form_version"], 2, "new ones take the newest");
    }

    fn strangers_read_the_answers_to_public_questions_alone(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        write_form(&admin, &call, &form()).ok();
        let all = json!({ "country": "here", "team": "group", "size": 3, "plan": "x" });
        let id = draft(&rea, &call, all.clone());
        edit(&rea, &id, json!({ "visibility": "public" })).ok();
        submit(&rea, &id).ok();
        admin.command(&at(&id, "/open")).ok();
        let seen = |who: &Client| who.get(&at(&id, "")).ok()["answers"].clone();
        for who in [&web.anonymous(), &web.person("Sam")] {
            assert_eq!(seen(who), json!({ "plan": "x" }));
        }
        let fund = web.field();
        let backer = fund.backer("100.00").who;
        for who in [&rea, &admin, &backer, &web.with_role("Aud", Role::Auditor)] {
            assert_eq!(seen(who), all);
        }
    }
}
