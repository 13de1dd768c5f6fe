//! Who hears of what: the team of steps, its lead of answers, nobody who is suspended.

use super::routes::{command, is_in, place, route};
use super::*;

fn invite(who: &Client, id: &str, email: &str) -> String {
    who.post(&at(&format!("{id}/members")), json!({ "email": email, "name": "Asked" })).id()
}

fn answer(who: &Client, id: &str, member: &str, how: &str) {
    who.command(&at(&format!("{id}/members/{member}/{how}"))).ok();
}

/// The subjects of the mails to somebody that begin so.
fn subjects(web: &Web, who: &Client, like: &str) -> usize {
    mails(web, &who.email).iter().filter(|letter| letter.subject.starts_with(like)).count()
}

fn last(web: &Web, who: &Client) -> Letter {
    mails(web, &who.email).pop().expect("a mail")
}

/// With the names of this run's service taken out.
fn plain(web: &Web, letter: &Letter, id: &str) -> String {
    format!("{}\n\n{}", letter.subject, letter.text).replace(&web.url, "URL").replace(id, "ID")
}

both! {
    fn the_lead_hears_of_answers_and_the_team_of_steps(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, admin) = (field.backer("9000000.00"), &field.desk.admin);
        let (rea, mo, no) = (web.person("Rea"), web.person("Mo"), web.person("No"));
        let id = draft(&rea, &field.call, json!({}));
        let (seat, other) = (invite(&rea, &id, &mo.email), invite(&rea, &id, &no.email));
        answer(&mo, &id, &seat, "accept");
        let told = last(&web, &rea);
        assert_eq!(told.subject, "Mo is on your team: Probes");
        assert!(told.text.contains("Others have not answered yet"), "{}", told.text);
        answer(&no, &id, &other, "decline");
        let told = last(&web, &rea);
        assert_eq!(told.subject, "Asked said no to your team: Probes");
        insta::assert_snapshot!("all_have_answered", plain(&web, &told, &id));
        rea.command(&at(&format!("{id}/submit"))).ok();
        insta::assert_snapshot!("a_team_mate_hears", plain(&web, &last(&web, &mo), &id));
        send_back(admin, &id);
        assert_eq!(last(&web, &mo).subject, "Changes are asked for: Probes");
        assert!(last(&web, &mo).text.contains("Say more."));
        rea.command(&at(&format!("{id}/submit"))).ok();
        let moved = json!({ "promised_on": "2027-02-01", "reason": "We are many." });
        admin.post(&at(&format!("{id}/extend")), moved).ok();
        assert_eq!(last(&web, &mo).subject, "The decision takes longer: Probes");
        admin.command(&at(&format!("{id}/open"))).ok();
        backer.offer(&id, "20000.00").ok();
        field.awarded(&id);
        assert_eq!(last(&web, &mo).subject, "Awarded: Probes");
        assert!(last(&web, &mo).text.contains("20000.00"), "{}", last(&web, &mo).text);
        // Of another one, that it was declined; and its lead that somebody left.
        let id = draft(&rea, &field.call, json!({}));
        let seat = invite(&rea, &id, &mo.email);
        answer(&mo, &id, &seat, "accept");
        rea.command(&at(&format!("{id}/submit"))).ok();
        admin.post(&at(&format!("{id}/decline")), json!({ "reason": "Not here." })).ok();
        let told = last(&web, &mo);
        assert_eq!(told.subject, "Declined: Probes");
        assert!(told.text.contains("Not here."), "{}", told.text);
        let id = draft(&rea, &field.call, json!({}));
        let seat = invite(&rea, &id, &mo.email);
        answer(&mo, &id, &seat, "accept");
        answer(&mo, &id, &seat, "decline");
        assert_eq!(last(&web, &rea).subject, "Mo has left your team: Probes");
        assert_eq!(subjects(&web, &no, "Handed in"), 0, "who said no hears nothing");
    }

    fn who_does_not_answer_is_reminded_once(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let call = rolling(&admin);
        let id = draft(&rea, &call, json!({}));
        let seat = invite(&rea, &id, "mo@work.example");
        let out = invite(&rea, &id, "out@work.example");
        rea.delete(&at(&format!("{id}/members/{out}")));
        let count = |address: &str| {
            let all = mails(&web, address);
            all.iter().filter(|l| l.subject.starts_with("Your answer is waited for")).count()
        };
        t.clock.advance_seconds(7 * 86_400 - 3_700);
        assert_eq!(count("mo@work.example"), 0);
        t.clock.advance_seconds(2 * 3_700);
        assert_eq!(count("mo@work.example"), 1);
        t.clock.advance_seconds(30 * 86_400);
        assert_eq!((count("mo@work.example"), count("out@work.example")), (1, 0));
        // Its link is the one that is taken now.
        let letter = mails(&web, "mo@work.example").pop().expect("a mail");
        assert!(letter.text.contains("Rea asked you"), "{}", letter.text);
        let (_, rest) = letter.text.split_once("#token=").expect("a token");
        let token = rest.split_whitespace().next().expect("a token");
        let accept = at(&format!("{id}/members/{seat}/accept"));
        mo.post(&accept, json!({ "token": token })).ok();
    }

    fn a_no_in_all_calls_is_said_to_be_one(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let own = rolling(&admin);
        let more = call(&admin, json!({ "title": "Light", "kind": "rolling" }));
        let id = submitted(&rea, &own, json!({}));
        is_in(&rea, &id, &more);
        let path = at(&format!("{id}/decline"));
        let refused = admin.post(&path, json!({ "reason": "No." })).refused(409, "wrong_state");
        let detail = refused["detail"].as_str().expect("words");
        assert!(detail.contains("“Light”") && detail.contains("\"all_calls\": true"), "{detail}");
        assert_eq!(rea.get(&place(&id, &more)).ok()["status"], "submitted");
        admin.post(&path, json!({ "reason": "No.", "all_calls": true })).ok();
        assert_eq!(rea.get(&place(&id, &more)).ok()["status"], "ended");
        let told = last(&web, &rea);
        assert!(told.text.contains("left the further calls") && told.text.contains("Light"),
            "{}", told.text);
    }

    fn a_team_hears_that_it_left_a_further_call(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let own = rolling(&admin);
        let more = call(&admin, json!({ "title": "Light", "kind": "rolling" }));
        let id = draft(&rea, &own, json!({}));
        let seat = invite(&rea, &id, &mo.email);
        answer(&mo, &id, &seat, "accept");
        rea.command(&at(&format!("{id}/submit"))).ok();
        let left = || subjects(&web, &mo, "Taken out of one call");
        // A draft there was nowhere yet.
        route(&rea, &id, &more, json!({})).ok();
        command(&rea, &id, &more, "withdraw").ok();
        assert_eq!(left(), 0);
        let came = || subjects(&web, &mo, "Handed in to a further call");
        assert_eq!(came(), 0);
        is_in(&rea, &id, &more);
        assert_eq!(came(), 1);
        let told = last(&web, &mo).text.replace('\n', " ");
        assert!(told.contains("to the call “Light” as well"), "{told}");
        command(&rea, &id, &more, "withdraw").ok();
        assert_eq!(left(), 1);
        let told = last(&web, &mo);
        assert!(told.text.replace('\n', " ").contains("out of the call “Light”"), "{}", told.text);
        assert_eq!(subjects(&web, &rea, "Taken out of"), 0, "who does it knows it");
    }

    fn a_no_in_a_further_call_is_checked_like_any_other(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, more) = (rolling(&admin), rolling(&admin));
        let id = submitted(&rea, &own, json!({}));
        is_in(&rea, &id, &more);
        let path = format!("{}/decline", place(&id, &more));
        let left = json!({ "reason": "Since {{why}}.", "advice": "Try {{where}}.",
            "template_id": id });
        admin.post(&path, left).wrong_fields(&["/reason", "/advice", "/template_id"]);
        let said = json!({ "reason": "Too early.", "advice": "Come with a pilot." });
        admin.post(&path, said).ok();
        let told = last(&web, &rea).text;
        assert!(told.contains("Too early.") && told.contains("Come with a pilot."), "{told}");
    }

    fn who_is_suspended_is_not_written_to(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let id = draft(&rea, &field.call, json!({}));
        let seat = invite(&rea, &id, &mo.email);
        answer(&mo, &id, &seat, "accept");
        rea.command(&at(&format!("{id}/submit"))).ok();
        let backer = field.backer("90000.00");
        admin.command(&at(&format!("{id}/open"))).ok();
        backer.offer(&id, "50.00").ok();
        let all = [&rea, &mo, &backer.who];
        let count = || all.map(|who| mails(&web, &who.email).len());
        count();
        for who in all {
            let path = format!("/api/v1/people/{}/suspend", who.id());
            admin.post(&path, json!({ "reason": "Asked to." })).ok();
        }
        let before = count();
        admin.post(&at(&format!("{id}/decline")), json!({ "reason": "Not here." })).ok();
        assert_eq!(count(), before);
    }
}
