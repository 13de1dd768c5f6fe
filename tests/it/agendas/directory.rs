//! Agendas themselves: two levels, slugs that last, retirement.

use super::*;

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
        assert_eq!(ids(&nora.get(&format!("{AGENDAS}?status=retired"))), [id.clone()]);
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
}
