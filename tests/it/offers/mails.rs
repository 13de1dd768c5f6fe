//! Mails about offers, read whole: what is so, until when, and where to look.

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::post::Post;
use serde_json::json;

both! {
    fn each_mail_about_an_offer_says_what_is_so_and_where_to_look(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (admin, rea) = (&field.desk.admin, web.person("Rea Searcher"));
        let application = field.applies(&rea, "10.00", "1000.00");
        let backer = field.backer_with("500.00", json!({ "approval_threshold": usd("100.00") }));
        let until = t.clock.now().plus_seconds(9 * 86_400);
        let says = |mail: &Post, words: &str, link: String| {
            assert!(mail.text.contains(words), "{words}: {}", mail.text);
            assert!(mail.links(&web).contains(&link), "{link}: {}", mail.text);
        };
        backer.offer_with(&application, "90.00", json!({ "expires_at": until })).ok();
        let told = web.mail(&rea.email, "An offer of 90.00 USD");
        let lapses = "If it is not, this offer lapses at 2026-11-11 09:00 UTC.";
        says(&told, lapses, format!("/applications/{application}"));
        assert!(!told.text.contains("Please do this"), "{}", told.text);
        // One that is below the threshold alone asks for another reason than one that is not.
        let split = backer.offer(&application, "20.00").id();
        let told = web.mail(&admin.email, "Approve or deny an offer of 20.00 USD");
        let words = "counts together with what they or their budget offered, or what they \
                     approved of others', within 30 days to the same applicant";
        says(&told, words, format!("/offers/{split}"));
        let large = backer.offer(&application, "120.00").id();
        let told = web.mail(&admin.email, "Approve or deny an offer of 120.00 USD");
        let words = "That is above what their budget lets them promise alone.";
        says(&told, words, format!("/offers/{large}"));
        admin.command(&format!("/api/v1/offers/{large}/approve")).ok();
        let told = web.mail(&backer.who.email, "Your offer of 120.00 USD was approved");
        says(&told, "was approved and stands", format!("/offers/{large}"));
        let asks = field.backer("500.00");
        asks.offer_with(&application, "50.00", json!({ "if_others": usd("400.00") })).ok();
        let grant = field.awarded(&application);
        let told = web.mail(&backer.who.email, "Your offer of 90.00 USD became part of a grant");
        let words = "All of your offer, 90.00 USD, is committed to the grant.";
        says(&told, words, format!("/grants/{grant}"));
        // What was not part of it was not needed, each for its reason.
        let told = web.mail(&asks.who.email, "An offer of 50.00 USD");
        let words = "without it, as its condition did not hold: others brought too little.";
        assert!(told.text.contains(words), "{}", told.text);
        let told = web.mail(&backer.who.email, "An offer of 20.00 USD");
        let words = "was awarded before anybody approved it. The money is back in your budget.";
        assert!(told.text.contains(words), "{}", told.text);
    }
}
