//! What is alike, and the directions that applications name.

use super::{SEARCH, found, open, titles, usd};
use crate::support::Harness;
use crate::support::web::Client;
use almoner::kernel::actor::Role;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};
use std::sync::mpsc;
use std::time::Duration;

fn similar(who: &Client, id: &str) -> serde_json::Value {
    who.get(&format!("/api/v1/applications/{id}/similar")).ok()
}

/// A text of so many words, the first of them another.
fn text(first: &str, words: usize) -> String {
    (0..words).fold(first.to_owned(), |text, n| format!("{text} word{}", n * n))
}

both! {
    fn copies_and_the_same_people_are_pointed_out(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam, tom) = (web.person("Rea"), web.person("Sam"), web.person("Tom"));
        let (one, other) = (text("First", 200), text("Second", 200));
        let id = open(&field, &rea, ["A better lens", "To see further", &one]);
        open(&field, &sam, ["A bitter lens", "To see further", &other]);
        let far = (0..200).map(|n| format!("far{n}")).collect::<Vec<_>>().join(" ");
        open(&field, &tom, ["Elsewhere", "Another thing", &far]);
        open(&field, &rea, ["By the same", "Something else", &far.replace("far", "near")]);
        web.work();
        let admin = &field.desk.admin;
        let told = similar(admin, &id);
        assert_eq!(titles(&told), ["A bitter lens", "By the same"]);
        let shared = |n: usize| told["items"][n]["text_shared"].as_i64().expect("a number");
        assert!(shared(0) >= 80 && shared(1) == 0, "{told}");
        assert_eq!(told["items"][0]["same_people"], false);
        assert_eq!(told["items"][1]["same_people"], true);
        // An edit makes it another text.
        let path = format!("/api/v1/applications/{id}");
        admin.post(&format!("{path}/request-changes"), json!({ "reason": "Please." })).ok();
        let etag = rea.get(&path).header("etag").expect("a version").to_owned();
        rea.patch(&path, &etag, json!({ "body": far })).ok();
        rea.command(&format!("{path}/submit")).ok();
        t.clock.set(t.clock.now().plus_seconds(60));
        web.work();
        assert_eq!(titles(&similar(admin, &id)), ["Elsewhere", "By the same"]);
        assert_eq!(titles(&similar(&web.with_role("Remy", Role::Reviewer), &id)).len(), 2);
        for who in [&rea, &sam, &field.backer("1.00").who] {
            who.get(&format!("{path}/similar")).refused(403, "forbidden");
        }
        web.anonymous().get(&format!("{path}/similar")).refused(401, "unauthenticated");
    }

    /// On PostgreSQL a text may be compared while it is edited; SQLite has one writer.
    fn what_is_edited_while_it_is_compared_is_compared_again(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let [one, two] = [["A better lens", "First"], ["Elsewhere", "Second"]].map(|[title, word]| {
            let body = (0..200).map(|n| format!("{word}{n}")).collect::<Vec<_>>().join(" ");
            open(&field, &web.person("Rea"), [title, "To see further", &body])
        });
        let hex = |id: &str| match t.side {
            crate::support::Side::Sqlite => format!("x'{}'", id.replace('-', "")),
            crate::support::Side::Postgres => format!("'{id}'"),
        };
        let edit = format!("UPDATE application_texts SET body = (SELECT o.body FROM \
            application_texts o WHERE o.application_id = {}) WHERE application_id = {}",
            hex(&two), hex(&one));
        let (held, edited) = mpsc::channel();
        let db = &web.app.db;
        std::thread::scope(|scope| {
            let edits = move |conn: &mut almoner::platform::db::Conn| {
                conn.batch_execute(&edit)?;
                held.send(()).expect("somebody waits");
                std::thread::sleep(Duration::from_millis(600));
                Ok(())
            };
            let editing = scope.spawn(move || db.write_now("test.edit", edits));
            edited.recv().expect("it is written");
            web.work();
            editing.join().expect("no panic").expect("it commits");
        });
        t.clock.set(t.clock.now().plus_seconds(60));
        web.work();
        assert_eq!(titles(&similar(&field.desk.admin, &one)), ["Elsewhere"]);
    }

    fn a_reviewer_is_not_shown_what_they_may_not_see(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        let id = open(&field, &rea, ["A better lens", "To see", &text("First", 200)]);
        let secret = json!({ "title": "A secret lens", "summary": "To see",
            "body": text("Second", 200), "visibility": "private" });
        super::open_with(&field, &sam, secret);
        web.work();
        assert_eq!(titles(&similar(&field.desk.admin, &id)), ["A secret lens"]);
        let reviewer = web.with_role("Remy", Role::Reviewer);
        assert!(titles(&similar(&reviewer, &id)).is_empty());
    }

    fn what_is_reviewed_openly_unmasks_nothing_that_is_reviewed_blind(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (zoe, vera) = (web.person("Zoe"), web.with_role("Vera", Role::Reviewer));
        let form = json!({ "title": "Blind", "kind": "rolling" });
        let blind = admin.post("/api/v1/calls", form).id();
        admin.command(&format!("/api/v1/calls/{blind}/open")).ok();
        admin.put(&format!("/api/v1/calls/{blind}/review-settings"), json!({ "blind": true })).ok();
        let handed_in = |call: &str, title: &str, body: &str| {
            let form = json!({
                "call_id": call, "title": title, "summary": title, "body": body,
                "duration_months": 12, "visibility": "private", "amount_minimum": usd("1.00"),
                "amount_requested": usd("9.00"),
                "budget_lines": [{ "label": "All of it", "amount": usd("9.00") }],
            });
            let id = zoe.post("/api/v1/applications", form).id();
            zoe.command(&format!("/api/v1/applications/{id}/submit")).ok();
            let asked = json!({ "person_id": vera.id() });
            admin.post(&format!("/api/v1/applications/{id}/reviewers"), asked).ok();
            id
        };
        let id = handed_in(&field.call, "Lenses", &text("First", 200));
        handed_in(&blind, "Mirrors", &text("Second", 200));
        handed_in(&blind, "Kilns", "Something else.");
        handed_in(&field.call, "Prisms", "And another thing.");
        web.work();
        let told = similar(&vera, &id)["others"].clone();
        let told: Vec<_> = told.as_array().expect("others").iter()
            .map(|o| (o["title"].as_str().expect("a title").to_owned(), o["same_people"].clone()))
            .collect();
        assert_eq!(told, [("Mirrors".into(), Value::Null), ("Prisms".into(), json!(true))]);
        assert_eq!(titles(&similar(admin, &id)).len(), 3);
        let mine = vera.get("/api/v1/me/reviews").ok()["items"].clone();
        let mine = mine.as_array().expect("items").iter().find(|row| row["application_id"] == *id);
        let review = mine.and_then(|row| row["id"].as_str()).expect("it is theirs");
        let alike = |who: &Client, path: &str| who.get(path).ok()["alike"].clone();
        let path = format!("/api/v1/reviews/{review}/application");
        assert_eq!(alike(&vera, &path), json!({ "texts": 1, "same_people": 1 }));
        let path = format!("/api/v1/applications/{id}/reviews");
        assert_eq!(alike(admin, &path), json!({ "texts": 1, "same_people": 3 }));
    }

    fn directions_are_found(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let id = open(&field, &rea, ["A better lens", "a", "b"]);
        open(&field, &rea, ["A worse lens", "a", "b"]);
        let form = json!({ "slug": "optics", "title": "Optical wonders", "summary": "Glass." });
        let agenda = field.desk.admin.post("/api/v1/agendas", form).id();
        let query = format!("agenda_id={agenda}");
        assert!(found(&web.anonymous(), &query).is_empty());
        let name = |sql: &str| crate::payees::execute(&web, sql).expect("written");
        let hex = |id: &str| match t.side {
            crate::support::Side::Sqlite => format!("x'{}'", id.replace('-', "")),
            crate::support::Side::Postgres => format!("'{id}'"),
        };
        let (application, direction) = (hex(&id), hex(&agenda));
        name(&format!("INSERT INTO application_agendas VALUES ({application}, {direction})"));
        assert_eq!(found(&web.anonymous(), &query), ["A better lens"]);
        assert_eq!(found(&web.anonymous(), "q=wonders"), ["A better lens"]);
        let page = web.anonymous().get(&format!("{SEARCH}?{query}&q=worse")).ok();
        assert!(titles(&page).is_empty());
        name("DELETE FROM application_agendas");
        assert!(found(&web.anonymous(), &query).is_empty());
        assert!(found(&web.anonymous(), "q=wonders").is_empty());
    }

    fn a_queue_holds_what_the_budgets_are_for(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let form = json!({ "slug": "optics", "title": "Optics", "summary": "Glass." });
        let agenda = field.desk.admin.post("/api/v1/agendas", form).id();
        let optics = field.backer_with("1000.00", json!({ "agendas": ["optics"] }));
        let any = field.backer("1000.00");
        let id = open(&field, &rea, ["A better lens", "a", "b"]);
        open(&field, &rea, ["A better knife", "a", "b"]);
        let hex = |id: &str| match t.side {
            crate::support::Side::Sqlite => format!("x'{}'", id.replace('-', "")),
            crate::support::Side::Postgres => format!("'{id}'"),
        };
        let sql = format!(
            "INSERT INTO application_agendas VALUES ({}, {})", hex(&id), hex(&agenda)
        );
        crate::payees::execute(&web, &sql).expect("written");
        let queue = |who: &Client| titles(&who.get("/api/v1/me/queue").ok());
        assert_eq!(queue(&optics.who), ["A better lens"]);
        assert_eq!(queue(&any.who).len(), 2);
    }
}
