//! Every status and every act.

use super::{amounts, held, words};
use crate::support::Harness;

const ACTS: [&str; 6] = ["approve", "void", "batch", "settle", "return", "retry"];

/// Each status, and the way to it.
const WAYS: [(&str, &[&str]); 6] = [
    ("drafted", &[]),
    ("approved", &["approve"]),
    ("instructed", &["approve", "batch"]),
    ("settled", &["approve", "batch", "settle"]),
    ("returned", &["approve", "batch", "return"]),
    ("voided", &["void"]),
];

fn leads_to(status: &str, act: &str) -> Option<&'static str> {
    match (status, act) {
        ("drafted", "approve") => Some("approved"),
        ("drafted" | "approved", "void") => Some("voided"),
        ("approved", "batch") => Some("instructed"),
        ("instructed", "settle") => Some("settled"),
        ("instructed" | "settled", "return") => Some("returned"),
        ("returned", "retry") => Some("drafted"),
        _ => None,
    }
}

both! {
    fn every_status_and_every_act(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&words(&amounts(36)));
        let mut tranche = 0;
        for (status, way) in WAYS {
            for act in ACTS {
                tranche += 1;
                let id = payday.payment(&grant, tranche, way);
                assert_eq!(payday.status(&id), status);
                let version = payday.disbursement(&id)["version"].as_i64().expect("a number");
                if act == ACTS[0] {
                    // What no double is cannot be confirmed as one, whatever its status.
                    payday.confirm(&payday.fay, &id).refused(409, "wrong_state");
                    assert_eq!(payday.disbursement(&id)["version"], version);
                }
                match leads_to(status, act) {
                    None => {
                        let told = held(&payday, &id, act);
                        let detail = told["detail"].as_str().expect("words");
                        assert!(detail.contains(": it cannot be "), "{status} {act}: {detail}");
                    }
                    Some(to) => {
                        payday.act(&id, act).ok();
                        let now = payday.disbursement(&id);
                        assert_eq!(now["status"], to, "{status} {act}");
                        assert_eq!(now["version"], version + 1, "{status} {act}");
                        payday.check();
                    }
                }
            }
        }
        payday.field.sound();
    }

    fn one_live_payment_to_a_tranche(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00"]);
        let id = payday.payment(&grant, 1, &[]);
        payday.draft(&grant, 1).refused(409, "already_exists");
        payday.approve(&id).ok();
        payday.draft(&grant, 1).refused(409, "already_exists");
        payday.batch(&[&id]).ok();
        payday.draft(&grant, 1).refused(409, "wrong_state");
        payday.settle(&id).ok();
        payday.draft(&grant, 1).refused(409, "wrong_state");
        payday.give_back(&id).ok();
        // What came back is owed: by a new draft or by another try, not by both.
        let second = payday.draft(&grant, 1).id();
        payday.retry(&id).refused(409, "already_exists");
        payday.void(&second).ok();
        payday.retry(&id).ok();
        payday.draft(&grant, 1).refused(409, "already_exists");
        payday.draft(&grant, 2).refused(404, "not_found");
        payday.draft(&grant, 0).refused(404, "not_found");
        payday.check();
    }

    fn what_a_step_asks_for(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00"]);
        let id = payday.payment(&grant, 1, &[]);
        let fia = &payday.fia;
        let path = |act: &str| format!("/api/v1/disbursements/{id}/{act}");
        for act in ["void", "return"] {
            fia.post(&path(act), serde_json::json!({})).wrong_fields(&["/reason"]);
            for reason in ["", "  ", "a\u{0}b", &"x".repeat(501)] {
                let form = serde_json::json!({ "reason": reason });
                fia.post(&path(act), form).wrong_fields(&["/reason"]);
            }
        }
        for act in ["approve", "void", "settle", "return", "retry"] {
            let because = matches!(act, "void" | "return");
            let body = if because { r#"{"reason":"x"}"# } else { "{}" };
            let bare = fia.send("POST", &path(act), &[], Some(body.into()));
            bare.refused(400, "malformed_request");
            let nobody = "01a19b7c-a680-7035-80a7-6d853561f4e6";
            payday.act(nobody, act).refused(404, "not_found");
        }
        // The same key once more is the same answer, not another step.
        let first = payday.fay.post_key(&path("approve"), "once", serde_json::json!({}));
        let again = payday.fay.post_key(&path("approve"), "once", serde_json::json!({}));
        assert_eq!((first.ok(), first.status), (again.ok(), again.status));
        let other = payday.fay.post_key(&path("retry"), "once", serde_json::json!({}));
        other.refused(422, "key_reused");
        assert_eq!(payday.status(&id), "approved");
        assert!(payday.disbursement(&id)["payee"].as_str().expect("masked").contains("6789"));
    }
}
