//! Statements that are put off to the end of their transaction.

use super::{count, keys, put};
use crate::support::{Harness, Side};
use almoner::kernel::Result;
use almoner::kernel::problem::Problem;
use almoner::platform::db::schema::meta;
use almoner::platform::db::{Conn, constraint, flush, later, savepoint};
use diesel::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn put_off(conn: &mut Conn, key: &str) -> Result<()> {
    let row = (meta::key.eq(key.to_owned()), meta::value.eq(String::new()));
    later(conn, "meta", diesel::insert_into(meta::table).values(row))
}

fn refuse<T>() -> Result<T> {
    Err(Problem::wrong_state("on purpose"))
}

both! {
    fn what_is_put_off_is_in_its_transaction(t: &Harness) {
        let many: Vec<String> = (10..60).map(|n| n.to_string()).collect();
        let work = |conn: &mut Conn| {
            put(conn, "00")?;
            many.iter().try_for_each(|key| put_off(conn, key))?;
            let before = count(conn)?;
            flush(conn)?;
            let after = count(conn)?;
            put_off(conn, "99")?;
            Ok((before, after))
        };
        let waits = if t.side == Side::Postgres { 1 } else { 51 };
        assert_eq!(t.db.write_now("test.later", work).expect("a write"), (waits, 51));
        let kept = keys(t);
        assert_eq!((kept.len(), kept.first().cloned()), (52, Some("00".into())));
        assert!(many.iter().all(|key| kept.contains(key)));
    }

    fn what_is_put_off_is_undone_with_its_transaction(t: &Harness) {
        let half = |conn: &mut Conn| {
            put_off(conn, "lost")?;
            refuse::<()>()
        };
        t.db.write_now("test.half", half).expect_err("refused");
        let panics = |conn: &mut Conn| -> Result<()> {
            put_off(conn, "lost too")?;
            panic!("on purpose");
        };
        let run = || t.db.write_now("test.panics", panics);
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
        // The next on this thread must not bring it along.
        t.db.write_now("test.next", |conn| put(conn, "next")).expect("a write");
        t.db.read_now("test.read", count).expect("a read");
        assert_eq!(keys(t), ["next"]);
    }

    fn a_savepoint_undoes_what_was_put_off_within_it(t: &Harness) {
        let work = |conn: &mut Conn| {
            put_off(conn, "a")?;
            let refused = savepoint(conn, |conn| {
                put_off(conn, "b")?;
                flush(conn)?;
                put_off(conn, "c")?;
                refuse::<()>()
            });
            refused.expect_err("on purpose");
            savepoint(conn, |conn| put_off(conn, "d"))?;
            // Whoever refuses is told within the savepoint, and the rest goes on.
            let twice = savepoint(conn, |conn| put_off(conn, "a")).expect_err("it is there");
            assert_eq!(constraint(&twice).as_deref(), Some("meta_key_key"));
            put_off(conn, "e")
        };
        t.db.write_now("test.savepoint", work).expect("a write");
        assert_eq!(keys(t), ["a", "d", "e"]);
    }

    fn a_refusal_of_what_was_put_off_keeps_nothing(t: &Harness) {
        t.db.write_now("test.put", |conn| put(conn, "a")).expect("a write");
        let work = |conn: &mut Conn| {
            put(conn, "b")?;
            put_off(conn, "a")?;
            put_off(conn, "c")
        };
        let refused = t.db.write_now("test.twice", work).expect_err("a is there already");
        assert_eq!(constraint(&refused).as_deref(), Some("meta_key_key"));
        assert_eq!(keys(t), ["a"]);
    }
}
