//! Appeals against a decline in one further call.

use super::routes::{command, is_in, place};
use super::*;

/// An open call, named so, that decides within so many days and gives this to whom it declined.
pub(super) fn giving(admin: &Client, title: &str, days: i32, terms: Value) -> String {
    let form = json!({ "title": title, "kind": "rolling", "opens_on": "2020-01-01",
        "decision_days": days });
    let id = call(admin, form);
    let path = format!("/api/v1/calls/{id}/decisions");
    let body = Some(terms.to_string().into_bytes());
    admin.send("PUT", &path, &[("If-Match", "\"v0\"")], body).ok();
    id
}

pub(super) fn appeals() -> Value {
    json!({ "appeals": "appeal", "appeal_days": 10 })
}

pub(super) fn no_there(admin: &Client, id: &str, call: &str) -> Value {
    admin.post(&format!("{}/decline", place(id, call)), json!({ "reason": "Not ours." })).ok()
}

pub(super) fn appeal(who: &Client, id: &str, call: Option<&str>) -> Reply {
    who.post(&at(&format!("{id}/appeal")), json!({ "text": "Look again.", "call_id": call }))
}

pub(super) fn answer(who: &Client, id: &str, call: Option<&str>, outcome: &str) -> Reply {
    let form = json!({ "outcome": outcome, "reason": "We read it.", "call_id": call });
    who.post(&at(&format!("{id}/appeal/answer")), form)
}

/// How a further call declined it.
pub(super) fn declined(who: &Client, id: &str, call: &str) -> Value {
    who.get(&at(&format!("{id}/decline?call_id={call}"))).ok()
}

/// The subjects of all mails to somebody that begin so.
pub(super) fn told(web: &Web, who: &Client, subject: &str) -> Vec<String> {
    let all = mails(web, &who.email).into_iter().map(|mail| mail.subject);
    all.filter(|said| said.starts_with(subject)).collect()
}

both! {
    fn a_decline_in_a_further_call_is_appealed_against_there(t: &Harness) {
        let web = t.serve();
        let (ada, rea) = (admin(&web), web.person("Rea"));
        let (abe, chi) = (web.with_role("Abe", Role::Admin), web.with_role("Chi", Role::Admin));
        let own = rolling(&ada);
        let terms = json!({ "appeals": "appeal", "appeal_days": 10, "responsible_id": chi.id() });
        let more = giving(&ada, "Light", 20, terms);
        let id = submitted(&rea, &own, json!({}));
        is_in(&rea, &id, &more);
        no_there(&ada, &id, &more);
        let letter = mails(&web, &rea.email).pop().expect("a mail").text.replace('\n', " ");
        assert!(letter.contains("you can appeal until 2026-11-12"), "{letter}");
        let said = declined(&rea, &id, &more);
        assert_eq!((&said["call_id"], &said["reason"], &said["remedy"], &said["remedy_until"]),
            (&json!(more), &json!("Not ours."), &json!("appeal"), &json!("2026-11-12")));
        rea.get(&at(&format!("{id}/decline"))).refused(409, "wrong_state");
        let todo = rea.get("/api/v1/me/next").ok()["items"][0]["todo"].to_string();
        assert!(todo.contains(&at(&format!("{id}/appeal"))) && todo.contains("“Light”"), "{todo}");
        // It is the further call that said no, and this one that can be asked.
        appeal(&rea, &id, None).refused(409, "wrong_state");
        appeal(&rea, &id, Some(&rolling(&ada))).refused(404, "not_found");
        appeal(&abe, &id, Some(&more)).refused(403, "forbidden");
        let made = appeal(&rea, &id, Some(&more)).ok();
        assert_eq!((&made["call_id"], &made["promised_on"]), (&json!(more), &json!("2026-11-22")));
        appeal(&rea, &id, Some(&more)).refused(409, "wrong_state");
        let next = rea.get("/api/v1/me/next").ok()["items"][0]["next"].to_string();
        assert!(next.contains("In “Light” another person looks at it again"), "{next}");
        // Whoever answers for that call hears of it; whoever declined there does not answer.
        let waits = told(&web, &chi, "An appeal waits");
        assert!(waits.len() == 1 && waits[0].ends_with("(in Light)"), "{waits:?}");
        assert!(told(&web, &abe, "An appeal").is_empty());
        let asked = |who: &Client| who.get("/api/v1/me/next").text().contains("/appeal/answer");
        assert_eq!((asked(&ada), asked(&abe)), (false, true));
        answer(&ada, &id, Some(&more), "reopened").refused(403, "two_persons");
        answer(&abe, &id, None, "reopened").refused(409, "wrong_state");
        t.clock.advance_seconds(2 * 86_400);
        assert_eq!(answer(&abe, &id, Some(&more), "reopened").ok()["outcome"], "reopened");
        let back = rea.get(&place(&id, &more)).ok();
        assert_eq!((&back["status"], &back["promised_on"], &back["reason"]),
            (&json!("submitted"), &json!("2026-11-24"), &Value::Null));
        let letter = mails(&web, &rea.email).pop().expect("a mail").text.replace('\n', " ");
        assert!(letter.contains("“Light”") && letter.contains("by 2026-11-24"), "{letter}");
        // Its day is kept again, and there is one appeal for each call.
        day(t, "2026-11-22");
        web.work();
        let moved = rea.get(&place(&id, &more)).ok()["promised_on"].clone();
        assert_eq!(moved, "2026-12-04", "moved before it was missed");
        no_there(&web.sign_in(abe), &id, &more);
        assert_eq!(declined(&rea, &id, &more)["remedy"], "none");
        appeal(&rea, &id, Some(&more)).refused(409, "wrong_state");
    }

    fn a_decline_that_stands_there_stands(t: &Harness) {
        let web = t.serve();
        let (ada, rea) = (admin(&web), web.person("Rea"));
        let abe = web.with_role("Abe", Role::Admin);
        let own = rolling(&ada);
        let (light, sound) =
            (giving(&ada, "Light", 20, appeals()), giving(&ada, "Sound", 20, appeals()));
        let id = submitted(&rea, &own, json!({}));
        for call in [&light, &sound] {
            is_in(&rea, &id, call);
            no_there(&ada, &id, call);
            appeal(&rea, &id, Some(call)).ok();
        }
        answer(&abe, &id, Some(&light), "upheld").ok();
        assert_eq!(rea.get(&place(&id, &light)).ok()["status"], "declined");
        let letter = mails(&web, &rea.email).pop().expect("a mail").text.replace('\n', " ");
        assert!(letter.contains("“Light”: it stands"), "{letter}");
        // Each is taken back by its call.
        let back = |call: &str| {
            rea.post(&at(&format!("{id}/appeal/withdraw")), json!({ "call_id": call }))
        };
        back(&light).refused(409, "wrong_state");
        assert_eq!(back(&sound).ok()["outcome"], "withdrawn");
        assert_eq!(told(&web, &abe, "An appeal was taken back").len(), 1);
        assert_eq!(rea.get(&at(&id)).ok()["status"], "submitted");
    }

    fn where_all_calls_have_declined_it_an_appeal_in_one_brings_it_back(t: &Harness) {
        let web = t.serve();
        let (ada, rea) = (admin(&web), web.person("Rea"));
        let abe = web.with_role("Abe", Role::Admin);
        let own = rolling(&ada);
        let more = giving(&ada, "Light", 20, appeals());
        let id = opened(&rea, &ada, &own, json!({}));
        is_in(&rea, &id, &more);
        let alone = json!({ "reason": "Not here.", "own_call": true });
        ada.post(&at(&format!("{id}/decline")), alone).ok();
        no_there(&ada, &id, &more);
        let status = || rea.get(&at(&id)).ok()["status"].clone();
        assert_eq!(status(), "declined");
        let letter = mails(&web, &rea.email).pop().expect("a mail").text.replace('\n', " ");
        assert!(letter.contains("you can appeal until"), "{letter}");
        appeal(&rea, &id, Some(&more)).ok();
        answer(&abe, &id, Some(&more), "reopened").ok();
        let now = rea.get(&at(&id)).ok();
        assert_eq!((&now["status"], &now["promised_on"]),
            (&json!("submitted"), &json!("2026-11-22")));
        assert!(now["own_call_declined_at"].is_string(), "its own call stays out: {now}");
        assert_eq!(rea.get(&place(&id, &more)).ok()["status"], "submitted");
        // It ends again with the next no.
        no_there(&abe, &id, &more);
        assert_eq!(status(), "declined");
    }

    fn an_appeal_there_ends_with_the_application(t: &Harness) {
        let web = t.serve();
        let (ada, rea) = (admin(&web), web.person("Rea"));
        let abe = web.with_role("Abe", Role::Admin);
        let own = rolling(&ada);
        let more = giving(&ada, "Light", 20, appeals());
        let ids = [(); 2].map(|()| {
            let id = submitted(&rea, &own, json!({}));
            is_in(&rea, &id, &more);
            no_there(&ada, &id, &more);
            appeal(&rea, &id, Some(&more)).ok();
            id
        });
        rea.command(&at(&format!("{}/withdraw", ids[0]))).ok();
        let no = json!({ "reason": "No." });
        ada.post(&at(&format!("{}/decline", ids[1])), no).ok();
        for id in &ids {
            let said = declined(&rea, id, &more);
            assert_eq!((&said["appeal"]["outcome"], &said["remedy"]),
                (&json!("ended"), &json!("none")));
            answer(&abe, id, Some(&more), "reopened").refused(409, "wrong_state");
        }
        assert_eq!(told(&web, &abe, "An appeal is over").len(), 2);
        // What was taken back can be deleted: nobody answers any more.
        t.clock.advance_seconds(2 * 86_400);
        assert_eq!(rea.delete(&at(&ids[0])).status, 204);
        // What its applicant took out of a call was not declined there.
        let third = submitted(&rea, &own, json!({}));
        is_in(&rea, &third, &more);
        command(&rea, &third, &more, "withdraw").ok();
        appeal(&rea, &third, Some(&more)).refused(409, "wrong_state");
    }
}
