//! Checkpoints: added, reported, decided; every decision with and without a tranche.

use super::*;
use crate::disbursements::one_person::{SHARED, WAYS, one_with, refused};
use crate::support::Harness;
use crate::support::desk::threads;
use almoner::kernel::actor::Role;

both! {
    fn a_checkpoint_is_added_for_a_day_to_come(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00"]);
        let backer = &payday.backer.who;
        assert_eq!(all(&payday, &grant, "checkpoints"), [] as [Value; 0]);
        for (day, pointers) in [("2026-11-01", 1), ("1899-12-31", 2), ("2201-01-01", 1),
            ("2027-02-29", 1), ("soon", 1)] {
            add(backer, &grant, day, "A lens.").wrong_fields(&vec!["/due_on"; pointers]);
        }
        for promised in ["", " \n ", &"x".repeat(5_001), "a\u{0}"] {
            add(backer, &grant, "2027-01-01", promised).wrong_fields(&["/promised"]);
        }
        let path = format!("/api/v1/grants/{grant}/checkpoints");
        backer.post(&path, json!({ "due_on": "2027-01-01" })).wrong_fields(&["/promised"]);
        let form = json!({ "due_on": "2027-01-01", "promised": "x", "tranche_id": NOBODY });
        backer.post(&path, form).wrong_fields(&["/tranche_id"]);
        add(backer, NOBODY, "2027-01-01", "A lens.").refused(404, "not_found");
        assert_eq!(all(&payday, &grant, "checkpoints"), [] as [Value; 0]);
        let made = add(backer, &grant, "2028-02-29", &"é".repeat(5_000));
        let there = format!("/api/v1/checkpoints/{}", made.id());
        assert_eq!((made.status, made.header("location")), (201, Some(&*there)));
        add(&payday.field.desk.admin, &grant, "2026-11-02", "Today, then.").ok();
        let found = all(&payday, &grant, "checkpoints");
        let days: Vec<&Value> = found.iter().map(|c| &c["due_on"]).collect();
        assert_eq!(days, ["2028-02-29", "2026-11-02"]);
        for checkpoint in &found {
            assert_eq!((&checkpoint["status"], &checkpoint["tranche_id"], &checkpoint["seen"]),
                (&json!("due"), &Value::Null, &json!("")));
        }
    }

    fn every_checkpoint_status_and_act(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00"]);
        let backer = payday.backer.who.clone();
        let made = |way: usize| {
            let it = add(&backer, &grant, "2027-01-01", "A lens.").ok();
            if way > 0 {
                see(&payday.ada, &it).ok();
            }
            if way > 1 {
                decide(&backer, &it, "continue").ok();
            }
            it
        };
        let due = made(0);
        let early = held(&payday, &grant, || decide(&backer, &due, "continue"));
        assert!(early["detail"].as_str().expect("text").contains("Write down first"), "{early}");
        assert_eq!(see(&payday.ada, &made(0)).ok()["status"], "reported");
        let reported = made(1);
        // Until it is decided it can be written again, and says who wrote it last.
        let again = see(&backer, &reported).ok();
        assert_eq!((&again["status"], &again["reported_by"]),
            (&json!("reported"), &json!(backer.id())));
        let decided = decide(&backer, &made(1), "continue").ok();
        assert_eq!((&decided["status"], &decided["decision"], &decided["reason"]),
            (&json!("decided"), &json!("continue"), &json!("So it is.")));
        assert_eq!(decided["decided_by"], json!(backer.id()));
        let done = made(2);
        held(&payday, &grant, || see(&payday.ada, &done));
        held(&payday, &grant, || decide(&payday.field.desk.admin, &done, "rescope"));
        let open = made(0);
        for seen in ["", " ", &"x".repeat(10_001), "a\u{0}"] {
            let form = json!({ "seen": seen });
            payday.ada.post(&path("checkpoints", &open, "/report"), form).wrong_fields(&["/seen"]);
        }
        let missing = json!({ "id": NOBODY });
        see(&payday.ada, &missing).refused(404, "not_found");
        decide(&backer, &missing, "continue").refused(404, "not_found");
    }

    fn who_saw_does_not_decide(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = watched(&payday, &[]);
        let (backer, admin) = (&payday.backer.who, &payday.field.desk.admin);
        let checkpoint = open_checkpoint(&payday, &grant);
        see(backer, &checkpoint).ok();
        for decision in ["continue", "rescope", "pause", "wind_down"] {
            decide(backer, &checkpoint, decision).refused(403, "two_persons");
        }
        // What stops a grant for all who pay for it is an admin's to decide.
        see(&payday.ada, &checkpoint).ok();
        for decision in ["pause", "wind_down"] {
            decide(backer, &checkpoint, decision).refused(403, "forbidden");
        }
        assert_eq!(open_checkpoint(&payday, &grant)["status"], "reported");
        assert_eq!(payday.field.grant(&grant)["status"], "active");
        assert_eq!(decide(admin, &checkpoint, "pause").ok()["decision"], "pause");
        assert_eq!(payday.field.grant(&grant)["status"], "paused");
    }

    fn who_is_one_with_who_saw_does_not_decide(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        for way in WAYS {
            let grant = watched(&payday, &[]);
            let (seer, twin) = (&payday.backer.who, web.with_role("Twin", Role::Admin));
            let checkpoint = open_checkpoint(&payday, &grant);
            see(seer, &checkpoint).ok();
            one_with(seer, &twin, (way, SHARED));
            refused(&decide(&twin, &checkpoint, "continue"), way);
            decide(&payday.field.desk.admin, &checkpoint, "continue").ok();
        }
    }

    fn what_is_decided_on_was_read(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let tom = web.person("Tom Team");
        let grant = watched(&payday, &[&tom]);
        let (ada, backer) = (&payday.ada, &payday.backer.who);
        let checkpoint = open_checkpoint(&payday, &grant);
        let over = |who: &Client, etag: Option<&str>, seen: &str| {
            see_over(who, &checkpoint, etag, seen)
        };
        // The first to say what was seen has read nothing; or is held to what they say they read.
        over(ada, Some("\"v9\""), "It works.").refused(412, "edited_meanwhile");
        let first = over(ada, None, "It works.");
        first.ok();
        over(&tom, None, "It broke.").refused(428, "precondition_required");
        over(&tom, Some(first.etag()), "It broke.").ok();
        let late = over(ada, Some(first.etag()), "It works.").refused(412, "edited_meanwhile");
        assert!(late["detail"].as_str().expect("text").contains("Tom Team"), "{late}");
        // Whoever decides hears of that, and decides on nothing else than what they read.
        let subjects = |start: &str| {
            let all = letters(&payday, backer);
            all.into_iter().filter(|(subject, _)| subject.starts_with(start)).count()
        };
        assert_eq!(subjects("A checkpoint of A better lens waits for a decision"), 1);
        let anew = "What was seen at a checkpoint of A better lens was written anew";
        assert_eq!(subjects(anew), 1);
        let decide = |etag: Option<&str>| {
            let form = json!({ "decision": "continue", "reason": "So it is." });
            post_over(backer, &path("checkpoints", &checkpoint, "/decide"), etag, &form)
        };
        let before = look(&payday, &grant);
        decide(None).refused(428, "precondition_required");
        let stale = decide(Some(first.etag())).refused(412, "edited_meanwhile");
        assert!(stale["detail"].as_str().expect("text").contains("Tom Team"), "{stale}");
        assert_eq!(look(&payday, &grant), before);
        // The same words of the same person are no news.
        see_over(&tom, &checkpoint, Some(&etag(&tom, &checkpoint)), "It broke.").ok();
        assert_eq!(subjects(anew), 1);
        decide(Some(&etag(backer, &checkpoint))).ok();
        assert_eq!(tranches(&payday, &grant)[2], "released");
        let log = payday.field.desk.admin.get("/api/v1/audit?limit=20").ok();
        let rows = log["items"].as_array().expect("rows");
        let row = rows.iter().find(|row| row["action"] == "decide_checkpoint").expect("a row");
        assert_eq!(row["before"]["version"], json!(4), "{row}");
    }

    fn a_race_of_decisions_has_one_end(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let ways = ["continue", "rescope", "pause", "wind_down"];
        for round in 0..4 {
            let grant = watched(&payday, &[]);
            let checkpoint = open_checkpoint(&payday, &grant);
            see(&payday.ada, &checkpoint).ok();
            let admin = &payday.field.desk.admin;
            let replies = threads(8, |n| decide(admin, &checkpoint, ways[(n + round) % 4]));
            assert_eq!(replies.iter().filter(|r| r.status == 200).count(), 1);
            for reply in replies.iter().filter(|r| r.status != 200) {
                late(reply);
            }
            let decided = now(&payday, &checkpoint, "checkpoints");
            let (tranche, grant_is) = match decided["decision"].as_str().expect("decided") {
                "continue" => ("released", "active"),
                "rescope" => ("planned", "active"),
                "pause" => ("planned", "paused"),
                _ => ("cancelled", "winding_down"),
            };
            assert_eq!(tranches(&payday, &grant)[2], tranche, "{decided}");
            assert_eq!(payday.field.grant(&grant)["status"], grant_is, "{decided}");
            let follows = all(&payday, &grant, "checkpoints").len() - 1;
            assert_eq!(follows, usize::from(tranche == "planned"), "{decided}");
            payday.check();
        }
        payday.field.sound();
    }
}
