//! The audit log, as those who may read it see it.

use crate::support::Harness;
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
}
