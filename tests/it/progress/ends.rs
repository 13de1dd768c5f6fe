//! What can still be reported and decided in each state of a grant.

use super::*;
use crate::support::Harness;
use crate::support::web::Web;
use almoner::kernel::actor::Role;
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;

/// Takes a watched grant of Ada's into a state.
fn brought_to(payday: &Payday<'_>, state: &str) -> String {
    let grant = payday.awarded(&payday.ada, plan(), &[]);
    let waits = matches!(state, "awarded" | "cancelled");
    if !waits {
        payday.activate(&payday.ada, &payday.payee, &grant);
    }
    match state {
        "paused" => drop(on_grant(payday, &grant, "pause").ok()),
        "cancelled" => drop(on_grant(payday, &grant, "cancel").ok()),
        "winding_down" | "closed" => drop(on_grant(payday, &grant, "wind-down").ok()),
        _ => {}
    }
    if state == "closed" {
        payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        on_grant(payday, &grant, "close").ok();
    }
    assert_eq!(payday.field.grant(&grant)["status"], state);
    grant
}

/// Takes the migration back and does it again, as if all there is were older.
fn migrated_again(web: &Web) {
    let run = |sqlite: &'static str, postgres: &'static str| {
        let done = web.app.db.write_now("test.migrate", move |conn| {
            match conn {
                Conn::Pg(conn) => conn.batch_execute(postgres)?,
                Conn::Sqlite(conn) => conn.batch_execute(sqlite)?,
            }
            Ok(())
        });
        done.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
    };
    run(
        include_str!("../../../migrations/sqlite/0110_nothing_left/down.sql"),
        include_str!("../../../migrations/postgres/0110_nothing_left/down.sql"),
    );
    run(
        include_str!("../../../migrations/sqlite/0110_nothing_left/up.sql"),
        include_str!("../../../migrations/postgres/0110_nothing_left/up.sql"),
    );
}

both! {
    fn what_is_written_and_what_is_released(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let admin = &payday.field.desk.admin;
        for state in ["awarded", "active", "paused", "winding_down"] {
            let grant = brought_to(&payday, state);
            let report = all(&payday, &grant, "reports").remove(0);
            for step in ["edit", "submit", "return", "edit", "submit"] {
                act(&payday, &report, step).ok();
            }
            let checkpoint = open_checkpoint(&payday, &grant);
            see(&payday.ada, &checkpoint).ok();
            // What would release money has to wait for a grant that releases; where it is wound
            // down the work is heard, and nothing is released any more.
            match state {
                "active" => {
                    act(&payday, &report, "accept").ok();
                    decide(admin, &checkpoint, "continue").ok();
                    assert_eq!(tranches(&payday, &grant), ["released"; 3]);
                }
                "winding_down" => {
                    let before = payday.books();
                    act(&payday, &report, "accept").ok();
                    held(&payday, &grant, || decide(admin, &checkpoint, "pause"));
                    held(&payday, &grant, || decide(admin, &checkpoint, "wind_down"));
                    decide(admin, &checkpoint, "continue").ok();
                    assert_eq!(tranches(&payday, &grant), ["released", "cancelled", "cancelled"]);
                    assert_eq!(payday.books(), before);
                }
                _ => {
                    held(&payday, &grant, || act(&payday, &report, "accept"));
                    held(&payday, &grant, || decide(admin, &checkpoint, "continue"));
                    held(&payday, &grant, || decide(admin, &checkpoint, "pause"));
                }
            }
            add(admin, &grant, "2027-01-01", "A lens.").ok();
            ask(admin, &grant, "2027-01-01").ok();
            payday.check();
        }
        payday.field.sound();
    }

    fn mails_say_how_the_grant_stands(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let admin = &payday.field.desk.admin;
        let last = |who: &Client, subject: &str| {
            let all = letters(&payday, who).into_iter().rev();
            let mut fitting = all.filter(|(s, _)| s == subject).map(|(_, text)| text);
            fitting.next().expect("a mail").split_whitespace().collect::<Vec<_>>().join(" ")
        };
        for (state, goes_on, rescoped) in [
            ("active", "It goes on:", "It goes on with other aims:"),
            ("paused", "It stays paused for now:", "other aims from now on, and stays paused:"),
            ("winding_down", "It is still being wound down:", "and is still being wound down:"),
        ] {
            let grant = brought_to(&payday, state);
            for (decision, words) in [("continue", goes_on), ("rescope", rescoped)] {
                let checkpoint = add(admin, &grant, "2027-01-01", "A lens.").ok();
                see(&payday.ada, &checkpoint).ok();
                decide(admin, &checkpoint, decision).ok();
                let mail = last(&payday.ada, "A checkpoint of A better lens was decided");
                assert!(mail.contains(words), "{state} {decision}: {mail}");
            }
            // A tranche that was cancelled waits for nothing.
            let report = all(&payday, &grant, "reports").remove(0);
            act(&payday, &report, "edit").ok();
            act(&payday, &report, "submit").ok();
            let came = last(&payday.backer.who, "A report on A better lens was handed in");
            assert_eq!(came.contains("waits for it"), state != "winding_down", "{came}");
            // Nobody is asked for what they would be refused.
            let rests = "is paused, and releases nothing: you can ask for changes now, and accept";
            assert_eq!(came.contains(rests), state == "paused", "{came}");
            if state == "paused" {
                let told = held(&payday, &grant, || act(&payday, &report, "accept"));
                let detail = told["detail"].as_str().expect("text");
                assert!(detail.contains("resume it first, and do this then"), "{detail}");
            }
            if state == "winding_down" {
                act(&payday, &report, "accept").ok();
                let mail = last(&payday.ada, "Your report on A better lens was accepted");
                assert!(mail.contains("nothing is released for this report"), "{mail}");
            }
        }
    }

    fn nothing_follows_where_a_tranche_was_cancelled(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = brought_to(&payday, "winding_down");
        let checkpoint = open_checkpoint(&payday, &grant);
        see(&payday.ada, &checkpoint).ok();
        decide(&payday.field.desk.admin, &checkpoint, "rescope").ok();
        let all = all(&payday, &grant, "checkpoints");
        assert_eq!((all.len(), &all[0]["status"]), (1, &json!("decided")));
    }

    fn nothing_is_written_about_what_has_ended(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        for state in ["closed", "cancelled"] {
            let grant = brought_to(&payday, state);
            let report = all(&payday, &grant, "reports").remove(0);
            let checkpoint = open_checkpoint(&payday, &grant);
            for step in ["edit", "submit", "accept", "return"] {
                let told = held(&payday, &grant, || act(&payday, &report, step));
                assert!(told["detail"].as_str().expect("text").contains(state), "{told}");
            }
            held(&payday, &grant, || see(&payday.ada, &checkpoint));
            for decision in ["continue", "rescope", "pause", "wind_down"] {
                let admin = &payday.field.desk.admin;
                held(&payday, &grant, || decide(admin, &checkpoint, decision));
            }
            held(&payday, &grant, || add(&payday.backer.who, &grant, "2027-01-01", "A lens."));
            held(&payday, &grant, || ask(&payday.backer.who, &grant, "2027-01-01"));
            // It can still be read.
            let list = payday.ada.get(&format!("/api/v1/grants/{grant}/reports")).ok();
            assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
        }
    }

    fn who_closes_a_grant_is_asked_once_it_can_be(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let admin = &payday.field.desk.admin;
        let asked = |who: &Client, grant: &str| {
            let close = format!("/api/v1/grants/{grant}/close");
            who.get("/api/v1/me/next").ok().to_string().contains(&close)
        };
        let grant = payday.grant(&["1.00"]);
        let id = payday.payment(&grant, 1, &["approve", "batch"]);
        assert!(!asked(admin, &grant), "the bank has not spoken");
        payday.settle(&id).ok();
        assert!(asked(admin, &grant) && !asked(&payday.fia, &grant));
        ask(admin, &grant, "2027-05-01").ok();
        assert!(!asked(admin, &grant), "a report is asked for");
        on_grant(&payday, &grant, "wind-down").ok();
        assert!(asked(admin, &grant), "it waits for none");
        on_grant(&payday, &grant, "close").ok();
        assert!(!asked(admin, &grant));
        payday.give_back(&id).ok();
        assert!(!asked(admin, &grant), "it is owed again");
        payday.undo_release(&grant, 1).ok();
        assert!(asked(admin, &grant));
        // One that goes on until what was promised is heard.
        let plan = planned(&[("2.00", "on_activation"), ("3.00", "on_report")]);
        let other = payday.active(plan, &[]);
        payday.payment(&other, 1, &["approve", "batch", "settle"]);
        assert!(!asked(admin, &other), "a tranche is planned");
        let report = all(&payday, &other, "reports").remove(0);
        act(&payday, &report, "edit").ok();
        act(&payday, &report, "submit").ok();
        act(&payday, &report, "accept").ok();
        payday.payment(&other, 2, &["approve", "batch", "settle"]);
        assert!(asked(admin, &other));
        on_grant(&payday, &other, "pause").ok();
        assert!(asked(admin, &other), "a paused one can be closed as well");
        // Grants from before are told apart as well.
        let unpaid = payday.grant(&["4.00"]);
        migrated_again(&web);
        assert!(asked(admin, &other) && !asked(admin, &unpaid));
    }

    fn batches_that_somebody_has_a_stake_in_hide_no_others(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let fin = web.with_role("Fin", Role::Finance);
        let amounts: Vec<String> = (1..=11).map(|n| format!("{n}.00")).collect();
        let plan: Vec<_> = amounts.iter().map(|a| (a.as_str(), "on_activation")).collect();
        let theirs = payday.active(planned(&plan), &[&fin]);
        for n in 1..=plan.len() {
            payday.payment(&theirs, n, &["approve", "batch"]);
        }
        let other = payday.grant(&["20.00"]);
        let id = payday.payment(&other, 1, &["approve", "batch"]);
        let next = fin.get("/api/v1/me/next").ok().to_string();
        let batch = payday.disbursement(&id)["batch_id"].as_str().expect("an id").to_owned();
        assert!(next.contains(&format!("/payment-batches/{batch}/file")), "{next}");
        assert_eq!(next.matches("/payment-batches/").count(), 1, "{next}");
    }
}
