//! The four decisions, what they do to the tranche that waits, and the checkpoint that follows.

use super::*;
use crate::support::Harness;

/// A grant whose checkpoint was reported: with a tranche that waits for it, or without.
fn reported(payday: &Payday<'_>, with_tranche: bool) -> (String, Value) {
    let (grant, checkpoint) = if with_tranche {
        let plan = planned(&[("10.00", "on_activation"), ("40.00", "on_checkpoint")]);
        let grant = payday.active(plan, &[]);
        let checkpoint = open_checkpoint(payday, &grant);
        (grant, checkpoint)
    } else {
        let plan = planned(&[("10.00", "on_activation"), ("40.00", "on_report")]);
        let grant = payday.active(plan, &[]);
        let checkpoint = add(&payday.backer.who, &grant, "2026-12-01", "A lens.").ok();
        (grant, checkpoint)
    };
    see(&payday.ada, &checkpoint).ok();
    (grant, checkpoint)
}

both! {
    fn every_decision_with_and_without_a_tranche(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let admin = &payday.field.desk.admin;
        for with_tranche in [true, false] {
            for (decision, grant_is, tranche, word) in [
                ("continue", "active", "released", "goes on"),
                ("rescope", "active", "planned", "other aims"),
                ("pause", "paused", "planned", "was paused"),
                ("wind_down", "winding_down", "cancelled", "wound down"),
            ] {
                let (grant, checkpoint) = reported(&payday, with_tranche);
                let told = letters(&payday, &payday.ada).len();
                let decided = decide(admin, &checkpoint, decision).ok();
                assert_eq!(decided["status"], "decided");
                assert_eq!(payday.field.grant(&grant)["status"], grant_is, "{decision}");
                // Without its tranche, a checkpoint releases nothing.
                let planned = !with_tranche && decision == "continue";
                let tranche = if planned { "planned" } else { tranche };
                assert_eq!(tranches(&payday, &grant)[1], tranche, "{decision} {with_tranche}");
                let waits = with_tranche && matches!(decision, "rescope" | "pause");
                let follows = all(&payday, &grant, "checkpoints").len() - 1;
                assert_eq!(follows, usize::from(waits), "{decision} {with_tranche}");
                // The recipient reads how it ended, and why.
                let mails = letters(&payday, &payday.ada).split_off(told);
                let why = mails.iter().find(|(subject, text)| {
                    text.contains("So it is.") && (text.contains(word) || subject.contains(word))
                });
                assert!(why.is_some(), "{decision}: {mails:?}");
                payday.check();
            }
        }
        payday.field.sound();
    }

    fn a_tranche_goes_on_after_rescope_and_pause(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (grant, first) = reported(&payday, true);
        let admin = &payday.field.desk.admin;
        let tranche = first["tranche_id"].clone();
        decide(admin, &first, "rescope").ok();
        let second = open_checkpoint(&payday, &grant);
        assert_eq!((&second["tranche_id"], &second["promised"], &second["due_on"]),
            (&tranche, &first["promised"], &json!("2027-01-31")), "in ninety days, as before");
        assert_eq!(now(&payday, &first, "checkpoints")["tranche_id"], Value::Null);
        held(&payday, &grant, || decide(admin, &second, "continue"));
        see(&payday.ada, &second).ok();
        let more = json!({ "next_on": "2027-03-01", "next_promised": "Another lens." });
        decide_with(admin, &second, "pause", more).ok();
        let third = open_checkpoint(&payday, &grant);
        assert_eq!((&third["tranche_id"], &third["promised"], &third["due_on"]),
            (&tranche, &json!("Another lens."), &json!("2027-03-01")));
        // It is reported while the grant is held; nothing is released before it goes on.
        see(&payday.ada, &third).ok();
        held(&payday, &grant, || decide(admin, &third, "continue"));
        held(&payday, &grant, || decide(admin, &third, "pause"));
        on_grant(&payday, &grant, "resume").ok();
        let before = payday.books();
        decide(admin, &third, "continue").ok();
        let [cash, transit, payable, committed, spent] = before;
        let after = [cash, transit, payable + 4000, committed - 4000, spent + 4000];
        assert_eq!(payday.books(), after);
        assert_eq!(tranches(&payday, &grant), ["released", "released"]);
        payday.payment(&grant, 2, &["approve", "batch", "settle"]);
        // Opening the checkpoints once more opens none.
        let id = grant.parse().expect("an id");
        payday.field.act(|conn, ctx| almoner::progress::service::open_for_tranches(conn, ctx, id));
        assert_eq!(all(&payday, &grant, "checkpoints").len(), 3);
        payday.check();
        payday.field.sound();
    }

    fn what_follows_has_a_day_to_come(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (grant, checkpoint) = reported(&payday, true);
        let admin = &payday.field.desk.admin;
        let before = look(&payday, &grant);
        let asked = |decision: &str, more: Value| decide_with(admin, &checkpoint, decision, more);
        for decision in ["continue", "rescope", "pause"] {
            for (day, pointers) in [("2026-11-01", 1), ("1899-12-31", 2), ("2201-01-01", 1),
                ("2027-02-29", 1)] {
                let more = json!({ "next_on": day });
                asked(decision, more).wrong_fields(&vec!["/next_on"; pointers]);
            }
            for text in ["", " ", &"x".repeat(5_001)] {
                let more = json!({ "next_on": "2027-01-01", "next_promised": text });
                asked(decision, more).wrong_fields(&["/next_promised"]);
            }
        }
        let promise = json!({ "next_promised": "A lens." });
        asked("continue", promise.clone()).wrong_fields(&["/next_promised"]);
        asked("wind_down", promise).wrong_fields(&["/next_promised"]);
        asked("wind_down", json!({ "next_on": "2027-01-01" })).wrong_fields(&["/next_on"]);
        for reason in ["", " ", &"x".repeat(5_001)] {
            asked("continue", json!({ "reason": reason })).wrong_fields(&["/reason"]);
        }
        asked("stop", json!({})).wrong_fields(&["/decision"]);
        asked("continue", json!({ "tranche_id": NOBODY })).wrong_fields(&["/tranche_id"]);
        assert_eq!(look(&payday, &grant), before);
        // Today is a day to come. What was asked for besides follows a continue without a tranche.
        asked("continue", json!({ "next_on": "2026-11-02" })).ok();
        let next = open_checkpoint(&payday, &grant);
        assert_eq!((&next["tranche_id"], &next["promised"]),
            (&Value::Null, &checkpoint["promised"]));
        assert_eq!(tranches(&payday, &grant)[1], "released");
        see(&payday.ada, &next).ok();
        decide_with(admin, &next, "rescope", json!({})).ok();
        assert_eq!(all(&payday, &grant, "checkpoints").len(), 2, "nothing waits any more");
    }
}
