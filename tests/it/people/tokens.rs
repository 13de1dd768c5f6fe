//! Personal access tokens.

use super::enrol::{FACTOR, shows};
use super::*;
use almoner::kernel::actor::Role;

const TOKENS: &str = "/api/v1/me/access-tokens";

fn make(client: &Client, scopes: &[&str], days: i64) -> Reply {
    let body = json!({ "name": "script", "scopes": scopes, "expires_in_days": days });
    client.post(TOKENS, body)
}

both! {
    fn shown_once_listed_and_revoked(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (ada, bob) = (web.person("Ada"), web.person("Bob"));
        let made = make(&ada, &["me:read", "me:read"], 30);
        let location = made.header("location").expect("an address").to_owned();
        let new = made.ok();
        assert_eq!(new["scopes"], json!(["me:read"]));
        let script = with_token(&web, &text(&new, "token"));
        assert_eq!(script.get("/api/v1/me").ok()["email"], ada.email.as_str());
        let list = ada.get(TOKENS);
        assert!(!list.text().contains(&text(&new, "token")[4..]), "shown once");
        assert_eq!(list.ok()["items"][0]["id"], new["id"]);
        assert_eq!(location, format!("{TOKENS}/{}", text(&new, "id")));
        bob.delete(&location).refused(404, "not_found");
        script.get("/api/v1/me").ok();
        assert_eq!(ada.delete(&location).status, 204);
        ada.delete(&location).refused(404, "not_found");
        let refused = script.get("/api/v1/me").refused(401, "unauthenticated");
        assert!(text(&refused, "detail").contains("revoked"), "{refused}");
        assert_eq!(ada.get(TOKENS).ok()["items"], json!([]));
    }

    fn scopes_and_roles_both_count(t: &Harness) {
        let web = t.serve_with(patient(t));
        let admin = web.with_role("Root", Role::Admin);
        let ada = web.person("Ada");
        let token = |c: &Client, scopes: &[&str]| {
            with_token(&web, &text(&make(c, scopes, 1).ok(), "token"))
        };
        let reader = token(&admin, &["people:read"]);
        reader.get("/api/v1/people").ok();
        let refused = reader.get("/api/v1/me").refused(403, "scope_missing");
        assert!(text(&refused, "detail").contains("me:read"), "{refused}");
        let suspend = format!("/api/v1/people/{}/suspend", ada.id());
        reader.post(&suspend, json!({ "reason": "x" })).refused(403, "scope_missing");
        // A scope gives no right that its person lacks.
        token(&ada, &["people:read"]).get("/api/v1/people").refused(403, "forbidden");
        token(&ada, &["people:write"]).post(&suspend, json!({ "reason": "x" }))
            .refused(403, "forbidden");
    }

    fn a_token_dies_with_what_it_was_made_on(t: &Harness) {
        let web = t.serve_with(patient(t));
        let root = web.with_role("Root", Role::Admin);
        let about = |who: &Client, what: &str| format!("/api/v1/people/{}/{what}", who.id());
        type Change<'c> = (&'static str, &'c dyn Fn(&Client) -> Reply);
        let changes: [Change<'_>; 7] = [
            ("password", &|ada| {
                let new = json!({
                    "current_password": crate::support::web::PASSWORD,
                    "new_password": "four wet boots by the door",
                });
                ada.post("/api/v1/me/password", new)
            }),
            ("factor replaced", &|ada| {
                let secret = text(&ada.post(FACTOR, json!({})).ok(), "secret");
                ada.post(&format!("{FACTOR}/confirm"), shows(&t.clock, &secret, 0))
            }),
            ("factor removed", &|ada| ada.delete(FACTOR)),
            ("factor reset", &|ada| {
                root.post(&about(ada, "reset-factor"), json!({ "reason": "lost" }))
            }),
            ("role granted", &|ada| {
                root.post(&about(ada, "grant-role"), json!({ "role": "reviewer" }))
            }),
            ("role removed", &|ada| {
                root.post(&about(ada, "remove-role"), json!({ "role": "funder" }))
            }),
            ("suspended", &|ada| root.post(&about(ada, "suspend"), json!({ "reason": "x" }))),
        ];
        for (name, change) in changes {
            let ada = web.with_role("Ada", Role::Funder);
            let script = with_token(&web, &text(&make(&ada, &["me:read"], 1).ok(), "token"));
            let other = web.with_role("Bob", Role::Funder);
            let theirs = with_token(&web, &text(&make(&other, &["me:read"], 1).ok(), "token"));
            script.get("/api/v1/me").ok();
            let done = change(&ada);
            assert!(done.status < 300, "{name}: {}", done.text());
            assert_eq!(script.get("/api/v1/me").status, 401, "{name}");
            theirs.get("/api/v1/me").ok();
            t.clock.advance_seconds(120);
        }
    }

    fn no_token_is_made_while_the_session_ends(t: &Harness) {
        let web = t.serve_with(patient(t));
        let root = web.with_role("Root", Role::Admin);
        let (ada, bob) = (web.person("Ada"), web.person("Bob"));
        let grant = |who: &Client| {
            let path = format!("/api/v1/people/{}/grant-role", who.id());
            root.post(&path, json!({ "role": "reviewer" }))
        };
        // The second factors are asked for here, so that nothing delays the next.
        grant(&bob).ok();
        make(&ada, &["me:read"], 1).ok();
        t.slows("audit_log");
        let told = at_once(2, |n| {
            if n == 0 {
                return grant(&ada);
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
            make(&ada, &["me:read"], 1)
        });
        told[0].ok();
        // Who was so quick that the token came first finds it revoked.
        if told[1].status == 201 {
            let script = with_token(&web, &text(&told[1].ok(), "token"));
            script.get("/api/v1/me").refused(401, "unauthenticated");
        } else {
            told[1].refused(401, "unauthenticated");
        }
    }

    fn a_token_is_made_only_after_showing_the_factor(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        make(&ada.bare(), &["me:read"], 1).refused(403, "factor_required");
        make(&ada, &["me:read"], 1).ok();
        t.clock.advance_seconds(301);
        make(&ada.bare(), &["me:read"], 1).refused(403, "step_up_required");
    }

    fn no_token_reaches_passwords_sessions_or_tokens(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        make(&ada, &["account"], 1).wrong_fields(&["/scopes/0"]);
        let wrong = make(&ada, &["me:read", "nothing", ""], 0);
        wrong.wrong_fields(&["/scopes/1", "/scopes/2", "/expires_in_days"]);
        make(&ada, &[], 367).wrong_fields(&["/scopes", "/expires_in_days"]);
        let scopes = almoner::people::service::grantable_scopes();
        assert!(scopes.len() > 20 && !scopes.contains(&"account"), "{scopes:?}");
        let script = with_token(&web, &text(&make(&ada, &scopes, 366).ok(), "token"));
        script.get("/api/v1/me").ok();
        let refused = [
            make(&script, &["me:read"], 1),
            script.get(TOKENS),
            script.get("/api/v1/me/sessions"),
            script.command("/api/v1/auth/logout"),
            script.post(
                "/api/v1/me/password",
                json!({
                    "current_password": crate::support::web::PASSWORD,
                    "new_password": "four wet boots by the door",
                }),
            ),
        ];
        for reply in refused {
            reply.refused(403, "scope_missing");
        }
    }

    fn a_token_expires(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let script = with_token(&web, &text(&make(&ada, &["me:read"], 2).ok(), "token"));
        t.clock.advance_seconds(2 * 86400 - 1);
        script.get("/api/v1/me").ok();
        t.clock.advance_seconds(1);
        let refused = script.get("/api/v1/me").refused(401, "unauthenticated");
        assert!(text(&refused, "detail").contains("expired"), "{refused}");
    }

    fn the_number_of_tokens_is_limited_also_for_many_at_once(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        for _ in 0..45 {
            make(&ada, &["me:read"], 1).ok();
        }
        let statuses = at_once(12, |_| make(&ada, &["me:read"], 1).status);
        assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 5, "{statuses:?}");
        make(&ada, &["me:read"], 1).refused(409, "limit_reached");
    }
}
