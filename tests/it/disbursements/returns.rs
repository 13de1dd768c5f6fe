//! Money that comes back, before and after it arrived: where it is, by amounts.

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::payday::{at, planned};
use crate::support::web::Client;
use serde_json::{Value, json};

both! {
    fn where_the_money_is_at_each_step(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let all = 100_000_000;
        assert_eq!(payday.books(), [all, 0, 0, 0, 0]);
        let plan = planned(&[("100.01", "on_activation"), ("50.00", "on_report")]);
        let grant = payday.active(plan, &[]);
        let owed = [all, 0, 10_001, 5_000, 10_001];
        let told = [all, 10_001, 0, 5_000, 10_001];
        let paid = [all - 10_001, 0, 0, 5_000, 10_001];
        assert_eq!(payday.books(), owed);
        let id = payday.draft(&grant, 1).id();
        let mut steps = vec![("approve", owed), ("batch", told), ("return", owed)];
        steps.extend([("retry", owed), ("approve", owed), ("batch", told), ("settle", paid)]);
        steps.extend([("return", owed), ("retry", owed), ("void", owed)]);
        for (step, books) in steps {
            payday.act(&id, step).ok();
            assert_eq!(payday.books(), books, "after {step}");
            payday.check();
        }
        let again = payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        assert_eq!(payday.books(), paid);
        let balances = payday.field.grant(&grant)["balances"].clone();
        let parts = ["committed", "payable", "in_transit", "paid"];
        assert_eq!(parts.map(|part| balances[part]["amount"].clone()),
            ["50.00", "0.00", "0.00", "100.01"].map(Value::from));
        assert_eq!(payday.status(&again), "settled");
        payday.field.sound();
    }

    fn every_try_is_kept(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00"]);
        let id = payday.payment(&grant, 1, &["approve", "batch"]);
        let returned = |reason: &str| {
            let path = format!("/api/v1/disbursements/{id}/return");
            payday.fia.post(&path, json!({ "reason": reason })).ok()
        };
        let again = || {
            payday.retry(&id).ok();
            payday.approve(&id).ok();
            payday.batch(&[&id]).ok();
        };
        assert_eq!(returned("Account “closed”\u{a0}; AC04")["status_reason"],
            "Account “closed”\u{a0}; AC04");
        again();
        t.clock.advance_seconds(86_400);
        payday.settle(&id).ok();
        t.clock.advance_seconds(86_400);
        returned("Sent back by the payee");
        let came_back = payday.disbursement(&id);
        assert_eq!(came_back["settled_on"], "2026-11-03", "it had arrived");
        again();
        let now = payday.disbursement(&id);
        assert_eq!((&now["settled_on"], &now["status_reason"]), (&Value::Null, &Value::Null));
        payday.settle(&id).ok();
        let tries = payday.disbursement(&id)["attempts"].as_array().expect("tries").clone();
        let told: Vec<Value> = tries.iter()
            .map(|t| json!([t["number"], t["outcome"], t["outcome_on"], t["reason"]])).collect();
        assert_eq!(told, [
            json!([1, "returned", "2026-11-02", "Account “closed”\u{a0}; AC04"]),
            json!([2, "returned", "2026-11-04", "Sent back by the payee"]),
            json!([3, "settled", "2026-11-04", null]),
        ]);
        let had = tries.iter().map(|t| t["settled_on"].clone()).collect::<Vec<_>>();
        assert_eq!(had, [Value::Null, json!("2026-11-03"), Value::Null]);
        let entry = tries[1]["settled_entry_id"].as_str().expect("it had arrived");
        let entry = payday.fia.get(&format!("/api/v1/ledger/entries/{entry}")).ok();
        assert_eq!(entry["kind"], "payment_settled");
        let mut seen: Vec<&str> = tries.iter().flat_map(|t| {
            ["batch_id", "entry_id", "outcome_entry_id"].map(|key| t[key].as_str().expect("an id"))
        }).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 9, "each try has its own batch and entries");
        for attempt in &tries {
            let entry = attempt["entry_id"].as_str().expect("an id");
            let entry = format!("/api/v1/ledger/entries/{entry}");
            assert_eq!(payday.fia.get(&entry).ok()["kind"], "payment_instructed");
        }
        payday.check();
    }

    fn each_try_has_a_reference_of_its_own(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00"]);
        let id = payday.payment(&grant, 1, &["approve", "batch"]);
        let reference =
            || payday.disbursement(&id)["reference"].as_str().expect("text").to_owned();
        let first = reference();
        payday.give_back(&id).ok();
        assert_eq!(reference(), first);
        payday.retry(&id).ok();
        let second = reference();
        assert_eq!(second, format!("{first}-2"));
        // The audit log tells what the try before was, and what this one is.
        let audit = payday.field.all("/api/v1/audit");
        let row = audit.iter().find(|row| row["action"] == "retry_disbursement").expect("a row");
        let of = |side: &str| (row[side]["reference"].clone(), row[side]["payee_version"].clone());
        assert_eq!(of("before"), (json!(first), json!(1)));
        assert_eq!(of("after"), (json!(second), json!(1)));
        for side in ["before", "after"] {
            assert_eq!(row[side]["payee"], json!(payday.payee), "{row}");
        }
        let drafted = audit.iter().find(|row| row["action"] == "draft_disbursement");
        assert_eq!(drafted.expect("a row")["after"]["reference"], json!(first));
        payday.approve(&id).ok();
        let batch = payday.batch(&[&id]).id();
        let file = payday.file(&batch).text();
        assert!(file.contains(&format!("{second},")) && !file.contains(&format!("{first},")));
        payday.settle(&id).ok();
        let tries = payday.disbursement(&id)["attempts"].as_array().expect("tries").clone();
        for (attempt, reference) in tries.iter().zip([&first, &second]) {
            for key in ["entry_id", "outcome_entry_id"] {
                let entry = attempt[key].as_str().expect("an id");
                let entry = payday.fia.get(&format!("/api/v1/ledger/entries/{entry}")).ok();
                let memo = entry["memo"].as_str().expect("words");
                assert!(memo.ends_with(&format!(" {reference}")), "{memo}");
            }
        }
        payday.check();
    }

    fn its_recipient_hears_what_came_back_or_was_taken_back(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (ada, admin) = (&payday.ada, &payday.field.desk.admin);
        let grant = payday.grant(&["10.00"]);
        let next = || {
            let view = ada.get("/api/v1/me/next").ok();
            view["items"][0]["next"].as_str().expect("words").to_owned()
        };
        let id = payday.payment(&grant, 1, &["approve", "batch"]);
        payday.give_back(&id).ok();
        let mail = web.mail(&ada.email, "came back");
        assert_eq!(mail.subject, "A payment of 10.00 USD came back: A better lens");
        assert!(mail.text.contains("account closed"), "{}", mail.text);
        assert!(mail.text.contains("correct your payee"), "{}", mail.text);
        assert!(!mail.text.contains("is open again"), "{}", mail.text);
        assert!(!mail.text.contains("000123456789"), "{}", mail.text);
        assert!(next().contains("sent a payment back"), "{}", next());
        payday.retry(&id).ok();
        assert!(next().contains("Finance pays"), "{}", next());
        for step in ["approve", "batch", "settle"] {
            payday.act(&id, step).ok();
        }
        admin.command(&format!("/api/v1/grants/{grant}/close")).ok();
        payday.give_back(&id).ok();
        let mail = web.mail(&ada.email, "came back");
        assert!(mail.text.contains("is open again"), "{}", mail.text);
        let mail = web.mail(&admin.email, "is open again");
        assert_eq!(mail.subject, "A closed grant is open again: A better lens");
        assert!(mail.text.contains("paid with tranche 1"), "{}", mail.text);
        assert!(next().contains("sent a payment back"), "{}", next());
        payday.undo_release(&grant, 1).ok();
        let mail = web.mail(&ada.email, "will not be paid");
        assert_eq!(mail.subject, "10.00 USD of your grant will not be paid");
        let second = payday.grant(&["20.00"]);
        payday.undo_release(&second, 1).ok();
        let mail = web.mail(&ada.email, "will not be paid yet");
        assert!(mail.text.contains("until somebody releases it again"), "{}", mail.text);
        web.every_link_leads_to_a_page();
    }

    fn what_the_bank_was_not_given_did_not_come_back(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let ada = &payday.ada;
        let grant = payday.grant(&["10.00"]);
        let next = |who: &Client| who.get("/api/v1/me/next").ok().to_string();
        let id = payday.payment(&grant, 1, &["approve", "batch"]);
        let form = json!({ "reason": "The grant is paused.", "not_sent": true });
        payday.fia.post(&at(&id, "return"), form.clone()).ok();
        let mail = web.mail(&ada.email, "was not sent");
        assert_eq!(mail.subject, "A payment of 10.00 USD was not sent: A better lens");
        assert!(mail.text.contains("The grant is paused."), "{}", mail.text);
        assert!(!mail.text.contains("correct your payee"), "{}", mail.text);
        assert!(next(ada).contains("finance prepares it again"), "{}", next(ada));
        assert!(next(&payday.fia).contains("It was not sent"), "{}", next(&payday.fia));
        let audit = payday.field.all("/api/v1/audit");
        let row = audit.iter().find(|row| row["action"] == "return_disbursement").expect("a row");
        assert_eq!(row["after"]["not_sent"], true);
        // The next try does come back.
        for step in ["retry", "approve", "batch", "return"] {
            payday.act(&id, step).ok();
        }
        assert!(next(ada).contains("sent a payment back"), "{}", next(ada));
        assert!(next(&payday.fia).contains("sent it back"), "{}", next(&payday.fia));
        let tries = payday.disbursement(&id)["attempts"].clone();
        assert_eq!([&tries[0]["not_sent"], &tries[1]["not_sent"]], [true, false]);
        // What arrived was sent.
        for step in ["retry", "approve", "batch", "settle"] {
            payday.act(&id, step).ok();
        }
        payday.fia.post(&at(&id, "return"), form).refused(409, "wrong_state");
        assert_eq!(payday.status(&id), "settled");
        payday.check();
        payday.field.sound();
    }

    fn what_was_given_out_waits_for_the_banks_word(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00"]);
        let id = payday.payment(&grant, 1, &["approve"]);
        let batch = payday.batch(&[&id]).id();
        assert_eq!(payday.file(&batch).status, 200);
        let form = json!({ "reason": "The grant is paused.", "not_sent": true });
        let told = payday.fia.post(&at(&id, "return"), form).refused(409, "wrong_state");
        let detail = told["detail"].as_str().expect("words");
        assert!(detail.contains("given out on 2026-11-02: wait for the bank's word"), "{detail}");
        assert_eq!(payday.status(&id), "instructed");
        payday.give_back(&id).ok();
        assert_eq!(payday.disbursement(&id)["attempts"][0]["not_sent"], false);
        payday.check();
    }

    fn what_was_not_sent_tells_what_it_waits_for(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (ada, admin) = (&payday.ada, &payday.field.desk.admin);
        let grant = payday.grant(&["10.00", "20.00"]);
        let ids = [1, 2].map(|n| payday.payment(&grant, n, &["approve", "batch"]));
        let take_back = |id: &str| {
            let form = json!({ "reason": "It waits.", "not_sent": true });
            payday.fia.post(&at(id, "return"), form).ok();
            web.mail(&ada.email, "was not sent").text
        };
        let path = format!("/api/v1/grants/{grant}");
        admin.post(&format!("{path}/pause"), json!({ "reason": "Wait." })).ok();
        let batch = payday.disbursement(&ids[0])["batch_id"].as_str().expect("an id").to_owned();
        let held = payday.file(&batch).refused(409, "wrong_state").to_string();
        assert!(held.contains("if nobody was given its file, take it out"), "{held}");
        let text = take_back(&ids[0]);
        assert!(text.contains("again once the grant goes on. Unless the reason"), "{text}");
        admin.command(&format!("{path}/resume")).ok();
        let payee = format!("/api/v1/payees/{}", payday.payee);
        let etag = ada.get(&payee).etag().to_owned();
        ada.patch(&payee, &etag, json!({ "name": "Ada King" })).ok();
        web.work();
        let text = take_back(&ids[1]);
        assert!(text.contains("again once your payee is verified again."), "{text}");
        assert!(!text.contains("nothing that you have to do"), "{text}");
        let next = ada.get("/api/v1/me/next").ok().to_string();
        assert!(next.contains("prepares it again once your payee is verified again"), "{next}");
        payday.check();
    }

    fn what_comes_back_after_the_grant_was_closed_is_paid_again(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let all = 100_000_000;
        let grant = payday.grant(&["100.00"]);
        let id = payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        let refund = json!({ "amount": usd("30.00"), "received_on": "2026-11-02",
            "reference": "Too much" });
        payday.fia.post(&format!("/api/v1/grants/{grant}/refunds"), refund).ok();
        let admin = &payday.field.desk.admin;
        let close = || admin.command(&format!("/api/v1/grants/{grant}/close"));
        close().ok();
        payday.give_back(&id).ok();
        let view = payday.field.grant(&grant);
        assert_eq!((&view["status"], &view["closed_at"]), (&json!("winding_down"), &Value::Null));
        assert_eq!(payday.books(), [all + 3_000, 0, 10_000, 0, 7_000]);
        close().refused(409, "wrong_state");
        // While it was closed nobody looked at whom it is paid to.
        payday.retry(&id).refused(409, "wrong_state");
        let screening = format!("/api/v1/grants/{grant}/requirements/screening");
        payday.fia.post(&format!("{screening}/provide"), json!({ "note": "no hits" })).ok();
        payday.fay.command(&format!("{screening}/satisfy")).ok();
        payday.retry(&id).ok();
        for step in ["approve", "batch", "settle"] {
            payday.act(&id, step).ok();
        }
        assert_eq!(payday.books(), [all - 7_000, 0, 0, 0, 7_000]);
        close().ok();
        payday.check();
        payday.field.sound();
        // Or it is taken back, and the budgets have it.
        let other = payday.grant(&["20.00"]);
        let bounced = payday.payment(&other, 1, &["approve", "batch", "settle"]);
        admin.command(&format!("/api/v1/grants/{other}/close")).ok();
        payday.give_back(&bounced).ok();
        payday.undo_release(&other, 1).ok();
        admin.command(&format!("/api/v1/grants/{other}/close")).ok();
        assert_eq!(payday.books(), [all - 7_000, 0, 0, 0, 7_000]);
        payday.check();
        payday.field.sound();
    }

    fn what_was_refunded_has_to_be_paid_before_it_is_taken_back(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["100.00"]);
        let id = payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        let refund = json!({ "amount": usd("30.00"), "received_on": "2026-11-02",
            "reference": "Too much" });
        payday.fia.post(&format!("/api/v1/grants/{grant}/refunds"), refund).ok();
        payday.give_back(&id).ok();
        let refused = payday.undo_release(&grant, 1).refused(409, "wrong_state");
        let detail = refused["detail"].as_str().expect("words");
        assert!(detail.contains("30.00 USD") && detail.contains("pay it again"), "{detail}");
        payday.retry(&id).ok();
        payday.check();
    }

    fn one_transfer_that_two_people_spell_differently_is_one_refund(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["100.00"]);
        payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        let path = format!("/api/v1/grants/{grant}/refunds");
        let which = |reference: &str| {
            json!({ "received_on": "2026-11-02", "reference": reference })
        };
        let back = |who: &Client, amount: &str, reference: &str| {
            let mut form = which(reference);
            form["amount"] = usd(amount);
            who.post(&path, form)
        };
        back(&payday.fia, "30.00", "RF 77").ok();
        for spelling in ["RF 77", "RF77", "rf-77", "R.F. 77"] {
            back(&payday.fay, "30.00", spelling).refused(409, "already_exists");
        }
        // The same words are the same transfer, whatever the amount; else it is another one.
        back(&payday.fay, "10.00", "RF 77").refused(409, "already_exists");
        back(&payday.fay, "10.00", "RF77").ok();
        back(&payday.fay, "30.00", "RF 78").ok();
        // Nothing is left of these to compare but the signs.
        back(&payday.fay, "5.00", "-").ok();
        back(&payday.fay, "5.00", "--").ok();
        back(&payday.fay, "5.00", "-").refused(409, "already_exists");
        // What was taken back does not stand in the way.
        let mut undo = which("RF 77");
        undo["reason"] = json!("Another grant's.");
        payday.fia.post(&format!("{path}/undo"), undo).ok();
        back(&payday.fay, "30.00", "rf-77").ok();
        assert_eq!(payday.field.grant(&grant)["balances"]["refunded"], usd("80.00"));
        payday.check();
    }

    fn a_refund_to_two_budgets_is_compared_whole(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backers = [field.backer("100.00"), field.backer("100.00")];
        let sources = [(&backers[0], "40.00"), (&backers[1], "20.00")];
        let grant = field.active(&sources, planned(&[("60.00", "on_activation")]));
        field.pays(&grant, 1);
        let back = |amount: &str, reference: &str| {
            let form = json!({ "amount": usd(amount), "received_on": "2026-11-02",
                "reference": reference });
            field.desk.finance.post(&format!("/api/v1/grants/{grant}/refunds"), form)
        };
        let first = back("30.00", "RF 77").ok();
        assert_eq!(first["parts"].as_array().map(Vec::len), Some(2));
        back("30.00", "RF77").refused(409, "already_exists");
        // What one budget got of it is not what came.
        back("20.00", "RF77").ok();
        field.sound();
    }
}
