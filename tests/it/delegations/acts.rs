//! What delegates do, in two names; and what they never do.

use super::*;
use crate::support::desk::threads;
use almoner::kernel::actor::Role;

both! {
    fn a_delegate_drafts_and_submits_in_two_names(t: &Harness) {
        let web = start(t);
        let field = web.field();
        let (rea, olly) = (web.person("Rea"), web.person("Olly"));
        let mut form = whole(&field.call);
        form["on_behalf_of"] = json!(rea.id());
        olly.post(APPLICATIONS, form.clone()).wrong_fields(&["/on_behalf_of"]);
        let delegation = lets(&rea, &olly, &["draft", "submit"]);
        let made = olly.post(APPLICATIONS, form.clone());
        let id = made.id();
        assert_eq!(made.ok()["applicant"]["name"], "Rea");
        assert_eq!(olly.get(&format!("{APPLICATIONS}?mine=true")).ok()["items"][0]["id"],
            json!(id));
        edit(&olly, &id, made.etag()).ok();
        let sent = olly.command(&at(&format!("{id}/submit"))).ok();
        assert_eq!((&sent["status"], &sent["submitted_by"]["name"]), (&json!("submitted"),
            &json!("Olly")));
        // Both names in the log; the one whose work it is hears of it.
        let of = format!("/api/v1/audit?object_kind=application&object_id={id}");
        let log = field.desk.admin.get(&of);
        let rows = items(&log);
        assert_eq!(rows.len(), 3);
        for row in &rows {
            assert_eq!((&row["actor"], &row["person_id"]), (&json!("Olly for Rea"),
                &json!(olly.id())));
            assert_eq!(row["after"]["on_behalf_of"], json!(rea.id()));
        }
        let mails = mails(&web, &rea.email);
        let all = format!("{mails:?}");
        assert!(all.contains("Begun in your name: Probes"), "{all}");
        assert!(all.contains("Olly handed in your application to “Any good idea” for you."),
            "{all}");
        let back = json!({ "reason": "Say more." });
        field.desk.admin.post(&at(&format!("{id}/request-changes")), back).ok();
        rea.command(&at(&format!("{id}/submit"))).ok();
        assert_eq!(rea.get(&at(&id)).ok()["submitted_by"]["name"], "Rea");
        ends(&rea, &delegation);
        olly.get(&at(&id)).refused(404, "not_found");
        assert!(items(&olly.get(&format!("{APPLICATIONS}?mine=true"))).is_empty());
        olly.post(APPLICATIONS, form).wrong_fields(&["/on_behalf_of"]);
    }

    fn a_scope_reaches_as_far_as_it_says(t: &Harness) {
        let web = start(t);
        let (field, rea) = (web.field(), web.person("Rea"));
        let (dora, suri, rob) = (web.person("Dora"), web.person("Suri"), web.person("Rob"));
        lets(&rea, &dora, &["draft"]);
        lets(&rea, &suri, &["submit"]);
        lets(&rea, &rob, &["report"]);
        let id = rea.post(APPLICATIONS, whole(&field.call)).id();
        let mut form = whole(&field.call);
        form["on_behalf_of"] = json!(rea.id());
        for who in [&suri, &rob] {
            who.post(APPLICATIONS, form.clone()).wrong_fields(&["/on_behalf_of"]);
            edit(who, &id, "\"v1\"").refused(403, "forbidden");
        }
        for who in [&dora, &rob] {
            who.command(&at(&format!("{id}/submit"))).refused(403, "forbidden");
            who.command(&at(&format!("{id}/withdraw"))).refused(403, "forbidden");
        }
        // Nobody else's applications, and nobody whom they were invited by.
        let mo = web.person("Mo");
        let other = mo.post(APPLICATIONS, whole(&field.call)).id();
        dora.get(&at(&other)).refused(404, "not_found");
        let members = json!({ "email": dora.email, "name": "Dora" });
        let seat = mo.post(&at(&format!("{other}/members")), members).id();
        let invited = json!({ "email": rea.email, "name": "Rea" });
        let place = mo.post(&at(&format!("{other}/members")), invited).id();
        dora.command(&at(&format!("{other}/members/{place}/accept"))).refused(403, "forbidden");
        dora.command(&at(&format!("{other}/members/{seat}/decline"))).ok();
        dora.post(&at(&format!("{id}/members")), json!({ "email": "a@b.example", "name": "A" }))
            .refused(403, "forbidden");
        suri.command(&at(&format!("{id}/submit"))).ok();
        let gone = suri.command(&at(&format!("{id}/withdraw"))).ok();
        assert_eq!(gone["status"], "withdrawn");
        assert!(format!("{:?}", mails(&web, &rea.email)).contains("Taken back in your name"));
    }

    fn a_delegate_reports_and_touches_no_money(t: &Harness) {
        let web = start(t);
        let field = web.field();
        let (rea, rob, dora) = (web.person("Rea"), web.person("Rob"), web.person("Dora"));
        lets(&rea, &rob, &["report"]);
        lets(&rea, &dora, &["draft", "submit"]);
        let backer = field.backer("100.00");
        let application = field.applies(&rea, "1.00", "50.00");
        backer.offer(&application, "50.00").ok();
        let plan = json!({ "tranches": [{ "amount": usd("50.00"),
            "release_condition": "on_report" }] });
        let grant = field.award(&application, plan).id();
        web.work();
        field.activate(&grant);
        let path = format!("/api/v1/grants/{grant}");
        assert!(rob.get(&path).ok()["payee_id"].is_null());
        assert_eq!(items(&rob.get("/api/v1/grants"))[0]["id"], json!(grant));
        dora.get(&path).refused(404, "not_found");
        let report = rea.get(&format!("{path}/reports")).ok()["items"][0]["id"].clone();
        let report = format!("/api/v1/reports/{}", report.as_str().expect("an id"));
        let text = json!({ "body": "We saw further." }).to_string().into_bytes();
        let write = |who: &Client| {
            who.send("PATCH", &report, &[("If-Match", "\"v1\"")], Some(text.clone()))
        };
        write(&dora).refused(404, "not_found");
        write(&rob).ok();
        let sent = rob.command(&format!("{report}/submit")).ok();
        assert_eq!((&sent["author_id"], &sent["submitted_by"]), (&json!(rob.id()),
            &json!(rob.id())));
        let log = field.desk.admin.get("/api/v1/audit?limit=5").text();
        assert!(log.contains("Rob for Rea"), "{log}");
        assert!(format!("{:?}", mails(&web, &rea.email)).contains("Rob handed in the report"));
        let form = json!({ "due_on": "2027-06-01", "promised": "A lens." });
        let point = backer.who.post(&format!("{path}/checkpoints"), form).id();
        let see = |who: &Client| {
            who.post(&format!("/api/v1/checkpoints/{point}/report"), json!({ "seen": "It works." }))
        };
        see(&dora).refused(404, "not_found");
        assert_eq!(see(&rob).ok()["reported_by"], json!(rob.id()));
        let log = field.desk.admin.get("/api/v1/audit?limit=1").ok().to_string();
        assert!(log.contains("report_checkpoint") && log.contains("Rob for Rea"), "{log}");
        assert!(format!("{:?}", mails(&web, &rea.email)).contains("Rob wrote down for you"));
        let signs = json!({ "sha256": "0".repeat(64), "typed_name": "Rob", "consent": true });
        for who in [&rob, &dora] {
            let refused = who.post(&format!("{path}/agreement/sign"), signs.clone());
            assert!([403, 404].contains(&refused.status), "{}", refused.text());
            let payee = json!({ "payee_id": rea.id() });
            assert!([403, 404].contains(&who.put(&format!("{path}/payee"), payee).status));
        }
    }

    fn a_delegate_who_funds_has_no_say(t: &Harness) {
        let web = start(t);
        let field = web.field();
        let (rea, backer) = (web.person("Rea"), field.backer("100.00"));
        let abe = web.with_role("Abe Admin", Role::Admin);
        let early = lets(&rea, &backer.who, &["report"]);
        let id = rea.post(APPLICATIONS, whole(&field.call)).id();
        lets(&rea, &abe, &["draft"]);
        rea.command(&at(&format!("{id}/submit"))).ok();
        abe.command(&at(&format!("{id}/open"))).refused(403, "two_persons");
        let why = json!({ "reason": "No." });
        abe.post(&at(&format!("{id}/decline")), why).refused(403, "two_persons");
        field.desk.admin.command(&at(&format!("{id}/open"))).ok();
        backer.offer(&id, "20.00").refused(403, "conflict_of_interest");
        // Also afterwards: it lived while they acted for who made it.
        ends(&backer.who, &early);
        backer.offer(&id, "20.00").refused(403, "conflict_of_interest");
        t.clock.advance_seconds(3600);
        let next = field.applies(&rea, "10.00", "50.00");
        backer.offer(&next, "20.00").ok();
        abe.post(&at(&format!("{next}/award")), json!({})).refused(403, "two_persons");
    }

    fn who_is_no_delegate_any_more_submits_nothing(t: &Harness) {
        let web = start(t);
        let (field, rea, olly) = (web.field(), web.person("Rea"), web.person("Olly"));
        for _ in 0..6 {
            let delegation = lets(&rea, &olly, &["draft", "submit"]);
            let id = rea.post(APPLICATIONS, whole(&field.call)).id();
            let ended = std::sync::atomic::AtomicBool::new(false);
            let statuses = threads(2, |n| {
                if n == 0 {
                    ends(&rea, &delegation);
                    ended.store(true, std::sync::atomic::Ordering::SeqCst);
                    return 0;
                }
                let mut last = 0;
                // As fast as they can, until it is over.
                for _ in 0..100 {
                    let over = ended.load(std::sync::atomic::Ordering::SeqCst);
                    let read = olly.get(&at(&id));
                    let etag = read.header("etag").unwrap_or("\"v1\"").to_owned();
                    let title = json!({ "title": format!("Probes {}", read.bytes.len() % 7) });
                    let status = olly.patch(&at(&id), &etag, title).status;
                    assert!(!over || status == 404, "{status} after the end");
                    assert!([200, 404, 412].contains(&status), "{status}");
                    last = status;
                    if over { break; }
                }
                last
            });
            assert_eq!(statuses[1], 404);
            olly.command(&at(&format!("{id}/submit"))).refused(404, "not_found");
            assert_eq!(rea.get(&at(&id)).ok()["status"], "draft");
        }
    }
}
