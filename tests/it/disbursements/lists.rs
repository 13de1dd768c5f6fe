//! Lists: what is asked for and nothing else, also while rows are added.

use super::{amounts, words};
use crate::support::Harness;
use crate::support::web::Client;
use serde_json::Value;

const LIST: &str = "/api/v1/disbursements";

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|i| i["id"].as_str().expect("an id").to_owned()).collect()
}

both! {
    fn by_status_grant_and_batch(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (one, two) = (payday.grant(&["1.00", "2.00", "3.00"]), payday.grant(&["4.00"]));
        let drafted = payday.payment(&one, 1, &[]);
        let sent = payday.payment(&one, 2, &["approve", "batch"]);
        let voided = payday.payment(&one, 3, &["void"]);
        let other = payday.payment(&two, 1, &["approve", "batch", "return"]);
        let batch = payday.disbursement(&sent)["batch_id"].as_str().expect("an id").to_owned();
        let asked = |query: &str| ids(&payday.fia.get(&format!("{LIST}?{query}")).ok());
        assert_eq!(asked(""), [&*other, &voided, &sent, &drafted]);
        assert_eq!(asked(&format!("grant_id={one}")), [&*voided, &sent, &drafted]);
        assert_eq!(asked(&format!("grant_id={two}")), [&*other]);
        for (status, id) in [("drafted", &drafted), ("instructed", &sent), ("voided", &voided),
            ("returned", &other)] {
            assert_eq!(asked(&format!("status={status}")), [&**id]);
        }
        assert_eq!(asked("status=settled"), [""; 0]);
        assert_eq!(asked(&format!("batch_id={batch}")), [&*sent]);
        assert_eq!(asked(&format!("grant_id={two}&status=drafted")), [""; 0]);
        assert_eq!(asked(&format!("grant_id={batch}")), [""; 0]);
        let batches = |query: &str| payday.count(&format!("/api/v1/payment-batches?{query}"));
        let counts = ["", "status=instructed", "status=closed"].map(batches);
        assert_eq!(counts, [2, 1, 1]);
        // A recipient sees what is theirs one by one, and no list.
        payday.ada.get(LIST).refused(403, "forbidden");
    }

    fn pages_while_rows_are_added(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&words(&amounts(14)));
        let early: Vec<String> = (1..=9).map(|n| payday.payment(&grant, n, &[])).collect();
        let (mut seen, mut after, mut tranche) = (Vec::new(), String::new(), 9);
        loop {
            let page = payday.fia.get(&format!("{LIST}?limit=2&status=drafted{after}")).ok();
            seen.extend(ids(&page));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
            if tranche < 14 {
                tranche += 1;
                payday.payment(&grant, tranche, &[]);
            }
        }
        let mut newest_first = early.clone();
        newest_first.reverse();
        assert_eq!(seen, newest_first, "neither twice nor left out");
        // Batches page in the same way.
        for id in &early[..3] {
            payday.approve(id).ok();
            payday.batch(&[id]).ok();
        }
        let first = payday.fia.get("/api/v1/payment-batches?limit=2").ok();
        let next = first["next"].as_str().expect("one more");
        let rest = payday.fia.get(&format!("/api/v1/payment-batches?limit=2&after={next}")).ok();
        assert_eq!((ids(&first).len(), ids(&rest).len(), &rest["next"]), (2, 1, &Value::Null));
    }

    fn what_cannot_be_asked(t: &Harness) {
        let web = t.serve();
        let fia = web.desk().finance;
        for list in [LIST, "/api/v1/payment-batches"] {
            let asked = |query: &str| fia.get(&format!("{list}?{query}"));
            asked("status=paid").wrong_fields(&["?status"]);
            asked("status=").wrong_fields(&["?status"]);
            asked("limit=0").wrong_fields(&["?limit"]);
            asked("limit=201").wrong_fields(&["?limit"]);
            asked("limit=-1").wrong_fields(&["?limit"]);
            asked("limit=ten").refused(422, "invalid");
            asked("after=%00").wrong_fields(&["?after"]);
            asked("after=AAAA").wrong_fields(&["?after"]);
            asked("colour=red").wrong_fields(&["?colour"]);
            asked("limit=5&limit=6").refused(422, "invalid");
        }
        for name in ["grant_id", "batch_id"] {
            for value in ["1", "'%20OR%20'1'='1", ""] {
                fia.get(&format!("{LIST}?{name}={value}")).refused(422, "invalid");
            }
        }
        for path in ["/api/v1/disbursements/1", "/api/v1/payment-batches/x"] {
            fia.get(path).refused(400, "malformed_request");
        }
    }

    fn a_batch_asks_for_its_file_and_then_for_what_the_bank_did(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00"]);
        let id = payday.payment(&grant, 1, &["approve"]);
        let batch = payday.batch(&[&id]).id();
        let at = |act: &str| format!("/api/v1/payment-batches/{batch}/{act}");
        let asked = |who: &Client, act: &str| {
            who.get("/api/v1/me/next").ok().to_string().contains(&at(act))
        };
        let (fia, fay) = (&payday.fia, &payday.fay);
        let told = || payday.ada.get("/api/v1/me/next").ok().to_string();
        assert!(asked(fia, "file") && !asked(fia, "settle"));
        assert!(!asked(fay, "file"), "who approved it does not send it");
        assert!(told().contains("finance gives it to the bank next"), "{}", told());
        assert_eq!(payday.file(&batch).status, 200);
        assert!(!asked(fia, "file") && !asked(fia, "settle"));
        assert!(told().contains("The bank was told to pay you"), "{}", told());
        t.clock.advance_seconds(5 * 86_400 - 1);
        assert!(!asked(fia, "settle"), "it takes a few days");
        t.clock.advance_seconds(1);
        assert!(asked(fia, "settle") && asked(fay, "settle"));
        fia.command(&at("settle")).ok();
        assert!(!asked(fia, "settle"));
    }
}
