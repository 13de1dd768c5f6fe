//! A question for a vouch until it is answered: mailed again, reminded of, and over.

use super::told::token;
use super::*;
use crate::decisions::{decline, mails, terms, times};
use crate::delegations::lets;

const DAY: i64 = 86_400;

fn at(request: &str, rest: &str) -> String {
    format!("/api/v1/vouch-requests/{request}{rest}")
}

/// Whether somebody is asked to answer this.
fn waits(who: &Client, request: &str) -> bool {
    who.get("/api/v1/me/next").ok().to_string().contains(request)
}

both! {
    fn a_question_is_mailed_again_once_a_day(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        let id = private(&field, &rea);
        let vera = "vera@work.example";
        let request = ask(&rea, &id, vera).id();
        for n in 1..20 {
            ask(&rea, &id, &format!("friend{n}@example.org")).ok();
        }
        let first = token(&web, vera);
        t.clock.advance_seconds(DAY - 1);
        let told = ask(&rea, &id, vera).refused(409, "already_exists");
        assert!(told["detail"].as_str().is_some_and(|d| d.contains("once more at")), "{told}");
        assert_eq!(token(&web, vera), first, "nothing was mailed");
        t.clock.advance_seconds(1);
        // All twenty were asked: it is none of them anew.
        ask(&rea, &id, "one@example.org").refused(409, "limit_reached");
        assert_eq!(ask(&rea, &id, vera).id(), request);
        let second = token(&web, vera);
        assert_ne!(first, second);
        ask(&rea, &id, vera).refused(409, "already_exists");
        let about = format!("/api/v1/applications/{id}/vouch-requests");
        assert_eq!(rea.get(&about).ok()["items"].as_array().map(Vec::len), Some(20));
        // The link that was lost is taken no more.
        sam.post(&at(&request, "/decline"), json!({ "token": first })).refused(404, "not_found");
        sam.post(&at(&request, "/decline"), json!({ "token": second })).ok();
        t.clock.advance_seconds(DAY);
        let told = ask(&rea, &id, vera).refused(409, "already_exists");
        assert!(told["detail"].as_str().is_some_and(|d| d.contains("somebody else")), "{told}");
    }

    fn nobody_is_mailed_without_end(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera) = (web.person("Rea"), web.person("Vera"));
        let (id, other) = (private(&field, &rea), private(&field, &rea));
        ask(&rea, &id, &vera.email).ok();
        // Who is mailed again is one of the people of that day, too.
        t.clock.advance_seconds(DAY);
        for n in 0..19 {
            ask(&rea, &other, &format!("friend{n}@example.org")).ok();
        }
        ask(&rea, &id, &vera.email).ok();
        ask(&rea, &other, "friend19@example.org").refused(409, "limit_reached");
        t.clock.advance_seconds(DAY);
        for n in 0..19 {
            ask(&rea, &other, &format!("friend{n}@example.org")).ok();
        }
        ask(&rea, &other, "friend19@example.org").ok();
        ask(&rea, &id, &vera.email).refused(409, "limit_reached");
        // After a week nobody mails again but the service, and that once.
        t.clock.advance_seconds(5 * DAY - 1);
        ask(&rea, &id, &vera.email).ok();
        t.clock.advance_seconds(DAY + 1);
        let last = || {
            let told = ask(&rea, &id, &vera.email).refused(409, "already_exists");
            assert!(told["detail"].as_str().is_some_and(|d| d.contains("the last mail")), "{told}");
        };
        last();
        let still = "Your answer is waited for";
        assert_eq!(times(&field, &vera, still), 0);
        t.clock.advance_seconds(6 * DAY);
        assert_eq!(times(&field, &vera, still), 1);
        last();
        t.clock.advance_seconds(8 * DAY);
        assert_eq!(times(&field, &vera, still), 1);
        assert_eq!(times(&field, &vera, "Would you vouch for Rea?"), 3);
    }

    fn who_does_not_answer_is_reminded_once(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        let [vera, nil, out] = ["Vera", "Nil", "Out"].map(|name| web.person(name));
        let (id, over) = (private(&field, &rea), private(&field, &rea));
        let request = ask(&rea, &id, &vera.email).id();
        let no = ask(&rea, &id, &nil.email).id();
        nil.command(&at(&no, "/decline")).ok();
        ask(&rea, &over, &out.email).ok();
        rea.command(&format!("/api/v1/applications/{over}/withdraw")).ok();
        let first = token(&web, &vera.email);
        let still = "Your answer is waited for: would you vouch for Rea?";
        let counts = || [&vera, &nil, &out].map(|who| times(&field, who, still));
        t.clock.advance_seconds(7 * DAY - 3_700);
        assert_eq!(counts(), [0, 0, 0]);
        t.clock.advance_seconds(2 * 3_700);
        assert_eq!(counts(), [1, 0, 0]);
        let second = token(&web, &vera.email);
        ask(&rea, &id, &vera.email).refused(409, "already_exists");
        t.clock.advance_seconds(8 * DAY);
        assert_eq!(counts(), [1, 0, 0]);
        let told = ask(&rea, &id, &vera.email).refused(409, "already_exists");
        assert!(told["detail"].as_str().is_some_and(|d| d.contains("the last mail")), "{told}");
        let text = mails(&web, &vera, still).remove(0);
        for word in ["Rea, who applies for a grant", "A better lens", "Please."] {
            assert!(text.contains(word), "{text}");
        }
        let sign = at(&request, "/sign");
        sam.post(&sign, form(json!({ "token": first }))).refused(404, "not_found");
        assert_eq!(sam.post(&sign, form(json!({ "token": second }))).ok()["requested"], true);
    }

    fn a_question_is_taken_back_while_it_waits(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera, sam) = (web.person("Rea"), web.person("Vera"), web.person("Sam"));
        let id = private(&field, &rea);
        let request = ask(&rea, &id, &vera.email).id();
        let other = ask(&rea, &id, "olga@work.example").id();
        let link = token(&web, "olga@work.example");
        let back = |who: &Client, request: &str| who.command(&at(request, "/withdraw"));
        back(&sam, &request).refused(404, "not_found");
        back(&field.desk.admin, &request).refused(404, "not_found");
        back(&vera, &request).refused(403, "forbidden");
        assert!(waits(&vera, &request));
        assert_eq!(back(&rea, &request).ok()["status"], "withdrawn");
        back(&rea, &other).ok();
        assert!(!waits(&vera, &request));
        let told = mails(&web, &vera, "Rea asks you no longer");
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("need not answer"), "{}", told[0]);
        // Nothing answers it, by whatever way, nor is it asked anew or reminded of.
        let seen = vera.get(&at(&request, "")).ok();
        assert_eq!((&seen["status"], &seen["title"]), (&json!("withdrawn"), &Value::Null));
        vera.post(&at(&request, "/sign"), form(json!({}))).refused(409, "wrong_state");
        vera.command(&at(&request, "/decline")).refused(409, "wrong_state");
        back(&rea, &request).refused(409, "wrong_state");
        sam.post(&at(&other, "/sign"), form(json!({ "token": link }))).refused(404, "not_found");
        let preview = json!({ "token": link });
        web.anonymous().post("/api/v1/invitations/preview", preview).refused(401, "token_refused");
        t.clock.advance_seconds(DAY);
        let told = ask(&rea, &id, &vera.email).refused(409, "already_exists");
        assert!(told["detail"].as_str().is_some_and(|d| d.contains("took that back")), "{told}");
        t.clock.advance_seconds(8 * DAY);
        assert_eq!(times(&field, &vera, "Your answer is waited for"), 0);
        // What was answered is not taken back.
        let signed = ask(&rea, &id, &sam.email).id();
        sam.post(&at(&signed, "/sign"), form(json!({}))).ok();
        back(&rea, &signed).refused(409, "wrong_state");
    }

    fn what_has_ended_asks_nobody(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera) = (web.person("Rea"), web.person("Vera"));
        let [gone, refused, live] = [(); 3].map(|()| field.applies(&rea, "1.00", "9.00"));
        let [r1, r2, r3] = [&gone, &refused, &live].map(|id| ask(&rea, id, &vera.email).id());
        assert!([&r1, &r2, &r3].iter().all(|request| waits(&vera, request)));
        rea.command(&format!("/api/v1/applications/{gone}/withdraw")).ok();
        let why = json!({ "reason": "Not for this call." });
        field.desk.admin.post(&format!("/api/v1/applications/{refused}/decline"), why).ok();
        assert_eq!([&r1, &r2, &r3].map(|request| waits(&vera, request)), [false, false, true]);
        // Said no to all the same, it stands as that, and who applied hears nothing of it.
        for request in [&r1, &r2] {
            assert_eq!(vera.command(&at(request, "/decline")).ok()["status"], "declined");
        }
        assert_eq!(times(&field, &rea, "Vera does not vouch"), 0);
        vera.command(&at(&r3, "/decline")).ok();
        assert_eq!(times(&field, &rea, "Vera does not vouch"), 1);
    }

    fn a_public_vouch_answers_the_question_wherever_it_is_signed(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera) = (web.person("Rea"), web.person("Vera"));
        let id = field.applies(&rea, "1.00", "9.00");
        let request = ask(&rea, &id, &vera.email).id();
        let public = json!({ "visibility": "public" });
        assert_eq!(sign(&vera, &id, public).ok()["requested"], true);
        assert_eq!(rea.get(&at(&request, "")).ok()["status"], "signed");
        assert!(!waits(&vera, &request));
        vera.command(&at(&request, "/decline")).refused(409, "wrong_state");
        assert_eq!(times(&field, &rea, "Vera vouches for you"), 1);
        assert_eq!(times(&field, &rea, "Vera does not vouch"), 0);
        // Asked at two addresses, they answer both at once.
        let other = private(&field, &rea);
        let own = ask(&rea, &other, &vera.email).id();
        let second = ask(&rea, &other, "vera@work.example").id();
        let token = token(&web, "vera@work.example");
        vera.post(&at(&second, "/sign"), form(json!({ "token": token }))).ok();
        for request in [&own, &second] {
            assert_eq!(rea.get(&at(request, "")).ok()["status"], "signed");
        }
        assert!(!waits(&vera, &own));
    }

    fn who_vouches_in_private_is_waited_for_no_more_and_not_told_of(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera, sam) = (web.person("Rea"), web.person("Vera"), web.person("Sam"));
        let id = field.applies(&rea, "1.00", "9.00");
        // Vera has vouched and is asked afterwards, Sam is asked and vouches elsewhere.
        sign(&vera, &id, json!({})).ok();
        let [r1, r2] = [&vera, &sam].map(|who| ask(&rea, &id, &who.email).id());
        assert_eq!([waits(&vera, &r1), waits(&sam, &r2)], [false, true]);
        assert_eq!(sign(&sam, &id, json!({})).ok()["requested"], false);
        t.clock.advance_seconds(8 * DAY);
        for (who, request) in [(&vera, &r1), (&sam, &r2)] {
            assert_eq!(rea.get(&at(request, "")).ok()["status"], "open", "nobody is told");
            assert!(!waits(who, request));
            assert_eq!(times(&field, who, "Your answer is waited for"), 0);
            assert_eq!(who.command(&at(request, "/decline")).ok()["status"], "declined");
        }
        for told in ["Vera vouches", "Sam vouches", "Vera does not vouch"] {
            assert_eq!(times(&field, &rea, told), 0, "{told}");
        }
    }

    fn whose_public_vouch_stands_is_not_asked(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera, sam) = (web.person("Rea"), web.person("Vera"), web.person("Sam"));
        let id = field.applies(&rea, "1.00", "9.00");
        let vouch = sign(&vera, &id, json!({ "visibility": "public" })).id();
        let told = ask(&rea, &id, &vera.email.to_uppercase()).refused(409, "already_exists");
        assert!(told["detail"].as_str().is_some_and(|d| d.contains("for it already")), "{told}");
        assert_eq!(times(&field, &vera, "Would you vouch"), 0);
        // Of a private one nobody hears; for another application, and once it is taken back, they
        // are asked.
        sign(&sam, &id, json!({})).ok();
        ask(&rea, &id, &sam.email).ok();
        ask(&rea, &field.applies(&rea, "1.00", "9.00"), &vera.email).ok();
        let why = json!({ "reason": "I was mistaken." });
        vera.post(&format!("/api/v1/vouches/{vouch}/withdraw"), why).ok();
        ask(&rea, &id, &vera.email).ok();
    }

    fn who_took_a_vouch_back_is_not_asked_again_and_not_said_to_vouch(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera) = (web.person("Rea"), web.person("Vera"));
        let id = field.applies(&rea, "1.00", "9.00");
        let request = ask(&rea, &id, &vera.email).id();
        let vouch = vera.post(&at(&request, "/sign"), form(json!({}))).id();
        let why = json!({ "reason": "I was mistaken." });
        vera.post(&format!("/api/v1/vouches/{vouch}/withdraw"), why).ok();
        t.clock.advance_seconds(DAY);
        let told = ask(&rea, &id, &vera.email).refused(409, "already_exists");
        assert!(told["detail"].as_str().is_some_and(|d| d.contains("took it back")), "{told}");
    }

    fn nobody_on_the_application_is_asked(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let [rea, mo, dele] = ["Rea", "Mo", "Dele"].map(|name| web.person(name));
        let id = field.applies(&rea, "1.00", "9.00");
        let path = format!("/api/v1/applications/{id}");
        let asked = ask(&rea, &id, &mo.email).id();
        assert!(waits(&mo, &asked));
        let why = json!({ "reason": "Name who helps." });
        field.desk.admin.post(&format!("{path}/request-changes"), why).ok();
        let members = format!("{path}/members");
        let seat = json!({ "email": mo.email, "name": "Mo" });
        let seat = rea.post(&members, seat).id();
        let refused = |email: &str| {
            let told = ask(&rea, &id, email).wrong_fields(&["/email"]);
            assert_eq!(told["fields"][0]["code"], "not_allowed", "{told}");
        };
        assert!(waits(&mo, &asked), "who has not said yes yet may vouch instead");
        mo.command(&format!("{members}/{seat}/accept")).ok();
        assert!(!waits(&mo, &asked), "nobody is asked for what they cannot sign");
        // Also at the address that was asked onto the team.
        let nil = json!({ "email": "nil@work.example", "name": "Nil" });
        let seat = rea.post(&members, nil).id();
        let token = json!({ "token": token(&web, "nil@work.example") });
        web.person("Nil").post(&format!("{members}/{seat}/accept"), token).ok();
        for email in [mo.email.as_str(), "nil@work.example", rea.email.as_str()] {
            refused(email);
        }
        lets(&rea, &dele, &["submit"]);
        refused(&dele.email);
        assert_eq!(times(&field, &dele, "Would you vouch"), 0);
        t.clock.advance_seconds(8 * DAY);
        assert_eq!(times(&field, &mo, "Your answer is waited for: would you vouch"), 0);
    }

    fn who_was_reminded_while_it_went_on_is_not_reminded_by_an_appeal_in_one_call(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, abe) = (web.person("Rea"), web.with_role("Abe", Role::Admin));
        let vera = web.person("Vera");
        let further = json!({ "title": "More", "kind": "rolling" });
        let further = admin.post("/api/v1/calls", further).id();
        admin.command(&format!("/api/v1/calls/{further}/open")).ok();
        let gives = json!({ "appeals": "appeal", "appeal_days": 10 }).to_string().into_bytes();
        let path = format!("/api/v1/calls/{further}/decisions");
        admin.send("PUT", &path, &[("If-Match", "\"v0\"")], Some(gives)).ok();
        let id = private(&field, &rea);
        let path = format!("/api/v1/applications/{id}");
        let there = format!("{path}/routes/{further}");
        rea.post(&format!("{path}/routes"), json!({ "call_id": further })).ok();
        rea.command(&format!("{there}/submit")).ok();
        ask(&rea, &id, &vera.email).ok();
        t.clock.advance_seconds(DAY);
        admin.post(&format!("{there}/decline"), json!({ "reason": "Not ours." })).ok();
        let form = json!({ "text": "Look again.", "call_id": further });
        rea.post(&format!("{path}/appeal"), form).ok();
        t.clock.advance_seconds(7 * DAY);
        let count = || times(&field, &vera, "Your answer is waited for");
        assert_eq!(count(), 1);
        let back = json!({ "outcome": "reopened", "reason": "We look again.", "call_id": further });
        abe.post(&format!("{path}/appeal/answer"), back).ok();
        web.work();
        t.clock.advance_seconds(3_700);
        assert_eq!(count(), 1);
    }

    fn an_appeal_brings_back_the_reminder_that_nobody_got(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, abe) = (web.person("Rea"), web.with_role("Abe", Role::Admin));
        let (vera, nil) = (web.person("Vera"), web.person("Nil"));
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let id = private(&field, &rea);
        let path = format!("/api/v1/applications/{id}");
        let counts = || [&vera, &nil].map(|who| times(&field, who, "Your answer is waited for"));
        ask(&rea, &id, &nil.email).ok();
        t.clock.advance_seconds(7 * DAY + 60);
        assert_eq!(counts(), [0, 1]);
        ask(&rea, &id, &vera.email).ok();
        t.clock.advance_seconds(DAY);
        decline(&field.desk.admin, &id);
        rea.post(&format!("{path}/appeal"), json!({ "text": "Look again." })).ok();
        t.clock.advance_seconds(7 * DAY);
        assert_eq!(counts(), [0, 1], "it is declined");
        let back = json!({ "outcome": "reopened", "reason": "We look again." });
        abe.post(&format!("{path}/appeal/answer"), back).ok();
        web.work();
        t.clock.advance_seconds(3_700);
        assert_eq!(counts(), [1, 1]);
        t.clock.advance_seconds(8 * DAY);
        assert_eq!(counts(), [1, 1], "each once");
    }
}
