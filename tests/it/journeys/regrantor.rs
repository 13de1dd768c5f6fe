//! Reg, who has a budget and looks for what is worth it.

use super::*;

both! {
    fn from_the_queue_to_the_grant(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let reg = field.backer_with("100.00", json!({ "approval_threshold": usd("20.00") }));
        let other = field.backer("100.00");
        let rea = web.newcomer("rea@uni.example", "Rea Searcher");
        // What is not open yet is not theirs to see.
        let application = handed_in(&field, &rea);
        assert_eq!(reg.who.get("/api/v1/me/queue").ok()["items"], json!([]));
        admin.command(&format!("{application}/open")).ok();
        let queue = reg.who.get("/api/v1/me/queue").ok();
        let id = queue["items"][0]["id"].as_str().expect("an application").to_owned();
        assert_eq!(application, format!("/api/v1/applications/{id}"));
        assert_eq!(queue["items"][0]["missing_to_minimum"], usd("10.00"));
        assert_eq!(reg.who.get(&application).ok()["body"], "We grind it.");
        // Another's budget is not theirs; how it is judged is not either.
        out_of_sight(&reg.who, &[
            format!("/api/v1/budgets/{}", other.budget), format!("{application}/reviews"),
            format!("{application}/screening"), "/api/v1/people".into(), "/api/v1/audit".into(),
        ]);
        let mut form = reg.form("5.00", json!({}));
        form["budget_id"] = json!(other.budget);
        let place = format!("{application}/offers");
        assert!(matches!(reg.who.post(&place, form).status, 403 | 404 | 422));
        // Above what they may promise alone, somebody else is asked by mail, and they are told.
        let offer = reg.offer(&id, "30.00").ok();
        assert_eq!(offer["status"], "awaiting_approval");
        let waits = mailed(&web, admin, "Approve or deny an offer of 30.00 USD");
        assert_eq!(admin.get(&waits).ok()["status"], "awaiting_approval");
        out_of_sight(&other.who, std::slice::from_ref(&waits));
        reg.who.command(&format!("{waits}/approve")).refused(403, "forbidden");
        admin.command(&format!("{waits}/approve")).ok();
        web.mail(&reg.who.email, "Your offer of 30.00 USD was approved");
        assert_eq!(field.available(&reg), "70.00");
        // It is fully funded by another: it is in no queue any more.
        other.offer(&id, "20.00").ok();
        assert_eq!(reg.who.get("/api/v1/me/queue").ok()["items"], json!([]));
        let grant = field.awarded(&id);
        assert_eq!(reg.who.get(&format!("/api/v1/grants/{grant}")).ok()["status"], "awarded");
        // Whose budget has no part in it does not see it.
        let third = field.backer("1.00").who;
        out_of_sight(&third, &[format!("/api/v1/grants/{grant}")]);
        // An offer that comes to nothing is told, and the money is back.
        let second = handed_in(&field, &rea);
        admin.command(&format!("{second}/open")).ok();
        reg.offer(second.rsplit('/').next().expect("an id"), "10.00").ok();
        admin.post(&format!("{second}/decline"), json!({ "reason": "Not for this call." })).ok();
        assert!(web.mail(&reg.who.email, "has ended").text.contains("came to an end"));
        assert_eq!(field.available(&reg), "70.00");
        web.every_link_leads_to_a_page();
    }
}
