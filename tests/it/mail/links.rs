//! Where the links of mails lead: each to a page, for anybody who opens it.

use crate::support::Harness;
use crate::support::bodies::NOBODY;
use crate::support::web::Client;
use almoner::kernel::actor::Role;
use serde_json::{Value, json};
use std::path::Path;

/// Where links lead whose path the call does not write out.
const WRITTEN_ELSEWHERE: &[(&str, &[&str])] = &[
    ("path(record)", &["/applications/{}"]),
    ("path(&record)", &["/applications/{}"]),
    ("letters::path(record)", &["/applications/{}"]),
    ("letters::path(now)", &["/applications/{}"]),
    ("link", &["/applications/{}/members/{}", "/nominations/{}", "/delegations/{}"]),
    ("path", &["/concerns/{}", "/screenings/{}", "/a/{}", "/applications/{}"]),
    ("link.path.as_str()", &["/confirm", "/reset"]),
    ("unsubscribe_path(ctx, search.id)", &["/unsubscribe"]),
];

/// What the calls of `.link(` in some code give as the path: as they write it.
fn paths_given(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, call) in code.match_indices(".link(") {
        let (mut depth, mut quoted, mut comma, mut end) = (1, false, 0, 0);
        let rest = &code[at + call.len()..];
        for (place, c) in rest.char_indices() {
            match c {
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth -= 1,
                ',' if !quoted && depth == 1 && comma == 0 => comma = place + 1,
                _ => {}
            }
            if depth == 0 {
                end = place;
                break;
            }
        }
        found.push(rest[comma..end].trim().trim_end_matches(',').to_owned());
    }
    found
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).expect("a file");
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            found.extend(paths_given(&code.collect::<Vec<_>>().join("\n")));
        }
    }
}

/// Every path that the service writes into a mail, with `{}` for each id.
fn paths() -> Vec<String> {
    let mut given = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut given);
    assert!(given.len() > 30, "{}", given.len());
    let mut paths: Vec<String> = Vec::new();
    for one in given {
        if let Some((_, rest)) = one.split_once("\"/") {
            let literal = format!("/{}", rest.split(['"', '#']).next().unwrap_or(""));
            let parts = literal.split('/');
            let plain = parts.map(|part| if part.starts_with('{') { "{}" } else { part });
            paths.push(plain.collect::<Vec<_>>().join("/"));
        } else {
            let known = WRITTEN_ELSEWHERE.iter().find(|(code, _)| *code == one);
            let (_, known) = known.unwrap_or_else(|| panic!("where does {one} lead?"));
            paths.extend(known.iter().map(|path| (*path).to_owned()));
        }
    }
    paths.sort();
    paths.dedup();
    paths
}

fn page(who: &Client, path: &str, accept: Option<&str>) -> (u16, String, String) {
    let headers: Vec<(&str, &str)> = accept.map(|kind| ("Accept", kind)).into_iter().collect();
    let reply = who.send("GET", path, &headers, None);
    let kind = reply.header("content-type").unwrap_or_default().to_owned();
    (reply.status, kind, reply.text())
}

const BROWSER: Option<&str> = Some("text/html,application/xhtml+xml,*/*;q=0.8");

both! {
    fn every_link_that_a_mail_can_have_leads_to_a_page(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let id = field.application("10.00", "20.00");
        let nobody = web.anonymous();
        for path in paths() {
            for accept in [None, BROWSER] {
                let (status, kind, html) = page(&nobody, &path.replace("{}", &id), accept);
                assert_eq!((status, kind.as_str()), (200, "text/html; charset=utf-8"), "{path}");
                assert!(!html.contains("<script>") && !html.contains("style="), "{path}: {html}");
                assert!(!html.contains(&id) || path == "/a/{}", "{path}");
            }
        }
    }

    fn pages_say_nothing_of_what_there_is_and_machines_hear_as_before(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let id = field.application("10.00", "20.00");
        let nobody = web.anonymous();
        let here = page(&nobody, &format!("/applications/{id}"), BROWSER);
        assert_eq!(here, page(&nobody, &format!("/applications/{NOBODY}"), BROWSER));
        assert_eq!(here, page(&nobody, &format!("/reviews/{NOBODY}"), BROWSER));
        // Where that page leads who reviews.
        assert_eq!(here, page(&nobody, &format!("/reviews/{NOBODY}/application"), BROWSER));
        assert_eq!(here, page(&field.desk.admin, &format!("/grants/{id}"), BROWSER));
        let policy = nobody.get(&format!("/applications/{id}"));
        let policy = policy.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        for path in ["/confirm", "/unsubscribe"] {
            assert_eq!(nobody.get(path).header("content-security-policy"), Some(policy), "{path}");
        }
        for script in ["/assets/object.js", "/assets/session.js"] {
            assert!(here.2.contains(script), "{script}");
            assert_eq!(nobody.get(script).status, 200, "{script}");
        }
        let json = [("Accept", "application/json")];
        nobody.send("GET", &format!("/applications/{id}"), &json, None).refused(404, "not_found");
        nobody.get("/nowhere").refused(404, "not_found");
        nobody.get("/applications/x/nowhere").refused(404, "not_found");
        // Who mistypes in a browser reads a page, which leads back; the API speaks JSON.
        let nowhere = page(&nobody, "/nowhere", BROWSER);
        assert_eq!((nowhere.0, nowhere.1.as_str()), (404, "text/html; charset=utf-8"));
        assert!(nowhere.2.contains("nothing here") && nowhere.2.contains("href=\"/\""));
        assert_eq!(nowhere, page(&nobody, &format!("/applications/{id}/nowhere"), BROWSER));
        let below = page(&nobody, "/api/v1/nowhere", BROWSER);
        assert_eq!((below.0, below.1.as_str()), (404, "application/problem+json"));
        let told = nobody.post(&format!("/applications/{id}"), json!({}));
        told.refused(405, "method_not_allowed");
        nobody.get(&format!("/api/v1/applications/{NOBODY}")).refused(404, "not_found");
    }

    fn the_token_of_a_mail_tells_what_it_asks_until_it_is_answered(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let reg = web.with_role("Reg", Role::Regrantor);
        let form = json!({ "call_id": field.call, "title": "Probes" });
        let id = rea.post("/api/v1/applications", form).id();
        let seat = json!({ "email": "mo@work.example", "name": "Mo", "role": "mentor" });
        rea.post(&format!("/api/v1/applications/{id}/members"), seat).ok();
        let form = json!({ "email": "mo@work.example", "scopes": ["draft"],
            "expires_on": web.env().clock.now().date().plus_days(30) });
        rea.post("/api/v1/me/delegates", form).ok();
        let form = json!({ "call_id": field.call, "email": "mo@work.example", "name": "Mo",
            "title": "Lenses", "summary": "To see.", "why": "Nobody grinds better." });
        reg.post("/api/v1/nominations", form).ok();
        let ask = |who: &Client, token: &str| {
            who.post("/api/v1/invitations/preview", json!({ "token": token }))
        };
        let nobody = web.anonymous();
        for (subject, object, title, says) in [
            ("You are asked onto a team", "invitation", json!("Probes"), "as mentor"),
            ("asks you to act for them", "delegation", Value::Null, "write applications"),
            ("nominates you for a grant", "nomination", json!("Lenses"), "Nobody grinds better."),
        ] {
            let (path, token) = web.mail("mo@work.example", subject).asks(&web);
            let told = ask(&nobody, &token).ok();
            assert_eq!((&told["object"], &told["title"]), (&json!(object), &title), "{told}");
            assert!(told.to_string().contains(says) && !told.to_string().contains("@"), "{told}");
            assert!(path.ends_with(told["id"].as_str().expect("an id")), "{path}");
            for wrong in ["", "alm_", &token[..token.len() - 1], &format!("{token}A")] {
                ask(&nobody, wrong).refused(401, "token_refused");
            }
            // By the address of the page and the token, whatever the account's address is.
            let form = json!({ "token": token });
            mo.post(&format!("/api/v1{path}/accept"), form).ok();
            ask(&nobody, &token).refused(401, "token_refused");
        }
        web.every_link_leads_to_a_page();
    }

    fn who_has_to_approve_an_offer_gets_a_link_to_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer_with("100.00", json!({
            "approval_threshold": { "amount": "1.00", "currency": "USD" },
        }));
        let id = field.application("10.00", "20.00");
        let offer = backer.offer(&id, "20.00").id();
        let mail = web.mail(&field.desk.admin.email, "Approve or deny an offer");
        assert_eq!(mail.links(&web)[0], format!("/offers/{offer}"));
        web.every_link_leads_to_a_page();
    }
}

#[test]
fn a_link_to_nowhere_would_be_seen() {
    let code = "a.link(\"One, two\", format!(\"/x/{}\", y.id)).b()\n.link(\"C\",\n    link,\n)";
    assert_eq!(paths_given(code), ["format!(\"/x/{}\", y.id)", "link"]);
    assert!(paths().iter().any(|path| path == "/applications/{}/reviews"));
}
