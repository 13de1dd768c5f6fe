//! How grants end, and where what is left goes, to the cent.

use super::{NOBODY, on, plan, refund, statuses, tranche};
use crate::support::Harness;
use crate::support::desk::{threads, usd};
use crate::support::field::{Backer, Field, minor};
use serde_json::json;

both! {
    fn a_wind_down_returns_the_rest_to_the_cent(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backers = [field.backer("100.00"), field.backer("100.00"), field.backer("100.00")];
        let sources = [(&backers[0], "33.33"), (&backers[1], "33.34"), (&backers[2], "0.03")];
        let grant = field.active(&sources, plan(&[
            tranche("10.01", "on_activation", None),
            tranche("20.02", "on_date", Some("2026-11-03")),
            tranche("36.67", "on_report", None),
        ]));
        let spent = |b: &Backer| minor(&usd(&field.part(b, "spent")));
        assert_eq!(backers.iter().map(spent).sum::<i64>(), 1_001);
        let done = on(&field.desk.admin, &grant, "wind-down").ok();
        assert_eq!(done["status"], "winding_down");
        assert_eq!(statuses(&done), ["released", "cancelled", "cancelled"]);
        assert_eq!(done["balances"]["committed"], usd("0.00"));
        for backer in &backers {
            assert_eq!(field.part(backer, "committed"), "0.00");
            let whole = minor(&usd(&field.available(backer))) + spent(backer);
            assert_eq!(whole, 10_000, "what is not spent is back");
        }
        field.sound();
        // What was released may still be paid; taken back, it goes home at once.
        on(&field.desk.admin, &grant, "close").refused(409, "wrong_state");
        on(&field.desk.finance, &grant, "tranches/1/undo-release").ok();
        assert_eq!(statuses(&field.grant(&grant)), ["cancelled"; 3]);
        for backer in &backers {
            assert_eq!(field.available(backer), "100.00");
        }
        let closed = on(&field.desk.admin, &grant, "close").ok();
        assert_eq!(closed["status"], "closed");
        field.sound();
    }

    fn refunds_go_back_to_who_paid(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backers = [field.backer("100.00"), field.backer("100.00")];
        let grant = field.active(&[(&backers[0], "66.67"), (&backers[1], "33.33")], plan(&[
            tranche("60.00", "on_activation", None),
            tranche("30.00", "on_activation", None),
            tranche("10.00", "on_report", None),
        ]));
        let finance = &field.desk.finance;
        // Released is not paid: nothing can come back yet.
        refund(finance, &grant, "0.01").refused(409, "limit_reached");
        field.pays(&grant, 1);
        field.tells_the_bank(&grant, 2, false);
        refund(finance, &grant, "60.01").refused(409, "limit_reached");
        let first = refund(finance, &grant, "0.01").ok();
        assert_eq!(first["parts"].as_array().map(Vec::len), Some(1));
        let second = refund(finance, &grant, "29.99").ok();
        let parts: i64 = second["parts"].as_array().expect("parts").iter()
            .map(|p| minor(&p["amount"])).sum();
        assert_eq!(parts, 2_999);
        assert_eq!(field.grant(&grant)["balances"]["refunded"], usd("30.00"));
        field.sound();
        let replies = threads(8, |_| refund(finance, &grant, "10.00"));
        assert_eq!(replies.iter().filter(|r| r.status == 200).count(), 3);
        refund(finance, &grant, "0.01").refused(409, "limit_reached");
        // Both got back exactly what they paid of what was paid: the 60.00.
        let available: i64 =
            backers.iter().map(|b| minor(&usd(&field.available(b)))).sum();
        assert_eq!(available, 20_000 - 10_000 + 6_000);
        field.sound();
        refund(&field.desk.admin, &grant, "1.00").refused(403, "forbidden");
        let form = json!({ "amount": usd("0.00"), "received_on": "2026-11-03", "reference": "" });
        let path = format!("/api/v1/grants/{grant}/refunds");
        let wrong = ["/amount/amount", "/reference", "/received_on"];
        finance.post(&path, form).wrong_fields(&wrong);
        let form = json!({ "amount": usd("1.00"), "received_on": "2026-11-01", "reference": "R" });
        finance.post(&path, form).wrong_fields(&["/received_on"]);
    }

    fn what_comes_back_to_a_closed_fund_can_be_spent(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let desk = &payday.field.desk;
        let fund = payday.backer.fund.clone();
        let budget = payday.backer.budget.clone();
        let recall = json!({ "amount": usd("999900.00") });
        let grant = payday.grant(&["100.00"]);
        desk.admin.post(&format!("/api/v1/budgets/{budget}/recall"), recall).ok();
        let rest = desk.budget(&fund, &payday.backer.who);
        desk.allocate(&rest, "999900.00").ok();
        let other = payday.field.applies(&web.person("Mo"), "1.00", "999900.00");
        let place = json!({ "budget_id": rest, "amount": usd("999900.00") });
        payday.backer.who.post(&format!("/api/v1/applications/{other}/offers"), place).ok();
        let other = payday.field.awarded(&other);
        payday.field.activate(&other);
        payday.field.pays(&other, 1);
        for id in [&budget, &rest] {
            desk.admin.command(&format!("/api/v1/budgets/{id}/close")).ok();
        }
        let act = |act: &str| desk.admin.command(&format!("/api/v1/funds/{fund}/{act}"));
        // Nothing can be spent, but something is owed, and then under way.
        let id = payday.draft(&grant, 1).id();
        for step in ["approve", "batch", "settle"] {
            let refused = act("close").refused(409, "wrong_state");
            let detail = refused["detail"].as_str().expect("words");
            assert!(detail.contains("100.00 USD is owed to grants"), "{step}: {detail}");
            payday.act(&id, step).ok();
        }
        act("reopen").refused(409, "wrong_state");
        act("close").ok();
        let refund = json!({ "amount": usd("30.00"), "received_on": "2026-11-02",
            "reference": "Too much" });
        desk.finance.post(&format!("/api/v1/grants/{grant}/refunds"), refund).ok();
        let recall = json!({ "amount": usd("30.00") });
        desk.admin.post(&format!("/api/v1/budgets/{budget}/recall"), recall).ok();
        let form = json!({ "fund_id": fund, "holder_id": payday.backer.who.id(), "name": "Back" });
        desk.admin.post("/api/v1/budgets", form).refused(409, "wrong_state");
        desk.finance.command(&format!("/api/v1/funds/{fund}/reopen")).refused(403, "forbidden");
        desk.admin.command(&format!("/api/v1/funds/{NOBODY}/reopen")).refused(404, "not_found");
        assert_eq!(act("reopen").ok()["status"], "open");
        act("close").refused(409, "wrong_state");
        let again = desk.budget(&fund, &payday.backer.who);
        desk.allocate(&again, "30.00").ok();
        let place = json!({ "budget_id": again, "amount": usd("30.00") });
        let third = payday.field.application("1.00", "30.00");
        payday.backer.who.post(&format!("/api/v1/applications/{third}/offers"), place).ok();
        payday.field.sound();
    }

    fn every_status_by_every_action(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let actions = ["pause", "resume", "wind-down", "close", "cancel"];
        for (status, allowed) in [
            ("awarded", &["cancel"][..]),
            ("active", &["pause", "wind-down"]),
            ("paused", &["resume", "wind-down"]),
            ("winding_down", &["close"]),
            ("closed", &[]),
            ("cancelled", &[]),
        ] {
            for action in actions {
                let backer = field.backer("100.00");
                let grant = in_status(&field, &backer, status);
                let before = field.grant(&grant);
                assert_eq!(before["status"], status);
                let reply = on(&field.desk.admin, &grant, action);
                if allowed.contains(&action) {
                    reply.ok();
                } else {
                    reply.refused(409, "wrong_state");
                    let after = field.grant(&grant);
                    assert_eq!(after, before, "{status} {action}: nothing was changed");
                }
                let whole: i64 = ["available", "committed", "spent"].iter()
                    .map(|part| minor(&usd(&field.part(&backer, part)))).sum();
                assert_eq!(whole, 10_000, "{status} {action}");
            }
        }
        field.sound();
    }

    fn random_histories_stay_sound(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backers = [field.backer("300.00"), field.backer("300.00"), field.backer("300.00")];
        let mut dice = Dice(0x5EED);
        for round in 0..6 {
            let application = field.application("1.00", "200.00");
            for backer in &backers {
                let amount = dice.cents(5_000);
                backer.offer(&application, &amount);
            }
            let award = field.award(&application, json!({}));
            if award.status != 201 {
                continue;
            }
            let grant = award.id();
            for _ in 0..8 {
                step(&field, &grant, &mut dice);
            }
            field.sound();
            for backer in &backers {
                let whole: i64 = ["available", "reserved", "committed", "spent"].iter()
                    .map(|part| minor(&usd(&field.part(backer, part)))).sum();
                assert_eq!(whole, 30_000, "round {round}");
            }
        }
    }
}

/// A grant in this status whose only source is all of a budget.
fn in_status(field: &Field<'_>, backer: &Backer, status: &str) -> String {
    let application = field.application("1.00", "100.00");
    backer.offer(&application, "100.00").ok();
    let grant = field
        .award(
            &application,
            plan(&[tranche("40.00", "on_report", None), tranche("60.00", "on_checkpoint", None)]),
        )
        .id();
    let admin = &field.desk.admin;
    if !matches!(status, "awarded" | "cancelled") {
        field.activate(&grant);
    }
    match status {
        "paused" => drop(on(admin, &grant, "pause").ok()),
        "winding_down" => drop(on(admin, &grant, "wind-down").ok()),
        "closed" => {
            on(admin, &grant, "wind-down").ok();
            on(admin, &grant, "close").ok();
        }
        "cancelled" => drop(on(admin, &grant, "cancel").ok()),
        _ => {}
    }
    grant
}

/// The same numbers on each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
    fn cents(&mut self, most: u64) -> String {
        let cents = 1 + self.below(most);
        format!("{}.{:02}", cents / 100, cents % 100)
    }
}

/// One thing that may happen to a grant, whether it is possible or not; never a fault.
fn step(field: &Field<'_>, grant: &str, dice: &mut Dice) {
    let (admin, finance) = (&field.desk.admin, &field.desk.finance);
    let first = "tranches/1";
    let reply = match dice.below(9) {
        0 => on(admin, grant, "pause"),
        1 => on(admin, grant, "resume"),
        2 if dice.below(4) == 0 => on(admin, grant, "wind-down"),
        3 => on(admin, grant, "close"),
        4 => on(finance, grant, &format!("{first}/release")),
        5 => on(finance, grant, &format!("{first}/undo-release")),
        6 => refund(finance, grant, &dice.cents(4_000)),
        7 => {
            let view = field.grant(grant);
            let may = view["status"] == "active" || view["status"] == "winding_down";
            if may && statuses(&view) == ["released"] {
                field.pays(grant, 1);
            }
            return;
        }
        _ => {
            if field.grant(grant)["status"] == "awarded" {
                field.activate(grant);
            }
            return;
        }
    };
    assert!(reply.status == 200 || reply.status == 409, "{}", reply.text());
}
