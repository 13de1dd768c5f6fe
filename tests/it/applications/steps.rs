//! Steps from one state to another: which there are, who takes them, who is told.

use super::*;
use almoner::applications::service;
use almoner::kernel::ids::ApplicationId;

fn id_of(text: &str) -> ApplicationId {
    text.parse().expect("an id")
}

/// An application in this state; its id.
fn in_state(web: &Web, (admin, rea): (&Client, &Client), call: &str, state: &str) -> String {
    let command = |who: &Client, id: &str, what: &str, body: Value| {
        who.post(&at(&format!("{id}/{what}")), body).ok();
    };
    let reason = json!({ "reason": "No." });
    match state {
        "draft" => draft(rea, call, json!({})),
        "submitted" => submitted(rea, call, json!({})),
        "changes_requested from submitted" => {
            let id = submitted(rea, call, json!({}));
            send_back(admin, &id);
            id
        }
        "changes_requested from open" => {
            let id = opened(rea, admin, call, json!({}));
            send_back(admin, &id);
            id
        }
        "declined" => {
            let id = submitted(rea, call, json!({}));
            command(admin, &id, "decline", reason);
            id
        }
        "withdrawn" => {
            let id = submitted(rea, call, json!({}));
            command(rea, &id, "withdraw", json!({}));
            id
        }
        "awarded" => {
            let id = opened(rea, admin, call, json!({}));
            let (ctx, awarded) = (web.system(), id_of(&id));
            write(web, move |conn| service::mark_awarded(conn, &ctx, awarded));
            id
        }
        _ => opened(rea, admin, call, json!({})),
    }
}

both! {
    fn every_state_and_every_command(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let who = (&admin, &rea);
        let reason = json!({ "reason": "No." });
        let commands = [
            ("edit", &rea, json!({ "title": "New" })),
            ("submit", &rea, json!({})),
            ("open", &admin, json!({})),
            ("request-changes", &admin, reason.clone()),
            ("decline", &admin, reason),
            ("withdraw", &rea, json!({})),
        ];
        let changes = Some("changes_requested");
        // edit, submit, open, request-changes, decline, withdraw
        let table = [
            ("draft", [Some("draft"), Some("submitted"), None, None, None, Some("withdrawn")]),
            ("submitted", [None, None, Some("open"), changes, Some("declined"), Some("withdrawn")]),
            ("open", [None, None, None, changes, Some("declined"), Some("withdrawn")]),
            ("changes_requested from submitted",
                [changes, Some("submitted"), None, None, Some("declined"), Some("withdrawn")]),
            ("changes_requested from open",
                [changes, Some("open"), None, None, Some("declined"), Some("withdrawn")]),
            ("awarded", [None; 6]),
            ("declined", [None; 6]),
            ("withdrawn", [None; 6]),
        ];
        for (state, row) in table {
            let refusing = in_state(&web, who, &call, state);
            for ((command, by, body), leads_to) in commands.iter().zip(row) {
                let id = match leads_to {
                    Some(_) => in_state(&web, who, &call, state),
                    None => refusing.clone(),
                };
                let before = rea.get(&at(&id)).ok();
                let reply = match *command {
                    "edit" => edit(by, &id, body.clone()),
                    _ if state == "draft" && by.id() == admin.id() => {
                        // Nobody but its team sees a draft.
                        by.post(&at(&format!("{id}/{command}")), body.clone())
                            .refused(404, "not_found");
                        continue;
                    }
                    _ => by.post(&at(&format!("{id}/{command}")), body.clone()),
                };
                match leads_to {
                    Some(to) => assert_eq!(reply.ok()["status"], to, "{state} {command}"),
                    None => {
                        reply.refused(409, "wrong_state");
                        assert_eq!(rea.get(&at(&id)).ok(), before, "{state} {command}");
                    }
                }
            }
        }
    }

    fn an_applicant_who_never_answers_is_declined(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let id = opened(&rea, &admin, &rolling(&admin), json!({}));
        let title = rea.get(&at(&id)).ok()["title"].clone();
        send_back(&admin, &id);
        edit(&rea, &id, json!({ "title": "Never handed in" })).ok();
        let declined = admin.post(&at(&format!("{id}/decline")), json!({ "reason": "Too long." }));
        assert_eq!((&declined.ok()["status"], &declined.ok()["title"]),
            (&json!("declined"), &title));
        assert_eq!(admin.get(&at(&id)).ok()["title"], title, "what was written since is theirs");
        assert_eq!(rea.get(&at(&id)).ok()["status_reason"], "Too long.");
    }

    fn changes_come_back_to_where_it_stood(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let id = opened(&rea, &admin, &call, json!({}));
        let offered = id_of(&id);
        let add = move |amount| move |conn: &mut _| service::add_offered(conn, offered, amount);
        assert!(write(&web, add(2_000_000)).is_some());
        assert!(write(&web, add(3_000_001)).is_none(), "never beyond what is requested");
        assert!(write(&web, add(1_000_000)).is_some());
        send_back(&admin, &id);
        assert!(write(&web, add(1)).is_none(), "only on an open one");
        let sent = rea.get(&at(&id)).ok();
        assert_eq!(sent["status_reason"], "Say more.");
        assert_eq!(sent["offered"], usd("30000.00"));
        edit(&rea, &id, json!({ "amount_requested": usd("29999.99") }))
            .wrong_fields(&["/amount_requested/amount"]);
        edit(&rea, &id, json!({ "amount_requested": null, "amount_minimum": null }))
            .wrong_fields(&["/amount_requested", "/amount_minimum"]);
        let euro = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
        edit(&rea, &id, json!({
            "amount_requested": euro("50000.00"), "amount_minimum": euro("1.00"),
            "budget_lines": null,
        })).wrong_fields(&["/amount_requested/currency", "/amount_minimum/currency"]);
        edit(&rea, &id, json!({
            "amount_requested": usd("30000.00"),
            "budget_lines": [{ "label": "All", "amount": usd("30000.00") }],
        })).ok();
        write(&web, move |conn| service::take_offered(conn, offered, 1_000_000, true));
        day(t, "2026-11-12");
        let back = rea.command(&at(&format!("{id}/submit"))).ok();
        assert_eq!(back["status"], "open");
        assert_eq!(back["promised_on"], "2026-12-10", "28 days from the new submission");
        assert_eq!(back["submitted_at"], "2026-11-02T09:00:00Z", "it came in then");
        assert_eq!(back["status_reason"], Value::Null);
        assert_eq!(back["offered"], usd("20000.00"));
    }

    fn reasons_are_given_and_read_by_those_concerned(t: &Harness) {
        let web = t.serve();
        let (admin, rea, sam) = (admin(&web), web.person("Rea"), web.person("Sam"));
        let call = rolling(&admin);
        let id = submitted(&rea, &call, json!({ "visibility": "public" }));
        for command in ["decline", "request-changes"] {
            let path = at(&format!("{id}/{command}"));
            admin.command(&path).refused(422, "invalid");
            admin.post(&path, json!({ "reason": " " })).wrong_fields(&["/reason"]);
            let long = "x".repeat(5_001);
            admin.post(&path, json!({ "reason": long })).wrong_fields(&["/reason"]);
            rea.post(&path, json!({ "reason": "x" })).refused(403, "forbidden");
        }
        admin.command(&at(&format!("{id}/open"))).ok();
        assert!(sam.get(&at(&id)).ok().get("status_reason").is_none());
        let no = json!({ "reason": "Too early.\nTry later." });
        admin.post(&at(&format!("{id}/decline")), no).ok();
        assert_eq!(rea.get(&at(&id)).ok()["status_reason"], "Too early.\nTry later.");
        assert!(rea.get(&at(&id)).ok()["decided_at"].is_string());
        sam.get(&at(&id)).refused(404, "not_found");
        rea.post(&at(&format!("{id}/submit")), json!({ "title": "x" })).wrong_fields(&["/title"]);
    }

    fn nobody_decides_on_their_own_application(t: &Harness) {
        let web = t.serve();
        let (admin, other) = (admin(&web), admin(&web));
        let call = rolling(&admin);
        let id = submitted(&admin, &call, json!({}));
        let reason = json!({ "reason": "x" });
        for command in ["open", "decline", "request-changes"] {
            let body = if command == "open" { json!({}) } else { reason.clone() };
            admin.post(&at(&format!("{id}/{command}")), body).refused(403, "two_persons");
        }
        let reg = web.with_role("Reg", Role::Regrantor);
        reg.post(&at(&format!("{id}/conflicts")), reason.clone()).refused(404, "not_found");
        other.post(&at(&format!("{id}/conflicts")), json!({ "reason": " " }))
            .wrong_fields(&["/reason"]);
        let told = other.post(&at(&format!("{id}/conflicts")), reason.clone()).ok();
        assert_eq!(told["person"]["name"], "Ada Admin");
        other.post(&at(&format!("{id}/conflicts")), reason.clone()).refused(409, "already_exists");
        other.command(&at(&format!("{id}/open"))).refused(403, "conflict_of_interest");
        let third = web.with_role("Third", Role::Admin);
        third.command(&at(&format!("{id}/open"))).ok();
        let conflicts = third.get(&at(&format!("{id}/conflicts"))).ok();
        assert_eq!(conflicts["items"].as_array().expect("items").len(), 1);
        assert_eq!(conflicts["items"][0]["person"]["id"], json!(other.id()));
        let fia = web.with_role("Fia", Role::Finance);
        fia.get(&at(&format!("{id}/conflicts"))).refused(403, "forbidden");
    }

    fn the_applicant_is_told(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let title = "Probes https://evil.example";
        let id = opened(&rea, &admin, &call, json!({ "title": title }));
        send_back(&admin, &id);
        rea.command(&at(&format!("{id}/submit"))).ok();
        let decline = json!({ "reason": "Too early.\nTry later." });
        admin.post(&at(&format!("{id}/decline")), decline).ok();
        let told = mails(&web, &rea.email);
        let head = |m: &Letter| m.subject.split(':').next().expect("one").to_owned();
        let subjects: Vec<String> = told.iter().map(head).collect();
        assert_eq!(subjects, [
            "We have your application",
            "Your application is open",
            "Please change your application",
            "We have your application",
            "Your application was declined",
        ]);
        assert!(told[0].text.contains("decision by 2026-11-30"), "{}", told[0].text);
        assert!(told[0].text.contains(&format!("/applications/{id}")), "{}", told[0].text);
        assert!(told[2].text.contains("> Say more."), "{}", told[2].text);
        assert!(told[3].text.contains("open to regrantors again"), "{}", told[3].text);
        assert!(told[4].text.contains("> Too early."), "{}", told[4].text);
        assert!(mails(&web, &admin.email).is_empty());
    }

    fn an_open_one_lapses_when_its_time_is_over(t: &Harness) {
        let web = t.serve();
        day(t, "2028-01-31");
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let dated = call(&admin, json!({
            "title": "Leap", "kind": "dated", "opens_on": "2028-01-31", "closes_on": "2028-02-29",
            "decision_days": 28,
        }));
        let endless = rolling(&admin);
        let unfunded = opened(&rea, &admin, &dated, json!({}));
        let funded = opened(&rea, &admin, &dated, json!({}));
        let waiting = submitted(&rea, &dated, json!({}));
        let rolling = opened(&rea, &admin, &endless, json!({}));
        let late = json!({ "expires_at": "2028-12-31T00:00:00Z" });
        web.field().backer("10000.00").offer_with(&funded, "10000.00", late).ok();
        let status = |id: &str| rea.get(&at(id)).ok()["status"].as_str().expect("one").to_owned();
        // The promised day is moved on the way: to 13 March, to 27 March, and no further by rule.
        for moved in ["2028-02-26", "2028-03-11", "2028-03-25", "2028-03-28"] {
            day(t, moved);
            web.work();
        }
        assert_eq!(status(&unfunded), "open", "its last day");
        day(t, "2028-03-29");
        web.work();
        assert_eq!(status(&unfunded), "lapsed");
        assert_eq!(status(&funded), "open", "its minimum is there: we are late, not they");
        assert_eq!(status(&waiting), "submitted", "nobody has looked at it yet");
        day(t, "2028-05-01");
        web.work();
        assert_eq!(status(&rolling), "open", "its call goes on");
        assert_eq!(status(&funded), "open");
        assert!(rea.get(&at(&unfunded)).ok()["status_reason"].is_string());
        let told = mails(&web, &rea.email);
        let lapsed = told.iter().filter(|m| m.subject.starts_with("Your application has lapsed"));
        assert_eq!(lapsed.count(), 1);
    }
}
