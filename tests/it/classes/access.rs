//! Getting where one does not belong.

use crate::access::pages;
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::payday::{name_payee, planned, us_payee, verified_payee};
use crate::support::web::{Client, Reply, Web, new_key};
use almoner::kernel::actor::Role;
use almoner::web::routes;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub const NOBODY: &str = "01a19b7c-a680-7035-80a7-6d853561f4e6";

/// All addresses that are read, pages and feeds as well; what hangs on an object is one that
/// nothing has.
pub fn gets() -> Vec<String> {
    let operations = routes::operations(&almoner::web::openapi());
    let reads = operations.into_iter().filter(|o| o.method == "GET").map(|o| o.path);
    let reads = reads.chain(pages::reads());
    reads.map(|path| path.replace("{attachment_id}", NOBODY)).collect()
}

/// An answer without what differs each time.
pub fn told(reply: &Reply) -> (u16, Value) {
    let mut body = reply.json();
    for name in ["request_id", "instance"] {
        body.as_object_mut().expect("an object").remove(name);
    }
    (reply.status, body)
}

/// The mails to this address, as they were sent, the oldest first.
pub fn mails(web: &Web, address: &str) -> Vec<Vec<u8>> {
    web.work();
    let Ok(files) = std::fs::read_dir(web.env().config.mail_folder()) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|f| f.expect("a file").path()).collect();
    paths.sort();
    let all = paths.into_iter().map(|path| std::fs::read(path).expect("a mail"));
    let to = format!("To: {address}");
    all.filter(|bytes| String::from_utf8_lossy(bytes).contains(&to)).collect()
}

pub fn text_of(mail: &[u8]) -> String {
    let mail = mail_parser::MessageParser::default().parse(mail).expect("a mail");
    mail.body_text(0).expect("a text").into_owned()
}

pub fn token_in(text: &str) -> String {
    let (_, rest) = text.split_once("#token=").expect("a link");
    rest.split_whitespace().next().expect("a token").to_owned()
}

pub fn log_in(web: &Web, email: &str, password: &str) -> Reply {
    let form = json!({ "email": email, "password": password });
    web.anonymous().post("/api/v1/auth/login", form)
}

both! {
    fn detail_safe_but_attachments_open(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00"]);
        let paid = payday.payment(&grant, 1, &["approve", "batch"]);
        let batch = payday.disbursement(&paid)["batch_id"].as_str().expect("an id").to_owned();
        let application = payday.field.grant(&grant)["application_id"].as_str()
            .expect("an id").to_owned();
        let rooms = [("grants", &grant), ("applications", &application), ("disbursements", &paid),
            ("payees", &payday.payee), ("payment-batches", &batch)];
        let others = [web.person("Sam"), web.with_role("Rob", Role::Regrantor),
            web.with_role("Flo", Role::Funder), web.with_role("Rev", Role::Reviewer)];
        let mut looked = 0;
        for path in gets() {
            let below = |room: &str| path.starts_with(&format!("/api/v1/{room}/{{"));
            let found = rooms.iter().find(|(room, _)| below(room));
            let Some((_, id)) = found else { continue };
            looked += 1;
            for who in &others {
                let path = path.replace("{number}", "1").replace("{call_id}", NOBODY);
                let real = who.get(&path.replace("{id}", id));
                let missing = who.get(&path.replace("{id}", NOBODY));
                assert!([403, 404].contains(&real.status), "{path}: {}", real.text());
                assert_eq!(told(&real), told(&missing), "{path}");
            }
        }
        assert!(looked >= 14, "{looked} addresses below objects");
        // A real file, on a draft that none of them sees.
        let rea = web.person("Rea");
        let form = json!({ "call_id": payday.field.call, "title": "A better lens" });
        let draft = rea.post("/api/v1/applications", form).id();
        let files = format!("/api/v1/applications/{draft}/attachments");
        let key = new_key();
        let headers = [("Content-Type", "text/plain"), ("Idempotency-Key", key.as_str())];
        let path = format!("{files}?name=plan.txt");
        let kept = rea.send("POST", &path, &headers, Some(b"canary".to_vec())).id();
        let one = format!("{files}/{kept}");
        assert_eq!(rea.get(&one).text(), "canary");
        for (who, path) in others.iter().flat_map(|who| [(who, &files), (who, &one)]) {
            let missing = path.replace(&draft, NOBODY).replace(&kept, NOBODY);
            assert_eq!(who.get(path).status, 404, "{path}");
            assert_eq!(told(&who.get(path)), told(&who.get(&missing)), "{path}");
        }
        let file = format!("/api/v1/payment-batches/{batch}/file");
        others.iter().for_each(|who| { who.command(&file).refused(403, "forbidden"); });
    }

    fn reviewer_named_in_a_feed(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let application = field.applies(&rea, "1.00", "10.00");
        let partial = web.with_role("Quentin Partial", Role::Reviewer);
        let path = format!("/api/v1/applications/{application}");
        let form = json!({ "reason": "We are married: canary." });
        partial.post(&format!("{path}/conflicts"), form).ok();
        let backer = field.backer("10.00");
        backer.offer(&application, "5.00").ok();
        // And somebody who reviews it, and says what they think.
        let rhoda = web.with_role("Rhoda Marks", Role::Reviewer);
        let asked = json!({ "person_id": rhoda.id() });
        let review = field.desk.admin.post(&format!("{path}/reviewers"), asked).id();
        let at = format!("/api/v1/reviews/{review}");
        let keys = ["merit", "feasibility", "team", "value"];
        let score = |key: &str| json!({ "key": key, "score": 3, "comment": "canary" });
        let said = json!({ "scores": keys.map(score).to_vec(), "comment": "canary",
            "recommendation": "fund" });
        let read = rhoda.get(&at);
        rhoda.patch(&at, read.etag(), said).ok();
        rhoda.command(&format!("{at}/submit")).ok();
        let (partial_id, rhoda_id) = (partial.id().to_string(), rhoda.id().to_string());
        let secrets = ["Quentin", "canary", partial_id.as_str(), &partial.email, "Rhoda",
            rhoda_id.as_str(), &rhoda.email];
        let silent = |who: &Client, path: &str| {
            let text = who.get(path).text();
            for secret in secrets {
                assert!(!text.contains(secret), "{path} tells of {secret}: {text}");
            }
        };
        for who in [&rea, &backer.who, &web.person("Sam")] {
            for path in gets() {
                if !path.contains("{member_id}") {
                    silent(who, &path.replace("{id}", &application).replace("{number}", "1"));
                }
            }
            silent(who, &at);
        }
        rea.get(&format!("{path}/conflicts")).refused(403, "forbidden");
        for mail in mails(&web, &rea.email) {
            assert!(secrets.iter().all(|s| !text_of(&mail).contains(s)));
        }
        assert_eq!(field.desk.admin.get(&format!("{path}/conflicts")).ok()["items"]
            .as_array().map(Vec::len), Some(1));
    }

    fn emails_found_by_search(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let draft = json!({ "call_id": field.call, "title": "T", "visibility": "public",
            "summary": "S", "body": "B", "duration_months": 1, "amount_minimum": usd("1.00"),
            "amount_requested": usd("10.00"),
            "budget_lines": [{ "label": "All", "amount": usd("10.00") }] });
        let id = rea.post("/api/v1/applications", draft).id();
        let path = format!("/api/v1/applications/{id}");
        let form = json!({ "email": mo.email, "name": "Mo" });
        let member = rea.post(&format!("{path}/members"), form).id();
        mo.command(&format!("{path}/members/{member}/accept")).ok();
        rea.command(&format!("{path}/submit")).ok();
        field.desk.admin.command(&format!("{path}/open")).ok();
        let backer = field.backer("10.00");
        backer.offer(&id, "5.00").ok();
        let people = [&rea, &mo, &backer.who, &field.desk.admin, &field.desk.finance];
        let others = [web.anonymous(), web.person("Sam"), web.with_role("Rob", Role::Regrantor),
            web.with_role("Flo", Role::Funder), web.with_role("Rev", Role::Reviewer)];
        for who in &others {
            for path in gets() {
                let text = who.get(&path.replace("{id}", &id)).text();
                for one in people {
                    assert!(!text.contains(&one.email), "{path} tells {}: {text}", one.email);
                }
            }
            for query in ["q=rea", "q=example.org", &format!("q={}", rea.email)] {
                let found = who.get(&format!("/api/v1/people?{query}"));
                assert!([401, 403].contains(&found.status), "{}", found.text());
            }
        }
        // Nor does a door without a login tell whether an address is known here.
        for (door, form) in [("request-reset", json!({})),
            ("register", json!({ "name": "A", "password": "four wet boots by the door" }))] {
            let answer = |email: &str| {
                let mut form = form.clone();
                form["email"] = json!(email);
                let reply = web.anonymous().post(&format!("/api/v1/auth/{door}"), form);
                (reply.status, reply.text())
            };
            assert_eq!(answer(&rea.email), answer("nobody@example.org"), "{door}");
        }
        let wrong = |email: &str| told(&log_in(&web, email, "wrong password"));
        assert_eq!(wrong(&rea.email), wrong("nobody@example.org"));
    }

    fn open_redirects_through_next(t: &Harness) {
        let web = t.serve();
        let (admin, nobody) = (web.with_role("Ada", Role::Admin), web.anonymous());
        let evil = "evil.example";
        // The documents are long, and no pages.
        let mut all: Vec<_> = gets().into_iter().filter(|p| !p.ends_with(".json")).collect();
        all.extend(["/", "/docs/", "/login", "/me/next"].map(str::to_owned));
        let mut rendered = 0;
        for path in &all {
            for name in ["next", "redirect", "return_to", "url", "continue"] {
                for target in ["https%3A%2F%2Fevil.example", "//evil.example", "/%5Cevil.example"] {
                    let asked = format!("{}?{name}={target}", path.replace("{id}", NOBODY));
                    for who in [&nobody, &admin] {
                        let reply = who.get(&asked);
                        let to = reply.header("location").unwrap_or_default();
                        assert!(!to.contains(evil), "{asked} leads to {to}");
                        let kind = reply.header("content-type").unwrap_or_default();
                        let html = kind.starts_with("text/html");
                        rendered += usize::from(html);
                        assert!(!html || !reply.text().contains(evil), "{asked}");
                    }
                }
            }
        }
        assert!(rendered > 100, "{rendered} pages");
        let ways = ["location.href", "location =", "location.assign", "location.replace", "open("];
        for path in all.iter().filter(|path| path.ends_with(".js")) {
            let script = nobody.get(path).text();
            assert!(!ways.iter().any(|way| script.contains(way)), "{path} goes elsewhere");
        }
        // What the headers call this place leads no mail elsewhere either.
        let headers = [("X-Forwarded-Host", evil), ("Forwarded", "host=evil.example"),
            ("Origin", "https://evil.example"), ("Referer", "https://evil.example/")];
        let body = json!({ "email": admin.email }).to_string().into_bytes();
        nobody.send("POST", "/api/v1/auth/request-reset", &headers, Some(body)).ok();
        let mail = text_of(&mails(&web, &admin.email).pop().expect("a mail"));
        assert!(mail.contains("/reset#token=") && !mail.contains(evil), "{mail}");
    }

    fn rich_text_that_runs(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let tricks = "<script>alert(1)</script><img src=x onerror=alert(2)>\
                      [a](javascript:alert(3)) {{7*7}} https://evil.example";
        let application = field.applies_with(&rea, json!({
            "title": format!("T {tricks}"), "summary": format!("S {tricks}"),
            "body": format!("B {tricks}\n\n# Signed\n\n> all of it"),
            "amount_minimum": usd("1.00"), "amount_requested": usd("10.00"),
            "budget_lines": [{ "label": tricks, "amount": usd("10.00") }],
        }));
        let backer = field.backer("10.00");
        let conditions = json!({ "conditions": format!("C {tricks}") });
        backer.offer_with(&application, "10.00", conditions).ok();
        let grant = field.awarded(&application);
        // As data it is what was typed, and nothing takes it for a page.
        let read = web.anonymous().get(&format!("/api/v1/applications/{application}"));
        let read = if read.status == 200 { read } else {
            rea.get(&format!("/api/v1/applications/{application}"))
        };
        assert_eq!(read.ok()["title"], format!("T {tricks}"));
        for reply in [&read, &rea.get(&format!("/api/v1/grants/{grant}/agreement/text")),
            &rea.get(&format!("/api/v1/grants/{grant}")),
            &web.anonymous().get("/nowhere/%3Cscript%3Ealert(1)%3C/script%3E"),
            &web.anonymous().get("/api/v1/calls?%3Cscript%3E=1")] {
            let kind = reply.header("content-type").expect("a type");
            assert!(["application/json", "application/problem+json"].contains(&kind)
                || kind.starts_with("text/markdown"), "{kind}");
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
            let policy = reply.header("content-security-policy").expect("a policy");
            assert!(policy.starts_with("default-src 'none'"), "{policy}");
        }
        // In what is signed it is words in a quotation.
        let agreement = rea.get(&format!("/api/v1/grants/{grant}/agreement/text")).text();
        let said = agreement.replace("\\<", "").replace("\\]", "");
        assert!(!said.contains('<') && !said.contains("\n# Signed"), "{agreement}");
        assert!(!said.contains("](javascript"), "{agreement}");
        // In mails it is plain text, and no link but our own.
        let all = mails(&web, &rea.email);
        assert!(all.len() >= 3, "{}", all.len());
        for mail in &all {
            let raw = String::from_utf8_lossy(mail).to_lowercase();
            assert!(raw.contains("content-type: text/plain") && !raw.contains("text/html"));
            assert!(!text_of(mail).contains("https://evil"), "{}", text_of(mail));
        }
        let page = web.anonymous().get("/reset?title=%3Cscript%3Ealert(1)%3C/script%3E").text();
        assert!(!page.contains("<script>"), "{page}");
    }

    fn ids_of_others_accepted_inside_bodies_and_relations(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let field = &payday.field;
        let bo = web.person("Bo");
        let theirs = verified_payee(&field.desk, &bo, us_payee("5550001", json!({})));
        let grant = payday.awarded(&payday.ada, planned(&[("5.00", "on_activation")]), &[]);
        // Somebody else's payee, budget, draft call and place on a team answer like missing ones.
        let same = |real: Reply, missing: Reply| {
            assert!(real.status >= 400, "{}", real.text());
            let (real, missing) = (told(&real), told(&missing));
            assert_eq!((real.0, &real.1["code"], &real.1["fields"]),
                (missing.0, &missing.1["code"], &missing.1["fields"]));
        };
        same(name_payee(&payday.ada, &grant, &theirs), name_payee(&payday.ada, &grant, NOBODY));
        let application = field.application("1.00", "10.00");
        let (one, two) = (field.backer("5.00"), field.backer("5.00"));
        let path = format!("/api/v1/applications/{application}/offers");
        let form = |budget: &str| json!({ "budget_id": budget, "amount": usd("1.00") });
        same(one.who.post(&path, form(&two.budget)), one.who.post(&path, form(NOBODY)));
        let draft = field.desk.admin.post("/api/v1/calls",
            json!({ "title": "Not yet", "kind": "rolling" })).id();
        let apply = |call: &str| {
            bo.post("/api/v1/applications", json!({ "call_id": call, "title": "Mine" }))
        };
        same(apply(&draft), apply(NOBODY));
        let [mine, other] = ["A", "B"].map(|title| bo.post("/api/v1/applications",
            json!({ "call_id": field.call, "title": title })).id());
        let mo = web.person("Mo");
        let invited = bo.post(&format!("/api/v1/applications/{mine}/members"),
            json!({ "email": mo.email, "name": "Mo" })).id();
        let accept = |application: &str, member: &str| {
            mo.command(&format!("/api/v1/applications/{application}/members/{member}/accept"))
        };
        same(accept(&other, &invited), accept(NOBODY, &invited));
        let out = |application: &str, member: &str| {
            bo.delete(&format!("/api/v1/applications/{application}/members/{member}"))
        };
        same(out(&other, &invited), out(&other, NOBODY));
        // Whose it is is never said in a body.
        let read = bo.get(&format!("/api/v1/applications/{mine}"));
        for field in ["applicant_id", "applicant", "person_id", "owner_id", "status", "id"] {
            let form = json!({ field: mo.id() });
            bo.patch(&format!("/api/v1/applications/{mine}"), read.etag(), form)
                .wrong_fields(&[&format!("/{field}")]);
        }
        let mut form = us_payee("5550002", json!({}));
        form["person_id"] = json!(payday.ada.id());
        bo.post("/api/v1/payees", form).wrong_fields(&["/person_id"]);
    }

    fn an_invited_unconfirmed_member_acting_in_full(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let form = json!({ "call_id": payday.field.call, "title": "A draft" });
        let id = rea.post("/api/v1/applications", form).id();
        let path = format!("/api/v1/applications/{id}");
        let new = "late.comer@example.org";
        for email in [mo.email.as_str(), new] {
            let form = json!({ "email": email, "name": "Invited" });
            rea.post(&format!("{path}/members"), form).ok();
        }
        // Asked, and not answered: sees what it is about, and does nothing.
        let etag = mo.get(&path).etag().to_owned();
        mo.patch(&path, &etag, json!({ "title": "Mine" })).refused(403, "forbidden");
        let invite = json!({ "email": "x@example.org", "name": "X" });
        mo.post(&format!("{path}/members"), invite).refused(403, "forbidden");
        for act in ["submit", "withdraw"] {
            mo.command(&format!("{path}/{act}")).refused(403, "forbidden");
        }
        // An account whose address nobody has confirmed acts not at all, invited or not.
        let form = json!({ "email": new, "name": "Lat", "password": "four wet boots by the door" });
        web.anonymous().post("/api/v1/auth/register", form).ok();
        log_in(&web, new, "four wet boots by the door").refused(401, "login_failed");
        // On a grant, who was asked and never answered writes and reads nothing of it.
        let grant = payday.grant(&["5.00"]);
        for rest in ["", "/agreement", "/agreement/text", "/reports", "/requirements"] {
            mo.get(&format!("/api/v1/grants/{grant}{rest}")).refused(404, "not_found");
        }
    }

    fn an_old_api_version_leaking_what_the_new_one_hides(t: &Harness) {
        let web = t.serve();
        let all = web.with_roles("Alma", &Role::ALL);
        let paths: BTreeSet<String> = routes::operations(&almoner::web::openapi())
            .into_iter().map(|o| o.path)
            // A protocol of others, whose addresses are theirs.
            .filter(|path| !path.starts_with("/common-grants/")).collect();
        assert!(paths.iter().all(|path| path.starts_with("/api/v1/")), "one version is served");
        // A page for people may stand at the bare path: one and the same, without any data.
        let page = web.anonymous().get("/me/next").text();
        for path in &paths {
            let path = path.replace("{id}", NOBODY).replace("{member_id}", NOBODY);
            let rest = path.trim_start_matches("/api/v1");
            for before in ["/api/v0", "/api/v2", "/api", "/v1", "", "/API/v1", "/api/v1.0",
                "/api/v1/api/v1", "/api/latest", "/internal/v1"] {
                let reply = all.get(&format!("{before}{rest}"));
                let is_page = before.is_empty() && reply.text() == page;
                assert!(reply.status == 404 || is_page, "{before}{rest}: {}", reply.text());
            }
            // Nor under another spelling that a proxy would take for the same.
            for odd in [format!("{path}/"), format!("{path}.json"), format!("/{path}"),
                path.replacen("/v1/", "/v1/./", 1), path.replacen("/v1/", "/v1//", 1)] {
                let reply = web.anonymous().get(&odd);
                assert!([400, 401, 404, 405].contains(&reply.status), "{odd}: {}", reply.text());
            }
        }
    }
}
