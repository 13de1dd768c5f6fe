//! Who has a stake in an application decides nothing about it, whatever roles they hold besides.

use super::*;
use crate::disbursements::one_person::{SHARED, one_with};

/// An admin with a stake, and the problem that says so.
struct Partial {
    who: Client,
    word: &'static str,
}

fn day(t: &Harness, days: i64) -> Value {
    json!(t.clock.now().plus_seconds(days * 86_400).date())
}

both! {
    fn admins_with_a_stake_decide_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let rea = web.with_address("rea@uni.edu", "Rea", &[]);
        let [mate, torn] = ["Mate", "Torn"].map(|name| web.with_role(name, Role::Admin));
        let [ron, rita] = ["Ron", "Rita"].map(|name| web.with_role(name, Role::Reviewer));
        let near = web.with_address("near@uni.edu", "Near", &[Role::Regrantor]);
        let id = draft(&rea, &field.call, json!({}));
        joins(&rea, &id, &mate);
        rea.command(&at(&id, "/submit")).ok();
        torn.post(&at(&id, "/conflicts"), json!({ "reason": "A friend." })).ok();
        let review = asked(admin, &id, &ron);
        reviews(&ron, &review, "Good");
        let partial = [Partial { who: mate, word: "two_persons" },
            Partial { who: torn, word: "conflict_of_interest" }];
        let why = json!({ "reason": "Because." });
        let acts = [
            (at(&id, "/reviewers"), json!({ "person_id": rita.id() }), 201),
            (at(&id, "/conflict-exceptions"), json!({ "person_id": near.id(),
                "ground": "email_domain", "reason": "A big place." }), 201),
            (at(&id, "/extend"), json!({ "promised_on": day(t, 60), "reason": "Ill." }), 200),
            (at(&id, "/reviews/decide"), json!({ "outcome": "advance", "reason": "Good." }), 200),
            (format!("/api/v1/reviews/{review}/set-aside"), why.clone(), 200),
            (at(&id, "/request-changes"), why.clone(), 200),
            (at(&id, "/decline"), why.clone(), 200),
            (at(&id, "/open"), json!({}), 200),
        ];
        for (path, body, _) in &acts {
            for one in &partial {
                one.who.post(path, body.clone()).refused(403, one.word);
            }
        }
        // Each of them is what an admin without one does: these, as they do not end it.
        for (path, body, status) in acts.iter().take(4) {
            let reply = admin.post(path, body.clone());
            assert_eq!(reply.status, *status, "{path}: {}", reply.text());
        }
    }

    fn who_declared_a_conflict_does_not_award(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("100.00");
        let torn = web.with_role("Torn", Role::Admin);
        let id = field.application("1.00", "9.00");
        backer.offer(&id, "5.00").ok();
        torn.post(&at(&id, "/conflicts"), json!({ "reason": "A friend." })).ok();
        torn.post(&at(&id, "/award"), json!({})).refused(403, "conflict_of_interest");
        assert_eq!(field.desk.admin.get(&at(&id, "")).ok()["status"], "open");
        field.awarded(&id);
        field.sound();
    }

    fn who_is_on_a_team_does_not_vouch_for_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mate) = (web.person("Rea"), web.person("Mate"));
        let id = draft(&rea, &field.call, json!({ "visibility": "public" }));
        joins(&rea, &id, &mate);
        rea.command(&at(&id, "/submit")).ok();
        field.desk.admin.command(&at(&id, "/open")).ok();
        let form = json!({ "scopes": ["idea"], "strength": "strong", "how_known": "A lab.",
            "statement": "They are good." });
        let told = mate.post(&at(&id, "/vouches"), form);
        assert!(matches!(told.status, 403 | 409), "{}", told.text());
        assert_eq!(items(&rea.get(&at(&id, "/vouches"))).len(), 0);
    }

    fn who_shares_an_account_with_the_team_decides_nothing_on_its_reviews(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.with_address("rea@uni.edu", "Rea", &[]);
        let twin = web.with_role("Twin", Role::Admin);
        let dean = web.with_address("dean@uni.edu", "Dean", &[Role::Admin]);
        let [ron, rita] = ["Ron", "Rita"].map(|name| web.with_role(name, Role::Reviewer));
        one_with(&rea, &twin, ("account", SHARED));
        let id = handed_in(&rea, &field.call, json!({}));
        let review = asked(&field.desk.admin, &id, &ron);
        reviews(&ron, &review, "Good");
        let acts = [
            (at(&id, "/reviewers"), json!({ "person_id": rita.id() })),
            (format!("/api/v1/reviews/{review}/set-aside"), json!({ "reason": "Weak." })),
            (at(&id, "/reviews/decide"), json!({ "outcome": "advance", "reason": "Good." })),
        ];
        for (path, body) in &acts {
            let told = twin.post(path, body.clone()).refused(409, "conflict_found");
            assert!(told.to_string().contains("the same bank account"), "{told}");
        }
        let spread = format!("/api/v1/calls/{}/assign-reviewers", field.call);
        let asks = |who: &Client| {
            let made = who.post(&spread, json!({ "per_application": 2, "dry_run": true })).ok();
            made["assigned"].as_array().map(Vec::len)
        };
        assert_eq!((asks(&twin), asks(&dean)), (Some(0), Some(1)));
        // One organisation alone keeps no admin out.
        for (path, body) in [&acts[0], &acts[2]] {
            dean.post(path, body.clone()).ok();
        }
    }
}
