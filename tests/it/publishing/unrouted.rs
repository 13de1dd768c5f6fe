//! Money that was given in a call that its application has left, while that goes on in another one:
//! nobody counts on it, those who answer for the call hear of it, and it gets another use.

use super::contributions::{Giving, mails, served};
use crate::decisions::terms;
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Backer;
use crate::support::web::{Client, Web};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

/// A rolling call in which only this fund may spend.
fn call_of(g: &Giving<'_>, fund: &str) -> String {
    let admin = &g.field.desk.admin;
    let form = json!({ "title": "Further", "kind": "rolling", "fund_ids": [fund] });
    let call = admin.post("/api/v1/calls", form).id();
    admin.command(&format!("/api/v1/calls/{call}/open")).ok();
    call
}

/// Where money is given, and a backer of a further call, in which its application is as well.
fn two(web: &Web) -> (Giving<'_>, Backer) {
    let g = Giving::of(web);
    let there = g.field.backer("900.00");
    let call = call_of(&g, &there.fund);
    let routes = path(&g, "/routes");
    g.rea.post(&routes, json!({ "call_id": call })).ok();
    g.rea.command(&format!("{routes}/{call}/submit")).ok();
    (g, there)
}

fn path(g: &Giving<'_>, act: &str) -> String {
    format!("/api/v1/applications/{}{act}", g.application)
}

/// Its own call declines it alone, and what that leads to is done.
fn leaves(g: &Giving<'_>) {
    let form = json!({ "reason": "Not for this call.", "own_call": true });
    g.field.desk.admin.post(&path(g, "/decline"), form).ok();
    g.field.web.work();
}

/// What is held for it, as the public and a backer read it: its page, its funding, the queue.
fn held(g: &Giving<'_>, backer: &Client) -> [Value; 3] {
    let queue = backer.get("/api/v1/me/queue").ok();
    let row = queue["items"].as_array().expect("items").iter().find(|r| r["id"] == g.application);
    [
        g.shown()["contributions"]["held"].clone(),
        backer.get(&path(g, "/funding")).ok()["held"].clone(),
        row.expect("it is queued")["held"].clone(),
    ]
}

/// What is mailed to whoever answers for the call of what is left.
fn left(g: &Giving<'_>) -> Vec<String> {
    let mut all = mails(g.field.web, &g.field.desk.admin.email);
    all.retain(|mail| mail.starts_with("Money is left: "));
    all
}

/// Whether an admin is asked to give it another use.
fn asked(g: &Giving<'_>, earmark: &str) -> bool {
    let path = format!("/api/v1/earmarks/{earmark}/reassign");
    g.field.desk.admin.get("/api/v1/me/next").text().contains(&path)
}

/// It stays tied, and nobody is asked to give twice: of 900.00, 90.00 are there.
#[track_caller]
fn waits_for_it(g: &Giving<'_>, earmark: &str) {
    g.reassign(earmark, "Another lens.").refused(409, "wrong_state");
    assert!(!asked(g, earmark));
    let told = g.shown()["contributions"].clone();
    assert_eq!((&told["open"], &told["most"]), (&json!(true), &usd("810.00")));
}

both! {
    fn what_cannot_be_offered_any_more_gets_another_use(t: &Harness) {
        let web = served(t);
        let (g, there) = two(&web);
        let (kept, offered) = (g.given("100.00"), g.given("50.00"));
        g.offer(&offered).ok();
        let late = g.announced("20.00");
        assert_eq!(held(&g, &there.who), [usd("90.00"), usd("90.00"), usd("90.00")]);
        g.reassign(&kept, "Another lens.").refused(409, "wrong_state");
        leaves(&g);
        // What was offered of it is held again, and nobody counts on either.
        assert_eq!([&kept, &offered].map(|id| g.status(id)), ["held", "held"]);
        assert_eq!(held(&g, &there.who), [usd("0.00"), Value::Null, Value::Null]);
        g.offer(&kept).wrong_fields(&["/budget_id"]);
        let told = g.shown()["contributions"].clone();
        assert_eq!((&told["open"], &told["most"]), (&json!(true), &usd("900.00")));
        let mails_of = left(&g);
        assert_eq!(mails_of.len(), 1, "{mails_of:?}");
        for words in ["has left the calls in which its fund may spend", "135.00 USD"] {
            assert!(mails_of[0].contains(words), "{words}: {mails_of:?}");
        }
        assert!(asked(&g, &kept) && asked(&g, &offered));
        // What was announced before and comes now is told the truth.
        let announced = g.field.desk.finance.get(&format!("/api/v1/announcements/{late}")).ok();
        g.receive(&late, "20.00").ok();
        let email = announced["email"].as_str().expect("an address");
        let read = mails(&web, email).pop().expect("a mail");
        assert!(read.contains("has left the calls in which the fund"), "{read}");
        assert!(!read.contains("held for this application"), "{read}");
        assert!(left(&g)[1].contains("153.00 USD"), "{:?}", left(&g));
        for earmark in [&kept, &offered] {
            g.reassign(earmark, "Another lens.").ok();
            assert!(!asked(&g, earmark));
        }
        g.field.desk.allocate(&g.budget, "135.00").ok();
        g.holds();
        // What its further call brings is as it was.
        there.offer(&g.application, "100.00").ok();
        g.field.awarded(&g.application);
        g.holds();
    }

    fn it_waits_while_its_call_may_take_the_decline_back(t: &Harness) {
        let web = served(t);
        let (g, there) = two(&web);
        terms(&g.field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let earmark = g.given("100.00");
        leaves(&g);
        let mail = left(&g).pop().expect("a mail");
        assert!(mail.contains("while that may come in there"), "{mail}");
        let waits = || waits_for_it(&g, &earmark);
        waits();
        g.rea.post(&path(&g, "/appeal"), json!({ "text": "Look again." })).ok();
        t.clock.advance_seconds(12 * 86_400);
        waits();
        let abe = web.with_role("Abe Admin", Role::Admin);
        let answer = |outcome: &str| {
            let form = json!({ "outcome": outcome, "reason": "We looked." });
            abe.post(&path(&g, "/appeal/answer"), form).ok();
        };
        answer("reopened");
        assert_eq!(held(&g, &there.who), [usd("90.00"), usd("90.00"), usd("90.00")]);
        // The second no is the last.
        leaves(&g);
        assert!(asked(&g, &earmark));
        g.reassign(&earmark, "Another lens.").ok();
        g.holds();
    }

    fn it_waits_while_a_call_of_its_fund_may_still_take_it(t: &Harness) {
        let web = served(t);
        let (g, there) = two(&web);
        let (earmark, call) = (g.given("100.00"), call_of(&g, &g.fund));
        let routes = path(&g, "/routes");
        // What was begun there, and is not in yet, may come in.
        g.rea.post(&routes, json!({ "call_id": call })).ok();
        leaves(&g);
        assert_eq!(held(&g, &there.who), [usd("0.00"), Value::Null, Value::Null]);
        waits_for_it(&g, &earmark);
        g.rea.command(&format!("{routes}/{call}/submit")).ok();
        assert_eq!(held(&g, &there.who), [usd("90.00"), usd("90.00"), usd("90.00")]);
        // Taken out by mistake it comes in again, while the call takes any.
        g.rea.post(&format!("{routes}/{call}/withdraw"), json!({})).ok();
        waits_for_it(&g, &earmark);
        g.rea.post(&routes, json!({ "call_id": call })).ok();
        waits_for_it(&g, &earmark);
        g.field.desk.admin.command(&format!("/api/v1/calls/{call}/close")).ok();
        assert!(asked(&g, &earmark));
        g.reassign(&earmark, "Another lens.").ok();
        g.holds();
    }

    fn who_leaves_two_calls_at_once_is_told_of_once(t: &Harness) {
        let web = served(t);
        let (g, _) = two(&web);
        let (call, routes) = (call_of(&g, &g.fund), path(&g, "/routes"));
        g.rea.post(&routes, json!({ "call_id": call })).ok();
        g.rea.command(&format!("{routes}/{call}/submit")).ok();
        g.given("100.00");
        g.rea.post(&format!("{routes}/{call}/withdraw"), json!({})).ok();
        t.clock.advance_seconds(60);
        leaves(&g);
        let mails = left(&g);
        assert!(mails.len() == 1 && mails[0].contains("90.00 USD"), "{mails:?}");
    }
}
