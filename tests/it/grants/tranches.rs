//! What is released, by whom and when; what the bank does to it.

use super::{on, plan, statuses, tranche, tranche_id};
use crate::support::Harness;
use crate::support::desk::{threads, usd};
use almoner::grants;
use almoner::kernel::ids::TrancheId;
use almoner::platform::context::Ctx;
use almoner::platform::db::Conn;
use serde_json::json;

fn comes_back(conn: &mut Conn, ctx: &Ctx, id: TrancheId) -> almoner::kernel::Result<()> {
    grants::service::give_back(conn, ctx, id, "account closed", false)
}

both! {
    fn tranches_are_released_when_their_condition_holds(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("1000.00");
        let application = field.application("1.00", "1000.00");
        backer.offer(&application, "100.00").ok();
        let grant = field.award(&application, plan(&[
            tranche("10.00", "on_activation", None),
            tranche("20.00", "on_date", Some("2026-11-02")),
            tranche("30.00", "on_date", Some("2026-11-04")),
            tranche("40.00", "on_report", None),
        ])).id();
        let release = |n: i32| {
            let path = format!("/api/v1/grants/{grant}/tranches/{n}/release");
            field.desk.finance.command(&path)
        };
        release(1).refused(409, "wrong_state");
        field.activate(&grant);
        assert_eq!(statuses(&field.grant(&grant)), ["released", "released", "planned", "planned"]);
        release(1).refused(409, "wrong_state");
        release(3).refused(409, "wrong_state");
        release(4).refused(409, "wrong_state");
        release(5).refused(404, "not_found");
        release(0).refused(404, "not_found");
        t.clock.advance_seconds(2 * 86_400);
        web.work();
        let now = field.grant(&grant);
        assert_eq!(statuses(&now), ["released", "released", "released", "planned"]);
        assert_eq!(now["balances"]["payable"], usd("60.00"));
        assert_eq!(field.part(&backer, "spent"), "60.00");

        // Taken back: nobody but a person releases it again.
        let undo = format!("/api/v1/grants/{grant}/tranches/3/undo-release");
        field.desk.finance.post(&undo, json!({ "reason": "Too early." })).ok();
        field.desk.finance.command(&undo).refused(409, "wrong_state");
        t.clock.advance_seconds(86_400);
        web.work();
        assert_eq!(statuses(&field.grant(&grant))[2], "planned");
        assert_eq!(field.grant(&grant)["tranches"][2]["released_at"], json!(null));
        field.sound();
        release(3).ok();
        field.pays(&grant, 3);
        field.desk.finance.command(&undo).refused(409, "wrong_state");
        assert_eq!(statuses(&field.grant(&grant))[2], "paid");
        field.sound();
    }

    fn a_reason_is_bounded_where_none_is_needed_too(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("100.00");
        let grant = field.active(&[(&backer, "100.00")], json!({}));
        let long = json!({ "reason": "x".repeat(2001) });
        for what in ["tranches/1/release", "tranches/1/undo-release", "resume", "close"] {
            let path = format!("/api/v1/grants/{grant}/{what}");
            let who = if what.contains('/') { &field.desk.finance } else { &field.desk.admin };
            who.post(&path, long.clone()).wrong_fields(&["/reason"]);
        }
        assert_eq!(statuses(&field.grant(&grant)), ["released"]);
        // What a report or a checkpoint released and a person took back, a person gives again.
        let undo = format!("/api/v1/grants/{grant}/tranches/1/undo-release");
        field.desk.finance.command(&undo).ok();
        field.desk.finance.command(&format!("/api/v1/grants/{grant}/tranches/1/release")).ok();
        field.sound();
    }

    fn a_release_is_made_once(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backers = [field.backer("50.00"), field.backer("50.00")];
        let grant = field.active(&[(&backers[0], "33.33"), (&backers[1], "16.68")], plan(&[
            tranche("0.01", "on_activation", None),
            tranche("50.00", "on_date", Some("2026-11-03")),
        ]));
        t.clock.advance_seconds(86_400);
        let path = format!("/api/v1/grants/{grant}/tranches/2/release");
        let replies = threads(12, |_| field.desk.finance.command(&path));
        assert_eq!(replies.iter().filter(|r| r.status == 200).count(), 1);
        for reply in replies.iter().filter(|r| r.status != 200) {
            reply.refused(409, "wrong_state");
        }
        assert_eq!(field.grant(&grant)["balances"]["payable"], usd("50.01"));
        field.sound();
        // Released and taken back, again and again, by many: the books hold.
        let undo = format!("/api/v1/grants/{grant}/tranches/2/undo-release");
        threads(12, |n| field.desk.finance.command(if n % 2 == 0 { &undo } else { &path }));
        field.sound();
    }

    fn a_bank_that_gives_back_leaves_the_tranche_owed(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("100.00");
        let grant = field.active(&[(&backer, "100.00")], json!({}));
        let id = tranche_id(&field, &grant, 1);
        let step = |f: fn(&mut Conn, &Ctx, TrancheId) -> almoner::kernel::Result<()>| {
            field.try_act(|conn, ctx| f(conn, ctx, id)).map_err(|p| p.status())
        };
        use grants::service::{instruct, pay};
        assert_eq!(step(pay), Err(409));
        assert_eq!(step(comes_back), Err(409));
        assert_eq!(step(instruct), Ok(()));
        assert_eq!(step(instruct), Err(409));
        assert_eq!(step(comes_back), Ok(()));
        assert_eq!(step(instruct), Ok(()));
        assert_eq!(step(pay), Ok(()));
        assert_eq!(step(pay), Err(409));
        assert_eq!(step(comes_back), Ok(()));
        assert_eq!(statuses(&field.grant(&grant)), ["released"]);
    }

    fn a_paused_grant_releases_and_pays_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("100.00");
        let grant = field.active(&[(&backer, "100.00")], plan(&[
            tranche("60.00", "on_activation", None),
            tranche("40.00", "on_date", Some("2026-11-03")),
        ]));
        assert_eq!(on(&field.desk.admin, &grant, "pause").ok()["status"], "paused");
        t.clock.advance_seconds(86_400);
        web.work();
        on(&field.desk.finance, &grant, "tranches/2/release").refused(409, "wrong_state");
        let first = tranche_id(&field, &grant, 1);
        let paid = field.try_act(|conn, ctx| grants::service::instruct(conn, ctx, first));
        assert_eq!(paid.expect_err("held").status(), 409);
        assert_eq!(on(&field.desk.admin, &grant, "resume").ok()["status"], "active");
        t.clock.advance_seconds(600);
        web.work();
        assert_eq!(statuses(&field.grant(&grant)), ["released", "released"]);
        on(&field.desk.admin, &grant, "resume").refused(409, "wrong_state");
        let no_reason = json!({ "reason": " " });
        let path = format!("/api/v1/grants/{grant}/pause");
        field.desk.admin.post(&path, no_reason).wrong_fields(&["/reason"]);
        field.desk.admin.post(&path, json!({})).wrong_fields(&["/reason"]);
        field.sound();
    }
}
