//! Hands in the database are found.

use super::*;

/// Whether it is valid, and whether the first signature is for this text.
fn doubts(found: &Value) -> [bool; 2] {
    [&found["valid"], &found["signatures"][0]["matches"]].map(|v| v.as_bool().expect("said"))
}

both! {
    fn a_changed_agreement_is_found(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        let grant = office.grant();
        grant.sign(&office.ada).ok();
        let sha256 = grant.sha256();
        let cast = if web.app.db.is_postgres() {
            "convert_to(replace(convert_from(body, 'UTF8'), '900.00', '990.00'), 'UTF8')"
        } else {
            "CAST(replace(CAST(body AS TEXT), '900.00', '990.00') AS BLOB)"
        };
        assert_eq!(execute(&web, &format!("UPDATE agreements SET body = {cast}")), Ok(1));
        let found = grant.verification();
        assert_eq!(doubts(&found), [false, false]);
        assert_eq!(found["sha256"], sha256);
        assert_eq!(found["faults"].as_array().map(Vec::len), Some(2));
        assert_ne!(found["computed_sha256"], found["sha256"]);
        // Nobody can sign such a text, whichever digest they send.
        grant.sign(&office.desk.admin).refused(409, "wrong_state");
        let now = found["computed_sha256"].as_str().expect("a digest").to_owned();
        let form = json!({ "typed_name": "Me", "consent": true, "sha256": now });
        office.desk.admin.post(&grant.at("/agreement/sign"), form).refused(409, "wrong_state");
        // Who changes the digest as well is given away by the signature.
        let set = format!("UPDATE agreements SET sha256 = '{now}'");
        assert_eq!(execute(&web, &set), Ok(1));
        let found = grant.verification();
        assert_eq!(doubts(&found), [false, false]);
        // And who changes the status, by the signature that is missing.
        let set = format!("UPDATE agreements SET sha256 = '{sha256}', status = 'signed'");
        assert_eq!(execute(&web, &set), Ok(1));
        let faults = grant.verification()["faults"].to_string();
        assert!(faults.contains("a signature is missing"), "{faults}");
    }

    fn signatures_and_templates_only_grow(t: &Harness) {
        let web = t.serve();
        let office = Office::open(&web);
        office.grant().sign(&office.ada).ok();
        for statement in [
            "UPDATE signatures SET typed_name = 'Eve'",
            "UPDATE signatures SET sha256 = sha256",
            "DELETE FROM signatures",
            "UPDATE templates SET body = 'x'",
            "DELETE FROM templates",
        ] {
            let refused = execute(&web, statement).expect_err("a trigger stands there");
            assert!(refused.contains("only grows"), "{statement}: {refused}");
        }
        if web.app.db.is_postgres() {
            for table in ["signatures", "templates"] {
                let refused = execute(&web, &format!("TRUNCATE {table} CASCADE"));
                assert!(refused.expect_err("a trigger").contains("only grows"));
            }
        }
    }
}
