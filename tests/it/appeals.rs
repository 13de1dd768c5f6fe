//! The clock of appeals: nobody waits for an answer in silence.

use crate::decisions::{at, day, decline, mails, submitted, terms, times};
use crate::disbursements::one_person::{SHARED, WAYS, one_with, refused};
use crate::support::Harness;
use crate::support::web::Client;
use almoner::kernel::actor::Role;
use serde_json::json;

both! {
    fn an_appeal_has_a_clock_of_its_own(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, ada) = (web.person("Rea"), field.desk.admin.clone());
        let (abe, chi) = (web.with_role("Abe", Role::Admin), web.with_role("Chi", Role::Admin));
        let chief = chi.id();
        let said = json!({ "appeals": "appeal", "appeal_days": 10, "responsible_id": chief });
        terms(&field, said);
        let id = submitted(&field, &rea);
        decline(&ada, &id);
        let made = rea.post(&at(&id, "/appeal"), json!({ "text": "Look again." })).ok();
        assert_eq!(made["promised_on"], "2026-11-30");
        let came = mails(&web, &rea, "Your appeal came in");
        assert!(came.len() == 1 && came[0].contains("by 2026-11-30"), "{came:?}");
        let heard = |subject: &str| {
            [&chi, &abe, &ada].map(|who| times(&field, who, subject))
        };
        assert_eq!(heard("An appeal waits"), [1, 0, 0]);
        day(t, "2026-11-22");
        assert_eq!(heard("An appeal still waits"), [0, 0, 0]);
        day(t, "2026-11-23");
        assert_eq!(heard("An appeal still waits"), [1, 0, 0]);
        // No promised day passes: the maker has another one before, and all admins hear of it.
        for (when, before, new, often) in [
            ("2026-11-28", "2026-11-30", "2026-12-14", 1),
            ("2026-12-12", "2026-12-14", "2026-12-28", 2),
            ("2026-12-26", "2026-12-28", "2027-01-11", 3),
        ] {
            day(t, when);
            let told = mails(&web, &rea, "Your appeal takes longer");
            assert_eq!(told.len(), often, "{when}");
            let last = &told[often - 1];
            assert!(last.contains(&format!("by {before}")), "{last}");
            assert!(last.contains(&format!("by {new}")), "{last}");
            assert_eq!(heard("An appeal was not answered in time"), [often; 3]);
            assert_eq!(rea.get(&at(&id, "/decline")).ok()["appeal"]["promised_on"], new);
        }
        let upheld = json!({ "outcome": "upheld", "reason": "We read it." });
        abe.post(&at(&id, "/appeal/answer"), upheld).ok();
        day(t, "2027-06-01");
        assert_eq!(times(&field, &rea, "Your appeal takes longer"), 3);
    }

    fn what_a_letter_said_can_be_done_is_not_taken_back(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, ada) = (web.person("Rea"), field.desk.admin.clone());
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let ids = [(); 2].map(|()| {
            let id = submitted(&field, &rea);
            decline(&ada, &id);
            id
        });
        let told = mails(&web, &rea, "Your application was declined");
        assert!(told[0].replace('\n', " ").contains("appeal until 2026-11-12"), "{}", told[0]);
        let left = |id: &str| {
            let seen = rea.get(&at(id, "/decline")).ok();
            (seen["remedy"].clone(), seen["remedy_until"].clone())
        };
        let (first, second) = (&ids[0], &ids[1]);
        let promised = (json!("appeal"), json!("2026-11-12"));
        for less in [
            json!({ "appeals": "none" }),
            json!({ "appeals": "appeal", "appeal_days": 1 }),
            json!({ "appeals": "resubmit", "appeal_days": 60 }),
        ] {
            terms(&field, less);
            assert_eq!(left(first), promised);
        }
        rea.command(&at(first, "/resubmit")).refused(409, "wrong_state");
        day(t, "2026-11-12");
        let why = json!({ "text": "Look again." });
        rea.post(&at(first, "/appeal"), why.clone()).ok();
        day(t, "2026-11-13");
        rea.post(&at(second, "/appeal"), why.clone()).refused(409, "wrong_state");
        // What is given beyond it counts.
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 20 }));
        assert_eq!(left(second), (json!("appeal"), json!("2026-11-22")));
        rea.post(&at(second, "/appeal"), why).ok();
    }

    fn who_hands_it_in_again_keeps_the_days_that_were_given(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, ada) = (web.person("Rea"), field.desk.admin.clone());
        terms(&field, json!({ "appeals": "resubmit", "appeal_days": 10 }));
        let old = [(); 2].map(|()| {
            let id = submitted(&field, &rea);
            decline(&ada, &id);
            id
        });
        terms(&field, json!({ "appeals": "none" }));
        ada.command(&format!("/api/v1/calls/{}/close", field.call)).ok();
        let new = old.map(|id| rea.command(&at(&id, "/resubmit")).id());
        day(t, "2026-11-12");
        rea.command(&at(&new[0], "/submit")).ok();
        day(t, "2026-11-13");
        rea.command(&at(&new[1], "/submit")).refused(409, "wrong_state");
    }

    fn what_nobody_handed_in_is_not_what_comes_back(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, ada) = (web.person("Rea"), field.desk.admin.clone());
        let (abe, chi) = (web.with_role("Abe", Role::Admin), web.with_role("Chi", Role::Admin));
        // Whoever answers for the call keeps out: another one is told.
        let chief = chi.id();
        let said = json!({ "appeals": "appeal", "appeal_days": 10, "responsible_id": chief });
        terms(&field, said);
        let id = submitted(&field, &rea);
        let conflict = json!({ "reason": "We share an office." });
        chi.post(&at(&id, "/conflicts"), conflict).ok();
        ada.post(&at(&id, "/request-changes"), json!({ "reason": "Say how." })).ok();
        let before = rea.get(&at(&id, ""));
        let half = json!({ "title": "Half a thought", "summary": "Not" });
        rea.patch(&at(&id, ""), before.etag(), half).ok();
        decline(&ada, &id);
        rea.post(&at(&id, "/appeal"), json!({ "text": "Look again." })).ok();
        assert_eq!(times(&field, &chi, "An appeal waits"), 0);
        assert_eq!(times(&field, &abe, "An appeal waits"), 1);
        let back = json!({ "outcome": "reopened", "reason": "It is good." });
        abe.post(&at(&id, "/appeal/answer"), back).ok();
        let now = rea.get(&at(&id, "")).ok();
        assert_eq!(now["status"], "submitted");
        assert_eq!(now["title"], before.ok()["title"]);
        // What they wrote is not lost.
        let versions = rea.get(&at(&id, "/versions/2")).text();
        assert!(versions.contains("Half a thought"), "{versions}");
    }

    fn what_was_taken_up_meanwhile_is_handed_in_before_it_is_looked_at(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo, ada) = (web.person("Rea"), web.person("Mo"), field.desk.admin.clone());
        let abe = web.with_role("Abe", Role::Admin);
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let (id, other) = (submitted(&field, &rea), submitted(&field, &mo));
        ada.post(&at(&id, "/request-changes"), json!({ "reason": "Say how." })).ok();
        rea.post(&at(&id, "/members"), json!({ "email": mo.email, "name": "Mo" })).ok();
        let merge = mo.post(&at(&id, "/merge"), json!({ "other": other })).id();
        t.clock.advance_seconds(60);
        rea.command(&format!("/api/v1/merges/{merge}/accept")).ok();
        decline(&ada, &id);
        rea.post(&at(&id, "/appeal"), json!({ "text": "Look again." })).ok();
        let back = json!({ "outcome": "reopened", "reason": "It is good." });
        abe.post(&at(&id, "/appeal/answer"), back).ok();
        let now = rea.get(&at(&id, "")).ok();
        assert_eq!(now["status"], "changes_requested");
        assert!(now["status_reason"].as_str().expect("why").contains("submit it again"), "{now}");
        // Until it is handed in, others read what was, and no day passes.
        let read = || abe.get(&at(&id, "")).ok()["body"].as_str().expect("a text").to_owned();
        assert!(!read().contains("Merged from"), "{}", read());
        assert!(rea.get(&at(&id, "/clock")).ok()["paused_since"].is_string());
        let told = mails(&web, &rea, "Your application is looked at again");
        assert!(told[0].replace('\n', " ").contains("and submit it again"), "{}", told[0]);
        assert_eq!(rea.command(&at(&id, "/submit")).ok()["status"], "submitted");
        assert!(read().contains("Merged from"), "{}", read());
    }

    fn who_was_asked_onto_it_is_asked_again_when_it_comes_back(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, mo, ada) = (web.person("Rea"), web.person("Mo"), field.desk.admin.clone());
        let abe = web.with_role("Abe", Role::Admin);
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let id = submitted(&field, &rea);
        ada.post(&at(&id, "/request-changes"), json!({ "reason": "Say how." })).ok();
        let seat = json!({ "email": mo.email, "name": "Mo" });
        let seat = rea.post(&at(&id, "/members"), seat).id();
        decline(&ada, &id);
        assert_eq!(times(&field, &mo, "An invitation was taken back"), 1);
        rea.post(&at(&id, "/appeal"), json!({ "text": "Look again." })).ok();
        let back = json!({ "outcome": "reopened", "reason": "It is good." });
        abe.post(&at(&id, "/appeal/answer"), back).ok();
        let told = mails(&web, &mo, "You are asked onto a team again");
        assert!(told.len() == 1 && told[0].contains("Rea"), "{told:?}");
        // Whoever has that mail can answer.
        let (_, rest) = told[0].split_once("#token=").expect("a link with a token");
        let token = json!({ "token": rest.split_whitespace().next().expect("a token") });
        let accept = at(&id, &format!("/members/{seat}/accept"));
        assert_eq!(web.person("Una").post(&accept, token).ok()["consent"], "accepted");
    }

    fn who_is_one_with_who_declined_does_not_answer(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        for way in WAYS {
            let (rea, decliner) = (web.person("Rea"), web.with_role("Dee", Role::Admin));
            let twin = web.with_role("Twin", Role::Admin);
            let id = submitted(&field, &rea);
            decline(&decliner, &id);
            rea.post(&at(&id, "/appeal"), json!({ "text": "Look again." })).ok();
            one_with(&decliner, &twin, (way, SHARED));
            let upheld = json!({ "outcome": "upheld", "reason": "We read it." });
            let answer = |who: &Client| who.post(&at(&id, "/appeal/answer"), upheld.clone());
            refused(&answer(&twin), way);
            answer(&decliner).refused(403, "two_persons");
            answer(&field.desk.admin).ok();
        }
    }

    fn where_nobody_may_answer_an_appeal_it_is_said(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, ada) = (web.person("Rea"), field.desk.admin.clone());
        terms(&field, json!({ "appeals": "appeal", "appeal_days": 10 }));
        let id = submitted(&field, &rea);
        decline(&ada, &id);
        rea.post(&at(&id, "/appeal"), json!({ "text": "Look again." })).ok();
        let told = mails(&web, &ada, "An appeal waits");
        assert!(told.len() == 1 && told[0].contains("there is no other admin"), "{told:?}");
    }
}
