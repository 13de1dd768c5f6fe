//! Doors without a login, tried too often.

use super::*;

fn tight(t: &Harness) -> Config {
    let mut config = patient(t);
    config.auth.limits.account = Limit { burst: 3, per_hour: 3600 };
    config.auth.limits.mail = Limit { burst: 2, per_hour: 1 };
    config
}

#[track_caller]
fn told_to_wait(reply: &Reply) -> u32 {
    reply.refused(429, "too_many_requests");
    reply.header("retry-after").expect("a time to wait").parse().expect("seconds")
}

both! {
    fn guessing_gets_slow_whether_or_not_there_is_an_account(t: &Harness) {
        let web = t.serve_with(tight(t));
        let client = web.anonymous();
        let (ada, bob) = (web.person("Ada"), web.person("Bob"));
        let mut waits = Vec::new();
        for email in [ada.email.as_str(), "nobody@example.org"] {
            for _ in 0..3 {
                log_in(&client, email, "wrong password").refused(401, "login_failed");
            }
            let spelled = email.to_uppercase();
            let right = log_in(&client, &spelled, crate::support::web::PASSWORD);
            waits.push(told_to_wait(&right));
        }
        assert!(waits.iter().all(|w| (1..=2).contains(w)), "{waits:?}");
        log_in(&client, &bob.email, crate::support::web::PASSWORD).ok();
        std::thread::sleep(std::time::Duration::from_secs(waits[0].into()));
        log_in(&client, &ada.email, crate::support::web::PASSWORD).ok();
    }

    fn a_mailbox_is_not_filled(t: &Harness) {
        let web = t.serve_with(tight(t));
        let (client, ada) = (web.anonymous(), web.person("Ada"));
        for email in [ada.email.as_str(), "nobody@example.org"] {
            let ask = || client.post("/api/v1/auth/request-reset", json!({ "email": email }));
            let register = || {
                let body = json!({ "email": email, "name": "A", "password": "four wet boots" });
                client.post("/api/v1/auth/register", body)
            };
            ask().ok();
            register().ok();
            assert!(told_to_wait(&ask()) > 3000);
            assert!(told_to_wait(&register()) > 3000);
        }
        assert_eq!(mails(&web, &ada.email).len(), 2);
    }

    fn long_work_is_limited_by_person(t: &Harness) {
        let mut config = patient(t);
        config.auth.limits.work = Limit { burst: 3, per_hour: 60 };
        let web = t.serve_with(config);
        let [one, two] = ["One", "Two"].map(|name| {
            web.with_roles(name, &[almoner::kernel::actor::Role::Admin])
        });
        for paths in [&["/api/v1/ledger/export?format=csv", "/api/v1/ledger/check"][..],
            &["/api/v1/people?q=a", "/api/v1/audit", "/api/v1/me/next"]] {
            for n in 0..3 {
                assert_eq!(one.get(paths[n % 2]).status, 200);
            }
            paths.iter().for_each(|path| assert!(told_to_wait(&one.get(path)) > 30));
            assert_eq!(two.get(paths[0]).status, 200, "somebody else's is their own");
        }
        one.get("/api/v1/me").ok();
        // Who may not do it at all is told so, however often.
        let nora = web.person("Nora");
        (0..5).for_each(|_| { nora.get("/api/v1/people").refused(403, "forbidden"); });
    }

    fn long_work_is_limited_by_address(t: &Harness) {
        let mut config = patient(t);
        config.auth.limits.work = Limit { burst: 3, per_hour: 3 };
        let web = t.serve_with(config);
        let path = "/api/v1/ledger/export?format=csv";
        let told: Vec<u16> = (0..11).flat_map(|n| {
            let who = web.with_role(&format!("Boss {n}"), almoner::kernel::actor::Role::Admin);
            [(); 3].map(|()| who.get(path).status)
        }).collect();
        let (passed, waits) = told.split_at(30);
        assert!(passed.iter().all(|status| *status == 200), "{told:?}");
        assert!(waits.iter().all(|status| *status == 429), "ten times one person's: {told:?}");
    }

    fn showing_the_present_password_is_limited_too(t: &Harness) {
        let web = t.serve_with(tight(t));
        let ada = web.person("Ada");
        let body = json!({ "current_password": "wrong", "new_password": "four wet boots by the" });
        for _ in 0..3 {
            ada.post("/api/v1/me/password", body.clone()).refused(422, "invalid");
        }
        told_to_wait(&ada.post("/api/v1/me/password", body));
    }
}
