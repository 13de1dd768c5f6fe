//! Changing and resetting passwords.

use super::*;
use crate::support::web::PASSWORD;

const NEW: &str = "four wet boots by the door";

fn change(client: &Client, current: &str, new: &str) -> Reply {
    let body = json!({ "current_password": current, "new_password": new });
    client.post("/api/v1/me/password", body)
}

fn ask(web: &Web, email: &str) -> String {
    web.anonymous().post("/api/v1/auth/request-reset", json!({ "email": email })).ok();
    last_mail(web, email).token()
}

fn reset(web: &Web, token: &str, password: &str) -> Reply {
    let body = json!({ "token": token, "password": password });
    web.anonymous().post("/api/v1/auth/reset", body)
}

fn personal_token(client: &Client) -> String {
    let body = json!({ "name": "script", "scopes": ["me:read"], "expires_in_days": 30 });
    text(&client.post("/api/v1/me/access-tokens", body).ok(), "token")
}

both! {
    fn changing_it_ends_the_other_sessions(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let other = log_in(&web.anonymous(), &ada.email, PASSWORD).ok();
        change(&ada, "wrong password", NEW).wrong_fields(&["/current_password"]);
        change(&ada, PASSWORD, PASSWORD).wrong_fields(&["/new_password"]);
        change(&ada, PASSWORD, "password1234").wrong_fields(&["/new_password"]);
        change(&ada, "wrong", "short").wrong_fields(&["/current_password", "/new_password"]);
        assert_eq!(change(&ada, PASSWORD, NEW).status, 204);
        ada.get("/api/v1/me").ok();
        let ended = with_token(&web, &text(&other, "access_token")).get("/api/v1/me");
        let ended = ended.refused(401, "unauthenticated");
        assert!(text(&ended, "detail").contains("password was changed"), "{ended}");
        refresh(&web.anonymous(), &text(&other, "refresh_token")).refused(401, "token_refused");
        log_in(&web.anonymous(), &ada.email, PASSWORD).refused(401, "login_failed");
        log_in(&web.anonymous(), &ada.email, NEW).ok();
        assert_eq!(last_mail(&web, &ada.email).subject, "Your password was changed");
        web.anonymous().post("/api/v1/me/password", json!({})).refused(401, "unauthenticated");
        change(&web.anonymous(), NEW, PASSWORD).refused(401, "unauthenticated");
    }

    fn two_changes_at_once_are_one(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let statuses =
            at_once(4, |n| change(&ada, PASSWORD, &format!("quite another one {n}")).status);
        assert_eq!(statuses.iter().filter(|s| **s == 204).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|s| [204, 412, 422].contains(s)), "{statuses:?}");
    }

    fn a_mailed_link_sets_a_new_one_and_throws_everybody_out(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let tokens = log_in(&web.anonymous(), &ada.email, PASSWORD).ok();
        let script = with_token(&web, &personal_token(&ada));
        let (first, second) = (ask(&web, &ada.email), ask(&web, &ada.email));
        reset(&web, &second, "password1234").wrong_fields(&["/password"]);
        assert_eq!(reset(&web, &second, NEW).status, 204, "a weak one does not use it up");
        reset(&web, &second, NEW).refused(401, "token_refused");
        reset(&web, &first, NEW).refused(401, "token_refused");
        for dead in [&ada, &script, &with_token(&web, &text(&tokens, "access_token"))] {
            dead.get("/api/v1/me").refused(401, "unauthenticated");
        }
        refresh(&web.anonymous(), &text(&tokens, "refresh_token")).refused(401, "token_refused");
        log_in(&web.anonymous(), &ada.email, PASSWORD).refused(401, "login_failed");
        log_in(&web.anonymous(), &ada.email, NEW).ok();
        assert_eq!(last_mail(&web, &ada.email).subject, "Your password was changed");
    }

    fn a_reset_link_lasts_for_an_hour_and_is_good_for_nothing_else(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let token = ask(&web, &ada.email);
        let as_confirmation = json!({ "token": token, "password": PASSWORD });
        web.anonymous().post("/api/v1/auth/confirm", as_confirmation).refused(401, "token_refused");
        with_token(&web, &token).get("/api/v1/me").refused(401, "unauthenticated");
        t.clock.advance_seconds(3600);
        reset(&web, &token, NEW).refused(401, "token_refused");
        let token = ask(&web, &ada.email);
        t.clock.advance_seconds(3599);
        assert_eq!(reset(&web, &token, NEW).status, 204);
        for odd in ["", "alm_", "alm_x", "\u{1}"] {
            reset(&web, odd, NEW).refused(401, "token_refused");
        }
    }

    fn a_reset_link_is_good_once_also_for_many_at_once(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let token = ask(&web, &ada.email);
        let statuses = at_once(8, |n| reset(&web, &token, &format!("{NEW} {n}")).status);
        assert_eq!(statuses.iter().filter(|s| **s == 204).count(), 1, "{statuses:?}");
    }

    fn a_reset_confirms_the_address_too(t: &Harness) {
        let web = t.serve_with(patient(t));
        let body = json!({ "email": "new@example.org", "name": "New", "password": PASSWORD });
        web.anonymous().post("/api/v1/auth/register", body).ok();
        let confirm = last_mail(&web, "new@example.org").token();
        let token = ask(&web, "new@example.org");
        assert_eq!(reset(&web, &token, NEW).status, 204);
        log_in(&web.anonymous(), "new@example.org", NEW).ok();
        let late = json!({ "token": confirm, "password": PASSWORD });
        web.anonymous().post("/api/v1/auth/confirm", late).refused(401, "token_refused");
    }
}

/// What people typed as secrets, and what they were given, is not in the database as such.
#[test]
fn secrets_are_not_in_the_database_file() {
    Harness::run(crate::support::Side::Sqlite, |t| {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let tokens = log_in(&web.anonymous(), &ada.email, PASSWORD).ok();
        let mut secrets = vec![PASSWORD.to_owned(), NEW.to_owned(), personal_token(&ada)];
        web.anonymous().post("/api/v1/auth/request-reset", json!({ "email": ada.email })).ok();
        let folder = t.dir().to_owned();
        let found = move |secrets: &[String]| {
            let files = std::fs::read_dir(&folder).expect("a folder");
            let bytes: Vec<u8> = files
                .map(|f| f.expect("a file").path())
                .filter(|p| p.is_file() && p.to_string_lossy().contains(".db"))
                .flat_map(|p| std::fs::read(p).expect("bytes"))
                .collect();
            assert!(bytes.len() > 100_000, "the database was read");
            let holds = |s: &str| bytes.windows(s.len()).any(|w| w == s.as_bytes());
            // Tokens without their prefix, which is no secret.
            fn bare(s: &str) -> Option<(&str, &str)> {
                s.split_at_checked(4).filter(|(prefix, _)| prefix.ends_with('_'))
            }
            secrets.iter().filter(|s| holds(bare(s).map_or(s.as_str(), |(_, bits)| bits))).count()
        };
        assert_eq!(found(std::slice::from_ref(&ada.email)), 1, "what is there is found");
        secrets.push(text(&tokens, "refresh_token"));
        secrets.push(text(&tokens, "access_token"));
        assert_eq!(found(&secrets), 0, "before the mail is sent");
        let token = last_mail(&web, &ada.email).token();
        assert_eq!(reset(&web, &token, NEW).status, 204);
        secrets.push(token);
        assert_eq!(found(&secrets), 0, "and after");
    });
}
