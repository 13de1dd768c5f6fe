//! Who hears that money of a grant is back in a budget.

use super::{on, plan, refund, tranche};
use crate::support::Harness;
use crate::support::post::Post;
use crate::support::web::{Client, Web};
use almoner::kernel::actor::Role;
use serde_json::json;

/// What somebody was told of money that came back, the oldest first.
fn told(web: &Web, who: &Client) -> Vec<Post> {
    let mut all = web.letters();
    all.retain(|mail| mail.to == who.email && mail.subject.starts_with("Money is back"));
    all
}

both! {
    fn each_holder_hears_of_their_part(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let amy = web.with_role("Amy", Role::Admin);
        let (admin, finance) = (&field.desk.admin, &field.desk.finance);
        let [one, two] = [(); 2].map(|()| field.backer("100.00"));
        let grant = field.active(&[(&one, "60.00"), (&two, "30.00")], plan(&[
            tranche("30.00", "on_activation", None),
            tranche("60.00", "on_report", None),
        ]));
        // Nothing can be offered from the other's any more.
        admin.command(&format!("/api/v1/budgets/{}/close", two.budget)).ok();
        assert!(told(&web, &one.who).is_empty());
        on(admin, &grant, "wind-down").ok();
        let mails = told(&web, &one.who);
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].subject, "Money is back in your budget: A better lens");
        let text = &mails[0].text;
        assert!(text.contains("“A budget”: 40.00 USD") && text.contains("wound down"), "{text}");
        assert!(!text.contains("20.00"), "{text}");
        assert!(told(&web, &two.who).is_empty());
        assert!(told(&web, admin).is_empty(), "they did it");
        let mails = told(&web, &amy);
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].subject, "Money is back in a budget that rests: A better lens");
        let text = &mails[0].text;
        assert!(text.contains("20.00 USD") && text.contains("recall it"), "{text}");
        // What is taken back while it winds down goes home, too; its recipient hears of it.
        on(finance, &grant, "tranches/1/undo-release").ok();
        let mails = told(&web, &one.who);
        assert_eq!(mails.len(), 2);
        let text = &mails[1].text;
        assert!(text.contains("tranche 1 was taken back") && text.contains(": 20.00"), "{text}");
        assert_eq!((told(&web, &amy).len(), told(&web, admin).len()), (2, 1));
        web.every_link_leads_to_a_page();
    }

    fn of_what_was_refunded_and_of_what_never_began(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("100.00");
        let at_once = || plan(&[tranche("50.00", "on_activation", None)]);
        let grant = field.active(&[(&backer, "50.00")], at_once());
        field.pays(&grant, 1);
        assert!(told(&web, &backer.who).is_empty());
        let refunded = refund(&field.desk.finance, &grant, "12.50").ok();
        let mails = told(&web, &backer.who);
        assert_eq!(mails.len(), 1);
        let text = &mails[0].text;
        assert!(text.contains("gave money back") && text.contains(": 12.50 USD"), "{text}");
        let undo = json!({ "reference": refunded["reference"], "received_on": "2026-11-02",
            "reason": "Another grant's." });
        field.desk.finance.post(&format!("/api/v1/grants/{grant}/refunds/undo"), undo).ok();
        let mut left = web.letters();
        left.retain(|m| m.to == backer.who.email && m.subject.contains("left your budget"));
        assert_eq!(left.len(), 1);
        assert!(left[0].text.contains(": 12.50 USD"), "{}", left[0].text);
        let application = field.application("1.00", "20.00");
        backer.offer(&application, "20.00").ok();
        let second = field.award(&application, json!({})).id();
        on(&field.desk.admin, &second, "cancel").ok();
        let mails = told(&web, &backer.who);
        assert_eq!(mails.len(), 2);
        let text = &mails[1].text;
        assert!(text.contains("was cancelled") && text.contains(": 20.00 USD"), "{text}");
    }
}
