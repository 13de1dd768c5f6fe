//! The ledger through the front door: lists by every filter, pages while others write, balances
//! by day, statements, and who may look.

use crate::support::desk::{Desk, usd};
use crate::support::field::{Field, minor};
use crate::support::web::Client;
use crate::support::{Harness, web::Web};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400;

/// What there is to look at: on 2 November money comes in, on the 3rd it is offered, on the 4th
/// awarded and released, on the 5th paid, and on the 6th half of it comes back.
struct Town<'w> {
    field: Field<'w>,
    funds: [String; 2],
    budgets: [String; 2],
    holders: [Client; 2],
    recipient: Client,
    grant: String,
}

fn town<'w>(t: &Harness, web: &'w Web) -> Town<'w> {
    let field = web.field();
    let backers = [field.backer("600.00"), field.backer("500.00")];
    t.clock.advance_seconds(DAY);
    let recipient = web.person("Rea Searcher");
    let application = field.applies(&recipient, "1.00", "1000.00");
    backers[0].offer(&application, "300.00").ok();
    backers[1].offer(&application, "100.00").ok();
    t.clock.advance_seconds(DAY);
    let plan = json!({ "tranches": [
        { "amount": usd("200.00"), "release_condition": "on_activation" },
        { "amount": usd("200.00"), "release_condition": "on_report" },
    ]});
    let grant = field.award(&application, plan).id();
    field.activate(&grant);
    t.clock.advance_seconds(DAY);
    field.pays(&grant, 1);
    t.clock.advance_seconds(DAY);
    let refund = json!({
        "amount": usd("100.00"), "received_on": "2026-11-06", "reference": "R",
    });
    field.desk.finance.post(&format!("/api/v1/grants/{grant}/refunds"), refund).ok();
    let [a, b] = backers;
    Town {
        field,
        funds: [a.fund, b.fund],
        budgets: [a.budget, b.budget],
        holders: [a.who, b.who],
        recipient,
        grant,
    }
}

/// Every page of a list, so many rows to each.
fn listed(who: &Client, path: &str, limit: usize) -> Vec<Value> {
    let (mut items, mut after) = (Vec::new(), String::new());
    let joint = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = who.get(&format!("{path}{joint}limit={limit}{after}")).ok();
        let rows = page["items"].as_array().expect("items");
        assert!(rows.len() <= limit && (page["next"].is_null() || rows.len() == limit));
        items.extend(rows.iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return items,
        }
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn ids(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|e| text(e, "id")).collect()
}

/// Balances of a trial balance, by code.
fn trial(who: &Client, at: &str) -> BTreeMap<String, i64> {
    let trial = who.get(&format!("/api/v1/ledger/trial-balance{at}")).ok();
    for total in trial["totals"].as_array().expect("totals") {
        assert_eq!(total["debit"], total["credit"], "{at} {total}");
    }
    let mut sums = BTreeMap::new();
    for line in trial["lines"].as_array().expect("lines") {
        *sums.entry(text(line, "code").to_owned()).or_default() += minor(&line["balance"]);
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

/// Balances of a statement's opening or closing, by code, and the code's name.
fn held(list: &Value) -> BTreeMap<String, i64> {
    let rows = list.as_array().expect("sums").iter();
    rows.map(|b| (text(b, "code").to_owned(), minor(&b["balance"]))).collect()
}

/// Adds up what the lines of a statement say, on the side on which their codes grow.
fn moved(mut sums: BTreeMap<String, i64>, lines: &[Value]) -> BTreeMap<String, i64> {
    let debit = ["1000", "1900", "5000", "5100", "5200", "8000"];
    for line in lines {
        let code = text(line, "code");
        let grows = debit.contains(&code) == (text(line, "side") == "debit");
        let amount = minor(&line["amount"]);
        let sum = sums.entry(code.to_owned()).or_default();
        *sum += if grows { amount } else { -amount };
        assert_eq!(minor(&line["balance"]), *sum, "{line}");
    }
    sums
}

/// A whole statement, page by page: opening plus lines is closing, for each account.
fn statement(who: &Client, path: &str, days: &str) -> (Value, Vec<Value>, Value) {
    let (mut lines, mut after, mut opening) = (Vec::new(), String::new(), Value::Null);
    loop {
        let page = who.get(&format!("/api/v1/{path}/statement?limit=3{days}{after}")).ok();
        let some = page["lines"].as_array().expect("lines");
        if opening.is_null() {
            opening = page["opening"].clone();
        }
        lines.extend(some.iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => {
                let sums = moved(held(&opening), &lines);
                assert_eq!(sums, held(&page["closing"]), "{path} {days}");
                return (opening, lines, page["closing"].clone());
            }
        }
    }
}

fn amounts(pairs: &[(&str, i64)]) -> BTreeMap<String, i64> {
    pairs.iter().map(|(code, minor)| ((*code).to_owned(), *minor)).collect()
}

both! {
    fn entries_by_every_filter(t: &Harness) {
        let web = t.serve();
        let town = town(t, &web);
        let who = &town.field.desk.finance;
        let all = listed(who, "/api/v1/ledger/entries", 200);
        let whole: Vec<Value> = all
            .iter()
            .map(|e| who.get(&format!("/api/v1/ledger/entries/{}", text(e, "id"))).ok())
            .collect();
        let days: Vec<&str> = all.iter().map(|e| text(e, "effective_on")).collect();
        assert!(days.is_sorted_by(|a, b| a >= b), "the latest day first: {days:?}");
        assert_eq!(days.iter().collect::<BTreeSet<_>>().len(), 5);
        let accounts = listed(who, "/api/v1/ledger/accounts", 5);
        let mut filters: Vec<String> = Vec::new();
        for (name, values) in [("fund_id", &town.funds), ("budget_id", &town.budgets)] {
            filters.extend(values.iter().map(|id| format!("{name}={id}")));
        }
        filters.push(format!("grant_id={}", town.grant));
        filters.extend(accounts.iter().map(|a| format!("account_id={}", text(a, "id"))));
        let kinds: BTreeSet<&str> = all.iter().map(|e| text(e, "kind")).collect();
        filters.extend(kinds.iter().map(|kind| format!("kind={kind}")));
        filters.extend(["1000", "8200", "8500", "4900"].map(|code| format!("code={code}")));
        filters.extend(
            ["from=2026-11-04", "to=2026-11-04", "from=2026-11-04&to=2026-11-04"].map(Into::into),
        );
        filters.push(format!("grant_id={}&code=8500&from=2026-11-05", town.grant));
        filters.push(format!("fund_id={}&kind=offer_placed&to=2026-11-03", town.funds[0]));
        let mut found = 0;
        for filter in &filters {
            let fits = |entry: &&Value| {
                let parts: Vec<(&str, &str)> =
                    filter.split('&').map(|p| p.split_once('=').expect("a pair")).collect();
                let head = parts.iter().all(|(name, value)| match *name {
                    "kind" => text(entry, "kind") == *value,
                    "from" => text(entry, "effective_on") >= *value,
                    "to" => text(entry, "effective_on") <= *value,
                    _ => true,
                });
                let line = |line: &Value| {
                    parts.iter().all(|(name, value)| match *name {
                        "kind" | "from" | "to" => true,
                        name => line[name] == *value,
                    })
                };
                head && entry["postings"].as_array().expect("lines").iter().any(line)
            };
            let wanted: Vec<&str> = whole.iter().filter(fits).map(|e| text(e, "id")).collect();
            found += wanted.len();
            for limit in [2, 200] {
                let got = listed(who, &format!("/api/v1/ledger/entries?{filter}"), limit);
                assert_eq!(ids(&got), wanted, "{filter}, {limit} a page");
            }
        }
        assert!(found > 3 * filters.len() / 2, "the filters find something: {found}");
    }

    fn filters_that_make_no_sense(t: &Harness) {
        let web = t.serve();
        let who = web.with_role("Audra", Role::Auditor);
        let id = "01a19b7c-a680-7035-80a7-6d853561f4e6";
        let entries = "/api/v1/ledger/entries";
        let two = format!("fund_id={id}&budget_id={id}");
        for (query, field) in [
            ("fund_id=abc", "?fund_id"),
            ("account_id=1", "?account_id"),
            ("kind=theft", "?kind"),
            ("code=9999", "?code"),
            ("from=2026-02-30", "?from"),
            ("to=yesterday", "?to"),
            ("from=2026-02-02&to=2026-02-01", "?to"),
            ("limit=0", "?limit"),
            ("limit=201", "?limit"),
            ("limit=x", "?limit"),
            ("after=%20", "?after"),
            ("after=AZtxdeACff-AAAAAAAAAAA", "?after"),
            ("colour=red", "?colour"),
            (two.as_str(), "?fund_id"),
        ] {
            who.get(&format!("{entries}?{query}")).wrong_fields(&[field]);
        }
        who.get("/api/v1/ledger/accounts?code=0000").wrong_fields(&["?code"]);
        who.get("/api/v1/ledger/trial-balance?at=2026-02-30").wrong_fields(&["?at"]);
        for what in ["entries", "export"] {
            let path = format!("/api/v1/ledger/{what}?from=2026-02-02&to=2026-02-01");
            let problem = who.get(&path).wrong_fields(&["?to"]);
            assert_eq!(problem["fields"][0]["message"], "write a day on or after ?from", "{what}");
        }
        who.get(&format!("{entries}/abc")).refused(400, "malformed_request");
        who.get(&format!("{entries}/{id}")).refused(404, "not_found");
        // What nothing has is no mistake.
        for filter in ["fund_id", "budget_id", "grant_id", "account_id"] {
            let none = who.get(&format!("{entries}?{filter}={id}")).ok();
            assert_eq!(none, json!({ "items": [], "next": null }));
        }
        let desk = web.desk();
        let fund = desk.fund("F");
        for (query, field) in [("from=2026-02-02&to=2026-02-01", "?to"), ("limit=0", "?limit")] {
            let path = format!("/api/v1/funds/{fund}/statement?{query}");
            desk.admin.get(&path).wrong_fields(&[field]);
        }
    }

    fn pages_hold_while_others_write(t: &Harness) {
        let web = t.serve();
        let town = town(t, &web);
        let desk = &town.field.desk;
        let path = "/api/v1/ledger/entries";
        let before = listed(&desk.finance, path, 200);
        let (mut seen, mut after): (Vec<String>, String) = (Vec::new(), String::new());
        let mut backdated = 0;
        loop {
            let page = desk.finance.get(&format!("{path}?limit=4{after}")).ok();
            seen.extend(ids(page["items"].as_array().expect("items")).iter().map(|i| (*i).into()));
            // Meanwhile money comes in, today and long ago.
            desk.give(&town.funds[0], "1.00").ok();
            backdated += usize::from(page["next"].is_string());
            gift_of(desk, &town.funds[1], "2026-10-01");
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let distinct: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "none comes twice");
        let old = |id: &&String| before.iter().any(|e| text(e, "id") == id.as_str());
        let kept: Vec<&str> = seen.iter().filter(old).map(String::as_str).collect();
        assert_eq!(kept, ids(&before), "none is lost");
        // What counts for a day that was still ahead of the reader is read on the way.
        assert!(backdated >= 3 && seen.len() >= before.len() + backdated, "{}", seen.len());
    }

    fn trial_balances_by_day(t: &Harness) {
        let web = t.serve();
        let town = town(t, &web);
        let who = &town.field.desk.admin;
        assert_eq!(trial(who, "?at=2026-11-01"), amounts(&[]));
        let second = amounts(&[
            ("1000", 110_000), ("4000", 110_000), ("8000", 110_000), ("8200", 110_000),
        ]);
        assert_eq!(trial(who, "?at=2026-11-02"), second);
        let third = amounts(&[
            ("1000", 110_000), ("4000", 110_000), ("8000", 110_000), ("8200", 70_000),
            ("8300", 40_000),
        ]);
        assert_eq!(trial(who, "?at=2026-11-03"), third);
        let fourth = amounts(&[
            ("1000", 110_000), ("2000", 20_000), ("4000", 110_000), ("5000", 20_000),
            ("8000", 110_000), ("8200", 70_000), ("8400", 20_000), ("8500", 20_000),
        ]);
        assert_eq!(trial(who, "?at=2026-11-04"), fourth);
        let sixth = amounts(&[
            ("1000", 100_000), ("4000", 110_000), ("5000", 10_000), ("8000", 110_000),
            ("8200", 80_000), ("8400", 20_000), ("8500", 10_000),
        ]);
        for at in ["?at=2026-11-06", "", "?at=2099-12-31"] {
            assert_eq!(trial(who, at), sixth, "{at}");
        }
        // An entry of the past changes that day and those after it, not those before.
        gift_of(&town.field.desk, &town.funds[0], "2026-11-03");
        assert_eq!(trial(who, "?at=2026-11-02"), second);
        assert_eq!(trial(who, "?at=2026-11-03")["4000"], 110_100);
        assert_eq!(trial(who, "")["4000"], 110_100);
    }

    fn statements_add_up(t: &Harness) {
        let web = t.serve();
        let town = town(t, &web);
        let who = &town.field.desk.finance;
        let view = |path: &str| who.get(&format!("/api/v1/{path}")).ok()["balances"].clone();
        let grant = format!("grants/{}", town.grant);
        let mut owners: Vec<String> = town.funds.iter().map(|id| format!("funds/{id}")).collect();
        owners.extend(town.budgets.iter().map(|id| format!("budgets/{id}")));
        owners.push(grant.clone());
        for owner in &owners {
            let (opening, all, closing) = statement(who, owner, "");
            assert_eq!(opening, json!([]), "{owner}");
            // Two halves are the whole.
            let (_, first, middle) = statement(who, owner, "&to=2026-11-04");
            let (between, second, end) = statement(who, owner, "&from=2026-11-05");
            assert_eq!((&middle, &closing), (&between, &end), "{owner}");
            assert_eq!([first, second].concat(), all, "{owner}");
            let (open, none, close) = statement(who, owner, "&from=2027-01-01");
            assert_eq!((open, none), (close.clone(), vec![]), "{owner}");
            assert_eq!(close, closing, "{owner}");
        }
        for budget in &owners[2..4] {
            let (balances, (_, lines, closing)) = (view(budget), statement(who, budget, ""));
            let closing = held(&closing);
            let parts = ["available", "reserved", "committed", "spent"];
            for (code, part) in ["8200", "8300", "8400", "8500"].into_iter().zip(parts) {
                assert_eq!(closing[code], minor(&balances[part]), "{budget} {part}");
            }
            assert_eq!(closing.len(), 4);
            let kinds: BTreeSet<&str> = lines.iter().map(|l| text(l, "kind")).collect();
            assert!(!kinds.contains("contribution_received"), "that is the fund's: {kinds:?}");
        }
        let closing = held(&statement(who, &grant, "").2);
        let wanted = amounts(&[("1050", 0), ("2000", 0), ("8400", 20_000), ("8500", 10_000)]);
        assert_eq!(closing, wanted, "all was paid, half of it came back");
        let fund = held(&statement(who, &owners[0], "").2);
        assert_eq!(fund["8000"], fund["8100"] + fund["8200"] + fund["8300"] + fund["8400"]
            + fund["8500"]);
        assert_eq!(fund["4000"] - fund["5000"], fund["1000"], "what is left is in the bank");
    }

    fn who_may_look(t: &Harness) {
        let web = t.serve();
        let town = town(t, &web);
        let (audra, fay) = (web.with_role("A", Role::Auditor), web.with_role("F", Role::Funder));
        let desk = &town.field.desk;
        let gift = json!({
            "funder_id": fay.id(), "amount": usd("1.00"), "received_on": "2026-11-06",
        });
        desk.finance.post(&format!("/api/v1/funds/{}/contributions", town.funds[0]), gift).ok();
        let newest = audra.get("/api/v1/ledger/entries?limit=1").ok();
        let entry = format!("/entries/{}", text(&newest["items"][0], "id"));
        let [rae, roy] = &town.holders;
        for path in ["/accounts", "/entries", &entry, "/trial-balance", "/export", "/check"] {
            let path = format!("/api/v1/ledger{path}");
            for who in [&audra, &desk.admin, &desk.finance] {
                assert_eq!(who.get(&path).status, 200, "{path}");
            }
            for who in [rae, &fay, &town.recipient, &web.person("Passer By")] {
                let refused = who.get(&path);
                assert!(matches!(refused.status, 403 | 404), "{path}: {}", refused.status);
            }
            web.anonymous().get(&path).refused(401, "unauthenticated");
        }
        let owners = [
            format!("funds/{}", town.funds[0]),
            format!("budgets/{}", town.budgets[0]),
            format!("grants/{}", town.grant),
        ];
        // Each with who sees the fund, the budget, and the grant.
        for (who, sees) in [
            (&audra, [true, true, true]),
            (rae, [false, true, true]),
            (roy, [false, false, true]),
            (&fay, [true, false, false]),
            (&town.recipient, [false, false, true]),
            (&web.person("Passer By"), [false, false, false]),
        ] {
            for (owner, sees) in owners.iter().zip(sees) {
                let reply = who.get(&format!("/api/v1/{owner}/statement"));
                assert_eq!(reply.status, if sees { 200 } else { 404 }, "{owner} {}", who.email);
            }
        }
    }
}

/// One dollar that came in on another day.
fn gift_of(desk: &Desk<'_>, fund: &str, on: &str) {
    let form = json!({ "funder_name": "Late", "amount": usd("1.00"), "received_on": on });
    desk.finance.post(&format!("/api/v1/funds/{fund}/contributions"), form).ok();
}
