//! Who did something to an application is not told by the way.

use super::*;

/// The refusal of an edit that knows nothing of the version.
fn blind_edit(who: &Client, id: &str) -> String {
    let told = who.patch(&at(id, ""), "\"x\"", json!({})).refused(412, "edited_meanwhile");
    told["detail"].as_str().expect("text").to_owned()
}

both! {
    fn a_wrong_version_names_only_who_edited(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let admin = &field.desk.admin;
        let ron = web.with_role("Ron Reviewer", Role::Reviewer);
        let lana = web.person("Lana");
        let group = format!("/api/v1/people/{}/need-to-know", lana.id());
        admin.post(&group, json!({ "reason": "Knows the field." })).ok();
        let id = draft(&rea, &field.call, json!({}));
        joins(&rea, &id, &mo);
        let nobody_else = |what: &str| {
            let told = blind_edit(&rea, &id);
            for name in ["Ada", "Ron", "Lana", "system", "screening"] {
                assert!(!told.contains(name), "{what}: {told}");
            }
        };
        rea.command(&at(&id, "/submit")).ok();
        nobody_else("handed in");
        let said = json!({ "visibility": "internal", "body": "Hm." });
        admin.post(&at(&id, "/comments"), said).ok();
        nobody_else("an internal comment");
        let review = asked(admin, &id, &ron);
        let conflict = format!("/api/v1/reviews/{review}/conflict");
        ron.post(&conflict, json!({ "reason": "A friend." })).ok();
        nobody_else("a reviewer's conflict");
        admin.post(&at(&id, "/request-changes"), json!({ "reason": "Say more." })).ok();
        nobody_else("changes");
        // Who edited is on it, and is told to the others who are.
        let read = rea.get(&at(&id, ""));
        rea.patch(&at(&id, ""), read.etag(), json!({ "title": "A lens" })).ok();
        assert!(blind_edit(&rea, &id).contains("Rea changed it"));
        rea.command(&at(&id, "/submit")).ok();
        nobody_else("handed in again");
        // Stopped by the lane: it looks like any decline.
        admin.command(&at(&id, "/open")).ok();
        let raised = admin.post(&at(&id, "/concerns"), json!({ "concern": "It could hurt." })).id();
        let path = format!("/api/v1/concerns/{raised}");
        lana.post(&format!("{path}/ask"), json!({ "summary": "It could hurt." })).ok();
        let answer = json!({ "concern_id": raised, "response": "We keep it to ourselves." });
        rea.post(&at(&id, "/screening/respond"), answer).ok();
        let stop = json!({ "outcome": "stopped", "reason": "Too near.",
            "public_reason": "Not in this call." });
        lana.post(&format!("{path}/decide"), stop).ok();
        assert_eq!(rea.get(&at(&id, "")).ok()["status"], "declined");
        nobody_else("stopped");
    }
}
