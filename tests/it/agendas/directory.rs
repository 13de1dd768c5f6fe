//! Agendas themselves: two levels, slugs that last, retirement.

use super::*;
use crate::support::desk::usd;

both! {
    fn agendas_are_made_changed_retired_and_restored(t: &Harness) {
        let web = t.serve();
        let (admin, nora) = (admin(&web), web.person("Nora"));
        let form = json!({ "slug": "evals", "title": "Evaluations",
            "summary": "How good, how bad." });
        nora.post(AGENDAS, form.clone()).refused(403, "forbidden");
        let id = admin.post(AGENDAS, form.clone()).id();
        admin.post(AGENDAS, form).refused(409, "already_exists");
        let read = web.anonymous().get(&at(&id));
        assert_eq!((&read.ok()["slug"], &read.ok()["version"]), (&json!("evals"), &json!(1)));
        assert_eq!((&read.ok()["parent"], &read.ok()["children"]), (&Value::Null, &json!([])));

        admin.patch(&at(&id), "\"v9\"", json!({ "title": "X" })).refused(412, "edited_meanwhile");
        admin.patch(&at(&id), read.etag(), json!({ "slug": "x" })).wrong_fields(&["/slug"]);
        admin.patch(&at(&id), read.etag(), json!({ "title": null, "summary": "y\u{7}" }))
            .wrong_fields(&["/title", "/summary"]);
        let changed = admin.patch(&at(&id), read.etag(), json!({ "title": "Evals",
            "summary": null }));
        assert_eq!(changed.ok()["title"], "Evals");
        assert_eq!((&changed.ok()["summary"], changed.etag()), (&json!(""), "\"v2\""));
        // The same again changes nothing.
        let again = admin.patch(&at(&id), changed.etag(), json!({ "title": "Evals" }));
        assert_eq!(again.etag(), "\"v2\"");

        admin.command(&at(&format!("{id}/restore"))).refused(409, "wrong_state");
        assert_eq!(admin.command(&at(&format!("{id}/retire"))).ok()["status"], "retired");
        admin.command(&at(&format!("{id}/retire"))).refused(409, "wrong_state");
        assert_eq!(ids(&nora.get(AGENDAS)), [""; 0]);
        assert_eq!(ids(&nora.get(&format!("{AGENDAS}?status=retired"))), std::slice::from_ref(&id));
        assert_eq!(admin.command(&at(&format!("{id}/restore"))).ok()["status"], "active");
        assert_eq!(ids(&nora.get(AGENDAS)), [id]);
        let none = "01a19b7c-a680-7035-80a7-6d853561f4e6";
        for path in ["", "/people", "/applications", "/grants"] {
            nora.get(&at(&format!("{none}{path}"))).refused(404, "not_found");
        }
    }

    fn the_directory_is_two_levels_deep(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let (top, other) = (agenda(&admin, "safety"), agenda(&admin, "governance"));
        let below = |slug: &str, parent: &str| {
            let form = json!({ "slug": slug, "title": slug, "parent_id": parent });
            admin.post(AGENDAS, form)
        };
        let child = below("evals", &top).id();
        below("deeper", &child).wrong_fields(&["/parent_id"]);
        below("nowhere", &web.person("P").id().to_string()).wrong_fields(&["/parent_id"]);
        let detail = admin.get(&at(&child)).ok();
        assert_eq!(detail["parent"]["slug"], "safety");
        assert_eq!(admin.get(&at(&top)).ok()["children"][0]["slug"], "evals");
        let moves = |id: &str, parent: Value| {
            let read = admin.get(&at(id));
            admin.patch(&at(id), read.etag(), json!({ "parent_id": parent }))
        };
        for (parent, code) in [(&top, "circle"), (&child, "too_deep"), (&other, "too_deep")] {
            let problem = moves(&top, json!(parent)).wrong_fields(&["/parent_id"]);
            assert_eq!(problem["fields"][0]["code"], code);
        }
        moves(&child, json!(other)).ok();
        assert_eq!(admin.get(&at(&top)).ok()["children"], json!([]));
        // Whoever has none below them any more may move.
        moves(&top, json!(other)).ok();
        moves(&child, Value::Null).ok();
        admin.command(&at(&format!("{other}/retire"))).ok();
        moves(&child, json!(other)).wrong_fields(&["/parent_id"]);
    }

    fn two_moves_at_once_make_no_circle(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        for round in 0..5 {
            let a = agenda(&admin, &format!("a-{round}"));
            let b = agenda(&admin, &format!("b-{round}"));
            let pairs = [(&a, &b), (&b, &a)];
            let replies = crate::support::desk::threads(2, |n| {
                let (id, parent) = pairs[n];
                admin.patch(&at(id), "\"v1\"", json!({ "parent_id": parent })).status
            });
            let good = replies.iter().filter(|status| **status == 200).count();
            assert_eq!(good, 1, "{replies:?}");
            assert!(replies.contains(&422), "{replies:?}");
        }
    }

    fn a_direction_shows_who_and_what_works_on_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let evals = agenda(&field.desk.admin, "evals");
        let (rea, mo, shy) = (web.person("Rea"), web.person("Mo"), web.person("Shy"));
        let profile = |listed: bool| json!({ "place": "Oslo", "about": "I test.",
            "looking_for": ["team"], "agendas": [evals], "listed": listed });
        says(&mo, profile(true)).ok();
        says(&shy, profile(false)).ok();
        let apply = |visibility: &str| {
            let form = json!({ "call_id": field.call, "title": format!("{visibility} probes"),
                "summary": "s", "body": "b", "visibility": visibility, "duration_months": 2,
                "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
                "budget_lines": [{ "label": "All", "amount": usd("9.00") }] });
            let id = rea.post("/api/v1/applications", form).id();
            let path = format!("/api/v1/applications/{id}");
            let about = json!({ "agendas": [evals], "place": "Bergen",
                "looking_for": ["team_mate", "mentor"] });
            put(&rea, &format!("{path}/agendas"), rea.get(&path).etag(), about).ok();
            rea.command(&format!("{path}/submit")).ok();
            field.desk.admin.command(&format!("{path}/open")).ok();
        };
        apply("public");
        apply("private");
        let page = |who: &Client| who.get(&at(&evals)).ok();
        let shown = |page: &Value| {
            let all = page["applications"].as_array().expect("applications").iter();
            all.map(|a| a["title"].as_str().expect("one").to_owned()).collect::<Vec<_>>()
        };
        // Nobody who is not signed in sees people; nobody sees who does not want to be found.
        let open = page(&web.anonymous());
        assert_eq!((open.get("people"), shown(&open)), (None, vec!["public probes".to_owned()]));
        assert_eq!(open["applications"][0]["place"], "Bergen");
        assert_eq!(open["applications"][0]["looking_for"], json!(["team_mate", "mentor"]));
        assert_eq!(open["slug"], "evals");
        let seen = page(&shy);
        let people = seen["people"].as_array().expect("people");
        assert_eq!(people.len(), 1);
        let who = (&people[0]["name"], &people[0]["place"], &people[0]["looking_for"]);
        assert_eq!(who, (&json!("Mo"), &json!("Oslo"), &json!(["team"])));
        assert_eq!(shown(&page(&rea)), ["private probes", "public probes"]);
        assert_eq!(seen["more_people"], false);
        says(&mo, profile(false)).ok();
        assert_eq!(page(&shy)["people"], json!([]));
    }
}
