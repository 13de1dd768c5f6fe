//! Naming the payee of a grant.

use super::*;
use crate::support::payday::{name_payee, us_payee, verified_payee};

both! {
    fn who_goes_by_another_name_is_screened_again(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00"]);
        let screening = || {
            let path = format!("/api/v1/grants/{grant}/requirements");
            let all = payday.fia.get(&path).ok();
            let all = all["items"].as_array().or(all.as_array()).expect("a list").clone();
            all.into_iter().find(|r| r["kind"] == "screening").expect("one")["status"].clone()
        };
        let edit = |form: serde_json::Value| {
            let path = format!("/api/v1/payees/{}", payday.payee);
            let etag = payday.ada.get(&path).etag().to_owned();
            payday.ada.patch(&path, &etag, form).ok();
            web.work();
            verify_payee(&payday.fia, &payday.payee);
            web.work();
            t.clock.advance_seconds(73 * 3600);
        };
        let account = us_payee("000987654321", json!({}))["account"].clone();
        edit(json!({ "account": account }));
        assert_eq!(screening(), "satisfied", "the same person, with another account");
        edit(json!({ "name": "Somebody Else" }));
        assert_eq!(screening(), "open");
        let held = payday.draft(&grant, 1).refused(409, "wrong_state");
        assert!(held["detail"].as_str().expect("text").contains("paperwork"), "{held}");
        let path = format!("/api/v1/grants/{grant}/requirements/screening");
        payday.fia.post(&format!("{path}/provide"), json!({ "note": "looked up" })).ok();
        payday.fia.post(&format!("{path}/satisfy"), json!({})).refused(403, "two_persons");
        payday.fay.post(&format!("{path}/satisfy"), json!({})).ok();
        payday.draft(&grant, 1).ok();
        // Another payee of the same name is nobody else; one of another country is.
        let second = verified_payee(&payday.field.desk, &payday.ada,
            us_payee("000555000555", json!({ "name": "Somebody Else" })));
        name_payee(&payday.ada, &grant, &second).ok();
        assert_eq!(screening(), "satisfied");
        let third = verified_payee(&payday.field.desk, &payday.ada,
            us_payee("000666000666", json!({ "name": "Somebody Else", "country": "CA" })));
        name_payee(&payday.ada, &grant, &third).ok();
        assert_eq!(screening(), "open");
    }

    fn who_moves_to_another_country_is_screened_again(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00"]);
        let path = format!("/api/v1/payees/{}", payday.payee);
        let etag = payday.ada.get(&path).etag().to_owned();
        payday.ada.patch(&path, &etag, json!({ "country": "CA" })).ok();
        web.work();
        let all = payday.fia.get(&format!("/api/v1/grants/{grant}/requirements")).ok();
        let all = all["items"].as_array().expect("a list").clone();
        let screening = all.iter().find(|r| r["kind"] == "screening").expect("one");
        assert_eq!(screening["status"], "open");
    }

    fn only_ones_own_that_was_handed_in(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let grant = office.grant();
        let eve = web.person("Eve");
        let theirs = payee(&eve, "USD");
        let pounds = payee(&office.ada, "GBP");
        let unfinished = incomplete_payee(&office.ada, "USD");
        grant.choose(&office.ada, &theirs).wrong_fields(&["/payee_id"]);
        let missing = "01930000-0000-7000-8000-000000000000";
        let unknown = grant.choose(&office.ada, missing).wrong_fields(&["/payee_id"]);
        let hidden = grant.choose(&office.ada, &theirs).json();
        assert_eq!(hidden["fields"], unknown["fields"]);
        grant.choose(&office.ada, "nonsense").wrong_fields(&["/payee_id"]);
        grant.choose(&office.ada, &pounds).wrong_fields(&["/payee_id"]);
        grant.choose(&office.ada, &unfinished).refused(409, "wrong_state");
        let good = payee(&office.ada, "USD");
        for who in [&office.rhea, &office.desk.finance, &office.desk.admin] {
            grant.choose(who, &good).refused(403, "forbidden");
        }
        grant.choose(&eve, &good).refused(404, "not_found");
        grant.choose(&web.anonymous(), &good).refused(401, "unauthenticated");
        assert_eq!(grant.requirement_status("payee"), "open");
        let named = grant.choose(&office.ada, &good).ok();
        assert_eq!(named["id"], grant.id);
        assert_eq!(grant.requirement_status("payee"), "provided");
        let reason = json!({ "reason": "No such bank." });
        let reject = format!("/api/v1/payees/{good}/reject");
        office.desk.finance.post(&reject, reason).ok();
        let other = office.grant();
        other.choose(&office.ada, &good).refused(409, "wrong_state");
    }

    fn named_once_more_it_counts_as_it_is_now(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let grant = office.grant();
        grant.sign(&office.ada).ok();
        grant.sign(&office.desk.admin).ok();
        let id = payee(&office.ada, "USD");
        grant.choose(&office.ada, &id).ok();
        verify_payee(&office.desk.finance, &id).ok();
        // Before the worker comes.
        assert_eq!(grant.requirement_status("payee"), "provided");
        grant.choose(&office.ada, &id).ok();
        assert_eq!(grant.requirement_status("payee"), "satisfied");
        assert_eq!(grant.status(), "active");
        web.work();
        assert_eq!(grant.requirement_status("payee"), "satisfied");
    }

    fn named_while_it_is_verified_it_is_not_missed(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let grant = office.grant();
        let id = payee(&office.ada, "USD");
        web.work();
        t.slows("audit_log");
        threads(2, |n| match n {
            0 => drop(grant.choose(&office.ada, &id).ok()),
            _ => {
                verify_payee(&office.desk.finance, &id).ok();
                web.work();
            }
        });
        web.work();
        assert_eq!(grant.requirement_status("payee"), "satisfied");
    }

    fn a_verified_payee_makes_the_grant_active(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let (first, second) = (office.grant(), office.grant());
        for grant in [&first, &second] {
            grant.sign(&office.ada).ok();
            grant.sign(&office.desk.admin).ok();
        }
        let id = payee(&office.ada, "USD");
        first.choose(&office.ada, &id).ok();
        assert_eq!(first.status(), "awarded");
        verify_payee(&office.desk.finance, &id).ok();
        web.work();
        assert_eq!(first.requirement_status("payee"), "satisfied");
        assert_eq!(first.status(), "active");
        // Verified already: at once.
        second.choose(&office.ada, &id).ok();
        assert_eq!(second.status(), "active");
        // Who verified it has decided, whoever named it, and whenever.
        for grant in [&first, &second] {
            assert_eq!(grant.requirement("payee")["decided_by"], json!(office.desk.finance.id()));
        }
        // Exchanged for one that is not verified: paid again only once it is.
        let other = payee(&office.ada, "USD");
        first.choose(&office.ada, &other).ok();
        assert_eq!(first.requirement_status("payee"), "provided");
        assert_eq!(first.status(), "active");
        first.choose(&office.ada, &other).ok();
        verify_payee(&office.desk.finance, &other).ok();
        web.work();
        assert_eq!(first.requirement_status("payee"), "satisfied");
        assert_eq!(second.requirement_status("payee"), "satisfied");
        let audited = "SELECT COUNT(*) FROM audit_log WHERE action = 'set_grant_payee'";
        assert_eq!(count(&web, audited), 3);
    }
}
