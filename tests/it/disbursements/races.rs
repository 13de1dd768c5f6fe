//! Many hands on the same payments: each step once.

use super::{amounts, words};
use crate::support::Harness;
use crate::support::desk::threads;
use crate::support::payday::{Payday, at};
use crate::support::web::Reply;
use std::thread::sleep;
use std::time::Duration;

const WORKERS: usize = 8;
const PAYMENTS: usize = 10;

/// Each worker goes over all payments, each beginning with another; how often each was done.
/// Those that came too late were refused for what it was by then.
fn counted(step: &str, ask: impl Fn(usize) -> Reply + Sync) -> [usize; PAYMENTS] {
    let told = threads(WORKERS, |worker| {
        (0..PAYMENTS)
            .map(|n| {
                let payment = (n + worker * 3) % PAYMENTS;
                (payment, ask(payment))
            })
            .collect::<Vec<_>>()
    });
    let mut done = [0; PAYMENTS];
    for (payment, reply) in told.into_iter().flatten() {
        if reply.status < 300 {
            done[payment] += 1;
        } else {
            assert!(matches!(reply.status, 409 | 503), "{step}: {}", reply.text());
        }
    }
    done
}

fn approved(payday: &Payday<'_>) -> Vec<String> {
    let grant = payday.grant(&words(&amounts(PAYMENTS)));
    (1..=PAYMENTS).map(|n| payday.payment(&grant, n, &["approve"])).collect()
}

both! {
    fn each_step_of_each_payment_once(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&words(&amounts(PAYMENTS)));
        let once = [1; PAYMENTS];
        assert_eq!(counted("draft", |n| payday.draft(&grant, n + 1)), once);
        let list = payday.fia.get("/api/v1/disbursements?limit=200").ok();
        let items = list["items"].as_array().expect("items");
        let ids: Vec<&str> = items.iter().map(|i| i["id"].as_str().expect("an id")).collect();
        assert_eq!(ids.len(), PAYMENTS);
        let total = 10_045;
        let all = 100_000_000;
        let owed = [all, 0, total, 0, total];
        let told = [all, total, 0, 0, total];
        let paid = [all - total, 0, 0, 0, total];
        for (step, books) in [("approve", owed), ("batch", told), ("settle", paid),
            ("return", owed), ("retry", owed), ("approve", owed), ("batch", told),
            ("return", owed), ("retry", owed), ("void", owed)] {
            assert_eq!(counted(step, |n| payday.act(ids[n], step)), once, "{step}");
            assert_eq!(payday.books(), books, "{step}");
            payday.check();
        }
        for id in ids {
            assert_eq!(payday.disbursement(id)["attempts"].as_array().map(Vec::len), Some(2));
        }
        payday.field.sound();
    }

    fn batches_that_share_payments(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let ids = approved(&payday);
        // Each worker wants all of them, in another order.
        let replies = threads(WORKERS, |worker| {
            let mut mine = words(&ids);
            mine.rotate_left(worker);
            if worker % 2 == 0 {
                mine.reverse();
            }
            payday.batch(&mine)
        });
        let made: Vec<&Reply> = replies.iter().filter(|r| r.status == 201).collect();
        assert_eq!(made.len(), 1);
        assert!(replies.iter().all(|r| matches!(r.status, 201 | 409 | 503)));
        assert_eq!(payday.count("/api/v1/payment-batches"), 1);
        // The bank speaks about the whole and about each, at the same moment.
        let batch = made[0].id();
        assert_eq!(payday.file(&batch).status, 200);
        let path = format!("/api/v1/payment-batches/{batch}/settle");
        let said = threads(WORKERS, |worker| match worker {
            0 => vec![payday.fia.command(&path)],
            n => ids.iter().skip(n).step_by(2).map(|id| payday.settle(id)).collect(),
        });
        assert!(said.iter().flatten().all(|r| matches!(r.status, 200 | 409 | 503)));
        // Whatever came first: in the end each is settled once, and the batch is closed.
        let rest = payday.fia.command(&path);
        assert!(matches!(rest.status, 200 | 409), "{}", rest.text());
        assert!(ids.iter().all(|id| payday.status(id) == "settled"));
        let batch = payday.fia.get(&format!("/api/v1/payment-batches/{batch}")).ok();
        assert_eq!(batch["status"], "closed");
        assert_eq!(payday.books(), [100_000_000 - 10_045, 0, 0, 0, 10_045]);
        payday.check();
    }

    fn what_is_settled_singly_does_not_hold_up_its_batch(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grants = [payday.grant(&["1.00"]), payday.grant(&["2.00"])];
        let ids = [0, 1].map(|n| payday.payment(&grants[n], 1, &["approve"]));
        let batch = payday.batch(&[&ids[0], &ids[1]]).id();
        assert_eq!(payday.file(&batch).status, 200);
        t.slows("ledger_entries");
        let path = format!("/api/v1/payment-batches/{batch}");
        let told = threads(2, |n| match n {
            0 => payday.settle(&ids[0]),
            _ => {
                sleep(Duration::from_millis(150));
                payday.fia.command(&format!("{path}/settle"))
            }
        });
        assert!(matches!(told[0].status, 200 | 409) && told[1].status == 200, "{told:?}");
        assert!(ids.iter().all(|id| payday.status(id) == "settled"));
        assert_eq!(payday.fia.get(&path).ok()["status"], "closed");
        payday.check();
    }

    fn sending_races_with_all_that_holds_it(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&words(&amounts(PAYMENTS)));
        let ids: Vec<String> =
            (1..=PAYMENTS).map(|n| payday.payment(&grant, n, &["approve"])).collect();
        let admin = &payday.field.desk.admin;
        let told = threads(PAYMENTS * 2, |n| {
            let payment = n / 2;
            match (n % 2, payment % 3) {
                (0, _) => payday.batch(&[&ids[payment]]),
                (_, 0) => payday.void(&ids[payment]),
                (_, 1) => payday.undo_release(&grant, payment + 1),
                _ => {
                    let path = format!("/api/v1/grants/{grant}/pause");
                    admin.post(&path, serde_json::json!({ "reason": "Wait." }))
                }
            }
        });
        assert!(told.iter().all(|r| matches!(r.status, 200 | 201 | 409 | 503)), "{told:?}");
        web.work();
        payday.check();
        payday.field.sound();
        let tranches = payday.field.grant(&grant)["tranches"].clone();
        for (n, id) in ids.iter().enumerate() {
            let (status, tranche) = (payday.status(id), tranches[n]["status"].clone());
            let fits = match status.as_str() {
                "instructed" => tranche == "instructed",
                "approved" => tranche == "released",
                "voided" => tranche == "released" || tranche == "planned",
                _ => false,
            };
            assert!(fits, "payment {n} is {status}, its tranche {tranche}");
        }
    }

    fn nothing_comes_back_while_its_file_is_written(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00", "3.00"]);
        let ids = [1, 2, 3].map(|n| payday.payment(&grant, n, &["approve"]));
        // The second factor is asked for here, so that nothing delays the next.
        let other = payday.batch(&[&ids[2]]).id();
        assert_eq!(payday.file(&other).status, 200);
        let batch = payday.batch(&[&ids[0], &ids[1]]).id();
        t.slows("payment_files");
        let told = threads(2, |n| match n {
            0 => payday.file(&batch),
            _ => {
                sleep(Duration::from_millis(150));
                payday.give_back(&ids[0])
            }
        });
        assert_eq!((told[0].status, told[1].status), (200, 200), "{told:?}");
        let mut audit = payday.field.all("/api/v1/audit");
        audit.retain(|row| row["object_id"] == serde_json::json!(ids[0]));
        // The newest is first.
        let place = |action: &str| audit.iter().position(|row| row["action"] == action);
        let back = place("return_disbursement").expect("recorded");
        match place("write_payment_file") {
            Some(written) => {
                assert!(told[0].text().contains(",1.00,USD"));
                assert!(back < written, "it came back before its file was written: {audit:?}");
            }
            None => assert!(!told[0].text().contains(",1.00,USD")),
        }
        payday.check();
    }

    fn what_was_given_out_is_not_taken_back_as_not_sent(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00", "3.00"]);
        let ids = [1, 2, 3].map(|n| payday.payment(&grant, n, &["approve"]));
        let other = payday.batch(&[&ids[2]]).id();
        assert_eq!(payday.file(&other).status, 200);
        let batch = payday.batch(&[&ids[0], &ids[1]]).id();
        t.slows("payment_files");
        let told = threads(2, |n| match n {
            0 => payday.file(&batch),
            _ => {
                sleep(Duration::from_millis(150));
                let form = serde_json::json!({ "reason": "It waits.", "not_sent": true });
                payday.fia.post(&at(&ids[0], "return"), form)
            }
        });
        assert_eq!(told[0].status, 200, "{told:?}");
        let in_file = told[0].text().contains(",1.00,USD");
        let expected = if in_file { 409 } else { 200 };
        assert_eq!(told[1].status, expected, "{told:?}");
        payday.check();
    }

    fn what_is_drafted_while_its_release_is_taken_back_goes_with_it(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00"]);
        payday.undo_release(&grant, 2).ok();
        web.work();
        t.slows("disbursements");
        let told = threads(2, |n| match n {
            0 => payday.draft(&grant, 1).status,
            _ => {
                sleep(Duration::from_millis(150));
                let undone = payday.undo_release(&grant, 1).status;
                web.work();
                undone
            }
        });
        assert!(matches!(told[0], 201 | 409) && told[1] == 200, "{told:?}");
        assert_eq!(payday.count("/api/v1/disbursements?status=drafted"), 0);
        assert_eq!(payday.field.grant(&grant)["tranches"][0]["status"], "planned");
    }
}
