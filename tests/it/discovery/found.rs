//! What an application is found by besides its own texts: where its work is done, who vouches for
//! it, and the answers that everybody may read who reads it.

use super::{found, open, titles};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::{Client, Reply};
use serde_json::{Value, json};

/// Says what an application is about; it has to be with its applicant.
fn says(who: &Client, id: &str, form: Value) -> Reply {
    let path = format!("/api/v1/applications/{id}");
    let etag = who.get(&path).etag().to_owned();
    let body = Some(form.to_string().into_bytes());
    who.send("PUT", &format!("{path}/agendas"), &[("If-Match", &etag)], body)
}

fn back(field: &Field<'_>, id: &str) {
    let reason = json!({ "reason": "Say more." });
    let path = format!("/api/v1/applications/{id}/request-changes");
    field.desk.admin.post(&path, reason).ok();
}

both! {
    fn where_the_work_is_done_is_found(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, nobody) = (web.person("Rea"), web.anonymous());
        let id = open(&field, &rea, ["A better lens", "a", "b"]);
        open(&field, &rea, ["Elsewhere", "a", "Not in Berlin"]);
        back(&field, &id);
        let form = json!({ "agendas": [], "place": "Berlin, Köln", "looking_for": ["team_mate"] });
        let said = says(&rea, &id, form).ok();
        assert_eq!((&said["place"], &said["looking_for"]), (&json!("Berlin, Köln"),
            &json!(["team_mate"])));
        says(&rea, &id, json!({ "agendas": [], "place": "a\nb" })).wrong_fields(&["/place"]);
        // What is left out stays.
        says(&rea, &id, json!({ "agendas": [] })).ok();
        rea.command(&format!("/api/v1/applications/{id}/submit")).ok();
        let shown = nobody.get(&format!("/api/v1/applications/{id}")).ok();
        assert_eq!((&shown["place"], &shown["looking_for"]), (&json!("Berlin, Köln"),
            &json!(["team_mate"])));
        for there in ["place=berlin", "place=K%C3%B6ln", "place=Berlin%20k%C3%B6ln"] {
            assert_eq!(found(&nobody, there), ["A better lens"], "{there}");
        }
        for nowhere in ["place=Ber", "place=Paris", "place=Berlin%20Paris"] {
            assert!(found(&nobody, nowhere).is_empty(), "{nowhere}");
        }
        nobody.get("/api/v1/search/applications?place=%2C").wrong_fields(&["?place"]);
        // Moved away.
        back(&field, &id);
        says(&rea, &id, json!({ "agendas": [], "place": "Paris" })).ok();
        rea.command(&format!("/api/v1/applications/{id}/submit")).ok();
        assert!(found(&nobody, "place=berlin").is_empty());
        assert_eq!(found(&nobody, "place=paris"), ["A better lens"]);
        // A saved search knows it, too.
        let save = json!({ "name": "Near", "asked": { "place": "Paris" }, "digest": "none" });
        let saved = rea.post("/api/v1/saved-searches", save).ok();
        assert_eq!(saved["asked"], json!({ "place": "Paris" }));
    }

    fn what_is_looked_for_is_found(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, nobody) = (web.person("Rea"), web.anonymous());
        let looks = |id: &str, looks: &[&str]| {
            back(&field, id);
            says(&rea, id, json!({ "agendas": [], "looking_for": looks })).ok();
            rea.command(&format!("/api/v1/applications/{id}/submit")).ok();
        };
        let words = ["team", "team_mate", "mentor", "collaborator", "funding", "hiring"];
        for what in words {
            looks(&open(&field, &rea, [what, "a", "b"]), &[what]);
        }
        let both = open(&field, &rea, ["Both", "a", "b"]);
        looks(&both, &["mentor", "hiring"]);
        // Whoever writes a mark does not carry it.
        open(&field, &rea, ["Neither", "team_mate", "looksteammatex"]);
        let asked = |what: &str| found(&nobody, &format!("looking_for={what}"));
        for what in words {
            let more = ["mentor", "hiring"].contains(&what).then_some("Both");
            let expected: Vec<&str> = more.into_iter().chain([what]).collect();
            assert_eq!(asked(what), expected, "{what}");
        }
        assert_eq!(found(&nobody, "looking_for=mentor&q=both"), ["Both"]);
        assert!(found(&nobody, "looking_for=team&q=both").is_empty());
        nobody.get("/api/v1/search/applications?looking_for=love").wrong_fields(&["?looking_for"]);
        // It looks for something else, and is found by that alone.
        looks(&both, &["team"]);
        assert_eq!((asked("mentor"), asked("team")), (vec!["mentor".to_owned()],
            vec!["Both".to_owned(), "team".to_owned()]));
        // At once, also while it is being changed.
        back(&field, &both);
        says(&rea, &both, json!({ "agendas": [], "looking_for": ["hiring"] })).ok();
        let changing =
            |what: &str| found(&rea, &format!("looking_for={what}&status=changes_requested"));
        assert_eq!((changing("hiring"), changing("team")), (vec!["Both".to_owned()], vec![]));
        // A saved search knows it, too.
        let save = json!({ "name": "Mates", "asked": { "looking_for": "team" }, "digest": "none" });
        let saved = rea.post("/api/v1/saved-searches", save).ok();
        assert_eq!(saved["asked"], json!({ "looking_for": "team" }));
    }

    fn who_vouches_in_public_is_found(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera, nobody) = (web.person("Rea"), web.person("Vera"), web.anonymous());
        let [open_to_all, kept] = ["In public", "In private"]
            .map(|title| open(&field, &rea, [title, "a", "b"]));
        let vouch = |id: &str, visibility: &str| {
            let form = json!({ "scopes": ["integrity"], "strength": "strong",
                "how_known": "We shared a lab.", "visibility": visibility });
            vera.post(&format!("/api/v1/applications/{id}/vouches"), form).id()
        };
        let query = format!("vouched_by={}", vera.id());
        assert!(found(&nobody, &query).is_empty());
        let signed = vouch(&open_to_all, "public");
        vouch(&kept, "private");
        // What is private is found by nobody, whoever looks.
        for who in [&nobody, &rea, &vera, &field.desk.admin] {
            assert_eq!(found(who, &query), ["In public"]);
        }
        assert!(found(&nobody, &format!("vouched_by={}", rea.id())).is_empty());
        let queue = field.backer("10.00").who.get("/api/v1/me/queue").ok();
        let items = queue["items"].as_array().expect("items").iter();
        let mut counts: Vec<(&str, i64)> = items
            .map(|i| (i["title"].as_str().expect("one"), i["vouches"].as_i64().expect("one")))
            .collect();
        counts.sort_unstable();
        assert_eq!(counts, [("In private", 0), ("In public", 1)]);
        assert_eq!(titles(&queue)[0], "In public", "of equals, those with vouches first");
        let why = json!({ "reason": "I was wrong." });
        vera.post(&format!("/api/v1/vouches/{signed}/withdraw"), why).ok();
        assert!(found(&nobody, &query).is_empty());
    }

    fn public_answers_are_found_and_compared_and_private_ones_are_not(t: &Harness) {
        let web = t.serve();
        let mut field = web.field();
        let admin = field.desk.admin.clone();
        let call = admin.post("/api/v1/calls", json!({ "title": "Asks", "kind": "rolling" })).id();
        let form = json!({ "questions": [
            { "key": "how", "label": "How?", "kind": "long_text", "public": true },
            { "key": "risk", "label": "What could go wrong?", "kind": "long_text" },
        ] });
        let path = format!("/api/v1/calls/{call}/form");
        let etag = admin.get(&path).etag().to_owned();
        let body = Some(form.to_string().into_bytes());
        admin.send("PUT", &path, &[("If-Match", &etag)], body).ok();
        admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        field.call = call;
        let long = (0..120).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ");
        let answered = |title: &str, how: &str, risk: &str| {
            let rea = web.person("Rea");
            field.applies_with(&rea, json!({ "title": title,
                "summary": format!("About {title}"), "body": format!("Body of {title}"),
                "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
                "budget_lines": [{ "label": "All", "amount": usd("9.00") }],
                "answers": { "how": how, "risk": risk } }))
        };
        let one = answered("One", &format!("With zirconium. {long}"), "Spilled wolframite.");
        answered("Two", &format!("With copper. {long}"), "Nothing.");
        let nobody = web.anonymous();
        assert_eq!(found(&nobody, "q=zirconium"), ["One"]);
        for who in [&nobody, &admin] {
            assert!(found(who, "q=wolframite").is_empty(), "a private answer is found by nobody");
        }
        web.work();
        let alike = admin.get(&format!("/api/v1/applications/{one}/similar")).ok();
        assert_eq!(titles(&alike), ["Two"]);
        assert!(alike["items"][0]["text_shared"].as_i64().expect("one") >= 70, "{alike}");
    }

    fn what_a_private_call_asks_is_neither_read_nor_found(t: &Harness) {
        let web = t.serve();
        let mut field = web.field();
        let admin = field.desk.admin.clone();
        let call = json!({ "title": "Asks few", "kind": "rolling", "visibility": "private" });
        let call = format!("/api/v1/calls/{}", admin.post("/api/v1/calls", call).id());
        let question =
            json!({ "key": "how", "label": "How?", "kind": "long_text", "public": true });
        let form = format!("{call}/form");
        let etag = admin.get(&form).etag().to_owned();
        let body = Some(json!({ "questions": [question] }).to_string().into_bytes());
        admin.send("PUT", &form, &[("If-Match", &etag)], body).ok();
        admin.command(&format!("{call}/open")).ok();
        field.call = call.replace("/api/v1/calls/", "");
        let (rea, nobody) = (web.person("Rea"), web.anonymous());
        let id = field.applies_with(&rea, json!({ "title": "One",
            "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All", "amount": usd("9.00") }],
            "answers": { "how": "With zirconium." } }));
        let read = |who: &Client| {
            let one = who.get(&format!("/api/v1/applications/{id}")).ok();
            (one["form_version"].clone(), one["answers"].clone())
        };
        let all = (json!(1), json!({ "how": "With zirconium." }));
        let shows = |visibility: &str| {
            let etag = admin.get(&call).etag().to_owned();
            admin.patch(&call, &etag, json!({ "visibility": visibility })).ok();
        };
        let later = || {
            t.clock.set(t.clock.now().plus_seconds(60));
            web.work();
        };
        for _ in 0..2 {
            for who in [&nobody, &web.person("Sam")] {
                assert_eq!(read(who), (json!(0), json!({})));
            }
            assert_eq!((read(&rea), read(&admin)), (all.clone(), all.clone()));
            for who in [&nobody, &admin] {
                assert!(found(who, "q=zirconium").is_empty());
                assert_eq!(found(who, "q=one"), ["One"]);
            }
            // As soon as the call is public, so is what it asks, and found within a minute; as soon
            // as it is private, it is neither.
            shows("public");
            assert_eq!(read(&nobody), all);
            later();
            assert_eq!(found(&nobody, "q=zirconium"), ["One"]);
            shows("private");
        }
        // Until it is looked at again nothing but title and summary finds it.
        assert!(found(&nobody, "q=grind").is_empty());
        assert_eq!(found(&nobody, "q=further"), ["One"]);
        later();
        assert_eq!(found(&nobody, "q=grind"), ["One"]);
        assert!(found(&admin, "q=zirconium").is_empty());
    }
}
