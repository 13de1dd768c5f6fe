//! Screening, asked at every release and every step of a payment; a hit that comes later.

use super::*;
use crate::disbursements::one_person::{SHARED, one_with, refused};
use crate::support::payday::{Payday, name_payee, planned, sign, us_payee, verified_payee};

struct Case<'p> {
    payday: &'p Payday<'p>,
    grant: String,
}

impl<'p> Case<'p> {
    /// An active grant, of which tax and screening are not settled, nor what depends on them.
    fn unscreened(payday: &'p Payday<'p>, conditions: &[(&str, &str)]) -> Self {
        let grant = payday.awarded(&payday.ada, planned(conditions), &[]);
        name_payee(&payday.ada, &grant, &payday.payee).ok();
        sign(&payday.field.desk, &payday.ada, &grant);
        Case { payday, grant }
    }
    fn act(&self, who: &Client, kind: &str, act: &str) -> Reply {
        let body = match act {
            "provide" => json!({ "note": "Looked up." }),
            "refuse" | "waive" => json!({ "reason": "The list of Monday names her." }),
            _ => json!({}),
        };
        who.post(&format!("/api/v1/grants/{}/requirements/{kind}/{act}", self.grant), body)
    }
    fn settle(&self, kind: &str) {
        self.act(&self.payday.fia, kind, "provide").ok();
        self.act(&self.payday.fay, kind, "satisfy").ok();
    }
    fn hit(&self) -> Reply {
        self.act(&self.payday.fay, "screening", "refuse")
    }
    fn screening(&self) -> Value {
        let all = self.payday.fia.get(&format!("/api/v1/grants/{}/requirements", self.grant)).ok();
        let all = all["items"].as_array().expect("a list").clone();
        all.into_iter().find(|r| r["kind"] == "screening").expect("one")["status"].clone()
    }
    fn tranches(&self) -> Vec<Value> {
        let grant = self.payday.fia.get(&format!("/api/v1/grants/{}", self.grant)).ok();
        assert_eq!(grant["status"], "active");
        let all = grant["tranches"].as_array().expect("tranches").clone();
        all.into_iter().map(|t| t["status"].clone()).collect()
    }
    fn rename(&self, web: &Web, name: &str) {
        let path = format!("/api/v1/payees/{}", self.payday.payee);
        let etag = self.payday.ada.get(&path).etag().to_owned();
        self.payday.ada.patch(&path, &etag, json!({ "name": name })).ok();
        web.work();
    }
}

/// Refused for its paperwork, with nothing else to say.
#[track_caller]
fn held(reply: Reply, word: &str) {
    let problem = reply.refused(409, "wrong_state");
    assert!(problem["detail"].as_str().expect("text").contains(word), "{problem}");
}

both! {
    fn what_was_waived_for_one_name_is_open_for_another(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let case = Case::unscreened(&payday, &[("10.00", "on_activation")]);
        case.settle("tax_form");
        case.act(&payday.field.desk.admin, "screening", "waive").ok();
        let id = payday.payment(&case.grant, 1, &["approve"]);
        case.rename(&web, "Somebody Else");
        assert_eq!(case.screening(), "open");
        payday.batch(&[&id]).refused(409, "wrong_state");
        // By naming another payee as well, for a waiver is one of a name.
        case.act(&payday.field.desk.admin, "screening", "waive").ok();
        let third = us_payee("000666000666", json!({ "name": "A Third", "country": "CA" }));
        let third = verified_payee(&payday.field.desk, &payday.ada, third);
        name_payee(&payday.ada, &case.grant, &third).ok();
        assert_eq!(case.screening(), "open");
        payday.void(&id).ok();
        held(payday.draft(&case.grant, 1), "paperwork");
    }

    fn one_that_was_done_before_anybody_was_named_says_nothing(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let plan = planned(&[("10.00", "on_activation")]);
        let case = Case { payday: &payday, grant: payday.awarded(&payday.ada, plan, &[]) };
        case.settle("screening");
        name_payee(&payday.ada, &case.grant, &payday.payee).ok();
        assert_eq!(case.screening(), "open");
        // Who is one with whoever did it does not find it right.
        let twin = web.with_role("Twin", Role::Finance);
        one_with(&payday.fia, &twin, ("account", SHARED));
        case.act(&payday.fia, "screening", "provide").ok();
        refused(&case.act(&twin, "screening", "satisfy"), "account");
        case.act(&payday.fay, "screening", "satisfy").ok();
    }

    fn who_receives_it_does_not_read_what_was_found_out_whatever_their_role(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let ann = web.with_role("Ann", Role::Auditor);
        let plan = planned(&[("10.00", "on_activation")]);
        let case = Case { payday: &payday, grant: payday.awarded(&ann, plan, &[]) };
        case.act(&payday.fia, "screening", "provide").ok();
        case.hit().ok();
        let path = format!("/api/v1/grants/{}/requirements", case.grant);
        let reads = |who: &Client| who.get(&path).text().contains("list of Monday");
        let sees = |who: &Client| who.get("/api/v1/audit?limit=100").text().contains("of Monday");
        assert!(reads(&payday.fia) && reads(&payday.fay));
        assert!(!reads(&ann) && !sees(&ann));
        assert!(sees(&payday.field.desk.admin) && sees(&web.with_role("Aud", Role::Auditor)));
    }

    fn what_comes_back_after_the_end_is_screened_anew(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let case = Case::unscreened(&payday, &[("10.00", "on_activation")]);
        for kind in ["tax_form", "screening"] {
            case.settle(kind);
        }
        let id = payday.payment(&case.grant, 1, &["approve", "batch", "settle"]);
        let admin = &payday.field.desk.admin;
        let path = format!("/api/v1/grants/{}", case.grant);
        admin.post(&format!("{path}/wind-down"), json!({ "reason": "Over." })).ok();
        admin.command(&format!("{path}/close")).ok();
        case.rename(&web, "Somebody Else");
        payday.give_back(&id).ok();
        assert_eq!(case.screening(), "open");
    }

    fn nothing_is_released_before_it(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let mut plan = planned(&[("10.00", "on_activation"), ("20.00", "on_date"),
            ("30.00", "on_date"), ("40.00", "on_activation")]);
        plan["tranches"][1]["due_on"] = json!("2026-11-03");
        plan["tranches"][2]["due_on"] = json!("2026-11-10");
        let grant = payday.awarded(&payday.ada, plan, &[]);
        name_payee(&payday.ada, &grant, &payday.payee).ok();
        sign(&payday.field.desk, &payday.ada, &grant);
        let case = Case { payday: &payday, grant };
        case.settle("tax_form");
        // Whose grant it is hears that something is still to be done, and not what is found.
        let told = web.mail(&payday.ada.email, "is active").text;
        assert!(told.contains("makes its own check") && !told.contains("Everything is"), "{told}");
        let waits = || {
            let next = payday.ada.get("/api/v1/me/next").ok()["items"].to_string();
            next.contains("The sponsor still makes its own check")
        };
        assert!(waits());
        t.clock.advance_seconds(2 * 86_400);
        web.work();
        assert_eq!(case.tranches(), ["planned"; 4]);
        for n in [1, 2, 4] {
            held(payday.release(&case.grant, n), "Screening");
        }
        assert_eq!(payday.books()[2], 0, "nothing is owed");
        // Once it is settled, what waited for nothing else is released, and no more.
        case.settle("screening");
        assert_eq!(case.tranches(), ["released", "released", "planned", "released"]);
        assert!(!waits());
        payday.undo_release(&case.grant, 1).ok();
        case.hit().ok();
        held(payday.release(&case.grant, 1), "Screening");
        t.clock.advance_seconds(7 * 86_400);
        web.work();
        assert_eq!(case.tranches(), ["planned", "released", "planned", "released"]);
        case.act(&payday.fia, "screening", "provide").ok();
        case.act(&payday.fay, "screening", "satisfy").ok();
        assert_eq!(case.tranches(), ["planned", "released", "released", "released"],
            "what somebody took back waits for somebody");
        payday.release(&case.grant, 1).ok();
        payday.check();
    }

    fn a_tax_form_that_is_wanted_holds_payments_and_not_releases(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let plan = planned(&[("10.00", "on_activation")]);
        let case = Case { payday: &payday, grant: payday.awarded(&payday.ada, plan, &[]) };
        name_payee(&payday.ada, &case.grant, &payday.payee).ok();
        case.settle("screening");
        sign(&payday.field.desk, &payday.ada, &case.grant);
        assert_eq!(case.tranches(), ["released"]);
        let told = web.mail(&payday.ada.email, "is active").text;
        let wanted = "Your tax form is still wanted: nothing is paid before.";
        assert!(told.contains(wanted) && !told.contains("Everything is"), "{told}");
        assert!(!told.contains("makes its own check"), "{told}");
        let told = web.mail(&payday.ada.email, "will be paid").text;
        assert!(told.contains("Finance pays it once all paperwork"), "{told}");
        let next = || payday.ada.get("/api/v1/me/next").ok()["items"].to_string();
        assert!(next().contains("is released once all paperwork of the grant is"), "{}", next());
        held(payday.draft(&case.grant, 1), "paperwork");
        case.settle("tax_form");
        assert!(next().contains("Finance pays the tranche that is released."), "{}", next());
    }

    fn it_does_not_hold_up_the_others(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let case = Case::unscreened(&payday, &[("10.00", "on_activation")]);
        let desk = &payday.field.desk;
        let path = format!("/api/v1/grants/{}", case.grant);
        desk.admin.post(&format!("{path}/pause"), json!({ "reason": "Wait." })).ok();
        case.settle("tax_form");
        case.settle("screening");
        let planned = payday.fia.get(&path).ok();
        assert_eq!(planned["tranches"][0]["status"], "planned", "it is paused");
        desk.admin.command(&format!("{path}/resume")).ok();
        assert_eq!(case.tranches(), ["released"]);
    }

    fn a_later_hit_holds_every_step_of_a_payment(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00", "20.00", "30.00"]);
        let case = Case { payday: &payday, grant };
        let drafted = payday.payment(&case.grant, 1, &[]);
        let approved = payday.payment(&case.grant, 2, &["approve"]);
        web.work();
        case.act(&payday.fia, "tax_form", "refuse").refused(409, "wrong_state");
        for who in [&payday.ada, &payday.field.desk.admin] {
            case.act(who, "screening", "refuse").refused(403, "forbidden");
        }
        let mails = || web.letters().iter().filter(|mail| mail.to == payday.ada.email).count();
        let before = mails();
        case.hit().ok();
        case.hit().refused(409, "wrong_state");
        web.work();
        assert_eq!(mails(), before, "the recipient is not told what was found");
        let heads = || [&drafted, &approved].map(|id| payday.status(id));
        held(payday.approve(&drafted), "paperwork");
        held(payday.batch(&[&approved]), "paperwork");
        held(payday.draft(&case.grant, 3), "paperwork");
        assert_eq!(heads(), ["drafted", "approved"]);
        payday.check();
        case.settle("screening");
        payday.approve(&drafted).ok();
        let batch = payday.batch(&[&drafted, &approved]).id();
        case.hit().ok();
        held(payday.file(&batch), "paperwork");
        case.settle("screening");
        assert_eq!(payday.file(&batch).status, 200);
        payday.check();
    }

    fn what_has_ended_or_waits_is_left_alone(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let ended = Case::unscreened(&payday, &[("10.00", "on_report")]);
        ended.settle("screening");
        let waits = Case::unscreened(&payday, &[("10.00", "on_report")]);
        waits.act(&payday.fia, "screening", "provide").ok();
        let path = format!("/api/v1/grants/{}", ended.grant);
        let admin = &payday.field.desk.admin;
        admin.post(&format!("{path}/wind-down"), json!({ "reason": "Over." })).ok();
        admin.command(&format!("{path}/close")).ok();
        ended.hit().refused(409, "wrong_state");
        ended.rename(&web, "Somebody Else");
        assert_eq!(ended.screening(), "satisfied");
        assert_eq!(waits.screening(), "open", "what was given was of another name");
    }
}
