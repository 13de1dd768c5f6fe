//! Who hears that an application can be awarded, where screening has a say.

use super::*;
use crate::decisions::mails;

both! {
    fn who_decides_hears_of_an_award_once_and_nothing_of_the_lane(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam, lana) = (web.person("Rea"), web.person("Sam"), lane(&field, "Lana"));
        let (one, other) = (field.backer("100.00"), field.backer("100.00"));
        let heard = |id: &str| {
            let all = mails(&web, &field.desk.admin, "Offers reach the minimum");
            all.iter().filter(|text| text.contains(id)).count()
        };
        let cleared = json!({ "outcome": "cleared", "reason": "We looked." });
        let looked_at = |id: &str| {
            let raised = raise(&sam, id, "It could hurt.").id();
            let seen = heard(id);
            lana.post(&concern(&raised, "/decide"), cleared.clone()).ok();
            (seen, heard(id))
        };
        // Held: whoever could do nothing about it yet is not told.
        let id = field.applies(&rea, "10.00", "90.00");
        one.offer(&id, "20.00").ok();
        assert_eq!(heard(&id), 0);
        answer(&rea, &id).ok();
        clear(&lana, &id).ok();
        assert_eq!(heard(&id), 1);
        // A look that comes later is nobody's to guess.
        assert_eq!(looked_at(&id), (1, 1));
        // Nor is one before the offers; then those tell.
        let next = field.applies(&rea, "10.00", "90.00");
        answer(&rea, &next).ok();
        clear(&lana, &next).ok();
        assert_eq!(looked_at(&next), (0, 0));
        other.offer(&next, "20.00").ok();
        assert_eq!(heard(&next), 1);
        // What is changed is told once more.
        t.clock.advance_seconds(60);
        let path = application(&next, "");
        let why = json!({ "reason": "Ask for less." });
        field.desk.admin.post(&application(&next, "/request-changes"), why).ok();
        let etag = rea.get(&path).etag().to_owned();
        rea.patch(&path, &etag, json!({ "amount_minimum": usd("5.00") })).ok();
        rea.command(&application(&next, "/submit")).ok();
        assert_eq!(heard(&next), 1, "it is screened anew");
        clear(&lana, &next).ok();
        assert_eq!(heard(&next), 2);
    }
}
