//! The desk of those who run the service: money in, and budgets, through the front door.

use super::web::{Client, Reply, Web};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

/// An admin and somebody of finance, at work.
pub struct Desk<'w> {
    pub web: &'w Web,
    pub admin: Client,
    pub finance: Client,
}

/// An amount in dollars, as on the wire.
pub fn usd(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "USD" })
}

impl Web {
    /// Opens the desk.
    pub fn desk(&self) -> Desk<'_> {
        let admin = self.with_role("Ada Admin", Role::Admin);
        let finance = self.with_role("Fia Finance", Role::Finance);
        Desk { web: self, admin, finance }
    }
}

impl Desk<'_> {
    /// A bank account; its id.
    pub fn bank(&self, name: &str, currency: &str) -> String {
        self.admin.post("/api/v1/bank-accounts", json!({ "name": name, "currency": currency })).id()
    }
    /// A fund in dollars without fee, with a bank account of its own; its id.
    pub fn fund(&self, name: &str) -> String {
        self.fund_with(name, json!({}))
    }
    /// A fund with further fields.
    pub fn fund_with(&self, name: &str, more: Value) -> String {
        let bank = self.bank(&format!("Bank of {name}"), "USD");
        let mut form = json!({ "name": name, "currency": "USD", "bank_account_id": bank });
        for (key, value) in more.as_object().expect("fields") {
            form[key] = value.clone();
        }
        self.admin.post("/api/v1/funds", form).id()
    }
    /// Dollars received today.
    pub fn give(&self, fund: &str, amount: &str) -> Reply {
        let today = self.web.env().clock.now().date();
        let form = json!({
            "funder_name": "A kind person", "amount": usd(amount), "received_on": today,
        });
        self.finance.post(&format!("/api/v1/funds/{fund}/contributions"), form)
    }
    /// An empty budget of a fund; its id.
    pub fn budget(&self, fund: &str, holder: &Client) -> String {
        self.budget_with(fund, holder, json!({}))
    }
    /// An empty budget with further fields.
    pub fn budget_with(&self, fund: &str, holder: &Client, more: Value) -> String {
        let mut form = json!({ "fund_id": fund, "holder_id": holder.id(), "name": "A budget" });
        for (key, value) in more.as_object().expect("fields") {
            form[key] = value.clone();
        }
        self.admin.post("/api/v1/budgets", form).id()
    }
    /// Moves dollars from the fund to the budget.
    pub fn allocate(&self, budget: &str, amount: &str) -> Reply {
        let path = format!("/api/v1/budgets/{budget}/allocate");
        self.admin.post(&path, json!({ "amount": usd(amount) }))
    }
    /// A fund that was given `amount`, with a budget that has all of it; the ids of both.
    pub fn filled(&self, name: &str, holder: &Client, amount: &str) -> (String, String) {
        let fund = self.fund(name);
        self.give(&fund, amount).ok();
        let budget = self.budget(&fund, holder);
        self.allocate(&budget, amount).ok();
        (fund, budget)
    }
    /// The balances of `funds/ID` or `budgets/ID`: each part's amount.
    pub fn balances(&self, what: &str) -> Value {
        let view = self.admin.get(&format!("/api/v1/{what}")).ok();
        let parts = view["balances"].as_object().expect("balances").clone();
        parts.into_iter().map(|(name, money)| (name, money["amount"].clone())).collect()
    }
}

/// Runs `f` for 0, 1, … at the same moment, each on a thread of its own; the answers in order.
pub fn threads<T: Send>(count: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = std::sync::Barrier::new(count);
    std::thread::scope(|scope| {
        let (start, f) = (&start, &f);
        let run = move |n| {
            start.wait();
            f(n)
        };
        let running: Vec<_> = (0..count).map(|n| scope.spawn(move || run(n))).collect();
        running.into_iter().map(|t| t.join().expect("no panic")).collect()
    })
}
