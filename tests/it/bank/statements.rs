//! What the books say of an account: by days, and as the programs of accountants read it.

use super::*;
use crate::ledger::validators;
use crate::support::Harness;
use almoner::kernel::actor::Role;

both! {
    fn an_account_is_held_against_the_bank_s_statement(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund("Safety");
        let (bank, other) = (bank_of(&desk, &fund), desk.bank("Other", "USD"));
        let gift = json!({ "funder_name": "F", "amount": usd("100.00"),
            "received_on": "2026-10-01" });
        desk.finance.post(&format!("/api/v1/funds/{fund}/contributions"), gift).ok();
        for (on, amount) in [("2026-10-15", "1.00"), ("2026-10-20", "2.00")] {
            let mut form = charge_form(&desk, &fund, amount, "Fee");
            form["charged_on"] = json!(on);
            desk.finance.post(&charges(&fund), form).ok();
        }
        let mut form = transfer_form((&bank, usd("30.00")), (&other, usd("30.00")));
        form["moved_on"] = json!("2026-10-25");
        desk.finance.post(TRANSFERS, form).ok();

        let sums = |of: &Value| of[0]["balance"].clone();
        let middle = statement(&desk, &bank, "from=2026-10-02&to=2026-10-20");
        assert_eq!(sums(&middle["opening"]), usd("100.00"));
        let lines = middle["lines"].as_array().expect("lines");
        let told: Vec<[&Value; 3]> =
            lines.iter().map(|l| [&l["on"], &l["amount"], &l["balance"]]).collect();
        let (first, second) = (json!("2026-10-15"), json!("2026-10-20"));
        let wanted = [usd("1.00"), usd("99.00"), usd("2.00"), usd("97.00")];
        assert_eq!(told, [[&first, &wanted[0], &wanted[1]], [&second, &wanted[2], &wanted[3]]]);
        assert_eq!(sums(&middle["closing"]), usd("97.00"));
        assert_eq!([lies(&desk, &bank), lies(&desk, &other)], [usd("67.00"), usd("30.00")]);

        // A page at a time it is the same.
        let (mut count, mut after) = (0, String::new());
        loop {
            let page = statement(&desk, &bank, &format!("limit=1{after}"));
            count += page["lines"].as_array().map_or(0, Vec::len);
            let Some(next) = page["next"].as_str() else {
                assert_eq!(sums(&page["closing"]), usd("67.00"));
                break;
            };
            after = format!("&after={next}");
        }
        assert_eq!(count, 4);

        let path = |id: &str, query: &str| format!("/api/v1/bank-accounts/{id}/statement{query}");
        let none = desk.bank("Unused", "USD");
        let empty = json!({ "opening": [], "lines": [], "closing": [], "next": null });
        assert_eq!(statement(&desk, &none, ""), empty);
        for id in [&bank, &none] {
            let backwards = path(id, "?from=2026-02-02&to=2026-02-01");
            desk.finance.get(&backwards).wrong_fields(&["?to"]);
        }
        desk.finance.get(&path(NOBODY, "")).refused(404, "not_found");
        desk.finance.get(&path("none", "")).refused(400, "malformed_request");
        web.with_role("Aud Itor", Role::Auditor).get(&path(&bank, "")).ok();
        desk.admin.get(&path(&bank, "")).ok();
        for role in [Role::Funder, Role::Regrantor, Role::Reviewer] {
            web.with_role("No", role).get(&path(&bank, "")).refused(403, "forbidden");
        }
        web.anonymous().get(&path(&bank, "")).refused(401, "unauthenticated");
    }

    fn accountants_programs_agree(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund("Safety; fund | \"x\"");
        let (dollars, euros) = (bank_of(&desk, &fund), desk.bank("Euros", "EUR"));
        let other = desk.bank("For payments", "USD");
        desk.give(&fund, "100.00").ok();
        charge(&desk, &fund, "3.00", "Fee; \"kept\" | 1").ok();
        let wrong = charge(&desk, &fund, "4.00", "Fee 2").id();
        undo_charge(&desk.finance, &fund, &wrong).ok();
        let forms = [
            transfer_form((&dollars, usd("20.00")), (&other, usd("20.00"))),
            transfer_form((&dollars, usd("30.00")), (&euros, eur("27.00"))),
            transfer_form((&dollars, usd("7.00")), (&other, usd("7.00"))),
        ];
        let moved = forms.map(|form| desk.finance.post(TRANSFERS, form).id());
        undo_transfer(&desk.finance, &moved[2]).ok();
        sound(&desk);
        for book in ["general", "both"] {
            let file = |format: &str| {
                let path = format!("/api/v1/ledger/export?format={format}&book={book}");
                let reply = desk.finance.get(&path);
                assert_eq!(reply.status, 200, "{}", reply.text());
                let file = t.dir().join(format!("{book}.{format}"));
                std::fs::write(&file, &reply.bytes).expect("written");
                file
            };
            let read = [
                validators::hledger(&file("hledger")),
                validators::beancount(&file("beancount")),
            ];
            for balances in read.into_iter().flatten() {
                let balances = balances.unwrap_or_else(|why| panic!("{book}: {why}"));
                let of = |begin: &str, currency: &str| -> Vec<String> {
                    let all = balances.iter().filter(|((name, of), amount)| {
                        name.starts_with(begin) && of == currency && *amount != "0"
                    });
                    all.map(|(_, amount)| amount.clone()).collect()
                };
                let mut lie = of("Assets:Bank", "USD");
                lie.sort_unstable();
                assert_eq!(lie, ["20", "47"], "{book}: {balances:?}");
                assert_eq!(of("Assets:Bank", "EUR"), ["27"]);
                assert_eq!(of("Expenses:Bank-Charges", "USD"), ["3"]);
                assert_eq!(of("Equity:Currency-Clearing", "USD"), ["30"]);
                assert_eq!(of("Equity:Currency-Clearing", "EUR"), ["-27"]);
            }
        }
    }
}
