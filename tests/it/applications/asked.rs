//! How often reading asks the database: a page of fifty no more often than a page of five. And a
//! list of what is in a private call tells a stranger nothing, not even that there is more of it.

use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::{Client, Web};
use crate::support::{Harness, watch};
use serde_json::{Value, json};

/// Statements to read one application, `BEGIN` and `COMMIT` counted. Less is better: lower it then.
const READ_MOST: usize = 9;

/// A call that one may only know of, and in which only this fund may spend.
fn private_call(field: &Field<'_>, fund: &str) -> String {
    let admin = &field.desk.admin;
    let call = json!({ "title": "Hush", "kind": "rolling", "visibility": "private",
        "fund_ids": [fund] });
    let call = admin.post("/api/v1/calls", call).id();
    admin.command(&format!("/api/v1/calls/{call}/open")).ok();
    call
}

fn asked(t: &Harness, who: &Client, path: &str) -> (usize, Value) {
    let (asked, answer) = watch::during(&t.url, || who.get(path).ok());
    (asked.len(), answer)
}

/// Public applications in the field's call.
fn many(web: &Web, field: &Field<'_>, count: usize) -> Vec<String> {
    let people: Vec<Client> = (0..5).map(|n| web.person(&format!("Rea {n}"))).collect();
    (0..count).map(|n| field.applies(&people[n % 5], "1.00", "9.00")).collect()
}

both! {
    fn a_long_page_asks_no_more_than_a_short_one(t: &Harness) {
        watch::watch(&t.url);
        let web = t.serve_on(t.config(), t.open_again(1));
        let mut field = web.field();
        let (backer, other) = (field.backer("9.00"), field.backer("9.00"));
        field.call = private_call(&field, &backer.fund);
        many(&web, &field, 50);
        let stranger = web.person("Stan");
        let nobody = web.anonymous();
        for who in [&nobody, &stranger, &backer.who, &other.who, &field.desk.admin] {
            let (few, _) = asked(t, who, "/api/v1/applications?limit=5");
            let (most, page) = asked(t, who, "/api/v1/applications?limit=50");
            assert_eq!(page["items"].as_array().map(Vec::len), Some(50));
            assert!(most <= few, "{most} statements for fifty, {few} for five");
            let told = page["items"][0]["call_id"].is_string();
            let knows = [&backer.who.token, &field.desk.admin.token].contains(&&who.token);
            assert_eq!(told, knows, "{page}");
        }
    }

    fn forms_are_read_at_once(t: &Harness) {
        watch::watch(&t.url);
        let web = t.serve_on(t.config(), t.open_again(1));
        let field = web.field();
        let admin = &field.desk.admin;
        for n in 0..12 {
            let call = json!({ "title": format!("Call {n}"), "kind": "rolling" });
            let call = admin.post("/api/v1/calls", call).id();
            let form = json!({ "questions": [{ "key": "why", "label": format!("Why {n}?"),
                "kind": "short_text" }] });
            for version in 0..2 {
                let path = format!("/api/v1/calls/{call}/form");
                let headers = [("If-Match", &*format!("\"v{version}\""))];
                admin.send("PUT", &path, &headers, Some(form.to_string().into_bytes())).ok();
            }
            admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        }
        let nobody = web.anonymous();
        let (few, _) = asked(t, &nobody, "/common-grants/forms?pageSize=2");
        let (most, page) = asked(t, &nobody, "/common-grants/forms?pageSize=12");
        assert_eq!(page["items"].as_array().map(Vec::len), Some(12), "{page}");
        assert!(most <= few, "{most} statements for twelve, {few} for two");
    }

    fn the_lane_judges_a_page_at_once(t: &Harness) {
        watch::watch(&t.url);
        let web = t.serve_on(t.config(), t.open_again(1));
        let field = web.field();
        let (lana, sam) = (web.with_address("lana@uni.edu", "Lana", &[]), web.person("Sam"));
        let why = json!({ "reason": "Knows the field." });
        let group = format!("/api/v1/people/{}/need-to-know", lana.id());
        field.desk.admin.post(&group, why).ok();
        for id in many(&web, &field, 8) {
            let concern = json!({ "concern": "It could hurt." });
            sam.post(&format!("/api/v1/applications/{id}/concerns"), concern).ok();
        }
        for list in ["concerns", "screenings"] {
            let (few, _) = asked(t, &lana, &format!("/api/v1/{list}?limit=2"));
            let (most, page) = asked(t, &lana, &format!("/api/v1/{list}?limit=8"));
            assert_eq!(page["items"].as_array().map(Vec::len), Some(8), "{page}");
            assert!(most <= few, "{list}: {most} statements for eight, {few} for two");
        }
    }

    fn one_application_is_read_in_few_statements(t: &Harness) {
        watch::watch(&t.url);
        let web = t.serve_on(t.config(), t.open_again(1));
        let mut field = web.field();
        let backer = field.backer("9.00");
        field.call = private_call(&field, &backer.fund);
        let rea = web.person("Rea");
        let id = field.applies_with(&rea, json!({
            "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All", "amount": usd("9.00") }], "visibility": "private",
        }));
        for who in [&rea, &backer.who, &field.desk.admin] {
            let path = format!("/api/v1/applications/{id}");
            who.get(&path).ok();
            let (said, _) = watch::during(&t.url, || who.get(&path).ok());
            assert!(said.len() <= READ_MOST, "{}:\n{}", said.len(), said.join("\n"));
        }
        field.desk.admin.get(&format!("/api/v1/applications/{id}")).ok();
        // Only who could fund it sees it.
        let other = field.backer("9.00");
        other.who.get(&format!("/api/v1/applications/{id}")).refused(404, "not_found");
    }

    fn a_private_call_has_no_next_for_strangers(t: &Harness) {
        let web = t.serve();
        let mut field = web.field();
        let (backer, other) = (field.backer("9.00"), field.backer("9.00"));
        field.call = private_call(&field, &backer.fund);
        let rea = web.person("Rea");
        // More than the looks of one page get through: a page of one looks at 14 at a time, in
        // titles, leads and texts in turn, and has 12 looks.
        let ids: Vec<String> = (0..60).map(|_| field.applies(&rea, "1.00", "9.00")).collect();
        web.work();
        let nothing = json!({ "items": [], "next": null });
        let call = field.call.clone();
        let missing = "01a19b7c-a680-7035-80a7-6d853561f4e6";
        for path in ["/api/v1/applications?", "/api/v1/search/applications?q=lens&"] {
            let look = |who: &Client, call: &str, limit: usize| {
                who.get(&format!("{path}call_id={call}&limit={limit}")).ok()
            };
            for who in [&web.anonymous(), &web.person("Stan"), &other.who] {
                for limit in [1, 2, 50] {
                    assert_eq!(look(who, &call, limit), nothing, "{path} {limit}");
                    assert_eq!(look(who, missing, limit), nothing, "{path} {limit}");
                }
            }
            for who in [&rea, &backer.who, &field.desk.admin] {
                let page = look(who, &call, 2);
                assert_eq!(page["items"].as_array().map(Vec::len), Some(2), "{path} {page}");
                assert!(page["next"].is_string(), "{path}");
            }
        }
        assert_eq!(ids.len(), 60);
    }
}
