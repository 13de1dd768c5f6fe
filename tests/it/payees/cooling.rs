//! The cooling period, and what the owner is told.

use super::*;

both! {
    fn a_change_waits_three_days(t: &Harness) {
        let web = t.serve();
        let (ada, finn) = (web.person("Ada"), web.with_role("Finn", Role::Finance));
        let id = verified(&ada, &finn, iban(IBAN), "EUR");
        assert_eq!(usable(t, &web, &id), "ok");
        web.work();
        let mails = count_mails(t);
        let changed = edit(&ada, &id, json!({ "account": iban(OTHER_IBAN) })).ok();
        assert_eq!(changed["status"], "submitted");
        assert_eq!(changed["usable_from"], "2026-11-05T09:00:00Z");
        assert_eq!(usable(t, &web, &id), "wrong_state");
        web.work();
        assert_eq!(count_mails(t), mails + 1, "the owner is told");
        assert!(newest_mail(t).contains("DE •••• 3000 to GB •••• 6819"), "{}", newest_mail(t));
        verify(&finn, &id).ok();
        t.clock.advance_seconds(72 * HOUR - 1);
        assert_eq!(usable(t, &web, &id), "cooling_period");
        t.clock.advance_seconds(2);
        assert_eq!(usable(t, &web, &id), "ok");
        // There and back again: counted from the last change.
        edit(&ada, &id, json!({ "account": iban(IBAN) })).ok();
        t.clock.advance_seconds(HOUR);
        edit(&ada, &id, json!({ "account": iban(OTHER_IBAN) })).ok();
        verify(&finn, &id).ok();
        t.clock.advance_seconds(72 * HOUR - 1);
        assert_eq!(usable(t, &web, &id), "cooling_period");
        t.clock.advance_seconds(1);
        assert_eq!(usable(t, &web, &id), "ok");
        // Rejected and handed in again: the wait goes on.
        edit(&ada, &id, json!({ "name": "Ada King" })).ok();
        finn.post(&at(&id, "/reject"), json!({ "reason": "who?" })).ok();
        ada.command(&at(&id, "/submit")).ok();
        verify(&finn, &id).ok();
        assert_eq!(usable(t, &web, &id), "cooling_period");
        assert_eq!(count(&web, "SELECT COUNT(*) FROM events WHERE name = 'payee_changed'"), 4);
        // A street pays nobody else: it is looked at, and nobody waits.
        t.clock.advance_seconds(73 * HOUR);
        edit(&ada, &id, json!({ "address": "Elsewhere 1" })).ok();
        assert_eq!(usable(t, &web, &id), "wrong_state");
        verify(&finn, &id).ok();
        assert_eq!(usable(t, &web, &id), "ok");
    }

    fn a_mail_says_what_was_changed_and_from_when_it_is_paid_to(t: &Harness) {
        let web = t.serve();
        let (ada, finn) = (web.person("Ada"), web.with_role("Finn", Role::Finance));
        let id = verified(&ada, &finn, iban(IBAN), "EUR");
        let told = || web.mail(&ada.email, "Your bank details were changed").text;
        // Another name is the fraud to be seen: the account reads as before.
        edit(&ada, &id, json!({ "name": "Eve Other" })).ok();
        let text = told();
        let name = "were changed: the name from “Ada Lovelace” to “Eve Other”.";
        assert!(text.contains(name) && !text.contains("••••"), "{text}");
        verify(&finn, &id).ok();
        let text = web.mail(&ada.email, "Your bank details were verified").text;
        let from = "Payments to it begin at 2026-11-05 09:00 UTC at the earliest.";
        assert!(text.contains(from), "{text}");
        edit(&ada, &id, json!({ "country": "fr", "account": iban(OTHER_IBAN) })).ok();
        let text = told();
        let both = "the country from DE to FR; the account from DE •••• 3000 to GB •••• 6819.";
        assert!(text.contains(both), "{text}");
        let another = json!({ "method": "iban", "iban": OTHER_IBAN, "bic": "NWBKGB2L" });
        edit(&ada, &id, json!({ "account": another })).ok();
        let text = told();
        let again = "the account GB •••• 6819 was sent again (its number is the same, its BIC or \
                     kind may be another).";
        assert!(text.contains(again), "{text}");
        edit(&ada, &id, json!({ "town": "Bonn" })).ok();
        let text = told();
        assert!(text.contains("were changed: the town is another now."), "{text}");
        assert!(!text.contains("Bonn") && !text.contains("hours"), "{text}");
    }

    fn another_payee_is_no_way_round_the_wait(t: &Harness) {
        let web = t.serve();
        let (ada, finn) = (web.person("Ada"), web.with_role("Finn", Role::Finance));
        let early = submitted(&ada, iban(OTHER_IBAN), "GBP");
        let silent = submitted(&ada, iban(OTHER_IBAN), "EUR");
        let first = verified(&ada, &finn, iban(IBAN), "EUR");
        assert_eq!(usable(t, &web, &first), "ok");
        web.work();
        let mails = count_mails(t);
        let second = ada.post("/api/v1/payees", form(iban(OTHER_IBAN), "EUR"));
        assert_eq!(second.ok()["usable_from"], "2026-11-05T09:00:00Z");
        web.work();
        assert_eq!(count_mails(t), mails + 1);
        assert!(newest_mail(t).contains("If this was not you"));
        ada.command(&at(&second.id(), "/submit")).ok();
        verify(&finn, &second.id()).ok();
        assert_eq!(usable(t, &web, &second.id()), "cooling_period");
        // Nor is one from before, changed now.
        edit(&ada, &early, json!({ "name": "Eve" })).ok();
        verify(&finn, &early).ok();
        assert_eq!(usable(t, &web, &early), "cooling_period");
        // Nor is one that was handed in with the first, and verified later.
        web.work();
        let mails = count_mails(t);
        verify(&finn, &silent).ok();
        assert_eq!(usable(t, &web, &silent), "cooling_period");
        web.work();
        assert_eq!(count_mails(t), mails + 2, "that it was added, and that it was verified");
        t.clock.advance_seconds(72 * HOUR);
        for payee in [&second.id(), &early, &silent] {
            assert_eq!(usable(t, &web, payee), "ok");
        }
        for _ in 0..16 {
            ada.post("/api/v1/payees", form(iban(IBAN), "EUR")).ok();
        }
        ada.post("/api/v1/payees", form(iban(IBAN), "EUR")).refused(409, "limit_reached");
    }
}

fn mails(t: &Harness) -> Vec<std::path::PathBuf> {
    let folder = t.dir().join("mail");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|e| e.expect("readable").path()).collect();
    files.sort();
    files
}

fn count_mails(t: &Harness) -> usize {
    mails(t).len()
}

/// The text of the mail that was written last.
fn newest_mail(t: &Harness) -> String {
    let newest = mails(t).pop().expect("a mail");
    let bytes = std::fs::read(newest).expect("readable");
    let mail = mail_parser::MessageParser::default().parse(&bytes).expect("a mail");
    mail.body_text(0).expect("a text").into_owned()
}
