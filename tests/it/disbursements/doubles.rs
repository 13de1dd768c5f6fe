//! The same amount to the same payee: held for three days, unless it is meant.

use super::words;
use crate::support::Harness;
use crate::support::desk::threads;
use crate::support::payday::{planned, submitted_payee, us_payee, verified_payee};
use serde_json::json;

const DAY: i64 = 86_400;

both! {
    fn a_double_has_to_be_meant(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00", "50.00", "50.01"]);
        let first = payday.draft_as(&payday.fia, &grant, 1, false).id();
        let told = payday.draft_as(&payday.fia, &grant, 2, false).refused(409, "limit_reached");
        let detail = told["detail"].as_str().expect("text");
        assert!(detail.contains(&first) && detail.contains("despite_double"), "{detail}");
        assert_eq!(payday.count("/api/v1/disbursements"), 1);
        // A cent more is another amount; the same to somebody else is no double.
        payday.draft_as(&payday.fia, &grant, 3, false).ok();
        let bo = web.person("Bo");
        let payee = verified_payee(&payday.field.desk, &bo, us_payee("5550001", json!({})));
        let other = payday.awarded(&bo, planned(&[("50.00", "on_activation")]), &[]);
        payday.activate(&bo, &payee, &other);
        payday.draft_as(&payday.fia, &other, 1, false).ok();
        // Another grant of the same person is paid to the same payee.
        let second = payday.grant(&["50.00"]);
        payday.draft_as(&payday.fia, &second, 1, false).refused(409, "limit_reached");
        let meant = payday.draft_as(&payday.fia, &second, 1, true).id();
        payday.void(&meant).ok();
        payday.draft_as(&payday.fia, &second, 1, false).refused(409, "limit_reached");
        payday.void(&first).ok();
        payday.draft_as(&payday.fia, &second, 1, false).ok();
    }

    fn it_counts_from_when_the_bank_was_told(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00", "50.00"]);
        let first = payday.payment(&grant, 1, &["approve"]);
        let again = || payday.draft_as(&payday.fia, &grant, 2, false);
        // Drafted long ago and still to be paid: both would leave today.
        t.clock.advance_seconds(10 * DAY);
        again().refused(409, "limit_reached");
        payday.batch(&[&first]).ok();
        t.clock.advance_seconds(3 * DAY);
        again().refused(409, "limit_reached");
        t.clock.advance_seconds(1);
        let second = again().id();
        assert_eq!(payday.status(&second), "drafted");
    }

    fn the_same_account_under_another_payee_is_a_double(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00"]);
        payday.draft_as(&payday.fia, &grant, 1, false).ok();
        let bo = web.person("Bo");
        let same = us_payee("000123456789", json!({}));
        let payee = submitted_payee(&bo, same);
        let sure = json!({ "details_version": 1, "confirm_shared_account": true });
        payday.fia.post(&format!("/api/v1/payees/{payee}/verify"), sure).ok();
        let other = payday.awarded(&bo, planned(&[("50.00", "on_activation")]), &[]);
        payday.activate(&bo, &payee, &other);
        payday.draft_as(&payday.fia, &other, 1, false).refused(409, "limit_reached");
        payday.draft_as(&payday.fia, &other, 1, true).ok();
    }

    fn a_payment_tried_again_may_be_a_double_as_well(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00", "50.00"]);
        let first = payday.payment(&grant, 1, &["approve", "batch", "return"]);
        // It is no double of itself.
        payday.retry(&first).ok();
        payday.act(&first, "approve").ok();
        payday.act(&first, "batch").ok();
        payday.act(&first, "return").ok();
        let second = payday.draft_as(&payday.fia, &grant, 2, true).id();
        payday.retry(&first).refused(409, "limit_reached");
        assert_eq!(payday.status(&first), "returned");
        let path = format!("/api/v1/disbursements/{first}/retry");
        payday.fia.post(&path, json!({ "despite_double": true })).ok();
        assert_eq!(payday.status(&second), "drafted");
        payday.check();
    }

    fn doubles_at_the_same_moment_are_found(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let amounts = vec!["50.00".to_owned(); 8];
        let grant = payday.grant(&words(&amounts));
        let replies = threads(8, |n| payday.draft_as(&payday.fia, &grant, n + 1, false));
        assert_eq!(replies.iter().filter(|r| r.status == 201).count(), 1);
        for reply in replies.iter().filter(|r| r.status != 201) {
            reply.refused(409, "limit_reached");
        }
        assert_eq!(payday.count("/api/v1/disbursements"), 1);
    }
}
