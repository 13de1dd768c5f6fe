//! Keys and tokens: whose they are, how many there are, and when they end.

use super::access::{NOBODY, log_in, mails, text_of, token_in, told};
use crate::support::Harness;
use crate::support::desk::threads;
use crate::support::payday::us_payee;
use crate::support::web::{Client, PASSWORD, Reply, new_key};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

const TOKENS: &str = "/api/v1/me/access-tokens";

fn personal_token(who: &Client) -> Reply {
    who.post(TOKENS, json!({ "name": "s", "scopes": ["me:read"], "expires_in_days": 3 }))
}

both! {
    fn refresh_tokens_outliving_a_reset(t: &Harness) {
        let web = t.serve();
        let ada = web.person("Ada");
        let begun: Vec<Value> = (0..3).map(|_| log_in(&web, &ada.email, PASSWORD).ok()).collect();
        let refresh = |tokens: &Value| {
            let form = json!({ "refresh_token": tokens["refresh_token"] });
            web.anonymous().post("/api/v1/auth/refresh", form)
        };
        let renewed = refresh(&begun[0]).ok();
        let script = personal_token(&ada).ok();
        web.anonymous().post("/api/v1/auth/request-reset", json!({ "email": ada.email })).ok();
        let token = token_in(&text_of(&mails(&web, &ada.email).pop().expect("a mail")));
        let form = json!({ "token": token, "password": "four wet boots by the door" });
        assert_eq!(web.anonymous().post("/api/v1/auth/reset", form).status, 204);
        for tokens in [&renewed, &begun[1], &begun[2], &begun[0]] {
            refresh(tokens).refused(401, "token_refused");
        }
        for token in [&renewed["access_token"], &begun[1]["access_token"], &script["token"]] {
            let held = Client::new(web.url.clone(), token.as_str().map(str::to_owned));
            held.get("/api/v1/me").refused(401, "unauthenticated");
        }
    }

    fn a_count_limit_raced(t: &Harness) {
        let web = t.serve();
        let ada = web.person("Ada");
        (0..46).for_each(|_| { personal_token(&ada).ok(); });
        let made = threads(8, |_| personal_token(&ada).status);
        assert_eq!(made.iter().filter(|s| **s == 201).count(), 4, "{made:?}");
        assert!(made.iter().all(|s| [201, 409].contains(s)), "{made:?}");
        let payee = |n: usize| {
            ada.post("/api/v1/payees", us_payee(&format!("5550{n:04}"), json!({}))).status
        };
        payee(0);
        (1..17).for_each(|n| assert_eq!(payee(n), 201));
        let made = threads(8, |n| payee(100 + n));
        assert_eq!(made.iter().filter(|s| **s == 201).count(), 3, "{made:?}");
        let list = ada.get("/api/v1/payees?limit=200").ok();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(20));
        // So many to a team, and no more.
        let field = web.field();
        let form = json!({ "call_id": field.call, "title": "Many" });
        let id = ada.post("/api/v1/applications", form).id();
        let invite = |n: usize| {
            let form = json!({ "email": format!("m{n}@example.org"), "name": "M" });
            ada.post(&format!("/api/v1/applications/{id}/members"), form).status
        };
        (0..17).for_each(|n| assert_eq!(invite(n), 201));
        let asked = threads(6, |n| invite(100 + n));
        assert_eq!(asked.iter().filter(|s| **s == 201).count(), 2, "{asked:?}");
    }

    fn revoking_somebody_elses_key(t: &Harness) {
        let web = t.serve();
        let (ada, bob, root) = (web.person("Ada"), web.person("Bob"),
            web.with_role("Root", Role::Admin));
        let made = personal_token(&ada).ok();
        let script = Client::new(web.url.clone(), made["token"].as_str().map(str::to_owned));
        let at = |id: &str| format!("{TOKENS}/{id}");
        let session = ada.get("/api/v1/me/sessions").ok()["items"][0]["id"].as_str()
            .expect("an id").to_owned();
        for who in [&bob, &root] {
            let real = who.delete(&at(made["id"].as_str().expect("an id")));
            assert_eq!(told(&real), told(&who.delete(&at(NOBODY))));
            real.refused(404, "not_found");
            who.delete(&format!("/api/v1/me/sessions/{session}")).refused(404, "not_found");
        }
        web.anonymous().delete(&at(made["id"].as_str().expect("an id")))
            .refused(401, "unauthenticated");
        script.get("/api/v1/me").ok();
        ada.get("/api/v1/me").ok();
        // Nor does the key of one reach another's by the address of the first.
        let key = new_key();
        let before = ada.get(TOKENS).ok()["items"].as_array().map(Vec::len);
        bob.post_key("/api/v1/me/sessions/end-others", &key, json!({}));
        assert_eq!(ada.get(TOKENS).ok()["items"].as_array().map(Vec::len), before);
    }
}
