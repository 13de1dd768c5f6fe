//! Budgets, through the front door.

use crate::disbursements::one_person::{WAYS, one_with, refused};
use crate::support::Harness;
use crate::support::desk::{threads, usd};
use almoner::kernel::Result;
use almoner::kernel::actor::Role;
use almoner::kernel::ids::{BudgetId, FundId, of};
use almoner::kernel::money::{Currency, Money};
use almoner::ledger;
use almoner::ledger::model::Movement;
use almoner::ledger::movements::{self, About};
use serde_json::json;

const NOBODY: &str = "019340aa-0000-7000-8000-000000000000";

both! {
    fn money_goes_to_a_budget_and_back(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rae = web.with_role("Rae", Role::Regrantor);
        let fund = desk.fund_with("Safety", json!({ "restriction": "purpose", "purpose": "S" }));
        desk.give(&fund, "1000.00").ok();
        let made = desk.admin.post("/api/v1/budgets", json!({
            "fund_id": fund, "holder_id": rae.id(), "name": "Rae's budget",
            "per_grant_cap": usd("300.00"), "approval_threshold": usd("0.00"),
            "expires_on": "2026-12-31", "agendas": ["evals", " interpretability ", "evals"],
        }));
        let budget = made.id();
        let path = format!("/api/v1/budgets/{budget}");
        assert_eq!((made.status, made.header("location")), (201, Some(path.as_str())));
        let view = made.json();
        assert_eq!(view["agendas"], json!(["evals", "interpretability"]));
        assert_eq!(view["fund"]["purpose"], "S");
        assert_eq!((&view["status"], &view["expired"]), (&json!("active"), &json!(false)));
        assert_eq!(desk.balances(&format!("budgets/{budget}")), json!({
            "available": "0.00", "reserved": "0.00", "committed": "0.00", "spent": "0.00",
        }));

        let note = json!({ "amount": usd("600.00"), "note": "First part" });
        let allocated = desk.admin.post(&format!("{path}/allocate"), note).ok();
        assert_eq!(allocated["kind"], "allocated");
        assert_eq!(allocated["amount"], usd("600.00"));
        let back = json!({ "amount": usd("100.00") });
        let recalled = desk.admin.post(&format!("{path}/recall"), back).ok();
        assert_eq!(desk.balances(&format!("budgets/{budget}"))["available"], "500.00");
        let left = desk.balances(&format!("funds/{fund}"));
        assert_eq!(left["unallocated"], "500.00");
        assert_eq!(left["allocated"], "500.00");
        let list = rae.get(&format!("{path}/allocations")).ok();
        assert_eq!(list["items"], json!([recalled, allocated]), "newest first");
        let statement = rae.get(&format!("{path}/statement")).ok();
        let lines = statement["lines"].as_array().expect("lines");
        let last = lines.iter().rfind(|l| l["code"] == "8200").expect("a line");
        assert_eq!((&last["kind"], &last["balance"]), (&json!("budget_recalled"), &usd("500.00")));
    }

    fn every_wrong_field_is_named_at_once(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let person = web.person("Not A Regrantor");
        let fund = desk.fund("F");
        desk.admin.post("/api/v1/budgets", json!({
            "fund_id": fund, "holder_id": person.id(), "name": "",
            "per_grant_cap": usd("0.00"),
            "approval_threshold": { "amount": "1.00", "currency": "EUR" },
            "expires_on": "2026-11-01", "agendas": ["ok", "two\nlines"],
        })).wrong_fields(&[
            "/holder_id", "/name", "/per_grant_cap/amount", "/approval_threshold/currency",
            "/expires_on", "/agendas/1",
        ]);
        desk.admin.post("/api/v1/budgets", json!({
            "fund_id": NOBODY, "holder_id": NOBODY, "name": "x".repeat(121),
            "agendas": vec!["a"; 21],
        })).wrong_fields(&["/fund_id", "/holder_id", "/name", "/agendas"]);
        let more = json!({ "fund_id": fund, "holder_id": NOBODY, "name": "N", "status": "closed" });
        desk.admin.post("/api/v1/budgets", more).wrong_fields(&["/status"]);
        assert_eq!(desk.admin.get("/api/v1/budgets").ok()["items"], json!([]));
    }

    fn amounts_that_are_none_are_refused(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rae = web.with_role("Rae", Role::Regrantor);
        let (_, budget) = desk.filled("F", &rae, "10.00");
        for command in ["allocate", "recall"] {
            let path = format!("/api/v1/budgets/{budget}/{command}");
            for (amount, currency, pointer) in [
                ("-5.00", "USD", "/amount/amount"),
                ("0.00", "USD", "/amount/amount"),
                ("1.005", "USD", "/amount/amount"),
                ("10000000000000.01", "USD", "/amount/amount"),
                ("5.00", "EUR", "/amount/currency"),
            ] {
                let form = json!({ "amount": { "amount": amount, "currency": currency } });
                desk.admin.post(&path, form).wrong_fields(&[pointer]);
            }
            let both = json!({ "amount": usd("-1.00"), "note": "x".repeat(501) });
            desk.admin.post(&path, both).wrong_fields(&["/amount/amount", "/note"]);
            let body = json!({ "amount": usd("1.00") }).to_string().into_bytes();
            desk.admin.send("POST", &path, &[], Some(body)).refused(400, "malformed_request");
        }
        assert_eq!(desk.balances(&format!("budgets/{budget}"))["available"], "10.00");
    }

    fn more_than_there_is_is_refused_in_a_sentence(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rae = web.with_role("Rae", Role::Regrantor);
        let fund = desk.fund("Poor");
        let budget = desk.budget(&fund, &rae);
        let said = desk.allocate(&budget, "1.00").refused(409, "insufficient_funds");
        assert_eq!(said["detail"],
            "The fund “Poor” has 0.00 USD unallocated; 1.00 USD was asked for.");
        desk.give(&fund, "5.00").ok();
        desk.allocate(&budget, "5.01").refused(409, "insufficient_funds");
        // Exactly all that there is passes.
        desk.allocate(&budget, "5.00").ok();
        let recall = format!("/api/v1/budgets/{budget}/recall");
        let said = desk.admin.post(&recall, json!({ "amount": usd("5.01") }));
        let said = said.refused(409, "insufficient_funds");
        assert_eq!(said["detail"],
            "The budget “A budget” has 5.00 USD available; 5.01 USD was asked for.");
        desk.admin.post(&recall, json!({ "amount": usd("5.00") })).ok();
        assert_eq!(desk.balances(&format!("funds/{fund}"))["unallocated"], "5.00");
        let list = desk.admin.get(&format!("/api/v1/budgets/{budget}/allocations")).ok();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(2), "refusals leave nothing");
    }

    fn terms_are_edited_by_version_and_null_clears(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rae = web.with_role("Rae", Role::Regrantor);
        let fund = desk.fund("F");
        let budget = desk.budget_with(&fund, &rae, json!({
            "per_grant_cap": usd("10.00"), "approval_threshold": usd("5.00"),
            "expires_on": "2026-12-31", "agendas": ["a"],
        }));
        let path = format!("/api/v1/budgets/{budget}");
        let first = desk.admin.get(&path);
        let body = b"{}".to_vec();
        desk.admin.send("PATCH", &path, &[], Some(body)).refused(428, "precondition_required");
        let edited = desk.admin.patch(&path, first.etag(), json!({
            "per_grant_cap": null, "approval_threshold": usd("7.00"),
        }));
        let view = edited.ok();
        assert_eq!(view["per_grant_cap"], json!(null));
        assert_eq!(view["approval_threshold"], usd("7.00"));
        assert_eq!((&view["expires_on"], &view["agendas"]), (&json!("2026-12-31"), &json!(["a"])));
        assert_eq!(view["version"], 2);
        desk.admin.patch(&path, first.etag(), json!({})).refused(412, "edited_meanwhile");
        desk.admin.patch(&path, edited.etag(), json!({
            "name": " ", "per_grant_cap": usd("-1.00"), "expires_on": "1899-12-31", "agendas": [""],
        })).wrong_fields(&["/name", "/per_grant_cap/amount", "/expires_on", "/agendas/0"]);
        desk.admin.patch(&path, edited.etag(), json!({ "holder_id": rae.id() }))
            .wrong_fields(&["/holder_id"]);
    }

    /// However many edit one version at once: one of them is done, the others are told.
    fn no_edit_is_lost(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rae = web.with_role("Rae", Role::Regrantor);
        let budget = desk.budget(&desk.fund("F"), &rae);
        let path = format!("/api/v1/budgets/{budget}");
        for version in 1..=10 {
            let etag = format!("\"v{version}\"");
            let results = threads(6, |n| {
                desk.admin.patch(&path, &etag, json!({ "name": format!("By {n}") })).status
            });
            let done: Vec<usize> = (0..6).filter(|n| results[*n] == 200).collect();
            assert!(results.iter().all(|s| *s == 200 || *s == 412), "{results:?}");
            assert_eq!(done.len(), 1, "{results:?}");
            let view = desk.admin.get(&path).ok();
            assert_eq!(view["name"], format!("By {}", done[0]));
            assert_eq!(view["version"], version + 1);
        }
    }

    /// However closing and allocating fall together: a closed budget holds nothing.
    fn closing_and_allocating_exclude_each_other(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rae = web.with_role("Rae", Role::Regrantor);
        let fund = desk.fund("F");
        desk.give(&fund, "100.00").ok();
        for _ in 0..8 {
            let budget = desk.budget(&fund, &rae);
            let close = format!("/api/v1/budgets/{budget}/close");
            let results = threads(4, |n| match n {
                0 => desk.admin.command(&close).status,
                _ => desk.allocate(&budget, "1.00").status,
            });
            assert_eq!(results[0], 200, "{results:?}");
            assert!(results[1..].iter().all(|s| *s == 201 || *s == 409), "{results:?}");
            assert_eq!(desk.balances(&format!("budgets/{budget}"))["available"], "0.00");
        }
        assert_eq!(desk.balances(&format!("funds/{fund}"))["unallocated"], "100.00");
    }

    fn an_expired_budget_gives_back_and_takes_nothing(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rae = web.with_role("Rae", Role::Regrantor);
        let fund = desk.fund("F");
        desk.give(&fund, "10.00").ok();
        let budget = desk.budget_with(&fund, &rae, json!({ "expires_on": "2026-12-31" }));
        // The last second of the year still belongs to the last day.
        t.clock.set("2026-12-31T23:59:59Z".parse().expect("an instant"));
        desk.allocate(&budget, "4.00").ok();
        t.clock.advance_seconds(1);
        let refused = desk.allocate(&budget, "1.00").refused(409, "wrong_state");
        assert!(refused["detail"].as_str().unwrap_or("").contains("2026-12-31"), "{refused}");
        let path = format!("/api/v1/budgets/{budget}");
        let view = desk.admin.get(&path);
        assert_eq!(view.ok()["expired"], json!(true));
        desk.admin.post(&format!("{path}/recall"), json!({ "amount": usd("1.00") })).ok();
        desk.admin.patch(&path, view.etag(), json!({ "expires_on": "2026-12-31" }))
            .wrong_fields(&["/expires_on"]);
        desk.admin.patch(&path, view.etag(), json!({ "expires_on": "2028-02-29" })).ok();
        desk.allocate(&budget, "1.00").ok();
    }

    fn a_closed_budget_has_given_back_what_it_had(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rae = web.with_role("Rae", Role::Regrantor);
        let (fund, budget) = desk.filled("F", &rae, "10.00");
        let path = format!("/api/v1/budgets/{budget}");
        let closed = desk.admin.command(&format!("{path}/close")).ok();
        assert_eq!((&closed["status"], &closed["version"]), (&json!("closed"), &json!(2)));
        assert_eq!(closed["balances"]["available"], usd("0.00"));
        assert_eq!(desk.balances(&format!("funds/{fund}"))["unallocated"], "10.00");
        desk.admin.command(&format!("{path}/close")).refused(409, "wrong_state");
        desk.allocate(&budget, "1.00").refused(409, "wrong_state");
        desk.admin.patch(&path, "\"v2\"", json!({ "name": "X" })).refused(409, "wrong_state");
        desk.admin.post(&format!("{path}/recall"), json!({ "amount": usd("1.00") }))
            .refused(409, "insufficient_funds");
        let list = desk.admin.get(&format!("{path}/allocations")).ok();
        assert_eq!(list["items"][0]["kind"], "recalled");
        let empty = desk.budget(&fund, &rae);
        desk.admin.command(&format!("/api/v1/budgets/{empty}/close")).ok();
        let active = rae.get("/api/v1/budgets?status=active").ok();
        assert_eq!(active["items"], json!([]));
    }

    fn what_offers_hold_keeps_a_budget_open(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rae = web.with_role("Rae", Role::Regrantor);
        let (fund, budget) = desk.filled("F", &rae, "10.00");
        let path = format!("/api/v1/budgets/{budget}");
        let (fund, id) = (fund.parse().expect("an id"), budget.parse().expect("an id"));
        let post = |make: fn(FundId, BudgetId, Money, &About) -> Result<Movement>| {
            let system = web.system();
            let three = Money::new(300, Currency::parse("USD").expect("it is known"));
            let source = ("offer", system.id::<of::Offer>().uuid());
            let about = About { on: system.today(), memo: "An offer".into(), source };
            let movement = make(fund, id, three, &about).expect("it balances");
            let posted = t.db.write_now("test", |c| ledger::service::post(c, &system, &movement));
            posted.expect("there is enough");
        };
        post(movements::offer_placed);
        let held = desk.admin.command(&format!("{path}/close")).refused(409, "wrong_state");
        assert!(held["detail"].as_str().unwrap_or("").starts_with("3.00 USD"), "{held}");
        // What is held by an offer cannot be recalled either.
        desk.admin.post(&format!("{path}/recall"), json!({ "amount": usd("7.01") }))
            .refused(409, "insufficient_funds");
        post(movements::offer_released);
        desk.admin.command(&format!("{path}/close")).ok();
    }

    fn nobody_fills_their_own_budget(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let both = web.with_roles("Both", &[Role::Admin, Role::Regrantor]);
        let fund = desk.fund("F");
        desk.give(&fund, "10.00").ok();
        let form = json!({ "fund_id": fund, "holder_id": both.id(), "name": "Mine" });
        both.post("/api/v1/budgets", form).refused(403, "two_persons");
        let budget = desk.budget(&fund, &both);
        let path = format!("/api/v1/budgets/{budget}");
        let form = json!({ "amount": usd("1.00") });
        both.post(&format!("{path}/allocate"), form.clone()).refused(403, "two_persons");
        both.patch(&path, "\"v1\"", json!({ "name": "X" })).refused(403, "two_persons");
        // Giving back is no gain.
        desk.allocate(&budget, "1.00").ok();
        both.post(&format!("{path}/recall"), form).ok();
    }

    fn nor_that_of_somebody_who_is_one_with_them(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        for (number, way) in WAYS.into_iter().enumerate() {
            let reg = web.with_role("Reg", Role::Regrantor);
            let twin = web.with_role("Twin", Role::Admin);
            let terms = json!({ "approval_threshold": usd("1.00") });
            let backer = field.budget_for(reg.clone(), "10.00", terms);
            one_with(&reg, &twin, (way, &format!("00055566677{number}")));
            let budget = format!("/api/v1/budgets/{}", backer.budget);
            let more = json!({ "amount": usd("5.00") });
            refused(&twin.post(&format!("{budget}/allocate"), more.clone()), way);
            let etag = twin.get(&budget).etag().to_owned();
            let free = json!({ "approval_threshold": null });
            refused(&twin.patch(&budget, &etag, free.clone()), way);
            field.desk.admin.patch(&budget, &etag, free).ok();
        }
    }

    fn who_sees_and_does_what(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rae = web.with_role("Rae", Role::Regrantor);
        let roy = web.with_role("Roy", Role::Regrantor);
        let fund = desk.fund("F");
        let (mine, theirs) = (desk.budget(&fund, &rae), desk.budget(&fund, &roy));
        let ids = |reply: crate::support::web::Reply| -> Vec<String> {
            let page = reply.ok();
            let items = page["items"].as_array().expect("items").iter();
            items.map(|b| b["id"].as_str().expect("an id").to_owned()).collect()
        };
        assert_eq!(ids(rae.get("/api/v1/budgets")), [mine.as_str()]);
        assert_eq!(ids(rae.get(&format!("/api/v1/budgets?holder_id={}", roy.id()))), [""; 0]);
        assert_eq!(ids(desk.admin.get("/api/v1/budgets")), [theirs.clone(), mine.clone()]);
        let of_roy = format!("/api/v1/budgets?holder_id={}&fund_id={fund}", roy.id());
        assert_eq!(ids(desk.finance.get(&of_roy)), [theirs.as_str()]);
        for path in ["", "/allocations", "/statement"] {
            rae.get(&format!("/api/v1/budgets/{mine}{path}")).ok();
            let mut hidden = rae.get(&format!("/api/v1/budgets/{theirs}{path}")).json();
            let mut none = rae.get(&format!("/api/v1/budgets/{NOBODY}{path}")).json();
            assert_eq!(hidden["status"], 404);
            hidden["request_id"] = json!(null);
            none["request_id"] = json!(null);
            assert_eq!(hidden, none);
            rae.get(&format!("/api/v1/budgets/-{path}")).refused(400, "malformed_request");
        }
        for client in [&rae, &desk.finance, &web.with_role("Aud", Role::Auditor)] {
            let form = json!({ "amount": usd("1.00") });
            let path = format!("/api/v1/budgets/{mine}");
            client.post(&format!("{path}/allocate"), form.clone()).refused(403, "forbidden");
            client.post(&format!("{path}/recall"), form).refused(403, "forbidden");
            client.command(&format!("{path}/close")).refused(403, "forbidden");
            client.patch(&path, "\"v1\"", json!({})).refused(403, "forbidden");
        }
        web.anonymous().get("/api/v1/budgets").refused(401, "unauthenticated");
    }

    /// Money for sixteen, asked for by thirty-two at the same moment.
    fn a_fund_is_never_allocated_twice(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rae = web.with_role("Rae", Role::Regrantor);
        let fund = desk.fund("Raced");
        desk.give(&fund, "1600.00").ok();
        let budgets: Vec<String> = (0..4).map(|_| desk.budget(&fund, &rae)).collect();
        let results = threads(32, |n| desk.allocate(&budgets[n % 4], "100.00").status);
        let made = results.iter().filter(|s| **s == 201).count();
        let refused = results.iter().filter(|s| **s == 409).count();
        assert_eq!((made, refused), (16, 16), "{results:?}");
        let left = desk.balances(&format!("funds/{fund}"));
        assert_eq!((&left["unallocated"], &left["available"]), (&json!("0.00"), &json!("1600.00")));
        let mut rows = 0;
        for budget in &budgets {
            let list = desk.admin.get(&format!("/api/v1/budgets/{budget}/allocations")).ok();
            rows += list["items"].as_array().map_or(0, Vec::len);
        }
        assert_eq!(rows, 16, "a row for each that was told it was made");
    }

    /// One key sent by eight at the same moment moves money once.
    fn a_double_click_allocates_once(t: &Harness) {
        let web = t.serve();
        let desk = web.desk();
        let rae = web.with_role("Rae", Role::Regrantor);
        let fund = desk.fund("F");
        desk.give(&fund, "100.00").ok();
        let budget = desk.budget(&fund, &rae);
        let path = format!("/api/v1/budgets/{budget}/allocate");
        let form = json!({ "amount": usd("10.00") });
        let results = threads(8, |_| desk.admin.post_key(&path, "click", form.clone()));
        let made: Vec<_> = results.iter().filter(|r| r.status == 201).map(|r| r.json()).collect();
        assert!(results.iter().all(|r| r.status == 201 || r.status == 409), "{results:?}");
        assert!(!made.is_empty() && made.iter().all(|m| *m == made[0]));
        assert_eq!(desk.balances(&format!("budgets/{budget}"))["available"], "10.00");
    }
}
