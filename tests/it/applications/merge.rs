//! Two applications become one, and nothing that somebody wrote is lost.

use super::*;
use crate::support::desk::threads;
use proptest::prelude::*;

fn merge(who: &Client, into: &str, other: &str) -> Reply {
    who.post(&at(&format!("{into}/merge")), json!({ "other": other }))
}

fn answer(who: &Client, merge: &str, how: &str) -> Reply {
    who.command(&format!("/api/v1/merges/{merge}/{how}"))
}

fn asked(lead: &Client, id: &str, who: &Client, role: &str) -> String {
    let form = json!({ "email": who.email, "name": "Asked", "role": role });
    lead.post(&at(&format!("{id}/members")), form).id()
}

fn joins(lead: &Client, id: &str, who: &Client, role: &str) {
    let seat = asked(lead, id, who, role);
    who.command(&at(&format!("{id}/members/{seat}/accept"))).ok();
}

fn team(who: &Client, id: &str) -> Vec<(Value, Value, Value)> {
    let page = who.get(&at(&format!("{id}/members"))).ok();
    let part = |m: &Value| (m["person_id"].clone(), m["role"].clone(), m["consent"].clone());
    page["items"].as_array().expect("items").iter().map(part).collect()
}

/// Everybody who plays, and a call.
struct Stage {
    web: Web,
    admin: Client,
    call: String,
}

fn stage(t: &Harness) -> Stage {
    let web = t.serve();
    let admin = admin(&web);
    let call = rolling(&admin);
    Stage { web, admin, call }
}

/// Both teams hear what became of theirs; who did it, and who leads it, hear otherwise.
fn hear(web: &Web, asked: &Client, [both, did, leads]: [&Client; 3]) {
    let told = mails(web, &asked.email);
    let invited = told.iter().find(|l| l.subject == "You are asked onto a team: Probes");
    assert!(invited.expect("an invitation").text.contains("#token="));
    for (who, times) in [(asked, 1), (both, 1), (did, 0), (leads, 0)] {
        let all = mails(web, &who.email);
        let told = all.iter().filter(|l| l.subject == "Taken up by another: Lenses");
        let told: Vec<&str> = told.map(|l| l.text.as_str()).collect();
        assert_eq!(told.len(), times, "{}", who.email);
        assert!(told.iter().all(|text| text.contains("“Probes”")), "{told:?}");
    }
}

fn goes_on_elsewhere(who: &Client, id: &str) {
    let next = who.get(&at(&format!("{id}/clock"))).ok()["next"].clone();
    assert!(next.as_str().is_some_and(|next| next.contains("goes on in that one")), "{next}");
}

both! {
    fn two_become_one(t: &Harness) {
        let Stage { web, admin, call } = stage(t);
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let (shared, helper) = (web.person("Shared"), web.person("Helper"));
        let into = draft(&rea, &call, json!({ "visibility": "public" }));
        let other = draft(&mo, &call, json!({
            "title": "Lenses", "summary": "Glass", "body": "Ground by hand", "duration_months": 18,
            "amount_minimum": usd("1.00"), "amount_requested": usd("3.00"),
            "budget_lines": [{ "label": "Sand", "amount": usd("3.00") }],
        }));
        joins(&mo, &other, &shared, "mentor");
        joins(&mo, &other, &helper, "operations");
        joins(&rea, &into, &shared, "member");
        // Whoever is asked onto a team may bring their own; strangers do not even see the first.
        merge(&mo, &into, &other).refused(404, "not_found");
        merge(&rea, &into, &other).wrong_fields(&["/other"]);
        let seat = asked(&rea, &into, &mo, "mentor");
        merge(&shared, &into, &other).refused(403, "forbidden");
        let made = merge(&mo, &into, &other);
        let id = made.id();
        merge(&mo, &into, &other).refused(409, "already_exists");
        let path = format!("/api/v1/merges/{id}");
        for who in [&shared, &admin, &web.person("Stan")] {
            who.get(&path).refused(404, "not_found");
            answer(who, &id, "accept").refused(404, "not_found");
        }
        answer(&mo, &id, "accept").refused(404, "not_found");
        let read = rea.get(&path).ok();
        assert_eq!((&read["text"]["body"], &read["status"]), (&json!("Ground by hand"),
            &json!("proposed")));
        assert_eq!(read["offer"]["amount_requested"], usd("3.00"));
        let letter = mails(&web, &rea.email).pop().expect("a mail");
        assert_eq!(letter.subject, "Mo would make one application of two");

        let one = answer(&rea, &id, "accept");
        assert_eq!(one.etag(), rea.get(&at(&into)).etag());
        let one = one.ok();
        assert_eq!((&one["title"], &one["summary"]), (&json!("Probes"), &json!("What we do")));
        assert_eq!((&one["amount_minimum"], &one["amount_requested"]), (&usd("10001.00"),
            &usd("50003.00")));
        assert_eq!(one["budget_lines"].as_array().expect("lines").len(), 3);
        assert_eq!((&one["duration_months"], &one["visibility"]), (&json!(18), &json!("private")));
        let body = "Why and how\n\nMerged from “Lenses”:\n\nGlass\n\nGround by hand";
        assert_eq!(one["body"], body);
        let gone = mo.get(&at(&other)).ok();
        assert_eq!((&gone["status"], &gone["body"]), (&json!("withdrawn"),
            &json!("Ground by hand")));
        assert!(gone["status_reason"].as_str().expect("why").contains(&into));
        goes_on_elsewhere(&mo, &other);
        // Consent: the applicant by the merge, who is on both once, everybody else is asked.
        let (accepted, invited) = (json!("accepted"), json!("invited"));
        assert_eq!(team(&rea, &into), [
            (json!(rea.id()), json!("lead"), accepted.clone()),
            (json!(shared.id()), json!("member"), accepted.clone()),
            (json!(mo.id()), json!("member"), accepted),
            (Value::Null, json!("operations"), invited),
        ]);
        assert!(!seat.is_empty());
        hear(&web, &helper, [&shared, &mo, &rea]);
        rea.command(&at(&format!("{into}/submit"))).wrong_fields(&["/members"]);
        let kept = mo.get(&path).ok();
        assert_eq!((&kept["status"], &kept["text"]["summary"]), (&json!("accepted"),
            &json!("Glass")));
        assert_eq!(mo.get(&at(&format!("{other}/merges"))).ok()["items"][0]["id"], json!(id));
        answer(&rea, &id, "accept").refused(409, "wrong_state");
        answer(&rea, &id, "decline").refused(409, "wrong_state");
        // What goes on for both is not deleted before it has ended, though it was not handed in.
        let told = rea.delete(&at(&into)).refused(409, "wrong_state");
        assert!(told["detail"].as_str().expect("text").starts_with("It was merged"), "{told}");
        let log = admin.get(&format!("/api/v1/audit?object_kind=application&object_id={into}"));
        let log = log.text();
        assert!(log.contains("accept_merge") && !log.contains("Ground by hand"), "{log}");
    }

    fn who_applies_with_the_other_hears_that_a_proposal_has_ended(t: &Harness) {
        let Stage { web, admin, call } = stage(t);
        let heard = |who: &Client| {
            let all = mails(&web, &who.email).into_iter();
            let ended = all.filter(|l| l.subject == "Two applications will not become one");
            ended.map(|letter| letter.text).collect::<Vec<_>>()
        };
        // Each way in which either side ends, and whose application that is.
        for (end, by_mo) in [
            ("withdraw", false), ("withdraw", true), ("decline", true), ("delete", false),
            ("delete", true),
        ] {
            let (rea, mo) = (web.person("Rea"), web.person("Mo"));
            let into = draft(&rea, &call, json!({}));
            let other = draft(&mo, &call, json!({}));
            if end == "decline" {
                mo.command(&at(&format!("{other}/submit"))).ok();
            }
            asked(&rea, &into, &mo, "member");
            let id = merge(&mo, &into, &other).id();
            let (who, gone, left, stays) = match by_mo {
                true => (&mo, &other, &rea, &into),
                false => (&rea, &into, &mo, &other),
            };
            match end {
                "withdraw" => drop(who.command(&at(&format!("{gone}/withdraw"))).ok()),
                "decline" => {
                    let why = json!({ "reason": "Not here." });
                    admin.post(&at(&format!("{gone}/decline")), why).ok();
                }
                _ => {
                    let reply = who.delete(&at(gone));
                    assert_eq!(reply.status, 204, "{}", reply.text());
                }
            }
            let told = heard(left);
            assert_eq!((told.len(), heard(who).len()), (1, 0), "{end}, by mo: {by_mo}");
            assert!(told[0].contains(stays.as_str()), "{}", told[0]);
            answer(&rea, &id, "accept").refused(
                if end == "delete" { 404 } else { 409 },
                if end == "delete" { "not_found" } else { "wrong_state" },
            );
        }
    }

    fn what_was_accepted_has_not_ended_unanswered(t: &Harness) {
        let Stage { web, call, .. } = stage(t);
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let (into, other) = (draft(&rea, &call, json!({})), draft(&mo, &call, json!({})));
        asked(&rea, &into, &mo, "member");
        let id = merge(&mo, &into, &other).id();
        answer(&rea, &id, "accept").ok();
        for who in [&rea, &mo] {
            let all = mails(&web, &who.email);
            assert!(all.iter().all(|l| !l.subject.contains("will not become one")));
        }
    }

    fn directions_come_together_up_to_as_many_as_one_names(t: &Harness) {
        let Stage { web, admin, call } = stage(t);
        let direction = |n: i32| {
            let form = json!({ "slug": format!("direction-{n}"), "title": format!("On {n}") });
            admin.post("/api/v1/agendas", form).id()
        };
        let all: Vec<String> = (0..20).map(direction).collect();
        let names = |who: &Client, id: &str, agendas: &[String]| {
            let etag = who.get(&at(id)).etag().to_owned();
            let body = Some(json!({ "agendas": agendas }).to_string().into_bytes());
            who.send("PUT", &at(&format!("{id}/agendas")), &[("If-Match", &etag)], body).ok();
        };
        for own in [10, 9] {
            let (rea, mo) = (web.person("Rea"), web.person("Mo"));
            let (into, other) = (draft(&rea, &call, json!({})), draft(&mo, &call, json!({})));
            // Those of the first are the newer ones.
            let (theirs, ours) = (&all[..10], &all[20 - own..]);
            names(&rea, &into, ours);
            names(&mo, &other, theirs);
            asked(&rea, &into, &mo, "member");
            let id = merge(&mo, &into, &other).id();
            answer(&rea, &id, "accept").ok();
            let page = rea.get(&at(&format!("{into}/agendas"))).ok();
            let items = page["items"].as_array().expect("items").iter();
            let left: Vec<&str> = items.map(|a| a["id"].as_str().expect("an id")).collect();
            assert_eq!(left.len(), 10);
            assert!(ours.iter().all(|id| left.contains(&id.as_str())), "{left:?}");
        }
    }

    fn what_stands_in_the_way_is_said(t: &Harness) {
        let Stage { web, admin, call } = stage(t);
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let into = draft(&rea, &call, json!({}));
        asked(&rea, &into, &mo, "member");
        let said = |other: &str, words: &str| {
            let problem = merge(&mo, &into, other).refused(409, "wrong_state");
            let detail = problem["detail"].as_str().expect("a detail").to_owned();
            assert!(detail.contains(words), "{detail}");
        };
        let elsewhere = draft(&mo, &rolling(&admin), json!({}));
        said(&elsewhere, "two calls");
        let gone = draft(&mo, &call, json!({}));
        mo.command(&at(&format!("{gone}/withdraw"))).ok();
        said(&gone, "withdrawn: it has ended");
        let eur = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
        let euros = draft(&mo, &call, json!({
            "amount_minimum": eur("1.00"), "amount_requested": eur("2.00"),
            "budget_lines": [{ "label": "All", "amount": eur("2.00") }],
        }));
        said(&euros, "EUR");
        merge(&mo, &into, &into).wrong_fields(&["/other"]);
        let second = draft(&rea, &call, json!({}));
        merge(&rea, &into, &second).refused(409, "wrong_state");
        // Only what can be edited takes something up.
        let late = submitted(&rea, &call, json!({}));
        let fine = draft(&mo, &call, json!({}));
        asked(&mo, &fine, &rea, "member");
        let problem = merge(&mo, &fine, &late).wrong_fields(&["/other"]);
        assert_eq!(problem["fields"][0]["code"], "unknown", "mo does not see it");
        let id = merge(&rea, &fine, &late).id();
        // What changes until the answer counts.
        send_back(&admin, &late);
        edit(&rea, &late, json!({ "body": "x".repeat(49_999) })).ok();
        answer(&mo, &id, "accept").refused(409, "limit_reached");
        edit(&rea, &late, json!({ "body": "x" })).ok();
        edit(&rea, &late, json!({ "budget_lines": vec![
            json!({ "label": "One", "amount": usd("1.00") }); 49] })).ok();
        answer(&mo, &id, "accept").refused(409, "limit_reached");
        edit(&rea, &late, json!({ "budget_lines": [{ "label": "One",
            "amount": usd("1.00") }] })).ok();
        rea.command(&format!("/api/v1/merges/{id}/withdraw")).ok();
        answer(&mo, &id, "accept").refused(409, "wrong_state");
        // The same again is asked on another day.
        merge(&rea, &fine, &late).refused(409, "limit_reached");
        t.clock.advance_seconds(24 * 3600 + 1);
        let id = merge(&rea, &fine, &late).id();
        assert_eq!(answer(&mo, &id, "decline").ok()["status"], "declined");
        assert!(mo.get(&format!("/api/v1/merges/{id}")).ok()["text"].is_null(), "no longer shown");
        t.clock.advance_seconds(24 * 3600 + 1);
        let id = merge(&rea, &fine, &late).id();
        assert_eq!(answer(&mo, &id, "accept").ok()["amount_requested"], usd("100000.00"));
        assert_eq!(rea.get(&at(&late)).ok()["status"], "withdrawn");
    }

    fn offers_hold_an_application_fast_and_conflicts_come_along(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let (backer, shy) = (field.backer("100.00"), field.backer("100.00"));
        let into = draft(&rea, &field.call, json!({ "visibility": "public" }));
        asked(&rea, &into, &mo, "member");
        let other = opened(&mo, admin, &field.call, json!({
            "visibility": "public", "amount_minimum": usd("1.00"), "amount_requested": usd("50.00"),
            "budget_lines": [{ "label": "All", "amount": usd("50.00") }],
        }));
        let id = merge(&mo, &into, &other).id();
        let why = json!({ "reason": "We share a flat." });
        shy.who.post(&at(&format!("{other}/conflicts")), why).ok();
        let offer = backer.offer(&other, "20.00").id();
        answer(&rea, &id, "accept").refused(409, "wrong_state");
        backer.who.command(&format!("/api/v1/offers/{offer}/withdraw")).ok();
        answer(&rea, &id, "accept").ok();
        backer.offer(&other, "20.00").refused(404, "not_found");
        rea.command(&at(&format!("{into}/submit"))).ok();
        admin.command(&at(&format!("{into}/open"))).ok();
        shy.offer(&into, "20.00").refused(403, "conflict_of_interest");
        backer.offer(&into, "20.00").ok();
    }

    fn merged_and_offered_at_once_never_both(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo, backer) = (web.person("Rea"), web.person("Mo"), field.backer("100.00"));
        for _ in 0..4 {
            let into = draft(&rea, &field.call, json!({}));
            asked(&rea, &into, &mo, "member");
            let other = field.applies(&mo, "1.00", "50.00");
            let id = merge(&mo, &into, &other).id();
            let statuses = threads(2, |n| {
                if n == 0 { answer(&rea, &id, "accept").status } else { backer.offer(&other,
                    "2.00").status }
            });
            let good = statuses.iter().filter(|s| [200, 201].contains(*s)).count();
            assert_eq!(good, 1, "{statuses:?}");
        }
    }
}

mod sums {
    use super::*;
    use almoner::applications::model::{Content, Line};
    use almoner::applications::rules::merge::content;
    use almoner::kernel::money::Currency;

    fn side() -> impl Strategy<Value = Content> {
        let amounts = (1..1_000_000_000_i64, 0..1_000_000_000_i64);
        let lines = prop::collection::vec(1..1_000_000_i64, 0..30);
        (amounts, lines, "[a-z ]{0,40}", "[a-z ]{0,40}", any::<bool>()).prop_map(
            |((minimum, more), lines, body, summary, amounts)| {
                let usd = Currency::parse("USD").expect("a currency");
                let line = |(n, amount)| Line { label: format!("Line {n}"), amount };
                Content {
                    title: "T".into(),
                    summary,
                    body,
                    amount_minimum: amounts.then_some(minimum),
                    amount_requested: amounts.then_some(minimum + more),
                    currency: (amounts || !lines.is_empty()).then_some(usd),
                    budget_lines: lines.into_iter().enumerate().map(line).collect(),
                    ..Content::empty()
                }
            },
        )
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_made_up(into in side(), from in side()) {
            let all = into.budget_lines.len() + from.budget_lines.len();
            let Ok(one) = content(&into, &from) else {
                prop_assert!(all > 50, "refused without a reason");
                return Ok(());
            };
            let sum = |side: &Content| side.budget_lines.iter().map(|l| l.amount).sum::<i64>();
            prop_assert_eq!(sum(&one), sum(&into) + sum(&from));
            prop_assert_eq!(one.budget_lines.len(), all);
            for (one, a, b) in [
                (one.amount_requested, into.amount_requested, from.amount_requested),
                (one.amount_minimum, into.amount_minimum, from.amount_minimum),
            ] {
                prop_assert_eq!(one.unwrap_or(0), a.unwrap_or(0) + b.unwrap_or(0));
            }
            for text in [&into.body, &from.body, &from.summary, &from.title] {
                prop_assert!(one.body.contains(text.as_str()));
            }
            prop_assert_eq!(&one.summary, &into.summary);
        }
    }
}
