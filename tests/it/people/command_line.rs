//! `almoner admin`.

use super::*;
use crate::support::{Side, many_wait, waits};
use almoner::kernel::actor::Role;
use diesel::connection::SimpleConnection as _;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn almoner(t: &Harness, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_almoner"))
        .args(args)
        .env("ALMONER__DATA_DIR", t.dir())
        .env("ALMONER__DATABASE__URL", &t.url)
        .env("ALMONER__LOG__LEVEL", "error")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // It may end without reading: then the pipe is closed, which is no failure.
    drop(child.stdin.take().expect("a pipe").write_all(input.as_bytes()));
    child.wait_with_output().expect("it ends")
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// Does both at the same moment: on PostgreSQL, where writers meet, the second begins when all that
/// the first does is done but to write down and commit it.
fn together<T: Send>(t: &Harness, web: &Web, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    if t.side == Side::Sqlite {
        return at_once(2, act);
    }
    let act = &act;
    std::thread::scope(|scope| {
        let both = web.app.db.write_now("test.held", |conn| {
            conn.batch_execute("LOCK TABLE audit_log IN SHARE MODE")?;
            let first = scope.spawn(move || act(0));
            assert!(waits(conn, &first)?, "the first did nothing");
            let second = scope.spawn(move || act(1));
            many_wait(conn, 2, &second)?;
            Ok([first, second])
        });
        let both = both.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
        both.into_iter().map(|asks| asks.join().expect("no panic")).collect()
    })
}

/// Takes the admin role away at the command line: whether that was done, and what it said.
fn commands(t: &Harness, whom: &Client) -> (bool, String) {
    let args = ["admin", "remove-role", "--email", &whom.email, "--role", "admin"];
    let done = almoner(t, &args, "");
    (done.status.success(), said(&done))
}

/// The same over the API.
fn asks(who: &Client, whom: &Client, act: &str, form: Value) -> (bool, String) {
    let reply = who.post(&format!("/api/v1/people/{}/{act}", whom.id()), form);
    (reply.status == 200, reply.text())
}

both! {
    fn the_first_admin(t: &Harness) {
        let create = ["admin", "create", "--email", "Root@example.org", "--name", "Root"];
        let made = almoner(t, &create, "");
        assert!(made.status.success(), "{}", said(&made));
        let text_made = said(&made);
        let password = text_made.lines().find_map(|l| l.strip_prefix("password: "));
        let password = password.expect("a password is shown").to_owned();
        let web = t.serve_with(patient(t));
        let tokens = log_in(&web.anonymous(), "root@example.org", &password).ok();
        // The first login can do nothing but enrol, as the command said.
        assert!(text_made.contains("second factor"), "{text_made}");
        let root = with_token(&web, &text(&tokens, "access_token"));
        root.get("/api/v1/me").refused(403, "factor_required");
        let root = web.holding(&text(&tokens, "access_token"));
        root.device().enrol_with(&root.bare(), &password);
        assert_eq!(root.get("/api/v1/me").ok()["roles"], json!(["admin"]));
        let again = almoner(t, &create, "");
        assert!(!again.status.success() && said(&again).contains("grant-role"), "{}", said(&again));
        let typed =
            ["admin", "create", "--email", "b@example.org", "--name", "B", "--password-stdin"];
        for bad in ["", "short\n", "password1234\n"] {
            let refused = almoner(t, &typed, bad);
            assert!(!refused.status.success(), "{}", said(&refused));
        }
        let made = almoner(t, &typed, "four wet boots by the door\n");
        assert!(made.status.success() && !said(&made).contains("boots"), "{}", said(&made));
        log_in(&web.anonymous(), "b@example.org", "four wet boots by the door").ok();
        let grant = ["admin", "grant-role", "--email", "b@example.org", "--role", "finance"];
        assert!(almoner(t, &grant, "").status.success());
        let found = root.get("/api/v1/people?q=b%40example.org").ok();
        assert_eq!(found["items"][0]["roles"], json!(["finance", "admin"]));
        let wrong = ["admin", "grant-role", "--email", "nobody@example.org", "--role", "finance"];
        assert!(!almoner(t, &wrong, "").status.success());
        let audit = root.get("/api/v1/audit?limit=200").ok().to_string();
        assert!(audit.contains("system:command line") && !audit.contains("argon2"), "{audit}");
    }

    fn the_last_admin_stays(t: &Harness) {
        let create = |email: &str| {
            let made = almoner(t, &["admin", "create", "--email", email, "--name", "A"], "");
            assert!(made.status.success(), "{}", said(&made));
        };
        let remove = |email: &str, role: &str| {
            let done = almoner(t, &["admin", "remove-role", "--email", email, "--role", role], "");
            (done.status.success(), said(&done))
        };
        create("a@example.org");
        let (done, says) = remove("a@example.org", "admin");
        assert!(!done && says.contains("a@example.org is the only admin"), "{says}");
        assert!(remove("a@example.org", "finance").0);
        create("b@example.org");
        assert!(remove("a@example.org", "admin").0);
        assert!(remove("a@example.org", "admin").0, "who is none is none");
        assert!(!remove("b@example.org", "admin").0);
    }

    fn two_who_take_an_admin_each_leave_one(t: &Harness) {
        let web = t.serve_with(patient(t));
        let admin = json!({ "role": "admin" });
        let gone = json!({ "reason": "Gone." });
        let mut ann = web.with_role("Ann", Role::Admin);
        for round in 0..5 {
            let ben = web.with_role("Ben", Role::Admin);
            let takes_ben = || match round {
                0 => commands(t, &ben),
                1 | 2 => asks(&ann, &ben, "remove-role", admin.clone()),
                _ => asks(&ann, &ben, "suspend", gone.clone()),
            };
            // Now one of the two is first, now the other.
            let ann_is_first = round % 2 == 0;
            let done = together(t, &web, |n| match (n == 0) == ann_is_first {
                true => commands(t, &ann),
                false => takes_ben(),
            });
            let ann_is_gone = done[usize::from(!ann_is_first)].0;
            assert_eq!(done.iter().filter(|(done, _)| *done).count(), 1, "{round}: {done:?}");
            ann = if ann_is_gone { ben } else { ann };
            let left = ann.get("/api/v1/people?role=admin&status=active").ok();
            assert_eq!(left["items"].as_array().map(Vec::len), Some(1), "{round}: {left}");
        }
    }

    fn a_lost_factor_is_reset(t: &Harness) {
        let web = t.serve_with(patient(t));
        let root = web.with_role("Root", almoner::kernel::actor::Role::Admin);
        let args = ["admin", "reset-factor", "--email", &root.email, "--reason"];
        let reset = |reason: &str| almoner(t, &[&args[..], &[reason]].concat(), "");
        assert!(!reset("").status.success());
        let done = reset("A river took the only telephone.");
        assert!(done.status.success(), "{}", said(&done));
        root.get("/api/v1/me").refused(401, "unauthenticated");
        let tokens = log_in(&web.anonymous(), &root.email, crate::support::web::PASSWORD);
        assert_eq!(tokens.status, 200);
        let root = with_token(&web, &text(&tokens.ok(), "access_token"));
        root.get("/api/v1/me").refused(403, "factor_required");
        assert!(!reset("Again.").status.success(), "there is none any more");
    }

    fn keys_are_rotated_while_the_service_runs(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let rotated = almoner(t, &["admin", "keys", "rotate"], "");
        assert!(rotated.status.success(), "{}", said(&rotated));
        ada.get("/api/v1/me").ok();
        // Another process signs with the new key; this one looks it up when it meets it.
        let other = t.serve_with(patient(t));
        let tokens = log_in(&other.anonymous(), &ada.email, crate::support::web::PASSWORD).ok();
        with_token(&web, &text(&tokens, "access_token")).get("/api/v1/me").ok();
        with_token(&other, &ada.token.clone().expect("a token")).get("/api/v1/me").ok();
    }
}
