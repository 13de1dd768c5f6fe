//! The need-to-know lane: its lists are as tight as its pages, and it follows what lives on.

use super::*;

/// Somebody in the group.
fn lane(field: &Field<'_>, who: Client) -> Client {
    let path = format!("/api/v1/people/{}/need-to-know", who.id());
    field.desk.admin.post(&path, json!({ "reason": "Knows the field." })).ok();
    who
}

fn raise(who: &Client, id: &str) -> String {
    who.post(&at(id, "/concerns"), json!({ "concern": "It could hurt." })).id()
}

fn answer(who: &Client, id: &str) {
    let one = |key: &str| json!({ "key": key, "answer": "Nothing comes to mind." });
    let list = ["misuse", "accident", "publication"].map(one);
    who.put(&at(id, "/screening"), json!({ "answers": list })).ok();
}

/// Which applications somebody comes across in the lists of the lane.
fn listed(who: &Client) -> Vec<String> {
    let mut found = Vec::new();
    for list in [
        "concerns?status=open",
        "concerns?status=closed",
        "screenings?status=waiting",
        "screenings?status=cleared",
    ] {
        for row in items(&who.get(&format!("/api/v1/{list}&limit=200"))) {
            found.push(row["application_id"].as_str().expect("an id").to_owned());
        }
    }
    found
}

/// Asks, hears and decides; conditions, or a stop.
fn decides(lana: &Client, rea: &Client, id: &str, concern: &str, form: Value) {
    let path = format!("/api/v1/concerns/{concern}");
    lana.post(&format!("{path}/ask"), json!({ "summary": "It could be turned around." })).ok();
    let heard = json!({ "concern_id": concern, "response": "We keep it to ourselves." });
    rea.post(&at(id, "/screening/respond"), heard).ok();
    lana.post(&format!("{path}/decide"), form).ok();
}

fn conditions() -> Value {
    json!({ "outcome": "conditions", "reason": "Near.", "conditions": "Behind glass." })
}

both! {
    fn lists_of_the_lane_hide_what_its_pages_hide(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.with_address("rea@uni.edu", "Rea", &[]);
        let lana = lane(&field, web.person("Lana"));
        let near = lane(&field, web.with_address("near@uni.edu", "Near", &[]));
        let (guest, helper) = (lane(&field, web.person("Guest")), lane(&field, web.person("Help")));
        let former = lane(&field, web.person("Former"));
        let id = draft(&rea, &field.call, json!({ "visibility": "public" }));
        invite(&rea, &id, &guest);
        crate::delegations::lets(&rea, &helper, &["draft"]);
        let over = crate::delegations::lets(&rea, &former, &["draft"]);
        crate::delegations::ends(&rea, &over);
        // It is handed in though one has not answered: only a draft waits for answers.
        let other = handed_in(&web.person("Mo"), &field.call, json!({}));
        let seat = items(&rea.get(&at(&id, "/members")));
        assert_eq!(seat.len(), 2);
        let rest = handed_in(&rea, &field.call, json!({ "visibility": "public" }));
        for id in [&other, &rest] {
            field.desk.admin.command(&at(id, "/open")).ok();
            raise(&field.desk.admin, id);
        }
        web.work();
        assert!(listed(&lana).contains(&rest), "the group works");
        for who in [&near, &helper, &former] {
            assert_eq!(listed(who), [other.clone(), other.clone()], "{}", who.email);
        }
        // Pages are full though some rows are not theirs.
        let page = near.get("/api/v1/concerns?limit=1").ok();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "{page}");
        assert_eq!(page["items"][0]["application_id"], json!(other));
        assert_eq!(page["next"], Value::Null, "{page}");
    }

    fn who_is_invited_comes_across_nothing_of_the_lane_once_they_say_yes(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let (lana, guest) = (lane(&field, web.person("Lana")), lane(&field, web.person("Guest")));
        let id = handed_in(&rea, &field.call, json!({}));
        field.desk.admin.command(&at(&id, "/open")).ok();
        let concern = raise(&field.desk.admin, &id);
        let why = json!({ "reason": "Say more." });
        field.desk.admin.post(&at(&id, "/request-changes"), why).ok();
        let (ina, seat) = (web.person("Ina"), invite(&rea, &id, &guest));
        web.work();
        // Until then nobody is kept out of it by being asked, nor from saying what worries them.
        for who in [&lana, &guest] {
            assert_eq!(listed(who), [id.clone(), id.clone()], "{}", who.email);
        }
        guest.get(&format!("/api/v1/concerns/{concern}")).ok();
        invite(&rea, &id, &ina);
        raise(&ina, &id);
        guest.command(&at(&id, &format!("/members/{seat}/accept"))).ok();
        guest.get(&format!("/api/v1/concerns/{concern}")).refused(404, "not_found");
        assert_eq!(listed(&guest), [""; 0]);
    }

    fn conditions_are_shown_once_they_bind(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea) = (field.backer("100.00"), web.person("Rea"));
        let lana = lane(&field, web.person("Lana"));
        let id = field.applies(&rea, "1.00", "9.00");
        backer.offer(&id, "5.00").ok();
        answer(&rea, &id);
        let concern = raise(&web.person("Sam"), &id);
        decides(&lana, &rea, &id, &concern, conditions());
        let said = |who: &Client| who.get(&at(&id, "/screening-conditions"));
        let auditor = web.with_role("Aud", Role::Auditor);
        for who in [&field.desk.admin, &field.desk.finance, &auditor] {
            assert_eq!(said(who).ok()["conditions"], json!([]), "{}", who.email);
        }
        for who in [&rea, &backer.who] {
            assert_eq!(said(who).ok()["conditions"], json!(["Behind glass."]), "{}", who.email);
        }
        let screening = items(&lana.get("/api/v1/screenings"))[0]["id"].clone();
        let screening = screening.as_str().expect("an id").to_owned();
        lana.command_as_read(&format!("/api/v1/screenings/{screening}/clear")).ok();
        assert_eq!(said(&field.desk.admin).ok()["conditions"], json!([]));
        field.awarded(&id);
        assert_eq!(said(&field.desk.admin).ok()["conditions"], json!(["Behind glass."]));
    }

    fn a_concern_follows_a_merge(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea, mo) = (field.backer("100.00"), web.person("Rea"), web.person("Mo"));
        let lana = lane(&field, web.person("Lana"));
        let from = field.applies(&mo, "1.00", "9.00");
        let concern = raise(&web.person("Sam"), &from);
        let into = draft(&rea, &field.call, json!({ "visibility": "public" }));
        joins(&rea, &into, &mo);
        let merge = mo.post(&at(&into, "/merge"), json!({ "other": from })).id();
        rea.command(&format!("/api/v1/merges/{merge}/accept")).ok();
        web.work();
        rea.command(&at(&into, "/submit")).ok();
        field.desk.admin.command(&at(&into, "/open")).ok();
        web.work();
        backer.offer(&into, "5.00").ok();
        answer(&rea, &into);
        // The group finds it at what goes on, and decides there.
        let page = lana.get(&format!("/api/v1/concerns/{concern}")).ok();
        assert_eq!(page["application_id"], json!(into), "{page}");
        assert_eq!(listed(&lana).iter().filter(|id| **id == into).count(), 2);
        let screening = page["screening_id"].as_str().expect("an id").to_owned();
        let clear = format!("/api/v1/screenings/{screening}/clear");
        lana.command(&clear).refused(409, "wrong_state");
        field.award(&into, json!({})).refused(409, "wrong_state");
        decides(&lana, &rea, &into, &concern, conditions());
        lana.command_as_read(&clear).ok();
        field.awarded(&into);
        let bound = rea.get(&at(&into, "/screening-conditions")).ok();
        assert_eq!(bound["conditions"], json!(["Behind glass."]));
    }

    fn what_was_stopped_is_known_when_it_comes_again(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let call = format!("/api/v1/calls/{}/decisions", field.call);
        let read = admin.get(&call);
        let form = json!({ "appeals": "resubmit", "appeal_days": 30 });
        let bytes = form.to_string().into_bytes();
        admin.send("PUT", &call, &[("If-Match", read.etag())], Some(bytes)).ok();
        let (rea, ron) = (web.person("Rea"), web.with_role("Ron", Role::Reviewer));
        let lana = lane(&field, web.person("Lana"));
        let id = field.applies(&rea, "1.00", "9.00");
        ron.post(&at(&id, "/conflicts"), json!({ "reason": "A friend." })).ok();
        let concern = raise(&web.person("Sam"), &id);
        let stop = json!({ "outcome": "stopped", "reason": "Too near.",
            "public_reason": "Not in this call." });
        decides(&lana, &rea, &id, &concern, stop);
        let again = rea.command(&at(&id, "/resubmit")).id();
        rea.command(&at(&again, "/submit")).ok();
        web.work();
        // The text is the same, and so is who keeps out of it.
        admin.post(&at(&again, "/reviewers"), json!({ "person_id": ron.id() }))
            .wrong_fields(&["/person_id"]);
        let all = items(&lana.get("/api/v1/screenings"));
        let row = all.iter().find(|row| row["application_id"] == json!(again)).expect("one");
        let path = format!("/api/v1/screenings/{}", row["id"].as_str().expect("an id"));
        let seen = lana.get(&path).ok();
        assert_eq!(seen["concerns"][0]["id"], json!(concern), "{seen}");
        assert_eq!(seen["concerns"][0]["outcome"], "stopped");
        assert_eq!(seen["concerns"][0]["application_id"], json!(id));
    }
}
