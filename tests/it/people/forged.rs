//! Forged and odd credentials, at the door.

use super::*;
use almoner::platform::auth::jwt;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

both! {
    fn no_forged_token_gets_in(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (ada, bob) = (web.person("Ada"), web.person("Bob"));
        let good = ada.token.clone().expect("a token");
        let parts: Vec<&str> = good.split('.').collect();
        let (head, body, signature) = (parts[0], parts[1], parts[2]);
        let decoded = |part: &str| -> Value {
            let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
            serde_json::from_slice(&bytes).expect("JSON")
        };
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head_with = |key: &str, value: Value| {
            let mut header = decoded(head);
            header[key] = value;
            format!("{}.{body}.{signature}", encoded(&header))
        };
        let body_with = |key: &str, value: Value| {
            let mut claims = decoded(body);
            claims[key] = value;
            format!("{head}.{}.{signature}", encoded(&claims))
        };
        let (env, now) = (web.env(), t.clock.now());
        let issue = |issuer: &str, person, session| {
            let id = env.ids.next::<()>(now).uuid();
            let grant = jwt::Grant { issuer, person, session, id, now, seconds: 900 };
            jwt::issue(&env.keys, &grant).expect("issued")
        };
        let session = decoded(body)["sid"].as_str().expect("a session").parse().expect("an id");
        let nobody = env.ids.next(now);
        let other_keys = almoner::platform::auth::keys::Keys::ephemeral();
        let grant = jwt::Grant {
            issuer: "almoner", person: ada.id(), session, id: uuid::Uuid::nil(), now, seconds: 900,
        };
        let forged = [
            head_with("alg", json!("none")),
            format!("{}.{body}.", encoded(&json!({ "alg": "none", "typ": "at+jwt" }))),
            head_with("alg", json!("RS256")),
            head_with("typ", json!("JWT")),
            head_with("kid", json!("../../keys.json")),
            head_with("kid", json!("s-000000000000")),
            head_with("jku", json!("https://evil.example/keys.json")),
            head_with("jwk", json!({ "kty": "oct", "k": "AAAA" })),
            head_with("x5u", json!("https://evil.example/cert")),
            body_with("sub", json!(bob.id())),
            body_with("exp", json!(i64::MAX)),
            body_with("exp", json!("never")),
            body_with("aud", json!("other")),
            issue("another", ada.id(), session),
            issue("almoner", bob.id(), session),
            issue("almoner", ada.id(), nobody),
            issue("almoner", env.ids.next(now), session),
            jwt::issue(&other_keys, &grant).expect("issued"),
            format!("{good}x"),
            format!("{good}.x"),
            format!("{head}.{body}"),
            good[..good.len() - 2].to_owned(),
            signature.to_owned(),
            "alp_".to_owned(),
            format!("alp_{}", "A".repeat(43)),
            format!("alr_{}", "A".repeat(43)),
            "A".repeat(7000),
        ];
        for token in &forged {
            with_token(&web, token).get("/api/v1/me").refused(401, "unauthenticated");
        }
        assert_eq!(issue("almoner", ada.id(), session).split('.').count(), 3);
        with_token(&web, &issue("almoner", ada.id(), session)).get("/api/v1/me").ok();
        ada.get("/api/v1/me").ok();
    }

    fn odd_headers_are_refused(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let token = ada.token.clone().expect("a token");
        let client = web.anonymous();
        let odd = [
            token.clone(),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            format!("Basic {token}"),
            format!("Bearer {token} {token}"),
            format!("Token {token}"),
            "Basic YWRtaW46YWRtaW4=".to_owned(),
        ];
        for value in &odd {
            let reply = client.send("GET", "/api/v1/me", &[("Authorization", value)], None);
            reply.refused(401, "unauthenticated");
            assert_eq!(reply.header("www-authenticate"), Some("Bearer"), "{value}");
        }
        let lower = format!("bearer {token}");
        client.send("GET", "/api/v1/me", &[("Authorization", &lower)], None).ok();
        // A token anywhere else is none.
        client.get(&format!("/api/v1/me?access_token={token}")).refused(401, "unauthenticated");
        let cookie = format!("access_token={token}");
        client.send("GET", "/api/v1/me", &[("Cookie", &cookie)], None)
            .refused(401, "unauthenticated");
    }
}
