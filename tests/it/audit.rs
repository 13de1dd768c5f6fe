//! The audit log, as those who may read it see it.

use crate::support::Harness;
use crate::support::desk::usd;
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

both! {
    fn audit_is_read_by_object_and_by_person(t: &Harness) {
        let web = t.serve();
        let admin = web.with_role("Ada", Role::Admin);
        let other = web.with_role("Alan", Role::Admin);
        let auditor = web.with_role("Grace", Role::Auditor);
        let rey = web.person("Rey");
        for (who, role) in [(&admin, "funder"), (&other, "reviewer"), (&admin, "finance")] {
            let path = format!("/api/v1/people/{}/grant-role", rey.id());
            who.post(&path, json!({ "role": role })).ok();
        }
        let actions = |query: &str| -> Vec<(Value, Value)> {
            let page = auditor.get(&format!("/api/v1/audit?{query}")).ok();
            let items = page["items"].as_array().expect("a list").clone();
            items.into_iter().map(|row| (row["action"].clone(), row["person_id"].clone())).collect()
        };
        let of_rey = format!("object_kind=person&object_id={}", rey.id());
        let by = |who: &crate::support::web::Client| (json!("grant_role"), json!(who.id()));
        let granted: Vec<_> =
            actions(&of_rey).into_iter().filter(|(a, _)| a == "grant_role").collect();
        assert_eq!(granted, [by(&admin), by(&other), by(&admin)], "newest first");
        let login = (json!("login"), json!(other.id()));
        assert_eq!(actions(&format!("person_id={}", other.id())), [by(&other), login]);
        assert_eq!(actions(&format!("{of_rey}&person_id={}", other.id())), [by(&other)]);
        assert_eq!(actions(&format!("object_kind=fund&object_id={}", rey.id())), []);
        assert_eq!(actions(&of_rey), {
            let mut rows = Vec::new();
            let mut after = String::new();
            loop {
                let page = auditor.get(&format!("/api/v1/audit?{of_rey}&limit=1{after}")).ok();
                let row = &page["items"][0];
                rows.push((row["action"].clone(), row["person_id"].clone()));
                let Some(next) = page["next"].as_str() else { break rows };
                after = format!("&after={next}");
            }
        });

        for refused in ["object_kind=person", &format!("object_id={}", rey.id())] {
            auditor.get(&format!("/api/v1/audit?{refused}")).refused(422, "invalid");
        }
        auditor.get("/api/v1/audit?colour=red").refused(422, "invalid");
        auditor.get("/api/v1/audit?person_id=x").refused(422, "invalid");
        web.anonymous().get("/api/v1/audit").refused(401, "unauthenticated");
        // Each change of roles ended rey's sessions.
        rey.get("/api/v1/audit").refused(401, "unauthenticated");
        let fin = web.with_roles("Fin", &[Role::Finance, Role::Regrantor, Role::Funder]);
        for who in [web.sign_in(rey), fin] {
            who.get("/api/v1/audit").refused(403, "forbidden");
        }
    }

    fn who_is_on_an_application_reads_of_it_what_every_applicant_does(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let ann = web.with_roles("Ann", &[Role::Admin, Role::Auditor]);
        let (una, vera) = (web.with_role("Una", Role::Reviewer), web.person("Vera"));
        let backer = field.backer_with("90.00", json!({ "approval_threshold": usd("20.00") }));
        let id = field.applies(&ann, "1.00", "60.00");
        let at = |rest: &str| format!("/api/v1/applications/{id}{rest}");
        let offer = backer.offer_with(&id, "5.00", json!({ "private": true })).id();
        backer.offer(&id, "30.00").ok();
        let review = admin.post(&at("/reviewers"), json!({ "person_id": una.id() })).id();
        let aside = json!({ "reason": "Too close." });
        admin.post(&format!("/api/v1/reviews/{review}/set-aside"), aside).ok();
        let vouch = json!({ "scopes": ["idea"], "strength": "strong", "how_known": "A lab.",
            "visibility": "private" });
        let vouch = vera.post(&at("/vouches"), vouch).id();
        let again = json!({ "reason": "No more." });
        vera.post(&format!("/api/v1/vouches/{vouch}/withdraw"), again).ok();
        for (visibility, body) in [("internal", "Weak."), ("public", "Good luck.")] {
            let said = json!({ "visibility": visibility, "body": body });
            admin.post(&at("/comments"), said).ok();
        }
        let why = json!({ "reason": "She is my sister." });
        let sister = web.with_role("Fin", Role::Finance);
        sister.post(&at("/conflicts"), why).ok();
        let acts = |who: &crate::support::web::Client, query: &str| -> Vec<String> {
            let page = who.get(&format!("/api/v1/audit?limit=200{query}")).ok();
            let items = page["items"].as_array().expect("items");
            items.iter().map(|row| row["action"].as_str().expect("an act").to_owned()).collect()
        };
        let kept = ["place_offer", "open_approval", "assign_reviewer", "set_aside_review",
            "sign_vouch", "withdraw_vouch", "declare_conflict"];
        let (hers, all) = (acts(&ann, ""), acts(admin, ""));
        for act in kept {
            assert!(all.iter().any(|a| a == act), "{act} is in the log");
            assert!(!hers.iter().any(|a| a == act), "{act} is not for who applies");
        }
        let spoken = |all: &[String]| all.iter().filter(|a| *a == "create_comment").count();
        assert_eq!((spoken(&hers), spoken(&all)), (1, 2), "public words are no secret");
        let by_object = format!("&object_kind=offer&object_id={offer}");
        assert_eq!(acts(&ann, &by_object), [""; 0]);
        assert_eq!(acts(&ann, &format!("&person_id={}", una.id())), ["login"]);
        assert_eq!(acts(admin, &by_object), ["place_offer"]);
        // Of what others apply with she reads all.
        let other = field.application("1.00", "60.00");
        backer.offer(&other, "1.00").ok();
        assert!(acts(&ann, "").contains(&"place_offer".to_owned()));
    }
}
