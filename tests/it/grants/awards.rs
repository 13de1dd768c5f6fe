//! The decision that makes a grant.

use super::{NOBODY, plan, statuses, tranche};
use crate::support::Harness;
use crate::support::desk::{threads, usd};
use crate::support::field::minor;
use crate::support::web::new_key;
use almoner::applications;
use almoner::kernel::actor::Role;
use almoner::kernel::ids::ApplicationId;
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};
use std::sync::mpsc;
use std::time::Duration;

both! {
    fn an_award_commits_what_was_offered(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let application = field.applies(&rea, "100.00", "1000.00");
        let (one, two) = (field.backer("500.00"), field.backer("500.00"));
        one.offer(&application, "70.00").ok();
        two.offer_with(&application, "40.00", json!({ "conditions": "Tell us." })).ok();
        one.offer(&application, "0.01").ok();
        let answer = field.award(&application, plan(&[
            tranche("50.01", "on_activation", None),
            tranche("30.00", "on_date", Some("2027-01-31")),
            tranche("30.00", "on_report", Some("2027-06-30")),
        ]));
        let grant = answer.ok();
        let id = answer.id();
        assert_eq!(answer.status, 201);
        assert_eq!(answer.header("location"), Some(format!("/api/v1/grants/{id}").as_str()));
        assert_eq!(grant["amount_awarded"], usd("110.01"));
        assert_eq!(grant["status"], "awarded");
        assert_eq!(grant["recipient_id"], json!(rea.id()));
        assert_eq!(grant["awarded_on"], "2026-11-02");
        assert_eq!(grant["ends_on"], "2027-11-02", "the months that were applied for");
        assert_eq!(statuses(&grant), ["planned"; 3]);
        assert_eq!(grant["balances"]["committed"], usd("110.01"));
        assert_eq!(grant["sources"].as_array().map(Vec::len), Some(3));
        assert_eq!(grant["requirements"].as_array().map(Vec::len), Some(4));
        for (backer, left) in [(&one, "429.99"), (&two, "460.00")] {
            assert_eq!(field.available(backer), left);
            assert_eq!(field.part(backer, "reserved"), "0.00");
        }
        let path = format!("/api/v1/applications/{application}");
        assert_eq!(rea.get(&path).ok()["status"], "awarded");
        one.offer(&application, "1.00").refused(409, "wrong_state");
        field.award(&application, json!({})).refused(409, "wrong_state");
        assert!(web.work() >= 1, "the recipient hears of it");
        field.sound();
    }

    fn a_plan_that_does_not_fit_changes_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("10.00", "1000.00");
        let backer = field.backer("500.00");
        backer.offer(&application, "100.00").ok();
        for (form, pointer) in [
            (plan(&[tranche("99.99", "on_activation", None)]), "/tranches"),
            (plan(&[tranche("100.01", "on_activation", None)]), "/tranches"),
            (plan(&[tranche("100.00", "on_date", None)]), "/tranches/0/due_on"),
            (plan(&[tranche("100.00", "on_date", Some("2026-11-01"))]), "/tranches/0/due_on"),
            (plan(&[tranche("0.00", "on_report", None)]), "/tranches/0/amount/amount"),
            (plan(&[tranche("-1.00", "on_report", None)]), "/tranches/0/amount/amount"),
            (json!({ "ends_on": "2026-11-01" }), "/ends_on"),
            (json!({ "tranches": [] }), "/tranches"),
            (json!({ "tranches": [tranche("100.00", "someday", None)] }),
                "/tranches/0/release_condition"),
            (json!({ "sum": usd("1.00") }), "/sum"),
        ] {
            field.award(&application, form).wrong_fields(&[pointer]);
        }
        assert_eq!(field.all("/api/v1/grants"), Vec::<Value>::new());
        assert_eq!(field.part(&backer, "reserved"), "100.00");
        let one = field.grant(&field.awarded(&application));
        assert_eq!(one["tranches"][0]["amount"], usd("100.00"));
        assert_eq!(one["tranches"][0]["release_condition"], "on_activation");
        field.sound();
    }

    fn an_award_needs_enough_and_an_impartial_admin(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let boss = web.with_role("Ana Admin", Role::Admin);
        let application = field.applies(&boss, "100.00", "1000.00");
        let backer = field.backer_with("500.00", json!({ "approval_threshold": usd("60.00") }));
        field.award(&application, json!({})).refused(409, "wrong_state");
        backer.offer(&application, "60.00").ok();
        let waits = backer.offer(&application, "40.00").id();
        // What waits for approval does not count.
        field.award(&application, json!({})).refused(409, "wrong_state");
        let other = field.backer("500.00");
        other.offer(&application, "40.00").ok();
        let path = format!("/api/v1/applications/{application}/award");
        boss.command(&path).refused(403, "two_persons");
        backer.who.command(&path).refused(403, "forbidden");
        field.desk.finance.command(&path).refused(403, "forbidden");
        let nowhere = format!("/api/v1/applications/{NOBODY}/award");
        field.desk.admin.command(&nowhere).refused(404, "not_found");
        let grant = field.grant(&field.awarded(&application));
        assert_eq!(grant["amount_awarded"], usd("100.00"));
        assert_eq!(field.offer(&waits)["release_reason"], "application_ended");
        assert_eq!(field.available(&backer), "440.00");
        field.sound();
    }

    fn an_award_is_of_what_was_seen(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("10.00", "1000.00");
        let (one, two) = (field.backer("500.00"), field.backer("500.00"));
        one.offer(&application, "30.00").ok();
        let gone = two.offer(&application, "50.00").id();
        let seen = json!({ "amount": usd("80.00") });
        two.who.command(&format!("/api/v1/offers/{gone}/withdraw")).ok();
        let refused = field.award(&application, seen).refused(409, "wrong_state");
        let detail = refused["detail"].as_str().expect("words");
        assert!(detail.contains("30.00 USD now, not to 80.00 USD"), "{detail}");
        let euros = json!({ "amount": { "amount": "30.00", "currency": "EUR" } });
        field.award(&application, euros).wrong_fields(&["/amount/currency"]);
        assert_eq!(field.part(&one, "reserved"), "30.00");
        let grant = field.award(&application, json!({ "amount": usd("30.00") })).ok();
        assert_eq!(grant["amount_awarded"], usd("30.00"));
        field.sound();
    }

    fn an_award_is_made_once(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("10.00", "1000.00");
        let backer = field.backer("500.00");
        backer.offer(&application, "100.00").ok();
        let replies = threads(12, |_| field.award(&application, json!({})));
        for reply in replies.iter().filter(|r| r.status != 201) {
            reply.refused(409, "wrong_state");
        }
        assert_eq!(replies.iter().filter(|r| r.status == 201).count(), 1);
        assert_eq!(field.all("/api/v1/grants").len(), 1);

        let key = new_key();
        let application = field.application("10.00", "1000.00");
        backer.offer(&application, "100.00").ok();
        let path = format!("/api/v1/applications/{application}/award");
        let first = field.desk.admin.post_key(&path, &key, json!({})).ok();
        assert_eq!(field.desk.admin.post_key(&path, &key, json!({})).ok(), first);
        let other = json!({ "ends_on": "2028-01-01" });
        field.desk.admin.post_key(&path, &key, other).refused(422, "key_reused");
        let body = Some(b"{}".to_vec());
        field.desk.admin.send("POST", &path, &[], body).refused(400, "malformed_request");
        field.sound();
    }

    fn an_award_races_offers_and_withdrawals(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("10000.00");
        for _ in 0..6 {
            let application = field.application("10.00", "1000.00");
            let first = backer.offer(&application, "20.00").id();
            backer.offer(&application, "10.00").ok();
            let withdraw = format!("/api/v1/offers/{first}/withdraw");
            let replies = threads(6, |n| match n {
                0 => field.award(&application, json!({})),
                1 => backer.who.command(&withdraw),
                _ => backer.offer(&application, "30.00"),
            });
            let grant = replies[0].ok();
            let committed: i64 = field
                .all(&format!("/api/v1/applications/{application}/offers"))
                .iter()
                .filter(|o| o["status"] == "committed")
                .map(|o| minor(&o["amount"]))
                .sum();
            assert_eq!(minor(&grant["amount_awarded"]), committed);
        }
        field.sound();
    }

    fn an_award_reads_what_it_holds(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("100.00", "900.00");
        field.backer("100.00").offer(&application, "100.00").ok();
        let id: ApplicationId = application.parse().expect("an id");
        let (held, told) = mpsc::channel();
        let db = &web.app.db;
        std::thread::scope(|scope| {
            // Somebody has the application changed, and it is handed in again, for more.
            let edits = move |conn: &mut Conn| {
                applications::service::lock(conn, id)?;
                held.send(()).expect("somebody waits");
                std::thread::sleep(Duration::from_millis(600));
                let sql = "UPDATE applications SET amount_minimum = 20000";
                Ok(conn.batch_execute(sql)?)
            };
            let edit = scope.spawn(move || db.write_now("test.edit", edits));
            told.recv().expect("it holds the application");
            let refused = field.award(&application, json!({}));
            edit.join().expect("no panic").expect("it commits");
            assert_eq!(refused.status, 409, "{}", refused.text());
        });
    }
}
