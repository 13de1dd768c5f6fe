//! Who sees a grant, and who may do what to it.

use super::{NOBODY, on, plan, refund, statuses, tranche};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Field;
use crate::support::web::Client;
use almoner::kernel::actor::Role;
use serde_json::json;

both! {
    fn a_statement_is_for_those_whose_money_it_is(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, tom) = (web.person("Rea Searcher"), web.person("Tom Team"));
        let backer = field.backer("100.00");
        let application = with_member(&field, &rea, &tom);
        backer.offer(&application, "50.00").ok();
        let grant = field.awarded(&application);
        field.activate(&grant);
        field.pays(&grant, 1);
        let path = format!("/api/v1/grants/{grant}/statement");
        for who in [&rea, &backer.who, &field.desk.admin, &field.desk.finance] {
            let statement = who.get(&path).ok();
            let kinds: Vec<&str> = statement["lines"].as_array().expect("lines").iter()
                .map(|line| line["kind"].as_str().expect("a kind")).collect();
            for kind in ["grant_awarded", "tranche_released", "payment_instructed",
                "payment_settled"] {
                assert!(kinds.contains(&kind), "{kind}: {statement}");
            }
            let later = who.get(&format!("{path}?from=2026-11-03")).ok();
            assert_eq!(later["lines"], json!([]));
            assert_eq!(later["opening"], statement["closing"]);
        }
        for who in [&tom, &web.person("Passer By"), &field.backer("1.00").who] {
            who.get(&path).refused(404, "not_found");
        }
    }

    fn who_is_on_a_grant_releases_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let fin = web.with_roles("Fin Ance", &[Role::Finance, Role::Admin]);
        let application = field.applies(&fin, "1.00", "100.00");
        let backer = field.backer("100.00");
        backer.offer(&application, "100.00").ok();
        let grant = field.award(&application, plan(&[
            tranche("60.00", "on_activation", None),
            tranche("40.00", "on_date", Some("2026-11-03")),
        ])).id();
        on(&fin, &grant, "cancel").refused(403, "two_persons");
        field.activate(&grant);
        t.clock.advance_seconds(86_400);
        for what in ["tranches/1/undo-release", "tranches/2/release", "pause", "wind-down",
            "close"] {
            on(&fin, &grant, what).refused(403, "two_persons");
        }
        refund(&fin, &grant, "1.00").refused(403, "two_persons");
        assert_eq!(statuses(&field.grant(&grant)), ["released", "planned"]);
    }

    fn a_private_offer_has_no_name_for_who_has_a_stake(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (fin, con) = (web.with_role("Fin", Role::Finance), web.with_role("Con", Role::Admin));
        let application = field.applies(&fin, "1.00", "100.00");
        let backer = field.backer("100.00");
        backer.offer_with(&application, "100.00", json!({ "private": true })).ok();
        let conflict = json!({ "reason": "My sister." });
        con.post(&format!("/api/v1/applications/{application}/conflicts"), conflict).ok();
        let grant = field.awarded(&application);
        let source = |who: &Client| {
            who.get(&format!("/api/v1/grants/{grant}")).ok()["sources"][0].clone()
        };
        for who in [&fin, &con] {
            for field in ["regrantor_id", "regrantor_name", "budget_id", "budget_name"] {
                assert_eq!(source(who)[field], json!(null), "{field}");
            }
        }
        for who in [&field.desk.admin, &field.desk.finance, &backer.who] {
            assert_eq!(source(who)["regrantor_name"], "Reg Rantor");
        }
    }

    fn each_sees_only_their_grants(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let tom = web.person("Tom Team");
        let backer = field.backer("100.00");
        let application = with_member(&field, &rea, &tom);
        backer.offer(&application, "50.00").ok();
        let grant = field.awarded(&application);
        let path = format!("/api/v1/grants/{grant}");
        let auditor = web.with_role("Aud Itor", Role::Auditor);
        let staff = [&field.desk.admin, &field.desk.finance, &auditor];
        for who in [&rea, &tom, &backer.who].into_iter().chain(staff) {
            assert_eq!(who.get(&path).ok()["id"], json!(grant));
            let list = who.get("/api/v1/grants").ok();
            assert_eq!(list["items"][0]["id"], json!(grant));
            assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
        }
        let others = [
            field.backer("10.00").who,
            web.person("Passer By"),
            web.with_role("Fun Der", Role::Funder),
            web.with_role("Re Viewer", Role::Reviewer),
        ];
        for who in &others {
            let hidden = who.get(&path).refused(404, "not_found");
            let absent = who.get(&format!("/api/v1/grants/{NOBODY}")).refused(404, "not_found");
            assert_eq!(hidden["detail"], absent["detail"]);
            assert_eq!(who.get("/api/v1/grants").ok()["items"], json!([]));
            for action in ["pause", "resume", "wind-down", "close", "cancel"] {
                on(who, &grant, action).refused(403, "forbidden");
            }
        }
        for action in ["pause", "cancel", "tranches/1/release"] {
            on(&rea, &grant, action).refused(403, "forbidden");
        }
        web.anonymous().get(&path).refused(401, "unauthenticated");
        let by_status = rea.get("/api/v1/grants?status=active").ok();
        assert_eq!(by_status["items"], json!([]));
        rea.get("/api/v1/grants?status=nothing").refused(422, "invalid");
        rea.get("/api/v1/grants/none").refused(400, "malformed_request");
        for action in ["pause", "wind-down", "close", "cancel"] {
            on(&field.desk.admin, NOBODY, action).refused(404, "not_found");
        }
    }
}

/// An open application with a second person on its team who said yes.
fn with_member(field: &Field<'_>, who: &Client, member: &Client) -> String {
    let form = json!({
        "call_id": field.call, "title": "Two heads", "summary": "Think.", "body": "Hard.",
        "duration_months": 3, "amount_minimum": usd("1.00"), "amount_requested": usd("100.00"),
        "budget_lines": [{ "label": "All", "amount": usd("100.00") }],
    });
    let id = who.post("/api/v1/applications", form).id();
    let path = format!("/api/v1/applications/{id}/members");
    let invited = who.post(&path, json!({ "email": member.email, "name": "Tom Team" })).id();
    member.command(&format!("{path}/{invited}/accept")).ok();
    who.command(&format!("/api/v1/applications/{id}/submit")).ok();
    field.desk.admin.command(&format!("/api/v1/applications/{id}/open")).ok();
    id
}
