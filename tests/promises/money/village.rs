//! A village that lives by the state machines of DOMAIN.md, asked for through the front door, and
//! what the reference says to each step: whether it is possible, and what then is where.

mod deeds;
mod ends;
mod errands;
mod offers;
mod promises;
mod returns;

use crate::support::Harness;
use crate::support::books::Room;
use crate::support::books::life::balances;
use crate::support::books::reference::{Part, Reference};
use crate::support::desk::usd;
use crate::support::field::Backer;
use crate::support::payday::{Payday, us_payee, verified_payee};
use crate::support::web::{Client, Reply, Web};
use crate::support::years::dice::Dice;
use almoner::kernel::actor::Role;
use almoner::kernel::time::Instant;
use almoner::platform::context::Ctx;
pub use deeds::Deed;
use promises::Terms;
use serde_json::{Value, json};
use uuid::Uuid;

/// A budget that pays, and what tells its accounts apart.
struct Purse {
    backer: Backer,
    bank: Uuid,
    fund: Uuid,
    budget: Uuid,
}

/// An offer, or money that was given for an application.
struct Offer {
    id: String,
    purse: usize,
    minor: i64,
    state: &'static str,
    terms: Terms,
    until: Instant,
    /// The place of the money that it offers, where that was given for the application.
    earmark: Option<usize>,
}

struct Application {
    id: String,
    /// The place of who applies.
    by: usize,
    state: &'static str,
    appealed: bool,
    offers: Vec<Offer>,
}

struct Earmark {
    id: String,
    gift: Gift,
    application: usize,
    purse: usize,
    minor: i64,
    state: &'static str,
}

/// A contribution: its fund's purse, and the place of its entry in the reference.
#[derive(Clone)]
struct Gift {
    id: String,
    purse: usize,
    minor: i64,
    entry: usize,
}

/// What came back of a grant: the reference that it came under, and the places of its entries.
struct Refund {
    grant: usize,
    named: Value,
    minor: i64,
    entries: Vec<usize>,
}

struct Tranche {
    minor: i64,
    state: &'static str,
    /// Nobody may release it by hand before its checkpoint.
    waits: bool,
    /// What of it came out of which purse, once it is released.
    parts: Vec<(usize, i64)>,
}

struct Grant {
    id: String,
    application: usize,
    /// In the order of their budgets.
    purses: Vec<usize>,
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
    /// Answers appeals.
    abe: Client,
    /// Those who apply, each with a payee.
    people: Vec<(Client, String)>,
    /// The account that pays.
    bank: Uuid,
    purses: Vec<Purse>,
    applications: Vec<Application>,
    earmarks: Vec<Earmark>,
    gifts: Vec<Gift>,
    grants: Vec<Grant>,
    payments: Vec<Payment>,
    refunds: Vec<Refund>,
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

/// An offer out of this purse waits for a second person, whatever its amount is.
const STRICT: usize = 2;

impl<'w> Village<'w> {
    pub fn new(web: &'w Web) -> Result<Self, String> {
        let mut payday = web.payday();
        let mo = web.person("Mo");
        let payee = us_payee("000222333444", json!({}));
        let payee = verified_payee(&payday.field.desk, &mo, payee);
        let people = vec![(payday.ada.clone(), payday.payee.clone()), (mo, payee)];
        let first = Backer {
            who: payday.backer.who.clone(),
            budget: payday.backer.budget.clone(),
            fund: payday.backer.fund.clone(),
        };
        let strict = json!({ "approval_threshold": dollars(1) });
        let second = payday.field.backer("300.00");
        let third = payday.field.backer_with("5000.00", strict);
        let funds = [&first.fund, &second.fund, &third.fund];
        payday.field.call = call(&payday.field.desk.admin, &json!(funds));
        let mut village = Self {
            abe: web.with_role("Abe Other", Role::Admin),
            people,
            bank: uuid(&payday.bank),
            purses: Vec::new(),
            applications: Vec::new(),
            earmarks: Vec::new(),
            gifts: Vec::new(),
            grants: Vec::new(),
            payments: Vec::new(),
            refunds: Vec::new(),
            reference: Reference::default(),
            payday,
        };
        for (backer, minor) in [(first, 100_000_000), (second, 30_000), (third, 500_000)] {
            let fund = village.payday.fia.get(&format!("/api/v1/funds/{}", backer.fund)).ok();
            let bank = uuid(fund["bank_account_id"].as_str().unwrap_or_default());
            let (fund, budget) = (uuid(&backer.fund), uuid(&backer.budget));
            village.purses.push(Purse { backer, bank, fund, budget });
            let place = village.purses.len() - 1;
            let known = village.post("contribution_received", &[(place, minor)], None)
                && village.post("budget_allocated", &[(place, minor)], None);
            if !known {
                return Err("the reference cannot begin".into());
            }
        }
        Ok(village)
    }
    fn part(&self, (purse, minor): (usize, i64), grant: Option<usize>) -> Part {
        let p = &self.purses[purse];
        let grant = grant.map(|g| uuid(&self.grants[g].id)).unwrap_or_default();
        Part { currency: "USD", about: [p.bank, p.fund, p.budget, grant], minor }
    }
    /// One entry, of what goes into or out of these purses.
    fn post(&mut self, movement: &str, of: &[(usize, i64)], grant: Option<usize>) -> bool {
        let parts: Vec<(&str, Part)> =
            of.iter().map(|part| (movement, self.part(*part, grant))).collect();
        self.reference.post(&parts)
    }
    /// What goes through the bank goes through the account that pays.
    fn post_paid(&mut self, movement: &str, grant: usize, minor: i64) -> bool {
        let mut part = self.part((self.grants[grant].purses[0], minor), Some(grant));
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
        t.clock.advance_seconds(if deed == Deed::Wait { 40 * 3_600 } else { 600 });
        self.lapse(t.clock.now());
        let minor = i64::from(2 + dice.below(20_000));
        let told = match deed {
            Deed::Give | Deed::Allocate | Deed::Recall => self.funds(deed, minor, dice),
            Deed::Apply => self.apply(dice),
            Deed::Offer(terms) => self.offer(t.clock.now(), terms, minor, dice),
            Deed::Decide(step) => self.decide(step, dice),
            Deed::Withdraw => self.withdraw(dice),
            Deed::Wait => Some((self.payday.ada.get("/api/v1/me"), true)),
            Deed::Award => self.award(dice)?,
            Deed::Release | Deed::Undo => self.tranche(deed, dice),
            Deed::Draft => self.draft(dice),
            Deed::Pay(step) => self.pay(step, dice),
            Deed::Grant(step) => self.step(step, dice),
            Deed::Refund => self.refund(minor, dice),
            Deed::Unrefund => self.unrefund(dice),
            Deed::Ungive => self.ungive(dice),
            Deed::Decline => self.decline(dice),
            Deed::Appeal => self.appeal(dice),
            Deed::Merge => self.merge(dice),
            Deed::Gift => self.gift(minor, dice),
            Deed::Earmark(step) => self.earmark(step, dice),
        };
        let Some((reply, possible)) = told else { return Ok(None) };
        // An application that has ended is not there for those who could have funded it.
        let refused = matches!(reply.status, 404 | 409 | 422);
        let agreed = if possible { reply.status < 300 } else { refused };
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
        let tied = if deed == Deed::Allocate { self.tied(place) } else { 0 };
        let free = self.held("8100", place, None) - tied;
        let possible = deed != Deed::Allocate || minor <= free;
        let entry = self.reference.entries.len();
        let done = possible && self.post(movement, &[(place, minor)], None);
        if deed == Deed::Give && reply.status < 300 {
            self.gifts.push(Gift { id: reply.id(), purse: place, minor, entry });
        }
        Some((reply, done))
    }
    /// What an account of a purse holds, of a grant where that is named.
    fn held(&self, code: &str, purse: usize, grant: Option<usize>) -> i64 {
        let Purse { fund, budget, .. } = &self.purses[purse];
        let key = match grant {
            Some(grant) => format!("{code}/USD/{}/{budget}", uuid(&self.grants[grant].id)),
            None => format!("{code}/USD/{fund}"),
        };
        let held = self.reference.balances.get(&key).copied().unwrap_or(0);
        i64::try_from(held).expect("an amount")
    }
}

/// A call in which these funds may spend, that takes appeals; its id.
fn call(admin: &Client, funds: &Value) -> String {
    let form = json!({ "title": "Any good idea", "kind": "rolling", "fund_ids": funds });
    let id = admin.post("/api/v1/calls", form).id();
    admin.command(&format!("/api/v1/calls/{id}/open")).ok();
    let path = format!("/api/v1/calls/{id}/decisions");
    let etag = admin.get(&path).etag().to_owned();
    let form = json!({ "appeals": "appeal", "appeal_days": 90 }).to_string().into_bytes();
    admin.send("PUT", &path, &[("If-Match", &etag)], Some(form)).ok();
    id
}
