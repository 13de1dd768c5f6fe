//! Calls that are reviewed without names.

use super::*;

fn blind_call(admin: &Client) -> String {
    let call = admin.post("/api/v1/calls", json!({ "title": "Blind", "kind": "rolling" })).id();
    admin.command(&format!("/api/v1/calls/{call}/open")).ok();
    admin.put(&format!("/api/v1/calls/{call}/review-settings"), json!({ "blind": true })).ok();
    call
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
        web.work();
        let read = one.get(&at(&review, "/application")).ok();
        assert_eq!(read["title"], "A better lens");
        for field in ["applicant", "team", "applicant_id", "email"] {
            assert_eq!(read.get(field), None, "{field}");
        }
        // Every read that there is, with every id that the reviewer knows.
        let ids = [application.as_str(), review.as_str(), call.as_str()];
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
        for mail in std::fs::read_dir(web.env().config.mail_folder()).expect("mails") {
            let text = std::fs::read_to_string(mail.expect("a file").path()).expect("a mail");
            if text.contains(&one.email) {
                assert!(!text.contains("Zenobia") && !text.contains("quill"), "{text}");
            }
        }
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
        hand_in(&one, &review, [4, 3, 3, 3], "unsure").ok();
        assert_eq!(one.get(&at(&review, "/versions")).ok()[0]["blind"], false);
        assert_eq!(one.get(&at(&review, "/application")).ok().get("applicant"), None);
        let settings = format!("/api/v1/calls/{call}/review-settings");
        admin.put(&settings, json!({ "blind": false })).refused(409, "wrong_state");
        admin.put(&settings, json!({ "blind": true })).ok();
        assert_eq!(one.get(&settings).ok()["blind"], true);
        rea.get(&settings).refused(403, "forbidden");
    }
}
