//! Nobody outside the group learns anything: not what was raised, not that something was.

use super::*;
use crate::payees::count;
use crate::payees::secrets::{CANARY_NUMBER, listen, nothing_was_said};
use crate::support::Side;
use crate::support::field::Backer;
use almoner::kernel::actor::Role;
use almoner::web::{openapi, routes};
use std::path::Path;

/// Whether a file of the folder, however deep, holds the canary.
fn kept_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(kept_in(&path));
        } else {
            let bytes = std::fs::read(&path).expect("readable");
            if String::from_utf8_lossy(&bytes).contains(CANARY_NUMBER) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

/// Everybody who may see the application, and some who may not; none is in the group.
fn outsiders(field: &Field<'_>, backer: &Backer) -> Vec<Client> {
    let web = field.web;
    let mut all = vec![web.anonymous(), web.person("Stan"), backer.who.clone()];
    all.extend([Role::Auditor, Role::Reviewer, Role::Funder].map(|r| web.with_role("Out", r)));
    all.push(web.with_roles("All", &Role::ALL));
    all.extend([field.desk.admin.clone(), field.desk.finance.clone()]);
    all
}

both! {
    fn a_text_moved_to_another_concern_does_not_open(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam, lana) = (web.person("Rea"), web.person("Sam"), lane(&field, "Lana"));
        let id = field.applies(&rea, "1.00", "9.00");
        let [one, other] = ["It could hurt.", "It could leak."].map(|s| raise(&sam, &id, s).id());
        let open = if t.side == Side::Sqlite { "x" } else { "" };
        let row = |id: &str| format!("{open}'{}'", id.replace('-', ""));
        let swap = format!(
            "UPDATE concerns SET sealed = (SELECT c.sealed FROM concerns c WHERE c.id = {}) \
             WHERE id = {}",
            row(&other),
            row(&one)
        );
        assert_eq!(crate::payees::execute(&web, &swap), Ok(1));
        lana.get(&concern(&one, "")).refused(500, "internal");
        lana.get(&concern(&other, "")).ok();
    }

    fn a_concern_is_read_by_nobody_outside(t: &Harness) {
        listen();
        let web = t.serve();
        let field = web.field();
        let (backer, rea, sam) = (field.backer("100.00"), web.person("Rea"), web.person("Sam"));
        let lana = lane(&field, "Lana");
        let id = field.applies(&rea, "1.00", "9.00");
        backer.offer(&id, "5.00").ok();
        let canary = |what: &str| format!("{what} {CANARY_NUMBER}");
        rea.put(&application(&id, "/screening"), answers(&canary("answer"))).ok();
        let raised = raise(&sam, &id, &canary("concern")).id();
        let screened = screening(&lana, &id);
        lana.post(&concern(&raised, "/ask"), json!({ "summary": canary("summary") })).ok();
        let form = json!({ "concern_id": raised, "response": canary("response") });
        rea.post(&application(&id, "/screening/respond"), form).ok();
        let open = raise(&sam, &id, &canary("open")).id();
        let decide = json!({ "outcome": "conditions", "reason": canary("reason"),
            "conditions": "Behind glass." });
        lana.post(&concern(&raised, "/decide"), decide).ok();
        // Nor does a wrong request say it again.
        let wrong = json!({ "concern": CANARY_NUMBER, "more": CANARY_NUMBER });
        sam.post(&application(&id, "/concerns"), wrong).refused(422, "invalid");
        web.work();
        assert!(lana.get(&concern(&raised, "")).text().contains(CANARY_NUMBER));

        let others = outsiders(&field, &backer);
        let ids = [id.as_str(), raised.as_str(), open.as_str(), screened.as_str()];
        let mut asked = 0;
        for operation in routes::operations(&openapi()) {
            if operation.method != "GET" {
                continue;
            }
            for id in ids {
                let path = crate::matrix::filled(&operation.path.replace("{id}", id));
                for who in &others {
                    let text = who.get(&path).text();
                    assert!(!text.contains(CANARY_NUMBER), "{path} as {}: {text}", who.email);
                    let names = text.contains(&raised) || text.contains(&open);
                    // The log of changes names the act's object, and nothing that it belongs to.
                    assert!(!names || path.starts_with("/api/v1/audit"), "{path}: {text}");
                    asked += 1;
                }
                if !operation.path.contains("{id}") {
                    break;
                }
            }
        }
        assert!(asked > 1000, "{asked}");
        let log = field.desk.admin.get("/api/v1/audit?limit=200").ok();
        for row in log["items"].as_array().expect("rows") {
            if row["object_kind"] == "concern" {
                assert_eq!(row["actor"], "system:screening");
                assert_eq!((&row["person_id"], &row["before"], &row["after"]),
                    (&Value::Null, &Value::Null, &Value::Null));
            }
        }
        let own = sam.get("/api/v1/me/concerns").text();
        assert!(own.contains(&open) && !own.contains(CANARY_NUMBER), "{own}");
        // Not in mails, not in the database, not in the log.
        assert_eq!(kept_in(t.dir()), [""; 0]);
        if t.side == Side::Postgres {
            for table in ["concerns", "screenings", "jobs", "events", "audit_log",
                "idempotency_keys", "lane_log", "applications"] {
                let sql = format!("SELECT COUNT(*) FROM {table} x \
                    WHERE position('{CANARY_NUMBER}' in CAST(x AS text)) > 0");
                assert_eq!(count(&web, &sql), 0, "{table}");
            }
        }
        nothing_was_said();
    }

    fn an_application_with_a_concern_looks_like_one_without(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, rea, sam) = (field.backer("100.00"), web.person("Rea"), web.person("Sam"));
        let lana = lane(&field, "Lana");
        let [one, other] = [0; 2].map(|_| field.applies(&rea, "1.00", "9.00"));
        for id in [&one, &other] {
            backer.offer(id, "5.00").ok();
            answer(&rea, id).ok();
        }
        let mut others = outsiders(&field, &backer);
        others.push(rea.clone());
        let told = || -> Vec<String> {
            let mut all = Vec::new();
            for operation in routes::operations(&openapi()) {
                if operation.method != "GET" || !operation.path.contains("/applications/{id}") {
                    continue;
                }
                let path = crate::matrix::filled(&operation.path.replace("{id}", &one));
                for who in &others {
                    let reply = who.get(&path);
                    let text = plain(&reply.text());
                    all.push(format!("{path} as {}: {} {text}", who.email, reply.status));
                }
            }
            all
        };
        web.work();
        let before = told();
        raise(&sam, &one, "It could hurt.").ok();
        web.work();
        assert_eq!(told(), before);
        assert!(before.len() > 50, "{}", before.len());
        let admin = &field.desk.admin;
        let log = |id: &str| {
            let path = format!("/api/v1/audit?object_kind=application&object_id={id}");
            plain(&admin.get(&path).text())
        };
        assert_eq!(log(&one), log(&other));
        // The award is refused in the same words, and another refusal comes before it.
        let told = |id: &str, plan: Value| {
            let reply = field.award(id, plan);
            (reply.status, plain(&reply.text()))
        };
        assert_eq!(told(&one, json!({})), told(&other, json!({})));
        assert_eq!(told(&one, json!({})).0, 409);
        clear(&lana, &other).ok();
        let bad = json!({ "tranches": [
            { "amount": usd("1.00"), "release_condition": "on_activation" }] });
        assert_eq!(told(&one, bad.clone()), told(&other, bad), "also where one is cleared");
        field.awarded(&other);
    }
}

/// A text without what differs between any two: ids, instants and cursors.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for part in text.split('"') {
        let hex = part.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        let id = part.len() == 36 && hex;
        let instant = part.len() >= 20 && part.starts_with("20") && part.contains('T');
        out.push('"');
        out.push_str(if id || instant { "…" } else { part });
    }
    out
}
