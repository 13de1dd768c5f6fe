//! Numbers with digits after the point: taken, kept and compared exactly.

use super::*;
use crate::support::Harness;

/// Numbers of several kinds, and what depends on one.
fn form() -> Value {
    json!({ "questions": [
        question("share", "number", json!({ "decimals": 2, "min": 0.05, "max": 100.5,
            "required": true, "public": true })),
        question("fine", "number", json!({ "decimals": 6 })),
        question("size", "number", json!({ "min": 2 })),
        question("why", "short_text", json!({ "required": true,
            "shown_if": { "question": "share", "at_least": 0.3, "at_most": 0.35 } })),
        question("parts", "table", json!({ "columns": [
            { "key": "weight", "label": "Weight", "kind": "number", "decimals": 3 },
            { "key": "many", "label": "Many", "kind": "number" },
        ] })),
    ] })
}

both! {
    fn numbers_have_the_digits_that_the_form_says(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        write_form(&admin, &call, &form()).ok();
        // A form reads as it was written; what has no decimals says nothing of them.
        let read = admin.get(&form_at(&call)).ok();
        let of = |n: usize, name: &str| read["questions"][n][name].clone();
        assert_eq!([of(0, "min"), of(0, "max"), of(0, "decimals")],
            [json!(0.05), json!(100.5), json!(2)]);
        assert_eq!([of(2, "min"), of(2, "decimals")], [json!(2), Value::Null]);
        let id = draft(&rea, &call, json!({}));
        for (key, good, kept) in [
            ("share", json!(0.1), json!(0.1)), ("share", json!(0.05), json!(0.05)),
            ("share", json!(100.50), json!(100.5)), ("share", json!(7.0), json!(7)),
            ("share", json!(0.29), json!(0.29)), ("fine", json!(0.000001), json!(0.000001)),
            ("fine", json!(-999_999_999.999_999), json!(-999_999_999.999_999)),
            ("fine", json!(1_000_000_000), json!(1_000_000_000)), ("size", json!(2.0), json!(2)),
            ("parts", json!([{ "weight": 0.1250, "many": 3.0 }]),
                json!([{ "weight": 0.125, "many": 3 }])),
        ] {
            let saved = answer(&rea, &id, json!({ key: good })).ok();
            assert_eq!(saved["answers"][key], kept, "{key}");
            assert_eq!(rea.get(&at(&id, "")).ok()["answers"][key], kept, "{key}, read again");
        }
        for (answers, pointer, code) in [
            (json!({ "share": 0.123 }), "/answers/share", "malformed"),
            (json!({ "share": "0.1" }), "/answers/share", "malformed"),
            (json!({ "share": 0.04 }), "/answers/share", "out_of_range"),
            (json!({ "share": 100.51 }), "/answers/share", "out_of_range"),
            (json!({ "fine": 0.0000001 }), "/answers/fine", "malformed"),
            (json!({ "fine": 1_000_000_001 }), "/answers/fine", "out_of_range"),
            (json!({ "size": 2.5 }), "/answers/size", "malformed"),
            (json!({ "parts": [{ "weight": 0.1251 }] }), "/answers/parts/0/weight", "malformed"),
            (json!({ "parts": [{ "many": 0.5 }] }), "/answers/parts/0/many", "malformed"),
        ] {
            let refused = answer(&rea, &id, answers.clone()).refused(422, "invalid");
            assert_eq!(codes(&refused), [(pointer.to_owned(), code.to_owned())], "{answers}");
        }
        let told = answer(&rea, &id, json!({ "fine": 1e12 })).refused(422, "invalid").to_string();
        assert!(told.contains("at most 15 digits"), "{told}");
    }

    fn what_depends_on_a_number_is_compared_exactly(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        write_form(&admin, &call, &form()).ok();
        let schema = admin.get(&format!("{}/schema", form_at(&call))).ok();
        assert_eq!(schema["properties"]["share"]["multipleOf"], json!(0.01));
        assert_eq!(schema["properties"]["size"]["type"], "integer");
        assert_eq!(schema["properties"]["size"].get("multipleOf"), None);
        let schema = jsonschema::draft202012::new(&schema).expect("a schema");
        let id = draft(&rea, &call, json!({}));
        for (share, asked) in [(0.29, false), (0.3, true), (0.35, true), (0.36, false)] {
            answer(&rea, &id, json!({ "share": share, "why": null })).ok();
            assert_eq!(schema.is_valid(&json!({ "share": share })), !asked, "{share}");
            if asked {
                submit(&rea, &id).wrong_fields(&["/answers/why"]);
            }
        }
        answer(&rea, &id, json!({ "share": 0.1 })).ok();
        assert_eq!(submit(&rea, &id).ok()["answers"], json!({ "share": 0.1 }));
    }

    fn decimals_have_limits(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let call = call(&admin);
        let wrong = json!({ "questions": [
            question("a", "number", json!({ "decimals": 7 })),
            question("b", "number", json!({ "decimals": -1 })),
            question("c", "number", json!({ "min": 0.5 })),
            question("d", "number", json!({ "decimals": 2, "min": 0.125,
                "max": 10_000_000_000_001_i64 })),
            question("e", "short_text", json!({ "decimals": 2 })),
            question("f", "date", json!({ "shown_if": { "question": "d", "at_least": 0.001 } })),
            question("g", "table", json!({ "columns": [
                { "key": "a", "label": "A", "kind": "text", "decimals": 1 },
                { "key": "b", "label": "B", "kind": "number", "decimals": 7 },
            ] })),
        ] });
        let told = codes(&write_form(&admin, &call, &wrong).refused(422, "invalid"));
        for (pointer, code) in [
            ("/questions/0/decimals", "out_of_range"), ("/questions/1/decimals", "out_of_range"),
            ("/questions/2/min", "precision"), ("/questions/3/min", "precision"),
            ("/questions/3/max", "out_of_range"), ("/questions/4/decimals", "not_allowed"),
            ("/questions/5/shown_if/at_least", "precision"),
            ("/questions/6/columns/0/decimals", "not_allowed"),
            ("/questions/6/columns/1/decimals", "out_of_range"),
        ] {
            let there = told.iter().any(|(p, c)| p == pointer && c == code);
            assert!(there, "{pointer} {code}: {told:?}");
        }
        assert_eq!(told.len(), 9, "{told:?}");
    }
}

#[test]
fn people_read_no_exponents() {
    let text = almoner::applications::rules::versions::as_text;
    assert_eq!(
        [text(&json!(0.000001)), text(&json!(12.5)), text(&json!(7))],
        ["0.000001", "12.5", "7"]
    );
}
