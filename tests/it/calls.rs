//! Calls: who sees them, when they take applications, what can be changed.

use crate::support::Harness;
use crate::support::web::{Client, Web};
use almoner::kernel::actor::Role;
use almoner::kernel::time::Date;
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};
use std::sync::mpsc;
use std::time::Duration;

const CALLS: &str = "/api/v1/calls";

fn at(path: &str) -> String {
    format!("{CALLS}/{path}")
}

fn day(t: &Harness, text: &str) {
    let day: Date = text.parse().expect("a day");
    t.clock.set(day.start());
}

fn rolling(title: &str) -> Value {
    json!({ "title": title, "kind": "rolling" })
}

fn dated(opens: &str, closes: &str) -> Value {
    json!({ "title": "Leap", "kind": "dated", "opens_on": opens, "closes_on": closes })
}

/// An open call; its id.
fn opened(admin: &Client, form: Value) -> String {
    let id = admin.post(CALLS, form).id();
    admin.command(&at(&format!("{id}/open"))).ok();
    id
}

fn apply(who: &Client, call: &str) -> u16 {
    who.post("/api/v1/applications", json!({ "call_id": call, "title": "x" })).status
}

fn titles(who: &Client, query: &str) -> Vec<String> {
    let page = who.get(&format!("{CALLS}{query}")).ok();
    let items = page["items"].as_array().expect("items");
    items.iter().map(|c| c["title"].as_str().expect("a title").to_owned()).collect()
}

fn admin(web: &Web) -> Client {
    web.with_role("Ada Admin", Role::Admin)
}

both! {
    fn a_call_goes_from_draft_to_open_to_closed(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let made = admin.post(CALLS, json!({
            "title": "  عدالة AI 👩🏽‍🔬 ", "summary": "Line\r\nline", "kind": "rolling",
        }));
        let (call, place) = (made.ok(), made.header("location").expect("a place").to_owned());
        assert_eq!((made.status, made.etag()), (201, "\"v1\""));
        assert_eq!(call["title"], "عدالة AI 👩🏽‍🔬");
        assert_eq!(call["summary"], "Line\nline");
        assert_eq!((&call["opens_on"], &call["decision_days"]), (&json!("2026-11-02"), &json!(28)));
        assert_eq!((&call["status"], &call["accepting"]), (&json!("draft"), &json!(false)));
        assert_eq!((&call["visibility"], &call["fund_ids"]), (&json!("public"), &json!([])));
        rea.get(&place).refused(404, "not_found");
        assert_eq!(apply(&rea, call["id"].as_str().expect("an id")), 422);

        admin.command(&format!("{place}/close")).refused(409, "wrong_state");
        let open = admin.command(&format!("{place}/open")).ok();
        assert_eq!((&open["status"], &open["accepting"]), (&json!("open"), &json!(true)));
        admin.command(&format!("{place}/open")).refused(409, "wrong_state");
        assert_eq!(web.anonymous().get(&place).ok()["title"], call["title"]);
        assert_eq!(apply(&rea, call["id"].as_str().expect("an id")), 201);

        let closed = admin.command(&format!("{place}/close")).ok();
        assert_eq!(closed["status"], "closed");
        assert_eq!(closed["closes_on"], "2026-11-02");
        for command in ["open", "close"] {
            admin.command(&format!("{place}/{command}")).refused(409, "wrong_state");
        }
        let etag = admin.get(&place).etag().to_owned();
        admin.patch(&place, &etag, json!({ "title": "No" })).refused(409, "wrong_state");
        assert_eq!(apply(&rea, call["id"].as_str().expect("an id")), 409);
    }

    fn a_dated_call_takes_applications_on_its_first_and_last_day(t: &Harness) {
        let web = t.serve();
        day(t, "2027-12-30");
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = opened(&admin, dated("2027-12-31", "2028-02-29"));
        for (today, status) in [
            ("2027-12-30", 409),
            ("2027-12-31", 201),
            ("2028-01-01", 201),
            ("2028-02-29", 201),
            ("2028-03-01", 409),
        ] {
            day(t, today);
            assert_eq!(apply(&rea, &call), status, "{today}");
        }
        day(t, "2028-02-29");
        t.clock.advance_seconds(24 * 3600 - 1);
        assert_eq!(apply(&rea, &call), 201, "until the last second of the day");
        t.clock.advance_seconds(1);
        assert_eq!(apply(&rea, &call), 409);
        assert_eq!(titles(&rea, ""), Vec::<String>::new(), "it is over, and not listed");
        web.work();
        assert_eq!(web.anonymous().get(&at(&call)).ok()["status"], "closed");
        assert_eq!(web.anonymous().get(&at(&call)).ok()["closes_on"], "2028-02-29");
        let late = admin.post(CALLS, dated("2027-12-31", "2028-02-29")).id();
        admin.command(&at(&format!("{late}/open"))).refused(409, "wrong_state");
    }

    fn a_call_that_gets_more_time_while_it_is_closed_stays_open(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let call = opened(&admin, dated("2026-11-02", "2026-11-09"));
        let over = opened(&admin, dated("2026-11-02", "2026-11-09"));
        let title = "Has more time";
        let etag = admin.get(&at(&call)).etag().to_owned();
        admin.patch(&at(&call), &etag, json!({ "title": title })).ok();
        day(t, "2026-11-10");
        let (held, told) = mpsc::channel();
        let db = &web.app.db;
        std::thread::scope(|scope| {
            let extends = move |conn: &mut Conn| {
                let more = "UPDATE calls SET closes_on = closes_on + 30 WHERE title = ";
                conn.batch_execute(&format!("{more}'{title}'"))?;
                held.send(()).expect("somebody waits");
                std::thread::sleep(Duration::from_millis(900));
                Ok(())
            };
            let edit = scope.spawn(move || db.write_now("test.edit", extends));
            told.recv().expect("it holds the call");
            // The job has read that the call is over, before it is not any more. On SQLite, where
            // one writes after the other, it reads the call only afterwards: this holds there
            // whatever the job does.
            web.work();
            edit.join().expect("no panic").expect("it commits");
        });
        let status = |id: &str| web.anonymous().get(&at(id)).ok()["status"].clone();
        assert_eq!((status(&call), status(&over)), (json!("open"), json!("closed")));
    }

    fn everybody_lists_public_open_calls_and_the_sponsor_all(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let auditor = web.with_role("Audi", Role::Auditor);
        let (rea, nobody) = (web.person("Rea"), web.anonymous());
        admin.post(CALLS, rolling("draft")).ok();
        opened(&admin, rolling("first"));
        opened(&admin, rolling("second"));
        let done = opened(&admin, rolling("done"));
        admin.command(&at(&format!("{done}/close"))).ok();
        let mut secret = rolling("secret");
        secret["visibility"] = json!("private");
        let secret = opened(&admin, secret);

        for who in [&nobody, &rea] {
            assert_eq!(titles(who, ""), ["second", "first"]);
            assert_eq!(titles(who, "?status=closed"), ["done"]);
            assert_eq!(titles(who, "?status=draft"), Vec::<String>::new());
        }
        for who in [&admin, &auditor] {
            assert_eq!(titles(who, ""), ["secret", "done", "second", "first", "draft"]);
            assert_eq!(titles(who, "?status=draft"), ["draft"]);
        }
        nobody.get(&at(&secret)).refused(404, "not_found");
        assert_eq!(rea.get(&at(&secret)).ok()["title"], "secret");
        assert_eq!(apply(&rea, &secret), 201);

        let page = nobody.get(&format!("{CALLS}?limit=1")).ok();
        let next = page["next"].as_str().expect("a next page");
        assert_eq!(titles(&nobody, &format!("?limit=1&after={next}")), ["first"]);
        nobody.get(&format!("{CALLS}?limit=0")).wrong_fields(&["?limit"]);
        nobody.get(&format!("{CALLS}?status=gone")).refused(422, "invalid");
        nobody.get(&format!("{CALLS}?states=open")).refused(422, "invalid");
    }

    fn edits_name_their_version_and_keep_what_applicants_rely_on(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let id = admin.post(CALLS, dated("2026-11-10", "2026-12-31")).id();
        let place = at(&id);
        let send = |body: Value| admin.patch(&place, admin.get(&place).etag(), body);
        let bare = admin.send("PATCH", &place, &[], Some(b"{}".to_vec()));
        bare.refused(428, "precondition_required");
        admin.patch(&place, "\"v7\"", json!({ "title": "x" })).refused(412, "edited_meanwhile");
        assert_eq!(send(json!({})).etag(), "\"v1\"");
        assert_eq!(send(json!({ "opens_on": "2026-11-05", "title": "New" })).etag(), "\"v2\"");
        let turned = send(json!({ "kind": "rolling", "closes_on": null })).ok();
        assert_eq!((&turned["kind"], &turned["closes_on"]), (&json!("rolling"), &Value::Null));
        send(json!({ "kind": "dated", "closes_on": "2028-02-29" })).ok();
        send(json!({ "title": null, "kind": null, "closes_on": null }))
            .wrong_fields(&["/title", "/kind", "/closes_on"]);
        admin.command(&format!("{place}/open")).ok();
        send(json!({ "opens_on": "2026-11-06", "kind": "rolling" }))
            .wrong_fields(&["/kind", "/opens_on", "/closes_on"]);
        send(json!({ "closes_on": "2026-11-01" })).wrong_fields(&["/closes_on", "/closes_on"]);
        assert_eq!(send(json!({ "closes_on": "2026-12-31" })).ok()["closes_on"], "2026-12-31");
        rea.patch(&place, "\"v1\"", json!({})).refused(403, "forbidden");
        rea.command(&format!("{place}/close")).refused(403, "forbidden");
    }

    fn bad_calls_are_refused_whole(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let missing = admin.post(CALLS, json!({ "title": "x" }));
        missing.refused(422, "invalid");
        let mut wrong = dated("2026-11-10", "2026-11-09");
        wrong["title"] = json!("\u{202E}gnp");
        wrong["summary"] = json!("x".repeat(10_001));
        wrong["decision_days"] = json!(366);
        wrong["fund_ids"] = json!(["0190b3c4-0000-7000-8000-000000000000"]);
        let pointers = ["/title", "/summary", "/decision_days", "/closes_on", "/fund_ids/0"];
        admin.post(CALLS, wrong).wrong_fields(&pointers);
        for (field, value) in [
            ("opens_on", json!("2027-02-29")),
            ("opens_on", json!("20261110")),
            ("opens_on", json!("2026-11-10T00:00:00Z")),
            ("decision_days", json!(1.5)),
            ("kind", json!("eternal")),
            ("status", json!("open")),
        ] {
            let mut form = rolling("x");
            form[field] = value.clone();
            admin.post(CALLS, form).wrong_fields(&[&format!("/{field}")]);
        }
        admin.get(&at("nonsense")).refused(400, "malformed_request");
        admin.get(&at("0190b3c4-0000-7000-8000-000000000000")).refused(404, "not_found");
        let gone = at("0190b3c4-0000-7000-8000-000000000000/open");
        admin.command(&gone).refused(404, "not_found");
        assert_eq!(titles(&admin, ""), Vec::<String>::new(), "nothing was made");
        web.person("Rea").post(CALLS, rolling("x")).refused(403, "forbidden");
        web.anonymous().post(CALLS, rolling("x")).refused(401, "unauthenticated");
    }
}
