//! Payments, and how grants go on and end.

use super::{Deed, Grant, Offer, Payment, Village, one};
use crate::support::books::reference::after;
use crate::support::payday::at;
use crate::support::web::Reply;
use crate::support::years::dice::Dice;
use serde_json::json;

impl Village<'_> {
    pub(super) fn released(&mut self, grant: usize, number: usize) -> bool {
        let tranche = &self.grants[grant].tranches[number];
        let (minor, next) = (tranche.minor, after("tranche", tranche.state, "release"));
        let Some(next) = next else { return false };
        let parts = self.shares(grant, minor, &self.holdings(grant, "8400"));
        let done = self.post("tranche_released", &parts, Some(grant));
        if done {
            self.grants[grant].tranches[number].state = next;
            self.grants[grant].tranches[number].parts = parts;
        }
        done
    }
    pub(super) fn tranche(&mut self, deed: Deed, dice: &mut Dice) -> Option<(Reply, bool)> {
        let grant = one(&self.grants, dice)?;
        let number = one(&self.grants[grant].tranches, dice)?;
        let id = self.grants[grant].id.clone();
        if deed == Deed::Release {
            let reply = self.payday.release(&id, number + 1);
            let Grant { state, tranches, .. } = &self.grants[grant];
            let may = *state == "active" && !tranches[number].waits;
            return Some((reply, may && self.released(grant, number)));
        }
        let reply = self.payday.undo_release(&id, number + 1);
        let parts = self.grants[grant].tranches[number].parts.clone();
        let next = after("tranche", self.grants[grant].tranches[number].state, "undo");
        let done = next.is_some() && self.post("release_undone", &parts, Some(grant));
        if let (Some(next), true) = (next, done) {
            self.grants[grant].tranches[number].state = next;
            // A job sees to those that were to pay it.
            let mine = self.payments.iter_mut().filter(|p| (p.grant, p.tranche) == (grant, number));
            mine.for_each(|p| p.state = after("payment", p.state, "void").unwrap_or(p.state));
            if matches!(self.grants[grant].state, "winding_down" | "closed") {
                self.ends_planned(grant);
            }
        }
        Some((reply, done))
    }
    /// What is still planned is cancelled, and its money goes back to the budget.
    fn ends_planned(&mut self, grant: usize) {
        let mut freed = 0;
        for tranche in &mut self.grants[grant].tranches {
            if let Some(next) = after("tranche", tranche.state, "end") {
                tranche.state = next;
                freed += tranche.minor;
            }
        }
        if freed > 0 {
            let parts = self.shares(grant, freed, &self.holdings(grant, "8400"));
            self.post("commitment_released", &parts, Some(grant));
        }
    }
    fn may_pay(&self, grant: usize) -> bool {
        matches!(self.grants[grant].state, "active" | "winding_down")
    }
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
            // What comes back to a closed grant is owed again.
            let state = self.grants[grant].state;
            self.grants[grant].state = after("grant", state, step).unwrap_or(state);
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
        if step == "wind_down" || step == "cancel" {
            self.ends_planned(grant);
        }
        if step == "cancel" {
            // What was given for the application goes on to its fund.
            let offers = &self.applications[self.grants[grant].application].offers;
            let spent = offers.iter().filter(|o| o.state == "committed");
            let given: Vec<_> = spent.map(|offer| offer.earmark).collect();
            for earmark in given {
                self.tied_again(earmark);
            }
        }
        Some((reply, true))
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
            for Offer { id, state, .. } in &application.offers {
                let state = if *state == "waits" { "awaiting_approval" } else { state };
                differs("offer", id, &self.payday.field.offer(id)["status"], state)?;
            }
        }
        let earmarks = self.payday.field.all("/api/v1/earmarks");
        for earmark in &self.earmarks {
            let found = earmarks.iter().find(|e| e["id"] == earmark.id.as_str());
            let found = found.map(|e| e["status"].clone()).unwrap_or_default();
            differs("earmark", &earmark.id, &found, earmark.state)?;
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
