//! Merging shows no more than both sides may see, and writes to nobody who has no part in it.

use super::*;

fn propose(who: &Client, into: &str, other: &str) -> Reply {
    who.post(&at(into, "/merge"), json!({ "other": other }))
}

fn merge(id: &str, rest: &str) -> String {
    format!("/api/v1/merges/{id}{rest}")
}

both! {
    fn a_proposal_shows_what_may_be_seen_now(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let mine = draft(&rea, &field.call, json!({}));
        let theirs = draft(&mo, &field.call, json!({ "body": "Canary of the kiln" }));
        // They ask the proposer onto their team, who proposes to take theirs up.
        let seat = invite(&mo, &theirs, &rea);
        let id = propose(&rea, &mine, &theirs).id();
        assert!(rea.get(&merge(&id, "")).text().contains("kiln"));
        let left = mo.delete(&at(&theirs, &format!("/members/{seat}")));
        assert_eq!(left.status, 204, "{}", left.text());
        rea.get(&at(&theirs, "")).refused(404, "not_found");
        let told = rea.get(&merge(&id, "")).ok();
        assert_eq!((&told["text"], &told["offer"]), (&Value::Null, &Value::Null), "{told}");
        assert!(!rea.get(&at(&mine, "/merges")).text().contains("kiln"));
        // Who wrote it reads it there.
        assert!(mo.get(&merge(&id, "")).text().contains("kiln"));
        // It ends with either side, unanswered.
        mo.post(&at(&theirs, "/withdraw"), json!({})).ok();
        assert_eq!(mo.get(&merge(&id, "")).ok()["status"], "withdrawn");
        mo.command(&merge(&id, "/accept")).refused(409, "wrong_state");
        assert!(!rea.get(&merge(&id, "")).text().contains("kiln"));
    }

    fn the_asked_reads_what_would_come(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let into = draft(&rea, &field.call, json!({}));
        let other = draft(&mo, &field.call, json!({ "body": "Canary of the kiln" }));
        invite(&rea, &into, &mo);
        let id = propose(&mo, &into, &other).id();
        // The other's draft is out of sight, but for what they propose.
        rea.get(&at(&other, "")).refused(404, "not_found");
        assert!(rea.get(&merge(&id, "")).text().contains("kiln"));
        rea.post(&at(&into, "/withdraw"), json!({})).ok();
        assert_eq!(mo.get(&merge(&id, "")).ok()["status"], "withdrawn");
        assert!(!rea.get(&merge(&id, "")).text().contains("kiln"), "it ended");
    }

    fn strangers_are_not_asked(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.with_role("Rea", Role::Admin), web.person("Mo"));
        let mine = draft(&rea, &field.call, json!({}));
        let theirs = field.applies(&mo, "1.00", "9.00");
        web.work();
        let before = field.subjects(&mo).len();
        propose(&rea, &mine, &theirs).wrong_fields(&["/other"]);
        web.work();
        assert_eq!(field.subjects(&mo).len(), before, "no mail for what is refused");
        joins(&mo, &draft(&mo, &field.call, json!({})), &rea);
        propose(&rea, &mine, &theirs).wrong_fields(&["/other"]);
    }

    fn proposals_are_few(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo) = (web.person("Rea"), web.person("Mo"));
        let into = draft(&rea, &field.call, json!({}));
        invite(&rea, &into, &mo);
        let other = draft(&mo, &field.call, json!({}));
        let id = propose(&mo, &into, &other).id();
        mo.command(&merge(&id, "/withdraw")).ok();
        propose(&mo, &into, &other).refused(409, "limit_reached");
        t.clock.advance_seconds(24 * 3600 + 1);
        let id = propose(&mo, &into, &other).id();
        mo.command(&merge(&id, "/withdraw")).ok();
        // Nor by many applications: so many a day, whatever comes of them.
        t.clock.advance_seconds(24 * 3600 + 1);
        for n in 0..11 {
            let other = draft(&mo, &field.call, json!({}));
            let made = propose(&mo, &into, &other);
            if n < 10 {
                mo.command(&merge(&made.id(), "/withdraw")).ok();
            } else {
                made.refused(409, "limit_reached");
            }
        }
    }

    fn a_merged_text_names_nobody(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let path = format!("/api/v1/calls/{}/review-settings", field.call);
        admin.put(&path, json!({ "blind": true })).ok();
        let (rea, mo) = (web.person("Rea"), web.person("Morwenna"));
        let into = draft(&rea, &field.call, json!({}));
        joins(&rea, &into, &mo);
        let other = draft(&mo, &field.call, json!({ "title": "Mirrors" }));
        let id = propose(&mo, &into, &other).id();
        rea.command(&merge(&id, "/accept")).ok();
        rea.command(&at(&into, "/submit")).ok();
        let ron = web.with_role("Ron", Role::Reviewer);
        let review = asked(admin, &into, &ron);
        let read = ron.get(&format!("/api/v1/reviews/{review}/application")).text();
        assert!(read.contains("Mirrors") && !read.contains("Morwenna"), "{read}");
    }
}
