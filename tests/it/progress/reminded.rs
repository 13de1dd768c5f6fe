//! Nobody waits in silence for a report, for what was seen, or for an answer.

use super::*;
use crate::decisions::day;
use crate::support::Harness;
use almoner::kernel::actor::Role;

/// How many mails somebody got whose subject begins so.
fn got(payday: &Payday<'_>, who: &Client, subject: &str) -> usize {
    letters(payday, who).iter().filter(|(s, _)| s.starts_with(subject)).count()
}

/// What is asked of somebody, as the addresses that take it.
fn asked(who: &Client) -> Vec<String> {
    let view = who.get("/api/v1/me/next").ok();
    let items = view["items"].as_array().expect("items").iter();
    let todo = items.flat_map(|item| item["todo"].as_array().expect("todo").clone());
    todo.map(|t| t["href"].as_str().expect("an address").to_owned()).collect()
}

/// Writes a report, whatever its version is now.
fn written(who: &Client, report: &Value, body: &str) {
    let grant = report["grant_id"].as_str().expect("an id");
    let all = who.get(&format!("/api/v1/grants/{grant}/reports")).ok();
    let items = all["items"].as_array().expect("items");
    let now = items.iter().find(|it| it["id"] == report["id"]).expect("it is there");
    write_over(who, report, &now["version"], body).ok();
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text(payday: &Payday<'_>, who: &Client, subject: &str) -> String {
    let found = letters(payday, who).into_iter().rev().find(|(s, _)| s.starts_with(subject));
    found.expect("a mail").1
}

both! {
    fn a_report_from_the_week_before_to_its_answer(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let plan = planned(&[("10.00", "on_activation"), ("20.00", "on_report")]);
        let grant = payday.active(plan, &[]);
        let (ada, backer) = (payday.ada.clone(), payday.backer.who.clone());
        let admin = payday.field.desk.admin.clone();
        let other = payday.field.backer("1.00").who;
        let report = all(&payday, &grant, "reports").remove(0);
        assert_eq!(report["due_on"], "2027-05-01");
        assert!(report.get("remind_on").is_none());
        let soon = "Your report on A better lens is wanted by";
        let late = "Your report on A better lens is late";
        let told = |who: &Client, subject: &str| got(&payday, who, subject);
        day(t, "2027-04-23");
        assert_eq!(told(&ada, soon), 0);
        day(t, "2027-04-24");
        web.work();
        assert_eq!(told(&ada, soon), 1, "a week before, once");
        let mail = text(&payday, &ada, soon);
        assert!(mail.contains("2027-05-01") && mail.contains("20.00 USD, waits for it"), "{mail}");
        day(t, "2027-05-01");
        assert_eq!((told(&ada, soon), told(&ada, late)), (1, 0), "its day is not over");
        day(t, "2027-05-02");
        web.work();
        assert_eq!((told(&ada, late), told(&backer, "A report on A better lens is late")), (1, 1));
        assert_eq!(told(&admin, "A report on"), 0);
        day(t, "2027-05-15");
        assert_eq!(told(&ada, late), 1);
        day(t, "2027-05-16");
        assert_eq!(told(&ada, late), 2, "every other week");
        assert_eq!(told(&admin, "A report on A better lens is late"), 1, "late for long");
        // What is begun late is not asked for at once again.
        let ada = web.sign_in(ada);
        written(&ada, &report, "What we found.");
        day(t, "2027-05-29");
        assert_eq!(told(&ada, late), 2);
        // Handed in, it waits for who pays: they hear of it, and are asked.
        let ada = web.sign_in(ada);
        ada.command(&path("reports", &report, "/submit")).ok();
        let came = "A report on A better lens was handed in";
        assert_eq!((told(&backer, came), told(&admin, came), told(&ada, came)), (1, 0, 0));
        let mail = text(&payday, &backer, came);
        assert!(mail.contains("Tranche 2, 20.00 USD, waits for it."), "{mail}");
        assert!(!mail.contains("What we found."), "{mail}");
        let backer = web.sign_in(backer);
        let to_accept = path("reports", &report, "/accept");
        assert_eq!(asked(&backer), [to_accept.as_str()]);
        assert_eq!(asked(&web.sign_in(admin.clone())), [to_accept.as_str()]);
        let other = web.sign_in(other);
        assert_eq!(asked(&other), Vec::<String>::new(), "who does not pay is not asked");
        let waits = "A report on A better lens still waits for an answer";
        day(t, "2027-06-04");
        assert_eq!(told(&backer, waits), 0);
        day(t, "2027-06-05");
        assert_eq!((told(&backer, waits), told(&admin, waits)), (1, 0));
        assert!(text(&payday, &backer, waits).contains("since 2027-05-29"));
        day(t, "2027-06-12");
        assert_eq!((told(&backer, waits), told(&admin, waits)), (2, 1), "admins after two weeks");
        assert_eq!(told(&other, "A report"), 0);
        let backer = web.sign_in(backer);
        accept(&backer, &report).ok();
        assert_eq!(asked(&backer), Vec::<String>::new());
        day(t, "2027-08-01");
        assert_eq!((told(&backer, waits), told(&ada, late)), (2, 2), "nothing waits any more");
        web.every_link_leads_to_a_page();
    }

    fn a_checkpoint_that_passes_in_silence(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.active(planned(&[("40.00", "on_checkpoint")]), &[]);
        let (ada, backer) = (payday.ada.clone(), payday.backer.who.clone());
        let admin = payday.field.desk.admin.clone();
        let checkpoint = open_checkpoint(&payday, &grant);
        let told = |who: &Client, subject: &str| got(&payday, who, subject);
        day(t, "2027-04-24");
        assert_eq!(told(&ada, "A checkpoint of A better lens comes on 2027-05-01"), 1);
        assert_eq!(asked(&web.sign_in(backer.clone())), Vec::<String>::new());
        day(t, "2027-05-02");
        assert_eq!(told(&ada, "A checkpoint of A better lens has passed"), 1);
        let silent = "A checkpoint of A better lens has passed in silence";
        assert_eq!((told(&backer, silent), told(&admin, silent)), (1, 0));
        // Who pays may say what they saw; somebody else decides.
        let backer = web.sign_in(backer);
        let see_it = path("checkpoints", &checkpoint, "/report");
        assert_eq!(asked(&backer), [see_it.as_str()]);
        see(&backer, &checkpoint).ok();
        assert_eq!(asked(&backer), Vec::<String>::new(), "who wrote it does not decide");
        let admin = web.sign_in(admin);
        let decide_it = path("checkpoints", &checkpoint, "/decide");
        assert_eq!(asked(&admin), [decide_it.as_str()]);
        let waits = "A checkpoint of A better lens waits for a decision";
        assert_eq!(told(&backer, waits), 0, "they did it");
        let ada = web.sign_in(ada);
        see(&ada, &checkpoint).ok();
        let anew = "What was seen at a checkpoint of A better lens was written anew";
        assert_eq!((told(&backer, waits), told(&backer, anew), told(&admin, anew)), (0, 1, 0));
        assert_eq!(asked(&backer), [decide_it.as_str()], "it is another's word now");
        let still = "A checkpoint of A better lens still waits for a decision";
        day(t, "2027-05-09");
        assert_eq!((told(&backer, still), told(&admin, still)), (1, 0));
        day(t, "2027-05-16");
        assert_eq!((told(&backer, still), told(&admin, still)), (2, 1), "late for long");
        decide(&web.sign_in(admin.clone()), &checkpoint, "continue").ok();
        day(t, "2027-08-01");
        assert_eq!((told(&backer, still), told(&admin, still)), (2, 1));
        web.every_link_leads_to_a_page();
    }

    fn what_is_wanted_within_a_week_is_told_before_it_is_late(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let mut plan = planned(&[("20.00", "on_report"), ("40.00", "on_checkpoint")]);
        for tranche in plan["tranches"].as_array_mut().expect("tranches") {
            tranche["due_on"] = json!("2026-11-06");
        }
        let grant = payday.active(plan, &[]);
        // Nothing is asked for while it rests, and nothing is passed over meanwhile.
        on_grant(&payday, &grant, "pause").ok();
        let ada = payday.ada.clone();
        let soon = ["Your report on A better lens is wanted by 2026-11-06",
            "A checkpoint of A better lens comes on 2026-11-06"];
        let told = || soon.map(|subject| got(&payday, &ada, subject));
        day(t, "2026-11-03");
        assert_eq!(told(), [0, 0]);
        let admin = web.sign_in(payday.field.desk.admin.clone());
        admin.command(&format!("/api/v1/grants/{grant}/resume")).ok();
        day(t, "2026-11-04");
        assert_eq!(told(), [1, 1]);
        day(t, "2026-11-06");
        assert_eq!(told(), [1, 1], "once");
        day(t, "2026-11-07");
        let late = ["Your report on A better lens is late",
            "A checkpoint of A better lens has passed"];
        assert_eq!(late.map(|subject| got(&payday, &ada, subject)), [1, 1]);
    }

    fn what_is_asked_for_by_hand_is_told_at_once(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00"]);
        let (ada, backer) = (payday.ada.clone(), payday.backer.who.clone());
        ask(&backer, &grant, "2026-11-05").ok();
        add(&backer, &grant, "2026-11-05", "A lens.").ok();
        let soon = ["Your report on A better lens is wanted by 2026-11-05",
            "A better lens has a checkpoint on 2026-11-05",
            "A checkpoint of A better lens comes on"];
        let told = || soon.map(|subject| got(&payday, &ada, subject));
        assert_eq!(told(), [1, 1, 0]);
        assert!(text(&payday, &ada, soon[1]).contains("A lens."));
        for (today, late) in [("2026-11-04", 0), ("2026-11-05", 0), ("2026-11-06", 1)] {
            day(t, today);
            assert_eq!(told(), [1, 1, 0], "not twice within the week");
            assert_eq!(got(&payday, &ada, "Your report on A better lens is late"), late);
            assert_eq!(got(&payday, &ada, "A checkpoint of A better lens has passed"), late);
        }
        web.every_link_leads_to_a_page();
    }

    fn who_has_a_stake_hears_nothing_and_what_rests_or_ended_is_not_asked_for(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        // Somebody of the team is an admin: what is late is none of their business.
        let tom = web.with_role("Tom Team", Role::Admin);
        let plan = || planned(&[("20.00", "on_report"), ("40.00", "on_checkpoint")]);
        let grant = payday.active(plan(), &[&tom]);
        let (resting, over) = (payday.active(plan(), &[]), payday.active(plan(), &[]));
        on_grant(&payday, &resting, "pause").ok();
        on_grant(&payday, &over, "wind-down").ok();
        on_grant(&payday, &over, "close").ok();
        let report = all(&payday, &grant, "reports").remove(0);
        day(t, "2027-05-16");
        let late = |who: &Client| {
            let all = letters(&payday, who);
            all.iter().filter(|(s, _)| s.contains("late") || s.contains("has passed")).count()
        };
        // At first sight on this day: once for the report, once for the checkpoint, of one grant.
        assert_eq!((late(&payday.ada), late(&payday.backer.who)), (2, 2));
        assert_eq!((late(&payday.field.desk.admin), late(&tom)), (2, 0));
        let ada = web.sign_in(payday.ada.clone());
        written(&ada, &report, "x");
        ada.command(&path("reports", &report, "/submit")).ok();
        let tom = web.sign_in(tom);
        let theirs = asked(&tom);
        assert!(!theirs.contains(&path("reports", &report, "/accept")), "{theirs:?}");
        let came = "A report on A better lens was handed in";
        assert_eq!((got(&payday, &payday.backer.who, came), got(&payday, &tom, came)), (1, 0));
    }

    fn what_was_closed_and_is_open_again_is_asked_for_again(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00"]);
        let id = payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        ask(&payday.backer.who, &grant, "2026-11-05").ok();
        add(&payday.backer.who, &grant, "2026-11-05", "A lens.").ok();
        on_grant(&payday, &grant, "wind-down").ok();
        on_grant(&payday, &grant, "close").ok();
        let ada = payday.ada.clone();
        let late = ["Your report on A better lens is late",
            "A checkpoint of A better lens has passed"];
        let told = || late.map(|subject| got(&payday, &ada, subject));
        day(t, "2026-11-06");
        assert_eq!(told(), [0, 0], "it is closed");
        let fia = web.sign_in(payday.fia.clone());
        let back = format!("/api/v1/disbursements/{id}/return");
        fia.post(&back, json!({ "reason": "account closed" })).ok();
        web.work();
        day(t, "2026-11-19");
        assert_eq!(told(), [0, 0]);
        day(t, "2026-11-21");
        assert_eq!(told(), [1, 1]);
        let mail = in_one_line(&text(&payday, &ada, late[1]));
        assert!(mail.contains("being wound down: nothing is released for it"), "{mail}");
    }

    fn who_reports_for_others_sees_what_is_wanted(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = watched(&payday, &[]);
        let report = all(&payday, &grant, "reports").remove(0);
        let checkpoint = open_checkpoint(&payday, &grant);
        day(t, "2027-04-02");
        let (ada, olly) = (web.sign_in(payday.ada.clone()), web.person("Olly"));
        let form = json!({ "email": olly.email, "scopes": ["report"], "expires_on": "2027-06-01" });
        let made = ada.post("/api/v1/me/delegates", form).ok();
        let id = made["id"].as_str().expect("an id");
        olly.command(&format!("/api/v1/delegations/{id}/accept")).ok();
        let see_it = path("checkpoints", &checkpoint, "/report");
        assert_eq!(asked(&olly), [path("reports", &report, ""), see_it.clone()]);
        written(&olly, &report, "For Ada.");
        olly.command(&path("reports", &report, "/submit")).ok();
        assert_eq!(asked(&olly), [see_it]);
        assert_eq!(got(&payday, &payday.backer.who, "A report on"), 1);
        see(&olly, &checkpoint).ok();
        assert_eq!(asked(&olly), Vec::<String>::new());
        let waits = "A checkpoint of A better lens waits for a decision";
        assert!(text(&payday, &payday.backer.who, waits).contains("by Olly for Ada Researcher"));
        let mail = text(&payday, &ada, "A checkpoint of A better lens was reported for you");
        assert!(mail.contains("Olly wrote down for you"), "{mail}");
    }
}
