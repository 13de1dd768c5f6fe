//! Payments, and how grants go on and end.

use super::{Payment, Village, dollars, one};
use crate::support::books::reference::after;
use crate::support::payday::at;
use crate::support::web::Reply;
use crate::support::years::dice::Dice;
use serde_json::json;

impl Village<'_> {
    pub(super) fn draft(&mut self, dice: &mut Dice) -> Option<(Reply, bool)> {
        let grant = one(&self.grants, dice)?;
        let number = one(&self.grants[grant].tranches, dice)?;
        let reply = self.payday.draft(&self.grants[grant].id, number + 1);
        // One at a time is on its way; one that came back is not.
        let live = ["drafted", "approved", "instructed", "settled"];
        let taken = self
            .payments
            .iter()
            .any(|p| (p.grant, p.tranche) == (grant, number) && live.contains(&p.state));
        let released = self.grants[grant].tranches[number].state == "released";
        let possible = released && !taken && self.may_pay(grant);
        if possible && reply.status < 300 {
            let payment = Payment { id: reply.id(), grant, tranche: number, state: "drafted" };
            self.payments.push(payment);
        }
        Some((reply, possible))
    }
    pub(super) fn pay(&mut self, step: &'static str, dice: &mut Dice) -> Option<(Reply, bool)> {
        let place = one(&self.payments, dice)?;
        let Payment { id, grant, tranche, state } = &self.payments[place];
        let (grant, number, state) = (*grant, *tranche, *state);
        let reply = match step {
            "retry" => self.payday.fia.post(&at(id, "retry"), json!({ "despite_double": true })),
            _ => self.payday.act(id, step),
        };
        let Some(next) = after("payment", state, step) else { return Some((reply, false)) };
        let tranche = &self.grants[grant].tranches[number];
        let minor = tranche.minor;
        let released = tranche.state == "released";
        let live = ["drafted", "approved", "instructed", "settled"];
        let other = self.payments.iter().enumerate().any(|(n, p)| {
            n != place && (p.grant, p.tranche) == (grant, number) && live.contains(&p.state)
        });
        let possible = match step {
            "approve" => released,
            "batch" => released && self.may_pay(grant),
            "retry" => released && self.may_pay(grant) && !other,
            _ => true,
        };
        let movement = match (step, state) {
            ("batch", _) => "payment_instructed",
            ("settle", _) => "payment_settled",
            ("return", "instructed") => "returned_before",
            ("return", _) => "returned_after",
            _ => "",
        };
        let done = possible && (movement.is_empty() || self.post_paid(movement, grant, minor));
        if done {
            self.payments[place].state = next;
            let tranche = &mut self.grants[grant].tranches[number];
            tranche.state = after("tranche", tranche.state, step).unwrap_or(tranche.state);
        }
        Some((reply, done))
    }
    pub(super) fn step(&mut self, step: &'static str, dice: &mut Dice) -> Option<(Reply, bool)> {
        let grant = one(&self.grants, dice)?;
        let path = format!("/api/v1/grants/{}/{}", self.grants[grant].id, step.replace('_', "-"));
        let admin = &self.payday.field.desk.admin;
        let reply = admin.post(&path, json!({ "reason": "It is time." }));
        let next = after("grant", self.grants[grant].state, step);
        let settled = |state: &str| matches!(state, "paid" | "cancelled");
        let ends = step != "close" || self.grants[grant].tranches.iter().all(|t| settled(t.state));
        let Some(next) = next.filter(|_| ends) else { return Some((reply, false)) };
        self.grants[grant].state = next;
        if step == "wind_down" {
            self.ends_planned(grant);
        }
        Some((reply, true))
    }
    /// At most what was paid, and not given back before.
    pub(super) fn refund(&mut self, minor: i64, dice: &mut Dice) -> Option<(Reply, bool)> {
        let grant = one(&self.grants, dice)?;
        let today = self.payday.web.env().clock.now().date();
        let form = json!({ "amount": dollars(minor), "received_on": today, "reference": "BACK" });
        let path = format!("/api/v1/grants/{}/refunds", self.grants[grant].id);
        let reply = self.payday.fia.post(&path, form);
        let paid = self.grants[grant].tranches.iter().filter(|t| t.state == "paid");
        let paid: i64 = paid.map(|t| t.minor).sum();
        let left = paid - self.grants[grant].refunded;
        let purse = self.grants[grant].purse;
        let done = minor <= left && self.post("refund_received", purse, Some(grant), minor);
        if done {
            self.grants[grant].refunded += minor;
        }
        Some((reply, done))
    }
    /// Whether everything is in the state that the reference led it to.
    pub fn look(&self) -> Result<(), String> {
        let differs = |what: &str, id: &str, found: &serde_json::Value, wanted: &str| {
            if found == wanted {
                Ok(())
            } else {
                Err(format!("{what} {id}: {found}, not {wanted}"))
            }
        };
        for application in &self.applications {
            for (id, _, state) in &application.offers {
                differs("offer", id, &self.payday.field.offer(id)["status"], state)?;
            }
        }
        for grant in &self.grants {
            let view = self.payday.field.grant(&grant.id);
            differs("grant", &grant.id, &view["status"], grant.state)?;
            for (number, tranche) in grant.tranches.iter().enumerate() {
                let found = &view["tranches"][number]["status"];
                differs("a tranche of", &grant.id, found, tranche.state)?;
            }
        }
        for payment in &self.payments {
            let found = &self.payday.disbursement(&payment.id)["status"];
            differs("payment", &payment.id, found, payment.state)?;
        }
        self.payday.web.work();
        self.payday.web.nothing_left_undone();
        Ok(())
    }
}
