//! Batches: all or none, one currency, and the bank's word about each.

use super::unchanged;
use crate::support::Harness;
use crate::support::payday::{Payday, planned, verified_payee};
use crate::support::web::Reply;
use almoner::kernel::actor::Role;
use almoner::kernel::time::Instant;
use serde_json::{Value, json};

const NOBODY: &str = "01a19b7c-a680-7035-80a7-6d853561f4e6";
const BATCHES: &str = "/api/v1/payment-batches";

fn eur(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// A bank account in euros, and an approved payment from it.
fn in_euros(payday: &Payday<'_>) -> (String, String) {
    let desk = &payday.field.desk;
    let bank = desk.bank("Bank in euros", "EUR");
    let fund = json!({ "name": "Euros", "currency": "EUR", "bank_account_id": bank });
    let fund = desk.admin.post("/api/v1/funds", fund).id();
    let gift = json!({ "funder_name": "A kind person", "amount": eur("100.00"),
        "received_on": "2026-11-02" });
    desk.finance.post(&format!("/api/v1/funds/{fund}/contributions"), gift).ok();
    let reg = payday.web.with_role("Reg Euro", Role::Regrantor);
    let budget = desk.budget(&fund, &reg);
    let path = format!("/api/v1/budgets/{budget}/allocate");
    desk.admin.post(&path, json!({ "amount": eur("100.00") })).ok();
    let eva = payday.web.person("Eva Euro");
    let application = payday.field.applies_with(
        &eva,
        json!({
            "amount_minimum": eur("10.00"), "amount_requested": eur("10.00"),
            "budget_lines": [{ "label": "All of it", "amount": eur("10.00") }],
        }),
    );
    let offer = json!({ "budget_id": budget, "amount": eur("10.00") });
    reg.post(&format!("/api/v1/applications/{application}/offers"), offer).ok();
    let grant = payday.field.awarded(&application);
    let payee = verified_payee(
        desk,
        &eva,
        json!({
            "name": "Eva Euro", "country": "DE", "town": "Köln", "address": "Domkloster 4",
            "currency": "EUR", "account": { "method": "iban", "iban": "DE89370400440532013000" },
        }),
    );
    payday.activate(&eva, &payee, &grant);
    let id = payday.draft(&grant, 1).id();
    payday.approve(&id).ok();
    (bank, id)
}

/// Sent from this bank account; nothing changes.
fn refused(payday: &Payday<'_>, bank: &str, known: &[&str], ids: &Value) -> Reply {
    let form = json!({ "bank_account_id": bank, "disbursement_ids": ids });
    unchanged(payday, known, || payday.fia.post(BATCHES, form.clone()))
}

both! {
    fn what_makes_no_batch(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00", "3.00"]);
        let (good, second) = (payday.payment(&grant, 1, &["approve"]),
            payday.payment(&grant, 2, &["approve"]));
        let drafted = payday.payment(&grant, 3, &[]);
        let known = [&*good, &second, &drafted];
        let bank = payday.bank.clone();
        let refused = |bank: &str, ids: Value| refused(&payday, bank, &known, &ids);
        let list = "/disbursement_ids";
        refused(&bank, json!([])).wrong_fields(&[list]);
        let many: Vec<String> =
            (0..501).map(|n| format!("01a19b7c-a680-7035-80a7-{n:012}")).collect();
        refused(&bank, json!(many)).wrong_fields(&[list]);
        refused(&bank, json!([good, good])).wrong_fields(&[list]);
        refused(&bank, json!(many[..500])).wrong_fields(&["/disbursement_ids/0"]);
        refused(&bank, json!([good, NOBODY])).wrong_fields(&["/disbursement_ids/1"]);
        refused(&bank, json!([grant, good])).wrong_fields(&["/disbursement_ids/0"]);
        refused(&bank, json!(["1"])).wrong_fields(&["/disbursement_ids/0"]);
        refused(NOBODY, json!([good])).wrong_fields(&["/bank_account_id"]);
        // One bad among good: it says which, and none is sent.
        let told = refused(&bank, json!([good, drafted, second])).refused(409, "wrong_state");
        assert!(told["detail"].as_str().expect("text").contains(&drafted), "{told}");
        // Currencies do not mix, nor does an account pay another one than its own.
        let (euro_bank, euros) = in_euros(&payday);
        refused(&bank, json!([good, euros])).wrong_fields(&[list]);
        refused(&euro_bank, json!([good])).wrong_fields(&[list]);
        refused(&bank, json!([euros])).wrong_fields(&[list]);
        let form = json!({ "bank_account_id": euro_bank, "disbursement_ids": [euros] });
        assert_eq!(payday.fia.post(BATCHES, form).ok()["total"], eur("10.00"));
        let form = json!({ "bank_account_id": bank, "disbursement_ids": [second, good] });
        let made = payday.fia.post(BATCHES, form.clone());
        assert_eq!(made.status, 201);
        assert_eq!(made.header("location"), Some(&*format!("{BATCHES}/{}", made.id())));
        let batch = made.ok();
        assert_eq!((&batch["payments"], &batch["total"]["amount"]), (&json!(2), &json!("3.00")));
        unchanged(&payday, &known, || payday.fia.post(BATCHES, form.clone()))
            .refused(409, "wrong_state");
    }

    fn the_bank_speaks_about_each(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00", "3.00", "4.00"]);
        let ids: Vec<String> = (1..=4).map(|n| payday.payment(&grant, n, &["approve"])).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let batch = payday.batch(&ids).id();
        let path = format!("{BATCHES}/{batch}");
        let status = || payday.fia.get(&path).ok()["status"].clone();
        assert_eq!(payday.file(&batch).status, 200);
        payday.settle(ids[0]).ok();
        payday.give_back(ids[1]).ok();
        assert_eq!(status(), "instructed");
        let settled = payday.fia.command(&format!("{path}/settle")).ok();
        assert_eq!(settled["status"], "closed");
        let now = ids.iter().map(|id| payday.status(id)).collect::<Vec<_>>();
        assert_eq!(now, ["settled", "returned", "settled", "settled"]);
        let again = || payday.fia.command(&format!("{path}/settle"));
        unchanged(&payday, &ids, again).refused(409, "wrong_state");
        payday.fia.command(&format!("{BATCHES}/{NOBODY}/settle")).refused(404, "not_found");
        payday.fia.get(&format!("{BATCHES}/{NOBODY}")).refused(404, "not_found");
        // One that comes back later, tried in another batch, leaves the first as it was.
        payday.give_back(ids[2]).ok();
        payday.retry(ids[2]).ok();
        payday.approve(ids[2]).ok();
        let second = payday.batch(&[ids[2]]).id();
        assert_eq!(status(), "closed");
        assert_eq!(payday.file(&second).status, 200);
        payday.fia.command(&format!("{BATCHES}/{second}/settle")).ok();
        assert_eq!(payday.books()[1], 0);
        payday.check();
    }

    fn days_of_the_bank(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00", "3.00"]);
        let set = |at: &str| t.clock.set(at.parse::<Instant>().expect("an instant"));
        let settle = |id: &str, on: &str| {
            let form = json!({ "on": on, "paid_without_file": "Typed in at the bank." });
            payday.fia.post(&format!("/api/v1/disbursements/{id}/settle"), form)
        };
        let give_back = |id: &str, on: &str| {
            let form = json!({ "on": on, "reason": "closed" });
            payday.fia.post(&format!("/api/v1/disbursements/{id}/return"), form)
        };
        set("2026-12-31T23:59:59Z");
        let id = payday.payment(&grant, 1, &["approve", "batch"]);
        for day in ["2027-01-01", "2026-12-30", "1900-01-01", "9999-12-31"] {
            unchanged(&payday, &[&id], || settle(&id, day)).wrong_fields(&["/on"]);
            unchanged(&payday, &[&id], || give_back(&id, day)).wrong_fields(&["/on"]);
        }
        for day in ["2026-02-30", "2027-02-29", "yesterday", "2026-12-31T00:00:00Z", ""] {
            unchanged(&payday, &[&id], || settle(&id, day)).wrong_fields(&["/on"]);
        }
        t.clock.advance_seconds(1);
        assert_eq!(settle(&id, "2027-01-01").ok()["settled_on"], "2027-01-01");
        // It cannot come back before it arrived.
        unchanged(&payday, &[&id], || give_back(&id, "2026-12-31")).wrong_fields(&["/on"]);
        give_back(&id, "2027-01-01").ok();
        set("2028-02-29T12:00:00Z");
        let leap = payday.payment(&grant, 2, &["approve", "batch"]);
        assert_eq!(settle(&leap, "2028-02-29").ok()["settled_on"], "2028-02-29");
        // A whole batch by its day; without one it is today.
        let late = payday.payment(&grant, 3, &["approve", "batch"]);
        let batch = payday.disbursement(&late)["batch_id"].as_str().expect("an id").to_owned();
        let path = format!("{BATCHES}/{batch}/settle");
        assert_eq!(payday.file(&batch).status, 200);
        for day in ["2028-03-01", "2028-02-28"] {
            let ask = || payday.fia.post(&path, json!({ "on": day }));
            unchanged(&payday, &[&late], ask).wrong_fields(&["/on"]);
        }
        payday.fia.command(&path).ok();
        let attempt = payday.disbursement(&late)["attempts"][0].clone();
        assert_eq!((&attempt["outcome"], &attempt["outcome_on"]),
            (&json!("settled"), &json!("2028-02-29")));
        payday.check();
    }

    fn what_nobody_told_the_bank_to_pay_is_not_taken_for_paid(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00", "3.00"]);
        let ids = [1, 2, 3].map(|n| payday.payment(&grant, n, &["approve"]));
        let [first, second, third] = [0, 1, 2].map(|n| payday.batch(&[&ids[n]]).id());
        let single = format!("/api/v1/disbursements/{}/settle", ids[0]);
        let whole = format!("{BATCHES}/{second}/settle");
        for path in [&single, &whole] {
            let ask = || payday.fia.command(path);
            let told = unchanged(&payday, &[&ids[0], &ids[1]], ask).refused(409, "wrong_state");
            let detail = told["detail"].as_str().expect("words");
            assert!(detail.contains("paid_without_file"), "{detail}");
            let blank = json!({ "paid_without_file": " " });
            payday.fia.post(path, blank).wrong_fields(&["/paid_without_file"]);
            let how = json!({ "paid_without_file": "By hand, on the bank's own page." });
            payday.fia.post(path, how).ok();
        }
        // Where the bank was told nothing is kept of how else.
        assert_eq!(payday.file(&third).status, 200);
        payday.settle(&ids[2]).ok();
        let audit = payday.field.all("/api/v1/audit");
        let said = audit.iter().filter(|row| !row["after"]["paid_without_file"].is_null());
        let about: Vec<&Value> = said.map(|row| &row["object_id"]).collect();
        assert_eq!(about, [&json!(ids[1]), &json!(ids[0])]);
        assert_eq!(payday.fia.get(&format!("{BATCHES}/{first}")).ok()["status"], "closed");
        payday.check();
    }

    fn a_batch_of_one_grant_among_many(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (first, second) = (payday.grant(&["1.00"]), payday.active(
            planned(&[("2.00", "on_activation")]), &[]));
        let ids = [payday.payment(&first, 1, &["approve"]),
            payday.payment(&second, 1, &["approve"])];
        let why = json!({ "reason": "Wait." });
        payday.field.desk.admin.post(&format!("/api/v1/grants/{second}/pause"), why).ok();
        let both = [&*ids[0], &ids[1]];
        let told = unchanged(&payday, &both, || payday.batch(&both)).refused(409, "wrong_state");
        assert!(told["detail"].as_str().expect("text").contains(&ids[1]), "{told}");
        payday.batch(&both[..1]).ok();
    }
}
