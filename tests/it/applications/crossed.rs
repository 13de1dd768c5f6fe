//! Declined call by call: where that meets an appeal in another call, the need-to-know lane, a new
//! application made of it, its end, or its deletion.

use super::appealed::{answer, appeal, appeals, declined, giving, no_there, told};
use super::routed::{comes_back, dated};
use super::routes::{call_of, is_in, place, question, write_form};
use super::*;

/// Two admins, and somebody's open application in its own call and, handed in there as well, in
/// “Light”, which lets people appeal.
struct Two {
    ada: Client,
    abe: Client,
    rea: Client,
    own: String,
    more: String,
    id: String,
}

fn two(web: &Web) -> Two {
    let (ada, rea) = (admin(web), web.person("Rea"));
    let abe = web.with_role("Abe", Role::Admin);
    let (own, more) = (rolling(&ada), giving(&ada, "Light", 20, appeals()));
    let id = wide(&rea, &ada, &own, &more);
    Two { ada, abe, rea, own, more, id }
}

/// An open, public application in both calls; its id.
fn wide(who: &Client, admin: &Client, own: &str, more: &str) -> String {
    let id = opened(who, admin, own, json!({ "visibility": "public" }));
    is_in(who, &id, more);
    id
}

fn no(admin: &Client, id: &str, more: Value) -> Reply {
    let mut form = json!({ "reason": "Nor here." });
    for (name, value) in more.as_object().expect("fields") {
        form[name] = value.clone();
    }
    admin.post(&at(&format!("{id}/decline")), form)
}

fn own_alone(admin: &Client, id: &str) {
    no(admin, id, json!({ "own_call": true, "reason": "Not here." })).ok();
}

fn resubmit(who: &Client, id: &str) -> Reply {
    who.command(&at(&format!("{id}/resubmit")))
}

fn next(who: &Client) -> String {
    who.get("/api/v1/me/next").text()
}

/// The group stops an application about which somebody is worried, for this reason in public.
fn stops(web: &Web, admin: &Client, rea: &Client, id: &str) {
    let lana = web.person("Lana");
    let group = format!("/api/v1/people/{}/need-to-know", lana.id());
    admin.post(&group, json!({ "reason": "Knows the field." })).ok();
    let worry = json!({ "concern": "It could hurt." });
    let concern = web.person("Sam").post(&at(&format!("{id}/concerns")), worry).id();
    let path = format!("/api/v1/concerns/{concern}");
    lana.post(&format!("{path}/ask"), json!({ "summary": "It could be turned around." })).ok();
    let heard = json!({ "concern_id": concern, "response": "We keep it to ourselves." });
    rea.post(&at(&format!("{id}/screening/respond")), heard).ok();
    let stop = json!({ "outcome": "stopped", "reason": "Too near.", "public_reason": "Nor here." });
    lana.post(&format!("{path}/decide"), stop).ok();
}

both! {
    fn what_was_deleted_does_not_come_back(t: &Harness) {
        let web = t.serve();
        let Two { ada, rea, more, id, .. } = two(&web);
        own_alone(&ada, &id);
        no_there(&ada, &id, &more);
        let path = at(&format!("{id}/appeal"));
        assert!(next(&rea).contains(&path));
        assert_eq!(rea.delete(&at(&id)).status, 204);
        assert!(!next(&rea).contains(&path), "{}", next(&rea));
        assert_eq!(declined(&rea, &id, &more)["remedy"], "none");
        appeal(&rea, &id, Some(&more)).refused(409, "wrong_state");
    }

    fn the_lane_stops_it_as_anybody_declines_it(t: &Harness) {
        let web = t.serve();
        let (ada, rea) = (admin(&web), web.person("Rea"));
        let abe = web.with_role("Abe", Role::Admin);
        let own = giving(&ada, "Own", 30, appeals());
        let more = giving(&ada, "Light", 20, appeals());
        let ids = [(); 2].map(|()| {
            let id = wide(&rea, &ada, &own, &more);
            own_alone(&ada, &id);
            appeal(&rea, &id, None).ok();
            id
        });
        no(&ada, &ids[0], json!({ "all_calls": true })).ok();
        stops(&web, &ada, &rea, &ids[1]);
        // Nobody can tell one from the other: not by what it reads, nor by what can be done.
        let [person, lane] = [&ids[0], &ids[1]].map(|id| {
            let mut said = declined(&rea, id, &more);
            said["application_id"].take();
            let read = rea.get(&at(id)).ok();
            let row = rea.get(&place(id, &more)).ok();
            let own = rea.get(&at(&format!("{id}/decline"))).ok();
            let at_all = ["status", "status_reason", "own_call_declined_at", "promised_on"];
            let asked = next(&rea).contains(&at(&format!("{id}/appeal")));
            (said, at_all.map(|name| read[name].clone()), row["status"].clone(),
                own["reason"].clone(), asked)
        });
        assert_eq!(person, lane);
        let (said, _, row, own_reason, asked) = lane;
        assert_eq!((&said["remedy"], &row, &own_reason, asked),
            (&json!("appeal"), &json!("declined"), &json!("Not here."), true));
        let letters = mails(&web, &rea.email);
        let of = |id: &str| {
            let said = |m: &&Letter| m.subject.contains("was declined") && m.text.contains(id);
            let all = letters.iter().filter(said).map(|m| m.text.replace(id, "it"));
            all.collect::<Vec<_>>()
        };
        assert_eq!(of(&ids[0]).len(), 1);
        assert_eq!(of(&ids[0]), of(&ids[1]));
        // Whoever had said no in its own call does not answer for that, whatever came after it; and
        // only its own call comes back.
        answer(&ada, &ids[1], None, "reopened").refused(403, "two_persons");
        answer(&abe, &ids[1], None, "reopened").ok();
        let back = rea.get(&at(&ids[1])).ok();
        assert_eq!((&back["status"], &back["own_call_declined_at"]),
            (&json!("submitted"), &Value::Null));
        assert_eq!(rea.get(&place(&ids[1], &more)).ok()["status"], "declined");
    }

    fn it_comes_back_or_begins_anew_and_not_both(t: &Harness) {
        let web = t.serve();
        let Two { ada, abe, rea, own, more, id } = two(&web);
        comes_back(&ada, &own);
        let other = wide(&rea, &ada, &own, &more);
        for id in [&id, &other] {
            own_alone(&ada, id);
            no_there(&ada, id, &more);
        }
        resubmit(&rea, &id).ok();
        assert_eq!(declined(&rea, &id, &more)["remedy"], "none");
        let refused = appeal(&rea, &id, Some(&more)).refused(409, "wrong_state");
        assert!(refused["detail"].as_str().is_some_and(|d| d.contains("handed in again")));
        // The other way round; once it is certain that it does not come back, it begins anew.
        appeal(&rea, &other, Some(&more)).ok();
        let again = at(&format!("{other}/resubmit"));
        assert!(!next(&rea).contains(&again));
        let refused = resubmit(&rea, &other).refused(409, "wrong_state");
        assert!(refused["detail"].as_str().is_some_and(|d| d.contains("take it back first")));
        answer(&abe, &other, Some(&more), "upheld").ok();
        assert!(next(&rea).contains(&again));
        assert_eq!(resubmit(&rea, &other).ok()["status"], "draft");
    }

    fn an_appeal_that_ended_with_it_waits_again_as_it_comes_back(t: &Harness) {
        let web = t.serve();
        let Two { ada, abe, rea, own, more, .. } = two(&web);
        let path = format!("/api/v1/calls/{own}/decisions");
        let body = Some(appeals().to_string().into_bytes());
        ada.send("PUT", &path, &[("If-Match", "\"v0\"")], body).ok();
        let id = wide(&rea, &ada, &own, &more);
        no_there(&ada, &id, &more);
        appeal(&rea, &id, Some(&more)).ok();
        no(&ada, &id, json!({})).ok();
        let made = || declined(&rea, &id, &more)["appeal"].clone();
        assert_eq!(made()["outcome"], "ended");
        appeal(&rea, &id, None).ok();
        t.clock.advance_seconds(2 * 86_400);
        answer(&abe, &id, None, "reopened").ok();
        assert_eq!((&made()["outcome"], &made()["decided_at"], &made()["promised_on"]),
            (&Value::Null, &Value::Null, &json!("2026-11-24")));
        let log = ada.get(&format!("/api/v1/audit?object_kind=application&object_id={id}")).text();
        assert!(log.contains("end_appeal") && log.contains("reopen_appeal"), "{log}");
        assert_eq!(told(&web, &abe, "An appeal waits again").len(), 1);
        assert_eq!(told(&web, &rea, "Your appeal waits again").len(), 1);
        assert!(next(&rea).contains("another person looks at it again by 2026-11-24"));
        // Its day is kept as before.
        day(t, "2026-11-23");
        web.work();
        assert!(made()["promised_on"].as_str() > Some("2026-11-24"), "{}", made());
        answer(&abe, &id, Some(&more), "reopened").ok();
        assert_eq!(rea.get(&place(&id, &more)).ok()["status"], "submitted");
    }

    fn what_its_own_call_promised_is_asked_for_however_it_ended(t: &Harness) {
        let web = t.serve();
        day(t, "2028-01-31");
        let (ada, rea) = (admin(&web), web.person("Rea"));
        let (own, over) = (rolling(&ada), dated(&ada, "Over", 28));
        let terms = json!({ "appeals": "resubmit", "appeal_days": 300 }).to_string().into_bytes();
        let path = format!("/api/v1/calls/{own}/decisions");
        ada.send("PUT", &path, &[("If-Match", "\"v0\"")], Some(terms)).ok();
        let [back, late] = [(); 2].map(|()| wide(&rea, &ada, &own, &over));
        let again = |id: &str| at(&format!("{id}/resubmit"));
        for id in [&back, &late] {
            own_alone(&ada, id);
            assert!(!next(&rea).contains(&again(id)), "while it goes on");
        }
        rea.command(&at(&format!("{back}/withdraw"))).ok();
        assert!(next(&rea).contains(&again(&back)), "{}", next(&rea));
        let lapsed = || rea.get(&at(&late)).ok()["status"] == "lapsed";
        for _ in 0..60 {
            if !lapsed() {
                t.clock.advance_seconds(2 * 86_400);
                web.work();
            }
        }
        assert!(lapsed());
        let letter = mails(&web, &rea.email).into_iter().find(|m| m.subject.contains("has lapsed"));
        let letter = letter.expect("a mail").text.replace('\n', " ");
        assert!(letter.contains("you can hand it in there again, changed, until"), "{letter}");
        assert!(next(&rea).contains(&again(&late)), "{}", next(&rea));
        resubmit(&rea, &late).ok();
        assert!(!next(&rea).contains(&again(&late)));
    }

    fn what_came_over_follows_also_where_it_was_declined_meanwhile(t: &Harness) {
        let web = t.serve();
        let Two { ada, abe, rea, own, more, .. } = two(&web);
        let asks = |key: &str| {
            let plan = question(key, "long_text", json!({ "reuse_key": "plan" }));
            json!({ "questions": [plan] })
        };
        write_form(&ada, &own, &asks("plan"));
        write_form(&ada, &more, &asks("idea"));
        let id = submitted(&rea, &own, json!({ "answers": { "plan": "We grind" } }));
        is_in(&rea, &id, &more);
        no_there(&ada, &id, &more);
        appeal(&rea, &id, Some(&more)).ok();
        send_back(&ada, &id);
        edit(&rea, &id, json!({ "answers": { "plan": "We grind fine" } })).ok();
        rea.command(&at(&format!("{id}/submit"))).ok();
        let idea = || ada.get(&place(&id, &more)).ok()["answers"]["idea"].clone();
        assert_eq!(idea(), "We grind");
        answer(&abe, &id, Some(&more), "reopened").ok();
        assert_eq!(idea(), "We grind fine");
    }

    fn an_offer_that_waits_for_approval_goes_back_with_its_call(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let strict = json!({ "approval_threshold": usd("1.00") });
        let (here, there) = (field.backer_with("90.00", strict), field.backer("90.00"));
        let (own, more) = (call_of(&field, &here), call_of(&field, &there));
        let rea = web.person("Rea");
        let id = field.applies_with(&rea, json!({ "call_id": own,
            "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"),
            "budget_lines": [{ "label": "All", "amount": usd("50.00") }] }));
        is_in(&rea, &id, &more);
        let offer = here.offer(&id, "20.00").ok();
        assert_eq!(offer["status"], "awaiting_approval");
        let offer = offer["id"].as_str().expect("an id");
        own_alone(&field.desk.admin, &id);
        web.work();
        assert_eq!(field.offer(offer)["status"], "released");
        assert_eq!(field.available(&here), "90.00");
        let path = format!("/api/v1/offers/{offer}/approve");
        field.desk.admin.command(&path).refused(409, "wrong_state");
        field.sound();
    }
}
