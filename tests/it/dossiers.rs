//! A whole application in one document: what is in it, what never is, and what comes back in.

use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::{Client, Reply};
use crate::support::{Harness, Side};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

const APPLICATIONS: &str = "/api/v1/applications";

fn export(who: &Client, id: &str, format: &str) -> Reply {
    who.get(&format!("{APPLICATIONS}/{id}/export?format={format}"))
}

fn import(who: &Client, call: &str, document: &Value) -> Reply {
    who.post(&format!("{APPLICATIONS}/import"), json!({ "call_id": call, "document": document }))
}

fn write_form(admin: &Client, call: &str, form: &Value) {
    let path = format!("/api/v1/calls/{call}/form");
    let etag = admin.get(&path).etag().to_owned();
    let body = Some(form.to_string().into_bytes());
    admin.send("PUT", &path, &[("If-Match", &etag)], body).ok();
}

fn option(key: &str, label: &str) -> Value {
    json!({ "key": key, "label": label })
}

fn form() -> Value {
    json!({
        "questions": [
            { "key": "plan", "label": "What is the <plan>?", "kind": "long_text",
                "reuse_key": "plan", "required": true },
            { "key": "kind", "label": "Which kind?", "kind": "choice",
                "options": [option("lens", "A lens"), option("mirror", "A mirror")] },
            { "key": "steps", "label": "Steps", "kind": "table", "columns": [
                { "key": "what", "label": "What", "kind": "text" },
                { "key": "cost", "label": "Cost", "kind": "money", "currency": "USD" }] },
            { "key": "cv", "label": "Who are you?", "kind": "file" },
        ],
        "eligibility": [{ "key": "place", "label": "Where?", "eligible": ["here"],
            "options": [option("here", "Here"), option("there", "There")], "refusal": "No." }],
    })
}

/// An open application with all that can hang on one; its id.
fn full(field: &Field<'_>, rea: &Client) -> String {
    let admin = &field.desk.admin;
    write_form(admin, &field.call, &form());
    let made = json!({
        "call_id": field.call, "title": "A <b>better</b> lens & more", "visibility": "public",
        "summary": "# Not a heading\n<script>alert(1)</script>",
        "body": "We grind *it*.\n\n1. First",
        "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"), "duration_months": 12,
        "budget_lines": [{ "label": "Sand | glass", "amount": usd("50.00") }],
        "answers": { "plan": "By <hand>", "kind": "lens", "place": "here",
            "steps": [{ "what": "Dig", "cost": usd("5.00") }] },
    });
    let id = rea.post(APPLICATIONS, made).id();
    let at = |path: &str| format!("{APPLICATIONS}/{id}{path}");
    let headers = [("Content-Type", "text/plain")];
    let file = rea.send("POST", &at("/attachments?name=cv.txt"), &headers, Some(b"Me.".to_vec()));
    let etag = rea.get(&at("")).etag().to_owned();
    let etag =
        rea.patch(&at(""), &etag, json!({ "answers": { "cv": file.id() } })).etag().to_owned();
    let about = json!({ "agendas": [], "place": "Oslo <Norway>", "looking_for": ["team_mate"] });
    let about = Some(about.to_string().into_bytes());
    rea.send("PUT", &at("/agendas"), &[("If-Match", &etag)], about).ok();
    rea.command(&at("/submit")).ok();
    admin.command(&at("/open")).ok();
    let more = json!({ "title": "Further <call>", "kind": "rolling", "opens_on": "2020-01-01" });
    let more = admin.post("/api/v1/calls", more).id();
    admin.command(&format!("/api/v1/calls/{more}/open")).ok();
    rea.post(&at("/routes"), json!({ "call_id": more })).ok();
    rea.command(&at(&format!("/routes/{more}/submit"))).ok();
    let say = |who: &Client, visibility: &str, body: &str| {
        let said = json!({ "visibility": visibility, "body": body });
        who.post(&at("/comments"), said).ok();
    };
    say(rea, "public", "We wait.\n- for you");
    say(admin, "applicant_and_funders", "So do we.");
    say(admin, "internal", "SECRET-INTERNAL");
    let vouch = |visibility: &str, text: &str| {
        let who = field.web.person("Vera Voucher");
        let said = json!({ "scopes": ["idea"], "strength": "strong", "visibility": visibility,
            "how_known": "From school.", "statement": text });
        who.post(&at("/vouches"), said).ok();
    };
    vouch("public", "A fine idea.");
    vouch("private", "SECRET-VOUCH");
    let lane = format!("/api/v1/people/{}/need-to-know", field.web.person("Lana").id());
    admin.post(&lane, json!({ "reason": "Knows." })).ok();
    field.web.person("Sue").post(&at("/concerns"), json!({ "concern": "SECRET-CONCERN" })).ok();
    id
}

/// Without what differs each time.
fn steady(text: &str, id: &str) -> String {
    text.replace(id, "ID")
}

both! {
    fn an_application_is_written_out_in_three_forms(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let id = full(&field, &rea);
        let json = export(&rea, &id, "json");
        let pretty = serde_json::to_string_pretty(&json.ok()).expect("json");
        insta::assert_snapshot!("dossier_json", steady(&pretty, &id));
        let markdown = export(&rea, &id, "markdown");
        assert_eq!(markdown.header("content-type"), Some("text/markdown; charset=utf-8"));
        insta::assert_snapshot!("dossier_markdown", steady(&markdown.text(), &id));
        let html = export(&rea, &id, "html");
        assert_eq!(html.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(html.header("content-disposition").expect("a name").starts_with("attachment"));
        insta::assert_snapshot!("dossier_html", steady(&html.text(), &id));
        let page = html.text();
        assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
        for text in [json.text(), markdown.text(), page] {
            assert!(!text.contains("SECRET-"), "{text}");
        }
        export(&rea, &id, "docx").refused(422, "invalid");
    }

    fn who_reads_it_finds_lists_days_and_no_promise_that_is_past(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, rea) = (&field.desk.admin, web.person("Rea Searcher"));
        write_form(admin, &field.call, &json!({ "questions": [
            { "key": "where", "label": "Where?", "kind": "choices",
                "options": [option("de", "Germany"), option("it", "Italy")] }] }));
        let id = field.applies_with(&rea, json!({
            "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All of it", "amount": usd("9.00") }],
            "answers": { "where": ["de", "it"] } }));
        let more = json!({ "title": "Beta", "kind": "rolling", "opens_on": "2020-01-01" });
        let more = admin.post("/api/v1/calls", more).id();
        admin.command(&format!("/api/v1/calls/{more}/open")).ok();
        rea.post(&format!("{APPLICATIONS}/{id}/routes"), json!({ "call_id": more })).ok();
        rea.command(&format!("{APPLICATIONS}/{id}/routes/{more}/submit")).ok();
        for format in ["markdown", "html"] {
            assert_eq!(export(&rea, &id, format).text().matches("romised by").count(), 2);
        }
        field.backer("9.00").offer(&id, "9.00").ok();
        field.awarded(&id);
        let told = ["markdown", "html"].map(|format| export(&rea, &id, format).text());
        assert!(told[0].contains("- Germany\n- Italy"), "{}", told[0]);
        for (text, day) in told.iter().zip(["Decided: 2026-11-02\n", "decided 2026-11-02<"]) {
            assert!(text.contains(day) && text.contains("2026-11-02 09:00 UTC"), "{text}");
            assert!(text.contains("Also in Beta") && !text.contains("romised by"), "{text}");
            assert!(!text.contains("T09:00:00"), "{text}");
        }
    }

    fn a_vouch_that_stands_is_written_out_however_many_were_taken_back(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let id = full(&field, &rea);
        let (new, line) = match t.side {
            Side::Sqlite => ("randomblob(16)", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL \
                SELECT i + 1 FROM n WHERE i < 250)"),
            Side::Postgres => ("gen_random_uuid()", "WITH n AS (SELECT * FROM \
                generate_series(1, 250) i)"),
        };
        let same = "application_id, voucher_id, signed_name, scopes, strength, how_known, \
            statement, conflicts, visibility, signed_quarter, signed_at";
        let sql = format!("INSERT INTO vouches (id, {same}, status, withdraw_reason, withdrawn_at) \
            {line} SELECT {new}, {same}, 'withdrawn', 'No more.', signed_at FROM vouches, n \
            WHERE visibility = 'public'");
        assert_eq!(crate::payees::execute(&web, &sql), Ok(250));
        let told = export(&rea, &id, "json").ok()["vouches"].clone();
        assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
        assert_eq!(told[0]["statement"], "A fine idea.");
    }

    fn a_dossier_is_the_teams_alone_and_tells_no_more_to_who_has_roles_besides(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let abe = web.with_role("Abe Admin", Role::Admin);
        let id = full(&field, &abe);
        // He applies, and is an admin besides.
        for format in ["json", "markdown", "html"] {
            let text = export(&abe, &id, format).text();
            assert!(text.contains("So do we") && !text.contains("SECRET-"), "{text}");
        }
        for who in [&field.desk.admin, &web.person("Stan"), &field.backer("5.00").who] {
            export(who, &id, "json").refused(404, "not_found");
        }
        web.anonymous().get(&format!("{APPLICATIONS}/{id}/export")).refused(401, "unauthenticated");
        let private = json!({ "call_id": field.call, "title": "Mine" });
        let rea = web.person("Rea");
        let draft = rea.post(APPLICATIONS, private).id();
        assert_eq!(export(&rea, &draft, "json").ok()["standing"]["status"], "draft");
        export(&field.desk.admin, &draft, "json").refused(404, "not_found");
    }

    fn what_was_written_out_comes_back_in_as_a_draft(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea Searcher"), web.person("Sam"));
        let id = full(&field, &rea);
        let document = export(&rea, &id, "json").ok();
        let other = json!({ "title": "Elsewhere", "kind": "rolling", "opens_on": "2020-01-01" });
        let other = field.desk.admin.post("/api/v1/calls", other).id();
        field.desk.admin.command(&format!("/api/v1/calls/{other}/open")).ok();
        write_form(&field.desk.admin, &other, &json!({ "questions": [
            { "key": "idea", "label": "Idea?", "kind": "short_text", "reuse_key": "plan" },
            { "key": "kind", "label": "Kind?", "kind": "choice",
                "options": [option("mirror", "A mirror")] },
            { "key": "new", "label": "New?", "kind": "short_text", "required": true },
        ] }));
        let made = import(&sam, &other, &document);
        assert_eq!(made.status, 201);
        let made = made.ok();
        let draft = &made["application"];
        assert_eq!((&draft["status"], &draft["applicant"]["name"], &draft["title"]),
            (&json!("draft"), &json!("Sam"), &json!("A <b>better</b> lens & more")));
        assert_eq!(draft["answers"], json!({ "idea": "By <hand>" }));
        assert_eq!((&draft["amount_requested"], &draft["budget_lines"][0]["label"]),
            (&usd("50.00"), &json!("Sand | glass")));
        let left: Vec<(&str, &str)> = made["not_taken_over"].as_array().expect("a list").iter()
            .map(|left| (left["pointer"].as_str().expect("a pointer"),
                left["reason"].as_str().expect("a reason")))
            .collect();
        let pointers: Vec<&str> = left.iter().map(|(pointer, _)| *pointer).collect();
        assert_eq!(pointers, ["/document/answers/0", "/document/answers/2",
            "/document/answers/3", "/document/answers/4", "/document/application/place",
            "/document/application/looking_for", "/document/team", "/document/files",
            "/document/further_calls", "/document/comments", "/document/vouches"]);
        assert!(left[1].1.contains("does not fit"), "{left:?}");
        // Nobody is on it but who brought it in, and nothing hangs on it.
        let new = draft["id"].as_str().expect("an id");
        let count = |what: &str| {
            let page = sam.get(&format!("{APPLICATIONS}/{new}/{what}")).ok();
            page["items"].as_array().expect("items").len()
        };
        assert_eq!((count("members"), count("attachments"), count("comments")), (1, 0, 0));
        // Into the same call, all answers but the quiz and the file are there.
        let same = import(&rea, &field.call, &document).ok();
        assert_eq!(same["application"]["answers"]["steps"][0]["cost"], usd("5.00"));
        let again = export(&rea, same["application"]["id"].as_str().expect("an id"), "json").ok();
        // All but what is said with the directions, anew.
        let mut written = document["application"].clone();
        assert_eq!(written["place"], "Oslo <Norway>");
        (written["place"], written["looking_for"]) = (json!(""), json!([]));
        assert_eq!(again["application"], written);
        let log = field.desk.admin.get("/api/v1/audit?limit=50").text();
        assert!(log.contains("import_application"), "{log}");
    }

    fn a_token_writes_out_what_it_may_read_and_hears_why_it_may_not_bring_in(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let id = full(&field, &rea);
        let with = |scopes: &[&str]| {
            let body = json!({ "name": "script", "scopes": scopes, "expires_in_days": 30 });
            let made = rea.post("/api/v1/me/access-tokens", body).ok();
            Client::new(web.url.clone(), Some(made["token"].as_str().expect("one").to_owned()))
        };
        let whole = export(&rea, &id, "json").ok();
        assert_ne!(whole["vouches"], json!([]));
        let read = export(&with(&["applications:read"]), &id, "json").ok();
        assert_eq!((&read["vouches"], &read["answers"]), (&json!([]), &whole["answers"]));
        let writes = import(&with(&["applications:write"]), &field.call, &whole);
        writes.refused(403, "scope_missing");
        import(&with(&["applications:write", "calls:read"]), &field.call, &whole).ok();
    }

    fn what_nobody_confirmed_is_not_written_out_as_an_answer(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        full(&field, &rea);
        let next = json!({ "call_id": field.call, "title": "Next" });
        let next = rea.post(APPLICATIONS, next).ok();
        assert!(next["suggested"]["plan"].is_object(), "{next}");
        let id = next["id"].as_str().expect("an id");
        let answers = || {
            let answers = export(&rea, id, "json").ok()["answers"].clone();
            answers.as_array().expect("answers").len()
        };
        assert_eq!(answers(), 0);
        let path = format!("{APPLICATIONS}/{id}");
        rea.patch(&path, "\"v1\"", json!({ "confirm": ["plan"] })).ok();
        assert_eq!(answers(), 1);
    }

    fn what_is_added_makes_a_version_and_the_one_before_is_read(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let id = rea.post(APPLICATIONS, json!({ "call_id": field.call, "title": "T" })).id();
        let mut document = export(&rea, &id, "json").ok();
        assert_eq!((&document["version"], &document["application"]["place"]),
            (&json!(2), &json!("")));
        // As the first version had it, and as it was written with what the second added.
        document["version"] = json!(1);
        import(&rea, &field.call, &document).ok();
        let written = document["application"].as_object_mut().expect("what was written");
        written.remove("place");
        written.remove("looking_for");
        import(&rea, &field.call, &document).ok();
    }

    fn a_document_that_is_none_is_refused_and_changes_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let good = json!({ "format": "almoner-application", "version": 2,
            "application": { "title": "T" } });
        let with = |pointer: &str, value: Value| {
            let mut document = good.clone();
            let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
            document.pointer_mut(parent).expect("a place")[name] = value;
            import(&rea, &field.call, &document)
        };
        with("/format", json!("other")).wrong_fields(&["/document/format"]);
        for unknown in [0, 3] {
            with("/version", json!(unknown)).wrong_fields(&["/document/version"]);
        }
        for (pointer, value) in [("/surprise", json!(1)), ("/application/owner", json!("me")),
            ("/standing", json!({ "id": "x", "role": "admin" })), ("/application/title", json!(7)),
            ("/team", json!([{ "name": "A", "role": "lead", "consent": "accepted", "x": 1 }]))] {
            let reply = with(pointer, value);
            assert!([400, 422].contains(&reply.status), "{pointer}: {} {}", reply.status,
                reply.text());
        }
        with("/application/title", json!("")).wrong_fields(&["/document/application/title"]);
        with("/application/body", json!("x".repeat(50_001)))
            .wrong_fields(&["/document/application/body"]);
        let eur = json!({ "amount": "1.00", "currency": "EURO" });
        with("/application/amount_requested", eur)
            .wrong_fields(&["/document/application/amount_requested/currency"]);
        let answer = json!({ "key": "k", "kind": "short_text", "answer": "x" });
        with("/answers", json!(vec![answer; 301])).wrong_fields(&["/document/answers"]);
        let huge = with("/application/body", json!("x".repeat(2_000_000)));
        huge.refused(413, "too_large");
        import(&rea, "01a19b7c-0000-7000-8000-000000000001", &good).wrong_fields(&["/call_id"]);
        field.desk.admin.command(&format!("/api/v1/calls/{}/close", field.call)).ok();
        import(&rea, &field.call, &good).refused(409, "wrong_state");
        let mine = rea.get(&format!("{APPLICATIONS}?mine=true")).ok();
        assert_eq!(mine["items"], json!([]));
    }
}
