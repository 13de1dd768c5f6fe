//! What applications, grants and budgets are about.

use super::*;
use crate::publishing::giving;
use crate::support::desk::usd;
use almoner::kernel::ids::BudgetId;

fn naming(who: &Client, application: &str, agendas: Value) -> Reply {
    let read = who.get(&format!("/api/v1/applications/{application}"));
    let path = format!("/api/v1/applications/{application}/agendas");
    put(who, &path, read.etag(), json!({ "agendas": agendas }))
}

both! {
    fn applications_are_found_by_agenda_by_those_who_may_see_them(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let evals = agenda(admin, "evals");
        let (rea, mo, backer) = (web.person("Rea"), web.person("Mo"), field.backer("100.00"));
        let form = json!({
            "call_id": field.call, "title": "Secret probes", "summary": "s", "body": "b",
            "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All", "amount": usd("9.00") }], "duration_months": 2,
        });
        let id = rea.post("/api/v1/applications", form).id();
        let named = naming(&rea, &id, json!([evals, evals]));
        assert_eq!((named.ok()["items"][0]["slug"].clone(), named.etag()), (json!("evals"),
            "\"v2\""));
        assert_eq!(naming(&rea, &id, json!([evals])).etag(), "\"v2\"", "nothing new");
        naming(&rea, &id, json!([mo.id()])).wrong_fields(&["/agendas/0"]);
        let members = format!("/api/v1/applications/{id}/members");
        let seat = rea.post(&members, json!({ "email": mo.email, "name": "Mo" })).id();
        let sees = |who: &Client| !ids(&who.get(&at(&format!("{evals}/applications")))).is_empty();
        let (stranger, finance) = (web.person("Stan"), &field.desk.finance);
        let all = [&rea, &mo, admin, &backer.who, &stranger, finance, &web.anonymous()];
        let who_sees = || all.map(sees);
        assert_eq!(who_sees(), [true, true, false, false, false, false, false], "a draft");
        mo.command(&format!("{members}/{seat}/accept")).ok();
        rea.command(&format!("/api/v1/applications/{id}/submit")).ok();
        assert_eq!(who_sees(), [true, true, true, false, false, true, false], "submitted");
        naming(&rea, &id, json!([])).refused(409, "wrong_state");
        admin.command(&format!("/api/v1/applications/{id}/open")).ok();
        assert_eq!(who_sees(), [true, true, true, true, false, true, false], "open, private");
        let text = stranger.get(&at(&format!("{evals}/applications"))).text();
        assert!(!text.contains("Secret"), "{text}");
        let back = json!({ "reason": "Open it up?" });
        admin.post(&format!("/api/v1/applications/{id}/request-changes"), back).ok();
        assert_eq!(who_sees(), [true, true, true, false, false, true, false], "sent back");
        let read = rea.get(&format!("/api/v1/applications/{id}"));
        rea.patch(&format!("/api/v1/applications/{id}"), read.etag(),
            json!({ "visibility": "public" })).ok();
        rea.command(&format!("/api/v1/applications/{id}/submit")).ok();
        assert_eq!(who_sees(), [true; 7], "open, public");
        let list = format!("/api/v1/applications/{id}/agendas");
        assert_eq!(items(&stranger.get(&list))[0]["slug"], "evals");
        // A grant of a public application is found as well.
        assert!(ids(&stranger.get(&at(&format!("{evals}/grants")))).is_empty());
        backer.offer(&id, "5.00").ok();
        let grant = field.awarded(&id);
        let found = items(&web.anonymous().get(&at(&format!("{evals}/grants"))));
        assert_eq!((&found[0]["id"], &found[0]["amount_awarded"]), (&json!(grant), &usd("5.00")));
    }

    fn grants_of_private_applications_are_their_own(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let evals = agenda(&field.desk.admin, "evals");
        let (rea, backer) = (web.person("Rea"), field.backer("100.00"));
        let form = json!({
            "call_id": field.call, "title": "Secret probes", "summary": "s", "body": "b",
            "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All", "amount": usd("9.00") }], "duration_months": 2,
        });
        let id = rea.post("/api/v1/applications", form).id();
        naming(&rea, &id, json!([evals])).ok();
        rea.command(&format!("/api/v1/applications/{id}/submit")).ok();
        field.desk.admin.command(&format!("/api/v1/applications/{id}/open")).ok();
        backer.offer(&id, "5.00").ok();
        field.awarded(&id);
        let other = field.backer("1.00");
        let path = at(&format!("{evals}/grants"));
        let all = [&rea, &backer.who, &field.desk.admin, &other.who, &web.person("S"),
            &web.anonymous()];
        let sees = all.map(|who| !ids(&who.get(&path)).is_empty());
        assert_eq!(sees, [true, true, true, false, false, false]);
    }

    fn what_is_withheld_or_was_cancelled_is_told_as_elsewhere(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let evals = agenda(admin, "evals");
        let (rea, nobody) = (web.person("Rea"), web.anonymous());
        let (backer, other) = (field.backer("100.00"), field.backer("1.00"));
        let form = json!({
            "call_id": field.call, "title": "Open probes", "summary": "s", "body": "b",
            "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All", "amount": usd("9.00") }], "duration_months": 2,
            "visibility": "public",
        });
        let id = rea.post("/api/v1/applications", form).id();
        naming(&rea, &id, json!([evals])).ok();
        rea.command(&format!("/api/v1/applications/{id}/submit")).ok();
        admin.command(&format!("/api/v1/applications/{id}/open")).ok();
        backer.offer(&id, "5.00").ok();
        let grant = field.awarded(&id);
        let see = |path: &str| {
            [&rea, admin, &other.who, &nobody].map(|who| !ids(&who.get(path)).is_empty())
        };
        let (applications, grants) =
            (at(&format!("{evals}/applications")), at(&format!("{evals}/grants")));
        let theirs = [true, true, false, false];
        assert_eq!([see(&applications), see(&grants)], [[true; 4]; 2]);
        let decide = |status: &str| {
            giving::decide(admin, &grant, json!({ "status": status })).ok();
        };
        decide("withheld");
        assert_eq!([see(&applications), see(&grants)], [theirs; 2]);
        assert_eq!(see("/api/v1/applications"), theirs);
        decide("published");
        assert_eq!([see(&applications), see(&grants)], [[true; 4]; 2]);
        let why = json!({ "reason": "Not to be." });
        admin.post(&format!("/api/v1/grants/{grant}/cancel"), why).ok();
        assert_eq!(see(&grants), theirs, "it is no award");
    }

    fn budgets_are_linked_by_the_slugs_among_their_words(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let reg = web.with_role("Reg", Role::Regrantor);
        let fund = desk.fund("Bright");
        let old = agenda(&desk.admin, "old");
        desk.admin.command(&at(&format!("{old}/retire"))).ok();
        let first = agenda(&desk.admin, "evals");
        let words = json!({ "agendas": ["evals", "control", "anything good", "old"] });
        let budget = desk.budget_with(&fund, &reg, words);
        let id: BudgetId = budget.parse().expect("an id");
        let linked = || {
            let read = move |conn: &mut almoner::platform::db::Conn| {
                almoner::agendas::service::of_budget(conn, id)
            };
            let found = web.app.db.read_now("test", read).expect("read");
            found.into_iter().map(|id| id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(linked(), std::slice::from_ref(&first));
        // An agenda that comes later is what the word meant all along.
        let second = agenda(&desk.admin, "control");
        web.work();
        assert_eq!(linked(), [first.clone(), second.clone()]);
        let read = desk.admin.get(&format!("/api/v1/budgets/{budget}"));
        let path = format!("/api/v1/budgets/{budget}");
        desk.admin.command(&at(&format!("{first}/retire"))).ok();
        desk.admin.patch(&path, read.etag(), json!({ "agendas": ["evals"] })).ok();
        assert_eq!(linked(), [first], "retired, and linked before");
    }
}
