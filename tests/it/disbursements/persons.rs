//! Persons are compared, not roles: who drafts, approves, sends, and who is paid.

use crate::support::Harness;
use crate::support::payday::{Payday, planned, submitted_payee, us_payee};
use crate::support::web::{Client, Reply};
use almoner::kernel::actor::Role;
use serde_json::json;

/// A payment in each state in which somebody may act on it.
struct Payments {
    grant: String,
    drafted: String,
    approved: String,
    instructed: String,
    returned: String,
    batch: String,
}

fn payments(payday: &Payday<'_>, team: &[&Client]) -> Payments {
    let amounts = ["1.00", "2.00", "3.00", "4.00", "5.00"];
    let grant = payday.active(planned(&amounts.map(|a| (a, "on_activation"))), team);
    let instructed = payday.payment(&grant, 3, &["approve", "batch"]);
    let batch = payday.disbursement(&instructed)["batch_id"].as_str().expect("an id").to_owned();
    Payments {
        drafted: payday.payment(&grant, 1, &[]),
        approved: payday.payment(&grant, 2, &["approve"]),
        instructed,
        returned: payday.payment(&grant, 4, &["approve", "batch", "return"]),
        batch,
        grant,
    }
}

impl Payments {
    fn act(&self, payday: &Payday<'_>, who: &Client, act: &str) -> Reply {
        let command = |id: &str| who.command(&format!("/api/v1/disbursements/{id}/{act}"));
        let because = |id: &str| {
            let path = format!("/api/v1/disbursements/{id}/{act}");
            who.post(&path, json!({ "reason": "Because." }))
        };
        let batch = format!("/api/v1/payment-batches/{}", self.batch);
        match act {
            "draft" => payday.draft_as(who, &self.grant, 5, true),
            "approve" => command(&self.drafted),
            "void" => because(&self.drafted),
            "send" => payday.batch_as(who, &[&self.approved]),
            "settle" => command(&self.instructed),
            "settle all" => who.command(&format!("{batch}/settle")),
            "return" => because(&self.instructed),
            "retry" => command(&self.returned),
            _ => who.command(&format!("{batch}/file")),
        }
    }
    #[track_caller]
    fn all_refused(&self, payday: &Payday<'_>, who: &Client, status: u16, code: &str, but: &str) {
        let ids = [&*self.drafted, &self.approved, &self.instructed, &self.returned];
        for act in ACTS.iter().filter(|act| **act != but) {
            let reply = self.act(payday, who, act);
            assert_eq!(reply.status, status, "{act}: {}", reply.text());
            reply.refused(status, code);
        }
        let statuses = ids.map(|id| payday.status(id));
        assert_eq!(statuses, ["drafted", "approved", "instructed", "returned"]);
        payday.check();
    }
}

/// Everything that moves a payment on, and the file.
const ACTS: [&str; 9] =
    ["draft", "approve", "void", "send", "settle", "settle all", "return", "retry", "file"];

/// Grants or removes a role, which ends all sessions; the same person, signed in again.
fn role(payday: &Payday<'_>, who: &Client, role: &str, act: &str) -> Client {
    let path = format!("/api/v1/people/{}/{act}-role", who.id());
    payday.field.desk.admin.post(&path, json!({ "role": role })).ok();
    // Each code of a second factor is good once.
    payday.web.env().clock.advance_seconds(90);
    payday.web.sign_in(who.clone())
}

both! {
    fn who_has_no_role_for_it_moves_nothing(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let tom = web.person("Tom Team");
        let it = payments(&payday, &[&tom]);
        let other = payday.field.backer("10.00").who;
        let auditor = web.with_role("Aud Itor", Role::Auditor);
        let passer_by = web.person("Passer By");
        let people = [&payday.ada, &tom, &payday.backer.who, &other, &auditor, &passer_by];
        for who in people {
            it.all_refused(&payday, who, 403, "forbidden", "");
        }
        it.all_refused(&payday, &web.anonymous(), 401, "unauthenticated", "");
        let detail = format!("/api/v1/disbursements/{}", it.drafted);
        let batch = format!("/api/v1/payment-batches/{}", it.batch);
        let lists = ["/api/v1/disbursements", "/api/v1/payment-batches"];
        for who in [&payday.ada, &auditor, &payday.field.desk.admin, &payday.fay] {
            who.get(&detail).ok();
        }
        for who in [&tom, &payday.backer.who, &other, &passer_by] {
            let hidden = who.get(&detail).refused(404, "not_found");
            let nobody = "/api/v1/disbursements/01a19b7c-a680-7035-80a7-6d853561f4e6";
            assert_eq!(hidden["detail"], who.get(nobody).refused(404, "not_found")["detail"]);
        }
        for who in [&payday.ada, &tom, &payday.backer.who, &other, &passer_by] {
            for path in [&*batch, lists[0], lists[1]] {
                who.get(path).refused(403, "forbidden");
            }
        }
        for path in [&*detail, &*batch, lists[0], lists[1]] {
            web.anonymous().get(path).refused(401, "unauthenticated");
            auditor.get(path).ok();
        }
        // An admin approves, and nothing else.
        it.all_refused(&payday, &payday.field.desk.admin.clone(), 403, "forbidden", "approve");
    }

    fn who_is_paid_moves_nothing_whatever_they_become(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let tom = web.person("Tom Team");
        let it = payments(&payday, &[&tom]);
        for who in [&payday.ada, &tom] {
            let who = role(&payday, who, "finance", "grant");
            let who = role(&payday, &who, "admin", "grant");
            it.all_refused(&payday, &who, 403, "two_persons", "");
        }
        // Somebody of finance with a payee of the same account would be paid under another name.
        let cleo = web.with_role("Cleo", Role::Finance);
        let file = format!("/api/v1/payment-batches/{}/file", it.batch);
        assert_eq!(cleo.command(&file).status, 200, "as long as she has none");
        submitted_payee(&cleo, us_payee("000123456789", json!({ "name": "Cleo" })));
        it.all_refused(&payday, &cleo, 403, "two_persons", "");
    }

    fn drafter_approver_and_sender_are_not_one(t: &Harness) {
        let web = t.serve();
        let mut payday = web.payday();
        let grant = payday.grant(&["1.00", "2.00"]);
        let id = payday.payment(&grant, 1, &[]);
        let at = |act: &str| format!("/api/v1/disbursements/{id}/{act}");
        payday.fia = role(&payday, &payday.fia, "admin", "grant");
        payday.fia.command(&at("approve")).refused(403, "two_persons");
        payday.fia = role(&payday, &payday.fia, "finance", "remove");
        payday.fia.command(&at("approve")).refused(403, "two_persons");
        payday.fia = role(&payday, &payday.fia, "finance", "grant");
        // Who became finance after it was drafted may approve; who approved may not send, nor
        // fetch the file once it is in a batch, whatever else they are.
        let nora = web.person("Nora");
        nora.command(&at("approve")).refused(403, "forbidden");
        let nora = role(&payday, &nora, "finance", "grant");
        nora.command(&at("approve")).ok();
        payday.batch_as(&nora, &[&id]).refused(403, "two_persons");
        let nora = role(&payday, &nora, "admin", "grant");
        payday.batch_as(&nora, &[&id]).refused(403, "two_persons");
        let batch = payday.batch(&[&id]).id();
        let file = format!("/api/v1/payment-batches/{batch}/file");
        nora.command(&file).refused(403, "two_persons");
        assert_eq!(payday.file(&batch).status, 200);
        // Whoever lost the role may nothing more.
        let nora = role(&payday, &nora, "finance", "remove");
        nora.command(&at("settle")).refused(403, "forbidden");
        payday.give_back(&id).ok();
        // Another try: who drafts it now does not approve it, whoever did the first time.
        let nora = role(&payday, &nora, "finance", "grant");
        nora.command(&at("retry")).ok();
        nora.command(&at("approve")).refused(403, "two_persons");
        assert_eq!(payday.disbursement(&id)["drafted_by"], json!(nora.id()));
        payday.fia.command(&at("approve")).ok();
        payday.batch(&[&id]).refused(403, "two_persons");
        payday.batch_as(&nora, &[&id]).ok();
        payday.check();
    }
}
