//! Who is asked to award what, and to approve what: those alone whom it would not refuse.

use super::*;
use crate::disbursements::one_person::{SHARED, one_with, refused};
use crate::payees::count;
use crate::support::Harness;
use crate::support::desk::usd;
use almoner::kernel::actor::Role;

/// The day by which somebody is asked to send something there; none where they are not asked.
fn due(who: &Client, href: &str) -> Option<Value> {
    let view = who.get("/api/v1/me/next").ok();
    let steps = view["items"].as_array().expect("items").iter();
    let mut all = steps.flat_map(|step| step["todo"].as_array().expect("todo"));
    all.find(|todo| todo["href"] == href).map(|todo| todo["due_on"].clone())
}

both! {
    fn what_reached_its_minimum_is_there_to_be_awarded(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let [abe, twin] = ["Abe", "Twin"].map(|name| web.with_role(name, Role::Admin));
        let (one, two) = (field.backer("100.00"), field.backer("100.00"));
        let rea = web.person("Rea Searcher");
        let id = field.applies(&rea, "10.00", "50.00");
        let at = |rest: &str| format!("/api/v1/applications/{id}{rest}");
        let award = at("/award");
        one_with(&two.who, &twin, ("account", SHARED));
        abe.post(&at("/conflicts"), json!({ "reason": "We share a flat." })).ok();
        one.offer(&id, "6.00").ok();
        assert_eq!(due(admin, &award), None, "it misses four");
        let offer = two.offer(&id, "5.00").id();
        let promised = rea.get(&at("")).ok()["promised_on"].clone();
        assert_eq!(due(admin, &award), Some(promised.clone()));
        // Not for who has a stake in it, nor for who is one with one of those who offer.
        assert_eq!((due(&abe, &award), due(&twin, &award)), (None, None));
        refused(&twin.post(&award, json!({})), "account");
        // As long as it holds.
        admin.post(&at("/request-changes"), json!({ "reason": "Say how." })).ok();
        assert_eq!(due(admin, &award), None, "it is not open");
        rea.command(&at("/submit")).ok();
        let promised = rea.get(&at("")).ok()["promised_on"].clone();
        web.work();
        assert_eq!(due(admin, &award), Some(promised));
        two.who.command(&format!("/api/v1/offers/{offer}/withdraw")).ok();
        assert_eq!(due(admin, &award), None, "it misses four again");
        field.backer("100.00").offer(&id, "4.00").ok();
        assert!(due(admin, &award).is_some());
        assert!(due(&twin, &award).is_some(), "that offer is gone");
        field.awarded(&id);
        assert_eq!(due(admin, &award), None);
        assert_eq!(count(&web, "SELECT COUNT(*) FROM award_notices"), 0, "it is forgotten");
    }

    fn who_applies_reads_that_their_minimum_is_reached(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (one, two) = (field.backer("100.00"), field.backer("100.00"));
        let rea = web.person("Rea Searcher");
        let id = field.applies(&rea, "10.00", "50.00");
        let next = || rea.get("/api/v1/me/next").ok()["items"][0]["next"].to_string();
        one.offer(&id, "6.00").ok();
        assert!(next().contains("at your minimum it can be awarded"), "{}", next());
        let offer = two.offer(&id, "4.00").id();
        assert!(next().contains("Your minimum is reached: an admin decides"), "{}", next());
        two.who.command(&format!("/api/v1/offers/{offer}/withdraw")).ok();
        assert!(next().contains("at your minimum it can be awarded"), "{}", next());
    }

    fn what_waits_for_approval_is_told_with_its_last_day(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let terms = json!({ "approval_threshold": usd("1.00"), "expires_on": "2026-11-05" });
        let backer = field.backer_with("90.00", terms);
        let offer = backer.offer(&field.application("1.00", "90.00"), "5.00");
        // The budget may be spent on that day, and not a moment longer.
        assert_eq!(offer.ok()["expires_at"], "2026-11-06T00:00:00Z");
        let approve = format!("/api/v1/offers/{}/approve", offer.id());
        assert_eq!(due(&field.desk.admin, &approve), Some(json!("2026-11-05")));
    }

    fn who_has_something_in_common_with_the_team_is_not_asked_to_approve(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let dean = web.with_address("dean@uni.edu", "Dean", &[Role::Admin]);
        let rea = web.with_address("rea@uni.edu", "Rea", &[]);
        let limited = json!({ "approval_threshold": usd("1.00") });
        let backer = field.backer_with("90.00", limited);
        let id = field.applies(&rea, "1.00", "90.00");
        let offer = backer.offer(&id, "5.00").id();
        let approve = format!("/api/v1/offers/{offer}/approve");
        assert!(due(&field.desk.admin, &approve).is_some());
        assert_eq!(due(&dean, &approve), None);
        dean.command(&approve).refused(409, "conflict_found");
    }
}
