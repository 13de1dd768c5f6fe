//! No grant waits in silence for its paperwork.

use super::*;
use crate::decisions::day;

const WANTED: &str = "Paperwork for Notes on the engine is wanted by 2026-12-02";
const MISSING: &str = "Paperwork for Notes on the engine is missing";
const STUCK: &str = "The grant for Notes on the engine is stuck";

/// The texts of all mails to somebody whose subject begins so, the oldest first.
fn told(web: &Web, who: &Client, subject: &str) -> Vec<String> {
    let mut all = web.letters();
    all.retain(|mail| mail.to == who.email && mail.subject.starts_with(subject));
    all.into_iter().map(|mail| mail.text).collect()
}

/// The recipient signs, in a session of today.
fn signs(web: &Web, office: &Office<'_>, grant: &Grant<'_>) {
    let ada = web.sign_in(office.ada.clone());
    let agreement = ada.get(&grant.at("/agreement")).ok();
    let form = json!({ "typed_name": "Ada", "consent": true, "sha256": agreement["sha256"] });
    ada.post(&grant.at("/agreement/sign"), form).ok();
}

both! {
    fn from_the_week_before_until_it_is_cancelled(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let Office { ada, rhea, desk, .. } = &office;
        let grant = office.grant();
        day(t, "2026-11-24");
        assert_eq!(told(&web, ada, "Paperwork").len(), 0);
        day(t, "2026-11-25");
        web.work();
        let mails = told(&web, ada, WANTED);
        assert_eq!(mails.len(), 1, "a week before, once");
        for asked in ["Read the agreement", "Name the payee", "tax form", "by 2026-12-02"] {
            assert!(mails[0].contains(asked), "{}", mails[0]);
        }
        assert!(!mails[0].contains("sanctions"), "nothing to do for them: {}", mails[0]);
        day(t, "2026-12-02");
        signs(&web, &office, &grant);
        assert_eq!(told(&web, ada, MISSING).len(), 0, "its day is not over");
        day(t, "2026-12-03");
        web.work();
        let mails = told(&web, ada, MISSING);
        assert_eq!(mails.len(), 1);
        assert!(!mails[0].contains("Read the agreement"), "they have signed: {}", mails[0]);
        day(t, "2026-12-16");
        assert_eq!(told(&web, ada, MISSING).len(), 1);
        assert_eq!(told(&web, &desk.admin, STUCK).len(), 0);
        day(t, "2026-12-17");
        assert_eq!(told(&web, ada, MISSING).len(), 2, "every other week");
        for who in [&desk.admin, rhea] {
            let mails = told(&web, who, STUCK);
            assert_eq!(mails.len(), 1, "late for two weeks");
            for lack in ["be signed for the sponsor", "not named a payee", "tax form"] {
                assert!(mails[0].contains(lack), "{}", mails[0]);
            }
        }
        day(t, "2026-12-31");
        assert_eq!(told(&web, ada, MISSING).len(), 3);
        assert_eq!(told(&web, &desk.admin, STUCK).len(), 1, "once");
        assert_eq!(told(&web, &desk.finance, STUCK).len(), 0);
        let admin = web.sign_in(desk.admin.clone());
        admin.post(&grant.at("/cancel"), json!({ "reason": "No answer." })).ok();
        day(t, "2027-02-01");
        assert_eq!(told(&web, ada, MISSING).len(), 3);
        let noted = "SELECT COUNT(*) FROM requirements WHERE remind_on IS NOT NULL";
        assert_eq!(count(&web, noted), 0, "nothing of it is looked at any more");
        web.every_link_leads_to_a_page();
    }

    fn what_was_found_wrong_has_two_weeks_more(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let Office { ada, desk, .. } = &office;
        let grant = office.grant();
        grant.require(ada, "tax_form", "provide").ok();
        let id = payee(ada, "USD");
        grant.choose(ada, &id).ok();
        day(t, "2026-11-25");
        let mails = told(&web, ada, WANTED);
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains("Read the agreement"), "{}", mails[0]);
        for given in ["Name the payee", "Correct your payee", "tax form"] {
            assert!(!mails[0].contains(given), "it waits for finance: {}", mails[0]);
        }
        day(t, "2026-12-01");
        let finance = web.sign_in(desk.finance.clone());
        let refused = grant.require(&finance, "tax_form", "refuse").ok();
        assert_eq!(refused["due_on"], "2026-12-15");
        let reason = json!({ "reason": "No such bank." });
        finance.post(&format!("/api/v1/payees/{id}/reject"), reason).ok();
        day(t, "2026-12-03");
        let mails = told(&web, ada, MISSING);
        assert!(mails[0].contains("Correct your payee"), "{}", mails[0]);
        assert!(!mails[0].contains("tax form"), "{}", mails[0]);
        day(t, "2026-12-08");
        let again = "Paperwork for Notes on the engine is wanted by 2026-12-15";
        assert_eq!(told(&web, ada, again).len(), 1);
    }

    fn a_payee_that_was_verified_and_is_not_any_more_is_asked_for(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let Office { ada, desk, .. } = &office;
        let (rejected, edited) = (office.grant(), office.grant());
        let ids = [&rejected, &edited].map(|grant| {
            let id = payee(ada, "USD");
            grant.choose(ada, &id).ok();
            verify_payee(&desk.finance, &id).ok();
            web.work();
            assert_eq!(grant.requirement_status("payee"), "satisfied");
            id
        });
        let at = |id: &str| format!("/api/v1/payees/{id}");
        let reason = json!({ "reason": "No such bank." });
        desk.finance.post(&format!("{}/reject", at(&ids[0])), reason).ok();
        let etag = ada.get(&at(&ids[1])).etag().to_owned();
        let name = json!({ "name": "Augusta Ada King" }).to_string().into_bytes();
        ada.send("PATCH", &at(&ids[1]), &[("If-Match", &etag)], Some(name)).ok();
        web.work();
        for grant in [&rejected, &edited] {
            assert_eq!(grant.requirement_status("payee"), "provided");
        }
        day(t, "2026-11-25");
        let mails = told(&web, ada, WANTED);
        let asked = mails.iter().filter(|mail| mail.contains("Correct your payee"));
        assert_eq!((mails.len(), asked.count()), (2, 1), "the edited one waits for finance");
        let (ada, finance) = (web.sign_in(ada.clone()), web.sign_in(desk.finance.clone()));
        ada.command(&format!("{}/submit", at(&ids[0]))).ok();
        for id in &ids {
            verify_payee(&finance, id).ok();
        }
        web.work();
        for grant in [&rejected, &edited] {
            assert_eq!(grant.requirement_status("payee"), "satisfied");
        }
    }

    fn what_rests_is_not_asked_for(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let Office { ada, desk, .. } = &office;
        let grant = office.grant();
        grant.sign(ada).ok();
        grant.sign(&desk.admin).ok();
        let id = payee(ada, "USD");
        verify_payee(&desk.finance, &id).ok();
        grant.choose(ada, &id).ok();
        assert_eq!(grant.status(), "active");
        desk.admin.post(&grant.at("/pause"), json!({ "reason": "Wait." })).ok();
        day(t, "2026-12-20");
        assert_eq!(told(&web, ada, "Paperwork").len(), 0);
        let admin = web.sign_in(desk.admin.clone());
        admin.command(&grant.at("/resume")).ok();
        day(t, "2026-12-31");
        let mails = told(&web, ada, MISSING);
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains("tax form") && !mails[0].contains("agreement"), "{}", mails[0]);
        // What fell into the rest is told after it.
        assert_eq!(told(&web, &desk.admin, STUCK).len(), 1);
    }
}
