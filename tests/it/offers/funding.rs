//! How an application is funded, as everybody who sees it reads it.

use super::{act, deny, funding};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::web::Client;
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

/// The names that somebody reads, in order.
fn names(told: &Value) -> Vec<Value> {
    let offers = told["offers"].as_array().expect("offers");
    offers.iter().map(|o| o["regrantor_name"].clone()).collect()
}

both! {
    fn what_is_offered_missing_and_lapses(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let [one, two] = [(); 2].map(|()| field.backer("1000.00"));
        let applicant = web.person("Rea Searcher");
        let application = field.applies(&applicant, "400.00", "900.00");
        let empty = funding(&web.anonymous(), &application);
        assert_eq!(empty["missing_to_minimum"], usd("400.00"));
        assert_eq!((&empty["first_lapses_at"], &empty["offers_count"]), (&Value::Null, &json!(0)));
        let at = |days: i64| t.clock.now().plus_seconds(days * 86_400);
        let (late, soon) = (at(20), at(3));
        one.offer_with(&application, "300.00", json!({ "expires_at": late })).ok();
        two.offer_with(&application, "250.00", json!({ "expires_at": soon })).ok();
        let told = funding(&applicant, &application);
        assert_eq!(told["offered"], usd("550.00"));
        assert_eq!(told["missing_to_minimum"], usd("0.00"));
        assert_eq!(told["missing_to_full"], usd("350.00"));
        assert_eq!(told["first_lapses_at"], json!(soon));
        assert_eq!(told["offers"][0]["amount"], usd("250.00"));
        t.clock.set(soon);
        let told = funding(&applicant, &application);
        assert_eq!((&told["offered"], &told["first_lapses_at"]), (&usd("300.00"), &json!(late)));
    }

    fn a_private_offer_has_no_name(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (shy, open) = (field.backer("1000.00"), field.backer("1000.00"));
        let applicant = web.person("Rea Searcher");
        let application = field.applies(&applicant, "400.00", "900.00");
        let offer = shy.offer_with(&application, "300.00", json!({ "private": true })).ok();
        assert_eq!(offer["regrantor_name"], "Reg Rantor", "to themselves it is no secret");
        for who in [&applicant, &open.who, &web.anonymous(), &web.person("Nora")] {
            let told = funding(who, &application);
            assert_eq!(names(&told), [Value::Null]);
            assert_eq!(told["offered"], usd("300.00"));
            assert!(!told.to_string().contains(&shy.who.id().to_string()));
        }
        for who in [&shy.who, &field.desk.admin, &field.desk.finance] {
            assert_eq!(names(&funding(who, &application)), ["Reg Rantor"]);
        }
        assert_eq!(funding(&shy.who, &application)["offers"][0]["yours"], true);
        // By no other path either.
        let list = format!("/api/v1/applications/{application}/offers");
        let one = format!("/api/v1/offers/{}", offer["id"].as_str().expect("an id"));
        for (who, path) in [(&applicant, &list), (&open.who, &list), (&applicant, &one)] {
            let text = who.get(path).ok().to_string();
            for secret in ["Reg Rantor", &shy.budget, &shy.who.id().to_string()] {
                assert!(!text.contains(secret), "{path} tells {secret}");
            }
        }
        open.offer(&application, "100.00").ok();
        let grant = field.awarded(&application);
        for who in [&applicant, &open.who] {
            let text = who.get(&format!("/api/v1/grants/{grant}")).ok()["sources"].to_string();
            assert!(!text.contains(&shy.budget) && !text.contains(&shy.who.id().to_string()));
            assert!(text.contains(&open.budget), "the other's is no secret");
        }
        let told = names(&funding(&web.person("Nora"), &application));
        assert!(told.contains(&json!("Reg Rantor")) && told.len() == 2);
        // The world reads what is offered, and nobody's name.
        let told = funding(&web.anonymous(), &application);
        assert_eq!(names(&told), [Value::Null, Value::Null]);
        assert_eq!(told["offered"], usd("400.00"));
    }

    fn what_waits_for_approval_is_in_no_sum_that_others_read(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let more = json!({ "approval_threshold": usd("100.00") });
        let (plain, limited) = (field.backer("1000.00"), field.backer_with("1000.00", more));
        let applicant = web.person("Rea Searcher");
        let application = field.applies(&applicant, "400.00", "900.00");
        let path = format!("/api/v1/applications/{application}");
        let sum = |who: &Client| {
            let one = who.get(&path).ok()["offered"].clone();
            let listed = who.get("/api/v1/applications").ok()["items"][0]["offered"].clone();
            assert_eq!(one, listed);
            one
        };
        let stands = web.with_role("Fin Finance", Role::Finance);
        stands.post(&format!("{path}/conflicts"), json!({ "reason": "My sister's." })).ok();
        plain.offer(&application, "50.00").ok();
        let offer = limited.offer(&application, "300.00").ok();
        assert_eq!(offer["status"], "awaiting_approval");
        for who in [&applicant, &plain.who, &limited.who, &web.anonymous(), &stands] {
            assert_eq!(sum(who), usd("50.00"));
        }
        for who in [&field.desk.admin, &field.desk.finance] {
            assert_eq!(sum(who), usd("350.00"));
        }
        field.sound();
        let offer = offer["id"].as_str().expect("an id");
        field.desk.admin.command(&format!("/api/v1/offers/{offer}/approve")).ok();
        assert_eq!(sum(&applicant), usd("350.00"));
        act(&limited, offer, "withdraw").ok();
        assert_eq!(sum(&applicant), usd("50.00"));
        // Nor is it when what waited is taken back, or denied.
        for denied in [false, true] {
            let waits = limited.offer(&application, "300.00").id();
            match denied {
                true => deny(&field, &waits).ok(),
                false => act(&limited, &waits, "withdraw").ok(),
            };
            for who in [&applicant, &field.desk.admin] {
                assert_eq!(sum(who), usd("50.00"));
            }
        }
        field.sound();
        plain.offer(&application, "350.00").ok();
        field.awarded(&application);
        assert_eq!(sum(&applicant), usd("400.00"));
        field.sound();
    }

    fn who_does_not_see_the_application_does_not_see_its_funding(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("1000.00");
        let applicant = web.person("Rea Searcher");
        let more = json!({
            "visibility": "private", "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All of it", "amount": usd("9.00") }],
        });
        let application = field.applies_with(&applicant, more);
        let path = format!("/api/v1/applications/{application}/funding");
        for who in [web.anonymous(), web.person("Nora")] {
            who.get(&path).refused(404, "not_found");
        }
        assert_eq!(funding(&backer.who, &application)["missing_to_full"], usd("9.00"));
        let draft = json!({ "call_id": field.call, "title": "An idea" });
        let draft = applicant.post("/api/v1/applications", draft).id();
        let path = format!("/api/v1/applications/{draft}/funding");
        applicant.get(&path).refused(409, "wrong_state");
        field.desk.admin.get(&path).refused(404, "not_found");
    }
}
