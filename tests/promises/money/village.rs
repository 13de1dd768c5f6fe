//! A village that lives by the state machines of DOMAIN.md, asked for through the front door, and
//! what the reference says to each step: whether it is possible, and what then is where.

mod errands;

use crate::support::Harness;
use crate::support::books::Room;
use crate::support::books::life::balances;
use crate::support::books::reference::{Part, Reference, after};
use crate::support::desk::usd;
use crate::support::field::Backer;
use crate::support::payday::Payday;
use crate::support::web::{Reply, Web};
use crate::support::years::dice::Dice;
use almoner::platform::context::Ctx;
use serde_json::{Value, json};
use uuid::Uuid;

/// What somebody tries; whom it concerns is up to chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Give,
    Allocate,
    Recall,
    Apply,
    Offer,
    Withdraw,
    Award,
    Release,
    Undo,
    Draft,
    /// A step of a payment.
    Pay(&'static str),
    /// A step of a grant.
    Grant(&'static str),
    Refund,
}

/// With how often they are tried.
const DEEDS: &[(Deed, usize)] = &[
    (Deed::Give, 2),
    (Deed::Allocate, 3),
    (Deed::Recall, 1),
    (Deed::Apply, 3),
    (Deed::Offer, 8),
    (Deed::Withdraw, 2),
    (Deed::Award, 4),
    (Deed::Release, 4),
    (Deed::Undo, 3),
    (Deed::Draft, 8),
    (Deed::Pay("approve"), 7),
    (Deed::Pay("batch"), 7),
    (Deed::Pay("settle"), 6),
    (Deed::Pay("return"), 3),
    (Deed::Pay("retry"), 3),
    (Deed::Pay("void"), 2),
    (Deed::Grant("pause"), 1),
    (Deed::Grant("resume"), 2),
    (Deed::Grant("wind_down"), 1),
    (Deed::Grant("close"), 1),
    (Deed::Refund, 2),
];

impl Deed {
    /// What there has to be before much can happen.
    pub const FIRST: &[Self] = &[
        Self::Apply,
        Self::Offer,
        Self::Offer,
        Self::Award,
        Self::Apply,
        Self::Offer,
        Self::Draft,
    ];
    /// Any, as often as they are tried.
    pub fn any(dice: &mut Dice) -> Self {
        let all: Vec<Self> =
            DEEDS.iter().flat_map(|(deed, often)| std::iter::repeat_n(*deed, *often)).collect();
        *dice.one(&all)
    }
}

/// A budget that pays, and what tells its accounts apart.
struct Purse {
    backer: Backer,
    bank: Uuid,
    fund: Uuid,
    budget: Uuid,
}

struct Application {
    id: String,
    purse: usize,
    open: bool,
    /// Offers: id, cents, state.
    offers: Vec<(String, i64, &'static str)>,
}

struct Tranche {
    minor: i64,
    state: &'static str,
    /// Nobody may release it by hand before its checkpoint.
    waits: bool,
}

struct Grant {
    id: String,
    purse: usize,
    state: &'static str,
    tranches: Vec<Tranche>,
    refunded: i64,
}

struct Payment {
    id: String,
    grant: usize,
    tranche: usize,
    state: &'static str,
}

/// Everybody, and what the reference knows of them.
pub struct Village<'w> {
    payday: Payday<'w>,
    /// The account that pays.
    bank: Uuid,
    purses: Vec<Purse>,
    applications: Vec<Application>,
    grants: Vec<Grant>,
    payments: Vec<Payment>,
    reference: Reference,
}

fn uuid(text: &str) -> Uuid {
    text.parse().expect("an id")
}

fn dollars(minor: i64) -> Value {
    usd(&format!("{}.{:02}", minor / 100, minor % 100))
}

/// The place of one of them, of the newest more often.
fn one<T>(of: &[T], dice: &mut Dice) -> Option<usize> {
    let from = if dice.below(3) == 0 { 0 } else { of.len().saturating_sub(4) };
    let among: Vec<usize> = (from..of.len()).collect();
    if among.is_empty() { None } else { Some(*dice.one(&among)) }
}

impl<'w> Village<'w> {
    pub fn new(web: &'w Web) -> Result<Self, String> {
        let payday = web.payday();
        let bank = uuid(&payday.bank);
        let mut village = Self {
            bank,
            purses: Vec::new(),
            applications: Vec::new(),
            grants: Vec::new(),
            payments: Vec::new(),
            reference: Reference::default(),
            payday,
        };
        let first = Backer {
            who: village.payday.backer.who.clone(),
            budget: village.payday.backer.budget.clone(),
            fund: village.payday.backer.fund.clone(),
        };
        let second = village.payday.field.backer("300.00");
        for (backer, minor) in [(first, 100_000_000), (second, 30_000)] {
            let fund = village.payday.fia.get(&format!("/api/v1/funds/{}", backer.fund)).ok();
            let bank = uuid(fund["bank_account_id"].as_str().unwrap_or_default());
            let (fund, budget) = (uuid(&backer.fund), uuid(&backer.budget));
            village.purses.push(Purse { backer, bank, fund, budget });
            let place = village.purses.len() - 1;
            let known = village.post("contribution_received", place, None, minor)
                && village.post("budget_allocated", place, None, minor);
            if !known {
                return Err("the reference cannot begin".into());
            }
        }
        Ok(village)
    }
    fn part(&self, purse: usize, grant: Option<usize>, minor: i64) -> Part {
        let p = &self.purses[purse];
        let grant = grant.map(|g| uuid(&self.grants[g].id)).unwrap_or_default();
        Part { currency: "USD", about: [p.bank, p.fund, p.budget, grant], minor }
    }
    fn post(&mut self, movement: &str, purse: usize, grant: Option<usize>, minor: i64) -> bool {
        self.reference.post(&[(movement, self.part(purse, grant, minor))])
    }
    /// What goes through the bank goes through the account that pays.
    fn post_paid(&mut self, movement: &str, grant: usize, minor: i64) -> bool {
        let mut part = self.part(self.grants[grant].purse, Some(grant), minor);
        part.about[0] = self.bank;
        self.reference.post(&[(movement, part)])
    }
    /// Does a deed and asks the reference; whether it was possible, if both agree on that and on
    /// everything that is anywhere now; `None` where there was nobody to do it to.
    pub fn act(
        &mut self,
        t: &Harness,
        deed: Deed,
        dice: &mut Dice,
    ) -> Result<Option<bool>, String> {
        t.clock.advance_seconds(600);
        let minor = i64::from(1 + dice.below(20_000));
        let told = match deed {
            Deed::Give | Deed::Allocate | Deed::Recall => self.funds(deed, minor, dice),
            Deed::Apply => self.apply(dice),
            Deed::Offer => self.offer(minor, dice),
            Deed::Withdraw => self.withdraw(dice),
            Deed::Award => self.award(dice)?,
            Deed::Release | Deed::Undo => self.tranche(deed, dice),
            Deed::Draft => self.draft(dice),
            Deed::Pay(step) => self.pay(step, dice),
            Deed::Grant(step) => self.step(step, dice),
            Deed::Refund => self.refund(minor, dice),
        };
        let Some((reply, possible)) = told else { return Ok(None) };
        let agreed = if possible { reply.status < 300 } else { matches!(reply.status, 409 | 422) };
        if !agreed {
            let said = format!("{}: {}", reply.status, reply.text());
            return Err(format!("the reference says {possible}, the service {said}"));
        }
        self.payday.web.work();
        self.compare(t)?;
        Ok(Some(possible))
    }
    fn compare(&self, t: &Harness) -> Result<(), String> {
        let room = Room { t, ctx: Ctx::system(self.payday.web.env(), "test") };
        let mut wanted = self.reference.balances.clone();
        wanted.retain(|_, balance| *balance != 0);
        let found = balances(&room);
        if found != wanted {
            return Err(format!("the ledger has {found:?}, the reference {wanted:?}"));
        }
        let report = self.payday.fia.get("/api/v1/ledger/check").ok();
        if report["holds"] != true || report["entries"] != json!(self.reference.entries.len()) {
            let entries = self.reference.entries.len();
            return Err(format!("{entries} entries wanted: {report}"));
        }
        Ok(())
    }
    fn funds(&mut self, deed: Deed, minor: i64, dice: &mut Dice) -> Option<(Reply, bool)> {
        let place = one(&self.purses, dice)?;
        let Backer { fund, budget, .. } = &self.purses[place].backer;
        let form = json!({ "amount": dollars(minor) });
        let admin = &self.payday.field.desk.admin;
        let (movement, reply) = match deed {
            Deed::Give => {
                let amount = format!("{}.{:02}", minor / 100, minor % 100);
                ("contribution_received", self.payday.field.desk.give(fund, &amount))
            }
            Deed::Allocate => (
                "budget_allocated",
                admin.post(&format!("/api/v1/budgets/{budget}/allocate"), form),
            ),
            _ => ("budget_recalled", admin.post(&format!("/api/v1/budgets/{budget}/recall"), form)),
        };
        Some((reply, self.post(movement, place, None, minor)))
    }
    fn apply(&mut self, dice: &mut Dice) -> Option<(Reply, bool)> {
        let purse = one(&self.purses, dice)?;
        let id = self.payday.field.applies(&self.payday.ada, "50.00", "1000000.00");
        let reply = self.payday.ada.get(&format!("/api/v1/applications/{id}"));
        self.applications.push(Application { id, purse, open: true, offers: Vec::new() });
        Some((reply, true))
    }
    fn offer(&mut self, minor: i64, dice: &mut Dice) -> Option<(Reply, bool)> {
        let place = one(&self.applications, dice)?;
        let (purse, open) = (self.applications[place].purse, self.applications[place].open);
        let amount = format!("{}.{:02}", minor / 100, minor % 100);
        let reply = self.purses[purse].backer.offer(&self.applications[place].id, &amount);
        let possible = open && self.post("offer_placed", purse, None, minor);
        if possible && reply.status < 300 {
            self.applications[place].offers.push((reply.id(), minor, "placed"));
        }
        Some((reply, possible))
    }
    fn withdraw(&mut self, dice: &mut Dice) -> Option<(Reply, bool)> {
        let place = one(&self.applications, dice)?;
        let purse = self.applications[place].purse;
        let number = one(&self.applications[place].offers, dice)?;
        let (id, minor, state) = self.applications[place].offers[number].clone();
        let reply = self.purses[purse].backer.who.command(&format!("/api/v1/offers/{id}/withdraw"));
        let next = after("offer", state, "withdraw");
        if let Some(next) = next {
            self.post("offer_released", purse, None, minor);
            self.applications[place].offers[number].2 = next;
        }
        Some((reply, next.is_some()))
    }
    /// Awards, and settles the paperwork: the first tranche is released by that, the others wait.
    fn award(&mut self, dice: &mut Dice) -> Result<Option<(Reply, bool)>, String> {
        let Some(place) = one(&self.applications, dice) else { return Ok(None) };
        let application = &self.applications[place];
        let placed: Vec<i64> =
            application.offers.iter().filter(|o| o.2 == "placed").map(|o| o.1).collect();
        let (total, purse): (i64, usize) = (placed.iter().sum(), application.purse);
        let third = total / 3;
        let parts = if third == 0 { vec![total] } else { vec![third, third, total - 2 * third] };
        let conditions = ["on_activation", "on_activation", "on_checkpoint"];
        let tranches: Vec<Value> = parts
            .iter()
            .zip(conditions)
            .map(|(minor, when)| json!({ "amount": dollars(*minor), "release_condition": when }))
            .collect();
        let reply = self.payday.field.award(&application.id, json!({ "tranches": tranches }));
        let possible = application.open && total >= 5_000;
        if !possible || reply.status >= 300 {
            return Ok(Some((reply, possible)));
        }
        let id = reply.id();
        let application = &mut self.applications[place];
        application.open = false;
        for offer in application.offers.iter_mut().filter(|o| o.2 == "placed") {
            offer.2 = after("offer", "placed", "award").unwrap_or("?");
        }
        let tranche = |(number, minor): (usize, &i64)| Tranche {
            minor: *minor,
            state: "planned",
            waits: number == 2,
        };
        let tranches = parts.iter().enumerate().map(tranche).collect();
        let state = after("grant", "awarded", "activate").unwrap_or("?");
        self.grants.push(Grant { id: id.clone(), purse, state, tranches, refunded: 0 });
        let grant = self.grants.len() - 1;
        for minor in placed {
            self.post("grant_awarded", purse, Some(grant), minor);
        }
        self.payday.web.work();
        self.payday.activate(&self.payday.ada, &self.payday.payee, &id);
        for number in 0..parts.len().min(2) {
            if !self.released(grant, number) {
                return Err("the reference does not release".into());
            }
        }
        Ok(Some((reply, true)))
    }
    fn released(&mut self, grant: usize, number: usize) -> bool {
        let tranche = &self.grants[grant].tranches[number];
        let (minor, next) = (tranche.minor, after("tranche", tranche.state, "release"));
        let Some(next) = next else { return false };
        let done = self.post("tranche_released", self.grants[grant].purse, Some(grant), minor);
        if done {
            self.grants[grant].tranches[number].state = next;
        }
        done
    }
    fn tranche(&mut self, deed: Deed, dice: &mut Dice) -> Option<(Reply, bool)> {
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
        let (purse, minor) = (self.grants[grant].purse, self.grants[grant].tranches[number].minor);
        let next = after("tranche", self.grants[grant].tranches[number].state, "undo");
        let done = next.is_some() && self.post("release_undone", purse, Some(grant), minor);
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
            self.post("commitment_released", self.grants[grant].purse, Some(grant), freed);
        }
    }
    fn may_pay(&self, grant: usize) -> bool {
        matches!(self.grants[grant].state, "active" | "winding_down")
    }
}
