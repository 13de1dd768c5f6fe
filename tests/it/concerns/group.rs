//! Who is in the group, and what nobody in it may do.

use super::*;
use almoner::kernel::actor::Role;

both! {
    fn admins_name_the_group_and_are_not_in_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (lana, lars, sam) = (web.person("Lana"), web.person("Lars"), web.person("Sam"));
        let rea = web.person("Rea");
        let id = field.applies(&rea, "1.00", "100.00");
        // Before there is a group nothing can be raised, and nothing is held.
        raise(&sam, &id, "Hm.").refused(409, "wrong_state");
        add(admin, admin).refused(403, "two_persons");
        sam.post(&format!("/api/v1/people/{}/need-to-know", lana.id()), json!({ "reason": "x" }))
            .refused(403, "forbidden");
        let path = format!("/api/v1/people/{}/need-to-know", lana.id());
        admin.post(&path, json!({ "reason": "" })).wrong_fields(&["/reason"]);
        add(admin, &lana).ok();
        add(admin, &lana).refused(409, "already_exists");
        add(admin, &lars).ok();
        assert_eq!(field.subjects(&lana), ["The need-to-know group has changed"; 2]);
        for who in [&lana, admin, &web.with_role("Audi", Role::Auditor)] {
            let group = who.get("/api/v1/need-to-know").ok();
            assert_eq!(group.as_array().map(Vec::len), Some(2));
        }
        for who in [&sam, &field.desk.finance] {
            who.get("/api/v1/need-to-know").refused(403, "forbidden");
        }
        // Naming it is not being in it.
        let raised = raise(&sam, &id, "It could hurt.").id();
        for path in ["/api/v1/concerns", "/api/v1/screenings"] {
            admin.get(path).refused(403, "forbidden");
            assert_eq!(lana.get(path).ok()["items"].as_array().map(Vec::len), Some(1));
        }
        admin.get(&concern(&raised, "")).refused(404, "not_found");
        assert_eq!(lana.get(&concern(&raised, "")).ok()["raised_by"]["name"], "Sam");
        // Out of it is out at once; the last one stays.
        let out = |who: &Client| {
            let path = format!("/api/v1/people/{}/need-to-know/remove", who.id());
            admin.post(&path, json!({ "reason": "Moved on." }))
        };
        out(&lana).ok();
        out(&lana).refused(409, "wrong_state");
        lana.get(&concern(&raised, "")).refused(404, "not_found");
        lana.get("/api/v1/concerns").refused(403, "forbidden");
        out(&lars).refused(409, "wrong_state");
        let log = admin.get("/api/v1/audit?limit=200").text();
        assert!(log.contains("add_need_to_know") && log.contains("Moved on."), "it is recorded");
    }

    fn whoever_is_partial_sees_nothing_though_in_the_group(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let lana = lane(&field, "Lana");
        let own = lane(&field, "Own");
        let near = web.with_address("near@uni.edu", "Near", &[]);
        add(&field.desk.admin, &near).ok();
        let cousin = web.with_role("Cousin", Role::Finance);
        add(&field.desk.admin, &cousin).ok();
        let sam = web.person("Sam");
        let theirs = field.applies(&own, "1.00", "9.00");
        let uni = field.applies(&web.with_address("rea@uni.edu", "Rea", &[]), "1.00", "9.00");
        cousin.post(&application(&theirs, "/conflicts"), json!({ "reason": "Family." })).ok();
        let (c1, c2) = (raise(&sam, &theirs, "One").id(), raise(&sam, &uni, "Two").id());
        assert_eq!(lana.get("/api/v1/concerns").ok()["items"].as_array().map(Vec::len), Some(2));
        for (who, hidden, seen) in [(&own, &c1, &c2), (&cousin, &c1, &c2), (&near, &c2, &c1)] {
            who.get(&concern(hidden, "")).refused(404, "not_found");
            ask(who, hidden).refused(404, "not_found");
            let decide = json!({ "outcome": "cleared", "reason": "x" });
            who.post(&concern(hidden, "/decide"), decide).refused(404, "not_found");
            who.get(&concern(seen, "")).ok();
        }
        for who in [&own, &cousin] {
            let items = who.get("/api/v1/concerns").ok()["items"].clone();
            assert_eq!(items.as_array().map(Vec::len), Some(1), "{items}");
            assert_eq!(items[0]["id"], json!(c2));
        }
        own.get(&format!("/api/v1/screenings/{}", screening(&lana, &theirs)))
            .refused(404, "not_found");
        // Nor are they told that something waits.
        let waits = "Something waits in the need-to-know lane".to_owned();
        let told = |who: &Client| field.subjects(who).iter().filter(|s| **s == waits).count();
        assert_eq!((told(&lana), told(&own), told(&cousin), told(&near)), (2, 1, 1, 1));
        // Who raises does not decide.
        let mine = raise(&lana, &theirs, "Three").id();
        let decide = json!({ "outcome": "cleared", "reason": "x" });
        lana.post(&concern(&mine, "/decide"), decide.clone()).refused(403, "two_persons");
        ask(&lana, &mine).ok();
        lana.post(&concern(&mine, "/decide"), decide.clone()).refused(403, "two_persons");
        near.post(&concern(&mine, "/decide"), decide.clone()).ok();
        near.post(&concern(&mine, "/decide"), decide).refused(409, "wrong_state");
    }

    fn what_is_done_in_the_lane_is_recorded_without_the_door_it_came_by(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, lana) = (web.person("Rea"), lane(&field, "Lana"));
        let id = field.applies(&rea, "1.00", "9.00");
        let raised = raise(&web.person("Sam"), &id, "Canary");
        let asked = ask(&lana, &raised.id());
        let log = field.all("/api/v1/audit");
        for reply in [&raised, &asked] {
            let request = reply.header("x-request-id").expect("an id");
            assert!(!log.iter().any(|row| row["request_id"] == json!(request)), "{request}");
        }
        let rows = |of: &str| {
            crate::payees::count(&web, &format!("SELECT COUNT(*) FROM audit_log WHERE {of}"))
        };
        let lane = "actor = 'system:screening'";
        assert!(rows(lane) >= 2, "{log:?}");
        assert_eq!(rows(&format!("{lane} AND (address IS NOT NULL OR person_id IS NOT NULL)")), 0);
        assert!(rows("action = 'open_application' AND address IS NOT NULL") >= 1);
    }

    fn questions_are_versioned_and_answers_stay_under_theirs(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, rea) = (&field.desk.admin, web.person("Rea"));
        let lana = lane(&field, "Lana");
        let id = field.applies(&rea, "1.00", "9.00");
        let questions = "/api/v1/screening-questions";
        assert_eq!(rea.get(questions).ok()["number"], 0);
        let sent = json!({ "answers": [
            { "key": "misuse", "answer": "" }, { "key": "charm", "answer": "x" },
            { "key": "misuse", "answer": "x" },
        ] });
        rea.put(&application(&id, "/screening"), sent).wrong_fields(&["/answers/1/key",
            "/answers/2/key", "/answers/0/answer", "/answers", "/answers"]);
        answer(&rea, &id).ok();
        let bad = json!({ "questions": [
            { "key": "A b", "text": "x" }, { "key": "a", "text": "" }, { "key": "a", "text": "x" },
        ] });
        admin.put(questions, bad)
            .wrong_fields(&["/questions/0/key", "/questions/1/text", "/questions/2/key"]);
        admin.put(questions, json!({ "questions": [] })).wrong_fields(&["/questions"]);
        rea.put(questions, json!({ "questions": [] })).refused(403, "forbidden");
        let new = json!({ "questions": [{ "key": "harm", "text": "Whom could it harm?" }] });
        assert_eq!(admin.put(questions, new).ok()["number"], 1);
        let seen = lana.get(&format!("/api/v1/screenings/{}", screening(&lana, &id))).ok();
        assert_eq!(seen["questions"].as_array().map(Vec::len), Some(3), "as they were answered");
        answer(&rea, &id).refused(422, "invalid");
        let sent = json!({ "answers": [{ "key": "harm", "answer": "Nobody." }] });
        assert_eq!(rea.put(&application(&id, "/screening"), sent.clone()).ok()["number"], 1);
        clear(&lana, &id).ok();
        rea.put(&application(&id, "/screening"), sent).refused(409, "wrong_state");
    }
}
