//! Whoever is suspended, or is no reviewer any more, is not waited for.

use super::*;
use crate::decisions::{day, mails, times};
use crate::support::{Side, waits};
use almoner::applications;

fn suspend(admin: &Client, who: &Client) {
    let path = format!("/api/v1/people/{}/suspend", who.id());
    admin.post(&path, json!({ "reason": "Gone." })).ok();
}

fn no_reviewer(admin: &Client, who: &Client) {
    let path = format!("/api/v1/people/{}/remove-role", who.id());
    admin.post(&path, json!({ "role": "reviewer" })).ok();
}

/// Asks for a review by 2026-11-20; its id.
fn due(admin: &Client, application: &str, who: &Client) -> String {
    let form = json!({ "person_id": who.id(), "due_on": "2026-11-20" });
    admin.post(&format!("/api/v1/applications/{application}/reviewers"), form).id()
}

const GONE: &str = "A reviewer can no longer review: A better lens";

/// Gives each application of the call as many reviewers; the answer.
fn spread(admin: &Client, call: &str, each: u32) -> Value {
    let path = format!("/api/v1/calls/{call}/assign-reviewers");
    admin.post(&path, json!({ "per_application": each })).ok()
}

both! {
    fn who_asked_hears_that_a_reviewer_cannot_review_any_more(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.person("Rea");
        let [una, duo, tre] = ["Una", "Duo", "Tre"].map(|name| reviewer(&web, name));
        let id = submitted(&field, &rea);
        let [first, ..] = [&una, &duo, &tre].map(|who| due(admin, &id, who));
        assert_eq!(times(&field, admin, GONE), 0);
        suspend(admin, &duo);
        let told = mails(&web, admin, GONE);
        assert_eq!(told.len(), 1);
        for word in ["Duo was asked", "by 2026-11-20", "0 are in and 2 are waited for"] {
            assert!(told[0].contains(word), "{}", told[0]);
        }
        // After a reminder, too.
        day(t, "2026-11-17");
        assert_eq!(times(&field, &tre, "Your review is asked for by 2026-11-20"), 1);
        no_reviewer(admin, &tre);
        assert_eq!(times(&field, admin, GONE), 2);
        for on in ["2026-11-21", "2026-11-25"] {
            day(t, on);
            assert_eq!(times(&field, admin, GONE), 2, "once for each");
        }
        assert_eq!(times(&field, &duo, "Your review"), 0);
        assert_eq!(times(&field, &tre, "Your review is late"), 0);
        assert_eq!(times(&field, admin, "A review is late"), 1, "that of Una alone");
        hand_in(&una, &first, [4, 4, 4, 4], "fund").ok();
        assert_eq!(times(&field, admin, "All reviews are in"), 1, "nobody is waited for");
    }

    fn who_asked_hears_of_it_after_the_last_reminder_too(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.person("Rea");
        let [una, duo] = ["Una", "Duo"].map(|name| reviewer(&web, name));
        let id = submitted(&field, &rea);
        let [first, _] = [&una, &duo].map(|who| due(admin, &id, who));
        hand_in(&una, &first, [4, 4, 4, 4], "fund").ok();
        day(t, "2026-11-21");
        let counts = || {
            let subjects = ["A review is late", GONE, "All reviews are in"];
            subjects.map(|subject| times(&field, admin, subject))
        };
        assert_eq!(counts(), [1, 0, 0]);
        suspend(admin, &duo);
        assert_eq!(counts(), [1, 1, 1], "nobody else is waited for");
        let told = mails(&web, admin, GONE);
        assert!(told[0].contains("1 are in and 0 are waited for"), "{}", told[0]);
        // The other way to be gone is no news.
        no_reviewer(admin, &duo);
        assert_eq!(counts(), [1, 1, 1]);
        // Nor is who can still review, whatever else changes.
        let tre = reviewer(&web, "Tre");
        ask(admin, &id, &tre).ok();
        let path = format!("/api/v1/people/{}/grant-role", tre.id());
        admin.post(&path, json!({ "role": "regrantor" })).ok();
        assert_eq!(counts(), [1, 1, 1]);
    }

    fn who_cannot_review_any_more_is_replaced(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.person("Rea");
        let [una, duo, tre] = ["Una", "Duo", "Tre"].map(|name| reviewer(&web, name));
        let id = submitted(&field, &rea);
        let [first, ..] = [&una, &duo, &tre].map(|who| ask(admin, &id, who).id());
        let [qua, qui] = ["Qua", "Qui"].map(|name| reviewer(&web, name));
        assert_eq!(spread(admin, &field.call, 3)["assigned"], json!([]), "three are asked");
        hand_in(&una, &first, [4, 4, 4, 4], "fund").ok();
        suspend(admin, &una);
        assert_eq!(spread(admin, &field.call, 3)["assigned"], json!([]), "what is in counts");
        suspend(admin, &duo);
        no_reviewer(admin, &tre);
        let done = spread(admin, &field.call, 3);
        let pairs = done["assigned"].as_array().expect("pairs");
        let asked: Vec<&Value> = pairs.iter().map(|pair| &pair["reviewer_id"]).collect();
        assert_eq!(asked.len(), 2, "{done}");
        assert!(asked.contains(&&json!(qua.id())) && asked.contains(&&json!(qui.id())), "{done}");
        assert_eq!(done["short"], json!([]));
        assert_eq!(spread(admin, &field.call, 3)["assigned"], json!([]), "it has enough again");
    }

    fn who_comes_back_is_waited_for_again(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let una = reviewer(&web, "Una");
        let id = submitted(&field, &web.person("Rea"));
        due(admin, &id, &una);
        suspend(admin, &una);
        assert_eq!(times(&field, admin, GONE), 1);
        // The day of the reminder goes by meanwhile.
        day(t, "2026-11-17");
        let reminder = "Your review is asked for by 2026-11-20";
        assert_eq!(times(&field, &una, reminder), 0);
        admin.command(&format!("/api/v1/people/{}/reactivate", una.id())).ok();
        web.work();
        day(t, "2026-11-18");
        assert_eq!(times(&field, &una, reminder), 1);
        suspend(admin, &una);
        assert_eq!(times(&field, admin, GONE), 2, "it is news again");
    }

    fn somebody_hears_where_who_asked_is_gone_too(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let boss = web.with_role("Boss", Role::Admin);
        let torn = web.with_role("Torn", Role::Admin);
        let [una, duo] = ["Una", "Duo"].map(|name| reviewer(&web, name));
        let id = submitted(&field, &web.person("Rea"));
        let [first, second] = [&una, &duo].map(|who| ask(&boss, &id, who).id());
        let path = format!("/api/v1/applications/{id}/conflicts");
        torn.post(&path, json!({ "reason": "A friend." })).ok();
        let path = format!("/api/v1/people/{}/remove-role", boss.id());
        admin.post(&path, json!({ "role": "admin" })).ok();
        una.post(&at(&first, "/decline"), json!({ "reason": "I am at sea." })).ok();
        hand_in(&duo, &second, [4, 4, 4, 4], "fund").ok();
        let told = |who: &Client| {
            let subjects = ["A reviewer has declined", "All reviews are in"];
            subjects.map(|subject| times(&field, who, subject))
        };
        assert_eq!(told(admin), [1, 1]);
        assert_eq!((told(&boss), told(&torn)), ([0, 0], [0, 0]));
    }

    fn mails_name_what_was_handed_in(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.person("Rea");
        let [una, duo] = ["Una", "Duo"].map(|name| reviewer(&web, name));
        let id = submitted(&field, &rea);
        let first = due(admin, &id, &una);
        let path = format!("/api/v1/applications/{id}");
        admin.post(&format!("{path}/request-changes"), json!({ "reason": "Say more." })).ok();
        let etag = rea.get(&path).etag().to_owned();
        rea.patch(&path, &etag, json!({ "title": "Canary lens" })).ok();
        due(admin, &id, &duo);
        day(t, "2026-11-21");
        assert_eq!(times(&field, &una, "Your review is late: A better lens"), 1);
        suspend(admin, &duo);
        hand_in(&una, &first, [4, 4, 4, 4], "fund").ok();
        una.post(&at(&first, "/conflict"), json!({ "reason": "A friend." })).ok();
        assert_eq!(times(&field, &duo, "Please review: A better lens"), 1);
        for subject in ["A review is late", "A reviewer can no longer review",
            "All reviews are in", "A reviewer has a conflict of interest"] {
            assert!(times(&field, admin, &format!("{subject}: A better lens")) > 0, "{subject}");
        }
        for who in [&una, &duo, admin] {
            let subjects = field.subjects(who);
            assert!(!subjects.iter().any(|subject| subject.contains("Canary")), "{subjects:?}");
        }
    }

    fn whose_own_review_is_open_is_told_no_number(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let boss = web.with_roles("Boss", &[Role::Admin, Role::Reviewer]);
        let [una, duo, tre, qua] = ["Una", "Duo", "Tre", "Qua"].map(|name| reviewer(&web, name));
        let id = submitted(&field, &web.person("Rea"));
        let [own, first, second, _, fourth] =
            [&boss, &una, &duo, &tre, &qua].map(|who| ask(&boss, &id, who).id());
        hand_in(&una, &first, [4, 4, 4, 4], "fund").ok();
        let declines = |who: &Client, review: &str| {
            who.post(&at(review, "/decline"), json!({ "reason": "I am at sea." })).ok();
        };
        let told = |subject: &str| -> Vec<String> {
            mails(&web, &boss, subject).iter().map(|text| text.replace('\n', " ")).collect()
        };
        declines(&duo, &second);
        suspend(admin, &tre);
        let (gone, cannot) = (told("A reviewer has declined"), told(GONE));
        assert_eq!((gone.len(), cannot.len()), (1, 1));
        for text in gone.iter().chain(&cannot) {
            assert!(text.contains("ask somebody") && !text.contains("are in"), "{text}");
        }
        hand_in(&boss, &own, [3, 3, 3, 3], "unsure").ok();
        declines(&qua, &fourth);
        let gone = told("A reviewer has declined");
        assert!(gone.iter().any(|t| t.contains("2 are in and 0 are waited for")), "{gone:?}");
        // Nor where they can no longer write it.
        let other = submitted(&field, &web.person("Rob"));
        let [_, review] = [&boss, &una].map(|who| ask(&boss, &other, who).id());
        hand_in(&una, &review, [4, 4, 4, 4], "fund").ok();
        no_reviewer(admin, &boss);
        let all = told("All reviews are in");
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all.iter().any(|text| text.contains("None is waited for any more")), "{all:?}");
        assert!(!all.iter().any(|text| text.contains("1 review is")), "{all:?}");
    }

    fn who_is_no_reviewer_at_that_moment_is_not_asked(t: &Harness) {
        if t.side == Side::Sqlite {
            return; // Its writers come one after the other.
        }
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (abe, una) = (web.with_role("Abe", Role::Admin), reviewer(&web, "Una"));
        let id = submitted(&field, &web.person("Rea"));
        let application = id.parse().expect("an id");
        std::thread::scope(|scope| {
            let asks = web.app.db.write_now("test.held", |conn| {
                applications::service::lock(conn, application)?;
                let asks = scope.spawn(|| ask(admin, &id, &una));
                waits(conn, &asks)?;
                no_reviewer(&abe, &una);
                Ok(asks)
            });
            let asks = asks.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
            asks.join().expect("no panic").wrong_fields(&["/person_id"]);
        });
        assert_eq!(times(&field, &una, "Please review: A better lens"), 0);
    }
}
