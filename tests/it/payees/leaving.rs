//! What leaves the service as a file of its own, backups and exports, holds no account number.

use super::secrets::{CANARY_NUMBER, sings};
use crate::support::payday::{planned, us_payee, verified_payee};
use crate::support::{Harness, Side, cluster};
use almoner::kernel::actor::Role;
use serde_json::json;
use std::process::Command;

/// Runs the program; what it wrote to the terminal.
fn program(t: &Harness, args: &[&str]) -> Vec<u8> {
    let done =
        t.program(args).env("ALMONER__LOG__LEVEL", "trace").output().expect("the program starts");
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    [done.stdout, done.stderr].concat()
}

/// All that a backup holds, readable: the file of SQLite, or what `pg_restore` makes of it.
fn opened(t: &Harness, backup: &[u8]) -> Vec<u8> {
    let begins: &[u8] = if t.side == Side::Sqlite { b"SQLite format 3" } else { b"PGDMP" };
    let at = backup.windows(begins.len()).position(|w| w == begins).expect("a plain copy");
    let copy = &backup[at..];
    if t.side == Side::Sqlite {
        return copy.to_vec();
    }
    let file = t.dir().join("copy.dump");
    std::fs::write(&file, copy).expect("written");
    let restore = cluster::binaries().expect("PostgreSQL is here").join("pg_restore");
    let done = Command::new(restore).args(["--file", "-"]).arg(&file).output().expect("it runs");
    done.stdout
}

both! {
    fn no_backup_and_no_export_holds_an_account(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let who = web.person("Some Body");
        let form = us_payee(CANARY_NUMBER, json!({ "town": "Canary Row" }));
        let payee = verified_payee(&payday.field.desk, &who, form);
        let plan = planned(&[("1.00", "on_activation"), ("2.00", "on_activation")]);
        let grant = payday.awarded(&who, plan, &[]);
        payday.activate(&who, &payee, &grant);
        payday.payment(&grant, 1, &["approve", "batch", "settle"]);
        let waits = payday.payment(&grant, 2, &["approve", "batch"]);
        let batch = payday.disbursement(&waits)["batch_id"].as_str().expect("an id").to_owned();
        assert!(sings(&payday.file(&batch).bytes).is_some(), "the one place where it is");
        web.work();
        let backup = t.dir().join("plain.backup");
        program(t, &["backup", backup.to_str().expect("plain")]);
        let inside = opened(t, &std::fs::read(&backup).expect("a backup"));
        let holds = |word: &str| inside.windows(word.len()).any(|w| w == word.as_bytes());
        assert!(holds("Canary Row"), "what is there is found");
        assert_eq!(sings(&inside), None);
        let mut all = Vec::new();
        for format in ["csv", "jsonl", "hledger", "beancount"] {
            all.push(program(t, &["export", "ledger", "--format", format, "--book", "both"]));
        }
        all.push(program(t, &["export", "360giving"]));
        let auditor = web.with_roles("Audrey", &[Role::Admin, Role::Finance, Role::Auditor]);
        let exports = [
            "/api/v1/ledger/export?format=csv&book=both",
            "/api/v1/ledger/export?format=jsonl&book=both",
            "/api/v1/ledger/export?format=hledger",
            "/api/v1/ledger/export?format=beancount",
            "/api/v1/exports/360giving",
            "/api/v1/audit?limit=200",
        ];
        for path in exports {
            let reply = auditor.get(path);
            assert_eq!(reply.status, 200, "{path}: {}", reply.text());
            all.push(reply.bytes);
        }
        for export in all {
            assert!(export.len() > 20, "there is something in it");
            assert_eq!(sings(&export), None, "{}", String::from_utf8_lossy(&export));
        }
    }
}
