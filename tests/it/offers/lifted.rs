//! Conflicts of interest that were declared, and that an admin lifts.

use super::found::excepted;
use crate::delegations::lets;
use crate::payees::execute;
use crate::support::Harness;
use crate::support::web::{Client, Reply};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

fn declares(who: &Client, application: &str) -> Reply {
    let why = json!({ "reason": "We share a flat." });
    who.post(&format!("/api/v1/applications/{application}/conflicts"), why)
}

/// Everybody's declared conflicts with an application, a page to a row, as an admin reads them.
fn one_by_one(admin: &Client, application: &str) -> Vec<Value> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/applications/{application}/conflicts?limit=1{after}");
        let page = admin.get(&path).ok();
        rows.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return rows,
        }
    }
}

both! {
    fn a_lifted_conflict_holds_no_more(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, backer) = (&field.desk.admin, field.backer("5000.00"));
        let application = field.application("10.00", "1000.00");
        let queue = || backer.who.get("/api/v1/me/queue").ok()["items"].as_array().map(Vec::len);
        let before = backer.offer(&application, "40.00").id();
        declares(&backer.who, &application).ok();
        web.work();
        assert_eq!(field.offer(&before)["status"], "released");
        assert_eq!(queue(), Some(0));
        backer.offer(&application, "5.00").refused(403, "conflict_of_interest");
        let made = excepted(admin, &application, &backer.who, "declared").ok();
        assert_eq!((&made["ground"], &made["person"]["name"]),
            (&json!("declared"), &json!("Reg Rantor")));
        // It stays on record, with who lifted it and why.
        let path = |rest: &str| format!("/api/v1/applications/{application}/{rest}");
        assert_eq!(admin.get(&path("conflict-exceptions")).ok()["items"], json!([made]));
        let declared = admin.get(&path("conflicts")).ok()["items"].clone();
        assert_eq!(declared.as_array().map(Vec::len), Some(1), "{declared}");
        let row = &declared[0];
        assert_eq!((&row["reason"], &row["lifted_reason"], &row["lifted_by"]),
            (&json!("We share a flat."), &json!("Another building."), &json!(admin.id())));
        assert_eq!(row["lifted_at"], made["decided_at"]);
        let log = format!("/api/v1/audit?object_kind=application&object_id={application}");
        let log = admin.get(&log).ok();
        let lifted = log["items"].as_array().expect("rows").iter()
            .find(|row| row["action"] == "except_conflict").expect("it is in the log");
        assert_eq!((&lifted["after"]["ground"], &lifted["after"]["person_id"],
            &lifted["after"]["reason"]),
            (&json!("declared"), &json!(backer.who.id()), &json!("Another building.")));
        let told = web.mail(&backer.who.email, "was lifted").text.replace('\n', " ");
        assert!(told.contains("Another building."), "{told}");
        assert!(told.contains("declare it again"), "{told}");
        for change in ["UPDATE lifted_conflicts SET reason = 'x'", "DELETE FROM lifted_conflicts"] {
            assert!(execute(&web, change).expect_err("refused").contains("only grows"));
        }
        // What went back stays back; they offer anew.
        assert_eq!(queue(), Some(1));
        assert_eq!(field.offer(&before)["status"], "released");
        backer.offer(&application, "50.00").ok();
        field.awarded(&application);
        field.sound();
    }

    fn what_was_lifted_is_declared_and_lifted_anew(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, backer) = (&field.desk.admin, field.backer("100.00"));
        let application = field.application("10.00", "1000.00");
        declares(&backer.who, &application).ok();
        excepted(admin, &application, &backer.who, "declared").ok();
        excepted(admin, &application, &backer.who, "declared").wrong_fields(&["/ground"]);
        let offer = backer.offer(&application, "40.00").id();
        // What waited since it was declared ends nothing that was offered since it was lifted.
        web.work();
        assert_eq!(field.offer(&offer)["status"], "placed");
        declares(&backer.who, &application).ok();
        declares(&backer.who, &application).refused(409, "already_exists");
        web.work();
        assert_eq!(field.offer(&offer)["release_reason"], "withdrawn");
        backer.offer(&application, "5.00").refused(403, "conflict_of_interest");
        let other = web.with_role("Torn", Role::Finance);
        declares(&other, &application).ok();
        let rows = one_by_one(admin, &application);
        let holds: Vec<bool> = rows.iter().map(|row| row["lifted_at"].is_null()).collect();
        assert_eq!(holds, [true, true, false], "the newest first: {rows:?}");
        excepted(admin, &application, &backer.who, "declared").ok();
        let rows = one_by_one(admin, &application);
        let holds: Vec<bool> = rows.iter().map(|row| row["lifted_at"].is_null()).collect();
        assert_eq!(holds, [true, false, false], "{rows:?}");
        let path = format!("/api/v1/applications/{application}/conflict-exceptions");
        assert_eq!(admin.get(&path).ok()["items"].as_array().map(Vec::len), Some(2));
        backer.offer(&application, "5.00").ok();
        field.sound();
    }

    fn nothing_is_kept_with_a_draft(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.with_address("rea@uni.edu", "Rea", &[]);
        let near = web.with_address("near@uni.edu", "Near", &[Role::Regrantor]);
        let asked = web.with_role("Asked", Role::Admin);
        let form = json!({ "call_id": field.call, "title": "A thought" });
        let draft = rea.post("/api/v1/applications", form).id();
        let path = format!("/api/v1/applications/{draft}");
        for who in [&near, &asked] {
            let form = json!({ "email": who.email, "name": "Somebody" });
            rea.post(&format!("{path}/members"), form).ok();
            who.get(&path).ok();
        }
        declares(&near, &draft).ok();
        // An admin who is asked onto its team sees it, and looks at nothing there, as others.
        for admin in [&asked, &field.desk.admin] {
            for ground in ["email_domain", "declared"] {
                excepted(admin, &draft, &near, ground).refused(404, "not_found");
            }
        }
        let deleted = rea.delete(&path);
        assert_eq!(deleted.status, 204, "{}", deleted.text());
    }

    fn nobody_lifts_their_own_or_with_a_stake(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let own = web.with_role("Own", Role::Admin);
        let application = field.applies(&own, "10.00", "1000.00");
        let [bo, torn, acts] = ["Bo", "Torn", "Al"].map(|name| web.with_role(name, Role::Admin));
        for who in [&bo, &torn] {
            declares(who, &application).ok();
        }
        let lifts = |who: &Client, of: &Client| excepted(who, &application, of, "declared");
        lifts(&bo, &bo).refused(403, "two_persons");
        lifts(&torn, &bo).refused(403, "conflict_of_interest");
        lifts(&own, &bo).refused(403, "two_persons");
        lets(&bo, &acts, &["draft"]);
        lifts(&acts, &bo).refused(403, "two_persons");
        lifts(&field.desk.finance, &bo).refused(403, "forbidden");
        let nobody = web.with_role("Nor", Role::Finance);
        lifts(admin, &nobody).wrong_fields(&["/ground"]);
        // None of them changed anything.
        let why = json!({ "reason": "No." });
        let decline = format!("/api/v1/applications/{application}/decline");
        bo.post(&decline, why.clone()).refused(403, "conflict_of_interest");
        lifts(admin, &bo).ok();
        lifts(&bo, &torn).ok();
        bo.post(&decline, why).ok();
    }
}
