//! Reviews of what comes back by an appeal, and of what goes to further calls and leaves them.

use super::*;
use crate::decisions::{day, decline, terms, times};

/// Another open call, that asks nothing.
fn more(admin: &Client) -> String {
    let call = admin.post("/api/v1/calls", json!({ "title": "More", "kind": "rolling" })).id();
    admin.command(&format!("/api/v1/calls/{call}/open")).ok();
    call
}

fn route(who: &Client, application: &str, call: &str, act: &str) {
    let path = format!("/api/v1/applications/{application}/routes");
    let reply = match act {
        "begin" => who.post(&path, json!({ "call_id": call })),
        _ => who.command(&format!("{path}/{call}/{act}")),
    };
    reply.ok();
}

/// Asks somebody for a review in one of the calls; what was made.
fn ask_there(admin: &Client, application: &str, who: &Client, call: &str) -> Value {
    let path = format!("/api/v1/applications/{application}/reviewers");
    admin.post(&path, json!({ "person_id": who.id(), "call_id": call })).ok()
}

both! {
    fn what_comes_back_by_an_appeal_is_asked_for_again(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, abe) = (web.person("Rea"), web.with_role("Abe", Role::Admin));
        let [una, duo] = ["Una", "Duo"].map(|name| reviewer(&web, name));
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let id = submitted(&field, &rea);
        let path = format!("/api/v1/applications/{id}");
        let [first, _] = [&una, &duo].map(|who| {
            let form = json!({ "person_id": who.id(), "due_on": "2026-11-20" });
            admin.post(&format!("{path}/reviewers"), form).id()
        });
        decline(admin, &id);
        rea.post(&format!("{path}/appeal"), json!({ "text": "Look again." })).ok();
        let suspend = format!("/api/v1/people/{}/suspend", duo.id());
        admin.post(&suspend, json!({ "reason": "Gone." })).ok();
        day(t, "2026-11-21");
        let gone = "A reviewer can no longer review";
        let told = || (times(&field, &una, "Your review"), times(&field, admin, gone));
        assert_eq!(told(), (0, 0), "nobody is waited for");
        let back = json!({ "outcome": "reopened", "reason": "We look again." });
        abe.post(&format!("{path}/appeal/answer"), back).ok();
        assert_eq!(told(), (0, 1));
        assert_eq!(admin.get(&at(&first, "")).ok()["due_on"], "2026-12-05", "two weeks");
        day(t, "2026-12-02");
        assert_eq!(times(&field, &una, "Your review is asked for by 2026-12-05"), 1);
        day(t, "2026-12-06");
        assert_eq!(times(&field, &una, "Your review is late"), 1);
        assert_eq!(times(&field, admin, "A review is late"), 1);
    }

    fn what_comes_back_into_one_call_is_asked_for_there_alone(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, abe) = (web.person("Rea"), web.with_role("Abe", Role::Admin));
        let [una, duo] = ["Una", "Duo"].map(|name| reviewer(&web, name));
        let (id, further) = (submitted(&field, &rea), more(admin));
        let terms = json!({ "appeals": "appeal", "appeal_days": 10 }).to_string().into_bytes();
        let path = format!("/api/v1/calls/{further}/decisions");
        admin.send("PUT", &path, &[("If-Match", "\"v0\"")], Some(terms)).ok();
        route(&rea, &id, &further, "begin");
        route(&rea, &id, &further, "submit");
        let path = format!("/api/v1/applications/{id}");
        let [here, there] = [(&una, &field.call), (&duo, &further)].map(|(who, call)| {
            let form =
                json!({ "person_id": who.id(), "call_id": call, "due_on": "2026-11-20" });
            admin.post(&format!("{path}/reviewers"), form).id()
        });
        let no = json!({ "reason": "Not ours." });
        admin.post(&format!("{path}/routes/{further}/decline"), no).ok();
        let form = json!({ "text": "Look again.", "call_id": further });
        rea.post(&format!("{path}/appeal"), form).ok();
        day(t, "2026-11-21");
        let late = || times(&field, &una, "Your review is late");
        assert_eq!(late(), 1);
        let back = json!({ "outcome": "reopened", "reason": "We look again.", "call_id": further });
        abe.post(&format!("{path}/appeal/answer"), back).ok();
        web.work();
        // In its own call it went on: nobody has longer there, nor is reminded twice.
        let due = |review: &str| admin.get(&at(review, "")).ok()["due_on"].clone();
        assert_eq!([due(&here), due(&there)], ["2026-11-20", "2026-12-05"]);
        day(t, "2026-11-22");
        assert_eq!(late(), 1);
    }

    fn who_was_asked_in_a_call_that_was_left_keeps_nobody_waiting(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, further) = (web.person("Rea"), more(admin));
        let [una, duo] = ["Una", "Duo"].map(|name| reviewer(&web, name));
        // One leaves that call before the other review is in, one after.
        let [early, late] = [(); 2].map(|()| submitted(&field, &rea));
        let [first, second] = [&early, &late].map(|id| {
            route(&rea, id, &further, "begin");
            route(&rea, id, &further, "submit");
            ask_there(admin, id, &duo, &further);
            ask(admin, id, &una).id()
        });
        let all_in = || times(&field, admin, "All reviews are in");
        route(&rea, &early, &further, "withdraw");
        assert_eq!(all_in(), 0);
        hand_in(&una, &first, [4, 4, 4, 4], "fund").ok();
        assert_eq!(all_in(), 1);
        hand_in(&una, &second, [4, 4, 4, 4], "fund").ok();
        assert_eq!(all_in(), 1, "one is waited for");
        route(&rea, &late, &further, "withdraw");
        assert_eq!(all_in(), 2);
    }

    fn each_call_asks_by_its_own_promise(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, further) = (web.person("Rea"), more(admin));
        let [una, duo] = ["Una", "Duo"].map(|name| reviewer(&web, name));
        let id = submitted(&field, &rea);
        // Promised by 2026-11-30 in its own call, and by 2026-12-18 in the other.
        day(t, "2026-11-20");
        route(&rea, &id, &further, "begin");
        route(&rea, &id, &further, "submit");
        assert_eq!(ask_there(admin, &id, &una, &field.call)["due_on"], "2026-11-23");
        assert_eq!(ask_there(admin, &id, &duo, &further)["due_on"], "2026-12-04");
    }
}
