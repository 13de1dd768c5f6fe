//! Who reviews an application, or looks at what it could harm, reads all of what was handed in, and
//! nothing else.

use super::*;

/// A call that asks something, and an application in it that answers, with a file: both ids, the
/// file's, and the file.
fn asked_and_answered(field: &Field<'_>, rea: &Client, blind: bool) -> (String, String, Vec<u8>) {
    let admin = &field.desk.admin;
    let call = format!("/api/v1/calls/{}", field.call);
    let options =
        json!([{ "key": "a", "label": "By hand" }, { "key": "b", "label": "By machine" }]);
    let form = json!({ "questions": [
        { "key": "why", "label": "Why now?", "kind": "short_text" },
        { "key": "how", "label": "How is it ground?", "kind": "choice", "options": options },
        { "key": "kept", "label": "Not answered", "kind": "short_text" },
    ] });
    let put = |path: &str, form: Value| {
        let etag = admin.get(path).etag().to_owned();
        let body = form.to_string().into_bytes();
        admin.send("PUT", path, &[("If-Match", &etag)], Some(body)).ok();
    };
    put(&format!("{call}/form"), form);
    if blind {
        admin.put(&format!("{call}/review-settings"), json!({ "blind": true })).ok();
    }
    let answers = json!({ "why": "Canary of the kiln", "how": "a" });
    let id = draft(rea, &field.call, json!({ "answers": answers }));
    let bytes = b"What we measured so far.\n".to_vec();
    let path = at(&id, "/attachments?name=Rea-Searcher.txt");
    let octets = [("Content-Type", "text/plain")];
    let file = rea.send("POST", &path, &octets, Some(bytes.clone())).id();
    rea.command(&at(&id, "/submit")).ok();
    (id, file, bytes)
}

both! {
    fn a_reviewer_reads_answers_and_files(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, ron) = (web.person("Rea Searcher"), web.with_role("Ron", Role::Reviewer));
        let (id, file, bytes) = asked_and_answered(&field, &rea, false);
        let review = asked(&field.desk.admin, &id, &ron);
        let read = ron.get(&format!("/api/v1/reviews/{review}/application")).ok();
        assert_eq!(read["answers"], json!([
            { "key": "why", "label": "Why now?", "kind": "short_text",
              "answer": "Canary of the kiln" },
            { "key": "how", "label": "How is it ground?", "kind": "choice", "answer": "By hand" },
        ]));
        assert_eq!(read["attachments"][0]["id"], json!(file));
        assert_eq!(read["attachments"][0]["name"], "Rea-Searcher.txt");
        let path = format!("/api/v1/reviews/{review}/attachments/{file}");
        let got = ron.get(&path);
        assert_eq!((got.status, &got.bytes), (200, &bytes));
        assert!(got.header("content-disposition").is_some_and(|h| h.starts_with("attachment")));
        // Theirs alone, and not of another application.
        let other = web.with_role("Other", Role::Reviewer);
        for who in [&other, &rea, &web.person("Stan")] {
            assert!(matches!(who.get(&path).status, 403 | 404), "{}", who.email);
            assert!(matches!(who.get(&at(&id, "/attachments")).status, 200 | 404));
        }
        let (far, far_file, _) = asked_and_answered(&field, &web.person("Mo"), false);
        let path = format!("/api/v1/reviews/{review}/attachments/{far_file}");
        ron.get(&path).refused(404, "not_found");
        // What is changed meanwhile is not read before it is handed in.
        let admin = &field.desk.admin;
        admin.post(&at(&id, "/request-changes"), json!({ "reason": "More." })).ok();
        let etag = rea.get(&at(&id, "")).etag().to_owned();
        let edit = json!({ "title": "Canary of the draft", "answers": { "why": "of the draft" } });
        rea.patch(&at(&id, ""), &etag, edit).ok();
        t.clock.advance_seconds(60);
        let octets = [("Content-Type", "text/plain")];
        let later = at(&id, "/attachments?name=of-the-draft.txt");
        let later = rea.send("POST", &later, &octets, Some(b"Later.\n".to_vec())).id();
        let aud = web.with_role("Aud", Role::Auditor);
        // Nor what is attached meanwhile, by whatever address.
        let files = |who: &Client| items(&who.get(&at(&id, "/attachments"))).len();
        assert_eq!((files(&rea), files(admin), files(&aud)), (2, 1, 1));
        let by_review = format!("/api/v1/reviews/{review}/attachments/{later}");
        ron.get(&by_review).refused(404, "not_found");
        for who in [admin, &aud] {
            who.get(&at(&id, &format!("/attachments/{later}"))).refused(404, "not_found");
        }
        assert_eq!(rea.get(&at(&id, &format!("/attachments/{later}"))).status, 200);
        for (who, path) in [(&ron, format!("/api/v1/reviews/{review}/application")),
            (admin, at(&id, "")), (&aud, at(&id, ""))] {
            let text = who.get(&path).text();
            assert!(!text.contains("of the draft"), "{path}: {text}");
            assert!(text.contains("of the kiln"), "{path}: {text}");
        }
        assert!(rea.get(&at(&id, "")).text().contains("of the draft"));
        rea.command(&at(&id, "/submit")).ok();
        let read = ron.get(&format!("/api/v1/reviews/{review}/application")).text();
        assert!(read.contains("Canary of the draft"), "{read}");
        assert!(read.contains("of-the-draft.txt"), "{read}");
        assert_eq!((ron.get(&by_review).status, files(admin)), (200, 2));
        drop(far);
    }

    fn in_a_blind_call_no_file_names_them(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, ron) = (web.person("Rea Searcher"), web.with_role("Ron", Role::Reviewer));
        let (id, file, bytes) = asked_and_answered(&field, &rea, true);
        let review = asked(&field.desk.admin, &id, &ron);
        let read = ron.get(&format!("/api/v1/reviews/{review}/application"));
        assert!(read.text().contains("of the kiln") && !read.text().contains("Searcher"));
        let got = ron.get(&format!("/api/v1/reviews/{review}/attachments/{file}"));
        assert_eq!((got.status, &got.bytes), (200, &bytes));
        let told = got.header("content-disposition").expect("a name");
        assert!(!told.contains("Rea"), "{told}");
    }

    fn the_lane_reads_answers_and_files(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, lana) = (web.person("Rea Searcher"), web.person("Lana"));
        let group = format!("/api/v1/people/{}/need-to-know", lana.id());
        field.desk.admin.post(&group, json!({ "reason": "Knows the field." })).ok();
        let (id, file, bytes) = asked_and_answered(&field, &rea, false);
        web.work();
        let row = items(&lana.get("/api/v1/screenings")).remove(0);
        assert_eq!(row["application_id"], json!(id));
        let path = format!("/api/v1/screenings/{}", row["id"].as_str().expect("an id"));
        let seen = lana.get(&path).ok();
        assert_eq!(seen["application"]["answers"][0]["answer"], "Canary of the kiln");
        assert_eq!(seen["application"]["attachments"][0]["name"], "Rea-Searcher.txt");
        let path = format!("{path}/attachments/{file}");
        let got = lana.get(&path);
        assert_eq!((got.status, &got.bytes), (200, &bytes));
        for who in [&rea, &field.desk.admin] {
            who.get(&path).refused(404, "not_found");
        }
    }

    fn reviewers_learn_what_is_alike(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let words = |first: &str| (0..200).fold(first.to_owned(), |t, n| format!("{t} w{}", n * n));
        let (rea, sam) = (web.person("Rea"), web.person("Samwise"));
        let [ron, out] = ["Ron", "Out"].map(|name| web.with_role(name, Role::Reviewer));
        let id = handed_in(&rea, &field.call, json!({ "body": words("First") }));
        handed_in(&sam, &field.call, json!({ "title": "A bitter lens", "body": words("Other") }));
        draft(&sam, &field.call, json!({ "title": "A draft", "body": words("Draft") }));
        handed_in(&rea, &field.call, json!({ "title": "By the same", "body": "Else" }));
        let review = asked(admin, &id, &ron);
        web.work();
        let told = ron.get(&at(&id, "/similar")).ok();
        assert_eq!(told["items"], json!([]));
        let names: Vec<&Value> =
            told["others"].as_array().expect("a list").iter().map(|o| &o["title"]).collect();
        assert_eq!(names, ["A bitter lens", "By the same"], "{told}");
        assert_eq!(told["others"][1]["same_people"], true);
        assert!(!told.to_string().contains("Samwise"), "{told}");
        // Whoever does not ask is told how many there are.
        let alike = json!({ "texts": 1, "same_people": 1 });
        let read = ron.get(&format!("/api/v1/reviews/{review}/application")).ok();
        assert_eq!(read["alike"], alike);
        assert_eq!(admin.get(&at(&id, "/reviews")).ok()["alike"], alike);
        out.get(&at(&id, "/similar")).refused(404, "not_found");
        // With the review ends what they read for it.
        let path = format!("/api/v1/reviews/{review}/decline");
        ron.post(&path, json!({ "reason": "No time." })).ok();
        ron.get(&at(&id, "/similar")).refused(404, "not_found");
    }

    fn in_a_blind_call_nothing_alike_names_them(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let words = |first: &str| (0..200).fold(first.to_owned(), |t, n| format!("{t} w{}", n * n));
        let (rea, ron) = (web.person("Rea Searcher"), web.with_role("Ron", Role::Reviewer));
        let public = |more: Value| {
            let mut form = json!({ "visibility": "public" });
            for (key, value) in more.as_object().expect("fields") {
                form[key] = value.clone();
            }
            let id = handed_in(&rea, &field.call, form);
            admin.command(&at(&id, "/open")).ok();
            id
        };
        public(json!({ "title": "By the same", "body": "Else" }));
        public(json!({ "title": "A bitter lens", "body": words("Other") }));
        let path = format!("/api/v1/calls/{}/review-settings", field.call);
        admin.put(&path, json!({ "blind": true })).ok();
        let id = handed_in(&rea, &field.call, json!({ "body": words("First") }));
        let review = asked(admin, &id, &ron);
        web.work();
        let read = ron.get(&format!("/api/v1/reviews/{review}/application")).ok();
        assert_eq!(read["alike"], json!({ "texts": 1 }));
        let told = ron.get(&at(&id, "/similar")).ok();
        assert_eq!(told["items"], json!([]));
        let others = told["others"].as_array().expect("a list");
        assert_eq!(others.len(), 1, "{told}");
        assert_eq!(others[0]["title"], "A bitter lens");
        assert!(!told.to_string().contains("Searcher") && others[0].get("same_people").is_none());
    }
}
