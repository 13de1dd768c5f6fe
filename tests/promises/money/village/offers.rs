//! Offers, on conditions or not, and the award that they come to.

use super::promises::{Terms, divide, outcome};
use super::{Application, Grant, Offer, STRICT, Tranche, Village, dollars, one};
use crate::support::books::reference::after;
use crate::support::web::Reply;
use crate::support::years::dice::Dice;
use almoner::kernel::time::Instant;
use serde_json::{Value, json};

impl Village<'_> {
    pub(super) fn apply(&mut self, dice: &mut Dice) -> Option<(Reply, bool)> {
        let by = one(&self.people, dice)?;
        let who = &self.people[by].0;
        let id = self.payday.field.applies(who, "50.00", "1000000.00");
        let reply = who.get(&format!("/api/v1/applications/{id}"));
        let (state, appealed, offers) = ("open", false, Vec::new());
        self.applications.push(Application { id, by, state, appealed, offers });
        Some((reply, true))
    }
    pub(super) fn offer(
        &mut self,
        now: Instant,
        terms: &str,
        minor: i64,
        dice: &mut Dice,
    ) -> Option<(Reply, bool)> {
        let (place, purse) = (one(&self.applications, dice)?, one(&self.purses, dice)?);
        let until = now.plus_seconds(3_600 * i64::from(1 + dice.below(200)));
        let least = i64::from(1 + dice.below(15_000));
        let (terms, said) = match terms {
            "match" => (Terms::Match, json!({ "match": true })),
            "if_others" => (Terms::IfOthers(least), json!({ "if_others": dollars(least) })),
            _ => (Terms::Plain, json!({})),
        };
        let mut said = said;
        said["expires_at"] = json!(until);
        let amount = format!("{}.{:02}", minor / 100, minor % 100);
        let backer = &self.purses[purse].backer;
        let reply = backer.offer_with(&self.applications[place].id, &amount, said);
        let open = self.applications[place].state == "open";
        let possible = open && self.post("offer_placed", &[(purse, minor)], None);
        if possible && reply.status < 300 {
            let state = if purse == STRICT { "waits" } else { "placed" };
            let (id, earmark) = (reply.id(), None);
            let offer = Offer { id, purse, minor, state, terms, until, earmark };
            self.applications[place].offers.push(offer);
        }
        Some((reply, possible))
    }
    /// The reference lets an offer go; what was given for the application is its fund's again.
    pub(super) fn lets_go(&mut self, (place, number): (usize, usize), step: &str) -> bool {
        let offer = &self.applications[place].offers[number];
        let Some(next) = after("offer", offer.state, step) else { return false };
        let (of, earmark) = ([(offer.purse, offer.minor)], offer.earmark);
        self.applications[place].offers[number].state = next;
        self.post("offer_released", &of, None) && self.tied_again(earmark)
    }
    /// Lets go what is still open of an application.
    pub(super) fn lets_all_go(&mut self, place: usize) {
        for number in 0..self.applications[place].offers.len() {
            self.lets_go((place, number), "end");
        }
    }
    /// What is over its time.
    pub(super) fn lapse(&mut self, now: Instant) {
        let mut any = false;
        for place in 0..self.applications.len() {
            for number in 0..self.applications[place].offers.len() {
                let over = self.applications[place].offers[number].until <= now;
                any |= over && self.lets_go((place, number), "end");
            }
        }
        if any {
            self.payday.web.work();
        }
    }
    /// One of the offers, by its application.
    fn any_offer(&self, dice: &mut Dice) -> Option<(usize, usize)> {
        let place = one(&self.applications, dice)?;
        Some((place, one(&self.applications[place].offers, dice)?))
    }
    pub(super) fn withdraw(&mut self, dice: &mut Dice) -> Option<(Reply, bool)> {
        let (place, number) = self.any_offer(dice)?;
        let offer = &self.applications[place].offers[number];
        let who = &self.purses[offer.purse].backer.who;
        let reply = who.command(&format!("/api/v1/offers/{}/withdraw", offer.id));
        Some((reply, self.lets_go((place, number), "withdraw")))
    }
    /// A second person approves or denies.
    pub(super) fn decide(&mut self, step: &str, dice: &mut Dice) -> Option<(Reply, bool)> {
        let waits = |(place, a): (usize, &Application)| {
            let number = a.offers.iter().position(|o| o.state == "waits")?;
            Some((place, number))
        };
        let some: Vec<_> = self.applications.iter().enumerate().filter_map(waits).collect();
        let any = if some.is_empty() { None } else { Some(*dice.one(&some)) };
        let (place, number) = any.or_else(|| self.any_offer(dice))?;
        let offer = &self.applications[place].offers[number];
        let path = format!("/api/v1/offers/{}/{step}", offer.id);
        let reply = self.payday.field.desk.admin.post(&path, json!({ "reason": "We looked." }));
        if step == "deny" {
            return Some((reply, self.lets_go((place, number), "deny")));
        }
        let next = after("offer", offer.state, step);
        if let Some(next) = next {
            self.applications[place].offers[number].state = next;
        }
        Some((reply, next.is_some()))
    }
    /// What the placed offers of an application come to: place, and how much.
    fn comes_to(&self, place: usize) -> Vec<(usize, i64)> {
        let offers = self.applications[place].offers.iter().enumerate();
        let placed: Vec<_> = offers.filter(|(_, o)| o.state == "placed").collect();
        let promises: Vec<_> = placed.iter().map(|(_, o)| (o.purse, o.minor, o.terms)).collect();
        let come = outcome(&promises);
        placed.into_iter().map(|(number, _)| number).zip(come).filter(|(_, m)| *m > 0).collect()
    }
    /// Awards, and settles the paperwork of most: two tranches are released by that, the others
    /// wait.
    pub(super) fn award(&mut self, dice: &mut Dice) -> Result<Option<(Reply, bool)>, String> {
        let Some(place) = one(&self.applications, dice) else { return Ok(None) };
        let come = self.comes_to(place);
        let total: i64 = come.iter().map(|(_, minor)| minor).sum();
        let third = total / 3;
        let parts = if third == 0 { vec![total] } else { vec![third, third, total - 2 * third] };
        let conditions = ["on_activation", "on_activation", "on_checkpoint"];
        let tranches: Vec<Value> = parts
            .iter()
            .zip(conditions)
            .map(|(minor, when)| json!({ "amount": dollars(*minor), "release_condition": when }))
            .collect();
        let application = &self.applications[place];
        let reply = self.payday.field.award(&application.id, json!({ "tranches": tranches }));
        let next = after("application", application.state, "award").filter(|_| total >= 5_000);
        let (Some(next), true) = (next, reply.status < 300) else {
            return Ok(Some((reply, next.is_some())));
        };
        self.applications[place].state = next;
        let grant = self.awarded(reply.id(), place, &parts);
        for (number, minor) in come {
            self.commits((place, number), minor, grant);
        }
        self.lets_all_go(place);
        self.payday.web.work();
        if dice.below(3) != 0 && !self.activates(grant) {
            return Err("the reference does not release".into());
        }
        Ok(Some((reply, true)))
    }
    fn awarded(&mut self, id: String, application: usize, parts: &[i64]) -> usize {
        let tranche = |(number, minor): (usize, &i64)| {
            let (state, parts) = ("planned", Vec::new());
            Tranche { minor: *minor, state, waits: number == 2, parts }
        };
        let tranches = parts.iter().enumerate().map(tranche).collect();
        let (state, purses, refunded) = ("awarded", Vec::new(), 0);
        self.grants.push(Grant { id, application, purses, state, tranches, refunded });
        self.grants.len() - 1
    }
    /// So much of an offer becomes a part of the grant; the rest goes back.
    fn commits(&mut self, (place, number): (usize, usize), minor: i64, grant: usize) {
        let offer = &mut self.applications[place].offers[number];
        let (purse, rest, earmark) = (offer.purse, offer.minor - minor, offer.earmark);
        offer.state = after("offer", offer.state, "award").unwrap_or("?");
        self.grants[grant].purses.push(purse);
        let purses = &self.purses;
        self.grants[grant].purses.sort_by_key(|purse| purses[*purse].budget);
        self.grants[grant].purses.dedup();
        if rest > 0 {
            self.post("offer_released", &[(purse, rest)], None);
        }
        self.post("grant_awarded", &[(purse, minor)], Some(grant));
        if let Some(earmark) = earmark.map(|earmark| &mut self.earmarks[earmark]) {
            earmark.state = after("earmark", earmark.state, "award").unwrap_or("?");
        }
    }
    /// The paperwork is settled.
    fn activates(&mut self, grant: usize) -> bool {
        let (who, payee) = &self.people[self.applications[self.grants[grant].application].by];
        self.payday.activate(who, payee, &self.grants[grant].id);
        let state = after("grant", self.grants[grant].state, "activate");
        self.grants[grant].state = state.unwrap_or("?");
        (0..self.grants[grant].tranches.len().min(2)).all(|number| self.released(grant, number))
    }
    /// So much of what a grant's budgets hold under a code, divided over them.
    pub(super) fn shares(&self, grant: usize, minor: i64, held: &[i64]) -> Vec<(usize, i64)> {
        let parts = self.grants[grant].purses.iter().copied().zip(divide(minor, held));
        parts.filter(|(_, part)| *part > 0).collect()
    }
    /// What each of a grant's budgets holds under a code.
    pub(super) fn holdings(&self, grant: usize, code: &str) -> Vec<i64> {
        self.grants[grant].purses.iter().map(|p| self.held(code, *p, Some(grant))).collect()
    }
}
