//! Vouches: who may sign one, who reads it, and how many there are.

mod asked;
mod told;

use crate::support::Harness;
use crate::support::desk::{threads, usd};
use crate::support::field::Field;
use crate::support::web::{Client, Reply};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

fn form(more: Value) -> Value {
    let mut form = json!({
        "scopes": ["integrity", "competence"], "strength": "strong",
        "how_known": "We shared a lab for three years.",
    });
    for (key, value) in more.as_object().expect("fields") {
        form[key] = value.clone();
    }
    form
}

fn sign(who: &Client, application: &str, more: Value) -> Reply {
    who.post(&format!("/api/v1/applications/{application}/vouches"), form(more))
}

fn ask(who: &Client, application: &str, email: &str) -> Reply {
    let path = format!("/api/v1/applications/{application}/vouch-requests");
    who.post(&path, json!({ "email": email, "name": "Vera", "message": "Please." }))
}

/// How many vouches somebody sees on an application.
fn seen(who: &Client, application: &str) -> usize {
    let page = who.get(&format!("/api/v1/applications/{application}/vouches")).ok();
    page["items"].as_array().expect("items").len()
}

/// A private application that is open; its id.
fn private(field: &Field<'_>, who: &Client) -> String {
    let amounts = json!({
        "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"), "visibility": "private",
        "budget_lines": [{ "label": "All of it", "amount": usd("9.00") }],
    });
    field.applies_with(who, amounts)
}

both! {
    fn a_vouch_is_signed_read_and_withdrawn(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera, sam) = (web.person("Rea"), web.person("Vera"), web.person("Sam"));
        let application = field.applies(&rea, "1.00", "100.00");
        let bad = json!({ "scopes": [], "how_known": " ", "conflicts": "", "statement": "\u{7}" });
        sign(&vera, &application, bad)
            .wrong_fields(&["/scopes", "/how_known", "/statement", "/conflicts"]);
        sign(&vera, &application, json!({ "scopes": ["idea", "idea"] })).wrong_fields(&["/scopes"]);
        sign(&vera, &application, json!({ "strength": "9" })).wrong_fields(&["/strength"]);
        let made = sign(&vera, &application, json!({ "visibility": "public",
            "statement": "Yes." }));
        let vouch = made.ok();
        assert_eq!((&vouch["voucher"]["name"], &vouch["requested"]), (&json!("Vera"),
            &json!(false)));
        assert_eq!(vouch["scopes"], json!(["competence", "integrity"]));
        let place = made.header("location").expect("a place").to_owned();
        sign(&vera, &application, json!({})).refused(409, "already_exists");
        // Public on a public application: everybody reads it.
        for who in [&web.anonymous(), &sam, &rea, &field.desk.admin] {
            assert_eq!(seen(who, &application), 1);
        }
        assert_eq!(sam.get(&place).ok()["statement"], "Yes.");
        sam.post(&format!("{place}/withdraw"), json!({ "reason": "x" })).refused(403, "forbidden");
        vera.post(&format!("{place}/withdraw"), json!({ "reason": "" })).wrong_fields(&["/reason"]);
        let why = json!({ "reason": "I was mistaken." });
        vera.post(&format!("{place}/withdraw"), why.clone()).ok();
        vera.post(&format!("{place}/withdraw"), why).refused(409, "wrong_state");
        let kept = vera.get("/api/v1/me/vouches").ok();
        assert_eq!(kept["items"][0]["withdraw_reason"], "I was mistaken.");
        assert_eq!(rea.get(&place).ok()["status"], "withdrawn");
        let id: almoner::kernel::ids::ApplicationId = application.parse().expect("an id");
        let counts = || {
            field.act(|conn, ctx| {
                almoner::vouches::service::counts_for_funder(conn, ctx, &[id])
            })
        };
        assert_eq!(counts().get(&id), None, "it does not count");
        sign(&vera, &application, json!({ "visibility": "public" })).ok();
        sign(&sam, &application, json!({})).ok();
        assert_eq!(counts().get(&id), Some(&(1, 1)), "private ones are counted apart");
        let record = format!("/api/v1/people/{}/vouches", vera.id());
        assert_eq!(field.desk.admin.get(&record).ok()["items"].as_array().map(Vec::len), Some(2));
        assert_eq!(vera.get(&record).ok()["items"].as_array().map(Vec::len), Some(2));
        sam.get(&record).refused(404, "not_found");
    }

    fn private_ones_are_for_those_who_fund_and_decide(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("100.00");
        // An applicant who is an admin as well reads no private vouch for themselves.
        let rea = web.with_role("Rea", Role::Admin);
        let (sam, vera) = (web.person("Sam"), web.person("Vera"));
        let application = field.applies(&rea, "1.00", "100.00");
        let made = sign(&vera, &application, json!({ "statement": "Canary of the kiln" }));
        let place = made.header("location").expect("a place").to_owned();
        for (who, count) in
            [(&vera, 1), (&field.desk.admin, 1), (&backer.who, 1), (&rea, 0), (&sam, 0),
                (&web.anonymous(), 0), (&field.desk.finance, 0)]
        {
            assert_eq!(seen(who, &application), count, "{}", who.email);
            let reply = who.get(&place);
            assert_eq!(reply.status == 200, count == 1, "{}: {}", who.email, reply.text());
        }
        let read = field.desk.admin.get("/api/v1/audit?limit=200").text();
        assert!(!read.contains("Canary of the kiln"));
        // On an application out of sight there is nothing to read, and nothing to sign.
        let hidden = private(&field, &rea);
        sign(&sam, &hidden, json!({})).refused(404, "not_found");
        sam.get(&format!("/api/v1/applications/{hidden}/vouches")).refused(404, "not_found");
    }

    fn the_applicant_asks_and_who_is_asked_answers(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera, sam) = (web.person("Rea"), web.person("Vera"), web.person("Sam"));
        let application = private(&field, &rea);
        sam.post(&format!("/api/v1/applications/{application}/vouch-requests"), json!({
            "email": vera.email, "name": "Vera" })).refused(404, "not_found");
        ask(&rea, &application, "nobody").wrong_fields(&["/email"]);
        let request = ask(&rea, &application, &vera.email).id();
        ask(&rea, &application, &vera.email.to_uppercase()).refused(409, "already_exists");
        assert_eq!(field.subjects(&vera), ["Would you vouch for Rea?"]);
        let place = format!("/api/v1/vouch-requests/{request}");
        sam.get(&place).refused(404, "not_found");
        field.desk.admin.get(&place).refused(404, "not_found");
        assert_eq!(vera.get(&place).ok()["applicant"]["name"], "Rea");
        let mine = vera.get("/api/v1/me/vouch-requests").ok();
        assert_eq!(mine["items"][0]["id"], json!(request));
        vera.get(&format!("/api/v1/applications/{application}")).refused(404, "not_found");
        rea.post(&format!("{place}/sign"), form(json!({}))).refused(403, "forbidden");
        sam.post(&format!("{place}/sign"), form(json!({}))).refused(404, "not_found");
        let signed = vera.post(&format!("{place}/sign"), form(json!({})));
        assert_eq!(signed.ok()["requested"], true);
        vera.post(&format!("{place}/sign"), form(json!({}))).refused(409, "already_exists");
        vera.command(&format!("{place}/decline")).refused(409, "wrong_state");
        let about = format!("/api/v1/applications/{application}/vouch-requests");
        assert_eq!(rea.get(&about).ok()["items"][0]["status"], "signed");
        assert_eq!(seen(&rea, &application), 0, "it is private");
        let second = ask(&rea, &application, &sam.email).id();
        sam.command(&format!("/api/v1/vouch-requests/{second}/decline")).ok();
        assert_eq!(rea.get(&about).ok()["items"][0]["status"], "declined");
        for n in 0..18 {
            ask(&rea, &application, &format!("friend{n}@example.org")).ok();
        }
        ask(&rea, &application, "one@example.org").refused(409, "limit_reached");
        let other = field.applies(&rea, "1.00", "9.00");
        ask(&rea, &other, "two@example.org").refused(409, "limit_reached");
    }

    fn nobody_vouches_for_themselves_or_hides_a_conflict(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.with_address("rea@uni.edu", "Rea", &[]);
        let near = web.with_address("near@uni.edu", "Near", &[]);
        let fia = &field.desk.finance;
        let application = field.applies(&rea, "1.00", "100.00");
        sign(&rea, &application, json!({})).refused(403, "two_persons");
        let told = sign(&near, &application, json!({})).refused(409, "conflict_found");
        assert!(told["detail"].as_str().is_some_and(|d| d.contains("say so in conflicts")),
            "{told}");
        let named = sign(&near, &application, json!({ "conflicts": "Same department." })).ok();
        assert_eq!(named["conflicts"], "Same department.");
        let declare = format!("/api/v1/applications/{application}/conflicts");
        fia.post(&declare, json!({ "reason": "My cousin." })).ok();
        sign(fia, &application, json!({})).wrong_fields(&["/conflicts"]);
        sign(fia, &application, json!({ "conflicts": "My cousin." })).ok();
        // Nothing is said for what is not handed in, or is over.
        let draft = rea.post("/api/v1/applications", json!({ "call_id": field.call,
            "title": "x" }));
        let sam = web.person("Sam");
        sign(&sam, &draft.id(), json!({})).refused(404, "not_found");
        ask(&rea, &draft.id(), &sam.email).refused(409, "wrong_state");
        let request = ask(&rea, &application, &sam.email).id();
        rea.command(&format!("/api/v1/applications/{application}/withdraw")).ok();
        let late = sam.post(&format!("/api/v1/vouch-requests/{request}/sign"), form(json!({})));
        late.refused(409, "wrong_state");
    }

    fn two_at_the_limit_at_once_are_one(t: &Harness) {
        let mut config = t.config();
        config.vouches.per_quarter = 3;
        let web = t.serve_with(config);
        let field = web.field();
        let vera = web.person("Vera");
        let all: Vec<String> = (0..6).map(|_| field.application("1.00", "9.00")).collect();
        let first = sign(&vera, &all[0], json!({}));
        // What is withdrawn counts all the same.
        let place = first.header("location").expect("a place").to_owned();
        vera.post(&format!("{place}/withdraw"), json!({ "reason": "x" })).ok();
        t.slows("vouches");
        let answers = threads(5, |n| sign(&vera, &all[n + 1], json!({})));
        let signed = answers.iter().filter(|a| a.status == 201).count();
        assert_eq!(signed, 2, "{answers:?}");
        for refused in answers.iter().filter(|a| a.status != 201) {
            refused.refused(409, "limit_reached");
        }
        // A new quarter, to the second.
        t.clock.set("2026-12-31T23:59:59Z".parse().expect("an instant"));
        sign(&vera, &all[0], json!({})).refused(409, "limit_reached");
        t.clock.advance_seconds(1);
        sign(&vera, &all[0], json!({})).ok();
        // The same one twice at once is one as well.
        let extra = field.application("1.00", "9.00");
        let answers = threads(3, |_| sign(&vera, &extra, json!({})).status);
        assert_eq!(answers.iter().filter(|s| **s == 201).count(), 1, "{answers:?}");
    }

    fn who_is_asked_reads_what_was_handed_in_and_no_longer_than_needed(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera, nil) = (web.person("Rea"), web.person("Vera"), web.person("Nil"));
        let id = private(&field, &rea);
        let requests = [&vera, &nil].map(|who| {
            let request = ask(&rea, &id, &who.email).id();
            format!("/api/v1/vouch-requests/{request}")
        });
        let path = format!("/api/v1/applications/{id}");
        let why = json!({ "reason": "Say more." });
        field.desk.admin.post(&format!("{path}/request-changes"), why).ok();
        let etag = rea.get(&path).etag().to_owned();
        let new = json!({ "title": "Canary", "summary": "Canary" });
        rea.patch(&path, &etag, new).ok();
        let told = |who: &Client, n: usize| {
            let one = who.get(&requests[n]).ok();
            let list = who.get("/api/v1/me/vouch-requests").ok();
            if who.id() != rea.id() {
                assert_eq!(list["items"][0]["title"], one["title"]);
            }
            (one["title"].clone(), one["summary"].clone())
        };
        let old = (json!("A better lens"), json!("To see further."));
        assert_eq!((told(&vera, 0), told(&nil, 1)), (old.clone(), old.clone()));
        assert_eq!(told(&rea, 0), (json!("Canary"), json!("Canary")), "who asks knows more");
        ask(&rea, &id, "zoe@work.example").ok();
        let mail = web.mail("zoe@work.example", "Would you vouch").text;
        assert!(mail.contains("A better lens") && !mail.contains("Canary"), "{mail}");
        nil.command(&format!("{}/decline", requests[1])).ok();
        vera.post(&format!("{}/sign", requests[0]), form(json!({}))).ok();
        assert_eq!(told(&nil, 1), (Value::Null, Value::Null));
        assert_eq!(told(&vera, 0), (old.0, Value::Null));
    }
}
