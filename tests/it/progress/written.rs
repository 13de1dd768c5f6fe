//! What is told of what is being written: to whoever applies, to who writes it with them, and to
//! those who do it for them.

use super::halted::{asks, todo};
use super::shut::draft;
use super::*;
use crate::decisions::{at, decline, submitted, terms};
use crate::delegations::lets;
use crate::support::Harness;

/// What somebody is asked to send there, in a sentence.
#[track_caller]
fn words(who: &Client, href: &str) -> String {
    todo(who, href).expect("it is asked")["what"].to_string()
}

both! {
    fn it_is_written_by_all_who_may_and_handed_in_once_everybody_has_answered(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, pete) = (web.person("Rea"), web.person("Pete"));
        let (olly, dora) = (web.person("Olly"), web.person("Dora"));
        lets(&rea, &olly, &["submit"]);
        lets(&rea, &dora, &["draft"]);
        let id = draft(&rea, &field.call);
        let [write, submit, team] = ["", "/submit", "/members"].map(|act| at(&id, act));
        assert!(asks(&rea, &submit) && asks(&olly, &submit) && !asks(&dora, &submit));
        assert!(words(&dora, &write).contains("Write it for Rea; they hand it in."));
        let form = json!({ "email": pete.email, "name": "Pete" });
        let seat = rea.post(&team, form).id();
        rea.command(&submit).wrong_fields(&["/members"]);
        assert!(asks(&rea, &write) && !asks(&rea, &submit) && !asks(&olly, &submit));
        let told = words(&rea, &team);
        assert!(told.contains("Waiting for Pete to answer"), "{told}");
        assert!(asks(&dora, &write) && !asks(&pete, &write));
        pete.command(&format!("{team}/{seat}/accept")).ok();
        assert!(asks(&rea, &submit) && !asks(&rea, &team) && asks(&olly, &submit));
        assert!(words(&pete, &write).contains("Write it with Rea; they hand it in."));
        let mae = web.person("Mae");
        let form = json!({ "email": mae.email, "name": "Mae", "role": "mentor" });
        let seat = rea.post(&team, form).id();
        mae.command(&format!("{team}/{seat}/accept")).ok();
        assert!(!asks(&mae, &write), "a mentor reads");
        rea.command(&submit).ok();
        assert!(!asks(&pete, &write) && !asks(&dora, &write));
        let why = json!({ "reason": "Say how." });
        field.desk.admin.post(&at(&id, "/request-changes"), why).ok();
        for who in [&pete, &dora] {
            assert!(words(who, &write).contains("Changes were asked for"), "{}", who.email);
        }
        assert!(asks(&rea, &submit) && asks(&olly, &submit));
    }

    fn what_comes_again_after_a_decline_tells_its_last_day(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), &field.desk.admin);
        let form = json!({ "title": "Of stars", "kind": "rolling" });
        let more = admin.post("/api/v1/calls", form).id();
        admin.command(&format!("/api/v1/calls/{more}/open")).ok();
        let again = json!({ "appeals": "resubmit", "appeal_days": 10 });
        let path = format!("/api/v1/calls/{more}/decisions");
        let body = again.to_string().into_bytes();
        admin.send("PUT", &path, &[("If-Match", "\"v0\"")], Some(body)).ok();
        terms(&field, again);
        let old = submitted(&field, &rea);
        decline(admin, &old);
        let new = rea.command(&at(&old, "/resubmit")).id();
        let other = submitted(&field, &rea);
        let (routes, there) = (at(&other, "/routes"), at(&other, &format!("/routes/{more}")));
        rea.post(&routes, json!({ "call_id": more })).ok();
        rea.command(&format!("{there}/submit")).ok();
        let no = json!({ "reason": "Say more." });
        admin.post(&format!("{there}/decline"), no).ok();
        rea.post(&routes, json!({ "call_id": more })).ok();
        let due = || {
            let days = [at(&new, "/submit"), there.clone()]
                .map(|href| todo(&rea, &href).expect("it is asked")["due_on"].clone());
            json!(days)
        };
        assert_eq!(due(), json!([null, null]), "its calls take it on any day");
        for call in [&field.call, &more] {
            admin.command(&format!("/api/v1/calls/{call}/close")).ok();
        }
        assert_eq!(due(), json!(["2026-11-12", "2026-11-12"]));
    }

    fn what_was_taken_back_is_not_said_to_be_in(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let id = draft(&rea, &field.call);
        rea.command(&at(&id, "/withdraw")).ok();
        let told = rea.command(&at(&id, "/submit")).refused(409, "wrong_state");
        assert_eq!(told["detail"], "The application is withdrawn: it has ended.");
        let id = submitted(&field, &rea);
        let told = rea.command(&at(&id, "/submit")).refused(409, "wrong_state");
        assert_eq!(told["detail"], "The application is submitted: it was handed in already.");
    }
}
