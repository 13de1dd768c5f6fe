//! What `/metrics` says, after it was made so.

use super::*;
use crate::support::desk::usd;
use crate::support::watch;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::io::{Read as _, Write as _};
use std::sync::mpsc;
use std::time::Duration;

/// A figure, a few seconds later: they are looked up every five.
fn figure(t: &Harness, web: &Web, name: &str) -> i64 {
    t.clock.advance_seconds(5);
    now(web, name)
}

fn now(web: &Web, name: &str) -> i64 {
    let text = web.anonymous().get("/metrics").text();
    let start = format!("{name} ");
    let line = text.lines().find_map(|l| l.strip_prefix(&start));
    line.and_then(|v| v.parse().ok()).unwrap_or_else(|| panic!("no {name} in {text}"))
}

#[derive(QueryableByName)]
struct Postgres {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}
#[derive(QueryableByName)]
struct Sqlite {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// How the database goes about a statement without values.
fn plan(t: &Harness, sql: &str) -> String {
    let plan = t.db.read_now("test.plan", |conn| match t.side {
        Side::Sqlite => {
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            let rows: Vec<Sqlite> = diesel::sql_query(explain).load(conn)?;
            Ok(rows.into_iter().map(|row| row.detail).collect::<Vec<_>>())
        }
        // Where most of what there is waits and nothing is large, all of it is read as soon: what
        // counts is that the index serves.
        Side::Postgres => {
            diesel::sql_query("SET LOCAL enable_seqscan = off").execute(conn)?;
            let rows: Vec<Postgres> = diesel::sql_query(format!("EXPLAIN {sql}")).load(conn)?;
            Ok(rows.into_iter().map(|row| row.line).collect())
        }
    });
    plan.unwrap_or_else(|p| panic!("{sql}: {p}: {:?}", p.cause())).join("\n")
}

/// Mails of which 1999 wait, one was given up as it was sealed before 0011, and 2000 are sent.
fn many_mails(t: &Harness) {
    let columns = "INSERT INTO jobs (id, kind, payload, status, run_at, created_at, sealed)";
    let status = "CASE WHEN i = 2 THEN 'dead' WHEN i % 2 = 0 THEN 'ready' ELSE 'done' END";
    let sealed = "CASE WHEN i > 2 AND i % 2 = 0 THEN";
    tamper(
        t,
        &format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) \
             {columns} SELECT randomblob(16), 'mail.send', '{{}}', {status}, 0, 0, \
             {sealed} CAST(printf('%400s', 'x') AS BLOB) END FROM n"
        ),
        &format!(
            "{columns} SELECT gen_random_uuid(), 'mail.send', '{{}}', {status}, now(), now(), \
             {sealed} decode(repeat('20', 400), 'hex') END FROM generate_series(1, 4000) AS n(i)"
        ),
    );
}

both! {
    fn mails_that_wait_are_counted_in_an_index(t: &Harness) {
        watch::watch(&t.url);
        let web = t.serve_on(t.config(), t.open_again(1));
        many_mails(t);
        if t.side == Side::Postgres {
            let mut conn = PgConnection::establish(&t.url).expect("it was there");
            conn.batch_execute("VACUUM ANALYZE jobs").expect("statistics");
        }
        assert_eq!(figure(t, &web, "almoner_mails_waiting"), 1999);
        assert_eq!(now(&web, "almoner_jobs_dead"), 1);
        assert_eq!(now(&web, "almoner_sealed_fields_outdated"), 2000, "the old one, too");
        let asked = watch::heard(&t.url);
        let indexes = [("GROUP BY", "jobs_open_ix"), ("kind = 'mail.send'", "jobs_old_mails_ix")];
        for (part, index) in indexes {
            let asks = |sql: &&String| sql.contains("jobs") && sql.contains(part);
            let all: Vec<&String> = asked.iter().filter(asks).collect();
            assert!(!all.is_empty(), "{part}: {asked:#?}");
            for sql in all {
                let plan = plan(t, sql);
                assert!(plan.contains(index), "{sql}\n{plan}");
            }
        }
    }

    fn requests_by_route_and_class(t: &Harness) {
        let web = t.serve();
        let ada = web.person("Ada");
        ada.get("/api/v1/me").ok();
        web.anonymous().get("/api/v1/me").refused(401, "unauthenticated");
        let unknown = format!("/api/v1/grants/{}", ada.id());
        ada.get(&unknown).refused(404, "not_found");
        // Methods that somebody makes up do not become series of their own.
        for method in ["BREW", "STEEP", "POUR"] {
            let address = web.url.trim_start_matches("http://");
            let mut tcp = std::net::TcpStream::connect(address).expect("it listens");
            write!(tcp, "{method} /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                .expect("sent");
            tcp.read_to_string(&mut String::new()).expect("an answer");
        }
        let text = web.anonymous().get("/metrics").text();
        let has = |line: &str| assert!(text.lines().any(|l| l == line), "{line} in {text}");
        let labels = "method=\"GET\",route=\"/api/v1/me\"";
        has(&format!("almoner_http_requests_total{{{labels},status=\"200\",class=\"2xx\"}} 1"));
        has(&format!("almoner_http_requests_total{{{labels},status=\"401\",class=\"4xx\"}} 1"));
        has(&format!("almoner_http_duration_seconds_count{{{labels},class=\"2xx\"}} 1"));
        assert!(text.contains("route=\"/api/v1/grants/{id}\"") && !text.contains(&unknown));
        assert!(text.contains("method=\"other\"") && !text.contains("BREW"), "{text}");
        has(&format!("almoner_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")));
        assert!(now(&web, "process_resident_memory_bytes") > 1_000_000);
        assert!(now(&web, "process_open_fds") > 3);
    }

    fn the_way_to_the_database(t: &Harness) {
        let web = t.serve();
        assert_eq!(figure(t, &web, "almoner_db_connections_in_use"), 0);
        assert_eq!(now(&web, "almoner_db_waiting"), 0);
        assert!(now(&web, "almoner_db_connections_idle") >= 1);
        let (free, held) = mpsc::channel::<()>();
        let held = std::sync::Mutex::new(held);
        let (began, begun) = mpsc::channel::<()>();
        std::thread::scope(|s| {
            let reading = || t.db.read_now("test.hold", |_| {
                began.send(()).expect("the test waits");
                let _ = held.lock().expect("not poisoned").recv();
                Ok(())
            });
            s.spawn(reading);
            begun.recv().expect("it reads");
            assert_eq!(figure(t, &web, "almoner_db_connections_in_use"), 1);
            free.send(()).expect("it waits");
        });
        // With one connection, who comes second waits; so does who writes behind another.
        let narrow = t.open_again(1);
        let (free, held) = mpsc::channel::<()>();
        let held = std::sync::Mutex::new(held);
        std::thread::scope(|s| {
            let hold = || {
                began.send(()).expect("the test waits");
                let _ = held.lock().expect("not poisoned").recv();
                Ok(())
            };
            let (first, second) = (narrow.clone(), narrow.clone());
            s.spawn(move || first.write_now("test.hold", |_| hold()));
            begun.recv().expect("it writes");
            s.spawn(move || second.write_now("test.wait", |_| Ok(())));
            let busy = || {
                let load = narrow.load();
                match t.side {
                    Side::Sqlite => load.writer_queue == 2,
                    Side::Postgres => load.waiting == 1 && load.in_use == 1,
                }
            };
            let seen = (0..5_000).any(|_| {
                std::thread::sleep(Duration::from_millis(1));
                busy()
            });
            free.send(()).expect("it waits");
            assert!(seen, "{:?}", narrow.load());
        });
        assert_eq!((narrow.load().waiting, narrow.load().writer_queue), (0, 0));
    }

    fn jobs_mails_and_seals(t: &Harness) {
        let web = t.serve();
        web.work();
        let desk = web.desk();
        let fund = desk.fund("General");
        web.work();
        for name in ["jobs_due", "jobs_oldest_seconds", "jobs_running", "jobs_dead",
            "mails_waiting", "ledger_unsealed", "ledger_unsealed_seconds"] {
            assert_eq!(figure(t, &web, &format!("almoner_{name}")), 0, "{name}");
        }
        assert!(now(&web, "almoner_jobs_scheduled") >= 3, "the periodic ones wait");
        desk.give(&fund, "5.00").ok();
        web.anonymous().post("/api/v1/auth/register", json!({ "email": "new@example.org",
            "name": "New", "password": "a long walk along the river" })).ok();
        assert_eq!(figure(t, &web, "almoner_mails_waiting"), 1);
        assert!(now(&web, "almoner_jobs_due") >= 1);
        assert!(now(&web, "almoner_jobs_oldest_seconds") >= 5);
        assert_eq!(now(&web, "almoner_ledger_unsealed"), 1);
        assert_eq!(now(&web, "almoner_ledger_unsealed_seconds"), 5);
        // Until it is looked up again, the figures stay.
        web.work();
        assert_eq!(now(&web, "almoner_mails_waiting"), 1);
        assert_eq!(figure(t, &web, "almoner_mails_waiting"), 0);
        let running = "UPDATE jobs SET status = 'running', locked_until = run_at \
            WHERE kind = 'jobs.purge'";
        tamper(t, running, running);
        assert_eq!(figure(t, &web, "almoner_jobs_running"), 1);
        let dead = "UPDATE jobs SET status = 'dead' WHERE kind = 'jobs.purge'";
        tamper(t, dead, dead);
        assert_eq!(figure(t, &web, "almoner_jobs_dead"), 1);
        t.clock.advance_seconds(60);
        web.work();
        assert_eq!(figure(t, &web, "almoner_ledger_unsealed"), 0);
    }

    fn the_daily_check_is_told_of(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        assert_eq!(figure(t, &web, "almoner_ledger_check_holds"), -1);
        let fund = desk.fund("General");
        desk.give(&fund, "5.00").ok();
        web.work();
        let at = t.clock.now().as_seconds();
        assert_eq!(figure(t, &web, "almoner_ledger_check_holds"), 1);
        assert_eq!(now(&web, "almoner_ledger_check_timestamp_seconds"), at);
        // Somebody gets at the books; the next day it is seen, and the service still serves.
        let more = "UPDATE ledger_accounts SET balance = balance + 1 WHERE code = '8100'";
        tamper(t, more, more);
        t.clock.advance_seconds(24 * 3600);
        web.work();
        assert_eq!(figure(t, &web, "almoner_ledger_check_holds"), 0);
        assert_eq!(web.anonymous().get("/readyz").status, 200);
        assert_eq!(now(&web, "almoner_jobs_dead"), 0, "a periodic job is never given up");
        let less = "UPDATE ledger_accounts SET balance = balance - 1 WHERE code = '8100'";
        tamper(t, less, less);
        t.clock.advance_seconds(24 * 3600);
        web.work();
        assert_eq!(figure(t, &web, "almoner_ledger_check_holds"), 1);
        let given = json!({ "amount": usd("1.00"), "received_on": "2026-11-02",
            "funder_name": "N" });
        desk.finance.post(&format!("/api/v1/funds/{fund}/contributions"), given).ok();
    }

    fn keys_and_backups_are_told_of(t: &Harness) {
        let web = t.serve();
        web.desk();
        let fields = "almoner_sealed_fields_outdated";
        assert_eq!(figure(t, &web, fields), 0);
        ran(t, &["admin", "keys", "rotate"]);
        assert_eq!(figure(t, &web, fields), 2, "the factors of two");
        t.clock.advance_seconds(61);
        web.work();
        assert_eq!(figure(t, &web, fields), 0);
        assert_eq!(now(&web, "almoner_backup_timestamp_seconds"), 0);
        let file = t.dir().join("one.backup");
        ran(t, &["backup", file.to_str().expect("plain")]);
        let made = figure(t, &web, "almoner_backup_timestamp_seconds");
        let clock = almoner::kernel::time::Clock::system().now().as_seconds();
        assert!((0..600).contains(&(clock - made)), "{made}");
    }
}
