//! The team: nobody is on it who has not said yes for themselves.

use super::*;

fn invite(who: &Client, id: &str, email: &str, name: &str) -> Reply {
    who.post(&at(&format!("{id}/members")), json!({ "email": email, "name": name }))
}

fn team(who: &Client, id: &str) -> Vec<Value> {
    who.get(&at(&format!("{id}/members"))).ok()["items"].as_array().expect("items").clone()
}

fn answer(who: &Client, id: &str, member: &str, yes: bool) -> Reply {
    let command = if yes { "accept" } else { "decline" };
    who.command(&at(&format!("{id}/members/{member}/{command}")))
}

/// The token in a mail's link.
fn token_in(letter: &Letter) -> String {
    let (_, rest) = letter.text.split_once("#token=").expect("a link with a token");
    rest.split_whitespace().next().expect("a token").to_owned()
}

both! {
    fn a_team_is_asked_and_answers_for_itself(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let (sam, call) = (web.person("Sam"), rolling(&admin));
        let id = draft(&rea, &call, json!({}));
        let lead = team(&rea, &id);
        assert_eq!(lead.len(), 1);
        assert_eq!((&lead[0]["role"], &lead[0]["consent"]), (&json!("lead"), &json!("accepted")));
        assert_eq!(lead[0]["person_id"], json!(rea.id()));

        let path = at(&format!("{id}/members"));
        let form = json!({ "email": mo.email.to_uppercase(), "name": "מו 🧪", "role": "mentor" });
        let asked = rea.post(&path, form);
        assert_eq!(asked.status, 201);
        let member = asked.id();
        let asked = asked.ok();
        assert_eq!((&asked["consent"], &asked["role"]), (&json!("invited"), &json!("mentor")));
        assert_eq!((&asked["name"], &asked["person_id"]), (&json!("מו 🧪"), &Value::Null));
        assert!(asked.get("token").is_none() && asked.get("token_hash").is_none());
        invite(&rea, &id, &mo.email, "Mo").refused(409, "already_exists");
        invite(&rea, &id, &rea.email, "Me").refused(409, "already_exists");
        rea.command(&at(&format!("{id}/submit"))).wrong_fields(&["/members"]);

        let letter = mails(&web, &mo.email).pop().expect("an invitation");
        assert!(letter.subject.starts_with("You are asked onto a team"), "{}", letter.subject);
        assert!(letter.text.contains(&format!("/applications/{id}/members/{member}#token=")));
        // Who is invited sees what it is about; nobody else can answer.
        assert_eq!(mo.get(&at(&id)).ok()["title"], "Probes");
        edit(&mo, &id, json!({ "title": "Mine" })).refused(403, "forbidden");
        answer(&sam, &id, &member, true).refused(404, "not_found");
        answer(&rea, &id, &member, true).refused(403, "forbidden");
        let yes = answer(&mo, &id, &member, true).ok();
        assert_eq!((&yes["consent"], &yes["person_id"]), (&json!("accepted"), &json!(mo.id())));
        answer(&mo, &id, &member, true).refused(409, "wrong_state");
        rea.command(&at(&format!("{id}/submit"))).ok();
        // One leaves by oneself, at any time; the applicant withdraws instead.
        let own = lead[0]["id"].as_str().expect("an id");
        answer(&rea, &id, own, false).refused(409, "wrong_state");
        assert_eq!(answer(&mo, &id, &member, false).ok()["consent"], "declined");
        answer(&mo, &id, &member, false).refused(409, "wrong_state");
        mo.get(&at(&id)).refused(404, "not_found");
    }

    fn an_invitation_can_be_taken_with_another_address_by_its_token(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let call = rolling(&admin);
        let id = draft(&rea, &call, json!({}));
        let member = invite(&rea, &id, "mo@work.example", "Mo").id();
        let accept = at(&format!("{id}/members/{member}/accept"));
        let token = token_in(&mails(&web, "mo@work.example").pop().expect("an invitation"));
        mo.command(&accept).refused(404, "not_found");
        for wrong in ["", "alm_", "x", &token[..token.len() - 1], &format!("{token}A")] {
            mo.post(&accept, json!({ "token": wrong })).refused(404, "not_found");
        }
        assert_eq!(mo.post(&accept, json!({ "token": token })).ok()["consent"], "accepted");
        assert_eq!(mo.get(&at(&id)).ok()["status"], "draft");
        web.person("Sam").post(&accept, json!({ "token": token })).refused(404, "not_found");
        // The same person cannot be on a team twice, and so is not asked again at the address of
        // their account: that could not be answered, and would keep it from being handed in.
        invite(&rea, &id, &mo.email, "Mo").refused(409, "already_exists");
        assert_eq!(team(&rea, &id).len(), 2);
        let sam = web.person("Sam");
        let own = invite(&rea, &id, &sam.email, "Sam").id();
        let work = invite(&rea, &id, "sam@work.example", "Sam").id();
        answer(&sam, &id, &own, true).ok();
        let token = token_in(&mails(&web, "sam@work.example").pop().expect("an invitation"));
        let accept = at(&format!("{id}/members/{work}/accept"));
        sam.post(&accept, json!({ "token": token })).refused(409, "already_exists");
        let other = draft(&rea, &call, json!({}));
        let elsewhere = at(&format!("{other}/members/{member}/accept"));
        mo.post(&elsewhere, json!({ "token": token })).refused(404, "not_found");
    }

    fn invitations_can_be_taken_back_but_not_repeated_at_once(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let call = rolling(&admin);
        let id = draft(&rea, &call, json!({}));
        let member = invite(&rea, &id, &mo.email, "Mo").id();
        let path = at(&format!("{id}/members/{member}"));
        let told = mo.delete(&path).refused(403, "forbidden");
        assert!(told["detail"].as_str().is_some_and(|d| d.contains("/decline")), "{told}");
        assert_eq!(rea.delete(&path).status, 204);
        rea.delete(&path).refused(404, "not_found");
        mo.get(&at(&id)).refused(404, "not_found");
        answer(&mo, &id, &member, true).refused(404, "not_found");
        assert_eq!(team(&rea, &id).len(), 1);
        rea.command(&at(&format!("{id}/submit"))).ok();
        send_back(&admin, &id);
        let told = invite(&rea, &id, &mo.email, "Mo").refused(409, "limit_reached");
        assert!(told["detail"].as_str().is_some_and(|d| d.ends_with(" UTC.")), "{told}");
        t.clock.advance_seconds(24 * 3600);
        assert_eq!(invite(&rea, &id, &mo.email, "Mo").id(), member);
        answer(&admin, &id, &member, true).refused(403, "forbidden");
        answer(&mo, &id, &member, true).ok();
        let lead = team(&rea, &id)[0]["id"].as_str().expect("an id").to_owned();
        rea.delete(&at(&format!("{id}/members/{lead}"))).refused(409, "wrong_state");
    }

    fn a_role_is_corrected_and_its_holder_told(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let (sam, call) = (web.person("Sam"), rolling(&admin));
        let id = draft(&rea, &call, json!({}));
        let form = json!({ "email": mo.email, "name": "Mo", "role": "mentor" });
        let seat = rea.post(&at(&format!("{id}/members")), form).id();
        let etag = || rea.get(&at(&id)).etag().to_owned();
        let give = |who: &Client, member: &str, etag: &str, role: &str| {
            let place = at(&format!("{id}/members/{member}"));
            who.patch(&place, etag, json!({ "role": role }))
        };
        let before = etag();
        give(&sam, &seat, &before, "member").refused(404, "not_found");
        give(&mo, &seat, &before, "member").refused(403, "forbidden");
        give(&rea, &id, &before, "member").refused(404, "not_found");
        give(&rea, &seat, &before, "boss").wrong_fields(&["/role"]);
        let place = at(&format!("{id}/members/{seat}"));
        rea.send("PATCH", &place, &[], Some(b"{\"role\":\"member\"}".to_vec()))
            .refused(428, "precondition_required");
        // Asked as something else, they answer once all the same, by the link that they have.
        let done = give(&rea, &seat, &before, "operations");
        assert_eq!((done.etag(), &done.ok()["role"]), (etag().as_str(), &json!("operations")));
        assert_eq!(done.ok()["consent"], "invited");
        give(&rea, &seat, &before, "mentor").refused(412, "edited_meanwhile");
        let asked = mails(&web, &mo.email).into_iter().find(|l| l.text.contains("#token="));
        let token = token_in(&asked.expect("an invitation"));
        let accept = at(&format!("{id}/members/{seat}/accept"));
        mo.post(&accept, json!({ "token": token })).ok();
        edit(&mo, &id, json!({ "title": "Ours" })).ok();
        assert_eq!(give(&rea, &seat, &etag(), "mentor").ok()["consent"], "accepted");
        edit(&mo, &id, json!({ "title": "Mine" })).refused(403, "forbidden");
        let same = etag();
        assert_eq!(give(&rea, &seat, &same, "mentor").etag(), same, "nothing was changed");
        let told = mails(&web, &mo.email).into_iter().map(|letter| letter.subject);
        let mut told: Vec<String> = told.filter(|s| s.contains(" on a team")).collect();
        told.sort();
        assert_eq!(told, ["mentor on a team: Ours", "operations on a team: Probes"]
            .map(|role| format!("You are {role}")));
        // What its lead does on it stays, and nobody's is changed once it is handed in.
        let lead = team(&rea, &id)[0]["id"].as_str().expect("an id").to_owned();
        give(&rea, &lead, &etag(), "member").refused(409, "wrong_state");
        rea.command(&at(&format!("{id}/submit"))).ok();
        give(&rea, &seat, &etag(), "member").refused(409, "wrong_state");
        send_back(&admin, &id);
        answer(&mo, &id, &seat, false).ok();
        give(&rea, &seat, &etag(), "member").refused(409, "wrong_state");
    }

    fn somebody_is_put_out_of_a_team_until_it_is_decided(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let ron = web.with_role("Ron", Role::Admin);
        let call = rolling(&admin);
        let id = draft(&rea, &call, json!({}));
        let [mos, rons] = [&mo, &ron].map(|who| {
            let seat = invite(&rea, &id, &who.email, "Asked").id();
            answer(who, &id, &seat, true).ok();
            seat
        });
        rea.command(&at(&format!("{id}/submit"))).ok();
        let out = |who: &Client, seat: &str| who.delete(&at(&format!("{id}/members/{seat}")));
        out(&mo, &rons).refused(403, "forbidden");
        out(&admin, &rons).refused(403, "forbidden");
        out(&web.person("Sam"), &rons).refused(404, "not_found");
        assert_eq!(out(&rea, &rons).status, 204);
        out(&rea, &rons).refused(404, "not_found");
        // Who was on it decides nothing about it, and hears that they are off it.
        ron.command(&at(&format!("{id}/open"))).refused(403, "two_persons");
        let told = mails(&web, &ron.email);
        assert!(told.iter().any(|letter| letter.subject.starts_with("You are off a team")));
        admin.command(&at(&format!("{id}/open"))).ok();
        let lead = team(&rea, &id)[0]["id"].as_str().expect("an id").to_owned();
        out(&rea, &lead).refused(409, "wrong_state");
        assert_eq!(out(&rea, &mos).status, 204);
        mo.get(&at(&id)).refused(404, "not_found");
        assert_eq!(team(&rea, &id).len(), 1);
        // Once it has ended nobody is put out any more.
        let over = draft(&rea, &call, json!({}));
        let seat = invite(&rea, &over, &mo.email, "Mo").id();
        answer(&mo, &over, &seat, true).ok();
        rea.post(&at(&format!("{over}/withdraw")), json!({})).ok();
        rea.delete(&at(&format!("{over}/members/{seat}"))).refused(409, "wrong_state");
    }

    fn addresses_are_for_the_team_and_admins(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let call = rolling(&admin);
        let id = draft(&rea, &call, json!({ "visibility": "public" }));
        let member = invite(&rea, &id, &mo.email, "Mo").id();
        let never = invite(&rea, &id, "no@example.org", "No").id();
        assert!(team(&mo, &id).iter().all(|m| m.get("email").is_none()), "invited only");
        answer(&mo, &id, &member, true).ok();
        rea.delete(&at(&format!("{id}/members/{never}")));
        rea.command(&at(&format!("{id}/submit"))).ok();
        admin.command(&at(&format!("{id}/open"))).ok();
        for (who, sees) in [
            (rea.clone(), true),
            (mo, true),
            (admin, true),
            (web.with_role("Aud", Role::Auditor), false),
            (web.with_role("Fia", Role::Finance), false),
            (web.person("Sam"), false),
            (web.anonymous(), false),
        ] {
            let team = team(&who, &id);
            assert_eq!(team.len(), 2);
            assert!(team.iter().all(|m| m.get("email").is_some() == sees), "{team:?}");
            let whole = who.get(&at(&id)).text();
            assert!(!whole.contains("@example.org"), "{whole}");
        }
    }

    fn a_team_has_its_limits(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let id = draft(&rea, &call, json!({}));
        let path = at(&format!("{id}/members"));
        rea.post(&path, json!({ "email": "a@b", "name": "", "role": "member" }))
            .wrong_fields(&["/email", "/name"]);
        rea.post(&path, json!({ "email": "a@b.cd\r\nBcc: x@y.zz", "name": "A" }))
            .wrong_fields(&["/email"]);
        rea.post(&path, json!({ "email": "a@b.cd", "name": "A", "role": "boss" }))
            .wrong_fields(&["/role"]);
        rea.post(&path, json!({ "email": "a@b.cd", "name": "A", "consent": "accepted" }))
            .wrong_fields(&["/consent"]);
        for n in 1..20 {
            assert_eq!(invite(&rea, &id, &format!("m{n}@example.org"), "M").status, 201, "{n}");
        }
        invite(&rea, &id, "m20@example.org", "M").refused(409, "limit_reached");
        // And nobody sends more than 50 a day, on however many applications.
        let mut sent = 19;
        while sent < 50 {
            let next = draft(&rea, &call, json!({}));
            for n in 0..19 {
                let reply = invite(&rea, &next, &format!("n{n}@example.org"), "N");
                if sent < 50 { reply.ok(); } else { reply.refused(409, "limit_reached"); }
                sent += 1;
            }
        }
    }
}
