//! Limits of a day hold though what they count was deleted: nobody gets round them by deleting and
//! writing anew.

use super::delete::count;
use super::routes::{attach, question, write_form};
use super::*;
use crate::disbursements::meanwhile::behind;
use crate::support::Side;
use almoner::applications::service;
use almoner::kernel::ids::ApplicationId;
use std::collections::BTreeMap;

/// Until nothing of a day counts any more, in seconds.
const A_DAY: i64 = 24 * 3600 + 1;

fn deleted(who: &Client, id: &str) {
    let reply = who.delete(&at(id));
    assert_eq!(reply.status, 204, "{}", reply.text());
}

fn withdrawn(who: &Client, id: &str) {
    who.post(&at(&format!("{id}/withdraw")), json!({})).ok();
}

/// Refused for a limit, in these words.
#[track_caller]
fn full(reply: &Reply, words: &str) {
    let told = reply.refused(409, "limit_reached");
    assert!(told["detail"].to_string().contains(words), "{told}");
}

/// How many of one kind are counted though they are gone.
fn kept(web: &Web, kind: &str) -> i64 {
    count(web, &format!("SELECT count(*) AS rows FROM still_counted WHERE kind = '{kind}'"))
}

both! {
    fn invitations_count_for_their_day_though_their_drafts_are_gone(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let invite = |id: &str, n: usize| {
            let form = json!({ "email": format!("m{n}@work.example"), "name": "M" });
            rea.post(&at(&format!("{id}/members")), form)
        };
        for many in [19, 19, 12] {
            let id = draft(&rea, &call, json!({}));
            for n in 0..many {
                invite(&id, n).ok();
            }
            deleted(&rea, &id);
        }
        assert_eq!(kept(&web, "invitation"), 50);
        let id = draft(&rea, &call, json!({}));
        full(&invite(&id, 50), "at most 50 invitations a day");
        t.clock.advance_seconds(A_DAY);
        invite(&id, 50).ok();
        // What nothing counts any more is forgotten.
        web.work();
        assert_eq!(kept(&web, "invitation"), 0);
    }

    fn a_file_counts_for_its_day_though_it_was_removed_and_its_draft_is_gone(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let id = draft(&rea, &rolling(&admin), json!({}));
        let file = attach(&rea, &id);
        rea.delete(&at(&format!("{id}/attachments/{file}"))).ok();
        deleted(&rea, &id);
        assert_eq!(kept(&web, "file"), 1);
    }

    fn copies_count_for_their_day_though_their_drafts_are_gone(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let keys: Vec<String> = (0..20).map(|n| format!("cv{n}")).collect();
        let ask = |key: &String| question(key, "file", json!({ "reuse_key": key }));
        let questions: Vec<Value> = keys.iter().map(ask).collect();
        write_form(&admin, &call, &json!({ "questions": questions }));
        let first = draft(&rea, &call, json!({}));
        let file = attach(&rea, &first);
        let answers: BTreeMap<&String, &String> = keys.iter().map(|key| (key, &file)).collect();
        edit(&rea, &first, json!({ "answers": answers })).ok();
        rea.command(&at(&format!("{first}/submit"))).ok();
        // Each that is begun has a copy of its own for each answer that is known.
        let begun = || {
            let id = draft(&rea, &call, json!({}));
            let files = rea.get(&at(&format!("{id}/attachments?limit=50"))).ok();
            (files["items"].as_array().map(Vec::len), id)
        };
        for _ in 0..5 {
            let (copies, id) = begun();
            assert_eq!(copies, Some(20));
            deleted(&rea, &id);
        }
        assert_eq!((kept(&web, "copy"), kept(&web, "file")), (100, 0));
        assert_eq!(begun().0, Some(0), "no more in a day");
        t.clock.advance_seconds(A_DAY);
        assert_eq!(begun().0, Some(20));
    }

    fn what_one_had_that_was_handed_in_counts_for_its_day_though_it_is_emptied(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let id = draft(&rea, &rolling(&admin), json!({}));
        let invite = |email: &str| {
            let form = json!({ "email": email, "name": "M" });
            rea.post(&at(&format!("{id}/members")), form).id()
        };
        let seat = invite(&mo.email);
        mo.command(&at(&format!("{id}/members/{seat}/accept"))).ok();
        attach(&rea, &id);
        rea.command(&at(&format!("{id}/submit"))).ok();
        // Nobody with an account: once it is emptied, nothing is left of that place.
        invite("m@work.example");
        withdrawn(&rea, &id);
        deleted(&rea, &id);
        assert_eq!((kept(&web, "invitation"), kept(&web, "file")), (1, 1));
        let places = count(&web, "SELECT count(*) AS rows FROM application_members");
        assert_eq!(places, 2, "of who applied and who said yes");
    }

    fn nominations_count_for_their_day_though_what_came_of_them_is_gone(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (reg, mo) = (web.with_role("Reg", Role::Regrantor), web.person("Mo"));
        let nominate = |email: &str| {
            let form = json!({
                "call_id": field.call, "email": email, "name": "Mo Deng", "title": "Lenses",
                "summary": "Cheap optics.", "why": "Their prototype works.",
            });
            reg.post("/api/v1/nominations", form)
        };
        let taken = nominate(&mo.email).id();
        for n in 1..10 {
            nominate(&format!("p{n}@work.example")).ok();
        }
        let id = mo.command(&format!("/api/v1/nominations/{taken}/accept")).id();
        deleted(&mo, &id);
        full(&nominate("more@work.example"), "at most 10 people a day");
        t.clock.advance_seconds(A_DAY);
        nominate("more@work.example").ok();
    }

    fn merges_count_for_their_day_though_one_of_the_two_is_gone(t: &Harness) {
        let web = t.serve();
        let (admin, rea, mo) = (admin(&web), web.person("Rea"), web.person("Mo"));
        let call = rolling(&admin);
        let into = draft(&rea, &call, json!({}));
        let seat = json!({ "email": mo.email, "name": "Mo" });
        rea.post(&at(&format!("{into}/members")), seat).ok();
        let propose = |other: &str| {
            mo.post(&at(&format!("{into}/merge")), json!({ "other": other }))
        };
        let others: Vec<String> = (0..11).map(|_| draft(&mo, &call, json!({}))).collect();
        for other in &others[..10] {
            propose(other).ok();
        }
        deleted(&mo, &others[0]);
        full(&propose(&others[10]), "at most 10 merges a day");
        t.clock.advance_seconds(A_DAY);
        propose(&others[10]).ok();
    }

    fn who_was_asked_to_vouch_counts_for_the_day_though_the_application_is_gone(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let ask = |id: &str, n: usize| {
            let form = json!({ "email": format!("v{n}@work.example"), "name": "V",
                "message": "" });
            rea.post(&at(&format!("{id}/vouch-requests")), form)
        };
        let id = field.applies(&rea, "1.00", "9.00");
        for n in 0..20 {
            ask(&id, n).ok();
        }
        withdrawn(&rea, &id);
        deleted(&rea, &id);
        let next = field.applies(&rea, "1.00", "9.00");
        full(&ask(&next, 20), "You asked 20 people today");
        t.clock.advance_seconds(A_DAY);
        ask(&next, 20).ok();
    }

    fn who_was_mentioned_counts_for_the_day_though_the_application_is_gone(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let many: Vec<Value> =
            (0..20).map(|n| json!(web.person(&format!("Sam {n}")).id())).collect();
        let mention = |id: &str, whom: &[Value]| {
            let form = json!({ "body": "Look.", "visibility": "public", "mention_ids": whom });
            rea.post(&at(&format!("{id}/comments")), form)
        };
        let id = field.applies(&rea, "1.00", "9.00");
        for whom in [&many[..], &many[..], &many[..10]] {
            mention(&id, whom).ok();
        }
        withdrawn(&rea, &id);
        deleted(&rea, &id);
        // What was said is emptied, and stands: nothing of it counts twice.
        assert_eq!((kept(&web, "mention"), kept(&web, "comment")), (50, 0));
        let next = field.applies(&rea, "1.00", "9.00");
        full(&mention(&next, &many[..1]), "mention 50 people in a day, and did 50");
        t.clock.advance_seconds(A_DAY);
        mention(&next, &many[..1]).ok();
    }

    fn what_was_said_counts_for_its_hour_though_the_draft_is_gone(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = rolling(&admin);
        let over = || {
            let id = draft(&rea, &call, json!({}));
            withdrawn(&rea, &id);
            id
        };
        let say = |id: &str| {
            let form = json!({ "body": "Not now.", "visibility": "public" });
            rea.post(&at(&format!("{id}/comments")), form)
        };
        let id = over();
        for _ in 0..30 {
            say(&id).ok();
        }
        deleted(&rea, &id);
        let next = over();
        full(&say(&next), "You said 30 things in an hour");
        t.clock.advance_seconds(3601);
        say(&next).ok();
    }

    fn nothing_is_said_between_the_look_at_what_was_and_its_deletion(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let id = draft(&rea, &rolling(&admin), json!({}));
        withdrawn(&rea, &id);
        let held: ApplicationId = id.parse().expect("an id");
        let said = behind(
            &web,
            |conn| service::lock(conn, held),
            || {
                let form = json!({ "body": "Not now.", "visibility": "public" });
                rea.post(&at(&format!("{id}/comments")), form)
            },
            || rea.get("/api/v1/me"),
        );
        said.ok();
    }
}
