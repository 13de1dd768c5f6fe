//! Payees over HTTP: what is typed, who decides, the cooling period, and that no account number
//! is ever seen.

mod cooling;
mod decisions;
mod leaving;
pub mod secrets;

use crate::support::Harness;
use crate::support::web::{Client, Reply, Web};
use almoner::kernel::actor::{Actor, Role, Roles, Scopes};
use almoner::kernel::ids::PayeeId;
use almoner::kernel::money::Currency;
use almoner::payees;
use almoner::payees::model::{Account, Method, PayeeFacts, PayeeStatus};
use almoner::platform::context::Ctx;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::{Value, json};

const IBAN: &str = "DE89370400440532013000";
const OTHER_IBAN: &str = "GB29NWBK60161331926819";
const HOUR: i64 = 3600;

fn iban(iban: &str) -> Value {
    json!({ "method": "iban", "iban": iban })
}

fn form(account: Value, currency: &str) -> Value {
    json!({
        "name": "Ada Lovelace",
        "country": "de",
        "town": "Köln",
        "address": "Domkloster 4\n50667",
        "currency": currency,
        "account": account,
    })
}

fn at(id: &str, rest: &str) -> String {
    format!("/api/v1/payees/{id}{rest}")
}

/// A submitted payee of `owner`.
fn submitted(owner: &Client, account: Value, currency: &str) -> String {
    let id = owner.post("/api/v1/payees", form(account, currency)).id();
    owner.command(&at(&id, "/submit")).ok();
    id
}

fn verify(finance: &Client, id: &str) -> Reply {
    let version = finance.get(&at(id, "")).ok()["details_version"].clone();
    finance.post(&at(id, "/verify"), json!({ "details_version": version }))
}

fn verified(owner: &Client, finance: &Client, account: Value, currency: &str) -> String {
    let id = submitted(owner, account, currency);
    verify(finance, &id).ok();
    id
}

fn edit(owner: &Client, id: &str, change: Value) -> Reply {
    let etag = owner.get(&at(id, "")).etag().to_owned();
    owner.patch(&at(id, ""), &etag, change)
}

fn facts(web: &Web, id: &str) -> PayeeFacts {
    let id: PayeeId = id.parse().expect("an id");
    let found = web.app.db.read_now("test.facts", |conn| payees::service::facts(conn, id));
    found.expect("it reads").expect("it is there")
}

/// The code that stands in the way of paying it now.
fn usable(t: &Harness, web: &Web, id: &str) -> &'static str {
    let result = payees::rules::usable(&facts(web, id), t.clock.now());
    result.map_or_else(|p| p.kind().entry().code, |()| "ok")
}

/// As `client` acts when they are signed in, with these roles.
pub fn acting(web: &Web, client: &Client, roles: &[Role]) -> Ctx {
    let roles: Roles = roles.iter().copied().collect();
    let actor = Actor::Person { id: client.id(), roles, session: None, scopes: Scopes::All };
    web.system().acting(actor, "Somebody")
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

pub fn count(web: &Web, query: &str) -> i64 {
    let query = format!("SELECT CAST(({query}) AS BIGINT) AS n");
    let found = web.app.db.read_now("test.count", move |conn| {
        Ok(diesel::sql_query(query.as_str()).get_result::<Count>(conn)?.n)
    });
    found.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()))
}

pub fn execute(web: &Web, statement: &str) -> Result<usize, String> {
    let statement = statement.to_owned();
    let done = web.app.db.write_now("test.execute", move |conn| {
        Ok(diesel::sql_query(statement.as_str()).execute(conn)?)
    });
    done.map_err(|p| p.cause().map(ToString::to_string).unwrap_or_default())
}

both! {
    fn from_a_form_to_a_verified_payee(t: &Harness) {
        let web = t.serve();
        let (ada, finn) = (web.person("Ada"), web.with_role("Finn", Role::Finance));
        let mut unfinished = form(iban(" de89 3704 0044 0532 0130 00 "), "EUR");
        unfinished["town"] = json!("");
        unfinished["address"] = json!("");
        let made = ada.post("/api/v1/payees", unfinished);
        assert_eq!(made.status, 201, "{}", made.text());
        let id = made.id();
        assert_eq!(made.header("location"), Some(at(&id, "").as_str()));
        let view = made.json();
        assert_eq!(view["status"], "incomplete");
        assert_eq!(view["account"], "DE •••• 3000");
        assert_eq!(view["country"], "DE");
        assert_eq!(view["usable_from"], Value::Null);
        ada.command(&at(&id, "/submit")).wrong_fields(&["/town", "/address"]);
        edit(&ada, &id, json!({ "town": "Köln", "address": "Domkloster 4" })).ok();
        let handed_in = ada.command(&at(&id, "/submit")).ok();
        assert_eq!(handed_in["status"], "submitted");
        assert_eq!(handed_in["details_version"], 1);
        assert_eq!(usable(t, &web, &id), "wrong_state");
        t.clock.advance_seconds(HOUR);
        let done = verify(&finn, &id).ok();
        assert_eq!(done["status"], "verified");
        assert_eq!(done["usable_from"], "2026-11-02T10:00:00Z");
        assert_eq!(done["same_account"], 0);
        assert_eq!(usable(t, &web, &id), "ok");
        let facts = facts(&web, &id);
        assert_eq!((facts.status, facts.method), (PayeeStatus::Verified, Method::Iban));
        assert_eq!((facts.verified_by, facts.edited_by), (Some(finn.id()), ada.id()));
        for name in ["payee_submitted", "payee_verified"] {
            let told = format!("SELECT COUNT(*) FROM events WHERE name = '{name}'");
            assert_eq!(count(&web, &told), 1);
        }
    }

    fn bad_input_is_named_field_by_field(t: &Harness) {
        let web = t.serve();
        let ada = web.person("Ada");
        let refused = |change: &dyn Fn(&mut Value), pointers: &[&str]| {
            let mut body = form(iban(IBAN), "EUR");
            change(&mut body);
            let problem = ada.post("/api/v1/payees", body).wrong_fields(pointers);
            assert!(!problem.to_string().contains("37040044"), "{problem}");
        };
        refused(&|b| b["name"] = json!(" "), &["/name"]);
        refused(&|b| b["name"] = json!("x".repeat(141)), &["/name"]);
        refused(&|b| b["name"] = json!("a\u{202E}b"), &["/name"]);
        refused(&|b| b["country"] = json!("UK"), &["/country"]);
        refused(&|b| b["country"] = json!("Germany"), &["/country"]);
        refused(&|b| b["currency"] = json!("XAU"), &["/currency"]);
        refused(&|b| b["address"] = json!("x".repeat(301)), &["/address"]);
        refused(&|b| b["account"] = iban("DE89370400440532013001"), &["/account/iban"]);
        refused(&|b| b["account"] = iban("DE8937040044053201300"), &["/account/iban"]);
        refused(&|b| b["account"] = iban("ZZ89370400440532013000"), &["/account/iban"]);
        refused(&|b| b["account"]["bic"] = json!("NOPE"), &["/account/bic"]);
        refused(&|b| b["account"]["owner"] = json!("x"), &["/account"]);
        refused(&|b| b["account"] = json!(IBAN), &["/account"]);
        refused(&|b| b["account"] = json!(37_040_044), &["/account"]);
        refused(&|b| b["account"] = json!({ "method": IBAN }), &["/account/method"]);
        refused(&|b| b["account"] = json!({ "method": "external" }), &["/account/method"]);
        refused(&|b| b["account"] = json!({ "method": "iban" }), &["/account/iban"]);
        refused(&|b| b["account"] = json!({}), &["/account/method"]);
        refused(&|b| b["name"] = json!(37_040_044), &["/name"]);
        refused(&|b| b["status"] = json!("verified"), &["/status"]);
        refused(&|b| b["person_id"] = json!(ada.id()), &["/person_id"]);
        let us = |routing: &str, account: &str| {
            json!({ "method": "us_bank", "routing": routing, "account": account,
                "account_type": "checking" })
        };
        refused(&|b| b["account"] = us("021000021", "123456789"), &["/currency"]);
        refused(
            &|b| {
                b["currency"] = json!("USD");
                b["country"] = json!("??");
                b["account"] = us("021000022", "12");
            },
            &["/country", "/account/routing", "/account/account"],
        );
        ada.post("/api/v1/payees", form(us("021000021", "000-123456789"), "USD")).ok();
        let names = ["محمد بن راشد", "李小龍", "👩🏽‍🔬 Ada"];
        for name in names {
            let mut body = form(iban(IBAN), "EUR");
            body["name"] = json!(name);
            assert_eq!(ada.post("/api/v1/payees", body).ok()["name"], name);
        }
        assert_eq!(count(&web, "SELECT COUNT(*) FROM payees"), 4);
    }

    fn stale_and_empty_edits(t: &Harness) {
        let web = t.serve();
        let ada = web.person("Ada");
        let id = submitted(&ada, iban(IBAN), "EUR");
        let etag = ada.get(&at(&id, "")).etag().to_owned();
        let body = json!({ "town": "Bonn" }).to_string().into_bytes();
        ada.send("PATCH", &at(&id, ""), &[], Some(body)).refused(428, "precondition_required");
        let same = json!({ "town": "Köln", "name": "Ada Lovelace", "country": "DE" });
        let unchanged = ada.patch(&at(&id, ""), &etag, same);
        assert_eq!(unchanged.ok()["details_version"], 1);
        assert_eq!(unchanged.etag(), etag);
        ada.patch(&at(&id, ""), &etag, json!({ "town": "Bonn" })).ok();
        let late = ada.patch(&at(&id, ""), &etag, json!({ "town": "Ulm" }));
        let told = late.refused(412, "edited_meanwhile");
        assert!(told["detail"].as_str().expect("text").contains("Ada"));
        edit(&ada, &id, json!({ "town": "" })).wrong_fields(&["/town"]);
        edit(&ada, &id, json!({ "status": "verified" })).wrong_fields(&["/status"]);
        let us = json!({ "method": "us_bank", "routing": "021000021", "account": "12345678",
            "account_type": "savings" });
        edit(&ada, &id, json!({ "account": us })).wrong_fields(&["/currency"]);
        let changed = edit(&ada, &id, json!({ "account": us, "currency": "USD" })).ok();
        assert_eq!(changed["account"], "US •••• 5678");
        assert_eq!(changed["method"], "us_bank");
        edit(&ada, &id, json!({ "currency": "EUR" })).wrong_fields(&["/currency"]);
    }
}
