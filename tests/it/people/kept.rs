//! What is kept of second factors, and what the database may not be made to believe.

use super::enrol::{enrol, newcomer, shows};
use super::*;
use crate::support::device;
use crate::support::web::PASSWORD;
use almoner::kernel::actor::Role;
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;

/// Runs statements as whoever has the database in their hands.
fn tamper(web: &Web, sqlite: &str, postgres: &str) {
    let done = web.app.db.write_now("test.tamper", |conn| {
        match conn {
            Conn::Pg(conn) => conn.batch_execute(postgres)?,
            Conn::Sqlite(conn) => conn.batch_execute(sqlite)?,
        }
        Ok(())
    });
    done.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
}

both! {
    fn a_session_that_was_not_ended_serves_nobody(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (ada, bob) = (web.person("Ada"), web.person("Bob"));
        // Suspended, and her sessions were forgotten: what no service of ours does.
        let row = ada.id().to_string().replace('-', "");
        let suspend = |open: &str| {
            format!("UPDATE people SET status = 'suspended' WHERE id = {open}'{row}'")
        };
        tamper(&web, &suspend("x"), &suspend(""));
        let told = ada.get("/api/v1/me").refused(401, "unauthenticated");
        assert!(told["detail"].to_string().contains("suspended"), "{told}");
        bob.get("/api/v1/me").ok();
    }

    fn a_secret_moved_to_another_row_does_not_open(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (ada, bob) = (newcomer(&web), newcomer(&web));
        let (of_ada, _) = enrol(t, &ada);
        let (of_bob, _) = enrol(t, &bob);
        // Bob, with the database in hand, gives Ada's row the secret of his own device.
        let row = |who: &Client| format!("{}", who.id()).replace('-', "");
        let swap = |open: &str, close: &str| {
            let id = |who: &Client| format!("{open}{}{close}", row(who));
            format!(
                "UPDATE factors SET secret = (SELECT secret FROM factors WHERE person_id = {}) \
                 WHERE person_id = {}",
                id(&bob),
                id(&ada)
            )
        };
        tamper(&web, &swap("x'", "'"), &swap("'", "'"));
        let waits = log_in(&web.anonymous(), &ada.email, PASSWORD).ok();
        for secret in [&of_ada, &of_bob] {
            pass(&web, &waits, shows(&t.clock, secret, 1)).refused(500, "internal");
        }
        let waits = log_in(&web.anonymous(), &bob.email, PASSWORD).ok();
        pass(&web, &waits, shows(&t.clock, &of_bob, 1)).ok();
    }

    fn sessions_outlive_the_migration(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let (first, ended) = (
            log_in(&web.anonymous(), &ada.email, PASSWORD).ok(),
            log_in(&web.anonymous(), &ada.email, PASSWORD).ok(),
        );
        let path = format!("/api/v1/me/sessions/{}", text(&ended, "session_id"));
        assert_eq!(ada.delete(&path).status, 204);
        let root = web.with_role("Root", Role::Admin);
        let bob = web.person("Bob");
        let grant = format!("/api/v1/people/{}/grant-role", bob.id());
        root.post(&grant, json!({ "role": "funder" })).ok();
        tamper(
            &web,
            include_str!("../../../migrations/sqlite/0010_second_factor/down.sql"),
            include_str!("../../../migrations/postgres/0010_second_factor/down.sql"),
        );
        tamper(
            &web,
            include_str!("../../../migrations/sqlite/0010_second_factor/up.sql"),
            include_str!("../../../migrations/postgres/0010_second_factor/up.sql"),
        );
        ada.get("/api/v1/me").ok();
        let again = refresh(&web.anonymous(), &text(&first, "refresh_token")).ok();
        with_token(&web, &text(&again, "access_token")).get("/api/v1/me").ok();
        let dead = with_token(&web, &text(&ended, "access_token")).get("/api/v1/me");
        dead.refused(401, "unauthenticated");
        // A reason that the older schema does not know has become one that it does.
        let bob = bob.get("/api/v1/me").refused(401, "unauthenticated");
        assert!(text(&bob, "detail").contains("ended from another"), "{bob}");
    }
}

/// The secret and the codes are nowhere but in the answers that show them.
#[test]
fn factors_leave_no_trace_in_the_clear() {
    Harness::run(crate::support::Side::Sqlite, |t| {
        let web = t.serve_with(patient(t));
        let ada = newcomer(&web);
        let (secret, codes) = enrol(t, &ada);
        let bits = *device::secret(&secret).bytes();
        let mut needles: Vec<Vec<u8>> = vec![secret.clone().into_bytes(), bits.to_vec()];
        for code in &codes {
            needles.push(code.clone().into_bytes());
            needles.push(code.replace('-', "").into_bytes());
        }
        let root = web.with_role("Root", Role::Admin);
        for path in [
            "/api/v1/audit?limit=200",
            "/api/v1/people?limit=200",
            "/api/v1/me/factor",
            "/api/v1/me/sessions",
            "/api/v1/me",
            "/api/v1/jobs/dead",
        ] {
            for who in [&root, &ada] {
                let seen = who.get(path);
                seen.ok();
                for needle in &needles {
                    let holds = seen.bytes.windows(needle.len()).any(|w| w == needle);
                    assert!(!holds, "{path} shows it");
                }
            }
        }
        web.work();
        let files =
            std::fs::read_dir(t.dir()).expect("a folder").map(|f| f.expect("a file").path());
        let files: Vec<_> = files.filter(|p| p.is_file()).collect();
        let bytes: Vec<u8> = files.iter().flat_map(|p| std::fs::read(p).expect("bytes")).collect();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|w| w == needle);
        assert!(holds(ada.email.as_bytes()), "what is there is found");
        assert!(needles.iter().all(|needle| !holds(needle)), "in the database");
    });
}
