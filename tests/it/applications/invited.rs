//! An invitation that nobody has said yes to binds nobody: neither who is asked, nor whoever has
//! something in common with them.

use super::former::invite;
use super::*;
use crate::support::{Side, waits};
use almoner::applications::service;
use almoner::kernel::ids::ApplicationId;
use diesel::connection::SimpleConnection as _;

both! {
    fn offers_and_their_award_go_on(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), &field.desk.admin);
        let sue = web.with_role("Sue", Role::Admin);
        let near = web.with_address("reg@rival.edu", "Near", &[Role::Regrantor]);
        let near = field.budget_for(near, "500.00", json!({}));
        let [private, asked] = [(); 2].map(|()| field.backer("500.00"));
        let above = field.backer_with("500.00", json!({ "approval_threshold": usd("1.00") }));
        let id = field.applies(&rea, "100.00", "900.00");
        near.offer(&id, "50.00").ok();
        private.offer_with(&id, "60.00", json!({ "private": true })).ok();
        let second = above.offer(&id, "40.00").id();
        sue.command(&format!("/api/v1/offers/{second}/approve")).ok();
        let funding = || {
            let path = at(&format!("{id}/funding"));
            [&rea, &private.who, admin, &web.anonymous()].map(|who| who.get(&path).ok())
        };
        let before = funding();
        assert_eq!(before[0]["offered"], usd("150.00"));
        let emails = [&private.who, &asked.who, &sue, admin].map(|who| who.email.as_str());
        for email in emails.into_iter().chain(["x@rival.edu"]) {
            invite(&rea, &id, email);
        }
        assert_eq!(funding(), before, "who offers in private is not told by what is missing then");
        let queue = asked.who.get("/api/v1/me/queue").text();
        assert!(queue.contains(&id), "{queue}");
        asked.offer(&id, "20.00").ok();
        near.offer(&id, "10.00").ok();
        let grant = field.grant(&field.awarded(&id));
        assert_eq!(grant["amount_awarded"], usd("180.00"));
        field.sound();
    }

    fn what_is_in_common_counts_from_the_yes_on(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let near = web.with_address("reg@rival.edu", "Near", &[Role::Regrantor]);
        let (near, far) = (field.budget_for(near, "500.00", json!({})), field.backer("500.00"));
        let mo = web.with_address("mo@rival.edu", "Mo", &[]);
        let id = field.applies(&rea, "1.00", "900.00");
        near.offer(&id, "50.00").ok();
        far.offer(&id, "50.00").ok();
        let place = invite(&rea, &id, &mo.email);
        near.offer(&id, "5.00").ok();
        mo.command(&at(&format!("{id}/members/{place}/accept"))).ok();
        near.offer(&id, "5.00").refused(409, "conflict_found");
        field.award(&id, json!({})).refused(409, "conflict_found");
        for (who, words) in [
            (&near.who, "is held, and is not awarded before an admin has looked at that"),
            (&far.who, "Your offer on it stands as it is."),
        ] {
            web.work();
            let told = web.mail(&who.email, "The team has changed").text.replace('\n', " ");
            assert!(told.contains(words), "{told}");
        }
    }

    fn who_is_asked_decides_until_they_say_yes(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, boss) = (web.person("Rea"), web.with_role("Boss", Role::Admin));
        let [first, second] = [(); 2].map(|()| submitted(&rea, &field.call, json!({})));
        let place = |id: &str| at(&format!("{id}/members/{}", invite(&rea, id, &boss.email)));
        let (one, other) = (place(&first), place(&second));
        let open = |id: &str| boss.command(&at(&format!("{id}/open")));
        open(&first).ok();
        boss.command(&format!("{one}/accept")).refused(409, "wrong_state");
        boss.command(&format!("{other}/accept")).ok();
        open(&second).refused(403, "two_persons");
    }

    fn who_joins_at_the_moment_of_an_award_does_not_award(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let field = web.field();
        let (rea, boss) = (web.person("Rea"), web.with_role("Boss", Role::Admin));
        let id = field.applies(&rea, "1.00", "100.00");
        field.backer("100.00").offer(&id, "5.00").ok();
        // Asked at another address, which tells nobody who it is.
        invite(&rea, &id, "boss@work.example");
        let says_yes = format!(
            "UPDATE application_members SET consent = 'accepted', token_hash = NULL, \
             person_id = (SELECT id FROM people WHERE email = '{}') \
             WHERE email = 'boss@work.example'",
            boss.email
        );
        let held: ApplicationId = id.parse().expect("an id");
        let path = at(&format!("{id}/award"));
        let award = &|| boss.command(&path);
        let awarded = std::thread::scope(|scope| {
            let asks = web.app.db.write_now("test.held", |conn| {
                service::lock(conn, held)?;
                let asks = scope.spawn(award);
                assert!(waits(conn, &asks)?, "it did not wait for the application");
                conn.batch_execute(&says_yes)?;
                Ok(asks)
            });
            let asks = asks.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
            asks.join().expect("no panic")
        });
        awarded.refused(403, "two_persons");
        field.awarded(&id);
        field.sound();
    }
}
