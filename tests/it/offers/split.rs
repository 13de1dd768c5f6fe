//! An amount above a threshold is not cut into pieces below it: pieces of thirty days count
//! together, to one account whoever's it is called, and by one person who made or approved them.

use super::act;
use crate::support::Harness;
use crate::support::desk::{threads, usd};
use crate::support::field::{Backer, Field};
use crate::support::payday::us_payee;
use crate::support::web::Client;
use almoner::kernel::actor::Role;
use serde_json::json;

const DAY: i64 = 86_400;

/// Somebody with a payee of this account, and their open application for 1000.00.
fn applicant(field: &Field<'_>, account: &str) -> (Client, String) {
    let who = field.web.person("Rea Searcher");
    who.post("/api/v1/payees", us_payee(account, json!({}))).ok();
    let application = field.applies(&who, "1.00", "1000.00");
    (who, application)
}

fn limited(field: &Field<'_>) -> Backer {
    field.backer_with("1000.00", json!({ "approval_threshold": usd("100.00") }))
}

/// What becomes of an offer.
fn status(backer: &Backer, application: &str, amount: &str) -> String {
    backer.offer(application, amount).ok()["status"].as_str().expect("a status").to_owned()
}

both! {
    fn to_the_cent_and_to_the_day(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (_, application) = applicant(&field, "5550001");
        let backer = limited(&field);
        assert_eq!(status(&backer, &application, "60.00"), "placed");
        assert_eq!(status(&backer, &application, "40.00"), "placed", "the threshold itself");
        assert_eq!(status(&backer, &application, "0.01"), "awaiting_approval", "a cent above it");
        t.clock.advance_seconds(30 * DAY);
        assert_eq!(status(&backer, &application, "0.01"), "awaiting_approval", "on day 30");
        t.clock.advance_seconds(DAY);
        // Of the 30 days before, only the cent of yesterday is left.
        assert_eq!(status(&backer, &application, "99.99"), "placed", "on day 31");
        assert_eq!(status(&backer, &application, "0.01"), "awaiting_approval");
        web.work();
        field.sound();
    }

    fn two_payees_of_one_account_are_one(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (_, first) = applicant(&field, "5550001");
        let (other, second) = applicant(&field, "5550001");
        let (_, third) = applicant(&field, "5550002");
        let backer = limited(&field);
        assert_eq!(status(&backer, &first, "60.00"), "placed");
        assert_eq!(status(&backer, &second, "40.00"), "placed", "the threshold itself");
        assert_eq!(status(&backer, &second, "0.01"), "awaiting_approval", "a cent above it");
        assert_eq!(status(&backer, &third, "100.00"), "placed", "into another account");
        // Others decide on their own money.
        assert_eq!(status(&limited(&field), &second, "100.00"), "placed");
        // An account that was given up still tells who they are.
        let id = other.get("/api/v1/payees").ok()["items"][0]["id"].clone();
        let path = format!("/api/v1/payees/{}", id.as_str().expect("an id"));
        let etag = other.get(&path).etag().to_owned();
        let account = us_payee("5550009", json!({}))["account"].clone();
        other.patch(&path, &etag, json!({ "account": account })).ok();
        assert_eq!(status(&backer, &second, "0.01"), "awaiting_approval");
        t.clock.advance_seconds(31 * DAY);
        assert_eq!(status(&backer, &second, "100.00"), "placed");
        field.sound();
    }

    fn what_somebody_approved_counts_as_theirs(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (_, application) = applicant(&field, "5550001");
        let terms = json!({ "approval_threshold": usd("100.00") });
        let [bo, al] = ["Bo", "Al"].map(|name| {
            let both = web.with_roles(name, &[Role::Regrantor, Role::Admin]);
            field.budget_for(both, "1000.00", terms.clone())
        });
        let big = limited(&field).offer(&application, "100.01").id();
        act(&bo, &big, "approve").ok();
        // Bo's own first offer is small, and comes on top of what Bo let pass.
        assert_eq!(status(&bo, &application, "0.01"), "awaiting_approval");
        assert_eq!(status(&al, &application, "100.00"), "placed", "Al approved nothing");
        t.clock.advance_seconds(31 * DAY);
        assert_eq!(status(&bo, &application, "100.00"), "placed");
        field.sound();
    }

    fn pieces_at_the_same_moment_see_each_other(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        for n in 0..6 {
            let account = format!("55510{n}");
            let pieces = [applicant(&field, &account).1, applicant(&field, &account).1];
            let backer = limited(&field);
            let ends = threads(2, |n| status(&backer, &pieces[n], "60.00"));
            let placed = ends.iter().filter(|end| *end == "placed").count();
            assert_eq!(placed, 1, "{ends:?}");
        }
        field.sound();
    }
}
