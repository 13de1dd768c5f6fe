//! Account numbers: where they open, and that they are nowhere else.

use super::*;
use crate::support::Side;
use diesel::sql_types::Text;
use std::io::Write;
use std::path::Path;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::prelude::*;

/// Accounts that no other test uses, as they are typed and as they are kept.
const CANARY_IBAN: &str = "GB33BUKB20201555555555";
const CANARY_TYPED: &str = "gb33 bukb 2020 1555 5555 55";
pub const CANARY_NUMBER: &str = "98765012340077";
const CANARY_TYPED_NUMBER: &str = "9876-5012-3400-77";

/// What may be nowhere. The first one is the part that all spellings without gaps share.
const CANARIES: [&str; 4] = ["20201555555555", CANARY_TYPED, CANARY_NUMBER, CANARY_TYPED_NUMBER];

pub fn sings(bytes: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    CANARIES.into_iter().find(|canary| text.contains(*canary))
}

/// How many tests want log lines looked at, whether there were any, and whether one held a canary.
static LISTENING: AtomicU32 = AtomicU32::new(0);
static HEARD: AtomicBool = AtomicBool::new(false);
static LINES: AtomicBool = AtomicBool::new(false);

struct Ear;
impl Write for Ear {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        LINES.store(true, Ordering::SeqCst);
        if sings(line).is_some() {
            HEARD.store(true, Ordering::SeqCst);
        }
        Ok(line.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Listens to all that is logged by whatever thread, from the finest level on.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let on = dynamic_filter_fn(|_, _| LISTENING.load(Ordering::SeqCst) > 0);
        let layer = tracing_subscriber::fmt::layer().json().with_writer(|| Ear).with_filter(on);
        let set = tracing_subscriber::registry().with(layer).try_init();
        set.expect("no other test listens to the log");
    });
    LISTENING.fetch_add(1, Ordering::SeqCst);
}

/// Ends it: something was logged, and no line held a canary.
pub fn nothing_was_said() {
    LISTENING.fetch_sub(1, Ordering::SeqCst);
    assert!(LINES.load(Ordering::SeqCst), "something was logged");
    assert!(!HEARD.load(Ordering::SeqCst), "a log line holds an account");
}

/// Looks into every file of a folder.
fn search_files(folder: &Path, needles: &dyn Fn(&[u8]) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(search_files(&path, needles));
        } else if needles(&std::fs::read(&path).expect("readable")) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Looks into every column of every table of PostgreSQL, also those of bytes.
fn search_tables(web: &Web, needle: &str) -> Vec<String> {
    let hex: String = needle.bytes().map(|b| format!("{b:02x}")).collect();
    let tables = web.app.db.read_now("test.tables", |conn| {
        let all = "SELECT CAST(table_name AS text) AS name FROM information_schema.tables
            WHERE table_schema = current_schema()";
        Ok(diesel::sql_query(all).load::<Name>(conn)?)
    });
    let mut names: Vec<String> = tables.expect("tables").into_iter().map(|t| t.name).collect();
    assert!(names.len() > 30, "{names:?}");
    names.retain(|table| {
        let holds = |needle: &str| format!("position('{needle}' in lower(CAST(x AS text))) > 0");
        let query = format!(
            "SELECT COUNT(*) FROM \"{table}\" x WHERE {} OR {}",
            holds(&needle.to_lowercase()),
            holds(&hex)
        );
        count(web, &query) > 0
    });
    names
}

/// Neither in a file (the database of SQLite with its journal, mails, keys) nor in a table.
pub fn nothing_is_kept(t: &Harness, web: &Web) {
    assert_eq!(search_files(t.dir(), &|b| sings(b).is_some()), [""; 0]);
    let mails = search_files(&t.dir().join("mail"), &|b| !b.is_empty());
    assert!(mails.len() >= 4, "{mails:?}");
    // What is there is found, so that the search itself is known to work.
    let known = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("Domkloster");
    match t.side {
        Side::Sqlite => assert!(!search_files(t.dir(), &known).is_empty()),
        Side::Postgres => {
            for canary in CANARIES {
                assert_eq!(search_tables(web, canary), [""; 0]);
            }
            let found = search_tables(web, "Domkloster");
            assert!(found.contains(&"payees".to_owned()), "{found:?}");
        }
    }
}

both! {
    fn no_account_number_is_ever_seen(t: &Harness) {
        listen();
        let web = t.serve();
        let (ada, finn) = (web.person("Ada"), web.with_role("Finn", Role::Finance));
        let admin = web.with_role("Root", Role::Admin);
        let mut replies = Vec::new();
        let us = json!({ "method": "us_bank", "routing": "021000021",
            "account": CANARY_TYPED_NUMBER, "account_type": "checking" });
        let first = ada.post("/api/v1/payees", form(iban(CANARY_TYPED), "GBP"));
        let second = ada.post("/api/v1/payees", form(us, "USD"));
        let (one, two) = (first.id(), second.id());
        replies.extend([first, second]);
        // In the wrong place it does not come back either.
        for account in [
            json!(CANARY_IBAN),
            json!({ "method": CANARY_IBAN }),
            json!({ "method": "iban", "iban": format!("{CANARY_IBAN}0") }),
            json!({ "method": "iban", "iban": OTHER_IBAN, "bic": CANARY_IBAN }),
            json!({ "method": "us_bank", "routing": CANARY_NUMBER, "account": CANARY_IBAN,
                "account_type": CANARY_IBAN }),
        ] {
            replies.push(ada.post("/api/v1/payees", form(account, "USD")));
        }
        replies.push(ada.post("/api/v1/payees", json!(CANARY_IBAN)));
        for id in [&one, &two] {
            replies.push(ada.command(&at(id, "/submit")));
            replies.push(verify(&finn, id));
            let account = json!({ "method": "iban", "iban": CANARY_IBAN, "bic": "BUKBGB22" });
            replies.push(edit(&ada, id, json!({ "account": account, "currency": "GBP" })));
            replies.push(verify(&finn, id));
            replies.push(finn.post(&at(id, "/reject"), json!({ "reason": "who is it?" })));
            let payee: PayeeId = id.parse().expect("an id");
            let opened = web.app.db.write_now("test.open", |conn| {
                let finance = acting(&web, &finn, &[Role::Finance]);
                payees::service::open_details(conn, &finance, payee)
            });
            assert_eq!(opened.expect("finance").columns()[0], CANARY_IBAN);
        }
        web.work();
        for (who, path) in [
            (&ada, "/api/v1/payees"),
            (&finn, "/api/v1/payees"),
            (&admin, "/api/v1/payees"),
            (&admin, "/api/v1/audit?limit=200"),
            (&admin, "/api/v1/jobs/dead"),
            (&ada, "/api/v1/me"),
        ] {
            let reply = who.get(path);
            reply.ok();
            replies.push(reply);
        }
        for reply in &replies {
            assert!(reply.status < 500, "{}", reply.text());
            assert_eq!(sings(&reply.bytes), None, "{}", reply.text());
        }
        assert!(replies.iter().any(|r| r.text().contains("•••• 0077")));
        nothing_was_said();
        nothing_is_kept(t, &web);
    }

    fn details_open_for_the_payment_file_only(t: &Harness) {
        let web = t.serve();
        let (ada, finn) = (web.person("Ada"), web.with_role("Finn", Role::Finance));
        let mut account = iban(IBAN);
        account["bic"] = json!("cobadeffxxx");
        let id = verified(&ada, &finn, account, "EUR");
        let payee: PayeeId = id.parse().expect("an id");
        let open = |ctx: &Ctx| {
            web.app.db.write_now("test.open", |conn| {
                payees::service::open_details(conn, ctx, payee)
            })
        };
        for (who, roles) in [(&ada, vec![]), (&finn, vec![Role::Admin, Role::Auditor])] {
            let refused = open(&acting(&web, who, &roles)).expect_err("not theirs to read");
            assert!(refused.status() == 403 || refused.status() == 404, "{refused}");
        }
        let opened = "SELECT COUNT(*) FROM audit_log WHERE action = 'open_payee_details'";
        assert_eq!(count(&web, opened), 0);
        let details = open(&acting(&web, &finn, &[Role::Finance])).expect("finance");
        let [iban, bic, rest @ ..] = details.columns();
        assert_eq!((iban.as_str(), bic.as_str()), (IBAN, "COBADEFFXXX"));
        assert!(rest.iter().all(String::is_empty));
        assert_eq!((details.name.as_str(), details.town.as_str()), ("Ada Lovelace", "Köln"));
        assert!(!format!("{details:?}").contains("3704"));
        open(&acting(&web, &finn, &[Role::Finance])).expect("finance");
        assert_eq!(count(&web, opened), 2);
        // Moved to another row, the sealed bytes do not open.
        let eve = submitted(&web.person("Eve"), json!({ "method": "us_bank",
            "routing": "021000021", "account": "987654321", "account_type": "savings" }), "USD");
        let other: PayeeId = eve.parse().expect("an id");
        let columns = web.app.db.write_now("test.open", |conn| {
            payees::service::open_details(conn, &web.system(), other)
        });
        let columns = columns.expect("the service itself").columns();
        assert_eq!(columns.join("/"), "//021000021/987654321/savings");
        let swap = "UPDATE payees SET sealed =
            (SELECT p.sealed FROM payees p WHERE p.method = 'us_bank') WHERE method = 'iban'";
        assert_eq!(execute(&web, swap), Ok(1));
        let refused = open(&acting(&web, &finn, &[Role::Finance])).expect_err("moved");
        assert_eq!(refused.status(), 500);
        assert_eq!(count(&web, opened), 3, "what did not open is not recorded as opened");
    }

    fn imported_payees_are_paid_elsewhere(t: &Harness) {
        let web = t.serve();
        let (ada, finn) = (web.person("Ada"), web.with_role("Finn", Role::Finance));
        let usd = Currency::parse("USD").expect("known");
        let make = |ctx: &Ctx| {
            web.app.db.write_now("test.external", |conn| {
                payees::service::external(conn, ctx, ada.id(), "Ada's lab", usd)
            })
        };
        assert_eq!(make(&acting(&web, &finn, &[Role::Admin])).expect_err("a person").status(), 403);
        let id = make(&web.system()).expect("an import").to_string();
        make(&web.system()).expect("another one, like no other");
        assert_eq!(usable(t, &web, &id), "ok");
        for (code, there) in [("USD", true), ("EUR", false)] {
            let currency = Currency::parse(code).expect("known");
            let found = web.app.db.read_now("test.external", |conn| {
                payees::service::external_of(conn, ada.id(), currency)
            });
            assert_eq!(found.expect("it reads").is_some(), there, "{code}");
        }
        let view = finn.get(&at(&id, "")).ok();
        assert_eq!((&view["account"], &view["same_account"]), (&json!("external"), &json!(0)));
        edit(&ada, &id, json!({ "name": "Eve" })).refused(409, "wrong_state");
        finn.post(&at(&id, "/reject"), json!({ "reason": "x" })).refused(409, "wrong_state");
        let payee: PayeeId = id.parse().expect("an id");
        let details = web.app.db.write_now("test.open", |conn| {
            payees::service::open_details(conn, &web.system(), payee)
        });
        assert_eq!(details.expect("sealed as well").account, Account::External);
        // Payments elsewhere prove nothing about an account here: the first one needs no wait.
        let first = verified(&ada, &finn, iban(IBAN), "EUR");
        assert_eq!(usable(t, &web, &first), "ok");
    }
}
