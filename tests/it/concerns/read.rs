//! What was read is what is cleared, and what comes of a concern is told to whom it concerns.

use super::*;
use crate::decisions::{mails, times};

fn send_back(field: &Field<'_>, id: &str) {
    let why = json!({ "reason": "Say more." });
    field.desk.admin.post(&application(id, "/request-changes"), why).ok();
}

/// Clears a screening as it read by that version.
fn clear_as(who: &Client, path: &str, etag: &str) -> Reply {
    who.send("POST", &format!("{path}/clear"), &[("If-Match", etag)], Some(b"{}".to_vec()))
}

both! {
    fn what_is_changed_is_held_from_that_moment_on(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea, lana) = (field.backer("100.00"), web.person("Rea"), lane(&field, "Lana"));
        let id = field.applies(&rea, "1.00", "9.00");
        backer.offer(&id, "5.00").ok();
        answer(&rea, &id).ok();
        clear(&lana, &id).ok();
        t.clock.advance_seconds(60);
        send_back(&field, &id);
        rea.command(&application(&id, "/submit")).ok();
        // No job has looked at it yet.
        field.award(&id, json!({})).refused(409, "wrong_state");
        web.work();
        clear(&lana, &id).ok();
        field.awarded(&id);
        field.sound();
    }

    fn a_team_that_somebody_was_put_out_of_is_looked_at_again(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea, lana) = (field.backer("100.00"), web.person("Rea"), lane(&field, "Lana"));
        let mo = web.person("Mo");
        let id = crate::decisions::submitted(&field, &rea);
        send_back(&field, &id);
        let seat = json!({ "email": mo.email, "name": "Mo" });
        let seat = rea.post(&application(&id, "/members"), seat).id();
        mo.command(&application(&id, &format!("/members/{seat}/accept"))).ok();
        rea.command(&application(&id, "/submit")).ok();
        field.desk.admin.command(&application(&id, "/open")).ok();
        backer.offer(&id, "1.00").ok();
        answer(&rea, &id).ok();
        t.clock.advance_seconds(60);
        web.work();
        clear(&lana, &id).ok();
        t.clock.advance_seconds(60);
        assert_eq!(rea.delete(&application(&id, &format!("/members/{seat}"))).status, 204);
        // No job has looked at it yet.
        field.award(&id, json!({})).refused(409, "wrong_state");
        web.work();
        t.clock.advance_seconds(60);
        clear(&lana, &id).ok();
        field.awarded(&id);
        field.sound();
    }

    fn a_team_that_somebody_joined_is_looked_at_again(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea, lana) = (field.backer("100.00"), web.person("Rea"), lane(&field, "Lana"));
        let mo = web.person("Mo");
        let id = field.applies(&rea, "1.00", "9.00");
        backer.offer(&id, "5.00").ok();
        answer(&rea, &id).ok();
        t.clock.advance_seconds(60);
        clear(&lana, &id).ok();
        t.clock.advance_seconds(60);
        let seat = json!({ "email": mo.email, "name": "Mo" });
        let seat = rea.post(&application(&id, "/members"), seat).id();
        let waits = || times(&field, &lana, "Something waits in the need-to-know lane");
        let before = waits();
        mo.command(&application(&id, &format!("/members/{seat}/accept"))).ok();
        // No job has looked at it yet.
        field.award(&id, json!({})).refused(409, "wrong_state");
        assert_eq!(waits(), before + 1);
        t.clock.advance_seconds(60);
        clear(&lana, &id).ok();
        field.awarded(&id);
        field.sound();
    }

    fn the_group_hears_whichever_sees_a_change_first(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, lana) = (web.person("Rea"), lane(&field, "Lana"));
        let [sam, mo, zoe] = ["Sam", "Mo", "Zoe"].map(|name| web.person(name));
        let id = field.applies(&rea, "1.00", "9.00");
        let joins = |who: &Client| {
            let form = json!({ "email": who.email, "name": "Asked" });
            let seat = rea.post(&application(&id, "/members"), form).id();
            who.command(&application(&id, &format!("/members/{seat}/accept"))).ok();
            application(&id, &format!("/members/{seat}"))
        };
        let out = joins(&sam);
        answer(&rea, &id).ok();
        let waits = || times(&field, &lana, "Something waits in the need-to-know lane");
        let clears = || {
            t.clock.advance_seconds(60);
            clear(&lana, &id).ok();
            t.clock.advance_seconds(60);
        };
        clears();
        let before = waits();
        // The one that is heard first has put it back already when the other is.
        assert_eq!(rea.delete(&out).status, 204);
        joins(&mo);
        assert_eq!(waits(), before + 1);
        clears();
        joins(&zoe);
        // So has who writes the same again.
        answer(&rea, &id).ok();
        assert_eq!(waits(), before + 2);
    }

    fn what_came_back_is_cleared_before_any_job_has_heard_of_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let lana = lane(&field, "Lana");
        for anew in [false, true] {
            let rea = web.person("Rea");
            let id = field.applies(&rea, "1.00", "9.00");
            answer(&rea, &id).ok();
            clear(&lana, &id).ok();
            t.clock.advance_seconds(60);
            send_back(&field, &id);
            rea.command(&application(&id, "/submit")).ok();
            t.clock.advance_seconds(60);
            if anew {
                rea.put(&application(&id, "/screening"), answers("In the cellar.")).ok();
            }
            assert_eq!(clear(&lana, &id).ok()["status"], "cleared");
            clear(&lana, &id).refused(409, "wrong_state");
            web.work();
            let path = format!("/api/v1/screenings/{}", screening(&lana, &id));
            assert_eq!(lana.get(&path).ok()["status"], "cleared");
        }
    }

    fn what_was_cleared_since_is_not_looked_at_once_more(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, lana) = (web.person("Rea"), lane(&field, "Lana"));
        let id = field.applies(&rea, "1.00", "9.00");
        answer(&rea, &id).ok();
        send_back(&field, &id);
        t.clock.advance_seconds(60);
        rea.command(&application(&id, "/submit")).ok();
        t.clock.advance_seconds(60);
        clear(&lana, &id).ok();
        // The job that hears of the changes comes late.
        web.work();
        let path = format!("/api/v1/screenings/{}", screening(&lana, &id));
        assert_eq!(lana.get(&path).ok()["status"], "cleared");
    }

    fn what_is_cleared_was_read(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, lana) = (web.person("Rea"), lane(&field, "Lana"));
        let id = field.applies(&rea, "1.00", "9.00");
        answer(&rea, &id).ok();
        let path = format!("/api/v1/screenings/{}", screening(&lana, &id));
        let read = || lana.get(&path).etag().to_owned();
        lana.command(&format!("{path}/clear")).refused(428, "precondition_required");
        let heard = || times(&field, &lana, "Something waits in the need-to-know lane");
        let before = read();
        assert_eq!(heard(), 1);
        t.clock.advance_seconds(60);
        rea.put(&application(&id, "/screening"), answers("We grow it in a lab.")).ok();
        clear_as(&lana, &path, &before).refused(412, "edited_meanwhile");
        assert_eq!(heard(), 1, "within the hour");
        t.clock.advance_seconds(3_600);
        rea.put(&application(&id, "/screening"), answers("We grow it in the cellar.")).ok();
        assert_eq!(heard(), 2, "that the answers are others");
        rea.put(&application(&id, "/screening"), answers("We grow it in the cellar.")).ok();
        assert_eq!(heard(), 2);
        let before = read();
        t.clock.advance_seconds(60);
        send_back(&field, &id);
        web.work();
        rea.command(&application(&id, "/submit")).ok();
        clear_as(&lana, &path, &before).refused(412, "edited_meanwhile");
        assert_eq!(clear_as(&lana, &path, &read()).ok()["status"], "cleared");
    }

    fn what_binds_nothing_is_no_condition(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea, lana) = (field.backer("100.00"), web.person("Rea"), lane(&field, "Lana"));
        let id = field.applies(&rea, "1.00", "9.00");
        backer.offer(&id, "5.00").ok();
        answer(&rea, &id).ok();
        clear(&lana, &id).ok();
        field.awarded(&id);
        let raised = raise(&field.desk.finance, &id, "It could leak.").id();
        ask(&lana, &raised).ok();
        respond(&rea, &id, &raised).ok();
        let decide = |form: Value| lana.post(&concern(&raised, "/decide"), form);
        let tied = decide(json!({ "outcome": "conditions", "reason": "Near.",
            "conditions": "Behind glass." }));
        let told = tied.refused(409, "wrong_state").to_string();
        assert!(told.contains("pause the grant"), "{told}");
        decide(json!({ "outcome": "cleared", "reason": "The grant is paused." })).ok();
    }

    fn who_was_asked_hears_what_came_of_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam, lana) = (web.person("Rea"), web.person("Sam"), lane(&field, "Lana"));
        let id = field.applies(&rea, "1.00", "9.00");
        let settled = "What we asked you about your application is settled";
        let heard = || mails(&web, &rea, settled);
        let cleared = json!({ "outcome": "cleared", "reason": "It does not." });
        let tied = json!({ "outcome": "conditions", "reason": "Near.",
            "conditions": "Behind glass." });
        let decide = |raised: &str, form: &Value| {
            lana.post(&concern(raised, "/decide"), form.clone()).ok();
        };
        decide(&raise(&sam, &id, "It could hurt.").id(), &cleared);
        assert!(heard().is_empty(), "they were asked nothing");
        let decided = || {
            let seen = rea.get(&application(&id, "/screening")).ok();
            seen["asked"][0]["decided_at"].clone()
        };
        for (form, page) in [(&cleared, "/screening\n"), (&tied, "/screening-conditions")] {
            let before = heard().len();
            t.clock.advance_seconds(60);
            let raised = raise(&sam, &id, "It could leak.").id();
            ask(&lana, &raised).ok();
            respond(&rea, &id, &raised).ok();
            let open = rea.get(&application(&id, "/screening")).ok();
            let open = open["asked"].as_array().expect("questions");
            assert_eq!(open.last().expect("one")["decided_at"], Value::Null);
            decide(&raised, form);
            let told = heard();
            assert_eq!(told.len(), before + 1);
            let text = told.last().expect("a mail");
            assert!(text.replace('\r', "").contains(page), "{text}");
            assert!(!text.contains("glass") && !text.contains("leak"), "{text}");
        }
        assert_ne!(decided(), Value::Null);
        // Where it has ended nothing goes on that they could read of.
        let raised = raise(&sam, &id, "It could burn.").id();
        ask(&lana, &raised).ok();
        respond(&rea, &id, &raised).ok();
        rea.post(&application(&id, "/withdraw"), json!({})).ok();
        let before = heard().len();
        decide(&raised, &cleared);
        assert_eq!(heard().len(), before);
    }
}
