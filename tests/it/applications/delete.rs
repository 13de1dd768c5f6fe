//! Drafts are deleted for good, what was handed in is taken back, and neither is stuck.

use super::*;
use crate::support::field::{Backer, Field};
use almoner::platform::db::Conn;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

fn rows(web: &Web, table: &str) -> i64 {
    count(web, &format!("SELECT count(*) AS rows FROM {table}"))
}

pub(super) fn count(web: &Web, sql: &str) -> i64 {
    let count = |conn: &mut Conn| Ok(diesel::sql_query(sql).get_result::<Count>(conn)?.rows);
    web.app.db.read_now("test.count", count).expect("it is counted")
}

const LEFT: &[&str] = &[
    "applications",
    "application_texts",
    "application_members",
    "application_versions",
    "application_answers",
    "application_agendas",
    "attachments",
    "comments",
    "merges",
    "vouch_requests",
    "answer_bank",
];

/// Stands in everything that is to be gone.
const WORDS: &str = "quokka";

/// An open application that says so wherever its team can write, with an offer and a comment of
/// somebody else's; its id, and that of its file.
fn full_of_words(
    field: &Field<'_>,
    (rea, mo): (&Client, &Client),
    by: &Backer,
) -> (String, String) {
    let say = |what: &str| format!("{WORDS} {what}");
    let form = json!({
        "call_id": field.call, "title": say("probe"), "summary": say("in short"),
        "body": say("at length"), "duration_months": 12, "visibility": "public",
        "amount_minimum": usd("10.00"), "amount_requested": usd("90.00"),
        "budget_lines": [{ "label": say("parts"), "amount": usd("90.00") }],
    });
    let id = rea.post(APPLICATIONS, form).id();
    let this = |act: &str| at(&format!("{id}{act}"));
    let seat = json!({ "email": mo.email, "name": "Mo", "role": "member" });
    let seat = rea.post(&this("/members"), seat).id();
    mo.command(&this(&format!("/members/{seat}/accept"))).ok();
    let plan = Some(say("plan").into_bytes());
    let file = this(&format!("/attachments?name={WORDS}.txt"));
    let file = rea.send("POST", &file, &[("Content-Type", "text/plain")], plan).id();
    rea.command(&this("/submit")).ok();
    let answers = ["misuse", "accident", "publication"]
        .map(|key| json!({ "key": key, "answer": say("nothing") }));
    rea.get(&this("/screening")).ok();
    rea.put(&this("/screening"), json!({ "answers": answers })).ok();
    field.desk.admin.command(&this("/open")).ok();
    by.offer(&id, "20.00").ok();
    let theirs = "From who pays.".to_owned();
    for (who, text) in [(rea, say("from Rea")), (mo, say("from Mo")), (&by.who, theirs)] {
        let form = json!({ "body": text, "visibility": "applicant_and_funders" });
        who.post(&this("/comments"), form).ok();
    }
    (id, file)
}

both! {
    fn a_draft_is_deleted_for_good(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let call = rolling(&admin);
        let before: Vec<i64> = LEFT.iter().map(|table| rows(&web, table)).collect();
        let id = draft(&rea, &call, json!({}));
        edit(&rea, &id, json!({ "title": "Other probes" })).ok();
        let seat = rea.post(&at(&format!("{id}/members")),
            json!({ "email": mo.email, "name": "Mo", "role": "member" })).id();
        mo.command(&at(&format!("{id}/members/{seat}/accept"))).ok();
        let plan = Some(b"The plan.".to_vec());
        let file = at(&format!("{id}/attachments?name=plan.txt"));
        rea.send("POST", &file, &[("Content-Type", "text/plain")], plan).ok();
        // Whoever is on the team leaves it; only the applicant deletes.
        let this = at(&id);
        let delete = |who: &Client| who.send("DELETE", &this, &[], None);
        delete(&mo).refused(403, "forbidden");
        delete(&admin).refused(404, "not_found");
        delete(&web.person("Eve")).refused(404, "not_found");
        // At once, though somebody was asked and a file attached just now.
        assert_eq!(delete(&rea).status, 204);
        rea.get(&at(&id)).refused(404, "not_found");
        rea.get(&at(&format!("{id}/versions"))).refused(404, "not_found");
        mo.get(&at(&id)).refused(404, "not_found");
        delete(&rea).refused(404, "not_found");
        let after: Vec<i64> = LEFT.iter().map(|table| rows(&web, table)).collect();
        assert_eq!(after, before, "{LEFT:?}");
        let told = mails(&web, &mo.email);
        assert!(told.iter().any(|m| m.subject.starts_with("A draft was deleted")));
        // One that was taken back as a draft as well.
        let id = draft(&rea, &call, json!({}));
        rea.post(&at(&format!("{id}/withdraw")), json!({})).ok();
        assert_eq!(rea.send("DELETE", &at(&id), &[], None).status, 204);
    }

    fn what_was_merged_as_a_draft_is_emptied_once_it_has_ended(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let call = rolling(&admin);
        let into = draft(&rea, &call, json!({}));
        let other = draft(&mo, &call, json!({ "body": format!("{WORDS} lenses") }));
        let seat = json!({ "email": mo.email, "name": "Mo" });
        rea.post(&at(&format!("{into}/members")), seat).ok();
        let merge = mo.post(&at(&format!("{into}/merge")), json!({ "other": other })).id();
        rea.command(&format!("/api/v1/merges/{merge}/accept")).ok();
        // What ended by the merge never waits for a withdrawal; what goes on does.
        rea.delete(&at(&into)).refused(409, "wrong_state");
        mo.delete(&at(&into)).refused(403, "forbidden");
        assert_eq!(mo.delete(&at(&other)).status, 204);
        mo.delete(&at(&other)).refused(409, "wrong_state");
        let left = mo.get(&at(&other)).ok();
        assert_eq!((&left["title"], &left["body"]), (&json!("Deleted by its applicant"),
            &json!("")));
        let merges = rea.get(&format!("/api/v1/merges/{merge}")).text();
        assert!(!merges.contains(WORDS), "{merges}");
        // What it gave to the other is that one's, whose lead deletes it in turn.
        assert!(rea.get(&at(&into)).text().contains(WORDS));
        rea.post(&at(&format!("{into}/withdraw")), json!({})).ok();
        assert_eq!(rea.delete(&at(&into)).status, 204);
        assert_eq!(rea.get(&at(&into)).ok()["body"], "");
        for table in ["application_texts WHERE body", "merges WHERE CAST(kept AS TEXT)"] {
            assert_eq!(rows(&web, &format!("{table} LIKE '%{WORDS}%'")), 0, "{table}");
        }
    }

    fn the_lane_keeps_no_draft_from_being_deleted(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let (id, back) = (draft(&rea, &call, json!({})), draft(&rea, &call, json!({})));
        rea.post(&at(&format!("{back}/withdraw")), json!({})).ok();
        let answers = ["misuse", "accident", "publication"]
            .map(|key| json!({ "key": key, "answer": "Nothing comes to mind." }));
        for id in [&id, &back] {
            let path = at(&format!("{id}/screening"));
            rea.get(&path).ok();
            rea.put(&path, json!({ "answers": answers })).refused(409, "wrong_state");
        }
        assert_eq!(rea.send("DELETE", &at(&back), &[], None).status, 204);
        // Answered before that was refused.
        let run = |sql: &'static str| {
            write(&web, move |conn| Ok(diesel::sql_query(sql).execute(conn).map(drop)?));
        };
        run("INSERT INTO screenings (id, application_id, status, opened_at)
            SELECT id, id, 'waiting', created_at FROM applications");
        rea.send("DELETE", &at(&id), &[], None).refused(409, "wrong_state");
        run(include_str!("../../../migrations/sqlite/0065_unasked_drafts/up.sql"));
        assert_eq!(rea.send("DELETE", &at(&id), &[], None).status, 204);
    }

    fn what_was_handed_in_is_taken_back_at_any_stage_and_then_emptied(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        for stage in ["submitted", "open", "changes_requested"] {
            let id = submitted(&rea, &call, json!({}));
            if stage != "submitted" {
                admin.command(&at(&format!("{id}/open"))).ok();
            }
            if stage == "changes_requested" {
                send_back(&admin, &id);
            }
            rea.send("DELETE", &at(&id), &[], None).refused(409, "wrong_state");
            let done = rea.post(&at(&format!("{id}/withdraw")), json!({})).ok();
            assert_eq!(done["status"], "withdrawn", "{stage}");
            assert_eq!(rea.delete(&at(&id)).status, 204, "{stage}");
            let left = rea.get(&at(&id)).ok();
            assert_eq!(left["title"], "Deleted by its applicant");
            assert_eq!(left["body"], "");
            assert_eq!((&left["status"], &left["amount_requested"]),
                (&done["status"], &done["amount_requested"]));
            rea.delete(&at(&id)).refused(409, "wrong_state");
        }
    }

    fn nothing_of_what_was_said_is_left_and_what_others_said_is(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, rea, mo) = (&field.desk.admin, web.person("Rea"), web.person("Mo"));
        let backer = field.backer("100.00");
        let (id, file) = full_of_words(&field, (&rea, &mo), &backer);
        let this = |act: &str| at(&format!("{id}{act}"));
        web.work();
        // While others rely on it, it is withdrawn first; then nobody else may.
        rea.delete(&this("")).refused(409, "wrong_state");
        let why = json!({ "reason": format!("{WORDS}, I think.") });
        rea.post(&this("/withdraw"), why).ok();
        mo.delete(&this("")).refused(403, "forbidden");
        admin.delete(&this("")).refused(403, "forbidden");
        assert_eq!(rea.delete(&this("")).status, 204);
        web.work();
        // Neither for them nor for anybody else, by whatever path.
        for who in [&rea, admin, &backer.who] {
            for path in [this(""), this("/versions"), this("/comments"), this("/attachments"),
                this("/members"), this("/export?format=markdown"),
                format!("{APPLICATIONS}?limit=100"),
                format!("/api/v1/search/applications?q={WORDS}")] {
                let told = who.get(&path).text();
                assert!(!told.contains(WORDS), "{path}: {told}");
            }
            who.get(&this(&format!("/attachments/{file}"))).refused(404, "not_found");
        }
        mo.get(&this("")).refused(404, "not_found");
        let told = mails(&web, &mo.email);
        assert!(told.iter().any(|m| m.subject.starts_with("An application was deleted")));
        let comments = admin.get(&this("/comments")).text();
        assert!(comments.contains("From who pays."), "{comments}");
        assert_eq!(field.available(&backer), "100.00");
        // Nor in any row that tells of it, but in mails that were sent.
        let of = |sql: &str| count(&web, &format!("SELECT count(*) AS rows FROM {sql}"));
        let as_text = |column: &str| format!("coalesce(CAST({column} AS TEXT), '')");
        for (table, columns) in [
            ("applications", &["title", "summary", "place", "place_marks"][..]),
            ("application_texts", &["body", "budget_lines"]),
            ("comments", &["body"]),
            ("audit_log", &["before", "after"]),
        ] {
            let text = columns.iter().map(|c| as_text(c)).collect::<Vec<_>>().join(" || ");
            assert_eq!(of(&format!("{table} WHERE {text} LIKE '%{WORDS}%'")), 0, "{table}");
        }
        assert_eq!(of("application_versions") + of("attachments"), 0);
        assert_eq!(of("application_members WHERE name <> '' OR email LIKE '%@%'"), 0);
        assert_eq!(of("screenings WHERE sealed IS NOT NULL"), 0);
        assert_eq!(of("search_documents") + of("similar_texts") + of("similar_due"), 0);
        field.sound();
    }

    fn an_appeal_is_answered_before_its_words_are_deleted_and_none_follows(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, rea) = (&field.desk.admin, web.person("Rea"));
        let abe = web.with_role("Abe", Role::Admin);
        let terms = Some(json!({ "appeals": "appeal" }).to_string().into_bytes());
        let path = format!("/api/v1/calls/{}/decisions", field.call);
        admin.send("PUT", &path, &[("If-Match", "\"v0\"")], terms).ok();
        let declined = || {
            let id = field.applies(&rea, "1.00", "9.00");
            admin.post(&at(&format!("{id}/decline")), json!({ "reason": "No." })).ok();
            id
        };
        let (first, second) = (declined(), declined());
        let appeal = |id: &str| rea.post(&at(&format!("{id}/appeal")), json!({ "text": "Look." }));
        appeal(&first).ok();
        rea.delete(&at(&first)).refused(409, "wrong_state");
        let upheld = json!({ "outcome": "upheld", "reason": "We read it." });
        abe.post(&at(&format!("{first}/appeal/answer")), upheld).ok();
        assert_eq!(rea.delete(&at(&first)).status, 204);
        let told = admin.get(&at(&format!("{first}/decline"))).text();
        assert!(!told.contains("Look.") && told.contains("We read it."), "{told}");
        assert_eq!(rea.delete(&at(&second)).status, 204);
        appeal(&second).refused(409, "wrong_state");
        let next = rea.get("/api/v1/me/next").text();
        assert!(!next.contains("appeal"), "{next}");
    }

    fn an_appeal_is_taken_back_once_and_then_it_is_deleted(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let abe = web.with_role("Abe", Role::Admin);
        crate::decisions::terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let id = crate::decisions::submitted(&field, &rea);
        let back = |who: &Client| who.command(&at(&format!("{id}/appeal/withdraw")));
        back(&rea).refused(409, "wrong_state");
        crate::decisions::decline(&field.desk.admin, &id);
        back(&rea).refused(409, "wrong_state");
        let text = json!({ "text": "Look again." });
        rea.post(&at(&format!("{id}/appeal")), text.clone()).ok();
        back(&mo).refused(404, "not_found");
        back(&abe).refused(403, "forbidden");
        let waits = |who: &Client| who.get("/api/v1/me/next").text().contains("/appeal/answer");
        assert!(waits(&abe));
        rea.delete(&at(&id)).refused(409, "wrong_state");
        let told = back(&rea).ok();
        assert_eq!((&told["outcome"], &told["answer"]), (&json!("withdrawn"), &Value::Null));
        assert!(!waits(&abe));
        let told = mails(&web, &abe.email);
        assert!(told.iter().any(|m| m.subject.starts_with("An appeal was taken back")));
        // That was the one appeal, and nobody answers it.
        back(&rea).refused(409, "wrong_state");
        rea.post(&at(&format!("{id}/appeal")), text).refused(409, "wrong_state");
        for outcome in ["upheld", "withdrawn"] {
            let form = json!({ "outcome": outcome, "reason": "We read it." });
            let reply = abe.post(&at(&format!("{id}/appeal/answer")), form);
            assert!(matches!(reply.status, 409 | 422), "{}", reply.text());
        }
        assert_eq!(rea.get(&at(&id)).ok()["status"], "declined");
        assert_eq!(rea.delete(&at(&id)).status, 204);
    }

    fn what_became_a_grant_stays(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let id = field.applies(&rea, "1.00", "9.00");
        field.backer("9.00").offer(&id, "9.00").ok();
        field.awarded(&id);
        rea.delete(&at(&id)).refused(409, "wrong_state");
        assert_eq!(rea.get(&at(&id)).ok()["title"], "A better lens");
    }
}
