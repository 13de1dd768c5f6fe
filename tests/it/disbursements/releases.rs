//! A release that is taken back takes what was to pay it along: the next release needs a new
//! draft and a new approval, whatever the clock says.

use super::{held, unchanged};
use crate::support::Harness;
use crate::support::web::Reply;
use almoner::grants;
use almoner::kernel::ids::TrancheId;
use diesel::connection::SimpleConnection as _;
use std::sync::mpsc;
use std::time::Duration;

both! {
    fn neither_approved_nor_sent_before_the_worker_comes(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00", "20.00"]);
        let drafted = payday.payment(&grant, 1, &[]);
        let approved = payday.payment(&grant, 2, &["approve"]);
        for tranche in [1, 2] {
            payday.undo_release(&grant, tranche).ok();
        }
        held(&payday, &drafted, "approve");
        held(&payday, &approved, "batch");
        payday.draft(&grant, 1).refused(409, "wrong_state");
        // Released again within the same microsecond: it is another release all the same.
        for tranche in [1, 2] {
            payday.release(&grant, tranche).ok();
        }
        let told = held(&payday, &drafted, "approve");
        assert!(told["detail"].as_str().expect("text").contains("taken back"), "{told}");
        let told = held(&payday, &approved, "batch");
        assert!(told["detail"].as_str().expect("text").contains(&approved), "{told}");
        // The old ones are still in the way, until the worker has dropped them.
        payday.draft(&grant, 1).refused(409, "already_exists");
        web.work();
        for id in [&drafted, &approved] {
            let dropped = payday.disbursement(id);
            assert_eq!(dropped["status"], "voided");
            assert!(dropped["status_reason"].as_str().expect("text").contains("taken back"));
            held(&payday, id, "approve");
        }
        let again = payday.payment(&grant, 2, &[]);
        held(&payday, &again, "batch");
        payday.approve(&again).ok();
        payday.batch(&[&again]).ok();
        payday.check();
    }

    fn a_clock_that_was_set_back_revives_no_approval(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00"]);
        t.clock.advance_seconds(7200);
        payday.undo_release(&grant, 1).ok();
        web.work();
        payday.release(&grant, 1).ok();
        let old = payday.payment(&grant, 1, &["approve"]);
        t.clock.advance_seconds(1800);
        payday.undo_release(&grant, 1).ok();
        // An hour back: the second release says that it is older than the draft of the first.
        t.clock.advance_seconds(-3600);
        // Nobody's second factor is good before it was shown: the service itself releases.
        let tranche = payday.field.grant(&grant)["tranches"][0]["id"].clone();
        let tranche: TrancheId = tranche.as_str().expect("an id").parse().expect("an id");
        payday.field.act(|conn, ctx| grants::service::release(conn, ctx, tranche, "its day"));
        let again = payday.field.grant(&grant)["tranches"][0]["released_at"].clone();
        assert_eq!(again, "2026-11-02T11:00:00.000001Z");
        t.clock.advance_seconds(7200);
        held(&payday, &old, "batch");
        web.work();
        assert_eq!(payday.status(&old), "voided");
        let new = payday.payment(&grant, 1, &["approve"]);
        payday.batch(&[&new]).ok();
        payday.check();
    }

    fn dropped_by_the_worker_and_drafted_anew(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00", "20.00"]);
        let old = payday.payment(&grant, 1, &["approve"]);
        let sent = payday.payment(&grant, 2, &["approve", "batch"]);
        payday.undo_release(&grant, 2).refused(409, "wrong_state");
        payday.undo_release(&grant, 1).ok();
        web.work();
        assert_eq!(payday.status(&old), "voided");
        payday.draft(&grant, 1).refused(409, "wrong_state");
        payday.release(&grant, 1).ok();
        let new = payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        assert_ne!(new, old);
        assert_eq!(payday.status(&sent), "instructed");
        web.work();
        web.nothing_left_undone();
        payday.check();
        payday.field.sound();
    }

    fn a_worker_who_loses_the_race_comes_again(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00"]);
        let id = payday.payment(&grant, 1, &["approve"]);
        payday.undo_release(&grant, 1).ok();
        let (held, told) = mpsc::channel();
        std::thread::scope(|scope| {
            // Somebody has read the release as it was, and writes the payment last.
            let db = &web.app.db;
            scope.spawn(move || {
                db.write_now("test.approval", |conn| {
                    conn.batch_execute("UPDATE disbursements SET version = version + 1")?;
                    held.send(()).expect("somebody waits");
                    std::thread::sleep(Duration::from_millis(600));
                    Ok(())
                })
            });
            told.recv().expect("it holds the payment");
            web.work();
        });
        t.clock.advance_seconds(3600);
        web.work();
        assert_eq!(payday.status(&id), "voided");
        web.nothing_left_undone();
        payday.release(&grant, 1).ok();
        payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        payday.check();
    }

    fn a_late_worker_leaves_the_new_draft_alone(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00"]);
        let old = payday.payment(&grant, 1, &["approve"]);
        payday.undo_release(&grant, 1).ok();
        payday.release(&grant, 1).ok();
        payday.void(&old).ok();
        let new = payday.payment(&grant, 1, &["approve"]);
        web.work();
        assert_eq!(payday.status(&new), "approved");
        payday.batch(&[&new]).ok();
        payday.check();
    }

    fn another_try_follows_the_same_rules(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00"]);
        let id = payday.payment(&grant, 1, &["approve", "batch", "settle", "return"]);
        payday.undo_release(&grant, 1).ok();
        held(&payday, &id, "retry");
        web.work();
        assert_eq!(payday.status(&id), "returned", "what the bank was told of is kept");
        payday.release(&grant, 1).ok();
        // Tried again for the second release: that needs, and gets, an approval of its own.
        payday.retry(&id).ok();
        payday.approve(&id).ok();
        payday.undo_release(&grant, 1).ok();
        held(&payday, &id, "batch");
        payday.release(&grant, 1).ok();
        held(&payday, &id, "batch");
        web.work();
        assert_eq!(payday.status(&id), "voided");
        assert_eq!(payday.disbursement(&id)["attempts"].as_array().map(Vec::len), Some(1));
        payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        payday.check();
        payday.field.sound();
    }

    fn taken_back_while_it_winds_down(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00", "20.00"]);
        let drafted = payday.payment(&grant, 1, &["approve"]);
        let wind_down = format!("/api/v1/grants/{grant}/wind-down");
        let why = serde_json::json!({ "reason": "It is over." });
        payday.field.desk.admin.post(&wind_down, why).ok();
        payday.undo_release(&grant, 1).ok();
        let send = || -> Reply { payday.batch(&[&drafted]) };
        unchanged(&payday, &[&drafted], send).refused(409, "wrong_state");
        web.work();
        assert_eq!(payday.status(&drafted), "voided");
        // What stays released is still paid.
        payday.payment(&grant, 2, &["approve", "batch", "settle"]);
        payday.field.desk.admin.command(&format!("/api/v1/grants/{grant}/close")).ok();
        payday.check();
        payday.field.sound();
    }
}
