//! Payments that are lost, sent twice, or sent elsewhere.

use crate::payees::{count, execute};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::payday::{planned, us_payee, verify_payee};
use crate::support::smtp::{At, Deed, Guard, Smtp};
use crate::support::web::new_key;
use almoner::kernel::actor::Role;
use almoner::platform::config::{MailTransport, SmtpSecurity};
use almoner::platform::idempotency::{self, Keyed};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn id_of(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}

both! {
    fn a_lock_flag_left_behind_by_a_dead_process(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, backer) = (web.person("Rea"), field.backer("10.00"));
        let application = field.applies(&rea, "1.00", "10.00");
        // It died with the application's row in its hands, and a key claimed.
        let id = application.parse().expect("an id");
        let (person, key) = (backer.who.id(), new_key());
        let (other, now) = (t.open_again(2), web.env().clock.now());
        let claimed = key.clone();
        std::thread::spawn(move || {
            other.write_now("test.dies", |conn| {
                let operation = "place_offer";
                let keyed = Keyed { person, key: claimed.clone(), operation, hash: vec![1; 32] };
                idempotency::begin(conn, &keyed, now)?;
                almoner::applications::service::lock(conn, id)?;
                panic!("the process dies here");
                #[expect(unreachable_code, reason = "it says what the transaction would give")]
                Ok(())
            })
        }).join().expect_err("it died");
        let path = format!("/api/v1/applications/{application}/offers");
        backer.who.post_key(&path, &key, backer.form("4.00", json!({}))).ok();
        // It died with jobs claimed: another takes them over when the lease is over.
        execute(&web, "UPDATE jobs SET status = 'running', attempts = 1, locked_until = run_at \
            WHERE status = 'ready' AND kind = 'mail.send'").expect("done");
        assert!(count(&web, "SELECT COUNT(*) FROM jobs WHERE status = 'running'") > 0);
        t.clock.advance_seconds(web.env().config.jobs.lease_seconds);
        assert!(field.subjects(&rea).iter().any(|s| s.starts_with("An offer of 4.00 USD")));
        web.nothing_left_undone();
    }

    fn a_providers_refusal_leaving_processing(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00", "5.00"]);
        let [refused, good] = [1, 2].map(|n| payday.payment(&grant, n, &["approve"]));
        let batch = payday.batch(&[&refused, &good]).id();
        payday.settle(&good).ok();
        let status = |batch: &str| {
            payday.fia.get(&format!("/api/v1/payment-batches/{batch}")).ok()["status"].clone()
        };
        assert_eq!(status(&batch), "instructed");
        payday.give_back(&refused).ok();
        assert_eq!(status(&batch), "closed", "nothing is left in process");
        assert_eq!(payday.status(&refused), "returned");
        assert_eq!(payday.books()[1..3], [0, 1000], "owed again, not on its way");
        let tranche = &payday.field.grant(&grant)["tranches"][0];
        assert_eq!(tranche["status"], "released");
        payday.retry(&refused).ok();
        payday.approve(&refused).ok();
        let batch = payday.batch(&[&refused]).id();
        payday.settle(&refused).ok();
        assert_eq!(status(&batch), "closed");
        assert_eq!(payday.books()[1..3], [0, 0]);
        payday.check();
    }

    fn pages_overlapping_while_rows_are_added_so_that_one_is_paid_twice(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let amounts: Vec<String> = (1..=9).map(|n| format!("{n}.00")).collect();
        let amounts: Vec<&str> = amounts.iter().map(String::as_str).collect();
        let grant = payday.grant(&amounts);
        for tranche in 1..=6 {
            payday.payment(&grant, tranche, &["approve"]);
        }
        let (mut ids, mut after, mut more) = (Vec::new(), String::new(), 7);
        loop {
            let path = format!("/api/v1/disbursements?status=approved&limit=2{after}");
            let page = payday.fia.get(&path).ok();
            ids.extend(page["items"].as_array().expect("items").iter().map(|d| id_of(&d["id"])));
            if more <= 9 {
                payday.payment(&grant, more, &["approve"]);
                more += 1;
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let different: BTreeSet<&String> = ids.iter().collect();
        assert_eq!((ids.len(), different.len()), (6, 6), "each once, those that were there");
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        // Whoever pays page by page and begins again pays nothing twice.
        for page in ids.chunks(2) {
            payday.batch(page).ok();
            payday.batch(page).refused(409, "wrong_state");
        }
        assert_eq!(payday.books()[1], 2100);
        payday.check();
    }

    fn refusing_exactly_the_remaining_balance(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let field = &payday.field;
        let desk = &field.desk;
        let fund = desk.fund("To the last cent");
        desk.give(&fund, "0.03").ok();
        let reg = web.with_role("Reg", Role::Regrantor);
        let budget = desk.budget(&fund, &reg);
        desk.allocate(&budget, "0.04").refused(409, "insufficient_funds");
        desk.allocate(&budget, "0.03").ok();
        let application = field.application("0.03", "0.03");
        let form = |amount: &str| json!({ "budget_id": budget, "amount": usd(amount) });
        let path = format!("/api/v1/applications/{application}/offers");
        reg.post(&path, form("0.04")).refused(409, "limit_reached");
        let offer = reg.post(&path, form("0.03")).id();
        reg.command(&format!("/api/v1/offers/{offer}/withdraw")).ok();
        let recall = format!("/api/v1/budgets/{budget}/recall");
        desk.admin.post(&recall, json!({ "amount": usd("0.04") }))
            .refused(409, "insufficient_funds");
        desk.admin.post(&recall, json!({ "amount": usd("0.03") })).ok();
        desk.allocate(&budget, "0.03").ok();
        reg.post(&path, form("0.03")).ok();
        field.awarded(&application);
        let grant = payday.grant(&["12.34"]);
        payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        let refund = |amount: &str, reference: &str| payday.fia.post(
            &format!("/api/v1/grants/{grant}/refunds"),
            json!({ "amount": usd(amount), "received_on": "2026-11-02", "reference": reference }),
        );
        refund("12.35", "A").refused(409, "limit_reached");
        refund("12.34", "B").ok();
        refund("0.01", "C").refused(409, "limit_reached");
        payday.check();
    }

    fn copying_an_object_with_a_stale_payout_account(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00", "20.00", "30.00"]);
        let drafted = payday.payment(&grant, 1, &[]);
        let returned = payday.payment(&grant, 2, &["approve", "batch", "return"]);
        let path = format!("/api/v1/payees/{}", payday.payee);
        let account = us_payee("000987654321", json!({}))["account"].clone();
        let etag = payday.ada.get(&path).etag().to_owned();
        payday.ada.patch(&path, &etag, json!({ "account": account })).ok();
        // Nothing goes to the account of before, and nothing to the new one unlooked at: not what
        // was drafted, not another try, not another payment, not another grant to the same payee.
        let later = payday.awarded(&payday.ada, planned(&[("40.00", "on_activation")]), &[]);
        payday.approve(&drafted).refused(409, "wrong_state");
        payday.retry(&returned).refused(409, "wrong_state");
        payday.draft(&grant, 3).refused(409, "wrong_state");
        verify_payee(&payday.fia, &payday.payee);
        web.work();
        payday.retry(&returned).refused(409, "cooling_period");
        payday.draft(&grant, 3).refused(409, "cooling_period");
        payday.activate(&payday.ada, &payday.payee, &later);
        payday.draft(&later, 1).refused(409, "cooling_period");
        t.clock.advance_seconds(72 * 3600);
        payday.approve(&drafted).refused(409, "wrong_state");
        payday.retry(&returned).ok();
        payday.approve(&returned).ok();
        let batch = payday.batch(&[&returned]).id();
        let file = payday.file(&batch).text();
        assert!(file.contains("000987654321") && !file.contains("000123456789"), "{file}");
        payday.check();
    }

    fn state_written_before_the_mail_succeeded(t: &Harness) {
        // The server is away, then busy, and then takes it.
        let script = vec![
            Some((At::End, Deed::Drop)),
            Some((At::Rcpt, Deed::Reply("451 4.7.1 try again"))),
            None,
        ];
        let server = Smtp::with(Guard::Plain, script);
        let mut config = t.config();
        config.mail.transport = MailTransport::Smtp;
        config.mail.smtp.host = "localhost".into();
        config.mail.smtp.port = server.address.port();
        config.mail.smtp.security = SmtpSecurity::None;
        config.mail.smtp.timeout_seconds = 5;
        let web = t.serve_with(config);
        let ada = web.person("Ada");
        web.anonymous().post("/api/v1/auth/request-reset", json!({ "email": ada.email })).ok();
        for _ in 0..2 {
            web.work();
            assert_eq!(server.taken().len(), 0);
            let left = "SELECT COUNT(*) FROM jobs WHERE status = 'ready' AND kind = 'mail.send'";
            assert_eq!(count(&web, left), 1, "what did not leave is not taken for sent");
            t.clock.advance_seconds(web.env().config.jobs.backoff_max_seconds.min(1500));
        }
        web.work();
        let taken = server.taken();
        assert_eq!(taken.len(), 1, "once");
        let mail = mail_parser::MessageParser::default().parse(&taken[0].bytes).expect("a mail");
        let text = mail.body_text(0).expect("a text").into_owned();
        let (_, rest) = text.split_once("#token=").expect("a link");
        let token = rest.split_whitespace().next().expect("a token");
        let form = json!({ "token": token, "password": "four wet boots by the door" });
        assert_eq!(web.anonymous().post("/api/v1/auth/reset", form).status, 204);
        t.clock.advance_seconds(7 * 86_400);
        web.work();
        let sent = server.taken().len();
        assert_eq!(sent, 2, "the mail that tells of the new password, and nothing again");
    }
}
