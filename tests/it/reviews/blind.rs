//! Calls that are reviewed without names.

use super::*;
use crate::decisions::{decline, terms};

fn blind_call(admin: &Client) -> String {
    let call = admin.post("/api/v1/calls", json!({ "title": "Blind", "kind": "rolling" })).id();
    admin.command(&format!("/api/v1/calls/{call}/open")).ok();
    admin.put(&format!("/api/v1/calls/{call}/review-settings"), json!({ "blind": true })).ok();
    call
}

/// The screenings that somebody in the group finds.
fn waits(who: &Client) -> Vec<Value> {
    let page = who.get("/api/v1/screenings?status=waiting").ok();
    page["items"].as_array().expect("items").clone()
}

/// Names the need-to-know group, and answers its questions about an application; the screening's
/// id, as the second of the group finds it.
fn screened(admin: &Client, (rea, application): (&Client, &str), group: [&Client; 2]) -> String {
    for one in group {
        let why = json!({ "reason": "Knows the field." });
        admin.post(&format!("/api/v1/people/{}/need-to-know", one.id()), why).ok();
    }
    let answers = ["misuse", "accident", "publication"]
        .map(|key| json!({ "key": key, "answer": "Nothing comes to mind." }));
    let path = format!("/api/v1/applications/{application}/screening");
    rea.put(&path, json!({ "answers": answers })).ok();
    waits(group[1])[0]["id"].as_str().expect("an id").to_owned()
}

/// No mail to somebody has these names.
fn no_mail_names(web: &Web, who: &Client, names: [&str; 2]) {
    for mail in std::fs::read_dir(web.env().config.mail_folder()).expect("mails") {
        let text = std::fs::read_to_string(mail.expect("a file").path()).expect("a mail");
        if text.contains(&who.email) {
            assert!(!names.iter().any(|name| text.contains(name)), "{text}");
        }
    }
}

both! {
    fn a_blind_reviewer_finds_no_name_anywhere(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let call = blind_call(admin);
        let rea = web.person("Zenobia Quill");
        let one = reviewer(&web, "Una");
        let application = submitted_in(&call, &rea, "public");
        let review = ask(admin, &application, &one).id();
        // They are in the need-to-know group as well.
        let screening = screened(admin, (&rea, &application), [&one, &web.person("Lana")]);
        assert!(waits(&one).is_empty());
        web.work();
        let read = one.get(&at(&review, "/application")).ok();
        assert_eq!(read["title"], "A better lens");
        for field in ["applicant", "team", "applicant_id", "email"] {
            assert_eq!(read.get(field), None, "{field}");
        }
        // Every read that there is, with every id that the reviewer knows.
        let ids = [application.as_str(), review.as_str(), call.as_str(), screening.as_str()];
        let mut asked = 0;
        for operation in almoner::web::routes::operations(&almoner::web::openapi()) {
            if operation.method != "GET" {
                continue;
            }
            for id in ids {
                let path = crate::matrix::filled(&operation.path.replace("{id}", id));
                let text = one.get(&path).text();
                let names = ["Zenobia", "quill", &rea.id().to_string()];
                let leaks = names.iter().any(|name| text.contains(name));
                assert!(!leaks, "{path}: {text}");
                asked += 1;
            }
        }
        assert!(asked > 100);
        no_mail_names(&web, &one, ["Zenobia", "quill"]);
        // Their conflicts are found all the same: it is said that, not with whom.
        let boss = json!({ "person_id": web.with_roles("Bo", &[Role::Reviewer,
            Role::Finance]).id() });
        let reviewers = format!("/api/v1/applications/{application}/reviewers");
        admin.post(&reviewers, boss).wrong_fields(&["/person_id"]);
        let near = web.with_address("near@uni.edu", "Near", &[Role::Reviewer]);
        let second = ask(admin, &application, &near).id();
        write(&near, &second, [3, 3, 3, 3], "unsure");
        let why = json!({ "reason": "Name your team." });
        admin.post(&format!("/api/v1/applications/{application}/request-changes"), why).ok();
        let mo = web.with_address("mo@uni.edu", "Mo", &[]);
        let members = format!("/api/v1/applications/{application}/members");
        let seat = rea.post(&members, json!({ "email": mo.email, "name": "Mo" })).id();
        mo.command(&format!("{members}/{seat}/accept")).ok();
        rea.command(&format!("/api/v1/applications/{application}/submit")).ok();
        let told = near.command(&at(&second, "/submit")).refused(409, "conflict_found");
        assert!(!told.to_string().contains("organisation"), "it would tell whose: {told}");
        hand_in(&one, &review, [3, 3, 3, 3], "unsure").ok();
        assert_eq!(one.get(&at(&review, "/versions")).ok()[0]["blind"], true);
        // What is open is known to all: nobody is promised otherwise, and the review says so.
        admin.command(&format!("/api/v1/applications/{application}/open")).ok();
        ask(admin, &application, &reviewer(&web, "Duo")).refused(409, "wrong_state");
        assert_eq!(waits(&one).len(), 1, "it shows no more than everybody sees");
        hand_in(&one, &review, [4, 3, 3, 3], "unsure").ok();
        assert_eq!(one.get(&at(&review, "/versions")).ok()[0]["blind"], false);
        assert_eq!(one.get(&at(&review, "/application")).ok().get("applicant"), None);
        let settings = format!("/api/v1/calls/{call}/review-settings");
        admin.put(&settings, json!({ "blind": false })).refused(409, "wrong_state");
        admin.put(&settings, json!({ "blind": true })).ok();
        assert_eq!(one.get(&settings).ok()["blind"], true);
        rea.get(&settings).refused(403, "forbidden");
    }

    fn who_was_told_the_name_reviews_nothing_blind(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let call = blind_call(admin);
        let rea = web.person("Rea");
        let rita = web.with_roles("Rita", &[Role::Regrantor, Role::Reviewer]);
        let form = json!({ "call_id": call, "email": rea.email, "name": "Rea", "title": "Lenses",
            "summary": "She grinds them.", "why": "Nobody else does." });
        let nomination = rita.post("/api/v1/nominations", form).id();
        let id = rea.post(&format!("/api/v1/nominations/{nomination}/accept"), json!({})).id();
        let read = rea.get(&format!("/api/v1/applications/{id}"));
        let body = json!({ "body": "b", "amount_minimum": usd("1.00"), "duration_months": 2,
            "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All", "amount": usd("9.00") }] });
        rea.patch(&format!("/api/v1/applications/{id}"), read.etag(), body).ok();
        rea.command(&format!("/api/v1/applications/{id}/submit")).ok();
        let (vera, una) = (reviewer(&web, "Vera"), reviewer(&web, "Una"));
        let asks = json!({ "email": vera.email, "name": "Vera", "message": "Please." });
        rea.post(&format!("/api/v1/applications/{id}/vouch-requests"), asks).ok();
        for who in [&rita, &vera] {
            let refused = ask(admin, &id, who).wrong_fields(&["/person_id"]);
            assert_eq!(refused["fields"][0]["code"], "knows_names", "{refused}");
        }
        ask(admin, &id, &una).ok();
        // What is told to a reviewer later is told of in what they hand in.
        let review = una.get("/api/v1/me/reviews").ok()["items"][0]["id"].clone();
        let review = review.as_str().expect("an id").to_owned();
        hand_in(&una, &review, [3, 3, 3, 3], "unsure").ok();
        assert_eq!(una.get(&at(&review, "/versions")).ok()[0]["blind"], true);
        let asks = json!({ "email": una.email, "name": "Una", "message": "Please." });
        rea.post(&format!("/api/v1/applications/{id}/vouch-requests"), asks).ok();
        hand_in(&una, &review, [4, 3, 3, 3], "unsure").ok();
        assert_eq!(una.get(&at(&review, "/versions")).ok()[0]["blind"], false);
    }

    fn what_is_handed_in_by_who_was_invited_is_not_blind(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, una) = (web.person("Rea"), reviewer(&web, "Una"));
        let id = submitted_in(&blind_call(admin), &rea, "private");
        let path = format!("/api/v1/applications/{id}");
        let review = ask(admin, &id, &una).id();
        let blind = |merit: i32| {
            hand_in(&una, &review, [merit, 3, 3, 3], "unsure").ok();
            una.get(&at(&review, "/versions")).ok()[0]["blind"].clone()
        };
        assert_eq!(blind(0), true);
        una.get(&path).refused(404, "not_found");
        let asked = json!({ "email": una.email, "name": "Una" });
        let seat = rea.post(&format!("{path}/members"), asked).id();
        // Whoever is asked reads who asks, answered or not, and it stays read.
        assert_eq!(una.get(&path).ok()["applicant"]["name"], "Rea");
        assert_eq!(blind(1), false);
        assert_eq!(rea.delete(&format!("{path}/members/{seat}")).status, 204);
        una.get(&path).refused(404, "not_found");
        assert_eq!(blind(2), false);
        // An invitation of before keeps nobody from being asked, and is told of as well.
        let duo = reviewer(&web, "Duo");
        let asked = json!({ "email": duo.email, "name": "Duo" });
        rea.post(&format!("{path}/members"), asked).ok();
        let second = ask(admin, &id, &duo).id();
        hand_in(&duo, &second, [3, 3, 3, 3], "unsure").ok();
        assert_eq!(duo.get(&at(&second, "/versions")).ok()[0]["blind"], false);
    }

    fn who_said_no_at_another_address_was_told_the_name(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.person("Rea");
        let [una, duo] = ["Una", "Duo"].map(|name| reviewer(&web, name));
        let id = submitted_in(&blind_call(admin), &rea, "private");
        let members = format!("/api/v1/applications/{id}/members");
        let says_no = |who: &Client, address: &str| {
            let form = json!({ "email": address, "name": "Somebody" });
            let seat = rea.post(&members, form).id();
            let (_, token) = web.mail(address, "asked onto a team").asks(&web);
            who.post(&format!("{members}/{seat}/decline"), json!({ "token": token })).ok();
        };
        let review = ask(admin, &id, &duo).id();
        says_no(&una, "una@home.example");
        let refused = ask(admin, &id, &una).wrong_fields(&["/person_id"]);
        assert_eq!(refused["fields"][0]["code"], "knows_names", "{refused}");
        // Who reviews it already goes on, and what they hand in tells of it.
        hand_in(&duo, &review, [3, 3, 3, 3], "unsure").ok();
        says_no(&duo, "duo@home.example");
        hand_in(&duo, &review, [4, 3, 3, 3], "unsure").ok();
        let versions = duo.get(&at(&review, "/versions")).ok();
        assert_eq!((&versions[0]["blind"], &versions[1]["blind"]), (&json!(false), &json!(true)));
    }

    fn names_that_were_shown_are_hidden_from_nobody(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, abe) = (web.person("Rea"), web.with_role("Abe", Role::Admin));
        let [una, duo] = ["Una", "Duo"].map(|name| reviewer(&web, name));
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let call = format!("/api/v1/calls/{}", field.call);
        admin.put(&format!("{call}/review-settings"), json!({ "blind": true })).ok();
        let id = submitted_in(&field.call, &rea, "public");
        let path = format!("/api/v1/applications/{id}");
        let review = ask(admin, &id, &una).id();
        admin.command(&format!("{path}/open")).ok();
        admin.post(&format!("{path}/request-changes"), json!({ "reason": "Say more." })).ok();
        ask(admin, &id, &duo).refused(409, "wrong_state");
        hand_in(&una, &review, [3, 3, 3, 3], "unsure").ok();
        assert_eq!(una.get(&at(&review, "/versions")).ok()[0]["blind"], false);
        rea.command(&format!("{path}/submit")).ok();
        // Nor are they after an appeal, though it is not open then.
        decline(admin, &id);
        rea.post(&format!("{path}/appeal"), json!({ "text": "Look again." })).ok();
        let back = json!({ "outcome": "reopened", "reason": "We look again." });
        abe.post(&format!("{path}/appeal/answer"), back).ok();
        assert_eq!(admin.get(&path).ok()["status"], "submitted");
        ask(admin, &id, &duo).refused(409, "wrong_state");
        let spread = json!({ "per_application": 2 });
        let done = admin.post(&format!("{call}/assign-reviewers"), spread).ok();
        assert_eq!((&done["assigned"], &done["short"]), (&json!([]), &json!([])));
        hand_in(&una, &review, [4, 3, 3, 3], "unsure").ok();
        assert_eq!(una.get(&at(&review, "/versions")).ok()[0]["blind"], false);
    }
}
