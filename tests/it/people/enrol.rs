//! Enrolling, replacing, removing and resetting a second factor; recovery codes.

use super::*;
use crate::support::device;
use crate::support::web::PASSWORD;
use almoner::kernel::actor::Role;
use almoner::kernel::time::Clock;
use almoner::platform::auth::totp;
use almoner::platform::authz::{Action, Asks, policy::Allow};
use almoner::web::{openapi, routes};

pub const FACTOR: &str = "/api/v1/me/factor";

/// The code that a device with this secret shows, `offset` steps from now.
pub fn shows(clock: &Clock, secret: &str, offset: i64) -> Value {
    let code = device::secret(secret).code(totp::step(clock.now()) + offset);
    json!({ "code": code.as_str() })
}

/// What the first factor asks for.
pub fn password() -> Value {
    json!({ "password": PASSWORD })
}

/// An admin who has just been made one: their session may only enrol.
pub fn newcomer(web: &Web) -> Client {
    let root = web.with_role("Root", Role::Admin);
    let ada = web.person("Ada");
    let path = format!("/api/v1/people/{}/grant-role", ada.id());
    root.post(&path, json!({ "role": "admin" })).ok();
    web.sign_in(ada).bare()
}

/// Begins a factor and confirms it; its secret and the recovery codes.
pub fn enrol(t: &Harness, who: &Client) -> (String, Vec<String>) {
    let begun = who.post(FACTOR, password());
    assert_eq!(begun.status, 201, "{}", begun.text());
    let secret = text(&begun.ok(), "secret");
    let confirmed = who.post(&format!("{FACTOR}/confirm"), shows(&t.clock, &secret, -1)).ok();
    let codes = confirmed["recovery_codes"].as_array().expect("codes").clone();
    let codes = codes.iter().map(|c| c.as_str().expect("a code").to_owned()).collect();
    (secret, codes)
}

fn recovery(code: &str) -> Value {
    json!({ "recovery_code": code })
}

both! {
    fn enrolling_opens_the_session_and_shows_secrets_once(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = newcomer(&web);
        let refused = ada.get("/api/v1/me").refused(403, "factor_required");
        assert!(text(&refused, "remedy").contains("/api/v1/me/factor"), "{refused}");
        let status = ada.get(FACTOR).ok();
        assert_eq!((&status["enrolled_at"], &status["required"]), (&Value::Null, &json!(true)));
        let begun = ada.post(FACTOR, password()).ok();
        let (secret, uri) = (text(&begun, "secret"), text(&begun, "otpauth_uri"));
        assert!(uri.starts_with("otpauth://totp/almoner:ada-") && uri.contains(&secret), "{uri}");
        assert_eq!(secret.len(), 32);
        ada.get("/api/v1/me").refused(403, "factor_required");
        let confirm = format!("{FACTOR}/confirm");
        ada.post(&confirm, json!({ "code": "000000" })).refused(401, "code_refused");
        ada.post(&confirm, shows(&t.clock, &secret, 2)).refused(401, "code_refused");
        let done = ada.post(&confirm, shows(&t.clock, &secret, 0)).ok();
        let codes = done["recovery_codes"].as_array().expect("codes");
        assert_eq!(codes.len(), 10);
        assert_eq!(ada.get("/api/v1/me").ok()["roles"], json!(["admin"]));
        ada.get("/api/v1/people").ok();
        let status = ada.get(FACTOR);
        assert_eq!(status.ok()["recovery_codes_left"], 10);
        assert_eq!(status.ok()["enrolled_at"], json!(t.clock.now()));
        assert!(!status.text().contains(&secret));
        ada.post(&confirm, shows(&t.clock, &secret, 1)).refused(409, "wrong_state");
        assert_eq!(last_mail(&web, &ada.email).subject, "You have a second factor now");
        // The code that confirmed it does not log in as well.
        let waits = log_in(&web.anonymous(), &ada.email, PASSWORD).ok();
        pass(&web, &waits, shows(&t.clock, &secret, 0)).refused(401, "code_refused");
        pass(&web, &waits, shows(&t.clock, &secret, 1)).ok();
    }

    fn the_first_factor_asks_for_the_password(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = newcomer(&web);
        ada.command(FACTOR).wrong_fields(&["/password"]);
        let wrong = json!({ "password": "a short walk along the loud river" });
        ada.post(FACTOR, wrong).wrong_fields(&["/password"]);
        ada.post(&format!("{FACTOR}/confirm"), json!({ "code": "000000" }))
            .refused(409, "wrong_state");
        let secret = text(&ada.post(FACTOR, password()).ok(), "secret");
        ada.post(&format!("{FACTOR}/confirm"), shows(&t.clock, &secret, 0)).ok();
        // Another one asks for this one, and the password is not enough.
        ada.command(FACTOR).ok();
        t.clock.advance_seconds(301);
        ada.post(FACTOR, password()).refused(403, "step_up_required");
    }

    fn a_factor_is_confirmed_soon_or_begun_anew(t: &Harness) {
        let web = t.serve_with(t.config());
        let ada = web.person("Ada").bare();
        let confirm = format!("{FACTOR}/confirm");
        ada.post(&confirm, json!({ "code": "000000" })).refused(409, "wrong_state");
        let first = text(&ada.post(FACTOR, password()).ok(), "secret");
        let second = text(&ada.post(FACTOR, password()).ok(), "secret");
        assert_ne!(first, second);
        ada.post(&confirm, shows(&t.clock, &first, 0)).refused(401, "code_refused");
        t.clock.advance_seconds(900);
        ada.post(&confirm, shows(&t.clock, &second, 0)).refused(409, "wrong_state");
        let third = text(&ada.post(FACTOR, password()).ok(), "secret");
        t.clock.advance_seconds(899);
        ada.post(&confirm, shows(&t.clock, &third, 0)).ok();
        // Until then it did not count.
        let other = web.person("Bob").bare();
        other.post(FACTOR, password()).ok();
        assert_eq!(log_in(&web.anonymous(), &other.email, PASSWORD).status, 200);
    }

    fn a_session_that_may_only_enrol_is_refused_everything_else(t: &Harness) {
        let web = t.serve_with(patient(t));
        for role in [Role::Regrantor, Role::Finance, Role::Admin, Role::Auditor] {
            let who = newcomer(&web);
            if role != Role::Admin {
                let root = web.with_role("Root", Role::Admin);
                let path = format!("/api/v1/people/{}/grant-role", who.id());
                root.post(&path, json!({ "role": role })).ok();
                let path = format!("/api/v1/people/{}/remove-role", who.id());
                root.post(&path, json!({ "role": "admin" })).ok();
            }
            let who = web.sign_in(who);
            only_enrols(&who);
            // With the switch off, nobody is asked.
            let mut config = patient(t);
            config.auth.require_factor = false;
            let lax = t.serve_with(config);
            with_token(&lax, &who.token.clone().expect("a token")).get("/api/v1/me").ok();
        }
    }

    fn replacing_needs_the_factor_of_before(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = newcomer(&web);
        let (old, codes) = enrol(t, &ada);
        t.clock.advance_seconds(301);
        ada.post(FACTOR, password()).refused(403, "step_up_required");
        ada.post("/api/v1/auth/step-up", shows(&t.clock, &old, 0)).ok();
        let other = web.anonymous();
        let waits = log_in(&other, &ada.email, PASSWORD).ok();
        let second = pass(&web, &waits, shows(&t.clock, &old, 1)).ok();
        let open = log_in(&other, &ada.email, PASSWORD).ok();
        let begun = text(&ada.post(FACTOR, password()).ok(), "secret");
        // Whoever begins it in time has to confirm it in time, too.
        t.clock.advance_seconds(301);
        let confirm = format!("{FACTOR}/confirm");
        ada.post(&confirm, shows(&t.clock, &begun, 0)).refused(403, "step_up_required");
        ada.post("/api/v1/auth/step-up", shows(&t.clock, &old, 0)).ok();
        let renewed = ada.post(&confirm, shows(&t.clock, &begun, 0)).ok();
        // The old one, its codes, other sessions and open logins are void; this session goes on.
        ada.get("/api/v1/me").ok();
        let ended = with_token(&web, &text(&second, "access_token")).get("/api/v1/me");
        let ended = ended.refused(401, "unauthenticated");
        assert!(text(&ended, "detail").contains("second factor was changed"), "{ended}");
        pass(&web, &open, shows(&t.clock, &begun, 1)).refused(401, "token_refused");
        let waits = log_in(&other, &ada.email, PASSWORD).ok();
        pass(&web, &waits, shows(&t.clock, &old, 1)).refused(401, "code_refused");
        pass(&web, &waits, recovery(&codes[0])).refused(401, "code_refused");
        pass(&web, &waits, recovery(renewed["recovery_codes"][0].as_str().expect("a code"))).ok();
        let subjects: Vec<String> =
            mails(&web, &ada.email).into_iter().map(|m| m.subject).collect();
        let wanted = [
            "You have a second factor now",
            "Your second factor was replaced",
            "A recovery code was used",
        ];
        assert_eq!(subjects, wanted);
    }

    fn a_recovery_code_is_good_once(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = newcomer(&web);
        let (_, codes) = enrol(t, &ada);
        let waits = || log_in(&web.anonymous(), &ada.email, PASSWORD).ok();
        let spelled = codes[0].to_uppercase().replace('-', " ");
        pass(&web, &waits(), recovery(&spelled)).ok();
        pass(&web, &waits(), recovery(&codes[0])).refused(401, "code_refused");
        let all: Vec<Value> = (0..20).map(|_| waits()).collect();
        let statuses = at_once(20, |n| pass(&web, &all[n], recovery(&codes[1])).status);
        assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
        assert_eq!(ada.get(FACTOR).ok()["recovery_codes_left"], 8);
        // Somebody else's are no good.
        let bob = web.person("Bob").bare();
        let (_, others) = enrol(t, &bob);
        pass(&web, &waits(), recovery(&others[0])).refused(401, "code_refused");
        ada.post("/api/v1/auth/step-up", recovery(&codes[2])).ok();
        // New ones end all of those before.
        let renewed = ada.command("/api/v1/me/factor/recovery-codes").ok();
        let renewed = renewed["recovery_codes"].as_array().expect("codes").clone();
        assert_eq!(renewed.len(), 10);
        pass(&web, &waits(), recovery(&codes[3])).refused(401, "code_refused");
        pass(&web, &waits(), recovery(renewed[0].as_str().expect("a code"))).ok();
        let letters = mails(&web, &ada.email);
        let used = letters.iter().filter(|l| l.subject == "A recovery code was used");
        assert_eq!(used.count(), 4);
        assert!(letters.iter().all(|l| codes.iter().all(|c| !l.text.contains(c.as_str()))));
    }

    fn a_role_that_needs_it_keeps_it(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (root, ada) = (web.with_role("Root", Role::Admin), web.person("Ada").bare());
        ada.delete(FACTOR).refused(403, "factor_required");
        let refused = root.delete(FACTOR).refused(403, "factor_required");
        assert!(text(&refused, "detail").contains("admin"), "{refused}");
        enrol(t, &ada);
        t.clock.advance_seconds(301);
        ada.delete(FACTOR).refused(403, "step_up_required");
        let again = web.person("Bob").bare();
        let (_, codes) = enrol(t, &again);
        assert_eq!(again.delete(FACTOR).status, 204);
        again.get("/api/v1/me").ok();
        assert_eq!(log_in(&web.anonymous(), &again.email, PASSWORD).status, 200);
        again.post("/api/v1/auth/step-up", recovery(&codes[0])).refused(403, "factor_required");
        assert_eq!(last_mail(&web, &again.email).subject, "Your second factor was removed");
    }

    fn an_admin_resets_the_factor_of_others_only(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (root, other) = (web.with_role("Root", Role::Admin), web.with_role("Al", Role::Admin));
        let reset = |who: &Client, whom: &Client| {
            let path = format!("/api/v1/people/{}/reset-factor", whom.id());
            who.post(&path, json!({ "reason": "Their telephone fell into\nthe river." }))
        };
        reset(&root, &root).refused(403, "two_persons");
        reset(&web.with_role("Fin", Role::Finance), &root).refused(403, "forbidden");
        reset(&root, &web.person("Ada")).refused(409, "wrong_state");
        let open = log_in(&web.anonymous(), &other.email, PASSWORD).ok();
        reset(&root, &other).ok();
        let ended = other.get("/api/v1/me").refused(401, "unauthenticated");
        assert!(text(&ended, "detail").contains("second factor"), "{ended}");
        let shown = json!({ "code": other.device().code().expect("a code") });
        pass(&web, &open, shown).refused(401, "token_refused");
        let letter = last_mail(&web, &other.email);
        assert_eq!(letter.subject, "Your second factor was removed");
        assert!(letter.text.contains("fell into"), "{}", letter.text);
        // Their next login leads to a new one.
        let tokens = log_in(&web.anonymous(), &other.email, PASSWORD);
        assert_eq!(tokens.status, 200);
        let session = with_token(&web, &text(&tokens.ok(), "access_token"));
        session.get("/api/v1/me").refused(403, "factor_required");
        enrol(t, &session);
        session.get("/api/v1/me").ok();
        let audit = format!("/api/v1/audit?object_kind=person&object_id={}", other.id());
        let log = root.get(&audit).ok();
        assert_eq!(log["items"][0]["action"], "reset_factor", "{log}");
        assert_eq!(log["items"][0]["person_id"], json!(root.id()));
    }
}

/// Every operation but those of enrolling refuses, and says what to do.
fn only_enrols(who: &Client) {
    let document = openapi();
    let mut asked = 0;
    for operation in routes::operations(&document) {
        let action = Action::ALL.iter().find(|a| a.as_str() == operation.id).expect("a row");
        let rule = action.rule();
        // Doors that nobody needs a session for do not look at the one that comes.
        let door = action.section() == "auth" && rule.allow.contains(&Allow::Anyone);
        if rule.asks == Asks::Nothing || door {
            continue;
        }
        let path = crate::matrix::filled(&operation.path);
        asked += 1;
        // The protocol of others has an envelope without codes: it says the same in words.
        if path.starts_with("/common-grants/") {
            let body = (operation.method == "POST").then(|| b"{}".to_vec());
            let reply = who.send(operation.method, &path, &[], body);
            let title = who.get("/api/v1/calls").refused(403, "factor_required")["title"].clone();
            let said = reply.json()["message"].as_str().expect("a message").to_owned();
            assert_eq!(reply.status, 403, "{}", operation.id);
            assert!(said.starts_with(title.as_str().expect("a title")), "{said}");
            continue;
        }
        let (status, code) = crate::matrix::asked(who, operation.method, &path);
        assert_eq!((status, code.as_str()), (403, "factor_required"), "{}", operation.id);
    }
    assert!(asked > 100, "only {asked} operations were asked");
    let open: Vec<&str> =
        Action::ALL.iter().filter(|a| a.rule().asks == Asks::Nothing).map(|a| a.as_str()).collect();
    assert_eq!(open, ["logout", "get_factor", "enrol_factor", "confirm_factor"]);
}
