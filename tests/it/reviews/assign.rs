//! Assigning the applications of a call by load.

use super::*;
use crate::support::desk::threads;
use std::collections::BTreeMap;

fn spread(admin: &Client, call: &str, more: Value) -> Reply {
    let mut form = json!({ "per_application": 2 });
    for (key, value) in more.as_object().expect("fields") {
        form[key] = value.clone();
    }
    admin.post(&format!("/api/v1/calls/{call}/assign-reviewers"), form)
}

/// How many each reviewer got.
fn loads(assigned: &Value) -> BTreeMap<String, usize> {
    let mut loads = BTreeMap::new();
    for pair in assigned["assigned"].as_array().expect("pairs") {
        *loads.entry(pair["reviewer_id"].as_str().expect("an id").into()).or_default() += 1;
    }
    loads
}

both! {
    fn the_work_is_spread_evenly_and_told_beforehand(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let [una, duo, tre] = ["Una", "Duo", "Tre"].map(|name| reviewer(&web, name));
        let rea = web.person("Rea");
        let all: Vec<String> = (0..4).map(|_| submitted(&field, &rea)).collect();
        // One has a review already, which counts for its reviewer and for its application.
        ask(admin, &all[0], &una).ok();
        let dry = spread(admin, &field.call, json!({ "dry_run": true })).ok();
        assert_eq!(dry["assigned"].as_array().map(Vec::len), Some(7));
        assert_eq!(duo.get("/api/v1/me/reviews").ok()["items"], json!([]), "nothing was done");
        let done = spread(admin, &field.call, json!({})).ok();
        assert_eq!(done["assigned"], dry["assigned"], "it was told beforehand");
        let mut loads = loads(&done);
        *loads.entry(una.id().to_string()).or_default() += 1;
        let mut counts: Vec<usize> = loads.values().copied().collect();
        counts.sort_unstable();
        assert_eq!(counts, [2, 3, 3]);
        assert_eq!(field.subjects(&tre).len(), 1, "one mail for all of theirs");
        let again = spread(admin, &field.call, json!({})).ok();
        assert_eq!((&again["assigned"], &again["next"]), (&json!([]), &Value::Null));
        // A third for each: one is left for each, whoever has not got it.
        let more = spread(admin, &field.call, json!({ "per_application": 4 })).ok();
        assert_eq!(more["assigned"].as_array().map(Vec::len), Some(4));
        assert_eq!(more["short"].as_array().map(Vec::len), Some(4));
        let wrong = json!({ "per_application": 11, "reviewer_ids": [rea.id()],
            "due_on": "2026-11-01" });
        spread(admin, &field.call, wrong)
            .wrong_fields(&["/per_application", "/due_on", "/reviewer_ids/0"]);
        rea.post(&format!("/api/v1/calls/{}/assign-reviewers", field.call), json!({}))
            .refused(403, "forbidden");
    }

    fn conflicts_are_passed_by(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let near = web.with_address("una@uni.edu", "Una", &[Role::Reviewer]);
        let member = reviewer(&web, "Mo");
        let far = reviewer(&web, "Fay");
        let rea = web.with_address("rea@uni.edu", "Rea", &[Role::Reviewer]);
        let draft = json!({ "call_id": field.call, "title": "Ours", "summary": "x", "body": "x",
            "duration_months": 1, "amount_minimum": usd("1.00"), "amount_requested": usd("2.00"),
            "budget_lines": [{ "label": "All", "amount": usd("2.00") }] });
        let id = rea.post("/api/v1/applications", draft).id();
        let members = format!("/api/v1/applications/{id}/members");
        let seat = rea.post(&members, json!({ "email": member.email, "name": "Mo" })).id();
        member.command(&format!("{members}/{seat}/accept")).ok();
        rea.command(&format!("/api/v1/applications/{id}/submit")).ok();
        ask(admin, &id, &near).refused(409, "conflict_found");
        ask(admin, &id, &member).wrong_fields(&["/person_id"]);
        ask(admin, &id, &rea).wrong_fields(&["/person_id"]);
        let done = spread(admin, &field.call, json!({})).ok();
        let pair = json!({ "application_id": id, "reviewer_id": far.id() });
        assert_eq!(done["assigned"], json!([pair]));
        assert_eq!(done["short"], json!([id]));
        // An admin who is on it does not choose who reviews it.
        let boss = web.with_role("Boss", Role::Admin);
        let theirs = submitted(&field, &boss);
        ask(&boss, &theirs, &far).refused(403, "two_persons");
        assert_eq!(spread(&boss, &field.call, json!({})).ok()["assigned"], json!([]));
        // Looked at, it is no conflict any more.
        let look = json!({ "person_id": near.id(), "ground": "email_domain",
            "reason": "Big place." });
        admin.post(&format!("/api/v1/applications/{id}/conflict-exceptions"), look).ok();
        ask(admin, &id, &near).ok();
    }

    fn two_runs_at_once_assign_once(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let all: Vec<Client> = (0..4).map(|n| reviewer(&web, &format!("Rev {n}"))).collect();
        let rea = web.person("Rea");
        let ids: Vec<String> = (0..3).map(|_| submitted(&field, &rea)).collect();
        let answers = threads(4, |n| match n {
            3 => ask(admin, &ids[0], &all[0]),
            _ => spread(admin, &field.call, json!({})),
        });
        assert!(answers.iter().all(|a| matches!(a.status, 200 | 201 | 409)), "{answers:?}");
        let mut total = 0;
        for id in &ids {
            let view = admin.get(&format!("/api/v1/applications/{id}/reviews")).ok();
            let waiting = view["waiting"].as_array().expect("those who were asked").len();
            assert!(waiting == 2 || (id == &ids[0] && waiting == 3), "{view}");
            total += waiting;
        }
        let each: Vec<usize> = all.iter()
            .map(|who| who.get("/api/v1/me/reviews").ok()["items"].as_array().map_or(0, Vec::len))
            .collect();
        assert_eq!(each.iter().sum::<usize>(), total);
        assert!(each.iter().all(|n| (1..=3).contains(n)), "{each:?}");
    }

    fn who_knows_the_subject_comes_first_and_runs_go_on(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        // The one who knows is neither the first nor the least busy.
        let [una, duo] = ["Una", "Duo"].map(|name| reviewer(&web, name));
        let rea = web.person("Rea");
        let agenda = json!({ "slug": "optics", "title": "Optics" });
        let agenda = admin.post("/api/v1/agendas", agenda).id();
        let profile = "/api/v1/me/profile";
        let read = duo.get(profile);
        let body = json!({ "agendas": [agenda] }).to_string().into_bytes();
        duo.send("PUT", profile, &[("If-Match", read.etag())], Some(body)).ok();
        let form = json!({
            "call_id": field.call, "title": "A lens", "summary": "x", "body": "x",
            "duration_months": 1, "amount_minimum": usd("1.00"), "amount_requested": usd("2.00"),
            "budget_lines": [{ "label": "All", "amount": usd("2.00") }],
        });
        let made = rea.post("/api/v1/applications", form);
        let about = made.id();
        let body = json!({ "agendas": [agenda] }).to_string().into_bytes();
        let path = format!("/api/v1/applications/{about}/agendas");
        rea.send("PUT", &path, &[("If-Match", made.etag())], Some(body)).ok();
        rea.command(&format!("/api/v1/applications/{about}/submit")).ok();
        let busy = submitted(&field, &rea);
        ask(admin, &busy, &duo).ok();
        let one = json!({ "per_application": 1 });
        let done = spread(admin, &field.call, one.clone()).ok();
        let pair = json!({ "application_id": about, "reviewer_id": duo.id() });
        assert_eq!(done["assigned"], json!([pair]));
        // More than one run looks at: the next goes on after the last.
        let sam = web.person("Sam");
        (0..51).for_each(|_| drop(submitted(&field, &sam)));
        let first = spread(admin, &field.call, one).ok();
        assert_eq!(first["assigned"].as_array().map(Vec::len), Some(50));
        let next = first["next"].as_str().expect("there is one more");
        let rest = spread(admin, &field.call, json!({ "per_application": 1, "after": next })).ok();
        assert_eq!(rest["assigned"].as_array().map(Vec::len), Some(1));
        assert_eq!(rest["next"], Value::Null);
        let given = |who: &Client| {
            let page = who.get("/api/v1/me/reviews?limit=200").ok();
            page["items"].as_array().map_or(0, Vec::len)
        };
        assert_eq!(given(&una) + given(&duo), 53);
        assert!(given(&una).abs_diff(given(&duo)) <= 1, "evenly");
    }

    fn the_queue_is_of_reviewers_and_of_what_they_may_read(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, ivo) = (web.person("Rea"), reviewer(&web, "Ivo"));
        let id = submitted(&field, &rea);
        let review = ask(admin, &id, &ivo).id();
        let queue = |who: &Client| who.get("/api/v1/me/reviews").ok()["items"].clone();
        // What is written anew is the team's until it is handed in.
        let path = format!("/api/v1/applications/{id}");
        admin.post(&format!("{path}/request-changes"), json!({ "reason": "Say more." })).ok();
        let etag = rea.get(&path).etag().to_owned();
        rea.patch(&path, &etag, json!({ "title": "Canary lens" })).ok();
        assert_eq!(queue(&ivo)[0]["title"], "A better lens");
        let next = ivo.get("/api/v1/me/next").text();
        assert!(next.contains("A better lens") && !next.contains("Canary"), "{next}");
        rea.command(&format!("{path}/submit")).ok();
        assert_eq!(queue(&ivo)[0]["title"], "Canary lens");
        let why = json!({ "reason": "My cousin." });
        let second = ask(admin, &submitted(&field, &rea), &ivo).id();
        ivo.post(&at(&second, "/conflict"), why).ok();
        assert_eq!(queue(&ivo)[0]["title"], Value::Null, "set aside");
        // Without the role there is no queue.
        let path = format!("/api/v1/people/{}/remove-role", ivo.id());
        admin.post(&path, json!({ "role": "reviewer" })).ok();
        let ivo = web.sign_in(ivo);
        assert_eq!(queue(&ivo), json!([]));
        assert!(!ivo.get("/api/v1/me/next").text().contains(&review));
    }
}
