//! Asked, answered, ended, over.

use super::*;

both! {
    fn a_delegate_is_asked_answers_and_is_listed_on_both_sides(t: &Harness) {
        let web = start(t);
        let (rea, olly, sam) = (web.person("Rea"), web.person("Olly"), web.person("Sam"));
        ask(&rea, "no address", &[], "2026-11-01")
            .wrong_fields(&["/email", "/scopes", "/expires_on"]);
        ask(&rea, &rea.email, &["draft"], "2027-11-04").wrong_fields(&["/email", "/expires_on"]);
        ask(&rea, &olly.email, &["sign"], "2027-06-30").refused(422, "invalid");
        let asked = ask(&rea, &olly.email, &["submit", "draft", "draft"], "2027-11-03");
        let id = asked.id();
        assert_eq!(asked.ok()["scopes"], json!(["draft", "submit"]));
        assert_eq!(asked.ok()["status"], "invited");
        assert!(!asked.text().contains("token"), "{}", asked.text());
        ask(&rea, &olly.email, &["report"], "2027-06-30").refused(409, "already_exists");
        let (subject, text) = mails(&web, &olly.email).pop().expect("a mail");
        assert_eq!(subject, "Rea asks you to act for them");
        assert!(text.contains(&format!("/delegations/{id}#token=")), "{text}");
        assert!(text.contains("write applications, hand applications in or take them back"));

        let path = format!("/api/v1/delegations/{id}");
        assert_eq!(items(&olly.get(DELEGATIONS))[0]["principal"]["name"], "Rea");
        sam.get(&path).refused(404, "not_found");
        assert!(items(&sam.get(DELEGATIONS)).is_empty());
        answer(&rea, &id, "accept", json!({})).refused(404, "not_found");
        answer(&sam, &id, "accept", json!({ "token": "alm_x" })).refused(404, "not_found");
        let yes = answer(&olly, &id, "accept", json!({})).ok();
        assert_eq!((&yes["status"], &yes["delegate"]["name"]), (&json!("accepted"),
            &json!("Olly")));
        answer(&olly, &id, "decline", json!({})).refused(404, "not_found");
        for (who, list) in [(&rea, DELEGATES), (&olly, DELEGATIONS)] {
            assert_eq!(items(&who.get(list))[0]["id"], json!(id));
            assert_eq!(who.get(&path).ok()["status"], "accepted");
        }
        assert!(items(&olly.get(DELEGATES)).is_empty());
        let subjects = mails(&web, &rea.email);
        assert!(subjects.iter().any(|(s, _)| s == "Olly acts for you from now on"), "{subjects:?}");
        // Either ends it, and the other is told.
        ends(&olly, &id);
        answer(&rea, &id, "revoke", json!({})).refused(409, "wrong_state");
        assert!(mails(&web, &rea.email).iter().any(|(s, _)| s == "Olly has ended a delegation"));
        let again = ask(&rea, &olly.email, &["draft"], "2027-06-30").id();
        answer(&olly, &again, "decline", json!({})).ok();
        let told = mails(&web, &rea.email);
        assert!(told.iter().any(|(s, _)| s == "Olly does not act for you"), "{told:?}");
        assert_eq!(olly.get(&format!("/api/v1/delegations/{again}")).status, 404);
    }

    fn an_invitation_is_taken_over_by_its_token_alone(t: &Harness) {
        let web = start(t);
        let (rea, olly, sam) = (web.person("Rea"), web.person("Olly"), web.person("Sam"));
        let id = ask(&rea, "olly@work.example", &["draft"], "2027-06-30").id();
        let (_, text) = mails(&web, "olly@work.example").pop().expect("a mail");
        let token = token_in(&text);
        answer(&olly, &id, "accept", json!({})).refused(404, "not_found");
        for wrong in ["", "alm_", &token[..token.len() - 1], &format!("{token}A")] {
            answer(&olly, &id, "accept", json!({ "token": wrong })).refused(404, "not_found");
        }
        // Whoever appoints cannot appoint themselves by a second address.
        answer(&rea, &id, "accept", json!({ "token": token })).refused(404, "not_found");
        assert_eq!(answer(&olly, &id, "accept", json!({ "token": token })).ok()["status"],
            "accepted");
        answer(&sam, &id, "accept", json!({ "token": token })).refused(404, "not_found");
        // One person acts for another once at a time.
        let second = ask(&rea, &olly.email, &["report"], "2027-06-30").id();
        answer(&olly, &second, "accept", json!({})).refused(409, "already_exists");
        ends(&rea, &id);
        answer(&olly, &second, "accept", json!({})).ok();
    }

    fn a_stranger_is_not_asked_again_at_once(t: &Harness) {
        let web = start(t);
        let (rea, olly) = (web.person("Rea"), web.person("Olly"));
        let again = || ask(&rea, &olly.email, &["draft"], "2027-06-30");
        ends(&rea, &again().id());
        let told = again().refused(409, "limit_reached");
        assert!(told["detail"].to_string().contains("2026-11-03"), "{told}");
        ask(&web.person("Bo"), &olly.email, &["draft"], "2027-06-30").ok();
        t.clock.advance_seconds(24 * 3600);
        let id = again().id();
        // Who said yes once is no stranger.
        answer(&olly, &id, "accept", json!({})).ok();
        ends(&rea, &id);
        again().ok();
    }

    fn a_delegation_is_over_with_its_last_day(t: &Harness) {
        let web = start(t);
        let (desk, rea, olly) = (web.field(), web.person("Rea"), web.person("Olly"));
        let id = ask(&rea, &olly.email, &["draft"], "2026-11-02").id();
        let late = ask(&rea, "late@work.example", &["draft"], "2026-11-02").id();
        let (_, text) = mails(&web, "late@work.example").pop().expect("a mail");
        answer(&olly, &id, "accept", json!({})).ok();
        let made = rea.post(APPLICATIONS, whole(&desk.call));
        let application = made.id();
        t.clock.set("2026-11-02T23:59:59Z".parse().expect("an instant"));
        edit(&olly, &application, made.etag()).ok();
        // Over in the midst of the work: nothing is changed, and nothing is seen.
        t.clock.set("2026-11-03T00:00:00Z".parse().expect("an instant"));
        edit(&olly, &application, "\"v2\"").refused(404, "not_found");
        olly.get(&at(&application)).refused(404, "not_found");
        let form = json!({ "call_id": desk.call, "title": "X", "on_behalf_of": rea.id() });
        olly.post(APPLICATIONS, form).wrong_fields(&["/on_behalf_of"]);
        assert_eq!(rea.get(&at(&application)).etag(), "\"v2\"");
        let path = format!("/api/v1/delegations/{id}");
        assert_eq!(olly.get(&path).ok()["status"], "expired");
        let token = json!({ "token": token_in(&text) });
        answer(&web.person("Late"), &late, "accept", token).refused(409, "wrong_state");
        t.clock.advance_seconds(2 * 3600);
        web.work();
        let ended = rea.get(&path).ok();
        assert!(ended["ended_at"].is_string(), "{ended}");
        answer(&rea, &id, "revoke", json!({})).refused(409, "wrong_state");
        // Both hear of it; of the one that nobody answered, whoever asked.
        let told = |who: &str, subject: &str| {
            mails(&web, who).iter().filter(|(s, _)| s.contains(subject)).count()
        };
        let (over, silent) = ("A delegation is over", "Nobody acts for you: there was no answer");
        let late = "late@work.example";
        for (who, heard) in [(&*rea.email, (1, 1)), (&*olly.email, (1, 0)), (late, (0, 0))] {
            assert_eq!((told(who, over), told(who, silent)), heard, "{who}");
        }
        assert_eq!(told(&rea.email, "A delegation ends soon"), 0, "they agreed on it that day");
    }

    fn both_hear_a_week_before_that_it_ends(t: &Harness) {
        let web = start(t);
        let (rea, olly, sam) = (web.person("Rea"), web.person("Olly"), web.person("Sam"));
        let id = ask(&rea, &olly.email, &["draft"], "2026-11-20").id();
        answer(&olly, &id, "accept", json!({})).ok();
        let ended = ask(&rea, &sam.email, &["draft"], "2026-11-20").id();
        answer(&sam, &ended, "accept", json!({})).ok();
        ends(&rea, &ended);
        let heard = || {
            [&rea, &olly, &sam].map(|who| {
                let all = mails(&web, &who.email).into_iter();
                let soon = all.filter(|(subject, _)| subject == "A delegation ends soon");
                soon.map(|(_, text)| text).collect::<Vec<String>>()
            })
        };
        let count = || heard().map(|all| all.len());
        t.clock.set("2026-11-12T23:00:00Z".parse().expect("an instant"));
        assert_eq!(count(), [0, 0, 0]);
        t.clock.set("2026-11-13T09:00:00Z".parse().expect("an instant"));
        assert_eq!(count(), [1, 1, 0]);
        let text = heard()[1][0].replace('\n', " ");
        let said = text.contains("Olly does paperwork for Rea") && text.contains("2026-11-20");
        assert!(said, "{text}");
        t.clock.set("2026-11-19T09:00:00Z".parse().expect("an instant"));
        assert_eq!(count(), [1, 1, 0], "once");
    }

    fn few_are_asked_in_a_day(t: &Harness) {
        let web = start(t);
        let rea = web.person("Rea");
        for n in 0..20 {
            let id = ask(&rea, &format!("p{n}@work.example"), &["draft"], "2027-06-30").id();
            ends(&rea, &id);
        }
        ask(&rea, "more@work.example", &["draft"], "2027-06-30").refused(409, "limit_reached");
        t.clock.advance_seconds(24 * 3600 + 1);
        ask(&rea, "more@work.example", &["draft"], "2027-06-30").ok();
    }
}
