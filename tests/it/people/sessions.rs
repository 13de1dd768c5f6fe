//! Sessions: tokens, refresh, logout.

use super::*;
use crate::support::web::PASSWORD;

fn session(web: &Web, email: &str) -> Value {
    log_in(&web.anonymous(), email, PASSWORD).ok()
}

both! {
    fn refresh_tokens_rotate(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let mut tokens = session(&web, &ada.email);
        let id = text(&tokens, "session_id");
        for _ in 0..3 {
            t.clock.advance_seconds(60);
            let next = refresh(&web.anonymous(), &text(&tokens, "refresh_token")).ok();
            assert_ne!(next["refresh_token"], tokens["refresh_token"]);
            assert_ne!(next["access_token"], tokens["access_token"]);
            assert_eq!(text(&next, "session_id"), id);
            with_token(&web, &text(&tokens, "access_token")).get("/api/v1/me").ok();
            tokens = next;
        }
        assert_eq!(mails(&web, &ada.email).len(), 0);
    }

    fn a_replayed_refresh_token_ends_its_session(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (ada, client) = (web.person("Ada"), web.anonymous());
        let other = session(&web, &ada.email);
        let first = session(&web, &ada.email);
        let second = refresh(&client, &text(&first, "refresh_token")).ok();
        let replay = refresh(&client, &text(&first, "refresh_token")).refused(401, "token_refused");
        assert!(text(&replay, "detail").contains("used twice"), "{replay}");
        // Nobody goes on with this session, and each is told why.
        for access in [&first, &second] {
            let client = with_token(&web, &text(access, "access_token"));
            let refused = client.get("/api/v1/me").refused(401, "unauthenticated");
            assert!(text(&refused, "detail").contains("used twice"), "{refused}");
        }
        let dead = refresh(&client, &text(&second, "refresh_token")).refused(401, "token_refused");
        assert!(text(&dead, "detail").contains("used twice"), "{dead}");
        refresh(&client, &text(&first, "refresh_token")).refused(401, "token_refused");
        // Told once, and other sessions go on.
        let told = mails(&web, &ada.email);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].subject, "A session was ended");
        refresh(&client, &text(&other, "refresh_token")).ok();
    }

    fn of_fifty_at_once_at_most_one_wins_and_the_session_ends(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let tokens = session(&web, &ada.email);
        let token = text(&tokens, "refresh_token");
        let client = web.anonymous();
        let replies = at_once(50, |_| refresh(&client, &token));
        let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|r| r.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 49));
        for reply in lost {
            reply.refused(401, "token_refused");
        }
        let won = won[0].json();
        refresh(&client, &text(&won, "refresh_token")).refused(401, "token_refused");
        let won = with_token(&web, &text(&won, "access_token"));
        won.get("/api/v1/me").refused(401, "unauthenticated");
        assert_eq!(mails(&web, &ada.email).len(), 1);
    }

    fn the_database_decides_who_was_first(t: &Harness) {
        use almoner::people::service;
        let web = t.serve_with(patient(t));
        let (ada, db) = (web.person("Ada"), &web.app.db);
        for _ in 0..40 {
            let token = text(&session(&web, &ada.email), "refresh_token");
            let ctx = web.system();
            let results = at_once(4, |_| {
                db.write_now("test.refresh", |conn| service::refresh(conn, &ctx, &token))
            });
            let decided: Vec<bool> =
                results.into_iter().map(|r| r.expect("decided, not failed").is_ok()).collect();
            assert_eq!(decided.iter().filter(|won| **won).count(), 1, "{decided:?}");
        }
    }

    fn sessions_expire(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (ada, client) = (web.person("Ada"), web.anonymous());
        let tokens = session(&web, &ada.email);
        let access = with_token(&web, &text(&tokens, "access_token"));
        t.clock.advance_seconds(904);
        access.get("/api/v1/me").ok();
        t.clock.advance_seconds(1);
        access.get("/api/v1/me").refused(401, "unauthenticated");
        t.clock.advance_seconds(30 * 86400 - 905);
        refresh(&client, &text(&tokens, "refresh_token")).refused(401, "token_refused");
        // Used every 29 days it lasts for 180 days, not longer.
        let mut tokens = session(&web, &ada.email);
        for _ in 0..6 {
            t.clock.advance_seconds(29 * 86400);
            tokens = refresh(&client, &text(&tokens, "refresh_token")).ok();
        }
        let end = text(&tokens, "refresh_expires_at");
        t.clock.advance_seconds(6 * 86400);
        assert_eq!(t.clock.now().to_string(), end);
        refresh(&client, &text(&tokens, "refresh_token")).refused(401, "token_refused");
        assert_eq!(mails(&web, &ada.email).len(), 0, "expiry is no theft");
    }

    fn logging_out_ends_every_token(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (ada, client) = (web.person("Ada"), web.anonymous());
        let tokens = session(&web, &ada.email);
        let access = with_token(&web, &text(&tokens, "access_token"));
        assert_eq!(access.command("/api/v1/auth/logout").status, 204);
        let refused = access.get("/api/v1/me").refused(401, "unauthenticated");
        assert!(text(&refused, "detail").contains("logged out"), "{refused}");
        access.command("/api/v1/auth/logout").refused(401, "unauthenticated");
        refresh(&client, &text(&tokens, "refresh_token")).refused(401, "token_refused");
        client.command("/api/v1/auth/logout").refused(401, "unauthenticated");
        assert_eq!(ada.get("/api/v1/me").status, 200, "the other session goes on");
    }

    fn one_ends_ones_own_sessions_only(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (ada, bob) = (web.person("Ada"), web.person("Bob"));
        let more = session(&web, &ada.email);
        let list = ada.get("/api/v1/me/sessions").ok();
        let items = list["items"].as_array().expect("a list");
        assert_eq!(items.len(), 2);
        assert_eq!(items[0]["id"], more["session_id"], "newest first");
        assert_eq!((&items[0]["current"], &items[1]["current"]), (&json!(false), &json!(true)));
        assert_eq!(items[0]["address"], "127.0.0.1");
        let page = ada.get("/api/v1/me/sessions?limit=1").ok();
        let next = format!("/api/v1/me/sessions?limit=1&after={}", text(&page, "next"));
        assert_eq!(ada.get(&next).ok()["items"][0]["id"], items[1]["id"]);
        // Somebody else's answers like a missing one.
        let path = format!("/api/v1/me/sessions/{}", text(&more, "session_id"));
        let missing = "/api/v1/me/sessions/01890000-0000-7000-8000-000000000000";
        let (theirs, none) = (bob.delete(&path), bob.delete(missing));
        assert_eq!(outside(&theirs), outside(&none));
        theirs.refused(404, "not_found");
        assert_eq!(ada.delete(&path).status, 204);
        assert_eq!(ada.delete(&path).status, 204, "ended already");
        let ended = with_token(&web, &text(&more, "access_token")).get("/api/v1/me");
        ended.refused(401, "unauthenticated");
        ada.delete("/api/v1/me/sessions/no-id").refused(400, "malformed_request");
        assert_eq!(ada.get("/api/v1/me/sessions").ok()["items"].as_array().map(Vec::len), Some(1));
    }

    fn what_expired_long_ago_is_forgotten(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let old = session(&web, &ada.email);
        t.clock.advance_seconds(121 * 86400);
        let new = session(&web, &ada.email);
        web.work();
        let gone = refresh(&web.anonymous(), &text(&old, "refresh_token"));
        assert!(text(&gone.refused(401, "token_refused"), "detail").contains("not known"));
        refresh(&web.anonymous(), &text(&new, "refresh_token")).ok();
    }

    fn odd_refresh_tokens_are_refused(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let tokens = session(&web, &ada.email);
        let good = text(&tokens, "refresh_token");
        let odd = [
            String::new(),
            "alr_".to_owned(),
            good.replace("alr_", "alp_"),
            good.to_uppercase(),
            format!("{good}A"),
            text(&tokens, "access_token"),
            "\u{1}".to_owned(),
            "x".repeat(100_000),
        ];
        for token in odd {
            refresh(&web.anonymous(), &token).refused(401, "token_refused");
        }
        refresh(&web.anonymous(), &good).ok();
    }
}
