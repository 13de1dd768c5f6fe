//! Money that was given for an application and is left when that has ended: whoever gave it late
//! and whoever answers for the call hear the truth of it.

use super::contributions::{Giving, served};
use crate::decisions::terms;
use crate::support::desk::usd;
use crate::support::{Harness, Side, waits};
use almoner::applications;
use almoner::applications::model::{AppealAnswer, AppealVerdict};
use almoner::kernel::actor::{Actor, Role, Scopes};
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Giving<'_> {
    fn on(&self, act: &str) -> String {
        format!("/api/v1/applications/{}{act}", self.application)
    }
    /// What is mailed to whoever answers for the call of what is left.
    fn left(&self) -> Vec<String> {
        let admin = &self.field.desk.admin.email;
        let mut all = self.field.web.letters();
        all.retain(|mail| mail.to == *admin && mail.subject.starts_with("Money is left: "));
        all.iter().map(|mail| format!("{} {}", mail.subject, in_one_line(&mail.text))).collect()
    }
    /// Receives what was announced; what its giver reads then, and where links lead.
    fn reads(&self, announced: &str) -> (String, Vec<String>) {
        let path = format!("/api/v1/announcements/{announced}");
        let email = self.field.desk.finance.get(&path).ok()["email"].clone();
        self.receive(announced, "50.00").ok();
        let email = email.as_str().expect("an address");
        let mail = self.field.web.mail(email, "Your contribution has arrived");
        (mail.subject.clone() + " " + &in_one_line(&mail.text), mail.links(self.field.web))
    }
}

both! {
    fn all_that_is_over_is_forgotten_in_one_run(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        g.announced("5.00");
        let new = match t.side {
            Side::Sqlite => "randomblob(16)",
            Side::Postgres => "gen_random_uuid()",
        };
        let same = "application_id, fund_id, amount, currency, email, message, status, \
            expires_at, created_at";
        for n in 0..8 {
            let sql = format!("INSERT INTO announcements (id, reference, {same}) \
                SELECT {new}, reference || '-{n}', {same} FROM announcements");
            assert_eq!(crate::payees::execute(&web, &sql), Ok(1 << n));
        }
        t.clock.advance_seconds(31 * 86_400);
        web.work();
        assert_eq!(g.announcements("status=announced"), json!([]), "256 are more than a look");
    }

    fn who_gives_for_what_has_ended_is_not_told_that_it_is_held(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let [first, second] = [(); 2].map(|()| g.announced("50.00"));
        let (told, links) = g.reads(&first);
        assert!(told.contains("held for this application"), "{told}");
        assert_eq!(links[0], format!("/a/{}", g.application));
        g.rea.post(&g.on("/withdraw"), json!({})).ok();
        let left = g.left();
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(left[0].contains("45.00 USD") && left[0].contains("has ended"), "{left:?}");
        assert!(!left[0].contains("appeal"), "{left:?}");
        let (told, links) = g.reads(&second);
        assert!(told.contains("had ended before that"), "{told}");
        assert!(!told.contains("held for this application"), "{told}");
        assert!(links.iter().all(|link| !link.starts_with("/a/")), "nothing is there: {links:?}");
        assert!(g.left().iter().any(|mail| mail.contains("90.00 USD")), "{:?}", g.left());
        g.holds();
    }

    fn what_a_grant_leaves_is_told_of_and_what_it_gives_back(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let (used, late) = (g.given("100.00"), g.announced("50.00"));
        g.given("20.00");
        g.offer(&used).ok();
        let grant = g.field.awarded(&g.application);
        let left = g.left();
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(left[0].contains("was granted") && left[0].contains(" 18.00 USD"), "{left:?}");
        assert_eq!(g.status(&used), "spent");
        let (told, links) = g.reads(&late);
        assert!(told.contains("was granted before that, without this money"), "{told}");
        assert_eq!(links[0], format!("/a/{}", g.application));
        assert_eq!(g.left().len(), 2);
        let why = json!({ "reason": "They moved away." });
        g.field.desk.admin.post(&format!("/api/v1/grants/{grant}/cancel"), why).ok();
        let left = g.left();
        assert_eq!(left.len(), 3, "{left:?}");
        assert!(left.iter().any(|mail| mail.contains("153.00 USD")), "{left:?}");
        g.holds();
    }

    fn nobody_is_mailed_where_nothing_is_left(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let used = g.given("100.00");
        g.offer(&used).ok();
        g.field.awarded(&g.application);
        let other = g.field.applies(&g.rea, "1.00", "9.00");
        g.rea.post(&format!("/api/v1/applications/{other}/withdraw"), json!({})).ok();
        assert_eq!(g.left(), [""; 0]);
    }

    fn givers_read_the_title_that_was_handed_in(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let id = g.announced("50.00");
        g.field.desk.admin.post(&g.on("/request-changes"), json!({ "reason": "Say more." })).ok();
        let etag = g.rea.get(&g.on("")).etag().to_owned();
        g.rea.patch(&g.on(""), &etag, json!({ "title": "Canary" })).ok();
        let (told, links) = g.reads(&id);
        assert!(told.contains("A better lens") && !told.contains("Canary"), "{told}");
        assert!(links.iter().all(|link| !link.starts_with("/a/")), "it has no page: {links:?}");
    }

    fn what_money_is_announced_for_stays(t: &Harness) {
        let web = served(t);
        let mut field = web.field();
        let terms = json!({ "restriction": "purpose", "purpose": "Optics" });
        let fund = field.desk.fund_with("For optics", terms);
        let call = json!({ "title": "Optics", "kind": "rolling", "fund_ids": [fund] });
        let call = field.desk.admin.post("/api/v1/calls", call).id();
        field.desk.admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        field.call = call;
        let application = field.application("90.00", "900.00");
        let path = format!("/api/v1/public/applications/{application}/announcements");
        let form = json!({ "amount": usd("5.00"), "email": "gil@example.org" });
        web.anonymous().post(&path, form).ok();
        let (admin, path) = (&field.desk.admin, format!("/api/v1/funds/{fund}"));
        let edit = |form: Value| {
            let etag = admin.get(&path).etag().to_owned();
            admin.patch(&path, &etag, form)
        };
        let refused = edit(json!({ "purpose": "War" })).refused(409, "wrong_state");
        assert!(refused["detail"].as_str().expect("words").contains("announced"), "{refused}");
        edit(json!({ "name": "For lenses", "purpose": "Optics" })).ok();
        // Nothing came of it.
        t.clock.advance_seconds(30 * 86_400 + 3600);
        web.work();
        assert_eq!(edit(json!({ "purpose": "Lenses" })).ok()["purpose"], "Lenses");
    }

    fn money_is_received_with_the_application_held(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = served(t);
        let g = Giving::of(&web);
        let announced = g.announced("100.00");
        let application = g.application.parse().expect("an id");
        std::thread::scope(|scope| {
            let receives = web.app.db.write_now("test.held", |conn| {
                applications::service::lock(conn, application)?;
                let receives = scope.spawn(|| g.receive(&announced, "100.00"));
                waits(conn, &receives)?;
                // Whoever holds the application asks for the fund next: it is free.
                let fund =
                    format!("SELECT 1 FROM funds WHERE id = '{}' FOR UPDATE NOWAIT", g.fund);
                conn.batch_execute(&fund)?;
                let edit = format!(
                    "UPDATE applications SET currency = 'EUR' WHERE id = '{}'",
                    g.application
                );
                conn.batch_execute(&edit)?;
                Ok(receives)
            });
            let receives = receives.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
            let received = receives.join().expect("no panic").ok();
            assert_eq!(received["earmark"], Value::Null, "it asks for another currency by now");
        });
    }

    fn money_has_no_other_use_while_an_appeal_is_answered(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = served(t);
        let g = Giving::of(&web);
        let earmark = g.given("100.00");
        terms(&g.field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let why = json!({ "reason": "Not for this call." });
        g.field.desk.admin.post(&g.on("/decline"), why).ok();
        g.rea.post(&g.on("/appeal"), json!({ "text": "Look again." })).ok();
        let id = web.with_role("Abe Admin", Role::Admin).id();
        let roles = [Role::Admin].into_iter().collect();
        let actor = Actor::Person { id, roles, session: None, scopes: Scopes::All };
        let ctx = web.system().acting(actor, "Abe Admin");
        let application = g.application.parse().expect("an id");
        let answer = AppealAnswer {
            outcome: AppealVerdict::Reopened,
            reason: "We look again.".into(),
            call_id: None,
        };
        std::thread::scope(|scope| {
            let waits = web.app.db.write_now("test.appeal", |conn| {
                applications::service::answer_appeal(conn, &ctx, application, &answer)?;
                let reassigns = scope.spawn(|| g.reassign(&earmark, "Another lens."));
                let waits = waits(conn, &reassigns)?;
                Ok((reassigns, waits))
            });
            let (reassigns, waits) = waits.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
            assert!(waits, "the application is held first");
            reassigns.join().expect("no panic").refused(409, "wrong_state");
        });
        assert_eq!(g.status(&earmark), "held");
        g.holds();
    }
}
