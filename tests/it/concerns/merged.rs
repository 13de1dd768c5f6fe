//! What goes on with another application: who looks at it, who is heard, and whose answer it is.

use super::waiting::waits;
use super::*;
use crate::decisions::times;
use crate::support::web::Web;
use almoner::kernel::actor::Role;
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;

/// An application of Rea's takes up one of Mo's, and is handed in and opened; its id.
fn taken_up(field: &Field<'_>, (rea, mo): (&Client, &Client), from: &str) -> String {
    let into = rea.post(
        "/api/v1/applications",
        json!({
            "call_id": field.call, "title": "Both lenses", "summary": "To see further.",
            "body": "We grind them ourselves.", "duration_months": 12, "visibility": "public",
            "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All of it", "amount": usd("9.00") }],
        }),
    );
    let into = into.id();
    let seat = json!({ "email": mo.email, "name": "Mo", "role": "member" });
    let seat = rea.post(&application(&into, "/members"), seat).id();
    mo.command(&application(&into, &format!("/members/{seat}/accept"))).ok();
    let merge = mo.post(&application(&into, "/merge"), json!({ "other": from })).id();
    rea.command(&format!("/api/v1/merges/{merge}/accept")).ok();
    field.web.work();
    rea.command(&application(&into, "/submit")).ok();
    field.desk.admin.command(&application(&into, "/open")).ok();
    field.web.work();
    into
}

fn decide(who: &Client, id: &str, form: &Value) -> Reply {
    who.post(&concern(id, "/decide"), form.clone())
}

/// Takes the migration back and does it again.
fn migrated_again(web: &Web) {
    let run = |sqlite: &'static str, postgres: &'static str| {
        let done = web.app.db.write_now("test.migrate", move |conn| {
            match conn {
                Conn::Pg(conn) => conn.batch_execute(postgres)?,
                Conn::Sqlite(conn) => conn.batch_execute(sqlite)?,
            }
            Ok(())
        });
        done.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
    };
    run(
        include_str!("../../../migrations/sqlite/0103_concerns_that_went_on/down.sql"),
        include_str!("../../../migrations/postgres/0103_concerns_that_went_on/down.sql"),
    );
    run(
        include_str!("../../../migrations/sqlite/0103_concerns_that_went_on/up.sql"),
        include_str!("../../../migrations/postgres/0103_concerns_that_went_on/up.sql"),
    );
}

both! {
    fn a_concern_stays_where_it_was_decided(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo, sam) = (web.person("Rea"), web.person("Mo"), web.person("Sam"));
        let (lana, near) = (lane(&field, "Lana"), web.with_role("Near", Role::Finance));
        add(&field.desk.admin, &near).ok();
        let from = field.applies(&mo, "1.00", "9.00");
        let raised = raise(&sam, &from, "It could hurt.").id();
        near.get(&concern(&raised, "")).ok();
        let into = taken_up(&field, (&rea, &mo), &from);
        // They have to do with what goes on, not with what it took up.
        near.post(&application(&into, "/conflicts"), json!({ "reason": "Family." })).ok();
        near.get(&concern(&raised, "")).refused(404, "not_found");
        let cleared = json!({ "outcome": "cleared", "reason": "It does not." });
        decide(&lana, &raised, &cleared).ok();
        near.get(&concern(&raised, "")).refused(404, "not_found");
        let closed = |who: &Client| {
            let page = who.get("/api/v1/concerns?status=closed").ok();
            page["items"].as_array().map(Vec::len)
        };
        assert_eq!((closed(&near), closed(&lana)), (Some(0), Some(1)));
        let seen = lana.get(&concern(&raised, "")).ok();
        assert_eq!((&seen["application_id"], &seen["status"]), (&json!(into), &json!("closed")));
        // Whoever raised it is told of what they raised it about.
        let own = sam.get("/api/v1/me/concerns").ok();
        assert_eq!(own["items"][0]["application_id"], json!(from));
    }

    fn what_is_lifted_with_what_goes_on_is_lifted_with_what_it_took_up(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, mo, sam) = (web.person("Rea"), web.person("Mo"), web.person("Sam"));
        lane(&field, "Lana");
        let [near, torn] = ["Near", "Torn"].map(|name| web.with_role(name, Role::Finance));
        let from = field.applies(&mo, "1.00", "9.00");
        let declares = |who: &Client, id: &str, reason: &str| {
            who.post(&application(id, "/conflicts"), json!({ "reason": reason })).ok();
        };
        for who in [&near, &torn] {
            add(admin, who).ok();
            declares(who, &from, "Family.");
        }
        let raised = raise(&sam, &from, "It could hurt.").id();
        let into = taken_up(&field, (&rea, &mo), &from);
        let conflicts = |id: &str| {
            let page = admin.get(&application(id, "/conflicts")).ok();
            page["items"].as_array().expect("items").clone()
        };
        assert_eq!(conflicts(&into).len(), 2, "they came along");
        let sees = |who: &Client| who.get(&concern(&raised, "")).status;
        assert_eq!((sees(&near), sees(&torn)), (404, 404));
        let lift = |who: &Client| {
            let form = json!({ "person_id": who.id(), "ground": "declared",
                "reason": "Another Mo." });
            admin.post(&application(&into, "/conflict-exceptions"), form).ok();
        };
        lift(&near);
        assert_eq!((sees(&near), sees(&torn)), (200, 404));
        // On record at both, and told once.
        for id in [&from, &into] {
            for row in conflicts(id) {
                let lifted = row["person"]["id"] == json!(near.id());
                let why = if lifted { json!("Another Mo.") } else { Value::Null };
                assert_eq!(row["lifted_reason"], why, "{row}");
            }
            let log = format!("/api/v1/audit?object_kind=application&object_id={id}");
            assert!(admin.get(&log).text().contains("Another Mo."));
        }
        assert_eq!(times(&field, &near, "Your conflict of interest was lifted"), 1);
        // What is declared anew is another one, and holds.
        declares(&near, &into, "A neighbour.");
        assert_eq!(sees(&near), 404);
        lift(&near);
        assert_eq!(sees(&near), 200);
    }

    fn whoever_raised_it_stays_unnamed_when_a_migration_is_taken_back(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo, sam) = (web.person("Rea"), web.person("Mo"), web.person("Sam"));
        let lana = lane(&field, "Lana");
        let from = field.applies(&mo, "1.00", "9.00");
        let form = json!({ "concern": "It could leak.", "may_name_me": true });
        let raised = sam.post(&application(&from, "/concerns"), form).id();
        let into = taken_up(&field, (&rea, &mo), &from);
        ask(&lana, &raised).ok();
        let asked = || rea.get(&application(&into, "/screening")).ok()["asked"].clone();
        let own = || sam.get("/api/v1/me/concerns").ok()["items"][0]["application_id"].clone();
        let (before, about) = (asked(), own());
        assert_eq!(before[0]["summary"], "It could be turned around.");
        assert_eq!((before[0].get("raised_by"), &about), (None, &json!(from)));
        migrated_again(&web);
        assert_eq!((asked(), own()), (before, about));
    }

    fn who_applies_with_what_goes_on_is_heard_themselves(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo, sam) = (web.person("Rea"), web.person("Mo"), web.person("Sam"));
        let lana = lane(&field, "Lana");
        let from = field.applies(&mo, "1.00", "9.00");
        let form = json!({ "concern": "It could leak.", "may_name_me": true });
        let raised = sam.post(&application(&from, "/concerns"), form).id();
        ask(&lana, &raised).ok();
        let seen = mo.get(&application(&from, "/screening")).ok();
        assert_eq!(seen["asked"][0]["raised_by"], "Sam");
        respond(&mo, &from, &raised).ok();
        let into = taken_up(&field, (&rea, &mo), &from);
        // Nobody has asked Rea; what Mo was told, and said, is theirs.
        let asked = || rea.get(&application(&into, "/screening")).ok()["asked"].clone();
        assert_eq!(asked(), json!([]));
        respond(&rea, &into, &raised).wrong_fields(&["/concern_id"]);
        let tied = json!({ "outcome": "conditions", "reason": "Near.",
            "conditions": "Behind glass." });
        decide(&lana, &raised, &tied).refused(409, "wrong_state");
        assert_eq!(waits(&lana), ["concern"]);
        let mails = || times(&field, &rea, "Please answer a question about your application");
        assert_eq!(mails(), 0);
        ask(&lana, &raised).ok();
        ask(&lana, &raised).refused(409, "already_exists");
        assert_eq!((mails(), waits(&lana)), (1, Vec::new()));
        let told = asked();
        assert_eq!(told[0]["summary"], "It could be turned around.");
        assert_eq!((&told[0]["response"], told[0].get("raised_by")), (&Value::Null, None));
        decide(&lana, &raised, &tied).refused(409, "wrong_state");
        let full = || lana.get(&concern(&raised, "")).ok();
        let said = "We keep the last step to ourselves.";
        assert_eq!((&full()["response"], &full()["earlier"][0]["response"]),
            (&Value::Null, &json!(said)));
        let form = json!({ "concern_id": raised, "response": "Ours is locked away." });
        rea.post(&application(&into, "/screening/respond"), form).ok();
        decide(&lana, &raised, &tied).ok();
        let bound = rea.get(&application(&into, "/screening-conditions")).ok();
        assert_eq!(bound["conditions"], json!(["Behind glass."]));
        // Each takes back their own words.
        t.clock.advance_seconds(24 * 3600 + 1);
        assert_eq!(mo.delete(&application(&from, "")).status, 204);
        web.work();
        assert_eq!((&full()["response"], &full()["earlier"][0]["response"]),
            (&json!("Ours is locked away."), &Value::Null));
        rea.post(&application(&into, "/withdraw"), json!({})).ok();
        assert_eq!(rea.delete(&application(&into, "")).status, 204);
        web.work();
        assert_eq!(full()["response"], Value::Null);
    }
}
