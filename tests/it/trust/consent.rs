//! Who says yes to a team does so in their own name.

use super::*;

both! {
    fn nobody_is_on_a_team_under_a_false_name(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mallory) = (web.person("Rea"), web.person("Mallory"));
        let id = draft(&rea, &field.call, json!({ "visibility": "public" }));
        let form = json!({ "email": "professor@famous.test", "name": "Famous Professor",
            "role": "mentor" });
        let seat = rea.post(&at(&id, "/members"), form).id();
        web.work();
        let token = crate::trust::token_for(&web, "professor@famous.test");
        let path = at(&id, &format!("/members/{seat}/accept"));
        let said = mallory.post(&path, json!({ "token": token })).ok();
        assert_eq!(said["name"], "Mallory");
        assert_eq!(said["email"], json!(mallory.email));
        rea.command(&at(&id, "/submit")).ok();
        field.desk.admin.command(&at(&id, "/open")).ok();
        let ron = web.with_role("Ron", Role::Reviewer);
        let review = asked(&field.desk.admin, &id, &ron);
        let team = at(&id, "/members");
        for (who, path) in [(&rea, &team), (&field.desk.admin, &team), (&web.anonymous(), &team),
            (&ron, &format!("/api/v1/reviews/{review}/application"))] {
            let text = who.get(path).text();
            assert!(text.contains("Mallory"), "{path}: {text}");
            assert!(!text.contains("Famous") && !text.contains("famous"), "{path}: {text}");
        }
        assert!(rea.get(&team).text().contains(&mallory.email));
    }
}
