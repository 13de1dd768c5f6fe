//! What must be on file: who gives, who decides, in which order.

use super::*;

const ACTS: [&str; 4] = ["provide", "satisfy", "refuse", "waive"];

/// Whoever may do this.
fn hand<'a>(office: &'a Office<'_>, act: &str) -> &'a Client {
    match act {
        "provide" => &office.ada,
        "waive" => &office.desk.admin,
        _ => &office.desk.finance,
    }
}

both! {
    fn every_status_and_every_step(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let ways: [(&str, &[&str]); 5] = [
            ("open", &[]),
            ("provided", &["provide"]),
            ("satisfied", &["provide", "satisfy"]),
            ("refused", &["provide", "refuse"]),
            ("waived", &["waive"]),
        ];
        for (status, way) in ways {
            for act in ACTS {
                let grant = office.grant();
                for step in way {
                    grant.require(hand(&office, step), "tax_form", step).ok();
                }
                assert_eq!(grant.requirement_status("tax_form"), status);
                let reply = grant.require(hand(&office, act), "tax_form", act);
                let to = match (status, act) {
                    ("open" | "refused", "provide") => "provided",
                    ("provided", "satisfy") => "satisfied",
                    ("provided", "refuse") => "refused",
                    ("open", "waive") => "waived",
                    _ => {
                        reply.refused(409, "wrong_state");
                        assert_eq!(grant.requirement_status("tax_form"), status);
                        continue;
                    }
                };
                assert_eq!(reply.ok()["status"], to, "{status} {act}");
            }
        }
    }

    fn what_is_kept_of_each_step(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let grant = office.grant();
        let all = office.ada.get(&grant.at("/requirements")).ok();
        let kinds: Vec<&str> = all["items"].as_array().expect("a list").iter()
            .map(|r| r["kind"].as_str().expect("a kind")).collect();
        assert_eq!(kinds, ["agreement", "payee", "tax_form", "screening"]);
        assert!(all["items"][0]["asks"].as_str().expect("text").contains("sign"));
        assert!(all["items"][0]["due_on"].is_string());
        let given = grant.require(&office.ada, "tax_form", "provide").ok();
        assert_eq!(given["note"], "It is in the folder.");
        assert_eq!(given["provided_by"], json!(office.ada.id()));
        web.work();
        let refused = grant.require(&office.desk.finance, "tax_form", "refuse").ok();
        assert_eq!((&refused["reason"], &refused["decided_by"]),
            (&json!("It is not signed."), &json!(office.desk.finance.id())));
        assert_eq!(refused["decided_at"], "2026-11-02T09:00:00Z");
        // The recipient is told why, by mail.
        assert_eq!(web.work(), 1);
        let again = grant.require(&office.ada, "tax_form", "provide").ok();
        assert_eq!((&again["reason"], &again["decided_by"]), (&Value::Null, &Value::Null));
        let waived = grant.require(&office.desk.admin, "screening", "waive").ok();
        assert_eq!(waived["decided_by"], json!(office.desk.admin.id()));
        let path = grant.at("/requirements/tax_form");
        let finance = &office.desk.finance;
        finance.post(&format!("{path}/refuse"), json!({ "reason": "" })).wrong_fields(&["/reason"]);
        finance.post(&format!("{path}/refuse"), json!({})).wrong_fields(&["/reason"]);
        finance.post(&format!("{path}/satisfy"), json!({ "x": 1 })).wrong_fields(&["/x"]);
        let long = json!({ "note": "x".repeat(2001) });
        let empty = grant.at("/requirements/screening/provide");
        finance.post(&empty, long).wrong_fields(&["/note"]);
        let missing = grant.at("/requirements/passport/provide");
        office.ada.post(&missing, json!({})).refused(404, "not_found");
        let audited = "SELECT COUNT(*) FROM audit_log WHERE object_kind = 'grant'
            AND action IN ('provide_requirement', 'refuse_requirement', 'waive_requirement')";
        assert_eq!(count(&web, audited), 4);
    }

    fn who_may_take_which_step(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let grant = office.grant();
        let auditor = web.with_role("Audrey", Role::Auditor);
        let stranger = web.person("Eve");
        let Office { ada, rhea, desk, .. } = &office;
        for act in ACTS {
            let (status, code) = match act {
                "provide" => (404, "not_found"),
                _ => (403, "forbidden"),
            };
            grant.require(&stranger, "tax_form", act).refused(status, code);
            grant.require(rhea, "tax_form", act).refused(403, "forbidden");
            grant.require(&auditor, "tax_form", act).refused(403, "forbidden");
            grant.require(&web.anonymous(), "tax_form", act).refused(401, "unauthenticated");
        }
        grant.require(&desk.admin, "tax_form", "provide").refused(403, "forbidden");
        for act in ["satisfy", "refuse", "waive"] {
            grant.require(ada, "tax_form", act).refused(403, "forbidden");
        }
        grant.require(&desk.finance, "tax_form", "waive").refused(403, "forbidden");
        grant.require(&desk.admin, "tax_form", "satisfy").refused(403, "forbidden");
        // Finance records what came on paper; the agreement and the payee are nobody's word.
        grant.require(ada, "screening", "provide").refused(403, "forbidden");
        grant.require(&desk.finance, "screening", "provide").ok();
        grant.require(&desk.finance, "screening", "satisfy").refused(403, "two_persons");
        grant.require(&web.with_role("Fin", Role::Finance), "screening", "satisfy").ok();
        for kind in ["agreement", "payee"] {
            for act in ["provide", "satisfy", "refuse"] {
                grant.require(hand(&office, act), kind, act).refused(409, "wrong_state");
            }
        }
    }

    fn what_was_said_of_tax_and_screening_is_not_for_everybody(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let grant = office.grant();
        let Office { ada, rhea, desk, .. } = &office;
        grant.require(&desk.finance, "tax_form", "provide").ok();
        grant.require(&desk.finance, "screening", "provide").ok();
        let notes = |who: &Client| -> Vec<bool> {
            let all = who.get(&grant.at("/requirements")).ok();
            let items = all["items"].as_array().expect("a list").clone();
            let detail = who.get(&grant.at("")).ok();
            assert_eq!(detail["requirements"], all["items"], "nor by the other path");
            items[2..].iter().map(|r| r["note"].is_string()).collect()
        };
        assert_eq!(notes(ada), [true, false]);
        assert_eq!(notes(rhea), [false, false]);
        assert_eq!(notes(&desk.finance), [true, true]);
        assert_eq!(notes(&web.with_role("Audrey", Role::Auditor)), [true, true]);
    }

    fn nobody_decides_on_their_own_grant(t: &Harness) {
        let web = t.serve();
        let ada = web.with_roles("Ada", &[Role::Admin, Role::Finance]);
        let office = Office::open_for(&web, ada);
        let grant = office.grant();
        grant.require(&office.ada, "tax_form", "provide").ok();
        grant.require(&office.ada, "tax_form", "satisfy").refused(403, "two_persons");
        grant.require(&office.ada, "tax_form", "refuse").refused(403, "two_persons");
        grant.require(&office.ada, "screening", "waive").refused(403, "two_persons");
        grant.require(&office.desk.finance, "tax_form", "satisfy").ok();
    }

    fn many_hands_decide_once(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let grant = office.grant();
        grant.require(&office.ada, "tax_form", "provide").ok();
        let replies = threads(8, |n| {
            let act = if n % 2 == 0 { "satisfy" } else { "refuse" };
            grant.require(&office.desk.finance, "tax_form", act)
        });
        let done: Vec<&Reply> = replies.iter().filter(|r| r.status == 200).collect();
        assert_eq!(done.len(), 1);
        assert!(replies.iter().all(|r| r.status == 200 || r.status == 409));
        assert_eq!(grant.requirement_status("tax_form"), done[0].json()["status"]);
    }

    fn a_paper_agreement_is_waived_and_the_grant_goes_on(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let grant = office.grant();
        let id = payee(&office.ada, "USD");
        verify_payee(&office.desk.finance, &id).ok();
        grant.choose(&office.ada, &id).ok();
        assert_eq!(grant.status(), "awarded");
        grant.require(&office.desk.admin, "agreement", "waive").ok();
        assert_eq!(grant.status(), "active");
        // Signed all the same, it stays waived.
        grant.sign(&office.ada).ok();
        grant.sign(&office.desk.admin).ok();
        assert_eq!(grant.requirement_status("agreement"), "waived");
    }
}
