//! The paperwork of a grant over HTTP: agreement, requirements, payee, templates.

mod agreement;
mod payee;
mod reminded;
mod requirements;
mod screening;
mod signing;
mod tampering;
mod templates;

use crate::payees::{count, execute};
use crate::support::Harness;
use crate::support::desk::{Desk, threads, usd};
use crate::support::web::{Client, Reply, Web};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

/// Those who have to do with a grant, and what it takes to make one.
struct Office<'w> {
    desk: Desk<'w>,
    /// Receives the grants.
    ada: Client,
    /// Whose budget pays for them.
    rhea: Client,
    call: String,
    budget: String,
}

impl<'w> Office<'w> {
    fn open(web: &'w Web) -> Self {
        Self::open_for(web, web.person("Ada Lovelace"))
    }
    fn open_for(web: &'w Web, ada: Client) -> Self {
        let desk = web.desk();
        let rhea = web.with_role("Rhea", Role::Regrantor);
        let (fund, budget) = desk.filled("General", &rhea, "100000.00");
        let form = json!({ "title": "Rolling", "kind": "rolling", "fund_ids": [fund] });
        let call = desk.admin.post("/api/v1/calls", form).id();
        desk.admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        Self { desk, ada, rhea, call, budget }
    }
    /// An application of Ada's for 900 dollars with one offer on it; its id.
    fn application(&self, title: &str, summary: &str, conditions: &str) -> String {
        let form = json!({
            "call_id": self.call, "title": title, "summary": summary, "body": "In full.",
            "amount_minimum": usd("900.00"), "amount_requested": usd("900.00"),
            "budget_lines": [{ "label": "All of it", "amount": usd("900.00") }],
            "duration_months": 12, "visibility": "public",
        });
        let id = self.ada.post("/api/v1/applications", form).id();
        self.ada.command(&format!("/api/v1/applications/{id}/submit")).ok();
        self.desk.admin.command(&format!("/api/v1/applications/{id}/open")).ok();
        let offer = json!({
            "budget_id": self.budget, "amount": usd("900.00"), "conditions": conditions,
        });
        self.rhea.post(&format!("/api/v1/applications/{id}/offers"), offer).ok();
        id
    }
    fn award(&self, application: &str, plan: Value) -> Reply {
        self.desk.admin.post(&format!("/api/v1/applications/{application}/award"), plan)
    }
    /// An awarded grant of Ada's.
    fn grant(&self) -> Grant<'_> {
        let application = self.application("Notes on the engine", "How it computes.", "");
        Grant { office: self, id: self.award(&application, json!({})).id() }
    }
}

/// A grant and what is done with it.
struct Grant<'o> {
    office: &'o Office<'o>,
    id: String,
}

impl Grant<'_> {
    fn at(&self, rest: &str) -> String {
        format!("/api/v1/grants/{}{rest}", self.id)
    }
    fn status(&self) -> Value {
        self.office.desk.admin.get(&self.at("")).ok()["status"].clone()
    }
    fn sha256(&self) -> String {
        let agreement = self.office.desk.admin.get(&self.at("/agreement")).ok();
        agreement["sha256"].as_str().expect("a digest").to_owned()
    }
    fn sign(&self, who: &Client) -> Reply {
        let name = who.get("/api/v1/me").ok()["name"].clone();
        let form = json!({ "typed_name": name, "consent": true, "sha256": self.sha256() });
        who.post(&self.at("/agreement/sign"), form)
    }
    fn verification(&self) -> Value {
        self.office.desk.admin.get(&self.at("/agreement/verification")).ok()
    }
    /// Provide, satisfy, refuse or waive.
    fn require(&self, who: &Client, kind: &str, act: &str) -> Reply {
        let body = match act {
            "provide" => json!({ "note": "It is in the folder." }),
            "refuse" | "waive" => json!({ "reason": "It is not signed." }),
            _ => json!({}),
        };
        who.post(&self.at(&format!("/requirements/{kind}/{act}")), body)
    }
    fn requirement(&self, kind: &str) -> Value {
        let all = self.office.ada.get(&self.at("/requirements")).ok();
        let items = all["items"].as_array().expect("a list").clone();
        items.into_iter().find(|r| r["kind"] == kind).expect("it was opened")
    }
    fn requirement_status(&self, kind: &str) -> String {
        self.requirement(kind)["status"].as_str().expect("a status").to_owned()
    }
    fn choose(&self, who: &Client, payee: &str) -> Reply {
        who.put(&self.at("/payee"), json!({ "payee_id": payee }))
    }
}

/// A payee of somebody, handed in.
fn payee(who: &Client, currency: &str) -> String {
    let id = incomplete_payee(who, currency);
    who.command(&format!("/api/v1/payees/{id}/submit")).ok();
    id
}

fn incomplete_payee(who: &Client, currency: &str) -> String {
    let form = json!({
        "name": "Ada Lovelace", "country": "DE", "town": "Köln", "address": "Domkloster 4",
        "currency": currency,
        "account": { "method": "iban", "iban": "DE89370400440532013000" },
    });
    who.post("/api/v1/payees", form).id()
}

fn verify_payee(finance: &Client, id: &str) -> Reply {
    let version = finance.get(&format!("/api/v1/payees/{id}")).ok()["details_version"].clone();
    let body = json!({ "details_version": version, "confirm_shared_account": true });
    finance.post(&format!("/api/v1/payees/{id}/verify"), body)
}
