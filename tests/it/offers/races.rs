//! Many at once: nothing is offered that is not there.

use super::{act, deny};
use crate::support::Harness;
use crate::support::desk::{threads, usd};
use crate::support::field::minor;
use crate::support::web::{Reply, new_key};
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;
use serde_json::json;
use std::sync::mpsc;
use std::time::Duration;

/// Cents from a seed, from 1 to `most`.
fn cents(seed: usize, most: u64) -> String {
    let mut x = (seed as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let cents = 1 + (x ^ (x >> 32)) % most;
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// How many were taken; the others were refused for this reason.
#[track_caller]
fn taken(replies: &[Reply], otherwise: &str) -> usize {
    for reply in replies.iter().filter(|r| r.status != 201) {
        reply.refused(409, otherwise);
    }
    replies.iter().filter(|r| r.status == 201).count()
}

fn sum(replies: &[Reply]) -> i64 {
    let taken = replies.iter().filter(|r| r.status == 201);
    taken.map(|r| minor(&r.json()["amount"])).sum()
}

both! {
    fn sixty_four_clients_race_one_budget(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("500.00");
        let applications: Vec<String> =
            (0..4).map(|_| field.application("1.00", "100000.00")).collect();
        let replies: Vec<Reply> = threads(64, |client| {
            let offer = |n: usize| {
                let seed = client * 16 + n;
                backer.offer(&applications[seed % 4], &cents(seed, 4_000))
            };
            (0..3).map(offer).collect::<Vec<_>>()
        }).into_iter().flatten().collect();
        let many = taken(&replies, "insufficient_funds");
        assert!(many > 0 && many < replies.len(), "some are taken, some refused: {many}");
        let spent = sum(&replies);
        assert!(spent <= 50_000, "{spent}");
        let left = field.available(&backer);
        assert_eq!(minor(&usd(&left)), 50_000 - spent);
        // What is left can still be taken to the last cent.
        if left != "0.00" {
            backer.offer(&applications[0], &left).ok();
        }
        backer.offer(&applications[0], "0.01").refused(409, "insufficient_funds");
        field.sound();
    }

    fn the_first_offers_of_a_budget_race(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "100000.00");
        for _ in 0..8 {
            let backer = field.backer("10.00");
            let replies = threads(4, |_| backer.offer(&application, "10.00"));
            assert_eq!(taken(&replies, "insufficient_funds"), 1);
        }
        field.sound();
    }

    fn two_budgets_never_pass_what_is_requested(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "100.00");
        let backers = [field.backer("1000.00"), field.backer("1000.00")];
        let replies = threads(24, |n| backers[n % 2].offer(&application, &cents(n, 3_000)));
        taken(&replies, "limit_reached");
        let offered = sum(&replies);
        assert!(offered <= 10_000, "{offered}");
        // Exactly the rest is taken, and then nothing.
        if offered < 10_000 {
            let rest = format!("{}.{:02}", (10_000 - offered) / 100, (10_000 - offered) % 100);
            backers[0].offer(&application, &rest).ok();
        }
        backers[1].offer(&application, "0.01").refused(409, "limit_reached");
        field.sound();
    }

    fn the_cap_and_the_threshold_are_not_raced(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let capped = field.backer_with("1000.00", json!({ "per_grant_cap": usd("50.00") }));
        let application = field.application("1.00", "1000.00");
        let replies = threads(12, |_| capped.offer(&application, "20.00"));
        assert_eq!(taken(&replies, "limit_reached"), 2);
        capped.offer(&application, "10.00").ok();
        capped.offer(&field.application("1.00", "1000.00"), "50.00").ok();

        let careful = field.backer_with("1000.00", json!({ "approval_threshold": usd("50.00") }));
        let replies = threads(8, |_| careful.offer(&application, "20.00"));
        let placed = replies.iter().filter(|r| r.ok()["status"] == "placed").count();
        assert_eq!(placed, 2, "the others are above the threshold together");
        field.sound();
    }

    fn terms_that_change_at_the_same_moment_bind(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("1000.00");
        let application = field.application("1.00", "1000.00");
        let (held, told) = mpsc::channel();
        let db = &web.app.db;
        std::thread::scope(|scope| {
            let tightens = move |conn: &mut Conn| {
                conn.batch_execute("UPDATE budgets SET per_grant_cap = 500")?;
                held.send(()).expect("somebody waits");
                std::thread::sleep(Duration::from_millis(600));
                Ok(())
            };
            let edit = scope.spawn(move || db.write_now("test.edit", tightens));
            told.recv().expect("it holds the budget");
            let reply = backer.offer(&application, "10.00");
            edit.join().expect("no panic").expect("it commits");
            reply.refused(409, "limit_reached");
        });
        backer.offer(&application, "5.00").ok();
        field.sound();
    }

    fn who_is_a_regrantor_no_more_at_the_same_moment_offers_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "1000.00");
        let watched = json!({ "approval_threshold": usd("500.00") });
        for (set, terms) in [("roles = 0", json!({})), ("status = 'suspended'", watched)] {
            let backer = field.backer_with("1000.00", terms);
            let takes = format!("UPDATE people SET {set} WHERE email = '{}'", backer.who.email);
            let (held, told) = mpsc::channel();
            let db = &web.app.db;
            std::thread::scope(|scope| {
                let takes = move |conn: &mut Conn| {
                    conn.batch_execute(&takes)?;
                    held.send(()).expect("somebody waits");
                    std::thread::sleep(Duration::from_millis(600));
                    Ok(())
                };
                let change = scope.spawn(move || db.write_now("test.takes", takes));
                told.recv().expect("it holds the person");
                // On SQLite nobody is told who asks before that is over.
                let reply = backer.offer(&application, "10.00");
                change.join().expect("no panic").expect("it commits");
                assert!([401, 403].contains(&reply.status), "{set}: {}", reply.text());
            });
            assert_eq!(field.available(&backer), "1000.00");
        }
        field.sound();
    }

    fn a_double_click_places_one_offer(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "1000.00");
        let backer = field.backer("1000.00");
        let path = format!("/api/v1/applications/{application}/offers");
        let form = backer.form("10.00", json!({}));
        let key = new_key();
        let replies = threads(12, |_| backer.who.post_key(&path, &key, form.clone()));
        let first = replies.iter().find(|r| r.status == 201).expect("one is placed").ok();
        for reply in &replies {
            if reply.status == 201 {
                assert_eq!(reply.json(), first);
            } else {
                reply.refused(409, "key_in_flight");
            }
        }
        assert_eq!(backer.who.post_key(&path, &key, form.clone()).ok(), first);
        assert_eq!(field.part(&backer, "reserved"), "10.00");
        let other = backer.form("11.00", json!({}));
        backer.who.post_key(&path, &key, other).refused(422, "key_reused");
        let body = form.to_string().into_bytes();
        backer.who.send("POST", &path, &[], Some(body)).refused(400, "malformed_request");
        // Withdrawn twice at once, with and without the same key: released once.
        let id = first["id"].as_str().expect("an id");
        let path = format!("/api/v1/offers/{id}/withdraw");
        let replies = threads(8, |_| backer.who.command(&path));
        assert_eq!(replies.iter().filter(|r| r.status == 200).count(), 1);
        assert_eq!(field.part(&backer, "available"), "1000.00");
        field.sound();
    }

    fn approving_races_withdrawing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer_with("100.00", json!({ "approval_threshold": usd("0.00") }));
        let application = field.application("1.00", "1000.00");
        for _ in 0..12 {
            let id = backer.offer(&application, "30.00").id();
            let replies = threads(3, |n| match n {
                0 => field.desk.admin.command(&format!("/api/v1/offers/{id}/approve")),
                1 => act(&backer, &id, "withdraw"),
                _ => deny(&field, &id),
            });
            let status = field.offer(&id)["status"].clone();
            assert_eq!(status, "released", "withdrawn, denied, or approved and then withdrawn");
            for reply in replies.iter().filter(|r| r.status != 200) {
                reply.refused(409, "wrong_state");
            }
            let good = replies.iter().filter(|r| r.status == 200).count();
            assert!((1..=2).contains(&good), "{good}");
            assert_eq!(field.available(&backer), "100.00");
        }
        field.sound();
    }
}
