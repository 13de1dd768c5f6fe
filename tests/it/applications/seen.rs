//! Who sees what of an application that is in several calls, one of them private.

use super::routes::{attach, call_of, command, ids, is_in, place, question, route, write_form};
use super::*;
use crate::support::field::{Backer, Field};

/// A private call in which only the fund of this backer may spend.
fn private_of(field: &Field<'_>, backer: &Backer) -> String {
    call(
        &field.desk.admin,
        json!({ "title": "Of few", "kind": "rolling",
        "visibility": "private", "opens_on": "2020-01-01", "fund_ids": [backer.fund] }),
    )
}

/// What everybody may ask for the applications of a call.
fn lists(call: &str) -> [String; 3] {
    [
        format!("{APPLICATIONS}?call_id={call}"),
        format!("/api/v1/search/applications?call_id={call}&q=lens"),
        format!("/api/v1/public/applications?call_id={call}"),
    ]
}

both! {
    fn what_is_in_a_private_call_is_not_told_to_who_asks_for_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, backer, other) =
            (web.person("Rea"), field.backer("90.00"), field.backer("90.00"));
        let few = private_of(&field, &backer);
        let routed = field.applies(&rea, "10.00", "50.00");
        is_in(&rea, &routed, &few);
        let written = field.applies_with(&rea, json!({ "call_id": few,
            "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"),
            "budget_lines": [{ "label": "All", "amount": usd("50.00") }] }));
        let found = |who: &Client, path: &String| {
            let mut ids = ids(&who.get(path));
            ids.sort();
            ids
        };
        let mut both = vec![routed.clone(), written.clone()];
        both.sort();
        for who in [web.anonymous(), web.person("Sam"), other.who] {
            for path in &lists(&few) {
                assert_eq!(found(&who, path), Vec::<String>::new(), "{path}");
            }
            let [all, ..] = lists("");
            let all = all.replace("?call_id=", "");
            assert_eq!(found(&who, &all), both, "they are public all the same");
        }
        for who in [&backer.who, &field.desk.admin, &rea] {
            for path in &lists(&few)[..2] {
                assert_eq!(found(who, path), both, "{path}");
            }
        }
    }

    fn who_funds_in_one_call_reads_nothing_of_another(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, here, there) = (web.person("Rea"), field.backer("90.00"), field.backer("90.00"));
        let (own, few) = (call_of(&field, &here), private_of(&field, &there));
        write_form(admin, &own, &json!({ "questions": [question("cv", "file", json!({}))] }));
        write_form(admin, &few, &json!({ "questions": [question("plan", "file", json!({}))] }));
        let id = draft(&rea, &own, json!({ "visibility": "private" }));
        let (cv, plan) = (attach(&rea, &id), attach(&rea, &id));
        edit(&rea, &id, json!({ "answers": { "cv": cv } })).ok();
        route(&rea, &id, &few, json!({ "plan": plan })).ok();
        rea.command(&at(&format!("{id}/submit"))).ok();
        command(&rea, &id, &few, "submit").ok();
        admin.command(&at(&format!("{id}/open"))).ok();
        let sees = |who: &Client| {
            let routes = who.get(&at(&format!("{id}/routes"))).ok();
            let routes = routes["items"].as_array().expect("items").len();
            let files = ids(&who.get(&at(&format!("{id}/attachments")))).len();
            let one = who.get(&at(&format!("{id}/attachments/{plan}"))).status;
            (routes, who.get(&place(&id, &few)).status, files, one)
        };
        assert_eq!(sees(&here.who), (0, 404, 1, 404));
        for who in [&there.who, admin, &rea] {
            assert_eq!(sees(who), (1, 200, 2, 200));
        }
        assert_eq!(here.who.get(&at(&format!("{id}/attachments/{cv}"))).status, 200);
    }

    fn what_was_not_handed_in_is_the_teams_in_every_list(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let call = call_of(&field, &field.backer("90.00"));
        let hint = json!({ "public": true });
        write_form(admin, &call, &json!({ "questions": [question("why", "short_text", hint)] }));
        let id = draft(&rea, &call, json!({ "answers": { "why": "Because of kilns" } }));
        let seat = rea.post(&at(&format!("{id}/members")),
            json!({ "email": mo.email, "name": "Mo" })).id();
        mo.command(&at(&format!("{id}/members/{seat}/accept"))).ok();
        rea.command(&at(&format!("{id}/submit"))).ok();
        send_back(admin, &id);
        edit(&rea, &id, json!({ "title": "Canary", "summary": "Canary", "body": "A canary",
            "answers": { "why": "Canaries" }, "amount_requested": usd("70000.00"),
            "budget_lines": [{ "label": "All", "amount": usd("70000.00") }] })).ok();
        web.work();
        let auditor = web.with_role("Au", Role::Auditor);
        let search = "/api/v1/search/applications?status=changes_requested";
        let lists = ["/api/v1/applications?status=changes_requested", search];
        for (who, title, sum) in [(admin, "Probes", "50000.00"), (&auditor, "Probes", "50000.00"),
            (&rea, "Canary", "70000.00"), (&mo, "Canary", "70000.00")] {
            for path in lists {
                let row = who.get(path).ok()["items"][0].clone();
                assert_eq!((&row["title"], &row["amount_requested"]), (&json!(title), &usd(sum)),
                    "{path}");
            }
        }
        let found = |query: &str| ids(&admin.get(&format!("{search}&{query}"))).len();
        for (query, there) in [("q=canary", 0), ("q=canaries", 0), ("q=kilns", 1), ("q=probes", 1),
            ("currency=USD&amount_min=60000.00", 0), ("currency=USD&amount_max=60000.00", 1),
            ("currency=USD&amount_min=40000.00&amount_max=60000.00", 1)] {
            assert_eq!(found(query), there, "{query}");
        }
        let log = admin.get("/api/v1/audit?limit=200").text();
        assert!(!log.contains("Canary"), "nor in the log of what was changed");
        rea.command(&at(&format!("{id}/submit"))).ok();
        let found = |query: &str| {
            ids(&admin.get(&format!("/api/v1/search/applications?{query}"))).len()
        };
        assert_eq!((found("q=canaries"), found("q=kilns")), (1, 0));
    }
}
