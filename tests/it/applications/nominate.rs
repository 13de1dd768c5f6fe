//! A regrantor begins an application for somebody, who makes it theirs or not.

use super::*;

const NOMINATIONS: &str = "/api/v1/nominations";

fn form(call: &str, email: &str) -> Value {
    json!({
        "call_id": call, "email": email, "name": "Mo Deng", "title": "Lenses for all",
        "summary": "Cheap optics.", "why": "Their prototype is the best that I have seen.",
    })
}

fn answer(who: &Client, id: &str, how: &str, body: Value) -> Reply {
    who.post(&format!("{NOMINATIONS}/{id}/{how}"), body)
}

fn token_in(letter: &Letter) -> String {
    let (_, rest) = letter.text.split_once("#token=").expect("a link with a token");
    rest.split_whitespace().next().expect("a token").to_owned()
}

both! {
    fn a_nomination_becomes_the_nominees_application(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, mo, stan) = (field.backer("100.00"), web.person("Mo"), web.person("Stan"));
        let reg = &backer.who;
        stan.post(NOMINATIONS, form(&field.call, &mo.email)).refused(403, "forbidden");
        let made = reg.post(NOMINATIONS, form(&field.call, &mo.email.to_uppercase()));
        let id = made.id();
        assert!(!made.text().contains("token"), "{}", made.text());
        reg.post(NOMINATIONS, form(&field.call, &mo.email)).refused(409, "already_exists");
        let path = format!("{NOMINATIONS}/{id}");
        for who in [&stan, &field.desk.admin, &field.backer("1.00").who] {
            who.get(&path).refused(404, "not_found");
            answer(who, &id, "accept", json!({})).refused(404, "not_found");
            assert_eq!(who.get(NOMINATIONS).ok()["items"], json!([]));
        }
        answer(reg, &id, "accept", json!({})).refused(404, "not_found");
        let log = field.desk.admin.get("/api/v1/audit").ok();
        let rows = log["items"].as_array().expect("rows").iter();
        let log: Vec<&Value> = rows.filter(|row| row["object_kind"] == "nomination").collect();
        let log = json!(log).to_string();
        assert!(log.contains("nominate") && !log.contains("Lenses") && !log.contains(&mo.email),
            "{log}");
        let letter = mails(&web, &mo.email).pop().expect("a mail");
        assert_eq!(letter.subject, "Reg Rantor nominates you for a grant");
        assert!(letter.text.contains("Their prototype") && letter.text.contains("#token="));

        assert_eq!(mo.get(NOMINATIONS).ok()["items"][0]["why"], form("", "")["why"]);
        let taken = answer(&mo, &id, "accept", json!({}));
        assert_eq!(taken.status, 201);
        let application = taken.id();
        let taken = taken.ok();
        assert_eq!((&taken["title"], &taken["status"]), (&json!("Lenses for all"),
            &json!("draft")));
        assert_eq!((&taken["applicant"]["id"], &taken["nominated_by"]["name"]),
            (&json!(mo.id()), &json!("Reg Rantor")));
        answer(&mo, &id, "accept", json!({})).refused(404, "not_found");
        // The nominator learns that it was taken, not what is being written.
        let seen = reg.get(&path).ok();
        assert_eq!((&seen["status"], &seen["application_id"]), (&json!("taken"), &Value::Null));
        reg.get(&at(&application)).refused(404, "not_found");
        assert!(mails(&web, &reg.email).iter().any(|l| l.text.contains("made your nomination")));
        // They are not on it: they may fund it, and everybody sees who nominated.
        edit(&mo, &application, json!({
            "body": "b", "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All", "amount": usd("9.00") }], "duration_months": 2,
            "visibility": "public",
        })).ok();
        mo.command(&at(&format!("{application}/submit"))).ok();
        field.desk.admin.command(&at(&format!("{application}/open"))).ok();
        backer.offer(&application, "5.00").ok();
        assert_eq!(stan.get(&at(&application)).ok()["nominated_by"]["id"], json!(reg.id()));
    }

    fn a_nomination_is_taken_over_by_its_token_alone(t: &Harness) {
        let web = t.serve();
        let (field, mo) = (web.field(), web.person("Mo"));
        let reg = web.with_role("Reg", Role::Regrantor);
        let id = reg.post(NOMINATIONS, form(&field.call, "mo@work.example")).id();
        let token = token_in(&mails(&web, "mo@work.example").pop().expect("a mail"));
        for wrong in [json!({}), json!({ "token": "alm_x" }),
            json!({ "token": format!("{token}A") })] {
            answer(&mo, &id, "accept", wrong).refused(404, "not_found");
        }
        // Nobody nominates themselves by a second address.
        answer(&reg, &id, "accept", json!({ "token": token })).refused(404, "not_found");
        answer(&mo, &id, "accept", json!({ "token": token })).ok();
        answer(&web.person("Sam"), &id, "accept", json!({ "token": token })).refused(404,
            "not_found");
        answer(&reg, &id, "withdraw", json!({})).refused(409, "wrong_state");
        reg.post(NOMINATIONS, form(&field.call, &reg.email)).wrong_fields(&["/email"]);
        let nothing = json!({ "call_id": reg.id(), "email": "x", "name": "", "title": "",
            "summary": "", "why": "" });
        reg.post(NOMINATIONS, nothing)
            .wrong_fields(&["/email", "/name", "/title", "/summary", "/why", "/call_id"]);
        let nobody = web.app.db.read_now("test", |conn| {
            almoner::people::service::find_by_email(conn, "mo@work.example")
        });
        assert!(nobody.expect("read").is_none(), "no account came of it");
    }

    fn nominations_end(t: &Harness) {
        let web = t.serve();
        let (field, mo) = (web.field(), web.person("Mo"));
        let reg = web.with_role("Reg", Role::Regrantor);
        let made = || reg.post(NOMINATIONS, form(&field.call, &mo.email)).id();
        let id = made();
        answer(&mo, &id, "withdraw", json!({})).refused(404, "not_found");
        assert_eq!(answer(&reg, &id, "withdraw", json!({})).ok()["status"], "withdrawn");
        answer(&mo, &id, "accept", json!({})).refused(404, "not_found");
        // Taken back or not: one address is not written to again at once, in no call.
        let other = rolling(&field.desk.admin);
        for call in [&field.call, &other] {
            reg.post(NOMINATIONS, form(call, &mo.email)).refused(409, "limit_reached");
        }
        field.backer("1.00").who.post(NOMINATIONS, form(&field.call, &mo.email)).ok();
        t.clock.advance_seconds(24 * 3600);
        let id = made();
        assert_eq!(answer(&mo, &id, "decline", json!({})).ok()["status"], "declined");
        assert!(mails(&web, &reg.email).iter().any(|l| l.text.contains("said no")));
        // After a no, not before the nomination would have been over.
        t.clock.advance_seconds(59 * 86_400);
        let again = form(&field.call, &mo.email);
        reg.post(NOMINATIONS, again).refused(409, "limit_reached");
        t.clock.advance_seconds(86_400);
        let id = made();
        field.desk.admin.command(&format!("/api/v1/calls/{}/close", field.call)).ok();
        answer(&mo, &id, "accept", json!({})).refused(409, "wrong_state");
        assert_eq!(mo.get(&format!("{APPLICATIONS}?mine=true")).ok()["items"], json!([]),
            "nothing half done");
        t.clock.advance_seconds(60 * 86_400);
        answer(&mo, &id, "decline", json!({})).refused(409, "wrong_state");
        assert_eq!(reg.get(&format!("{NOMINATIONS}/{id}")).ok()["status"], "expired");
    }

    fn who_does_not_answer_is_reminded_once_and_the_nominator_hears(t: &Harness) {
        let web = t.serve();
        let (field, mo) = (web.field(), web.person("Mo"));
        let reg = web.with_role("Reg", Role::Regrantor);
        let nominate = |email: &str| reg.post(NOMINATIONS, form(&field.call, email)).id();
        let id = nominate("mo@work.example");
        let gone = nominate("gone@work.example");
        answer(&reg, &gone, "withdraw", json!({})).ok();
        let first = token_in(&mails(&web, "mo@work.example").pop().expect("a mail"));
        let asked = |address: &str| {
            let all = mails(&web, address).into_iter();
            all.filter(|l| l.subject.starts_with("Your answer is waited for")).collect::<Vec<_>>()
        };
        let over = || {
            let all = mails(&web, &reg.email).into_iter();
            all.filter(|l| l.text.replace('\n', " ").contains("has not answered your nom")).count()
        };
        t.clock.advance_seconds(53 * 86_400 - 3_700);
        assert_eq!(asked("mo@work.example").len(), 0);
        t.clock.advance_seconds(2 * 3_700);
        let letters = asked("mo@work.example");
        assert_eq!(letters.len(), 1);
        assert!(letters[0].text.contains("Reg nominated you for"), "{}", letters[0].text);
        t.clock.advance_seconds(2 * 86_400);
        assert_eq!((asked("mo@work.example").len(), over()), (1, 0));
        // Its link is the one that is taken now.
        let token = token_in(&letters[0]);
        answer(&mo, &id, "decline", json!({ "token": first })).refused(404, "not_found");
        let taken = || answer(&mo, &id, "decline", json!({ "token": token }));
        t.clock.advance_seconds(5 * 86_400);
        assert_eq!(over(), 1);
        assert_eq!((asked("mo@work.example").len(), asked("gone@work.example").len()), (1, 0));
        taken().refused(409, "wrong_state");
        t.clock.advance_seconds(86_400);
        assert_eq!(over(), 1, "once");
    }

    fn nobody_is_reminded_of_what_they_cannot_take_or_have_answered(t: &Harness) {
        let web = t.serve();
        let (field, mo) = (web.field(), web.person("Mo"));
        let reg = web.with_role("Reg", Role::Regrantor);
        let other = rolling(&field.desk.admin);
        let id = reg.post(NOMINATIONS, form(&field.call, &mo.email)).id();
        answer(&mo, &id, "accept", json!({})).ok();
        reg.post(NOMINATIONS, form(&other, "late@work.example")).ok();
        field.desk.admin.command(&format!("/api/v1/calls/{other}/close")).ok();
        t.clock.advance_seconds(54 * 86_400);
        for address in [mo.email.as_str(), "late@work.example"] {
            let all = mails(&web, address);
            assert!(all.iter().all(|l| !l.subject.starts_with("Your answer")), "{address}");
        }
        // It is over all the same.
        t.clock.advance_seconds(7 * 86_400);
        let over = |l: &Letter| l.text.replace('\n', " ").contains("has not answered your nom");
        assert_eq!(mails(&web, &reg.email).iter().filter(|l| over(l)).count(), 1);
    }

    fn few_are_nominated_in_a_day(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let reg = web.with_role("Reg", Role::Regrantor);
        for n in 0..10 {
            reg.post(NOMINATIONS, form(&field.call, &format!("p{n}@work.example"))).ok();
        }
        let more = form(&field.call, "more@work.example");
        reg.post(NOMINATIONS, more.clone()).refused(409, "limit_reached");
        t.clock.advance_seconds(24 * 3600 + 1);
        reg.post(NOMINATIONS, more).ok();
    }
}
