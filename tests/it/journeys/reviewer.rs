//! Una, who reviews, and reads what others said once hers is in.

use super::*;

/// A whole review.
fn scores() -> Value {
    let one = |key: &str| json!({ "key": key, "score": 4, "comment": "Because." });
    let all = ["merit", "feasibility", "team", "value"].map(one);
    json!({ "scores": all, "comment": "Fund it: canary.", "recommendation": "fund" })
}

both! {
    fn from_the_question_to_the_decision(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let reviewer = |name: &str| web.with_role(name, Role::Reviewer);
        let (una, uwe) = (reviewer("Una"), reviewer("Uwe"));
        let rea = web.newcomer("rea@uni.example", "Rea Searcher");
        let application = handed_in(&field, &rea);
        assert_eq!(steps(&una), Vec::<Value>::new());
        for who in [&una, &uwe] {
            let form = json!({ "person_id": who.id(), "due_on": "2026-11-20" });
            admin.post(&format!("{application}/reviewers"), form).ok();
        }
        // The mail and the list of what is to do lead to the same review.
        let review = mailed(&web, &una, "Please review: A quiet lens");
        let submit = asked_to(&una, "/submit");
        assert_eq!(submit, format!("{review}/submit"));
        assert_eq!(steps(&una)[0]["todo"][0]["due_on"], "2026-11-20");
        assert_eq!(una.get(&format!("{review}/application")).ok()["body"], "We grind it.");
        let own = una.get(&review);
        assert_eq!(own.ok()["rubric"].as_array().map(Vec::len), Some(4));
        // Nothing else of it, and nobody else's review.
        let theirs = mailed(&web, &uwe, "Please review: A quiet lens");
        assert_ne!(theirs, review);
        let hidden = ["", "/reviews", "/offers", "/members"].map(|r| format!("{application}{r}"));
        out_of_sight(&una, &hidden);
        out_of_sight(&una, std::slice::from_ref(&theirs));
        una.get(&format!("{review}/summary")).refused(409, "wrong_state");
        out_of_sight(&rea, &[review.clone(), theirs.clone(), format!("{application}/reviews")]);
        una.patch(&review, own.etag(), scores()).ok();
        una.command(&submit).ok();
        assert_eq!(asked(&una), Vec::<String>::new());
        // Hers is in: she sees the figures; Uwe, whose is not, sees nothing of it.
        assert!(!uwe.get(&theirs).text().contains("canary"));
        uwe.get(&format!("{theirs}/summary")).refused(409, "wrong_state");
        out_of_sight(&uwe, std::slice::from_ref(&review));
        let summary = una.get(&format!("{review}/summary")).ok();
        assert!(summary.to_string().contains("80.00"), "{summary}");
        uwe.patch(&theirs, uwe.get(&theirs).etag(), scores()).ok();
        uwe.command(&asked_to(&uwe, "/submit")).ok();
        assert!(uwe.get(&format!("{theirs}/summary")).text().contains("canary"));
        // Who asked is told where all of them are.
        let all = mailed(&web, admin, "All reviews are in");
        assert_eq!(all, format!("{application}/reviews"));
        assert!(admin.get(&all).text().contains("canary"));
        let decision = json!({ "outcome": "advance", "reason": "Both say so." });
        una.post(&format!("{all}/decide"), decision.clone()).refused(403, "forbidden");
        admin.post(&format!("{all}/decide"), decision).ok();
        assert!(!rea.get(&application).text().contains("canary"));
        web.every_link_leads_to_a_page();
    }
}
