//! Conflicts of interest that nobody declared; and amounts cut into pieces below a threshold.

use super::NOBODY;
use crate::delegations::lets;
use crate::payees::execute;
use crate::support::Harness;
use crate::support::desk::{threads, usd};
use crate::support::field::{Backer, Field};
use crate::support::payday::us_payee;
use crate::support::web::{Client, Reply};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

/// Somebody says of a person why what is there between them and an application is no conflict.
pub(super) fn excepted(who: &Client, application: &str, person: &Client, ground: &str) -> Reply {
    let form = json!({ "person_id": person.id(), "ground": ground, "reason": "Another building." });
    who.post(&format!("/api/v1/applications/{application}/conflict-exceptions"), form)
}

/// Somebody with a budget, who belongs where the address says.
fn backer_at(field: &Field<'_>, email: &str) -> Backer {
    let who = field.web.with_address(email, "Reg Rantor", &[Role::Regrantor]);
    field.budget_for(who, "1000.00", json!({}))
}

fn payee(who: &Client, account: &str) -> Reply {
    who.post("/api/v1/payees", us_payee(account, json!({})))
}

fn detail(problem: &Value) -> &str {
    problem["detail"].as_str().expect("text")
}

/// Invites somebody onto a draft's team, who says yes if they are one of ours; hands it in.
fn team_application(
    field: &Field<'_>,
    who: &Client,
    email: &str,
    member: Option<&Client>,
) -> String {
    let form = json!({
        "call_id": field.call, "title": "A better lens", "summary": "S", "body": "B",
        "duration_months": 12, "visibility": "public", "amount_minimum": usd("1.00"),
        "amount_requested": usd("100.00"),
        "budget_lines": [{ "label": "All of it", "amount": usd("100.00") }],
    });
    let id = who.post("/api/v1/applications", form).id();
    let path = format!("/api/v1/applications/{id}");
    let invited = json!({ "email": email, "name": "A colleague" });
    let place = who.post(&format!("{path}/members"), invited).id();
    if let Some(member) = member {
        member.command(&format!("{path}/members/{place}/accept")).ok();
        who.command(&format!("{path}/submit")).ok();
        field.desk.admin.command(&format!("{path}/open")).ok();
    }
    id
}

both! {
    fn one_organisation_is_found_and_held(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = backer_at(&field, "reg@cs.uni.edu");
        let rea = web.with_address("rea@uni.edu", "Rea", &[]);
        let application = field.applies(&rea, "1.00", "100.00");
        let told = backer.offer(&application, "5.00").refused(409, "conflict_found");
        assert!(detail(&told).contains("e-mail addresses of the same organisation"), "{told}");
        assert_eq!(field.available(&backer), "1000.00");
        // Providers at which anybody has an address say nothing, nor does one that only ends alike.
        for (one, other) in [("a@gmail.com", "b@gmail.com"), ("a@myuni.edu", "b@uni.edu"),
            ("c@outlook.com", "d@gmail.com")] {
            let who = backer_at(&field, one);
            let theirs = field.applies(&web.with_address(other, "B", &[]), "1.00", "100.00");
            who.offer(&theirs, "5.00").ok();
        }
        // Nor is it only about who applies: whoever is on the team counts.
        let (lead, member) = (web.person("Lea Lead"), web.with_address("mo@uni.edu", "Mo", &[]));
        let team = team_application(&field, &lead, &member.email, Some(&member));
        backer.offer(&team, "5.00").refused(409, "conflict_found");
        // An admin who is not concerned looks at it, once, for this application and ground alone.
        let admin = &field.desk.admin;
        excepted(&backer.who, &application, &backer.who, "email_domain").refused(403, "forbidden");
        let partial = web.with_address("dean@uni.edu", "Dean", &[Role::Admin]);
        excepted(&partial, &application, &backer.who, "email_domain")
            .refused(409, "conflict_found");
        excepted(admin, &application, &backer.who, "bank_account").wrong_fields(&["/ground"]);
        excepted(admin, &application, &lead, "email_domain").wrong_fields(&["/ground"]);
        // Nor does one who acts for whom it is about.
        let acts = web.with_role("Al", Role::Admin);
        lets(&backer.who, &acts, &["draft"]);
        excepted(&acts, &application, &backer.who, "email_domain").refused(403, "two_persons");
        let path = format!("/api/v1/applications/{application}/conflict-exceptions");
        let form = json!({ "person_id": NOBODY, "ground": "email_domain", "reason": "" });
        admin.post(&path, form).wrong_fields(&["/reason", "/person_id"]);
        let made = excepted(admin, &application, &backer.who, "email_domain").ok();
        assert_eq!(made["person"]["name"], "Reg Rantor");
        excepted(admin, &application, &backer.who, "email_domain").refused(409, "already_exists");
        assert_eq!(admin.get(&path).ok()["items"], json!([made]));
        rea.get(&path).refused(403, "forbidden");
        backer.offer(&application, "5.00").ok();
        backer.offer(&team, "5.00").refused(409, "conflict_found");
        field.awarded(&application);
        for change in ["UPDATE conflict_exceptions SET reason = 'x'",
            "DELETE FROM conflict_exceptions"] {
            assert!(execute(&web, change).expect_err("refused").contains("only grows"));
        }
        field.sound();
    }

    fn one_account_is_found_and_held(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea) = (field.backer("100.00"), web.person("Rea"));
        payee(&backer.who, "000111222333").ok();
        payee(&rea, "000999888777").ok();
        let application = field.applies(&rea, "1.00", "100.00");
        backer.offer(&application, "5.00").ok();
        // Given under another name, and changed since: it was theirs.
        let id = payee(&rea, "000 111 222 333").id();
        let path = format!("/api/v1/payees/{id}");
        let account = us_payee("000444555666", json!({}))["account"].clone();
        let etag = rea.get(&path).etag().to_owned();
        rea.patch(&path, &etag, json!({ "account": account })).ok();
        let told = backer.offer(&application, "5.00").refused(409, "conflict_found");
        assert!(detail(&told).contains("the same bank account"), "{told}");
        assert!(!told.to_string().contains("111222333"), "{told}");
        // An admin with that account decides nothing about it.
        let twin = web.with_role("Twin", Role::Admin);
        payee(&twin, "000111222333").ok();
        let no = json!({ "reason": "No." });
        let said = twin.post(&format!("/api/v1/applications/{application}/decline"), no);
        said.refused(409, "conflict_found");
        // What was offered before is not awarded either.
        let held = field.award(&application, json!({})).refused(409, "conflict_found");
        assert!(detail(&held).starts_with("Reg Rantor and somebody"), "{held}");
        assert_eq!(field.part(&backer, "reserved"), "5.00");
        excepted(&field.desk.admin, &application, &backer.who, "bank_account").ok();
        backer.offer(&application, "6.00").ok();
        field.awarded(&application);
        // The other way round: the regrantor's account comes to be known later.
        let other = field.backer("100.00");
        payee(&other.who, "000444555666").ok();
        other.offer(&field.applies(&rea, "1.00", "10.00"), "5.00")
            .refused(409, "conflict_found");
        field.sound();
    }

    fn what_comes_to_be_known_after_the_award_is_not_paid(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00", "20.00", "30.00", "40.00"]);
        let before = payday.draft(&grant, 1).id();
        let approved = payday.payment(&grant, 3, &["approve"]);
        let came_back = payday.payment(&grant, 4, &["approve", "batch", "return"]);
        let more = payday.grant(&["1.00", "2.00", "3.00"]);
        let [arrives, returns] = [1, 2].map(|n| payday.payment(&more, n, &["approve", "batch"]));
        let wrong = payday.draft(&more, 3).id();
        payee(&payday.backer.who, "000123456789").ok();
        // What the bank did is recorded all the same, and what is not sent can be dropped.
        payday.settle(&arrives).ok();
        payday.give_back(&returns).ok();
        payday.void(&wrong).ok();
        payday.retry(&returns).refused(409, "conflict_found");
        payday.draft(&grant, 2).refused(409, "conflict_found");
        // What was under way is held as well.
        payday.approve(&before).refused(409, "conflict_found");
        payday.batch(&[&approved]).refused(409, "conflict_found");
        payday.retry(&came_back).refused(409, "conflict_found");
        let states = [&before, &approved, &came_back].map(|id| payday.status(id));
        assert_eq!(states, ["drafted", "approved", "returned"]);
        let application = payday.field.grant(&grant)["application_id"].clone();
        let application = application.as_str().expect("an id");
        let admin = &payday.field.desk.admin;
        excepted(admin, application, &payday.backer.who, "bank_account").ok();
        payday.draft(&grant, 2).ok();
        payday.approve(&before).ok();
        payday.batch(&[&approved]).ok();
        payday.retry(&came_back).ok();
    }

    fn who_has_something_in_common_does_not_approve(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let terms = json!({ "approval_threshold": usd("1.00") });
        let backer = payday.field.backer_with("100.00", terms);
        let application = payday.field.applies(&payday.ada, "1.00", "100.00");
        let offer = backer.offer(&application, "50.00").id();
        let [second, third] = ["Sec", "Thi"].map(|name| web.with_role(name, Role::Admin));
        payee(&second, "000123456789").ok();
        let approve = |who: &Client| who.command(&format!("/api/v1/offers/{offer}/approve"));
        approve(&second).refused(409, "conflict_found");
        assert_eq!(payday.field.offer(&offer)["status"], "awaiting_approval");
        approve(&third).ok();
        // Nor award, nor anything else about the grant.
        let award = format!("/api/v1/applications/{application}/award");
        second.command(&award).refused(409, "conflict_found");
        let grant = payday.field.awarded(&application);
        let at = |rest: &str| format!("/api/v1/grants/{grant}/{rest}");
        let why = json!({ "reason": "It has to be." });
        for act in ["requirements/screening/waive", "cancel"] {
            second.post(&at(act), why.clone()).refused(403, "two_persons");
        }
        payday.field.activate(&grant);
        second.post(&at("wind-down"), why.clone()).refused(403, "two_persons");
        third.post(&at("wind-down"), why).ok();
        payday.check();
    }

    fn a_threshold_is_not_passed_in_pieces(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let terms = json!({ "approval_threshold": usd("100.00") });
        let backer = field.backer_with("10000.00", terms.clone());
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        let [one, two, three] = [0; 3].map(|_| field.applies(&rea, "1.00", "1000.00"));
        let status = |reply: Reply| reply.ok()["status"].clone();
        assert_eq!(status(backer.offer(&one, "60.00")), "placed");
        // Another application of the same person counts with the first.
        let waits = backer.offer(&two, "40.01");
        assert_eq!(status(waits.clone()), "awaiting_approval");
        backer.who.command(&format!("/api/v1/offers/{}/withdraw", waits.id())).ok();
        assert_eq!(status(backer.offer(&two, "40.00")), "placed", "exactly the threshold");
        // So does another budget of the same regrantor.
        let more = field.budget_for(backer.who.clone(), "1000.00", terms.clone());
        assert_eq!(status(more.offer(&three, "0.01")), "awaiting_approval");
        // Somebody else, and another regrantor, begin anew.
        let other = field.applies(&sam, "1.00", "1000.00");
        assert_eq!(status(backer.offer(&other, "100.00")), "placed");
        let second = field.backer_with("1000.00", terms);
        assert_eq!(status(second.offer(&three, "100.00")), "placed");
        // Thirty days to the second.
        t.clock.advance_seconds(30 * 86_400);
        assert_eq!(status(backer.offer(&three, "0.01")), "awaiting_approval");
        t.clock.advance_seconds(1);
        assert_eq!(status(backer.offer(&three, "99.99")), "placed");
        assert_eq!(status(backer.offer(&one, "0.01")), "awaiting_approval");
        assert_eq!(status(backer.offer(&other, "100.00")), "placed");
        field.sound();
    }

    fn pieces_at_the_same_moment_are_found(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let terms = json!({ "approval_threshold": usd("100.00") });
        for _ in 0..3 {
            let backer = field.backer_with("10000.00", terms.clone());
            let rea = web.person("Rea");
            let all: Vec<String> =
                (0..6).map(|_| field.applies(&rea, "1.00", "1000.00")).collect();
            let placed = threads(6, |n| backer.offer(&all[n], "60.00").ok()["status"].clone());
            assert_eq!(placed.iter().filter(|s| *s == "placed").count(), 1, "{placed:?}");
        }
    }

    fn who_applies_does_not_read_whom_an_exception_is_for(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let ann = web.with_address("ann@uni.edu", "Ann", &[Role::Admin]);
        let backer = backer_at(&field, "ray@uni.edu");
        let id = field.applies(&ann, "1.00", "100.00");
        excepted(&field.desk.admin, &id, &backer.who, "email_domain").ok();
        let path = format!("/api/v1/applications/{id}/conflict-exceptions");
        ann.get(&path).refused(403, "two_persons");
        let told = field.desk.admin.get(&path).ok();
        assert_eq!(told["items"][0]["person"]["id"], json!(backer.who.id()));
    }
}
