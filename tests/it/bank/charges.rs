//! Charges: taken of what a fund has free, recorded once, undone once.

use super::*;
use crate::publishing::contributions::{Giving, served};
use crate::support::Harness;
use crate::support::desk::threads;
use almoner::kernel::actor::Role;

both! {
    fn a_charge_is_taken_of_what_is_free(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund("Safety");
        let bank = bank_of(&desk, &fund);
        desk.give(&fund, "100.00").ok();
        let budget = desk.budget(&fund, &web.with_role("Reg Rantor", Role::Regrantor));
        desk.allocate(&budget, "60.00").ok();

        let made = charge(&desk, &fund, "10.00", "Account fee, October");
        assert_eq!(made.status, 201);
        assert_eq!(made.header("location"), Some(charges(&fund).as_str()));
        let made = made.ok();
        assert_eq!((&made["amount"], &made["undone"]), (&usd("10.00"), &Value::Null));
        assert_eq!(made["recorded_by"], json!(desk.finance.id()));
        assert_eq!(desk.balances(&format!("funds/{fund}")), json!({
            "contributed": "100.00", "fees": "0.00", "charges": "10.00",
            "unallocated": "30.00", "allocated": "60.00", "available": "60.00",
            "reserved": "0.00", "committed": "0.00", "spent": "0.00",
        }));
        assert_eq!(lies(&desk, &bank), usd("90.00"));
        let lines = statement(&desk, &bank, "")["lines"].clone();
        let line = &lines.as_array().expect("lines")[1];
        assert_eq!((&line["kind"], &line["on"]), (&json!("bank_charge"), &json!("2026-11-02")));
        assert_eq!(line["memo"], "Bank charge of Safety: Account fee, October");
        assert_eq!(line["entry_id"], made["entry_id"]);
        sound(&desk);

        // More than is in no budget is not recorded, and changes nothing.
        let before = written(&desk, &fund);
        let refused = charge(&desk, &fund, "30.01", "A fine").refused(409, "insufficient_funds");
        let detail = text(&refused["detail"]);
        assert!(detail.contains("took 30.01 USD") && detail.contains("has 30.00 USD"), "{detail}");
        assert_eq!((written(&desk, &fund), lies(&desk, &bank)), (before, usd("90.00")));
        charge(&desk, &fund, "30.00", "A fine").ok();
        assert_eq!(desk.balances(&format!("funds/{fund}"))["unallocated"], "0.00");
        let list = desk.admin.get(&charges(&fund)).ok();
        assert_eq!(list["items"][1], made, "newest first");
        sound(&desk);
    }

    fn what_is_held_for_others_pays_no_charge(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let desk = &g.field.desk;
        g.given("50.00");
        // 45.00 are unallocated, and all of them are held for the application.
        let refused = charge(desk, &g.fund, "1.00", "Fee").refused(409, "insufficient_funds");
        assert!(text(&refused["detail"]).contains("has 0.00 USD"), "{refused}");
        desk.give(&g.fund, "10.00").ok();
        charge(desk, &g.fund, "9.01", "Fee").refused(409, "insufficient_funds");
        charge(desk, &g.fund, "9.00", "Fee").ok();
        g.holds();
    }

    fn what_is_no_charge(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let (fund, empty) = (desk.fund("One"), desk.fund("Empty"));
        desk.give(&fund, "100.00").ok();
        let before = written(&desk, &fund);
        let good = charge_form(&desk, &fund, "1.00", "Fee");
        let with = |field: &str, value: Value| {
            let mut form = good.clone();
            form[field] = value;
            desk.finance.post(&charges(&fund), form)
        };
        let bad = json!({ "bank_account_id": NOBODY, "amount": eur("1.00"),
            "charged_on": "2026-11-03", "description": " " });
        desk.finance.post(&charges(&fund), bad).wrong_fields(&[
            "/amount/currency", "/bank_account_id", "/charged_on", "/description",
        ]);
        let euros = with("bank_account_id", json!(desk.bank("Euros", "EUR")));
        let told = euros.wrong_fields(&["/bank_account_id"]);
        assert_eq!(told["fields"][0]["code"], "currency_mismatch");
        let tomorrow = with("charged_on", json!("2026-11-03")).wrong_fields(&["/charged_on"]);
        assert_eq!(tomorrow["fields"][0]["code"], "in_the_future");
        with("charged_on", json!("1899-12-31")).wrong_fields(&["/charged_on"]);
        with("description", json!("x".repeat(141))).wrong_fields(&["/description"]);
        for amount in ["0.00", "-1.00", "1.001"] {
            with("amount", usd(amount)).wrong_fields(&["/amount/amount"]);
        }
        with("reference", json!("R")).wrong_fields(&["/reference"]);
        desk.finance.post(&charges(NOBODY), good.clone()).refused(404, "not_found");
        desk.finance.get(&charges(NOBODY)).refused(404, "not_found");
        let body = good.to_string().into_bytes();
        let bare = desk.finance.send("POST", &charges(&fund), &[], Some(body));
        bare.refused(400, "malformed_request");
        // Those who run funds do not record what banks do, nor does anybody else.
        let auditor = web.with_role("Aud Itor", Role::Auditor);
        let funder = web.with_role("Flo Funder", Role::Funder);
        let others = [&desk.admin, &auditor, &funder, &web.person("Rea")];
        for who in others {
            who.post(&charges(&fund), good.clone()).refused(403, "forbidden");
        }
        for who in &others[2..] {
            who.get(&charges(&fund)).refused(403, "forbidden");
        }
        auditor.get(&charges(&fund)).ok();
        desk.admin.command(&format!("/api/v1/funds/{empty}/close")).ok();
        charge(&desk, &empty, "1.00", "Fee").refused(409, "wrong_state");
        assert_eq!(written(&desk, &fund), before, "nothing was changed");
        // Yesterday's is as good as today's.
        with("charged_on", json!("2026-11-01")).ok();
    }

    fn a_charge_is_recorded_once_and_undone_once(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let (fund, other) = (desk.fund("One"), desk.fund("Other"));
        let bank = bank_of(&desk, &fund);
        desk.give(&fund, "5.00").ok();
        let before = desk.balances(&format!("funds/{fund}"));
        let form = charge_form(&desk, &fund, "5.00", "Fee 7");
        let first = desk.finance.post_key(&charges(&fund), "fee-7", form.clone());
        let again = desk.finance.post_key(&charges(&fund), "fee-7", form.clone());
        assert_eq!((first.status, first.json()), (again.status, again.json()));
        let other_form = charge_form(&desk, &fund, "4.00", "Fee 7");
        desk.finance.post_key(&charges(&fund), "fee-7", other_form).refused(422, "key_reused");
        let id = first.id();

        desk.finance.post(&format!("{}/{id}/undo", charges(&fund)), json!({ "reason": " " }))
            .wrong_fields(&["/reason"]);
        undo_charge(&desk.finance, &other, &id).refused(404, "not_found");
        undo_charge(&desk.finance, &fund, NOBODY).refused(404, "not_found");
        for who in [&desk.admin, &web.with_role("Aud", Role::Auditor), &web.person("Rea")] {
            undo_charge(who, &fund, &id).refused(403, "forbidden");
        }
        // A closed fund takes no corrections.
        desk.admin.command(&format!("/api/v1/funds/{fund}/close")).ok();
        undo_charge(&desk.finance, &fund, &id).refused(409, "wrong_state");
        desk.admin.command(&format!("/api/v1/funds/{fund}/reopen")).ok();

        let replies = threads(4, |_| undo_charge(&desk.finance, &fund, &id));
        let done: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert_eq!(done.len(), 1, "{replies:?}");
        let undone = done[0].json()["undone"].clone();
        assert_eq!(undone["reason"], "It was another fund's.");
        assert_eq!(undone["by"], json!(desk.finance.id()));
        undo_charge(&desk.finance, &fund, &id).refused(409, "wrong_state");
        assert_eq!(desk.balances(&format!("funds/{fund}")), before, "as if it had never been");
        assert_eq!(lies(&desk, &bank), usd("5.00"));
        let list = desk.admin.get(&charges(&fund)).ok();
        assert_eq!(list["items"], json!([done[0].json()]), "it stays on record");
        sound(&desk);

        // The same charge, as it was; and not once more, however it is written.
        charge(&desk, &fund, "1.00", "Fee 7").ok();
        charge(&desk, &fund, "1.00", "fee-7").refused(409, "already_exists");
        charge(&desk, &fund, "1.00", "Fee 7, the second").ok();
        charge(&desk, &fund, "2.00", "Fee 7").ok();
        assert_eq!(desk.balances(&format!("funds/{fund}"))["charges"], "4.00");
        sound(&desk);
    }

    fn charging_and_allocating_exclude_each_other(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund("Raced");
        let budget = desk.budget(&fund, &web.with_role("Reg Rantor", Role::Regrantor));
        let form = charge_form(&desk, &fund, "9.00", "Fee");
        for round in 0..4 {
            desk.give(&fund, "9.00").ok();
            let replies = threads(4, |n| match n {
                0 | 1 => desk.allocate(&budget, "9.00"),
                _ => {
                    let mut form = form.clone();
                    form["description"] = json!(format!("Fee {round}.{n}"));
                    desk.finance.post(&charges(&fund), form)
                }
            });
            let done = replies.iter().filter(|reply| reply.status == 201).count();
            assert_eq!(done, 1, "{replies:?}");
            assert_eq!(desk.balances(&format!("funds/{fund}"))["unallocated"], "0.00");
        }
        sound(&desk);
    }
}
