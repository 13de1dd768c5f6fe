//! Comments: who reads what, who is told, and what is left of what was said.

mod heard;

use crate::support::Harness;
use crate::support::field::Field;
use crate::support::web::{Client, Reply, Web};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

const BOTH: &str = "applicant_and_funders";

fn at(id: &str) -> String {
    format!("/api/v1/applications/{id}/comments")
}

fn say(who: &Client, id: &str, visibility: &str, body: &str) -> Reply {
    who.post(&at(id), json!({ "visibility": visibility, "body": body }))
}

fn mention(who: &Client, id: &str, visibility: &str, body: &str, whom: &[&Client]) -> Reply {
    let ids: Vec<String> = whom.iter().map(|person| person.id().to_string()).collect();
    who.post(&at(id), json!({ "visibility": visibility, "body": body, "mention_ids": ids }))
}

/// The texts that somebody reads, the newest first.
fn bodies(who: &Client, id: &str) -> Vec<String> {
    let page = who.get(&at(id)).ok();
    let items = page["items"].as_array().expect("items").clone();
    items.iter().map(|c| c["body"].as_str().unwrap_or("–").to_owned()).collect()
}

/// The texts of all mails about comments to somebody.
fn mails(web: &Web, who: &Client) -> Vec<String> {
    web.work();
    let folder = web.env().config.mail_folder();
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let read = paths.into_iter().filter_map(|path| {
        let bytes = std::fs::read(path).expect("a mail");
        let mail = mail_parser::MessageParser::default().parse(&bytes).expect("a mail");
        let to = mail.to().and_then(|t| t.first()).and_then(|a| a.address()) == Some(&who.email);
        let fits = to && mail.subject().is_some_and(|s| s.starts_with("New comments"));
        fits.then(|| mail.body_text(0).expect("a text").into_owned())
    });
    read.collect()
}

/// A public application that is open, of somebody.
fn open(field: &Field<'_>, who: &Client) -> String {
    field.applies(who, "1.00", "100.00")
}

/// Two that may become one: the first one's, which goes on and asks the other onto it, and theirs.
fn to_be_one(field: &Field<'_>, (first, other): (&Client, &Client)) -> [String; 2] {
    let both = [first, other].map(|who| open(field, who));
    let at = |act: &str| format!("/api/v1/applications/{}/{act}", both[0]);
    let why = json!({ "reason": "Make one of two." });
    field.desk.admin.post(&at("request-changes"), why).ok();
    first.post(&at("members"), json!({ "email": other.email, "name": "Mo" })).ok();
    both
}

/// The other asks to merge theirs into the first one's, who accepts.
fn make_one([into, from]: &[String; 2], (first, other): (&Client, &Client)) {
    let ask = format!("/api/v1/applications/{into}/merge");
    let merge = other.post(&ask, json!({ "other": from })).id();
    first.command(&format!("/api/v1/merges/{merge}/accept")).ok();
}

both! {
    fn each_reads_what_is_for_them(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), field.desk.admin.clone());
        let backer = field.backer("50.00");
        let id = open(&field, &rea);
        say(&admin, &id, "internal", "inside").ok();
        say(&admin, &id, BOTH, "between us").ok();
        say(&rea, &id, "public", "for all").ok();
        let everything = ["for all", "between us", "inside"];
        for who in [&admin, &field.desk.finance, &backer.who, &web.with_role("Au", Role::Auditor)] {
            assert_eq!(bodies(who, &id), everything);
        }
        assert_eq!(bodies(&rea, &id), ["for all", "between us"]);
        let outside = [
            web.anonymous(), web.person("Stan"), web.with_role("Remy", Role::Reviewer),
            web.with_role("Flo", Role::Funder),
            // A regrantor without a budget funds nothing.
            web.with_role("Rex", Role::Regrantor),
        ];
        for who in &outside {
            assert_eq!(bodies(who, &id), ["for all"]);
        }
        // Pages skip nothing and count nothing that is hidden.
        let page = rea.get(&format!("{}?limit=2", at(&id))).ok();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
        assert_eq!(page["next"], Value::Null);
        // Nobody says what they would not read.
        say(&rea, &id, "internal", "x").refused(403, "forbidden");
        say(&outside[1], &id, BOTH, "x").refused(403, "forbidden");
        say(&outside[1], &id, "public", "well done").ok();
        say(&outside[0], &id, "public", "x").refused(401, "unauthenticated");
    }

    fn roles_do_not_open_what_is_said_about_oneself(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = field.desk.admin.clone();
        let chief = web.with_roles("Chi", &[Role::Admin, Role::Regrantor]);
        let id = open(&field, &chief);
        say(&admin, &id, "internal", "about the chief").ok();
        say(&admin, &id, BOTH, "to the chief").ok();
        assert_eq!(bodies(&chief, &id), ["to the chief"]);
        say(&chief, &id, "internal", "x").refused(403, "forbidden");
        mention(&admin, &id, "internal", "x", &[&chief]).wrong_fields(&["/mention_ids/0"]);
        // Whoever keeps out for a conflict does not read along.
        let other = web.with_role("Abe", Role::Admin);
        assert_eq!(bodies(&other, &id), ["to the chief", "about the chief"]);
        let why = json!({ "reason": "We are married." });
        other.post(&format!("/api/v1/applications/{id}/conflicts"), why).ok();
        assert_eq!(bodies(&other, &id), ["to the chief"]);
    }

    fn a_private_application_keeps_its_comments(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), field.desk.admin.clone());
        let id = field.applies_with(&rea, json!({
            "visibility": "private",
            "amount_minimum": { "amount": "1.00", "currency": "USD" },
            "amount_requested": { "amount": "2.00", "currency": "USD" },
            "budget_lines": [{ "label": "All", "amount": { "amount": "2.00", "currency": "USD" } }],
        }));
        let made = say(&admin, &id, "internal", "inside");
        let place = format!("{}/{}", at(&id), made.id());
        for who in [web.anonymous(), web.person("Stan")] {
            who.get(&at(&id)).refused(404, "not_found");
        }
        // One that is hidden answers like one that is not there.
        let body = json!({ "body": "mine now" });
        let absent = format!("{}/01a19b7c-a680-7035-80a7-6d853561f4e6", at(&id));
        let (hidden, missing) =
            (rea.patch(&place, "\"v1\"", body.clone()), rea.patch(&absent, "\"v1\"", body));
        let told = |reply: &Reply| {
            let mut problem = reply.refused(404, "not_found");
            problem["request_id"] = Value::Null;
            problem
        };
        assert_eq!(told(&hidden), told(&missing));
        rea.delete(&place).refused(404, "not_found");
        // A draft has nobody to talk to.
        let draft = json!({ "call_id": field.call, "title": "Later" });
        let draft = rea.post("/api/v1/applications", draft).id();
        say(&rea, &draft, "public", "x").refused(409, "wrong_state");
    }

    fn a_text_is_changed_for_a_while_and_removed_with_a_trace(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin, bob) = (web.person("Rea"), field.desk.admin.clone(), web.person("Bob"));
        let id = open(&field, &rea);
        let made = say(&bob, &id, "public", "<script>alert(1)</script>");
        let (place, etag) = (format!("{}/{}", at(&id), made.id()), made.etag().to_owned());
        assert_eq!(made.ok()["body"], "<script>alert(1)</script>", "text, as it was sent");
        let form = |body: &str| json!({ "body": body });
        rea.patch(&place, &etag, form("mine")).refused(404, "not_found");
        t.clock.advance_seconds(15 * 60);
        let changed = bob.patch(&place, &etag, form("better"));
        assert_eq!(changed.ok()["body"], "better");
        assert!(changed.ok()["edited_at"].is_string());
        bob.patch(&place, &etag, form("late")).refused(412, "edited_meanwhile");
        t.clock.advance_seconds(1);
        let etag = changed.etag().to_owned();
        bob.patch(&place, &etag, form("too late")).refused(409, "wrong_state");
        rea.delete(&place).refused(404, "not_found");
        admin.delete(&place).ok();
        bob.delete(&place).refused(409, "wrong_state");
        let left = web.anonymous().get(&at(&id)).ok()["items"][0].clone();
        assert_eq!((&left["body"], &left["author"]["name"]), (&Value::Null, &json!("Bob")));
        assert!(left["removed_at"].is_string());
        let log = admin.get(&format!("/api/v1/audit?object_kind=application&object_id={id}")).ok();
        let entry = &log["items"][0];
        assert_eq!(entry["action"], "remove_comment");
        assert!(entry.to_string().contains("Ada Admin"), "{entry}");
        assert!(!log.to_string().contains("better"), "{log}");
    }

    fn readers_are_told_once_an_hour_and_only_what_they_may_read(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), field.desk.admin.clone());
        let backer = field.backer("50.00");
        let id = open(&field, &rea);
        say(&admin, &id, BOTH, "Who else is on it?").ok();
        say(&admin, &id, "internal", "Weak references.").ok();
        mention(&admin, &id, "internal", "Your view?", &[&backer.who]).ok();
        let second = say(&admin, &id, "public", "A typo.");
        admin.delete(&format!("{}/{}", at(&id), second.id())).ok();
        assert_eq!(mails(&web, &rea), Vec::<String>::new(), "not while it can be changed");
        t.clock.advance_seconds(75 * 60);
        let told = mails(&web, &rea);
        assert_eq!(told.len(), 1, "one mail");
        assert!(told[0].contains("Who else is on it?"), "{}", told[0]);
        assert!(!told[0].contains("Weak") && !told[0].contains("view"), "{}", told[0]);
        assert!(!told[0].contains("A typo"), "{}", told[0]);
        let shown = told[0].replace(&web.url, "URL").replace(&id, "ID");
        insta::assert_snapshot!("new_comments", shown);
        let told = mails(&web, &backer.who);
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("mentions you") && told[0].contains("Weak references."));
        assert_eq!(mails(&web, &admin), Vec::<String>::new(), "nobody of their own words");
        // The team answers: those who decide are told.
        say(&rea, &id, BOTH, "My twin.").ok();
        t.clock.advance_seconds(75 * 60);
        assert_eq!(mails(&web, &admin).len(), 1);
        assert_eq!(mails(&web, &rea).len(), 1);
        // Who may read it no longer is not told any more.
        mention(&admin, &id, "internal", "And now?", &[&backer.who]).ok();
        let why = json!({ "reason": "A friend." });
        backer.who.post(&format!("/api/v1/applications/{id}/conflicts"), why).ok();
        t.clock.advance_seconds(75 * 60);
        assert_eq!(mails(&web, &backer.who).len(), 1);
    }

    fn who_spoke_before_hears_the_answer(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), field.desk.admin.clone());
        let (backer, dora) = (field.backer("50.00"), web.person("Dora"));
        crate::delegations::lets(&rea, &dora, &["draft"]);
        let id = open(&field, &rea);
        say(&backer.who, &id, BOTH, "What of the kiln?").ok();
        t.clock.advance_seconds(75 * 60);
        assert_eq!((mails(&web, &rea).len(), mails(&web, &backer.who).len()), (1, 0));
        assert_eq!(mails(&web, &dora).len(), 1, "who drafts for the applicant");
        say(&dora, &id, BOTH, "It is cold.").ok();
        t.clock.advance_seconds(75 * 60);
        let told = mails(&web, &backer.who);
        assert_eq!(told.len(), 1, "the answer");
        assert!(told[0].contains("It is cold."), "{}", told[0]);
        assert_eq!((mails(&web, &admin).len(), mails(&web, &rea).len()), (1, 2));
        // Who may read it no longer hears nothing, nor who spoke long ago.
        let why = json!({ "reason": "A friend." });
        backer.who.post(&format!("/api/v1/applications/{id}/conflicts"), why).ok();
        t.clock.advance_seconds(91 * 86_400);
        say(&rea, &id, "public", "It is hot.").ok();
        t.clock.advance_seconds(75 * 60);
        assert_eq!((mails(&web, &backer.who).len(), mails(&web, &dora).len()), (1, 1));
    }

    fn what_was_said_just_before_a_merge_is_told(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo, admin) = (web.person("Rea"), web.person("Mo"), field.desk.admin.clone());
        let abe = web.with_role("Abe", Role::Admin);
        let both = to_be_one(&field, (&rea, &mo));
        let [into, other] = &both;
        mention(&admin, other, BOTH, "What of the kiln?", &[&abe]).ok();
        t.clock.advance_seconds(76 * 60);
        assert_eq!((mails(&web, &abe).len(), mails(&web, &mo).len()), (1, 1));
        mention(&admin, other, BOTH, "Is it hot?", &[&abe]).ok();
        t.clock.advance_seconds(10 * 60);
        make_one(&both, (&rea, &mo));
        assert_eq!((mails(&web, &abe).len(), mails(&web, &mo).len()), (1, 1), "not yet");
        assert_eq!(bodies(&mo, into), ["Is it hot?", "What of the kiln?"]);
        t.clock.advance_seconds(49 * 60);
        for (who, so_far) in [(&abe, 2), (&mo, 2), (&rea, 1), (&admin, 0)] {
            let told = mails(&web, who);
            assert_eq!(told.len(), so_far, "{told:?}");
            let last = told.last().map(String::as_str).unwrap_or_default();
            assert_eq!(last.contains("Is it hot?"), so_far > 0, "{last}");
            assert!(!last.contains("kiln"), "told before: {last}");
        }
        t.clock.advance_seconds(3 * 3_600);
        assert_eq!((mails(&web, &abe).len(), mails(&web, &mo).len()), (2, 2), "never twice");
    }

    fn what_was_said_before_a_merge_is_told_however_late_its_work_is_done(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let abe = web.with_role("Abe", Role::Admin);
        let both = to_be_one(&field, (&rea, &mo));
        web.work();
        mention(&field.desk.admin, &both[1], BOTH, "Is it hot?", &[&abe]).ok();
        t.clock.advance_seconds(10 * 60);
        make_one(&both, (&rea, &mo));
        t.clock.advance_seconds(5 * 3_600);
        for who in [&abe, &mo, &rea] {
            let told = mails(&web, who);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].contains("Is it hot?"), "{told:?}");
        }
    }

    fn strangers_leave_room_for_the_others(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, stan) = (web.person("Rea"), web.person("Stan"));
        let backer = field.backer("50.00");
        let id = open(&field, &rea);
        say(&stan, &id, "public", "First.").ok();
        let (new, line) = match t.side {
            crate::support::Side::Sqlite => ("randomblob(16)", "WITH RECURSIVE n(i) AS (SELECT 1 \
                UNION ALL SELECT i + 1 FROM n WHERE i < 1999)"),
            crate::support::Side::Postgres => ("gen_random_uuid()", "WITH n AS (SELECT * FROM \
                generate_series(1, 1999))"),
        };
        crate::payees::execute(&web, &format!("INSERT INTO comments (id, application_id, \
            author_id, visibility, body, created_at, version) {line} SELECT {new}, \
            application_id, author_id, visibility, body, created_at, 1 FROM comments, n"))
            .expect("filled");
        t.clock.advance_seconds(3_700);
        let refused = say(&stan, &id, "public", "Last.").refused(409, "limit_reached");
        assert!(refused["detail"].to_string().contains("team and funders go on"), "{refused}");
        for who in [&rea, &field.desk.admin, &backer.who] {
            say(who, &id, BOTH, "We go on.").ok();
        }
    }

    fn only_those_are_mentioned_who_may_read(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin, stan) = (web.person("Rea"), field.desk.admin.clone(), web.person("Stan"));
        let id = open(&field, &rea);
        let refused = mention(&admin, &id, BOTH, "x", &[&rea, &stan]);
        let told = refused.wrong_fields(&["/mention_ids/1"]);
        let ghost = json!({ "visibility": BOTH, "body": "x",
            "mention_ids": [rea.id(), "01a19b7c-a680-7035-80a7-6d853561f4e6"] });
        let ghost = admin.post(&at(&id), ghost).wrong_fields(&["/mention_ids/1"]);
        assert_eq!(told["fields"], ghost["fields"], "hidden and missing sound alike");
        let made = mention(&admin, &id, "public", "@Stan and @Stan", &[&stan, &stan]).ok();
        assert_eq!(made["mentions"].as_array().map(Vec::len), Some(1));
        assert_eq!(made["mentions"][0]["name"], "Stan");
        let many: Vec<&Client> = std::iter::repeat_n(&rea, 21).collect();
        mention(&admin, &id, "public", "x", &many).wrong_fields(&["/mention_ids"]);
        say(&admin, &id, "public", "").wrong_fields(&["/body"]);
        say(&admin, &id, "public", &"x".repeat(5_001)).wrong_fields(&["/body"]);
    }

    fn a_storm_ends(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, stan) = (web.person("Rea"), web.person("Stan"));
        let id = open(&field, &rea);
        for n in 0..30 {
            say(&stan, &id, "public", &format!("{n}")).ok();
        }
        say(&stan, &id, "public", "more").refused(409, "limit_reached");
        say(&rea, &id, "public", "me too").ok();
        t.clock.advance_seconds(75 * 60);
        let told = mails(&web, &rea);
        assert_eq!(told.len(), 1, "one mail for all of it");
        assert!(told[0].contains("There is more"), "{}", told[0]);
        say(&stan, &id, "public", "again").ok();
    }

    fn who_only_passes_by_mentions_only_who_is_there(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin, stan) = (web.person("Rea"), field.desk.admin.clone(), web.person("Stan"));
        let (una, backer) = (web.person("Una"), field.backer("50.00"));
        let id = open(&field, &rea);
        let refused = mention(&stan, &id, "public", "buy", &[&una, &rea, &admin]);
        refused.wrong_fields(&["/mention_ids/0", "/mention_ids/2"]);
        say(&una, &id, "public", "Well done.").ok();
        mention(&stan, &id, "public", "Indeed.", &[&una, &rea]).ok();
        // Who has to do with it asks whom they like, but not everybody.
        let crowd: Vec<Client> = (0..17).map(|n| web.person(&format!("Person {n}"))).collect();
        let crowd: Vec<&Client> = crowd.iter().collect();
        for who in [&backer.who, &rea] {
            for _ in 0..2 {
                mention(who, &id, "public", "Your view?", &crowd).ok();
            }
            mention(who, &id, "public", "And yours?", &crowd).refused(409, "limit_reached");
            mention(who, &id, "public", "Yours, then.", &crowd[..16]).ok();
        }
        t.clock.advance_seconds(86_401);
        mention(&rea, &id, "public", "Your view?", &crowd).ok();
    }
}
