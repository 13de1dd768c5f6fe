//! Where a request comes from, by the word of our own proxies alone; and what https is told.

use crate::support::Harness;
use crate::support::web::{Client, Web};
use almoner::kernel::actor::Role;
use diesel::prelude::*;
use std::io::{Read as _, Write as _};

#[derive(QueryableByName)]
struct From {
    #[diesel(sql_type = diesel::sql_types::Text)]
    address: String,
}

/// Opens a call with these lines in the head of the request; the address that the audit keeps.
fn kept(web: &Web, who: &Client, lines: &[&str]) -> String {
    let body = r#"{"title":"T","kind":"rolling"}"#;
    let token = who.token.as_deref().expect("signed in");
    let more: String = lines.iter().map(|l| format!("X-Forwarded-For: {l}\r\n")).collect();
    let request = format!(
        "POST /api/v1/calls HTTP/1.1\r\nHost: almoner\r\nAuthorization: Bearer {token}\r\n\
         Idempotency-Key: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n{more}\r\n{body}",
        crate::support::web::new_key(),
        body.len(),
    );
    let address = web.url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let newest = "SELECT address FROM audit_log WHERE action = 'create_call' \
                  ORDER BY id DESC LIMIT 1";
    let found = web
        .app
        .db
        .read_now("test.address", |conn| Ok(diesel::sql_query(newest).get_result::<From>(conn)?));
    found.unwrap_or_else(|p| panic!("{p}")).address
}

both! {
    fn nobody_says_where_they_come_from_but_our_proxies(t: &Harness) {
        let web = t.serve();
        let admin = web.with_role("Ada", Role::Admin);
        for lines in [&[][..], &["203.0.113.1"], &["203.0.113.1, 127.0.0.1", "127.0.0.1"]] {
            assert_eq!(kept(&web, &admin, lines), "127.0.0.1", "{lines:?}");
        }
        let mut config = t.config();
        config.server.trusted_proxies =
            ["127.0.0.1", "10.0.0.0/8"].map(|n| n.parse().expect("a network")).to_vec();
        let web = t.serve_with(config);
        let admin = web.with_role("Abe", Role::Admin);
        for (lines, expected) in [
            (&[][..], "127.0.0.1"),
            (&["203.0.113.1"], "203.0.113.1"),
            (&["198.51.100.7, 203.0.113.1, 10.0.0.2"], "203.0.113.1"),
            // A proxy that adds a line of its own leaves the client's lie before it.
            (&["198.51.100.7", "203.0.113.1"], "203.0.113.1"),
            (&["198.51.100.7", "203.0.113.1", "10.0.0.2"], "203.0.113.1"),
            (&["203.0.113.1:4711"], "203.0.113.1"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["203.0.113.1", "unknown"], "127.0.0.1"),
        ] {
            assert_eq!(kept(&web, &admin, lines), expected, "{lines:?}");
        }
    }

    fn each_address_has_a_limit_of_its_own(t: &Harness) {
        let mut config = t.config();
        config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
        config.auth.limits.address = almoner::platform::config::Limit { burst: 5, per_hour: 5 };
        let web = t.serve_with(config);
        let tries = |from: &dyn Fn(usize) -> [String; 2]| {
            (0..20).any(|n| {
                let [lie, client] = from(n);
                let lines = [("X-Forwarded-For", &*format!("{lie}, {client}"))];
                let body = format!(r#"{{"email":"p{n}@example.org","password":"not it, no"}}"#);
                let mut headers = vec![("Content-Type", "application/json")];
                headers.extend(lines);
                let nobody = web.anonymous();
                nobody.send("POST", "/api/v1/auth/login", &headers, Some(body.into())).status == 429
            })
        };
        let spoofed = |n: usize| [format!("198.51.100.{}", n % 250), "203.0.113.1".to_owned()];
        let moving = |n: usize| ["198.51.100.7".to_owned(), format!("2001:db8:1:2:{n:x}::{n:x}")];
        assert!(tries(&moving), "who has one IPv6 network has all of its addresses");
        assert!(tries(&spoofed), "what the client says of itself gives no further tries");
    }

    fn who_comes_by_https_is_told_to_stay(t: &Harness) {
        let hsts = "strict-transport-security";
        let asked = |web: &Web| {
            let nobody = web.anonymous();
            let ada = web.person("Ada");
            let large = Some(vec![b' '; 2 << 20]);
            [
                nobody.get("/healthz"), nobody.get("/nowhere"), nobody.get("/api/v1/me"),
                nobody.get("/docs/"), nobody.get("/confirm"), nobody.get("/assets/account.js"),
                nobody.send("POST", "/api/v1/auth/login", &[], large),
                nobody.send("GET", "/api/v1/me", &[("Upgrade", "websocket")], None),
                ada.get("/api/v1/me"), ada.get("/api/v1/people/x"),
            ]
        };
        for reply in asked(&t.serve()) {
            assert_eq!(reply.header(hsts), None, "{reply:?}");
        }
        let mut config = t.config();
        config.server.base_url = "https://grants.example.org".into();
        for reply in asked(&t.serve_with(config)) {
            let said = Some("max-age=31536000; includeSubDomains");
            assert_eq!(reply.header(hsts), said, "{reply:?}");
        }
    }
}
