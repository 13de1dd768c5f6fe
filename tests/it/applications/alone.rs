//! Its own call declines it alone: the application goes on in its further calls, until the last of
//! them has declined it as well.

use super::routed::{comes_back, dated};
use super::routes::{command, ids, is_in, place};
use super::*;
use crate::support::field::{Backer, Field};

/// Somebody's application in a call of one backer and, handed in there as well, of another one.
struct Two<'w> {
    field: Field<'w>,
    rea: Client,
    here: Backer,
    there: Backer,
    own: String,
    more: String,
    id: String,
}

/// A rolling call in which only the fund of this backer may spend.
fn call_of(field: &Field<'_>, backer: &Backer, title: &str, decision_days: i32) -> String {
    let form = json!({ "title": title, "kind": "rolling", "opens_on": "2020-01-01",
        "fund_ids": [backer.fund], "decision_days": decision_days });
    call(&field.desk.admin, form)
}

/// Its own call decides within 30 days, the further one within 60.
fn two(web: &Web) -> Two<'_> {
    let field = web.field();
    let (rea, here, there) = (web.person("Rea"), field.backer("90.00"), field.backer("90.00"));
    let own = call_of(&field, &here, "Own", 30);
    let more = call_of(&field, &there, "Further", 60);
    let id = field.applies_with(
        &rea,
        json!({ "call_id": own,
        "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"),
        "budget_lines": [{ "label": "All", "amount": usd("50.00") }] }),
    );
    is_in(&rea, &id, &more);
    Two { field, rea, here, there, own, more, id }
}

fn decline(who: &Client, id: &str, more: Value) -> Reply {
    let mut form = json!({ "reason": "Not ours." });
    for (name, value) in more.as_object().expect("fields") {
        form[name] = value.clone();
    }
    who.post(&at(&format!("{id}/decline")), form)
}

fn own_alone(who: &Client, id: &str) -> Value {
    decline(who, id, json!({ "own_call": true })).ok()
}

const COMMON: &str = "/common-grants/applications/search";

/// The call that somebody reads of an application: in full, in a list, in a search, and in the
/// protocol's words.
fn call_told(who: &Client, id: &str) -> [Value; 4] {
    let row = |page: Value| {
        let items = page["items"].as_array().expect("items");
        items.iter().find(|row| row["id"] == id).expect("it is there").clone()
    };
    let of = |path: &str| row(who.get(path).ok())["call_id"].clone();
    let common = row(who.post(COMMON, json!({})).ok());
    assert_eq!(common["competitionId"], common["opportunityId"]);
    let common = match &common["opportunityId"] {
        none if *none == json!("00000000-0000-0000-0000-000000000000") => Value::Null,
        call => call.clone(),
    };
    let whole = who.get(&at(id)).ok()["call_id"].clone();
    [whole, of(APPLICATIONS), of("/api/v1/search/applications?q=lens"), common]
}

/// What a call gives to whom it declined.
fn gives(admin: &Client, call: &str, appeals: &str) {
    let path = format!("/api/v1/calls/{call}/decisions");
    let etag = admin.get(&path).etag().to_owned();
    let terms = json!({ "appeals": appeals, "appeal_days": 10 }).to_string().into_bytes();
    admin.send("PUT", &path, &[("If-Match", &etag)], Some(terms)).ok();
}

/// Decisions that were counted, in all calls.
fn counted(web: &Web) -> i64 {
    let sql = "SELECT CAST(coalesce(sum(number), 0) AS BIGINT) AS rows \
               FROM decision_tallies WHERE kind = 'decision'";
    super::delete::count(web, sql)
}

both! {
    fn its_own_call_declines_alone_and_it_goes_on(t: &Harness) {
        let web = t.serve();
        let Two { field, rea, here, there, own, more, id } = two(&web);
        let (admin, sam) = (&field.desk.admin, web.person("Sam"));
        let (mine, stays) = (here.offer(&id, "15.00").id(), there.offer(&id, "20.00").id());
        decline(admin, &id, json!({ "own_call": true, "all_calls": true }))
            .wrong_fields(&["/own_call"]);
        let refused = decline(admin, &id, json!({})).refused(409, "wrong_state");
        let detail = refused["detail"].as_str().expect("words");
        assert!(detail.contains("\"own_call\": true"), "{detail}");
        let said = own_alone(admin, &id);
        assert_eq!((&said["status"], &said["promised_on"]),
            (&json!("open"), &json!("2027-01-01")), "the day of the further call");
        assert!(said["own_call_declined_at"].is_string(), "{said}");
        assert_eq!(said["version"], rea.get(&at(&id)).ok()["version"]);
        assert_eq!(rea.get(&at(&format!("{id}/decline"))).ok()["reason"], "Not ours.");
        decline(admin, &id, json!({ "own_call": true })).refused(409, "wrong_state");
        // Who only comes across it is not told.
        for who in [&sam, &there.who] {
            assert_eq!(who.get(&at(&id)).ok()["own_call_declined_at"], Value::Null);
        }
        // The money that only its own call brought goes back, and none comes any more.
        web.work();
        assert_eq!((&field.offer(&mine)["status"], &field.offer(&stays)["status"]),
            (&json!("released"), &json!("placed")));
        assert_eq!(field.available(&here), "90.00");
        here.offer(&id, "5.00").wrong_fields(&["/budget_id"]);
        field.sound();
        // It is in the lists of the call that it goes on in, and in no other.
        let found = |who: &Client, path: &str| ids(&who.get(path)).contains(&id);
        for (call, is_there) in [(&own, false), (&more, true)] {
            let by = format!("?call_id={call}");
            assert_eq!(found(admin, &format!("{APPLICATIONS}{by}")), is_there);
            assert_eq!(found(&rea, &format!("{APPLICATIONS}{by}&mine=true")), is_there);
            assert_eq!(found(admin, &format!("/api/v1/search/applications{by}&q=lens")), is_there);
            assert_eq!(found(&sam, &format!("/api/v1/public/applications{by}")), is_there);
        }
        let rows = rea.get(&format!("{APPLICATIONS}?mine=true")).ok();
        assert!(rows["items"][0]["own_call_declined_at"].is_string(), "{rows}");
        let queued = |who: &Client| found(who, "/api/v1/me/queue");
        assert_eq!((queued(&here.who), queued(&there.who)), (false, true));
        let page = sam.get(&format!("/api/v1/public/applications/{id}")).ok();
        assert_eq!((&page["call"]["id"], &page["promised_on"]),
            (&json!(more), &json!("2027-01-01")));
        // Its applicant reads so, by mail and where it stands.
        let letter = mails(&web, &rea.email).into_iter().find(|m| m.subject.contains("one call"));
        let letter = letter.expect("a mail").text.replace('\n', " ");
        for words in ["In the call “Own” your application was declined", "Not ours.",
            "It goes on in its other calls", "decided by 2027-01-01"] {
            assert!(letter.contains(words), "{words}: {letter}");
        }
        let next = rea.get("/api/v1/me/next").ok()["items"][0]["next"].to_string();
        assert!(next.contains("Its own call has declined it"), "{next}");
        let clock = rea.get(&at(&format!("{id}/clock"))).ok();
        assert_eq!((&clock["ahead"], &clock["days_left"]), (&Value::Null, &json!(60)));
        assert!(clock["next"].as_str().expect("words").contains("goes on"), "{clock}");
        // What is awarded is awarded in the call that it goes on in.
        let grant = field.grant(&field.awarded(&id));
        assert_eq!((&grant["amount_awarded"], &grant["call_id"]), (&usd("20.00"), &json!(more)));
        field.sound();
    }

    fn who_is_not_told_of_it_reads_a_further_call(t: &Harness) {
        let web = t.serve();
        let Two { field, rea, here, there, own, more, id } = two(&web);
        let (admin, nobody, sam) = (&field.desk.admin, web.anonymous(), web.person("Sam"));
        // One that goes on where only who may fund there knows of it.
        let few = call(admin, json!({ "title": "Few", "kind": "rolling", "visibility": "private",
            "opens_on": "2020-01-01", "fund_ids": [there.fund] }));
        let other = field.applies_with(&rea, json!({ "call_id": own,
            "amount_minimum": usd("10.00"), "amount_requested": usd("50.00"),
            "budget_lines": [{ "label": "All", "amount": usd("50.00") }] }));
        is_in(&rea, &other, &few);
        let all = [&nobody, &sam, &here.who, &there.who, &rea, admin];
        for who in all {
            assert_eq!(call_told(who, &id), [(); 4].map(|()| json!(own)));
        }
        for it in [&id, &other] {
            own_alone(admin, it);
        }
        let (own, more, few) = (json!(own), json!(more), json!(few));
        let told = [(&more, &Value::Null), (&more, &Value::Null), (&more, &Value::Null),
            (&more, &few), (&own, &own), (&own, &own)];
        for (who, (first, second)) in all.into_iter().zip(told) {
            assert_eq!(call_told(who, &id), [(); 4].map(|()| first.clone()));
            assert_eq!(call_told(who, &other), [(); 4].map(|()| second.clone()));
        }
        // To who may fund it there, that is its own call, and no further one.
        let routed = |who: &Client| {
            let page = who.get(&at(&format!("{id}/routes"))).ok();
            page["items"].as_array().map(Vec::len)
        };
        assert_eq!((routed(&there.who), routed(&rea), routed(admin)), (Some(0), Some(1), Some(1)));
        // By its own call it is found by those alone who are told that this has declined it.
        let filters = json!({ "opportunityId": { "operator": "in", "value": [own] } });
        let found = |who: &Client| ids(&who.post(COMMON, json!({ "filters": filters })));
        for who in &all[..4] {
            assert_eq!(found(who), [""; 0]);
        }
        for who in &all[4..] {
            assert_eq!(found(who), [other.as_str(), id.as_str()]);
        }
    }

    fn its_team_finds_the_only_one_that_a_private_call_declined(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam, admin) = (web.person("Rea"), web.person("Sam"), &field.desk.admin);
        let of = |visibility: &str| call(admin, json!({ "title": visibility, "kind": "rolling",
            "opens_on": "2020-01-01", "visibility": visibility }));
        let (own, more) = (of("private"), of("public"));
        let id = opened(&rea, admin, &own, json!({ "visibility": "public" }));
        is_in(&rea, &id, &more);
        own_alone(admin, &id);
        let filters = json!({ "opportunityId": { "operator": "in", "value": [own] } });
        let found = |who: &Client| ids(&who.post(COMMON, json!({ "filters": filters })));
        assert_eq!((found(&rea), found(admin)), (vec![id.clone()], vec![id.clone()]));
        assert_eq!(found(&sam), [""; 0]);
        // The lists of that call have it no more.
        assert_eq!(ids(&rea.get(&format!("{APPLICATIONS}?call_id={own}"))), [""; 0]);
    }

    fn once_the_last_call_has_declined_it_it_ends(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea"), &field.desk.admin);
        let of = |title: &str| call(admin, json!({ "title": title, "kind": "rolling",
            "opens_on": "2020-01-01" }));
        let (own, light, sound) = (of("Own"), of("Light"), of("Sound"));
        let id = opened(&rea, admin, &own, json!({}));
        is_in(&rea, &id, &light);
        is_in(&rea, &id, &sound);
        own_alone(admin, &id);
        let no = |call: &str| {
            let path = format!("{}/decline", place(&id, call));
            admin.post(&path, json!({ "reason": "Nor ours." })).ok()
        };
        let status = |id: &str| rea.get(&at(id)).ok()["status"].clone();
        no(&light);
        assert_eq!(status(&id), "open");
        // Out of the last one it is taken as a whole.
        command(&rea, &id, &sound, "withdraw").refused(409, "wrong_state");
        assert_eq!(no(&sound)["status"], "declined");
        let ended = rea.get(&at(&id)).ok();
        assert_eq!((&ended["status"], &ended["status_reason"]),
            (&json!("declined"), &json!("Nor ours.")));
        let letter = mails(&web, &rea.email).pop().expect("a mail");
        assert!(letter.subject.contains("Your application was declined"), "{}", letter.subject);
        let text = letter.text.replace('\n', " ");
        assert!(text.contains("“Sound”") && text.contains("in all of its calls"), "{text}");
        assert_eq!(counted(&web), 3, "one in each call");
        // All that are left can be declined at once.
        let other = opened(&rea, admin, &own, json!({}));
        is_in(&rea, &other, &light);
        is_in(&rea, &other, &sound);
        own_alone(admin, &other);
        decline(admin, &other, json!({})).refused(409, "wrong_state");
        assert_eq!(decline(admin, &other, json!({ "all_calls": true })).ok()["status"], "declined");
        for call in [&light, &sound] {
            assert_eq!(rea.get(&place(&other, call)).ok()["status"], "declined");
        }
        assert_eq!(counted(&web), 6);
        // In no further call its own is all that it is in.
        let third = opened(&rea, admin, &own, json!({}));
        assert_eq!(own_alone(admin, &third)["status"], "declined");
    }

    fn an_appeal_brings_it_back_into_its_own_call(t: &Harness) {
        let web = t.serve();
        let Two { field, rea, here, there, own, more, id } = two(&web);
        let (ada, abe) = (&field.desk.admin, web.with_role("Abe Admin", Role::Admin));
        gives(ada, &own, "appeal");
        own_alone(ada, &id);
        web.work();
        let decided = || rea.get(&at(&format!("{id}/decline"))).ok();
        assert_eq!((&decided()["remedy"], &decided()["remedy_until"]),
            (&json!("appeal"), &json!("2026-11-12")));
        let next = rea.get("/api/v1/me/next").ok();
        assert!(next.to_string().contains(&at(&format!("{id}/appeal"))), "{next}");
        rea.post(&at(&format!("{id}/appeal")), json!({ "text": "Look again." })).ok();
        t.clock.advance_seconds(2 * 86_400);
        let answer = |who: &Client| {
            let yes = json!({ "outcome": "reopened", "reason": "We look again." });
            who.post(&at(&format!("{id}/appeal/answer")), yes)
        };
        answer(ada).refused(403, "two_persons");
        answer(&abe).ok();
        let back = rea.get(&at(&id)).ok();
        assert_eq!((&back["status"], &back["own_call_declined_at"], &back["promised_on"]),
            (&json!("open"), &Value::Null, &json!("2026-12-04")));
        assert_eq!(rea.get(&place(&id, &more)).ok()["promised_on"], "2027-01-01", "as it was");
        let told = mails(&web, &rea.email).pop().expect("a mail");
        assert!(told.subject.contains("looked at again"), "{}", told.subject);
        assert!(told.text.contains("2026-12-04"), "{}", told.text);
        here.offer(&id, "5.00").ok();
        there.offer(&id, "5.00").ok();
        // Its days there are kept again.
        day(t, "2026-12-02");
        web.work();
        assert_eq!(web.sign_in(rea).get(&at(&id)).ok()["promised_on"], "2026-12-19");
        // Decided anew it is not counted twice, and there is no second appeal.
        let abe = web.sign_in(abe);
        own_alone(&abe, &id);
        assert_eq!(counted(&web), 1);
        assert_eq!(abe.get(&at(&format!("{id}/decline"))).ok()["remedy"], "none");
        field.sound();
    }

    fn an_appeal_that_can_bring_nothing_any_more_is_over(t: &Harness) {
        let web = t.serve();
        let Two { field, rea, there, own, id, .. } = two(&web);
        let (ada, abe) = (&field.desk.admin, web.with_role("Abe Admin", Role::Admin));
        gives(ada, &own, "appeal");
        own_alone(ada, &id);
        rea.post(&at(&format!("{id}/appeal")), json!({ "text": "Look again." })).ok();
        there.offer(&id, "20.00").ok();
        field.awarded(&id);
        let appeal = rea.get(&at(&format!("{id}/decline"))).ok()["appeal"].clone();
        assert_eq!((&appeal["outcome"], &appeal["answer"]), (&json!("ended"), &Value::Null));
        let told = mails(&web, &abe.email);
        assert!(told.iter().any(|m| m.subject.contains("An appeal is over")));
        let yes = json!({ "outcome": "reopened", "reason": "We look again." });
        abe.post(&at(&format!("{id}/appeal/answer")), yes).refused(409, "wrong_state");
        assert_eq!(ada.get("/api/v1/appeals?status=waiting").ok()["items"], json!([]));
    }

    fn what_can_be_handed_in_again_is_once_it_has_ended(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, more) = (rolling(&admin), rolling(&admin));
        comes_back(&admin, &own);
        let id = submitted(&rea, &own, json!({}));
        is_in(&rea, &id, &more);
        own_alone(&admin, &id);
        let letter = mails(&web, &rea.email).pop().expect("a mail").text.replace('\n', " ");
        assert!(letter.contains("once it goes on in no other call"), "{letter}");
        let again = || rea.command(&at(&format!("{id}/resubmit")));
        again().refused(409, "wrong_state");
        rea.command(&at(&format!("{id}/withdraw"))).ok();
        assert_eq!(again().ok()["status"], "draft");
        again().refused(409, "wrong_state");
    }

    fn after_changes_it_comes_back_to_its_further_calls_alone(t: &Harness) {
        let web = t.serve();
        let Two { field, rea, more, id, .. } = two(&web);
        let admin = &field.desk.admin;
        own_alone(admin, &id);
        send_back(admin, &id);
        t.clock.advance_seconds(10 * 86_400);
        let (rea, admin) = (web.sign_in(rea), web.sign_in(admin.clone()));
        let back = rea.command(&at(&format!("{id}/submit"))).ok();
        assert_eq!((&back["status"], &back["promised_on"]),
            (&json!("open"), &json!("2027-01-11")), "later by the days that it took");
        assert_eq!(rea.get(&place(&id, &more)).ok()["promised_on"], "2027-01-11");
        let letter = mails(&web, &rea.email).pop().expect("a mail").text.replace('\n', " ");
        assert!(letter.contains("decided by 2027-01-11") && !letter.contains("“Own”"), "{letter}");
        // Another day is promised where somebody waits for it.
        let extend = |more: Value| {
            let mut form = json!({ "promised_on": "2027-02-01", "reason": "We ask an expert." });
            form["call_id"] = more;
            admin.post(&at(&format!("{id}/extend")), form)
        };
        extend(Value::Null).wrong_fields(&["/call_id"]);
        assert_eq!(extend(json!(more)).ok()["promised_on"], "2027-02-01");
        assert_eq!(rea.get(&at(&id)).ok()["promised_on"], "2027-02-01");
        // A rule moves it before it is missed, and nothing is told of its own call.
        day(t, "2027-01-30");
        web.work();
        let now = web.sign_in(rea.clone()).get(&at(&id)).ok();
        assert!(now["promised_on"].as_str() > Some("2027-02-01"), "{now}");
        let told = mails(&web, &rea.email);
        let of = |words: &str| told.iter().filter(|m| m.subject.contains(words)).count();
        assert_eq!((of("takes longer in one call"), of("Your decision takes longer:")), (2, 0));
    }

    fn it_lapses_with_its_further_calls_whatever_its_own_is(t: &Harness) {
        let web = t.serve();
        day(t, "2028-01-31");
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let (own, over, endless) = (rolling(&admin), dated(&admin, "Over", 28), rolling(&admin));
        let [lapses, goes_on] = [&over, &endless].map(|further| {
            let id = opened(&rea, &admin, &own, json!({}));
            is_in(&rea, &id, further);
            own_alone(&admin, &id);
            id
        });
        for _ in 0..45 {
            t.clock.advance_seconds(2 * 86_400);
            web.work();
            let read = rea.get(&at(&goes_on)).ok();
            let today = json!(web.env().clock.now().date());
            let promised = read["promised_on"].as_str() >= today.as_str();
            assert!(promised, "its day passed in silence, on {today}: {read}");
        }
        let status = |id: &str| rea.get(&at(id)).ok()["status"].clone();
        assert_eq!((status(&lapses), status(&goes_on)), (json!("lapsed"), json!("open")));
    }
}
