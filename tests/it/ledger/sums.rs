//! What is kept in two places and agrees no more is found, and named.

use super::{Room, about, broken, day, holds};
use crate::payees::execute;
use crate::support::desk::{Desk, usd};
use crate::support::payday::planned;
use crate::support::{Harness, Side};
use almoner::kernel::actor::Role;
use almoner::kernel::ids::EntryId;
use almoner::kernel::money::{Currency, Money};
use almoner::ledger::movements as m;
use almoner::ledger::service::{self, Expectations};
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};

/// What of invariant 4 is broken first, in words; nothing else is.
#[track_caller]
fn first_of_fourth(desk: &Desk<'_>) -> String {
    let report = desk.finance.get("/api/v1/ledger/check").ok();
    let findings = report["findings"].as_array().expect("findings");
    let bad: Vec<&Value> = findings.iter().filter(|f| f["holds"] == false).collect();
    assert_eq!((bad.len(), &bad[0]["invariant"]), (1, &json!(4)), "{report}");
    bad[0]["first"].as_str().unwrap_or_default().to_owned()
}

/// What banks did: a charge that stands and one that does not, and an exchange.
fn banked(desk: &Desk<'_>, fund: &str) {
    let finance = &desk.finance;
    desk.give(fund, "9.00").ok();
    let [dollars, euros] = ["USD", "EUR"].map(|currency| desk.bank(currency, currency));
    let charges = format!("/api/v1/funds/{fund}/charges");
    let [_, wrong] = ["A fee", "No fee"].map(|description| {
        let form = json!({ "bank_account_id": dollars, "amount": usd("2.00"),
            "charged_on": "2026-11-02", "description": description });
        finance.post(&charges, form).id()
    });
    let why = json!({ "reason": "typed twice" });
    finance.post(&format!("{charges}/{wrong}/undo"), why).ok();
    let end = |bank: &str, amount: Value| json!({ "bank_account_id": bank, "amount": amount });
    let five = json!({ "amount": "5.00", "currency": "EUR" });
    let form = json!({ "from": end(&dollars, usd("6.00")), "to": end(&euros, five),
        "moved_on": "2026-11-02", "description": "Exchanged" });
    finance.post("/api/v1/bank-transfers", form).ok();
}

both! {
    fn amounts_of_the_domains_that_do_not_agree(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00", "20.00"]);
        // A part that is gone again, one that is paid, and a gift that does not stand.
        payday.undo_release(&grant, 1).ok();
        payday.payment(&grant, 2, &["approve", "batch", "settle"]);
        let desk = &payday.field.desk;
        let fund = desk.fund("Wrong");
        let gift = desk.give(&fund, "7.00").id();
        let undo = format!("/api/v1/funds/{fund}/contributions/{gift}/undo");
        desk.finance.post(&undo, json!({ "reason": "typed twice" })).ok();
        banked(desk, &fund);
        payday.check();
        let look = || payday.fia.get("/api/v1/ledger/check").ok();
        let damage = |sql: &str| {
            let done = web.app.db.write_now("test.damage", |conn| Ok(conn.batch_execute(sql)?));
            done.unwrap_or_else(|p| panic!("{sql}: {p}: {:?}", p.cause()));
        };
        let of_grant = format!("grant {grant}");
        let cases: [(&str, &str, &[u8], &str); 9] = [
            ("tranche_parts", "amount", &[4, 8], "its parts do not sum to it"),
            ("grants", "amount_awarded", &[8], of_grant.as_str()),
            ("grant_sources", "amount", &[4, 8], "its sources do not sum to its award"),
            ("contributions", "amount", &[4], "contributions to fund"),
            ("contributions", "fee", &[4], "its entries say something else"),
            ("allocations", "amount", &[4], "its entry says something else"),
            ("bank_charges", "amount", &[4], "bank charges of fund"),
            ("bank_transfers", "from_amount", &[4], "its entry says something else"),
            ("bank_transfers", "to_amount", &[4], "its entry says something else"),
        ];
        for (table, column, numbers, words) in cases {
            damage(&format!("UPDATE {table} SET {column} = {column} + 1"));
            let report = look();
            let findings = report["findings"].as_array().expect("findings");
            let bad: Vec<&Value> = findings.iter().filter(|f| f["holds"] == false).collect();
            let broken: Vec<&Value> = bad.iter().map(|f| &f["invariant"]).collect();
            assert_eq!(json!(broken), json!(numbers), "{table}: {report}");
            let first = bad[bad.len() - 1]["first"].as_str().unwrap_or_default();
            assert!(first.contains(words), "{table}: {first}");
            damage(&format!("UPDATE {table} SET {column} = {column} - 1"));
            payday.check();
        }
        // Parts of what is planned again.
        let move_parts = |from: i32, to: i32| {
            let of = |n: i32| format!("(SELECT id FROM tranches WHERE sequence = {n})");
            damage(&format!(
                "UPDATE tranche_parts SET tranche_id = {} WHERE tranche_id = {}",
                of(to),
                of(from)
            ));
        };
        move_parts(2, 1);
        assert_eq!(look()["holds"], false);
        move_parts(1, 2);
        payday.check();
    }

    fn what_sums_to_the_same_and_is_not_what_was_posted(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let desk = &field.desk;
        let fund = desk.fund("Even");
        for amount in ["10.00", "20.00"] {
            desk.give(&fund, amount).ok();
        }
        let backers = [field.backer("100.00"), field.backer("100.00")];
        let sources = [(&backers[0], "10.00"), (&backers[1], "20.00")];
        let grant = field.active(&sources, planned(&[("30.00", "on_activation")]));
        let sound = || assert_eq!(desk.finance.get("/api/v1/ledger/check").ok()["holds"], true);
        sound();
        // Released, taken back, and released once more.
        for act in ["undo-release", "release"] {
            desk.finance.command(&format!("/api/v1/grants/{grant}/tranches/1/{act}")).ok();
            sound();
        }
        let swap = "amount = 3000 - amount";
        for (table, wrong, right, rows, words) in [
            ("contributions", swap, swap, 2, "contribution "),
            ("grant_sources", swap, swap, 2, "what its budgets gave is not"),
            ("tranche_parts", swap, swap, 2, "what its budgets pay is not"),
            ("allocations", "kind = 'recalled'", "kind = 'allocated'", 2, "allocation "),
        ] {
            let small = if table == "allocations" { "" } else { "WHERE amount < 3000" };
            let change = |to: &str| execute(&web, &format!("UPDATE {table} SET {to} {small}"));
            assert_eq!(change(wrong), Ok(rows), "{table}");
            let first = first_of_fourth(desk);
            assert!(first.contains(words), "{table}: {first}");
            assert_eq!(change(right), Ok(rows), "{table}");
            sound();
        }
        field.sound();
    }

    fn entries_without_what_they_came_from(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let fund = desk.fund_with("Lost", json!({ "fee_basis_points": 1000 }));
        banked(&desk, &fund);
        let budget = desk.budget(&fund, &web.with_role("Reg Rantor", Role::Regrantor));
        desk.allocate(&budget, "1.00").ok();
        // By another id the row is not the one that its entries name.
        let lit = |id: &str| match t.side {
            Side::Sqlite => format!("x'{}'", id.replace('-', "")),
            Side::Postgres => format!("'{id}'"),
        };
        let other = lit("019340aa-0000-7000-8000-000000000000");
        for (table, list) in [
            ("contributions", format!("/api/v1/funds/{fund}/contributions")),
            ("allocations", format!("/api/v1/budgets/{budget}/allocations")),
            ("bank_charges", format!("/api/v1/funds/{fund}/charges")),
            ("bank_transfers", "/api/v1/bank-transfers".to_owned()),
        ] {
            let rows = desk.finance.get(&list).ok();
            let id = lit(rows["items"][0]["id"].as_str().expect("an id"));
            let name = |from: &str, to: &str| {
                execute(&web, &format!("UPDATE {table} SET id = {to} WHERE id = {from}"))
            };
            assert_eq!(name(&id, &other), Ok(1), "{table}");
            let first = first_of_fourth(&desk);
            let says = first.starts_with("entry ") && first.contains("came from is not there");
            assert!(says, "{table}: {first}");
            assert_eq!(name(&other, &id), Ok(1), "{table}");
            assert_eq!(desk.finance.get("/api/v1/ledger/check").ok()["holds"], true, "{table}");
        }
    }

    fn what_is_offered_on_an_application_and_is_not_what_its_offers_are(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer_with("100.00", json!({ "approval_threshold": usd("10.00") }));
        let application = field.application("5.00", "90.00");
        // One that stands, one that waits, and one that was taken back.
        backer.offer(&application, "8.00").ok();
        backer.offer(&application, "20.00").ok();
        let back = backer.offer(&application, "1.00").id();
        backer.who.command(&format!("/api/v1/offers/{back}/withdraw")).ok();
        let change = |what: &str| execute(&web, &format!("UPDATE applications SET {what}"));
        let look = || field.desk.finance.get("/api/v1/ledger/check").ok();
        for (wrong, right) in [
            ("promised = promised - 1", "promised = promised + 1"),
            ("promised = promised + 1", "promised = promised - 1"),
            ("offered = offered + 1", "offered = offered - 1"),
        ] {
            assert_eq!(look()["holds"], true);
            assert_eq!(change(wrong), Ok(1));
            let report = look();
            let findings = report["findings"].as_array().expect("findings");
            let bad: Vec<&Value> = findings.iter().filter(|f| f["holds"] == false).collect();
            assert_eq!((bad.len(), &bad[0]["invariant"]), (1, &json!(8)), "{report}");
            let first = bad[0]["first"].as_str().unwrap_or_default();
            assert!(first.contains(&application) && first.contains("promised"), "{first}");
            assert_eq!(change(right), Ok(1));
        }
        field.sound();
    }

    fn a_reversal_that_is_none(t: &Harness) {
        let room = Room::new(t);
        let ten = Money::new(1000, Currency::parse("USD").expect("known"));
        let about = about(day("2026-01-01"), "given");
        let old = room.post(m::contribution_received(room.id(), room.id(), ten, &about));
        let forged: EntryId = room.id();
        let (id, of) = (room.lit(forged.uuid()), room.lit(old.uuid()));
        // It says that it takes a contribution back, and gives it once more.
        let line = |n: i32| {
            let posting: EntryId = room.id();
            format!(
                "INSERT INTO ledger_postings SELECT {}, {id}, line, account_id, code, side, \
                 amount, currency, effective_on, fund_id, budget_id, grant_id \
                 FROM ledger_postings WHERE entry_id = {of} AND line = {n};",
                room.lit(posting.uuid())
            )
        };
        let sql = format!(
            "INSERT INTO ledger_entries SELECT {id}, 'reversal', effective_on, recorded_at, memo, \
             source_kind, source_id, person_id, {of} FROM ledger_entries WHERE id = {of}; \
             INSERT INTO ledger_unsealed VALUES ({id}); \
             UPDATE ledger_accounts SET balance = balance + 1000 WHERE code = '8100'; {}",
            (1..=4).map(line).collect::<String>()
        );
        let report = room.undone(|conn| {
            conn.batch_execute(&sql)?;
            service::check(conn, Expectations::default(), None)
        });
        assert_eq!(broken(&report), [7], "{:#?}", report.findings);
        assert_eq!(report.findings[6].entry_id, Some(forged));
        room.write(|conn| service::reverse(conn, &room.ctx, old, "typed wrong"));
        holds(&room.check(Expectations::default));
    }
}
