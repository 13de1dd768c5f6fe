//! Money that comes back, and money that was recorded in error.

use super::{Gift, Grant, Refund, Village, dollars, one};
use crate::support::books::reference::after;
use crate::support::web::Reply;
use crate::support::years::dice::Dice;
use serde_json::{Value, json};

/// The same with one field more.
fn with(form: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut form = form.clone();
    form[field] = value.into();
    form
}

impl Village<'_> {
    /// At most what was paid, and not given back before.
    pub(super) fn refund(&mut self, minor: i64, dice: &mut Dice) -> Option<(Reply, bool)> {
        let grant = one(&self.grants, dice)?;
        let today = self.payday.web.env().clock.now().date();
        let named = format!("BACK {}", self.reference.entries.len());
        let named = json!({ "received_on": today, "reference": named });
        let form = with(&named, "amount", dollars(minor));
        let path = format!("/api/v1/grants/{}/refunds", self.grants[grant].id);
        let reply = self.payday.fia.post(&path, form);
        let paid = self.grants[grant].tranches.iter().filter(|t| t.state == "paid");
        let paid: i64 = paid.map(|t| t.minor).sum();
        let left = paid - self.grants[grant].refunded;
        // Of what is owed and not paid yet, nothing can come back.
        let mut held = self.holdings(grant, "8500");
        let Grant { purses, tranches, .. } = &self.grants[grant];
        let owed = tranches.iter().filter(|t| matches!(t.state, "released" | "instructed"));
        for (purse, part) in owed.flat_map(|tranche| &tranche.parts) {
            let place = purses.iter().position(|p| p == purse)?;
            held[place] -= part;
        }
        let done = minor <= left;
        let parts = if done { self.shares(grant, minor, &held) } else { Vec::new() };
        // An entry for each.
        let entries = (self.reference.entries.len()..).take(parts.len()).collect();
        let done = done && parts.iter().all(|p| self.post("refund_received", &[*p], Some(grant)));
        if done {
            self.grants[grant].refunded += minor;
            self.refunds.push(Refund { grant, named, minor, entries });
        }
        Some((reply, done))
    }
    /// A refund was recorded in error: each of its budgets has to have it still.
    pub(super) fn unrefund(&mut self, dice: &mut Dice) -> Option<(Reply, bool)> {
        let Refund { grant, named, minor, entries } = &self.refunds[one(&self.refunds, dice)?];
        let (grant, minor) = (*grant, *minor);
        let path = format!("/api/v1/grants/{}/refunds/undo", self.grants[grant].id);
        let reply = self.payday.fia.post(&path, with(named, "reason", "Not theirs."));
        let before = self.reference.clone();
        let done = entries.iter().all(|entry| self.reference.reverse(*entry));
        if done {
            self.grants[grant].refunded -= minor;
        } else {
            self.reference = before;
        }
        Some((reply, done))
    }
    pub(super) fn ungive(&mut self, dice: &mut Dice) -> Option<(Reply, bool)> {
        let gift = self.gifts[one(&self.gifts, dice)?].clone();
        let reply = self.takes_back(&gift);
        let possible = gift.minor <= self.held("8100", gift.purse, None) - self.tied(gift.purse);
        Some((reply, possible && self.reference.reverse(gift.entry)))
    }
    fn takes_back(&self, gift: &Gift) -> Reply {
        let (fund, id) = (&self.purses[gift.purse].backer.fund, &gift.id);
        let path = format!("/api/v1/funds/{fund}/contributions/{id}/undo");
        self.payday.fia.post(&path, json!({ "reason": "It was another's." }))
    }
    /// What was given for an application never came; nothing of it may be offered or granted.
    pub(super) fn ungift(&mut self, number: usize) -> Option<(Reply, bool)> {
        let (gift, state) = (self.earmarks[number].gift.clone(), self.earmarks[number].state);
        let reply = self.takes_back(&gift);
        let Some(next) = after("earmark", state, "undo") else { return Some((reply, false)) };
        self.earmarks[number].state = next;
        let free = self.held("8100", gift.purse, None) - self.tied(gift.purse);
        let done = gift.minor <= free && self.reference.reverse(gift.entry);
        if !done {
            self.earmarks[number].state = state;
        }
        Some((reply, done))
    }
}
