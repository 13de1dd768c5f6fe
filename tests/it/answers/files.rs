//! Answers that are files: each names one that hangs on the same application.

use super::*;
use crate::support::Harness;
use crate::support::web::new_key;

fn form() -> Value {
    json!({ "questions": [
        question("plan", "short_text", json!({ "required": true })),
        question("cv", "file", json!({ "reuse_key": "cv" })),
        question("budget", "file", json!({})),
    ] })
}

/// Hangs a file on an application; its id.
pub(super) fn attach(who: &Client, id: &str, name: &str) -> String {
    let path = at(id, &format!("/attachments?name={name}"));
    let key = new_key();
    let headers = [("Content-Type", "text/plain"), ("Idempotency-Key", key.as_str())];
    who.send("POST", &path, &headers, Some(format!("This is {name}.").into_bytes())).id()
}

fn detach(who: &Client, id: &str, file: &str) -> Reply {
    who.delete(&at(id, &format!("/attachments/{file}")))
}

both! {
    fn an_answer_names_a_file_of_this_very_application(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        write_form(&admin, &call, &form()).ok();
        let id = draft(&rea, &call, json!({ "plan": "x" }));
        let other = draft(&rea, &call, json!({ "plan": "y" }));
        let strange = draft(&web.person("Sam"), &call, json!({}));
        let (mine, elsewhere) = (attach(&rea, &id, "cv.txt"), attach(&rea, &other, "cv.txt"));
        let nobodys = "01a19b7c-0000-7000-8000-000000000001";
        for wrong in [nobodys, elsewhere.as_str(), strange.as_str(), id.as_str()] {
            let told = answer(&rea, &id, json!({ "cv": wrong })).refused(422, "invalid");
            assert_eq!(codes(&told), [("/answers/cv".to_owned(), "unknown".to_owned())]);
        }
        assert_eq!(rea.get(&at(&id, "")).etag(), "\"v1\"", "nothing was changed");
        // What is begun has no files yet.
        let mut sent = whole(&call);
        sent["answers"] = json!({ "cv": mine });
        rea.post(APPLICATIONS, sent).wrong_fields(&["/answers/cv"]);
        answer(&rea, &id, json!({ "cv": mine, "budget": mine })).ok();
        let said = detach(&rea, &id, &mine).refused(409, "wrong_state");
        let detail = said["detail"].as_str().expect("a detail");
        assert!(detail.contains("“What of cv?” and “What of budget?”"), "{detail}");
        detach(&rea, &id, &elsewhere).refused(404, "not_found");
        answer(&rea, &id, json!({ "budget": null })).ok();
        let next = attach(&rea, &id, "new.txt");
        answer(&rea, &id, json!({ "cv": next })).ok();
        detach(&rea, &id, &mine).ok();
        answer(&rea, &id, json!({ "cv": mine })).wrong_fields(&["/answers/cv"]);
        let done = submit(&rea, &id).ok();
        assert_eq!(done["answers"]["cv"], json!(next));
        // Whoever reads the answer gets the file.
        let read = admin.get(&at(&id, &format!("/attachments/{next}")));
        assert_eq!((read.status, read.text()), (200, "This is new.txt.".to_owned()));
    }

    fn a_file_comes_along_as_a_copy_and_stays_only_where_it_is_wanted(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (first, second) = (call(&admin), call(&admin));
        write_form(&admin, &first, &form()).ok();
        // The same key for reuse as a file, and another as a text.
        write_form(&admin, &second, &json!({ "questions": [
            question("vita", "file", json!({ "reuse_key": "cv" })),
            question("about", "short_text", json!({ "reuse_key": "words" })),
        ] })).ok();
        let id = draft(&rea, &first, json!({ "plan": "x" }));
        let file = attach(&rea, &id, "cv.txt");
        answer(&rea, &id, json!({ "cv": file })).ok();
        submit(&rea, &id).ok();
        let bank = rea.get("/api/v1/me/answers").ok();
        assert_eq!((&bank["items"][0]["kind"], &bank["items"][0]["answer"]),
            (&json!("file"), &json!(file)), "{bank}");
        // The next has a copy of its own: marked, until it is confirmed.
        let next = rea.post(APPLICATIONS, whole(&second)).ok();
        let next_id = next["id"].as_str().expect("an id").to_owned();
        let copy = next["answers"]["vita"].as_str().expect("a file").to_owned();
        assert_ne!(copy, file);
        assert_eq!(next["suggested"]["vita"]["application_id"], json!(id), "{next}");
        let path = at(&next_id, &format!("/attachments/{copy}"));
        let read = rea.get(&path);
        assert_eq!((read.status, read.text()), (200, "This is cv.txt.".to_owned()));
        rea.command(&at(&next_id, "/submit")).wrong_fields(&["/answers/vita"]);
        detach(&rea, &next_id, &copy).refused(409, "wrong_state");
        // Who takes another file, or none, has no copy lie about.
        answer(&rea, &next_id, json!({ "vita": null })).ok();
        assert_eq!(rea.get(&at(&next_id, "/attachments")).ok()["items"], json!([]));
        rea.get(&path).refused(404, "not_found");
        let own = rea.get(&at(&id, &format!("/attachments/{file}")));
        assert_eq!(own.status, 200, "the first has its own");
        // Confirmed, it is an answer as any other.
        let third = rea.post(APPLICATIONS, whole(&second)).ok();
        let third_id = third["id"].as_str().expect("an id").to_owned();
        let copy = third["answers"]["vita"].clone();
        edit(&rea, &third_id, json!({ "confirm": ["vita"] })).ok();
        let done = submit(&rea, &third_id).ok();
        assert_eq!(done["answers"]["vita"], copy);
        // What was confirmed is not taken away with the answer.
        let fourth = rea.post(APPLICATIONS, whole(&second)).ok();
        let fourth_id = fourth["id"].as_str().expect("an id").to_owned();
        edit(&rea, &fourth_id, json!({ "confirm": ["vita"] })).ok();
        answer(&rea, &fourth_id, json!({ "vita": null })).ok();
        let there = rea.get(&at(&fourth_id, "/attachments")).ok();
        assert_eq!(there["items"].as_array().map(Vec::len), Some(1), "{there}");
    }

    fn what_nobody_was_asked_about_in_the_end_is_handed_in_to_nobody(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (first, second) = (call(&admin), call(&admin));
        write_form(&admin, &first, &form()).ok();
        let abroad = question("abroad", "choice", json!({
            "options": [{ "key": "yes", "label": "Yes" }, { "key": "no", "label": "No" }] }));
        let shown = json!({ "reuse_key": "cv", "shown_if": { "question": "abroad",
            "any_of": ["yes"] } });
        write_form(&admin, &second, &json!({ "questions": [
            abroad, question("vita", "file", shown),
        ] })).ok();
        let id = draft(&rea, &first, json!({ "plan": "x" }));
        let file = attach(&rea, &id, "cv.txt");
        answer(&rea, &id, json!({ "cv": file })).ok();
        submit(&rea, &id).ok();
        let mut sent = whole(&second);
        sent["visibility"] = json!("public");
        let next = rea.post(APPLICATIONS, sent).ok();
        let next_id = next["id"].as_str().expect("an id").to_owned();
        assert!(next["answers"]["vita"].is_string(), "{next}");
        answer(&rea, &next_id, json!({ "abroad": "no" })).ok();
        submit(&rea, &next_id).ok();
        admin.command(&at(&next_id, "/open")).ok();
        for who in [&rea, &admin, &web.person("Sam"), &web.anonymous()] {
            assert_eq!(who.get(&at(&next_id, "/attachments")).ok()["items"], json!([]));
        }
        // A draft with nothing but a copy is deleted on its first day.
        let last = rea.post(APPLICATIONS, whole(&second)).id();
        assert_eq!(rea.delete(&at(&last, "")).status, 204);
    }

    fn a_file_is_suggested_to_nobody_else_and_never_behind_anybodys_back(t: &Harness) {
        let web = t.serve();
        let (admin, rea, sam) = (admin(&web), web.person("Rea"), web.person("Sam"));
        let (first, second) = (call(&admin), call(&admin));
        write_form(&admin, &first, &form()).ok();
        write_form(&admin, &second, &json!({ "questions": [
            question("vita", "file", json!({ "reuse_key": "cv" })),
        ] })).ok();
        let id = draft(&rea, &first, json!({ "plan": "x" }));
        let file = attach(&rea, &id, "cv.txt");
        answer(&rea, &id, json!({ "cv": file })).ok();
        submit(&rea, &id).ok();
        // Not another's.
        let theirs = sam.post(APPLICATIONS, whole(&second)).ok();
        assert_eq!((&theirs["answers"], &theirs["suggested"]), (&json!({}), &Value::Null));
        // A route of what others read already gets none by itself: it would hang there for them.
        let other = draft(&rea, &call(&admin), json!({}));
        submit(&rea, &other).ok();
        admin.command(&at(&other, "/open")).ok();
        let routed = rea.post(&at(&other, "/routes"), json!({ "call_id": second })).ok();
        assert_eq!(routed["answers"], json!({}), "{routed}");
        assert_eq!(rea.get(&at(&other, "/attachments")).ok()["items"], json!([]));
        // Forgotten, it is filled in no more; where the first is gone, there is nothing to copy.
        let key = rea.get("/api/v1/me/answers").ok()["items"][0]["reuse_key"].clone();
        assert_eq!(key, "cv");
        rea.delete("/api/v1/me/answers/cv").ok();
        let next = rea.post(APPLICATIONS, whole(&second)).ok();
        assert_eq!(next["answers"], json!({}));
    }

    fn a_file_that_answers_no_public_question_is_not_public(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (first, second) = (call(&admin), call(&admin));
        write_form(&admin, &first, &json!({ "questions": [
            question("passport", "file", json!({})),
            question("photo", "file", json!({ "public": true })),
            question("portrait", "file", json!({})),
        ] })).ok();
        write_form(&admin, &second, &json!({ "questions": [
            question("plan", "file", json!({ "public": true })),
            question("photo", "file", json!({})),
        ] })).ok();
        let mut form = whole(&first);
        form["visibility"] = json!("public");
        let id = rea.post(APPLICATIONS, form).id();
        let names = ["passport.txt", "photo.txt", "plan.txt", "more.txt"];
        let [passport, photo, plan, more] = names.map(|name| attach(&rea, &id, name));
        let given = json!({ "passport": passport, "photo": photo, "portrait": photo });
        answer(&rea, &id, given).ok();
        let routed = json!({ "call_id": second, "answers": { "plan": plan } });
        rea.post(&at(&id, "/routes"), routed).ok();
        submit(&rea, &id).ok();
        admin.command(&at(&id, "/open")).ok();
        let listed = |who: &Client| -> Vec<String> {
            let page = who.get(&at(&id, "/attachments?limit=3")).ok();
            let items = page["items"].as_array().expect("items").clone();
            items.iter().map(|f| f["name"].as_str().expect("a name").to_owned()).collect()
        };
        let status = |who: &Client| [&passport, &photo, &plan, &more]
            .map(|file| who.get(&at(&id, &format!("/attachments/{file}"))).status);
        for who in [web.anonymous(), web.person("Sam")] {
            assert_eq!(listed(&who), ["more.txt", "photo.txt"]);
            assert_eq!(status(&who), [404, 200, 404, 200]);
        }
        for who in [&admin, &rea] {
            assert_eq!(listed(who), ["more.txt", "plan.txt", "photo.txt"]);
            assert_eq!(status(who), [200; 4]);
        }
        // Another one takes its place: the first cannot be taken away, and stays closed.
        admin.post(&at(&id, "/request-changes"), json!({ "reason": "The new one." })).ok();
        let new = attach(&rea, &id, "new.txt");
        answer(&rea, &id, json!({ "passport": new })).ok();
        detach(&rea, &id, &passport).refused(409, "wrong_state");
        submit(&rea, &id).ok();
        assert_eq!(rea.get(&at(&id, "")).ok()["status"], "open");
        assert_eq!(status(&web.anonymous()), [404, 200, 404, 200]);
        let read = web.anonymous().get(&at(&id, &format!("/attachments/{new}")));
        read.refused(404, "not_found");
    }

    fn a_text_is_no_file_when_a_form_changes(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        let of = |kind: &str| json!({ "questions": [
            question("a", kind, json!({ "reuse_key": "same" })),
            question("kept", "file", json!({})),
        ] });
        write_form(&admin, &call, &of("short_text")).ok();
        let nobodys = "01a19b7c-0000-7000-8000-000000000001";
        let id = draft(&rea, &call, json!({ "a": nobodys }));
        let file = attach(&rea, &id, "cv.txt");
        answer(&rea, &id, json!({ "kept": file })).ok();
        write_form(&admin, &call, &of("file")).ok();
        let moved = rea.command(&at(&id, "/form")).ok();
        assert_eq!(moved["answers"], json!({ "kept": file }), "{moved}");
        submit(&rea, &id).ok();
    }

    fn a_resubmission_names_its_own_copies(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        let terms = json!({ "appeals": "resubmit" });
        put(&admin, &format!("/api/v1/calls/{call}/decisions"), "\"v0\"", &terms).ok();
        write_form(&admin, &call, &form()).ok();
        let old = draft(&rea, &call, json!({ "plan": "x" }));
        let (cv, more) = (attach(&rea, &old, "cv.txt"), attach(&rea, &old, "more.txt"));
        answer(&rea, &old, json!({ "cv": cv, "budget": more })).ok();
        submit(&rea, &old).ok();
        admin.post(&at(&old, "/decline"), json!({ "reason": "No." })).ok();
        let made = rea.command(&at(&old, "/resubmit")).ok();
        let new = made["id"].as_str().expect("an id").to_owned();
        let files = rea.get(&at(&new, "/attachments")).ok();
        let named = |name: &str| {
            let items = files["items"].as_array().expect("items");
            items.iter().find(|f| f["name"] == name).expect("copied")["id"].clone()
        };
        let answers = &made["answers"];
        assert_eq!((&answers["cv"], &answers["budget"]), (&named("cv.txt"), &named("more.txt")));
        assert_ne!(answers["cv"], json!(cv));
        assert_eq!(rea.get(&at(&old, "")).ok()["answers"]["cv"], json!(cv), "as it was");
        let history = rea.get(&at(&new, "/versions/1")).ok();
        assert_eq!(history["content"]["answers"], *answers);
        submit(&rea, &new).ok();
    }
}
