//! What the doctor finds inside a database: each thing made wrong, and right again.

use super::doctor::{Told, ask};
use super::*;
use almoner::cli::doctor::Level;
use almoner::kernel::actor::Roles;
use almoner::people;
use almoner::platform::config::{Config, Secret};
use almoner::platform::db::health;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _};

/// The settings of the test, once the service has made its keys.
fn settings(t: &Harness) -> Config {
    let config = t.config();
    almoner::platform::auth::keys::Keys::load(&config.keys_file(), true).expect("keys");
    config
}

fn at(t: &Harness, url: &str) -> Told {
    let mut config = settings(t);
    config.database.url = Secret::new(url);
    ask(t, &config)
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

fn words(t: &Harness, sql: &str) -> Vec<String> {
    let found = t.db.read_now("test.words", |conn| Ok(diesel::sql_query(sql).load::<Name>(conn)?));
    found.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause())).into_iter().map(|n| n.name).collect()
}

both! {
    fn a_database_that_cannot_be_reached(t: &Harness) {
        for url in [
            "postgres://almoner:Vq7LdyrrXbWgN4@127.0.0.1:9/x",
            "postgres://almoner:Vq7%Ldyrr@127.0.0.1:9/x",
            "postgres://127.0.0.1:9/x?password=Vq7LdyrrXbWgN4",
            "postgres://almoner:Ldyrr@Vq7@127.0.0.1:9/x",
            "postgres://almoner:Vq7/Ldyrr@127.0.0.1:9/x",
            "postgres://almoner:9/Vq7@127.0.0.1:9/x",
        ] {
            let told = at(t, url);
            told.fails("database", "cannot be reached");
            assert!(!format!("{:?}", told.0).contains("Vq7"), "{:?}", told.0);
        }
        let file = t.dir().join("other.db");
        std::fs::write(&file, "this is a letter, and no database at all").expect("written");
        at(t, &format!("sqlite://{}", file.display())).fails("database", "not a database");
        at(t, &format!("sqlite://{}", t.dir().join("none.db").display()))
            .warns("database", "no database yet");
        assert!(!t.dir().join("none.db").exists());
    }

    fn a_schema_that_is_older_or_newer(t: &Harness) {
        let told = at(t, &t.url);
        told.fine("database");
        told.fine("database.schema");
        let empty = t.empty_database();
        drop(crate::support::open(&empty, 1));
        let told = at(t, &empty);
        told.fails("database.schema", "0011_sealed_keys");
        // There is nothing in it to be guarded.
        let guarded = ["database.role", "database.triggers"];
        assert!(told.0.iter().all(|f| !guarded.contains(&f.check)), "{:#?}", told.0);
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
        tamper(t, newer, newer);
        at(t, &t.url).fails("database.schema", "migration 9999");
    }

    fn guards_that_are_off(t: &Harness) {
        at(t, &t.url).fine("database.triggers");
        let guards: Vec<&str> = match t.side {
            Side::Sqlite => health::GUARDS_SQLITE.to_vec(),
            Side::Postgres => health::GUARDS_POSTGRES.to_vec(),
        };
        // A trigger of a later migration has to be on the list as well.
        let all = match t.side {
            Side::Sqlite => {
                words(t, "SELECT name FROM sqlite_schema WHERE type = 'trigger' ORDER BY 1")
            }
            Side::Postgres => words(t,
                "SELECT tgname::text AS name FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"),
        };
        assert_eq!(all, guards);
        tamper(t, "DROP TRIGGER audit_log_no_delete",
            "ALTER TABLE audit_log DISABLE TRIGGER audit_log_no_change");
        at(t, &t.url).fails("database.triggers", "audit_log_no_");
        tamper(t, "DROP TRIGGER ledger_postings_no_update",
            "DROP TRIGGER ledger_postings_no_update ON ledger_postings");
        at(t, &t.url).fails("database.triggers", "ledger_postings_no_update");
    }

    fn people_that_are_missing(t: &Harness) {
        let web = t.serve();
        let config = settings(t);
        let told = ask(t, &config);
        told.fails("people.admin", "There is no admin");
        told.fails("people.finance", "Nobody is of finance");
        web.with_roles("Both", &[Role::Admin, Role::Finance]);
        let told = ask(t, &config);
        told.fine("people.admin");
        told.fails("people.finance", "Only one person is of finance or admin");
        let ada = web.with_role("Ada", Role::Admin);
        ask(t, &config).warns("people.finance", "Only one person is of finance:");
        web.with_role("Fay", Role::Finance);
        let told = ask(t, &config);
        told.fine("people.finance");
        told.fine("people.factor");
        // Somebody with the role and without a factor; one who is suspended does not count.
        let system = web.system();
        let made = t.db.write_now("test.person", |conn| {
            let roles: Roles = [Role::Auditor].into_iter().collect();
            people::service::ensure(conn, &system, "aud@example.org", "Aud", None, roles)
        });
        let (id, _) = made.unwrap_or_else(|p| panic!("{p}"));
        ask(t, &config).warns("people.factor", "1 people");
        ada.post(&format!("/api/v1/people/{id}/suspend"), json!({ "reason": "gone" })).ok();
        ask(t, &config).fine("people.factor");
        // As whom an import made nobody can log in.
        let made = t.db.write_now("test.holder", |conn| {
            let roles: Roles = [Role::Regrantor].into_iter().collect();
            let email = format!("holder-1{}", people::model::IMPORTED);
            people::service::ensure(conn, &system, &email, "Imported", None, roles)
        });
        made.unwrap_or_else(|p| panic!("{p}"));
        ask(t, &config).fine("people.factor");
    }

    fn work_that_is_late(t: &Harness) {
        let web = t.serve();
        let config = settings(t);
        let desk = web.desk();
        let told = ask(t, &config);
        told.warns("ledger.check", "never checked");
        told.warns("backup", "No backup");
        let fund = desk.fund("General");
        web.work();
        let told = ask(t, &config);
        for check in ["jobs.dead", "jobs.due", "ledger.seal", "ledger.check"] {
            told.fine(check);
        }
        desk.give(&fund, "5.00").ok();
        t.clock.advance_seconds(400);
        let told = ask(t, &config);
        told.fails("jobs.due", "are due, the oldest for");
        told.warns("ledger.seal", "1 entries wait for their seal");
        web.work();
        let dead = "UPDATE jobs SET status = 'dead' WHERE kind = 'jobs.purge'";
        tamper(t, dead, dead);
        ask(t, &config).warns("jobs.dead", "1 jobs were given up");
        t.clock.advance_seconds(2 * 86_400 + 1);
        ask(t, &config).warns("ledger.check", "was last checked at 2026-11-02");
        let more = "UPDATE ledger_accounts SET balance = balance + 1 WHERE code = '8100'";
        tamper(t, more, more);
        web.work();
        ask(t, &config).fails("ledger.check", "did not hold");
        let file = t.dir().join("one.backup");
        ran(t, &["backup", file.to_str().expect("plain")]);
        t.clock.set(almoner::kernel::time::Clock::system().now());
        ask(t, &config).fine("backup");
        // What the doctor advises, once it is put right, ends its complaint.
        let less = "UPDATE ledger_accounts SET balance = balance - 1 WHERE code = '8100'";
        tamper(t, less, less);
        ask(t, &config).fails("ledger.check", "did not hold");
        ran(t, &["check"]);
        ask(t, &config).fine("ledger.check");
        t.clock.advance_seconds(3 * 86_400);
        ask(t, &config).warns("backup", "The last backup is of");
    }

    fn clocks_that_are_off(t: &Harness) {
        let web = t.serve();
        let config = settings(t);
        t.clock.set(almoner::kernel::time::Clock::system().now());
        web.desk();
        let told = ask(t, &config);
        told.fine("clock");
        if t.side == Side::Postgres {
            told.fine("clock.database");
        }
        t.clock.advance_seconds(-3600);
        let told = ask(t, &config);
        told.fails("clock", "seconds from now");
        if t.side == Side::Postgres {
            told.fails("clock.database", "360");
        }
    }

    fn what_one_engine_only_has(t: &Harness) {
        let config = settings(t);
        match t.side {
            Side::Sqlite => {
                let told = ask(t, &config);
                told.fine("database.settings");
                told.fine("database.strict");
                tamper(t, "CREATE TABLE loose (a TEXT)", "");
                ask(t, &config).fails("database.strict", "loose");
                let other = t.dir().join("copy.db");
                tamper(t, "DROP TABLE loose", "");
                let copied = format!("VACUUM INTO '{}'", other.display());
                use diesel::Connection as _;
                let path = t.url.trim_start_matches("sqlite://");
                let mut conn = diesel::SqliteConnection::establish(path).expect("the file");
                conn.batch_execute(&copied).expect("a copy, in the mode of before WAL");
                let told = at(t, &format!("sqlite://{}", other.display()));
                told.fails("database.settings", "journal mode delete");
                let journal = std::fs::read(&other).expect("the copy")[18];
                assert_eq!(journal, 1, "the doctor leaves the mode as it is");
            }
            Side::Postgres => roles(t, &config),
        }
    }
}

/// A role with the rights of the manual, one right less, and the owner.
fn roles(t: &Harness, config: &Config) {
    let told = ask(t, config);
    told.fine("database.version");
    told.fine("database.collation");
    told.fine("database.transactions");
    told.warns(
        "database.role",
        "could change or unguard approval_votes, audit_log, conflict_exceptions",
    );
    let role = format!("doctor_{}", std::process::id());
    let grown = "ledger_entries, ledger_postings, ledger_seals, audit_log, events, templates, \
                 signatures, approval_votes, conflict_exceptions, lifted_conflicts, \
                 review_versions, review_decisions, screening_sets, lane_log";
    tamper(
        t,
        "",
        &format!(
            "CREATE ROLE {role} LOGIN; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}; \
             REVOKE UPDATE, DELETE ON {grown} FROM {role}"
        ),
    );
    let url = t.url.replacen("postgres@", &format!("{role}@"), 1);
    assert_ne!(url, t.url);
    at(t, &url).warns("database.rights", "may not read search_documents_doc_seq");
    tamper(t, "", &format!("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"));
    let told = at(t, &url);
    told.fine("database.role");
    assert!(
        told.0.iter().all(|f| f.check != "database.rights" && f.level != Level::Error
            || f.check.starts_with("people")
            || f.check.starts_with("clock")),
        "{:#?}",
        told.0
    );
    tamper(t, "", &format!("REVOKE INSERT ON audit_log FROM {role}"));
    at(t, &url).fails("database.rights", "may not add to audit_log");
    tamper(t, "", &format!("GRANT UPDATE ON ledger_postings TO {role}"));
    at(t, &url).warns("database.role", "could change or unguard ledger_postings");
    tamper(t, "", &format!("ALTER ROLE {role} SET session_replication_role = 'replica'"));
    at(t, &url).fails("database.triggers", "triggers are off");
    tamper(t, "", &format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    sorting(t);
}

/// A database whose rules of sorting were others when it was made.
fn sorting(t: &Harness) {
    use diesel::Connection as _;
    let mut conn = diesel::PgConnection::establish(&t.url).expect("it was there");
    let name = format!("doctor_icu_{}", std::process::id());
    let made = format!(
        "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu \
         ICU_LOCALE 'en-US'"
    );
    if let Err(why) = conn.batch_execute(&made) {
        return crate::support::say(&format!("skipped: no rules of sorting with a version: {why}"));
    }
    let aged = format!("UPDATE pg_database SET datcollversion = '0.1' WHERE datname = '{name}'");
    conn.batch_execute(&aged).expect("a superuser may");
    let (before, query) = t.url.split_once('?').unwrap_or((&t.url, ""));
    let server = before.rsplit_once('/').expect("a name").0;
    let told = at(t, &format!("{server}/{name}?{query}"));
    conn.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).expect("dropped");
    told.fails("database.collation", "have changed");
}
