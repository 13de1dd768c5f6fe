//! Many at once: nothing is lost, nothing happens twice, no limit is passed.

use super::*;
use crate::support::desk::threads;
use almoner::applications::service;
use almoner::kernel::ids::ApplicationId;
use almoner::platform::db::Conn;
use diesel::connection::SimpleConnection as _;
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;

fn counted(statuses: Vec<u16>) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    statuses.into_iter().for_each(|status| *counts.entry(status).or_insert(0) += 1);
    counts
}

both! {
    fn of_edits_of_one_version_one_wins(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let id = draft(&rea, &call, json!({}));
        for round in 1..=5 {
            let etag = format!("\"v{round}\"");
            let statuses = threads(8, |n| {
                let title = format!("{round} by {n}");
                rea.patch(&at(&id), &etag, json!({ "title": title })).status
            });
            assert_eq!(counted(statuses), BTreeMap::from([(200, 1), (412, 7)]));
        }
        assert_eq!(rea.get(&at(&id)).etag(), "\"v6\"");
    }

    fn what_is_handed_in_is_what_was_checked(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        for _ in 0..10 {
            let id = draft(&rea, &call, json!({}));
            let statuses = threads(4, |n| match n {
                0 | 1 => rea.command(&at(&format!("{id}/submit"))).status,
                2 => rea.patch(&at(&id), "\"v1\"", json!({ "summary": null })).status,
                _ => {
                    let form = json!({ "email": "late@example.org", "name": "Late" });
                    rea.post(&at(&format!("{id}/members")), form).status
                }
            });
            let seen = rea.get(&at(&id)).ok();
            let team = rea.get(&at(&format!("{id}/members"))).ok();
            let waiting = team["items"].as_array().expect("items").len() > 1;
            let incomplete = seen["summary"] == "";
            let submitted = seen["status"] == "submitted";
            // Who was asked before keeps it from being handed in; later, who is asked reads so.
            let mut letters = mails(&web, "late@example.org");
            letters.retain(|letter| letter.text.contains(&id));
            assert_eq!(letters.len(), usize::from(waiting), "{statuses:?} {seen}");
            let early = |letter: &Letter| {
                !letter.text.replace('\n', " ").contains("It was handed in already")
            };
            let unasked = letters.iter().any(early);
            assert!(!(submitted && (unasked || incomplete)), "{statuses:?} {seen}");
            let once = statuses[..2].iter().filter(|s| **s == 200).count();
            assert_eq!(once, usize::from(submitted), "{statuses:?}");
        }
    }

    fn nothing_comes_into_a_call_that_is_being_closed(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let reg = web.with_role("Reg", Role::Regrantor);
        let (own, more) = (rolling(&admin), rolling(&admin));
        let draft = draft(&rea, &own, json!({}));
        let [routed, begun] = [(); 2].map(|()| submitted(&rea, &own, json!({})));
        let to_more = json!({ "call_id": more, "answers": {} });
        let route = |id: &str| rea.post(&at(&format!("{id}/routes")), to_more.clone());
        route(&begun).ok();
        let nominee = json!({
            "call_id": own, "email": "new@example.org", "name": "New", "title": "An idea",
            "summary": "What for", "why": "They can",
        });
        let (held, told) = mpsc::channel();
        let db = &web.app.db;
        std::thread::scope(|scope| {
            let closes = move |conn: &mut Conn| {
                conn.batch_execute("UPDATE calls SET status = 'closed'")?;
                held.send(()).expect("somebody waits");
                std::thread::sleep(Duration::from_millis(900));
                Ok(())
            };
            let close = scope.spawn(move || db.write_now("test.close", closes));
            told.recv().expect("it holds the calls");
            let replies = threads(5, |n| match n {
                0 => rea.command(&at(&format!("{draft}/submit"))),
                1 => rea.post(APPLICATIONS, whole(&own)),
                2 => reg.post("/api/v1/nominations", nominee.clone()),
                3 => route(&routed),
                _ => rea.command(&at(&format!("{begun}/routes/{more}/submit"))),
            });
            close.join().expect("no panic").expect("it commits");
            replies.iter().for_each(|reply| drop(reply.refused(409, "wrong_state")));
        });
    }

    fn a_team_never_grows_beyond_its_limit(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let id = draft(&rea, &call, json!({}));
        let statuses = threads(24, |n| {
            let form = json!({ "email": format!("m{n}@example.org"), "name": "M" });
            rea.post(&at(&format!("{id}/members")), form).status
        });
        assert_eq!(counted(statuses), BTreeMap::from([(201, 19), (409, 5)]));
    }

    fn decisions_exclude_each_other(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        for _ in 0..5 {
            let id = submitted(&rea, &call, json!({}));
            let statuses = threads(6, |n| {
                let reason = json!({ "reason": "x" });
                match n % 3 {
                    0 => admin.post(&at(&format!("{id}/decline")), reason).status,
                    1 => rea.command(&at(&format!("{id}/withdraw"))).status,
                    _ => admin.post(&at(&format!("{id}/request-changes")), reason).status,
                }
            });
            let status = rea.get(&at(&id)).ok()["status"].clone();
            let good = counted(statuses.clone()).get(&200).copied().unwrap_or(0);
            // Changes may be requested before an end, never after one.
            let most = if status == "changes_requested" { 1 } else { 2 };
            assert!((1..=most).contains(&good), "{statuses:?} {status}");
        }
    }

    fn offers_never_pass_what_is_requested(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let text = opened(&rea, &admin, &call, json!({}));
        let id: ApplicationId = text.parse().expect("an id");
        let taken = threads(16, |_| {
            let add = move |conn: &mut _| service::add_offered(conn, id, 700_000);
            (0..4).filter(|_| write(&web, add).is_some()).count()
        });
        assert_eq!(taken.iter().sum::<usize>(), 7, "7 × 7,000.00 fit into 50,000.00");
        assert_eq!(rea.get(&at(&text)).ok()["offered"], usd("49000.00"));
    }
}
