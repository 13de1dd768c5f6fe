//! Reports: every status and act, who was first, how long, and what an acceptance releases.

use super::*;
use crate::support::Harness;
use crate::support::desk::threads;

const ACTS: [&str; 4] = ["edit", "submit", "accept", "return"];
const WAYS: [(&str, &[&str]); 5] = [
    ("due", &[]),
    ("draft", &["edit"]),
    ("submitted", &["edit", "submit"]),
    ("accepted", &["edit", "submit", "accept"]),
    ("changes_requested", &["edit", "submit", "return"]),
];

fn leads_to(status: &str, act: &str) -> Option<&'static str> {
    match (status, act) {
        ("due" | "draft", "edit") => Some("draft"),
        ("changes_requested", "edit") => Some("changes_requested"),
        ("draft" | "changes_requested", "submit") => Some("submitted"),
        ("submitted", "accept") => Some("accepted"),
        ("submitted", "return") => Some("changes_requested"),
        _ => None,
    }
}

both! {
    fn every_report_status_and_act(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let amounts: Vec<String> = (0..20).map(|n| format!("1.{n:02}")).collect();
        let waiting: Vec<_> = amounts.iter().map(|a| (a.as_str(), "on_report")).collect();
        let grant = payday.active(planned(&waiting), &[]);
        let reports = all(&payday, &grant, "reports");
        assert_eq!(reports.len(), 20);
        let mut next = reports.iter();
        for (status, way) in WAYS {
            for step in ACTS {
                let report = next.next().expect("one more");
                for before in way {
                    act(&payday, report, before).ok();
                }
                assert_eq!(now(&payday, report, "reports")["status"], status);
                match leads_to(status, step) {
                    None => drop(held(&payday, &grant, || act(&payday, report, step))),
                    Some(to) => {
                        let after = act(&payday, report, step).ok();
                        assert_eq!(after["status"], to, "{status} {step}");
                        // By who writes it: what is not in yet is read by nobody else.
                        let mine = payday.ada.get(&path("reports", report, "")).ok();
                        assert_eq!(after, mine);
                    }
                }
            }
        }
        // Each accepted report has released its tranche, and no other.
        let states = tranches(&payday, &grant);
        for (report, tranche) in all(&payday, &grant, "reports").iter().zip(states) {
            let released = if report["status"] == "accepted" { "released" } else { "planned" };
            assert_eq!(tranche, released, "{report}");
        }
        payday.check();
        payday.field.sound();
    }

    fn the_second_writer_learns_who_was_first(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let tom = web.person("Tom Team");
        let grant = watched(&payday, &[&tom]);
        let report = all(&payday, &grant, "reports").remove(0);
        assert_eq!((&report["due_on"], &report["author_id"]), (&json!("2027-05-01"), &Value::Null));
        let seen = report["version"].clone();
        let first = write_over(&tom, &report, &seen, "Tom's text.");
        assert_eq!(first.ok()["author_id"], json!(tom.id()));
        let late = write_over(&payday.ada, &report, &seen, "Ada's text.");
        let told = late.refused(412, "edited_meanwhile");
        let detail = told["detail"].as_str().expect("text");
        assert!(detail.contains("Tom Team") && detail.contains(first.etag()), "{detail}");
        let bare = json!({ "body": "x" }).to_string().into_bytes();
        let address = path("reports", &report, "");
        assert_eq!(payday.ada.get(&address).ok()["body"], "Tom's text.");
        payday.ada.send("PATCH", &address, &[], Some(bare)).refused(428, "precondition_required");
        payday.ada.patch(&address, "*", json!({ "body": "x" })).refused(412, "edited_meanwhile");
        payday.ada.patch(&address, first.etag(), json!({ "body": "Ada's text." })).ok();
        // Eight autosaves of one version: one is kept, the others learn of it.
        let version = now(&payday, &report, "reports")["version"].clone();
        let replies = threads(8, |n| {
            write_over(&payday.ada, &report, &version, &format!("Text {n}."))
        });
        assert_eq!(replies.iter().filter(|r| r.status == 200).count(), 1);
        assert!(replies.iter().all(|r| matches!(r.status, 200 | 409 | 412)), "{replies:?}");
    }

    fn a_report_is_asked_for_by_hand(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00"]);
        let backer = &payday.backer.who;
        assert_eq!(all(&payday, &grant, "reports"), [] as [Value; 0]);
        for (day, pointers) in [("2026-11-01", 1), ("1899-12-31", 2), ("2201-01-01", 1),
            ("2027-02-29", 1)] {
            ask(backer, &grant, day).wrong_fields(&vec!["/due_on"; pointers]);
        }
        let address = format!("/api/v1/grants/{grant}/reports");
        let form = json!({ "due_on": "2027-01-01", "tranche_id": NOBODY });
        backer.post(&address, form).wrong_fields(&["/tranche_id"]);
        ask(backer, NOBODY, "2027-01-01").refused(404, "not_found");
        assert_eq!(all(&payday, &grant, "reports"), [] as [Value; 0]);
        let made = ask(backer, &grant, "2027-01-01");
        let there = format!("/api/v1/reports/{}", made.id());
        assert_eq!((made.status, made.header("location")), (201, Some(&*there)));
        ask(&payday.field.desk.admin, &grant, "2026-11-02").ok();
        let found = all(&payday, &grant, "reports");
        let days: Vec<&Value> = found.iter().map(|r| &r["due_on"]).collect();
        assert_eq!(days, ["2027-01-01", "2026-11-02"]);
        assert!(found.iter().all(|r| r["status"] == "due" && r["tranche_id"].is_null()));
        // It goes the way of all reports, and releases nothing.
        let before = payday.books();
        for step in ["edit", "submit", "return", "edit", "submit"] {
            act(&payday, &found[0], step).ok();
        }
        assert_eq!(act(&payday, &found[0], "accept").ok()["status"], "accepted");
        assert_eq!(payday.books(), before);
        let (subject, text) = letters(&payday, &payday.ada).pop().expect("a mail");
        assert_eq!(subject, "Your report on A better lens was accepted");
        assert!(!text.contains("nothing is released"), "{text}");
        payday.check();
    }

    fn one_is_read_with_the_etag_that_a_change_names(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = watched(&payday, &[]);
        let (ada, backer) = (&payday.ada, &payday.backer.who);
        for what in ["reports", "checkpoints"] {
            let it = all(&payday, &grant, what).remove(0);
            let address = path(what, &it, "");
            for who in [ada, backer, &payday.field.desk.admin, &payday.fia] {
                let read = who.get(&address);
                assert_eq!(read.ok(), it, "{what} as {}", who.email);
                assert_eq!(read.etag(), format!("\"v{}\"", it["version"]));
            }
            web.person("Stan Stranger").get(&address).refused(404, "not_found");
            web.anonymous().get(&address).refused(401, "unauthenticated");
            ada.get(&format!("/api/v1/{what}/{NOBODY}")).refused(404, "not_found");
        }
        // What is read is written over, and accepted.
        let report = all(&payday, &grant, "reports").remove(0);
        let address = path("reports", &report, "");
        let etag = ada.get(&address).etag().to_owned();
        ada.patch(&address, &etag, json!({ "body": "What we found." })).ok();
        ada.command(&format!("{address}/submit")).ok();
        let etag = backer.get(&address).etag().to_owned();
        let accepted = post_over(backer, &format!("{address}/accept"), Some(&etag), &json!({}));
        assert_eq!(accepted.ok(), backer.get(&address).ok());
    }

    fn what_is_being_written_is_read_by_those_who_write_it(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (tom, olly) = (web.person("Tom Team"), web.person("Olly"));
        crate::delegations::lets(&payday.ada, &olly, &["report"]);
        let grant = watched(&payday, &[&tom]);
        let report = all(&payday, &grant, "reports").remove(0);
        act(&payday, &report, "edit").ok();
        let address = path("reports", &report, "");
        let list = format!("/api/v1/grants/{grant}/reports");
        let body = |who: &Client| {
            let read = who.get(&address).ok();
            assert_eq!(who.get(&list).ok()["items"], json!([read]));
            read["body"].clone()
        };
        let theirs = [&payday.ada, &tom, &olly];
        let others = [&payday.backer.who, &payday.field.desk.admin, &payday.fia];
        for who in theirs {
            assert_eq!(body(who), "What we found.", "{}", who.email);
        }
        for who in others {
            assert_eq!(body(who), "", "{}", who.email);
        }
        act(&payday, &report, "submit").ok();
        for who in others {
            assert_eq!(body(who), "What we found.", "{}", who.email);
        }
    }

    fn a_refusal_tells_what_comes_first(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = watched(&payday, &[]);
        let report = all(&payday, &grant, "reports").remove(0);
        let says = |step: &str, words: &str| {
            let told = act(&payday, &report, step).refused(409, "wrong_state");
            assert!(told["detail"].as_str().expect("text").starts_with(words), "{step}: {told}");
        };
        says("submit", "Write it first.");
        says("accept", "The report is not in yet.");
        act(&payday, &report, "edit").ok();
        act(&payday, &report, "submit").ok();
        says("submit", "It is in already");
        says("edit", "It is in already");
        act(&payday, &report, "return").ok();
        says("accept", "Changes were asked for");
    }

    fn how_long_a_report_is(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = watched(&payday, &[]);
        let report = all(&payday, &grant, "reports").remove(0);
        let write = |body: &str| write(&payday.ada, &payday, &report, body);
        let submit = || act(&payday, &report, "submit");
        submit().refused(409, "wrong_state");
        for empty in ["", "  \n\t\n "] {
            assert_eq!(write(empty).ok()["body"], "");
            submit().wrong_fields(&["/body"]);
        }
        write(&"x".repeat(50_001)).wrong_fields(&["/body"]);
        write("a\u{0}b").wrong_fields(&["/body"]);
        let long = "👩🏽‍🔬é".repeat(10_000);
        assert_eq!(long.chars().count(), 50_000);
        assert_eq!(write(&long).ok()["body"], long);
        write(&"\u{1F52C}".repeat(50_001)).wrong_fields(&["/body"]);
        submit().ok();
        let address = path("reports", &report, "");
        let etag = format!("\"v{}\"", now(&payday, &report, "reports")["version"]);
        for wrong in [json!({}), json!({ "body": null }), json!({ "body": 1 }),
            json!({ "body": "x", "status": "accepted" })] {
            payday.ada.patch(&address, &etag, wrong).refused(422, "invalid");
        }
        let back = path("reports", &report, "/return");
        for feedback in ["", " ", &"x".repeat(5_001)] {
            let form = json!({ "feedback": feedback });
            payday.backer.who.post(&back, form).wrong_fields(&["/feedback"]);
        }
        assert_eq!(now(&payday, &report, "reports")["status"], "submitted");
        payday.ada.patch(&format!("/api/v1/reports/{NOBODY}"), &etag, json!({ "body": "x" }))
            .refused(404, "not_found");
    }

    fn an_acceptance_releases_its_tranche_once(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = watched(&payday, &[]);
        let report = all(&payday, &grant, "reports").remove(0);
        for step in ["edit", "submit"] {
            act(&payday, &report, step).ok();
        }
        let before = payday.books();
        let who = [&payday.field.desk.admin, &payday.backer.who];
        let replies = threads(8, |n| accept(who[n % 2], &report));
        assert_eq!(replies.iter().filter(|r| r.status == 200).count(), 1);
        for reply in replies.iter().filter(|r| r.status != 200) {
            late(reply);
        }
        let [cash, transit, payable, committed, spent] = before;
        let after = [cash, transit, payable + 2000, committed - 2000, spent + 2000];
        assert_eq!(payday.books(), after);
        assert_eq!(tranches(&payday, &grant), ["released", "released", "planned"]);
        // Accepted and sent back at the same moment: one of both.
        let other = watched(&payday, &[]);
        let report = all(&payday, &other, "reports").remove(0);
        for step in ["edit", "submit"] {
            act(&payday, &report, step).ok();
        }
        let steps = ["accept", "return"];
        let replies = threads(8, |n| act(&payday, &report, steps[n % 2]));
        assert_eq!(replies.iter().filter(|r| r.status == 200).count(), 1);
        let accepted = now(&payday, &report, "reports")["status"] == "accepted";
        let released = tranches(&payday, &other)[1] == "released";
        assert_eq!(accepted, released);
        payday.check();
        payday.field.sound();
    }

    fn what_is_accepted_was_read(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = watched(&payday, &[]);
        let report = all(&payday, &grant, "reports").remove(0);
        let backer = &payday.backer.who;
        for step in ["edit", "submit"] {
            act(&payday, &report, step).ok();
        }
        let read = etag_of(backer, "reports", &report);
        let accept = |etag: Option<&str>| {
            post_over(backer, &path("reports", &report, "/accept"), etag, &json!({}))
        };
        // Meanwhile somebody else sends it back, and it comes again with another text.
        act(&payday, &report, "return").ok();
        accept(Some(&read)).refused(409, "wrong_state");
        write(&payday.ada, &payday, &report, "We found nothing.").ok();
        act(&payday, &report, "submit").ok();
        let before = look(&payday, &grant);
        accept(None).refused(428, "precondition_required");
        let late = accept(Some(&read)).refused(412, "edited_meanwhile");
        assert!(late["detail"].as_str().expect("text").contains("Ada Researcher"), "{late}");
        assert_eq!(look(&payday, &grant), before);
        assert_eq!(tranches(&payday, &grant)[1], "planned");
        accept(Some(&etag_of(backer, "reports", &report))).ok();
        assert_eq!(tranches(&payday, &grant)[1], "released");
    }

    fn what_is_handed_in_or_sent_back_was_read(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let tom = web.person("Tom Team");
        let grant = watched(&payday, &[&tom]);
        let report = all(&payday, &grant, "reports").remove(0);
        let (ada, backer) = (&payday.ada, &payday.backer.who);
        let over = |who: &Client, act: &str, etag: &str, body: Value| {
            post_over(who, &path("reports", &report, act), Some(etag), &body)
        };
        act(&payday, &report, "edit").ok();
        let read = etag_of(ada, "reports", &report);
        write(&tom, &payday, &report, "Tom's text.").ok();
        let before = look(&payday, &grant);
        let stale = over(ada, "/submit", &read, json!({})).refused(412, "edited_meanwhile");
        assert!(stale["detail"].as_str().expect("text").contains("Tom Team"), "{stale}");
        assert_eq!(look(&payday, &grant), before);
        over(ada, "/submit", &etag_of(ada, "reports", &report), json!({})).ok();
        // Meanwhile it is sent back, and comes again with another text.
        let read = etag_of(backer, "reports", &report);
        for step in ["return", "edit", "submit"] {
            act(&payday, &report, step).ok();
        }
        let (before, why) = (look(&payday, &grant), json!({ "feedback": "And why?" }));
        over(backer, "/return", &read, why.clone()).refused(412, "edited_meanwhile");
        assert_eq!(look(&payday, &grant), before);
        over(backer, "/return", &etag_of(backer, "reports", &report), why).ok();
    }

    fn what_is_asked_for_is_told_by_mail(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = watched(&payday, &[]);
        let report = all(&payday, &grant, "reports").remove(0);
        for step in ["edit", "submit"] {
            act(&payday, &report, step).ok();
        }
        let before = letters(&payday, &payday.ada).len();
        let back = path("reports", &report, "/return");
        let form = json!({ "feedback": "Which probes?\n\nAnd how many?" });
        let returned = payday.backer.who.post(&back, form).ok();
        assert_eq!(returned["feedback"], "Which probes?\n\nAnd how many?");
        assert_eq!(returned["decided_by"], json!(payday.backer.who.id()));
        let told = letters(&payday, &payday.ada);
        assert_eq!(told.len(), before + 1);
        let (subject, text) = told.last().expect("a mail");
        assert_eq!(subject, "Your report on A better lens needs changes");
        assert!(text.contains("Which probes?") && text.contains("And how many?"), "{text}");
        assert!(text.contains(&format!("/grants/{grant}")), "{text}");
        let read: Vec<_> = letters(&payday, &payday.backer.who).into_iter().map(|l| l.0).collect();
        assert_eq!(read.len(), 2, "of the award, and that it was handed in: {read:?}");
        act(&payday, &report, "edit").ok();
        let again = act(&payday, &report, "submit").ok();
        assert_eq!(again["feedback"], returned["feedback"], "it can be compared");
        let accepted = act(&payday, &report, "accept").ok();
        assert_eq!(accepted["feedback"], Value::Null);
        let (subject, _) = letters(&payday, &payday.ada).pop().expect("a mail");
        assert!(subject.contains("20.00"), "the release is told: {subject}");
    }
}
