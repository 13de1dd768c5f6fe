//! What asks for a factor shown in the last five minutes; and what ends tokens.

use super::*;
use crate::support::web::PASSWORD;
use almoner::kernel::actor::Role;
use almoner::platform::authz::{Action, Asks};
use almoner::web::{openapi, routes};

/// What has to ask for a fresh factor: to approve, to release, to change bank details or roles, to
/// take personal data out. A row more or less in the policy table is a decision: it is made here
/// as well.
const MARKED: &[&str] = &[
    "remove_factor",
    "renew_recovery_codes",
    "create_access_token",
    "grant_role",
    "remove_role",
    "reset_factor",
    "reactivate_person",
    "create_bank_account",
    "undo_contribution",
    "undo_bank_charge",
    "undo_bank_transfer",
    "except_conflict",
    "add_need_to_know",
    "remove_need_to_know",
    "clear_screening",
    "decide_concern",
    "approve_offer",
    "award_application",
    "set_grant_payee",
    "release_tranche",
    "undo_release",
    "undo_refund",
    "satisfy_requirement",
    "waive_requirement",
    "create_payee",
    "edit_payee",
    "verify_payee",
    "confirm_double",
    "approve_disbursement",
    "create_payment_batch",
    "get_payment_file",
    "accept_report",
    "decide_checkpoint",
    "export_grants",
];

/// What the rule below would mark and the table does not, and why.
const UNMARKED: &[(&str, &str)] = &[
    ("export_application", "one's own words, to oneself and one's team"),
    ("deny_offer", "no money leaves: it goes back to the budget"),
    ("record_refund", "money comes in; to undo it asks"),
    ("reject_payee", "nobody is paid by it"),
    ("export_public_grants", "everybody's"),
    ("export_ledger", "all of it is read in the list of entries as well"),
];

/// What by its scope or its name lets money leave, or takes out what is secret.
fn ought_to_ask(action: Action) -> bool {
    let rights = [":approve", ":release", ":pay", ":verify", ":award"];
    let names = ["export_", "approve_", "release_", "grant_", "remove_role"];
    rights.iter().any(|end| action.rule().scope.ends_with(end))
        || names.iter().any(|begin| action.as_str().starts_with(begin))
}

#[test]
fn what_lets_money_leave_asks_for_a_fresh_factor() {
    let asks = |action: &&Action| action.rule().asks == Asks::Fresh;
    let ought = Action::ALL.iter().filter(|action| ought_to_ask(**action));
    let bare: Vec<&str> = ought.filter(|action| !asks(action)).map(|a| a.as_str()).collect();
    let known: Vec<&str> = UNMARKED.iter().map(|(id, _)| *id).collect();
    assert_eq!(bare, known, "mark it in the policy table, or say why not");
    assert!(UNMARKED.iter().all(|(_, why)| !why.is_empty()));
}

/// The code of each marked operation's answer.
fn answers(who: &Client) -> Vec<(String, u16, String)> {
    let document = openapi();
    let operations = routes::operations(&document);
    let marked = Action::ALL.iter().filter(|a| a.rule().asks == Asks::Fresh);
    let ask = |action: &Action| {
        let operation = operations.iter().find(|o| o.id == action.as_str()).expect("served");
        let path = crate::matrix::filled(&operation.path);
        let (status, code) = crate::matrix::asked(who, operation.method, &path);
        (operation.id.clone(), status, code)
    };
    marked.map(ask).collect()
}

fn step_up(web: &Web, who: &Client) -> Value {
    let code = who.device().code().expect("a code is left");
    let shown = json!({ "code": code });
    with_token(web, &who.token.clone().expect("a token")).post("/api/v1/auth/step-up", shown).ok()
}

both! {
    fn every_marked_action_asks_for_five_minutes(t: &Harness) {
        let web = t.serve_with(t.config());
        let all = web.with_roles("All", &Role::ALL);
        let session = all.bare();
        let first = answers(&session);
        let names: Vec<&str> = first.iter().map(|(id, ..)| id.as_str()).collect();
        assert_eq!(names, MARKED);
        t.clock.advance_seconds(299);
        for (id, status, code) in answers(&session) {
            assert_ne!(code, "step_up_required", "{id} at 4:59");
            assert!(status < 500, "{id}: {status}");
        }
        t.clock.advance_seconds(2);
        for (id, status, code) in answers(&session) {
            assert_eq!((status, code.as_str()), (403, "step_up_required"), "{id} at 5:01");
        }
        let until = step_up(&web, &all);
        assert_eq!(until["fresh_until"], json!(t.clock.now().plus_seconds(300)));
        for (id, _, code) in answers(&session) {
            assert_ne!(code, "step_up_required", "{id} after stepping up");
        }
        // Another session has to show it itself.
        let other = web.sign_in(all.clone()).bare();
        t.clock.advance_seconds(301);
        step_up(&web, &all);
        let (id, _, code) = &answers(&other)[0];
        assert_eq!(code, "step_up_required", "{id} in another session");
    }

    fn a_factor_of_the_future_is_not_fresh(t: &Harness) {
        let web = t.serve_with(t.config());
        let all = web.with_roles("All", &Role::ALL);
        let session = all.bare();
        t.clock.advance_seconds(7200);
        step_up(&web, &all);
        t.clock.advance_seconds(-20);
        for (id, _, code) in answers(&session) {
            assert_ne!(code, "step_up_required", "{id}: clocks differ a little");
        }
        t.clock.advance_seconds(-3600);
        for (id, _, code) in answers(&session) {
            assert_eq!(code, "step_up_required", "{id} an hour before");
        }
    }

    fn without_a_factor_one_is_told_to_enrol(t: &Harness) {
        let web = t.serve_with(t.config());
        let ada = web.person("Ada").bare();
        let payee = || ada.post("/api/v1/payees", json!({}));
        let refused = payee().refused(403, "factor_required");
        assert!(text(&refused, "remedy").contains("/api/v1/me/factor"), "{refused}");
        ada.post("/api/v1/auth/step-up", json!({ "code": "000000" }))
            .refused(403, "factor_required");
        // Where no factor is required, who has none is not asked; who has one is.
        let mut config = t.config();
        config.auth.require_factor = false;
        let lax = t.serve_with(config);
        let at = |who: &Client| with_token(&lax, &who.token.clone().expect("a token"));
        at(&ada).post("/api/v1/payees", json!({})).refused(422, "invalid");
        let all = web.with_roles("All", &Role::ALL);
        t.clock.advance_seconds(301);
        at(&all).post("/api/v1/payees", json!({})).refused(403, "step_up_required");
    }

    fn no_personal_access_token_steps_up(t: &Harness) {
        let web = t.serve_with(t.config());
        let all = web.with_roles("All", &Role::ALL);
        let scopes = almoner::people::service::grantable_scopes();
        for never in ["account", "grants:award", "disbursements:pay", "disbursements:approve"] {
            assert!(!scopes.contains(&never), "{never} would reach nothing");
        }
        let body = json!({ "name": "script", "scopes": scopes, "expires_in_days": 30 });
        let token = all.post("/api/v1/me/access-tokens", body).ok();
        let script = with_token(&web, &text(&token, "token"));
        script.get("/api/v1/me").ok();
        for (id, status, code) in answers(&script) {
            let refused = ["step_up_required", "scope_missing"].contains(&code.as_str());
            assert!(status == 403 && refused, "{id}: {status} {code}");
        }
        let path = format!("/api/v1/people/{}/grant-role", web.person("Ada").id());
        let refused = script.post(&path, json!({ "role": "funder" }));
        let refused = refused.refused(403, "step_up_required");
        assert!(text(&refused, "detail").contains("personal access token"), "{refused}");
        script.post("/api/v1/auth/step-up", json!({ "code": "000000" }))
            .refused(403, "scope_missing");
    }

    fn five_events_end_every_token(t: &Harness) {
        type Event = (&'static str, fn(&Web, &Client, &Client));
        let web = t.serve_with(patient(t));
        let events: &[Event] = &[
            ("logout", |_, _, ada| {
                assert_eq!(ada.command("/api/v1/auth/logout").status, 204);
            }),
            ("password", |web, _, ada| {
                web.anonymous()
                    .post("/api/v1/auth/request-reset", json!({ "email": ada.email }))
                    .ok();
                let token = last_mail(web, &ada.email).token();
                let body = json!({ "token": token, "password": "four wet boots by the door" });
                assert_eq!(web.anonymous().post("/api/v1/auth/reset", body).status, 204);
            }),
            ("factor", |_, root, ada| {
                let path = format!("/api/v1/people/{}/reset-factor", ada.id());
                root.post(&path, json!({ "reason": "lost" })).ok();
            }),
            ("roles", |_, root, ada| {
                let path = format!("/api/v1/people/{}/remove-role", ada.id());
                root.post(&path, json!({ "role": "finance" })).ok();
            }),
            ("suspension", |_, root, ada| {
                let path = format!("/api/v1/people/{}/suspend", ada.id());
                root.post(&path, json!({ "reason": "gone" })).ok();
            }),
        ];
        let root = web.with_role("Root", Role::Admin);
        for (name, event) in events {
            let ada = web.with_roles("Ada", &[Role::Finance, Role::Auditor]);
            t.clock.advance_seconds(60);
            let tokens = log_in_with(&web, &ada);
            let mut session = ada.clone();
            session.token = Some(text(&tokens, "access_token"));
            session.get("/api/v1/me").ok();
            event(&web, &root, &session);
            session.get("/api/v1/me").refused(401, "unauthenticated");
            let dead = refresh(&web.anonymous(), &text(&tokens, "refresh_token"));
            dead.refused(401, "token_refused");
            // Logging out ends one session; the others end all.
            let other = ada.get("/api/v1/me").status;
            assert_eq!(other, if *name == "logout" { 200 } else { 401 }, "{name}");
        }
    }

    fn all_other_sessions_end_at_once(t: &Harness) {
        let web = t.serve_with(patient(t));
        let (ada, bob) = (web.person("Ada"), web.person("Bob"));
        let mut others = Vec::new();
        for _ in 0..3 {
            others.push(log_in(&web.anonymous(), &ada.email, PASSWORD).ok());
        }
        let ended = ada.command("/api/v1/me/sessions/end-others").ok();
        assert_eq!(ended, json!({ "ended": 3 }));
        for other in &others {
            let dead = with_token(&web, &text(other, "access_token")).get("/api/v1/me");
            dead.refused(401, "unauthenticated");
            refresh(&web.anonymous(), &text(other, "refresh_token"))
                .refused(401, "token_refused");
        }
        ada.get("/api/v1/me").ok();
        bob.get("/api/v1/me").ok();
        let left = ada.get("/api/v1/me/sessions").ok();
        assert_eq!(left["items"].as_array().map(Vec::len), Some(1));
        let ended = ada.command("/api/v1/me/sessions/end-others").ok();
        assert_eq!(ended, json!({ "ended": 0 }));
    }
}
