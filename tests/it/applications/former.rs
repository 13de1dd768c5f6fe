//! Who was on a team, and is no more: they keep out of what becomes of it, nobody takes their
//! place, and whoever was asked hears that it has ended.

use super::*;
use crate::decisions::{decline, terms, times};
use crate::support::field::Field;

pub(super) fn invite(lead: &Client, id: &str, email: &str) -> String {
    lead.post(&at(&format!("{id}/members")), json!({ "email": email, "name": "Asked" })).id()
}

fn command(who: &Client, id: &str, seat: &str, how: &str) -> Reply {
    who.command(&at(&format!("{id}/members/{seat}/{how}")))
}

fn joins(lead: &Client, id: &str, who: &Client) -> String {
    let seat = invite(lead, id, &who.email);
    command(who, id, &seat, "accept").ok();
    seat
}

/// What the last mail to an address gives to whoever has it.
fn token(web: &Web, address: &str) -> Value {
    let letter = mails(web, address).pop().expect("an invitation");
    let (_, rest) = letter.text.split_once("#token=").expect("a link with a token");
    json!({ "token": rest.split_whitespace().next().expect("a token") })
}

/// On a team by an address that is not their account's, and off it again; the place.
fn was_on(web: &Web, (lead, id): (&Client, &str), who: &Client, address: &str) -> String {
    let seat = invite(lead, id, address);
    let accept = at(&format!("{id}/members/{seat}/accept"));
    who.post(&accept, token(web, address)).ok();
    command(who, id, &seat, "decline").ok();
    seat
}

fn open(who: &Client, id: &str) -> Reply {
    who.command(&at(&format!("{id}/open")))
}

fn merged(t: &Harness, (rea, into): (&Client, &str), (mo, other): (&Client, &str)) {
    invite(mo, other, &rea.email);
    let form = json!({ "other": other });
    let merge = rea.post(&at(&format!("{into}/merge")), form).id();
    t.clock.advance_seconds(60);
    mo.command(&format!("/api/v1/merges/{merge}/accept")).ok();
}

/// What a backer of the field can pay.
fn small() -> Value {
    json!({
        "visibility": "public", "amount_minimum": usd("1.00"), "amount_requested": usd("50.00"),
        "budget_lines": [{ "label": "All", "amount": usd("50.00") }],
    })
}

/// Nobody who was on it decides on it, is asked to, or offers to it; others do.
fn keeps_out(field: &Field<'_>, id: &str, ron: &Client) {
    open(ron, id).refused(403, "two_persons");
    open(&field.desk.admin, id).ok();
    let theirs = field.budget_for(ron.clone(), "100.00", json!({}));
    theirs.offer(id, "2.00").refused(403, "conflict_of_interest");
    let other = field.backer_with("100.00", json!({ "approval_threshold": usd("5.00") }));
    other.offer(id, "20.00").ok();
    let asked = "Approve or deny an offer";
    assert_eq!((times(field, ron, asked), times(field, &field.desk.admin, asked)), (0, 1));
}

both! {
    fn a_place_stays_with_who_had_it(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let old = web.with_role("Old", Role::Admin);
        let call = rolling(&admin);
        let id = draft(&rea, &call, json!({}));
        let before = was_on(&web, (&rea, &id), &old, "mo@work.example");
        t.clock.advance_seconds(24 * 3600);
        // The address is another person's by now.
        let new = web.with_address("mo@work.example", "New", &[]);
        let seat = invite(&rea, &id, &new.email);
        assert_ne!(seat, before);
        command(&new, &id, &seat, "accept").ok();
        let team = rea.get(&at(&format!("{id}/members"))).ok();
        let ids: Vec<&Value> =
            team["items"].as_array().expect("items").iter().map(|m| &m["person_id"]).collect();
        assert_eq!(ids, [&json!(rea.id()), &json!(new.id())]);
        rea.command(&at(&format!("{id}/submit"))).ok();
        open(&old, &id).refused(403, "two_persons");
        open(&admin, &id).ok();
    }

    fn who_comes_back_has_their_place_and_nobody_else_takes_it(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let id = draft(&rea, &rolling(&admin), json!({}));
        let seat = joins(&rea, &id, &mo);
        command(&mo, &id, &seat, "decline").ok();
        t.clock.advance_seconds(24 * 3600);
        assert_eq!(invite(&rea, &id, &mo.email), seat);
        // Not even with what was mailed to them.
        let accept = at(&format!("{id}/members/{seat}/accept"));
        web.person("Sam").post(&accept, token(&web, &mo.email)).refused(404, "not_found");
        assert_eq!(command(&mo, &id, &seat, "accept").ok()["person_id"], json!(mo.id()));
    }

    fn a_merge_takes_nobodys_place(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let old = web.with_role("Old", Role::Admin);
        let call = rolling(&admin);
        let into = draft(&rea, &call, json!({}));
        was_on(&web, (&rea, &into), &old, "mo@work.example");
        let mo = web.with_address("mo@work.example", "Mo", &[]);
        let other = draft(&mo, &call, json!({}));
        merged(t, (&rea, &into), (&mo, &other));
        assert_eq!(mo.get(&at(&into)).ok()["title"], "Probes", "they are on it");
        rea.command(&at(&format!("{into}/submit"))).ok();
        open(&old, &into).refused(403, "two_persons");
        open(&admin, &into).ok();
    }

    fn a_merge_leaves_nobody_out_without_a_word(t: &Harness) {
        let web = t.serve();
        let (admin, rea, old) = (admin(&web), web.person("Rea"), web.person("Old"));
        let call = rolling(&admin);
        let into = draft(&rea, &call, json!({}));
        let seat = invite(&rea, &into, "mo@work.example");
        let place = at(&format!("{into}/members/{seat}"));
        old.post(&format!("{place}/accept"), token(&web, "mo@work.example")).ok();
        // Who applies with the other has the address by which another was asked.
        let mo = web.with_address("mo@work.example", "Mo", &[]);
        let other = draft(&mo, &call, json!({}));
        invite(&mo, &other, &rea.email);
        let merge = rea.post(&at(&format!("{into}/merge")), json!({ "other": other })).id();
        t.clock.advance_seconds(60);
        let accept = || mo.command(&format!("/api/v1/merges/{merge}/accept"));
        let said = accept().refused(409, "wrong_state").to_string();
        assert!(said.contains("take them off it first"), "{said}");
        assert_eq!(rea.delete(&place).status, 204);
        accept().ok();
        assert_eq!(mo.get(&at(&into)).ok()["title"], "Probes", "they are on it");
    }

    fn a_place_of_another_is_not_offered_by_its_address(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (mo, old) = (web.person("Mo"), web.person("Old"));
        let id = draft(&rea, &rolling(&admin), json!({}));
        invite(&rea, &id, &mo.email);
        let told = |who: &Client| {
            let paths = ["/api/v1/me/next", "/api/v1/applications?mine=true"];
            paths.map(|path| who.get(path).text().contains(&id))
        };
        assert_eq!((told(&mo), mo.get(&at(&id)).status), ([true; 2], 200));
        // As places were left before they stayed with who had them.
        let email = &old.email;
        let theirs = format!("(SELECT id FROM people WHERE email = '{email}')");
        let left = format!("UPDATE application_members SET person_id = {theirs}");
        crate::payees::execute(&web, &format!("{left} WHERE consent = 'invited'")).expect("left");
        assert_eq!(told(&mo), [false; 2]);
        mo.get(&at(&id)).refused(404, "not_found");
        assert_eq!(old.get(&at(&id)).status, 200);
    }

    fn what_is_handed_in_again_is_decided_without_who_was_on_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let ron = web.with_roles("Ron", &[Role::Admin, Role::Regrantor]);
        terms(&field, json!({ "appeals": "resubmit", "appeal_days": 10 }));
        let old = draft(&rea, &field.call, small());
        joins(&rea, &old, &ron);
        rea.command(&at(&format!("{old}/submit"))).ok();
        decline(&field.desk.admin, &old);
        let new = rea.command(&at(&format!("{old}/resubmit"))).id();
        rea.command(&at(&format!("{new}/submit"))).ok();
        keeps_out(&field, &new, &ron);
    }

    fn what_took_another_up_is_decided_without_who_was_on_that(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let ron = web.with_roles("Ron", &[Role::Admin, Role::Regrantor]);
        let into = draft(&rea, &field.call, small());
        let other = draft(&mo, &field.call, small());
        // Who left it is not asked onto the other.
        let seat = joins(&mo, &other, &ron);
        command(&ron, &other, &seat, "decline").ok();
        // Who was only asked onto one that has ended can say no no more, and is free.
        let una = web.with_role("Una", Role::Admin);
        invite(&mo, &other, &una.email);
        merged(t, (&rea, &into), (&mo, &other));
        rea.command(&at(&format!("{into}/submit"))).ok();
        keeps_out(&field, &into, &ron);
        assert_eq!(times(&field, &una, "Approve or deny an offer"), 1);
    }

    fn nothing_that_came_in_on_time_is_lost_in_a_draft(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let call = rolling(&admin);
        let (first, second) = (draft(&rea, &call, json!({})), draft(&rea, &call, json!({})));
        let back = submitted(&rea, &call, json!({}));
        send_back(&admin, &back);
        for id in [&first, &second, &back] {
            invite(&rea, id, &mo.email);
        }
        let (one, two) = (submitted(&mo, &call, json!({})), submitted(&mo, &call, json!({})));
        let propose = |into: &str, other: &str| {
            mo.post(&at(&format!("{into}/merge")), json!({ "other": other }))
        };
        let accept = |merge: &str| rea.command(&format!("/api/v1/merges/{merge}/accept"));
        let early = propose(&first, &one).id();
        admin.command(&format!("/api/v1/calls/{call}/close")).ok();
        for said in [accept(&early), propose(&second, &two)] {
            let said = said.refused(409, "wrong_state");
            let detail = said["detail"].as_str().expect("a detail");
            assert!(detail.contains("a draft that cannot be handed in"), "{detail}");
        }
        assert_eq!(mo.get(&at(&one)).ok()["status"], "submitted");
        // What was handed in stays in: it takes the other up.
        accept(&propose(&back, &one).id()).ok();
        rea.command(&at(&format!("{back}/submit"))).ok();
    }

    fn who_was_asked_hears_that_it_has_ended(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let heard = |address: &str| {
            let all = mails(&web, address);
            let back = all.iter().filter(|l| l.subject.starts_with("An invitation was taken back"));
            back.count()
        };
        let withdrawn = draft(&rea, &call, json!({}));
        invite(&rea, &withdrawn, "a@work.example");
        rea.command(&at(&format!("{withdrawn}/withdraw"))).ok();
        let deleted = draft(&rea, &call, json!({}));
        invite(&rea, &deleted, "b@work.example");
        let declined = submitted(&rea, &call, json!({}));
        send_back(&admin, &declined);
        invite(&rea, &declined, "c@work.example");
        assert_eq!(heard("c@work.example"), 0);
        admin.post(&at(&format!("{declined}/decline")), json!({ "reason": "Not here." })).ok();
        for id in [&withdrawn, &deleted] {
            let reply = rea.delete(&at(id));
            assert_eq!(reply.status, 204, "{}", reply.text());
        }
        for address in ["a@work.example", "b@work.example", "c@work.example"] {
            assert_eq!(heard(address), 1, "{address}");
        }
    }
}
