//! The whole journey over HTTP alone: from registering to an export that accountants' programs
//! accept; and payments pushed by many hands at once.

use crate::support::Harness;
use crate::support::desk::{Desk, usd};
use crate::support::payday::{self, us_payee};
use crate::support::web::{Client, PASSWORD, Reply, Web, new_key};
use almoner::kernel::actor::Role;
use almoner::platform::auth::password;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// An application of `amount`, submitted and opened.
fn apply(desk: &Desk<'_>, call: &str, ada: &Client, minimum: &str, amount: &str) -> String {
    let form = json!({
        "call_id": call, "title": "Probing for deception", "summary": "What it is.",
        "body": "The case in full.", "amount_minimum": usd(minimum),
        "amount_requested": usd(amount), "duration_months": 12, "visibility": "public",
        "budget_lines": [{ "label": "All of it", "amount": usd(amount) }],
    });
    let id = ada.post("/api/v1/applications", form).id();
    ada.command(&format!("/api/v1/applications/{id}/submit")).ok();
    desk.admin.command(&format!("/api/v1/applications/{id}/open")).ok();
    id
}

fn call(desk: &Desk<'_>, fund: &str) -> String {
    let form = json!({ "title": "Rolling", "kind": "rolling", "fund_ids": [fund] });
    let id = desk.admin.post("/api/v1/calls", form).id();
    desk.admin.command(&format!("/api/v1/calls/{id}/open")).ok();
    id
}

fn offer(who: &Client, application: &str, budget: &str, amount: &str) -> String {
    let form = json!({ "budget_id": budget, "amount": usd(amount) });
    who.post(&format!("/api/v1/applications/{application}/offers"), form).id()
}

/// The payee is named before finance verifies it; then both sign and the paperwork is settled.
fn make_active(web: &Web, desk: &Desk<'_>, ada: &Client, grant: &str) {
    let payee = payday::submitted_payee(ada, us_payee("000123456789", json!({})));
    payday::name_payee(ada, grant, &payee).ok();
    payday::verify_payee(&desk.finance, &payee);
    web.work();
    let text = ada.get(&format!("/api/v1/grants/{grant}/agreement/text"));
    assert_eq!(text.status, 200, "{}", text.text());
    assert!(text.text().contains("Probing for deception"));
    payday::settle_paperwork(web, desk, ada, grant);
}

fn draft(desk: &Desk<'_>, grant: &str, tranche: i32) -> String {
    let path = format!("/api/v1/grants/{grant}/tranches/{tranche}/disbursement");
    desk.finance.post(&path, json!({ "despite_double": true })).id()
}

fn bank_of(desk: &Desk<'_>) -> Value {
    desk.admin.get("/api/v1/bank-accounts").ok()["items"][0]["id"].clone()
}

/// Runs a validator where it is installed; fails where it is required and missing.
fn validate(name: &str, variable: &str, file: &Path, before: &[&str], after: &[&str]) {
    let program = crate::support::environment(variable).unwrap_or_else(|| name.into());
    match Command::new(&program).args(before).arg(file).args(after).output() {
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stdout).into_owned()
                + &String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success(), "{name} refuses {}: {said}", file.display());
        }
        Err(e) if crate::support::environment("ALMONER_REQUIRE_VALIDATORS").is_some() => {
            panic!("{name} is required: {e}")
        }
        Err(e) => crate::support::say(&format!("skipped {name}: {e}")),
    }
}

fn export(
    t: &Harness,
    who: &Client,
    format: &str,
    ending: &str,
    query: &str,
) -> std::path::PathBuf {
    let reply = who.get(&format!("/api/v1/ledger/export?format={format}{query}"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let file = t.dir().join(format!("ledger{}.{ending}", query.len()));
    std::fs::write(&file, &reply.bytes).expect("written");
    file
}

/// Accepts a report that was read in this version.
fn accept(who: &Client, report: &str, read: &str) -> Reply {
    let key = new_key();
    let headers = [("Idempotency-Key", key.as_str()), ("If-Match", read)];
    who.send("POST", &format!("{report}/accept"), &headers, Some(b"{}".to_vec()))
}

both! {
    fn an_application_becomes_money_in_a_bank(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rhea = web.with_role("Rhea", Role::Regrantor);
        let sol = web.with_role("Sol", Role::Regrantor);
        let ada = web.newcomer("ada@uni.example", "Ada Researcher");
        let fund = desk.fund_with("Frontier; fund | \"x\"", json!({ "fee_basis_points": 500 }));
        desk.give(&fund, "100000.00").ok();
        let (first, second) = (desk.budget(&fund, &rhea), desk.budget(&fund, &sol));
        desk.allocate(&first, "50000.00").ok();
        desk.allocate(&second, "45000.00").ok();
        let call = call(&desk, &fund);
        let application = apply(&desk, &call, &ada, "20000.00", "40000.00");
        let next = ada.get("/api/v1/me/next").ok();
        assert_eq!(next["items"][0]["stage"], "open", "{next}");
        offer(&rhea, &application, &first, "20000.01");
        offer(&sol, &application, &second, "9999.99");
        let form = json!({ "tranches": [
            { "amount": usd("10000.00"), "release_condition": "on_activation" },
            { "amount": usd("20000.00"), "release_condition": "on_report", "due_on": "2027-05-01" },
        ] });
        let award = format!("/api/v1/applications/{application}/award");
        let grant = desk.admin.post(&award, form).id();
        web.work();
        let next = ada.get("/api/v1/me/next").ok();
        let asked = next["items"][0]["todo"].as_array().expect("things to do").len();
        assert!(asked >= 3, "sign, payee, tax form: {next}");
        make_active(&web, &desk, &ada, &grant);

        // Two people, three steps, one payment.
        let payment = draft(&desk, &grant, 1);
        let at = |act: &str| format!("/api/v1/disbursements/{payment}/{act}");
        desk.finance.command(&at("approve")).refused(403, "two_persons");
        let fay = web.with_role("Fay", Role::Finance);
        fay.command(&at("approve")).ok();
        let batch = json!({ "bank_account_id": bank_of(&desk), "disbursement_ids": [payment] });
        fay.post("/api/v1/payment-batches", batch.clone()).refused(403, "two_persons");
        let batch = desk.finance.post("/api/v1/payment-batches", batch).id();
        let file = desk.finance.command(&format!("/api/v1/payment-batches/{batch}/file"));
        assert!(file.text().contains("000123456789") && file.text().contains("10000.00"));
        fay.get(&format!("/api/v1/payment-batches/{batch}")).ok();
        desk.finance.command(&at("settle")).ok();
        desk.finance.command(&at("settle")).refused(409, "wrong_state");

        // The second tranche waits for a report; the payment comes back once.
        web.work();
        let reports = ada.get(&format!("/api/v1/grants/{grant}/reports")).ok();
        let report = &reports["items"][0];
        let path = format!("/api/v1/reports/{}", report["id"].as_str().expect("an id"));
        let seen = format!("\"v{}\"", report["version"]);
        ada.patch(&path, &seen, json!({ "body": "We found that probes work." })).ok();
        let handed_in = ada.command(&format!("{path}/submit"));
        accept(&ada, &path, handed_in.etag()).refused(403, "forbidden");
        accept(&rhea, &path, handed_in.etag()).ok();
        let payment = draft(&desk, &grant, 2);
        let at = |act: &str| format!("/api/v1/disbursements/{payment}/{act}");
        for round in 0..2 {
            fay.command(&at("approve")).ok();
            let batch = json!({ "bank_account_id": bank_of(&desk), "disbursement_ids": [payment] });
            let batch = desk.finance.post("/api/v1/payment-batches", batch).id();
            if round == 0 {
                let why = json!({ "reason": "account closed" });
                desk.finance.post(&at("return"), why).ok();
                desk.finance.command(&at("retry")).ok();
            } else {
                let file = desk.finance.command(&format!("/api/v1/payment-batches/{batch}/file"));
                assert_eq!(file.status, 200, "{}", file.text());
                desk.finance.command(&at("settle")).ok();
            }
        }
        let tries = desk.finance.get(&format!("/api/v1/disbursements/{payment}")).ok();
        assert_eq!(tries["attempts"].as_array().map(Vec::len), Some(2), "{tries}");

        prove(t, &web, &desk);
        web.every_link_leads_to_a_page();
    }
}

/// The ledger holds, and the exports are what other programs accept and agree with.
fn prove(t: &Harness, web: &Web, desk: &Desk<'_>) {
    web.work();
    let report = desk.finance.get("/api/v1/ledger/check").ok();
    assert_eq!(report["holds"], true, "{report}");
    let hledger = export(t, &desk.finance, "hledger", "journal", "");
    let checks = ["check", "-s", "ordereddates", "accounts", "commodities", "payees"];
    validate("hledger", "ALMONER_HLEDGER", &hledger, &["-f"], &checks);
    let both = export(t, &desk.finance, "hledger", "journal", "&book=both");
    validate("hledger", "ALMONER_HLEDGER", &both, &["-f"], &checks);
    let later = export(t, &desk.finance, "hledger", "journal", "&from=2027-01-01");
    validate("hledger", "ALMONER_HLEDGER", &later, &["-f"], &checks);
    let beancount = export(t, &desk.finance, "beancount", "beancount", "&book=both");
    validate("bean-check", "ALMONER_BEAN_CHECK", &beancount, &[], &[]);
    let beancount = export(t, &desk.finance, "beancount", "beancount", "&from=2027-01-01");
    validate("bean-check", "ALMONER_BEAN_CHECK", &beancount, &[], &[]);
    let csv = desk.finance.get("/api/v1/ledger/export?format=csv&book=both").text();
    let jsonl = desk.finance.get("/api/v1/ledger/export?format=jsonl&book=both").text();
    assert_eq!(csv.lines().count() - 1, jsonl.lines().count());
    let trial = desk.finance.get("/api/v1/ledger/trial-balance").ok();
    let cash = trial["lines"].as_array().expect("lines").iter().find(|l| l["code"] == "1000");
    assert_eq!(cash.expect("cash")["debit"]["amount"], "100000.00", "{trial}");
    assert_eq!(cash.expect("cash")["credit"]["amount"], "30000.00", "{trial}");
}

both! {
    fn twenty_hands_on_every_payment_pay_each_once(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rhea = web.with_role("Rhea", Role::Regrantor);
        let ada = web.person("Ada");
        let (fund, budget) = desk.filled("General", &rhea, "1000.00");
        let call = call(&desk, &fund);
        let application = apply(&desk, &call, &ada, "900.00", "900.00");
        offer(&rhea, &application, &budget, "900.00");
        let award = format!("/api/v1/applications/{application}/award");
        let grant = desk.admin.post(&award, json!({})).id();
        web.work();
        make_active(&web, &desk, &ada, &grant);
        let fay = web.with_role("Fay", Role::Finance);
        let race = |who: &Client, path: &str, body: &Value| {
            let count = std::sync::atomic::AtomicUsize::new(0);
            let made = std::sync::Mutex::new(None);
            std::thread::scope(|s| {
                for _ in 0..8 {
                    s.spawn(|| {
                        let reply = who.post(path, body.clone());
                        if reply.status < 300 {
                            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                            *made.lock().expect("no panic") = Some(reply.json());
                        } else {
                            assert!(matches!(reply.status, 403 | 409 | 503), "{}", reply.text());
                        }
                    });
                }
            });
            assert_eq!(count.into_inner(), 1, "{path}: done exactly once");
            made.into_inner().expect("no panic").expect("one did")
        };
        let path = format!("/api/v1/grants/{grant}/tranches/1/disbursement");
        let made = race(&desk.finance, &path, &json!({ "despite_double": true }));
        let id = made["id"].as_str().expect("an id").to_owned();
        let at = |act: &str| format!("/api/v1/disbursements/{id}/{act}");
        race(&fay, &at("approve"), &json!({}));
        let batch = json!({ "bank_account_id": bank_of(&desk), "disbursement_ids": [id] });
        race(&desk.finance, "/api/v1/payment-batches", &batch);
        let how = json!({ "paid_without_file": "Typed in at the bank." });
        race(&desk.finance, &at("settle"), &how);
        race(&desk.finance, &at("return"), &json!({ "reason": "closed" }));
        race(&desk.finance, &at("retry"), &json!({}));
        let report = desk.finance.get("/api/v1/ledger/check").ok();
        assert_eq!(report["holds"], true, "{report}");
    }
}

#[test]
fn the_test_password_is_a_good_one() {
    assert!(password::check(PASSWORD, "ada@uni.example").is_ok());
}
