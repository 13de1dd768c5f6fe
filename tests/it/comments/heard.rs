//! Whom the talk of applicant and funders reaches: the team, its delegates, and who offered.

use super::*;
use crate::support::desk::usd;

/// An open application with somebody on its team.
fn with_team(field: &Field<'_>, rea: &Client, mo: &Client) -> String {
    let id = open(field, rea);
    let at = |rest: &str| format!("/api/v1/applications/{id}/{rest}");
    let admin = &field.desk.admin;
    admin.post(&at("request-changes"), json!({ "reason": "Who else is on it?" })).ok();
    let seat = rea.post(&at("members"), json!({ "email": mo.email, "name": "Mo" })).id();
    mo.command(&at(&format!("members/{seat}/accept"))).ok();
    rea.command(&at("submit")).ok();
    id
}

/// How many mails about comments each of them has.
fn counts(web: &Web, all: &[&Client]) -> Vec<usize> {
    all.iter().map(|who| mails(web, who).len()).collect()
}

both! {
    fn the_team_and_its_delegates_hear_what_is_for_them(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo, admin) = (web.person("Rea"), web.person("Mo"), field.desk.admin.clone());
        let (dora, eve) = (web.person("Dora"), web.person("Eve"));
        crate::delegations::lets(&rea, &dora, &["report"]);
        let over = crate::delegations::lets(&rea, &eve, &["draft"]);
        crate::delegations::ends(&rea, &over);
        let id = with_team(&field, &rea, &mo);
        let all = [&rea, &mo, &dora, &eve, &admin];
        say(&admin, &id, BOTH, "What of the kiln?").ok();
        say(&admin, &id, BOTH, "Is it hot?").ok();
        say(&admin, &id, "internal", "Weak references.").ok();
        t.clock.advance_seconds(75 * 60);
        assert_eq!(counts(&web, &all), [1, 1, 1, 0, 0], "one mail for the hour, none to who wrote");
        for who in [&rea, &mo, &dora] {
            let told = mails(&web, who).concat();
            assert!(told.contains("What of the kiln?") && told.contains("Is it hot?"), "{told}");
            assert!(!told.contains("Weak"), "{told}");
        }
        say(&mo, &id, BOTH, "It is cold.").ok();
        t.clock.advance_seconds(75 * 60);
        assert_eq!(counts(&web, &all), [2, 1, 2, 0, 1]);
        // What everybody reads is for who spoke there, as it was.
        say(&admin, &id, "public", "Good.").ok();
        t.clock.advance_seconds(75 * 60);
        assert_eq!(counts(&web, &all), [3, 2, 2, 0, 1]);
        // Who is suspended hears nothing.
        let why = json!({ "reason": "Spam" });
        admin.post(&format!("/api/v1/people/{}/suspend", mo.id()), why).ok();
        say(&admin, &id, BOTH, "And now?").ok();
        t.clock.advance_seconds(75 * 60);
        assert_eq!(counts(&web, &all), [4, 2, 3, 0, 1]);
    }

    fn who_offered_hears_what_the_team_says(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), field.desk.admin.clone());
        let [plain, shy, gone, none] = [(); 4].map(|()| field.backer("50.00"));
        let id = open(&field, &rea);
        plain.offer(&id, "10.00").ok();
        plain.offer(&id, "1.00").ok();
        shy.offer_with(&id, "10.00", json!({ "private": true })).ok();
        let taken = gone.offer(&id, "5.00").id();
        gone.who.command(&format!("/api/v1/offers/{taken}/withdraw")).ok();
        let all = [&plain.who, &shy.who, &gone.who, &none.who, &rea];
        say(&rea, &id, BOTH, "The kiln is built.").ok();
        t.clock.advance_seconds(75 * 60);
        assert_eq!(counts(&web, &all), [1, 1, 0, 0, 0]);
        for who in [&plain.who, &shy.who] {
            let told = mails(&web, who).concat();
            assert!(told.contains("The kiln is built."), "{told}");
        }
        // What another funder says is for the applicant, and tells nobody who offered.
        say(&plain.who, &id, BOTH, "How hot is it?").ok();
        t.clock.advance_seconds(75 * 60);
        assert_eq!(counts(&web, &all), [1, 1, 0, 0, 1]);
        say(&admin, &id, "internal", "Hm.").ok();
        t.clock.advance_seconds(75 * 60);
        assert_eq!(counts(&web, &all), [1, 1, 0, 0, 1]);
        // Whose offer went back for a conflict has no more to do with it.
        let why = json!({ "reason": "A friend." });
        shy.who.post(&format!("/api/v1/applications/{id}/conflicts"), why).ok();
        web.work();
        say(&rea, &id, BOTH, "Very.").ok();
        t.clock.advance_seconds(75 * 60);
        assert_eq!(counts(&web, &all), [2, 1, 0, 0, 1]);
    }

    fn who_drafts_speaks_and_exports_in_both_names(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), field.desk.admin.clone());
        let (dora, sue) = (web.person("Dora"), web.person("Sue"));
        let id = field.applies_with(&rea, json!({
            "visibility": "private",
            "amount_minimum": usd("1.00"), "amount_requested": usd("2.00"),
            "budget_lines": [{ "label": "All", "amount": usd("2.00") }],
        }));
        let drafts = crate::delegations::lets(&rea, &dora, &["draft"]);
        crate::delegations::lets(&rea, &sue, &["submit"]);
        let made = say(&dora, &id, BOTH, "It is cold.").ok();
        assert_eq!((&made["author"]["name"], &made["on_behalf_of"]["name"]),
            (&json!("Dora"), &json!("Rea")));
        let own = say(&rea, &id, BOTH, "It is.").ok();
        assert_eq!(own["on_behalf_of"], Value::Null);
        for visibility in ["public", "internal"] {
            say(&dora, &id, visibility, "x").refused(403, "forbidden");
        }
        say(&sue, &id, BOTH, "x").refused(403, "forbidden");
        let log = admin.get(&format!("/api/v1/audit?object_kind=application&object_id={id}"));
        assert!(log.text().contains("Dora for Rea"), "{}", log.text());
        // Theirs to change in both names, too.
        let said = made["id"].as_str().expect("an id");
        let place = format!("{}/{said}", at(&id));
        dora.patch(&place, "\"v1\"", json!({ "body": "It is cold now." })).ok();
        let log = admin.get(&format!("/api/v1/audit?object_kind=comment&object_id={said}"));
        assert!(log.text().contains("Dora for Rea"), "{}", log.text());
        t.clock.advance_seconds(75 * 60);
        for who in [&rea, &admin] {
            let told = mails(&web, who).concat();
            assert!(told.contains("Dora for Rea writes:"), "{told}");
        }
        // The whole of it, in every form.
        let export = |who: &Client, format: &str| {
            who.get(&format!("/api/v1/applications/{id}/export?format={format}"))
        };
        let json = export(&dora, "json").ok();
        assert_eq!(json["comments"][0]["author"], "Dora for Rea", "{json}");
        for format in ["markdown", "html"] {
            let text = export(&dora, format);
            assert_eq!(text.status, 200, "{}", text.text());
            assert!(text.text().contains("Dora for Rea"), "{}", text.text());
        }
        export(&sue, "json").refused(404, "not_found");
        crate::delegations::ends(&rea, &drafts);
        say(&dora, &id, BOTH, "x").refused(404, "not_found");
        dora.patch(&place, "\"v2\"", json!({ "body": "x" })).refused(404, "not_found");
        export(&dora, "json").refused(404, "not_found");
    }
}
