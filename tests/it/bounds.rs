//! How much of each thing is the most: the last one goes, one more does not, and says why.

use crate::support::Harness;
use crate::support::web::{Client, Reply, new_key};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

const DAY: i64 = 86_400;

fn asks(who: &Client, email: &str) -> Reply {
    let form = json!({ "email": email, "scopes": ["draft"], "expires_on": "2027-06-30" });
    who.post("/api/v1/me/delegates", form)
}

fn accepts(who: &Client, id: &str) -> Reply {
    who.post(&format!("/api/v1/delegations/{id}/accept"), json!({}))
}

/// Refused for a limit, in these words.
#[track_caller]
fn full(reply: &Reply, words: &str) {
    let told = reply.refused(409, "limit_reached");
    assert!(told["detail"].to_string().contains(words), "{told}");
}

both! {
    fn twenty_act_for_one(t: &Harness) {
        let web = t.serve();
        let rea = web.person("Rea");
        for n in 0..20 {
            asks(&rea, &format!("d{n}@example.org")).ok();
        }
        // On another day, so that it is not the number of a day that is met.
        t.clock.advance_seconds(DAY + 1);
        full(&asks(&rea, "one-more@example.org"), "At most 20 people can act");
    }

    fn one_acts_for_twenty(t: &Harness) {
        let web = t.serve();
        let help = web.person("Help");
        let root = web.with_role("Root", Role::Admin);
        let all: Vec<Client> = (0..21).map(|n| web.person(&format!("Rea {n}"))).collect();
        for rea in &all[..20] {
            accepts(&help, &asks(rea, &help.email).id()).ok();
        }
        let last = asks(&all[20], &help.email).id();
        full(&accepts(&help, &last), "You act for 20 people");
        // Who is suspended may be let in again, and counts.
        let path = format!("/api/v1/people/{}/suspend", all[0].id());
        root.post(&path, json!({ "reason": "A doubt." })).ok();
        full(&accepts(&help, &last), "You act for 20 people");
    }

    fn twenty_are_asked_to_vouch(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let application = field.applies(&rea, "1.00", "9.00");
        let ask = |n: u32| {
            let path = format!("/api/v1/applications/{application}/vouch-requests");
            let form = json!({ "email": format!("v{n}@example.org"), "name": "V", "message": "" });
            rea.post(&path, form)
        };
        for n in 0..20 {
            ask(n).ok();
        }
        t.clock.advance_seconds(DAY + 1);
        full(&ask(20), "You asked 20 people about it");
    }

    fn a_review_has_twenty_versions(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.applies(&web.person("Rea"), "1.00", "9.00");
        let una = web.with_role("Una", Role::Reviewer);
        let path = format!("/api/v1/applications/{application}/reviewers");
        let review = field.desk.admin.post(&path, json!({ "person_id": una.id() })).id();
        let path = format!("/api/v1/reviews/{review}");
        let hand_in = |n: usize| {
            let keys = ["merit", "feasibility", "team", "value"];
            let scores: Value =
                keys.map(|key| json!({ "key": key, "score": 3, "comment": "Why" })).into();
            let form = json!({ "scores": scores, "comment": format!("Thought {n}"),
                "recommendation": "fund" });
            una.patch(&path, una.get(&path).etag(), form).ok();
            una.command(&format!("{path}/submit"))
        };
        for n in 0..20 {
            hand_in(n).ok();
        }
        full(&hand_in(20), "at most 20 versions");
    }

    fn a_hundred_files_a_day(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let draft = || {
            let form = json!({ "call_id": field.call, "title": "A lens" });
            rea.post("/api/v1/applications", form).id()
        };
        let attach = |application: &str, n: u32| {
            let path = format!("/api/v1/applications/{application}/attachments?name={n}.txt");
            let key = new_key();
            let headers = [("Content-Type", "text/plain"), ("Idempotency-Key", key.as_str())];
            rea.send("POST", &path, &headers, Some(format!("Note {n}.").into_bytes()))
        };
        let all: Vec<String> = (0..5).map(|_| draft()).collect();
        for (five, application) in (0..5).zip(&all) {
            for n in 0..20 {
                attach(application, five * 20 + n).ok();
            }
            full(&attach(application, 999), "at most 20 files");
        }
        let next = draft();
        full(&attach(&next, 100), "You attached 100 files in a day");
        // Nor where the draft with them is deleted.
        let gone = rea.delete(&format!("/api/v1/applications/{}", all[0]));
        assert_eq!(gone.status, 204, "{}", gone.text());
        full(&attach(&next, 100), "You attached 100 files in a day");
        t.clock.advance_seconds(DAY + 1);
        attach(&next, 100).ok();
    }

    fn a_promise_is_moved_by_half_a_year(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.applies(&web.person("Rea"), "1.00", "9.00");
        let path = format!("/api/v1/applications/{application}/extend");
        let to = |day: &str| {
            let form = json!({ "promised_on": day, "reason": "Our reader fell ill." });
            field.desk.admin.post(&path, form)
        };
        // 180 days after the day of the test, and one more.
        to("2027-05-02").wrong_fields(&["/promised_on"]);
        to("2027-05-01").ok();
    }

}
