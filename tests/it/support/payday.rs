//! Payday: a grant whose paperwork is settled for real, and the hands that pay it, through the
//! front door.

use super::desk::{Desk, usd};
use super::field::{Backer, Field, minor};
use super::web::{Client, Reply, Web};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

/// Finance (who drafts and sends: the desk's), another of finance (who approves), an admin, a
/// recipient with a verified payee, and somebody whose budget pays.
pub struct Payday<'w> {
    pub web: &'w Web,
    pub field: Field<'w>,
    /// Drafts, sends, and hears the bank.
    pub fia: Client,
    /// Approves.
    pub fay: Client,
    pub ada: Client,
    pub backer: Backer,
    /// The recipient's payee.
    pub payee: String,
    /// The bank account of the backer's fund.
    pub bank: String,
}

/// A payee in the United States with this account; further fields replace these.
pub fn us_payee(account: &str, more: Value) -> Value {
    let mut form = json!({
        "name": "Ada Researcher", "country": "US", "town": "Berkeley", "address": "1 Way",
        "currency": "USD",
        "account": { "method": "us_bank", "routing": "021000021", "account": account,
            "account_type": "checking" },
    });
    for (key, value) in more.as_object().expect("fields") {
        form[key] = value.clone();
    }
    form
}

/// A payee of somebody, handed in; its id.
pub fn submitted_payee(owner: &Client, form: Value) -> String {
    let id = owner.post("/api/v1/payees", form).id();
    owner.command(&format!("/api/v1/payees/{id}/submit")).ok();
    id
}

/// The same, verified by finance.
pub fn verified_payee(desk: &Desk<'_>, owner: &Client, form: Value) -> String {
    let id = submitted_payee(owner, form);
    verify_payee(&desk.finance, &id);
    id
}

/// Finance finds right what the payee is now.
pub fn verify_payee(finance: &Client, id: &str) {
    let version = finance.get(&format!("/api/v1/payees/{id}")).ok()["details_version"].clone();
    let form = json!({ "details_version": version });
    finance.post(&format!("/api/v1/payees/{id}/verify"), form).ok();
}

/// The recipient names whom the bank pays.
pub fn name_payee(who: &Client, grant: &str, payee: &str) -> Reply {
    who.put(&format!("/api/v1/grants/{grant}/payee"), json!({ "payee_id": payee }))
}

/// Both sign, tax and screening are looked at: with a verified payee the grant is active.
pub fn settle_paperwork(web: &Web, desk: &Desk<'_>, who: &Client, grant: &str) {
    let at = |rest: &str| format!("/api/v1/grants/{grant}{rest}");
    sign(desk, who, grant);
    let other = web.with_role("Fin Finance", Role::Finance);
    for kind in ["tax_form", "screening"] {
        let provide = at(&format!("/requirements/{kind}/provide"));
        desk.finance.post(&provide, json!({ "note": "on file" })).ok();
        other.post(&at(&format!("/requirements/{kind}/satisfy")), json!({})).ok();
    }
    assert_eq!(who.get(&at("")).ok()["status"], "active");
}

/// The recipient and an admin sign what they read.
pub fn sign(desk: &Desk<'_>, who: &Client, grant: &str) {
    let at = |rest: &str| format!("/api/v1/grants/{grant}{rest}");
    let agreement = who.get(&at("/agreement")).ok();
    for signer in [who, &desk.admin] {
        let name = signer.get("/api/v1/me").ok()["name"].clone();
        let form = json!({ "typed_name": name, "consent": true, "sha256": agreement["sha256"] });
        signer.post(&at("/agreement/sign"), form).ok();
    }
    assert_eq!(desk.admin.get(&at("/agreement/verification")).ok()["valid"], true);
}

/// Tranches of these amounts, each released on this condition.
pub fn planned(tranches: &[(&str, &str)]) -> Value {
    let tranche = |(amount, condition): &(&str, &str)| {
        let amount = usd(amount);
        json!({ "amount": amount, "release_condition": condition })
    };
    json!({ "tranches": tranches.iter().map(tranche).collect::<Vec<_>>() })
}

impl Web {
    /// Everybody is there, and nothing is granted yet.
    pub fn payday(&self) -> Payday<'_> {
        let field = self.field();
        let fay = self.with_role("Fay", Role::Finance);
        let ada = self.person("Ada Researcher");
        let backer = field.backer("1000000.00");
        let payee = verified_payee(&field.desk, &ada, us_payee("000123456789", json!({})));
        let fund = field.desk.admin.get(&format!("/api/v1/funds/{}", backer.fund)).ok();
        let bank = fund["bank_account_id"].as_str().expect("an id").to_owned();
        let fia = field.desk.finance.clone();
        Payday { web: self, field, fia, fay, ada, backer, payee, bank }
    }
}

/// Where a disbursement takes a command.
pub fn at(id: &str, act: &str) -> String {
    format!("/api/v1/disbursements/{id}/{act}")
}

impl Payday<'_> {
    /// An active grant of Ada's with tranches of these amounts, all released; its id.
    pub fn grant(&self, amounts: &[&str]) -> String {
        let at_once: Vec<_> = amounts.iter().map(|amount| (*amount, "on_activation")).collect();
        self.active(planned(&at_once), &[])
    }
    /// An active grant of Ada's in this plan, with these people on her team; its id.
    pub fn active(&self, plan: Value, team: &[&Client]) -> String {
        let grant = self.awarded(&self.ada, plan, team);
        self.activate(&self.ada, &self.payee, &grant);
        grant
    }
    pub fn activate(&self, who: &Client, payee: &str, grant: &str) {
        name_payee(who, grant, payee).ok();
        settle_paperwork(self.web, &self.field.desk, who, grant);
    }
    /// An open application for this much, with people on its team who said yes; its id.
    fn application(&self, who: &Client, total: &str, team: &[&Client]) -> String {
        let form = json!({
            "call_id": self.field.call, "title": "A better lens", "summary": "To see further.",
            "body": "We grind it ourselves.", "duration_months": 12, "visibility": "private",
            "amount_minimum": usd(total), "amount_requested": usd(total),
            "budget_lines": [{ "label": "All of it", "amount": usd(total) }],
        });
        let id = who.post("/api/v1/applications", form).id();
        let path = format!("/api/v1/applications/{id}");
        for member in team {
            let form = json!({ "email": member.email, "name": "A colleague" });
            let invited = who.post(&format!("{path}/members"), form).id();
            member.command(&format!("{path}/members/{invited}/accept")).ok();
        }
        who.command(&format!("{path}/submit")).ok();
        self.field.desk.admin.command(&format!("{path}/open")).ok();
        id
    }
    /// A grant in this plan of which nothing is signed yet; its id.
    pub fn awarded(&self, who: &Client, plan: Value, team: &[&Client]) -> String {
        let tranches = plan["tranches"].as_array().expect("tranches");
        let total: i64 = tranches.iter().map(|t| minor(&t["amount"])).sum();
        let total = format!("{}.{:02}", total / 100, total % 100);
        let application = self.application(who, &total, team);
        self.backer.offer(&application, &total).ok();
        let grant = self.field.award(&application, plan).id();
        self.web.work();
        grant
    }
    /// Drafts the payment of a tranche, also if it looks like another.
    pub fn draft(&self, grant: &str, tranche: usize) -> Reply {
        self.draft_as(&self.fia, grant, tranche, true)
    }
    pub fn draft_as(&self, who: &Client, grant: &str, tranche: usize, meant: bool) -> Reply {
        let path = format!("/api/v1/grants/{grant}/tranches/{tranche}/disbursement");
        who.post(&path, json!({ "despite_double": meant }))
    }
    /// Somebody says that a double is meant.
    pub fn confirm(&self, who: &Client, id: &str) -> Reply {
        who.post(&at(id, "confirm-double"), json!({ "reason": "Two parts of one sum." }))
    }
    /// Approves it; where it looks like another, says first that it is meant.
    pub fn approve(&self, id: &str) -> Reply {
        let it = self.fia.get(&format!("/api/v1/disbursements/{id}"));
        if it.status == 200 {
            let it = it.ok();
            if !it["double_of"].is_null() && it["double_confirmed_by"].is_null() {
                self.confirm(&self.fay, id);
            }
        }
        self.fay.command(&at(id, "approve"))
    }
    pub fn void(&self, id: &str) -> Reply {
        self.fia.post(&at(id, "void"), json!({ "reason": "A mistake." }))
    }
    pub fn batch(&self, ids: &[&str]) -> Reply {
        self.batch_as(&self.fia, ids)
    }
    pub fn batch_as(&self, who: &Client, ids: &[&str]) -> Reply {
        let form = json!({ "bank_account_id": self.bank, "disbursement_ids": ids });
        who.post("/api/v1/payment-batches", form)
    }
    /// Records that it arrived, whether or not somebody was given its file.
    pub fn settle(&self, id: &str) -> Reply {
        self.fia.post(&at(id, "settle"), json!({ "paid_without_file": "Typed in at the bank." }))
    }
    pub fn give_back(&self, id: &str) -> Reply {
        self.fia.post(&at(id, "return"), json!({ "reason": "account closed" }))
    }
    pub fn retry(&self, id: &str) -> Reply {
        self.fia.command(&at(id, "retry"))
    }
    /// The payment file of a batch.
    pub fn file(&self, batch: &str) -> Reply {
        self.fia.command(&format!("/api/v1/payment-batches/{batch}/file"))
    }
    /// Does one of approve, void, batch, settle, return, retry.
    pub fn act(&self, id: &str, act: &str) -> Reply {
        match act {
            "approve" => self.approve(id),
            "void" => self.void(id),
            "batch" => self.batch(&[id]),
            "settle" => self.settle(id),
            "return" => self.give_back(id),
            "retry" => self.retry(id),
            other => panic!("no such act: {other}"),
        }
    }
    /// The payment of a tranche, drafted and taken these steps further; its id.
    pub fn payment(&self, grant: &str, tranche: usize, steps: &[&str]) -> String {
        let id = self.draft(grant, tranche).id();
        for step in steps {
            self.act(&id, step).ok();
        }
        id
    }
    pub fn disbursement(&self, id: &str) -> Value {
        self.fia.get(&format!("/api/v1/disbursements/{id}")).ok()
    }
    pub fn status(&self, id: &str) -> String {
        self.disbursement(id)["status"].as_str().expect("a status").to_owned()
    }
    /// Takes the release of a tranche back, or releases it again.
    pub fn undo_release(&self, grant: &str, tranche: usize) -> Reply {
        self.fia.command(&format!("/api/v1/grants/{grant}/tranches/{tranche}/undo-release"))
    }
    pub fn release(&self, grant: &str, tranche: usize) -> Reply {
        self.fia.command(&format!("/api/v1/grants/{grant}/tranches/{tranche}/release"))
    }
    /// Cents on the normal side of cash, in transit, payable, committed and spent.
    pub fn books(&self) -> [i64; 5] {
        let trial = self.fia.get("/api/v1/ledger/trial-balance").ok();
        let lines = trial["lines"].as_array().expect("lines");
        ["1000", "1050", "2000", "8400", "8500"].map(|code| {
            let of_code = lines.iter().filter(|l| l["code"] == code);
            let net: i64 = of_code.map(|l| minor(&l["debit"]) - minor(&l["credit"])).sum();
            if code == "1000" { net } else { -net }
        })
    }
    /// The ledger holds.
    #[track_caller]
    pub fn check(&self) {
        let report = self.fia.get("/api/v1/ledger/check").ok();
        assert_eq!(report["holds"], true, "{report}");
    }
    /// How many rows a list has.
    pub fn count(&self, path: &str) -> usize {
        self.fia.get(path).ok()["items"].as_array().expect("items").len()
    }
}
