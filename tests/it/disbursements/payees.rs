//! What was approved is what is paid: other bank details, another payee, a grant that is held.

use super::{held, unchanged};
use crate::ledger::setting;
use crate::support::Harness;
use crate::support::desk::threads;
use crate::support::payday::{Payday, name_payee, us_payee, verified_payee, verify_payee};
use crate::support::web::Reply;
use almoner::grants;
use almoner::platform::db::Conn;
use serde_json::json;

pub(super) const NEW: &str = "000987654321";
/// The cooling period of a change, and a second.
pub(super) const COOLED: i64 = 72 * 3600 + 1;

/// Ada changes her account.
pub(super) fn change_account(payday: &Payday<'_>) {
    let path = format!("/api/v1/payees/{}", payday.payee);
    let etag = payday.ada.get(&path).etag().to_owned();
    let account = us_payee(NEW, json!({}))["account"].clone();
    payday.ada.patch(&path, &etag, json!({ "account": account })).ok();
}

#[track_caller]
fn refuses_file(payday: &Payday<'_>, id: &str, batch: &str) {
    let file = || -> Reply { payday.file(batch) };
    let problem = unchanged(payday, &[id], file).refused(409, "wrong_state");
    assert!(problem["detail"].as_str().expect("text").contains(id), "{problem}");
}

both! {
    fn other_bank_details_need_another_draft(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00", "3.00", "4.00"]);
        let drafted = payday.payment(&grant, 1, &[]);
        let approved = payday.payment(&grant, 2, &["approve"]);
        let sent = payday.payment(&grant, 3, &["approve", "batch"]);
        let batch = payday.disbursement(&sent)["batch_id"].as_str().expect("an id").to_owned();
        assert!(payday.file(&batch).text().contains("000123456789"));
        change_account(&payday);
        let all = |code: &str| {
            payday.draft(&grant, 4).refused(409, code);
            held(&payday, &drafted, "approve");
            held(&payday, &approved, "batch");
            refuses_file(&payday, &sent, &batch);
        };
        // Not verified; then cooling; then usable, and still not what was drafted for.
        all("wrong_state");
        verify_payee(&payday.fia, &payday.payee);
        all("cooling_period");
        t.clock.advance_seconds(COOLED);
        held(&payday, &drafted, "approve");
        held(&payday, &approved, "batch");
        refuses_file(&payday, &sent, &batch);
        // Dropped and drafted again, returned and tried again: the new account is paid.
        for (old, tranche) in [(&drafted, 1), (&approved, 2)] {
            payday.void(old).ok();
            payday.payment(&grant, tranche, &["approve"]);
        }
        payday.give_back(&sent).ok();
        payday.retry(&sent).ok();
        payday.approve(&sent).ok();
        assert_eq!(payday.disbursement(&sent)["payee_version"], 2);
        let batch = payday.batch(&[&sent]).id();
        let file = payday.file(&batch).text();
        assert!(file.contains(NEW) && !file.contains("000123456789"), "{file}");
        payday.check();
    }

    fn a_draft_is_asked_for_once_it_is_taken(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00"]);
        let path = format!("/api/v1/grants/{grant}/tranches/1/disbursement");
        let asked = || payday.fia.get("/api/v1/me/next").ok().to_string().contains(&path);
        assert!(asked());
        change_account(&payday);
        assert!(!asked(), "the payee is not verified");
        web.work();
        payday.draft(&grant, 1).refused(409, "wrong_state");
        assert!(!asked(), "its paperwork is open");
        verify_payee(&payday.fia, &payday.payee);
        web.work();
        payday.draft(&grant, 1).refused(409, "cooling_period");
        assert!(!asked(), "nothing is paid for three days");
        t.clock.advance_seconds(COOLED);
        assert!(asked());
        let provide = format!("/api/v1/grants/{grant}/requirements/screening/refuse");
        payday.fay.post(&provide, json!({ "reason": "It is somebody else." })).ok();
        payday.draft(&grant, 1).refused(409, "wrong_state");
        assert!(!asked(), "the screening is open again");
    }

    fn editing_races_approving(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        // ALMONER_RACES=1000 for the whole figure.
        let rounds: usize = setting("ALMONER_RACES", 4);
        let path = format!("/api/v1/payees/{}", payday.payee);
        for round in 0..rounds {
            let grant = payday.grant(&["1.00"]);
            let id = payday.payment(&grant, 1, &[]);
            let account = format!("0009{round:08}");
            let form = json!({ "account": us_payee(&account, json!({}))["account"] });
            let etag = payday.ada.get(&path).etag().to_owned();
            let told = threads(2, |n| match n {
                0 => payday.ada.patch(&path, &etag, form.clone()).status,
                _ => payday.approve(&id).status,
            });
            assert_eq!(told[0], 200, "round {round}");
            assert!([200, 409].contains(&told[1]), "round {round}: {told:?}");
            let approved = if told[1] == 200 { "approved" } else { "drafted" };
            assert_eq!(payday.status(&id), approved, "round {round}");
            // Whoever was first: what was approved is of details that are no more.
            payday.batch(&[&id]).refused(409, "wrong_state");
            verify_payee(&payday.fia, &payday.payee);
            t.clock.advance_seconds(COOLED);
            payday.approve(&id).refused(409, "wrong_state");
            payday.batch(&[&id]).refused(409, "wrong_state");
        }
        assert_eq!(payday.books()[1], 0);
        payday.check();
    }

    fn another_payee_needs_another_draft(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00", "3.00"]);
        let drafted = payday.payment(&grant, 1, &[]);
        let approved = payday.payment(&grant, 2, &["approve"]);
        let sent = payday.payment(&grant, 3, &["approve", "batch"]);
        let batch = payday.disbursement(&sent)["batch_id"].as_str().expect("an id").to_owned();
        let second = verified_payee(&payday.field.desk, &payday.ada, us_payee(NEW, json!({})));
        t.clock.advance_seconds(COOLED);
        payday.approve(&drafted).ok();
        let drafted = { payday.void(&drafted).ok(); payday.payment(&grant, 1, &[]) };
        name_payee(&payday.ada, &grant, &second).ok();
        held(&payday, &drafted, "approve");
        held(&payday, &approved, "batch");
        refuses_file(&payday, &sent, &batch);
        // The bank says what became of what it was told of.
        payday.settle(&sent).ok();
        payday.give_back(&sent).ok();
        let again = payday.retry(&sent).ok();
        assert_eq!(again["payee_id"], json!(second));
        payday.void(&drafted).ok();
        let drafted = payday.draft(&grant, 1).ok();
        assert_eq!(drafted["payee_id"], json!(second));
        // Back to the first: what was drafted for the second is held as well.
        name_payee(&payday.ada, &grant, &payday.payee).ok();
        held(&payday, drafted["id"].as_str().expect("an id"), "approve");
        held(&payday, &sent, "approve");
        // What was drafted for the first may go, as it was approved for just that.
        payday.batch(&[&approved]).ok();
        payday.check();
    }

    fn a_payee_that_was_found_wrong_is_not_paid(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00"]);
        let approved = payday.payment(&grant, 1, &["approve"]);
        let path = format!("/api/v1/payees/{}/reject", payday.payee);
        payday.fay.post(&path, json!({ "reason": "It is not hers." })).ok();
        held(&payday, &approved, "batch");
        payday.draft(&grant, 2).refused(409, "wrong_state");
        payday.check();
    }

    fn a_paused_grant_pays_nothing_and_hears_the_bank(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let amounts = ["1.00", "2.00", "3.00", "4.00", "5.00"];
        let grant = payday.grant(&amounts);
        let drafted = payday.payment(&grant, 1, &[]);
        let approved = payday.payment(&grant, 2, &["approve"]);
        let sent = payday.payment(&grant, 3, &["approve", "batch"]);
        let settled = payday.payment(&grant, 4, &["approve", "batch", "settle"]);
        let admin = &payday.field.desk.admin;
        let on = |what: &str| format!("/api/v1/grants/{grant}/{what}");
        admin.post(&on("pause"), json!({ "reason": "Wait." })).ok();
        payday.draft(&grant, 5).refused(409, "wrong_state");
        held(&payday, &approved, "batch");
        // Nor is the bank told of what was about to be sent.
        let batch = payday.fia.get(&format!("/api/v1/disbursements/{sent}")).ok();
        let file = format!("/api/v1/payment-batches/{}/file",
            batch["batch_id"].as_str().expect("an id"));
        let told = payday.fia.command(&file).refused(409, "wrong_state");
        assert!(told["detail"].as_str().expect("text").contains("held"), "{told}");
        payday.settle(&sent).ok();
        payday.give_back(&settled).ok();
        held(&payday, &settled, "retry");
        // Two persons may agree that it is right before it goes on.
        payday.approve(&drafted).ok();
        held(&payday, &drafted, "batch");
        admin.command(&on("resume")).ok();
        payday.batch(&[&approved, &drafted]).ok();
        payday.retry(&settled).ok();
        payday.check();
        payday.field.sound();
    }

    fn a_late_word_that_it_was_verified_ends_no_hold(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00"]);
        let paper = || {
            let all = payday.fia.get(&format!("/api/v1/grants/{grant}/requirements")).ok();
            let mut items = all["items"].as_array().expect("items").iter();
            items.find(|it| it["kind"] == "payee").expect("one")["status"].clone()
        };
        change_account(&payday);
        web.work();
        assert_eq!(paper(), "provided");
        // As from a job that could not run before.
        let (ctx, id) = (web.system(), payday.payee.parse().expect("an id"));
        let late = |conn: &mut Conn| grants::service::payee_verified(conn, &ctx, id);
        t.db.write_now("test.late", late).expect("heard");
        assert_eq!(paper(), "provided");
        verify_payee(&payday.fia, &payday.payee);
        web.work();
        assert_eq!(paper(), "satisfied");
    }
}
