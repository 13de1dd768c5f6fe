//! What every request meets: problems instead of surprises, limits, headers, the document.

use crate::access::pages::PAGES;
use crate::matrix::filled;
use crate::support::Harness;
use crate::support::web::Client;
use almoner::kernel::actor::Role;
use almoner::platform::authz::Action;
use almoner::web::{openapi, routes};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};

/// All that HTTP has a word for, but CONNECT, which is for proxies.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

fn document() -> Value {
    serde_json::from_str(&openapi().to_json().expect("it serialises")).expect("it is JSON")
}

/// What each address takes, by its template: of the API as its document says; and of what is beside
/// it, where what is read may also be asked for its head.
fn taken() -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut all: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for (template, item) in document()["paths"].as_object().expect("by template") {
        let named = METHODS.into_iter().filter(|method| item.get(method.to_lowercase()).is_some());
        all.insert(template.clone(), named.collect());
    }
    for &(method, template, _) in PAGES {
        let takes = all.entry(template.to_owned()).or_default();
        takes.insert(method);
        takes.extend((method == "GET").then_some("HEAD"));
    }
    all
}

/// All that comes back until the connection ends; it has to end soon.
fn whole(url: &str, request: &str) -> String {
    let address = url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("sent");
    let wait = Some(std::time::Duration::from_secs(10));
    stream.set_read_timeout(wait).expect("a time limit");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an end, not silence");
    String::from_utf8_lossy(&answer).into_owned()
}

both! {
    fn answers_carry_headers_and_problems(t: &Harness) {
        let web = t.serve();
        let nobody = web.anonymous();
        assert_eq!(nobody.get("/healthz").text(), "ok\n");
        assert_eq!(nobody.get("/readyz").text(), "ready\n");
        for reply in [nobody.get("/healthz"), nobody.get("/nowhere"), nobody.get("/api/v1/me")] {
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(reply.header("x-frame-options"), Some("DENY"));
            assert!(reply.header("content-security-policy").is_some());
            assert!(reply.header("x-request-id").is_some());
        }
        nobody.get("/nowhere").refused(404, "not_found");
        nobody.get("/api/v1/me").refused(401, "unauthenticated");
        let refused = nobody.post("/api/v1/me", json!({}));
        refused.refused(405, "method_not_allowed");
        assert_eq!(refused.header("allow"), Some("GET, PATCH"));
        // A command's address, not a malformed id.
        let command = nobody.delete("/api/v1/me/sessions/end-others");
        command.refused(405, "method_not_allowed");
        assert_eq!(command.header("allow"), Some("POST"));
        assert!(nobody.get("/metrics").text().contains("almoner_http_requests_total"));
        assert!(nobody.get("/docs/problems").text().contains("`not_found`"));
        let docs = nobody.get("/docs/").text();
        assert!(docs.contains("name=\"viewport\""), "{docs}");
        for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
            assert!(docs.contains(file));
            assert_eq!(nobody.get(&format!("/docs/{file}")).status, 200, "{file}");
        }
        // The client goes where it is led.
        assert_eq!(nobody.get("/docs").text(), nobody.get("/docs/").text());
    }

    fn what_an_address_does_not_take_is_refused_with_what_it_takes(t: &Harness) {
        let web = t.serve();
        let (nobody, admin) = (web.anonymous(), web.with_role("Ada", Role::Admin));
        let (mut wrong, mut asked) = (Vec::new(), 0);
        for (template, takes) in taken() {
            let path = filled(&template);
            for method in METHODS.into_iter().filter(|method| !takes.contains(method)) {
                let reply = nobody.send(method, &path, &[], None);
                let allow: BTreeSet<&str> =
                    reply.header("allow").unwrap_or_default().split(", ").collect();
                let told = method == "HEAD" || reply.text().contains("\"status\":405");
                if reply.status != 405 || allow != takes || !told {
                    wrong.push(format!("{method} {template}: {} {allow:?}", reply.status));
                }
                asked += 1;
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(asked > 1_500, "{asked}");
        assert_eq!(nobody.delete("/docs/swagger-ui.css").header("allow"), Some("GET"));
        // Whoever asks: what has a name is no id, also where it comes encoded. Others are.
        let calls = "/common-grants/opportunities";
        for name in ["search", "%73earch"] {
            let reply = admin.get(&format!("{calls}/{name}"));
            assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")), "{name}");
        }
        assert_eq!(admin.get(&format!("{calls}/searches")).status, 404);
        let encoded = admin.delete("/api/v1/%63alls");
        encoded.refused(405, "method_not_allowed");
        assert_eq!(encoded.header("allow"), Some("GET, POST"));
        // A page is only read, also where the API has nothing to read there.
        for template in ["/", "/applications", "/applications/{id}", "/me/next/", "/delegations",
            "/applications/{id}/members/{member_id}"] {
            let path = filled(template);
            for method in METHODS.into_iter().filter(|method| !["GET", "HEAD"].contains(method)) {
                let reply = nobody.send(method, &path, &[], None);
                let told = (reply.status, reply.header("allow"));
                assert_eq!(told, (405, Some("GET, HEAD")), "{method} {path}");
            }
        }
        let nowhere = nobody.post("/nowhere", json!({}));
        nowhere.refused(404, "not_found");
        assert_eq!(nowhere.header("allow"), None);
    }

    fn mailed_links_lead_to_pages_that_run_nothing_foreign(t: &Harness) {
        let web = t.serve();
        let nobody = web.anonymous();
        for (path, api) in [("/confirm", "auth/confirm"), ("/reset", "auth/reset")] {
            let page = nobody.get(path);
            assert_eq!((page.status, page.header("content-type")),
                (200, Some("text/html; charset=utf-8")));
            let policy = page.header("content-security-policy").expect("a policy").to_owned();
            assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
            assert!(!policy.contains("unsafe"), "{policy}");
            let html = page.text();
            assert!(html.contains(&format!("data-api=\"/api/v1/{api}\"")), "{html}");
            assert!(!html.contains("<script>") && !html.contains("style="), "{html}");
            for asset in ["/assets/account.js", "/assets/account.css"] {
                assert!(html.contains(asset));
                assert_eq!(nobody.get(asset).status, 200);
            }
        }
    }

    fn a_request_out_of_time_is_answered_logged_and_counted(t: &Harness) {
        let mut config = t.config();
        config.server.request_timeout_seconds = 1;
        let web = t.serve_with(config);
        let address = web.url.trim_start_matches("http://").to_owned();
        let mut slow = std::net::TcpStream::connect(&address).expect("it listens");
        let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: almoner\r\n\
                    Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"email\"";
        slow.write_all(head.as_bytes()).expect("sent");
        let wait = Some(std::time::Duration::from_secs(20));
        slow.set_read_timeout(wait).expect("a time limit");
        let mut answer = [0_u8; 4096];
        let read = slow.read(&mut answer).expect("an answer, not silence");
        let answer = String::from_utf8_lossy(&answer[..read]).to_lowercase();
        assert!(answer.starts_with("http/1.1 503") || answer.starts_with("http/1.1 408"),
            "{answer}");
        for header in ["x-request-id: ", "x-content-type-options: nosniff", "application/problem"] {
            assert!(answer.contains(header), "{header}: {answer}");
        }
        let metrics = web.anonymous().get("/metrics").text();
        let open = metrics.lines().find(|l| l.starts_with("almoner_http_in_flight "));
        assert_eq!(open, Some("almoner_http_in_flight 1"), "only the one that asks");
        let status = &answer[9..12];
        let counted = format!("status=\"{status}\"");
        assert!(metrics.lines().any(|l| l.contains(&counted)), "{metrics}");
    }

    fn what_is_read_may_be_asked_for_its_head_alone(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("1.00", "9.00");
        let nobody = web.anonymous();
        let pages = [format!("/a/{application}"), format!("/a/{}", field.call), "/g/none".into()];
        let feed = format!("/feeds/calls/{}/applications.atom", field.call);
        let others = [
            "/feeds/applications.atom", "/feeds/grants.atom", "/assets/public.css",
            "/assets/object.js", "/assets/session.js", "/confirm", "/reset", "/unsubscribe",
            "/assets/account.js", "/assets/account.css", "/assets/unsubscribe.js", "/healthz",
            "/readyz", "/metrics", "/openapi.json", "/common-grants.json", "/docs/problems", "/",
        ];
        for path in pages.iter().map(String::as_str).chain([feed.as_str()]).chain(others) {
            let (get, head) = (nobody.get(path), nobody.send("HEAD", path, &[], None));
            assert_eq!(head.status, get.status, "{path}");
            assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
            assert_eq!(head.text(), "", "{path}");
        }
    }

    fn every_answer_carries_the_headers_of_safety(t: &Harness) {
        let web = t.serve();
        let (admin, nobody) = (web.with_role("Ada", Role::Admin), web.anonymous());
        let big = vec![b' '; 2 << 20];
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let replies = [
            admin.get("/api/v1/me"), admin.get("/api/v1/people"), admin.get("/api/v1/people/x"),
            admin.get("/api/v1/ledger/export?format=csv"), admin.get("/api/v1/ledger/check"),
            nobody.get("/api/v1/me"), nobody.get("/nowhere"), nobody.get("/api/v1/nowhere"),
            nobody.get("/docs/"), nobody.get("/docs/swagger-ui.css"), nobody.get("/docs/nothing"),
            nobody.get("/docs/problems"), nobody.get("/openapi.json"), nobody.get("/metrics"),
            nobody.get("/confirm"), nobody.get("/assets/account.js"), nobody.get("/healthz"),
            nobody.post("/api/v1/me", json!({})), nobody.send("PUT", "/x", &[], None),
            nobody.send("OPTIONS", "/api/v1/me", &[], None),
            nobody.send("HEAD", "/api/v1/calls", &[], None),
            nobody.send("POST", "/api/v1/auth/login", &[], Some(big)),
            nobody.send("POST", "/api/v1/auth/login", &form, Some(b"a=b".to_vec())),
            nobody.send("POST", "/api/v1/auth/login", &[], Some(b"[".to_vec())),
            admin.post("/api/v1/calls", json!({ "title": "T", "kind": "rolling" })),
            admin.delete("/api/v1/me/access-tokens/01a19b7c-a680-7035-80a7-6d853561f4e6"),
        ];
        for reply in replies {
            for (name, value) in [("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"), ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin")] {
                assert_eq!(reply.header(name), Some(value), "{name} of {reply:?}");
            }
            let policy = reply.header("content-security-policy").unwrap_or_default();
            assert!(policy.starts_with("default-src '"), "{reply:?}");
            assert!(reply.header("permissions-policy").is_some(), "{reply:?}");
            assert!(reply.header("cache-control").is_some(), "{reply:?}");
            assert!(reply.header("x-request-id").is_some(), "{reply:?}");
            assert_eq!(reply.header("access-control-allow-origin"), None, "{reply:?}");
            assert!(reply.header("server").is_none() && reply.header("x-powered-by").is_none());
        }
    }

    fn only_named_origins_read_answers(t: &Harness) {
        let mut config = t.config();
        let app = "https://app.example.org";
        config.server.cors_origins = vec![app.into(), "http://localhost:5173".into()];
        let web = t.serve_with(config);
        let ada = web.person("Ada");
        let ask = |origin: &str| ada.send("GET", "/api/v1/me", &[("Origin", origin)], None);
        let first = |origin: &str| {
            let headers = [("Origin", origin), ("Access-Control-Request-Method", "PATCH"),
                ("Access-Control-Request-Headers", "authorization,if-match")];
            web.anonymous().send("OPTIONS", "/api/v1/me", &headers, None)
        };
        for origin in [app, "http://localhost:5173"] {
            for reply in [ask(origin), first(origin)] {
                assert_eq!(reply.header("access-control-allow-origin"), Some(origin));
                assert_eq!(reply.header("access-control-allow-credentials"), None);
                assert_eq!(reply.header("vary"), Some("origin"));
            }
            let told = first(origin);
            assert_eq!(told.status, 204);
            let told = |name: &str| told.header(name).expect("told");
            assert!(told("access-control-allow-headers").contains("if-match"));
            assert!(told("access-control-allow-methods").contains("PATCH"));
            // Refusals are read by the program that has to show them.
            let headers = [("Origin", origin)];
            let refused = web.anonymous().send("GET", "/api/v1/me", &headers, None);
            refused.refused(401, "unauthenticated");
            assert_eq!(refused.header("access-control-allow-origin"), Some(origin));
        }
        for origin in ["https://app.example.org.evil.example", "https://evilapp.example.org",
            "http://app.example.org", "https://app.example.org:444", "https://APP.example.org",
            "null", "https://app.example.org/", "*", ""] {
            for reply in [ask(origin), first(origin)] {
                assert_eq!(reply.header("access-control-allow-origin"), None, "{origin}");
                assert_eq!(reply.header("access-control-allow-methods"), None, "{origin}");
            }
            first(origin).refused(405, "method_not_allowed");
        }
    }

    fn a_body_that_does_not_arrive_is_given_up(t: &Harness) {
        let mut config = t.config();
        config.server.body_timeout_seconds = 1;
        let web = t.serve_with(config);
        let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: almoner\r\n\
                    Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{";
        let answer = whole(&web.url, head);
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("too_slow"), "{answer}");
    }

    fn a_second_head_that_does_not_arrive_ends_the_connection(t: &Harness) {
        let mut config = t.config();
        config.server.idle_timeout_seconds = 1;
        let web = t.serve_with(config);
        let answer = whole(&web.url, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HT");
        assert_eq!(answer.matches("HTTP/1.1 200").count(), 1, "{answer}");
    }

    fn an_upgrade_is_refused_with_its_body(t: &Harness) {
        let web = t.serve();
        let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
                    Connection: upgrade\r\nContent-Length: 2\r\n\r\n{}";
        let answer = whole(&web.url, head);
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    }

    fn headers_are_read_strictly_but_only_from_who_may(t: &Harness) {
        let web = t.serve();
        let (ada, path) = (web.person("Ada"), "/api/v1/me");
        let twice = [("If-Match", "\"v1\""), ("If-Match", "\"v2\"")];
        let patch = |who: &Client| who.send("PATCH", path, &twice, Some(b"{}".to_vec()));
        patch(&ada).refused(400, "malformed_request");
        patch(&web.anonymous()).refused(401, "unauthenticated");
        let long = "x".repeat(256);
        let key = [("Idempotency-Key", long.as_str())];
        let body = || Some(b"{}".to_vec());
        let path = "/api/v1/applications";
        ada.send("POST", path, &key, body()).refused(400, "malformed_request");
        let agent = [("User-Agent", "\u{e9}crivain")];
        assert_eq!(ada.send("GET", "/api/v1/me", &agent, None).status, 200);
    }

    fn bodies_are_read_strictly(t: &Harness) {
        let web = t.serve();
        let nobody = web.anonymous();
        let send = |body: &[u8], kind: &str| {
            let header = [("Content-Type", kind)];
            nobody.send("POST", "/api/v1/auth/login", &header, Some(body.to_vec()))
        };
        send(b"{", "application/json").refused(400, "malformed_request");
        send(b"\xff\xfe", "application/json").refused(400, "malformed_request");
        send(&[b'['; 100_000], "application/json").refused(400, "malformed_request");
        send(b"a=b", "application/x-www-form-urlencoded").refused(415, "unsupported_media_type");
        send(&vec![b' '; 2 << 20], "application/json").refused(413, "too_large");
        let extra = br#"{"email":"a@b.cd","password":"x","role":"admin"}"#;
        let problem = send(extra, "application/json").wrong_fields(&["/role"]);
        assert_eq!(problem["fields"][0]["code"], "unknown_field");
        let less = send(br#"{"email":"a@b.cd"}"#, "application/json").wrong_fields(&["/password"]);
        assert_eq!(less["fields"][0]["code"], "required");
    }
}

#[test]
fn every_operation_has_a_permission_and_an_id() {
    let document = openapi();
    routes::verify(&document).expect("every route has a row in the policy table");
    let operations = routes::operations(&document);
    let ids: BTreeSet<&str> = operations.iter().map(|o| o.id.as_str()).collect();
    assert_eq!(ids.len(), operations.len(), "no operation id is used twice");
    assert!(!ids.contains(""), "every operation has an id");
}

/// What any write, and any that asks for a version, may be refused with is in the document.
#[test]
fn the_document_tells_of_states_and_versions() {
    let document = document();
    let (mut wrong, mut versioned) = (Vec::new(), 0);
    for operation in routes::operations(&openapi()) {
        let said = &document["paths"][&operation.path][operation.method.to_lowercase()];
        let parameters = said["parameters"].as_array().cloned().unwrap_or_default();
        let names: Vec<String> =
            parameters.iter().map(|p| format!("{}: {}", p["in"], p["name"])).collect();
        let different: BTreeSet<&String> = names.iter().collect();
        if different.len() < names.len() {
            wrong.push(format!("{} names a parameter twice: {names:?}", operation.id));
        }
        let version = parameters.iter().find(|parameter| parameter["name"] == "If-Match");
        versioned += usize::from(version.is_some());
        let needs = [
            ("409", !crate::matrix::only_reads(&operation)),
            ("412", version.is_some()),
            ("428", version.is_some_and(|version| version["required"] == true)),
        ];
        for (status, needed) in needs {
            if needed && said["responses"].get(status).is_none() {
                wrong.push(format!("{}: no {status}", operation.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(versioned > 20, "{versioned}");
}

#[test]
fn a_bare_route_does_not_start() {
    let mut document = openapi();
    let bare = utoipa::openapi::path::OperationBuilder::new().operation_id(Some("bare")).build();
    let item = utoipa::openapi::PathItem::new(utoipa::openapi::HttpMethod::Get, bare);
    document.paths.paths.insert("/api/v1/bare".into(), item);
    let refused = routes::verify(&document).expect_err("it has no permission");
    assert!(refused.contains("bare"), "{refused}");
    assert!(Action::ALL.iter().all(|a| a.as_str() != "bare"));
}
