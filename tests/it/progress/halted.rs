//! What is told of what stands still, and who is asked to end it or to start it again: those alone
//! who can, once they can.

use super::*;
use crate::publishing::contributions::{Giving, served};
use crate::support::Harness;
use crate::support::payday::{name_payee, us_payee, verify_payee};

const NEXT: &str = "/api/v1/me/next";

/// Whether somebody is asked to send something there.
pub(super) fn asks(who: &Client, href: &str) -> bool {
    todo(who, href).is_some()
}

/// What somebody is asked to send there, if anything.
pub(super) fn todo(who: &Client, href: &str) -> Option<Value> {
    let view = who.get(NEXT).ok();
    let steps = view["items"].as_array().expect("items").iter();
    let mut all = steps.flat_map(|step| step["todo"].as_array().expect("todo"));
    all.find(|todo| todo["href"] == href).cloned()
}

/// What comes next of a grant, as its recipient reads it.
fn next_of(who: &Client, grant: &str) -> String {
    let view = who.get(NEXT).ok();
    let mut steps = view["items"].as_array().expect("items").iter();
    let step = steps.find(|step| step["id"] == grant).expect("it is there");
    step["next"].as_str().expect("words").to_owned()
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The screening of a grant is refused, or done again.
pub(super) fn screening(payday: &Payday<'_>, grant: &str, acts: &[&str]) {
    for act in acts {
        let path = format!("/api/v1/grants/{grant}/requirements/screening/{act}");
        match *act {
            "provide" => payday.fia.post(&path, json!({ "note": "Looked up." })).ok(),
            "refuse" => payday.fay.post(&path, json!({ "reason": "Monday names her." })).ok(),
            _ => payday.fay.command(&path).ok(),
        };
    }
}

both! {
    fn who_ends_a_grant_hears_that_its_screening_was_refused(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (admin, fia) = (&payday.field.desk.admin, &payday.fia);
        let grant = payday.grant(&["10.00"]);
        let at = |grant: &str, rest: &str| format!("/api/v1/grants/{grant}/{rest}");
        let (down, undo) = (at(&grant, "wind-down"), at(&grant, "tranches/1/undo-release"));
        assert!(!asks(admin, &down));
        screening(&payday, &grant, &["refuse"]);
        assert!(asks(admin, &down) && !asks(fia, &down));
        let told = todo(fia, &at(&grant, "requirements/screening/provide")).expect("it is asked");
        assert!(told["what"].as_str().expect("words").contains("ask an admin to end the grant"));
        let mail = web.mail(&admin.email, "A screening was refused: A better lens");
        let text = in_one_line(&mail.text);
        assert!(text.contains("wind the grant down") && !text.contains("Monday"), "{text}");
        on_grant(&payday, &grant, "wind-down").ok();
        assert!(!asks(admin, &down) && asks(admin, &undo));
        let next = next_of(&payday.ada, &grant);
        assert!(next.contains("its own check") && next.ends_with("Then it is closed."), "{next}");
        payday.undo_release(&grant, 1).ok();
        assert!(!asks(admin, &undo), "nothing is owed");
        assert_eq!(next_of(&payday.ada, &grant), "Nothing is left to pay; it will be closed.");
        // One that has not begun is cancelled.
        let early = payday.awarded(&payday.ada, planned(&[("1.00", "on_activation")]), &[]);
        name_payee(&payday.ada, &early, &payday.payee).ok();
        screening(&payday, &early, &["provide", "refuse"]);
        assert!(asks(admin, &at(&early, "cancel")) && !asks(admin, &at(&early, "wind-down")));
        screening(&payday, &early, &["provide", "satisfy"]);
        assert!(!asks(admin, &at(&early, "cancel")));
        web.every_link_leads_to_a_page();
    }

    fn payments_are_asked_for_once_they_are_taken(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (fia, fay, ada) = (&payday.fia, &payday.fay, &payday.ada);
        let grant = payday.grant(&["1.00", "2.00", "3.00"]);
        let drafted = payday.payment(&grant, 1, &[]);
        payday.payment(&grant, 2, &["approve"]);
        let approve = format!("/api/v1/disbursements/{drafted}/approve");
        let batch = "/api/v1/payment-batches";
        assert!(asks(fay, &approve) && asks(fia, batch));
        screening(&payday, &grant, &["refuse"]);
        fay.command(&approve).refused(409, "wrong_state");
        assert!(!asks(fay, &approve) && !asks(fia, batch), "they would be refused");
        screening(&payday, &grant, &["provide", "satisfy"]);
        assert!(asks(fay, &approve) && asks(fia, batch));
        // What came back is tried again once the new account may be paid to.
        let sent = payday.payment(&grant, 3, &["approve", "batch"]);
        payday.give_back(&sent).ok();
        let retry = format!("/api/v1/disbursements/{sent}/retry");
        let path = format!("/api/v1/payees/{}", payday.payee);
        let account = us_payee("000987654321", json!({}))["account"].clone();
        let etag = ada.get(&path).etag().to_owned();
        let from = t.clock.now().plus_seconds(72 * 3600);
        ada.patch(&path, &etag, json!({ "account": account })).ok();
        web.work();
        let what = || todo(fia, &retry).expect("it is asked")["what"].to_string();
        assert!(what().contains("once the paperwork of its grant is settled"), "{}", what());
        verify_payee(fia, &payday.payee);
        web.work();
        payday.retry(&sent).refused(409, "cooling_period");
        let day = from.date().to_string();
        assert!(what().contains(&format!("from {day}")), "{}", what());
        assert_eq!(todo(fia, &retry).expect("it is asked")["due_on"], day);
        let next = next_of(ada, &grant);
        assert!(next.contains(&format!("finance pays it again from {day}")), "{next}");
        t.clock.set(from.just_after());
        assert!(what().contains("have the account corrected"), "{}", what());
        payday.retry(&sent).ok();
        let again = format!("/api/v1/disbursements/{sent}/approve");
        assert!(asks(fay, &again));
        let admin = web.sign_in(payday.field.desk.admin.clone());
        let path = format!("/api/v1/people/{}/suspend", ada.id());
        admin.post(&path, json!({ "reason": "Under inquiry." })).ok();
        assert!(!asks(fay, &again), "nothing is paid to who is suspended");
        payday.check();
    }

    fn what_is_released_waits_for_the_day_of_a_new_account(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00"]);
        let path = format!("/api/v1/payees/{}", payday.payee);
        let account = us_payee("000987654321", json!({}))["account"].clone();
        let etag = payday.ada.get(&path).etag().to_owned();
        let from = t.clock.now().plus_seconds(72 * 3600);
        payday.ada.patch(&path, &etag, json!({ "account": account })).ok();
        web.work();
        verify_payee(&payday.fia, &payday.payee);
        web.work();
        let next = next_of(&payday.ada, &grant);
        assert!(next.contains(&format!("released from {}", from.date())), "{next}");
        t.clock.set(from.just_after());
        let next = next_of(&payday.ada, &grant);
        assert_eq!(next, "Finance pays the tranche that is released.");
    }

    fn a_release_that_was_taken_back_waits_for_a_person(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (admin, ada) = (&payday.field.desk.admin, &payday.ada);
        let plan = planned(&[("1.00", "on_activation"), ("2.00", "on_report")]);
        let grant = payday.active(plan, &[]);
        let release = format!("/api/v1/grants/{grant}/tranches/1/release");
        assert!(!asks(admin, &release));
        payday.undo_release(&grant, 1).ok();
        let told = todo(admin, &release).expect("it is asked")["what"].to_string();
        assert!(told.contains("Its release of 2026-11-02 was taken back"), "{told}");
        assert!(!asks(&payday.fia, &release));
        let next = next_of(ada, &grant);
        assert!(next.starts_with("The release of tranche 1, 1.00 USD, was taken back"), "{next}");
        assert!(next.contains("The next tranche is released when its condition holds."), "{next}");
        on_grant(&payday, &grant, "pause").ok();
        assert!(!asks(admin, &release), "it would be refused");
        on_grant(&payday, &grant, "resume").ok();
        assert!(asks(admin, &release));
        payday.release(&grant, 1).ok();
        assert!(!asks(admin, &release));
        assert_eq!(next_of(ada, &grant), "Finance pays the tranche that is released.");
    }

    fn what_is_told_while_a_grant_winds_down(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00"]);
        on_grant(&payday, &grant, "wind-down").ok();
        let next = || next_of(&payday.ada, &grant);
        assert_eq!(next(), "Finance pays the tranche that is released. Then it is closed.");
        let id = payday.payment(&grant, 1, &["approve", "batch"]);
        assert!(next().contains("finance gives it to the bank next. Then"), "{}", next());
        payday.settle(&id).ok();
        assert_eq!(next(), "Nothing is left to pay; it will be closed.");
        on_grant(&payday, &grant, "close").ok();
        payday.give_back(&id).ok();
        assert!(next().contains("The sponsor makes its own check before."), "{}", next());
    }

    fn a_checkpoint_offers_what_can_be_decided(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (admin, backer) = (&payday.field.desk.admin, &payday.backer.who);
        let grant = watched(&payday, &[]);
        let checkpoint = open_checkpoint(&payday, &grant);
        see(&payday.ada, &checkpoint).ok();
        let decide = path("checkpoints", &checkpoint, "/decide");
        let what = |who: &Client| todo(who, &decide).expect("it is asked")["what"].to_string();
        assert!(what(admin).contains("continue, rescope, pause, or wind down"), "{}", what(admin));
        assert!(what(backer).contains("have an admin pause it"), "{}", what(backer));
        let waits = "A checkpoint of A better lens waits for a decision";
        let mail = |who: &Client| {
            let all = letters(&payday, who).into_iter().rev();
            let mut fitting = all.filter(|(subject, _)| subject == waits);
            in_one_line(&fitting.next().expect("a mail").1)
        };
        assert!(mail(backer).contains("have an admin pause it"), "{}", mail(backer));
        on_grant(&payday, &grant, "wind-down").ok();
        for who in [admin, backer] {
            assert!(what(who).contains("continue, or rescope."), "{}", what(who));
            let all = who.get(NEXT).ok().to_string();
            assert!(all.contains("nothing is released for it"), "{all}");
        }
        let late = add(admin, &grant, "2027-01-01", "A lens.").ok();
        see(&payday.ada, &late).ok();
        let told = mail(backer);
        assert!(told.contains("continue, or rescope. Nothing is released for it"), "{told}");
    }

    fn money_that_is_left_of_an_application_asks_for_another_use(t: &Harness) {
        let web = served(t);
        let g = Giving::of(&web);
        let (admin, finance) = (&g.field.desk.admin, &g.field.desk.finance);
        let earmark = g.given("100.00");
        let reassign = format!("/api/v1/earmarks/{earmark}/reassign");
        assert!(!asks(admin, &reassign), "the application can still get it");
        g.offer(&earmark).ok();
        let grant = g.field.awarded(&g.application);
        web.work();
        assert!(!asks(admin, &reassign), "it is part of the grant");
        let why = json!({ "reason": "They moved away." });
        admin.post(&format!("/api/v1/grants/{grant}/cancel"), why).ok();
        let told = todo(admin, &reassign).expect("it is asked")["what"].to_string();
        assert!(told.contains("90.00 USD was given for it"), "{told}");
        assert!(!asks(finance, &reassign));
        g.reassign(&earmark, "For the next one.").ok();
        assert!(!asks(admin, &reassign));
    }
}
