//! Two accounts that are one person to the two-person rules: who acts for whom, and who gave the
//! same bank account. They are tried in every act that wants a second person.

use crate::delegations::{ends, lets};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::payday::{Payday, planned, submitted_payee, us_payee};
use crate::support::web::{Client, Reply};
use almoner::kernel::actor::Role;
use serde_json::json;

pub const SHARED: &str = "000555666777";

/// How two come to be one.
pub const WAYS: [&str; 4] = ["delegate", "principal", "former delegate", "account"];

/// Makes `second` one with `first`.
pub fn one_with(first: &Client, second: &Client, (way, account): (&str, &str)) {
    match way {
        "delegate" => drop(lets(first, second, &["draft"])),
        "principal" => drop(lets(second, first, &["draft"])),
        "former delegate" => ends(first, &lets(first, second, &["draft"])),
        _ => {
            for who in [first, second] {
                who.post("/api/v1/payees", us_payee(account, json!({ "name": "One" }))).ok();
            }
        }
    }
}

fn approve(who: &Client, id: &str) -> Reply {
    who.command(&format!("/api/v1/disbursements/{id}/approve"))
}

pub fn refused(reply: &Reply, way: &str) {
    assert_eq!(reply.status, 403, "{way}: {}", reply.text());
    let told = reply.refused(403, "two_persons");
    let detail = told["detail"].as_str().expect("a text");
    assert!(detail.ends_with("somebody else has to do this."), "{way}: {detail}");
}

/// One more of finance, who is one with `first`.
fn twin(payday: &Payday<'_>, first: &Client, way: (&str, &str)) -> Client {
    let twin = payday.web.with_role("Twin", Role::Finance);
    one_with(first, &twin, way);
    twin
}

both! {
    fn who_is_one_with_the_drafter_does_not_approve_and_with_the_approver_not_send(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00", "3.00", "4.00"]);
        for (number, way) in WAYS.into_iter().enumerate() {
            let fia = web.with_role("Fia", Role::Finance);
            let fay = web.with_role("Fay", Role::Finance);
            let id = payday.draft_as(&fia, &grant, number + 1, true).id();
            refused(&approve(&twin(&payday, &fia, (way, SHARED)), &id), way);
            approve(&fay, &id).ok();
            refused(&payday.batch_as(&twin(&payday, &fay, (way, "000888777666")), &[&id]), way);
            payday.batch_as(&fia, &[&id]).ok();
        }
        payday.check();
    }

    fn who_is_one_with_the_drafter_does_not_confirm_a_double(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["5.00"; 5]);
        payday.draft_as(&payday.fia, &grant, 1, false).ok();
        for (number, way) in WAYS.into_iter().enumerate() {
            let fia = web.with_role("Fia", Role::Finance);
            let id = payday.draft_as(&fia, &grant, number + 2, true).id();
            refused(&payday.confirm(&twin(&payday, &fia, (way, SHARED)), &id), way);
            payday.confirm(&payday.fay, &id).ok();
        }
    }

    fn who_is_one_with_the_owner_or_the_writer_does_not_verify(t: &Harness) {
        let web = t.serve();
        for (number, way) in WAYS.into_iter().enumerate() {
            let (ada, twin) = (web.person("Ada"), web.with_role("Twin", Role::Finance));
            let account = format!("00012345000{number}");
            let account = if way == "account" { SHARED } else { &account };
            let id = submitted_payee(&ada, us_payee(account, json!({ "name": "Ada" })));
            one_with(&ada, &twin, (way, SHARED));
            let path = format!("/api/v1/payees/{id}");
            let version = twin.get(&path).ok()["details_version"].clone();
            let form = json!({ "details_version": version, "confirm_shared_account": true });
            let verify = |who: &Client| who.post(&format!("{path}/verify"), form.clone());
            verify(&twin).refused(403, "two_persons");
            verify(&web.with_role("Fay", Role::Finance)).ok();
        }
    }

    fn who_is_one_with_the_regrantor_does_not_approve_nor_award(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        for way in WAYS {
            let terms = json!({ "approval_threshold": usd("10.00") });
            let backer = field.backer_with("500.00", terms);
            let twin = web.with_role("Twin", Role::Admin);
            let application = field.application("1.00", "100.00");
            let offer = backer.offer(&application, "50.00").id();
            one_with(&backer.who, &twin, (way, SHARED));
            let path = format!("/api/v1/offers/{offer}");
            refused(&twin.command(&format!("{path}/approve")), way);
            let why = json!({ "reason": "No." });
            refused(&twin.post(&format!("{path}/deny"), why), way);
            field.desk.admin.command(&format!("{path}/approve")).ok();
            let plan = planned(&[("50.00", "on_activation")]);
            let award = format!("/api/v1/applications/{application}/award");
            refused(&twin.post(&award, plan), way);
            field.awarded(&application);
        }
        field.sound();
    }

    fn an_approver_who_came_to_gain_from_it_stops_the_payment(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00"]);
        for (number, way) in ["delegate", "account"].into_iter().enumerate() {
            let fay = web.with_role("Fay", Role::Finance);
            let id = payday.draft(&grant, number + 1).id();
            approve(&fay, &id).ok();
            // Nobody could have known when it was approved.
            match way {
                "delegate" => drop(lets(&payday.ada, &fay, &["report"])),
                _ => drop(fay.post("/api/v1/payees", us_payee("000123456789", json!({}))).ok()),
            }
            let told = payday.batch(&[&id]).refused(403, "two_persons");
            let detail = told["detail"].as_str().expect("a text");
            assert!(detail.contains("else has to approve it: void it and draft it"), "{detail}");
            payday.void(&id).ok();
            let again = payday.draft(&grant, number + 1).id();
            payday.approve(&again).ok();
            payday.batch(&[&again]).ok();
        }
        payday.check();
    }
}
