//! Offers on a condition: what they hold, what they come to, and what the award makes of them.

use super::{NOBODY, act, funding};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Backer;
use serde_json::{Value, json};

fn if_others(amount: &str) -> Value {
    json!({ "if_others": usd(amount) })
}
fn matching() -> Value {
    json!({ "match": true })
}

/// Status, what was committed, and what the budget has left and holds.
fn stands(field: &crate::support::field::Field<'_>, backer: &Backer, offer: &str) -> [Value; 4] {
    let view = field.offer(offer);
    [
        view["status"].clone(),
        view["effective"]["amount"].clone(),
        field.available(backer).into(),
        field.part(backer, "reserved").into(),
    ]
}

both! {
    fn the_condition_is_shown_and_all_of_it_is_held(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("1000.00");
        let application = field.application("100.00", "900.00");
        let offer = backer.offer_with(&application, "300.00", if_others("200.00")).ok();
        assert_eq!(offer["kind"], "if_others");
        assert_eq!(offer["if_others"], usd("200.00"));
        assert_eq!(offer["effective"], Value::Null);
        assert_eq!(field.available(&backer), "700.00");
        let offer = backer.offer_with(&application, "300.00", matching()).ok();
        assert_eq!((&offer["kind"], &offer["if_others"]), (&json!("match"), &Value::Null));
        let other = field.backer("1000.00");
        other.offer_with(&application, "300.00", if_others("600.00")).ok();
        // All of what is asked for is taken by what may come.
        backer.offer(&application, "0.01").refused(409, "limit_reached");
        assert_eq!(field.part(&backer, "reserved"), "600.00");
        field.sound();
    }

    fn a_condition_is_one_and_in_the_same_currency(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("1000.00");
        let application = field.application("100.00", "900.00");
        let eur = json!({ "amount": "1.00", "currency": "EUR" });
        for (more, pointer) in [
            (json!({ "if_others": usd("1.00"), "match": true }), "/match"),
            (json!({ "if_others": usd("0.00") }), "/if_others/amount"),
            (json!({ "if_others": usd("-1.00") }), "/if_others/amount"),
            (json!({ "if_others": usd("1.001") }), "/if_others/amount"),
            (json!({ "if_others": eur }), "/if_others/currency"),
        ] {
            let reply = backer.offer_with(&application, "10.00", more);
            assert_eq!(reply.refused(422, "invalid")["fields"][0]["pointer"], pointer);
        }
        assert_eq!(field.available(&backer), "1000.00");
    }

    fn what_can_never_come_true_is_not_taken(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (backer, other) = (field.backer("1000.00"), field.backer("1000.00"));
        let application = field.application("50.00", "100.00");
        let never = |amount: &str, more: Value, pointer: &str, left: &str| {
            let reply = backer.offer_with(&application, amount, more.clone());
            let told = reply.wrong_fields(&[pointer]);
            let message = told["fields"][0]["message"].as_str().expect("words");
            assert!(message.contains(&format!("{left} USD at most")), "{message}");
            let path = format!("/api/v1/applications/{application}/offers/preview");
            backer.who.post(&path, backer.form(amount, more)).wrong_fields(&[pointer]);
        };
        never("60.00", if_others("40.01"), "/if_others/amount", "40.00");
        never("100.00", matching(), "/amount/amount", "50.00");
        // Nobody's own other offer is others'.
        backer.offer(&application, "20.00").ok();
        never("40.00", if_others("40.01"), "/if_others/amount", "40.00");
        never("40.01", matching(), "/amount/amount", "40.00");
        backer.offer_with(&application, "40.00", matching()).ok();
        other.offer_with(&application, "40.00", if_others("60.00")).ok();
        assert_eq!(funding(&field.desk.admin, &application)["offered"], usd("100.00"));
        field.sound();
    }

    fn an_award_takes_what_offers_come_to_and_gives_the_rest_back(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let [plain, matches, met, unmet] = [(); 4].map(|()| field.backer("1000.00"));
        let application = field.application("100.00", "1000.00");
        let plain_offer = plain.offer(&application, "150.00").id();
        let match_offer = matches.offer_with(&application, "400.00", matching()).id();
        let met_offer = met.offer_with(&application, "100.00", if_others("300.00")).id();
        // Even if all give all they can, the others bring 650: so this one goes, and the match is
        // of what is left, 150 and 100.
        let unmet_offer = unmet.offer_with(&application, "200.00", if_others("650.01")).id();
        let told = funding(&field.desk.admin, &application);
        assert_eq!(told["promised"], usd("850.00"));
        assert_eq!(told["offered"], usd("500.00"));
        assert_eq!(told["missing_to_full"], usd("500.00"));
        let grant = field.awarded(&application);
        assert_eq!(field.grant(&grant)["amount_awarded"], usd("500.00"));
        let row = |status: &str, gives: Value, left: &str| {
            [json!(status), gives, json!(left), json!("0.00")]
        };
        let committed = |gives: &str, left: &str| row("committed", json!(gives), left);
        assert_eq!(stands(&field, &plain, &plain_offer), committed("150.00", "850.00"));
        assert_eq!(stands(&field, &matches, &match_offer), committed("250.00", "750.00"));
        assert_eq!(stands(&field, &met, &met_offer), committed("100.00", "900.00"));
        let gone = row("released", Value::Null, "1000.00");
        assert_eq!(stands(&field, &unmet, &unmet_offer), gone);
        assert_eq!(field.offer(&unmet_offer)["release_reason"], "application_ended");
        field.sound();
        let told = funding(&field.desk.admin, &application);
        assert_eq!((&told["promised"], &told["offered"]), (&usd("500.00"), &usd("500.00")));
        let subjects = field.subjects(&matches.who);
        assert!(subjects.iter().any(|s| s.contains("came to 250.00 USD")), "{subjects:?}");
    }

    fn offers_that_wait_for_each_other_all_count(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let [one, two, three] = [(); 3].map(|()| field.backer("1000.00"));
        let application = field.application("300.00", "1000.00");
        one.offer_with(&application, "100.00", if_others("200.00")).ok();
        two.offer_with(&application, "100.00", if_others("200.00")).ok();
        assert_eq!(funding(&field.desk.admin, &application)["offered"], usd("0.00"));
        field.award(&application, json!({})).refused(409, "wrong_state");
        let last = three.offer_with(&application, "100.00", if_others("200.00")).id();
        assert_eq!(funding(&field.desk.admin, &application)["offered"], usd("300.00"));
        // One that goes takes the others with it.
        act(&three, &last, "withdraw").ok();
        assert_eq!(funding(&field.desk.admin, &application)["offered"], usd("0.00"));
        three.offer_with(&application, "100.00", matching()).ok();
        let grant = field.awarded(&application);
        assert_eq!(field.grant(&grant)["amount_awarded"], usd("300.00"));
        field.sound();
    }

    fn what_stands_and_comes_to_nothing_is_told_as_that(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let application = field.application("100.00", "1000.00");
        let refused = || {
            let told = field.award(&application, json!({})).refused(409, "wrong_state");
            told["detail"].as_str().expect("words").to_owned()
        };
        assert_eq!(refused(), "No offer stands on this application.");
        field.backer("1000.00").offer_with(&application, "100.00", matching()).ok();
        assert_eq!(refused(), "The offers that stand reach 0.00 USD; the application needs \
            100.00 USD at least.");
    }

    fn nobody_meets_their_own_condition(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("1000.00");
        let second = field.budget_for(backer.who.clone(), "1000.00", json!({}));
        let application = field.application("100.00", "1000.00");
        backer.offer(&application, "100.00").ok();
        second.offer_with(&application, "100.00", if_others("100.00")).ok();
        second.offer_with(&application, "100.00", matching()).ok();
        let told = funding(&field.desk.admin, &application);
        assert_eq!((&told["promised"], &told["offered"]), (&usd("300.00"), &usd("100.00")));
        field.awarded(&application);
        assert_eq!(field.available(&second), "1000.00");
        field.sound();
    }

    fn what_does_not_stand_meets_no_condition(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let waits = field.backer_with("1000.00", json!({ "approval_threshold": usd("10.00") }));
        let [lapses, conflicted, backer] = [(); 3].map(|()| field.backer("1000.00"));
        let application = field.application("100.00", "1000.00");
        let waiting = waits.offer(&application, "100.00").ok();
        assert_eq!(waiting["status"], "awaiting_approval");
        let soon = t.clock.now().plus_seconds(3600);
        lapses.offer_with(&application, "100.00", json!({ "expires_at": soon })).ok();
        conflicted.offer(&application, "100.00").ok();
        backer.offer_with(&application, "100.00", if_others("200.00")).ok();
        assert_eq!(funding(&field.desk.admin, &application)["offered"], usd("300.00"));
        t.clock.set(soon);
        assert_eq!(funding(&field.desk.admin, &application)["offered"], usd("100.00"));
        let path = format!("/api/v1/applications/{application}/conflicts");
        conflicted.who.post(&path, json!({ "reason": "We share a flat." })).ok();
        // Before the job has taken it back, the award leaves it out and asks again what comes true.
        field.award(&application, json!({})).refused(409, "wrong_state");
        field.sound();
    }

    fn a_preview_tells_and_does_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let [backer, other] = [(); 2].map(|()| field.backer("1000.00"));
        let application = field.application("400.00", "1000.00");
        other.offer_with(&application, "300.00", matching()).ok();
        let path = format!("/api/v1/applications/{application}/offers/preview");
        let ask = |who: &Backer, more: Value| who.who.post(&path, who.form("250.00", more));
        let told = ask(&backer, json!({})).ok();
        assert_eq!(told["yours"], usd("250.00"));
        assert_eq!(told["without"]["offered"], usd("0.00"));
        assert_eq!(told["with"]["offered"], usd("500.00"));
        assert_eq!(told["with"]["missing_to_minimum"], usd("0.00"));
        assert_eq!(told["needs_approval"], false);
        let told = ask(&backer, if_others("251.00")).ok();
        assert_eq!((&told["yours"], &told["with"]["offered"]), (&usd("0.00"), &usd("0.00")));
        assert_eq!(ask(&backer, matching()).ok()["with"]["offered"], usd("500.00"));
        assert_eq!(ask(&other, json!({})).ok()["yours"], usd("250.00"));
        assert_eq!(field.available(&backer), "1000.00");
        assert_eq!(field.all("/api/v1/offers").len(), 1);
        // It says no as the offer would.
        let theirs = json!({ "budget_id": backer.budget, "amount": usd("1.00") });
        other.who.post(&path, theirs).refused(403, "forbidden");
        let form = backer.form("700.01", json!({}));
        backer.who.post(&path, form).refused(409, "limit_reached");
        let nowhere = format!("/api/v1/applications/{NOBODY}/offers/preview");
        backer.who.post(&nowhere, backer.form("1.00", json!({}))).refused(404, "not_found");
        field.sound();
    }

    fn an_approval_is_bound_to_the_condition(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer_with("1000.00", json!({ "approval_threshold": usd("10.00") }));
        let other = field.backer("1000.00");
        let application = field.application("100.00", "1000.00");
        let offer = backer.offer_with(&application, "100.00", if_others("50.00")).id();
        let loosened = "UPDATE offers SET others_minimum = 1";
        crate::payees::execute(&web, loosened).expect("it is written");
        let path = format!("/api/v1/offers/{offer}/approve");
        assert!(field.desk.admin.command(&path).status >= 400);
        let back = "UPDATE offers SET others_minimum = 5000";
        crate::payees::execute(&web, back).expect("it is written");
        field.desk.admin.command(&path).ok();
        other.offer(&application, "50.00").ok();
        assert_eq!(funding(&field.desk.admin, &application)["offered"], usd("150.00"));
        field.sound();
    }
}
