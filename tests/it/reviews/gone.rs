//! Whoever is suspended, or is no reviewer any more, is not waited for.

use super::*;
use crate::decisions::{day, mails, times};

fn suspend(admin: &Client, who: &Client) {
    let path = format!("/api/v1/people/{}/suspend", who.id());
    admin.post(&path, json!({ "reason": "Gone." })).ok();
}

fn no_reviewer(admin: &Client, who: &Client) {
    let path = format!("/api/v1/people/{}/remove-role", who.id());
    admin.post(&path, json!({ "role": "reviewer" })).ok();
}

/// Asks for a review by 2026-11-20; its id.
fn due(admin: &Client, application: &str, who: &Client) -> String {
    let form = json!({ "person_id": who.id(), "due_on": "2026-11-20" });
    admin.post(&format!("/api/v1/applications/{application}/reviewers"), form).id()
}

const GONE: &str = "A reviewer can no longer review: A better lens";

/// Gives each application of the call as many reviewers; the answer.
fn spread(admin: &Client, call: &str, each: u32) -> Value {
    let path = format!("/api/v1/calls/{call}/assign-reviewers");
    admin.post(&path, json!({ "per_application": each })).ok()
}

both! {
    fn who_asked_hears_that_a_reviewer_cannot_review_any_more(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.person("Rea");
        let [una, duo, tre] = ["Una", "Duo", "Tre"].map(|name| reviewer(&web, name));
        let id = submitted(&field, &rea);
        let [first, ..] = [&una, &duo, &tre].map(|who| due(admin, &id, who));
        assert_eq!(times(&field, admin, GONE), 0);
        suspend(admin, &duo);
        let told = mails(&web, admin, GONE);
        assert_eq!(told.len(), 1);
        for word in ["Duo was asked", "by 2026-11-20", "0 are in and 2 are waited for"] {
            assert!(told[0].contains(word), "{}", told[0]);
        }
        // After a reminder, too.
        day(t, "2026-11-17");
        assert_eq!(times(&field, &tre, "Your review is asked for by 2026-11-20"), 1);
        no_reviewer(admin, &tre);
        assert_eq!(times(&field, admin, GONE), 2);
        for on in ["2026-11-21", "2026-11-25"] {
            day(t, on);
            assert_eq!(times(&field, admin, GONE), 2, "once for each");
        }
        assert_eq!(times(&field, &duo, "Your review"), 0);
        assert_eq!(times(&field, &tre, "Your review is late"), 0);
        assert_eq!(times(&field, admin, "A review is late"), 1, "that of Una alone");
        hand_in(&una, &first, [4, 4, 4, 4], "fund").ok();
        assert_eq!(times(&field, admin, "All reviews are in"), 1, "nobody is waited for");
    }

    fn who_asked_hears_of_it_after_the_last_reminder_too(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.person("Rea");
        let [una, duo] = ["Una", "Duo"].map(|name| reviewer(&web, name));
        let id = submitted(&field, &rea);
        let [first, _] = [&una, &duo].map(|who| due(admin, &id, who));
        hand_in(&una, &first, [4, 4, 4, 4], "fund").ok();
        day(t, "2026-11-21");
        let counts = || {
            let subjects = ["A review is late", GONE, "All reviews are in"];
            subjects.map(|subject| times(&field, admin, subject))
        };
        assert_eq!(counts(), [1, 0, 0]);
        suspend(admin, &duo);
        assert_eq!(counts(), [1, 1, 1], "nobody else is waited for");
        let told = mails(&web, admin, GONE);
        assert!(told[0].contains("1 are in and 0 are waited for"), "{}", told[0]);
        // The other way to be gone is no news.
        no_reviewer(admin, &duo);
        assert_eq!(counts(), [1, 1, 1]);
        // Nor is who can still review, whatever else changes.
        let tre = reviewer(&web, "Tre");
        ask(admin, &id, &tre).ok();
        let path = format!("/api/v1/people/{}/grant-role", tre.id());
        admin.post(&path, json!({ "role": "regrantor" })).ok();
        assert_eq!(counts(), [1, 1, 1]);
    }

    fn who_cannot_review_any_more_is_replaced(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.person("Rea");
        let [una, duo, tre] = ["Una", "Duo", "Tre"].map(|name| reviewer(&web, name));
        let id = submitted(&field, &rea);
        let [first, ..] = [&una, &duo, &tre].map(|who| ask(admin, &id, who).id());
        let [qua, qui] = ["Qua", "Qui"].map(|name| reviewer(&web, name));
        assert_eq!(spread(admin, &field.call, 3)["assigned"], json!([]), "three are asked");
        hand_in(&una, &first, [4, 4, 4, 4], "fund").ok();
        suspend(admin, &una);
        assert_eq!(spread(admin, &field.call, 3)["assigned"], json!([]), "what is in counts");
        suspend(admin, &duo);
        no_reviewer(admin, &tre);
        let done = spread(admin, &field.call, 3);
        let pairs = done["assigned"].as_array().expect("pairs");
        let asked: Vec<&Value> = pairs.iter().map(|pair| &pair["reviewer_id"]).collect();
        assert_eq!(asked.len(), 2, "{done}");
        assert!(asked.contains(&&json!(qua.id())) && asked.contains(&&json!(qui.id())), "{done}");
        assert_eq!(done["short"], json!([]));
        assert_eq!(spread(admin, &field.call, 3)["assigned"], json!([]), "it has enough again");
    }
}
