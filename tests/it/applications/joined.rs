//! What hangs on an application that is taken up: its files, its answers, what was said on it, and
//! what was raised about it.

use super::*;
use crate::support::desk::Desk;

const FORM: &[(&str, &str, bool)] =
    &[("plan", "long_text", true), ("team", "short_text", false), ("cv", "file", false)];

fn write_form(admin: &Client, call: &str) {
    let question = |(key, kind, required): &(&str, &str, bool)| {
        json!({ "key": key, "label": format!("What of {key}?"), "kind": kind,
            "required": required })
    };
    let form = json!({ "questions": FORM.iter().map(question).collect::<Vec<_>>() });
    let path = format!("/api/v1/calls/{call}/form");
    let etag = admin.get(&path).etag().to_owned();
    let body = Some(form.to_string().into_bytes());
    admin.send("PUT", &path, &[("If-Match", &etag)], body).ok();
}

fn attach(who: &Client, id: &str, name: &str) -> String {
    let path = at(&format!("{id}/attachments?name={name}"));
    let body = Some(format!("This is {name}.").into_bytes());
    who.send("POST", &path, &[("Content-Type", "text/plain")], body).id()
}

fn asked(lead: &Client, id: &str, who: &Client) -> String {
    let form = json!({ "email": who.email, "name": "Asked" });
    lead.post(&at(&format!("{id}/members")), form).id()
}

fn propose(who: &Client, into: &str, other: &str) -> Reply {
    who.post(&at(&format!("{into}/merge")), json!({ "other": other }))
}

fn accept(who: &Client, merge: &str) -> Reply {
    who.command(&format!("/api/v1/merges/{merge}/accept"))
}

fn items(who: &Client, path: &str) -> Vec<Value> {
    who.get(&at(path)).ok()["items"].as_array().expect("items").clone()
}

/// Sends what came in back for changes, so that it can take something up.
fn reopened(desk: &Desk<'_>, who: &Client, call: &str, more: Value) -> String {
    let id = submitted(who, call, more);
    send_back(&desk.admin, &id);
    id
}

both! {
    fn files_and_answers_come_along_and_the_others_stand_beside(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let (rea, mo, nan) = (web.person("Rea"), web.person("Mo"), web.person("Nan"));
        let call = rolling(&admin);
        write_form(&admin, &call);
        let into = draft(&rea, &call, json!({ "answers": { "plan": "Ours" } }));
        let other = draft(&mo, &call, json!({ "answers": { "plan": "Theirs", "team": "Two" } }));
        let seat = asked(&rea, &into, &nan);
        nan.command(&at(&format!("{into}/members/{seat}/accept"))).ok();
        attach(&rea, &into, "ours.txt");
        let cv = attach(&mo, &other, "cv.txt");
        edit(&mo, &other, json!({ "answers": { "cv": cv } })).ok();
        asked(&rea, &into, &mo);
        let id = propose(&mo, &into, &other).id();
        // In more calls than one, those of the other would lose sight of it.
        let further = rolling(&admin);
        let one = accept(&rea, &id).ok();
        assert_eq!((&one["answers"]["plan"], &one["answers"]["team"]),
            (&json!("Ours"), &json!("Two")));
        let files = items(&rea, &format!("{into}/attachments"));
        let names: Vec<&Value> = files.iter().map(|f| &f["name"]).collect();
        assert_eq!(names, ["cv.txt", "ours.txt"]);
        assert_eq!((&one["answers"]["cv"], &files[0]["uploaded_by"]["name"]),
            (&files[0]["id"], &json!("Mo")));
        assert_ne!(one["answers"]["cv"], json!(cv));
        let copy = files[0]["id"].as_str().expect("an id");
        assert_eq!(nan.get(&at(&format!("{into}/attachments/{copy}"))).text(), "This is cv.txt.");
        assert_eq!(mo.get(&at(&other)).ok()["answers"]["cv"], json!(cv), "as it was");
        // The whole team reads what the other answered; nobody else does.
        let beside = json!([
            { "key": "plan", "label": "What of plan?", "answer": "Theirs", "taken": false },
            { "key": "team", "label": "What of team?", "answer": "Two", "taken": true },
            { "key": "cv", "label": "What of cv?", "answer": copy, "taken": true },
        ]);
        for who in [&rea, &mo, &nan] {
            let merges = items(who, &format!("{into}/merges"));
            assert_eq!(merges[0]["text"]["answers"], beside);
        }
        rea.command(&at(&format!("{into}/submit"))).ok();
        admin.get(&at(&format!("{into}/merges"))).refused(403, "forbidden");
        let before = rea.get(&at(&format!("{into}/versions"))).text();
        assert!(before.contains("\"number\":2"), "what it said before is kept: {before}");

        let third = submitted(&mo, &call, json!({ "answers": { "plan": "x" } }));
        mo.post(&at(&format!("{third}/routes")), json!({ "call_id": further })).ok();
        mo.command(&at(&format!("{third}/routes/{further}/submit"))).ok();
        let fourth = draft(&rea, &call, json!({}));
        asked(&rea, &fourth, &mo);
        let said = propose(&mo, &fourth, &third).refused(409, "wrong_state");
        assert!(said["detail"].as_str().expect("why").contains("further calls"), "{said}");
    }

    fn a_file_that_was_closed_there_is_closed_here(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let call = rolling(&admin);
        write_form(&admin, &call);
        let public = json!({ "visibility": "public", "answers": { "plan": "Ours" } });
        let (into, other) = (draft(&rea, &call, public.clone()), draft(&mo, &call, public));
        // What answered before answers nothing now, here or there.
        for name in ["old.txt", "new.txt"] {
            let file = attach(&mo, &other, name);
            edit(&mo, &other, json!({ "answers": { "cv": file } })).ok();
        }
        attach(&mo, &other, "more.txt");
        asked(&rea, &into, &mo);
        let id = propose(&mo, &into, &other).id();
        accept(&rea, &id).ok();
        rea.command(&at(&format!("{into}/submit"))).ok();
        admin.command(&at(&format!("{into}/open"))).ok();
        let names = |who: &Client| -> Vec<Value> {
            items(who, &format!("{into}/attachments")).iter().map(|f| f["name"].clone()).collect()
        };
        assert_eq!(names(&mo).len(), 3);
        assert_eq!(names(&web.anonymous()), ["more.txt"]);
    }

    fn a_file_that_answers_nothing_here_is_kept_for_the_team(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let call = rolling(&admin);
        write_form(&admin, &call);
        let public = json!({ "visibility": "public", "answers": { "plan": "Ours" } });
        let (into, other) = (draft(&rea, &call, public.clone()), draft(&mo, &call, public));
        for (who, id, name) in [(&rea, &into, "rea.txt"), (&mo, &other, "mo.txt")] {
            let file = attach(who, id, name);
            edit(who, id, json!({ "answers": { "cv": file } })).ok();
        }
        asked(&rea, &into, &mo);
        let id = propose(&mo, &into, &other).id();
        accept(&rea, &id).ok();
        let beside = items(&rea, &format!("{into}/merges"))[0]["text"]["answers"].clone();
        let said = beside.as_array().expect("answers").iter().find(|a| a["key"] == "cv");
        let said = said.expect("what was answered there");
        assert_eq!(said["taken"], json!(false));
        let copy = said["answer"].as_str().expect("an id");
        let path = at(&format!("{into}/attachments/{copy}"));
        for who in [&rea, &mo] {
            assert_eq!(who.get(&path).text(), "This is mo.txt.");
            assert_eq!(items(who, &format!("{into}/attachments")).len(), 2);
        }
        rea.command(&at(&format!("{into}/submit"))).ok();
        admin.command(&at(&format!("{into}/open"))).ok();
        // Others do not read what answered a question that is not theirs to read.
        let regrantor = web.with_role("Rhea", Role::Regrantor);
        for who in [web.anonymous(), regrantor] {
            who.get(&path).refused(404, "not_found");
            let files = items(&who, &format!("{into}/attachments"));
            assert!(files.iter().all(|file| file["name"] != "mo.txt"), "{files:?}");
        }
    }

    fn too_many_files_are_refused_and_nothing_is_done(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let call = rolling(&admin);
        let (into, other) = (draft(&rea, &call, json!({})), draft(&mo, &call, json!({})));
        for n in 0..11 {
            attach(&rea, &into, &format!("r{n}.txt"));
            attach(&mo, &other, &format!("m{n}.txt"));
        }
        asked(&rea, &into, &mo);
        let id = propose(&mo, &into, &other).id();
        let said = accept(&rea, &id).refused(409, "limit_reached");
        assert!(said["detail"].as_str().expect("why").contains("22 files"), "{said}");
        assert_eq!(items(&rea, &format!("{into}/attachments")).len(), 11);
        assert_eq!(mo.get(&at(&other)).ok()["status"], "draft");
    }

    fn two_teams_with_a_shared_member_have_them_once(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let (rea, mo, sam) = (web.person("Rea"), web.person("Mo"), web.person("Sam"));
        let call = rolling(&admin);
        let (into, other) = (draft(&rea, &call, json!({})), draft(&mo, &call, json!({})));
        // On one team by their address, asked onto the other by another one, and onto a third seat.
        let seat = asked(&mo, &other, &sam);
        sam.command(&at(&format!("{other}/members/{seat}/accept"))).ok();
        let form = json!({ "email": "sam@work.example", "name": "Sam" });
        let place = rea.post(&at(&format!("{into}/members")), form).id();
        let letter = mails(&web, "sam@work.example").pop().expect("an invitation");
        let (_, token) = letter.text.split_once("#token=").expect("a token");
        let token = token.split_whitespace().next().expect("a token").to_owned();
        let take = at(&format!("{into}/members/{place}/accept"));
        sam.post(&take, json!({ "token": token })).ok();
        asked(&rea, &into, &mo);
        let late = json!({ "email": "late@work.example", "name": "Late" });
        let waits = mo.post(&at(&format!("{other}/members")), late).id();
        let old = mails(&web, "late@work.example").pop().expect("an invitation");
        let (_, old) = old.text.split_once("#token=").expect("a token");
        let old = old.split_whitespace().next().expect("a token").to_owned();
        let id = propose(&mo, &into, &other).id();
        accept(&rea, &id).ok();
        let team = items(&rea, &format!("{into}/members"));
        let theirs = team.iter().filter(|m| m["person_id"] == json!(sam.id())).count();
        assert_eq!((team.len(), theirs), (3, 1), "{team:?}");
        // An invitation to what has ended is good for nothing, there and here.
        let lee = web.person("Lee");
        lee.post(&at(&format!("{other}/members/{waits}/accept")), json!({ "token": old }))
            .refused(409, "wrong_state");
        lee.post(&at(&format!("{into}/members/{waits}/accept")), json!({ "token": old }))
            .refused(404, "not_found");
        assert_eq!(items(&rea, &format!("{into}/members")).len(), 3);
    }

    fn what_was_said_moves_along_but_for_internal_words(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let admin = &field.desk.admin;
        let into = reopened(&field.desk, &rea, &field.call, json!({}));
        let other = submitted(&mo, &field.call, json!({}));
        let say = |who: &Client, visibility: &str, body: &str| {
            let said = json!({ "visibility": visibility, "body": body });
            who.post(&at(&format!("{other}/comments")), said).ok();
        };
        say(&mo, "applicant_and_funders", "A question of ours");
        say(admin, "applicant_and_funders", "An answer");
        say(admin, "internal", "Among us");
        asked(&rea, &into, &mo);
        let id = propose(&mo, &into, &other).id();
        accept(&rea, &id).ok();
        web.work();
        let read = |who: &Client, id: &str| -> Vec<Value> {
            items(who, &format!("{id}/comments")).iter().map(|c| c["body"].clone()).collect()
        };
        assert_eq!(read(&rea, &into), ["An answer", "A question of ours"]);
        assert_eq!(read(admin, &into), ["An answer", "A question of ours"]);
        assert_eq!(read(admin, &other), ["Among us"]);
        assert!(read(&mo, &other).is_empty());
    }

    fn a_merge_is_no_way_out_of_the_lane(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let admin = &field.desk.admin;
        let lana = web.person("Lana");
        let path = format!("/api/v1/people/{}/need-to-know", lana.id());
        admin.post(&path, json!({ "reason": "Knows the field." })).ok();
        let amounts = json!({ "visibility": "public", "amount_minimum": usd("1.00"),
            "amount_requested": usd("50.00"),
            "budget_lines": [{ "label": "All", "amount": usd("50.00") }] });
        let into = reopened(&field.desk, &rea, &field.call, amounts.clone());
        let other = opened(&mo, admin, &field.call, amounts);
        let raise = json!({ "concern": "It could hurt." });
        web.person("Sue").post(&at(&format!("{other}/concerns")), raise).ok();
        let found = |path: &str| lana.get(path).ok()["items"][0].clone();
        let concern = found("/api/v1/concerns")["id"].as_str().expect("an id").to_owned();
        asked(&rea, &into, &mo);
        let id = propose(&mo, &into, &other).id();
        accept(&rea, &id).ok();
        web.work();
        // It goes on with what goes on, and is there once.
        let all = lana.get("/api/v1/concerns").ok()["items"].clone();
        assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
        assert_eq!(all[0]["application_id"], json!(into));
        rea.command(&at(&format!("{into}/submit"))).ok();
        admin.command(&at(&format!("{into}/open"))).ok();
        field.backer("90.00").offer(&into, "20.00").ok();
        let one = |key: &str| json!({ "key": key, "answer": "No." });
        let answers = ["misuse", "accident", "publication"].map(one);
        rea.put(&at(&format!("{into}/screening")), json!({ "answers": answers })).ok();
        let held = field.award(&into, json!({})).refused(409, "wrong_state");
        assert!(!held.to_string().contains("concern"), "{held}");
        let say = |path: &str, body: Value| {
            lana.post(&format!("/api/v1/concerns/{concern}/{path}"), body)
        };
        say("ask", json!({ "summary": "Could it?" })).ok();
        let response = json!({ "concern_id": concern, "response": "We lock it." });
        rea.post(&at(&format!("{into}/screening/respond")), response).ok();
        say("decide", json!({ "outcome": "cleared", "reason": "Fine." })).ok();
        let waits = lana.get("/api/v1/screenings?status=waiting&limit=200").ok();
        let rows = waits["items"].as_array().expect("items");
        let of = rows.iter().find(|row| row["application_id"] == json!(into)).expect("it waits");
        let of = of["id"].as_str().expect("an id");
        lana.command_as_read(&format!("/api/v1/screenings/{of}/clear")).ok();
        field.award(&into, json!({})).ok();
    }
}
