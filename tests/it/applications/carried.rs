//! What comes over into a further call, and what stays where it was answered.

use super::routes::{attach, command, is_in, place, question, route, write_form};
use super::*;

fn form(reused: &[(&str, &str)]) -> Value {
    let text = |(key, name): &(&str, &str)| {
        question(key, "short_text", json!({ "reuse_key": name, "required": true }))
    };
    json!({ "questions": reused.iter().map(text).collect::<Vec<_>>() })
}

fn patch(who: &Client, id: &str, call: &str, body: Value) -> Value {
    let path = place(id, call);
    let etag = who.get(&path).etag().to_owned();
    who.patch(&path, &etag, body).ok()
}

both! {
    fn what_is_answered_after_it_was_routed_comes_over_too(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, more) = (rolling(&admin), rolling(&admin));
        write_form(&admin, &own, &form(&[("plan", "plan"), ("risk", "risk")]));
        write_form(&admin, &more, &form(&[("idea", "plan"), ("risk", "risk"), ("cost", "cost")]));
        let id = draft(&rea, &own, json!({}));
        route(&rea, &id, &more, json!({})).ok();
        let view = || rea.get(&place(&id, &more)).ok();
        assert_eq!(view()["missing"], json!(["/answers/idea", "/answers/risk", "/answers/cost"]));
        edit(&rea, &id, json!({ "answers": { "plan": "We grind", "risk": "None" } })).ok();
        assert_eq!(view()["answers"], json!({ "idea": "We grind", "risk": "None" }));
        assert_eq!(view()["missing"], json!(["/answers/cost"]));
        // Answered here it is another; cleared here it stays empty.
        patch(&rea, &id, &more, json!({ "answers": { "idea": "We cast", "risk": null } }));
        edit(&rea, &id, json!({ "answers": { "plan": "We grind fine" } })).ok();
        let now = view();
        assert_eq!((&now["answers"], &now["carried"]), (&json!({ "idea": "We cast" }), &json!([])));
        assert_eq!(now["missing"], json!(["/answers/risk", "/answers/cost"]));
        patch(&rea, &id, &more, json!({ "answers": { "risk": "Some", "cost": "Much" } }));
        assert_eq!(view()["missing"], json!([]));
        // What was cleared there once and is answered again comes over again.
        let next = draft(&rea, &own, json!({ "answers": { "plan": "One" } }));
        route(&rea, &next, &more, json!({})).ok();
        edit(&rea, &next, json!({ "answers": { "plan": null } })).ok();
        let seen = patch(&rea, &next, &more, json!({ "answers": { "cost": "Little" } }));
        assert_eq!(seen["answers"], json!({ "cost": "Little" }));
        edit(&rea, &next, json!({ "answers": { "plan": "Two" } })).ok();
        let seen = rea.get(&place(&next, &more)).ok();
        assert_eq!(seen["answers"], json!({ "cost": "Little", "idea": "Two" }));
        assert_eq!(seen["carried"], json!([{ "key": "idea", "from": "plan" }]));
    }

    fn what_changes_leave_unasked_goes_and_what_they_ask_is_named(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, more) = (rolling(&admin), rolling(&admin));
        let option = |key: &str| json!({ "key": key, "label": key });
        let abroad = question("abroad", "choice", json!({
            "options": [option("yes"), option("no")] }));
        let after = |key: &str, said: &str| question(key, "short_text", json!({
            "required": true, "shown_if": { "question": "abroad", "any_of": [said] } }));
        write_form(&admin, &own, &json!({ "questions": [abroad] }));
        let asked = json!({ "questions": [abroad, after("visa", "yes"), after("home", "no")] });
        write_form(&admin, &more, &asked);
        let id = submitted(&rea, &own, json!({ "answers": { "abroad": "yes" } }));
        route(&rea, &id, &more, json!({ "visa": "Granted" })).ok();
        command(&rea, &id, &more, "submit").ok();
        send_back(&admin, &id);
        edit(&rea, &id, json!({ "answers": { "abroad": "no" } })).ok();
        rea.command(&at(&format!("{id}/submit"))).ok();
        let now = admin.get(&place(&id, &more)).ok();
        assert_eq!(now["answers"], json!({ "abroad": "no" }), "they do not contradict each other");
        let told = mails(&web, &rea.email);
        let mut told = told.iter().rev().filter(|m| m.subject.starts_with("We have your"));
        let text = &told.next().expect("a mail").text;
        assert!(text.contains("> What of home?") && !text.contains("visa"), "{text}");
        assert!(text.replace('\n', " ").contains("is asked after your changes"), "{text}");
        assert!(told.all(|mail| !mail.text.contains("What of home?")), "nothing lacked before");
    }

    fn to_come_back_confirms_nothing(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, more) = (rolling(&admin), rolling(&admin));
        write_form(&admin, &more, &form(&[("risk", "risk"), ("cost", "cost")]));
        let before = submitted(&rea, &more, json!({ "answers": { "risk": "None", "cost": "1" } }));
        assert!(!before.is_empty());
        let id = submitted(&rea, &own, json!({}));
        let made = route(&rea, &id, &more, json!({})).ok();
        assert_eq!(made["suggested"].as_object().map(serde_json::Map::len), Some(2), "{made}");
        patch(&rea, &id, &more, json!({ "confirm": ["cost"] }));
        command(&rea, &id, &more, "withdraw").ok();
        let back = route(&rea, &id, &more, json!({})).ok();
        assert_eq!(back["answers"], json!({ "risk": "None", "cost": "1" }));
        assert!(back["suggested"]["risk"].is_object() && back["suggested"]["cost"].is_null());
        command(&rea, &id, &more, "submit").wrong_fields(&["/answers/risk"]);
        patch(&rea, &id, &more, json!({ "confirm": ["risk"] }));
        command(&rea, &id, &more, "submit").ok();
    }

    fn a_file_stays_where_others_read_what_names_it(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let calls = [rolling(&admin), rolling(&admin), rolling(&admin)];
        let [own, more, gone] = &calls;
        let file = |key: &str| json!({ "questions": [question(key, "file", json!({}))] });
        for call in &calls[..2] {
            write_form(&admin, call, &file("cv"));
        }
        write_form(&admin, gone, &file("plan"));
        let id = draft(&rea, own, json!({}));
        let (cv, plan) = (attach(&rea, &id), attach(&rea, &id));
        edit(&rea, &id, json!({ "answers": { "cv": cv } })).ok();
        route(&rea, &id, gone, json!({ "plan": plan })).ok();
        rea.command(&at(&format!("{id}/submit"))).ok();
        command(&rea, &id, gone, "submit").ok();
        send_back(&admin, &id);
        let detach = |file: &str| rea.delete(&at(&format!("{id}/attachments/{file}")));
        edit(&rea, &id, json!({ "answers": { "cv": null } })).ok();
        let said = detach(&cv).refused(409, "wrong_state");
        let said = said["detail"].as_str().expect("a detail").to_owned();
        assert!(said.contains("in what was handed in, which others read"), "{said}");
        assert_eq!(admin.get(&at(&id)).ok()["answers"]["cv"], json!(cv));
        // In a further call it is read after that as well.
        edit(&rea, &id, json!({ "answers": { "cv": cv } })).ok();
        rea.command(&at(&format!("{id}/submit"))).ok();
        is_in(&rea, &id, more);
        send_back(&admin, &id);
        edit(&rea, &id, json!({ "answers": { "cv": null } })).ok();
        rea.command(&at(&format!("{id}/submit"))).ok();
        send_back(&admin, &id);
        detach(&cv).refused(409, "wrong_state");
        rea.command(&at(&format!("{id}/submit"))).ok();
        assert_eq!(admin.get(&place(&id, more)).ok()["answers"]["cv"], json!(cv));
        // Where it was declined, nothing can be answered anew: nothing is kept from being removed.
        send_back(&admin, &id);
        detach(&plan).refused(409, "wrong_state");
        let no = json!({ "reason": "Not here." });
        admin.post(&format!("{}/decline", place(&id, gone)), no).ok();
        detach(&plan).ok();
    }
}
