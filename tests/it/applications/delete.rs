//! Drafts are deleted for good, what was handed in is taken back, and neither is stuck.

use super::*;
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
        // Limits of a day count whom it asked today.
        delete(&rea).refused(409, "limit_reached");
        t.clock.advance_seconds(24 * 3600 + 1);
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

    fn files_of_a_deleted_draft_count_for_their_day(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let id = draft(&rea, &rolling(&admin), json!({}));
        let file = super::routes::attach(&rea, &id);
        rea.delete(&at(&format!("{id}/attachments/{file}"))).ok();
        rea.delete(&at(&id)).refused(409, "limit_reached");
        t.clock.advance_seconds(24 * 3600 + 1);
        assert_eq!(rea.delete(&at(&id)).status, 204);
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

    fn what_was_handed_in_is_taken_back_at_any_stage_and_stays(t: &Harness) {
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
            rea.send("DELETE", &at(&id), &[], None).refused(409, "wrong_state");
        }
    }
}
