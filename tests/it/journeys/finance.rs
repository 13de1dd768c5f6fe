//! Fia and Fay, who pay: one prepares and sends, the other looks.

use super::*;
use crate::support::payday::{planned, us_payee};

/// Nothing is asked of any of them.
#[track_caller]
fn idle(all: &[&Client]) {
    for who in all {
        assert!(asked(who).is_empty(), "{}: {:?}", who.email, asked(who));
    }
}

/// The papers of a grant, as each is asked for them.
fn papers(field: &Field<'_>, (fia, fay): (&Client, &Client), rea: &Client, grant: &str) {
    let at = |rest: &str| format!("/api/v1/grants/{grant}{rest}");
    let payee = rea.post("/api/v1/payees", us_payee("000123456789", json!({}))).id();
    idle(&[fia, fay]);
    rea.command(&format!("/api/v1/payees/{payee}/submit")).ok();
    assert_eq!(asked(fay), asked(fia));
    let shown = steps(fia);
    assert_eq!(shown[0]["title"], "Ada Researcher, US •••• 6789", "masked: {shown:?}");
    // A token is told what its scopes reach.
    let form = json!({ "name": "script", "scopes": ["applications:read"], "expires_in_days": 1 });
    let token = fia.post("/api/v1/me/access-tokens", form).ok();
    let script = field.web.holding(token["token"].as_str().expect("a token"));
    assert_eq!(steps(&script), Vec::<Value>::new());
    let version = fia.get(&format!("/api/v1/payees/{payee}")).ok()["details_version"].clone();
    fia.post(&asked_to(fia, "/verify"), json!({ "details_version": version })).ok();
    rea.put(&asked_to(rea, "/payee"), json!({ "payee_id": payee })).ok();
    // Screening is finance's own to begin, once it is known whom the bank pays; who screened does
    // not find it right.
    let screening = asked_to(fia, "/screening/provide");
    fia.post(&screening, json!({ "note": "no hits" })).ok();
    idle(&[fia]);
    fay.command(&asked_to(fay, "/screening/satisfy")).ok();
    idle(&[fia, fay]);
    crate::support::payday::sign(&field.desk, rea, grant);
    rea.post(&asked_to(rea, "/tax_form/provide"), json!({ "note": "W-9" })).ok();
    fay.command(&asked_to(fay, "/tax_form/satisfy")).ok();
    assert_eq!(rea.get(&at("")).ok()["status"], "active");
}

both! {
    fn from_the_payee_to_the_statement(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (fia, fay) = (&field.desk.finance, &web.with_role("Fay Finance", Role::Finance));
        let rea = web.newcomer("rea@uni.example", "Rea Searcher");
        let reg = field.backer("100.00");
        let application = handed_in(&field, &rea);
        field.desk.admin.command(&format!("{application}/open")).ok();
        let id = application.rsplit('/').next().expect("an id");
        reg.offer(id, "50.00").ok();
        let grant = field.award(id, planned(&[("50.00", "on_activation")])).id();
        web.work();
        papers(&field, (fia, fay), &rea, &grant);
        // Who drafts does not approve, and who approves does not send.
        let draft = asked_to(fia, "/disbursement");
        assert_eq!(asked(fay), std::slice::from_ref(&draft));
        let payment = fia.post(&draft, json!({})).id();
        idle(&[fia]);
        fay.command(&asked_to(fay, "/approve")).ok();
        idle(&[fay]);
        let fund = field.desk.admin.get(&format!("/api/v1/funds/{}", reg.fund)).ok();
        let form = json!({ "bank_account_id": fund["bank_account_id"],
            "disbursement_ids": [payment] });
        let batches = asked_to(fia, "/payment-batches");
        fay.post(&batches, form.clone()).refused(403, "two_persons");
        let batch = fia.post(&batches, form).id();
        idle(&[fay]);
        let give = asked_to(fia, "/file");
        assert_eq!(give, format!("{batches}/{batch}/file"));
        let file = fia.command(&give);
        assert!(file.text().contains("000123456789") && file.text().contains("50.00"));
        idle(&[fia, fay]);
        // The bank sends it back; it is tried again, by both.
        let at = |act: &str| format!("/api/v1/disbursements/{payment}/{act}");
        fia.post(&at("return"), json!({ "reason": "account closed" })).ok();
        fia.command(&asked_to(fia, "/retry")).ok();
        idle(&[fia]);
        fay.command(&asked_to(fay, "/approve")).ok();
        let form = json!({ "bank_account_id": fund["bank_account_id"],
            "disbursement_ids": [payment] });
        fia.post(&asked_to(fia, "/payment-batches"), form).ok();
        assert_eq!(fia.command(&asked_to(fia, "/file")).status, 200);
        fia.command(&at("settle")).ok();
        idle(&[fia, fay]);
        web.mail(&rea.email, "50.00");
        assert_eq!(fia.get("/api/v1/ledger/check").ok()["holds"], true);
        // What is not theirs: who is harmed by what, and deciding whom to fund.
        out_of_sight(fia, &["/api/v1/concerns".into(), "/api/v1/screenings".into(),
            format!("{application}/screening")]);
        for act in ["award", "open", "decline", "offers"] {
            let tried = fia.command(&format!("{application}/{act}"));
            assert!(matches!(tried.status, 403 | 404), "{act}: {}", tried.text());
        }
        web.every_link_leads_to_a_page();
    }
}
