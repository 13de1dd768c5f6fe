//! Registering and confirming.

use super::*;
use crate::support::Harness;

const PASSWORD: &str = "seven quiet herons at dusk";

fn register(client: &Client, email: &str, name: &str, password: &str) -> Reply {
    let body = json!({ "email": email, "name": name, "password": password });
    client.post("/api/v1/auth/register", body)
}

fn confirm(client: &Client, token: &str, password: &str) -> Reply {
    client.post("/api/v1/auth/confirm", json!({ "token": token, "password": password }))
}

/// Whether a door takes as long for a known address as for unknown ones, in turns, so that what
/// else the machine does falls on both alike. What tells does so each time; noise does not.
fn same_time(what: &str, known: &str, door: &dyn Fn(&str)) {
    let median = |times: &mut Vec<std::time::Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    let took = |email: &str| {
        let watch = almoner::kernel::time::Stopwatch::start();
        door(email);
        watch.read()
    };
    door("warm@example.org");
    let mut seen = Vec::new();
    for round in 0..4 {
        let (mut ours, mut others) = (Vec::new(), Vec::new());
        for n in 0..15 {
            ours.push(took(known));
            others.push(took(&format!("nobody{round}x{n}@example.org")));
        }
        let (a, b) = (median(&mut ours), median(&mut others));
        if a * 2 < b * 3 && b * 2 < a * 3 {
            return;
        }
        seen.push((a, b));
    }
    panic!("{what} takes another time for a known address: {seen:?}");
}

both! {
    fn from_the_first_mail_to_the_first_login(t: &Harness) {
        let web = t.serve_with(patient(t));
        let client = web.anonymous();
        register(&client, " Zoe@Example.ORG ", "  Zoë 👩🏽‍🔬 محمد ", PASSWORD).ok();
        let early = log_in(&client, "zoe@example.org", PASSWORD).refused(401, "login_failed");
        assert!(text(&early, "detail").contains("Confirm"), "{early}");
        let letter = last_mail(&web, "zoe@example.org");
        assert!(letter.text.starts_with("Hello Zoë 👩🏽‍🔬 محمد,"), "{}", letter.text);
        let token = letter.token();
        confirm(&client, &token, "another long password").refused(401, "login_failed");
        assert_eq!(confirm(&client, &token, PASSWORD).status, 204);
        confirm(&client, &token, PASSWORD).refused(401, "token_refused");
        let tokens = log_in(&client, "ZOE@example.org", PASSWORD).ok();
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
        let me = with_token(&web, &text(&tokens, "access_token")).get("/api/v1/me").ok();
        assert_eq!(me["name"], "Zoë 👩🏽‍🔬 محمد");
        assert_eq!((&me["email"], &me["roles"]), (&json!("zoe@example.org"), &json!([])));
        assert_eq!((&me["status"], &me["password_hash"]), (&json!("active"), &Value::Null));
    }

    fn no_answer_tells_who_has_an_account(t: &Harness) {
        let web = t.serve_with(patient(t));
        let client = web.anonymous();
        let known = web.person("Known").email;
        let unknown = "unknown@example.org";
        let ask = |email: &str| {
            client.post("/api/v1/auth/request-reset", json!({ "email": email }))
        };
        let same = [
            (log_in(&client, &known, "wrong password"), log_in(&client, unknown, "wrong password")),
            (log_in(&client, &known, ""), log_in(&client, "no address", "")),
            (ask(&known), ask(unknown)),
            (
                register(&client, &known, "Eve", PASSWORD),
                register(&client, "new@example.org", "Eve", PASSWORD),
            ),
            (
                register(&client, &known, "Eve", "short"),
                register(&client, "new2@example.org", "Eve", "short"),
            ),
        ];
        for (known, unknown) in same {
            assert_eq!(outside(&known), outside(&unknown));
        }
        assert_eq!(mails(&web, unknown).len(), 0);
        let told = mails(&web, &known);
        let mut subjects: Vec<&str> = told.iter().map(|l| l.subject.as_str()).collect();
        subjects.sort_unstable();
        assert_eq!(subjects, ["Set a new password", "You have an account already"]);
        let old = log_in(&client, &known, crate::support::web::PASSWORD);
        assert_eq!(old.status, 200, "registering again changed nothing");
        assert!(told.iter().all(|l| !l.text.contains("Eve")), "{told:?}");
    }

    fn no_time_tells_who_has_an_account(t: &Harness) {
        let web = t.serve_with(patient(t));
        let client = web.anonymous();
        let known = web.person("Known").email;
        let login = |email: &str| assert_eq!(log_in(&client, email, "wrong password").status, 401);
        let ask = |email: &str| {
            let body = json!({ "email": email });
            assert_eq!(client.post("/api/v1/auth/request-reset", body).status, 202);
        };
        same_time("login", &known, &login);
        same_time("reset", &known, &ask);
    }

    fn a_strangers_registration_comes_to_nothing(t: &Harness) {
        let web = t.serve_with(patient(t));
        let client = web.anonymous();
        register(&client, "ada@example.org", "Not Ada", "the password of a stranger").ok();
        let strangers = last_mail(&web, "ada@example.org").token();
        register(&client, "ada@example.org", "Ada", PASSWORD).ok();
        let adas = last_mail(&web, "ada@example.org").token();
        assert_ne!(strangers, adas);
        // Whichever link she follows, it is her password that counts.
        confirm(&client, &adas, "the password of a stranger").refused(401, "login_failed");
        assert_eq!(confirm(&client, &strangers, PASSWORD).status, 204);
        confirm(&client, &adas, PASSWORD).refused(401, "token_refused");
        log_in(&client, "ada@example.org", "the password of a stranger")
            .refused(401, "login_failed");
        let tokens = log_in(&client, "ada@example.org", PASSWORD).ok();
        let me = with_token(&web, &text(&tokens, "access_token")).get("/api/v1/me").ok();
        assert_eq!(me["name"], "Ada");
    }

    fn what_is_registered_at_the_same_moment_is_not_confirmed(t: &Harness) {
        use almoner::people::model::{LinkKind, PasswordHash, Registration};
        use almoner::people::service;
        use almoner::platform::auth::password::hash_now;
        let web = t.serve_with(patient(t));
        let client = web.anonymous();
        register(&client, "ada@example.org", "Ada", PASSWORD).ok();
        let token = last_mail(&web, "ada@example.org").token();
        let (db, mut ctx) = (&web.app.db, web.system());
        ctx.actor = almoner::kernel::actor::Actor::Anonymous;
        let find = |conn: &mut _| service::link(conn, &ctx, LinkKind::Confirm, &token);
        // Ada has shown her password.
        let link = db.read_now("test.link", find).expect("a link");
        let strangers = "the password of a stranger";
        let stranger = Registration {
            email: "ada@example.org".into(),
            name: "Not Ada".into(),
            password_hash: Some(PasswordHash(hash_now(strangers).expect("it hashes"))),
        };
        let (begun, waits) = std::sync::mpsc::channel();
        let confirmed = std::thread::scope(|scope| {
            let (ctx, stranger) = (&ctx, &stranger);
            scope.spawn(move || {
                let done = db.write_now("test.register", |conn| {
                    service::register(conn, ctx, stranger)?;
                    begun.send(()).expect("it is waited for");
                    std::thread::sleep(std::time::Duration::from_millis(300));
                    Ok(())
                });
                done.expect("registered");
            });
            waits.recv().expect("it is written");
            db.write_now("test.confirm", |conn| service::confirm(conn, ctx, &link))
        });
        assert_eq!(confirmed.map_err(|problem| problem.status()), Err(401));
        log_in(&client, "ada@example.org", strangers).refused(401, "login_failed");
    }

    fn a_link_lasts_for_two_days(t: &Harness) {
        let web = t.serve_with(patient(t));
        let client = web.anonymous();
        register(&client, "ada@example.org", "Ada", PASSWORD).ok();
        let token = last_mail(&web, "ada@example.org").token();
        t.clock.advance_seconds(48 * 3600);
        confirm(&client, &token, PASSWORD).refused(401, "token_refused");
        register(&client, "ada@example.org", "Ada", PASSWORD).ok();
        let token = last_mail(&web, "ada@example.org").token();
        t.clock.advance_seconds(48 * 3600 - 1);
        assert_eq!(confirm(&client, &token, PASSWORD).status, 204);
    }

    fn a_link_is_good_once_also_for_many_at_once(t: &Harness) {
        let web = t.serve_with(patient(t));
        let client = web.anonymous();
        register(&client, "ada@example.org", "Ada", PASSWORD).ok();
        let token = last_mail(&web, "ada@example.org").token();
        let statuses = at_once(8, |_| confirm(&client, &token, PASSWORD).status);
        assert_eq!(statuses.iter().filter(|s| **s == 204).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|s| [204, 401].contains(s)), "{statuses:?}");
    }

    fn many_register_one_address_at_once(t: &Harness) {
        let web = t.serve_with(patient(t));
        let client = web.anonymous();
        let statuses = at_once(8, |n| {
            register(&client, "ada@example.org", &format!("Ada {n}"), PASSWORD).status
        });
        assert_eq!(statuses, [202; 8]);
        assert_eq!(mails(&web, "ada@example.org").len(), 8);
        let admin = web.with_role("Root", almoner::kernel::actor::Role::Admin);
        let found = admin.get("/api/v1/people?q=ada%40example.org").ok();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
    }

    fn wrong_registrations_change_nothing(t: &Harness) {
        let web = t.serve_with(patient(t));
        let client = web.anonymous();
        let body =
            |email: &str, name: &str, password: &str| register(&client, email, name, password);
        let long = "x".repeat(300);
        let fields: [(Reply, &[&str]); 11] = [
            (body("", "", ""), &["/email", "/name", "/password"]),
            (body("ada", "Ada", PASSWORD), &["/email"]),
            (body("a\u{0}da@example.org", "Ada", PASSWORD), &["/email"]),
            (body("ada@example.org\r\nBcc: x@y.zz", "Ada", PASSWORD), &["/email"]),
            (body("ada@example.org", "A\u{202E}da", PASSWORD), &["/name"]),
            (body("ada@example.org", "A\nda", PASSWORD), &["/name"]),
            (body("ada@example.org", &long, PASSWORD), &["/name"]),
            (body("ada@example.org", "Ada", "password1234"), &["/password"]),
            (body("ada@example.org", "Ada", "nine char"), &["/password"]),
            (body("ada@example.org", "Ada", &long), &["/password"]),
            (body("ada@example.org", "Ada", "I am ada, as you see"), &["/password"]),
        ];
        for (reply, pointers) in fields {
            reply.wrong_fields(pointers);
        }
        let mut more = json!({ "email": "a@b.cc", "name": "A", "password": PASSWORD });
        more["roles"] = json!(["admin"]);
        client.post("/api/v1/auth/register", more).wrong_fields(&["/roles"]);
        let raw = |bytes: &[u8]| {
            client.send("POST", "/api/v1/auth/register", &[], Some(bytes.to_vec()))
        };
        raw(b"{").refused(400, "malformed_request");
        raw(b"\xff\xfe{}").refused(400, "malformed_request");
        raw(b"{\"email\":1}").refused(422, "invalid");
        web.work();
        let admin = web.with_role("Root", almoner::kernel::actor::Role::Admin);
        let everybody = admin.get("/api/v1/people").ok();
        assert_eq!(everybody["items"].as_array().map(Vec::len), Some(1), "{everybody}");
        assert!(!web.env().config.mail_folder().exists(), "no mail left");
    }
}
