//! As many budgets as can pay for one grant, and one more.

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::{Backer, Field};
use almoner::budgets::service::{BudgetForm, MoveForm};
use almoner::kernel::actor::Role;
use almoner::kernel::ids::BudgetId;
use almoner::kernel::money::{Currency, Money};
use almoner::ledger::model::MAX_SHARES;
use almoner::{budgets, offers};
use serde_json::json;

fn money(minor: i64) -> almoner::kernel::money::MoneyText {
    Money::new(minor, Currency::parse("USD").expect("known")).into()
}

/// So many budgets of one holder and one fund, each with ten dollars.
fn budgets(field: &Field<'_>, count: usize) -> Vec<Backer> {
    let who = field.web.with_role("Reg Rantor", Role::Regrantor);
    let fund = field.desk.fund("A large fund");
    field.desk.give(&fund, "100000.00").ok();
    let made: Vec<BudgetId> = field.act(|conn, ctx| {
        let mut made = Vec::with_capacity(count);
        for number in 0..count {
            let form = BudgetForm {
                fund_id: fund.parse().expect("an id"),
                holder_id: who.id(),
                name: format!("Budget {number}"),
                per_grant_cap: None,
                approval_threshold: None,
                expires_on: None,
                agendas: Vec::new(),
            };
            let id = budgets::service::create(conn, ctx, &form)?.budget.id;
            let form = MoveForm { amount: money(1000), note: None };
            budgets::service::allocate(conn, ctx, id, &form)?;
            made.push(id);
        }
        Ok(made)
    });
    let backer =
        |id: BudgetId| Backer { who: who.clone(), budget: id.to_string(), fund: fund.clone() };
    made.into_iter().map(backer).collect()
}

both! {
    fn a_grant_of_as_many_budgets_as_can_be(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "100000.00");
        let backers = budgets(&field, MAX_SHARES + 1);
        let (last, most) = backers.split_last().expect("some");
        field.act(|conn, ctx| {
            for backer in &most[1..] {
                let form = offers::model::PlaceOffer {
                    budget_id: backer.budget.parse().expect("an id"),
                    amount: money(500),
                    conditions: String::new(),
                    expires_at: None,
                    if_others: None,
                    matching: false,
                    private: false,
                };
                offers::service::place(conn, ctx, application.parse().expect("an id"), &form)?;
            }
            Ok(())
        });
        let first = most[0].offer(&application, "5.00").id();
        let problem = last.offer(&application, "5.00").refused(409, "limit_reached");
        assert_eq!(problem["detail"], "100 budgets hold money for this application, \
            and no more can.");
        assert_eq!(field.available(last), "10.00");
        // Those that hold something already may hold more, and one that lets go makes room.
        most[1].offer(&application, "1.00").ok();
        last.who.command(&format!("/api/v1/offers/{first}/withdraw")).ok();
        last.offer(&application, "5.00").ok();
        most[0].offer(&application, "5.00").refused(409, "limit_reached");

        // Every movement of a grant with so many shares fits into its entry.
        let plan = json!({ "tranches": [
            { "amount": usd("200.00"), "release_condition": "on_activation" },
            { "amount": usd("100.00"), "release_condition": "on_activation" },
            { "amount": usd("201.00"), "release_condition": "on_report" },
        ]});
        let grant = field.award(&application, plan).id();
        field.activate(&grant);
        field.sound();
        let admin = &field.desk.admin;
        admin.command(&format!("/api/v1/grants/{grant}/tranches/2/undo-release")).ok();
        field.pays(&grant, 1);
        let ended = json!({ "reason": "It is enough." });
        admin.post(&format!("/api/v1/grants/{grant}/wind-down"), ended).ok();
        let refund = json!({
            "amount": usd("100.00"), "received_on": "2026-11-02", "reference": "back",
        });
        field.desk.finance.post(&format!("/api/v1/grants/{grant}/refunds"), refund).ok();
        field.sound();
        let statement = admin.get(&format!("/api/v1/grants/{grant}/statement?limit=200")).ok();
        assert_eq!(statement["lines"].as_array().map(Vec::len), Some(200));
    }
}
