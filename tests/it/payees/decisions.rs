//! Who decides about a payee, and when.

use super::*;
use crate::disbursements::meanwhile::behind;
use crate::support::Side;

both! {
    fn every_status_and_every_action(t: &Harness) {
        let web = t.serve();
        let (ada, finn) = (web.person("Ada"), web.with_role("Finn", Role::Finance));
        let make = |status: &str| {
            let id = ada.post("/api/v1/payees", form(iban(IBAN), "EUR")).id();
            if status != "incomplete" {
                ada.command(&at(&id, "/submit")).ok();
            }
            match status {
                "verified" => drop(verify(&finn, &id).ok()),
                "rejected" => {
                    drop(finn.post(&at(&id, "/reject"), json!({ "reason": "no such bank" })).ok());
                }
                _ => {}
            }
            id
        };
        for (status, submit, verified, reject, edited) in [
            ("incomplete", true, false, false, "incomplete"),
            ("submitted", false, true, true, "submitted"),
            ("verified", false, false, true, "submitted"),
            ("rejected", true, false, false, "submitted"),
        ] {
            let check = |reply: Reply, allowed: bool, to: &str| {
                if allowed {
                    assert_eq!(reply.ok()["status"], to, "{status}");
                } else {
                    reply.refused(409, "wrong_state");
                }
            };
            check(ada.command(&at(&make(status), "/submit")), submit, "submitted");
            check(verify(&finn, &make(status)), verified, "verified");
            let reason = json!({ "reason": "The bank does not know this account." });
            check(finn.post(&at(&make(status), "/reject"), reason), reject, "rejected");
            let mended = edit(&ada, &make(status), json!({ "town": "Bonn" })).ok();
            let version = if status == "incomplete" { 1 } else { 2 };
            assert_eq!(
                [&mended["status"], &mended["details_version"]],
                [&json!(edited), &json!(version)],
            );
            let changed = edit(&ada, &make(status), json!({ "name": "Ada King" })).ok();
            assert_eq!(changed["status"], edited, "{status}");
            assert_eq!(changed["details_version"], 2);
            assert_eq!(changed["verified_at"], Value::Null);
        }
    }

    fn who_is_taken_away_meanwhile_verifies_nothing(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let (ada, admin) = (web.person("Ada"), web.with_role("Ann", Role::Admin));
        let nora = web.with_role("Nora", Role::Finance);
        let id = submitted(&ada, iban(IBAN), "EUR");
        let held: PayeeId = id.parse().expect("an id");
        let path = format!("/api/v1/people/{}/remove-role", nora.id());
        let told = behind(
            &web,
            |conn| payees::service::held(conn, held).map(drop),
            || verify(&nora, &id),
            || admin.post(&path, json!({ "role": "finance" })),
        );
        told.refused(403, "forbidden");
        assert_eq!(ada.get(&at(&id, "")).ok()["status"], "submitted");
    }

    fn who_corrects_what_was_rejected_hands_it_in_again(t: &Harness) {
        let web = t.serve();
        let (ada, finn) = (web.person("Ada"), web.with_role("Finn", Role::Finance));
        let id = submitted(&ada, iban(IBAN), "EUR");
        finn.post(&at(&id, "/reject"), json!({ "reason": "no such bank" })).ok();
        let mail = web.mail(&ada.email, "were not accepted");
        assert!(mail.text.contains("Please correct it: that hands it in again."), "{}", mail.text);
        assert_eq!(mail.links(&web), [format!("/payees/{id}")]);
        assert_eq!(edit(&ada, &id, json!({ "town": "Bonn" })).ok()["status"], "submitted");
        ada.command(&at(&id, "/submit")).refused(409, "wrong_state");
    }

    fn who_sees_and_who_acts(t: &Harness) {
        let web = t.serve();
        let (ada, eve) = (web.person("Ada"), web.with_role("Eve", Role::Regrantor));
        let finn = web.with_role("Finn", Role::Finance);
        let admin = web.with_role("Root", Role::Admin);
        let auditor = web.with_role("Audrey", Role::Auditor);
        let id = submitted(&ada, iban(IBAN), "EUR");
        let missing = "01930000-0000-7000-8000-000000000000";
        let hidden = eve.get(&at(&id, "")).refused(404, "not_found");
        let absent = eve.get(&at(missing, "")).refused(404, "not_found");
        assert_eq!(hidden["detail"], absent["detail"]);
        for reader in [&ada, &finn, &admin, &auditor] {
            reader.get(&at(&id, "")).ok();
        }
        let seen = json!({ "details_version": 1 });
        let reason = json!({ "reason": "no" });
        let patch = |who: &Client| who.patch(&at(&id, ""), "\"v2\"", json!({ "town": "Rome" }));
        patch(&eve).refused(404, "not_found");
        eve.command(&at(&id, "/submit")).refused(404, "not_found");
        for who in [&finn, &admin, &auditor] {
            patch(who).refused(403, "forbidden");
            who.command(&at(&id, "/submit")).refused(403, "forbidden");
        }
        for who in [&ada, &eve, &admin, &auditor] {
            who.post(&at(&id, "/verify"), seen.clone()).refused(403, "forbidden");
            who.post(&at(&id, "/reject"), reason.clone()).refused(403, "forbidden");
        }
        let nobody = web.anonymous();
        nobody.get(&at(&id, "")).refused(401, "unauthenticated");
        nobody.get("/api/v1/payees").refused(401, "unauthenticated");
        nobody.post("/api/v1/payees", form(iban(IBAN), "EUR")).refused(401, "unauthenticated");
        finn.get(&at("nonsense", "")).refused(400, "malformed_request");
        // Lists hold what one may see, and nothing else.
        let ids = |who: &Client, query: &str| {
            let page = who.get(&format!("/api/v1/payees{query}")).ok();
            page["items"].as_array().expect("a list").len()
        };
        assert_eq!((ids(&ada, ""), ids(&eve, ""), ids(&finn, "")), (1, 0, 1));
        assert_eq!(ids(&eve, &format!("?person_id={}", ada.id())), 0);
        assert_eq!(ids(&finn, &format!("?person_id={}", eve.id())), 0);
        assert_eq!(ids(&auditor, "?status=submitted"), 1);
        assert_eq!(ids(&auditor, "?status=verified"), 0);
        finn.get("/api/v1/payees?status=nice").wrong_fields(&["?status"]);
        finn.get("/api/v1/payees?iban=x").wrong_fields(&["?iban"]);
        submitted(&ada, iban(OTHER_IBAN), "GBP");
        let first = ada.get("/api/v1/payees?limit=1").ok();
        let next = first["next"].as_str().expect("another page");
        let second = ada.get(&format!("/api/v1/payees?limit=1&after={next}")).ok();
        assert_eq!(second["items"][0]["id"], id);
        assert_eq!(second["next"], Value::Null);
        // Whether others have the same account is for staff only.
        assert_eq!(ada.get(&at(&id, "")).ok()["same_account"], Value::Null);
        assert_eq!(auditor.get(&at(&id, "")).ok()["same_account"], 0);
    }

    fn tokens_cannot_change_where_money_goes(t: &Harness) {
        let web = t.serve();
        let ada = web.person("Ada");
        let asked = json!({ "name": "script", "scopes": ["payees:read", "payees:write"],
            "expires_in_days": 1 });
        let made = ada.post("/api/v1/me/access-tokens", asked).ok();
        let mut script = ada.clone();
        script.token = made["token"].as_str().map(str::to_owned);
        script.get("/api/v1/payees").ok();
        let body = form(iban(IBAN), "EUR");
        script.post("/api/v1/payees", body).refused(403, "scope_missing");
        let id = submitted(&ada, iban(IBAN), "EUR");
        edit(&script, &id, json!({ "name": "Eve" })).refused(403, "scope_missing");
    }

    fn whoever_verifies_is_somebody_else(t: &Harness) {
        let web = t.serve();
        let (ada, finn) = (web.person("Ada"), web.with_role("Finn", Role::Finance));
        let fay = web.with_role("Fay", Role::Finance);
        let own = submitted(&finn, iban(OTHER_IBAN), "GBP");
        verify(&finn, &own).refused(403, "two_persons");
        verify(&fay, &own).ok();
        // Finn's account under Ada's name: not by Finn, and by Fay only knowingly.
        let shared = submitted(&ada, iban(OTHER_IBAN), "GBP");
        assert_eq!(fay.get(&at(&shared, "")).ok()["same_account"], 1);
        verify(&finn, &shared).refused(403, "two_persons");
        let sure = json!({ "details_version": 1, "confirm_shared_account": true });
        finn.post(&at(&shared, "/verify"), sure.clone()).refused(403, "two_persons");
        let held = verify(&fay, &shared).refused(409, "wrong_state");
        assert!(held["detail"].as_str().expect("text").contains("confirm_shared_account"));
        fay.post(&at(&shared, "/verify"), sure).ok();
        let said = "SELECT COUNT(*) FROM audit_log WHERE action = 'verify_payee'
            AND CAST(after AS TEXT) LIKE '%\"shared_account\"%true%'";
        assert_eq!(count(&web, said), 1);
        // One's own second payee with the same account is no stranger's.
        let again = submitted(&ada, iban(OTHER_IBAN), "EUR");
        assert_eq!(fay.get(&at(&again, "")).ok()["same_account"], 1);
        // The version that was looked at.
        let moving = submitted(&web.person("Cho"), iban(IBAN), "EUR");
        for version in [0, 2, -1] {
            let seen = json!({ "details_version": version });
            finn.post(&at(&moving, "/verify"), seen).refused(409, "wrong_state");
        }
        finn.command(&at(&moving, "/verify")).wrong_fields(&["/details_version"]);
        finn.post(&at(&moving, "/reject"), json!({ "reason": " " })).wrong_fields(&["/reason"]);
    }

    fn an_edit_and_a_verification_at_once(t: &Harness) {
        let web = t.serve();
        let (ada, finn) = (web.person("Ada"), web.with_role("Finn", Role::Finance));
        for round in 0..8 {
            let id = ada.post("/api/v1/payees", form(iban(IBAN), "EUR")).id();
            let etag = ada.command(&at(&id, "/submit")).etag().to_owned();
            let (edited, approved) = std::thread::scope(|scope| {
                let change = json!({ "account": iban(OTHER_IBAN) });
                let edit = scope.spawn(|| ada.patch(&at(&id, ""), &etag, change));
                let seen = json!({ "details_version": 1 });
                let verify = scope.spawn(|| finn.post(&at(&id, "/verify"), seen));
                (edit.join().expect("no panic"), verify.join().expect("no panic"))
            });
            let now = ada.get(&at(&id, "")).ok();
            let what = format!("{round}: {} {} {now}", edited.status, approved.status);
            assert!(edited.status == 200 || edited.status == 412, "{what}");
            assert!(matches!(approved.status, 200 | 409 | 412), "{what}");
            // Whatever came first: the new account is never verified by a look at the old one.
            let new = now["account"] == "GB •••• 6819";
            assert_eq!(new, edited.status == 200, "{what}");
            assert_eq!(now["status"] == "verified", !new, "{what}");
        }
    }
}
