//! What is told of drafts whose call takes none any more.

use super::*;
use crate::decisions::day;
use crate::delegations::lets;
use crate::support::Harness;
use crate::support::desk::usd;

/// What is asked of somebody, and what comes next, of the one thing that they have.
#[track_caller]
fn told(who: &Client) -> (Vec<String>, String) {
    let view = who.get("/api/v1/me/next").ok();
    let items = view["items"].as_array().expect("items");
    assert_eq!(items.len(), 1, "{view}");
    let todo = items[0]["todo"].as_array().expect("todo").iter();
    let hrefs = todo.map(|todo| todo["href"].as_str().expect("an address").to_owned());
    (hrefs.collect(), items[0]["next"].as_str().expect("words").to_owned())
}

/// Somebody's draft in a call, with all that it needs; its id.
pub(super) fn draft(who: &Client, call: &str) -> String {
    let form = json!({
        "call_id": call, "title": "A lens", "summary": "To see.", "body": "How.",
        "amount_minimum": usd("1.00"), "amount_requested": usd("1.00"), "duration_months": 12,
        "budget_lines": [{ "label": "All", "amount": usd("1.00") }],
    });
    who.post("/api/v1/applications", form).id()
}

both! {
    fn a_draft_whose_call_is_over_is_not_to_be_handed_in(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (zoe, olly) = (web.person("Zoe"), web.person("Olly"));
        lets(&zoe, &olly, &["submit"]);
        let form = json!({ "title": "Of stars", "kind": "dated", "opens_on": "2026-11-02",
            "closes_on": "2026-11-10" });
        let call = admin.post("/api/v1/calls", form).id();
        admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        let id = draft(&zoe, &call);
        let at = |rest: &str| format!("/api/v1/applications/{id}{rest}");
        let further = json!({ "call_id": field.call });
        zoe.post(&at("/routes"), further).ok();
        let there = at(&format!("/routes/{}", field.call));
        let helps = || olly.get("/api/v1/me/next").ok().to_string().contains(&id);
        assert_eq!(told(&zoe).0, [at("/submit"), there]);
        assert!(helps());
        day(t, "2026-11-11");
        // Also before it is closed by a job, and in the words of the refusal.
        let refused = zoe.command(&at("/submit")).refused(409, "wrong_state");
        let why = refused["detail"].as_str().expect("words");
        let (todo, next) = told(&zoe);
        assert_eq!(todo, [] as [String; 0], "nor is it handed in elsewhere before");
        assert!(next.starts_with(why) && next.contains("export it"), "{next}");
        assert_eq!(zoe.get(&at("/clock")).ok()["next"], next);
        assert!(!helps());
        // That can be done.
        let document = zoe.get(&at("/export")).ok();
        let form = json!({ "call_id": field.call, "document": document });
        zoe.post("/api/v1/applications/import", form).ok();
        web.work();
        let closed = zoe.get(&at("/clock")).ok()["next"].clone();
        assert!(closed.as_str().is_some_and(|next| next.contains("import it there")), "{closed}");
        // One that is in goes on.
        let early = field.applies(&olly, "1.00", "9.00");
        admin.command(&format!("/api/v1/calls/{}/close", field.call)).ok();
        let next = olly.get(&format!("/api/v1/applications/{early}/clock")).ok()["next"].clone();
        assert!(next.as_str().is_some_and(|next| next.starts_with("Regrantors")), "{next}");
    }

    fn a_draft_in_a_further_call_that_is_closed_asks_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let form = json!({ "title": "Of stars", "kind": "rolling" });
        let more = admin.post("/api/v1/calls", form).id();
        admin.command(&format!("/api/v1/calls/{more}/open")).ok();
        let rea = web.person("Rea Searcher");
        let id = field.applies(&rea, "1.00", "9.00");
        let at = |rest: &str| format!("/api/v1/applications/{id}{rest}");
        rea.post(&at("/routes"), json!({ "call_id": more })).ok();
        let there = at(&format!("/routes/{more}"));
        assert_eq!(told(&rea).0, std::slice::from_ref(&there));
        admin.command(&format!("/api/v1/calls/{more}/close")).ok();
        rea.command(&format!("{there}/submit")).refused(409, "wrong_state");
        let (todo, next) = told(&rea);
        assert_eq!(todo, [] as [String; 0]);
        let why = "“Of stars” does not take it now: This call is closed.";
        assert!(next.ends_with(why), "{next}");
    }
}
