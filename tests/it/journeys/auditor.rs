//! Audi, who reads what was done, and does nothing.

use super::*;

both! {
    fn from_the_log_to_the_ledger(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let audi = web.with_role("Audi", Role::Auditor);
        let backer = field.backer("100.00");
        let rea = web.newcomer("rea@uni.example", "Rea Searcher");
        let application = handed_in(&field, &rea);
        let id = application.rsplit('/').next().expect("an id");
        field.desk.admin.command(&format!("{application}/open")).ok();
        let offer = backer.offer(id, "50.00").id();
        let grant = field.awarded(id);
        web.work();
        // Who did what, to what: from the log to the thing itself.
        let of = format!("/api/v1/audit?object_kind=application&object_id={id}");
        let log = audi.get(&of).ok();
        let acts: Vec<&str> = log["items"].as_array().expect("rows").iter()
            .filter_map(|row| row["action"].as_str()).collect();
        for act in ["create_application", "submit_application", "open_application"] {
            assert!(acts.contains(&act), "{act} in {acts:?}");
        }
        for path in [
            application.clone(), format!("/api/v1/grants/{grant}"),
            format!("/api/v1/offers/{offer}"), format!("/api/v1/funds/{}", backer.fund),
            format!("/api/v1/budgets/{}", backer.budget),
            format!("{application}/versions"), format!("{application}/reviews"),
            "/api/v1/people".into(), "/api/v1/disbursements".into(), "/api/v1/need-to-know".into(),
        ] {
            audi.get(&path).ok();
        }
        assert_eq!(audi.get("/api/v1/ledger/check").ok()["holds"], true);
        let book = audi.get("/api/v1/ledger/trial-balance").ok();
        assert!(book["lines"].as_array().is_some_and(|lines| !lines.is_empty()), "{book}");
        // Not what people harm or fear, and not what others say to each other of it.
        out_of_sight(&audi, &["/api/v1/concerns".into(), "/api/v1/screenings".into(),
            format!("{application}/screening")]);
        // Reads, and does nothing: not one of these changes anything.
        for path in [
            format!("{application}/award"), format!("{application}/decline"),
            format!("{application}/offers"), format!("/api/v1/offers/{offer}/withdraw"),
            format!("/api/v1/offers/{offer}/approve"), format!("/api/v1/grants/{grant}/cancel"),
            format!("/api/v1/funds/{}/contributions", backer.fund), "/api/v1/budgets".into(),
            "/api/v1/calls".into(), format!("/api/v1/people/{}/suspend", rea.id()),
        ] {
            let reply = audi.command(&path);
            assert!(matches!(reply.status, 403 | 404), "{path}: {}", reply.text());
        }
        assert_eq!(audi.get(&of).ok()["items"], log["items"]);
        assert_eq!(steps(&audi), Vec::<Value>::new());
        web.every_link_leads_to_a_page();
    }
}
