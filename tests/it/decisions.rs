//! The decision clock, declines and appeals, and what is published about them.

mod reminded;

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::{Client, Web};
use almoner::kernel::actor::Role;
use almoner::kernel::time::Date;
use serde_json::{Value, json};

pub fn at(id: &str, more: &str) -> String {
    format!("/api/v1/applications/{id}{more}")
}

pub fn day(t: &Harness, text: &str) {
    let day: Date = text.parse().expect("a day");
    t.clock.set(day.start().plus_seconds(9 * 3600));
}

fn clock(who: &Client, id: &str) -> Value {
    who.get(&at(id, "/clock")).ok()
}

/// Says how the field's call is decided.
pub fn terms(field: &Field<'_>, form: Value) {
    let path = format!("/api/v1/calls/{}/decisions", field.call);
    let etag = field.desk.admin.get(&path).etag().to_owned();
    let body = Some(form.to_string().into_bytes());
    field.desk.admin.send("PUT", &path, &[("If-Match", &etag)], body).ok();
}

fn form(field: &Field<'_>) -> Value {
    json!({
        "call_id": field.call, "title": "A better lens", "summary": "To see further.",
        "body": "We grind it ourselves.", "duration_months": 12, "visibility": "private",
        "amount_minimum": usd("1.00"), "amount_requested": usd("2.00"),
        "budget_lines": [{ "label": "All of it", "amount": usd("2.00") }],
    })
}

pub fn submitted(field: &Field<'_>, who: &Client) -> String {
    let id = who.post("/api/v1/applications", form(field)).id();
    who.command(&at(&id, "/submit")).ok();
    id
}

pub fn decline(who: &Client, id: &str) {
    who.post(&at(id, "/decline"), json!({ "reason": "Not for this call." })).ok();
}

/// How often each subject came to somebody.
pub fn times(field: &Field<'_>, who: &Client, subject: &str) -> usize {
    field.subjects(who).iter().filter(|s| s.starts_with(subject)).count()
}

/// The texts of all mails to somebody whose subject begins so.
pub fn mails(web: &Web, who: &Client, subject: &str) -> Vec<String> {
    web.work();
    let mut paths: Vec<_> = std::fs::read_dir(web.env().config.mail_folder())
        .expect("mails")
        .map(|file| file.expect("a file").path())
        .collect();
    paths.sort();
    let read = paths.into_iter().filter_map(|path| {
        let bytes = std::fs::read(path).expect("a mail");
        let mail = mail_parser::MessageParser::default().parse(&bytes).expect("a mail");
        let to = mail.to().and_then(|t| t.first()).and_then(|a| a.address()) == Some(&who.email);
        let fits = to && mail.subject().is_some_and(|s| s.starts_with(subject));
        fits.then(|| mail.body_text(0).expect("a text").into_owned())
    });
    read.collect()
}

both! {
    fn the_applicant_sees_stage_position_and_what_is_next(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, bob) = (web.person("Rea"), web.person("Bob"));
        let first = submitted(&field, &rea);
        t.clock.advance_seconds(60);
        let second = submitted(&field, &bob);
        let view = clock(&bob, &second);
        assert_eq!(view["stage"], "submitted");
        assert_eq!((&view["promised_on"], &view["days_left"]), (&json!("2026-11-30"), &json!(28)));
        assert_eq!(view["ahead"], json!({ "count": 1, "or_more": false }));
        assert_eq!(clock(&rea, &first)["ahead"]["count"], 0);
        let next = bob.get("/api/v1/me/next").ok();
        let said = next["items"][0]["next"].as_str().expect("a sentence").to_owned();
        assert!(said.ends_with("One of this call that came earlier waits here, too."), "{said}");
        // Another stage is another queue.
        field.desk.admin.command(&at(&first, "/open")).ok();
        assert_eq!(clock(&bob, &second)["ahead"]["count"], 0);
        // Nobody else's business.
        rea.get(&at(&second, "/clock")).refused(404, "not_found");
        let backer = field.backer("5.00");
        backer.who.get(&at(&first, "/clock")).refused(403, "forbidden");
        decline(&field.desk.admin, &second);
        let view = clock(&bob, &second);
        assert_eq!((&view["ahead"], &view["days_left"]), (&Value::Null, &Value::Null));
    }

    fn the_clock_stands_while_changes_are_made(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let id = submitted(&field, &rea);
        day(t, "2026-11-10");
        let why = json!({ "reason": "Say more." });
        field.desk.admin.post(&at(&id, "/request-changes"), why).ok();
        let view = clock(&rea, &id);
        assert_eq!(view["paused_since"], "2026-11-10");
        assert_eq!(view["days_left"], Value::Null);
        // Far beyond the promised day: nobody is reminded, nothing is moved.
        day(t, "2026-12-20");
        assert_eq!(times(&field, &rea, "Your decision takes longer"), 0);
        assert_eq!(times(&field, &field.desk.admin, "An application waits"), 0);
        rea.command(&at(&id, "/submit")).ok();
        let view = clock(&rea, &id);
        assert_eq!((&view["promised_on"], &view["days_left"]), (&json!("2027-01-09"), &json!(20)));
        assert_eq!(view["first_promised_on"], "2026-11-30");
        assert_eq!(view["paused_since"], Value::Null);
    }

    fn no_promised_day_passes_in_silence(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), field.desk.admin.clone());
        let chief = web.with_role("Chi Chief", Role::Admin);
        terms(&field, json!({ "appeals": "none", "responsible_id": chief.id() }));
        let id = submitted(&field, &rea);
        let longer = || times(&field, &rea, "Your decision takes longer");
        let waits = |who: &Client| times(&field, who, "An application waits for a decision");
        day(t, "2026-11-22");
        assert_eq!((longer(), waits(&chief)), (0, 0));
        // Seven days before: whoever is responsible, once.
        day(t, "2026-11-23");
        assert_eq!((longer(), waits(&chief), waits(&admin)), (0, 1, 0));
        t.clock.advance_seconds(7200);
        day(t, "2026-11-27");
        assert_eq!((longer(), waits(&chief)), (0, 1));
        // Two days before: the applicant has the new day, before the old one is missed.
        day(t, "2026-11-28");
        // All admins hear of it at once: a promise was not kept.
        assert_eq!((longer(), waits(&chief), waits(&admin)), (1, 2, 1));
        let view = clock(&rea, &id);
        assert_eq!(view["promised_on"], "2026-12-14");
        assert_eq!(view["first_promised_on"], "2026-11-30");
        assert_eq!(view["extensions"][0]["promised_before"], "2026-11-30");
        assert_eq!(view["extensions"][0].get("extended_by"), None);
        let told = mails(&web, &rea, "Your decision takes longer");
        assert!(told[0].contains("by 2026-11-30") && told[0].contains("by 2026-12-14"), "{told:?}");
        // Once more by rule, with its own reminder.
        day(t, "2026-12-12");
        assert_eq!(longer(), 2);
        assert_eq!(clock(&rea, &id)["promised_on"], "2026-12-28");
        assert_eq!(waits(&admin), 2);
        // The third letter names a day, too, before the one that was promised.
        day(t, "2026-12-26");
        assert_eq!((longer(), waits(&admin)), (3, 3));
        let third = mails(&web, &rea, "Your decision takes longer").remove(2);
        assert!(third.contains("by 2026-12-28") && third.contains("by 2027-01-11"), "{third}");
        assert_eq!(clock(&rea, &id)["promised_on"], "2027-01-11");
        day(t, "2026-12-28");
        assert_eq!(waits(&admin), 3);
        // From now on all admins hear of it each day.
        day(t, "2026-12-29");
        assert_eq!(waits(&admin), 4);
        t.clock.advance_seconds(7200);
        assert_eq!(waits(&admin), 4, "once a day");
        day(t, "2026-12-30");
        assert_eq!(waits(&admin), 5);
        assert_eq!(clock(&rea, &id)["days_left"], 12);
        // A person names a day.
        let path = at(&id, "/extend");
        let form = |day: &str| json!({ "promised_on": day, "reason": "Our reader fell ill." });
        admin.post(&path, form("2026-12-30")).wrong_fields(&["/promised_on"]);
        admin.post(&path, form("2027-12-30")).wrong_fields(&["/promised_on"]);
        rea.post(&path, form("2027-01-15")).refused(403, "forbidden");
        let view = admin.post(&path, form("2027-01-15")).ok();
        assert_eq!(view["promised_on"], "2027-01-15");
        assert_eq!(view["extensions"][3]["extended_by"]["name"], "Ada Admin");
        assert_eq!(longer(), 4);
        day(t, "2026-12-31");
        assert_eq!(waits(&admin), 5, "a person has named a day");
        // Decided: the clock ends.
        decline(&admin, &id);
        let before = field.subjects(&chief).len();
        day(t, "2027-03-01");
        assert_eq!(field.subjects(&chief).len(), before);
        admin.post(&path, form("2027-04-01")).refused(409, "wrong_state");
    }

    fn many_are_one_mail(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let ids: Vec<String> = (0..23).map(|_| submitted(&field, &rea)).collect();
        day(t, "2026-11-23");
        let told = mails(&web, &field.desk.admin, "23 applications wait");
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("And 3 more."), "{}", told[0]);
        let text = told[0].replace(&web.url, "URL");
        let text = ids.iter().fold(text, |text, id| text.replace(id, "ID"));
        insta::assert_snapshot!("many_are_one_mail", text);
        day(t, "2026-11-28");
        assert_eq!(times(&field, &rea, "Your decision takes longer"), 23);
        assert_eq!(mails(&web, &field.desk.admin, "23 applications wait").len(), 2);
    }

    fn a_decline_says_why_and_what_can_be_done(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), &field.desk.admin);
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let templates = "/api/v1/decline-templates";
        let body = "We looked at {{what}} and found others stronger.";
        let made = admin.post(templates, json!({ "name": "Stronger", "body": body }));
        let (template, place) = (made.id(), made.header("location").expect("it").to_owned());
        rea.post(templates, json!({ "name": "Mine", "body": "x" })).refused(403, "forbidden");
        rea.get(&place).refused(403, "forbidden");
        let id = submitted(&field, &rea);
        let path = at(&id, "/decline");
        // A template is edited by a person: nothing of it is sent unread.
        let say = |reason: &str, advice: &str| {
            json!({ "reason": reason, "advice": advice, "template_id": template })
        };
        admin.post(&path, say(body, "See {{link}}.")).wrong_fields(&["/reason", "/advice"]);
        let unknown = json!({ "reason": "No.", "template_id": id });
        admin.post(&path, unknown).wrong_fields(&["/template_id"]);
        rea.get(&path).refused(409, "wrong_state");
        let done = admin.post(&path, say("We found others stronger.", "Name your team.")).ok();
        assert_eq!(done["status_reason"], "We found others stronger.");
        let view = rea.get(&path).ok();
        assert_eq!(view["advice"], "Name your team.");
        assert_eq!(view["remedy"], "appeal");
        assert_eq!(view["remedy_until"], "2026-11-12");
        assert_eq!(view.get("declined_by"), None, "not to the applicant");
        assert_eq!(admin.get(&path).ok()["declined_by"]["name"], "Ada Admin");
        let told = mails(&web, &rea, "Your application was declined");
        insta::assert_snapshot!("a_decline", told[0].replace(&web.url, "URL").replace(&id, "ID"));
        // What was read stays as it was read.
        let etag = admin.get(&place).etag().to_owned();
        admin.patch(&place, &etag, json!({ "body": "Other words.", "retired": true })).ok();
        admin.patch(&place, &etag, json!({ "body": "Late." })).refused(412, "edited_meanwhile");
        assert_eq!(rea.get(&path).ok()["reason"], "We found others stronger.");
    }

    fn an_appeal_is_answered_by_another_person(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, ada) = (web.person("Rea"), field.desk.admin.clone());
        let abe = web.with_role("Abe Admin", Role::Admin);
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let id = submitted(&field, &rea);
        let (appeal, answer) = (at(&id, "/appeal"), at(&id, "/appeal/answer"));
        let why = json!({ "text": "You read the wrong version." });
        rea.post(&appeal, why.clone()).refused(409, "wrong_state");
        decline(&ada, &id);
        abe.post(&appeal, why.clone()).refused(403, "forbidden");
        web.person("Eve").post(&appeal, why.clone()).refused(404, "not_found");
        rea.post(&appeal, json!({ "text": "" })).wrong_fields(&["/text"]);
        rea.post(&appeal, why.clone()).ok();
        rea.post(&appeal, why.clone()).refused(409, "wrong_state");
        assert_eq!(times(&field, &abe, "An appeal waits"), 1);
        assert_eq!(times(&field, &ada, "An appeal waits"), 0, "it is not hers to answer");
        let waiting = |who: &Client| {
            let page = who.get("/api/v1/appeals?status=waiting").ok();
            page["items"].as_array().expect("items").len()
        };
        assert_eq!(waiting(&abe), 1);
        rea.get("/api/v1/appeals").refused(403, "forbidden");
        let say = |outcome: &str| json!({ "outcome": outcome, "reason": "You are right." });
        ada.post(&answer, say("reopened")).refused(403, "two_persons");
        rea.post(&answer, say("reopened")).refused(403, "forbidden");
        day(t, "2026-11-20");
        abe.post(&answer, say("reopened")).ok();
        abe.post(&answer, say("upheld")).refused(409, "wrong_state");
        assert_eq!(waiting(&abe), 0);
        let view = rea.get(&at(&id, "")).ok();
        assert_eq!(view["status"], "submitted");
        assert_eq!(view["promised_on"], "2026-12-18");
        assert_eq!((&view["decided_at"], &view.get("status_reason")), (&Value::Null, &None));
        assert_eq!(times(&field, &rea, "Your application is looked at again"), 1);
        // The second decision stands.
        decline(&abe, &id);
        rea.post(&appeal, why).refused(409, "wrong_state");
        let view = rea.get(&at(&id, "/decline")).ok();
        assert_eq!(view["remedy"], "none");
        assert_eq!(view["appeal"]["outcome"], "reopened");
    }

    fn an_appeal_comes_in_time_and_where_the_call_allows_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, ada) = (web.person("Rea"), field.desk.admin.clone());
        let abe = web.with_role("Abe Admin", Role::Admin);
        let why = json!({ "text": "Please look again." });
        let (one, two) = (submitted(&field, &rea), submitted(&field, &rea));
        decline(&ada, &one);
        rea.post(&at(&one, "/appeal"), why.clone()).refused(409, "wrong_state");
        rea.command(&at(&one, "/resubmit")).refused(409, "wrong_state");
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        day(t, "2026-11-13");
        rea.post(&at(&one, "/appeal"), why.clone()).refused(409, "wrong_state");
        decline(&ada, &two);
        day(t, "2026-11-23");
        rea.post(&at(&two, "/appeal"), why.clone()).ok();
        let upheld = json!({ "outcome": "upheld", "reason": "We read the right one." });
        abe.post(&at(&two, "/appeal/answer"), upheld).ok();
        let view = rea.get(&at(&two, "")).ok();
        assert_eq!(view["status"], "declined");
        assert_eq!(times(&field, &rea, "Your appeal was answered"), 1);
    }

    fn a_declined_application_is_handed_in_again(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, ada) = (web.person("Rea"), &field.desk.admin);
        terms(&field, json!({ "appeals": "resubmit" }));
        let old = rea.post("/api/v1/applications", form(&field)).id();
        let files = at(&old, "/attachments");
        let path = format!("{files}?name=plan.txt");
        let plan = Some(b"The plan.".to_vec());
        rea.send("POST", &path, &[("Content-Type", "text/plain")], plan).ok();
        rea.command(&at(&old, "/submit")).ok();
        rea.command(&at(&old, "/resubmit")).refused(409, "wrong_state");
        decline(ada, &old);
        ada.command(&at(&old, "/resubmit")).refused(403, "forbidden");
        let made = rea.command(&at(&old, "/resubmit"));
        let new = made.id();
        let view = made.ok();
        assert_eq!((&view["status"], &view["title"]), (&json!("draft"), &json!("A better lens")));
        assert_eq!(view["amount_requested"], usd("2.00"));
        let copied = rea.get(&at(&new, "/attachments")).ok();
        assert_eq!(copied["items"][0]["name"], "plan.txt");
        assert_eq!(rea.get(&at(&old, "/decline")).ok()["resubmitted_as"], new);
        assert_eq!(clock(&rea, &new)["resubmission_of"], old);
        rea.command(&at(&old, "/resubmit")).refused(409, "wrong_state");
        // A draft that nobody else sees, until it is handed in.
        ada.get(&at(&new, "/attachments")).refused(404, "not_found");
        assert_eq!(rea.command(&at(&new, "/submit")).ok()["promised_on"], "2026-11-30");
    }

    fn how_a_call_is_decided_is_said_by_admins(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), &field.desk.admin);
        let path = format!("/api/v1/calls/{}/decisions", field.call);
        let unsaid = web.anonymous().get(&path);
        assert_eq!((&unsaid.ok()["appeals"], unsaid.etag()), (&json!("none"), "\"v0\""));
        let put = |who: &Client, etag: &str, form: Value| {
            let body = Some(form.to_string().into_bytes());
            who.send("PUT", &path, &[("If-Match", etag)], body)
        };
        let bad = json!({ "appeals": "appeal", "appeal_days": 0, "responsible_id": rea.id() });
        put(admin, "\"v0\"", bad).wrong_fields(&["/appeal_days", "/responsible_id"]);
        let good = json!({ "appeals": "appeal", "responsible_id": admin.id() });
        put(&rea, "\"v0\"", good.clone()).refused(403, "forbidden");
        put(admin, "\"v0\"", good.clone()).ok();
        put(admin, "\"v0\"", good).refused(412, "edited_meanwhile");
        assert_eq!(admin.get(&path).ok()["responsible_id"], admin.id().to_string());
        let seen = rea.get(&path).ok();
        assert_eq!((&seen["appeal_days"], seen.get("responsible_id")), (&json!(30), None));
    }
}
