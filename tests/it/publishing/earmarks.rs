//! Money that was given for one application stays with it, or with its fund: at every end of an
//! offer, of a grant and of the application, and in no moment in between.

use super::contributions::{Giving, mails, served};
use crate::support::desk::usd;
use crate::support::field::Backer;
use crate::support::web::{Client, Reply};
use crate::support::{Harness, Side, waits};
use almoner::applications;
use almoner::funds;
use almoner::kernel::actor::Role;
use almoner::kernel::time::Stopwatch;
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};
use std::sync::mpsc;
use std::time::Duration;

impl Giving<'_> {
    fn place(&self, amount: &str) -> Reply {
        let form = json!({ "budget_id": self.budget, "amount": usd(amount) });
        self.reg.post(&format!("/api/v1/applications/{}/offers", self.application), form)
    }
    fn at(&self, act: &str) -> String {
        format!("/api/v1/applications/{}{act}", self.application)
    }
    fn admin(&self) -> &Client {
        &self.field.desk.admin
    }
    fn says(&self, terms: Value) {
        let path = format!("/api/v1/calls/{}/decisions", self.field.call);
        let etag = self.admin().get(&path).etag().to_owned();
        let body = Some(terms.to_string().into_bytes());
        self.admin().send("PUT", &path, &[("If-Match", &etag)], body).ok();
    }
    /// Held, all of it, by the fund.
    #[track_caller]
    fn tied(&self, earmark: &str, unallocated: &str) {
        assert_eq!(self.status(earmark), "held");
        assert_eq!(self.books(), [unallocated, "0.00", "0.00"]);
        self.holds();
    }
}

fn cancelled(t: &Harness, noted: bool) {
    let web = served(t);
    let g = Giving::of(&web);
    let earmark = g.given("100.00");
    g.offer(&earmark).ok();
    let grant = g.field.awarded(&g.application);
    if noted {
        web.work();
        assert_eq!(g.status(&earmark), "spent");
    }
    let why = json!({ "reason": "They moved away." });
    g.admin().post(&format!("/api/v1/grants/{grant}/cancel"), why).ok();
    // Nobody finds it in the budget, for this call or another application.
    let elsewhere = g.field.applies(&web.person("Mo"), "1.00", "900.00");
    let form = json!({ "budget_id": g.budget, "amount": usd("90.00") });
    let path = format!("/api/v1/applications/{elsewhere}/offers");
    g.reg.post(&path, form).refused(409, "insufficient_funds");
    g.tied(&earmark, "90.00");
    web.work();
    g.tied(&earmark, "90.00");
    g.reassign(&earmark, "Another lens.").ok();
    g.holds();
}

both! {
    fn released_money_is_the_funds_in_the_same_moment(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let earmark = g.given("100.00");
        let offer = g.offer(&earmark).id();
        g.reg.command(&format!("/api/v1/offers/{offer}/withdraw")).ok();
        // No job has run: whoever is fast finds nothing.
        g.place("90.00").refused(409, "insufficient_funds");
        g.tied(&earmark, "90.00");
        g.field.desk.allocate(&g.budget, "0.01").refused(409, "insufficient_funds");
        // The job, which is for what was released before, finds it done.
        web.work();
        g.tied(&earmark, "90.00");
        // The same with an offer that another person denies, and a budget that is closed at once.
        let small = json!({ "name": "Small", "approval_threshold": usd("1.00") });
        let budget = g.field.desk.budget_with(&g.fund, &g.reg, small);
        let path = format!("/api/v1/earmarks/{earmark}/offer");
        let offered = g.reg.post(&path, json!({ "budget_id": budget })).ok();
        assert_eq!(offered["status"], "awaiting_approval");
        let offer = offered["id"].as_str().expect("an id");
        let why = json!({ "reason": "Not this way." });
        g.admin().post(&format!("/api/v1/offers/{offer}/deny"), why).ok();
        let closed = g.admin().command(&format!("/api/v1/budgets/{budget}/close")).ok();
        assert_eq!(closed["balances"]["available"], usd("0.00"));
        g.tied(&earmark, "90.00");
        let denied = mails(&web, &g.reg.email).into_iter().find(|m| m.contains("was denied"));
        let denied = denied.expect("a mail");
        assert!(denied.contains("back in its fund") && !denied.contains("your budget"), "{denied}");
        // And when the application ends.
        g.offer(&earmark).ok();
        g.rea.post(&g.at("/withdraw"), json!({})).ok();
        web.work();
        g.tied(&earmark, "90.00");
    }

    fn an_allocation_waits_for_what_is_about_to_be_tied(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let earmark = g.given("100.00");
        let offer = g.offer(&earmark).id();
        let fund = g.fund.parse().expect("an id");
        let (held, told) = mpsc::channel();
        let (db, since) = (&web.app.db, Stopwatch::start());
        std::thread::scope(|scope| {
            // An allocation has read what is tied, and has not posted yet.
            let reads = move |conn: &mut Conn| {
                let tied = funds::service::tied(conn, fund)?;
                held.send(()).expect("somebody waits");
                std::thread::sleep(Duration::from_millis(600));
                Ok((tied, since.read()))
            };
            let allocation = scope.spawn(move || db.write_now("test.allocation", reads));
            told.recv().expect("it holds the fund");
            g.reg.command(&format!("/api/v1/offers/{offer}/withdraw")).ok();
            let after = since.read();
            let (tied, done) = allocation.join().expect("no panic").expect("it commits");
            assert_eq!(tied, 0);
            assert!(done <= after, "it was tied while somebody else held the fund");
        });
        g.tied(&earmark, "90.00");
    }

    fn the_application_is_held_before_the_budget(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = served(t);
        let g = Giving::of(&web);
        let earmark = g.given("100.00");
        let application = g.application.parse().expect("an id");
        std::thread::scope(|scope| {
            let offers = web.app.db.write_now("test.held", |conn| {
                applications::service::lock(conn, application)?;
                let offers = scope.spawn(|| g.offer(&earmark));
                assert!(waits(conn, &offers)?, "the application is held first");
                // Who ends an offer holds the application and asks for the budget: it is free.
                let sql =
                    format!("SELECT 1 FROM budgets WHERE id = '{}' FOR UPDATE NOWAIT", g.budget);
                conn.batch_execute(&sql)?;
                Ok(offers)
            });
            let offers = offers.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
            offers.join().expect("no panic").ok();
        });
        g.holds();
    }

    fn a_cancelled_grant_ties_what_was_given_again(t: &Harness) {
        cancelled(t, true);
    }

    fn also_before_anybody_noted_that_it_was_spent(t: &Harness) {
        cancelled(t, false);
    }

    fn what_was_given_holds_the_currency_fast(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let late = g.announced("5.00");
        let earmark = g.given("100.00");
        let changes = json!({ "reason": "Say more." });
        g.admin().post(&g.at("/request-changes"), changes.clone()).ok();
        let eur = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
        let other = json!({ "amount_minimum": eur("90.00"), "amount_requested": eur("900.00"),
            "budget_lines": [{ "label": "All", "amount": eur("900.00") }] });
        let etag = g.rea.get(&g.at("")).etag().to_owned();
        let refused = g.rea.patch(&g.at(""), &etag, other.clone()).refused(422, "invalid");
        assert_eq!(refused["fields"][0]["code"], "currency_mismatch", "{refused}");
        // Once it has another use, nothing holds it; what comes late is tied to nothing.
        g.rea.command(&g.at("/submit")).ok();
        g.rea.post(&g.at("/withdraw"), json!({})).ok();
        g.reassign(&earmark, "Another lens.").ok();
        let application = g.field.applies(&g.rea, "1.00", "9.00");
        let g = Giving { application, ..g };
        let other = json!({ "amount_minimum": eur("1.00"), "amount_requested": eur("9.00"),
            "budget_lines": [{ "label": "All", "amount": eur("9.00") }] });
        let announced = g.announced("5.00");
        g.admin().post(&g.at("/request-changes"), changes).ok();
        let etag = g.rea.get(&g.at("")).etag().to_owned();
        g.rea.patch(&g.at(""), &etag, other).ok();
        assert_eq!(g.receive(&announced, "5.00").ok()["earmark"], Value::Null);
        assert!(g.receive(&late, "5.00").ok()["earmark"].is_object());
        g.holds();
    }

    fn what_may_come_to_nothing_is_not_shown_as_there(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let nobody = web.anonymous();
        let shown = || {
            let one = g.shown();
            let all = nobody.get("/api/v1/public/applications").ok();
            let row = all["items"].as_array().expect("items").iter()
                .find(|row| row["id"] == g.application).expect("it is there").clone();
            let names = ["offered", "missing", "missing_to_minimum"];
            let sums = |v: &Value| names.map(|k| v[k].clone());
            assert_eq!(sums(&one), sums(&row));
            sums(&one)
        };
        let page = || nobody.get(&format!("/a/{}", g.application)).text();
        let nothing = [usd("0.00"), usd("900.00"), usd("90.00")];
        // A promise that depends on what nobody has promised, and one that waits for approval.
        g.field.desk.give(&g.fund, "1000.00").ok();
        let backer = |terms: Value| {
            let who = web.with_role("Reg Rantor", Role::Regrantor);
            let budget = g.field.desk.budget_with(&g.fund, &who, terms);
            g.field.desk.allocate(&budget, "100.00").ok();
            Backer { who, budget, fund: g.fund.clone() }
        };
        let matching = backer(json!({}));
        matching.offer_with(&g.application, "100.00", json!({ "match": true })).ok();
        let waits = backer(json!({ "approval_threshold": usd("1.00") }));
        let waiting = waits.offer(&g.application, "95.00").ok();
        assert_eq!(waiting["status"], "awaiting_approval");
        assert_eq!(shown(), nothing);
        assert!(!page().contains("(reached)"), "{}", page());
        // What others bring is matched.
        let plain = backer(json!({}));
        plain.offer(&g.application, "60.00").ok();
        assert_eq!(shown(), [usd("120.00"), usd("780.00"), usd("0.00")]);
        assert!(page().contains("(reached)"));
        g.field.awarded(&g.application);
        let [offered, ..] = {
            let one = g.shown();
            ["offered", "missing"].map(|k| one[k].clone())
        };
        assert_eq!(offered, usd("120.00"));
    }

    fn no_more_is_announced_than_is_missing_with_what_came(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let earmark = g.given("500.00");
        let form = |amount: &str| json!({ "amount": usd(amount), "email": "h@example.org" });
        let refused = g.announce(form("450.01")).refused(409, "limit_reached");
        assert!(refused["detail"].as_str().expect("words").contains("450.00 USD"), "{refused}");
        g.announce(form("450.00")).ok();
        // Offered, it counts once.
        g.offer(&earmark).ok();
        g.announce(form("450.01")).refused(409, "limit_reached");
        g.announce(form("450.00")).ok();
        // What is held comes on top of what is offered: 450.00 and 90.00 of 900.00.
        g.given("100.00");
        let more = |amount: &str| json!({ "amount": usd(amount), "email": "i@example.org" });
        let refused = g.announce(more("360.01")).refused(409, "limit_reached");
        assert!(refused["detail"].as_str().expect("words").contains("360.00 USD"), "{refused}");
        g.announce(more("360.00")).ok();
    }

    fn a_page_invites_what_is_taken_and_no_more(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let invited = || {
            let told = g.shown()["contributions"].clone();
            (told["open"] == true, told["most"].clone())
        };
        let announce = |amount: &str| {
            let email = format!("g{}@example.org", web.number());
            g.announce(json!({ "amount": usd(amount), "email": email }))
        };
        let limited = json!({ "approval_threshold": usd("1.00") });
        let budget = g.field.desk.budget_with(&g.fund, &g.reg, limited);
        g.field.desk.give(&g.fund, "1000.00").ok();
        g.field.desk.allocate(&budget, "500.00").ok();
        let form = json!({ "budget_id": budget, "amount": usd("400.00") });
        let offer = g.reg.post(&g.at("/offers"), form).id();
        // What waits for a second person is nothing that the public learns of.
        assert_eq!(invited(), (true, usd("900.00")));
        announce("900.00").ok();
        g.admin().command(&format!("/api/v1/offers/{offer}/approve")).ok();
        assert_eq!(invited(), (true, usd("500.00")));
        announce("500.01").refused(409, "limit_reached");
        let page = || web.anonymous().get(&format!("/a/{}", g.application)).text();
        assert!(page().contains("up to 500.00 USD"), "{}", page());
        // 450.00 without the fee.
        g.given("500.00");
        assert_eq!(invited(), (true, usd("50.00")));
        announce("50.00").ok();
        g.receive(&g.announced("50.00"), "60.00").ok();
        assert_eq!(invited(), (false, usd("0.00")));
        announce("0.01").refused(409, "limit_reached");
        assert!(!page().contains("<form") && !page().contains("#give"), "{}", page());
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        let body = Some(b"amount=1&email=b%40example.org".to_vec());
        let late = web.anonymous().send("POST", &format!("/a/{}", g.application), &kind, body);
        assert_eq!(late.status, 409);
        assert!(late.text().contains("takes no more"), "{}", late.text());
    }

    fn an_application_that_was_given_for_is_not_taken_up(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let earmark = g.given("100.00");
        let mo = web.person("Mo");
        let into = g.field.applies(&mo, "1.00", "9.00");
        let why = json!({ "reason": "Say more." });
        g.admin().post(&format!("/api/v1/applications/{into}/request-changes"), why.clone()).ok();
        let path = format!("/api/v1/applications/{into}/merge");
        // Whoever is asked onto a team may bring their own application.
        let asked = json!({ "email": g.rea.email, "name": "Rea", "role": "member" });
        mo.post(&format!("/api/v1/applications/{into}/members"), asked).ok();
        let form = json!({ "other": g.application });
        let refused = g.rea.post(&path, form).refused(409, "wrong_state");
        let detail = refused["detail"].as_str().expect("words").to_owned();
        assert!(detail.contains("given for the application"), "{detail}");
        assert_eq!(g.status(&earmark), "held");
    }

    fn money_does_not_wait_for_who_never_answers(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let earmark = g.given("100.00");
        g.admin().post(&g.at("/request-changes"), json!({ "reason": "Say more." })).ok();
        g.reassign(&earmark, "Another lens.").refused(409, "wrong_state");
        g.admin().post(&g.at("/decline"), json!({ "reason": "No word came." })).ok();
        web.work();
        g.reassign(&earmark, "Another lens.").ok();
        g.field.desk.allocate(&g.budget, "90.00").ok();
        g.holds();
    }

    fn money_waits_for_an_appeal(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let earmark = g.given("100.00");
        g.says(json!({ "appeals": "appeal", "appeal_days": 10 }));
        g.admin().post(&g.at("/decline"), json!({ "reason": "Not for this call." })).ok();
        // It may still be appealed against.
        g.reassign(&earmark, "Another lens.").refused(409, "wrong_state");
        let left = mails(&web, &g.admin().email).into_iter().find(|m| m.contains("Money is left"));
        assert!(left.as_ref().is_some_and(|mail| mail.contains("while an appeal")), "{left:?}");
        g.rea.post(&g.at("/appeal"), json!({ "text": "Look again." })).ok();
        t.clock.advance_seconds(20 * 86_400);
        g.reassign(&earmark, "Another lens.").refused(409, "wrong_state");
        let abe = web.with_role("Abe Admin", Role::Admin);
        let answer = json!({ "outcome": "upheld", "reason": "We looked." });
        abe.post(&g.at("/appeal/answer"), answer).ok();
        g.reassign(&earmark, "Another lens.").ok();
    }

    fn what_has_another_use_is_not_counted(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let earmark = g.given("100.00");
        g.given("20.00");
        g.says(json!({ "appeals": "appeal", "appeal_days": 1 }));
        g.admin().post(&g.at("/decline"), json!({ "reason": "Not for this call." })).ok();
        g.rea.post(&g.at("/appeal"), json!({ "text": "Look again." })).ok();
        // As if it had been decided before appeals were waited for.
        let id = earmark.replace('-', "");
        let id = match t.side {
            crate::support::Side::Sqlite => format!("x'{id}'"),
            crate::support::Side::Postgres => format!("'{earmark}'"),
        };
        let set = "status = 'reassigned', reason = 'x'";
        let sql = format!("UPDATE earmarks SET {set} WHERE id = {id}");
        let done = web.app.db.write_now("test.use", |conn| Ok(conn.batch_execute(&sql)?));
        done.expect("it is done");
        let abe = web.with_role("Abe Admin", Role::Admin);
        let answer = json!({ "outcome": "reopened", "reason": "We looked." });
        abe.post(&g.at("/appeal/answer"), answer).ok();
        abe.command(&g.at("/open")).ok();
        let given = g.shown()["contributions"].clone();
        assert_eq!((&given["received"], &given["count"]), (&usd("20.00"), &json!(1)));
    }

    fn the_check_knows_what_is_tied(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        g.given("100.00");
        g.holds();
        let sql = "UPDATE earmarks SET amount = amount + 500";
        let done = web.app.db.write_now("test.spoil", |conn| Ok(conn.batch_execute(sql)?));
        done.expect("it is done");
        let report = g.field.desk.finance.get("/api/v1/ledger/check").ok();
        assert_eq!(report["holds"], false);
        let told = report["findings"].to_string();
        assert!(told.contains(&format!("fund {}", g.fund)) && told.contains("500"), "{told}");
    }
}
