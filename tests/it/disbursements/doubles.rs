//! The same amount to the same payee: held for three days, unless it is meant.

use super::payees::{COOLED, NEW, change_account};
use super::words;
use crate::support::Harness;
use crate::support::desk::threads;
use crate::support::payday::{
    Payday, at, planned, submitted_payee, us_payee, verified_payee, verify_payee,
};
use crate::support::web::Client;
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

const DAY: i64 = 86_400;

/// A grant of 50.00 to somebody who is paid to this account, all of it released; its id.
fn paid_to(payday: &Payday<'_>, name: &str, account: &str) -> String {
    let who = payday.web.person(name);
    let payee = submitted_payee(&who, us_payee(account, json!({ "name": name })));
    let sure = json!({ "details_version": 1, "confirm_shared_account": true });
    payday.fia.post(&format!("/api/v1/payees/{payee}/verify"), sure).ok();
    let grant = payday.awarded(&who, planned(&[("50.00", "on_activation")]), &[]);
    payday.activate(&who, &payee, &grant);
    grant
}

both! {
    fn a_double_has_to_be_meant(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00", "50.00", "50.01"]);
        let first = payday.draft_as(&payday.fia, &grant, 1, false).id();
        let told = payday.draft_as(&payday.fia, &grant, 2, false).refused(409, "limit_reached");
        let detail = told["detail"].as_str().expect("text");
        assert!(detail.contains(&first) && detail.contains("despite_double"), "{detail}");
        assert_eq!(payday.count("/api/v1/disbursements"), 1);
        // A cent more is another amount; the same to somebody else is no double.
        payday.draft_as(&payday.fia, &grant, 3, false).ok();
        let bo = web.person("Bo");
        let payee = verified_payee(&payday.field.desk, &bo, us_payee("5550001", json!({})));
        let other = payday.awarded(&bo, planned(&[("50.00", "on_activation")]), &[]);
        payday.activate(&bo, &payee, &other);
        payday.draft_as(&payday.fia, &other, 1, false).ok();
        // Another grant of the same person is paid to the same payee.
        let second = payday.grant(&["50.00"]);
        payday.draft_as(&payday.fia, &second, 1, false).refused(409, "limit_reached");
        let meant = payday.draft_as(&payday.fia, &second, 1, true).id();
        payday.void(&meant).ok();
        payday.draft_as(&payday.fia, &second, 1, false).refused(409, "limit_reached");
        payday.void(&first).ok();
        payday.draft_as(&payday.fia, &second, 1, false).ok();
    }

    fn another_person_says_why_a_double_is_meant(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00", "50.00", "1.00"]);
        let first = payday.draft_as(&payday.fia, &grant, 1, false).id();
        let id = payday.draft_as(&payday.fia, &grant, 2, true).id();
        let it = payday.disbursement(&id);
        assert_eq!((&it["double_of"], &it["double_reason"]), (&json!(first), &Value::Null));
        // Held: nobody approves it, whoever they are, and its drafter does not let it go.
        let approve = |who: &Client| who.command(&at(&id, "approve"));
        let told = approve(&payday.fay).refused(409, "wrong_state");
        assert!(told["detail"].as_str().expect("text").contains(&first), "{told}");
        payday.confirm(&payday.fia, &id).refused(403, "two_persons");
        let confirm = at(&id, "confirm-double");
        payday.fay.post(&confirm, json!({ "reason": " " })).wrong_fields(&["/reason"]);
        payday.fay.post(&confirm, json!({})).refused(422, "invalid");
        payday.ada.post(&confirm, json!({ "reason": "Mine." })).refused(403, "forbidden");
        // Nor somebody with a payee of the account that is paid.
        let twin = web.with_role("Twin", Role::Finance);
        twin.post("/api/v1/payees", us_payee("000123456789", json!({}))).ok();
        payday.confirm(&twin, &id).refused(403, "two_persons");
        payday.confirm(&payday.fay, &id).ok();
        payday.confirm(&payday.fay, &id).refused(409, "wrong_state");
        // Whoever approves it reads what was said, and by whom; the recipient does not.
        let boss = payday.field.desk.admin.get(&format!("/api/v1/disbursements/{id}")).ok();
        assert_eq!(boss["double_reason"], "Two parts of one sum.");
        assert_eq!(boss["double_confirmed_by"], json!(payday.fay.id()));
        let own = payday.ada.get(&format!("/api/v1/disbursements/{id}")).ok();
        for field in ["double_of", "double_reason", "double_confirmed_by"] {
            assert_eq!(own[field], Value::Null, "{field}");
        }
        approve(&payday.fia).refused(403, "two_persons");
        approve(&payday.field.desk.admin).ok();
        let audit = payday.field.all("/api/v1/audit");
        let said = audit.iter().find(|a| a["action"] == "confirm_double").expect("recorded");
        let after = &said["after"];
        assert_eq!((&after["double_of"], &after["reason"]),
            (&json!(first), &json!("Two parts of one sum.")));
        // What is no double is not confirmed.
        let other = payday.draft_as(&payday.fia, &grant, 3, false).id();
        payday.confirm(&payday.fay, &other).refused(409, "wrong_state");
        payday.check();
    }

    fn what_is_tried_again_is_confirmed_again(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00", "50.00"]);
        payday.draft_as(&payday.fia, &grant, 1, false).ok();
        let id = payday.payment(&grant, 2, &["approve", "batch", "return"]);
        assert_eq!(payday.disbursement(&id)["double_confirmed_by"], json!(payday.fay.id()));
        payday.retry(&id).refused(409, "limit_reached");
        payday.fay.post(&at(&id, "retry"), json!({ "despite_double": true })).ok();
        assert_eq!(payday.disbursement(&id)["double_confirmed_by"], Value::Null);
        payday.field.desk.admin.command(&at(&id, "approve")).refused(409, "wrong_state");
        payday.confirm(&payday.fay, &id).refused(403, "two_persons");
        payday.confirm(&payday.fia, &id).ok();
        payday.field.desk.admin.command(&at(&id, "approve")).ok();
    }

    fn a_file_that_the_bank_was_given_is_held(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00", "7.00"]);
        let [one, two] = [1, 2].map(|n| payday.payment(&grant, n, &["approve"]));
        let first = payday.batch(&[&one, &two]).id();
        let sent = payday.file(&first);
        assert_eq!(payday.file(&first).bytes, sent.bytes, "its own again");
        // Both come back and go out again: each try has a reference of its own.
        let again = |ids: &[&str]| {
            for id in ids {
                payday.give_back(id).ok();
                payday.fia.post(&at(id, "retry"), json!({ "despite_double": true })).ok();
                payday.approve(id).ok();
            }
            payday.batch(ids).id()
        };
        let second = again(&[&one, &two]);
        let path = format!("/api/v1/payment-batches/{second}/file");
        let new = payday.file(&second);
        assert_ne!(new.bytes, sent.bytes);
        // As if the bank had got this very file with the first of them.
        let kept = |id: &str| {
            let batch = payday.fia.get(&format!("/api/v1/payment-batches/{id}")).ok();
            batch["file_sha256"].as_str().expect("a digest").to_owned()
        };
        let (old, now) = (kept(&first), kept(&second));
        let gone = format!("DELETE FROM payment_files WHERE sha256 = '{now}'");
        assert_eq!(crate::payees::execute(&web, &gone), Ok(1));
        let as_if = format!("UPDATE payment_files SET sha256 = '{now}' WHERE sha256 = '{old}'");
        assert_eq!(crate::payees::execute(&web, &as_if), Ok(1));
        let told = payday.file(&second).refused(409, "limit_reached");
        assert!(told["detail"].as_str().expect("text").contains(&first), "{told}");
        let meant = json!({ "despite_same_file": "The bank lost it." });
        payday.fia.post(&path, meant.clone()).refused(403, "two_persons");
        let twin = web.with_role("Twin", Role::Finance);
        drop(crate::delegations::lets(&payday.fia, &twin, &["draft"]));
        twin.post(&path, meant.clone()).refused(403, "two_persons");
        let flo = web.with_role("Flo", Role::Finance);
        flo.post(&path, json!({ "despite_same_file": "" })).wrong_fields(&["/despite_same_file"]);
        assert_eq!(flo.post(&path, meant).bytes, new.bytes);
        let audit = payday.field.all("/api/v1/audit");
        let said = audit.iter().find(|a| a["after"]["same_as"] == json!(first)).expect("recorded");
        assert_eq!(said["after"]["reason"], "The bank lost it.");
        payday.check();
    }

    fn it_counts_from_when_the_bank_was_told(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00", "50.00"]);
        let first = payday.payment(&grant, 1, &["approve"]);
        let again = || payday.draft_as(&payday.fia, &grant, 2, false);
        // Drafted long ago and still to be paid: both would leave today.
        t.clock.advance_seconds(10 * DAY);
        again().refused(409, "limit_reached");
        payday.batch(&[&first]).ok();
        t.clock.advance_seconds(3 * DAY);
        again().refused(409, "limit_reached");
        t.clock.advance_seconds(1);
        let second = again().id();
        assert_eq!(payday.status(&second), "drafted");
    }

    fn the_same_account_under_another_payee_is_a_double(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00"]);
        payday.draft_as(&payday.fia, &grant, 1, false).ok();
        let bo = web.person("Bo");
        let same = us_payee("000123456789", json!({}));
        let payee = submitted_payee(&bo, same);
        let sure = json!({ "details_version": 1, "confirm_shared_account": true });
        payday.fia.post(&format!("/api/v1/payees/{payee}/verify"), sure).ok();
        let other = payday.awarded(&bo, planned(&[("50.00", "on_activation")]), &[]);
        payday.activate(&bo, &payee, &other);
        payday.draft_as(&payday.fia, &other, 1, false).refused(409, "limit_reached");
        payday.draft_as(&payday.fia, &other, 1, true).ok();
    }

    fn the_account_that_was_paid_counts_not_that_of_today(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00"]);
        let sent = payday.payment(&grant, 1, &["approve", "batch"]);
        change_account(&payday);
        // Somebody else has the account to which the money went; and another the new one.
        let same = paid_to(&payday, "Bo", "000123456789");
        let other = paid_to(&payday, "Cy", NEW);
        let told = payday.draft_as(&payday.fia, &same, 1, false).refused(409, "limit_reached");
        assert!(told["detail"].as_str().expect("text").contains(&sent), "{told}");
        payday.draft_as(&payday.fia, &other, 1, false).ok();
        let held = payday.draft_as(&payday.fia, &same, 1, true).ok();
        assert_eq!(held["double_of"], json!(sent));
        // No answer tells by what the account is known.
        for path in ["/api/v1/disbursements", &*format!("/api/v1/disbursements/{sent}")] {
            assert!(!payday.fia.get(path).text().contains("fingerprint"), "{path}");
        }
        payday.check();
    }

    fn what_is_tried_again_counts_for_the_account_that_it_goes_to(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00", "50.00"]);
        let id = payday.payment(&grant, 1, &["approve", "batch", "return"]);
        let waits = payday.draft(&grant, 2).id();
        change_account(&payday);
        verify_payee(&payday.fia, &payday.payee);
        t.clock.advance_seconds(COOLED);
        // Drafted for the account of before: it waits, and the payee is the same.
        payday.retry(&id).refused(409, "limit_reached");
        payday.void(&waits).ok();
        payday.retry(&id).ok();
        let (new, old) = (paid_to(&payday, "Bo", NEW), paid_to(&payday, "Cy", "000123456789"));
        let told = payday.draft_as(&payday.fia, &new, 1, false).refused(409, "limit_reached");
        assert!(told["detail"].as_str().expect("text").contains(&id), "{told}");
        payday.draft_as(&payday.fia, &old, 1, false).ok();
        payday.check();
    }

    fn a_payment_tried_again_may_be_a_double_as_well(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00", "50.00"]);
        let first = payday.payment(&grant, 1, &["approve", "batch", "return"]);
        // It is no double of itself.
        payday.retry(&first).ok();
        payday.act(&first, "approve").ok();
        payday.act(&first, "batch").ok();
        payday.act(&first, "return").ok();
        let second = payday.draft_as(&payday.fia, &grant, 2, true).id();
        payday.retry(&first).refused(409, "limit_reached");
        assert_eq!(payday.status(&first), "returned");
        let path = format!("/api/v1/disbursements/{first}/retry");
        payday.fia.post(&path, json!({ "despite_double": true })).ok();
        assert_eq!(payday.status(&second), "drafted");
        let audit = payday.field.all("/api/v1/audit");
        let row = audit.iter().find(|row| row["action"] == "retry_disbursement").expect("a row");
        assert_eq!(row["after"]["double_of"], json!(second));
        payday.check();
    }

    fn two_payees_of_one_account_at_the_same_moment_are_a_double(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let bo = web.person("Bo");
        let payee = submitted_payee(&bo, us_payee("000123456789", json!({})));
        let sure = json!({ "details_version": 1, "confirm_shared_account": true });
        payday.fia.post(&format!("/api/v1/payees/{payee}/verify"), sure).ok();
        let amounts: Vec<String> = (1..=4).map(|n| format!("{n}0.00")).collect();
        let plan: Vec<_> = amounts.iter().map(|a| (a.as_str(), "on_activation")).collect();
        let one = payday.grant(&words(&amounts));
        let other = payday.awarded(&bo, planned(&plan), &[]);
        payday.activate(&bo, &payee, &other);
        for number in 1..=4 {
            let replies = threads(2, |n| {
                payday.draft_as(&payday.fia, if n == 0 { &one } else { &other }, number, false)
            });
            let mut told: Vec<u16> = replies.iter().map(|r| r.status).collect();
            told.sort_unstable();
            assert_eq!(told, [201, 409], "{number}");
        }
    }

    fn doubles_at_the_same_moment_are_found(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let amounts = vec!["50.00".to_owned(); 8];
        let grant = payday.grant(&words(&amounts));
        t.slows("disbursements");
        let replies = threads(8, |n| payday.draft_as(&payday.fia, &grant, n + 1, false));
        assert_eq!(replies.iter().filter(|r| r.status == 201).count(), 1);
        for reply in replies.iter().filter(|r| r.status != 201) {
            reply.refused(409, "limit_reached");
        }
        assert_eq!(payday.count("/api/v1/disbursements"), 1);
    }
}
