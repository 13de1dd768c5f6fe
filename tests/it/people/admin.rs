//! What admins do with people.

use super::*;
use crate::support::payday::us_payee;
use almoner::kernel::actor::Role;
use almoner::people::model::Login;

fn grant(client: &Client, whom: &Client, role: &str) -> Reply {
    let path = format!("/api/v1/people/{}/grant-role", whom.id());
    client.post(&path, json!({ "role": role }))
}

fn remove(client: &Client, whom: &Client, role: &str) -> Reply {
    let path = format!("/api/v1/people/{}/remove-role", whom.id());
    client.post(&path, json!({ "role": role }))
}

fn suspend(client: &Client, whom: &Client) -> Reply {
    let path = format!("/api/v1/people/{}/suspend", whom.id());
    client.post(&path, json!({ "reason": "Their mail\nis read by others: see www.example.org" }))
}

fn reactivate(client: &Client, whom: &Client) -> Reply {
    client.command(&format!("/api/v1/people/{}/reactivate", whom.id()))
}

both! {
    fn a_change_of_roles_counts_at_once_and_ends_the_sessions(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (admin, ada) = (web.with_role("Root", Role::Admin), web.person("Ada"));
        ada.get("/api/v1/people").refused(403, "forbidden");
        assert_eq!(grant(&admin, &ada, "auditor").ok()["roles"], json!(["auditor"]));
        let ended = ada.get("/api/v1/people").refused(401, "unauthenticated");
        assert!(text(&ended, "detail").contains("roles were changed"), "{ended}");
        let ada = web.sign_in(ada);
        ada.get("/api/v1/people").ok();
        assert_eq!(grant(&admin, &ada, "finance").ok()["roles"], json!(["finance", "auditor"]));
        let before = admin.get(&format!("/api/v1/people/{}", ada.id())).etag().to_owned();
        ada.get("/api/v1/people").refused(401, "unauthenticated");
        let ada = web.sign_in(ada);
        assert_eq!(grant(&admin, &ada, "finance").etag(), before, "had it already");
        ada.get("/api/v1/people").ok();
        assert_eq!(remove(&admin, &ada, "auditor").ok()["roles"], json!(["finance"]));
        ada.get("/api/v1/people").refused(401, "unauthenticated");
        t.clock.advance_seconds(60);
        web.sign_in(ada.clone()).get("/api/v1/people").refused(403, "forbidden");
        grant(&admin, &ada, "king").wrong_fields(&["/role"]);
        let audit = format!("/api/v1/audit?object_kind=person&object_id={}", ada.id());
        let log = admin.get(&audit).ok();
        let items = log["items"].as_array().expect("a list").clone();
        let done: Vec<&str> = items.iter().filter_map(|r| r["action"].as_str()).collect();
        assert_eq!(done, ["remove_role", "grant_role", "grant_role", "ensure_person"], "{log}");
        assert_eq!(items[0]["person_id"], json!(admin.id()));
        assert_eq!(items[0]["before"], json!({ "roles": ["finance", "auditor"] }));
        assert_eq!(items[0]["after"], json!({ "roles": ["finance"] }));
    }

    fn nobody_makes_themselves_more(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (admin, ada) = (web.with_role("Root", Role::Admin), web.person("Ada"));
        grant(&admin, &admin, "finance").refused(403, "two_persons");
        // Nor by a second account, which gave the same bank account.
        let second = web.person("Second");
        for who in [&admin, &second] {
            who.post("/api/v1/payees", us_payee("000111222333", json!({}))).ok();
        }
        grant(&admin, &second, "finance").refused(403, "two_persons");
        let third = web.with_role("Third", Role::Admin);
        suspend(&third, &second).ok();
        reactivate(&admin, &second).refused(403, "two_persons");
        reactivate(&third, &second).ok();
        remove(&admin, &admin, "admin").refused(403, "two_persons");
        suspend(&admin, &admin).refused(403, "two_persons");
        let (finance, auditor) = (Role::Finance, Role::Auditor);
        for other in [&ada, &web.with_role("Fin", finance), &web.with_role("Aud", auditor)] {
            grant(other, other, "admin").refused(403, "forbidden");
            grant(other, &ada, "admin").refused(403, "forbidden");
            suspend(other, &admin).refused(403, "forbidden");
        }
        grant(&web.anonymous(), &ada, "admin");
        assert_eq!(admin.get("/api/v1/me").ok()["roles"], json!(["admin"]));
        assert_eq!(ada.get("/api/v1/me").ok()["roles"], json!([]));
    }

    fn only_active_people_get_roles(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (admin, ada) = (web.with_role("Root", Role::Admin), web.person("Ada"));
        suspend(&admin, &ada).ok();
        grant(&admin, &ada, "finance").refused(409, "wrong_state");
        let password = "four wet boots";
        let body = json!({ "email": "new@example.org", "name": "New", "password": password });
        web.anonymous().post("/api/v1/auth/register", body).ok();
        let found = admin.get("/api/v1/people?status=unconfirmed").ok();
        let path = format!("/api/v1/people/{}/grant-role", text(&found["items"][0], "id"));
        admin.post(&path, json!({ "role": "finance" })).refused(409, "wrong_state");
    }

    fn suspension_ends_everything_at_once(t: &Harness) {
        let web = t.serve_with(patient(t));
        let admin = web.with_role("Root", Role::Admin);
        let ada = web.with_role("Ada", Role::Finance);
        let password = crate::support::web::PASSWORD;
        let waits = log_in(&web.anonymous(), &ada.email, password).ok();
        let tokens = log_in_with(&web, &ada);
        let body = json!({ "name": "script", "scopes": ["me:read"], "expires_in_days": 30 });
        let script = ada.post("/api/v1/me/access-tokens", body).ok();
        let script = with_token(&web, &text(&script, "token"));
        web.anonymous().post("/api/v1/auth/request-reset", json!({ "email": ada.email })).ok();
        let link = last_mail(&web, &ada.email).token();
        assert_eq!(suspend(&admin, &ada).ok()["status"], "suspended");
        ada.get("/api/v1/me").refused(401, "unauthenticated");
        script.get("/api/v1/me").refused(401, "unauthenticated");
        refresh(&web.anonymous(), &text(&tokens, "refresh_token")).refused(401, "token_refused");
        t.clock.advance_seconds(60);
        let code = ada.device().code().expect("a code");
        pass(&web, &waits, json!({ "code": code })).refused(401, "token_refused");
        let reset = json!({ "token": link, "password": "four wet boots by the door" });
        web.anonymous().post("/api/v1/auth/reset", reset.clone()).refused(401, "token_refused");
        // Whoever does not know the password learns nothing; the person does.
        let stranger = log_in(&web.anonymous(), &ada.email, "wrong password");
        let nobody = log_in(&web.anonymous(), "nobody@example.org", "wrong password");
        assert_eq!(outside(&stranger), outside(&nobody));
        let told = log_in(&web.anonymous(), &ada.email, password).refused(401, "login_failed");
        assert!(text(&told, "detail").contains("suspended"), "{told}");
        let letter = last_mail(&web, &ada.email);
        assert_eq!(letter.subject, "Your account was suspended");
        assert!(letter.text.contains("is read by others"), "{}", letter.text);
        let sent = mails(&web, &ada.email).len();
        web.anonymous().post("/api/v1/auth/request-reset", json!({ "email": ada.email })).ok();
        assert_eq!(mails(&web, &ada.email).len(), sent, "no link for the suspended");
        suspend(&admin, &ada).refused(409, "wrong_state");
        assert_eq!(reactivate(&admin, &ada).ok()["status"], "active");
        reactivate(&admin, &ada).refused(409, "wrong_state");
        // What was ended stays ended.
        ada.get("/api/v1/me").refused(401, "unauthenticated");
        script.get("/api/v1/me").refused(401, "unauthenticated");
        web.anonymous().post("/api/v1/auth/reset", reset).refused(401, "token_refused");
        t.clock.advance_seconds(60);
        let again = with_token(&web, &text(&log_in_with(&web, &ada), "access_token"));
        assert_eq!(again.get("/api/v1/me").ok()["roles"], json!(["finance"]));
    }

    fn a_login_and_a_suspension_at_once_leave_no_session(t: &Harness) {
        use almoner::people::service;
        let web = t.serve_with(patient(t));
        let (admin, db) = (web.with_role("Root", Role::Admin), &web.app.db);
        for n in 0..40 {
            let ada = web.person(&format!("Ada {n}"));
            let (system, mut ctx) = (web.system(), web.system());
            ctx.actor = almoner::kernel::actor::Actor::Anonymous;
            let find = |conn: &mut almoner::platform::db::Conn| service::account(conn, &ada.email);
            let seen = db.read_now("test.account", find).expect("read").expect("there");
            let tokens = at_once(3, |who| match who {
                0 => {
                    let suspend = |conn: &mut _| service::suspend(conn, &system, ada.id(), "why");
                    db.write_now("test.suspend", suspend).expect("suspended");
                    None
                }
                _ => {
                    let begin = |conn: &mut _| service::begin_session(conn, &ctx, &seen);
                    match db.write_now("test.login", begin) {
                        Ok(Login::Begun(tokens)) => Some(tokens),
                        Ok(Login::Waits(..)) => panic!("Ada has no factor"),
                        Err(_) => None,
                    }
                }
            });
            reactivate(&admin, &ada).ok();
            for tokens in tokens.iter().flatten() {
                let client = with_token(&web, &tokens.access_token);
                client.get("/api/v1/me").refused(401, "unauthenticated");
            }
        }
    }

    fn two_admins_who_take_each_others_rights_at_once_leave_one(t: &Harness) {
        use almoner::kernel::actor::{Actor, Scopes, Standing};
        use almoner::people::service;
        let web = t.serve_with(patient(t));
        for how in ["suspend", "remove", "reset"] {
            let admins = ["Ann", "Ben"].map(|name| web.with_role(name, Role::Admin));
            // Both were let in before either had written anything.
            let let_in = admins.each_ref().map(|who| {
                let (id, roles) = (who.id(), [Role::Admin].into_iter().collect());
                let mut ctx = web.system();
                ctx.actor = Actor::Person { id, roles, session: None, scopes: Scopes::All };
                ctx.standing = Standing::Shown(Some(ctx.now));
                ctx
            });
            let done = at_once(2, |n| {
                let (ctx, other) = (&let_in[n], admins[1 - n].id());
                web.app.db.write_now("test.each_other", |conn| match how {
                    "suspend" => service::suspend(conn, ctx, other, "why").map(drop),
                    "remove" => {
                        service::change_role(conn, ctx, other, Role::Admin, false).map(drop)
                    }
                    _ => service::reset_factor(conn, ctx, other, "why").map(drop),
                })
            });
            let refused: Vec<u16> = done.iter().filter_map(|d| d.as_ref().err())
                .map(almoner::kernel::problem::Problem::status).collect();
            // Who has lost a factor is an admin all the same.
            let wanted: &[u16] = if how == "reset" { &[] } else { &[401] };
            assert_eq!(refused, wanted, "{how}: {done:?}");
        }
    }

    fn people_are_found(t: &Harness) {
        let web = t.serve_with(patient(t));
        let admin = web.with_role("Root", Role::Admin);
        let zoe = web.with_role("Zoe", Role::Funder);
        let etag = zoe.get("/api/v1/me").etag().to_owned();
        zoe.patch("/api/v1/me", &etag, json!({ "name": "Zoë Ångström" })).ok();
        let percent = web.person("100%_sure");
        for n in 0..5 {
            web.person(&format!("Plain {n}"));
        }
        let ids = |query: &str| -> Vec<String> {
            let list = admin.get(&format!("/api/v1/people{query}")).ok();
            list["items"].as_array().expect("a list").iter().map(|p| text(p, "id")).collect()
        };
        assert_eq!(ids("?q=ANGSTROM%20zoe"), [zoe.id().to_string()]);
        assert_eq!(ids("?q=a%CC%8Angstr"), [zoe.id().to_string()]);
        assert_eq!(ids("?q=%25_s"), [percent.id().to_string()], "signs stand for themselves");
        assert_eq!(ids("?q=%25"), [percent.id().to_string()]);
        assert_eq!(ids("?q=plain").len(), 5);
        assert_eq!(ids("?role=funder"), [zoe.id().to_string()]);
        assert_eq!(ids("?role=funder&status=suspended").len(), 0);
        assert_eq!(ids("?q=%5C").len(), 0);
        let all = ids("");
        assert_eq!(all.len(), 8);
        let mut paged = Vec::new();
        let mut next = String::new();
        loop {
            let page = admin.get(&format!("/api/v1/people?limit=3{next}")).ok();
            let items = page["items"].as_array().expect("a list").clone();
            paged.extend(items.iter().map(|p| text(p, "id")));
            // Somebody new does not shift the pages.
            web.person("Late");
            let Some(after) = page["next"].as_str() else { break };
            next = format!("&after={after}");
        }
        assert_eq!(paged, all);
        let wrong = ["limit=0", "limit=201", "limit=x", "after=x", "role=king", "who=x", "q=%00"];
        for query in wrong {
            let reply = admin.get(&format!("/api/v1/people?{query}"));
            assert!([400, 422].contains(&reply.status), "{query}: {}", reply.text());
        }
    }

    fn who_may_see_whom(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (ada, bob) = (web.person("Ada"), web.person("Bob"));
        let path = format!("/api/v1/people/{}", bob.id());
        let missing = "/api/v1/people/01890000-0000-7000-8000-000000000000";
        assert_eq!(outside(&ada.get(&path)), outside(&ada.get(missing)));
        ada.get(&path).refused(404, "not_found");
        bob.get(&path).ok();
        for role in [Role::Admin, Role::Finance, Role::Auditor] {
            web.with_role("Clerk", role).get(&path).ok();
        }
        for role in [Role::Regrantor, Role::Reviewer, Role::Funder] {
            web.with_role("Other", role).get(&path).refused(404, "not_found");
        }
        web.anonymous().get(&path).refused(401, "unauthenticated");
        web.with_role("Root", Role::Admin).get(missing).refused(404, "not_found");
        let seen = web.with_role("Fin", Role::Finance).get(&path).text();
        assert!(!seen.contains("argon2") && !seen.contains("password"), "{seen}");
    }
}
