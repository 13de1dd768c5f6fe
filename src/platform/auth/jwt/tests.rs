use super::*;
use crate::kernel::ids::IdSource;
use crate::platform::auth::random;
use serde_json::{Value, json};

const ISSUER: &str = "almoner";
const NOW: i64 = 1_800_000_000;

fn at(seconds: i64) -> Instant {
    Instant::from_micros(seconds * 1_000_000).expect("in range")
}

fn grant(now: Instant) -> Grant<'static> {
    let ids = IdSource::seeded(7);
    let (person, session) = (ids.next(now), ids.next(now));
    let id = ids.next::<()>(now).uuid();
    Grant { issuer: ISSUER, person, session, id, now, seconds: 900 }
}

fn claims() -> Value {
    let g = grant(at(NOW));
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": g.person, "sid": g.session,
        "iat": NOW, "nbf": NOW, "exp": NOW + 900, "jti": g.id,
    })
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Signs any header and claims by hand, as an attacker with the key's bytes could not.
fn sign(key: &[u8], header: &str, claims: &str) -> String {
    use hmac::{KeyInit as _, Mac as _};
    let message = format!("{}.{}", b64(header), b64(claims));
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(key).expect("any length");
    mac.update(message.as_bytes());
    format!("{message}.{}", b64(mac.finalize().into_bytes()))
}

fn with(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> String {
    let mut claims = claims();
    change(claims.as_object_mut().expect("an object"));
    claims.to_string()
}

#[test]
fn a_token_of_ours_is_good_for_its_time() {
    let keys = Keys::ephemeral();
    let grant = grant(at(NOW));
    let token = issue(&keys, &grant).expect("issued");
    let claims = verify(&keys, ISSUER, &token, at(NOW)).expect("good");
    assert_eq!((claims.sub, claims.sid, claims.jti), (grant.person, grant.session, grant.id));
    let check = |seconds| verify(&keys, ISSUER, &token, at(seconds)).map(|_| ());
    assert_eq!(check(NOW + 899), Ok(()));
    assert_eq!(check(NOW + 904), Ok(()));
    assert_eq!(check(NOW + 905), Err(Refused::Expired));
    assert_eq!(check(NOW - 5), Ok(()));
    assert_eq!(check(NOW - 6), Err(Refused::TooEarly));
    assert_eq!(verify(&keys, "other", &token, at(NOW)), Err(Refused::Audience));
    keys.rotate_in_memory();
    assert_eq!(check(NOW), Ok(()), "rotation ends no token");
    let newer = issue(&keys, &grant).expect("issued");
    assert_ne!(newer.split('.').next(), token.split('.').next(), "the new key signs");
}

#[test]
fn forged_headers_are_refused() {
    let keys = Keys::ephemeral();
    let active = keys.signing();
    let (kid, key) = (active.id.as_str(), active.key.bytes().as_slice());
    let good = claims().to_string();
    let header = |h: Value| h.to_string();
    let plain = json!({"alg": "HS256", "typ": "at+jwt", "kid": kid});
    let control = sign(key, &header(plain.clone()), &good);
    assert!(verify(&keys, ISSUER, &control, at(NOW)).is_ok(), "the forge itself works");
    let more = |name: &str, value: Value| {
        let mut h = plain.clone();
        h[name] = value;
        header(h)
    };
    let twice = format!(r#"{{"alg":"none","alg":"HS256","typ":"at+jwt","kid":"{kid}"}}"#);
    let forged = [
        ("alg none", more("alg", json!("none"))),
        ("alg None", more("alg", json!("None"))),
        ("alg empty", more("alg", json!(""))),
        ("alg RS256", more("alg", json!("RS256"))),
        ("alg HS384", more("alg", json!("HS384"))),
        ("alg lower case", more("alg", json!("hs256"))),
        ("alg a list", more("alg", json!(["HS256"]))),
        ("alg missing", header(json!({"typ": "at+jwt", "kid": kid}))),
        ("typ JWT", more("typ", json!("JWT"))),
        ("typ missing", header(json!({"alg": "HS256", "kid": kid}))),
        ("kid missing", header(json!({"alg": "HS256", "typ": "at+jwt"}))),
        ("kid unknown", more("kid", json!("s-000000000000"))),
        ("kid a path", more("kid", json!("../../../../dev/null"))),
        ("kid with SQL", more("kid", json!("x' UNION SELECT 'AA"))),
        ("kid a number", more("kid", json!(0))),
        ("kid of a master key", more("kid", json!(keys.master().id))),
        ("kid cut", more("kid", json!(kid[..kid.len() - 1]))),
        ("jku", more("jku", json!("https://evil.example/keys"))),
        ("jwk", more("jwk", json!({"kty": "oct", "k": "AAAA"}))),
        ("x5u", more("x5u", json!("https://evil.example/x5u"))),
        ("x5c", more("x5c", json!(["AAAA"]))),
        ("crit", more("crit", json!(["exp"]))),
        ("b64 false", more("b64", json!(false))),
        ("zip", more("zip", json!("DEF"))),
        ("alg twice", twice),
        ("not JSON", "HS256".to_owned()),
        ("JSON and more", format!("{plain} {{}}")),
    ];
    for (what, header) in forged {
        let token = sign(key, &header, &good);
        assert!(verify(&keys, ISSUER, &token, at(NOW)).is_err(), "{what}");
    }
}

#[test]
fn forged_claims_are_refused() {
    let keys = Keys::ephemeral();
    let active = keys.signing();
    let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": active.id}).to_string();
    let mut forged = vec![
        ("aud of another", with(|c| drop(c.insert("aud".into(), json!("other"))))),
        ("aud a list", with(|c| drop(c.insert("aud".into(), json!([AUDIENCE]))))),
        ("iss of another", with(|c| drop(c.insert("iss".into(), json!("evil"))))),
        ("iss a list", with(|c| drop(c.insert("iss".into(), json!([ISSUER]))))),
        ("exp a text", with(|c| drop(c.insert("exp".into(), json!((NOW + 900).to_string()))))),
        ("exp a fraction", with(|c| drop(c.insert("exp".into(), json!(1.8e9))))),
        ("exp null", with(|c| drop(c.insert("exp".into(), Value::Null)))),
        ("exp past", with(|c| drop(c.insert("exp".into(), json!(NOW - 6))))),
        ("exp beyond", with(|c| drop(c.insert("exp".into(), json!(u64::MAX))))),
        ("nbf a text", with(|c| drop(c.insert("nbf".into(), json!("0"))))),
        ("nbf later", with(|c| drop(c.insert("nbf".into(), json!(NOW + 60))))),
        ("iat later", with(|c| drop(c.insert("iat".into(), json!(NOW + 60))))),
        ("sub empty", with(|c| drop(c.insert("sub".into(), json!(""))))),
        ("sub a number", with(|c| drop(c.insert("sub".into(), json!(1))))),
        ("one more", with(|c| drop(c.insert("roles".into(), json!(["admin"]))))),
        ("a list", "[]".to_owned()),
        ("nothing", String::new()),
        ("twice", claims().to_string().replacen('{', r#"{"sub":"x","#, 1)),
        ("and more", format!("{} x", claims())),
    ];
    for name in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti"] {
        forged.push((name, with(|c| drop(c.remove(name)))));
    }
    for (what, claims) in forged {
        let token = sign(active.key.bytes(), &header, &claims);
        assert!(verify(&keys, ISSUER, &token, at(NOW)).is_err(), "{what}");
    }
}

#[test]
fn forged_signatures_and_shapes_are_refused() {
    let keys = Keys::ephemeral();
    let token = issue(&keys, &grant(at(NOW))).expect("issued");
    let parts: Vec<&str> = token.split('.').collect();
    let (head, body, signature) = (parts[0], parts[1], parts[2]);
    let kid = keys.signing().id;
    let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": kid}).to_string();
    let other = with(|c| drop(c.insert("sub".into(), json!(Uuid::nil()))));
    let forged = [
        ("empty", String::new()),
        ("dots", "..".to_owned()),
        ("no signature", format!("{head}.{body}.")),
        ("no third part", format!("{head}.{body}")),
        ("four parts", format!("{token}.x")),
        ("five parts", format!("{token}.x.y")),
        ("trailing bytes", format!("{token}AAAA")),
        ("padding", format!("{token}=")),
        ("a space", format!(" {token}")),
        ("a line break", format!("{token}\n")),
        ("cut signature", format!("{head}.{body}.{}", &signature[..20])),
        ("other body", format!("{head}.{}.{signature}", b64(&other))),
        ("another's key", sign(&random::<32>(), &header, &claims().to_string())),
        ("empty key", sign(b"", &header, &claims().to_string())),
        ("kid as key", sign(kid.as_bytes(), &header, &claims().to_string())),
        ("master as key", sign(keys.master().key.bytes(), &header, &claims().to_string())),
        ("too long", format!("{head}.{}.{signature}", "A".repeat(4096))),
        ("not text", format!("{head}.\u{1F511}.{signature}")),
    ];
    for (what, token) in forged {
        assert!(verify(&keys, ISSUER, &token, at(NOW)).is_err(), "{what}");
    }
    for i in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).expect("ASCII");
        assert!(verify(&keys, ISSUER, &changed, at(NOW)).is_err(), "byte {i}");
    }
}
