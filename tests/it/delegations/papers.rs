//! What a delegate may do to the papers of an application: answers, files and further calls, each
//! act in two names; and what never.

use super::*;
use crate::support::web::new_key;

fn attach(who: &Client, id: &str, name: &str) -> Reply {
    let path = at(&format!("{id}/attachments?name={name}"));
    let key = new_key();
    let headers = [("Content-Type", "text/plain"), ("Idempotency-Key", key.as_str())];
    who.send("POST", &path, &headers, Some(b"Words.".to_vec()))
}

both! {
    fn a_drafter_writes_answers_and_attaches_files_in_two_names(t: &Harness) {
        let web = start(t);
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, dora, suri) = (web.person("Rea"), web.person("Dora"), web.person("Suri"));
        let form = |more: &str| json!({ "questions": [
            { "key": "plan", "label": "Plan?", "kind": "short_text", "required": true },
            { "key": "cv", "label": "Who?", "kind": "file" },
            { "key": more, "label": "More?", "kind": "short_text" },
        ] });
        let path = format!("/api/v1/calls/{}/form", field.call);
        let write = |etag: &str, form: &Value| {
            let body = Some(form.to_string().into_bytes());
            admin.send("PUT", &path, &[("If-Match", etag)], body).ok()
        };
        write("\"v0\"", &form("one"));
        let id = rea.post(APPLICATIONS, whole(&field.call)).id();
        attach(&dora, &id, "a.txt").refused(404, "not_found");
        let delegation = lets(&rea, &dora, &["draft"]);
        lets(&rea, &suri, &["submit"]);
        t.clock.advance_seconds(3600);
        let file = attach(&dora, &id, "cv.txt");
        let view = file.ok();
        assert_eq!((&view["uploaded_by"]["name"], &view["on_behalf_of"]["name"]),
            (&json!("Dora"), &json!("Rea")));
        let own = attach(&rea, &id, "own.txt").ok();
        assert_eq!((&own["uploaded_by"]["name"], own.get("on_behalf_of")), (&json!("Rea"), None));
        attach(&suri, &id, "b.txt").refused(403, "forbidden");
        let etag = dora.get(&at(&id)).etag().to_owned();
        let answers = json!({ "answers": { "plan": "We grind", "cv": file.id() } });
        dora.patch(&at(&id), &etag, answers).ok();
        let version = &rea.get(&at(&format!("{id}/versions"))).ok()["items"][0];
        assert_eq!((&version["saved_by"]["name"], &version["on_behalf_of"]["name"]),
            (&json!("Dora"), &json!("Rea")));
        assert_eq!(dora.get(&at(&format!("{id}/attachments/{}", file.id()))).text(), "Words.");
        assert_eq!(items(&suri.get(&at(&format!("{id}/attachments")))).len(), 2);
        dora.delete(&at(&format!("{id}/attachments/{}", own["id"].as_str().expect("an id")))).ok();
        write("\"v1\"", &form("two"));
        assert_eq!(dora.command(&at(&format!("{id}/form"))).ok()["form_version"], 2);
        let log = admin.get(&format!("/api/v1/audit?object_kind=application&object_id={id}"));
        let by = |action: &str| {
            let rows = items(&log);
            let row = rows.iter().find(|row| row["action"] == action).expect("a row").clone();
            (row["actor"].clone(), row["person_id"].clone(), row["after"]["on_behalf_of"].clone())
        };
        let both = (json!("Dora for Rea"), json!(dora.id()), json!(rea.id()));
        for action in ["move_application_form", "edit_application"] {
            assert_eq!(by(action), both, "{action}");
        }
        assert_eq!(by("remove_attachment").0, "Dora for Rea");
        ends(&rea, &delegation);
        attach(&dora, &id, "late.txt").refused(404, "not_found");
        dora.get(&at(&format!("{id}/attachments/{}", file.id()))).refused(404, "not_found");
    }

    fn a_delegate_routes_and_hands_in_as_far_as_their_scope_says(t: &Harness) {
        let web = start(t);
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, dora, suri) = (web.person("Rea"), web.person("Dora"), web.person("Suri"));
        lets(&rea, &dora, &["draft"]);
        lets(&rea, &suri, &["submit"]);
        let call = json!({ "title": "Further", "kind": "rolling", "opens_on": "2020-01-01" });
        let call = admin.post("/api/v1/calls", call).id();
        admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        let id = field.applies(&rea, "1.00", "5.00");
        let routes = at(&format!("{id}/routes"));
        let wanted = json!({ "call_id": call });
        suri.post(&routes, wanted.clone()).refused(403, "forbidden");
        let made = dora.post(&routes, wanted).ok();
        assert_eq!(made["routed_by"]["name"], "Dora");
        let place = format!("{routes}/{call}");
        dora.command(&format!("{place}/submit")).refused(403, "forbidden");
        suri.patch(&place, "\"v1\"", json!({})).refused(403, "forbidden");
        let sent = suri.command(&format!("{place}/submit")).ok();
        assert_eq!(sent["submitted_by"]["name"], "Suri");
        let told = format!("{:?}", mails(&web, &rea.email));
        assert!(told.contains("Suri handed in your application to “Further” as well."), "{told}");
        let log = admin.get("/api/v1/audit?limit=20").text();
        assert!(log.contains("Dora for Rea") && log.contains("Suri for Rea"), "{log}");
        dora.command(&format!("{place}/withdraw")).refused(403, "forbidden");
        suri.command(&format!("{place}/withdraw")).ok();
        let told = mails(&web, &rea.email);
        let left = told.iter().find(|(subject, _)| subject.starts_with("Taken out of a call"));
        let text = left.expect("a mail").1.replace('\n', " ");
        let said = "Suri took your application out of the call “Further” for you.";
        assert!(text.contains(said), "{text}");
    }

    fn no_scope_signs_or_says_where_money_goes(t: &Harness) {
        let web = start(t);
        let field = web.field();
        let (rea, olly) = (web.person("Rea"), web.person("Olly"));
        lets(&rea, &olly, &["draft", "submit", "report"]);
        let backer = field.backer("100.00");
        let application = field.applies(&rea, "1.00", "50.00");
        backer.offer(&application, "50.00").ok();
        let grant = field.awarded(&application);
        web.work();
        let path = format!("/api/v1/grants/{grant}");
        olly.get(&path).ok();
        let agreement = rea.get(&format!("{path}/agreement")).ok();
        let sha256 = agreement["sha256"].as_str().unwrap_or(&"0".repeat(64)).to_owned();
        let signs = json!({ "sha256": sha256, "typed_name": "Rea", "consent": true });
        let refused = |reply: Reply| {
            assert!([403, 404].contains(&reply.status), "{} {}", reply.status, reply.text());
        };
        refused(olly.post(&format!("{path}/agreement/sign"), signs));
        let bank = json!({
            "name": "Rea", "country": "US", "town": "Berkeley", "address": "1 Way",
            "currency": "USD", "account": { "method": "us_bank", "routing": "021000021",
                "account": "000777123456", "account_type": "checking" },
        });
        let hers = rea.post("/api/v1/payees", bank.clone()).id();
        refused(olly.get(&format!("/api/v1/payees/{hers}")));
        let headers = [("If-Match", "\"v1\"")];
        let body = Some(bank.to_string().into_bytes());
        refused(olly.send("PATCH", &format!("/api/v1/payees/{hers}"), &headers, body));
        refused(olly.command(&format!("/api/v1/payees/{hers}/submit")));
        // Their own account is no way either: it cannot be named on the other's grant.
        let own = olly.post("/api/v1/payees", bank).id();
        for payee in [&hers, &own] {
            refused(olly.put(&format!("{path}/payee"), json!({ "payee_id": payee })));
        }
        let tax = format!("{path}/requirements/tax_form/provide");
        refused(olly.post(&tax, json!({ "note": "Here." })));
        assert!(rea.get(&path).ok()["payee_id"].is_null());

    }
}
