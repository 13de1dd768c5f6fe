//! Who stands behind a payment: whoever approved it may still do so, its recipient is not
//! suspended, and its payee is as it was looked at and can be told to a bank.

use super::{held, unchanged};
use crate::support::Harness;
use crate::support::payday::{Payday, at, planned, verify_payee};
use almoner::kernel::actor::Role;
use almoner::kernel::money::Currency;
use almoner::payees;
use almoner::platform::db::Conn;
use serde_json::{Value, json};

fn batch_of(payday: &Payday<'_>, id: &str) -> String {
    payday.disbursement(id)["batch_id"].as_str().expect("an id").to_owned()
}

#[track_caller]
fn says(problem: &Value, words: &str) {
    assert!(problem["detail"].as_str().expect("text").contains(words), "{problem}");
}

both! {
    fn an_approval_counts_while_its_approver_may_approve(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let nora = web.with_role("Nora", Role::Finance);
        let neil = web.with_role("Neil", Role::Admin);
        let grant = payday.grant(&["1.00", "2.00", "3.00"]);
        let ids = [1, 2, 3].map(|n| payday.payment(&grant, n, &[]));
        nora.command(&at(&ids[0], "approve")).ok();
        nora.command(&at(&ids[1], "approve")).ok();
        neil.command(&at(&ids[2], "approve")).ok();
        let batch = payday.batch(&[&ids[1]]).id();
        let admin = &payday.field.desk.admin;
        let role = |act: &str| {
            let path = format!("/api/v1/people/{}/{act}-role", nora.id());
            admin.post(&path, json!({ "role": "finance" })).ok();
        };
        role("remove");
        let words = "may not approve payments any more";
        says(&held(&payday, &ids[0], "batch"), words);
        let told = unchanged(&payday, &[&ids[1]], || payday.file(&batch));
        says(&told.refused(409, "wrong_state"), words);
        // Drafted and approved anew, it goes out; and so does the rest once she may again.
        payday.void(&ids[0]).ok();
        payday.payment(&grant, 1, &["approve", "batch"]);
        role("grant");
        assert_eq!(payday.file(&batch).status, 200);
        let path = format!("/api/v1/people/{}/suspend", neil.id());
        admin.post(&path, json!({ "reason": "Gone." })).ok();
        says(&held(&payday, &ids[2], "batch"), words);
        payday.check();
    }

    fn nothing_more_is_paid_to_who_is_suspended(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00", "3.00", "4.00"]);
        let drafted = payday.payment(&grant, 1, &[]);
        let approved = payday.payment(&grant, 2, &["approve"]);
        let sent = payday.payment(&grant, 3, &["approve", "batch"]);
        let batch = batch_of(&payday, &sent);
        let path = format!("/api/v1/grants/{grant}/tranches/4/disbursement");
        let asked = || payday.fia.get("/api/v1/me/next").ok().to_string().contains(&path);
        assert!(asked());
        assert_eq!(payday.disbursement(&drafted)["recipient_suspended"], false);
        let path = format!("/api/v1/people/{}/suspend", payday.ada.id());
        payday.field.desk.admin.post(&path, json!({ "reason": "Under inquiry." })).ok();
        let words = "The recipient is suspended";
        says(&payday.draft(&grant, 4).refused(409, "wrong_state"), words);
        assert!(!asked());
        says(&held(&payday, &drafted, "approve"), words);
        says(&held(&payday, &approved, "batch"), words);
        let told = unchanged(&payday, &[&sent], || payday.file(&batch));
        says(&told.refused(409, "wrong_state"), words);
        assert_eq!(payday.disbursement(&drafted)["recipient_suspended"], true);
        // What the bank did is recorded all the same.
        payday.settle(&sent).ok();
        payday.give_back(&sent).ok();
        says(&held(&payday, &sent, "retry"), words);
        payday.check();
    }

    fn another_address_is_looked_at_before_it_is_paid(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00"]);
        let approved = payday.payment(&grant, 1, &["approve"]);
        let sent = payday.payment(&grant, 2, &["approve", "batch"]);
        let batch = batch_of(&payday, &sent);
        let path = format!("/api/v1/payees/{}", payday.payee);
        let etag = payday.ada.get(&path).etag().to_owned();
        payday.ada.patch(&path, &etag, json!({ "town": "Somewhere" })).ok();
        let all = || {
            held(&payday, &approved, "batch");
            unchanged(&payday, &[&sent], || payday.file(&batch)).refused(409, "wrong_state");
        };
        all();
        web.work();
        verify_payee(&payday.fia, &payday.payee);
        web.work();
        all();
        // It is the same account: nobody waits three days for it.
        payday.void(&approved).ok();
        let again = payday.payment(&grant, 1, &["approve", "batch"]);
        assert!(payday.file(&batch_of(&payday, &again)).text().contains("Somewhere"));
        payday.check();
    }

    fn an_imported_payee_is_told_to_no_bank(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (ctx, ada) = (web.system(), payday.ada.id());
        let usd = Currency::parse("USD").expect("known");
        let make =
            |conn: &mut Conn| payees::service::external(conn, &ctx, ada, "Ada Researcher", usd);
        let external = t.db.write_now("test.external", make).expect("an import").to_string();
        let grant = payday.awarded(&payday.ada, planned(&[("1.00", "on_activation")]), &[]);
        payday.activate(&payday.ada, &external, &grant);
        let path = format!("/api/v1/grants/{grant}/tranches/1/disbursement");
        let asked = || payday.fia.get("/api/v1/me/next").ok().to_string().contains(&path);
        assert!(!asked());
        let told = payday.draft(&grant, 1).refused(409, "wrong_state");
        says(&told, "imported without an account");
        payday.check();
    }
}
