//! Money that was recorded in error: taken out of the books by opposite entries, and recorded anew.

use crate::publishing::contributions::{Giving, mails, served};
use crate::support::Harness;
use crate::support::desk::{Desk, threads, usd};
use crate::support::field::minor;
use crate::support::web::{Client, Reply};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

const NOBODY: &str = "019340aa-0000-7000-8000-000000000000";

fn at(fund: &str, contribution: &Value) -> String {
    let id = contribution["id"].as_str().expect("an id");
    format!("/api/v1/funds/{fund}/contributions/{id}/undo")
}

pub fn undo(desk: &Desk<'_>, fund: &str, contribution: &Value) -> Reply {
    desk.finance.post(&at(fund, contribution), json!({ "reason": "It was 100, not 1,000." }))
}

/// A transfer of a funder, as finance types it from the bank's list.
fn given(desk: &Desk<'_>, fund: &str, who: &Client, amount: &str) -> Reply {
    let form = json!({
        "funder_id": who.id(), "amount": usd(amount), "received_on": "2026-11-01",
        "reference": "R-7",
    });
    desk.finance.post(&format!("/api/v1/funds/{fund}/contributions"), form)
}

#[track_caller]
fn sound(desk: &Desk<'_>) {
    let report = desk.finance.get("/api/v1/ledger/check").ok();
    assert_eq!(report["holds"], true, "{report}");
}

fn kinds(desk: &Desk<'_>, path: &str) -> Vec<(String, String)> {
    let lines = desk.admin.get(&format!("/api/v1/{path}/statement?limit=200")).ok();
    let text = |line: &Value, of: &str| line[of].as_str().unwrap_or_default().to_owned();
    let lines = lines["lines"].as_array().expect("lines").iter();
    let mut all: Vec<_> = lines.map(|l| (text(l, "kind"), text(l, "memo"))).collect();
    all.dedup();
    all
}

both! {
    fn a_contribution_leaves_as_it_came(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund_with("Safety", json!({ "fee_basis_points": 500 }));
        let before = desk.balances(&format!("funds/{fund}"));
        let giver = web.with_role("Gabi Giver", Role::Funder);
        let wrong = given(&desk, &fund, &giver, "1000.10").ok();
        assert_eq!(wrong["undone"], json!(null));
        giver.get(&format!("/api/v1/funds/{fund}")).ok();

        let undone = undo(&desk, &fund, &wrong).ok();
        let why = &undone["undone"];
        assert_eq!(why["reason"], "It was 100, not 1,000.");
        assert_eq!(why["by"], json!(desk.finance.id()));
        assert_eq!((&undone["id"], &undone["amount"]), (&wrong["id"], &wrong["amount"]));
        assert_eq!(desk.balances(&format!("funds/{fund}")), before, "as if it had never come");
        let list = desk.admin.get(&format!("/api/v1/funds/{fund}/contributions")).ok();
        assert_eq!(list["items"], json!([undone]), "it stays on record");
        let posted = kinds(&desk, &format!("funds/{fund}"));
        let reversals: Vec<_> = posted.iter().filter(|(kind, _)| kind == "reversal").collect();
        assert_eq!(reversals.len(), 2, "the receipt and the fee: {posted:?}");
        assert!(reversals.iter().all(|(_, memo)| memo.ends_with("recorded in error")));
        // Whoever was named in error sees the fund no longer.
        giver.get(&format!("/api/v1/funds/{fund}")).refused(404, "not_found");
        assert_eq!(giver.get("/api/v1/funds").ok()["items"], json!([]));
        sound(&desk);

        // The same transfer, as it was.
        let right = given(&desk, &fund, &giver, "100.01").ok();
        let again = given(&desk, &fund, &giver, "1000.10").ok();
        undo(&desk, &fund, &again).ok();
        given(&desk, &fund, &giver, "100.01").refused(409, "already_exists");
        assert_eq!(desk.balances(&format!("funds/{fund}"))["contributed"], "100.01");
        undo(&desk, &fund, &wrong).refused(409, "wrong_state");
        undo(&desk, &fund, &right).ok();
        sound(&desk);
        desk.admin.command(&format!("/api/v1/funds/{fund}/close")).ok();
    }

    fn what_is_spent_is_not_undone(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund_with("Safety", json!({ "fee_basis_points": 1000 }));
        let reg = web.with_role("Reg Rantor", Role::Regrantor);
        let budget = desk.budget(&fund, &reg);
        let first = desk.give(&fund, "100.00").ok();
        let second = desk.give(&fund, "50.00").ok();
        desk.allocate(&budget, "60.00").ok();
        // 135.00 came, 75.00 are free: less than the 90.00 that the first one brought.
        let refused = undo(&desk, &fund, &first).refused(409, "insufficient_funds");
        let detail = refused["detail"].as_str().expect("words");
        assert!(detail.contains("brought 90.00 USD") && detail.contains("75.00 USD"), "{detail}");
        undo(&desk, &fund, &second).ok();
        let recall = json!({ "amount": usd("60.00") });
        desk.admin.post(&format!("/api/v1/budgets/{budget}/recall"), recall).ok();
        undo(&desk, &fund, &first).ok();
        sound(&desk);
    }

    fn who_may_and_what_is_wrong(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let (fund, other) = (desk.fund("One"), desk.fund("Other"));
        let made = desk.give(&fund, "10.00").ok();
        let why = json!({ "reason": "A slip." });
        let path = at(&fund, &made);
        for who in [&desk.admin, &web.person("Rea"), &web.with_role("Fun", Role::Funder)] {
            who.post(&path, why.clone()).refused(403, "forbidden");
        }
        desk.finance.post(&path, json!({ "reason": " " })).wrong_fields(&["/reason"]);
        undo(&desk, &other, &made).refused(404, "not_found");
        undo(&desk, NOBODY, &made).refused(404, "not_found");
        undo(&desk, &fund, &json!({ "id": NOBODY })).refused(404, "not_found");
        assert_eq!(desk.balances(&format!("funds/{fund}"))["contributed"], "10.00");
        // A purpose that nobody has given for any more can be changed.
        let tied = json!({ "restriction": "purpose", "purpose": "Lenses" });
        let tied = desk.fund_with("Tied", tied);
        let made = desk.give(&tied, "10.00").ok();
        let etag = desk.admin.get(&format!("/api/v1/funds/{tied}")).etag().to_owned();
        let edit = |form: Value| {
            let body = form.to_string().into_bytes();
            let path = format!("/api/v1/funds/{tied}");
            desk.admin.send("PATCH", &path, &[("If-Match", etag.as_str())], Some(body))
        };
        edit(json!({ "purpose": "Mirrors" })).refused(409, "wrong_state");
        undo(&desk, &tied, &made).ok();
        edit(json!({ "purpose": "Mirrors" })).ok();
    }

    fn one_of_many_undoes_it(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund("Safety");
        let reg = web.with_role("Reg Rantor", Role::Regrantor);
        let budget = desk.budget(&fund, &reg);
        for _ in 0..3 {
            let made = desk.give(&fund, "10.00").ok();
            // Four undo it while two allocate it: it is either undone once or spent once.
            let replies = threads(6, |n| match n {
                0..4 => (true, undo(&desk, &fund, &made)),
                _ => (false, desk.allocate(&budget, "10.00")),
            });
            let done = |of: bool| {
                replies.iter().filter(|(undoes, r)| *undoes == of && r.status < 300).count()
            };
            assert_eq!(done(true) + done(false), 1, "{replies:?}");
            sound(&desk);
        }
    }

    fn what_was_announced_is_waited_for_again(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let desk = &g.field.desk;
        let form = json!({ "amount": usd("100.00"), "email": "kind@example.org" });
        g.announce(form).ok();
        let announced = g.announcements("")[0].clone();
        let id = announced["id"].as_str().expect("an id");
        let received = g.receive(id, "100.00").ok();
        let made = json!({ "id": received["contribution_id"] });
        let earmark = received["earmark"]["id"].as_str().expect("an id").to_owned();
        assert_eq!(g.shown()["contributions"]["count"], 1);

        let offer = g.offer(&earmark).id();
        undo(desk, &g.fund, &made).refused(409, "wrong_state");
        g.reg.command(&format!("/api/v1/offers/{offer}/withdraw")).ok();
        web.work();
        undo(desk, &g.fund, &made).ok();
        assert_eq!(g.status(&earmark), "undone");
        assert_eq!(g.books(), ["0.00", "0.00", "0.00"]);
        assert_eq!(g.shown()["contributions"]["count"], 0);
        assert_eq!(g.shown()["contributions"]["received"], usd("0.00"));
        let told = g.field.desk.finance.get("/api/v1/earmarks?status=undone").ok();
        assert_eq!(told["items"][0]["reason"], "The contribution was recorded in error.");
        g.offer(&earmark).refused(409, "wrong_state");
        g.holds();

        let told = mails(&web, "kind@example.org");
        let last = told.last().expect("a mail");
        assert!(last.contains("has not arrived yet") && last.contains("in error"), "{last}");
        let waits = g.announcements("status=announced");
        assert_eq!((&waits[0]["id"], &waits[0]["contribution_id"]), (&json!(id), &json!(null)));
        let again = g.receive(id, "90.00").ok();
        assert_ne!(again["contribution_id"], received["contribution_id"]);
        assert_eq!(g.shown()["contributions"]["received"], usd("90.00"));
        g.holds();
    }

    fn what_is_held_for_others_is_not_taken(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let desk = &g.field.desk;
        let made = desk.give(&g.fund, "100.00").ok();
        g.given("50.00");
        let budget = &g.budget;
        desk.allocate(budget, "90.00").ok();
        // 45.00 are unallocated, and all of them are held for the application.
        let refused = undo(desk, &g.fund, &made).refused(409, "insufficient_funds");
        assert!(refused["detail"].as_str().is_some_and(|d| d.contains("has 0.00 USD")));
        g.holds();
        // What is forgotten stays forgotten.
        let id = g.announced("5.00");
        t.clock.advance_seconds(31 * 86_400);
        web.work();
        let received = g.receive(&id, "5.00").ok();
        undo(desk, &g.fund, &json!({ "id": received["contribution_id"] })).ok();
        web.work();
        let all = g.announcements("limit=200");
        let found = all.as_array().expect("items").iter().find(|a| a["id"] == id.as_str());
        assert_eq!(found.expect("it is there")["status"], "expired");
    }

    fn the_fund_pays_for_what_was_granted_of_it(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let desk = &g.field.desk;
        let id = g.announced("100.00");
        let received = g.receive(&id, "100.00").ok();
        let made = json!({ "id": received["contribution_id"] });
        let earmark = received["earmark"]["id"].as_str().expect("an id").to_owned();
        g.offer(&earmark).ok();
        let grant = g.field.awarded(&g.application);
        web.work();
        assert_eq!(g.status(&earmark), "spent");
        undo(desk, &g.fund, &made).refused(409, "insufficient_funds");
        desk.give(&g.fund, "100.00").ok();
        undo(desk, &g.fund, &made).ok();
        assert_eq!(g.status(&earmark), "undone");
        assert_eq!(g.shown()["contributions"]["count"], 0);
        // The money arrives before anybody has told the announcement.
        g.receive(&id, "100.00").ok();
        g.receive(&id, "100.00").refused(409, "wrong_state");
        web.work();
        assert_eq!(g.announcements("status=received").as_array().map(Vec::len), Some(1));
        g.field.activate(&grant);
        g.holds();
    }

    fn a_refund_on_the_wrong_grant(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let finance = &payday.field.desk.finance;
        let (wrong, right) = (payday.grant(&["100.00"]), payday.grant(&["100.00"]));
        for grant in [&wrong, &right] {
            let id = payday.draft(grant, 1).id();
            for step in ["approve", "batch", "settle"] {
                payday.act(&id, step).ok();
            }
        }
        let path = |grant: &str, act: &str| format!("/api/v1/grants/{grant}/refunds{act}");
        let form = json!({
            "amount": usd("30.00"), "received_on": "2026-11-02", "reference": "BACK 1",
        });
        let free = || minor(&usd(&payday.field.available(&payday.backer)));
        let before = free();
        finance.post(&path(&wrong, ""), form.clone()).ok();
        assert_eq!(free(), before + 3_000);
        let which = |reference: &str| {
            json!({ "received_on": "2026-11-02", "reference": reference, "reason": "Not theirs." })
        };
        finance.post(&path(&wrong, "/undo"), which("BACK 2")).refused(409, "wrong_state");
        finance.post(&path(&right, "/undo"), which("BACK 1")).refused(409, "wrong_state");
        let admin = &payday.field.desk.admin;
        admin.post(&path(&wrong, "/undo"), which("BACK 1")).refused(403, "forbidden");
        let bad = json!({ "received_on": "2026-11-02", "reference": "", "reason": "" });
        finance.post(&path(&wrong, "/undo"), bad).wrong_fields(&["/reference", "/reason"]);
        let replies = threads(4, |_| finance.post(&path(&wrong, "/undo"), which("BACK 1")));
        assert_eq!(replies.iter().filter(|r| r.status == 200).count(), 1, "{replies:?}");
        assert_eq!(free(), before);
        assert_eq!(payday.field.grant(&wrong)["balances"]["refunded"], usd("0.00"));
        finance.post(&path(&wrong, "/undo"), which("BACK 1")).refused(409, "wrong_state");
        payday.field.sound();

        // Where it belongs; and once more on the other, where that was right after all.
        finance.post(&path(&right, ""), form.clone()).ok();
        finance.post(&path(&wrong, ""), form.clone()).ok();
        finance.post(&path(&wrong, ""), form).refused(409, "already_exists");
        // What the budget has offered since is not there to be taken back.
        let all = payday.field.available(&payday.backer);
        let application = payday.field.application("1.00", &all);
        payday.backer.offer(&application, &all).ok();
        let refused = finance.post(&path(&right, "/undo"), which("BACK 1"));
        refused.refused(409, "insufficient_funds");
        payday.field.sound();
    }

    fn a_refund_is_booked_where_it_arrived(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let finance = &payday.field.desk.finance;
        let grant = payday.grant(&["100.00"]);
        payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        let [other, euros] = [("Second", "USD"), ("Euros", "EUR")]
            .map(|(name, currency)| payday.field.desk.bank(name, currency));
        let path = format!("/api/v1/grants/{grant}/refunds");
        let back = |bank: &str| json!({ "amount": usd("30.00"), "received_on": "2026-11-02",
            "reference": "BACK 1", "bank_account_id": bank });
        finance.post(&path, back(&grant)).wrong_fields(&["/bank_account_id"]);
        finance.post(&path, back(&euros)).wrong_fields(&["/bank_account_id"]);
        let there = || {
            let all = finance.get("/api/v1/ledger/accounts?limit=200").ok();
            let all = all["items"].as_array().expect("items").clone();
            all.iter().filter(|a| a["bank_account_id"] == json!(other)).count()
        };
        assert_eq!(there(), 0, "nothing was ever booked there");
        finance.post(&path, back(&other)).ok();
        assert_eq!(there(), 1);
        payday.field.sound();
    }

    fn a_release_is_not_taken_back_for_what_another_tranche_owes(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let finance = &payday.field.desk.finance;
        let grant = payday.grant(&["100.00", "100.00"]);
        let first = payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        let back = json!({ "amount": usd("100.00"), "received_on": "2026-11-02",
            "reference": "BACK 1" });
        finance.post(&format!("/api/v1/grants/{grant}/refunds"), back).ok();
        payday.give_back(&first).ok();
        // Both came back: the recipient is owed both.
        payday.undo_release(&grant, 1).refused(409, "wrong_state");
        assert_eq!(payday.field.grant(&grant)["balances"]["payable"], usd("200.00"));
        payday.field.sound();
    }
}
