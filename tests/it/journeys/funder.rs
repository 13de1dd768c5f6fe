//! Flo, who gives to a fund and follows what becomes of it.

use super::*;

both! {
    fn from_the_gift_to_the_statement(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let desk = &field.desk;
        let flo = web.with_role("Flo Funder", Role::Funder);
        let (fund, other) = (desk.fund("Optics"), desk.fund("Acoustics"));
        desk.give(&other, "10.00").ok();
        // Nothing is theirs to see before they gave.
        let at = |fund: &str| ["", "/contributions", "/statement"]
            .map(|rest| format!("/api/v1/funds/{fund}{rest}"));
        out_of_sight(&flo, &at(&fund));
        let form = json!({ "funder_id": flo.id(), "amount": usd("100.00"),
            "received_on": t.clock.now().date() });
        let [one, contributions, statement] = at(&fund);
        desk.finance.post(&contributions, form).ok();
        assert_eq!(flo.get(&one).ok()["name"], "Optics");
        let given = flo.get(&contributions).ok();
        assert_eq!(given["items"][0]["amount"], usd("100.00"));
        out_of_sight(&flo, &at(&other));
        // What is done with it is in the statement; what people apply for is not theirs.
        let reg = web.with_role("Reg", Role::Regrantor);
        let budget = desk.budget(&fund, &reg);
        desk.allocate(&budget, "60.00").ok();
        let rea = web.newcomer("rea@uni.example", "Rea Searcher");
        let application = handed_in(&field, &rea);
        desk.admin.command(&format!("{application}/open")).ok();
        let form = json!({ "budget_id": budget, "amount": usd("50.00") });
        reg.post(&format!("{application}/offers"), form).ok();
        let grant = field.awarded(application.rsplit('/').next().expect("an id"));
        let told = flo.get(&statement);
        assert_eq!(told.status, 200, "{}", told.text());
        out_of_sight(&flo, &[
            application.clone(), format!("{application}/offers"),
            format!("/api/v1/budgets/{budget}"),
            format!("/api/v1/grants/{grant}"), "/api/v1/people".into(), "/api/v1/audit".into(),
            "/api/v1/disbursements".into(), "/api/v1/ledger/check".into(),
        ]);
        assert!(!told.text().contains("Rea Searcher"), "{}", told.text());
        // A funder does nothing with it: that is for those who hold budgets.
        assert!(matches!(flo.post(&format!("{application}/offers"), json!({})).status, 403..=428));
        flo.post(&contributions, json!({})).refused(403, "forbidden");
        assert_eq!(steps(&flo), Vec::<Value>::new());
        // What is published is for them as for everybody.
        let calls = flo.get("/api/v1/calls").ok();
        assert_eq!(calls["items"].as_array().map(Vec::len), Some(1));
        web.every_link_leads_to_a_page();
    }
}
