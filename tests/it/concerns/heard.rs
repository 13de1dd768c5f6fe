//! From a concern to what comes of it: not before the applicant was heard.

use super::*;
use crate::disbursements::one_person::{SHARED, WAYS, one_with, refused};
use crate::support::desk::{threads, usd};
use almoner::kernel::actor::Role;

both! {
    fn screening_holds_every_award_and_is_cleared(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea) = (field.backer("100.00"), web.person("Rea"));
        let before = field.applies(&rea, "1.00", "9.00");
        backer.offer(&before, "5.00").ok();
        field.awarded(&before);
        let lana = lane(&field, "Lana");
        let id = field.applies(&rea, "1.00", "9.00");
        backer.offer(&id, "5.00").ok();
        field.award(&id, json!({})).refused(409, "wrong_state");
        web.work();
        let subject = "A few questions on your application: A better lens".to_owned();
        assert!(field.subjects(&rea).contains(&subject));
        let form = rea.get(&application(&id, "/screening")).ok();
        assert_eq!(form["application_title"], "A better lens");
        clear(&lana, &id).refused(409, "wrong_state");
        answer(&rea, &id).ok();
        let cleared = clear(&lana, &id).ok();
        assert_eq!(cleared["answers"][0]["answer"], "Nothing comes to mind.");
        clear(&lana, &id).refused(409, "wrong_state");
        // What was changed is looked at again.
        let why = json!({ "reason": "Say more." });
        field.desk.admin.post(&application(&id, "/request-changes"), why).ok();
        web.work();
        rea.command(&application(&id, "/submit")).ok();
        field.award(&id, json!({})).refused(409, "wrong_state");
        clear(&lana, &id).ok();
        field.awarded(&id);
        field.sound();
    }

    fn what_a_further_call_adds_is_screened_too(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (lana, rea) = (lane(&field, "Lana"), web.person("Rea"));
        let open = |title: &str| {
            let form = json!({ "title": title, "kind": "rolling", "opens_on": "2020-01-01" });
            let call = admin.post("/api/v1/calls", form).id();
            admin.command(&format!("/api/v1/calls/{call}/open")).ok();
            call
        };
        let (plain, more) = (open("Asks nothing"), open("Asks more"));
        let form = json!({ "questions": [{ "key": "risk", "label": "What of risk?",
            "kind": "short_text", "required": true }] });
        let body = Some(form.to_string().into_bytes());
        admin.send("PUT", &format!("/api/v1/calls/{more}/form"), &[("If-Match", "\"v0\"")], body)
            .ok();
        let id = field.applies(&rea, "1.00", "9.00");
        answer(&rea, &id).ok();
        clear(&lana, &id).ok();
        let route = |call: &str, answers: Value| {
            let body = json!({ "call_id": call, "answers": answers });
            rea.post(&application(&id, "/routes"), body).ok();
            rea.command(&application(&id, &format!("/routes/{call}/submit"))).ok();
            web.work();
        };
        let read = || {
            let path = format!("/api/v1/screenings/{}", screening(&lana, &id));
            let view = lana.get(&path).ok();
            (view["status"].clone(), view["application"]["further_calls"].clone())
        };
        route(&plain, json!({}));
        assert_eq!(read(), (json!("cleared"), json!([])));
        route(&more, json!({ "risk": "We grow it in the cellar" }));
        let (status, further) = read();
        assert_eq!(status, "waiting");
        assert_eq!((&further[0]["call"], &further[0]["answers"][0]["answer"]),
            (&json!("Asks more"), &json!("We grow it in the cellar")));
        assert_eq!(further.as_array().map(Vec::len), Some(1));
    }

    fn what_is_stopped_was_heard_and_gives_the_money_back(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea, sam) = (field.backer("100.00"), web.person("Rea"), web.person("Sam"));
        let (lana, lars) = (lane(&field, "Lana"), lane(&field, "Lars"));
        let id = field.applies(&rea, "1.00", "9.00");
        backer.offer(&id, "5.00").ok();
        answer(&rea, &id).ok();
        let raised = raise(&sam, &id, "Canary of the marsh").id();
        let stop = json!({ "outcome": "stopped", "reason": "Too risky.",
            "public_reason": "We do not fund this line of work." });
        let decide = |body: &Value| lana.post(&concern(&raised, "/decide"), body.clone());
        decide(&stop).refused(409, "wrong_state");
        decide(&json!({ "outcome": "conditions", "reason": "x", "conditions": "Behind glass." }))
            .refused(409, "wrong_state");
        decide(&json!({ "outcome": "stopped", "reason": "x" })).wrong_fields(&["/public_reason"]);
        respond(&rea, &id, &raised).wrong_fields(&["/concern_id"]);
        assert_eq!(ask(&lana, &raised).ok()["summary"], "It could be turned around.");
        ask(&lars, &raised).refused(409, "already_exists");
        // Six days, 23 hours, 59 minutes and 59 seconds are not seven days.
        t.clock.advance_seconds(7 * 86_400 - 1);
        decide(&stop).refused(409, "wrong_state");
        let seen = rea.get(&application(&id, "/screening")).ok();
        assert_eq!(seen["asked"][0]["summary"], "It could be turned around.");
        assert_eq!(seen["asked"][0].get("raised_by"), None);
        assert!(!seen.to_string().contains("marsh") && !seen.to_string().contains("Sam"), "{seen}");
        respond(&sam, &id, &raised).refused(403, "forbidden");
        respond(&rea, &id, &raised).ok();
        respond(&rea, &id, &raised).refused(409, "already_exists");
        let full = lars.get(&concern(&raised, "")).ok();
        assert_eq!(full["response"], "We keep the last step to ourselves.");
        decide(&stop).ok();
        decide(&stop).refused(409, "wrong_state");
        web.work();
        assert_eq!(field.available(&backer), "100.00", "offers went back");
        let mine = rea.get(&application(&id, "")).ok();
        assert_eq!(mine["status"], "declined");
        assert_eq!(mine["status_reason"], "We do not fund this line of work.");
        assert!(field.subjects(&rea).iter().any(|s| s.starts_with("Your application was \
         declined")));
        let own = sam.get("/api/v1/me/concerns").ok();
        assert_eq!(own["items"][0]["status"], "closed");
        assert!(!own.to_string().contains("stopped"), "{own}");
        let log = lana.get(&format!("/api/v1/screenings/{}", screening(&lana, &id))).ok();
        let acts: Vec<String> = log["log"].as_array().expect("a log").iter()
            .map(|e| format!("{} {}", e["act"].as_str().unwrap_or(""), e["person"]["name"]))
            .collect();
        assert_eq!(acts, ["decide_concern \"Lana\"", "respond_to_concern \"Rea\"",
            "ask_about_concern \"Lana\"", "raise_concern \"Sam\""]);
        // To strangers it is gone; who still sees it is told that it has ended.
        raise(&sam, &id, "Again").refused(404, "not_found");
        raise(&field.desk.finance, &id, "Again").refused(409, "wrong_state");
        field.sound();
    }

    fn who_is_one_with_whoever_raised_it_does_not_decide(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let lana = lane(&field, "Lana");
        for way in WAYS {
            let (rea, raiser, twin) = (web.person("Rea"), lane(&field, "R"), lane(&field, "Twin"));
            let id = field.applies(&rea, "1.00", "9.00");
            let raised = raise(&raiser, &id, "It could be turned around.").id();
            one_with(&raiser, &twin, (way, SHARED));
            let decide = |who: &Client| {
                let body = json!({ "outcome": "cleared", "reason": "We looked." });
                who.post(&concern(&raised, "/decide"), body)
            };
            refused(&decide(&twin), way);
            decide(&raiser).refused(403, "two_persons");
            assert_eq!(decide(&lana).ok()["status"], "closed");
        }
    }

    fn who_reviews_it_may_raise_one(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        lane(&field, "Lana");
        let (least, most) = (usd("1.00"), usd("9.00"));
        let id = field.applies_with(&rea, json!({
            "visibility": "private", "amount_minimum": least, "amount_requested": most,
            "budget_lines": [{ "label": "All of it", "amount": most }],
        }));
        let (remy, other) = (web.with_role("Remy", Role::Reviewer), web.person("Otto"));
        raise(&remy, &id, "It leaks.").refused(404, "not_found");
        let ask = json!({ "person_id": remy.id() });
        let reviews = format!("/api/v1/applications/{id}/reviewers");
        field.desk.admin.post(&reviews, ask).ok();
        raise(&remy, &id, "It leaks.").ok();
        raise(&other, &id, "It leaks.").refused(404, "not_found");
    }

    fn conditions_reach_offerers_and_the_agreement(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea, sam) = (field.backer("100.00"), web.person("Rea"), web.person("Sam"));
        let lana = lane(&field, "Lana");
        let id = field.applies(&rea, "1.00", "9.00");
        backer.offer(&id, "5.00").ok();
        answer(&rea, &id).ok();
        let form = json!({ "concern": "It could leak.", "may_name_me": true });
        let raised = sam.post(&application(&id, "/concerns"), form).id();
        ask(&lana, &raised).ok();
        let seen = rea.get(&application(&id, "/screening")).ok();
        assert_eq!(seen["asked"][0]["raised_by"], "Sam", "they agreed to be named");
        t.clock.advance_seconds(7 * 86_400);
        let tie = json!({ "outcome": "conditions", "reason": "Fine with a lock.",
            "conditions": "Models are kept on machines without a network." });
        lana.post(&concern(&raised, "/decide"), tie).ok();
        let path = application(&id, "/screening-conditions");
        let shown = |who: &Client| who.get(&path).ok()["conditions"].clone();
        let tied = json!(["Models are kept on machines without a network."]);
        assert_eq!((shown(&backer.who), shown(&rea)), (tied.clone(), tied.clone()));
        // Who runs the service sees that there was a concern only by what binds.
        for who in [&field.desk.admin, &field.desk.finance] {
            assert_eq!(shown(who), json!([]), "{}", who.email);
        }
        for who in [&sam, &web.anonymous()] {
            let text = who.get(&path).text();
            assert!(!text.contains("network"), "{text}");
        }
        clear(&lana, &id).ok();
        let grant = field.awarded(&id);
        assert_eq!(shown(&field.desk.finance), tied);
        let text = rea.get(&format!("/api/v1/grants/{grant}/agreement/text")).text();
        assert!(text.contains("Models are kept on machines without a network."), "{text}");
        assert!(!text.contains("It could leak.") && !text.contains("Fine with a lock."));
        field.sound();
    }

    fn bad_concerns_change_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        let lana = lane(&field, "Lana");
        let draft = json!({ "call_id": field.call, "title": "x" });
        let draft = rea.post("/api/v1/applications", draft).id();
        raise(&sam, &draft, "x").refused(404, "not_found");
        raise(&lana, &draft, "x").refused(404, "not_found");
        // Its own team sees the draft, and is told what stands in the way.
        raise(&rea, &draft, "x").refused(403, "two_persons");
        let id = field.applies(&rea, "1.00", "9.00");
        raise(&sam, &id, " ").wrong_fields(&["/concern"]);
        raise(&sam, &id, &"x".repeat(10_001)).wrong_fields(&["/concern"]);
        raise(&web.anonymous(), &id, "x").refused(401, "unauthenticated");
        // Three of one person may be open on one application, and ten a day on all.
        let all: Vec<String> = (0..4).map(|_| field.applies(&rea, "1.00", "9.00")).collect();
        let answers = threads(12, |n| raise(&sam, &all[n % 4], &format!("Concern {n}")).status);
        assert_eq!(answers.iter().filter(|s| **s == 201).count(), 10, "{answers:?}");
        assert_eq!(answers.iter().filter(|s| **s == 409).count(), 2, "{answers:?}");
        let page = lana.get("/api/v1/concerns?limit=200").ok();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(10));
        t.clock.advance_seconds(86_401);
        raise(&sam, &id, "A day later").ok();
    }

    fn a_concern_and_an_award_at_once_come_one_after_the_other(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea, sam) = (field.backer("100.00"), web.person("Rea"), web.person("Sam"));
        let lana = lane(&field, "Lana");
        for _ in 0..4 {
            let id = field.applies(&rea, "1.00", "9.00");
            backer.offer(&id, "5.00").ok();
            answer(&rea, &id).ok();
            clear(&lana, &id).ok();
            let answers = threads(2, |n| match n {
                0 => raise(&sam, &id, "Wait"),
                _ => field.award(&id, json!({})),
            });
            answers[0].ok();
            let raised = answers[0].json()["id"].as_str().expect("an id").to_owned();
            let status = field.desk.admin.get(&application(&id, "")).ok()["status"].clone();
            if answers[1].status == 409 {
                assert_eq!(status, "open");
                field.award(&id, json!({})).refused(409, "wrong_state");
                lana.post(&concern(&raised, "/decide"), json!({ "outcome": "cleared",
                    "reason": "x" })).ok();
                field.awarded(&id);
            } else {
                answers[1].ok();
                assert_eq!(status, "awarded");
            }
        }
        field.sound();
    }
}
