//! What is asked of whom, by when, and where to send it: at every stage, from the first draft to
//! the end.

use super::*;
use crate::disbursements::one_person::{SHARED, one_with, refused};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::payday::{name_payee, settle_paperwork, us_payee, verify_payee};
use almoner::kernel::actor::Role;
use almoner::web::{openapi, routes};

/// Somebody's first step, with all that is asked in it: what, by when, and the address.
#[track_caller]
fn asked(who: &Client) -> (Value, Vec<(String, Value, String)>) {
    let view = who.get("/api/v1/me/next").ok();
    let items = view["items"].as_array().expect("items");
    assert_eq!(items.len(), 1, "{view}");
    let step = items[0].clone();
    assert!(step["next"].as_str().is_some_and(|text| text.len() > 10), "{step}");
    let todo = step["todo"]
        .as_array()
        .expect("todo")
        .iter()
        .map(|t| {
            let text = |key: &str| t[key].as_str().expect("text").to_owned();
            (text("what"), t["due_on"].clone(), text("href"))
        })
        .collect::<Vec<_>>();
    for (what, _, href) in &todo {
        assert!(is_served(href), "{what}: {href} is no address that takes anything");
    }
    (step, todo)
}

/// Whether the API document has an address like this one that changes something.
fn is_served(href: &str) -> bool {
    let fits = |template: &str| {
        let (asked, known): (Vec<&str>, Vec<&str>) =
            (href.split('/').collect(), template.split('/').collect());
        let same = |(a, k): (&&str, &&str)| a == k || (k.starts_with('{') && !a.is_empty());
        asked.len() == known.len() && asked.iter().zip(&known).all(same)
    };
    let operations = routes::operations(&openapi());
    operations.iter().any(|o| o.method != "GET" && fits(&o.path))
}

#[track_caller]
fn asks(who: &Client, stage: &str, hrefs: &[&str]) -> Value {
    let (step, todo) = asked(who);
    assert_eq!(step["stage"], stage, "{step}");
    let found: Vec<&str> = todo.iter().map(|(_, _, href)| href.as_str()).collect();
    assert_eq!(found, hrefs, "{step}");
    step
}

both! {
    fn from_a_draft_to_the_award(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (rea, admin) = (web.person("Rea Searcher"), &payday.field.desk.admin);
        assert_eq!(rea.get("/api/v1/me/next").ok()["items"], json!([]));
        web.anonymous().get("/api/v1/me/next").refused(401, "unauthenticated");
        let form = json!({
            "call_id": payday.field.call, "title": "A lens", "summary": "To see.", "body": "How.",
            "duration_months": 12, "visibility": "public",
            "amount_minimum": crate::support::desk::usd("1.00"),
            "amount_requested": crate::support::desk::usd("1.00"),
            "budget_lines": [{ "label": "All", "amount": crate::support::desk::usd("1.00") }],
        });
        let id = rea.post("/api/v1/applications", form).id();
        let at = |act: &str| format!("/api/v1/applications/{id}{act}");
        let submit = at("/submit");
        asks(&rea, "draft", &[&submit]);
        rea.command(&submit).ok();
        let waits = asks(&rea, "submitted", &[]);
        assert!(waits["promised_on"].is_string(), "{waits}");
        admin.post(&at("/request-changes"), json!({ "reason": "Say how." })).ok();
        asks(&rea, "changes_requested", &[&submit]);
        rea.command(&submit).ok();
        admin.command(&at("/open")).ok();
        asks(&rea, "open", &[]);
        let grant = { payday.backer.offer(&id, "1.00").ok(); payday.field.awarded(&id) };
        let grant = |rest: &str| format!("/api/v1/grants/{grant}{rest}");
        let (sign, tax) = (grant("/agreement/sign"), grant("/requirements/tax_form/provide"));
        let (step, todo) = asked(&rea);
        assert_eq!((&step["object"], &step["stage"]), (&json!("grant"), &json!("awarded")));
        assert!(todo.iter().all(|(_, due, _)| due == "2026-12-02"), "{todo:?}");
        asks(&rea, "awarded", &[&sign, "/api/v1/payees", &tax]);
        // Others are not asked for it.
        for who in [admin, &payday.backer.who, &payday.ada] {
            assert_eq!(who.get("/api/v1/me/next").ok()["items"], json!([]));
        }
    }

    fn further_calls_ask_and_promise_and_only_days_that_hold_are_told(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (rea, abe) = (web.person("Rea Searcher"), web.with_role("Abe", Role::Admin));
        let form = json!({ "title": "Of stars", "kind": "rolling", "decision_days": 60 });
        let more = admin.post("/api/v1/calls", form).id();
        admin.command(&format!("/api/v1/calls/{more}/open")).ok();
        let terms = Some(json!({ "appeals": "appeal" }).to_string().into_bytes());
        let path = format!("/api/v1/calls/{}/decisions", field.call);
        admin.send("PUT", &path, &[("If-Match", "\"v0\"")], terms).ok();
        let id = field.applies(&rea, "1.00", "9.00");
        let at = |act: &str| format!("/api/v1/applications/{id}{act}");
        rea.post(&at("/routes"), json!({ "call_id": more })).ok();
        let there = at(&format!("/routes/{more}"));
        asks(&rea, "open", &[&there]);
        rea.command(&format!("{there}/submit")).ok();
        let waits = asks(&rea, "open", &[]);
        let next = waits["next"].as_str().expect("words");
        assert!(next.contains("In “Of stars” you have a decision by 2027-01-01."), "{next}");
        assert!(waits["promised_on"].is_string(), "{waits}");
        admin.post(&at("/request-changes"), json!({ "reason": "Say how." })).ok();
        let stands = asks(&rea, "changes_requested", &[&at("/submit")]);
        assert_eq!(stands["promised_on"], Value::Null, "the day will move");
        rea.command(&at("/submit")).ok();
        let no = json!({ "reason": "No.", "all_calls": true });
        admin.post(&at("/decline"), no).ok();
        let over = asks(&rea, "declined", &[&at("/appeal")]);
        assert_eq!(over["promised_on"], Value::Null);
        let appeal = rea.post(&at("/appeal"), json!({ "text": "Look again." })).ok();
        let again = asks(&rea, "declined", &[]);
        assert_eq!(again["promised_on"], appeal["promised_on"]);
        assert!(again["next"].as_str().expect("words").contains("looks at it again"), "{again}");
        let upheld = json!({ "outcome": "upheld", "reason": "We read it." });
        abe.post(&at("/appeal/answer"), upheld).ok();
        let over = asks(&rea, "declined", &[]);
        assert_eq!(over["promised_on"], Value::Null);
        // However much is newer, what waits for its applicant is told.
        let sent_back = field.applies(&rea, "1.00", "9.00");
        let why = json!({ "reason": "Say how." });
        admin.post(&format!("/api/v1/applications/{sent_back}/request-changes"), why).ok();
        for _ in 0..51 {
            let begun = json!({ "call_id": field.call, "title": "One more" });
            rea.post("/api/v1/applications", begun).ok();
        }
        let all = rea.get("/api/v1/me/next").text();
        assert!(all.contains(&format!("/applications/{sent_back}/submit")));
    }

    fn what_is_left_out_is_told(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, admin) = (web.person("Rea Searcher"), &field.desk.admin);
        let told = |who: &Client| {
            let view = who.get("/api/v1/me/next").ok();
            let steps = view["items"].as_array().map(Vec::len);
            (steps.expect("items"), view["more"].clone(), view["kinds"].clone())
        };
        let expected = |count: usize, more: bool| {
            let kinds = json!([{ "object": "application", "count": count, "more": more }]);
            (count, json!(more), kinds)
        };
        assert_eq!(told(&rea), (0, json!(false), json!([])));
        let form = json!({
            "call_id": field.call, "title": "A lens", "summary": "To see.", "body": "How.",
            "duration_months": 12, "visibility": "public",
            "amount_minimum": usd("1.00"), "amount_requested": usd("1.00"),
            "budget_lines": [{ "label": "All", "amount": usd("1.00") }],
        });
        let begin = || rea.post("/api/v1/applications", form.clone()).id();
        let ids: Vec<String> = (0..51).map(|_| begin()).collect();
        assert_eq!(told(&rea), expected(50, true), "of drafts");
        let act = |id: &str, act: &str| {
            rea.command(&format!("/api/v1/applications/{id}/{act}")).ok();
        };
        ids.iter().for_each(|id| act(id, "submit"));
        // For who applies and for who looks at it.
        for who in [&rea, admin] {
            assert_eq!(told(who), expected(50, true));
        }
        act(&ids[0], "withdraw");
        for who in [&rea, admin] {
            assert_eq!(told(who), expected(50, false), "all of it");
        }
        // Another status is a list of its own.
        begin();
        assert_eq!(told(&rea), expected(51, false));
    }

    fn nobody_is_asked_to_approve_what_they_cannot(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let limited = json!({ "approval_threshold": usd("1.00") });
        let (rea, backer) = (web.person("Rea Searcher"), field.backer_with("90.00", limited));
        let application = field.applies(&rea, "1.00", "90.00");
        let ends = t.clock.now().plus_seconds(3 * 86_400);
        let until = json!({ "expires_at": ends });
        let offer = backer.offer_with(&application, "5.00", until).id();
        let path = format!("/api/v1/offers/{offer}/approve");
        let admin = &field.desk.admin;
        let asked = |who: &Client| who.get("/api/v1/me/next").ok().to_string().contains(&path);
        let twin = web.with_role("Twin", Role::Admin);
        assert!(asked(admin) && asked(&twin));
        one_with(&backer.who, &twin, ("account", SHARED));
        assert!(asked(admin) && !asked(&twin));
        refused(&twin.command(&path), "account");
        let at = |act: &str| format!("/api/v1/applications/{application}/{act}");
        admin.post(&at("request-changes"), json!({ "reason": "Say how." })).ok();
        assert!(!asked(admin), "it is not open");
        rea.command(&at("submit")).ok();
        assert!(asked(admin));
        t.clock.set(ends);
        assert!(!asked(admin), "its time is over");
    }

    fn paperwork_until_it_is_active(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let rea = web.person("Rea Searcher");
        let grant = payday.awarded(&rea, planned(&[("1.00", "on_activation")]), &[]);
        let at = |rest: &str| format!("/api/v1/grants/{grant}{rest}");
        let (sign, tax) = (at("/agreement/sign"), at("/requirements/tax_form/provide"));
        // A payee is made, handed in, and named, each once it can be.
        asks(&rea, "awarded", &[&sign, "/api/v1/payees", &tax]);
        let payee = rea.post("/api/v1/payees", us_payee("55500077", json!({}))).id();
        let [mend, submit] = ["", "/submit"].map(|act| format!("/api/v1/payees/{payee}{act}"));
        asks(&rea, "awarded", &[&sign, &submit, &tax]);
        name_payee(&rea, &grant, &payee).refused(409, "wrong_state");
        rea.command(&submit).ok();
        asks(&rea, "awarded", &[&sign, &at("/payee"), &tax]);
        name_payee(&rea, &grant, &payee).ok();
        asks(&rea, "awarded", &[&sign, &tax]);
        // One that was found wrong is to be corrected; one that waits for finance is not.
        let wrong = json!({ "reason": "It is not yours." });
        payday.fia.post(&format!("/api/v1/payees/{payee}/reject"), wrong).ok();
        asks(&rea, "awarded", &[&sign, &tax, &mend]);
        let etag = rea.get(&mend).etag().to_owned();
        let account = us_payee("55500078", json!({}))["account"].clone();
        rea.patch(&mend, &etag, json!({ "account": account })).ok();
        asks(&rea, "awarded", &[&sign, &tax]);
        rea.command(&tax).ok();
        asks(&rea, "awarded", &[&sign]);
        let no = json!({ "reason": "It is last year's." });
        payday.fay.post(&at("/requirements/tax_form/refuse"), no).ok();
        asks(&rea, "awarded", &[&sign, &tax]);
        verify_payee(&payday.fia, &payee);
        web.work();
        settle_paperwork(&web, &payday.field.desk, &rea, &grant);
        let step = asks(&rea, "active", &[]);
        assert!(step["next"].as_str().expect("text").contains("Finance pays"), "{step}");
    }

    fn from_the_first_payment_to_the_end(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let ada = &payday.ada;
        let grant = watched(&payday, &[]);
        let report = all(&payday, &grant, "reports").remove(0);
        let checkpoint = open_checkpoint(&payday, &grant);
        let write = path("reports", &report, "");
        let see_it = path("checkpoints", &checkpoint, "/report");
        let (_, todo) = asked(ada);
        let days: Vec<&Value> = todo.iter().map(|(_, due, _)| due).collect();
        assert_eq!(days, ["2027-05-01", "2027-05-01"]);
        asks(ada, "active", &[&write, &see_it]);
        let paying = payday.payment(&grant, 1, &["approve", "batch"]);
        let step = asks(ada, "active", &[&write, &see_it]);
        assert!(step["next"].as_str().expect("text").contains("gives it to the bank"), "{step}");
        let batch = payday.disbursement(&paying)["batch_id"].as_str().expect("an id").to_owned();
        assert_eq!(payday.file(&batch).status, 200);
        let step = asks(ada, "active", &[&write, &see_it]);
        assert!(step["next"].as_str().expect("text").contains("bank was told"), "{step}");
        payday.settle(&paying).ok();
        act(&payday, &report, "edit").ok();
        asks(ada, "active", &[&write, &see_it]);
        act(&payday, &report, "submit").ok();
        asks(ada, "active", &[&see_it]);
        act(&payday, &report, "return").ok();
        asks(ada, "active", &[&write, &see_it]);
        act(&payday, &report, "submit").ok();
        on_grant(&payday, &grant, "pause").ok();
        let step = asks(ada, "paused", &[&see_it]);
        assert!(step["next"].as_str().expect("text").contains("paused"), "{step}");
        on_grant(&payday, &grant, "resume").ok();
        act(&payday, &report, "accept").ok();
        see(ada, &checkpoint).ok();
        asks(ada, "active", &[]);
        decide(&payday.backer.who, &checkpoint, "rescope").ok();
        let second = open_checkpoint(&payday, &grant);
        asks(ada, "active", &[&path("checkpoints", &second, "/report")]);
        payday.payment(&grant, 2, &["approve", "batch", "settle"]);
        on_grant(&payday, &grant, "wind-down").ok();
        asks(ada, "winding_down", &[&path("checkpoints", &second, "/report")]);
        on_grant(&payday, &grant, "close").ok();
        asks(ada, "closed", &[]);
        payday.field.sound();
    }

    fn the_most_urgent_is_first(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let dated = |day: &str| {
            let mut plan = planned(&[("1.00", "on_report")]);
            plan["tranches"][0]["due_on"] = json!(day);
            payday.active(plan, &[])
        };
        let quiet = payday.grant(&["1.00"]);
        // Without their days the newest would be first.
        let (soon, late) = (dated("2026-11-20"), dated("2027-09-01"));
        let cancelled = payday.awarded(&payday.ada, planned(&[("1.00", "on_activation")]), &[]);
        on_grant(&payday, &cancelled, "cancel").ok();
        let order = || -> Vec<String> {
            let view = payday.ada.get("/api/v1/me/next").ok();
            let items = view["items"].as_array().expect("items").iter();
            items.map(|i| i["id"].as_str().expect("an id").to_owned()).collect()
        };
        assert_eq!(order()[..2], [soon.clone(), late.clone()]);
        assert!(order()[2..].contains(&quiet) && order()[2..].contains(&cancelled));
        // One thing without a day does not hide the day of another.
        let wrong = json!({ "reason": "It is not yours." });
        payday.fia.post(&format!("/api/v1/payees/{}/reject", payday.payee), wrong).ok();
        assert_eq!(order()[..2], [soon, late]);
    }

    fn a_token_reads_there_what_it_reads_elsewhere(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00"]);
        let wrong = json!({ "reason": "It is not yours." });
        payday.fia.post(&format!("/api/v1/payees/{}/reject", payday.payee), wrong).ok();
        let with = |scopes: Value| {
            let asked = json!({ "name": "script", "expires_in_days": 1, "scopes": scopes });
            let mut script = payday.ada.clone();
            let made = payday.ada.post("/api/v1/me/access-tokens", asked).ok();
            script.token = made["token"].as_str().map(str::to_owned);
            script.get("/api/v1/me/next").ok().to_string()
        };
        let some = with(json!(["applications:read"]));
        assert!(!some.contains(&grant), "{some}");
        let more = with(json!(["applications:read", "grants:read"]));
        assert!(more.contains(&grant) && !more.contains("payee was not accepted"), "{more}");
        let all = with(json!(["applications:read", "grants:read", "payees:read"]));
        assert!(all.contains("payee was not accepted"), "{all}");
    }
}
