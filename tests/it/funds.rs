//! Funds and contributions, through the front door.

use crate::support::Harness;
use crate::support::desk::{threads, usd};
use almoner::funds;
use almoner::kernel::actor::Role;
use almoner::kernel::ids::FundId;
use almoner::platform::context::Ctx;
use almoner::platform::db::Conn;
use serde_json::json;
use std::sync::mpsc;
use std::time::Duration;

const NOBODY: &str = "019340aa-0000-7000-8000-000000000000";

both! {
    fn money_comes_in_and_the_sponsor_takes_a_share(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let bank = desk.bank("House bank", "USD");
        let made = desk.admin.post("/api/v1/funds", json!({
            "name": "Safety research", "currency": "USD", "restriction": "purpose",
            "purpose": "Research into safety", "fee_basis_points": 500, "bank_account_id": bank,
        }));
        let fund = made.id();
        assert_eq!(made.status, 201);
        assert_eq!(made.header("location"), Some(format!("/api/v1/funds/{fund}").as_str()));
        assert_eq!(made.etag(), "\"v1\"");
        assert_eq!(made.json()["balances"]["contributed"], usd("0.00"));

        let given = desk.finance.post(&format!("/api/v1/funds/{fund}/contributions"), json!({
            "funder_name": "محمد 👩🏽‍🔬 Foundation", "amount": usd("1000.10"),
            "received_on": "2026-10-31", "reference": "R-1",
        }));
        let given = given.ok();
        // 5 % of 1000.10 is 50.005: half goes up.
        assert_eq!(given["fee"], usd("50.01"));
        assert_eq!(given["amount"], usd("1000.10"));
        assert_ne!(given["fee_entry_id"], given["entry_id"], "the fee is an entry of its own");

        let balances = desk.balances(&format!("funds/{fund}"));
        assert_eq!(balances, json!({
            "contributed": "1000.10", "fees": "50.01", "charges": "0.00",
            "unallocated": "950.09", "allocated": "0.00", "available": "0.00",
            "reserved": "0.00", "committed": "0.00", "spent": "0.00",
        }));
        let list = desk.admin.get(&format!("/api/v1/funds/{fund}/contributions")).ok();
        assert_eq!(list["items"], json!([given]));
        assert_eq!(list["next"], json!(null));

        let path = format!("/api/v1/funds/{fund}/statement?limit=200");
        let statement = desk.admin.get(&path).ok();
        let lines = statement["lines"].as_array().expect("lines");
        let kinds: Vec<_> = lines.iter().map(|l| l["kind"].as_str().unwrap_or("")).collect();
        assert_eq!(kinds, [["contribution_received"; 4], ["sponsor_fee_charged"; 4]].concat());
        assert!(lines.iter().all(|l| l["on"] == "2026-10-31"), "on the day it was received");
        assert!(!statement.to_string().contains("Foundation"), "the giver is not named");
        let left = |code: &str| {
            let closing = statement["closing"].as_array().expect("sums");
            closing.iter().find(|b| b["code"] == code).map(|b| b["balance"].clone())
        };
        assert_eq!(left("8100"), Some(usd("950.09")));
        assert_eq!(left("8000"), left("8100"));
        let later = desk.admin.get(&format!("{path}&from=2026-11-01")).ok();
        assert_eq!((&later["lines"], &later["opening"]), (&json!([]), &statement["closing"]));
        desk.admin.get(&format!("{path}&from=2026-02-30")).refused(422, "invalid");
    }

    fn a_fund_without_a_fee_has_no_entry_for_it(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let free = desk.fund("Free");
        assert_eq!(desk.give(&free, "12.34").ok()["fee_entry_id"], json!(null));
        // A fee that rounds to nothing is none either.
        let tiny = desk.fund_with("Tiny", json!({ "fee_basis_points": 49 }));
        let given = desk.give(&tiny, "1.00").ok();
        assert_eq!((&given["fee"], &given["fee_entry_id"]), (&usd("0.00"), &json!(null)));
    }

    fn every_wrong_field_is_named_at_once(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let bad = json!({
            "name": " ", "currency": "XAU", "restriction": "time", "fee_basis_points": 5001,
            "bank_account_id": NOBODY,
        });
        desk.admin.post("/api/v1/funds", bad).wrong_fields(&[
            "/name", "/purpose", "/fee_basis_points", "/currency", "/bank_account_id",
        ]);
        desk.admin.post("/api/v1/bank-accounts", json!({ "name": "x\u{202e}y", "currency": "usd" }))
            .wrong_fields(&["/name", "/currency"]);
        let bank = desk.bank("Euros", "EUR");
        let mixed = json!({ "name": "F", "currency": "USD", "bank_account_id": bank });
        desk.admin.post("/api/v1/funds", mixed).wrong_fields(&["/currency"]);

        let path = format!("/api/v1/funds/{}/contributions", desk.fund("Good"));
        let form = json!({
            "amount": usd("-1.00"), "received_on": "2026-11-03", "reference": "x".repeat(141),
            "funder_id": NOBODY,
        });
        desk.finance.post(&path, form).wrong_fields(&[
            "/amount/amount", "/reference", "/received_on", "/funder_id",
        ]);
        assert_eq!(desk.admin.get(&path).ok()["items"], json!([]), "nothing was changed");
    }

    fn amounts_that_are_none_are_refused(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund("Good");
        let path = format!("/api/v1/funds/{fund}/contributions");
        for (amount, currency, pointer, code) in [
            ("-5.00", "USD", "/amount/amount", "negative"),
            ("0.00", "USD", "/amount/amount", "not_positive"),
            ("1.005", "USD", "/amount/amount", "precision"),
            ("1", "USD", "/amount/amount", "precision"),
            ("10000000000000.01", "USD", "/amount/amount", "too_large"),
            ("99999999999999999999999.00", "USD", "/amount/amount", "too_large"),
            ("1e3", "USD", "/amount/amount", "malformed"),
            ("NaN", "USD", "/amount/amount", "malformed"),
            ("5.00", "EUR", "/amount/currency", "currency_mismatch"),
            ("5.00", "usd", "/amount/currency", "unknown_currency"),
        ] {
            let money = json!({ "amount": amount, "currency": currency });
            let form = json!({ "funder_name": "F", "amount": money, "received_on": "2026-11-02" });
            let problem = desk.finance.post(&path, form).wrong_fields(&[pointer]);
            assert_eq!(problem["fields"][0]["code"], code, "{amount} {currency}");
        }
        for (form, pointer) in [
            (json!({ "funder_name": "F", "amount": usd("1.00") }), "/received_on"),
            (json!({ "funder_name": "F", "amount": 1.0, "received_on": "2026-11-02" }), "/amount"),
            (json!({ "funder_name": "F", "amount": usd("1.00"), "received_on": "2026-02-30" }),
                "/received_on"),
            (json!({ "funder_name": "F", "amount": usd("1.00"), "received_on": "2026-11-02",
                "fee": usd("0.00") }), "/fee"),
        ] {
            let problem = desk.finance.post(&path, form).refused(422, "invalid");
            assert_eq!(problem["fields"][0]["pointer"], pointer, "{problem}");
        }
        assert_eq!(desk.balances(&format!("funds/{fund}"))["contributed"], "0.00");
        // The largest amount that there is passes.
        desk.give(&fund, "10000000000000.00").ok();
    }

    fn ids_that_lead_nowhere(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        for path in ["", "/contributions", "/statement"] {
            desk.admin.get(&format!("/api/v1/funds/{NOBODY}{path}")).refused(404, "not_found");
            desk.admin.get(&format!("/api/v1/funds/none{path}")).refused(400, "malformed_request");
        }
        desk.give(NOBODY, "1.00").refused(404, "not_found");
        desk.admin.command(&format!("/api/v1/funds/{NOBODY}/close")).refused(404, "not_found");
        let nothing = json!({});
        desk.admin.patch(&format!("/api/v1/funds/{NOBODY}"), "\"v1\"", nothing)
            .refused(404, "not_found");
    }

    fn a_contribution_needs_a_key_and_is_recorded_once(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund("Once");
        let path = format!("/api/v1/funds/{fund}/contributions");
        let form =
            json!({ "funder_name": "F", "amount": usd("7.00"), "received_on": "2026-11-02" });
        let body = form.to_string().into_bytes();
        desk.finance.send("POST", &path, &[], Some(body)).refused(400, "malformed_request");
        let first = desk.finance.post_key(&path, "gift-1", form.clone());
        let again = desk.finance.post_key(&path, "gift-1", form.clone());
        assert_eq!((first.status, first.json()), (again.status, again.json()));
        let mut other = form;
        other["amount"] = usd("8.00");
        desk.finance.post_key(&path, "gift-1", other).refused(422, "key_reused");
        assert_eq!(desk.balances(&format!("funds/{fund}"))["contributed"], "7.00");
    }

    fn one_transfer_is_recorded_once_by_whatever_key(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund("Once");
        let give = |amount: &str, on: &str, reference: &str| {
            let form = json!({ "funder_name": "F", "amount": usd(amount), "received_on": on,
                "reference": reference });
            desk.finance.post(&format!("/api/v1/funds/{fund}/contributions"), form)
        };
        give("7.00", "2026-11-02", "ALM-1234-ABCD").ok();
        for same in ["ALM-1234-ABCD", " alm 1234 abcd"] {
            give("7.00", "2026-11-02", same).refused(409, "already_exists");
        }
        give("7.00", "2026-11-01", "ALM-1234-ABCD").ok();
        give("7.01", "2026-11-02", "ALM-1234-ABCD").ok();
        give("7.00", "2026-11-02", "ALM-1234-ABCD, the second").ok();
        // Without a reference nothing tells two of them apart, or makes them one.
        give("7.00", "2026-11-02", "").ok();
        give("7.00", "2026-11-02", "").ok();
        assert_eq!(desk.balances(&format!("funds/{fund}"))["contributed"], "42.01");
        let replies = threads(4, |_| give("9.00", "2026-11-02", "At once"));
        assert_eq!(replies.iter().filter(|r| r.status == 201).count(), 1);
        let report = desk.finance.get("/api/v1/ledger/check").ok();
        assert_eq!(report["holds"], true, "{report}");
    }

    fn a_fund_is_edited_by_version(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        desk.fund("Taken");
        let fund = desk.fund_with("Named", json!({ "restriction": "purpose", "purpose": "Art" }));
        let path = format!("/api/v1/funds/{fund}");
        let rename = json!({ "name": "Renamed", "purpose": "Arts", "fee_basis_points": 250 });
        let body = rename.to_string().into_bytes();
        desk.admin.send("PATCH", &path, &[], Some(body)).refused(428, "precondition_required");
        let edited = desk.admin.patch(&path, "\"v1\"", rename);
        assert_eq!(edited.etag(), "\"v2\"");
        let view = edited.ok();
        assert_eq!((&view["name"], &view["purpose"]), (&json!("Renamed"), &json!("Arts")));
        let stale = desk.admin.patch(&path, "\"v1\"", json!({ "name": "Late" }));
        let problem = stale.refused(412, "edited_meanwhile");
        assert!(problem["detail"].as_str().unwrap_or("").contains("Ada Admin"), "{problem}");
        desk.admin.patch(&path, "\"v2\"", json!({ "name": "Taken" }))
            .refused(409, "already_exists");
        desk.admin.patch(&path, "\"v2\"", json!({ "currency": "EUR" }))
            .wrong_fields(&["/currency"]);
        desk.admin.patch(&path, "\"v2\"", json!({ "name": "", "fee_basis_points": -1 }))
            .wrong_fields(&["/name", "/fee_basis_points"]);
        // What was given for one purpose is not put to another.
        desk.give(&fund, "5.00").ok();
        desk.admin.patch(&path, "\"v2\"", json!({ "purpose": "War" })).refused(409, "wrong_state");
        desk.admin.patch(&path, "\"v2\"", json!({ "purpose": "Arts" })).ok();
        assert_eq!(desk.admin.get(&path).etag(), "\"v3\"");
    }

    fn a_purpose_stays_while_money_comes_in_for_it(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let terms = json!({ "restriction": "purpose", "purpose": "Art" });
        let fund = desk.fund_with("Raced", terms);
        let path = format!("/api/v1/funds/{fund}");
        let id: FundId = fund.parse().expect("an id");
        let ctx = Ctx::system(web.env(), "test");
        let (held, told) = mpsc::channel();
        let db = &web.app.db;
        std::thread::scope(|scope| {
            let gives = move |conn: &mut Conn| {
                let form = json!({ "funder_name": "A giver", "amount": usd("5.00"),
                    "received_on": ctx.today() });
                let form = serde_json::from_value(form).expect("a contribution");
                funds::service::record_contribution(conn, &ctx, id, &form)?;
                held.send(()).expect("somebody waits");
                std::thread::sleep(Duration::from_millis(600));
                Ok(())
            };
            let given = scope.spawn(move || db.write_now("test.give", gives));
            told.recv().expect("it holds the fund");
            let reply = desk.admin.patch(&path, "\"v1\"", json!({ "purpose": "War" }));
            given.join().expect("no panic").expect("it commits");
            reply.refused(409, "wrong_state");
        });
        assert_eq!(desk.admin.get(&path).ok()["purpose"], "Art");
    }

    fn a_fund_closes_empty(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let holder = web.with_role("Rae", Role::Regrantor);
        let full = desk.fund("Full");
        desk.give(&full, "5.00").ok();
        let close = format!("/api/v1/funds/{full}/close");
        let problem = desk.admin.command(&close).refused(409, "wrong_state");
        assert!(problem["detail"].as_str().unwrap_or("").contains("5.00 USD"), "{problem}");
        let budget = desk.budget(&full, &holder);
        desk.allocate(&budget, "5.00").ok();
        desk.admin.command(&close).refused(409, "wrong_state");

        let empty = desk.fund("Empty");
        let closed = desk.admin.command(&format!("/api/v1/funds/{empty}/close"));
        assert_eq!((closed.ok()["status"].clone(), closed.etag()), (json!("closed"), "\"v2\""));
        desk.admin.command(&format!("/api/v1/funds/{empty}/close")).refused(409, "wrong_state");
        desk.give(&empty, "1.00").refused(409, "wrong_state");
        desk.admin.patch(&format!("/api/v1/funds/{empty}"), "\"v2\"", json!({ "name": "X" }))
            .refused(409, "wrong_state");
        let form = json!({ "fund_id": empty, "holder_id": holder.id(), "name": "Late" });
        desk.admin.post("/api/v1/budgets", form).refused(409, "wrong_state");
        let open = desk.admin.get("/api/v1/funds?status=open").ok();
        assert_eq!(open["items"].as_array().map(Vec::len), Some(1));
    }

    fn funders_see_what_they_gave_to(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let funder = web.with_role("Fay Funder", Role::Funder);
        let other = web.with_role("Odd Funder", Role::Funder);
        let (mine, theirs) = (desk.fund("Mine"), desk.fund("Theirs"));
        let path = format!("/api/v1/funds/{mine}/contributions");
        let form = |by: &str| {
            json!({ "funder_id": by, "amount": usd("3.00"), "received_on": "2026-11-01" })
        };
        let given = desk.finance.post(&path, form(&funder.id().to_string())).ok();
        assert_eq!(given["funder_name"], "Fay Funder");
        desk.give(&mine, "4.00").ok();
        let list = funder.get("/api/v1/funds").ok();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(list["items"][0]["id"], json!(mine));
        assert_eq!(funder.get(&path).ok()["items"], json!([given]), "not those of others");
        let view = funder.get(&format!("/api/v1/funds/{mine}")).ok();
        assert_eq!(view["balances"]["contributed"], usd("7.00"));
        funder.get(&format!("/api/v1/funds/{mine}/statement")).ok();
        hidden(&[&theirs], &funder);
        hidden(&[&mine, &theirs], &other);
        hidden(&[&mine], &web.person("Some Researcher"));
        hidden(&[&mine], &web.with_role("Rae", Role::Regrantor));
        // To be named as a funder takes the role.
        let person = web.person("No Funder").id().to_string();
        desk.finance.post(&path, form(&person)).wrong_fields(&["/funder_id"]);
    }

    fn who_may_do_what(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let auditor = web.with_role("Aud", Role::Auditor);
        let fund = desk.fund("Seen");
        auditor.get(&format!("/api/v1/funds/{fund}")).ok();
        auditor.get("/api/v1/bank-accounts").ok();
        let form = json!({ "name": "N", "currency": "USD" });
        for client in [&auditor, &desk.finance, &web.person("P")] {
            client.post("/api/v1/bank-accounts", form.clone()).refused(403, "forbidden");
            client.command(&format!("/api/v1/funds/{fund}/close")).refused(403, "forbidden");
        }
        // Who runs funds does not record what comes in.
        let gift =
            json!({ "funder_name": "F", "amount": usd("1.00"), "received_on": "2026-11-02" });
        desk.admin.post(&format!("/api/v1/funds/{fund}/contributions"), gift)
            .refused(403, "forbidden");
        web.anonymous().get("/api/v1/funds").refused(401, "unauthenticated");
        web.anonymous().get(&format!("/api/v1/funds/{fund}")).refused(401, "unauthenticated");
    }

    fn lists_go_on_where_they_stopped(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let funds: Vec<String> = (0..5).map(|n| desk.fund(&format!("Fund {n}"))).collect();
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = desk.admin.get(&format!("/api/v1/funds?limit=2{after}")).ok();
            for item in page["items"].as_array().expect("items") {
                found.push(item["id"].as_str().expect("an id").to_owned());
            }
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        found.reverse();
        assert_eq!(found, funds);
        desk.admin.get("/api/v1/funds?limit=0").wrong_fields(&["?limit"]);
        desk.admin.get("/api/v1/funds?after=%00").wrong_fields(&["?after"]);
        desk.admin.get("/api/v1/funds?offset=3").wrong_fields(&["?offset"]);
        desk.admin.get("/api/v1/funds?status=lost").refused(422, "invalid");
    }

    /// However closing and contributing fall together: a closed fund holds nothing.
    fn closing_and_giving_exclude_each_other(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        for round in 0..6 {
            let fund = desk.fund(&format!("Raced {round}"));
            let close = format!("/api/v1/funds/{fund}/close");
            let results = threads(2, |n| match n {
                0 => desk.admin.command(&close).status,
                _ => desk.give(&fund, "9.00").status,
            });
            let contributed = desk.balances(&format!("funds/{fund}"))["contributed"].clone();
            match (results[0], results[1]) {
                (200, 409) => assert_eq!(contributed, "0.00"),
                (409, 201) => assert_eq!(contributed, "9.00"),
                other => panic!("both, or none: {other:?}"),
            }
        }
    }
}

/// These funds answer to `client` exactly as one that does not exist.
fn hidden(funds: &[&str], client: &crate::support::web::Client) {
    for fund in funds {
        for path in ["", "/contributions", "/statement"] {
            let mut real = client.get(&format!("/api/v1/funds/{fund}{path}")).json();
            let mut none = client.get(&format!("/api/v1/funds/{NOBODY}{path}")).json();
            assert_eq!(real["status"], 404, "{real}");
            real["request_id"] = json!(null);
            none["request_id"] = json!(null);
            assert_eq!(real, none);
        }
    }
    let list = client.get("/api/v1/funds").ok();
    let listed = list["items"].as_array().expect("items");
    assert!(listed.iter().all(|f| funds.iter().all(|hidden| f["id"] != **hidden)));
}
