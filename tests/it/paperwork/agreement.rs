//! What the agreement says, and who reads it.

use super::*;
use sha2::{Digest as _, Sha256};

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

both! {
    /// Words that would like to be more than words.
    fn the_rendered_agreement(t: &Harness) {
        let web = t.serve();
        let office = Office::open_for(&web, web.person("Ada **King** {{sponsor}}"));
        let application = office.application(
            "Engines | # and {{amount}} <b>loops</b>",
            "To write down how it computes.\n\n# 3. Amount and payment\n\nThe grant is \
             1000000.00 USD.\n===\n- and more {{tranches}}",
            "Publish the code.\n\n## 8. Repayment\nNone.",
        );
        let plan = json!({ "tranches": [
            { "amount": usd("600.00"), "release_condition": "on_activation" },
            { "amount": usd("300.00"), "release_condition": "on_report", "due_on": "2027-05-01" },
        ] });
        let id = office.award(&application, plan).id();
        let text = office.ada.get(&format!("/api/v1/grants/{id}/agreement/text"));
        assert_eq!(text.status, 200);
        assert_eq!(text.header("content-type"), Some("text/markdown; charset=utf-8"));
        let disposition = format!("attachment; filename=\"agreement-{id}.md\"");
        assert_eq!(text.header("content-disposition"), Some(disposition.as_str()));
        let view = office.ada.get(&format!("/api/v1/grants/{id}/agreement")).ok();
        assert_eq!(view["sha256"], hex(&text.bytes));
        assert_eq!(view["bytes"], text.bytes.len());
        assert_eq!((&view["status"], &view["template"]), (&json!("open"), &json!(1)));
        assert!(view["consent"]["text"].as_str().expect("text").contains("on paper"));
        insta::assert_snapshot!("agreement", text.text().replace(&id, "GRANT-ID"));
        // It says the same for ever, whatever becomes of title, name or template.
        office.desk.admin.post("/api/v1/templates", json!({
            "title": "Other",
            "body": include_str!("../../../src/paperwork/templates/agreement-1.md")
                .replace("# Grant agreement", "# Another agreement"),
        })).ok();
        let again = office.rhea.get(&format!("/api/v1/grants/{id}/agreement/text"));
        assert_eq!(again.bytes, text.bytes);
    }

    fn who_reads_and_verifies_it(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let grant = office.grant();
        let auditor = web.with_role("Audrey", Role::Auditor);
        let stranger = web.with_role("Sol", Role::Regrantor);
        let paths = ["/agreement", "/agreement/text", "/agreement/verification", "/requirements"];
        for path in paths {
            let path = grant.at(path);
            for who in [&office.ada, &office.rhea, &office.desk.admin, &office.desk.finance] {
                assert_eq!(who.get(&path).status, 200, "{path}");
            }
            assert_eq!(auditor.get(&path).status, 200, "{path}");
            let hidden = stranger.get(&path).refused(404, "not_found");
            let missing = "/api/v1/grants/01930000-0000-7000-8000-000000000000/agreement";
            assert_eq!(hidden["detail"], stranger.get(missing).refused(404, "not_found")["detail"]);
            web.anonymous().get(&path).refused(401, "unauthenticated");
        }
        stranger.get("/api/v1/grants/nonsense/agreement").refused(400, "malformed_request");
        let found = grant.verification();
        assert_eq!((&found["valid"], &found["complete"]), (&json!(true), &json!(false)));
        assert_eq!(found["sha256"], found["computed_sha256"]);
        assert_eq!(found["signatures"], json!([]));
    }
}
