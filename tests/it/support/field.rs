//! The field: a call, who applies in it and who funds it, through the front door; and the proof
//! that sums, offers, tranches and ledger agree.

use super::desk::{Desk, usd};
use super::web::{Client, Reply, Web};
use almoner::grants::model::TrancheStatus;
use almoner::kernel::actor::Role;
use almoner::kernel::ids::{GrantId, Id};
use almoner::kernel::money::{Currency, Money};
use almoner::ledger::model::Code;
use almoner::ledger::movements::{self, Payment};
use almoner::ledger::service::{Expectations, Owner};
use almoner::paperwork::model::{RequirementKind, RequirementStatus};
use almoner::platform::context::Ctx;
use almoner::platform::db::Conn;
use almoner::{funds, grants, ledger, paperwork};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A call that is open, and the desk of those who run it.
pub struct Field<'w> {
    pub web: &'w Web,
    pub desk: Desk<'w>,
    pub call: String,
}

/// Somebody who funds, with a budget.
pub struct Backer {
    pub who: Client,
    pub budget: String,
    pub fund: String,
}

impl Web {
    /// Opens a rolling call in which any fund may spend.
    pub fn field(&self) -> Field<'_> {
        let desk = self.desk();
        let form = json!({ "title": "Any good idea", "kind": "rolling", "summary": "Come." });
        let call = desk.admin.post("/api/v1/calls", form).id();
        desk.admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        Field { web: self, desk, call }
    }
}

impl Field<'_> {
    /// Somebody applies for this much; the id of the open, public application.
    pub fn applies(&self, who: &Client, minimum: &str, requested: &str) -> String {
        self.applies_with(
            who,
            json!({
                "amount_minimum": usd(minimum), "amount_requested": usd(requested),
                "budget_lines": [{ "label": "All of it", "amount": usd(requested) }],
            }),
        )
    }
    /// The same with further fields.
    pub fn applies_with(&self, who: &Client, more: Value) -> String {
        let mut form = json!({
            "call_id": self.call, "title": "A better lens", "summary": "To see further.",
            "body": "We grind it ourselves.", "duration_months": 12, "visibility": "public",
        });
        for (key, value) in more.as_object().expect("fields") {
            form[key] = value.clone();
        }
        let id = who.post("/api/v1/applications", form).id();
        who.command(&format!("/api/v1/applications/{id}/submit")).ok();
        self.desk.admin.command(&format!("/api/v1/applications/{id}/open")).ok();
        id
    }
    /// Somebody new applies.
    pub fn application(&self, minimum: &str, requested: &str) -> String {
        self.applies(&self.web.person("Rea Searcher"), minimum, requested)
    }
    /// A regrantor with a budget that holds this much.
    pub fn backer(&self, amount: &str) -> Backer {
        self.backer_with(amount, json!({}))
    }
    /// The same with terms of the budget.
    pub fn backer_with(&self, amount: &str, terms: Value) -> Backer {
        let who = self.web.with_role("Reg Rantor", Role::Regrantor);
        self.budget_for(who, amount, terms)
    }
    /// A budget, out of a fund of its own, for somebody who is there already.
    pub fn budget_for(&self, who: Client, amount: &str, terms: Value) -> Backer {
        let fund = self.desk.fund(&format!("Fund number {}", self.web.number()));
        self.desk.give(&fund, amount).ok();
        let budget = self.desk.budget_with(&fund, &who, terms);
        self.desk.allocate(&budget, amount).ok();
        Backer { who, budget, fund }
    }
    /// What a budget has left.
    pub fn available(&self, backer: &Backer) -> String {
        self.part(backer, "available")
    }
    /// One balance of a budget.
    pub fn part(&self, backer: &Backer, part: &str) -> String {
        let balances = self.desk.balances(&format!("budgets/{}", backer.budget));
        balances[part].as_str().expect("an amount").into()
    }
    /// Awards without a plan; the id of the grant.
    pub fn awarded(&self, application: &str) -> String {
        self.award(application, json!({})).id()
    }
    pub fn award(&self, application: &str, plan: Value) -> Reply {
        self.desk.admin.post(&format!("/api/v1/applications/{application}/award"), plan)
    }
    /// An active grant of these sources, in this plan; its id.
    pub fn active(&self, sources: &[(&Backer, &str)], plan: Value) -> String {
        let application = self.application("1.00", "1000000.00");
        for (backer, amount) in sources {
            backer.offer(&application, amount).ok();
        }
        let grant = self.award(&application, plan).id();
        self.activate(&grant);
        grant
    }
    /// Settles agreement, payee and screening as if all were done.
    pub fn activate(&self, grant: &str) {
        let id: GrantId = grant.parse().expect("an id");
        self.act(|conn, ctx| {
            use RequirementKind::{Agreement, Payee, Screening};
            for kind in [Agreement, Payee, Screening] {
                paperwork::service::mark(conn, ctx, id, kind, RequirementStatus::Satisfied)?;
            }
            grants::service::activate_if_ready(conn, ctx, id)
        });
        assert_eq!(self.grant(grant)["status"], "active");
    }
    /// The bank is told to pay a released tranche, and does.
    pub fn pays(&self, grant: &str, number: usize) {
        self.tells_the_bank(grant, number, true);
    }
    /// The bank is told to pay a released tranche, and may settle it.
    pub fn tells_the_bank(&self, grant: &str, number: usize, settles: bool) {
        let view = self.grant(grant);
        let tranche = &view["tranches"][number - 1];
        let tranche_id: almoner::kernel::ids::TrancheId =
            tranche["id"].as_str().expect("an id").parse().expect("an id");
        let amount = money(&tranche["amount"]);
        let grant: GrantId = grant.parse().expect("an id");
        self.act(|conn, ctx| {
            let shares = grants::service::shares(conn, tranche_id)?;
            let fund = funds::service::facts(conn, shares[0].fund)?.expect("a fund");
            let payment = Payment {
                disbursement: Id::from_uuid(tranche_id.uuid()),
                grant,
                bank: fund.bank_account_id,
                amount,
                reference: "TEST".into(),
                shares,
            };
            grants::service::instruct(conn, ctx, tranche_id)?;
            let movement = movements::payment_instructed(&payment, ctx.today())?;
            ledger::service::post(conn, ctx, &movement)?;
            if settles {
                grants::service::pay(conn, ctx, tranche_id)?;
                let movement = movements::payment_settled(&payment, ctx.today())?;
                ledger::service::post(conn, ctx, &movement)?;
            }
            Ok(())
        });
    }
    /// Something that the service itself does.
    pub fn act<T>(&self, f: impl Fn(&mut Conn, &Ctx) -> almoner::kernel::Result<T>) -> T {
        self.try_act(f).unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()))
    }
    pub fn try_act<T>(
        &self,
        f: impl Fn(&mut Conn, &Ctx) -> almoner::kernel::Result<T>,
    ) -> almoner::kernel::Result<T> {
        let ctx = self.web.system();
        self.web.app.db.write_now("test.act", |conn| f(conn, &ctx))
    }
    pub fn grant(&self, id: &str) -> Value {
        self.desk.admin.get(&format!("/api/v1/grants/{id}")).ok()
    }
    pub fn offer(&self, id: &str) -> Value {
        self.desk.admin.get(&format!("/api/v1/offers/{id}")).ok()
    }
    /// The whole of a list, page by page.
    pub fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.desk.admin.get(&format!("{path}?limit=200{after}")).ok();
            items.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return items,
            }
        }
    }
    /// Sends what is due, and tells the subjects of all mails to somebody, the oldest first.
    pub fn subjects(&self, who: &Client) -> Vec<String> {
        self.web.work();
        let folder = self.web.env().config.mail_folder();
        let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<_> = files.map(|f| f.expect("a file").path()).collect();
        paths.sort();
        let mut subjects = Vec::new();
        for path in paths {
            let bytes = std::fs::read(path).expect("a mail");
            let mail = mail_parser::MessageParser::default().parse(&bytes).expect("a mail");
            let to = mail.to().and_then(|t| t.first()).and_then(|a| a.address());
            if to == Some(&who.email) {
                subjects.push(mail.subject().expect("a subject").to_owned());
            }
        }
        subjects
    }
    /// Proves that offers, applications, tranches and ledger agree.
    #[track_caller]
    pub fn sound(&self) {
        let offers = self.all("/api/v1/offers");
        self.budgets_are_sound(&offers);
        self.applications_are_sound(&offers);
        let mut ids: Vec<GrantId> = Vec::new();
        for grant in self.all("/api/v1/grants") {
            let id = grant["id"].as_str().expect("an id");
            self.grant_is_sound(id);
            ids.push(id.parse().expect("an id"));
        }
        let report = self.act(|conn, _| {
            let expected = expected(conn, &ids)?;
            ledger::service::check(conn, expected, None)
        });
        assert!(report.holds, "{:?}", report.findings);
    }
    /// 8300 of each budget is the sum of its open offers.
    #[track_caller]
    fn budgets_are_sound(&self, offers: &[Value]) {
        for budget in self.all("/api/v1/budgets") {
            let open = |o: &&Value| {
                o["budget_id"] == budget["id"]
                    && (o["status"] == "placed" || o["status"] == "awaiting_approval")
            };
            let held: i64 = offers.iter().filter(open).map(|o| minor(&o["amount"])).sum();
            let id = budget["id"].as_str().expect("an id");
            let view = self.desk.admin.get(&format!("/api/v1/budgets/{id}")).ok();
            assert_eq!(minor(&view["balances"]["reserved"]), held, "budget {id}");
        }
    }
    /// What is offered on each application is the sum of its offers that were not released; what is
    /// promised, of those that wait for nobody's approval.
    #[track_caller]
    fn applications_are_sound(&self, offers: &[Value]) {
        let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for offer in offers {
            let id = offer["application_id"].as_str().expect("an id");
            let (sum, promised) = sums.entry(id).or_default();
            if offer["status"] != "released" {
                // What was committed of an offer on a condition may be less than it promised.
                let counts = if offer["effective"].is_null() { "amount" } else { "effective" };
                *sum += minor(&offer[counts]);
                if offer["status"] != "awaiting_approval" {
                    *promised += minor(&offer[counts]);
                }
            }
        }
        for (id, sum) in sums {
            let id = id.parse().expect("an id");
            let facts = self.act(|conn, _| almoner::applications::service::facts(conn, id));
            let facts = facts.expect("it is there");
            assert_eq!((facts.offered, facts.promised), sum, "application {id}");
        }
    }
    /// 8400 is what is planned, 2000 what is released, 8500 what was released and not refunded.
    #[track_caller]
    fn grant_is_sound(&self, id: &str) {
        let view = self.grant(id);
        let tranches = view["tranches"].as_array().expect("tranches");
        let sum = |states: &[&str]| -> i64 {
            let among = |t: &&Value| states.contains(&t["status"].as_str().expect("a status"));
            tranches.iter().filter(among).map(|t| minor(&t["amount"])).sum()
        };
        let grant: GrantId = id.parse().expect("an id");
        let balances = self.act(|conn, _| ledger::service::balances(conn, Owner::Grant(grant)));
        let booked = |code: Code| -> i64 {
            balances.iter().filter(|b| b.code == code).map(|b| b.amount.minor()).sum()
        };
        assert!(balances.iter().all(|b| b.amount.minor() >= 0), "grant {id}");
        assert_eq!(booked(Code::Committed), sum(&["planned"]), "grant {id}: {view}");
        assert_eq!(booked(Code::GrantsPayable), sum(&["released"]), "grant {id}: {view}");
        let refunded = minor(&view["balances"]["refunded"]);
        let out = sum(&["released", "instructed", "paid"]);
        assert_eq!(booked(Code::Spent), out - refunded, "grant {id}: {view}");
        assert_eq!(
            sum(&["planned", "released", "instructed", "paid", "cancelled"]),
            minor(&view["amount_awarded"])
        );
    }
}

impl Backer {
    pub fn offer(&self, application: &str, amount: &str) -> Reply {
        self.offer_with(application, amount, json!({}))
    }
    /// An offer with further fields.
    pub fn offer_with(&self, application: &str, amount: &str, more: Value) -> Reply {
        let form = self.form(amount, more);
        self.who.post(&format!("/api/v1/applications/{application}/offers"), form)
    }
    pub fn form(&self, amount: &str, more: Value) -> Value {
        let mut form = json!({ "budget_id": self.budget, "amount": usd(amount) });
        for (key, value) in more.as_object().expect("fields") {
            form[key] = value.clone();
        }
        form
    }
}

/// Money on the wire, parsed.
pub fn money(value: &Value) -> Money {
    let currency = value["currency"].as_str().expect("a currency");
    let currency = Currency::parse(currency).expect("known");
    Money::parse(value["amount"].as_str().expect("an amount"), currency).expect("an amount")
}

/// Its minor units.
pub fn minor(value: &Value) -> i64 {
    money(value).minor()
}

/// What offers and grants say that the ledger must hold. Payments of these tests have no
/// disbursement: what is in transit follows from the tranches.
fn expected(conn: &mut Conn, ids: &[GrantId]) -> almoner::kernel::Result<Expectations> {
    let mut expected = Expectations::default();
    for (id, currency, sum) in almoner::offers::service::expected_reserved(conn)? {
        expected.reserved.insert((id, currency), sum.into());
    }
    for (id, currency, sum) in grants::service::expected_committed(conn)? {
        expected.committed.insert((id, currency), sum.into());
    }
    for (id, currency, sum) in grants::service::expected_payable(conn)? {
        expected.payable.insert((id, currency), sum.into());
    }
    for id in ids {
        for tranche in grants::service::tranches(conn, *id)? {
            if tranche.status != TrancheStatus::Instructed {
                continue;
            }
            let shares = grants::service::shares(conn, tranche.id)?;
            let fund = funds::service::facts(conn, shares[0].fund)?.expect("a fund");
            let key = (fund.bank_account_id, tranche.currency);
            *expected.in_transit.entry(key).or_default() += i128::from(tranche.amount);
        }
    }
    Ok(expected)
}
