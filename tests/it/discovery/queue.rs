//! A regrantor's queue.

use super::{copied, joins, open_with, titles};
use crate::delegations::{ends, lets};
use crate::publishing::contributions::{Giving, served};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::Client;
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

const QUEUE: &str = "/api/v1/me/queue";

fn queue(who: &Client) -> Vec<String> {
    titles(&who.get(QUEUE).ok())
}

/// An application that asks for 1000.00 and needs 100.00.
fn titled(title: &str) -> Value {
    json!({ "title": title })
}

both! {
    fn the_most_pressing_is_first(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, backer, other) = (web.person("Rea"), field.backer("5000.00"),
            field.backer("5000.00"));
        let call = json!({ "title": "Slow", "kind": "rolling", "decision_days": 300 });
        let slow = field.desk.admin.post("/api/v1/calls", call).id();
        field.desk.admin.command(&format!("/api/v1/calls/{slow}/open")).ok();
        let mut form = titled("Has time");
        form["call_id"] = json!(slow);
        let time = open_with(&field, &rea, form.clone());
        form["title"] = json!("Has time and money");
        let money = open_with(&field, &rea, form.clone());
        form["title"] = json!("Has money that lapses");
        let lapses = open_with(&field, &rea, form);
        open_with(&field, &rea, titled("Is promised"));
        other.offer(&money, "100.00").ok();
        let soon = t.clock.now().plus_seconds(3 * 86_400);
        other.offer_with(&lapses, "60.00", json!({ "expires_at": soon })).ok();
        let told = backer.who.get(QUEUE).ok();
        let order = ["Is promised", "Has money that lapses", "Has time", "Has time and money"];
        assert_eq!(titles(&told), order);
        assert_eq!(told["considered"], 4);
        let item = &told["items"][1];
        assert_eq!(item["funded"], usd("60.00"));
        assert_eq!(item["missing_to_minimum"], usd("40.00"));
        assert_eq!(item["missing_to_full"], usd("940.00"));
        assert_eq!(item["first_lapses_at"], json!(soon));
        // 185 for three days to the lapse, 120 of 300 for 40 of 100.
        assert_eq!(item["pressing"], 305);
        assert_eq!(titles(&backer.who.get(&format!("{QUEUE}?limit=1")).ok()), order[..1]);
        backer.who.get(&format!("{QUEUE}?limit=0")).wrong_fields(&["?limit"]);
        // What nothing is missing for is not there; what it misses on a condition is.
        other.offer(&money, "900.00").ok();
        assert!(!queue(&backer.who).contains(&"Has time and money".to_owned()));
        other.offer_with(&time, "100.00", json!({ "match": true })).ok();
        let told = backer.who.get(QUEUE).ok();
        let item = told["items"].as_array().expect("items").iter().find(|i| i["title"] == "Has \
         time");
        assert_eq!(item.expect("it is there")["funded"], usd("0.00"));
    }

    fn an_old_call_is_not_forgotten(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), &field.desk.admin);
        let backer = field.backer("5000.00");
        let open = |days: i32| {
            let form = json!({ "title": "Of many", "kind": "rolling", "decision_days": days });
            let call = admin.post("/api/v1/calls", form).id();
            admin.command(&format!("/api/v1/calls/{call}/open")).ok();
            call
        };
        let applies = |call: &str, title: &str| {
            open_with(&field, &rea, json!({ "call_id": call, "title": title }))
        };
        let (oldest, slow) = (open(20), open(300));
        applies(&oldest, "Waits longest");
        let routed = applies(&slow, "Routed");
        for _ in 0..33 {
            applies(&open(200), "Newer");
        }
        let told = backer.who.get(QUEUE).ok();
        assert_eq!(titles(&told)[0], "Waits longest");
        assert_eq!((&told["considered"], &told["truncated"]), (&json!(35), &json!(false)));
        // In a further call the day is that one's.
        let path = format!("/api/v1/applications/{routed}/routes");
        rea.post(&path, json!({ "call_id": field.call })).ok();
        rea.command(&format!("{path}/{}/submit", field.call)).ok();
        let promised = rea.get(&format!("{path}/{}", field.call)).ok()["promised_on"].clone();
        let told = backer.who.get(QUEUE).ok();
        let shown = told["items"].as_array().expect("items").iter().find(|i| i["title"] ==
            "Routed");
        assert_eq!(shown.expect("it is there")["promised_on"], promised);
    }

    fn what_misses_little_hides_nothing_that_misses_all(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, backer, other) = (web.person("Rea"), field.backer("5000.00"),
            field.backer("50000.00"));
        let open = |days: i32| {
            let form = json!({ "title": "Of many", "kind": "rolling", "decision_days": days });
            let call = field.desk.admin.post("/api/v1/calls", form).id();
            field.desk.admin.command(&format!("/api/v1/calls/{call}/open")).ok();
            call
        };
        let (soon, later) = (open(20), open(21));
        for _ in 0..101 {
            let id = open_with(&field, &rea, json!({ "call_id": soon, "title": "Has enough" }));
            other.offer(&id, "100.00").ok();
        }
        open_with(&field, &rea, json!({ "call_id": later, "title": "Has nothing" }));
        let told = backer.who.get(&format!("{QUEUE}?limit=2")).ok();
        assert_eq!(titles(&told), ["Has nothing", "Has enough"]);
        // Half of a hundred that have enough were looked at for their day, all for their offers.
        assert_eq!((&told["considered"], &told["truncated"]), (&json!(102), &json!(true)));
    }

    fn what_came_by_routes_is_not_hidden_by_grants(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, other) = (web.person("Rea"), field.backer("5000.00"));
        let backer = field.backer("5000.00");
        // Only the other's money goes where it was written for.
        let form = json!({ "title": "Theirs", "kind": "rolling", "fund_ids": [other.fund] });
        let theirs = field.desk.admin.post("/api/v1/calls", form).id();
        field.desk.admin.command(&format!("/api/v1/calls/{theirs}/open")).ok();
        let routed = |title: &str| {
            let id = open_with(&field, &rea, json!({ "call_id": theirs, "title": title }));
            let path = format!("/api/v1/applications/{id}/routes");
            rea.post(&path, json!({ "call_id": field.call })).ok();
            rea.command(&format!("{path}/{}/submit", field.call)).ok();
            id
        };
        for _ in 0..3 {
            let id = routed("A grant by now");
            other.offer(&id, "1000.00").ok();
            field.awarded(&id);
        }
        routed("Still open");
        let told = backer.who.get(QUEUE).ok();
        assert_eq!(titles(&told), ["Still open"]);
        assert_eq!((&told["considered"], &told["truncated"]), (&json!(1), &json!(false)));
    }

    fn what_an_offer_finds_is_promised_where_they_may_spend(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), &field.desk.admin);
        let (other, backer) = (field.backer("5000.00"), field.backer("5000.00"));
        let open = |more: Value| {
            let mut form = json!({ "title": "Of two", "kind": "rolling" });
            for (key, value) in more.as_object().expect("fields") {
                form[key] = value.clone();
            }
            let call = admin.post("/api/v1/calls", form).id();
            admin.command(&format!("/api/v1/calls/{call}/open")).ok();
            call
        };
        // Only the other's money goes where it was written for.
        let theirs = open(json!({ "fund_ids": [other.fund], "decision_days": 20 }));
        let here = open(json!({ "decision_days": 300 }));
        let id = open_with(&field, &rea, json!({ "call_id": theirs, "title": "Lapses" }));
        let path = format!("/api/v1/applications/{id}/routes");
        rea.post(&path, json!({ "call_id": here })).ok();
        rea.command(&format!("{path}/{here}/submit")).ok();
        let promised = rea.get(&format!("{path}/{here}")).ok()["promised_on"].clone();
        // As many as are looked at came there as well, and are promised a day before.
        copied(t, &web, &id, 100, "title = 'Another'");
        let same = "call_id, status, form_version, answers, suggested, carried, routed_at, \
            submitted_at, step, rule_extensions, version";
        let of = |columns: &str| format!("r.{}", columns.replace(", ", ", r."));
        let sql = format!("INSERT INTO application_routes (application_id, promised_on, {same}) \
            SELECT a.id, r.promised_on - 1, {} FROM applications a, application_routes r \
            WHERE a.title = 'Another'", of(same));
        assert_eq!(crate::payees::execute(&web, &sql), Ok(100));
        let soon = t.clock.now().plus_seconds(3 * 86_400);
        other.offer_with(&id, "60.00", json!({ "expires_at": soon })).ok();
        let told = backer.who.get(&format!("{QUEUE}?limit=10")).ok();
        assert_eq!((&told["considered"], &told["truncated"]), (&json!(101), &json!(true)));
        let item = &told["items"][0];
        assert_eq!((&item["title"], &item["promised_on"]), (&json!("Lapses"), &promised));
    }

    fn only_what_they_may_fund(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, backer, other) = (web.person("Rea"), field.backer("5000.00"),
            field.backer("5000.00"));
        let call = json!({ "title": "By invitation", "kind": "rolling", "fund_ids": [other.fund] });
        let call = field.desk.admin.post("/api/v1/calls", call).id();
        field.desk.admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        let mut form = titled("Not theirs to fund");
        form["call_id"] = json!(call);
        open_with(&field, &rea, form);
        let mut form = titled("Private");
        form["visibility"] = json!("private");
        open_with(&field, &rea, form);
        open_with(&field, &backer.who, titled("Their own"));
        let conflict = open_with(&field, &rea, titled("In conflict"));
        let team = open_with(&field, &rea, titled("Of their team"));
        let left = open_with(&field, &rea, titled("Of their former team"));
        let declined = open_with(&field, &rea, titled("Declined"));
        let path = |id: &str, what: &str| format!("/api/v1/applications/{id}/{what}");
        backer.who.post(&path(&conflict, "conflicts"), json!({ "reason": "Friends." })).ok();
        joins(&field, &rea, &team, &backer.who, true);
        let seat = joins(&field, &rea, &left, &backer.who, true);
        backer.who.command(&path(&left, &format!("members/{seat}/decline"))).ok();
        field.desk.admin.post(&path(&declined, "decline"), json!({ "reason": "No." })).ok();
        assert_eq!(queue(&backer.who), ["Private"]);
        assert_eq!(queue(&other.who).len(), 6);
        // Asked onto it again, they are no freer to fund it.
        t.clock.advance_seconds(24 * 3600);
        let again = json!({ "email": backer.who.email, "name": "Somebody" });
        rea.post(&path(&left, "members"), again).ok();
        assert_eq!(queue(&backer.who), ["Private"]);
        backer.offer(&left, "5.00").refused(403, "conflict_of_interest");
        assert!(queue(&web.with_role("No budget", Role::Regrantor)).is_empty());
        web.person("Nora").get(QUEUE).refused(403, "forbidden");
        web.anonymous().get(QUEUE).refused(401, "unauthenticated");
        crate::payees::execute(&web, "UPDATE budgets SET status = 'closed'").expect("closed");
        assert!(queue(&backer.who).is_empty());
    }

    fn vouches_for_those_who_fund_count_between_equals(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let (backer, former) = (field.backer("5000.00"), field.backer("5000.00"));
        let [first, second] =
            ["First", "Second"].map(|title| open_with(&field, &rea, titled(title)));
        let vouch = |name: &str, id: &str, visibility: &str| {
            let form = json!({ "scopes": ["integrity"], "strength": "strong",
                "how_known": "We shared a lab.", "visibility": visibility });
            web.person(name).post(&format!("/api/v1/applications/{id}/vouches"), form).ok();
        };
        vouch("Vera", &first, "public");
        vouch("Sam", &second, "private");
        vouch("Uma", &second, "private");
        let told = backer.who.get(QUEUE).ok();
        assert_eq!(titles(&told), ["Second", "First"]);
        let counts = |told: &Value, title: &str| {
            let items = told["items"].as_array().expect("items");
            let item = items.iter().find(|item| item["title"] == title).expect("it is there");
            (item["vouches"].clone(), item["vouches_private"].clone())
        };
        assert_eq!(counts(&told, "First"), (json!(1), json!(0)));
        assert_eq!(counts(&told, "Second"), (json!(0), json!(2)));
        // Who acted for the applicant reads no private ones, and learns of none.
        ends(&rea, &lets(&rea, &former.who, &["draft"]));
        let path = format!("/api/v1/applications/{second}");
        let seen = |who: &Client| {
            let page = who.get(&format!("{path}/vouches")).ok();
            page["items"].as_array().map(Vec::len)
        };
        assert_eq!((seen(&backer.who), seen(&former.who)), (Some(2), Some(0)));
        let told = former.who.get(QUEUE).ok();
        assert_eq!(counts(&told, "First"), (json!(1), json!(0)));
        assert_eq!(counts(&told, "Second"), (json!(0), json!(0)));
    }

    fn what_funds_hold_for_it_is_told_to_who_can_offer_it(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        g.field.desk.give(&g.fund, "50.00").ok();
        g.field.desk.allocate(&g.budget, "20.00").ok();
        let queued = || g.reg.get(QUEUE).ok()["items"][0].clone();
        let path = format!("/api/v1/applications/{}/funding", g.application);
        let funding = |who: &Client| who.get(&path).ok()["held"].clone();
        assert_eq!(queued()["title"], "A better lens");
        assert_eq!((&queued()["held"], funding(&g.reg)), (&Value::Null, Value::Null));
        let earmark = g.given("100.00");
        assert_eq!((&queued()["held"], funding(&g.reg)), (&usd("90.00"), usd("90.00")));
        for who in [&g.rea, &web.anonymous()] {
            assert_eq!(funding(who), Value::Null);
        }
        g.offer(&earmark).ok();
        assert_eq!((&queued()["held"], funding(&g.reg)), (&Value::Null, Value::Null));
    }

    fn what_one_budget_may_fund_another_one_may_not(t: &Harness) {
        let web = t.serve();
        let mut field = web.field();
        let admin = field.desk.admin.clone();
        let rea = web.person("Rea");
        let agenda = |slug: &str| {
            let form = json!({ "slug": slug, "title": slug, "summary": "." });
            admin.post("/api/v1/agendas", form).id()
        };
        let bio = agenda("bio");
        agenda("optics");
        let optics = field.backer_with("1000.00", json!({ "agendas": ["optics"] }));
        let reg = optics.who.clone();
        let other = field.budget_for(reg.clone(), "1000.00", json!({ "agendas": ["bio"] }));
        // A call in which only the budget for optics may spend.
        let call = json!({ "title": "Light", "kind": "rolling", "fund_ids": [optics.fund] });
        let call = admin.post("/api/v1/calls", call).id();
        admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        let about_bio = |field: &Field<'_>, title: &str| {
            let mut form = titled(title);
            form["summary"] = json!("See.");
            for (key, value) in [("call_id", json!(field.call)), ("body", json!("b")),
                ("visibility", json!("public")), ("duration_months", json!(3)),
                ("amount_minimum", usd("100.00")), ("amount_requested", usd("1000.00")),
                ("budget_lines", json!([{ "label": "All", "amount": usd("1000.00") }]))] {
                form[key] = value;
            }
            let id = rea.post("/api/v1/applications", form).id();
            let path = format!("/api/v1/applications/{id}");
            let etag = rea.get(&path).etag().to_owned();
            let named = json!({ "agendas": [bio] }).to_string().into_bytes();
            rea.send("PUT", &format!("{path}/agendas"), &[("If-Match", &etag)], Some(named)).ok();
            rea.command(&format!("{path}/submit")).ok();
            admin.command(&format!("{path}/open")).ok();
            id
        };
        let any = field.call.clone();
        field.call = call;
        about_bio(&field, "Nobody's to fund");
        field.call = any;
        let theirs = about_bio(&field, "For the other budget");
        assert_eq!(queue(&reg), ["For the other budget"]);
        // A budget with nothing left funds nothing.
        let big = field.applies(&web.person("Mo"), "1.00", "5000.00");
        other.offer(&big, "1000.00").ok();
        assert!(queue(&reg).is_empty(), "{:?}", queue(&reg));
        assert!(!theirs.is_empty());
    }
}
