//! The payment file: exactly what was approved, harmless in a spreadsheet, and the only place
//! where an account number is seen.

use super::unchanged;
use crate::payees::secrets;
use crate::support::Harness;
use crate::support::desk::threads;
use crate::support::payday::{Payday, planned, us_payee, verified_payee};
use crate::support::web::Reply;
use almoner::kernel::actor::Role;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const HEADER: &str = "reference,payee,country,town,address,method,iban,bic,routing,account,\
                      account_type,amount,currency";

fn sha256(reply: &Reply) -> String {
    Sha256::digest(&reply.bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// An approved payment of 1.00 to somebody new, whose payee is this.
fn approved(payday: &Payday<'_>, form: Value) -> String {
    let who = payday.web.person("Some Body");
    let payee = verified_payee(&payday.field.desk, &who, form);
    let grant = payday.awarded(&who, planned(&[("1.00", "on_activation")]), &[]);
    payday.activate(&who, &payee, &grant);
    let id = payday.draft(&grant, 1).id();
    payday.approve(&id).ok();
    id
}

/// The file with its references made the same.
fn text(payday: &Payday<'_>, file: &Reply, ids: &[&str]) -> String {
    assert_eq!(file.status, 200, "{}", file.text());
    let mut text = file.text();
    for (n, id) in ids.iter().enumerate() {
        let reference = payday.disbursement(id)["reference"].as_str().expect("text").to_owned();
        assert_eq!((reference.len(), &reference[..4]), (24, "ALM-"));
        assert_eq!(text.matches(&reference).count(), 1);
        text = text.replace(&reference, &format!("REF{n}"));
    }
    text
}

both! {
    fn the_file_to_the_last_byte(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let names = [
            ("=1+1", "+1 Way", "=HYPERLINK(\"http://x\")"),
            ("@x", "Town", "-1\n@2"),
            ("Quo\"te, Comma; 'Ltd'", "\u{ff1d}1", "1 Way\nFloor 2, Left"),
            ("עדה לאבלייס", "תל אביב", "\t=1"),
            ("李小龍 👩🏽‍🔬", "香港", "九龍"),
        ];
        let forms = names.iter().enumerate().map(|(n, (name, town, address))| {
            us_payee(&format!("00055500{n}"), json!({
                "name": name, "town": town, "address": address, "country": "HK",
            }))
        });
        let mut ids: Vec<String> = forms.map(|form| approved(&payday, form)).collect();
        let savings = json!({ "method": "us_bank", "routing": "011401533",
            "account": "12345678901234567", "account_type": "savings" });
        ids.push(approved(&payday, us_payee("1", json!({ "account": savings }))));
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let batch = payday.batch(&ids).id();
        let file = payday.file(&batch);
        let rows = [
            HEADER,
            "REF0,'=1+1,HK,'+1 Way,\"'=HYPERLINK(\"\"http://x\"\")\",us_bank,,,021000021,\
             000555000,checking,1.00,USD",
            "REF1,'@x,HK,Town,'-1 @2,us_bank,,,021000021,000555001,checking,1.00,USD",
            "REF2,\"Quo\"\"te, Comma; 'Ltd'\",HK,'\u{ff1d}1,\"1 Way Floor 2, Left\",us_bank,,,\
             021000021,000555002,checking,1.00,USD",
            "REF3,עדה לאבלייס,HK,תל אביב,'=1,us_bank,,,021000021,000555003,checking,1.00,USD",
            "REF4,李小龍 👩🏽‍🔬,HK,香港,九龍,us_bank,,,021000021,000555004,checking,1.00,USD",
            "REF5,Ada Researcher,US,Berkeley,1 Way,us_bank,,,011401533,12345678901234567,savings,\
             1.00,USD",
            "",
        ];
        assert_eq!(text(&payday, &file, &ids), rows.join("\r\n"));
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
        let named = format!("attachment; filename=\"payments-{batch}.csv\"");
        assert_eq!(file.header("content-disposition"), Some(&*named));
        assert_eq!(file.header("cache-control"), Some("no-store"));
    }

    fn its_hash_is_kept_and_each_look_at_it(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00"]);
        let ids = [1, 2].map(|n| payday.payment(&grant, n, &["approve"]));
        let ids = [&*ids[0], &ids[1]];
        let batch = payday.batch(&ids).id();
        let kept = || payday.fia.get(&format!("/api/v1/payment-batches/{batch}")).ok();
        assert_eq!(kept()["file_sha256"], Value::Null);
        let first = payday.file(&batch);
        assert_eq!(kept()["file_sha256"], sha256(&first));
        let again = payday.file(&batch);
        assert_eq!(again.bytes, first.bytes, "the same file");
        // What the bank has spoken of is not sent again; the file of record stays the first.
        payday.settle(ids[0]).ok();
        payday.file(&batch).refused(409, "limit_reached");
        let why = json!({ "despite_given_out": "The bank has the first of the two." });
        let rest = payday.fia.post(&format!("/api/v1/payment-batches/{batch}/file"), why);
        assert_eq!(rest.text().lines().count(), 2);
        assert!(rest.text().contains(",2.00,USD") && !rest.text().contains(",1.00,USD"));
        assert_eq!(kept()["file_sha256"], sha256(&first));
        payday.give_back(ids[1]).ok();
        let none = || payday.file(&batch);
        unchanged(&payday, &ids, none).refused(409, "wrong_state");
        let audit = payday.field.all("/api/v1/audit");
        let of = |action: &str| audit.iter().filter(|a| a["action"] == action).collect::<Vec<_>>();
        let looked = of("get_payment_file");
        assert_eq!(looked.len(), 3);
        for (look, file) in looked.iter().rev().zip([&first, &again, &rest]) {
            assert_eq!(look["person_id"], json!(payday.fia.id()), "{look}");
            assert!(look.to_string().contains(&sha256(file)), "{look}");
        }
        assert_eq!(of("open_payee_details").len(), 5);
        let nobody = "/api/v1/payment-batches/01a19b7c-a680-7035-80a7-6d853561f4e6/file";
        payday.fia.command(nobody).refused(404, "not_found");
        payday.fia.get(&format!("/api/v1/payment-batches/{batch}/file"))
            .refused(405, "method_not_allowed");
    }

    fn given_out_once_more_it_asks_why(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00"]);
        let ids = [1, 2].map(|n| payday.payment(&grant, n, &["approve"]));
        let batch = payday.batch(&[&ids[0], &ids[1]]).id();
        let at = format!("/api/v1/payment-batches/{batch}");
        let path = format!("{at}/file");
        let given = || payday.fia.get(&at).ok()["given_out"].clone();
        assert_eq!(given(), Value::Null);
        let first = payday.file(&batch);
        assert_eq!(first.status, 200, "{}", first.text());
        assert_eq!(given()["by"], json!(payday.fia.id()));
        assert_eq!(given()["sha256"], json!(sha256(&first)));
        // A download that was lost.
        assert_eq!(payday.file(&batch).bytes, first.bytes);
        // Somebody else does not know what the bank was given.
        let flo = web.with_role("Flo", Role::Finance);
        let told = flo.command(&path).refused(409, "limit_reached");
        let detail = told["detail"].as_str().expect("text");
        assert!(detail.contains("2026-11-02") && detail.contains("despite_given_out"), "{detail}");
        let blank = json!({ "despite_given_out": " " });
        flo.post(&path, blank).wrong_fields(&["/despite_given_out"]);
        assert_eq!(given()["by"], json!(payday.fia.id()), "nothing was given out");
        t.clock.advance_seconds(60);
        let why = json!({ "despite_given_out": "It never reached the bank." });
        assert_eq!(flo.post(&path, why).bytes, first.bytes);
        assert_eq!(given()["by"], json!(flo.id()));
        let audit = payday.field.all("/api/v1/audit");
        let said = audit.iter().find(|a| !a["after"]["again_because"].is_null());
        let after = &said.expect("recorded")["after"];
        assert_eq!(after["again_because"], "It never reached the bank.");
        assert_eq!(after["given_out_before"]["by"], json!(payday.fia.id()));
        // Who had it before her asks as well, and so does she on another day.
        payday.file(&batch).refused(409, "limit_reached");
        assert_eq!(flo.command(&path).status, 200);
        t.clock.advance_seconds(86_400);
        flo.command(&path).refused(409, "limit_reached");
    }

    fn two_who_fetch_it_at_once_are_not_both_the_first(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00"]);
        let id = payday.payment(&grant, 1, &["approve"]);
        let batch = payday.batch(&[&id]).id();
        let path = format!("/api/v1/payment-batches/{batch}/file");
        let flo = web.with_role("Flo", Role::Finance);
        let mut told = threads(2, |n| {
            let who = if n == 0 { &payday.fia } else { &flo };
            who.command(&path).status
        });
        told.sort_unstable();
        assert_eq!(told, [200, 409]);
    }

    fn an_account_number_is_in_the_file_alone(t: &Harness) {
        secrets::listen();
        let web = t.serve();
        let payday = web.payday();
        let form = us_payee(secrets::CANARY_NUMBER, json!({ "address": "Domkloster 4" }));
        let id = approved(&payday, form);
        let batch = payday.batch(&[&id]).id();
        let file = payday.file(&batch);
        assert!(secrets::sings(&file.bytes).is_some());
        payday.give_back(&id).ok();
        payday.retry(&id).ok();
        web.work();
        let grant = payday.disbursement(&id)["grant_id"].as_str().expect("an id").to_owned();
        let payee = payday.disbursement(&id)["payee_id"].as_str().expect("an id").to_owned();
        let paths = [
            "/api/v1/disbursements".into(), format!("/api/v1/disbursements/{id}"),
            "/api/v1/payment-batches".into(), format!("/api/v1/payment-batches/{batch}"),
            "/api/v1/payees".into(), format!("/api/v1/payees/{payee}"),
            "/api/v1/grants".into(), format!("/api/v1/grants/{grant}"),
            format!("/api/v1/grants/{grant}/statement"),
            format!("/api/v1/grants/{grant}/requirements"),
            "/api/v1/ledger/entries?limit=200".into(), "/api/v1/ledger/export?format=csv".into(),
            "/api/v1/ledger/export?format=hledger".into(), "/api/v1/audit?limit=200".into(),
            "/api/v1/people".into(), "/api/v1/bank-accounts".into(), "/metrics".into(),
        ];
        for path in &paths {
            let mut read = 0;
            for who in [&payday.fia, &payday.field.desk.admin, &payday.ada] {
                let reply = who.get(path);
                read += usize::from(reply.status == 200);
                assert_eq!(secrets::sings(&reply.bytes), None, "{path}: {}", reply.text());
            }
            assert!(read > 0, "{path} is read by somebody");
        }
        secrets::nothing_was_said();
        secrets::nothing_is_kept(t, &web);
    }
}
