//! Who offered, and has come to be on the other side since, or decides.

use super::{act, funding};
use crate::delegations::lets;
use crate::payees::execute;
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::web::Client;
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

/// Of an offer that who applies does not know the maker of.
fn private() -> Value {
    json!({ "private": true })
}

/// Somebody is asked onto the team of an application that waits for changes; the way to their yes.
fn asked(rea: &Client, admin: &Client, application: &str, email: &str) -> String {
    let path = format!("/api/v1/applications/{application}");
    admin.post(&format!("{path}/request-changes"), json!({ "reason": "Who does it?" })).ok();
    let form = json!({ "email": email, "name": "A colleague" });
    let place = rea.post(&format!("{path}/members"), form).id();
    format!("{path}/members/{place}/accept")
}

/// The one takes the other up, whose applicant agrees.
fn takes_up(admin: &Client, (rea, into): (&Client, &str), (mo, other): (&Client, &str)) {
    asked(mo, admin, other, &rea.email);
    let path = format!("/api/v1/applications/{into}/merge");
    let merge = rea.post(&path, json!({ "other": other })).id();
    mo.command(&format!("/api/v1/merges/{merge}/accept")).ok();
}

both! {
    fn who_offers_joins_no_team_and_hears_who_does(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let [joins, matches, stays] = [(); 3].map(|()| field.backer("500.00"));
        let application = field.applies(&rea, "100.00", "900.00");
        let theirs = joins.offer_with(&application, "150.00", private()).id();
        let other = stays.offer(&application, "50.00").id();
        matches.offer_with(&application, "120.00", json!({ "match": true })).ok();
        let elsewhere = joins.offer(&field.application("1.00", "50.00"), "7.00").id();
        assert_eq!(funding(&rea, &application)["offered"], usd("320.00"));
        let members = format!("/api/v1/applications/{application}/members");
        let ask = |who: &Client| {
            rea.post(&members, json!({ "email": who.email, "name": "A colleague" }))
        };
        let told = ask(&stays.who).refused(409, "wrong_state");
        assert!(told.to_string().contains("has an offer on it"), "{told}");
        // Who applies does not learn of one that is private: its maker alone hears why.
        let place = ask(&joins.who).id();
        let yes = format!("{members}/{place}/accept");
        let told = joins.who.command(&yes).refused(409, "wrong_state");
        assert!(told.to_string().contains("you have an offer on it"), "{told}");
        let next = joins.who.get("/api/v1/me/next").text();
        assert!(next.contains("cannot join: you have an offer on it"), "{next}");
        assert!(next.contains(&yes.replace("/accept", "/decline")), "{next}");
        let team = || rea.get(&members).ok()["items"].clone();
        assert_eq!(team()[1]["consent"], "invited");
        assert_eq!(field.offer(&theirs)["status"], "placed");
        act(&joins, &theirs, "withdraw").ok();
        let heard = |who: &Client| {
            let all = field.subjects(who);
            all.iter().filter(|subject| subject.starts_with("The team has changed")).count()
        };
        assert_eq!(heard(&stays.who), 0, "not when somebody is asked");
        joins.who.command(&yes).ok();
        assert_eq!(team()[1]["consent"], "accepted");
        assert_eq!([&stays.who, &matches.who, &joins.who].map(heard), [1, 1, 0]);
        let told = web.mail(&stays.who.email, "The team has changed").text.replace('\n', " ");
        assert!(told.contains("Reg Rantor has joined the team"), "{told}");
        joins.offer(&application, "150.00").refused(403, "conflict_of_interest");
        let told = funding(&rea, &application);
        assert_eq!((&told["offered"], &told["offers_count"]), (&usd("100.00"), &json!(2)));
        assert_eq!(field.offer(&other)["status"], "placed");
        assert_eq!(field.offer(&elsewhere)["status"], "placed");
        assert_eq!(field.available(&joins), "493.00");
        let grant = field.grant(&field.awarded(&application));
        assert_eq!(grant["amount_awarded"], usd("100.00"));
        field.sound();
    }

    fn who_was_asked_and_says_no_goes_on(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let backer = field.backer("500.00");
        let application = field.applies(&rea, "100.00", "900.00");
        let offer = backer.offer_with(&application, "150.00", private()).id();
        let yes = asked(&rea, &field.desk.admin, &application, &backer.who.email);
        // Who applies would learn whose it is.
        assert_eq!(funding(&rea, &application)["offered"], usd("150.00"));
        backer.who.command(&yes.replace("/accept", "/decline")).ok();
        web.work();
        assert_eq!(field.offer(&offer)["status"], "placed");
        assert_eq!(funding(&rea, &application)["offered"], usd("150.00"));
        field.sound();
    }

    fn who_acts_for_the_applicant_funds_them_no_more(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, backer) = (web.person("Rea Searcher"), field.backer("500.00"));
        let application = field.applies(&rea, "100.00", "900.00");
        let offer = backer.offer(&application, "150.00").id();
        let elsewhere = backer.offer(&field.application("1.00", "50.00"), "7.00").id();
        lets(&rea, &backer.who, &["report"]);
        assert_eq!(funding(&rea, &application)["offered"], usd("0.00"));
        web.work();
        assert_eq!(field.offer(&offer)["release_reason"], "withdrawn");
        assert_eq!(field.offer(&elsewhere)["status"], "placed");
        assert_eq!(field.available(&backer), "493.00");
        // Who applies does not read why: that would name who made it.
        let told = web.mail(&rea.email, "150.00 USD for A better lens has ended").text;
        assert!(told.contains("has ended: its regrantor may not fund it any more."), "{told}");
        let told = web.mail(&backer.who.email, "150.00 USD for A better lens has ended").text;
        let words = "has ended, as you are on that application by now, or act for who applies. \
                     The money is back in your budget.";
        assert!(told.contains(words), "{told}");
        field.sound();
    }

    fn who_acts_for_one_whose_application_was_taken_up_funds_it_no_more(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, mo) = (web.person("Rea Searcher"), web.person("Mo Other"));
        let [acts, invited] = [(); 2].map(|()| field.backer("500.00"));
        let into = field.applies(&rea, "100.00", "900.00");
        let other = field.applies(&mo, "10.00", "90.00");
        let theirs = acts.offer(&into, "150.00").id();
        let kept = invited.offer_with(&into, "50.00", private()).id();
        let yes = asked(&rea, admin, &into, &invited.who.email);
        takes_up(admin, (&rea, &into), (&mo, &other));
        web.work();
        // Who was only asked may still say no, whatever else becomes of the application.
        let statuses = || [&theirs, &kept].map(|id| field.offer(id)["status"].clone());
        assert_eq!(statuses(), [json!("placed"), json!("placed")]);
        lets(&mo, &acts.who, &["report"]);
        lets(&web.person("Somebody Else"), &invited.who, &["report"]);
        web.work();
        assert_eq!(statuses(), [json!("released"), json!("placed")]);
        assert_eq!(field.available(&acts), "500.00");
        invited.who.command(&yes.replace("/accept", "/decline")).ok();
        assert_eq!(funding(&rea, &into)["offered"], usd("50.00"));
        field.sound();
    }

    fn what_an_earlier_program_let_stand_is_released(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, rea) = (&field.desk.admin, web.person("Rea Searcher"));
        let [joins, declares, invited, stays] = [(); 4].map(|()| field.backer("500.00"));
        let application = field.applies(&rea, "100.00", "900.00");
        let all = [&joins, &declares, &invited, &stays];
        let offers = all.map(|backer| backer.offer_with(&application, "50.00", private()).id());
        let why = json!({ "reason": "My sister's." });
        let path = format!("/api/v1/applications/{application}/conflicts");
        declares.who.post(&path, why).ok();
        asked(&rea, admin, &application, &joins.who.email);
        let form = json!({ "email": invited.who.email, "name": "A colleague" });
        rea.post(&format!("/api/v1/applications/{application}/members"), form).ok();
        // That program told nobody, and let the maker of an offer join.
        let told = "DELETE FROM jobs WHERE kind = 'offers.conflict_declared'";
        assert_eq!(execute(&web, told), Ok(1));
        let email = &joins.who.email;
        let said_yes = format!(
            "UPDATE application_members SET consent = 'accepted', \
             person_id = (SELECT id FROM people WHERE email = '{email}') WHERE email = '{email}'"
        );
        assert_eq!(execute(&web, &said_yes), Ok(1));
        t.clock.advance_seconds(3_600);
        web.work();
        let statuses = offers.map(|id| field.offer(&id)["status"].clone());
        assert_eq!(statuses, ["released", "released", "placed", "placed"].map(|s| json!(s)));
        field.sound();
    }

    fn what_a_regrantor_of_before_left_open_is_found_part_by_part(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let former = field.backer("500.00");
        let waits = json!({ "approval_threshold": usd("10.00") });
        let waits = field.budget_for(former.who.clone(), "500.00", waits);
        let application = field.application("100.00", "900.00");
        let mut placed = [(); 2].map(|()| former.offer(&application, "50.00").id());
        placed.sort();
        let waiting = waits.offer(&application, "50.00").id();
        let stays = field.backer("500.00").offer(&application, "50.00").id();
        // No event tells of it, and the walk before left off behind the first of them.
        let (email, first) = (&former.who.email, &placed[0]);
        for done in [
            format!("UPDATE people SET roles = 0 WHERE email = '{email}'"),
            format!("INSERT INTO meta (key, value) VALUES ('offers.walked.placed', '{first}')"),
        ] {
            assert_eq!(execute(&web, &done), Ok(1));
        }
        let all = [&placed[0], &placed[1], &waiting, &stays];
        for expected in [
            ["placed", "released", "released", "placed"],
            ["released", "released", "released", "placed"],
        ] {
            t.clock.advance_seconds(3_600);
            web.work();
            let statuses = all.map(|id| field.offer(id)["status"].clone());
            assert_eq!(statuses, expected.map(|status| json!(status)));
        }
        assert_eq!((field.available(&former), field.available(&waits)),
            ("500.00".into(), "500.00".into()));
        field.sound();
    }

    fn who_may_not_award_does_not_hear_that_it_can_be(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let heard = |who: &Client| {
            let all = field.subjects(who);
            all.iter().filter(|subject| subject.contains("reach the minimum")).count()
        };
        let both = web.with_roles("Bo Both", &[Role::Regrantor, Role::Admin]);
        let second = web.with_role("Sec Ond", Role::Admin);
        let (own, other) = (field.budget_for(both, "500.00", json!({})), field.backer("500.00"));
        // Whoever acts for the maker of an offer does not award it either.
        lets(&other.who, &second, &["report"]);
        let application = field.application("100.00", "900.00");
        own.offer(&application, "60.00").ok();
        other.offer(&application, "60.00").ok();
        assert_eq!(heard(&field.desk.admin), 1);
        assert_eq!((heard(&own.who), heard(&second)), (0, 0));
        for who in [&own.who, &second] {
            let path = format!("/api/v1/applications/{application}/award");
            who.post(&path, json!({})).refused(403, "two_persons");
        }
        field.awarded(&application);
    }
}
