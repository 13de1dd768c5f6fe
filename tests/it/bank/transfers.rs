//! Transfers between own accounts: within one currency, and between two.

use super::*;
use crate::support::Harness;
use crate::support::desk::threads;
use almoner::kernel::actor::Role;

both! {
    fn money_moves_between_two_accounts(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund("Safety");
        let (left, reached) = (bank_of(&desk, &fund), desk.bank("For payments", "USD"));
        desk.give(&fund, "100.00").ok();
        let balances = desk.balances(&format!("funds/{fund}"));
        let form = |amount: &str| {
            transfer_form((&left, usd(amount)), (&reached, usd(amount)))
        };
        let made = desk.finance.post_key(TRANSFERS, "move-1", form("40.00"));
        assert_eq!((made.status, made.header("location")), (201, Some(TRANSFERS)));
        let again = desk.finance.post_key(TRANSFERS, "move-1", form("40.00"));
        assert_eq!(made.json(), again.json());
        desk.finance.post_key(TRANSFERS, "move-1", form("41.00")).refused(422, "key_reused");
        let made = made.ok();
        assert_eq!(made["from"], json!({ "bank_account_id": left, "amount": usd("40.00") }));
        assert_eq!(made["to"], json!({ "bank_account_id": reached, "amount": usd("40.00") }));
        assert_eq!([lies(&desk, &left), lies(&desk, &reached)], [usd("60.00"), usd("40.00")]);
        assert_eq!(clearing(&desk), BTreeSet::new(), "within one currency nothing is left");
        let line = statement(&desk, &reached, "")["lines"][0].clone();
        assert_eq!((&line["kind"], &line["side"]), (&json!("currency_exchanged"), &json!("debit")));
        let memo = "Transfer between bank accounts: For the payments of November";
        assert_eq!(line["memo"], memo);
        // What may be spent is as it was.
        assert_eq!(desk.balances(&format!("funds/{fund}")), balances);
        sound(&desk);

        // The same twice, also at once; and more than the books know of.
        desk.finance.post(TRANSFERS, form("40.00")).refused(409, "already_exists");
        let replies = threads(4, |_| desk.finance.post(TRANSFERS, form("500.00")));
        let done: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 201).collect();
        assert_eq!(done.len(), 1, "{replies:?}");
        assert_eq!([lies(&desk, &left), lies(&desk, &reached)], [usd("-440.00"), usd("540.00")]);
        sound(&desk);
        let id = done[0].id();
        let replies = threads(4, |_| undo_transfer(&desk.finance, &id).status);
        assert_eq!(replies.iter().filter(|status| **status == 200).count(), 1, "{replies:?}");
        assert_eq!([lies(&desk, &left), lies(&desk, &reached)], [usd("60.00"), usd("40.00")]);
        undo_transfer(&desk.finance, &id).refused(409, "wrong_state");
        let list = desk.admin.get(TRANSFERS).ok();
        let reasons: Vec<&Value> = list["items"].as_array().expect("items").iter()
            .map(|item| &item["undone"]["reason"]).collect();
        assert_eq!(reasons, [&json!("Typed twice."), &Value::Null]);
        sound(&desk);
        desk.finance.post(TRANSFERS, form("500.00")).ok();
        sound(&desk);
    }

    fn money_is_exchanged(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund("Safety");
        let (dollars, euros) = (bank_of(&desk, &fund), desk.bank("Euros", "EUR"));
        let yen = desk.bank("Yen", "JPY");
        desk.give(&fund, "100.00").ok();
        assert_eq!(lies(&desk, &euros), Value::Null, "nothing was ever booked there");
        let form = transfer_form((&dollars, usd("50.00")), (&euros, eur("45.50")));
        let made = desk.finance.post(TRANSFERS, form).id();
        assert_eq!([lies(&desk, &dollars), lies(&desk, &euros)], [usd("50.00"), eur("45.50")]);
        let line = statement(&desk, &euros, "")["lines"][0].clone();
        assert_eq!(line["memo"], "Exchange between bank accounts: For the payments of November");
        let pair = |currency: &str, amount: &str| (currency.to_owned(), amount.to_owned());
        let left = BTreeSet::from([pair("EUR", "-45.50"), pair("USD", "50.00")]);
        assert_eq!(clearing(&desk), left, "what it cost, and what came of it");
        sound(&desk);
        let sum = json!({ "amount": "1500", "currency": "JPY" });
        let form = transfer_form((&euros, eur("10.00")), (&yen, sum.clone()));
        desk.finance.post(TRANSFERS, form).ok();
        assert_eq!([lies(&desk, &euros), lies(&desk, &yen)], [eur("35.50"), sum]);
        undo_transfer(&desk.finance, &made).ok();
        assert_eq!([lies(&desk, &dollars), lies(&desk, &euros)], [usd("100.00"), eur("-10.00")]);
        sound(&desk);
    }

    fn what_is_no_transfer(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund("Safety");
        let [one, two] = ["One", "Two"].map(|name| desk.bank(name, "USD"));
        let euros = desk.bank("Euros", "EUR");
        let before = written(&desk, &fund);
        let five = || usd("5.00");
        let good = transfer_form((&one, five()), (&two, five()));
        let tried = |from: (&str, Value), to: (&str, Value), pointers: &[&str]| {
            desk.finance.post(TRANSFERS, transfer_form(from, to)).wrong_fields(pointers)
        };
        tried((&one, five()), (&one, five()), &["/to/bank_account_id"]);
        tried((NOBODY, five()), (&two, five()), &["/from/bank_account_id"]);
        tried((&one, five()), (NOBODY, five()), &["/to/bank_account_id"]);
        tried((&one, eur("5.00")), (&two, five()), &["/from/amount/currency"]);
        tried((&one, five()), (&euros, five()), &["/to/amount/currency"]);
        tried((&one, usd("0.00")), (&two, usd("-5.00")), &["/from/amount/amount",
            "/to/amount/amount"]);
        // The bank's charge is a charge.
        for amount in ["4.99", "5.01"] {
            let told = tried((&one, five()), (&two, usd(amount)), &["/to/amount/amount"]);
            assert_eq!(told["fields"][0]["code"], "unequal", "{amount}");
        }
        for (field, value) in [
            ("moved_on", json!("2026-11-03")), ("moved_on", json!("1899-12-31")),
            ("description", json!("")), ("description", json!("x".repeat(141))),
            ("rate", json!("1.1")),
        ] {
            let mut form = good.clone();
            form[field] = value;
            desk.finance.post(TRANSFERS, form).wrong_fields(&[&format!("/{field}")]);
        }
        undo_transfer(&desk.finance, NOBODY).refused(404, "not_found");
        let body = good.to_string().into_bytes();
        let bare = desk.finance.send("POST", TRANSFERS, &[], Some(body));
        bare.refused(400, "malformed_request");
        let auditor = web.with_role("Aud Itor", Role::Auditor);
        let others = [&desk.admin, &auditor, &web.with_role("Fun", Role::Funder)];
        for who in others {
            who.post(TRANSFERS, good.clone()).refused(403, "forbidden");
            undo_transfer(who, NOBODY).refused(403, "forbidden");
        }
        for who in [others[2], &web.with_role("Reg", Role::Regrantor), &web.person("Rea")] {
            who.get(TRANSFERS).refused(403, "forbidden");
        }
        auditor.get(TRANSFERS).ok();
        assert_eq!(written(&desk, &fund), before, "nothing was changed");
        let made = desk.finance.post(TRANSFERS, good).id();
        let path = format!("{TRANSFERS}/{made}/undo");
        desk.finance.post(&path, json!({ "reason": "" })).wrong_fields(&["/reason"]);
        let replayed = [0, 1].map(|_| {
            desk.finance.post_key(&path, "undo-1", json!({ "reason": "No." })).ok()
        });
        assert_eq!(replayed[0], replayed[1]);
    }
}
