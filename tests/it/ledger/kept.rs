//! The seal that is kept outside, by the program itself: what only it can show.

use crate::support::web::Web;
use crate::support::{Harness, Side};
use diesel::connection::SimpleConnection as _;
use std::fs;
use std::path::Path;

/// Runs `almoner check` with these words; its exit code, and all that it said.
fn check(t: &Harness, args: &[&str]) -> (Option<i32>, String) {
    let done = t.program(&["check"]).args(args).output().expect("the program starts");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    (done.status.code(), said + &String::from_utf8_lossy(&done.stderr))
}

#[track_caller]
fn against(t: &Harness, file: &Path) -> (Option<i32>, String) {
    check(t, &["--against", file.to_str().expect("plain")])
}

#[track_caller]
fn refused(found: (Option<i32>, String), why: &str) {
    assert!(found.0 == Some(1) && found.1.contains(why), "wanted {why:?}: {found:?}");
}

/// Some money comes in, and is sealed.
fn gifts(t: &Harness, web: &Web, fund: &str, count: usize) {
    let desk = web.desk();
    (0..count).for_each(|_| drop(desk.give(fund, "5.00").ok()));
    t.clock.advance_seconds(3600);
    web.work();
}

/// Takes the seals after this one away, guards and all, as if they had never been made: their
/// entries wait for theirs again.
fn unsealed(t: &Harness, after: i64) {
    let (off, on) = match t.side {
        Side::Sqlite => (
            "DROP TRIGGER ledger_seals_no_delete",
            "CREATE TRIGGER ledger_seals_no_delete BEFORE DELETE ON ledger_seals BEGIN \
             SELECT RAISE(ABORT, 'the ledger only grows'); END",
        ),
        Side::Postgres => (
            "ALTER TABLE ledger_seals DISABLE TRIGGER ledger_seals_no_delete",
            "ALTER TABLE ledger_seals ENABLE TRIGGER ledger_seals_no_delete",
        ),
    };
    let sql = format!(
        "{off}; INSERT INTO ledger_unsealed SELECT entry_id FROM ledger_seals WHERE seq > {after}; \
         DELETE FROM ledger_seals WHERE seq > {after}; {on};"
    );
    let done = t.db.write_now("test.unsealed", |conn| Ok(conn.batch_execute(&sql)?));
    done.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
}

both! {
    fn the_seal_kept_outside_finds_what_nothing_else_can(t: &Harness) {
        let web = t.serve();
        let file = t.dir().join("seal.json");
        refused(check(t, &["--seal"]), "Nothing is sealed yet");
        fs::write(&file, r#"{"seq":0,"hash":""}"#).expect("written");
        refused(against(t, &file), "is not a seal");
        let fund = web.desk().fund("General");
        gifts(t, &web, &fund, 3);
        let (code, seal) = check(t, &["--seal"]);
        assert_eq!(code, Some(0), "{seal}");
        let read: serde_json::Value = serde_json::from_str(&seal).expect("JSON alone");
        let seq = read["seq"].as_i64().expect("a number");
        assert!(seq >= 3 && read["hash"].as_str().is_some_and(|h| h.len() == 64), "{seal}");
        fs::write(&file, &seal).expect("written");
        assert_eq!(against(t, &file).0, Some(0), "whole");
        gifts(t, &web, &fund, 2);
        assert_eq!(against(t, &file).0, Some(0), "grown since");
        // Its tail is cut off: whole by itself, but not what it was.
        unsealed(t, seq - 1);
        assert_eq!(check(t, &[]).0, Some(0));
        refused(against(t, &file), &format!("the chain ends at {}, before {seq}", seq - 1));
        // Written anew, the same entries under other seals.
        t.clock.advance_seconds(3600);
        web.work();
        assert_eq!(check(t, &[]).0, Some(0));
        refused(against(t, &file), &format!("seal {seq} is not the one that was kept"));
    }

    fn what_is_no_seal_is_refused(t: &Harness) {
        let web = t.serve();
        let fund = web.desk().fund("General");
        gifts(t, &web, &fund, 1);
        let file = t.dir().join("seal.json");
        refused(against(t, &file), "is not a seal");
        let (zeros, letters) = ("0".repeat(64), "x".repeat(64));
        for text in [
            "", "{", "[]", r#"{"seq":1}"#, r#"{"seq":1,"hash":""}"#, r#"{"seq":"1","hash":""}"#,
            &format!(r#"{{"seq":0,"hash":"{zeros}"}}"#),
            &format!(r#"{{"seq":-1,"hash":"{zeros}"}}"#),
            &format!(r#"{{"seq":1,"hash":"{letters}"}}"#),
            &format!(r#"{{"seq":1,"hash":"{zeros}0"}}"#),
        ] {
            fs::write(&file, text).expect("written");
            refused(against(t, &file), "is not a seal");
        }
        // One of another ledger is one, but not of this.
        fs::write(&file, format!(r#"{{"seq":1,"hash":"{zeros}"}}"#)).expect("written");
        refused(against(t, &file), "seal 1 is not the one that was kept");
    }
}
