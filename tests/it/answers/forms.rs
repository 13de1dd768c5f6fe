//! Writing forms: versions, who may, and what is wrong with one.

use super::*;
use crate::support::Harness;

both! {
    fn each_edit_is_a_new_version_and_old_ones_stay(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        let path = form_at(&call);
        let empty = rea.get(&path);
        assert_eq!(empty.etag(), "\"v0\"");
        assert_eq!(empty.ok()["questions"], json!([]));
        let first = json!({ "questions": [question("aim", "short_text", json!({}))] });
        put(&admin, &path, "\"v1\"", &first).refused(412, "edited_meanwhile");
        admin.put(&path, first.clone()).refused(428, "precondition_required");
        let made = put(&admin, &path, "\"v0\"", &first);
        assert_eq!((made.status, made.etag()), (200, "\"v1\""));
        assert_eq!(made.ok()["questions"][0]["max_chars"], 200, "limits are filled in");
        assert_eq!(put(&admin, &path, "\"v1\"", &first).etag(), "\"v1\"", "nothing changed");
        let second = json!({
            "questions": [question("plan", "long_text", json!({}))],
            "rubric": [{ "key": "merit", "label": "Merit", "weight": 60, "max_score": 5 }],
        });
        let told = put(&admin, &path, "\"v0\"", &second).refused(412, "edited_meanwhile");
        assert!(told["detail"].to_string().contains("Ada Admin changed it"), "{told}");
        assert_eq!(put(&admin, &path, "\"v1\"", &second).etag(), "\"v2\"");
        let newest = web.anonymous().get(&path).ok();
        assert_eq!((&newest["version"], &newest["questions"][0]["key"]), (&json!(2),
            &json!("plan")));
        assert_eq!(newest["rubric"][0]["weight"], 60);
        let old = rea.get(&format!("{path}?version=1")).ok();
        assert_eq!((&old["version"], &old["questions"][0]["key"]), (&json!(1), &json!("aim")));
        assert_eq!(old["newest_version"], 2);
        for (version, schema) in [(0, ""), (1, "aim"), (2, "plan")] {
            let served = rea.get(&format!("{path}/schema?version={version}")).ok();
            assert_eq!(served["properties"].get(schema).is_some(), version > 0, "{served}");
        }
        rea.get(&format!("{path}?version=3")).refused(404, "not_found");
        rea.get(&format!("{path}/schema?version=-1")).refused(404, "not_found");
        admin.command(&format!("/api/v1/calls/{call}/close")).ok();
        put(&admin, &path, "\"v2\"", &first).refused(409, "wrong_state");
        assert_eq!(rea.get(&path).etag(), "\"v2\"");
    }

    fn forms_are_seen_with_their_call_and_written_by_admins(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let hidden = json!({ "title": "Hidden", "kind": "rolling", "visibility": "private" });
        let draft = admin.post("/api/v1/calls", hidden).id();
        let path = form_at(&draft);
        let form = json!({ "questions": [question("aim", "short_text", json!({}))] });
        assert_eq!(put(&admin, &path, "\"v0\"", &form).status, 200, "drafts have forms");
        let (rea, nobody) = (web.person("Rea"), web.anonymous());
        let gone = form_at("0190b3c4-0000-7000-8000-000000000000");
        for who in [&rea, &nobody] {
            who.get(&path).refused(404, "not_found");
            who.get(&format!("{path}/schema")).refused(404, "not_found");
        }
        rea.post(&path.replace("/form", "/eligibility"), json!({})).refused(404, "not_found");
        rea.get(&gone).refused(404, "not_found");
        admin.command(&format!("/api/v1/calls/{draft}/open")).ok();
        assert_eq!(rea.get(&path).ok()["version"], 1, "whoever has the address");
        nobody.get(&path).refused(404, "not_found");
        for role in [Role::Regrantor, Role::Finance, Role::Auditor, Role::Reviewer] {
            let who = web.with_role(role.as_str(), role);
            put(&who, &path, "\"v1\"", &form).refused(403, "forbidden");
        }
        put(&nobody, &path, "\"v1\"", &form).refused(401, "unauthenticated");
        put(&admin, &gone, "\"v0\"", &form).refused(404, "not_found");
    }

    fn help_stands_with_the_question_and_in_the_schema(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let call = call(&admin);
        let (path, help) = (form_at(&call), "é".repeat(2_000));
        let form = json!({
            "questions": [
                question("aim", "short_text", json!({ "help": "  In a sentence.\n" })),
                question("plan", "long_text", json!({ "help": help })),
                question("size", "number", json!({})),
            ],
            "eligibility": [{ "key": "place", "label": "Where?", "help": "Where you work.",
                "options": options(&["here", "there"]), "eligible": ["here"], "refusal": "No." }],
        });
        put(&admin, &path, "\"v0\"", &form).ok();
        let read = admin.get(&path).ok();
        assert_eq!(read["questions"][0]["help"], "In a sentence.");
        assert_eq!(read["questions"][1]["help"], json!(help));
        let schema = admin.get(&format!("{path}/schema")).ok();
        let of = |key: &str| schema["properties"][key]["description"].clone();
        assert_eq!([of("aim"), of("place")], [json!("In a sentence."), json!("Where you work.")]);
        assert_eq!((of("plan"), of("size")), (json!(help), Value::Null));
    }

    fn all_that_is_wrong_with_a_form_is_told_at_once(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let call = call(&admin);
        let ab = options(&["a", "b"]);
        let wrong = json!({
            "questions": [
                question("Aim", "short_text", json!({ "max_chars": 501, "options": ab,
                    "help": "x".repeat(2_001) })),
                question("aim", "long_text", json!({ "max_words": 0, "reuse_key": "x" })),
                question("aim", "choice", json!({ "reuse_key": "x" })),
                question("self", "date", json!({ "shown_if": { "question": "self",
                    "any_of": ["a"] } })),
                question("first", "date", json!({ "shown_if": { "question": "second",
                    "any_of": ["a"] } })),
                question("second", "choice", json!({ "options": ab,
                    "shown_if": { "question": "first", "any_of": ["a"] } })),
                question("third", "number", json!({ "min": 3, "max": 2, "shown_if":
                    { "question": "second", "any_of": ["c"], "at_least": 1 } })),
                question("fourth", "money", json!({ "currency": "XXQ", "shown_if":
                    { "question": "gone" } })),
                question("fifth", "table", json!({ "max_rows": 51, "columns": [
                    { "key": "a", "label": "", "kind": "text", "currency": "USD" },
                    { "key": "a", "label": "A", "kind": "choice" },
                ] })),
                question("sixth", "choices", json!({ "options": options(&["a", "a"]),
                    "max_choices": 3 })),
            ],
            "eligibility": [{ "key": "second", "label": "Q", "options": ab,
                "eligible": ["c"], "refusal": "" }],
            "rubric": [
                { "key": "m", "label": "M", "weight": 101, "max_score": 1 },
                { "key": "m", "label": "M", "weight": 1, "max_score": 10 },
            ],
        });
        let told = codes(&put(&admin, &form_at(&call), "\"v0\"", &wrong).refused(422, "invalid"));
        for (pointer, code) in [
            ("/questions/0/key", "malformed"), ("/questions/0/max_chars", "out_of_range"),
            ("/questions/0/help", "too_long"),
            ("/questions/0/options", "not_allowed"), ("/questions/1/max_words", "out_of_range"),
            ("/questions/2/key", "duplicate"), ("/questions/2/reuse_key", "duplicate"),
            ("/questions/2/options", "required"),
            ("/questions/3/shown_if/question", "not_earlier"),
            ("/questions/4/shown_if/question", "not_earlier"),
            ("/questions/5/shown_if/question", "not_allowed"),
            ("/questions/6/shown_if/any_of/0", "unknown"),
            ("/questions/6/shown_if", "not_allowed"), ("/questions/6/max", "out_of_range"),
            ("/questions/7/shown_if/question", "unknown"),
            ("/questions/7/currency", "unknown_currency"),
            ("/questions/8/max_rows", "out_of_range"),
            ("/questions/8/columns/0/label", "required"),
            ("/questions/8/columns/0/currency", "not_allowed"),
            ("/questions/8/columns/1/key", "duplicate"),
            ("/questions/8/columns/1/options", "required"),
            ("/questions/9/options/1/key", "duplicate"),
            ("/questions/9/max_choices", "out_of_range"),
            ("/eligibility/0/key", "duplicate"), ("/eligibility/0/eligible/0", "unknown"),
            ("/eligibility/0/refusal", "required"),
            ("/rubric/0/weight", "out_of_range"), ("/rubric/0/max_score", "out_of_range"),
            ("/rubric/1/key", "duplicate"),
        ] {
            let wanted = (pointer.to_owned(), code.to_owned());
            assert!(told.contains(&wanted), "{wanted:?} is not told: {told:?}");
        }
        assert_eq!(told.len(), 29, "{told:?}");
        assert_eq!(admin.get(&form_at(&call)).etag(), "\"v0\"", "nothing was written");
    }

    fn forms_have_an_end(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let call = call(&admin);
        let many = |count: usize| {
            let all = (0..count).map(|n| question(&format!("q{n}"), "short_text", json!({})));
            json!({ "questions": all.collect::<Vec<_>>() })
        };
        let path = form_at(&call);
        put(&admin, &path, "\"v0\"", &many(500)).wrong_fields(&["/questions"]);
        put(&admin, &path, "\"v0\"", &many(201)).wrong_fields(&["/questions"]);
        assert_eq!(put(&admin, &path, "\"v0\"", &many(200)).etag(), "\"v1\"");
        // A condition on the question before, two hundred deep.
        let ab = options(&["a", "b"]);
        let chain = (0..200).map(|n| {
            let shown = json!({ "question": format!("q{}", n - 1), "any_of": ["a"] });
            let more = if n == 0 { json!({ "options": ab }) } else {
                json!({ "options": ab, "shown_if": shown, "required": true })
            };
            question(&format!("q{n}"), "choice", more)
        });
        put(&admin, &path, "\"v1\"", &json!({ "questions": chain.collect::<Vec<_>>() })).ok();
        let rea = web.person("Rea");
        let id = draft(&rea, &call, json!({ "q0": "a", "q1": "b", "q2": "a", "q199": "a" }));
        submit(&rea, &id).ok();
        let kept = rea.get(&at(&id, "")).ok()["answers"].clone();
        assert_eq!(kept, json!({ "q0": "a", "q1": "b" }), "what is not shown is not handed in");
        let deep = format!("{{\"questions\":{}{}}}", "[".repeat(65), "]".repeat(65));
        let reply = admin.send("PUT", &path, &[("If-Match", "\"v2\"")], Some(deep.into_bytes()));
        reply.refused(400, "malformed_request");
    }

    fn two_edits_at_once_make_one_version(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let call = call(&admin);
        let replies = crate::support::desk::threads(6, |n| {
            let form = json!({ "questions": [question(&format!("q{n}"), "date", json!({}))] });
            put(&admin, &form_at(&call), "\"v0\"", &form).status
        });
        assert_eq!(replies.iter().filter(|status| **status == 200).count(), 1, "{replies:?}");
        assert_eq!(replies.iter().filter(|status| **status == 412).count(), 5, "{replies:?}");
        assert_eq!(admin.get(&form_at(&call)).etag(), "\"v1\"");
    }

    fn columns_of_one_label_both_reach_who_reads(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        let column = |key: &str, kind: &str, label: &str| {
            json!({ "key": key, "kind": kind, "label": label })
        };
        let columns = [column("what", "text", "What"), column("first", "number", "Cost"),
            column("second", "number", "Cost")];
        let asked = question("parts", "table", json!({ "columns": columns }));
        write_form(&admin, &call, &json!({ "questions": [asked] })).ok();
        let rows = json!([{ "what": "Glass", "first": 1, "second": 2 },
            { "what": "Sand", "second": 3 }]);
        let id = draft(&rea, &call, json!({ "parts": rows }));
        submit(&rea, &id).ok();
        let una = web.with_role("Una", Role::Reviewer);
        let review = admin.post(&at(&id, "/reviewers"), json!({ "person_id": una.id() })).id();
        let read = una.get(&format!("/api/v1/reviews/{review}/application")).ok();
        assert_eq!(read["answers"][0]["answer"], json!([
            { "What": "Glass", "Cost": 1, "Cost (second)": 2 },
            { "What": "Sand", "Cost (second)": 3 },
        ]));
    }
}
