//! Who joins a team once the application was handed in: until it is decided, unless they have a say
//! in it, and not unknown to those who rely on it.

use super::*;
use crate::decisions::{terms, times};
use crate::delegations::{ends, lets};
use crate::support::field::Field;

/// How a mail begins that tells who relies on a team of somebody new on it.
const CHANGED: &str = "The team has changed";
/// What others than who keeps off read of a merge that is refused for it.
const MERGED: &str = "somebody who has, or had, to do with the one that would be taken up";

fn invite(lead: &Client, id: &str, email: &str) -> Reply {
    lead.post(&at(&format!("{id}/members")), json!({ "email": email, "name": "Asked" }))
}

/// The place on a team that somebody is asked to take.
fn seat(lead: &Client, id: &str, email: &str) -> String {
    at(&format!("{id}/members/{}", invite(lead, id, email).id()))
}

fn says(who: &Client, seat: &str, how: &str) -> Reply {
    who.command(&format!("{seat}/{how}"))
}

/// Refused because of a say in it: these words tell why.
fn keeps_off(reply: &Reply, words: &str) {
    let told = reply.refused(409, "wrong_state");
    assert!(told["detail"].as_str().is_some_and(|detail| detail.contains(words)), "{told}");
}

/// How many heard that an invitation is none any more.
fn taken_back(web: &Web, address: &str) -> usize {
    let all = mails(web, address);
    all.iter().filter(|letter| letter.subject.starts_with("An invitation was taken back")).count()
}

fn review_of(admin: &Client, id: &str, who: &Client) -> String {
    admin.post(&at(&format!("{id}/reviewers")), json!({ "person_id": who.id() })).id()
}

/// Somebody vouches for it; the vouch.
fn vouch(who: &Client, id: &str, visibility: &str) -> String {
    let form = json!({ "scopes": ["integrity"], "strength": "strong",
        "how_known": "We shared a lab.", "visibility": visibility });
    who.post(&at(&format!("{id}/vouches")), form).id()
}

/// Somebody of the need-to-know group, who has cleared it.
fn clears(field: &Field<'_>, rea: &Client, id: &str) -> Client {
    let lana = field.web.person("Lana");
    let why = json!({ "reason": "Knows the field." });
    field.desk.admin.post(&format!("/api/v1/people/{}/need-to-know", lana.id()), why).ok();
    let one = |key: &str| json!({ "key": key, "answer": "No." });
    let answers = ["misuse", "accident", "publication"].map(one);
    rea.put(&at(&format!("{id}/screening")), json!({ "answers": answers })).ok();
    let waiting = lana.get("/api/v1/screenings?status=waiting").ok();
    let screening = waiting["items"][0]["id"].as_str().expect("an id");
    lana.command_as_read(&format!("/api/v1/screenings/{screening}/clear")).ok();
    lana
}

both! {
    fn who_is_asked_late_joins_and_those_who_look_at_it_hear_so(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let ron = web.with_role("Ron", Role::Reviewer);
        let id = opened(&rea, admin, &field.call, json!({ "visibility": "public" }));
        let review = review_of(admin, &id, &ron);
        t.clock.advance_seconds(60);
        let place = seat(&rea, &id, &mo.email);
        let letter = mails(&web, &mo.email).pop().expect("an invitation");
        assert!(letter.text.contains("It was handed in already"), "{}", letter.text);
        let next = mo.get("/api/v1/me/next").text();
        assert!(next.contains("those who look at it hear when you have joined"), "{next}");
        let heard = || [admin, &ron].map(|who| times(&field, who, CHANGED));
        let teams_of_two = || {
            web.work();
            let found = web.anonymous().get("/api/v1/search/applications?team_min=2").ok();
            found["items"].as_array().map(Vec::len)
        };
        assert_eq!((heard(), teams_of_two()), ([0, 0], Some(0)), "who is asked may say no");
        assert_eq!(says(&mo, &place, "accept").ok()["consent"], "accepted");
        assert_eq!((heard(), teams_of_two()), ([1, 1], Some(1)));
        for (who, words) in [
            (admin, "Mo has joined the team of this application, as member"),
            (&ron, "Mo has joined the team of this application, which you review"),
        ] {
            let told = web.mail(&who.email, CHANGED).text.replace('\n', " ");
            assert!(told.contains(words), "{told}");
        }
        assert_eq!(times(&field, &rea, "Mo is on your team"), 1);
        let read = ron.get(&format!("/api/v1/reviews/{review}/application")).ok();
        assert_eq!(read["team"], json!(["Rea", "Mo"]));
        // Since when they are on it is told to everybody who sees it.
        let handed_in = web.anonymous().get(&at(&id)).ok()["submitted_at"].clone();
        let team = web.anonymous().get(&at(&format!("{id}/members"))).ok()["items"].clone();
        assert_eq!(team[1]["person_id"], json!(mo.id()));
        assert!(team[1]["answered_at"].as_str() > handed_in.as_str(), "{team} {handed_in}");
        let log = admin.get(&format!("/api/v1/audit?object_kind=application&object_id={id}"));
        assert!(log.text().contains("\"accept_membership\""), "{}", log.text());
        // They leave, and are kept from being mailed again and again, as ever.
        says(&mo, &place, "decline").ok();
        assert_eq!(teams_of_two(), Some(0));
        invite(&rea, &id, &mo.email).refused(409, "limit_reached");
        // While changes are asked for, it waits for an answer as in a draft.
        let sam = web.person("Sam");
        let place = seat(&rea, &id, &sam.email);
        send_back(admin, &id);
        rea.command(&at(&format!("{id}/submit"))).wrong_fields(&["/members"]);
        says(&sam, &place, "accept").ok();
        rea.command(&at(&format!("{id}/submit"))).ok();
    }

    fn who_has_a_say_in_it_does_not_join(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.person("Rea");
        let names = ["Abe", "Sue", "Pat", "Ivo", "Dan"];
        let [opens, approves, picks, spares, denies] =
            names.map(|name| web.with_role(name, Role::Admin));
        let ron = web.with_role("Ron", Role::Reviewer);
        let [vera, pia] = ["Vera", "Pia"].map(|name| web.person(name));
        let id = submitted(&rea, &field.call, json!({ "visibility": "public" }));
        opens.command(&at(&format!("{id}/open"))).ok();
        let review = review_of(&picks, &id, &ron);
        let why = json!({ "reason": "Not this one." });
        spares.post(&format!("/api/v1/reviews/{review}/set-aside"), why.clone()).ok();
        // Who asked first is not forgotten.
        assert_eq!(review_of(admin, &id, &ron), review);
        vouch(&vera, &id, "public");
        let private = vouch(&pia, &id, "private");
        let backer = field.backer_with("500.00", json!({ "approval_threshold": usd("1.00") }));
        let offer = backer.offer(&id, "5.00").id();
        approves.command(&format!("/api/v1/offers/{offer}/approve")).ok();
        let offer = backer.offer(&id, "6.00").id();
        denies.post(&format!("/api/v1/offers/{offer}/deny"), why).ok();
        let lana = clears(&field, &rea, &id);
        // What who applies may read is told them at once; of the rest they learn nothing.
        keeps_off(&invite(&rea, &id, &vera.email), "vouches for it");
        keeps_off(&invite(&rea, &id, &backer.who.email), "has an offer on it");
        let before = times(&field, admin, CHANGED);
        for (who, why) in [
            (&ron, "you review it"),
            (&pia, "you vouch for it"),
            (&opens, "you decided on it"),
            (&approves, "you approved an offer on it"),
            (&denies, "you denied an offer on it"),
            (&picks, "you chose who reviews it"),
            (&spares, "you chose who reviews it, or set a review of it aside"),
            (&lana, "you looked at it for harm"),
        ] {
            let place = seat(&rea, &id, &who.email);
            keeps_off(&says(who, &place, "accept"), why);
            let next = who.get("/api/v1/me/next").text();
            assert!(next.contains(&format!("cannot join: {why}")), "{next}");
            says(who, &place, "decline").ok();
        }
        let team = rea.get(&at(&format!("{id}/members"))).ok();
        let on = team["items"].as_array().expect("items").iter();
        assert_eq!(on.filter(|member| member["consent"] == "accepted").count(), 1, "{team}");
        assert_eq!(times(&field, admin, CHANGED), before);
        // What can be taken back keeps them off it no more.
        let why = json!({ "reason": "I would rather help." });
        pia.post(&format!("/api/v1/vouches/{private}/withdraw"), why).ok();
        t.clock.advance_seconds(24 * 3600);
        let place = seat(&rea, &id, &pia.email);
        says(&pia, &place, "accept").ok();
        // Nor does who nominated it, also while it is written.
        let (ned, reg) = (web.person("Ned"), web.with_role("Reg", Role::Regrantor));
        let form = json!({ "call_id": field.call, "email": ned.email, "name": "Ned",
            "title": "Lenses", "summary": "To see.", "why": "Nobody grinds better." });
        let nomination = reg.post("/api/v1/nominations", form).id();
        let taken = format!("/api/v1/nominations/{nomination}/accept");
        let theirs = ned.post(&taken, json!({})).id();
        keeps_off(&invite(&ned, &theirs, &reg.email), "nominated it");
        let at_work = seat(&ned, &theirs, "reg@work.example");
        let letter = mails(&web, "reg@work.example").pop().expect("an invitation");
        let (_, token) = letter.text.split_once("#token=").expect("a token");
        let token = json!({ "token": token.split_whitespace().next().expect("a token") });
        keeps_off(&reg.post(&format!("{at_work}/accept"), token), "you nominated it");
    }

    fn nor_do_they_by_a_merge(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.person("Rea");
        let [knows, comes] = ["Ron", "Una"].map(|name| web.with_role(name, Role::Reviewer));
        let mo = web.person("Mo");
        let waiting = || {
            let id = submitted(&rea, &field.call, json!({}));
            send_back(admin, &id);
            id
        };
        let propose = |who: &Client, into: &str| {
            invite(&rea, into, &who.email).ok();
            let own = draft(who, &field.call, json!({}));
            who.post(&at(&format!("{into}/merge")), json!({ "other": own }))
        };
        let accept = |merge: Reply| {
            let path = format!("/api/v1/merges/{}/accept", merge.id());
            rea.command(&path)
        };
        let into = waiting();
        review_of(admin, &into, &knows);
        keeps_off(&propose(&knows, &into), "you review it");
        // Who came to do so since is named to nobody else.
        let merge = propose(&comes, &into);
        review_of(admin, &into, &comes);
        let refused = accept(merge);
        keeps_off(&refused, "keeps off the team of the one that goes on");
        assert!(!refused.text().contains("review"), "{}", refused.text());
        let team = rea.get(&at(&format!("{into}/members"))).ok();
        let on = team["items"].as_array().expect("items").iter();
        assert_eq!(on.filter(|member| member["consent"] == "accepted").count(), 1, "{team}");
        // Who may joins like anybody who says yes.
        let into = waiting();
        let before = times(&field, admin, CHANGED);
        accept(propose(&mo, &into)).ok();
        assert_eq!(times(&field, admin, CHANGED), before + 1);
        let told = web.mail(&admin.email, CHANGED).text.replace('\n', " ");
        assert!(told.contains("Mo has joined the team of this application"), "{told}");
    }

    fn nor_is_one_taken_up_on_whose_team_they_are(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, una, mo) = (web.person("Rea"), web.person("Una"), web.person("Mo"));
        let opens = web.with_role("Abe", Role::Admin);
        let (ron, backer) = (web.with_role("Ron", Role::Reviewer), field.backer("90.00"));
        let into = submitted(&rea, &field.call, json!({ "visibility": "public" }));
        opens.command(&at(&format!("{into}/open"))).ok();
        let review = review_of(admin, &into, &ron);
        let offer = backer.offer(&into, "5.00").id();
        send_back(admin, &into);
        invite(&rea, &into, &una.email).ok();
        // On whose team somebody is who said yes to that, and to no merge.
        let taken_up = |who: &Client| {
            let other = draft(&una, &field.call, json!({}));
            says(who, &seat(&una, &other, &who.email), "accept").ok();
            let merge = una.post(&at(&format!("{into}/merge")), json!({ "other": other })).id();
            (rea.command(&format!("/api/v1/merges/{merge}/accept")), other)
        };
        for who in [&opens, &ron, &backer.who] {
            let (refused, other) = taken_up(who);
            keeps_off(&refused, MERGED);
            assert!(!refused.text().contains("review"), "{}", refused.text());
            assert_eq!(una.get(&at(&other)).ok()["status"], "draft");
        }
        web.work();
        assert_eq!(field.offer(&offer)["status"], "placed");
        ron.get(&format!("/api/v1/reviews/{review}/application")).ok();
        // Others come along.
        taken_up(&mo).0.ok();
        web.work();
        assert_eq!(field.offer(&offer)["status"], "placed");
    }

    fn nor_is_one_taken_up_that_they_left_or_whose_applicant_they_stood_for(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, una, mo) = (web.person("Rea"), web.person("Una"), web.person("Mo"));
        let [left, stood] = ["Ron", "Rob"].map(|name| web.with_role(name, Role::Reviewer));
        let into = submitted(&rea, &field.call, json!({}));
        send_back(admin, &into);
        let [_, review] = [&left, &stood].map(|who| review_of(admin, &into, who));
        let proposed = |who: &Client| {
            invite(&rea, &into, &who.email).ok();
            let other = draft(who, &field.call, json!({}));
            let form = json!({ "other": other });
            (who.post(&at(&format!("{into}/merge")), form).id(), other)
        };
        let accept = |merge: &str| rea.command(&format!("/api/v1/merges/{merge}/accept"));
        let (merge, other) = proposed(&una);
        let place = seat(&una, &other, &left.email);
        says(&left, &place, "accept").ok();
        says(&left, &place, "decline").ok();
        keeps_off(&accept(&merge), MERGED);
        assert_eq!(una.get(&at(&other)).ok()["status"], "draft");
        // Nor where they stood for who applies with it, though they do no more.
        let (merge, other) = proposed(&mo);
        let errand = lets(&mo, &stood, &["report"]);
        ends(&mo, &errand);
        keeps_off(&accept(&merge), MERGED);
        assert_eq!(mo.get(&at(&other)).ok()["status"], "draft");
        stood.get(&format!("/api/v1/reviews/{review}/application")).ok();
        // What was begun after that comes along.
        t.clock.advance_seconds(60);
        let other = draft(&mo, &field.call, json!({}));
        let merge = mo.post(&at(&format!("{into}/merge")), json!({ "other": other })).id();
        accept(&merge).ok();
        stood.get(&format!("/api/v1/reviews/{review}/application")).ok();
    }

    fn somebody_hears_though_who_decides_has_a_stake(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let boss = web.with_role("Boss", Role::Admin);
        terms(&field, json!({ "appeals": "none", "responsible_id": boss.id() }));
        let id = opened(&rea, &field.desk.admin, &field.call, json!({}));
        let why = json!({ "reason": "My cousin." });
        boss.post(&at(&format!("{id}/conflicts")), why).ok();
        says(&mo, &seat(&rea, &id, &mo.email), "accept").ok();
        let heard = [&field.desk.admin, &boss].map(|who| times(&field, who, CHANGED));
        assert_eq!(heard, [1, 0]);
    }

    fn an_invitation_ends_with_what_it_is_to(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, backer) = (web.person("Rea"), field.backer("9000000.00"));
        for end in ["decline", "withdraw", "award"] {
            let id = opened(&rea, admin, &field.call, json!({}));
            let mo = web.person("Mo");
            let place = seat(&rea, &id, &mo.email);
            match end {
                "award" => {
                    backer.offer(&id, "20000.00").ok();
                    field.awarded(&id);
                }
                "decline" => {
                    let why = json!({ "reason": "Not here." });
                    drop(admin.post(&at(&format!("{id}/decline")), why).ok());
                }
                _ => drop(rea.post(&at(&format!("{id}/withdraw")), json!({})).ok()),
            }
            assert_eq!(taken_back(&web, &mo.email), 1, "{end}");
            says(&mo, &place, "accept").refused(409, "wrong_state");
            assert!(!mo.get("/api/v1/me/next").text().contains(&place), "{end}");
            invite(&rea, &id, "late@example.org").refused(409, "wrong_state");
        }
    }

    fn a_lapse_ends_invitations_too(t: &Harness) {
        let web = t.serve();
        day(t, "2028-01-31");
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let dated = call(&admin, json!({
            "title": "Leap", "kind": "dated", "opens_on": "2028-01-31", "closes_on": "2028-02-29",
            "decision_days": 28,
        }));
        let id = opened(&rea, &admin, &dated, json!({}));
        seat(&rea, &id, "mo@work.example");
        // The promised day is moved on the way.
        for moved in ["2028-02-26", "2028-03-11", "2028-03-25", "2028-03-28", "2028-03-29"] {
            day(t, moved);
            web.work();
        }
        assert_eq!(rea.get(&at(&id)).ok()["status"], "lapsed");
        assert_eq!(taken_back(&web, "mo@work.example"), 1);
    }

    fn who_reviews_without_names_hears_none(t: &Harness) {
        let web = t.serve();
        let admin = &web.field().desk.admin.clone();
        let blind = rolling(admin);
        let settings = format!("/api/v1/calls/{blind}/review-settings");
        admin.put(&settings, json!({ "blind": true })).ok();
        let (rea, mo) = (web.person("Rea"), web.person("Zenobia Quill"));
        let [una, near, far] =
            ["Una", "Near", "Far"].map(|name| web.with_role(name, Role::Reviewer));
        let id = submitted(&rea, &blind, json!({}));
        review_of(admin, &id, &una);
        says(&mo, &seat(&rea, &id, &mo.email), "accept").ok();
        let told = web.mail(&una.email, CHANGED).text;
        assert!(told.contains("Somebody has joined the team"), "{told}");
        assert!(!told.contains("Zenobia") && !told.contains("Rea"), "{told}");
        // Who said no to it has read who leads it; who says nothing may have read nothing, and who
        // leads it does not choose who does not review it.
        let asked = |who: &Client| {
            let form = json!({ "person_id": who.id() });
            admin.post(&at(&format!("{id}/reviewers")), form)
        };
        let place = seat(&rea, &id, &near.email);
        seat(&rea, &id, &far.email);
        asked(&far).ok();
        says(&near, &place, "decline").ok();
        let refused = asked(&near).wrong_fields(&["/person_id"]);
        assert_eq!(refused["fields"][0]["code"], "knows_names", "{refused}");
    }
}
