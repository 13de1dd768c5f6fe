//! Whoever has a conflict has no say: not before, not after, not at the same moment.

use super::*;
use crate::support::desk::threads;

/// An admin lifts the conflict that somebody declared.
fn lifted(admin: &Client, application: &str, who: &Client) -> Reply {
    let form = json!({ "person_id": who.id(), "ground": "declared", "reason": "Another Rea." });
    admin.post(&format!("/api/v1/applications/{application}/conflict-exceptions"), form)
}

both! {
    fn a_conflict_declared_later_takes_the_review_out(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, one, two) = (web.person("Rea"), reviewer(&web, "Una"), reviewer(&web, "Duo"));
        let application = submitted(&field, &rea);
        let (r1, r2) = (ask(admin, &application, &one).id(), ask(admin, &application, &two).id());
        hand_in(&one, &r1, [0, 0, 0, 0], "decline").ok();
        hand_in(&two, &r2, [5, 5, 5, 5], "fund").ok();
        let path = format!("/api/v1/applications/{application}/reviews");
        assert_eq!(admin.get(&path).ok()["summary"]["total"]["mean"], "50.00");
        two.post(&at(&r1, "/conflict"), json!({ "reason": "x" })).refused(404, "not_found");
        one.post(&at(&r1, "/conflict"), json!({ "reason": "" })).wrong_fields(&["/reason"]);
        let aside = one.post(&at(&r1, "/conflict"), json!({ "reason": "A friend." })).ok();
        assert_eq!((&aside["status"], &aside["aside"]), (&json!("set_aside"), &json!("conflict")));
        let seen = admin.get(&path).ok();
        assert_eq!(seen["summary"]["total"]["mean"], "100.00");
        assert_eq!(seen["waiting"][0]["aside_reason"], "A friend.");
        let declared = format!("/api/v1/applications/{application}/conflicts");
        assert_eq!(admin.get(&declared).ok()["items"][0]["person"]["name"], "Una");
        // Out is out: no look at the others', no further word, not asked again.
        one.get(&at(&r1, "/summary")).refused(409, "wrong_state");
        one.get(&at(&r1, "/application")).refused(409, "wrong_state");
        save(&one, &r1, json!({ "comment": "But" })).refused(409, "wrong_state");
        one.command(&at(&r1, "/submit")).refused(409, "wrong_state");
        one.post(&at(&r1, "/conflict"), json!({ "reason": "x" })).refused(409, "wrong_state");
        ask(admin, &application, &one).wrong_fields(&["/person_id"]);
    }

    fn a_conflict_declared_elsewhere_counts_at_once(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let one = web.with_roles("Una", &[Role::Reviewer, Role::Finance]);
        let (rea, two) = (web.person("Rea"), reviewer(&web, "Duo"));
        let application = submitted(&field, &rea);
        let (r1, r2) = (ask(admin, &application, &one).id(), ask(admin, &application, &two).id());
        hand_in(&one, &r1, [0, 0, 0, 0], "decline").ok();
        hand_in(&two, &r2, [5, 5, 5, 5], "fund").ok();
        let declare = format!("/api/v1/applications/{application}/conflicts");
        one.post(&declare, json!({ "reason": "We share a flat." })).ok();
        // Before any job has run.
        let path = format!("/api/v1/applications/{application}/reviews");
        let seen = admin.get(&path).ok();
        assert_eq!(seen["summary"]["total"]["mean"], "100.00");
        assert_eq!(seen["items"][0]["counts"], false);
        web.work();
        assert_eq!(admin.get(&at(&r1, "")).ok()["aside"], "conflict");
        let decide = json!({ "outcome": "advance", "reason": "x" });
        let decided = admin.post(&format!("{path}/decide"), decide).ok();
        assert_eq!((&decided["reviews"], &decided["mean"]), (&json!(1), &json!("100.00")));
    }

    fn whose_conflict_was_lifted_is_asked_again_by_an_admin_alone(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, one, two) = (web.person("Rea"), reviewer(&web, "Una"), reviewer(&web, "Duo"));
        let application = submitted(&field, &rea);
        let (r1, r2) = (ask(admin, &application, &one).id(), ask(admin, &application, &two).id());
        hand_in(&two, &r2, [0, 0, 0, 0], "decline").ok();
        for (who, review) in [(&one, &r1), (&two, &r2)] {
            who.post(&at(review, "/conflict"), json!({ "reason": "A friend." })).ok();
            ask(admin, &application, who).wrong_fields(&["/person_id"]);
            lifted(admin, &application, who).ok();
        }
        let told = web.mail(&one.email, "was lifted").text.replace('\n', " ");
        assert!(told.contains("does not come back by itself"), "{told}");
        // Nobody is put back by that, nor by a rule.
        let spread = format!("/api/v1/calls/{}/assign-reviewers", field.call);
        admin.post(&spread, json!({ "per_application": 2 })).ok();
        for review in [&r1, &r2] {
            assert_eq!(admin.get(&at(review, "")).ok()["status"], "set_aside");
        }
        assert_eq!(ask(admin, &application, &one).id(), r1);
        hand_in(&one, &r1, [5, 5, 5, 5], "fund").ok();
        let seen = admin.get(&format!("/api/v1/applications/{application}/reviews")).ok();
        assert_eq!(seen["summary"]["total"]["mean"], "100.00");
        // What was in and was set aside stays out.
        ask(admin, &application, &two).wrong_fields(&["/person_id"]);
    }

    fn what_was_lifted_in_time_sets_no_review_aside(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let one = web.with_roles("Una", &[Role::Reviewer, Role::Finance]);
        let application = submitted(&field, &web.person("Rea"));
        let review = ask(admin, &application, &one).id();
        hand_in(&one, &review, [5, 5, 5, 5], "fund").ok();
        let path = format!("/api/v1/applications/{application}");
        let why = json!({ "reason": "We share a flat." });
        one.post(&format!("{path}/conflicts"), why).ok();
        let counts = || {
            admin.get(&format!("{path}/reviews")).ok()["items"][0]["counts"].clone()
        };
        assert_eq!(counts(), false);
        lifted(admin, &application, &one).ok();
        assert_eq!(counts(), true);
        web.work();
        assert_eq!(admin.get(&at(&review, "")).ok()["status"], "submitted");
        assert_eq!(counts(), true);
    }

    fn what_is_found_later_is_not_submitted(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let one = web.with_address("una@uni.edu", "Una", &[Role::Reviewer]);
        let rea = web.person("Rea");
        let application = submitted(&field, &rea);
        let review = ask(admin, &application, &one).id();
        write(&one, &review, [5, 5, 5, 5], "fund");
        // Somebody of the reviewer's own university joins the team.
        let why = json!({ "reason": "Name your team." });
        admin.post(&format!("/api/v1/applications/{application}/request-changes"), why).ok();
        let mo = web.with_address("mo@uni.edu", "Mo", &[]);
        let members = format!("/api/v1/applications/{application}/members");
        let seat = rea.post(&members, json!({ "email": mo.email, "name": "Mo" })).id();
        mo.command(&format!("{members}/{seat}/accept")).ok();
        rea.command(&format!("/api/v1/applications/{application}/submit")).ok();
        one.command(&at(&review, "/submit")).refused(409, "conflict_found");
        assert_eq!(admin.get(&at(&review, "")).ok()["status"], "assigned");
    }

    fn an_open_invitation_keeps_no_review_out(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let near = web.with_address("una@rival.edu", "Una", &[Role::Reviewer]);
        let (rea, ron) = (web.person("Rea"), reviewer(&web, "Ron"));
        let application = submitted(&field, &rea);
        let [r1, r2] = [&near, &ron].map(|who| ask(admin, &application, who).id());
        hand_in(&near, &r1, [5, 5, 5, 5], "fund").ok();
        let path = format!("/api/v1/applications/{application}");
        for email in ["x@rival.edu", ron.email.as_str(), admin.email.as_str()] {
            let form = json!({ "email": email, "name": "Asked" });
            rea.post(&format!("{path}/members"), form).ok();
        }
        hand_in(&ron, &r2, [5, 5, 5, 5], "fund").ok();
        near.get(&at(&r1, "/summary")).ok();
        assert_eq!(admin.get(&format!("{path}/reviews")).ok()["summary"]["reviews"], 2);
        let decide = json!({ "outcome": "advance", "reason": "Strong." });
        let decided = admin.post(&format!("{path}/reviews/decide"), decide).ok();
        assert_eq!(decided["reviews"], 2);
    }

    fn a_submission_raced_with_a_conflict_never_counts(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let one = web.with_roles("Una", &[Role::Reviewer, Role::Finance]);
        let rea = web.person("Rea");
        for n in 0..4 {
            let application = submitted(&field, &rea);
            let review = ask(admin, &application, &one).id();
            write(&one, &review, [5, 5, 5, 5], "fund");
            let declare = match n % 2 {
                0 => at(&review, "/conflict"),
                _ => format!("/api/v1/applications/{application}/conflicts"),
            };
            let answers = threads(2, |n| match n {
                0 => one.command(&at(&review, "/submit")),
                _ => one.post(&declare, json!({ "reason": "A friend." })),
            });
            assert!([200, 403, 409].contains(&answers[0].status), "{}", answers[0].text());
            answers[1].ok();
            web.work();
            assert_eq!(admin.get(&at(&review, "")).ok()["status"], "set_aside");
            let path = format!("/api/v1/applications/{application}/reviews");
            assert_eq!(admin.get(&path).ok()["summary"]["reviews"], 0);
        }
    }

    fn who_came_to_have_a_stake_reads_nobody_and_is_replaced(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let near = web.with_address("una@uni.edu", "Una", &[Role::Reviewer]);
        let (rea, mate, far) = (web.person("Rea"), reviewer(&web, "Mate"), reviewer(&web, "Fay"));
        let application = submitted(&field, &rea);
        let [r1, r2, r3] = [&near, &mate, &far].map(|who| ask(admin, &application, who).id());
        for (who, review) in [(&near, &r1), (&mate, &r2), (&far, &r3)] {
            hand_in(who, review, [4, 4, 4, 4], "fund").ok();
            who.get(&at(review, "/summary")).ok();
        }
        let [qua, qui] = ["Qua", "Qui"].map(|name| reviewer(&web, name));
        let spread = || {
            let path = format!("/api/v1/calls/{}/assign-reviewers", field.call);
            let done = admin.post(&path, json!({ "per_application": 3 })).ok();
            let pairs = done["assigned"].as_array().expect("pairs").iter();
            pairs.map(|pair| pair["reviewer_id"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(spread(), Vec::<Value>::new(), "three are in");
        let path = format!("/api/v1/applications/{application}");
        let why = json!({ "reason": "Name your team." });
        admin.post(&format!("{path}/request-changes"), why).ok();
        let mo = web.with_address("mo@uni.edu", "Mo", &[]);
        let seat = |who: &Client| {
            let form = json!({ "email": who.email, "name": "Somebody" });
            let seat = rea.post(&format!("{path}/members"), form).id();
            format!("{path}/members/{seat}")
        };
        mo.command(&format!("{}/accept", seat(&mo))).ok();
        // Who reviewed it joins no team, but comes to act for who applies.
        let mates = seat(&mate);
        mate.command(&format!("{mates}/accept")).refused(409, "wrong_state");
        mate.command(&format!("{mates}/decline")).ok();
        crate::delegations::lets(&rea, &mate, &["draft"]);
        rea.command(&format!("{path}/submit")).ok();
        near.get(&at(&r1, "/summary")).refused(409, "conflict_found");
        mate.get(&at(&r2, "/summary")).refused(403, "conflict_of_interest");
        far.get(&at(&r3, "/summary")).ok();
        // Theirs do not count, so others are asked.
        let asked = spread();
        assert_eq!(asked.len(), 2, "{asked:?}");
        assert!(asked.contains(&json!(qua.id())) && asked.contains(&json!(qui.id())), "{asked:?}");
        assert_eq!(spread(), Vec::<Value>::new(), "it has enough again");
    }

    fn a_conflict_declared_once_it_is_decided_leaves_the_reviews(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let two = web.with_roles("Duo", &[Role::Reviewer, Role::Finance]);
        let (rea, one) = (web.person("Rea"), reviewer(&web, "Una"));
        let application = submitted(&field, &rea);
        let (r1, r2) = (ask(admin, &application, &one).id(), ask(admin, &application, &two).id());
        hand_in(&one, &r1, [4, 4, 4, 4], "fund").ok();
        hand_in(&two, &r2, [4, 4, 4, 4], "fund").ok();
        let path = format!("/api/v1/applications/{application}");
        let decide = json!({ "outcome": "advance", "reason": "Strong." });
        admin.post(&format!("{path}/reviews/decide"), decide).ok();
        let why = json!({ "reason": "A friend, since last week." });
        assert_eq!(one.post(&at(&r1, "/conflict"), why.clone()).ok()["status"], "submitted");
        two.post(&format!("{path}/conflicts"), why).ok();
        let told = field.subjects(admin);
        assert!(!told.iter().any(|s| s.starts_with("A reviewer has a conflict")), "{told:?}");
        for review in [&r1, &r2] {
            assert_eq!(admin.get(&at(review, "")).ok()["status"], "submitted");
        }
        let declared = admin.get(&format!("{path}/conflicts")).ok();
        assert_eq!(declared["items"].as_array().map(Vec::len), Some(2), "they keep out");
        one.get(&at(&r1, "/summary")).refused(403, "conflict_of_interest");
    }

    fn who_is_in_conflict_by_now_reads_only_their_own(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let near = web.with_address("una@uni.edu", "Una", &[Role::Reviewer]);
        let (rea, one, far) = (web.person("Rea"), reviewer(&web, "Duo"), reviewer(&web, "Fay"));
        let application = submitted(&field, &rea);
        let path = format!("/api/v1/applications/{application}");
        let reviews = [&near, &one, &far].map(|who| ask(admin, &application, who).id());
        for (who, review) in [&near, &one, &far].into_iter().zip(&reviews) {
            hand_in(who, review, [4, 4, 4, 4], "fund").ok();
        }
        let changes = || {
            let why = json!({ "reason": "Say more." });
            admin.post(&format!("{path}/request-changes"), why).ok();
        };
        changes();
        let octets = [("Content-Type", "text/plain")];
        let file = format!("{path}/attachments?name=a.txt");
        let file = rea.send("POST", &file, &octets, Some(b"Measured.\n".to_vec())).id();
        rea.command(&format!("{path}/submit")).ok();
        let read = |who: &Client, review: &str| {
            let file = format!("/attachments/{file}");
            [at(review, "/application"), at(review, &file), format!("{path}/similar")]
                .map(|path| who.get(&path))
        };
        for (who, review) in [&near, &one, &far].into_iter().zip(&reviews) {
            assert_eq!(read(who, review).map(|reply| reply.status), [200; 3]);
        }
        // Found: somebody of a reviewer's own university joins the team.
        changes();
        let mo = web.with_address("mo@uni.edu", "Mo", &[]);
        let members = format!("{path}/members");
        let seat = rea.post(&members, json!({ "email": mo.email, "name": "Mo" })).id();
        mo.command(&format!("{members}/{seat}/accept")).ok();
        rea.command(&format!("{path}/submit")).ok();
        // Declared, once it is decided on the reviews.
        let decide = json!({ "outcome": "advance", "reason": "Strong." });
        admin.post(&format!("{path}/reviews/decide"), decide).ok();
        let why = json!({ "reason": "A friend, since last week." });
        let stays = one.post(&at(&reviews[1], "/conflict"), why).ok();
        assert_eq!(stays["status"], "submitted");
        for reply in read(&near, &reviews[0]) {
            reply.refused(409, "conflict_found");
        }
        for reply in read(&one, &reviews[1]) {
            reply.refused(403, "conflict_of_interest");
        }
        assert_eq!(read(&far, &reviews[2]).map(|reply| reply.status), [200; 3]);
        for (who, review) in [(&near, &reviews[0]), (&one, &reviews[1])] {
            assert_eq!(who.get(&at(review, "")).ok()["scores"][0]["score"], 4);
            assert_eq!(who.get(&at(review, "/versions")).ok()[0]["scores"][0]["score"], 4);
        }
    }
}
