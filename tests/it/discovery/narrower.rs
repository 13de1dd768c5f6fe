//! A direction stands for those below it: in the queue, in searches, and in what is told of them.

use super::{found, titles};
use crate::agendas::{agenda, below};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::Client;
use serde_json::json;

/// An open, public application about this direction.
fn about(field: &Field<'_>, who: &Client, title: &str, agenda: &str) {
    let form = json!({
        "call_id": field.call, "title": title, "summary": "s", "body": "b",
        "visibility": "public", "duration_months": 3,
        "amount_minimum": usd("100.00"), "amount_requested": usd("1000.00"),
        "budget_lines": [{ "label": "All", "amount": usd("1000.00") }],
    });
    let id = who.post("/api/v1/applications", form).id();
    let path = format!("/api/v1/applications/{id}");
    let etag = who.get(&path).etag().to_owned();
    let named = json!({ "agendas": [agenda] }).to_string().into_bytes();
    who.send("PUT", &format!("{path}/agendas"), &[("If-Match", &etag)], Some(named)).ok();
    who.command(&format!("{path}/submit")).ok();
    field.desk.admin.command(&format!("{path}/open")).ok();
}

both! {
    fn what_is_below_a_direction_is_queued_and_found(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (bio, optics) = (agenda(admin, "bio"), agenda(admin, "optics"));
        let detection = below(admin, "detection", &bio);
        let (rea, nobody) = (web.person("Rea"), web.anonymous());
        let wide = field.backer_with("1000.00", json!({ "agendas": ["bio"] }));
        let narrow = field.backer_with("1000.00", json!({ "agendas": ["detection"] }));
        about(&field, &rea, "Narrow", &detection);
        about(&field, &rea, "Wide", &bio);
        about(&field, &rea, "Elsewhere", &optics);
        let queue = |who: &Client| {
            let mut queue = titles(&who.get("/api/v1/me/queue").ok());
            queue.sort();
            queue
        };
        assert_eq!(queue(&wide.who), ["Narrow", "Wide"]);
        assert_eq!(queue(&narrow.who), ["Narrow"], "not what is wider");
        let of = |who: &Client, id: &str| found(who, &format!("agenda_id={id}"));
        for who in [&nobody, &rea, &wide.who, admin] {
            assert_eq!(of(who, &bio), ["Wide", "Narrow"]);
            assert_eq!(of(who, &detection), ["Narrow"]);
        }
        assert_eq!(found(&nobody, &format!("agenda_id={bio}&q=narrow")), ["Narrow"]);
        // What is retired stays where it is named.
        admin.command(&format!("/api/v1/agendas/{detection}/retire")).ok();
        assert_eq!(of(&nobody, &bio), ["Wide", "Narrow"]);
        let path = format!("/api/v1/agendas/{detection}");
        let etag = admin.get(&path).etag().to_owned();
        admin.patch(&path, &etag, json!({ "parent_id": null })).ok();
        assert_eq!(of(&nobody, &bio), ["Wide"]);
        assert_eq!(queue(&wide.who), ["Wide"]);
    }

    fn a_digest_tells_of_what_is_below_its_direction(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let bio = agenda(&field.desk.admin, "bio");
        let detection = below(&field.desk.admin, "detection", &bio);
        let (rea, sam) = (web.person("Rea"), web.person("Sam"));
        let asked = json!({ "name": "Of bio", "asked": { "agenda_id": bio }, "digest": "daily" });
        sam.post("/api/v1/saved-searches", asked).ok();
        t.clock.set(t.clock.now().plus_seconds(1));
        about(&field, &rea, "Narrow", &detection);
        t.clock.set(t.clock.now().plus_seconds(86_400));
        web.work();
        let mail = web.mail(&sam.email, "One new application: Of bio").text;
        assert!(mail.contains("Narrow"), "{mail}");
    }
}
