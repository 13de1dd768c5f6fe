//! What is no amount to move, sent to every place of the API document that takes money.

use super::money::announced;
use crate::payees::count;
use crate::support::bodies::Document;
use crate::support::desk::usd;
use crate::support::payday::Payday;
use crate::support::web::{Client, Reply, Web, new_key};
use almoner::web::routes::{self, Operation};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is no amount to move.
const NO_AMOUNTS: &[&str] = &[
    "-1.00",
    "-0.01",
    "0.00",
    "1.001",
    "1.0",
    "1",
    "1e3",
    "NaN",
    "Infinity",
    "0x10",
    "+1.00",
    " 1.00",
    "1,00",
    "",
    "１.00",
    "92233720368547758.08",
    "10000000000000.01",
];

/// Money that is passed over, and why.
const PASSED_OVER: &[(&str, &str, &str)] = &[(
    "import_application",
    "/document/standing/offered",
    "what was offered elsewhere is not taken over",
)];

/// Limits that may be nothing: every offer waits for a second person.
const MAY_BE_NOTHING: &str = "/approval_threshold";

/// Who moves money, and what of whom.
struct Scene<'a> {
    payday: &'a Payday<'a>,
    nobody: Client,
    /// By the name of the field that names it.
    ids: BTreeMap<&'static str, String>,
    /// An application that is open and has an offer.
    open: String,
    /// One of which nothing was handed in, and what was written out of it.
    draft: String,
    dossier: Value,
    /// One that the public gives to, and money that was announced for it.
    shown: String,
    announcement: String,
    grant: String,
}

impl<'a> Scene<'a> {
    fn new(web: &'a Web, payday: &'a Payday<'a>) -> Self {
        let (field, backer) = (&payday.field, &payday.backer);
        let grant = payday.grant(&["50.00"]);
        payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        let open = field.application("1.00", "1000.00");
        backer.offer(&open, "5.00").ok();
        let form = json!({ "call_id": field.call, "title": "A longer lens" });
        let draft = payday.ada.post("/api/v1/applications", form).id();
        let path = format!("/api/v1/applications/{draft}/export?format=json");
        let dossier = payday.ada.get(&path).ok();
        let shown = announced(web, &mut web.field());
        let announcements = payday.fia.get("/api/v1/announcements").ok();
        let announcement = announcements["items"][0]["id"].as_str().expect("an id").to_owned();
        let ids = BTreeMap::from([
            ("call_id", field.call.clone()),
            ("budget_id", backer.budget.clone()),
            ("fund_id", backer.fund.clone()),
            ("holder_id", backer.who.id().to_string()),
            ("bank_account_id", payday.bank.clone()),
        ]);
        let nobody = web.anonymous();
        Self { payday, nobody, ids, open, draft, dossier, shown, announcement, grant }
    }
    /// Who may do it, and to which object.
    fn doer(&self, id: &str) -> (&Client, &str) {
        let (payday, backer) = (self.payday, &self.payday.backer);
        let (admin, fia) = (&payday.field.desk.admin, &payday.fia);
        match id {
            "create_application" | "import_application" => (&payday.ada, ""),
            "edit_application" => (&payday.ada, self.draft.as_str()),
            "place_offer" | "preview_offer" => (&backer.who, self.open.as_str()),
            "award_application" => (admin, self.open.as_str()),
            "create_budget" => (admin, ""),
            "edit_budget" | "allocate_budget" | "recall_budget" => (admin, backer.budget.as_str()),
            "record_bank_transfer" => (fia, ""),
            "record_bank_charge" | "record_contribution" => (fia, backer.fund.as_str()),
            "record_refund" => (fia, self.grant.as_str()),
            "receive_contribution" => (fia, self.announcement.as_str()),
            "announce_contribution" => (&self.nobody, self.shown.as_str()),
            other => panic!("say who may {other}, and to what"),
        }
    }
    /// The ids of what is there.
    fn name(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    match self.ids.get(name.as_str()) {
                        Some(id) => *value = json!(id),
                        None => self.name(value),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.name(item)),
            _ => {}
        }
    }
    /// A body that would be taken, but for the money.
    fn body(&self, document: &Document, operation: &Operation) -> Value {
        let mut body = document.body(operation.method, &operation.path).expect("a body");
        self.name(&mut body);
        if operation.id == "import_application" {
            body["document"] = self.dossier.clone();
        }
        body
    }
    fn send(&self, operation: &Operation, body: &Value) -> Reply {
        let (who, id) = self.doer(&operation.id);
        let path = operation.path.replace("{id}", id);
        let read = (operation.method == "PATCH").then(|| who.get(&path));
        let key = new_key();
        let mut headers = vec![("Idempotency-Key", key.as_str())];
        headers.extend(read.iter().map(|read| ("If-Match", read.etag())));
        who.send(operation.method, &path, &headers, Some(body.to_string().into_bytes()))
    }
}

/// Puts it where the pointer says, and what leads there.
fn put(body: &mut Value, pointer: &str, money: &Value) {
    let (mut place, mut before) = (body, "");
    for part in pointer.split('/').skip(1) {
        place = match part {
            "0" => first(place, before),
            name => &mut place[name],
        };
        before = part;
    }
    *place = money.clone();
}

/// The first of a list, which is made if there is none.
fn first<'v>(list: &'v mut Value, name: &str) -> &'v mut Value {
    if list.get(0).is_none() {
        *list = match name {
            "budget_lines" => json!([{ "label": "All of it" }]),
            "tranches" => json!([{ "release_condition": "on_activation" }]),
            other => panic!("say what is in {other}"),
        };
    }
    &mut list[0]
}

/// Whether the field is named that is wrong.
fn blames(reply: &Reply, pointer: &str) -> bool {
    let problem = reply.json();
    let mut fields = problem["fields"].as_array().into_iter().flatten();
    fields.any(|field| field["pointer"].as_str().is_some_and(|p| p.starts_with(pointer)))
}

/// Every operation that takes money refuses it, names the field, and books nothing.
pub fn none_is_taken(web: &Web, payday: &Payday<'_>) {
    let (document, scene) = (Document::new(), Scene::new(web, payday));
    let moved = || count(web, "SELECT COUNT(*) FROM ledger_entries");
    let (before, mut tried) = (moved(), 0);
    let no_money = [
        json!({ "amount": 1.5, "currency": "USD" }),
        json!({ "amount": "100.00", "currency": "JPY" }),
        json!({ "amount": "1.00", "currency": "usd" }),
        json!({ "amount": "1.00", "currency": "XXX" }),
        json!("1.00 USD"),
    ];
    for operation in routes::operations(&almoner::web::openapi()) {
        for pointer in document.money(operation.method, &operation.path) {
            let here = (operation.id.as_str(), pointer.as_str());
            if PASSED_OVER.iter().any(|(id, place, _)| (*id, *place) == here) {
                continue;
            }
            tried += 1;
            let amounts = NO_AMOUNTS.iter().filter(|a| pointer != MAY_BE_NOTHING || **a != "0.00");
            let wrong = amounts.map(|amount| (usd(amount), true));
            for (money, named) in wrong.chain(no_money.iter().map(|m| (m.clone(), false))) {
                let mut body = scene.body(&document, &operation);
                put(&mut body, &pointer, &money);
                let reply = scene.send(&operation, &body);
                let said = || format!("{} with {pointer} {money}: {}", operation.id, reply.text());
                assert_eq!(reply.status, 422, "{}", said());
                assert!(!named || blames(&reply, &pointer), "{}", said());
            }
        }
    }
    assert!(tried > 25, "{tried} places");
    assert_eq!(moved(), before);
}
