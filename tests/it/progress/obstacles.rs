//! What is asked where a file would be refused, or a tranche not be released: what stands in the
//! way, of those who can do something about it.

use super::halted::{asks, screening, todo};
use super::*;
use crate::support::Harness;
use almoner::kernel::actor::Role;

const BATCHES: &str = "/api/v1/payment-batches";

/// What somebody is asked to send there, in a sentence.
#[track_caller]
fn words(who: &Client, href: &str) -> String {
    todo(who, href).expect("it is asked")["what"].to_string()
}

fn payment(id: &str, act: &str) -> String {
    format!("/api/v1/disbursements/{id}/{act}")
}

fn file(batch: &str) -> String {
    format!("{BATCHES}/{batch}/file")
}

both! {
    fn what_nobody_stands_for_any_more_is_approved_anew(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (fia, admin) = (&payday.fia, &payday.field.desk.admin);
        let nora = web.with_role("Nora", Role::Finance);
        let grant = payday.grant(&["1.00", "2.00"]);
        let [loose, sent] = [1, 2].map(|n| payday.payment(&grant, n, &[]));
        nora.command(&payment(&loose, "approve")).ok();
        nora.command(&payment(&sent, "approve")).ok();
        let batch = payday.batch(&[&sent]).id();
        assert!(asks(fia, BATCHES) && asks(fia, &file(&batch)));
        let path = format!("/api/v1/people/{}/remove-role", nora.id());
        admin.post(&path, json!({ "role": "finance" })).ok();
        payday.batch(&[&loose]).refused(409, "wrong_state");
        payday.file(&batch).refused(409, "wrong_state");
        assert!(!asks(fia, BATCHES) && !asks(fia, &file(&batch)), "they would be refused");
        let told = words(fia, &payment(&loose, "void"));
        assert!(told.contains("may not approve payments any more"), "{told}");
        let told = words(fia, &payment(&sent, "return"));
        assert!(told.contains("whoever approved a payment in it"), "{told}");
        // Both go out once somebody else has approved them.
        payday.void(&loose).ok();
        payday.payment(&grant, 1, &["approve"]);
        let form = json!({ "reason": "To be approved anew.", "not_sent": true });
        fia.post(&payment(&sent, "return"), form).ok();
        payday.retry(&sent).ok();
        payday.approve(&sent).ok();
        assert!(asks(fia, BATCHES));
        let batch = payday.batch(&[&sent]).id();
        assert!(asks(fia, &file(&batch)) && !asks(fia, &payment(&sent, "return")));
        payday.check();
    }

    fn an_admin_hears_that_a_recipient_is_suspended(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (fia, admin) = (&payday.fia, &payday.field.desk.admin);
        let grant = payday.grant(&["1.00", "2.00"]);
        let sent = payday.payment(&grant, 1, &["approve", "batch"]);
        let batch = payday.disbursement(&sent)["batch_id"].as_str().expect("an id").to_owned();
        let at = |act: &str| format!("/api/v1/grants/{grant}/{act}");
        let (pause, undo) = (at("pause"), at("tranches/2/undo-release"));
        assert!(asks(fia, &file(&batch)) && !asks(admin, &pause));
        let person = |act: &str| format!("/api/v1/people/{}/{act}", payday.ada.id());
        admin.post(&person("suspend"), json!({ "reason": "Under inquiry." })).ok();
        payday.file(&batch).refused(409, "wrong_state");
        assert!(asks(admin, &pause) && !asks(fia, &pause) && !asks(fia, &file(&batch)));
        assert!(words(admin, &pause).contains("or let them in again"));
        let out = || words(fia, &payment(&sent, "return"));
        assert!(out().contains("recipient of a payment in it is suspended"), "{}", out());
        on_grant(&payday, &grant, "pause").ok();
        assert!(!asks(admin, &pause), "it was decided");
        assert!(out().contains("grant of a payment in it is paused"), "{}", out());
        on_grant(&payday, &grant, "wind-down").ok();
        assert!(words(admin, &undo).contains("take the release of tranche 2 back"));
        admin.command(&person("reactivate")).ok();
        assert!(!asks(admin, &undo) && asks(fia, &file(&batch)));
        payday.check();
    }

    fn what_waits_for_screening_is_neither_accepted_nor_continued(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (admin, backer) = (&payday.field.desk.admin, &payday.backer.who);
        let grant = watched(&payday, &[]);
        let report = all(&payday, &grant, "reports").remove(0);
        let checkpoint = open_checkpoint(&payday, &grant);
        act(&payday, &report, "edit").ok();
        act(&payday, &report, "submit").ok();
        see(&payday.ada, &checkpoint).ok();
        let [accept, back] = ["/accept", "/return"].map(|act| path("reports", &report, act));
        let end = path("checkpoints", &checkpoint, "/decide");
        assert!(asks(backer, &accept) && !asks(backer, &back));
        screening(&payday, &grant, &["refuse"]);
        held(&payday, &grant, || act(&payday, &report, "accept"));
        held(&payday, &grant, || decide(backer, &checkpoint, "continue"));
        for who in [admin, backer] {
            assert!(!asks(who, &accept));
            assert!(words(who, &back).contains("can be accepted once screening is settled"));
            assert!(words(who, &end).contains("can continue once screening is settled"));
        }
        // So do the mails.
        act(&payday, &report, "return").ok();
        act(&payday, &report, "edit").ok();
        act(&payday, &report, "submit").ok();
        let subject = "A report on A better lens was handed in";
        let all = letters(&payday, backer);
        let (_, text) = all.iter().rev().find(|(told, _)| told == subject).expect("a mail");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("Screening of the grant is not settled"), "{text}");
        assert!(text.contains("you can ask for changes now, and accept it then."), "{text}");
        screening(&payday, &grant, &["provide", "satisfy"]);
        assert!(asks(backer, &accept) && !asks(backer, &back));
        assert!(words(backer, &end).contains("continue or rescope"), "{}", words(backer, &end));
        // What no tranche waits for can be accepted all the same.
        let free = ask(backer, &grant, "2027-01-01").ok();
        act(&payday, &free, "edit").ok();
        act(&payday, &free, "submit").ok();
        screening(&payday, &grant, &["refuse"]);
        assert!(asks(backer, &path("reports", &free, "/accept")));
        act(&payday, &free, "accept").ok();
    }
}
