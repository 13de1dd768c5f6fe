//! New keys while people work: nothing is lost, nothing stays under an old key, nothing opens
//! elsewhere.

use super::*;
use crate::support::payday::us_payee;
use almoner::kernel::ids::PayeeId;
use almoner::kernel::money::Currency;
use almoner::payees;
use almoner::platform::auth::seal;
use almoner::platform::db::sealed::{self, SEALED};
use almoner::platform::jobs::{self, Desk, Job, Outcome};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

const CANARY: &str = "55512345678901";

/// The columns that the schema's files declare to be sealed.
fn declared() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/platform/db/schema");
    let mut found = BTreeSet::new();
    for file in folder.read_dir().expect("the schema") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
        let mut table = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_suffix(") {").and_then(|l| l.split_once(" (")) {
                table = name.0.to_owned();
            }
            if let Some((column, kind)) = line.split_once(" -> ")
                && kind.contains("SqlSealed")
            {
                found.insert(format!("{table}.{column}"));
            }
        }
    }
    found
}

#[test]
fn every_sealed_column_is_on_the_list() {
    let listed: BTreeSet<String> = SEALED.iter().map(ToString::to_string).collect();
    assert_eq!(listed, declared());
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

fn names(t: &Harness, sqlite: &str, postgres: &str) -> Vec<String> {
    let sql = if t.side == Side::Sqlite { sqlite } else { postgres };
    let found = t.db.read_now("test.names", |conn| Ok(diesel::sql_query(sql).load::<Name>(conn)?));
    found.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause())).into_iter().map(|n| n.name).collect()
}

/// Every column of every table in which this text stands somewhere, or these bytes.
fn holding(t: &Harness, text: &str, bytes: &[u8]) -> BTreeSet<String> {
    let columns = names(
        t,
        "SELECT m.name || '.' || c.name AS name FROM sqlite_schema m, pragma_table_info(m.name) c \
         WHERE m.type = 'table'",
        "SELECT (table_name || '.' || column_name)::text AS name \
         FROM information_schema.columns WHERE table_schema = current_schema()",
    );
    assert!(columns.len() > 200, "{columns:?}");
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let holds = |place: &String| {
        let (table, column) = place.split_once('.').expect("a column");
        let sqlite = format!(
            "SELECT 'x' AS name FROM {table} WHERE instr(CAST(\"{column}\" AS TEXT), '{text}') > 0 \
             OR instr(hex(\"{column}\"), upper('{hex}')) > 0 LIMIT 1"
        );
        let postgres = format!(
            "SELECT 'x' AS name FROM {table} WHERE position('{text}' IN \"{column}\"::text) > 0 \
             OR position('{hex}' IN \"{column}\"::text) > 0 LIMIT 1"
        );
        !names(t, &sqlite, &postgres).is_empty()
    };
    columns.into_iter().filter(holds).collect()
}

/// What is sealed under a key: as bytes, and as the text that such bytes are in base64.
fn under(t: &Harness, key: &str) -> BTreeSet<String> {
    use base64::Engine as _;
    let head = seal::head(key);
    let whole = head.len() / 3 * 3;
    let text = base64::engine::general_purpose::STANDARD.encode(&head[..whole]);
    holding(t, &text, &head)
}

fn outdated(t: &Harness, web: &Web) -> i64 {
    let keys = &web.env().keys;
    t.db.read_now("test.outdated", |conn| jobs::outdated(conn, keys)).expect("counted")
}

/// Runs the job that is due each minute.
fn rewrap(t: &Harness, web: &Web) {
    t.clock.advance_seconds(61);
    web.work();
}

/// Only that job: others come with each edit, and while people edit there is no end to them.
fn rewrap_alone(web: &Web) {
    let desk = Desk { db: web.app.db.clone(), env: web.env().clone() };
    let (ctx, payload) = (web.system(), json!({ "v": 1 }));
    let kind = jobs::REWRAP.name().to_owned();
    let job = Job { id: ctx.id(), kind, payload, sealed: None, attempts: 1, created_at: ctx.now };
    assert_eq!(jobs::rewrap(&desk, &job), Outcome::Done);
}

fn account(web: &Web, id: &str) -> Result<String, u16> {
    let payee: PayeeId = id.parse().expect("an id");
    let opened = web
        .app
        .db
        .write_now("test.open", |conn| payees::service::open_details(conn, &web.system(), payee));
    opened.map(|details| details.columns().join("/")).map_err(|p| p.status())
}

fn change(who: &Client, id: &str, number: &str) {
    let path = format!("/api/v1/payees/{id}");
    let etag = who.get(&path).etag().to_owned();
    let form = us_payee(number, json!({}));
    who.patch(&path, &etag, json!({ "account": form["account"] })).ok();
}

/// The sealed bytes of two payees change places.
fn exchange(t: &Harness, one: &str, other: &str) {
    let payees = SEALED[2];
    let all = sealed::Range { from: vec![], to: vec![u8::MAX] };
    let done = t.db.write_now("test.exchange", |conn| {
        let rows = sealed::page(conn, payees, &all, None, 100)?;
        let of = |id: &str| rows.iter().find(|(row, _)| row.to_string() == id).expect("a payee");
        let ((a, was_a), (b, was_b)) = (of(one), of(other));
        assert!(sealed::swap(conn, payees, *a, was_a, was_b)?);
        assert!(sealed::swap(conn, payees, *b, was_b, was_a)?);
        Ok(())
    });
    done.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
}

/// As if the key file had been changed an hour ago.
fn an_hour_passes(t: &Harness) {
    let file = std::fs::File::options().append(true).open(t.dir().join("keys.json"));
    let file = file.expect("it is ours");
    let written = file.metadata().and_then(|meta| meta.modified()).expect("it has a date");
    file.set_modified(written - Duration::from_secs(3600)).expect("it is ours");
}

both! {
    fn sealed_bytes_are_in_the_listed_columns_only(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let id = payday.payment(&payday.grant(&["10.00"]), 1, &["approve", "batch", "settle"]);
        payday.status(&id);
        web.anonymous().post("/api/v1/auth/register", json!({ "email": "new@example.org",
            "name": "New", "password": "a long walk along the river" })).ok();
        crate::concerns::something_waits(&payday.field);
        let listed: BTreeSet<String> = SEALED.iter().map(ToString::to_string).collect();
        assert_eq!(under(t, &web.env().keys.active_master()), listed);
        for column in SEALED {
            let index = format!("{}_{}_key_ix", column.table, column.column);
            let there = names(t, "SELECT name FROM sqlite_schema WHERE type = 'index'",
                "SELECT indexname::text AS name FROM pg_indexes");
            assert!(there.contains(&index), "{index}");
        }
        // Each is bound to its own row: put under a new key as a field of that row, it opens.
        ran(t, &["admin", "keys", "rotate"]);
        rewrap(t, &web);
        assert_eq!(outdated(t, &web), 0);
    }

    fn keys_rotate_while_people_edit(t: &Harness) {
        let web = t.serve();
        let owners: Vec<Client> = (0..6).map(|n| web.person(&format!("Own{n}"))).collect();
        let make = |who: &Client| who.post("/api/v1/payees", us_payee(CANARY, json!({}))).id();
        let quiet: Vec<String> = owners.iter().map(make).collect();
        let busy: Vec<String> = owners.iter().map(make).collect();
        let first = web.env().keys.active_master();
        let (stop, edits) = (AtomicBool::new(false), AtomicU32::new(0));
        let written: Vec<(String, String)> = std::thread::scope(|s| {
            let edit = |who: Client, id: String| {
                let (stop, edits) = (&stop, &edits);
                s.spawn(move || {
                    let mut last = CANARY.to_owned();
                    for round in 0.. {
                        if stop.load(Ordering::SeqCst) {
                            break;
                        }
                        let number = format!("7{:09}", round);
                        change(&who, &id, &number);
                        edits.fetch_add(1, Ordering::SeqCst);
                        last = number;
                    }
                    (id, last)
                })
            };
            let all: Vec<_> = owners.iter().zip(&busy)
                .map(|(who, id)| edit(who.clone(), id.clone())).collect();
            for _ in 0..5 {
                let before = edits.load(Ordering::SeqCst);
                ran(t, &["admin", "keys", "rotate"]);
                rewrap_alone(&web);
                // No longer than a minute: who was refused has ended, and says so below.
                for _ in 0..12_000 {
                    if edits.load(Ordering::SeqCst) >= before + 12 {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
            stop.store(true, Ordering::SeqCst);
            all.into_iter().map(|one| one.join().expect("no edit fails")).collect()
        });
        rewrap(t, &web);
        assert_eq!(outdated(t, &web), 0);
        assert_eq!(under(t, &first), BTreeSet::new(), "nothing is under the first key");
        for (id, number) in &written {
            assert_eq!(account(&web, id), Ok(format!("//021000021/{number}/checking")));
        }
        for id in &quiet {
            assert_eq!(account(&web, id), Ok(format!("//021000021/{CANARY}/checking")));
        }
        // Factors are sealed as well, and still open.
        web.sign_in(web.with_role("Root", Role::Admin)).get("/api/v1/me").ok();
        assert_eq!(holding(t, CANARY, CANARY.as_bytes()), BTreeSet::new());
    }

    fn what_somebody_wrote_meanwhile_stays(t: &Harness) {
        let web = t.serve();
        let ada = web.person("Ada");
        let id = ada.post("/api/v1/payees", us_payee(CANARY, json!({}))).id();
        let all = sealed::Range { from: vec![], to: vec![u8::MAX] };
        let page = |conn: &mut Conn| sealed::page(conn, SEALED[2], &all, None, 10);
        let (row, was) = t.db.read_now("test.look", page).expect("it reads").remove(0);
        // The job has looked, and comes to write after somebody else has.
        change(&ada, &id, "999000111");
        let swapped = t.db.write_now("test.swap", |conn| {
            sealed::swap(conn, SEALED[2], row, &was, b"what the job would write")
        });
        assert_eq!(swapped.map_err(|p| p.to_string()), Ok(false));
        assert_eq!(account(&web, &id), Ok("//021000021/999000111/checking".into()));
    }

    fn an_old_key_is_forgotten_when_nothing_needs_it(t: &Harness) {
        let web = t.serve();
        let ada = web.person("Ada");
        let id = ada.post("/api/v1/payees", us_payee(CANARY, json!({}))).id();
        let old = web.env().keys.active_master();
        refused(t, &["admin", "keys", "retire", &old], "is active");
        an_hour_passes(t);
        refused(t, &["admin", "keys", "retire", &old], "is active");
        ran(t, &["admin", "keys", "rotate"]);
        // The running service seals under the new key at once, without being told.
        change(&ada, &id, "999000111");
        let new = web.env().keys.active_master();
        assert_ne!(new, old);
        assert!(under(t, &new).contains("payees.sealed"));
        let second = ada.post("/api/v1/payees", us_payee(CANARY, json!({})));
        drop(second.id());
        ran(t, &["admin", "keys", "rotate"]);
        refused(t, &["admin", "keys", "retire", &new], "Come back in");
        an_hour_passes(t);
        refused(t, &["admin", "keys", "retire", &new], "is in use");
        let list = ran(t, &["admin", "keys", "list"]);
        let two = |l: &str| l.starts_with(&new) && l.contains("payees.sealed: 2");
        assert!(list.lines().any(two), "{list}");
        rewrap(t, &web);
        for key in [&new, &old] {
            an_hour_passes(t);
            ran(t, &["admin", "keys", "retire", key]);
        }
        // The file was changed just now, and that is not what stands in the way.
        refused(t, &["admin", "keys", "retire", "m-000000000000"], "there is no key");
        let text = std::fs::read_to_string(t.dir().join("keys.json")).expect("the file");
        assert!(!text.contains(&old) && !text.contains(&new));
        assert_eq!(account(&web, &id), Ok("//021000021/999000111/checking".into()));
        ada.get("/api/v1/me").ok();
    }

    fn swapped_cells_stay_closed_and_are_told_of(t: &Harness) {
        let web = t.serve();
        let ada = web.person("Ada");
        let make = |number: &str| ada.post("/api/v1/payees", us_payee(number, json!({}))).id();
        let ids = ["111222333", "444555666", "777888999"].map(make);
        // Two rows change places, under the key of before.
        exchange(t, &ids[0], &ids[1]);
        assert_eq!(account(&web, &ids[0]), Err(500));
        ran(t, &["admin", "keys", "rotate"]);
        rewrap(t, &web);
        assert_eq!(outdated(t, &web), 2, "what does not open is left as it is");
        assert_eq!((account(&web, &ids[0]), account(&web, &ids[1])), (Err(500), Err(500)));
        assert_eq!(account(&web, &ids[2]), Ok("//021000021/777888999/checking".into()));
        let errors = names(t,
            "SELECT coalesce(last_error, '') AS name FROM jobs WHERE kind = 'keys.rewrap'",
            "SELECT coalesce(last_error, '') AS name FROM jobs WHERE kind = 'keys.rewrap'");
        assert!(errors[0].starts_with("2 sealed fields do not open"), "{errors:?}");
        exchange(t, &ids[0], &ids[1]);
        rewrap(t, &web);
        assert_eq!(outdated(t, &web), 0, "put back, they follow");
        assert_eq!(account(&web, &ids[0]), Ok("//021000021/111222333/checking".into()));
    }

    fn a_worker_killed_in_the_middle_is_followed_by_another(t: &Harness) {
        let web = t.serve();
        let ada = web.person("Ada");
        let usd = Currency::parse("USD").expect("known");
        let system = web.system();
        let made = t.db.write_now("test.many", |conn| {
            let one = |_| payees::service::external(conn, &system, ada.id(), "Ada's lab", usd);
            (0..2000).map(one).collect::<almoner::kernel::Result<Vec<_>>>()
        });
        let made = made.unwrap_or_else(|p| panic!("{p}"));
        ran(t, &["admin", "keys", "rotate"]);
        assert_eq!(outdated(t, &web), 2000);
        let mut worker = program(t, &["work"]).spawn().expect("the program starts");
        let mut left = 2000;
        for _ in 0..6000 {
            left = outdated(t, &web);
            if left < 1900 {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        worker.kill().expect("it runs");
        worker.wait().expect("it ends");
        assert!(left > 0 && left < 2000, "killed in the middle: {left}");
        for id in made.iter().step_by(97) {
            assert!(account(&web, &id.to_string()).is_ok(), "{id}");
        }
        // Its lease ends.
        t.clock.set(almoner::kernel::time::Clock::system().now().plus_seconds(3600));
        web.work();
        assert_eq!(outdated(t, &web), 0);
        for id in made.iter().step_by(97) {
            assert!(account(&web, &id.to_string()).is_ok(), "{id}");
        }
    }
}
