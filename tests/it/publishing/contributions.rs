//! Contributions for an application: announced by anybody, recorded when they arrive, offered there
//! or given another use; every cent is in the ledger, and nobody is named.

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::{Client, Reply, Web};
use almoner::kernel::actor::Role;
use almoner::platform::config::Config;
use mail_parser::MessageParser;
use serde_json::{Value, json};

const HOW: &str = "Example Bank, account 42";

/// A service that says where to pay; a fund with a fee of 10 %, a regrantor with a budget of it, a
/// public call that names it, and a public application that asks for 900.00.
pub struct Giving<'w> {
    pub field: Field<'w>,
    pub fund: String,
    pub budget: String,
    pub reg: Client,
    pub rea: Client,
    pub application: String,
}

pub fn served(t: &Harness) -> Web {
    let mut config: Config = t.config();
    config.publishing.how_to_pay = HOW.into();
    t.serve_with(config)
}

impl<'w> Giving<'w> {
    pub fn of(web: &'w Web) -> Self {
        Self::named(web, "Open Optics")
    }
    /// The same with a fund of this name.
    pub fn named(web: &'w Web, fund: &str) -> Self {
        let mut field = web.field();
        let fund = field.desk.fund_with(fund, json!({ "fee_basis_points": 1000 }));
        let reg = web.with_role("Reg Rantor", Role::Regrantor);
        let budget = field.desk.budget(&fund, &reg);
        let call = json!({ "title": "Optics", "kind": "rolling", "fund_ids": [fund] });
        let admin = &field.desk.admin;
        let call = admin.post("/api/v1/calls", call).id();
        admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        field.call = call;
        let rea = web.person("Rea Searcher");
        let application = field.applies(&rea, "90.00", "900.00");
        Self { field, fund, budget, reg, rea, application }
    }
    pub fn announce(&self, form: Value) -> Reply {
        let path = format!("/api/v1/public/applications/{}/announcements", self.application);
        self.field.web.anonymous().post(&path, form)
    }
    /// Announces this much; the id that finance sees.
    pub fn announced(&self, amount: &str) -> String {
        // An address is written to a few times and no more.
        let email = format!("g{}@example.org", self.field.web.number());
        let told = self.announce(json!({ "amount": usd(amount), "email": email })).ok();
        let reference = told["reference"].as_str().expect("a reference");
        let found = self.announcements(&format!("reference={}", reference.to_lowercase()));
        found[0]["id"].as_str().expect("an id").to_owned()
    }
    fn fee(&self, points: i32) {
        let (admin, fund) = (&self.field.desk.admin, format!("/api/v1/funds/{}", self.fund));
        let etag = admin.get(&fund).etag().to_owned();
        admin.patch(&fund, &etag, json!({ "fee_basis_points": points })).ok();
    }
    pub fn announcements(&self, query: &str) -> Value {
        let path = format!("/api/v1/announcements?{query}");
        self.field.desk.finance.get(&path).ok()["items"].clone()
    }
    pub fn receive(&self, id: &str, amount: &str) -> Reply {
        let form = json!({ "amount": usd(amount), "received_on": "2026-11-02" });
        self.field.desk.finance.post(&format!("/api/v1/announcements/{id}/receive"), form)
    }
    /// Announced and received; the id of the earmark.
    pub fn given(&self, amount: &str) -> String {
        let received = self.receive(&self.announced(amount), amount).ok();
        received["earmark"]["id"].as_str().expect("an id").to_owned()
    }
    pub fn offer(&self, earmark: &str) -> Reply {
        let form = json!({ "budget_id": self.budget });
        self.reg.post(&format!("/api/v1/earmarks/{earmark}/offer"), form)
    }
    pub fn reassign(&self, earmark: &str, reason: &str) -> Reply {
        let path = format!("/api/v1/earmarks/{earmark}/reassign");
        self.field.desk.admin.post(&path, json!({ "reason": reason }))
    }
    pub fn status(&self, earmark: &str) -> String {
        let all = self.field.desk.finance.get("/api/v1/earmarks").ok();
        let all = all["items"].as_array().expect("items").iter();
        let found = all.filter(|e| e["id"] == earmark).map(|e| e["status"].as_str());
        found.flatten().next().expect("it is there").to_owned()
    }
    pub fn shown(&self) -> Value {
        let path = format!("/api/v1/public/applications/{}", self.application);
        self.field.web.anonymous().get(&path).ok()
    }
    /// `[unallocated, available, reserved]`.
    pub fn books(&self) -> [String; 3] {
        let all = self.field.desk.balances(&format!("funds/{}", self.fund));
        ["unallocated", "available", "reserved"].map(|p| all[p].as_str().expect("money").to_owned())
    }
    #[track_caller]
    pub fn holds(&self) {
        assert_eq!(self.field.desk.finance.get("/api/v1/ledger/check").ok()["holds"], true);
    }
}

/// Texts of the mails to this address, oldest first.
pub fn mails(web: &Web, to: &str) -> Vec<String> {
    web.work();
    let Ok(files) = std::fs::read_dir(web.env().config.mail_folder()) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|f| f.expect("a file").path()).collect();
    paths.sort();
    let read = paths.iter().filter_map(|path| {
        let bytes = std::fs::read(path).expect("a mail");
        let mail = MessageParser::default().parse(&bytes).expect("a mail");
        let meant = mail.to().and_then(|t| t.first()).and_then(|a| a.address()) == Some(to);
        let text = mail.body_text(0).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        meant.then(|| format!("{}\n{text}", mail.subject().unwrap_or_default()))
    });
    read.collect()
}

both! {
    fn money_goes_to_a_fund_of_its_currency(t: &Harness) {
        let web = served(t);
        let mut g = Giving::of(&web);
        let admin = &g.field.desk.admin;
        let bank = g.field.desk.bank("Bank of euros", "EUR");
        let form = json!({ "name": "Euro Optics", "currency": "EUR", "bank_account_id": bank });
        let euros = admin.post("/api/v1/funds", form).id();
        let form = json!({ "title": "Both", "kind": "rolling", "fund_ids": [g.fund, euros] });
        let call = admin.post("/api/v1/calls", form).id();
        admin.command(&format!("/api/v1/calls/{call}/open")).ok();
        g.field.call = call;
        for (currency, its, other) in [("USD", "Open Optics", "Euro Optics"),
            ("EUR", "Euro Optics", "Open Optics")] {
            let sum = |amount: &str| json!({ "amount": amount, "currency": currency });
            let application = g.field.applies_with(&g.rea, json!({
                "amount_minimum": sum("1.00"), "amount_requested": sum("9.00"),
                "budget_lines": [{ "label": "All", "amount": sum("9.00") }] }));
            let path = format!("/api/v1/public/applications/{application}");
            let terms = web.anonymous().get(&path).ok()["contributions"].to_string();
            assert!(terms.contains(its) && !terms.contains(other), "{currency}: {terms}");
        }
    }

    fn one_transfer_is_recorded_by_one_way(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let id = g.announced("100.00");
        let all = g.announcements("limit=1");
        let form = json!({ "funder_name": "Somebody", "amount": usd("100.00"),
            "received_on": "2026-11-02", "reference": all[0]["reference"] });
        let path = format!("/api/v1/funds/{}/contributions", g.fund);
        g.receive(&id, "100.00").ok();
        g.field.desk.finance.post(&path, form.clone()).refused(409, "already_exists");
        // Nor the other way round.
        let late = g.announced("50.00");
        let reference = g.announcements("limit=1")[0]["reference"].clone();
        let form = json!({ "funder_name": "Somebody", "amount": usd("50.00"),
            "received_on": "2026-11-02", "reference": reference });
        g.field.desk.finance.post(&path, form).ok();
        g.receive(&late, "50.00").refused(409, "already_exists");
        assert_eq!(g.books()[0], "135.00", "without the fee, once each");
        g.holds();
    }

    fn what_is_given_reaches_the_grant(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        assert_eq!(g.shown()["contributions"]["open"], true);
        let told = g.announce(json!({ "amount": usd("100.00"), "email": "Gil@Example.org",
            "name": "Gil Giver", "message": "Go on!" }));
        assert_eq!(told.status, 202);
        let told = told.ok();
        assert_eq!((&told["how_to_pay"], &told["fund"]), (&json!(HOW), &json!("Open Optics")));
        assert_eq!(told["expires_on"], "2026-12-02");
        let terms = told["terms"].to_string();
        assert!(terms.contains("not paid back") && terms.contains("10.00 %"), "{terms}");
        let reference = told["reference"].as_str().expect("a reference");
        let mail = &mails(&web, "gil@example.org")[0];
        for part in [reference, HOW, "100.00 USD", "not paid back", "Gil Giver", "2026-12-02"] {
            assert!(mail.contains(part), "{part} in {mail}");
        }
        // Nothing has moved, and nothing of it is public.
        assert_eq!(g.shown()["contributions"]["received"], usd("0.00"));
        assert_eq!(g.books(), ["0.00", "0.00", "0.00"]);
        let row = &g.announcements(&format!("reference={reference}&status=announced"))[0];
        assert_eq!((&row["giver_name"], &row["message"]), (&json!("Gil Giver"), &json!("Go on!")));
        // More came than was announced: what came counts, and the fee is taken.
        let id = row["id"].as_str().expect("an id").to_owned();
        // Lists name the giver; how to reach them, the announcement itself.
        let own = g.field.desk.finance.get(&format!("/api/v1/announcements/{id}")).ok();
        assert_eq!((row.get("email"), &own["email"]), (None, &json!("gil@example.org")));
        // The fee is the one that they were told, whatever it is by now.
        g.fee(2_000);
        let received = g.receive(&id, "120.00").ok();
        assert_eq!(received["earmark"]["amount"], usd("108.00"));
        g.fee(1_000);
        assert_eq!(g.books(), ["108.00", "0.00", "0.00"]);
        g.receive(&id, "120.00").refused(409, "wrong_state");
        let shown = g.shown();
        let given = (&shown["contributions"]["received"], &shown["contributions"]["count"]);
        assert_eq!(given, (&usd("120.00"), &json!(1)));
        let told = mails(&web, "gil@example.org").remove(1);
        for words in ["120.00 USD have arrived", "After the fee of 12.00 USD, 108.00 USD of it"] {
            assert!(told.contains(words), "{told}");
        }
        // The page says what is held, which is less than what came.
        let page = || web.anonymous().get(&format!("/a/{}", g.application)).text();
        assert_eq!(shown["contributions"]["held"], usd("108.00"));
        assert!(page().contains("held for it</dt><dd>108.00 USD"), "{}", page());
        let public = shown.to_string() + &page();
        for secret in ["Gil", "gil@", "Go on!", reference] {
            assert!(!public.contains(secret), "{secret}");
        }
        // Only who holds a budget of the fund offers it, and as an offer like any other.
        let earmark = received["earmark"]["id"].as_str().expect("an id").to_owned();
        let other = g.field.backer("10.00");
        let form = json!({ "budget_id": other.budget });
        let path = format!("/api/v1/earmarks/{earmark}/offer");
        other.who.post(&path, form).wrong_fields(&["/budget_id"]);
        other.who.post(&path, json!({ "budget_id": g.budget })).refused(403, "forbidden");
        g.rea.post(&path, json!({ "budget_id": g.budget })).refused(403, "forbidden");
        g.offer(&earmark).ok();
        assert_eq!(g.status(&earmark), "offered");
        assert_eq!(g.books(), ["0.00", "0.00", "108.00"]);
        g.offer(&earmark).refused(409, "wrong_state");
        // Offered, it counts among the offers alone.
        let shown = g.shown();
        let counts = (&shown["offered"], &shown["contributions"]["held"]);
        assert_eq!(counts, (&usd("108.00"), &usd("0.00")));
        assert!(!page().contains("held for it"), "{}", page());
        g.field.awarded(&g.application);
        web.work();
        assert_eq!(g.status(&earmark), "spent");
        g.reassign(&earmark, "No.").refused(409, "wrong_state");
        g.holds();
    }

    fn held_money_is_nobody_elses(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let earmark = g.given("100.00");
        g.field.desk.give(&g.fund, "50.00").ok();
        assert_eq!(g.books()[0], "135.00", "90.00 are held, 45.00 are free");
        let desk = &g.field.desk;
        let refused = desk.allocate(&g.budget, "45.01").refused(409, "insufficient_funds");
        assert!(refused["detail"].as_str().expect("words").contains("45.00 USD"), "{refused}");
        desk.allocate(&g.budget, "45.00").ok();
        desk.allocate(&g.budget, "0.01").refused(409, "insufficient_funds");
        g.reassign(&earmark, "I want it.").refused(409, "wrong_state");
        // An offer that is taken back ties it again.
        let offer = g.offer(&earmark).id();
        g.reg.command(&format!("/api/v1/offers/{offer}/withdraw")).ok();
        web.work();
        assert_eq!(g.status(&earmark), "held");
        assert_eq!(g.books(), ["90.00", "45.00", "0.00"]);
        desk.allocate(&g.budget, "0.01").refused(409, "insufficient_funds");
        // The application ends without it: an admin says what becomes of it, and it is free.
        g.rea.post(&format!("/api/v1/applications/{}/withdraw", g.application), json!({})).ok();
        g.reassign(&earmark, " ").wrong_fields(&["/reason"]);
        desk.finance.post(&format!("/api/v1/earmarks/{earmark}/reassign"), json!({ "reason": "x" }))
            .refused(403, "forbidden");
        let done = g.reassign(&earmark, "Another lens.").ok();
        assert_eq!(done["status"], "reassigned");
        assert_eq!(done["reason"], "Another lens.");
        g.reassign(&earmark, "Again.").refused(409, "wrong_state");
        g.offer(&earmark).refused(409, "wrong_state");
        desk.allocate(&g.budget, "90.00").ok();
        g.holds();
    }

    fn an_offer_that_is_refused_moves_nothing(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let earmark = g.given("900.00");
        g.field.desk.give(&g.fund, "500.00").ok();
        g.field.desk.allocate(&g.budget, "400.00").ok();
        let form = json!({ "budget_id": g.budget, "amount": usd("400.00") });
        g.reg.post(&format!("/api/v1/applications/{}/offers", g.application), form).ok();
        let before = g.books();
        // 810.00 are more than the 500.00 that are missing still.
        let refused = g.offer(&earmark);
        assert_eq!(refused.status, 409, "{}", refused.text());
        assert_eq!((g.books(), g.status(&earmark)), (before, "held".into()));
        g.holds();
    }

    fn what_cannot_be_announced(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let mail = "g@example.org";
        let wrong = json!({ "amount": usd("-1.00"), "email": "nobody", "name": "a\nb" });
        g.announce(wrong).wrong_fields(&["/amount/amount", "/name", "/email"]);
        let extra = json!({ "amount": usd("1.00"), "email": mail, "status": "received" });
        let refused = g.announce(extra).wrong_fields(&["/status"]);
        assert_eq!(refused["fields"][0]["code"], "unknown_field");
        let euros = json!({ "amount": { "amount": "1.00", "currency": "EUR" }, "email": mail });
        g.announce(euros).wrong_fields(&["/amount/currency"]);
        let too_much = json!({ "amount": usd("900.01"), "email": mail });
        g.announce(too_much).refused(409, "limit_reached");
        assert_eq!(g.announcements(""), json!([]));
        assert_eq!(mails(&web, mail), [""; 0], "nobody is told of what was refused");
        // Nobody learns whether there is a private application, and pays no try for asking.
        let private = g.field.applies_with(&g.rea, json!({ "visibility": "private",
            "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All", "amount": usd("9.00") }] }));
        let nobody = web.anonymous();
        let at = |id: &str| format!("/api/v1/public/applications/{id}/announcements");
        let form = || json!({ "amount": usd("1.00"), "email": mail });
        for id in [private.as_str(), "01a19b7c-a680-7035-80a7-6d853561f4e6"] {
            for _ in 0..8 {
                let refused = nobody.post(&at(id), form()).refused(404, "not_found");
                assert_eq!(refused["detail"], "There is no such application.");
            }
        }
        // An address is written to a few times and no more.
        let told: Vec<u16> = (0..8).map(|_| g.announce(form()).status).collect();
        assert!(told.contains(&429) && told[0] == 202, "{told:?}");
        assert!(mails(&web, mail).len() <= 5);
        // Where the call names no fund, or nobody says where to pay, none is taken.
        let other = json!({ "title": "Any", "kind": "rolling" });
        let other = g.field.desk.admin.post("/api/v1/calls", other).id();
        g.field.desk.admin.command(&format!("/api/v1/calls/{other}/open")).ok();
        let there = g.field.applies_with(&g.rea, json!({ "call_id": other,
            "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
            "budget_lines": [{ "label": "All", "amount": usd("9.00") }] }));
        let form = json!({ "amount": usd("1.00"), "email": "h@example.org" });
        nobody.post(&at(&there), form.clone()).refused(409, "wrong_state");
        let silent = t.serve();
        let path = at(&g.application);
        silent.anonymous().post(&path, form).refused(409, "wrong_state");
        let page = silent.anonymous().get(&format!("/a/{}", g.application)).text();
        assert!(!page.contains("<form"), "{page}");
    }

    fn an_announcement_is_forgotten_in_time(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let told = g.announce(json!({ "amount": usd("5.00"), "email": "gil@example.org",
            "name": "Gil Giver", "message": "Canary" })).ok();
        t.clock.advance_seconds(30 * 86_400 - 1);
        web.work();
        assert_eq!(g.announcements("status=announced").as_array().map(Vec::len), Some(1));
        t.clock.advance_seconds(3601);
        web.work();
        let row = &g.announcements("status=expired")[0];
        let path = format!("/api/v1/announcements/{}", row["id"].as_str().expect("an id"));
        let row = &g.field.desk.finance.get(&path).ok();
        let forgotten = (&row["email"], &row["giver_name"], &row["message"]);
        assert_eq!(forgotten, (&Value::Null, &Value::Null, &json!("")));
        // It may still come.
        assert_eq!(row["reference"], told["reference"]);
        g.receive(row["id"].as_str().expect("an id"), "5.00").ok();
        assert_eq!(g.shown()["contributions"]["count"], 1);
        g.holds();
    }

    fn a_browser_without_script_can_give(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let nobody = web.anonymous();
        let path = format!("/a/{}", g.application);
        assert!(nobody.get(&path).text().contains("<form method=\"post\""));
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        let send = |body: &str| nobody.send("POST", &path, &kind, Some(body.as_bytes().to_vec()));
        let wrong = send("amount=a+lot&email=%22%3E%3Cscript%3E&name=&message=");
        assert_eq!(wrong.status, 422);
        assert_eq!(wrong.header("content-type"), Some("text/html; charset=utf-8"));
        let page = wrong.text();
        assert!(page.contains("class=\"bad\"") && page.contains("value=\"a lot\""), "{page}");
        assert!(!page.contains("<script"), "{page}");
        assert_eq!(send("amount=901&email=b%40example.org").status, 409);
        let done = send("amount=25&email=b%40example.org&name=&message=Hi");
        assert_eq!(done.status, 200, "{}", done.text());
        let row = &g.announcements("")[0];
        assert!(done.text().contains(row["reference"].as_str().expect("one")));
        assert_eq!((&row["amount"], &row["giver_name"]), (&usd("25.00"), &Value::Null));
        let gone = format!("/a/{}", "01a19b7c-a680-7035-80a7-6d853561f4e6");
        let body = Some(b"amount=1&email=b%40example.org".to_vec());
        assert_eq!(nobody.send("POST", &gone, &kind, body).status, 404);
    }
}
