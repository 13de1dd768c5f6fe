//! Saved searches and their digests.

use super::{copied, open, open_with};
use crate::support::web::{Client, Web};
use crate::support::{Harness, Side};
use almoner::kernel::actor::Role;
use diesel::connection::SimpleConnection as _;
use serde_json::{Value, json};
use std::sync::mpsc;
use std::time::Duration;

const SAVED: &str = "/api/v1/saved-searches";
const DAY: i64 = 86_400;

fn form(q: &str, digest: &str) -> Value {
    json!({ "name": format!("About {q}"), "asked": { "q": q }, "digest": digest })
}

fn pass(t: &Harness, seconds: i64) {
    t.clock.set(t.clock.now().plus_seconds(seconds));
}

/// Does what is due; the mails about searches that somebody has had so far.
fn digests(web: &Web, who: &Client) -> Vec<String> {
    web.work();
    let Ok(files) = std::fs::read_dir(web.env().config.mail_folder()) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|f| f.expect("a file").path()).collect();
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        let bytes = std::fs::read(path).expect("a mail");
        let mail = mail_parser::MessageParser::default().parse(&bytes).expect("a mail");
        let to = mail.to().and_then(|t| t.first()).and_then(|a| a.address());
        let subject = mail.subject().unwrap_or_default();
        if to == Some(&who.email) && subject.contains("new application") {
            texts.push(format!("{subject}\n{}", mail.body_text(0).unwrap_or_default()));
        }
    }
    texts
}

fn token(mail: &str) -> String {
    let at = mail.find("/unsubscribe#token=").expect("a link") + "/unsubscribe#token=".len();
    mail[at..].split_whitespace().next().expect("a token").to_owned()
}

both! {
    fn saved_read_changed_and_deleted(t: &Harness) {
        let web = t.serve();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        let made = rea.post(SAVED, form("lens", "daily"));
        let etag = made.header("etag").expect("a version").to_owned();
        let id = made.id();
        let path = format!("{SAVED}/{id}");
        assert_eq!(rea.get(&path).ok()["asked"], json!({ "q": "lens" }));
        assert_eq!(rea.get(SAVED).ok()["items"].as_array().map(Vec::len), Some(1));
        assert!(sam.get(SAVED).ok()["items"].as_array().expect("items").is_empty());
        sam.get(&path).refused(404, "not_found");
        sam.patch(&path, &etag, json!({})).refused(404, "not_found");
        sam.delete(&path).refused(404, "not_found");
        web.anonymous().get(SAVED).refused(401, "unauthenticated");
        let edited = rea.patch(&path, &etag, json!({ "digest": "none" })).ok();
        assert_eq!((&edited["digest"], &edited["due_at"]), (&json!("none"), &Value::Null));
        rea.patch(&path, &etag, json!({ "name": "x" })).refused(412, "edited_meanwhile");
        assert_eq!(rea.delete(&path).status, 204);
        rea.get(&path).refused(404, "not_found");
        rea.delete(&path).refused(404, "not_found");
    }

    fn what_is_wrong_is_not_saved(t: &Harness) {
        let web = t.serve();
        let rea = web.person("Rea");
        let mut wrong = form("x", "daily");
        wrong["asked"]["q"] = json!("x".repeat(201));
        wrong["asked"]["team_min"] = json!(0);
        rea.post(SAVED, wrong).wrong_fields(&["/asked/q", "/asked/team_min"]);
        let mut wrong = form("x", "daily");
        wrong["name"] = json!("");
        rea.post(SAVED, wrong).wrong_fields(&["/name"]);
        assert!(rea.post(SAVED, form("x", "hourly")).status == 422);
        let id = rea.post(SAVED, form("x", "none")).id();
        let path = format!("{SAVED}/{id}");
        rea.patch(&path, "\"v1\"", json!({ "asked": { "status": "draft" } }))
            .wrong_fields(&["/asked/status"]);
        assert_eq!(rea.get(SAVED).ok()["items"].as_array().map(Vec::len), Some(1));
    }

    fn ten_thousand_are_refused_after_fifty(t: &Harness) {
        let web = t.serve();
        let rea = web.person("Rea");
        // Two at once never make it 51; what is tried beyond is a clear refusal each time.
        let refused: usize = std::thread::scope(|scope| {
            let one = || (0..40).filter(|_| rea.post(SAVED, form("x",
                "daily")).status == 409).count();
            let threads: Vec<_> = (0..2).map(|_| scope.spawn(one)).collect();
            threads.into_iter().map(|t| t.join().expect("no panic")).sum()
        });
        assert_eq!(refused, 30);
        let problem = rea.post(SAVED, form("x", "daily")).refused(409, "limit_reached");
        assert!(problem["detail"].as_str().is_some_and(|d| d.contains("50")));
        let page = rea.get(&format!("{SAVED}?limit=200")).ok();
        let items = page["items"].as_array().expect("items");
        assert_eq!(items.len(), 50);
        let first = items[0]["id"].as_str().expect("an id");
        assert_eq!(rea.delete(&format!("{SAVED}/{first}")).status, 204);
        rea.post(SAVED, form("x", "none")).ok();
    }

    fn each_period_tells_what_is_new_once(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        open(&field, &rea, ["An old lens", "a", "b"]);
        pass(t, 1);
        sam.post(SAVED, form("lens", "daily")).ok();
        pass(t, DAY);
        assert!(digests(&web, &sam).is_empty(), "nothing is new, and nothing is sent");
        open(&field, &rea, ["A new lens", "a", "b"]);
        open(&field, &rea, ["A mirror", "a", "b"]);
        assert!(digests(&web, &sam).is_empty(), "not before its time");
        pass(t, DAY);
        let mails = digests(&web, &sam);
        assert_eq!(mails.len(), 1);
        assert!(mails[0].starts_with("One new application: About lens"), "{}", mails[0]);
        assert!(mails[0].contains("A new lens (1000.00 USD), by Rea"), "{}", mails[0]);
        for other in ["An old lens", "A mirror"] {
            assert!(!mails[0].contains(other), "{}", mails[0]);
        }
        pass(t, 2 * DAY);
        assert_eq!(digests(&web, &sam).len(), 1, "never twice");
    }

    /// Who opened one a moment ago may not have finished when others are told.
    fn what_was_opened_a_moment_ago_is_told_next_time(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        sam.post(SAVED, form("mirror", "daily")).ok();
        pass(t, DAY - 1);
        open(&field, &rea, ["A mirror", "a", "b"]);
        pass(t, 1);
        assert!(digests(&web, &sam).is_empty());
        pass(t, DAY);
        assert_eq!(digests(&web, &sam).len(), 1);
    }

    fn more_than_a_mail_is_made_of_is_told_in_turn(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        sam.post(SAVED, form("lens", "daily")).ok();
        pass(t, 1);
        let id = open(&field, &rea, ["A first lens", "a", "b"]);
        let second = if t.side == Side::Sqlite { "1000000" } else { "interval '1 second'" };
        copied(t, &web, &id, 1_000, &format!("opened_at = opened_at + {second}"));
        pass(t, 2);
        open(&field, &rea, ["A last lens", "a", "b"]);
        for (passed, told) in [(DAY, &["first"][..]), (300, &["first", "last"][..]),
            (2 * DAY, &["first", "last"][..])] {
            pass(t, passed);
            let mails = digests(&web, &sam);
            let once = |title: String| mails.iter().filter(|m| m.contains(&title)).count() == 1;
            assert_eq!(mails.len(), told.len(), "{mails:?}");
            assert!(told.iter().all(|which| once(format!("A {which} lens"))), "{mails:?}");
        }
    }

    fn a_week_is_a_week(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        sam.post(SAVED, form("lens", "weekly")).ok();
        pass(t, 1);
        open(&field, &rea, ["A new lens", "a", "b"]);
        pass(t, 6 * DAY);
        assert!(digests(&web, &sam).is_empty());
        pass(t, DAY);
        assert_eq!(digests(&web, &sam).len(), 1);
    }

    fn what_comes_back_is_told(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        let (ada, abe) = (&field.desk.admin, web.with_role("Abe", Role::Admin));
        crate::decisions::terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        sam.post(SAVED, form("lens", "daily")).ok();
        pass(t, 1);
        let id = open(&field, &rea, ["A new lens", "a", "b"]);
        let path = format!("/api/v1/applications/{id}");
        let opened = || rea.get(&path).ok()["opened_at"].clone();
        let first = opened();
        pass(t, 3_600);
        let why = json!({ "reason": "Say more." });
        ada.post(&format!("{path}/request-changes"), why).ok();
        pass(t, DAY - 3_601);
        assert!(digests(&web, &sam).is_empty(), "it is not open on that day");
        pass(t, 3_600);
        rea.command(&format!("{path}/submit")).ok();
        let second = opened();
        assert_ne!(first, second);
        pass(t, DAY);
        let mails = digests(&web, &sam);
        assert_eq!(mails.len(), 1, "it was never told");
        assert!(mails[0].contains("A new lens"), "{}", mails[0]);
        // An appeal brings it back as well.
        crate::decisions::decline(ada, &id);
        rea.post(&format!("{path}/appeal"), json!({ "text": "Look again." })).ok();
        let reopened = json!({ "outcome": "reopened", "reason": "You are right." });
        abe.post(&format!("{path}/appeal/answer"), reopened).ok();
        assert_eq!(opened(), second, "not yet");
        abe.command(&format!("{path}/open")).ok();
        pass(t, DAY);
        assert_eq!(digests(&web, &sam).len(), 2);
        pass(t, 2 * DAY);
        assert_eq!(digests(&web, &sam).len(), 2, "never twice");
    }

    fn digests_are_of_what_is_opened(t: &Harness) {
        let web = t.serve();
        let rea = web.person("Rea");
        let of = |status: &str, digest: &str| {
            json!({ "name": "Mine", "asked": { "status": status }, "digest": digest })
        };
        for digest in ["daily", "weekly"] {
            for status in ["submitted", "changes_requested", "awarded", "declined", "draft"] {
                rea.post(SAVED, of(status, digest)).wrong_fields(&["/asked/status"]);
            }
            rea.post(SAVED, of("open", digest)).ok();
        }
        let told = rea.post(SAVED, of("awarded", "daily")).json()["fields"][0].clone();
        assert!(told["message"].as_str().is_some_and(|m| m.contains("no digest")), "{told}");
        let mut wrong = of("awarded", "daily");
        wrong["asked"]["team_min"] = json!(0);
        rea.post(SAVED, wrong).wrong_fields(&["/asked/team_min", "/asked/status"]);
        let path = format!("{SAVED}/{}", rea.post(SAVED, of("awarded", "none")).id());
        let daily = json!({ "digest": "daily" });
        rea.patch(&path, "\"v1\"", daily).wrong_fields(&["/asked/status"]);
        let open = json!({ "digest": "daily", "asked": { "status": "open" } });
        rea.patch(&path, "\"v1\"", open).ok();
        let awarded = json!({ "asked": { "status": "awarded" } });
        rea.patch(&path, "\"v2\"", awarded).wrong_fields(&["/asked/status"]);
        // What was saved before that was refused stays, and can be ended.
        let before = "UPDATE saved_searches SET asked = '{\"status\":\"awarded\"}'";
        crate::payees::execute(&web, before).expect("saved long ago");
        let named = rea.patch(&path, "\"v2\"", json!({ "name": "Won" })).ok();
        assert_eq!((&named["name"], &named["digest"]), (&json!("Won"), &json!("daily")));
        rea.patch(&path, "\"v3\"", json!({ "digest": "none" })).ok();
    }

    /// On PostgreSQL a digest may go out while its search is edited; SQLite has one writer.
    fn an_edit_brings_nothing_back_that_was_told_meanwhile(t: &Harness) {
        let web = t.serve();
        let sam = web.person("Sam");
        let path = format!("{SAVED}/{}", sam.post(SAVED, form("lens", "daily")).id());
        let (held, told) = mpsc::channel();
        let db = &web.app.db;
        std::thread::scope(|scope| {
            // Any other moment will do.
            let tells = move |conn: &mut almoner::platform::db::Conn| {
                conn.batch_execute("UPDATE saved_searches SET due_at = told_until")?;
                held.send(()).expect("somebody waits");
                std::thread::sleep(Duration::from_millis(600));
                Ok(())
            };
            let telling = scope.spawn(move || db.write_now("test.tell", tells));
            told.recv().expect("it holds the search");
            sam.patch(&path, "\"v1\"", json!({ "name": "Glass" })).ok();
            telling.join().expect("no panic").expect("it commits");
        });
        let search = sam.get(&path).ok();
        assert_eq!(search["name"], "Glass");
        assert_eq!(search["due_at"], search["created_at"]);
    }

    fn they_are_told_what_they_may_see_now(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let backer = field.backer("1000.00");
        let (gone, stays) = (web.with_role("Gone", Role::Admin), field.desk.admin.clone());
        let asleep = web.with_role("Asleep", Role::Admin);
        for who in [&backer.who, &gone, &stays, &rea, &asleep] {
            who.post(SAVED, form("lens", "daily")).ok();
        }
        pass(t, 1);
        open_with(&field, &rea, json!({ "title": "A secret lens", "visibility": "private" }));
        let boss = web.with_role("Boss", Role::Admin);
        let person = |who: &Client, act: &str| format!("/api/v1/people/{}/{act}", who.id());
        boss.post(&person(&gone, "remove-role"), json!({ "role": "admin" })).ok();
        boss.post(&person(&asleep, "suspend"), json!({ "reason": "Away." })).ok();
        crate::payees::execute(&web, "UPDATE budgets SET status = 'closed'").expect("closed");
        pass(t, DAY);
        let told = |who: &Client| digests(&web, who).len();
        assert_eq!(told(&stays), 1);
        assert_eq!(told(&backer.who), 0, "the budget was closed meanwhile");
        assert_eq!(told(&rea), 0, "one's own is no news");
        assert_eq!(told(&gone), 0, "the role was taken");
        assert_eq!(told(&asleep), 0, "suspended");
    }

    fn two_processes_tell_once(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        for n in 0..10 {
            sam.post(SAVED, form(&format!("lens {n}"), "daily")).ok();
        }
        pass(t, 1);
        open(&field, &rea, ["A new lens", "0 1 2 3 4 5 6 7 8 9", "b"]);
        pass(t, DAY);
        let ctx = || almoner::platform::context::Ctx::system(web.env(), "test");
        let job = almoner::discovery::jobs::JOBS[0].name();
        assert_eq!(job, "discovery.digest");
        let desk = || almoner::platform::jobs::Desk { db: t.open_again(2), env: web.env().clone() };
        let nothing = almoner::platform::jobs::Job {
            id: ctx().id(), kind: job.into(), payload: json!({ "v": 1 }), sealed: None,
            attempts: 1, created_at: t.clock.now(),
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let outcome = almoner::discovery::jobs::digest(&desk(), &nothing);
                    assert_eq!(outcome, almoner::platform::jobs::Outcome::Done);
                });
            }
        });
        assert_eq!(digests(&web, &sam).len(), 10);
    }

    fn the_link_ends_these_mails_and_nothing_else(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        let id = sam.post(SAVED, form("lens", "daily")).id();
        let other = sam.post(SAVED, form("glass", "daily")).id();
        pass(t, 1);
        open(&field, &rea, ["A new lens", "a", "b"]);
        pass(t, DAY);
        let mails = digests(&web, &sam);
        let token = token(&mails[0]);
        let page = web.anonymous().get("/unsubscribe");
        assert_eq!(page.status, 200);
        assert!(page.text().contains("End these mails"));
        let nobody = web.anonymous();
        let path = format!("{SAVED}/unsubscribe");
        let ask = |token: &str| nobody.post(&path, json!({ "token": token }));
        let mut forged = token.clone().into_bytes();
        let last = forged.len() - 1;
        forged[last] = if forged[last] == b'0' { b'1' } else { b'0' };
        let swapped = token.replace(&id.replace('-', ""), &other.replace('-', ""));
        for bad in ["", "x", &token[1..], &String::from_utf8_lossy(&forged), &swapped] {
            ask(bad).refused(401, "token_refused");
        }
        // It lets nobody in.
        let as_login = Client::new(web.url.clone(), Some(token.clone()));
        as_login.get(SAVED).refused(401, "unauthenticated");
        assert_eq!(ask(&token).status, 204);
        assert_eq!(ask(&token).status, 204, "again, it is still ended");
        assert_eq!(sam.get(&format!("{SAVED}/{id}")).ok()["digest"], "none");
        assert_eq!(sam.get(&format!("{SAVED}/{other}")).ok()["digest"], "daily");
        open(&field, &rea, ["Another lens", "a", "b"]);
        pass(t, DAY);
        assert_eq!(digests(&web, &sam).len(), 1);
    }

    fn all_that_are_due_are_told_in_one_run(t: &Harness) {
        let web = t.serve();
        let people: Vec<Client> = (0..5).map(|n| web.person(&format!("Sam {n}"))).collect();
        for who in &people {
            for _ in 0..50 {
                who.post(SAVED, form("lens", "daily")).ok();
            }
        }
        pass(t, DAY + 3600);
        web.work();
        let now = serde_json::to_string(&t.clock.now()).expect("an instant");
        let now = now.trim_matches('"').to_owned();
        for who in &people {
            let all = who.get(&format!("{SAVED}?limit=200")).ok();
            let items = all["items"].as_array().expect("items");
            assert_eq!(items.len(), 50);
            let late = items.iter().filter(|s| s["due_at"].as_str().expect("one") <= now.as_str());
            assert_eq!(late.count(), 0, "250 are more than one look");
        }
    }
}
