//! “What happened to this payment?”: by its id, from the log of the program and from the audit
//! view.

use super::*;
use crate::support::payday::at;
use almoner::kernel::time::Clock;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

struct Running(Child);
impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Serves with a log in JSON; the address.
fn serve(t: &Harness, log: &Path) -> (Running, String) {
    let mut child = program(t, &["serve", "--no-worker", "--bind", "127.0.0.1:0"])
        .env("ALMONER__LOG__LEVEL", "info")
        .env("ALMONER__LOG__FORMAT", "json")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(log).expect("a file"))
        .spawn()
        .expect("the program starts");
    let said = child.stdout.take().expect("a pipe");
    let running = Running(child);
    let mut line = String::new();
    BufReader::new(said).read_line(&mut line).expect("it says where");
    (running, line.rsplit(' ').next().expect("an address").trim().to_owned())
}

/// The same person, at another door.
fn over(url: &str, who: &Client) -> Client {
    Client::new(url.to_owned(), who.token.clone())
}

/// Lines that hold this id, as `grep` finds them.
fn grep(log: &Path, id: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(log).expect("the log");
    let lines = text.lines().filter(|l| l.contains(id));
    lines.map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

const STORY: [(&str, &str); 9] = [
    ("drafted", "drafted"),
    ("approved", "approved"),
    ("instructed", "instructed"),
    ("file_made", "instructed"),
    ("returned", "returned"),
    ("retried", "drafted"),
    ("approved", "approved"),
    ("instructed", "instructed"),
    ("settled", "settled"),
];

both! {
    fn the_life_of_a_payment_by_its_id(t: &Harness) {
        t.clock.set(Clock::system().now().plus_seconds(-120));
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1250.00", "75.50"]);
        // The program lives by the true clock; a code of another step is left for each.
        t.clock.set(Clock::system().now());
        let log = t.dir().join("log");
        let (running, url) = serve(t, &log);
        let (fia, fay) = (over(&url, &web.sign_in(payday.fia.clone())), over(&url,
            &web.sign_in(payday.fay.clone())));
        let draft = |tranche: usize| {
            let path = format!("/api/v1/grants/{grant}/tranches/{tranche}/disbursement");
            fia.post(&path, json!({ "despite_double": true }))
        };
        let drafted = draft(1);
        let id = drafted.id();
        let batch = || {
            let form = json!({ "bank_account_id": payday.bank, "disbursement_ids": [id] });
            fia.post("/api/v1/payment-batches", form).id()
        };
        fay.command(&at(&id, "approve")).ok();
        let first = batch();
        let file = fia.command(&format!("/api/v1/payment-batches/{first}/file"));
        assert_eq!(file.status, 200, "{}", file.text());
        fia.post(&at(&id, "return"), json!({ "reason": "account DE89 3704 closed" })).ok();
        fia.command(&at(&id, "retry")).ok();
        fay.command(&at(&id, "approve")).ok();
        batch();
        fia.command(&at(&id, "settle")).refused(409, "wrong_state");
        let how = json!({ "paid_without_file": "At the counter in Berkeley." });
        fia.post(&at(&id, "settle"), how).ok();
        // What was refused leaves no line of a payment.
        fia.command(&at(&id, "settle")).refused(409, "wrong_state");
        let other = draft(2).id();
        fia.post(&at(&other, "void"), json!({ "reason": "A mistake." })).ok();
        let refund = json!({ "amount": { "amount": "10.00", "currency": "USD" },
            "received_on": Clock::system().now().date(), "reference": "back" });
        fia.post(&format!("/api/v1/grants/{grant}/refunds"), refund).ok();
        drop(running);

        let mut lines = grep(&log, &id);
        lines.retain(|l| l["message"] == "payment");
        let mut before = Value::Null;
        assert_eq!(lines.len(), STORY.len(), "{lines:#?}");
        for (line, (step, after)) in lines.iter().zip(STORY) {
            let expected = (step, &before, after);
            let found = (line["step"].as_str().expect("a step"), &line["before"],
                line["after"].as_str().expect("a state"));
            assert_eq!(found, expected, "{line}");
            before = json!(after);
            assert_eq!((&line["disbursement"], &line["grant"]), (&json!(id), &json!(grant)));
            assert_eq!((&line["amount"], &line["currency"]), (&json!("1250.00"), &json!("USD")));
            assert_eq!(line["tranche"], 1);
            let who = if step == "approved" { fay_id(&payday) } else { fia_id(&payday) };
            assert_eq!(line["person"], json!(who), "{line}");
            assert!(line["request_id"].as_str().is_some_and(|r| r.len() == 36), "{line}");
            let posted = ["instructed", "returned", "settled"].contains(&step);
            assert_eq!(line["entry"].is_string(), posted, "{line}");
        }
        assert_eq!(lines[0]["request_id"], json!(drafted.header("x-request-id")));
        let steps = |id: &str| -> Vec<Value> {
            let lines = grep(&log, id).into_iter().filter(|l| l["message"] == "payment");
            lines.map(|l| l["step"].clone()).collect()
        };
        assert_eq!(steps(&other), ["drafted", "voided"]);
        assert_eq!(steps(&grant).last(), Some(&json!("refunded")));
        let whole = std::fs::read_to_string(&log).expect("the log");
        for secret in ["000123456789", "021000021", "3704", "A mistake", "Berkeley"] {
            assert!(!whole.contains(secret), "{secret} is in the log");
        }
        audited(&web, &payday.fia, &id);
    }
}

fn fia_id(payday: &crate::support::payday::Payday<'_>) -> String {
    payday.fia.id().to_string()
}
fn fay_id(payday: &crate::support::payday::Payday<'_>) -> String {
    payday.fay.id().to_string()
}

/// The same story from the audit view, in pages of two, with the entries that were posted.
fn audited(web: &Web, finance: &Client, id: &str) {
    let auditor = web.with_role("Aud", Role::Auditor);
    let path = format!("/api/v1/audit?object_kind=disbursement&object_id={id}&limit=2");
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let page = auditor.get(&format!("{path}{after}")).ok();
        let items = page["items"].as_array().expect("rows").clone();
        assert!(items.len() <= 2);
        rows.extend(items);
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    rows.reverse();
    let actions: Vec<&str> = rows.iter().filter_map(|r| r["action"].as_str()).collect();
    let story: Vec<&str> = actions.into_iter().filter(|a| !a.contains("approval")).collect();
    assert_eq!(
        story,
        [
            "draft_disbursement",
            "approve_disbursement",
            "create_payment_batch",
            "write_payment_file",
            "return_disbursement",
            "retry_disbursement",
            "approve_disbursement",
            "create_payment_batch",
            "settle_disbursement",
        ]
    );
    let mut kinds = Vec::new();
    for row in &rows {
        assert!(row["person_id"].is_string() && row["request_id"].is_string(), "{row}");
        if let Some(entry) = row["after"]["entry_id"].as_str() {
            let entry = auditor.get(&format!("/api/v1/ledger/entries/{entry}")).ok();
            assert_eq!(entry["source_id"], json!(id), "{entry}");
            kinds.push(entry["kind"].clone());
            assert!(row["before"]["status"].is_string(), "{row}");
        }
    }
    let posted =
        ["payment_instructed", "payment_returned", "payment_instructed", "payment_settled"];
    assert_eq!(kinds, posted);
    finance.get(&path).refused(403, "forbidden");
}
