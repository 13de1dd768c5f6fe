//! Logging in with a second factor.

use super::*;
use crate::support::web::PASSWORD;
use almoner::kernel::actor::Role;

/// An admin, and what they get for their password.
fn waits(web: &Web, who: &Client) -> Value {
    let reply = log_in(&web.anonymous(), &who.email, PASSWORD);
    assert_eq!(reply.status, 202, "{}", reply.text());
    reply.ok()
}

fn code(code: &str) -> Value {
    json!({ "code": code })
}

both! {
    fn the_password_alone_gives_no_session(t: &Harness) {
        let web = t.serve_with(patient(t));
        let root = web.with_role("Root", Role::Admin);
        let waits = waits(&web, &root);
        assert_eq!(waits["expires_in"], 300);
        assert!(waits.get("access_token").is_none() && waits.get("refresh_token").is_none());
        let challenge = text(&waits, "challenge");
        // Good for nothing but the second step.
        with_token(&web, &challenge).get("/api/v1/me").refused(401, "unauthenticated");
        refresh(&web.anonymous(), &challenge).refused(401, "token_refused");
        let reset = json!({ "token": challenge, "password": "four wet boots by the door" });
        web.anonymous().post("/api/v1/auth/reset", reset).refused(401, "token_refused");
        let shown = code(&root.device().code().expect("a code"));
        let tokens = pass(&web, &waits, shown.clone()).ok();
        with_token(&web, &text(&tokens, "access_token")).get("/api/v1/me").ok();
        // Once.
        pass(&web, &waits, shown).refused(401, "token_refused");
        t.clock.advance_seconds(30);
        pass(&web, &waits, code(&root.device().code().expect("a code")))
            .refused(401, "token_refused");
    }

    fn without_a_factor_the_password_is_enough(t: &Harness) {
        let web = t.serve_with(patient(t));
        for role in [None, Some(Role::Reviewer), Some(Role::Funder)] {
            let roles: Vec<Role> = role.into_iter().collect();
            let who = web.with_roles("Ada", &roles);
            let tokens = log_in(&web.anonymous(), &who.email, PASSWORD);
            assert_eq!(tokens.status, 200);
            with_token(&web, &text(&tokens.ok(), "access_token")).get("/api/v1/me").ok();
        }
    }

    fn answers_tell_nothing_to_who_does_not_know_the_password(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (root, ada) = (web.with_role("Root", Role::Admin), web.person("Ada"));
        let asked = [root.email.as_str(), ada.email.as_str(), "nobody@example.org"];
        let replies = asked.map(|email| outside(&log_in(&web.anonymous(), email, "wrong one")));
        assert!(replies.iter().all(|r| *r == replies[0]), "{replies:?}");
        let never = json!({ "challenge": "alc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" });
        let good = waits(&web, &root);
        pass(&web, &good, code(&root.device().code().expect("a code"))).ok();
        let used = pass(&web, &good, code("000000"));
        let unknown = pass(&web, &never, code("000000"));
        assert_eq!(outside(&used), outside(&unknown));
        for odd in ["", "alc_", "x", "\u{1}"] {
            let odd = pass(&web, &json!({ "challenge": odd }), code("000000"));
            assert_eq!(outside(&odd), outside(&unknown));
        }
    }

    fn a_challenge_lasts_five_minutes_and_five_tries(t: &Harness) {
        let web = t.serve_with(patient(t));
        let root = web.with_role("Root", Role::Admin);
        let (late, early) = (waits(&web, &root), waits(&web, &root));
        t.clock.advance_seconds(299);
        pass(&web, &early, code(&root.device().code().expect("a code"))).ok();
        t.clock.advance_seconds(1);
        let right = || code(&root.device().code().expect("a code"));
        pass(&web, &late, right()).refused(401, "token_refused");
        t.clock.advance_seconds(60);
        let tried = waits(&web, &root);
        for _ in 0..5 {
            pass(&web, &tried, code("000000")).refused(401, "code_refused");
        }
        let warned = mails(&web, &root.email);
        let warned = warned.iter().filter(|mail| mail.subject.starts_with("Wrong codes"));
        assert_eq!(warned.count(), 1, "whoever has the password is told of");
        pass(&web, &tried, right()).refused(401, "token_refused");
        t.clock.advance_seconds(60);
        let again = waits(&web, &root);
        for wrong in [json!({}), json!({ "code": "1", "recovery_code": "x" })] {
            pass(&web, &again, wrong).wrong_fields(&["/code"]);
        }
        pass(&web, &again, code("")).refused(401, "code_refused");
        pass(&web, &again, right()).ok();
    }

    fn of_fifty_uses_of_one_code_one_is_accepted(t: &Harness) {
        let web = t.serve_with(patient(t));
        let root = web.with_role("Root", Role::Admin);
        t.clock.advance_seconds(60);
        let all: Vec<Value> = (0..50).map(|_| waits(&web, &root)).collect();
        let right = root.device().code().expect("a code");
        let replies = at_once(50, |n| pass(&web, &all[n], code(&right)));
        let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|r| r.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 49));
        for reply in lost {
            reply.refused(401, "code_refused");
        }
        // The same with one session that steps up, and with one challenge.
        t.clock.advance_seconds(60);
        let right = root.device().code().expect("a code");
        let bare = root.bare();
        let statuses =
            at_once(50, |_| bare.post("/api/v1/auth/step-up", code(&right)).status);
        assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
        t.clock.advance_seconds(60);
        let (one, right) = (waits(&web, &root), root.device().code().expect("a code"));
        let statuses = at_once(50, |_| pass(&web, &one, code(&right)).status);
        assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    }

    fn codes_of_old_steps_are_refused_also_when_the_clock_goes_back(t: &Harness) {
        let web = t.serve_with(patient(t));
        let root = web.with_role("Root", Role::Admin);
        t.clock.advance_seconds(3600);
        let device = root.device();
        // One step to either side, as clocks differ; not two.
        for (offset, status) in [(-2, 401), (2, 401), (-1, 200)] {
            let reply = pass(&web, &waits(&web, &root), code(&device.code_at(offset)));
            assert_eq!(reply.status, status, "{offset}: {}", reply.text());
        }
        let newest = device.code_at(1);
        pass(&web, &waits(&web, &root), code(&newest)).ok();
        // What is older than the newest that was accepted is refused, though it was never used.
        let never_used = device.code_at(0);
        pass(&web, &waits(&web, &root), code(&never_used)).refused(401, "code_refused");
        t.clock.advance_seconds(30);
        pass(&web, &waits(&web, &root), code(&newest)).refused(401, "code_refused");
        // An hour back: neither the codes of then nor those that were used are good.
        t.clock.advance_seconds(-3600);
        let here = device.code_at(0);
        for stale in [here, newest] {
            pass(&web, &waits(&web, &root), code(&stale)).refused(401, "code_refused");
        }
        // When the clock has caught up, it goes on.
        t.clock.advance_seconds(3600 + 60);
        pass(&web, &waits(&web, &root), code(&device.code_at(0))).ok();
    }

    fn a_password_reset_leaves_the_factor(t: &Harness) {
        let web = t.serve_with(patient(t));
        let root = web.with_role("Root", Role::Admin);
        let open = waits(&web, &root);
        let ask = json!({ "email": root.email });
        web.anonymous().post("/api/v1/auth/request-reset", ask).ok();
        let token = last_mail(&web, &root.email).token();
        let new = "four wet boots by the door";
        let body = json!({ "token": token, "password": new });
        assert_eq!(web.anonymous().post("/api/v1/auth/reset", body).status, 204);
        t.clock.advance_seconds(60);
        let right = code(&root.device().code().expect("a code"));
        pass(&web, &open, right).refused(401, "token_refused");
        let login = log_in(&web.anonymous(), &root.email, new);
        assert_eq!(login.status, 202, "{}", login.text());
        let login = login.ok();
        pass(&web, &login, code("000000")).refused(401, "code_refused");
        pass(&web, &login, code(&root.device().code().expect("a code"))).ok();
    }

    fn guessing_codes_gets_slow(t: &Harness) {
        let mut config = patient(t);
        let web = t.serve_with(config.clone());
        let root = web.with_role("Root", Role::Admin);
        config.auth.limits.account = Limit { burst: 3, per_hour: 1 };
        let tight = t.serve_with(config);
        let (one, other) = (waits(&web, &root), waits(&web, &root));
        for n in 0..3 {
            let login = if n % 2 == 0 { &one } else { &other };
            pass(&tight, login, code("000000")).refused(401, "code_refused");
        }
        let right = code(&root.device().code().expect("a code"));
        let slow = pass(&tight, &other, right);
        slow.refused(429, "too_many_requests");
        assert!(slow.header("retry-after").is_some());
        // Stepping up and confirming are counted with it.
        let stolen = with_token(&tight, &root.token.clone().expect("a token"));
        stolen.post("/api/v1/auth/step-up", code("000000")).refused(429, "too_many_requests");
        stolen.post("/api/v1/me/factor/confirm", code("000000"))
            .refused(429, "too_many_requests");
    }
}
