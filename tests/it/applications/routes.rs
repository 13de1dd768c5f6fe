//! One application, several calls: only what a further call adds is asked.

use super::*;
use crate::support::field::{Backer, Field};

const QUIZ: &str = "Only for work that is done here.";

pub(super) fn question(key: &str, kind: &str, more: Value) -> Value {
    let mut question = json!({ "key": key, "label": format!("What of {key}?"), "kind": kind });
    for (name, value) in more.as_object().expect("fields") {
        question[name] = value.clone();
    }
    question
}

pub(super) fn write_form(admin: &Client, call: &str, form: &Value) {
    let path = format!("/api/v1/calls/{call}/form");
    let etag = admin.get(&path).etag().to_owned();
    let body = Some(form.to_string().into_bytes());
    admin.send("PUT", &path, &[("If-Match", &etag)], body).ok();
}

/// What the first call asks.
fn own_form() -> Value {
    json!({ "questions": [
        question("plan", "long_text", json!({ "reuse_key": "plan", "required": true })),
        question("size", "number", json!({})),
        question("cv", "file", json!({})),
    ] })
}

/// What the second call asks: the plan under another key, the size, a file, and a risk.
fn further_form() -> Value {
    json!({
        "questions": [
            question("idea", "long_text", json!({ "reuse_key": "plan", "required": true })),
            question("size", "number", json!({ "required": true })),
            question("cv", "file", json!({ "required": true })),
            question("risk", "short_text", json!({ "required": true, "reuse_key": "risk" })),
        ],
        "eligibility": [{ "key": "place", "label": "Where?", "refusal": QUIZ,
            "options": [{ "key": "here", "label": "Here" }, { "key": "there", "label": "There" }],
            "eligible": ["here"] }],
    })
}

pub(super) fn attach(who: &Client, id: &str) -> String {
    let path = at(&format!("{id}/attachments?name=cv.txt"));
    who.send("POST", &path, &[("Content-Type", "text/plain")], Some(b"Me.".to_vec())).id()
}

pub(super) fn route(who: &Client, id: &str, call: &str, answers: Value) -> Reply {
    who.post(&at(&format!("{id}/routes")), json!({ "call_id": call, "answers": answers }))
}

pub(super) fn place(id: &str, call: &str) -> String {
    at(&format!("{id}/routes/{call}"))
}

pub(super) fn command(who: &Client, id: &str, call: &str, what: &str) -> Reply {
    who.command(&format!("{}/{what}", place(id, call)))
}

/// Routed and handed in to a call that asks nothing.
pub(super) fn is_in(who: &Client, id: &str, call: &str) {
    route(who, id, call, json!({})).ok();
    command(who, id, call, "submit").ok();
}

pub(super) fn ids(reply: &Reply) -> Vec<String> {
    let page = reply.ok();
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

/// A call in which only the fund of this backer may spend.
pub(super) fn call_of(field: &Field<'_>, backer: &Backer) -> String {
    call(
        &field.desk.admin,
        json!({ "title": "Of one fund", "kind": "rolling",
        "opens_on": "2020-01-01", "fund_ids": [backer.fund], "decision_days": 30 }),
    )
}

both! {
    fn only_what_a_further_call_adds_is_asked(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let (rea, own, more) = (web.person("Rea"), rolling(&admin), rolling(&admin));
        write_form(&admin, &own, &own_form());
        write_form(&admin, &more, &further_form());
        let id = draft(&rea, &own, json!({ "answers": { "plan": "We grind", "size": 3 } }));
        let file = attach(&rea, &id);
        let etag = rea.get(&at(&id)).etag().to_owned();
        rea.patch(&at(&id), &etag, json!({ "answers": { "cv": file } })).ok();
        let refused = route(&rea, &id, &more, json!({ "place": "there" }));
        let refused = refused.wrong_fields(&["/answers/place"]);
        assert_eq!((&refused["fields"][0]["code"], &refused["fields"][0]["message"]),
            (&json!("not_eligible"), &json!(QUIZ)));
        rea.get(&place(&id, &more)).refused(404, "not_found");

        let made = route(&rea, &id, &more, json!({}));
        assert_eq!((made.status, made.etag()), (201, "\"v1\""));
        let view = made.ok();
        assert_eq!(view["answers"], json!({ "idea": "We grind", "size": 3, "cv": file }));
        let carried = json!([{ "key": "cv", "from": "cv" }, { "key": "idea", "from": "plan" },
            { "key": "size", "from": "size" }]);
        assert_eq!(view["carried"], carried);
        let asked: Vec<&Value> =
            view["asked"].as_array().expect("a list").iter().map(|q| &q["key"]).collect();
        assert_eq!(asked, ["risk"]);
        assert_eq!(view["eligibility"][0]["key"], "place");
        assert_eq!(view["missing"], json!(["/answers/place", "/answers/risk"]));
        command(&rea, &id, &more, "submit").refused(409, "wrong_state");
        rea.command(&at(&format!("{id}/submit"))).ok();
        command(&rea, &id, &more, "submit").wrong_fields(&["/answers/place", "/answers/risk"]);
        let edit = |etag: &str, body: Value| rea.patch(&place(&id, &more), etag, body);
        edit("\"v7\"", json!({})).refused(412, "edited_meanwhile");
        edit("\"v1\"", json!({ "answers": { "cv": more } })).wrong_fields(&["/answers/cv"]);
        edit("\"v1\"", json!({ "answers": { "gone": 1 } })).wrong_fields(&["/answers/gone"]);
        let saved = edit("\"v1\"", json!({ "answers": { "risk": "None", "place": "here",
            "size": 4 } }));
        assert_eq!((saved.etag(), &saved.ok()["missing"]), ("\"v2\"", &json!([])));
        assert_eq!(saved.ok()["answers"]["size"], 4, "here it is another");
        let there = format!("{}/submit", place(&id, &more));
        rea.send("POST", &there, &[("If-Match", "\"v1\"")], Some(b"{}".to_vec()))
            .refused(412, "edited_meanwhile");
        let done = command(&rea, &id, &more, "submit").ok();
        assert_eq!((&done["status"], &done["promised_on"], &done["submitted_by"]["name"]),
            (&json!("submitted"), &json!("2026-11-30"), &json!("Rea")));
        assert_eq!(rea.get(&at(&id)).ok()["answers"]["size"], 3, "its own stays");
        edit("\"v3\"", json!({ "answers": { "risk": "Much" } })).refused(409, "wrong_state");
        // What was answered here is remembered as what was answered there.
        let mine = rea.get("/api/v1/me/answers").text();
        assert!(mine.contains("\"risk\"") && mine.contains("\"plan\""), "{mine}");
        // What came over follows the application; the file that it names stays where it is.
        admin.post(&at(&format!("{id}/request-changes")), json!({ "reason": "Say more." })).ok();
        let etag = rea.get(&at(&id)).etag().to_owned();
        rea.patch(&at(&id), &etag, json!({ "answers": { "plan": "We grind fine" } })).ok();
        rea.delete(&at(&format!("{id}/attachments/{file}"))).refused(409, "wrong_state");
        rea.command(&at(&format!("{id}/submit"))).ok();
        let now = admin.get(&place(&id, &more)).ok();
        assert_eq!((&now["answers"]["idea"], &now["answers"]["size"]),
            (&json!("We grind fine"), &json!(4)));
    }

    fn a_route_that_cannot_be_is_refused_and_says_why(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let (rea, own, more) = (web.person("Rea"), rolling(&admin), rolling(&admin));
        let id = draft(&rea, &own, json!({}));
        let written = json!({ "title": "Not yet", "kind": "rolling", "visibility": "private" });
        let unseen = admin.post("/api/v1/calls", written).id();
        for call in [unseen.as_str(), id.as_str()] {
            let told = route(&rea, &id, call, json!({})).wrong_fields(&["/call_id"]);
            assert_eq!(told["fields"][0]["code"], "unknown");
        }
        let closed = rolling(&admin);
        route(&rea, &id, &own, json!({})).refused(409, "already_exists");
        route(&rea, &id, &more, json!({ "x": 1 })).wrong_fields(&["/answers/x"]);
        let soon = route(&rea, &id, &closed, json!({}));
        soon.ok();
        admin.command(&format!("/api/v1/calls/{closed}/close")).ok();
        let said = route(&rea, &draft(&rea, &own, json!({})), &closed, json!({}));
        let said = said.refused(409, "wrong_state");
        assert!(said["detail"].as_str().expect("why").contains("closed"), "{said}");
        rea.command(&at(&format!("{id}/submit"))).ok();
        // Closed between routing and handing in: nothing goes in any more.
        command(&rea, &id, &closed, "submit").refused(409, "wrong_state");
        is_in(&rea, &id, &more);
        route(&rea, &id, &more, json!({})).refused(409, "already_exists");
        command(&rea, &id, &more, "submit").refused(409, "wrong_state");
        // Left, it can come back; ended, nothing can.
        command(&rea, &id, &more, "withdraw").ok();
        command(&rea, &id, &more, "withdraw").refused(409, "wrong_state");
        assert_eq!(route(&rea, &id, &more, json!({})).ok()["status"], "draft");
        // What was answered there is there again, also where the form was edited meanwhile.
        let mut form = json!({ "questions": [question("risk", "short_text", json!({}))] });
        command(&rea, &id, &more, "withdraw").ok();
        write_form(&admin, &more, &form);
        route(&rea, &id, &more, json!({})).ok();
        let path = place(&id, &more);
        let etag = rea.get(&path).etag().to_owned();
        rea.patch(&path, &etag, json!({ "answers": { "risk": "It may break." } })).ok();
        command(&rea, &id, &more, "withdraw").ok();
        form["questions"].as_array_mut().expect("questions").push(
            question("place", "short_text", json!({})));
        write_form(&admin, &more, &form);
        let again = route(&rea, &id, &more, json!({})).ok();
        assert_eq!(again["answers"]["risk"], "It may break.", "{again}");
        web.person("Sam").post(&at(&format!("{id}/routes")), json!({ "call_id": more }))
            .refused(404, "not_found");
        admin.post(&at(&format!("{id}/routes")), json!({ "call_id": more }))
            .refused(403, "forbidden");
        rea.command(&at(&format!("{id}/withdraw"))).ok();
        assert_eq!(rea.get(&place(&id, &more)).ok()["status"], "ended");
        route(&rea, &id, &rolling(&admin), json!({})).refused(409, "wrong_state");
        let eur = json!({ "amount": "5.00", "currency": "EUR" });
        let euros = draft(&rea, &own, json!({ "amount_minimum": eur, "amount_requested": eur,
            "budget_lines": [{ "label": "All", "amount": eur }] }));
        rea.command(&at(&format!("{euros}/submit"))).ok();
        let field = web.field();
        let dollars = call_of(&field, &field.backer("5.00"));
        route(&rea, &euros, &dollars, json!({})).ok();
        command(&rea, &euros, &dollars, "submit").wrong_fields(&["/amount_requested/currency"]);
        // What is in there does not come to ask for what none of its funds holds.
        let ok = submitted(&rea, &own, json!({}));
        is_in(&rea, &ok, &dollars);
        send_back(&admin, &ok);
        edit(&rea, &ok, json!({ "amount_minimum": eur, "amount_requested": eur,
            "budget_lines": [{ "label": "All", "amount": eur }] })).ok();
        rea.command(&at(&format!("{ok}/submit"))).wrong_fields(&["/amount_requested/currency"]);
    }

    fn the_funds_of_a_further_call_come_across_it_and_may_offer(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, here, there) = (web.person("Rea"), field.backer("90.00"), field.backer("90.00"));
        let (own, more) = (call_of(&field, &here), call_of(&field, &there));
        let ten = json!({ "call_id": own, "visibility": "private",
            "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"),
            "budget_lines": [{ "label": "All", "amount": usd("50.00") }] });
        let id = field.applies_with(&rea, ten);
        let by_call = |call: &str| format!("{APPLICATIONS}?call_id={call}");
        let search = |call: &str| format!("/api/v1/search/applications?call_id={call}&q=lens");
        let sees = |who: &Client| {
            let paths = [APPLICATIONS.to_owned(), by_call(&more), search(&more),
                "/api/v1/me/queue".to_owned()];
            let found = |path: &String| ids(&who.get(path)).contains(&id);
            (who.get(&at(&id)).status, paths.iter().map(found).collect::<Vec<_>>())
        };
        assert_eq!(sees(&there.who), (404, vec![false; 4]));
        there.offer(&id, "5.00").refused(404, "not_found");
        route(&rea, &id, &more, json!({})).ok();
        assert_eq!(sees(&there.who), (404, vec![false; 4]), "not before it is handed in");
        command(&rea, &id, &more, "submit").ok();
        assert_eq!(sees(&there.who), (200, vec![true; 4]));
        let this = std::slice::from_ref(&id);
        assert_eq!(ids(&there.who.get(&by_call(&own))), this, "they know it by the other");
        assert_eq!(ids(&here.who.get(&by_call(&more))), this);
        assert!(ids(&field.desk.admin.get(&by_call(&more))).contains(&id));
        assert_eq!(ids(&rea.get(&format!("{}&mine=true", by_call(&more)))), this);
        assert!(ids(&web.person("Sam").get(&by_call(&more))).is_empty());
        web.person("Sam").get(&place(&id, &more)).refused(404, "not_found");
        assert_eq!(there.who.get(&place(&id, &more)).ok()["status"], "submitted");
        let offer = there.offer(&id, "20.00").id();
        let stays = here.offer(&id, "15.00").id();

        // Taken out of that call, its fund has no more to do with it.
        command(&rea, &id, &more, "withdraw").ok();
        assert_eq!(sees(&there.who).0, 404);
        assert!(ids(&field.desk.admin.get(&by_call(&more))).is_empty());
        assert!(ids(&field.desk.admin.get(&search(&more))).is_empty());
        web.work();
        assert_eq!((&field.offer(&offer)["status"], &field.offer(&stays)["status"]),
            (&json!("released"), &json!("placed")));
        assert_eq!(field.available(&there), "90.00");
        field.sound();
    }

    fn an_award_takes_nothing_from_a_fund_whose_call_was_left(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, here, there) = (web.person("Rea"), field.backer("90.00"), field.backer("90.00"));
        let (own, more) = (call_of(&field, &here), call_of(&field, &there));
        let id = field.applies_with(&rea, json!({ "call_id": own,
            "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"),
            "budget_lines": [{ "label": "All", "amount": usd("50.00") }] }));
        is_in(&rea, &id, &more);
        there.offer(&id, "20.00").ok();
        here.offer(&id, "15.00").ok();
        command(&rea, &id, &more, "withdraw").ok();
        // Before any job has run.
        let grant = field.awarded(&id);
        assert_eq!(field.grant(&grant)["amount_awarded"], usd("15.00"));
        assert_eq!(field.available(&there), "90.00");
        web.work();
        field.sound();
    }

    fn one_call_declines_and_the_application_goes_on(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let admin = &field.desk.admin;
        let (own, more) = (rolling(admin), rolling(admin));
        let id = draft(&rea, &own, json!({}));
        rea.command(&at(&format!("{id}/submit"))).ok();
        t.clock.advance_seconds(3 * 86_400);
        is_in(&rea, &id, &more);
        t.clock.advance_seconds(2 * 86_400);
        let why = json!({ "reason": "Not in this call." });
        let decline = format!("{}/decline", place(&id, &more));
        rea.post(&decline, why.clone()).refused(403, "forbidden");
        admin.post(&decline, json!({ "reason": " " })).wrong_fields(&["/reason"]);
        let said = admin.post(&decline, why.clone()).ok();
        assert_eq!((&said["status"], &said["reason"]),
            (&json!("declined"), &json!("Not in this call.")));
        admin.post(&decline, why).refused(409, "wrong_state");
        assert_eq!(rea.get(&at(&id)).ok()["status"], "submitted");
        route(&rea, &id, &more, json!({})).refused(409, "wrong_state");
        let letter = mails(&web, &rea.email).pop().expect("a mail");
        assert!(letter.subject.contains("Declined in one call"), "{}", letter.subject);
        assert!(letter.text.contains("Not in this call."), "{}", letter.text);
        let days = |call: &str| {
            let page = admin.get(&format!("/api/v1/stats/decisions?call_id={call}")).ok();
            page["items"][0]["months"].clone()
        };
        assert!(days(&more).to_string().contains("2026-11"), "{}", days(&more));
        let abe = web.with_role("Abe Admin", Role::Admin);
        let other = draft(&abe, &own, json!({}));
        abe.command(&at(&format!("{other}/submit"))).ok();
        is_in(&abe, &other, &more);
        let decline = format!("{}/decline", place(&other, &more));
        abe.post(&decline, json!({ "reason": "Mine." })).refused(403, "two_persons");
    }

    fn a_draft_is_deleted_with_its_routes(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, more) = (rolling(&admin), rolling(&admin));
        let id = draft(&rea, &own, json!({}));
        route(&rea, &id, &more, json!({})).ok();
        assert_eq!(rea.send("DELETE", &at(&id), &[], None).status, 204);
        rea.get(&place(&id, &more)).refused(404, "not_found");
    }

    fn each_call_keeps_its_own_promise(t: &Harness) {
        day(t, "2026-11-02");
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let admin = &field.desk.admin;
        let of = |days: i32| call(admin, json!({ "title": format!("In {days}"),
            "kind": "rolling", "opens_on": "2020-01-01", "decision_days": days }));
        let (own, more) = (of(200), of(30));
        let id = draft(&rea, &own, json!({}));
        rea.command(&at(&format!("{id}/submit"))).ok();
        is_in(&rea, &id, &more);
        let promised = || rea.get(&place(&id, &more)).ok()["promised_on"].clone();
        assert_eq!(promised(), "2026-12-02");
        day(t, "2026-11-25");
        web.work();
        assert!(field.subjects(admin).iter().any(|s| s.contains("waits for a decision")));
        day(t, "2026-11-30");
        web.work();
        assert_eq!(promised(), "2026-12-17", "moved before it was missed");
        let told = field.subjects(&rea);
        assert!(told.iter().any(|s| s.contains("takes longer in one call")), "{told:?}");
        let own_day = rea.get(&at(&id)).ok()["promised_on"].clone();
        assert_eq!(own_day, "2027-05-21", "its own stays");
        // While changes are asked for the clock stands; then the days are added.
        admin.post(&at(&format!("{id}/request-changes")), json!({ "reason": "More." })).ok();
        day(t, "2026-12-20");
        web.work();
        assert_eq!(promised(), "2026-12-17");
        rea.command(&at(&format!("{id}/submit"))).ok();
        assert_eq!(promised(), "2027-01-06");
        let told = mails(&web, &rea.email);
        let again = told.iter().rfind(|mail| mail.subject.starts_with("We have your application"));
        let again = &again.expect("a mail").text.replace('\n', " ");
        assert!(again.contains("“In 30”, where it is as well, it is decided by 2027-01-06."),
            "{again}");
        let no = json!({ "reason": "No.", "all_calls": true });
        admin.post(&at(&format!("{id}/decline")), no).ok();
        assert_eq!(rea.get(&place(&id, &more)).ok()["status"], "ended");
    }

    fn it_lapses_once_it_is_over_in_all_of_its_calls(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let short = |title: &str| call(&admin, json!({ "title": title, "kind": "dated",
            "opens_on": "2026-11-02", "closes_on": "2026-11-03", "decision_days": 7 }));
        let (own, more) = (short("Own"), short("More"));
        let endless = rolling(&admin);
        let [over, goes_on] = [&more, &endless].map(|further| {
            let id = opened(&rea, &admin, &own, json!({}));
            is_in(&rea, &id, further);
            id
        });
        for _ in 0..40 {
            t.clock.advance_seconds(2 * 86_400);
            web.work();
            let read = rea.get(&at(&goes_on)).ok();
            let today = json!(web.env().clock.now().date());
            let promised = read["promised_on"].as_str() >= today.as_str();
            assert!(promised, "its day passed in silence, on {today}: {read}");
        }
        let status = |id: &str| rea.get(&at(id)).ok()["status"].clone();
        assert_eq!((status(&over), status(&goes_on)), (json!("lapsed"), json!("open")));
        assert_eq!(rea.get(&place(&over, &more)).ok()["status"], "ended");
    }
}
