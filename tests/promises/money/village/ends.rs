//! How applications end and begin again, and what the public gives for them.

use super::promises::Terms;
use super::{Earmark, Gift, Offer, Village, dollars, one};
use crate::support::books::reference::after;
use crate::support::web::Reply;
use crate::support::years::dice::Dice;
use serde_json::{Value, json};

impl Village<'_> {
    fn at(&self, place: usize, rest: &str) -> String {
        format!("/api/v1/applications/{}{rest}", self.applications[place].id)
    }
    /// What is tied to applications in the fund of a purse.
    pub(super) fn tied(&self, purse: usize) -> i64 {
        let held = self.earmarks.iter().filter(|e| e.state == "held" && e.purse == purse);
        held.map(|earmark| earmark.minor).sum()
    }
    /// Money that was given for an application goes from the budget to its fund, which holds it.
    pub(super) fn tied_again(&mut self, earmark: Option<usize>) -> bool {
        let Some(place) = earmark else { return true };
        let Earmark { purse, minor, state, .. } = self.earmarks[place];
        let Some(next) = after("earmark", state, "return") else { return false };
        self.earmarks[place].state = next;
        self.post("budget_recalled", &[(purse, minor)], None)
    }
    pub(super) fn decline(&mut self, dice: &mut Dice) -> Option<(Reply, bool)> {
        let place = one(&self.applications, dice)?;
        let why = json!({ "reason": "Not for this call." });
        let reply = self.payday.field.desk.admin.post(&self.at(place, "/decline"), why);
        let next = after("application", self.applications[place].state, "decline");
        if let Some(next) = next {
            self.applications[place].state = next;
            self.lets_all_go(place);
        }
        Some((reply, next.is_some()))
    }
    /// Whoever was declined appeals, and another admin answers.
    pub(super) fn appeal(&mut self, dice: &mut Dice) -> Option<(Reply, bool)> {
        let declined = |a: &&super::Application| a.state == "declined";
        let first = self.applications.iter().find(declined).map(|a| a.id.clone());
        let found = self.applications.iter().position(|a| Some(&a.id) == first.as_ref());
        let place = found.or_else(|| one(&self.applications, dice))?;
        let who = &self.people[self.applications[place].by].0;
        let appeal = who.post(&self.at(place, "/appeal"), json!({ "text": "Look again." }));
        let possible = self.applications[place].state == "declined";
        if self.applications[place].appealed && possible {
            // Nobody appeals twice: the second decline stays.
            return None;
        }
        if !possible || appeal.status >= 300 {
            return Some((appeal, possible));
        }
        let (outcome, step) =
            if dice.below(3) == 0 { ("upheld", "uphold") } else { ("reopened", "reopen") };
        let form = json!({ "outcome": outcome, "reason": "We read it again." });
        let reply = self.abe.post(&self.at(place, "/appeal/answer"), form);
        if step == "reopen" && reply.status < 300 {
            self.payday.field.desk.admin.command(&self.at(place, "/open")).ok();
        }
        let next = after("application", self.applications[place].state, step);
        self.applications[place].appealed = true;
        self.applications[place].state = next.unwrap_or("?");
        Some((reply, next.is_some()))
    }
    /// Somebody else begins one of their own, and takes the application up into it.
    pub(super) fn merge(&mut self, dice: &mut Dice) -> Option<(Reply, bool)> {
        let place = one(&self.applications, dice)?;
        let by = self.applications[place].by;
        let (other, who) = (&self.people[1 - by].0, &self.people[by].0);
        let form = json!({ "call_id": self.payday.field.call, "title": "One for both" });
        let into = other.post("/api/v1/applications", form).id();
        let members = format!("/api/v1/applications/{into}/members");
        other.post(&members, json!({ "email": who.email, "name": "Both" })).ok();
        let path = format!("/api/v1/applications/{into}/merge");
        let asked = who.post(&path, json!({ "other": self.applications[place].id }));
        let open = ["placed", "waits"];
        let free = !self.applications[place].offers.iter().any(|o| open.contains(&o.state));
        let given = self.earmarks.iter().any(|e| e.application == place && e.state == "held");
        let next = after("application", self.applications[place].state, "merge");
        let Some(next) = next.filter(|_| free && !given) else { return Some((asked, false)) };
        if asked.status >= 300 {
            return Some((asked, true));
        }
        let reply = other.command(&format!("/api/v1/merges/{}/accept", asked.id()));
        self.applications[place].state = next;
        Some((reply, true))
    }
    /// Somebody announces a gift for an application, and it arrives.
    pub(super) fn gift(&mut self, minor: i64, dice: &mut Dice) -> Option<(Reply, bool)> {
        let place = one(&self.applications, dice)?;
        // What has ended is not there for the public.
        if self.applications[place].state != "open" {
            return None;
        }
        let path =
            format!("/api/v1/public/applications/{}/announcements", self.applications[place].id);
        let form = json!({ "amount": dollars(minor), "email": "giver@example.org" });
        let announced = self.payday.web.anonymous().post(&path, form);
        if announced.status >= 300 {
            return Some((announced, true));
        }
        let all = self.payday.fia.get("/api/v1/announcements").ok();
        let id = all["items"][0]["id"].as_str().unwrap_or_default().to_owned();
        let today = self.payday.web.env().clock.now().date();
        let form = json!({ "amount": dollars(minor), "received_on": today });
        let path = format!("/api/v1/announcements/{id}/receive");
        let reply = self.payday.fia.post(&path, form);
        let earmark = reply.json()["earmark"].clone();
        // The first fund of the call takes it.
        let entry = self.reference.entries.len();
        let done = self.post("contribution_received", &[(0, minor)], None);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let gift = Gift { id: text(&reply.json()["contribution_id"]), purse: 0, minor, entry };
        let (id, state) = (text(&earmark["id"]), "held");
        self.earmarks.push(Earmark { id, gift, application: place, purse: 0, minor, state });
        Some((reply, done))
    }
    /// What was given is offered, or given another use.
    pub(super) fn earmark(&mut self, step: &str, dice: &mut Dice) -> Option<(Reply, bool)> {
        let number = one(&self.earmarks, dice)?;
        if step == "undo" {
            return self.ungift(number);
        }
        let Earmark { application, purse, minor, state, .. } = self.earmarks[number];
        let path = format!("/api/v1/earmarks/{}/{step}", self.earmarks[number].id);
        let status = self.applications[application].state;
        let next = after("earmark", state, step);
        if step == "reassign" {
            let why = json!({ "reason": "Another lens." });
            let reply = self.payday.field.desk.admin.post(&path, why);
            // A decline may still be appealed against, once.
            let may = match status {
                "open" => false,
                "declined" => self.applications[application].appealed,
                _ => true,
            };
            let next = next.filter(|_| may);
            self.earmarks[number].state = next.unwrap_or(state);
            return Some((reply, next.is_some()));
        }
        let backer = &self.purses[purse].backer;
        let reply = backer.who.post(&path, json!({ "budget_id": backer.budget }));
        let Some(next) = next.filter(|_| status == "open") else { return Some((reply, false)) };
        let done = self.post("budget_allocated", &[(purse, minor)], None)
            && self.post("offer_placed", &[(purse, minor)], None);
        if done && reply.status < 300 {
            self.earmarks[number].state = next;
            let until = reply.json()["expires_at"].as_str().and_then(|at| at.parse().ok())?;
            let (id, state, terms) = (reply.id(), "placed", Terms::Plain);
            let earmark = Some(number);
            let offer = Offer { id, purse, minor, state, terms, until, earmark };
            self.applications[application].offers.push(offer);
        }
        Some((reply, done))
    }
}
