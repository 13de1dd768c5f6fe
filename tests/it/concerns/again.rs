//! What was stopped and comes again, and who hears that screening is done.

use super::waiting::waits;
use super::*;
use crate::decisions::{decline, mails, terms, times};
use crate::payees::count;
use almoner::concerns;
use almoner::kernel::actor::Role;
use almoner::kernel::ids::ApplicationId;

/// Raises a concern, hears the applicant and stops it; the concern's id.
fn stop(id: &str, (rea, sam, lana): (&Client, &Client, &Client)) -> String {
    let raised = raise(sam, id, "It could be turned around.").id();
    ask(lana, &raised).ok();
    respond(rea, id, &raised).ok();
    let form = json!({ "outcome": "stopped", "reason": "Too risky.",
        "public_reason": "Not in this call." });
    lana.post(&concern(&raised, "/decide"), form).ok();
    raised
}

/// The applicant appeals, and somebody takes the decline back.
fn bring_back(id: &str, rea: &Client, abe: &Client) {
    rea.post(&application(id, "/appeal"), json!({ "text": "Look again." })).ok();
    let form = json!({ "outcome": "reopened", "reason": "It is good." });
    abe.post(&application(id, "/appeal/answer"), form).ok();
}

/// Decides a concern; what came of it.
fn decide(who: &Client, id: &str, more: &Value) -> Value {
    let mut form = json!({ "reason": "We looked." });
    for (key, value) in more.as_object().expect("fields") {
        form[key] = value.clone();
    }
    who.post(&concern(id, "/decide"), form).ok()["outcome"].clone()
}

fn status(who: &Client, screening: &str) -> Value {
    who.get(&format!("/api/v1/screenings/{screening}")).ok()["status"].clone()
}

both! {
    fn what_an_appeal_brings_back_is_looked_at_again(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let (backer, rea) = (field.backer("100.00"), web.person("Rea"));
        let (sam, abe) = (web.person("Sam"), web.with_role("Abe", Role::Admin));
        let (lana, lars) = (lane(&field, "Lana"), lane(&field, "Lars"));
        let id = field.applies(&rea, "1.00", "9.00");
        answer(&rea, &id).ok();
        clear(&lana, &id).ok();
        t.clock.advance_seconds(60);
        let raised = stop(&id, (&rea, &sam, &lana));
        let screened = screening(&lana, &id);
        let page = format!("/screenings/{screened}");
        let heard = |who: &Client| {
            let all = mails(&web, who, "Something waits in the need-to-know lane");
            all.iter().filter(|text| text.contains(&page)).count()
        };
        assert_eq!((heard(&lana), heard(&lars)), (1, 1), "of the answers");
        t.clock.advance_seconds(60);
        bring_back(&id, &rea, &abe);
        assert_eq!((heard(&lana), heard(&lars)), (2, 2), "that it came back");
        assert_eq!((waits(&lana), status(&lana, &screened)), (vec!["screening".to_owned()],
            json!("waiting")));
        // However often it is heard.
        let of: ApplicationId = id.parse().expect("an id");
        let again = || field.act(|conn, ctx| concerns::service::reopened(conn, ctx, of));
        again();
        assert_eq!((heard(&lana), heard(&lars)), (2, 2));
        field.desk.admin.command(&application(&id, "/open")).ok();
        backer.offer(&id, "5.00").ok();
        field.award(&id, json!({})).refused(409, "wrong_state");
        // They are reminded as of what came in when it came back.
        t.clock.advance_seconds(2 * 86_400);
        let reminded = || times(&field, &lars, "1 waits in the need-to-know lane");
        assert_eq!(reminded(), 0);
        t.clock.advance_seconds(86_400);
        assert_eq!(reminded(), 1);
        assert_eq!(clear(&lars, &id).ok()["status"], "cleared");
        clear(&lars, &id).refused(409, "wrong_state");
        again();
        assert_eq!((heard(&lars), status(&lars, &screened)), (2, json!("cleared")));
        assert_eq!(waits(&lars), Vec::<String>::new());
        field.awarded(&id);
        // What came of the concern stays as it was.
        assert_eq!(lana.get(&concern(&raised, "")).ok()["outcome"], "stopped");
        field.sound();
    }

    fn who_has_not_answered_is_asked_again_when_it_comes_back(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        let (lana, abe) = (lane(&field, "Lana"), web.with_role("Abe", Role::Admin));
        let id = field.applies(&rea, "1.00", "9.00");
        let asked = || times(&field, &rea, "A few questions on your application");
        let missing = || times(&field, &rea, "Your answers are still missing");
        let heard = || times(&field, &lana, "Something waits in the need-to-know lane");
        let days = 5 * 86_400 + 7_200;
        t.clock.advance_seconds(301);
        assert_eq!((asked(), missing()), (1, 0));
        t.clock.advance_seconds(days);
        assert_eq!((asked(), missing()), (1, 1));
        stop(&id, (&rea, &sam, &lana));
        assert_eq!(heard(), 2, "of the concern, and of what was said to it");
        t.clock.advance_seconds(60);
        bring_back(&id, &rea, &abe);
        // Nothing waits for the group yet: it is for the applicant to answer.
        assert_eq!((heard(), waits(&lana)), (2, Vec::new()));
        clear(&lana, &id).refused(409, "wrong_state");
        for _ in 0..2 {
            t.clock.advance_seconds(301);
            assert_eq!((asked(), missing()), (2, 1), "once more");
            // However often it is heard.
            let of: ApplicationId = id.parse().expect("an id");
            field.act(|conn, ctx| concerns::service::reopened(conn, ctx, of));
        }
        t.clock.advance_seconds(days);
        assert_eq!((asked(), missing()), (2, 2));
        answer(&rea, &id).ok();
        assert_eq!((heard(), waits(&lana)), (3, vec!["screening".to_owned()]));
        assert_eq!(clear(&lana, &id).ok()["status"], "cleared");
    }

    fn what_was_declined_otherwise_stays_as_it_was_screened(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let (rea, abe) = (web.person("Rea"), web.with_role("Abe", Role::Admin));
        let lana = lane(&field, "Lana");
        let id = field.applies(&rea, "1.00", "9.00");
        answer(&rea, &id).ok();
        clear(&lana, &id).ok();
        t.clock.advance_seconds(60);
        decline(&field.desk.admin, &id);
        bring_back(&id, &rea, &abe);
        let came = times(&field, &lana, "Something waits in the need-to-know lane");
        assert_eq!(came, 1, "of the answers alone");
        assert_eq!(status(&lana, &screening(&lana, &id)), "cleared");
        field.desk.admin.command(&application(&id, "/open")).ok();
        field.backer("100.00").offer(&id, "5.00").ok();
        field.awarded(&id);
    }

    fn what_comes_from_what_was_stopped_is_not_cleared_in_passing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        terms(&field, json!({ "appeals": "resubmit", "appeal_days": 30 }));
        let (rea, sam, lana) = (web.person("Rea"), web.person("Sam"), lane(&field, "Lana"));
        let id = field.applies(&rea, "1.00", "9.00");
        stop(&id, (&rea, &sam, &lana));
        t.clock.advance_seconds(60);
        let again = rea.command(&application(&id, "/resubmit")).id();
        rea.command(&application(&again, "/submit")).ok();
        field.desk.admin.command(&application(&again, "/open")).ok();
        answer(&rea, &again).ok();
        clear(&lana, &again).refused(409, "wrong_state");
        let raised = raise(&lane(&field, "Lars"), &again, "Is it the same?").id();
        assert_eq!(decide(&lana, &raised, &json!({ "outcome": "cleared" })), "cleared");
        clear(&lana, &again).ok();
    }

    fn it_is_told_when_screening_holds_it_no_longer(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam, stan) = (web.person("Rea"), web.person("Sam"), web.person("Stan"));
        let lana = lane(&field, "Lana");
        let id = field.applies(&rea, "1.00", "9.00");
        let told = |more: &str| {
            let events = "SELECT COUNT(*) FROM events WHERE name = 'screening_cleared'";
            count(&web, &format!("{events} AND {more}"))
        };
        let this = format!("CAST(payload AS TEXT) LIKE '%{id}%'");
        let cleared = json!({ "outcome": "cleared" });
        answer(&rea, &id).ok();
        let [one, other] = [&sam, &stan].map(|who| raise(who, &id, "It could hurt.").id());
        decide(&lana, &one, &cleared);
        decide(&lana, &other, &cleared);
        assert_eq!(told(&this), 0, "the answers wait");
        clear(&lana, &id).ok();
        assert_eq!(told(&this), 1);
        let [one, other] = [&sam, &stan].map(|who| raise(who, &id, "It could leak.").id());
        decide(&lana, &one, &cleared);
        assert_eq!(told(&this), 1, "another is open");
        ask(&lana, &other).ok();
        respond(&rea, &id, &other).ok();
        decide(&lana, &other, &json!({ "outcome": "conditions", "conditions": "Behind glass." }));
        assert_eq!(told(&this), 2);
        stop(&id, (&rea, &sam, &lana));
        assert_eq!(told(&this), 2);
        assert_eq!(told("person_id IS NOT NULL"), 0, "nor who did it");
    }
}
