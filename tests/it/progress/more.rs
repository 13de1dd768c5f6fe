//! Whether more waits for somebody than they are told of: what is over, or was never asked of them,
//! hides nothing and makes no more of it.

use super::*;
use crate::delegations::{ends, lets};
use crate::payees::execute;
use crate::support::desk::usd;
use crate::support::web::Web;
use crate::support::{Harness, Side};
use almoner::kernel::actor::Role;

/// How many steps somebody is told, whether there may be more, and of which kinds.
fn told(who: &Client) -> (usize, Value, Value) {
    let view = who.get("/api/v1/me/next").ok();
    let steps = view["items"].as_array().expect("items").len();
    (steps, view["more"].clone(), view["kinds"].clone())
}

/// The same where all are of one kind.
fn of(object: &str, count: usize, more: bool) -> (usize, Value, Value) {
    (count, json!(more), json!([{ "object": object, "count": count, "more": more }]))
}

/// Makes each row that fits 51 times more, with these columns and a new id, newer than all others.
fn copy(web: &Web, side: Side, (table, columns): (&str, &str), fits: &str) {
    let (new, line) = match side {
        Side::Sqlite => (
            "unhex('ff' || hex(randomblob(15)))",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 51)",
        ),
        Side::Postgres => (
            "('ff' || substr(gen_random_uuid()::text, 3))::uuid",
            "WITH n AS (SELECT * FROM generate_series(1, 51) i)",
        ),
    };
    let rows = format!("{line} SELECT {new}, {columns} FROM {table}, n WHERE {fits}");
    execute(web, &format!("INSERT INTO {table} (id, {columns}) {rows}")).expect("copied");
}

both! {
    fn nominations_of_ones_own(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let [nora, reg] = ["Nora", "Reg"].map(|name| web.with_role(name, Role::Regrantor));
        let nominate = |who: &Client, email: &str| {
            let form = json!({
                "call_id": field.call, "email": email, "name": "Somebody", "title": "Lenses",
                "summary": "Cheap optics.", "why": "I have seen it.",
            });
            who.post("/api/v1/nominations", form).ok();
        };
        let nominations = ("nominations", "call_id, nominator_id, email, name, title, summary, \
            why, status, expires_at, created_at");
        nominate(&reg, &nora.email);
        nominate(&nora, "mo@work.example");
        copy(&web, t.side, nominations, "email = 'mo@work.example'");
        assert_eq!(told(&nora), of("nomination", 1, false), "the oldest of 53");
        copy(&web, t.side, nominations, &format!("email = '{}'", nora.email));
        assert_eq!(told(&nora), of("nomination", 50, true));
    }

    fn delegations_that_ended(t: &Harness) {
        let web = t.serve();
        let [pat, pia, mo] = ["Pat", "Pia", "Mo"].map(|name| web.person(name));
        let form = json!({ "email": mo.email, "scopes": ["draft"], "expires_on": "2027-06-30" });
        pia.post("/api/v1/me/delegates", form).ok();
        ends(&pat, &lets(&pat, &mo, &["draft"]));
        let delegations = ("delegations", "principal_id, delegate_id, email, errands, expires_on, \
            status, created_at, answered_at, ended_at");
        copy(&web, t.side, delegations, "status = 'revoked'");
        assert_eq!(told(&mo), of("delegation", 1, false), "the oldest of 53");
        copy(&web, t.side, delegations, "status = 'invited'");
        assert_eq!(told(&mo), of("delegation", 50, true));
    }

    fn people_who_write_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let mo = web.person("Mo");
        let all: Vec<Client> = (0..11).map(|_| web.person("Pat")).collect();
        all.iter().for_each(|who| drop(lets(who, &mo, &["draft"])));
        assert_eq!(told(&mo), (0, json!(false), json!([])));
        let draft = |who: &Client| {
            let form = json!({ "call_id": field.call, "title": "A lens" });
            who.post("/api/v1/applications", form).ok();
        };
        draft(&all[10]);
        assert_eq!(told(&mo), of("application", 1, false), "of the last of eleven");
        all.iter().take(10).for_each(draft);
        assert_eq!(told(&mo), of("application", 10, true));
    }

    fn reviews_and_applications_that_were_decided(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, ivo) = (web.person("Rea"), web.with_role("Ivo", Role::Reviewer));
        let form = json!({
            "call_id": field.call, "title": "A lens", "summary": "To see.", "body": "How.",
            "duration_months": 12, "visibility": "private",
            "amount_minimum": usd("1.00"), "amount_requested": usd("1.00"),
            "budget_lines": [{ "label": "All", "amount": usd("1.00") }],
        });
        let reviewed = || {
            let id = rea.post("/api/v1/applications", form.clone()).id();
            let path = format!("/api/v1/applications/{id}");
            rea.command(&format!("{path}/submit")).ok();
            admin.post(&format!("{path}/reviewers"), json!({ "person_id": ivo.id() })).ok();
            path
        };
        reviewed();
        for _ in 0..51 {
            admin.post(&format!("{}/decline", reviewed()), json!({ "reason": "No." })).ok();
        }
        assert_eq!(told(&ivo), of("review", 1, false), "the oldest of 52");
        assert_eq!(told(&rea), of("application", 51, false), "one goes on");
        // Until nothing can be done about them any more they wait.
        let terms = |version: &str, appeals: &str| {
            let path = format!("/api/v1/calls/{}/decisions", field.call);
            let form = json!({ "appeals": appeals }).to_string().into_bytes();
            admin.send("PUT", &path, &[("If-Match", version)], Some(form)).ok();
        };
        terms("\"v0\"", "appeal");
        assert_eq!(told(&rea), of("application", 51, true));
        terms("\"v1\"", "none");
        assert_eq!(told(&rea), of("application", 51, false));
    }

    fn grants_that_ended(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let rea = web.person("Rea");
        let granted = || {
            let id = payday.field.applies(&rea, "1.00", "9.00");
            payday.backer.offer(&id, "1.00").ok();
            payday.field.awarded(&id)
        };
        let first = granted();
        for _ in 0..51 {
            on_grant(&payday, &granted(), "cancel").ok();
        }
        assert_eq!(told(&rea), of("grant", 51, false), "one goes on");
        let all = rea.get("/api/v1/me/next").text();
        assert!(all.contains(&format!("/grants/{first}/agreement/sign")), "the oldest: {all}");
    }
}
