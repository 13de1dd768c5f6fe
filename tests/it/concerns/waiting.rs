//! Nobody waits for the lane in silence, and nobody is told which.

use super::*;
use crate::decisions::{day, mails, times};

/// What waits for somebody, by kind.
pub(super) fn waits(who: &Client) -> Vec<String> {
    let view = who.get("/api/v1/me/next").ok();
    let items = view["items"].as_array().expect("items").iter();
    items.map(|step| step["object"].as_str().expect("a word").to_owned()).collect()
}

both! {
    fn the_group_hears_of_answers_and_is_reminded_each_day(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        day(t, "2026-11-02");
        let (lana, lars) = (lane(&field, "Lana"), lane(&field, "Lars"));
        let (rea, lou) = (web.person("Rea"), web.person("Lou"));
        let id = field.applies(&rea, "1.00", "9.00");
        let silent = field.applies(&lou, "1.00", "9.00");
        web.work();
        assert_eq!(waits(&lana), Vec::<String>::new(), "the applicants are asked");
        answer(&rea, &id).ok();
        answer(&rea, &id).ok();
        let came = "Something waits in the need-to-know lane";
        assert_eq!((times(&field, &lana, came), times(&field, &lars, came)), (1, 1));
        let raised = raise(&lars, &id, "It could hurt.").id();
        assert_eq!(waits(&lana), ["screening", "concern"]);
        assert_eq!(waits(&lars), ["screening"], "who raised it does not decide it");
        let more = "wait in the need-to-know lane";
        let told = |who: &Client| {
            let all = field.subjects(who);
            (times(&field, who, "1 waits in"), all.iter().filter(|s| s.ends_with(more)).count())
        };
        day(t, "2026-11-04");
        assert_eq!(told(&lana), (0, 0));
        day(t, "2026-11-06");
        assert_eq!((told(&lana), told(&lars)), ((1, 0), (1, 0)), "three days");
        day(t, "2026-11-07");
        web.work();
        assert_eq!(told(&lana), (2, 0), "once a day");
        for text in mails(&web, &lana, "1 waits in") {
            assert!(text.contains("2026-11-02") && !text.contains(&id), "{text}");
            assert!(!text.contains("A better lens") && !text.contains("Rea"), "{text}");
        }
        // What waits for the applicant waits for nobody else; they are reminded once.
        ask(&lana, &raised).ok();
        assert_eq!(waits(&lana), ["screening"]);
        assert_eq!(times(&field, &lou, "Your answers are still missing"), 1, "five days");
        day(t, "2026-11-12");
        assert_eq!(times(&field, &rea, "A question about your application is still open"), 1);
        let text = mails(&web, &rea, "A question about").pop().expect("a mail");
        assert!(text.contains("2026-11-14") && !text.contains("hurt"), "{text}");
        day(t, "2026-11-15");
        assert_eq!(times(&field, &lou, "Your answers are still missing"), 1);
        assert_eq!(told(&lana).1, 1, "nobody answered in seven days: two wait");
        let decide = json!({ "outcome": "cleared", "reason": "It does not." });
        lana.post(&concern(&raised, "/decide"), decide).ok();
        clear(&lana, &id).ok();
        assert!(waits(&lana).is_empty() && waits(&lars).is_empty());
        day(t, "2026-11-16");
        assert_eq!(told(&lana).1, 1, "nothing waits any more");
        answer(&lou, &silent).ok();
        assert_eq!(waits(&lars), ["screening"]);
    }

    fn a_concern_before_the_questions_takes_none_of_them_away(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        lane(&field, "Lana");
        let (rea, lou, sam) = (web.person("Rea"), web.person("Lou"), web.person("Sam"));
        web.work();
        let [id, other] = [&rea, &lou].map(|who| field.applies(who, "1.00", "9.00"));
        let asked = |who: &Client| times(&field, who, "A few questions on your application");
        let missing = |who: &Client| times(&field, who, "Your answers are still missing");
        let next = || rea.get("/api/v1/me/next").text();
        assert_eq!(asked(&rea), 0, "not yet");
        let before = next();
        raise(&sam, &id, "It could hurt.").ok();
        raise(&sam, &other, "It could leak.").ok();
        // That it was raised tells the applicant nothing.
        assert_eq!((asked(&rea), next()), (0, before.clone()));
        let why = json!({ "reason": "Say how." });
        field.desk.admin.post(&application(&other, "/request-changes"), why).ok();
        t.clock.advance_seconds(301);
        assert_eq!((asked(&rea), asked(&lou)), (1, 0), "what is being changed is not asked about");
        let everybody = "Answer the questions that everybody is asked.";
        assert!(next().contains(everybody) && !before.contains(everybody), "{}", next());
        // Only who was asked is reminded, and from then on.
        day(t, "2026-11-07");
        assert_eq!((missing(&rea), missing(&lou)), (0, 0), "four days and 23 hours");
        t.clock.advance_seconds(7_200);
        assert_eq!((missing(&rea), missing(&lou)), (1, 0));
        lou.command(&application(&other, "/submit")).ok();
        t.clock.advance_seconds(301);
        assert_eq!((asked(&rea), asked(&lou)), (1, 1), "each once");
        day(t, "2026-11-11");
        assert_eq!((asked(&lou), missing(&lou)), (1, 0));
        day(t, "2026-11-13");
        assert_eq!((asked(&lou), missing(&lou)), (1, 1));
    }

    fn who_answered_of_themselves_is_not_asked(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (lana, rea) = (lane(&field, "Lana"), web.person("Rea"));
        let id = field.applies(&rea, "1.00", "9.00");
        answer(&rea, &id).ok();
        raise(&web.person("Sam"), &id, "It could hurt.").ok();
        for _ in 0..2 {
            t.clock.advance_seconds(301);
            assert_eq!(times(&field, &rea, "A few questions on your application"), 0);
        }
        assert_eq!(waits(&lana), ["screening", "concern"]);
    }

    fn nobody_clears_what_is_being_rewritten(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (lana, rea) = (lane(&field, "Lana"), web.person("Rea"));
        let id = field.applies(&rea, "1.00", "9.00");
        web.work();
        answer(&rea, &id).ok();
        let why = json!({ "reason": "Say how." });
        field.desk.admin.post(&application(&id, "/request-changes"), why).ok();
        web.work();
        clear(&lana, &id).refused(409, "wrong_state");
        rea.command(&application(&id, "/submit")).ok();
        clear(&lana, &id).ok();
    }

    fn what_comes_back_waits_from_when_it_was_handed_in_again(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        day(t, "2026-11-02");
        let (lana, rea) = (lane(&field, "Lana"), web.person("Rea"));
        let id = field.applies(&rea, "1.00", "9.00");
        answer(&rea, &id).ok();
        clear(&lana, &id).ok();
        day(t, "2026-11-08");
        let why = json!({ "reason": "Say how." });
        field.desk.admin.post(&application(&id, "/request-changes"), why).ok();
        web.work();
        day(t, "2026-11-14");
        rea.command(&application(&id, "/submit")).ok();
        assert_eq!(waits(&lana), ["screening"]);
        let told = || times(&field, &lana, "1 waits in the need-to-know lane");
        day(t, "2026-11-16");
        assert_eq!(told(), 0);
        day(t, "2026-11-18");
        assert_eq!(told(), 1, "three days");
        let text = mails(&web, &lana, "1 waits in").pop().expect("a mail");
        assert!(text.contains("2026-11-14"), "{text}");
    }

    fn noise_takes_nobody_elses_voice(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (lana, rea, sam) = (lane(&field, "Lana"), web.person("Rea"), web.person("Sam"));
        let id = field.applies(&rea, "1.00", "9.00");
        let first = raise(&sam, &id, "Hm.").id();
        raise(&sam, &id, "Hm, hm.").ok();
        raise(&sam, &id, "Hm, hm, hm.").ok();
        raise(&sam, &id, "Again.").refused(409, "limit_reached");
        let other = field.applies(&web.person("Lou"), "1.00", "9.00");
        raise(&sam, &other, "Elsewhere.").ok();
        raise(&web.person("Stan"), &id, "It could hurt.").ok();
        let decide = json!({ "outcome": "cleared", "reason": "It does not." });
        lana.post(&concern(&first, "/decide"), decide).ok();
        raise(&sam, &id, "What was looked at counts no more.").ok();
        raise(&sam, &id, "Again.").refused(409, "limit_reached");
        // However many were raised and decided before.
        let (new, line) = match t.side {
            crate::support::Side::Sqlite => ("randomblob(16)", "WITH RECURSIVE n(i) AS (SELECT 1 \
                UNION ALL SELECT i + 1 FROM n WHERE i < 60)"),
            crate::support::Side::Postgres => ("gen_random_uuid()", "WITH n AS (SELECT * FROM \
                generate_series(1, 60))"),
        };
        crate::payees::execute(&web, &format!("INSERT INTO concerns (id, application_id, \
            raised_by, status, outcome, sealed, raised_at, decided_at) {line} SELECT {new}, \
            application_id, raised_by, status, outcome, sealed, raised_at, decided_at \
            FROM concerns, n WHERE status = 'closed'")).expect("filled");
        raise(&web.person("Nora"), &id, "It could hurt others.").ok();
    }

    fn what_is_not_theirs_takes_nobodys_place(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (lana, rea, sam) = (lane(&field, "Lana"), web.person("Rea"), web.person("Sam"));
        let id = field.applies(&rea, "1.00", "9.00");
        raise(&lana, &id, "Hm.").ok();
        // Many of her own, older than the one that waits for her.
        let (new, line) = match t.side {
            crate::support::Side::Sqlite => ("unhex('00' || hex(randomblob(15)))",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)"),
            crate::support::Side::Postgres => ("('00' || substr(md5(i::text), 3))::uuid",
                "WITH n AS (SELECT * FROM generate_series(1, 120) i)"),
        };
        crate::payees::execute(&web, &format!("INSERT INTO concerns (id, application_id, \
            raised_by, status, sealed, raised_at) {line} SELECT {new}, application_id, raised_by, \
            status, sealed, raised_at FROM concerns, n")).expect("filled");
        assert_eq!(waits(&lana), Vec::<String>::new());
        raise(&sam, &id, "It could hurt.").ok();
        assert_eq!(waits(&lana), ["concern"]);
        // Nothing comes of it any more.
        rea.post(&application(&id, "/withdraw"), json!({})).ok();
        assert_eq!(waits(&lana), Vec::<String>::new());
    }

    fn fifty_are_all_that_wait_where_there_are_no_more(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (lana, rea) = (lane(&field, "Lana"), web.person("Rea"));
        let told = || {
            let view = lana.get("/api/v1/me/next").ok();
            (view["more"].clone(), view["kinds"].clone())
        };
        let fifty = |more: bool| {
            (json!(more), json!([{ "object": "screening", "count": 50, "more": more }]))
        };
        let comes_in = || answer(&rea, &field.applies(&rea, "1.00", "9.00")).ok();
        for _ in 0..50 {
            comes_in();
        }
        assert_eq!(told(), fifty(false));
        comes_in();
        assert_eq!(told(), fifty(true));
    }

    fn what_is_being_written_has_the_name_that_was_handed_in(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (lana, rea, sam) = (lane(&field, "Lana"), web.person("Rea"), web.person("Sam"));
        let id = field.applies(&rea, "1.00", "9.00");
        let raised = raise(&sam, &id, "It could hurt.").id();
        let why = json!({ "reason": "Say how." });
        field.desk.admin.post(&application(&id, "/request-changes"), why).ok();
        let read = rea.get(&application(&id, ""));
        rea.patch(&application(&id, ""), read.etag(), json!({ "title": "Canary" })).ok();
        let name = json!("A better lens");
        assert_eq!(lana.get(&concern(&raised, "")).ok()["title"], name);
        let next = lana.get("/api/v1/me/next").text();
        assert!(next.contains("A better lens") && !next.contains("Canary"), "{next}");
    }

    fn admins_hear_that_nobody_may_look(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        day(t, "2026-11-02");
        let (lana, rea) = (lane(&field, "Lana"), web.person("Rea"));
        let id = field.applies(&rea, "1.00", "9.00");
        raise(&lana, &id, "It could hurt.").ok();
        let (admin, subject) = (&field.desk.admin, "The need-to-know group needs another person");
        let told = || times(&field, admin, subject);
        day(t, "2026-11-08");
        assert_eq!(told(), 0);
        day(t, "2026-11-09");
        assert_eq!((told(), told()), (1, 1), "once a day");
        let text = mails(&web, admin, subject).pop().expect("a mail");
        assert!(!text.contains(&id) && !text.contains("hurt"), "{text}");
        lane(&field, "Lars");
        day(t, "2026-11-10");
        assert_eq!(told(), 1, "somebody may");
    }
}
