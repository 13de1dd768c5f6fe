//! Who may place, approve, deny and withdraw.

use super::{NOBODY, act, deny};
use crate::support::Harness;
use crate::support::desk::usd;
use almoner::kernel::actor::Role;
use serde_json::json;

both! {
    fn those_concerned_are_told(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let application = field.applies(&rea, "10.00", "1000.00");
        let before = [field.subjects(&rea).len(), field.subjects(&field.desk.admin).len()];
        let backer = field.backer_with("500.00", json!({ "approval_threshold": usd("50.00") }));
        let first = backer.offer(&application, "50.00").id();
        let waits = backer.offer(&application, "60.00").id();
        let denied = backer.offer(&application, "70.00").id();
        field.desk.admin.command(&format!("/api/v1/offers/{waits}/approve")).ok();
        deny(&field, &denied).ok();
        act(&backer, &first, "withdraw").ok();
        field.awarded(&application);
        assert_eq!(field.subjects(&rea)[before[0]..], [
            "An offer of 50.00 USD for A better lens",
            "An offer of 60.00 USD for A better lens",
            "An offer of 50.00 USD for A better lens has ended",
            "A better lens was awarded 60.00 USD",
        ]);
        assert_eq!(field.subjects(&field.desk.admin)[before[1]..], [
            "Offers reach the minimum: A better lens",
            "Approve or deny an offer of 60.00 USD",
            "Approve or deny an offer of 70.00 USD",
        ]);
        let mut told = field.subjects(&backer.who);
        told.sort();
        assert_eq!(told, [
            "Your offer of 60.00 USD became part of a grant: A better lens",
            "Your offer of 60.00 USD was approved",
            "Your offer of 70.00 USD was denied",
        ]);
    }

    fn who_decides_hears_once_that_the_minimum_is_reached(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, abe) = (&field.desk.admin, web.with_role("Abe", Role::Admin));
        let application = field.applies(&web.person("Rea"), "100.00", "1000.00");
        let backer = field.backer_with("500.00", json!({ "approval_threshold": usd("50.00") }));
        let heard = |who| {
            let all = field.subjects(who);
            all.iter().filter(|subject| subject.contains("reach the minimum")).count()
        };
        // What waits for its second person reaches nothing yet.
        let waiting: Vec<String> =
            (0..3).map(|_| backer.offer(&application, "60.00").id()).collect();
        assert_eq!(heard(admin), 0);
        for (offer, times) in waiting.iter().zip([0, 1, 1]) {
            admin.command(&format!("/api/v1/offers/{offer}/approve")).ok();
            assert_eq!((heard(admin), heard(&abe)), (times, times));
        }
        backer.offer(&application, "20.00").ok();
        assert_eq!(heard(admin), 1);
        // Who answers for the call and is partial is not asked: all others are.
        let terms = json!({ "appeals": "none", "responsible_id": admin.id() });
        let path = format!("/api/v1/calls/{}/decisions", field.call);
        let body = Some(terms.to_string().into_bytes());
        admin.send("PUT", &path, &[("If-Match", "\"v0\"")], body).ok();
        let next = field.applies(&web.person("Rex"), "10.00", "1000.00");
        let conflict = json!({ "reason": "We share a flat." });
        admin.post(&format!("/api/v1/applications/{next}/conflicts"), conflict).ok();
        backer.offer(&next, "10.00").ok();
        assert_eq!((heard(admin), heard(&abe)), (1, 2));
    }

    fn who_may_approve_is_reminded_each_week_and_nobody_is_told_of(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let application = field.applies(&web.person("Rea"), "10.00", "1000.00");
        let backer = field.backer_with("500.00", json!({ "approval_threshold": usd("50.00") }));
        let offer = backer.offer(&application, "60.00").id();
        let heard = || {
            let all = field.subjects(admin);
            let still = |subject: &&String| subject.starts_with("Still to approve or deny");
            all.iter().filter(still).count()
        };
        for (days, times) in [(6, 0), (1, 1), (1, 1), (6, 2)] {
            t.clock.advance_seconds(days * 86_400);
            web.work();
            assert_eq!(heard(), times, "{days} days later");
        }
        let admin = web.sign_in(admin.clone());
        admin.command(&format!("/api/v1/offers/{offer}/approve")).ok();
        t.clock.advance_seconds(8 * 86_400);
        web.work();
        assert_eq!(heard(), 2);
        // Where every admin is partial, its maker hears that at once.
        let who = web.sign_in(backer.who.clone());
        let path = format!("/api/v1/applications/{application}/conflicts");
        web.sign_in(admin).post(&path, json!({ "reason": "We share a flat." })).ok();
        let form = backer.form("70.00", json!({}));
        let waits = who.post(&format!("/api/v1/applications/{application}/offers"), form);
        assert_eq!(waits.ok()["status"], "awaiting_approval");
        let told = web.mail(&who.email, "Nobody can approve your offer of 70.00 USD");
        assert!(told.text.contains("Ask for another admin"), "{}", told.text);
    }

    fn what_offers_come_to_is_told_and_also_without_a_new_one(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, rea) = (&field.desk.admin, web.person("Rea"));
        let heard = || {
            let all = field.subjects(admin);
            all.iter().filter(|subject| subject.contains("reach the minimum")).count()
        };
        let application = field.applies(&rea, "100.00", "1000.00");
        let [one, other] = [(); 2].map(|()| field.backer("500.00"));
        let alone = json!({ "if_others": usd("100.00") });
        one.offer_with(&application, "100.00", alone).ok();
        assert_eq!(heard(), 0, "alone it comes to nothing");
        other.offer(&application, "90.00").ok();
        assert_eq!(heard(), 0, "the other still waits for 10 more");
        // With less to reach, it is there as it stands.
        let path = format!("/api/v1/applications/{application}");
        let why = json!({ "reason": "Ask for less." });
        admin.post(&format!("{path}/request-changes"), why).ok();
        let etag = rea.get(&path).etag().to_owned();
        rea.patch(&path, &etag, json!({ "amount_minimum": usd("80.00") })).ok();
        assert_eq!(heard(), 0);
        rea.command(&format!("{path}/submit")).ok();
        assert_eq!(heard(), 1);
        other.offer(&application, "10.00").ok();
        assert_eq!(heard(), 1, "it was there before");
        // Two that wait for each other's money are there at once.
        let next = field.applies(&rea, "100.00", "1000.00");
        one.offer_with(&next, "60.00", json!({ "match": true })).ok();
        assert_eq!(heard(), 1);
        other.offer(&next, "50.00").ok();
        assert_eq!(heard(), 2, "50 and as much again");
    }

    fn above_the_threshold_a_second_person_decides(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let application = field.applies(&rea, "10.00", "1000.00");
        let terms = json!({ "approval_threshold": usd("100.00") });
        let both = web.with_roles("Bo Both", &[Role::Regrantor, Role::Admin]);
        let backer = field.budget_for(both, "1000.00", terms);
        assert_eq!(backer.offer(&application, "100.00").ok()["status"], "placed");
        // The second one is below the threshold alone, and above it together with the first.
        let waits = backer.offer(&application, "1.00");
        assert_eq!(waits.ok()["status"], "awaiting_approval");
        let id = waits.id();
        assert_eq!(field.part(&backer, "reserved"), "101.00");
        // The applicant hears of what is promised only.
        rea.get(&format!("/api/v1/offers/{id}")).refused(404, "not_found");
        let list = rea.get(&format!("/api/v1/applications/{application}/offers")).ok();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1));

        act(&backer, &id, "approve").refused(403, "two_persons");
        let path = format!("/api/v1/offers/{id}/approve");
        rea.command(&path).refused(403, "forbidden");
        field.desk.finance.command(&path).refused(403, "forbidden");
        let approved = field.desk.admin.post(&path, json!({ "reason": "A good one." })).ok();
        assert_eq!(approved["status"], "placed");
        let read = rea.get(&format!("/api/v1/offers/{id}")).ok();
        for (key, told) in approved.as_object().expect("an offer") {
            assert_eq!(&read[key], told, "{key}");
        }
        field.desk.admin.command(&path).refused(409, "wrong_state");

        let second = backer.offer(&application, "300.00").id();
        deny(&field, &second).ok();
        let denied = field.offer(&second);
        assert_eq!((&denied["status"], &denied["release_reason"]),
            (&json!("released"), &json!("denied")));
        assert_eq!(field.part(&backer, "reserved"), "101.00");
        rea.get(&format!("/api/v1/offers/{second}")).refused(404, "not_found");
        // Thirty days later the first ones no longer count together with a new one.
        t.clock.advance_seconds(30 * 86_400 + 1);
        assert_eq!(backer.offer(&application, "100.00").ok()["status"], "placed");
        web.work();
        field.sound();
    }

    fn an_approver_on_the_application_or_in_conflict_is_refused(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let boss = web.with_role("Ana Admin", Role::Admin);
        let application = field.applies(&boss, "10.00", "1000.00");
        let backer = field.backer_with("1000.00", json!({ "approval_threshold": usd("0.00") }));
        let id = backer.offer(&application, "5.00").id();
        let path = format!("/api/v1/offers/{id}/approve");
        boss.command(&path).refused(403, "two_persons");
        let other = web.with_role("Al Admin", Role::Admin);
        let conflict = json!({ "reason": "My sister." });
        other.post(&format!("/api/v1/applications/{application}/conflicts"), conflict).ok();
        other.command(&path).refused(403, "conflict_of_interest");
        field.desk.admin.command(&path).ok();
    }

    fn an_approver_who_comes_to_be_partial_carries_no_award(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let second = web.with_role("Sec Ond", Role::Admin);
        let application = field.application("10.00", "1000.00");
        let backer = field.backer_with("1000.00", json!({ "approval_threshold": usd("0.00") }));
        let id = backer.offer(&application, "50.00").id();
        second.command(&format!("/api/v1/offers/{id}/approve")).ok();
        let conflict = json!({ "reason": "My sister." });
        second.post(&format!("/api/v1/applications/{application}/conflicts"), conflict).ok();
        web.work();
        let refused = field.award(&application, json!({})).refused(403, "two_persons");
        let detail = refused["detail"].as_str().expect("words");
        assert!(detail.starts_with("Sec Ond, who approved an offer of 50.00 USD"), "{detail}");
        assert_eq!(field.offer(&id)["status"], "placed");
        // An admin who is not partial takes it back; approved by somebody else, it is awarded.
        let path = format!("/api/v1/offers/{id}/withdraw");
        let why = json!({ "reason": "Your second person has a sister there." });
        second.post(&path, why.clone()).refused(403, "conflict_of_interest");
        assert_eq!(field.desk.admin.post(&path, why).ok()["release_reason"], "withdrawn");
        let subjects = field.subjects(&backer.who);
        let told = "Your offer of 50.00 USD for A better lens was withdrawn".to_owned();
        assert!(subjects.contains(&told), "{subjects:?}");
        let again = backer.offer(&application, "50.00").id();
        field.desk.admin.command(&format!("/api/v1/offers/{again}/approve")).ok();
        field.awarded(&application);
        field.sound();
    }

    fn what_a_suspended_person_offered_is_not_awarded(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (stolen, honest) = (field.backer("100.00"), field.backer("100.00"));
        let [one, two] = [(); 2].map(|()| field.application("10.00", "1000.00"));
        let taken = [&one, &two].map(|id| stolen.offer(id, "50.00").id());
        honest.offer(&one, "30.00").ok();
        let path = format!("/api/v1/people/{}", stolen.who.id());
        let why = json!({ "reason": "Somebody else has the session." });
        field.desk.admin.post(&format!("{path}/suspend"), why).ok();
        // No job has run.
        let grant = field.grant(&field.awarded(&one));
        assert_eq!(grant["amount_awarded"], usd("30.00"));
        web.work();
        for id in &taken {
            assert_eq!(field.offer(id)["status"], "released");
        }
        assert_eq!(field.available(&stolen), "100.00");
        field.desk.admin.command(&format!("/api/v1/budgets/{}/close", stolen.budget)).ok();
        field.sound();
    }

    fn what_a_regrantor_of_before_offered_is_not_awarded(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (former, other) = (field.backer("100.00"), field.backer("100.00"));
        let [one, two] = [(); 2].map(|()| field.application("10.00", "1000.00"));
        let theirs = [&one, &two].map(|id| former.offer(id, "50.00").id());
        let stays = other.offer(&one, "30.00").id();
        let role = |change: &str, role: &str| {
            let path = format!("/api/v1/people/{}/{change}-role", former.who.id());
            field.desk.admin.post(&path, json!({ "role": role })).ok();
        };
        // Another role changes nothing.
        role("grant", "reviewer");
        web.work();
        assert_eq!(field.offer(&theirs[0])["status"], "placed");
        role("remove", "regrantor");
        let grant = field.grant(&field.awarded(&one));
        assert_eq!(grant["amount_awarded"], usd("30.00"));
        web.work();
        for id in &theirs {
            assert_eq!(field.offer(id)["status"], "released");
        }
        assert_eq!(field.offer(&stays)["status"], "committed");
        assert_eq!(field.available(&former), "100.00");
        let ended = web.mail(&former.who.email, "has ended").text.replace('\n', " ");
        assert!(ended.contains("you are no regrantor any more"), "{ended}");
        field.sound();
    }

    fn nobody_funds_themselves_or_where_they_are_in_conflict(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("1000.00");
        let own = field.applies(&backer.who, "10.00", "1000.00");
        backer.offer(&own, "5.00").refused(403, "conflict_of_interest");
        let application = field.application("10.00", "1000.00");
        let path = format!("/api/v1/applications/{application}/conflicts");
        backer.who.post(&path, json!({ "reason": "We share an office." })).ok();
        backer.offer(&application, "5.00").refused(403, "conflict_of_interest");
        assert_eq!(field.available(&backer), "1000.00");
        field.sound();
    }

    fn a_conflict_declared_later_ends_what_was_offered_before(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, other) = (field.backer("100.00"), field.backer("100.00"));
        let application = field.application("10.00", "1000.00");
        let (mine, theirs) = (backer.offer(&application, "40.00").id(),
            other.offer(&application, "30.00").id());
        let elsewhere = backer.offer(&field.application("1.00", "50.00"), "7.00").id();
        let path = format!("/api/v1/applications/{application}/conflicts");
        backer.who.post(&path, json!({ "reason": "We married." })).ok();
        web.work();
        assert_eq!(field.offer(&mine)["release_reason"], "withdrawn");
        assert_eq!(field.offer(&theirs)["status"], "placed");
        assert_eq!(field.offer(&elsewhere)["status"], "placed");
        assert_eq!(field.available(&backer), "93.00");
        field.sound();
    }

    fn an_offer_that_was_never_promised_stays_unknown(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let application = field.applies(&rea, "10.00", "1000.00");
        let backer = field.backer_with("1000.00", json!({ "approval_threshold": usd("50.00") }));
        let waits = backer.offer(&application, "51.00").id();
        backer.who.command(&format!("/api/v1/offers/{waits}/withdraw")).ok();
        let promised = backer.offer(&application, "50.00").id();
        backer.who.command(&format!("/api/v1/offers/{promised}/withdraw")).ok();
        rea.get(&format!("/api/v1/offers/{waits}")).refused(404, "not_found");
        rea.get(&format!("/api/v1/offers/{promised}")).ok();
        let list = rea.get(&format!("/api/v1/applications/{application}/offers")).ok();
        let ids: Vec<&str> = list["items"].as_array().expect("items").iter()
            .map(|offer| offer["id"].as_str().expect("an id")).collect();
        assert_eq!(ids, [promised.as_str()]);
        let own = backer.who.get(&format!("/api/v1/applications/{application}/offers")).ok();
        assert_eq!(own["items"].as_array().map(Vec::len), Some(2));
    }

    fn only_the_holder_spends_a_budget(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (one, other) = (field.backer("10.00"), field.backer("10.00"));
        let application = field.application("1.00", "1000.00");
        let path = format!("/api/v1/applications/{application}/offers");
        // Somebody else's budget answers like one that is not there.
        let foreign = one.who.post(&path, other.form("5.00", json!({})));
        let mut form = one.form("5.00", json!({}));
        form["budget_id"] = json!(NOBODY);
        let absent = one.who.post(&path, form);
        foreign.refused(403, "forbidden");
        absent.refused(403, "forbidden");
        assert_eq!(foreign.json()["detail"], absent.json()["detail"]);
        let form = other.form("5.00", json!({}));
        for who in [&field.desk.admin, &field.desk.finance, &web.person("Passer By")] {
            who.post(&path, form.clone()).refused(403, "forbidden");
        }
        web.anonymous().post(&path, form.clone()).refused(401, "unauthenticated");
        let nowhere = format!("/api/v1/applications/{NOBODY}/offers");
        other.who.post(&nowhere, form.clone()).refused(404, "not_found");
        other.who.post("/api/v1/applications/x/offers", form).refused(400, "malformed_request");
        // Nor may somebody else take an offer back; it answers like none.
        let id = one.offer(&application, "5.00").id();
        act(&other, &id, "withdraw").refused(404, "not_found");
        act(&other, NOBODY, "withdraw").refused(404, "not_found");
        let path = format!("/api/v1/offers/{id}/withdraw");
        field.desk.admin.command(&path).wrong_fields(&["/reason"]);
        other.who.get(&format!("/api/v1/offers/{id}")).refused(404, "not_found");
        assert_eq!(field.offer(&id)["status"], "placed");
        field.sound();
    }
}
