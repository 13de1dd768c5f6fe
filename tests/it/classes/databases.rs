//! Where the two databases differ, or each has its own trap.

use super::money::announced;
use crate::payees::count;
use crate::support::desk::{threads, usd};
use crate::support::web::{Client, Reply, new_key};
use crate::support::{Harness, Side};
use almoner::kernel::actor::Role;
use almoner::kernel::ids::Id;
use almoner::kernel::money::{Currency, Money};
use almoner::ledger;
use almoner::ledger::movements::{self, About};
use almoner::platform::db::Conn;
use almoner::web::routes::{self, Operation};
use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};
use std::sync::Barrier;

const NOBODY: &str = "01a19b7c-a680-7035-80a7-6d853561f4e6";

/// The address of an operation, about nothing that is there.
fn address(operation: &Operation) -> String {
    let part = |part: &str| match part {
        "{kind}" => "tax_form".to_owned(),
        "{number}" | "{sequence}" => "1".to_owned(),
        part if part.starts_with('{') => NOBODY.to_owned(),
        part => part.to_owned(),
    };
    operation.path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Whether the operation has parameters behind the `?`.
fn asks(operation: &Operation) -> bool {
    let text = almoner::web::openapi().to_json().expect("it serialises");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let parameters = document["paths"][&operation.path]["get"]["parameters"].as_array().cloned();
    parameters.unwrap_or_default().iter().any(|p| p["in"] == "query")
}

fn send(who: &Client, method: &str, path: &str, body: &str) -> Reply {
    let key = new_key();
    let headers = [("Idempotency-Key", key.as_str()), ("If-Match", "\"v1\"")];
    who.send(method, path, &headers, Some(body.as_bytes().to_vec()))
}

fn names(reply: &Reply, field: &str) -> Vec<String> {
    let reply = reply.ok();
    let items = reply["items"].as_array().expect("items").iter();
    items.map(|item| item[field].as_str().expect("text").to_owned()).collect()
}

/// The whole of a list, in pages of this many.
fn paged(who: &Client, path: &str, limit: usize, field: &str) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = who.get(&format!("{path}?limit={limit}{after}"));
        all.extend(names(&page, field));
        match page.json()["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

both! {
    fn nul_in_text(t: &Harness) {
        let mut config = t.config();
        config.publishing.how_to_pay = "To the account.".into();
        let web = t.serve_with(config);
        let application = announced(&web, &mut web.field());
        let all = web.with_roles("Alma", &Role::ALL);
        // Shows the second factor, so that nothing below asks for it.
        all.post("/api/v1/payees", json!({})).refused(422, "invalid");
        let (mut bodies, mut queries) = (0, 0);
        for operation in routes::operations(&almoner::web::openapi()) {
            let path = match operation.id.as_str() {
                // What is not there answers so before its body is read.
                "announce_contribution" => operation.path.replace("{id}", &application),
                _ => address(&operation),
            };
            if operation.method == "GET" {
                let reply = all.get(&format!("{path}?limit=a%00b"));
                let reads = asks(&operation);
                let fits = [404, 422].contains(&reply.status) || !reads;
                assert!(fits, "{path}: {}", reply.text());
                queries += usize::from(reply.status == 422);
                continue;
            }
            // A file's bytes are no text.
            if operation.method == "DELETE" || path.ends_with("/attachments") {
                continue;
            }
            // Whatever the operation takes: a field that holds it is named, and none is kept.
            let body = r#"{"deep":[{"a":"x"},{"~b/c":"y\u0000z"}],"title":"\u0000",
                "ok":"\\u0000"}"#;
            let reply = send(&all, operation.method, &path, body);
            // A protocol of others has an envelope of its own.
            if path.starts_with("/common-grants/") {
                let told = reply.json();
                let named = |n: usize| told["errors"][n]["field"].clone();
                assert_eq!((reply.status, named(0), named(1)),
                    (422, json!("/deep/1/~0b~1c"), json!("/title")), "{path}: {told}");
                bodies += 1;
                continue;
            }
            let told = reply.wrong_fields(&["/deep/1/~0b~1c", "/title"]);
            assert_eq!(told["fields"][0]["code"], "malformed", "{path}");
            bodies += 1;
        }
        assert!(bodies > 60 && queries > 20, "{bodies} bodies, {queries} queries");
        let named = send(&all, "POST", "/api/v1/calls", r#"{"ti\u0000tle":"x"}"#);
        named.wrong_fields(&["/title"]);
        for path in ["/api/v1/people?q=a%00", "/api/v1/audit?object_kind=%00&object_id=1"] {
            let name = path.split(['?', '=']).nth(1).expect("a name");
            all.get(path).wrong_fields(&[&format!("?{name}")]);
        }
        // In the clear it is no JSON at all.
        let raw = send(&all, "POST", "/api/v1/calls", "{\"title\":\"a\0b\"}");
        raw.refused(400, "malformed_request");
        let odd = all.get("/api/v1/people/%00");
        assert!([400, 404].contains(&odd.status), "{}", odd.text());
    }

    fn the_case_of_like(t: &Harness) {
        let web = t.serve();
        let admin = web.with_role("Root", Role::Admin);
        for name in ["Zoë Ångström", "ZOE ANGSTROM", "zoe angstrom", "Straße", "100%_x", "100 x"] {
            let who = web.person("Plain");
            let etag = who.get("/api/v1/me").etag().to_owned();
            who.patch("/api/v1/me", &etag, json!({ "name": name })).ok();
        }
        let found = |q: &str| names(&admin.get(&format!("/api/v1/people?q={q}")), "name");
        let three = ["zoe angstrom", "ZOE ANGSTROM", "Zoë Ångström"];
        for q in ["zoe", "ZOE", "Zo%C3%AB", "zo%C3%AB", "%C3%85NGSTR%C3%96M", "a%CC%8Angstro"] {
            assert_eq!(found(q), three, "{q}");
        }
        for q in ["%25_", "0%25_X", "%25_x"] {
            assert_eq!(found(q), ["100%_x"], "{q}");
        }
        assert_eq!(found("%25"), ["100%_x"]);
        assert_eq!(found("stra%C3%9Fe"), ["Straße"]);
        assert_eq!(found("z_e"), Vec::<String>::new());
        assert_eq!(found("%5C"), Vec::<String>::new());
    }

    fn unique_with_null(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        // Several who are asked and nobody yet: as many as there are addresses.
        let form = json!({ "call_id": field.call, "title": "Many" });
        let id = rea.post("/api/v1/applications", form).id();
        let path = format!("/api/v1/applications/{id}/members");
        let invite = |email: &str| rea.post(&path, json!({ "email": email, "name": "M" }));
        let [one, two] = [&*mo.email, "mo@work.example"].map(|email| invite(email).id());
        invite("third@work.example").ok();
        invite(&mo.email).refused(409, "already_exists");
        // One person is on it once, by whichever address, also at the same moment.
        web.work();
        let folder = web.env().config.mail_folder();
        let mut token = String::new();
        for file in std::fs::read_dir(folder).expect("mails") {
            let bytes = std::fs::read(file.expect("a file").path()).expect("a mail");
            let mail = mail_parser::MessageParser::default().parse(&bytes).expect("a mail");
            let text = mail.body_text(0).expect("text").into_owned();
            if let Some((_, rest)) = text.split_once(&format!("{two}#token=")) {
                rest.split_whitespace().next().expect("a token").clone_into(&mut token);
            }
        }
        let accepted = threads(4, |n| {
            let (member, form) = if n % 2 == 0 { (&one, json!({})) } else {
                (&two, json!({ "token": token }))
            };
            mo.post(&format!("{path}/{member}/accept"), form).status
        });
        assert_eq!(accepted.iter().filter(|s| **s == 200).count(), 1, "{accepted:?}");
        // An account of the ledger is there once, though most of its dimensions are empty.
        let fund = field.desk.fund("New");
        let given = threads(6, |_| field.desk.give(&fund, "1.00").status);
        assert!(given.iter().all(|s| *s == 201), "{given:?}");
        let twice = "SELECT COUNT(*) FROM (SELECT code FROM ledger_accounts GROUP BY code, \
            currency, fund_id, budget_id, grant_id, bank_account_id HAVING COUNT(*) > 1) AS twice";
        assert_eq!(count(&web, twice), 0);
        // Jobs without a key, and entries that reverse nothing, are as many as they are.
        assert!(count(&web, "SELECT COUNT(*) FROM jobs WHERE dedupe IS NULL") > 1);
        assert!(count(&web, "SELECT COUNT(*) FROM ledger_entries WHERE reverses_id IS NULL") > 1);
    }

    fn bind_limits(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let all = web.with_roles("Alma", &Role::ALL);
        let bank = field.desk.bank("Big", "USD");
        let ids = |n: usize| -> Vec<String> {
            (0..n).map(|i| format!("01a19b7c-a680-7035-80a7-{i:012}")).collect()
        };
        // SQLite binds 32,766 values, PostgreSQL 65,535.
        for (many, wants) in [(501, 422), (20_000, 422), (24_000, 422), (70_000, 413)] {
            let form = json!({ "bank_account_id": bank, "disbursement_ids": ids(many) });
            assert_eq!(all.post("/api/v1/payment-batches", form).status, wants, "{many}");
            let form = json!({ "title": "T", "kind": "rolling", "fund_ids": ids(many) });
            assert_eq!(all.post("/api/v1/calls", form).status, wants, "{many}");
        }
        let form = json!({ "bank_account_id": bank, "disbursement_ids": ids(500) });
        all.post("/api/v1/payment-batches", form).wrong_fields(&["/disbursement_ids/0"]);
        let many: Vec<Value> = (0..5_000).map(|n| json!(format!("agenda {n}"))).collect();
        let reg = web.with_role("Reg", Role::Regrantor);
        let fund = field.desk.fund("F");
        let form = json!({ "fund_id": fund, "holder_id": reg.id(), "name": "B", "agendas": many });
        assert_eq!(all.post("/api/v1/budgets", form).status, 422);
        let line = json!({ "label": "x", "amount": usd("1.00") });
        let form =
            json!({ "call_id": field.call, "title": "T", "budget_lines": vec![line; 9_000] });
        assert_eq!(all.post("/api/v1/applications", form).status, 422);
        let part = json!({ "amount": usd("1.00"), "release_condition": "on_report" });
        let application = field.application("1.00", "10.00");
        field.backer("10.00").offer(&application, "9.00").ok();
        let plan = json!({ "tranches": vec![part; 9_000] });
        assert_eq!(field.award(&application, plan).status, 422);
        // The largest page that can be asked for, of more than it holds.
        let made = web.app.db.write_now("test.people", |conn| {
            let ctx = web.system();
            (0..230).try_for_each(|n| {
                let email = format!("p{n}@example.org");
                let none = almoner::kernel::actor::Roles::default();
                let service = almoner::people::service::ensure(conn, &ctx, &email, "P", None, none);
                service.map(drop)
            })
        });
        made.expect("made");
        let page = all.get("/api/v1/people?limit=200");
        assert_eq!(names(&page, "id").len(), 200);
        assert!(paged(&all, "/api/v1/people", 200, "id").len() > 230);
    }

    fn busy_snapshots_and_serialization_failures(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (one, two) = (field.backer("1000.00"), field.backer("1000.00"));
        let open: Vec<String> = (0..4).map(|_| field.application("1.00", "10000.00")).collect();
        // Another process holds the database's only writer, or a row, for a while.
        let other = t.open_again(2);
        let id = open[0].parse().expect("an id");
        let statuses = std::thread::scope(|scope| {
            scope.spawn(|| other.write_now("test.holds", |conn| {
                almoner::applications::service::lock(conn, id)?;
                std::thread::sleep(std::time::Duration::from_millis(700));
                Ok(())
            }));
            threads(12, |n| {
                let backer = if n % 2 == 0 { &one } else { &two };
                let mut seen = Vec::new();
                for round in 0..4 {
                    seen.push(backer.offer(&open[(n + round) % 4], "1.00").status);
                    let path = format!("/api/v1/applications/{}", open[n % 4]);
                    seen.push(backer.who.get(&path).status);
                    seen.push(field.desk.admin.get("/api/v1/ledger/trial-balance").status);
                }
                seen
            })
        });
        let bad: Vec<u16> = statuses.iter().flatten().copied().filter(|s| *s >= 400).collect();
        assert_eq!(bad, [0_u16; 0], "whoever waits is served, and none is told of the database");
        let left = [&one, &two].map(|backer| field.available(backer));
        assert_eq!(left, ["976.00", "976.00"]);
        field.sound();
    }

    fn collation_in_keyset_order(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let names = ["a", "Z", "ä", "É", "z", "A", "é", "_", "Ω", "1", "中", "~", "Å", "aa", "a b"];
        for name in names {
            desk.fund(&format!("{name} fund"));
            let call = json!({ "title": name, "kind": "rolling" });
            desk.admin.post("/api/v1/calls", call).ok();
        }
        let newest_first: Vec<String> = names.iter().rev().map(|&n| n.to_owned()).collect();
        for limit in [1, 2, 4, 200] {
            let calls = paged(&desk.admin, "/api/v1/calls", limit, "title");
            assert_eq!(calls, newest_first, "pages of {limit}");
            let funds = paged(&desk.admin, "/api/v1/funds", limit, "name");
            let wanted: Vec<String> = newest_first.iter().map(|n| format!("{n} fund")).collect();
            assert_eq!(funds, wanted, "pages of {limit}");
        }
        // Names are the same only when they are: one spelling of letters, each its own case.
        let bank = desk.bank("One", "USD");
        let again = |name: &str| {
            let form = json!({ "name": name, "currency": "USD", "bank_account_id": bank });
            desk.admin.post("/api/v1/funds", form).status
        };
        assert_eq!([again("ä fund"), again("a\u{308} fund"), again("Ä fund")], [409, 409, 201]);
    }

    fn integer_sum(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let usd = Currency::parse("USD").expect("known");
        let ctx = web.system();
        // Three funds with all that a number holds: together more than one holds.
        for n in 0..3 {
            let fund = desk.fund(&format!("Whale {n}"));
            let view = desk.admin.get(&format!("/api/v1/funds/{fund}")).ok();
            let [fund, bank] = [&json!(fund), &view["bank_account_id"]]
                .map(|id| id.as_str().expect("an id").parse::<uuid::Uuid>().expect("an id"));
            let (on, memo) = (ctx.today(), "all of it".into());
            let about = About { on, memo, source: ("test", fund) };
            let all = Money::new(i64::MAX, usd);
            let (fund, bank) = (Id::from_uuid(fund), Id::from_uuid(bank));
            let movement = movements::contribution_received(fund, bank, all, &about);
            let movement = movement.expect("sound");
            let post = |conn: &mut Conn| ledger::service::post(conn, &ctx, &movement);
            web.app.db.write_now("test.post", post).expect("posted");
        }
        let trial = desk.finance.get("/api/v1/ledger/trial-balance").ok();
        let line = |code: &str| {
            let lines = trial["lines"].as_array().expect("lines").iter();
            let found = lines.filter(|l| l["code"] == code).map(|l| l.to_string());
            found.collect::<String>()
        };
        let all = "276701161105643274.21";
        assert!(line("4000").contains(all) && line("8100").contains(all), "{trial}");
        assert_eq!(desk.finance.get("/api/v1/ledger/check").ok()["holds"], true);
        assert_eq!(desk.finance.get("/api/v1/funds").status, 200);
        let csv = desk.finance.get("/api/v1/ledger/export?format=csv");
        assert_eq!(csv.text().matches("92233720368547758.07").count(), 6, "{}", csv.text());
        // One more cent in one of them is refused, not wrapped around.
        let fund = desk.admin.get("/api/v1/funds?limit=1").ok()["items"][0]["id"].clone();
        desk.give(fund.as_str().expect("an id"), "0.01").refused(409, "limit_reached");
    }

    fn foreign_keys_per_connection(t: &Harness) {
        let web = t.serve();
        let db = t.open_again(4);
        let id = |text: &str| match t.side {
            Side::Sqlite => format!("x'{}'", text.replace('-', "")),
            Side::Postgres => format!("'{text}'::uuid"),
        };
        let zero = if t.side == Side::Sqlite { "0" } else { "now()" };
        let orphan = format!(
            "INSERT INTO conflicts (id, application_id, person_id, reason, declared_at) \
             VALUES ({0}, {0}, {0}, 'x', {zero})", id(NOBODY));
        // On PostgreSQL all of them write, and each is asked at the same time as the others.
        let refused = threads(4, |_| {
            db.write_now("test.orphan", |conn| Ok(conn.batch_execute(&orphan)?)).is_err()
        });
        assert_eq!(refused, [true; 4]);
        if t.side == Side::Sqlite {
            let together = Barrier::new(4);
            let on = threads(4, |_| db.read_now("test.pragma", |conn| {
                together.wait();
                #[derive(diesel::QueryableByName)]
                struct On {
                    #[diesel(sql_type = diesel::sql_types::Integer)]
                    foreign_keys: i32,
                }
                let asked = diesel::sql_query("SELECT foreign_keys FROM pragma_foreign_keys");
                Ok(asked.get_result::<On>(conn)?.foreign_keys)
            }).expect("a connection"));
            assert_eq!(on, [1; 4], "on each connection of the pool");
        }
        assert_eq!(count(&web, "SELECT COUNT(*) FROM conflicts"), 0);
        // Through the front door it is a wrong field, and never the database's word.
        let desk = web.desk();
        let form = json!({ "name": "F", "currency": "USD", "bank_account_id": NOBODY });
        desk.admin.post("/api/v1/funds", form).wrong_fields(&["/bank_account_id"]);
        let fund = desk.fund("Real");
        let form = json!({ "fund_id": fund, "holder_id": NOBODY, "name": "B" });
        desk.admin.post("/api/v1/budgets", form).wrong_fields(&["/holder_id"]);
    }
}
