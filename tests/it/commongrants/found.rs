//! The search over applications: everybody finds what lists show them, told as these tell it.

use super::applying::refused;
use super::document::official;
use super::forms::judged;
use super::{enveloped, opened, titles};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::{Backer, Field};
use crate::support::web::{Client, Reply};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

const SEARCH: &str = "/common-grants/applications/search";
const LIST: &str = "/api/v1/applications";
/// What stands for a call that is not told.
const NO_CALL: &str = "00000000-0000-0000-0000-000000000000";

fn search(who: &Client, form: Value) -> Reply {
    who.post(SEARCH, form)
}

/// For an address: nothing of it is read as anything else there.
fn encoded(value: &Value) -> String {
    value.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn one_of(values: &[&str]) -> Value {
    json!({ "operator": "in", "value": values })
}

/// What a search tells, in a row for each.
fn found(who: &Client, form: Value) -> Vec<Value> {
    let page = search(who, form).ok();
    let items = page["items"].as_array().expect("items");
    assert_eq!(page["paginationInfo"]["totalItems"], items.len(), "{page}");
    let row = |item: &Value| {
        let (own, call) = (&item["customFields"], &item["competitionId"]);
        assert_eq!((call, &item["formResponses"]), (&item["opportunityId"], &json!({})));
        json!([
            item["id"],
            item["title"],
            own["summary"]["value"],
            call,
            item["submittedAt"],
            own["decisionPromisedOn"]["value"],
            item["createdAt"]
        ])
    };
    items.iter().map(row).collect()
}

/// What a list tells, in the same rows.
fn listed(who: &Client, query: &str) -> Vec<Value> {
    let page = who.get(&format!("{LIST}?limit=200{query}")).ok();
    let items = page["items"].as_array().expect("items").iter();
    let row = |item: &Value| {
        let call = item["call_id"].as_str().unwrap_or(NO_CALL);
        json!([
            item["id"],
            item["title"],
            item["summary"],
            call,
            item["submitted_at"],
            item["promised_on"],
            item["created_at"]
        ])
    };
    items.map(row).collect()
}

/// A whole application.
fn form(title: &str, visibility: &str, call: &str) -> Value {
    json!({
        "title": title, "visibility": visibility, "call_id": call,
        "summary": format!("About {title}."), "body": "In full.", "duration_months": 12,
        "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"),
        "budget_lines": [{ "label": "All of it", "amount": usd("50.00") }],
    })
}

/// A private call in which the fund of this backer alone may spend; its id.
fn few(field: &Field<'_>, backer: &Backer) -> String {
    let more = json!({ "visibility": "private", "fund_ids": [backer.fund] });
    opened(&field.desk.admin, "Of few", more)
}

/// Applications of somebody in every state but the last, in an open call and in a private one; the
/// id of one that was written for the open call and came into the private one.
fn everything(field: &Field<'_>, rea: &Client, backer: &Backer, few: &str) -> String {
    let at = |id: &str, act: &str| format!("{LIST}/{id}/{act}");
    let apply = |title: &str, visibility: &str, call: &str| {
        field.applies_with(rea, form(title, visibility, call))
    };
    let waits = rea.post(LIST, form("Waits", "public", &field.call)).id();
    rea.command(&at(&waits, "submit")).ok();
    apply("Private", "private", few);
    apply("Hidden call", "public", few);
    let [back, declined, withdrawn, awarded, routed] =
        ["Back", "Declined", "Withdrawn", "Awarded", "Routed"]
            .map(|title| apply(title, "public", &field.call));
    let admin = &field.desk.admin;
    let why = json!({ "reason": "We have read it." });
    admin.post(&at(&back, "request-changes"), why.clone()).ok();
    admin.post(&at(&declined, "decline"), why).ok();
    rea.command(&at(&withdrawn, "withdraw")).ok();
    backer.offer(&awarded, "20.00").ok();
    field.awarded(&awarded);
    rea.post(&at(&routed, "routes"), json!({ "call_id": few })).ok();
    rea.command(&at(&routed, &format!("routes/{few}/submit"))).ok();
    routed
}

both! {
    fn everybody_finds_what_lists_show_them(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let (backer, other) = (field.backer("90.00"), field.backer("90.00"));
        let few = few(&field, &backer);
        let routed = everything(&field, &rea, &backer, &few);
        let draft = rea.post(LIST, form("Draft", "public", &field.call)).id();
        let asked = json!({ "email": mo.email, "name": "Mo" });
        rea.post(&format!("{LIST}/{draft}/members"), asked).ok();
        let auditor = web.with_role("Au", Role::Auditor);
        let (nobody, sam) = (web.anonymous(), web.person("Sam"));
        let desk = &field.desk;
        let all = [&nobody, &sam, &mo, &rea, &backer.who, &other.who, &desk.admin, &desk.finance,
            &auditor];
        let mut counts = Vec::new();
        for who in all {
            let everything = found(who, json!({}));
            assert_eq!(everything, listed(who, ""));
            counts.push(everything.len());
            for (word, statuses) in [
                ("inProgress", &["draft", "changes_requested"][..]),
                ("submitted", &["submitted", "open"][..]),
                ("accepted", &["awarded"][..]),
                ("rejected", &["declined"][..]),
                ("custom", &["withdrawn", "lapsed"][..]),
            ] {
                let lists = statuses.iter().map(|status| listed(who, &format!("&status={status}")));
                let mut lists: Vec<Value> = lists.flatten().collect();
                lists.sort_by(|x, y| y[0].as_str().cmp(&x[0].as_str()));
                let filters = json!({ "status": one_of(&[word]) });
                assert_eq!(found(who, json!({ "filters": filters })), lists, "{word}");
                let both = json!({ "status": one_of(&[word]), "opportunityId": one_of(&[&few]) });
                lists.retain(|row| row[3] == few.as_str());
                assert_eq!(found(who, json!({ "filters": both })), lists, "{word} of few");
            }
            for call in [&field.call, &few] {
                let mut list = listed(who, &format!("&call_id={call}"));
                list.retain(|row| row[3] == call.as_str());
                let filters = json!({ "competitionId": one_of(&[call]) });
                assert_eq!(found(who, json!({ "filters": filters })), list, "of a call");
            }
        }
        // Public: one awarded, two open. Rea has all, Mo is asked onto the draft, and who may spend
        // in the private call sees what is private there; those of the sponsor all but the draft.
        assert_eq!(counts, [3, 3, 4, 9, 4, 3, 8, 8, 8]);
        // What came into a call by a route is told with the call that it was written for.
        let there = listed(&desk.admin, &format!("&call_id={few}"));
        assert!(there.iter().any(|row| row[0] == routed.as_str()), "{there:?}");
        // That there is a private call is not public.
        let told = search(&nobody, json!({})).text();
        assert!(told.contains("Hidden call") && !told.contains(&few), "{told}");
        let said = nobody.get(LIST).text();
        assert!(!said.contains(&few), "{said}");
        // Each answer is as the official document has it.
        let document = official();
        let operation = &document["paths"][SEARCH]["post"];
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        for who in [&nobody, &rea, &desk.admin] {
            let answer = search(who, json!({})).ok();
            assert_eq!(judged(schema.clone(), &answer), [""; 0], "{answer}");
            let mut broken = answer;
            broken["items"][0]["status"] = json!("open");
            assert!(!judged(schema.clone(), &broken).is_empty(), "a fault is found");
        }
    }

    fn pages_filters_and_orders(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, nobody) = (web.person("Rea"), web.anonymous());
        for title in ["one", "two", "three", "four", "five"] {
            field.applies_with(&rea, form(title, "public", &field.call));
        }
        let page = |page: i32, size: i32| {
            let pagination = json!({ "page": page, "pageSize": size });
            search(&nobody, json!({ "pagination": pagination, "unheard": "of" }))
        };
        let first = page(1, 2);
        assert_eq!(titles(&first), ["five", "four"]);
        // It counts no further than to the page after it, and says so.
        let first = first.ok();
        let info = json!({ "page": 1, "pageSize": 2, "totalItems": 3, "totalPages": 2 });
        assert_eq!(first["paginationInfo"], info);
        let said = first["filterInfo"]["errors"][0].as_str().expect("words");
        assert!(said.contains("the first 3 of them"), "{said}");
        assert_eq!(page(1, 5).ok()["filterInfo"]["errors"], Value::Null);
        let last = page(3, 2);
        assert_eq!(titles(&last), ["one"]);
        let info = json!({ "page": 3, "pageSize": 2, "totalItems": 5, "totalPages": 3 });
        assert_eq!(last.ok()["paginationInfo"], info);
        assert_eq!(titles(&page(i32::MAX, 900)), [""; 0]);
        assert_eq!(page(1, 900).ok()["paginationInfo"]["pageSize"], 100);
        refused(&page(0, 0), &["/pagination/page", "/pagination/pageSize"]);
        // In the address, as the protocol has it; the page in the body.
        let filters = json!({ "status": one_of(&["submitted"]), "competitionId":
            one_of(&[&field.call]) });
        let body = json!({ "pagination": { "pageSize": 1 } });
        let (asked, order) = (encoded(&filters), encoded(&json!({ "sortBy": "createdAt" })));
        for sorting in ["sortBy,createdAt", "sortBy,createdAt,sortOrder,desc", order.as_str()] {
            let path = format!("{SEARCH}?filters={asked}&sorting={sorting}&unheard=of");
            let told = nobody.post(&path, body.clone());
            assert_eq!(titles(&told), ["five"]);
            let told = told.ok();
            assert_eq!(told["filterInfo"]["filters"], filters);
            let sort = json!({ "sortBy": "createdAt", "sortOrder": "desc" });
            assert_eq!((&told["sortInfo"], &told["message"]), (&sort, &json!("Success")));
        }
        let none = json!({ "status": one_of(&["accepted"]) });
        let told = nobody.post(&format!("{SEARCH}?filters={}", encoded(&none)), json!({}));
        assert_eq!(titles(&told), [""; 0]);
        let twice = nobody.post(&format!("{SEARCH}?filters={asked}"), json!({ "filters": {} }));
        refused(&twice, &["/filters"]);
    }

    fn what_cannot_be_followed_is_refused(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let nobody = web.anonymous();
        let filters = |filters: Value| search(&nobody, json!({ "filters": filters }));
        let range = json!({ "operator": "between",
            "value": { "min": "2026-01-01", "max": "2026-12-31" } });
        refused(&filters(json!({ "submittedAtRange": range })), &["/filters/submittedAtRange"]);
        let own = json!({ "customFilters": { "x": { "operator": "eq", "value": 1 } } });
        refused(&filters(own), &["/filters/customFilters"]);
        refused(&filters(json!({ "team": 1 })), &["/filters/team"]);
        let outside = json!({ "operator": "notIn", "value": [field.call] });
        let wrong = json!({ "opportunityId": outside, "competitionId": one_of(&["x"]) });
        refused(&filters(wrong),
            &["/filters/opportunityId/operator", "/filters/competitionId/value/0"]);
        for form in [json!({ "filters": null }), json!({ "sorting": null })] {
            enveloped(&search(&nobody, form), 422);
        }
        let sorted = |sorting: Value| search(&nobody, json!({ "sorting": sorting }));
        for by in ["lastModifiedAt", "submittedAt", "status.value", "opportunityId",
            "competitionId", "custom", "title"] {
            refused(&sorted(json!({ "sortBy": by })), &["/sorting/sortBy"]);
        }
        let up = json!({ "sortBy": "createdAt", "sortOrder": "asc" });
        refused(&sorted(up), &["/sorting/sortOrder"]);
        for (asked, field) in [
            ("filters=", "?filters"),
            ("filters=open", "?filters"),
            ("filters=%5B%5D", "?filters"),
            ("filters=%7B", "?filters"),
            ("filters=status,open", "/filters/status"),
            ("filters=%7B%22status%22:%5B%5D%7D", "/filters/status"),
            ("sorting=sortBy", "?sorting"),
            ("sorting=sortBy,title", "/sorting/sortBy"),
            ("sorting=sortBy,createdAt,sortOrder,asc", "/sorting/sortOrder"),
        ] {
            refused(&nobody.command(&format!("{SEARCH}?{asked}")), &[field]);
        }
        enveloped(&nobody.get(SEARCH), 405);
        enveloped(&nobody.send("POST", SEARCH, &[], Some(b"{".to_vec())), 400);
        let bad = [("Authorization", "Bearer nonsense")];
        enveloped(&nobody.send("POST", SEARCH, &bad, Some(b"{}".to_vec())), 401);
    }

    fn what_the_team_writes_meanwhile_is_the_teams(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), &field.desk.admin);
        let id = field.applies_with(&rea, form("Probes", "public", &field.call));
        let row = |who: &Client| search(who, json!({})).ok()["items"][0].clone();
        let (whole, path) = (format!("/common-grants/applications/{id}"), format!("{LIST}/{id}"));
        let read = || rea.get(&whole).ok()["data"]["lastModifiedAt"].clone();
        let before = read();
        assert_eq!((&row(&rea)["lastModifiedAt"], &row(admin)["lastModifiedAt"]),
            (&before, &before));
        let why = json!({ "reason": "Say more." });
        admin.post(&format!("{path}/request-changes"), why).ok();
        t.clock.advance_seconds(3_600);
        let etag = rea.get(&path).etag().to_owned();
        rea.patch(&path, &etag, json!({ "title": "Canary" })).ok();
        let after = read();
        assert_ne!(after, before);
        let theirs = row(&rea);
        assert_eq!((&theirs["title"], &theirs["lastModifiedAt"]), (&json!("Canary"), &after));
        let told = row(admin);
        assert_eq!(told["title"], "Probes");
        assert!(told["lastModifiedAt"].as_str() < after.as_str(), "{told}");
        assert_eq!(told["status"]["value"], "inProgress");
    }
}
