//! What a trace of requests knows: ids that it has seen, and forms that fit operations.

use crate::support::desk::usd;
use crate::support::payday::us_payee;
use crate::support::years::dice::Dice;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What there is to compare of an answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    pub status: u16,
    pub etag: Option<String>,
    pub location: Option<String>,
    pub text: String,
}

/// Ids and hashes by the order in which they came up: `<7>` is the eighth.
#[derive(Debug, Default)]
pub struct Names {
    known: BTreeMap<String, usize>,
    list: Vec<String>,
}

impl Names {
    /// The text with ordinals for what is hexadecimal and long.
    pub fn ordinals(&mut self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_hexdigit() && c != '-');
            let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
            // An id, a hash; or the beginning of an id at the end of a name, as in exports.
            let tail = run.len().saturating_sub(8);
            let part = run.get(..tail).is_some_and(|before| before.ends_with('-'));
            if run.len() >= 20 {
                plain.push_str(&self.ordinal(run));
            } else if part && !run[tail..].contains('-') {
                plain.push_str(&run[..tail]);
                plain.push_str(&self.ordinal(&run[tail..]));
            } else {
                plain.push_str(run);
            }
            let first = after.chars().next().map_or(0, char::len_utf8);
            plain.push_str(&after[..first]);
            rest = &after[first..];
        }
        self.cursors(&plain)
    }
    fn ordinal(&mut self, run: &str) -> String {
        let next = self.list.len();
        let place = *self.known.entry(run.to_owned()).or_insert(next);
        if place == next {
            self.list.push(run.to_owned());
        }
        format!("<{place}>")
    }
    /// A cursor is an id in other clothes.
    fn cursors(&mut self, text: &str) -> String {
        const NEXT: &str = "\"next\":\"";
        let Some((before, rest)) = text.split_once(NEXT) else { return text.to_owned() };
        let Some((cursor, after)) = rest.split_once('"') else { return text.to_owned() };
        format!("{before}{NEXT}{}\"{after}", self.ordinal(cursor))
    }
    /// The text with this database's own ids again.
    pub fn ids(&self, text: &str) -> String {
        let mut parts = text.split('<');
        let mut own = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let known = part.split_once('>').and_then(|(place, after)| {
                let id = self.list.get(place.parse::<usize>().ok()?)?;
                Some(format!("{id}{after}"))
            });
            own.push_str(&known.unwrap_or_else(|| format!("<{part}")));
        }
        own
    }
}

/// Ids by the list that they are in, and versions by their address.
#[derive(Debug, Default)]
pub struct Pool {
    ids: BTreeMap<String, Vec<String>>,
    versions: BTreeMap<String, String>,
    /// Where the next page of a list begins, by its address.
    next: BTreeMap<String, String>,
}

/// How many ids of a kind are remembered.
const KEPT: usize = 40;

impl Pool {
    /// Takes from an answer what later requests can ask for.
    pub fn learn(&mut self, template: &str, reply: &Told) {
        if !(200..300).contains(&reply.status) {
            return;
        }
        let Ok(told) = serde_json::from_str::<Value>(&reply.text) else { return };
        if let Some(next) = told["next"].as_str() {
            self.next.insert(template.to_owned(), next.to_owned());
        }
        let list = template.split('/').rev().find(|part| !part.starts_with('{')).unwrap_or("");
        let items = told["items"].as_array().cloned().unwrap_or_else(|| vec![told.clone()]);
        for item in &items {
            self.keep(list, &item["id"]);
            for (field, value) in item.as_object().into_iter().flatten() {
                let of = match field.strip_suffix("_id") {
                    Some("person" | "holder" | "applicant" | "recipient") => "people".to_owned(),
                    Some("batch") => "payment-batches".to_owned(),
                    Some("entry") => "entries".to_owned(),
                    Some(one) => format!("{}s", one.replace('_', "-")),
                    None => continue,
                };
                self.keep(&of, value);
            }
        }
        if let (Some(etag), Some(id)) = (&reply.etag, told["id"].as_str()) {
            self.versions.insert(id.to_owned(), etag.clone());
        }
    }
    fn keep(&mut self, list: &str, id: &Value) {
        let Some(id) = id.as_str().map(str::to_owned) else { return };
        let known = self.ids.entry(list.to_owned()).or_default();
        if !known.contains(&id) {
            known.push(id);
            if known.len() > KEPT {
                known.remove(0);
            }
        }
    }
    /// One of a list: of the newest more often, and now and then of nothing.
    pub fn one(&self, list: &str, dice: &mut Dice) -> String {
        let known = self.ids.get(list).map(Vec::as_slice).unwrap_or_default();
        if known.is_empty() || dice.below(30) == 0 {
            return "01990000-0000-7000-8000-00000000dead".into();
        }
        let newest = &known[known.len().saturating_sub(3)..];
        let among = if dice.below(2) == 0 { newest } else { known };
        dice.one(among).clone()
    }
    /// The address of a template.
    pub fn fill(&self, template: &str, dice: &mut Dice) -> String {
        let mut list = "";
        let mut parts = Vec::new();
        for part in template.split('/') {
            parts.push(match part {
                "{number}" | "{sequence}" => (1 + dice.below(3)).to_string(),
                "{kind}" => (*dice.one(&["agreement", "tax_form", "screening", "payee"])).into(),
                _ if part.starts_with('{') => self.one(list, dice),
                _ => part.to_owned(),
            });
            list = part;
        }
        parts.join("/")
    }
    /// Which page of a list to ask for: the first, of some size, or the one after it.
    pub fn page(&self, template: &str, dice: &mut Dice) -> String {
        match (dice.below(5), self.next.get(template)) {
            (0, _) => "?limit=0".into(),
            (1, _) => String::new(),
            (2, Some(next)) => format!("?limit=3&after={next}"),
            (2 | 3, _) => "?limit=2".into(),
            _ => "?limit=200".into(),
        }
    }
    /// The version of what is at this address, as far as it is known.
    pub fn version(&self, path: &str) -> String {
        let known = path.rsplit('/').find_map(|part| self.versions.get(part));
        known.cloned().unwrap_or_else(|| "\"1\"".into())
    }
}

/// The place of somebody who may well ask for this; see [`super::traces`].
pub fn fitting(operation: &str, dice: &mut Dice) -> usize {
    let (admin, finance, other, regrantor, researcher) = (0, 1, 2, 3, 4);
    match operation {
        "place_offer" | "withdraw_offer" => regrantor,
        "approve_disbursement" | "satisfy_requirement" | "refuse_requirement" => other,
        _ if operation.contains("application") && dice.below(2) == 0 => researcher,
        "sign_agreement" | "set_grant_payee" | "create_payee" | "edit_payee" => researcher,
        "submit_payee" | "edit_report" | "submit_report" | "report_checkpoint" => researcher,
        _ if ["disbursement", "payment", "contribution", "refund", "payee", "requirement"]
            .iter()
            .any(|word| operation.contains(word)) =>
        {
            finance
        }
        _ => admin,
    }
}

fn money(dice: &mut Dice) -> Value {
    match dice.below(12) {
        0 => json!({ "amount": "0.00", "currency": "USD" }),
        1 => json!({ "amount": "1.001", "currency": "USD" }),
        2 => json!({ "amount": "5", "currency": "JPY" }),
        _ => usd(&format!("{}.{:02}", 1 + dice.below(90), dice.below(100))),
    }
}

/// Text that databases have been known to treat differently.
fn text(dice: &mut Dice) -> String {
    let words =
        ["plain", "Ärger und Öl", "ſ İ ı", "100% _under", "it's \"so\"", " a\u{301} ", "🦊", ""];
    (*dice.one(&words)).to_owned()
}

/// A form for an operation; those that nobody wrote one for get a few common fields.
pub fn form(operation: &str, pool: &Pool, dice: &mut Dice) -> Value {
    if dice.below(15) == 0 {
        return json!({ "unknown": text(dice) });
    }
    let one = |list: &str, dice: &mut Dice| pool.one(list, dice);
    match operation {
        "create_application" => {
            let (title, amount) = (text(dice), money(dice));
            json!({
                "call_id": one("calls", dice), "title": title, "summary": "To see further.",
                "body": "We grind it ourselves.", "duration_months": 12, "visibility": "public",
                "amount_minimum": usd("1.00"), "amount_requested": amount,
                "budget_lines": [{ "label": "All", "amount": amount }],
            })
        }
        "edit_application" | "edit_call" => json!({ "title": text(dice) }),
        "edit_fund" | "edit_budget" | "edit_me" => json!({ "name": text(dice) }),
        "invite_member" => json!({ "email": "friend@example.org", "name": text(dice) }),
        "place_offer" => json!({ "budget_id": one("budgets", dice), "amount": money(dice) }),
        "allocate_budget" | "recall_budget" => json!({ "amount": money(dice), "note": text(dice) }),
        "record_contribution" => json!({
            "amount": money(dice), "received_on": "2026-11-02", "funder_name": text(dice),
        }),
        "record_refund" => json!({
            "amount": money(dice), "received_on": "2026-11-02", "reference": text(dice),
        }),
        "create_bank_account" => json!({ "name": text(dice), "currency": "USD" }),
        "create_fund" => json!({
            "name": text(dice), "currency": "USD", "bank_account_id": one("bank-accounts", dice),
        }),
        "create_budget" => json!({
            "name": text(dice), "fund_id": one("funds", dice), "holder_id": one("people", dice),
        }),
        "create_call" => json!({ "title": text(dice), "kind": "rolling", "summary": text(dice) }),
        "create_template" => json!({ "title": text(dice), "body": text(dice) }),
        "create_payee" | "edit_payee" => us_payee("000123456789", json!({ "name": text(dice) })),
        "verify_payee" => json!({ "details_version": 1, "confirm_shared_account": true }),
        "set_grant_payee" => json!({ "payee_id": one("payees", dice) }),
        "add_checkpoint" => json!({ "due_on": "2027-03-01", "promised": text(dice) }),
        "decide_checkpoint" => json!({ "decision": "continue", "reason": text(dice) }),
        "report_checkpoint" => json!({ "seen": text(dice) }),
        "edit_report" => json!({ "body": text(dice) }),
        "return_report" => json!({ "feedback": text(dice) }),
        "create_payment_batch" => json!({
            "bank_account_id": one("bank-accounts", dice),
            "disbursement_ids": [one("disbursements", dice)],
        }),
        "draft_disbursement" => json!({ "despite_double": dice.below(2) == 0 }),
        "provide_requirement" => json!({ "note": text(dice) }),
        "release_tranche" | "undo_release" | "approve_offer" | "resume_grant" | "close_grant" => {
            json!({ "reason": text(dice) })
        }
        _ if NEEDS_REASON.contains(&operation) => json!({ "reason": "There is a reason." }),
        _ => json!({}),
    }
}

const NEEDS_REASON: &[&str] = &[
    "decline_application",
    "withdraw_application",
    "request_changes",
    "declare_conflict",
    "cancel_grant",
    "pause_grant",
    "wind_down_grant",
    "refuse_requirement",
    "waive_requirement",
    "deny_offer",
    "reject_payee",
    "return_disbursement",
    "void_disbursement",
];
