//! Messages to those in the directory: one mail, which shows who writes and not to which address.

use super::*;
use crate::decisions::mails;
use crate::support::desk::usd;
use crate::support::field::Field;

const TEXT: &str = "I look for somebody who likes statistics.";

fn write(who: &Client, agenda: &str, more: Value) -> Reply {
    let mut form = json!({ "text": TEXT });
    for (key, value) in more.as_object().expect("fields") {
        form[key] = value.clone();
    }
    who.post(&at(&format!("{agenda}/messages")), form)
}

/// Wants to be found under an agenda.
fn listed(who: &Client, agenda: &str) {
    let said = json!({ "agendas": [agenda], "listed": true, "looking_for": ["team"] });
    says(who, said).ok();
}

/// An application that names an agenda and says what it looks for; open, unless it is a draft.
fn applies(field: &Field<'_>, who: &Client, agenda: &str, more: Value) -> String {
    let (visibility, looks) = (&more["visibility"], &more["looking_for"]);
    let form = json!({
        "call_id": field.call, "title": "A better lens", "summary": "To see further.",
        "body": "We grind it ourselves.", "duration_months": 12, "visibility": visibility,
        "amount_minimum": usd("1.00"), "amount_requested": usd("2.00"),
        "budget_lines": [{ "label": "All", "amount": usd("2.00") }],
    });
    let id = who.post("/api/v1/applications", form).id();
    let path = format!("/api/v1/applications/{id}");
    let etag = who.get(&path).etag().to_owned();
    let about = json!({ "agendas": [agenda], "looking_for": looks });
    put(who, &format!("{path}/agendas"), &etag, about).ok();
    if more["draft"].is_null() {
        who.command(&format!("{path}/submit")).ok();
        field.desk.admin.command(&format!("{path}/open")).ok();
    }
    id
}

both! {
    fn who_is_found_gets_one_mail_with_an_address_to_answer_to(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let evals = agenda(&admin, "evals");
        let (rea, nora, ned) = (web.person("Rea"), web.person("Nora"), web.person("Ned"));
        listed(&rea, &evals);
        let to_rea = json!({ "person_id": rea.id() });
        let sent = write(&nora, &evals, to_rea.clone());
        assert_eq!(sent.status, 202, "{}", sent.text());
        let told = sent.ok();
        assert_eq!((&told["person_name"], &told["answer_to"], &told["text"]),
            (&json!("Rea"), &json!(nora.email), &json!(TEXT)));
        assert!(!sent.text().contains(&rea.email), "{told}");
        let got = mails(&web, &rea, "Nora writes to you about On evals");
        assert_eq!(got.len(), 1);
        for part in [TEXT, nora.email.as_str(), "“On evals”", "listed"] {
            assert!(got[0].contains(part), "{part} in {}", got[0]);
        }
        // The log has that they did, not what they wrote.
        let log = admin.get("/api/v1/audit").text();
        assert!(log.contains("send_agenda_message") && !log.contains("statistics"), "{log}");
        // Once a week, whoever it is about.
        let again = write(&nora, &evals, to_rea.clone()).refused(409, "limit_reached");
        assert!(again["detail"].to_string().contains("can again at"), "{again}");
        t.clock.advance_seconds(7 * 86_400 - 1);
        write(&nora, &evals, to_rea.clone()).refused(409, "limit_reached");
        write(&ned, &evals, to_rea.clone()).ok();
        t.clock.advance_seconds(1);
        write(&nora, &evals, to_rea.clone()).ok();
        assert_eq!(mails(&web, &rea, "Nora writes").len(), 2);
        // Taking it back works at once.
        says(&rea, json!({ "agendas": [evals], "listed": false })).ok();
        write(&web.person("Nell"), &evals, to_rea).refused(404, "not_found");
    }

    fn nobody_else_is_reached(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let (evals, other) = (agenda(&admin, "evals"), agenda(&admin, "other"));
        let below = below(&admin, "below", &evals);
        let (rea, mo, nora) = (web.person("Rea"), web.person("Mo"), web.person("Nora"));
        listed(&rea, &below);
        let to = |who: &Client| json!({ "person_id": who.id() });
        write(&nora, &evals, to(&mo)).refused(404, "not_found");
        write(&nora, &other, to(&rea)).refused(404, "not_found");
        write(&nora, &rea.id().to_string(), to(&rea)).refused(404, "not_found");
        write(&web.anonymous(), &evals, to(&rea)).refused(401, "unauthenticated");
        write(&rea, &below, to(&rea)).wrong_fields(&["/person_id"]);
        write(&nora, &evals, json!({})).wrong_fields(&["/person_id"]);
        let two = json!({ "person_id": rea.id(), "application_id": rea.id() });
        write(&nora, &evals, two).wrong_fields(&["/person_id"]);
        for text in ["x".repeat(19), "x".repeat(2_001)] {
            let form = json!({ "person_id": rea.id(), "text": text });
            write(&nora, &evals, form).wrong_fields(&["/text"]);
        }
        // Who is found below is found here as well.
        write(&nora, &evals, to(&rea)).ok();
        admin.post(&format!("/api/v1/people/{}/suspend", rea.id()), json!({ "reason": "Spam" }))
            .ok();
        write(&mo, &evals, to(&rea)).refused(404, "not_found");
    }

    fn five_a_day_are_enough(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let evals = agenda(&admin, "evals");
        let nora = web.person("Nora");
        let found: Vec<Client> = (0..6).map(|n| web.person(&format!("Person {n}"))).collect();
        found.iter().for_each(|who| listed(who, &evals));
        let to = |who: &Client| write(&nora, &evals, json!({ "person_id": who.id() }));
        found[..5].iter().for_each(|who| drop(to(who).ok()));
        let refused = to(&found[5]).refused(409, "limit_reached");
        assert!(refused["detail"].to_string().contains("at most 5"), "{refused}");
        t.clock.advance_seconds(86_400);
        to(&found[5]).ok();
        assert_eq!(mails(&web, &found[5], "Nora writes").len(), 1);
    }

    fn who_applies_with_what_looks_for_somebody_is_reached(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (evals, other) = (agenda(admin, "evals"), agenda(admin, "other"));
        let (rea, nora) = (web.person("Rea"), web.person("Nora"));
        let made = |visibility: &str, looks: &[&str]| {
            let more = json!({ "visibility": visibility, "looking_for": looks });
            applies(&field, &rea, &evals, more)
        };
        let id = made("public", &["team_mate"]);
        let draft = json!({ "visibility": "public", "looking_for": ["team_mate"], "draft": true });
        let draft = applies(&field, &rea, &evals, draft);
        let to = |id: &str| json!({ "application_id": id });
        let backer = field.backer("5.00");
        for hidden in [&made("private", &["team_mate"]), &made("public", &[]), &draft] {
            for who in [&nora, &backer.who] {
                write(who, &evals, to(hidden)).refused(404, "not_found");
            }
        }
        write(&nora, &other, to(&id)).refused(404, "not_found");
        write(&rea, &evals, to(&id)).wrong_fields(&["/application_id"]);
        let told = write(&nora, &evals, to(&id)).ok();
        assert_eq!((&told["person_name"], &told["application_id"]), (&json!("Rea"), &json!(id)));
        let got = mails(&web, &rea, "Nora writes to you about On evals");
        assert_eq!(got.len(), 1);
        for part in [TEXT, nora.email.as_str(), "A better lens", id.as_str()] {
            assert!(got[0].contains(part), "{part} in {}", got[0]);
        }
        // The same person is the same person.
        listed(&rea, &evals);
        let person = json!({ "person_id": rea.id() });
        write(&nora, &evals, person).refused(409, "limit_reached");
    }
}
