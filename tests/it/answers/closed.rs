//! Files that answered what not everybody reads: they stay closed, whatever becomes of the answers.

use super::files::attach;
use super::*;
use crate::support::Harness;
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;

/// The names of the files that somebody sees, in their order.
fn seen(who: &Client, id: &str) -> Vec<String> {
    let page = who.get(&at(id, "/attachments")).ok();
    let items = page["items"].as_array().expect("items");
    let mut names: Vec<String> =
        items.iter().map(|file| file["name"].as_str().expect("a name").to_owned()).collect();
    names.sort_unstable();
    names
}

/// A public draft; its id.
fn public(who: &Client, call: &str) -> String {
    let mut form = whole(call);
    form["visibility"] = json!("public");
    who.post(APPLICATIONS, form).id()
}

/// Handed in, and opened.
fn open(admin: &Client, who: &Client, id: &str) {
    submit(who, id).ok();
    admin.command(&at(id, "/open")).ok();
}

/// Takes the migration back and does it again, as if all there is were older.
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
        include_str!("../../../migrations/sqlite/0101_closed_files/down.sql"),
        include_str!("../../../migrations/postgres/0101_closed_files/down.sql"),
    );
    run(
        include_str!("../../../migrations/sqlite/0101_closed_files/up.sql"),
        include_str!("../../../migrations/postgres/0101_closed_files/up.sql"),
    );
}

both! {
    fn a_resubmission_keeps_closed_what_was(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, further) = (call(&admin), call(&admin));
        let terms = json!({ "appeals": "resubmit" });
        put(&admin, &format!("/api/v1/calls/{own}/decisions"), "\"v0\"", &terms).ok();
        write_form(&admin, &own, &json!({ "questions": [
            question("cv", "file", json!({})),
            question("photo", "file", json!({ "public": true })),
        ] })).ok();
        let asked = json!({ "questions": [question("plan", "file", json!({ "public": true }))] });
        write_form(&admin, &further, &asked).ok();
        let id = public(&rea, &own);
        let names = ["old.txt", "photo.txt", "plan.txt", "more.txt"];
        let [old, photo, plan, _] = names.map(|name| attach(&rea, &id, name));
        answer(&rea, &id, json!({ "cv": old, "photo": photo })).ok();
        let routed = json!({ "call_id": further, "answers": { "plan": plan } });
        rea.post(&at(&id, "/routes"), routed).ok();
        submit(&rea, &id).ok();
        admin.post(&at(&id, "/request-changes"), json!({ "reason": "The new one." })).ok();
        let new = attach(&rea, &id, "new.txt");
        answer(&rea, &id, json!({ "cv": new })).ok();
        submit(&rea, &id).ok();
        admin.post(&at(&id, "/decline"), json!({ "reason": "No." })).ok();
        let again = rea.command(&at(&id, "/resubmit")).id();
        open(&admin, &rea, &again);
        let backer = web.field().backer("90.00").who;
        let all = ["more.txt", "new.txt", "old.txt", "photo.txt", "plan.txt"];
        let read = || {
            assert_eq!(seen(&rea, &again), all);
            assert_eq!(seen(&admin, &again), all);
            assert_eq!(seen(&web.anonymous(), &again), ["more.txt", "photo.txt"]);
            assert_eq!(seen(&web.person("Sam"), &again), ["more.txt", "photo.txt"]);
            // Who may fund it gets what its answers name, and nothing that another call asked.
            assert_eq!(seen(&backer, &again), ["more.txt", "new.txt", "photo.txt"]);
        };
        read();
        // Nor by its address.
        let page = rea.get(&at(&again, "/attachments")).ok();
        for file in page["items"].as_array().expect("items") {
            let path = at(&again, &format!("/attachments/{}", file["id"].as_str().expect("an id")));
            let name = file["name"].as_str().expect("a name");
            let status = if ["more.txt", "photo.txt"].contains(&name) { 200 } else { 404 };
            assert_eq!(web.anonymous().get(&path).status, status, "{name}");
        }
        migrated_again(&web);
        read();
    }

    fn what_a_private_call_asks_for_is_not_everybodys(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let hush = call(&admin);
        let asked = json!({ "questions": [question("photo", "file", json!({ "public": true }))] });
        write_form(&admin, &hush, &asked).ok();
        let id = public(&rea, &hush);
        let [photo, _] = ["photo.txt", "more.txt"].map(|name| attach(&rea, &id, name));
        answer(&rea, &id, json!({ "photo": photo })).ok();
        let place = format!("/api/v1/calls/{hush}");
        let etag = admin.get(&place).etag().to_owned();
        admin.patch(&place, &etag, json!({ "visibility": "private" })).ok();
        open(&admin, &rea, &id);
        assert_eq!(seen(&rea, &id), ["more.txt", "photo.txt"]);
        assert_eq!(seen(&web.anonymous(), &id), ["more.txt"]);
        assert_eq!(seen(&web.person("Sam"), &id), ["more.txt"]);
    }

    fn an_answer_that_falls_away_before_it_is_handed_in_opens_nothing(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, further) = (call(&admin), call(&admin));
        let abroad = question("abroad", "choice", json!({ "options": options(&["yes", "no"]) }));
        let shown = json!({ "shown_if": { "question": "abroad", "any_of": ["yes"] } });
        let asked = [
            abroad,
            question("visa", "file", shown),
            question("cv", "file", json!({})),
            question("photo", "file", json!({ "public": true })),
            question("gone", "file", json!({})),
        ];
        write_form(&admin, &own, &json!({ "questions": asked })).ok();
        let plan = json!({ "questions": [question("plan", "file", json!({}))] });
        write_form(&admin, &further, &plan).ok();
        let id = public(&rea, &own);
        let names = ["visa.txt", "first.txt", "second.txt", "photo.txt", "gone.txt"];
        let [visa, first, second, photo, gone] = names.map(|name| attach(&rea, &id, name));
        let [plan, other] = ["plan.txt", "other.txt"].map(|name| attach(&rea, &id, name));
        attach(&rea, &id, "more.txt");
        // Not asked in the end; answered with another; not asked by the newer form.
        let given = json!({ "abroad": "yes", "visa": visa, "cv": first, "gone": gone });
        answer(&rea, &id, given).ok();
        answer(&rea, &id, json!({ "abroad": "no", "cv": photo })).ok();
        answer(&rea, &id, json!({ "cv": second, "photo": photo })).ok();
        write_form(&admin, &own, &json!({ "questions": asked[..4] })).ok();
        rea.command(&at(&id, "/form")).ok();
        // The same in a further call: answered with another, and cleared when it came back.
        let place = at(&id, &format!("/routes/{further}"));
        let route = |answers: Value| {
            rea.post(&at(&id, "/routes"), json!({ "call_id": further, "answers": answers })).ok();
        };
        route(json!({ "plan": plan }));
        let etag = rea.get(&place).etag().to_owned();
        rea.patch(&place, &etag, json!({ "answers": { "plan": other } })).ok();
        rea.command(&format!("{place}/withdraw")).ok();
        route(json!({ "plan": null }));
        open(&admin, &rea, &id);
        assert_eq!(rea.get(&at(&id, "")).ok()["answers"].get("visa"), None);
        assert_eq!(seen(&web.anonymous(), &id), ["more.txt", "photo.txt"]);
        let backer = web.field().backer("90.00").who;
        assert_eq!(seen(&backer, &id), ["more.txt", "photo.txt", "second.txt"]);
        assert_eq!(seen(&admin, &id).len(), 8);
        assert_eq!(seen(&rea, &id).len(), 8);
    }
}
