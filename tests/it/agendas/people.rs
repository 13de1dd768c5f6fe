//! People in the directory: those who want to be found, and nobody else.

use super::*;

both! {
    fn only_who_opted_in_is_found_and_leaving_is_immediate(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let (evals, control) = (agenda(&admin, "evals"), agenda(&admin, "control"));
        let (rea, mo, nora) = (web.person("Rea"), web.person("Mo"), web.person("Nora"));
        let empty = rea.get(PROFILE);
        assert_eq!((&empty.ok()["listed"], &empty.ok()["version"]), (&json!(false), &json!(0)));
        let said = json!({
            "place": "Nairobi, Kenya", "about": "I look for somebody who likes statistics.",
            "looking_for": ["funding", "team_mate", "funding"], "agendas": [evals, control],
        });
        assert_eq!(says(&rea, said.clone()).ok()["listed"], false);
        let found = |agenda: &str,
            more: &str| items(&nora.get(&at(&format!("{agenda}/people{more}"))));
        assert!(found(&evals, "").is_empty(), "not without consent");

        let mut listed = said.clone();
        listed["listed"] = json!(true);
        let kept = says(&rea, listed.clone());
        assert_eq!(kept.ok()["looking_for"], json!(["team_mate", "funding"]));
        says(&mo, json!({ "agendas": [evals], "listed": true, "looking_for": ["mentor"] })).ok();
        let people = found(&evals, "");
        assert_eq!(people.len(), 2);
        assert_eq!(people[0]["id"], json!(mo.id()), "newest first");
        assert_eq!(people[1], json!({
            "id": rea.id(), "name": "Rea", "place": "Nairobi, Kenya",
            "looking_for": ["team_mate", "funding"],
            "about": "I look for somebody who likes statistics.",
        }), "and nothing else");
        for (look, count) in [("mentor", 1), ("funding", 1), ("team_mate", 1), ("hiring", 0)] {
            assert_eq!(found(&evals, &format!("?looking_for={look}")).len(), count, "{look}");
        }
        assert_eq!(found(&control, "").len(), 1);
        web.anonymous().get(&at(&format!("{evals}/people"))).refused(401, "unauthenticated");
        // By the page, each once.
        let first = nora.get(&at(&format!("{evals}/people?limit=1"))).ok();
        let next = first["next"].as_str().expect("more");
        let second = found(&evals, &format!("?limit=1&after={next}"));
        assert_eq!(second[0]["id"], json!(rea.id()));
        // No list, page or log holds an address or what people said of themselves.
        let log = admin.get("/api/v1/audit").text();
        assert!(log.contains("set_profile") && !log.contains("Nairobi"), "{log}");
        let text = nora.get(&at(&format!("{evals}/people"))).text();
        assert!(!text.contains("@example.org"), "{text}");

        says(&rea, said).ok();
        assert_eq!(found(&evals, "").len(), 1, "left at once");
        assert!(found(&evals, "?looking_for=funding").is_empty());
        assert!(found(&control, "").is_empty());
        admin.command(&format!("/api/v1/people/{}/suspend", mo.id()));
        let reason = json!({ "reason": "Spam" });
        admin.post(&format!("/api/v1/people/{}/suspend", mo.id()), reason);
        assert!(found(&evals, "").is_empty(), "who is suspended is not shown");
    }

    fn a_profile_is_whole_or_refused(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (evals, old) = (agenda(&admin, "evals"), agenda(&admin, "old"));
        says(&rea, json!({ "agendas": [old, evals, old], "place": "Quito" })).ok();
        let kept = rea.get(PROFILE);
        assert_eq!(kept.ok()["agendas"].as_array().expect("two").len(), 2);
        let form = json!({ "place": "Lima" });
        rea.put(PROFILE, form.clone()).refused(428, "precondition_required");
        put(&rea, PROFILE, "\"v0\"", form).refused(412, "edited_meanwhile");
        let many: Vec<String> = vec![evals.clone(); 11];
        says(&rea, json!({ "place": "a\nb", "about": "x".repeat(2001), "agendas": many }))
            .wrong_fields(&["/place", "/about", "/agendas"]);
        says(&rea, json!({ "listed": true })).wrong_fields(&["/agendas"]);
        says(&rea, json!({ "looking_for": ["love"] })).refused(422, "invalid");
        says(&rea, json!({ "agendas": [rea.id()] })).wrong_fields(&["/agendas/0"]);
        // What is retired stays where it was named, and is named by nobody anew.
        admin.command(&at(&format!("{old}/retire"))).ok();
        says(&rea, json!({ "agendas": [evals, old] })).ok();
        let mo = web.person("Mo");
        let problem = says(&mo, json!({ "agendas": [evals, old] })).wrong_fields(&["/agendas/1"]);
        assert_eq!(problem["fields"][0]["code"], "retired");
        assert_eq!(mo.get(PROFILE).ok()["version"], 0, "nothing was changed");
        // And once left it is gone.
        says(&rea, json!({ "agendas": [evals] })).ok();
        says(&rea, json!({ "agendas": [evals, old] })).wrong_fields(&["/agendas/1"]);
    }
}
