//! What became of it in several calls: offers, days, and its end.

use super::routes::{call_of, command, is_in, place, question, route, write_form};
use super::*;
use crate::support::field::{Backer, Field};

/// Two backers with a call each; somebody's application in both, and what the second one offered.
struct Two<'w> {
    field: Field<'w>,
    rea: Client,
    here: Backer,
    there: Backer,
    further: String,
    id: String,
    offer: String,
}

fn two(web: &Web) -> Two<'_> {
    let field = web.field();
    let (rea, here, there) = (web.person("Rea"), field.backer("90.00"), field.backer("90.00"));
    let (own, further) = (call_of(&field, &here), call_of(&field, &there));
    let id = field.applies_with(
        &rea,
        json!({ "call_id": own,
        "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"),
        "budget_lines": [{ "label": "All", "amount": usd("50.00") }] }),
    );
    is_in(&rea, &id, &further);
    let offer = there.offer(&id, "20.00").id();
    here.offer(&id, "15.00").ok();
    Two { field, rea, here, there, further, id, offer }
}

/// A dated call from 31 January to 29 February 2028.
pub(super) fn dated(admin: &Client, title: &str, decision_days: i32) -> String {
    call(
        admin,
        json!({ "title": title, "kind": "dated", "opens_on": "2028-01-31",
        "closes_on": "2028-02-29", "decision_days": decision_days }),
    )
}

/// Lives through every day from the first to the last. On each that it waits on, no day that was
/// promised lies in the past. The day on which it lapsed.
fn live(t: &Harness, web: &Web, who: &Client, id: &str, days: [&str; 2]) -> Option<Date> {
    let [mut now, last] = days.map(|day| day.parse::<Date>().expect("a day"));
    while now <= last {
        t.clock.set(now.start());
        web.work();
        let read = who.get(&at(id)).ok();
        if read["status"] == "lapsed" {
            return Some(now);
        }
        let mut promises = vec![read["promised_on"].clone()];
        let routes = who.get(&at(&format!("{id}/routes"))).ok();
        let items = routes["items"].as_array().expect("items");
        for route in items.iter().filter(|route| route["status"] == "submitted") {
            promises.push(route["promised_on"].clone());
        }
        for promise in promises {
            let promised: Date = promise.as_str().expect("a day").parse().expect("a day");
            assert!(promised >= now, "on {now} it was promised for {promised}");
        }
        now = now.plus_days(1);
    }
    None
}

/// What that call declines can be handed in there again, changed, within ten days.
pub(super) fn comes_back(admin: &Client, call: &str) {
    let terms = json!({ "appeals": "resubmit", "appeal_days": 10 }).to_string().into_bytes();
    let path = format!("/api/v1/calls/{call}/decisions");
    admin.send("PUT", &path, &[("If-Match", "\"v0\"")], Some(terms)).ok();
}

both! {
    fn it_is_handed_in_there_again_once_where_that_call_lets_people(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), &field.desk.admin);
        let (own, more) = (rolling(admin), rolling(admin));
        comes_back(admin, &more);
        let id = draft(&rea, &own, json!({}));
        rea.command(&at(&format!("{id}/submit"))).ok();
        is_in(&rea, &id, &more);
        let decline = format!("{}/decline", place(&id, &more));
        let no = json!({ "reason": "Say more." });
        admin.post(&decline, no.clone()).ok();
        let letter = mails(&web, &rea.email).pop().expect("a mail");
        let until = t.clock.now().date().plus_days(10);
        let said = format!("You can route it there again, changed, until {until}.");
        assert!(letter.text.replace('\n', " ").contains(&said), "{}", letter.text);
        let asks = || {
            let next = rea.get("/api/v1/me/next").ok();
            let todo = next["items"][0]["todo"].as_array().expect("todo").clone();
            let told = todo.iter().map(|todo| (todo["href"].clone(), todo["due_on"].clone()));
            told.collect::<Vec<_>>()
        };
        let again = (json!(at(&format!("{id}/routes"))), json!(until.to_string()));
        assert!(asks().contains(&again), "{:?}", asks());
        assert_eq!(route(&rea, &id, &more, json!({})).ok()["status"], "draft");
        assert!(!asks().contains(&again), "{:?}", asks());
        assert_eq!(command(&rea, &id, &more, "submit").ok()["status"], "submitted");
        // Once; and not after its days.
        admin.post(&decline, no.clone()).ok();
        let letter = mails(&web, &rea.email).pop().expect("a mail");
        assert!(!letter.text.contains("again"), "{}", letter.text);
        assert!(asks().iter().all(|(href, _)| *href != again.0), "{:?}", asks());
        route(&rea, &id, &more, json!({})).refused(409, "wrong_state");
        let second = draft(&rea, &own, json!({}));
        rea.command(&at(&format!("{second}/submit"))).ok();
        is_in(&rea, &second, &more);
        admin.post(&format!("{}/decline", place(&second, &more)), no).ok();
        day(t, &until.plus_days(1).to_string());
        let rea = web.sign_in(rea);
        route(&rea, &second, &more, json!({})).refused(409, "wrong_state");
    }

    fn to_come_back_is_bound_to_the_days_of_the_decline(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, more) = (rolling(&admin), rolling(&admin));
        comes_back(&admin, &more);
        let ids = [(); 2].map(|()| {
            let id = submitted(&rea, &own, json!({}));
            is_in(&rea, &id, &more);
            let no = json!({ "reason": "Say more." });
            admin.post(&format!("{}/decline", place(&id, &more)), no).ok();
            id
        });
        let declined = t.clock.now().date();
        admin.command(&format!("/api/v1/calls/{more}/close")).ok();
        t.clock.set(declined.plus_days(9).start());
        let rea = web.sign_in(rea);
        for id in &ids {
            let made = route(&rea, id, &more, json!({})).ok();
            assert_eq!((&made["status"], &made["ended_at"]), (&json!("draft"), &Value::Null));
            // A draft that is left has used nothing up.
            assert_eq!(command(&rea, id, &more, "withdraw").ok()["status"], "withdrawn");
            assert_eq!(route(&rea, id, &more, json!({})).ok()["status"], "draft");
        }
        t.clock.set(declined.plus_days(10).start());
        let rea = web.sign_in(rea);
        let there = command(&rea, &ids[0], &more, "submit").ok();
        assert_eq!((&there["status"], &there["ended_at"]), (&json!("submitted"), &Value::Null));
        // To begin again does not begin its days again.
        t.clock.set(declined.plus_days(11).start());
        let rea = web.sign_in(rea);
        command(&rea, &ids[1], &more, "submit").refused(409, "wrong_state");
    }

    fn what_was_said_can_be_done_there_is_not_taken_back(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, more) = (rolling(&admin), rolling(&admin));
        let path = format!("/api/v1/calls/{more}/decisions");
        let says = |terms: Value| {
            let etag = admin.get(&path).etag().to_owned();
            let body = Some(terms.to_string().into_bytes());
            admin.send("PUT", &path, &[("If-Match", &etag)], body).ok();
        };
        says(json!({ "appeals": "resubmit", "appeal_days": 10 }));
        let ids = [(); 2].map(|()| {
            let id = submitted(&rea, &own, json!({}));
            is_in(&rea, &id, &more);
            let no = json!({ "reason": "Say more." });
            admin.post(&format!("{}/decline", place(&id, &more)), no).ok();
            id
        });
        let declined = t.clock.now().date();
        says(json!({ "appeals": "none" }));
        admin.command(&format!("/api/v1/calls/{more}/close")).ok();
        t.clock.set(declined.plus_days(10).start());
        for id in &ids {
            assert_eq!(route(&rea, id, &more, json!({})).ok()["status"], "draft");
        }
        assert_eq!(command(&rea, &ids[0], &more, "submit").ok()["status"], "submitted");
        t.clock.set(declined.plus_days(11).start());
        command(&rea, &ids[1], &more, "submit").refused(409, "wrong_state");
        // What is given beyond it counts.
        says(json!({ "appeals": "resubmit", "appeal_days": 11 }));
        assert_eq!(command(&rea, &ids[1], &more, "submit").ok()["status"], "submitted");
    }

    fn a_call_that_is_begun_again_keeps_no_offer_of_its_fund(t: &Harness) {
        let web = t.serve();
        let released = |two: &Two<'_>| {
            assert_eq!(two.field.offer(&two.offer)["status"], "released");
            assert_eq!(two.field.available(&two.there), "90.00");
            two.field.sound();
        };
        // Left, and back as a draft, before any job has run.
        let back = |two: &Two<'_>| {
            command(&two.rea, &two.id, &two.further, "withdraw").ok();
            route(&two.rea, &two.id, &two.further, json!({})).ok();
        };
        let worked = two(&web);
        back(&worked);
        web.work();
        released(&worked);
        let twice = two(&web);
        back(&twice);
        command(&twice.rea, &twice.id, &twice.further, "withdraw").ok();
        web.work();
        released(&twice);
        let awarded = two(&web);
        back(&awarded);
        let grant = awarded.field.awarded(&awarded.id);
        assert_eq!(awarded.field.grant(&grant)["amount_awarded"], usd("15.00"));
        released(&awarded);
        // Handed in again in time, it is in that call as before.
        let again = two(&web);
        back(&again);
        command(&again.rea, &again.id, &again.further, "submit").ok();
        web.work();
        assert_eq!(again.field.offer(&again.offer)["status"], "placed");
        assert_eq!(again.field.available(&again.here), "75.00");
        again.field.sound();
    }

    fn it_lapses_when_its_time_is_over_in_all_its_calls(t: &Harness) {
        let web = t.serve();
        day(t, "2028-01-31");
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, more) = (dated(&admin, "Own", 28), dated(&admin, "Further", 28));
        let id = opened(&rea, &admin, &own, json!({}));
        day(t, "2028-02-10");
        is_in(&rea, &id, &more);
        // Both days are moved twice by rule; the earlier one then to the later one, of 6 April.
        let lapsed = live(t, &web, &rea, &id, ["2028-02-11", "2028-06-30"]);
        assert_eq!(lapsed.map(|day| day.to_string()).as_deref(), Some("2028-04-07"));
        assert_eq!(rea.get(&place(&id, &more)).ok()["status"], "ended");
        let told = mails(&web, &rea.email);
        let of = |words: &str| told.iter().filter(|m| m.subject.contains(words)).count();
        assert_eq!((of("takes longer in one call"), of("Your decision takes longer:")), (2, 3));
        assert_eq!(of("Your application has lapsed"), 1);
    }

    fn what_has_its_minimum_is_promised_another_day_until_its_offers_are_gone(t: &Harness) {
        let web = t.serve();
        day(t, "2028-01-31");
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, more) = (dated(&admin, "Own", 28), dated(&admin, "Further", 28));
        let id = opened(&rea, &admin, &own, json!({}));
        is_in(&rea, &id, &more);
        let until = json!({ "expires_at": "2028-04-10T00:00:00Z" });
        web.field().backer("10000.00").offer_with(&id, "10000.00", until).ok();
        // Moved to 13 March, 27 March, 10 April and 24 April, and then no further.
        let lapsed = live(t, &web, &rea, &id, ["2028-02-01", "2028-06-30"]);
        assert_eq!(lapsed.map(|day| day.to_string()).as_deref(), Some("2028-04-25"));
        let told = mails(&web, &rea.email);
        let of = |words: &str| told.iter().filter(|m| m.subject.contains(words)).count();
        assert_eq!((of("takes longer in one call"), of("Your decision takes longer:")), (4, 4));
    }

    fn after_an_appeal_each_call_gives_its_own_time_and_is_counted_once(t: &Harness) {
        let web = t.serve();
        let (ada, rea) = (admin(&web), web.person("Rea"));
        let abe = web.with_role("Abe Admin", Role::Admin);
        let of = |title: &str, days: i32| call(&ada, json!({ "title": title,
            "kind": "rolling", "opens_on": "2020-01-01", "decision_days": days }));
        let (own, more) = (of("Short", 10), of("Long", 90));
        let terms = Some(json!({ "appeals": "appeal" }).to_string().into_bytes());
        let path = format!("/api/v1/calls/{own}/decisions");
        ada.send("PUT", &path, &[("If-Match", "\"v0\"")], terms).ok();
        let id = submitted(&rea, &own, json!({}));
        is_in(&rea, &id, &more);
        t.clock.advance_seconds(3 * 86_400);
        let no = json!({ "reason": "No.", "all_calls": true });
        ada.post(&at(&format!("{id}/decline")), no.clone()).ok();
        let counted = || {
            let sql = "SELECT CAST(coalesce(sum(number), 0) AS BIGINT) AS rows \
                       FROM decision_tallies WHERE kind = 'decision'";
            super::delete::count(&web, sql)
        };
        assert_eq!(counted(), 2, "one in each call");
        rea.post(&at(&format!("{id}/appeal")), json!({ "text": "Look again." })).ok();
        let yes = json!({ "outcome": "reopened", "reason": "We look again." });
        abe.post(&at(&format!("{id}/appeal/answer")), yes).ok();
        let promised = |path: &str| rea.get(path).ok()["promised_on"].clone();
        assert_eq!(promised(&at(&id)), "2026-11-15");
        assert_eq!(promised(&place(&id, &more)), "2027-02-03");
        abe.post(&format!("{}/decline", place(&id, &more)), json!({ "reason": "No." })).ok();
        abe.post(&at(&format!("{id}/decline")), no).ok();
        assert_eq!(counted(), 2, "and once alone");
    }

    fn somebody_names_another_day_for_one_call(t: &Harness) {
        let web = t.serve();
        let (ada, rea) = (admin(&web), web.person("Rea"));
        let (own, more, other) = (rolling(&ada), rolling(&ada), rolling(&ada));
        let id = submitted(&rea, &own, json!({}));
        is_in(&rea, &id, &more);
        route(&rea, &id, &other, json!({})).ok();
        let own_day = rea.get(&at(&id)).ok()["promised_on"].clone();
        let extend = |call: &str, day: &str| ada.post(&at(&format!("{id}/extend")),
            json!({ "promised_on": day, "reason": "We ask an expert.", "call_id": call }));
        extend(&other, "2027-02-01").wrong_fields(&["/call_id"]);
        extend(&more, "2026-11-03").wrong_fields(&["/promised_on"]);
        let clock = extend(&more, "2027-02-01").ok();
        assert_eq!(clock["promised_on"], own_day, "its own stays");
        let moved = &clock["extensions"][0];
        assert_eq!((&moved["call_id"], &moved["promised_on"], &moved["reason"]),
            (&json!(more), &json!("2027-02-01"), &json!("We ask an expert.")));
        assert_eq!(rea.get(&place(&id, &more)).ok()["promised_on"], "2027-02-01");
        let told = mails(&web, &rea.email).pop().expect("a mail");
        assert!(told.subject.contains("takes longer in one call"), "{}", told.subject);
        assert!(told.text.contains("> We ask an expert."), "{}", told.text);
        // Its own, by its name or without one.
        assert_eq!(extend(&own, "2027-01-15").ok()["promised_on"], "2027-01-15");
        // A rule moves the day of a further call with a reason and a place in the history, too.
        day(t, "2027-01-31");
        web.work();
        let clock = ada.get(&at(&format!("{id}/clock"))).ok();
        let all = clock["extensions"].as_array().expect("extensions");
        assert!(all.iter().any(|e| e["call_id"] == json!(more) && e["extended_by"].is_null()));
    }

    fn while_one_call_goes_on_no_promise_passes_in_silence(t: &Harness) {
        let web = t.serve();
        day(t, "2028-01-31");
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, endless) = (dated(&admin, "Own", 28), rolling(&admin));
        let id = opened(&rea, &admin, &own, json!({}));
        is_in(&rea, &id, &endless);
        assert_eq!(live(t, &web, &rea, &id, ["2028-02-11", "2028-04-15"]), None);
        let rea = web.sign_in(rea);
        // Once it has left that call, its time is over.
        command(&rea, &id, &endless, "withdraw").ok();
        assert!(live(t, &web, &rea, &id, ["2028-04-16", "2028-05-31"]).is_some());
    }

    fn each_call_reviews_it_under_its_own_rubric_and_hides_names_as_it_says(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, further) = (web.person("Rea Searcher"), call_of(&field, &field.backer("90.00")));
        let [ron, una, duo] = ["Ron", "Una", "Duo"].map(|n| web.with_role(n, Role::Reviewer));
        let criterion = |key: &str, weight: i32, most: i32| {
            json!({ "key": key, "label": key, "weight": weight, "max_score": most })
        };
        write_form(admin, &further, &json!({
            "questions": [question("risk", "short_text", json!({}))],
            "rubric": [criterion("depth", 3, 10), criterion("reach", 1, 2)],
        }));
        let settings = format!("/api/v1/calls/{further}/review-settings");
        admin.put(&settings, json!({ "blind": true })).ok();
        let id = submitted(&rea, &field.call, json!({ "visibility": "private" }));
        let reviewers = at(&format!("{id}/reviewers"));
        let asked = |who: &Client| json!({ "person_id": who.id(), "call_id": further });
        admin.post(&reviewers, asked(&ron)).wrong_fields(&["/call_id"]);
        route(&rea, &id, &further, json!({ "risk": "It may break." })).ok();
        command(&rea, &id, &further, "submit").ok();
        let own = admin.post(&reviewers, json!({ "person_id": ron.id() })).id();
        let place = |review: &str, rest: &str| format!("/api/v1/reviews/{review}{rest}");
        let read = ron.get(&place(&own, "/application")).ok();
        assert_eq!(read["further_calls"][0]["answers"][0]["answer"], "It may break.");
        admin.post(&reviewers, asked(&ron)).wrong_fields(&["/person_id"]);
        let spread = json!({ "per_application": 1, "reviewer_ids": [ron.id(), una.id()] });
        let done = admin.post(&format!("/api/v1/calls/{further}/assign-reviewers"), spread).ok();
        let pair = json!({ "application_id": id, "reviewer_id": una.id() });
        assert_eq!((&done["routed"], &done["assigned"]), (&json!(1), &json!([pair])));
        let there = una.get("/api/v1/me/reviews").ok()["items"][0].clone();
        assert_eq!((&there["call_id"], &there["blind"]), (&json!(further), &json!(true)));
        let there = there["id"].as_str().expect("an id").to_owned();
        let read = una.get(&place(&there, "/application"));
        assert!(read.text().contains("It may break.") && !read.text().contains("Searcher"));
        let hand_in = |who: &Client, review: &str, scores: &[(&str, i32)]| {
            let one = |(key, score): &(&str, i32)| json!({ "key": key, "score": score });
            let scores: Value = scores.iter().map(one).collect();
            let body = json!({ "scores": scores, "comment": "So.", "recommendation": "fund" });
            let etag = who.get(&place(review, "")).etag().to_owned();
            let saved = who.patch(&place(review, ""), &etag, body);
            if saved.status == 200 { who.command(&place(review, "/submit")) } else { saved }
        };
        hand_in(&una, &there, &[("merit", 1)]).wrong_fields(&["/scores/0/key"]);
        hand_in(&una, &there, &[("depth", 5), ("reach", 2)]).ok();
        hand_in(&ron, &own, &[("merit", 5), ("feasibility", 5), ("team", 5), ("value", 5)]).ok();
        let all = admin.get(&at(&format!("{id}/reviews"))).ok();
        assert_eq!((&all["summary"]["reviews"], &all["summary"]["total"]["mean"]),
            (&json!(1), &json!("100.00")));
        let here = &all["further_calls"][0];
        assert_eq!((&here["call_id"], &here["summary"]["total"]["mean"]),
            (&json!(further), &json!("62.50")));
        // Who was asked in a call that it has left is not waited for.
        let late = admin.post(&reviewers, asked(&duo)).id();
        assert!(duo.get("/api/v1/me/next").text().contains(&late));
        command(&rea, &id, &further, "withdraw").ok();
        assert!(!duo.get("/api/v1/me/next").text().contains(&late));
        hand_in(&duo, &late, &[("depth", 5), ("reach", 2)]).refused(409, "wrong_state");
        let form = json!({ "outcome": "advance", "reason": "Good." });
        let decided = admin.post(&at(&format!("{id}/reviews/decide")), form).ok();
        assert_eq!((&decided["reviews"], &decided["mean"]), (&json!(1), &json!("100.00")));
    }
}
