//! What an offer holds, and how it ends.

use super::{act, deny};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::web::Client;
use serde_json::{Value, json};

both! {
    fn an_offer_holds_its_money_at_once(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let application = field.applies(&rea, "100.00", "500.00");
        let backer = field.backer("300.00");
        let more = json!({
            "conditions": "Publish the data.", "expires_at": "2026-12-24T18:00:00Z",
        });
        let placed = backer.offer_with(&application, "120.50", more);
        let offer = placed.ok();
        assert_eq!(placed.status, 201);
        let id = placed.id();
        assert_eq!(placed.header("location"), Some(format!("/api/v1/offers/{id}").as_str()));
        assert_eq!(placed.etag(), "\"v1\"");
        assert_eq!(offer["status"], "placed");
        assert_eq!(offer["amount"], usd("120.50"));
        assert_eq!(offer["regrantor_name"], "Reg Rantor");
        assert_eq!(field.available(&backer), "179.50");
        assert_eq!(field.part(&backer, "reserved"), "120.50");
        // One tells what it is about as well, and its budget to those who may read that.
        let about = |who: &Client| {
            let mut one = who.get(&format!("/api/v1/offers/{id}")).ok();
            let more = ["application_title", "budget_name"].map(|key| one[key].take());
            one.as_object_mut().expect("an offer").retain(|key, _| offer.get(key).is_some());
            assert_eq!(one, offer);
            more
        };
        let budget = backer.who.get(&format!("/api/v1/budgets/{}", backer.budget)).ok();
        let name = budget["name"].clone();
        assert_eq!(about(&rea), [json!("A better lens"), Value::Null]);
        assert_eq!(about(&backer.who), [json!("A better lens"), name.clone()]);
        assert_eq!(about(&field.desk.admin), [json!("A better lens"), name]);
        let list = rea.get(&format!("/api/v1/applications/{application}/offers")).ok();
        assert_eq!(list["items"], json!([offer]));
        assert_eq!(backer.who.get("/api/v1/offers?status=placed").ok()["items"], json!([offer]));
        assert_eq!(rea.get("/api/v1/offers").ok()["items"], json!([]));

        let withdrawn = act(&backer, &id, "withdraw").ok();
        assert_eq!((&withdrawn["status"], &withdrawn["release_reason"]),
            (&json!("released"), &json!("withdrawn")));
        assert_eq!(field.available(&backer), "300.00");
        act(&backer, &id, "withdraw").refused(409, "wrong_state");
        assert!(web.work() >= 2, "the applicant hears of both");
        field.sound();
    }

    fn closed_and_expired_budgets_do_not_offer(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "1000.00");
        let short = field.backer_with("10.00", json!({ "expires_on": "2026-11-02" }));
        // An offer ends with its budget.
        let late = json!({ "expires_at": "2026-11-03T00:00:01Z" });
        short.offer_with(&application, "1.00", late).wrong_fields(&["/expires_at"]);
        let offer = short.offer(&application, "1.00").ok();
        assert_eq!(offer["expires_at"], "2026-11-03T00:00:00Z");
        t.clock.advance_seconds(86_400);
        short.offer(&application, "1.00").refused(409, "wrong_state");
        // Also where an earlier program let a budget's time be cut short below them.
        let terms = json!({ "approval_threshold": usd("5.00"), "expires_on": "2026-12-31" });
        let cut = field.backer_with("10.00", terms);
        let placed = cut.offer(&application, "2.00").id();
        let waits = cut.offer(&application, "4.00").id();
        // From the last day of the year to 3 November.
        let shorter = "UPDATE budgets SET expires_on = expires_on - 58";
        crate::payees::execute(&web, shorter).expect("it is written");
        t.clock.advance_seconds(86_400);
        let approve = format!("/api/v1/offers/{waits}/approve");
        field.desk.admin.command(&approve).refused(409, "wrong_state");
        let other = field.backer("10.00");
        other.offer(&application, "3.00").ok();
        let grant = field.grant(&field.awarded(&application));
        assert_eq!(grant["amount_awarded"], usd("3.00"));
        assert_eq!(field.offer(&placed)["status"], "released");
        let other_fund = field.backer("10.00");
        let form = json!({ "title": "Named funds only", "kind": "rolling", "summary": "Come.",
            "fund_ids": [other_fund.fund] });
        let call = field.desk.admin.post("/api/v1/calls", form).id();
        field.desk.admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        let rea = web.person("Rea Searcher");
        let named = field.applies_with(&rea, json!({
            "call_id": call, "amount_minimum": usd("1.00"), "amount_requested": usd("5.00"),
            "budget_lines": [{ "label": "All", "amount": usd("5.00") }],
        }));
        let stranger = field.backer("10.00");
        stranger.offer(&named, "1.00").wrong_fields(&["/budget_id"]);
        other_fund.offer(&named, "1.00").ok();
        field.sound();
    }

    fn a_budget_does_not_end_before_its_offers(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "1000.00");
        let backer = field.backer_with("100.00", json!({ "expires_on": "2026-12-31" }));
        let short = json!({ "expires_at": "2026-11-20T00:00:00Z" });
        backer.offer_with(&application, "10.00", short).ok();
        let long = json!({ "expires_at": "2026-12-24T18:00:00Z" });
        let long = backer.offer_with(&application, "5.00", long).id();
        let budget = format!("/api/v1/budgets/{}", backer.budget);
        let until = |day: &str| {
            let etag = field.desk.admin.get(&budget).etag().to_owned();
            field.desk.admin.patch(&budget, &etag, json!({ "expires_on": day }))
        };
        let told = until("2026-12-23").refused(409, "wrong_state");
        let detail = told["detail"].as_str().expect("words");
        assert!(detail.contains("2026-12-24T18:00:00Z: name 2026-12-24 or a later"), "{detail}");
        until("2026-12-24").ok();
        act(&backer, &long, "withdraw").ok();
        // The other one ends with the 19th.
        let told = until("2026-11-18").refused(409, "wrong_state");
        let detail = told["detail"].as_str().expect("words");
        assert!(detail.contains("name 2026-11-19 or a later day"), "{detail}");
        until("2026-11-19").ok();
        let late = json!({ "expires_at": "2026-11-20T00:00:01Z" });
        backer.offer_with(&application, "1.00", late).wrong_fields(&["/expires_at"]);
        until("2027-03-31").ok();
        field.sound();
    }

    fn what_waits_is_held_to_the_cap_of_the_day(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "1000.00");
        let terms = json!({ "approval_threshold": usd("0.00"), "per_grant_cap": usd("50.00") });
        let backer = field.backer_with("100.00", terms);
        let waits = backer.offer(&application, "40.00").id();
        let budget = format!("/api/v1/budgets/{}", backer.budget);
        let cap = |amount: &str| {
            let etag = field.desk.admin.get(&budget).etag().to_owned();
            field.desk.admin.patch(&budget, &etag, json!({ "per_grant_cap": usd(amount) })).ok();
        };
        cap("39.99");
        let approve = format!("/api/v1/offers/{waits}/approve");
        let told = field.desk.admin.command(&approve).refused(409, "limit_reached");
        let detail = told["detail"].as_str().expect("words");
        assert!(detail.contains("39.99 USD") && detail.contains("deny the offer"), "{detail}");
        assert_eq!(field.offer(&waits)["status"], "awaiting_approval");
        cap("40.00");
        field.desk.admin.command(&approve).ok();
        field.sound();
    }

    fn amounts_and_dates_that_are_none_are_refused(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "1000.00");
        let backer = field.backer("100.00");
        let path = format!("/api/v1/applications/{application}/offers");
        for (amount, currency, pointer, code) in [
            ("-5.00", "USD", "/amount/amount", "negative"),
            ("0.00", "USD", "/amount/amount", "not_positive"),
            ("1.005", "USD", "/amount/amount", "precision"),
            ("10000000000000.01", "USD", "/amount/amount", "too_large"),
            ("1e3", "USD", "/amount/amount", "malformed"),
            ("5.00", "EUR", "/amount/currency", "currency_mismatch"),
        ] {
            let form = backer.form("1.00", json!({
                "amount": { "amount": amount, "currency": currency },
            }));
            let problem = backer.who.post(&path, form).wrong_fields(&[pointer]);
            assert_eq!(problem["fields"][0]["code"], code, "{amount} {currency}");
        }
        let wrong = json!({
            "conditions": "x".repeat(4_001), "expires_at": "2026-11-02T09:00:00Z",
        });
        let pointers = ["/conditions", "/expires_at"];
        backer.offer_with(&application, "1.00", wrong).wrong_fields(&pointers);
        let late = json!({ "expires_at": "2027-11-04T09:00:00Z" });
        backer.offer_with(&application, "1.00", late).wrong_fields(&["/expires_at"]);
        let more = json!({ "status": "placed" });
        backer.offer_with(&application, "1.00", more).refused(422, "invalid");
        backer.offer(&application, "100.01").refused(409, "insufficient_funds");
        backer.offer(&application, "1000.01").refused(409, "limit_reached");
        assert_eq!(field.available(&backer), "100.00");
        assert_eq!(field.all("/api/v1/offers"), Vec::<Value>::new(), "nothing was changed");
        backer.offer(&application, "100.00").ok();
        assert_eq!(field.available(&backer), "0.00");
        field.sound();
    }

    fn offers_lapse(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "1000.00");
        let backer = field.backer_with("100.00", json!({ "approval_threshold": usd("50.00") }));
        let soon = json!({ "expires_at": "2026-11-03T09:00:00Z" });
        let placed = backer.offer_with(&application, "10.00", soon.clone()).id();
        let waits = backer.offer_with(&application, "41.00", soon).id();
        let stays = backer.offer(&field.application("1.00", "9.00"), "9.00").id();
        t.clock.advance_seconds(86_399);
        web.work();
        assert_eq!(field.offer(&placed)["status"], "placed");
        t.clock.advance_seconds(1);
        // Over its time it is neither approved nor awarded, even before the job has run.
        let approve = format!("/api/v1/offers/{waits}/approve");
        field.desk.admin.command(&approve).refused(409, "wrong_state");
        field.award(&application, json!({})).refused(409, "wrong_state");
        t.clock.advance_seconds(120);
        web.work();
        for id in [&placed, &waits] {
            let offer = field.offer(id);
            assert_eq!((&offer["status"], &offer["release_reason"]),
                (&json!("released"), &json!("lapsed")));
        }
        assert_eq!(field.offer(&stays)["status"], "placed");
        assert_eq!(field.available(&backer), "91.00");
        web.work();
        field.sound();
    }

    fn offers_end_with_their_application(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let backer = field.backer_with("100.00", json!({ "approval_threshold": usd("50.00") }));
        for end in ["decline", "withdraw"] {
            let application = field.applies(&rea, "1.00", "1000.00");
            let placed = backer.offer(&application, "10.00").id();
            let waits = backer.offer(&application, "41.00").id();
            let path = format!("/api/v1/applications/{application}/{end}");
            let reason = json!({ "reason": "It came to nothing." });
            let who = if end == "decline" { &field.desk.admin } else { &rea };
            who.post(&path, reason).ok();
            // Regrantors see what is open or awarded only.
            backer.offer(&application, "1.00").refused(404, "not_found");
            let approve = format!("/api/v1/offers/{waits}/approve");
            field.desk.admin.command(&approve).refused(409, "wrong_state");
            web.work();
            for id in [&placed, &waits] {
                assert_eq!(field.offer(id)["release_reason"], "application_ended");
            }
            assert_eq!(field.available(&backer), "100.00");
        }
        field.sound();
    }

    fn every_status_by_every_action(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let terms = json!({ "approval_threshold": usd("50.00") });
        for (status, allowed) in [
            ("awaiting_approval", &["approve", "deny", "withdraw"][..]),
            ("placed", &["withdraw"]),
            ("committed", &[]),
            ("released", &[]),
        ] {
            for action in ["approve", "deny", "withdraw"] {
                let backer = field.backer_with("100.00", terms.clone());
                let application = field.application("1.00", "1000.00");
                let amount = if status == "awaiting_approval" { "51.00" } else { "50.00" };
                let id = backer.offer(&application, amount).id();
                match status {
                    "committed" => drop(field.awarded(&application)),
                    "released" => drop(act(&backer, &id, "withdraw").ok()),
                    _ => {}
                }
                let before = field.offer(&id);
                assert_eq!(before["status"], status);
                let reply = match action {
                    "approve" => field.desk.admin.command(&format!("/api/v1/offers/{id}/approve")),
                    "deny" => deny(&field, &id),
                    _ => act(&backer, &id, action),
                };
                if allowed.contains(&action) {
                    reply.ok();
                } else {
                    reply.refused(409, "wrong_state");
                    assert_eq!(field.offer(&id), before, "{status} {action}");
                }
            }
        }
        field.sound();
    }

    fn what_was_offered_after_an_appeal_is_not_released_late(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let path = format!("/api/v1/calls/{}/decisions", field.call);
        let etag = field.desk.admin.get(&path).etag().to_owned();
        let terms = json!({ "appeals": "appeal", "appeal_days": 10 });
        let body = Some(terms.to_string().into_bytes());
        field.desk.admin.send("PUT", &path, &[("If-Match", &etag)], body).ok();
        let rea = web.person("Rea");
        let application = field.applies(&rea, "1.00", "1000.00");
        let backer = field.backer("100.00");
        let at = |act: &str| format!("/api/v1/applications/{application}/{act}");
        let before = backer.offer(&application, "10.00").id();
        field.desk.admin.post(&at("decline"), json!({ "reason": "Not for us." })).ok();
        // The job that releases has not run yet, for whatever reason.
        t.clock.advance_seconds(3600);
        rea.post(&at("appeal"), json!({ "text": "Look again." })).ok();
        let abe = web.with_role("Abe Admin", almoner::kernel::actor::Role::Admin);
        let answer = json!({ "outcome": "reopened", "reason": "They are right." });
        abe.post(&at("appeal/answer"), answer).ok();
        abe.command(&at("open")).ok();
        let after = backer.offer(&application, "20.00").id();
        web.work();
        assert_eq!(field.offer(&before)["status"], "released");
        assert_eq!(field.offer(&after)["status"], "placed");
        assert_eq!(field.available(&backer), "80.00");
        field.sound();
    }

    fn a_clock_that_was_set_back_keeps_no_money(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let application = field.applies(&rea, "1.00", "1000.00");
        let backer = field.backer("100.00");
        t.clock.advance_seconds(3600);
        let offer = backer.offer(&application, "10.00").id();
        t.clock.advance_seconds(-1800);
        rea.command(&format!("/api/v1/applications/{application}/withdraw")).ok();
        web.work();
        assert_eq!(field.offer(&offer)["status"], "released");
        assert_eq!(field.available(&backer), "100.00");
        field.sound();
    }

    fn promises_that_come_to_nothing_do_not_keep_an_application(t: &Harness) {
        let web = t.serve();
        let mut field = web.field();
        let admin = field.desk.admin.clone();
        let call = admin.post("/api/v1/calls", json!({ "title": "Short", "kind": "dated",
            "opens_on": "2026-11-02", "closes_on": "2026-11-03", "decision_days": 7 })).id();
        admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        field.call = call;
        let rea = web.person("Rea");
        let [promised, funded] = [(); 2].map(|()| field.applies(&rea, "50.00", "100.00"));
        let backer = field.backer("200.00");
        let late = "2027-10-01T09:00:00Z";
        let matching = json!({ "match": true, "expires_at": late });
        backer.offer_with(&promised, "50.00", matching).ok();
        backer.offer_with(&funded, "60.00", json!({ "expires_at": late })).ok();
        for _ in 0..30 {
            t.clock.advance_seconds(3 * 86_400);
            web.work();
        }
        let path = |id: &str| format!("/api/v1/applications/{id}");
        let status = |id: &str| rea.get(&path(id)).ok()["status"].clone();
        assert_eq!(status(&promised), "lapsed");
        assert_eq!(status(&funded), "open", "its minimum is there: we are late, not they");
        field.sound();
    }

    fn so_many_offers_stand_on_an_application_and_no_more(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "1000.00");
        let backer = field.backer("100.00");
        let first = backer.offer(&application, "0.01").id();
        for _ in 1..200 {
            backer.offer(&application, "0.01").ok();
        }
        let refused = backer.offer(&application, "0.01").refused(409, "limit_reached");
        assert!(refused["detail"].as_str().expect("words").contains("200 offers"), "{refused}");
        let path = format!("/api/v1/applications/{application}/offers/preview");
        backer.who.post(&path, backer.form("0.01", json!({}))).refused(409, "limit_reached");
        assert_eq!(field.available(&backer), "98.00");
        backer.who.command(&format!("/api/v1/offers/{first}/withdraw")).ok();
        backer.offer(&application, "0.01").ok();
        field.sound();
    }
}
