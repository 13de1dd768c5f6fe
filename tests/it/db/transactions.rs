//! What a transaction promises.

use super::{count, keys, put};
use crate::support::{Harness, Side, block_on};
use almoner::kernel::problem::{Kind, Problem};
use almoner::platform::db::{Conn, constraint, savepoint};
use diesel::connection::SimpleConnection as _;
use std::sync::{Arc, Mutex, mpsc};

fn refuse() -> Problem {
    Problem::wrong_state("on purpose")
}

both! {
    fn a_write_is_all_or_nothing(t: &Harness) {
        t.db.write_now("test.put", |conn| put(conn, "kept")).expect("a write");
        let half = |conn: &mut Conn| {
            put(conn, "lost")?;
            Err::<(), _>(refuse())
        };
        let refused = t.db.write_now("test.half", half).expect_err("refused");
        assert_eq!(refused.kind(), Kind::WrongState);
        let refused = block_on(t.db.write("test.half", half)).expect_err("refused");
        assert_eq!(refused.kind(), Kind::WrongState);
        block_on(t.db.write("test.put", |conn| put(conn, "too"))).expect("a write");
        assert_eq!(keys(t), ["kept", "too"]);
        assert_eq!(block_on(t.db.read("test.count", count)).expect("a read"), 2);
    }

    fn a_read_sees_one_moment(t: &Harness) {
        let read = |conn: &mut Conn| {
            let before = count(conn)?;
            std::thread::scope(|scope| {
                let write = || t.db.write_now("test.put", |conn| put(conn, "meanwhile"));
                scope.spawn(write).join().expect("no panic").expect("a write");
            });
            Ok((before, count(conn)?))
        };
        assert_eq!(t.db.read_now("test.read", read).expect("a read"), (0, 0));
        assert_eq!(keys(t), ["meanwhile"]);
    }

    fn a_read_cannot_write(t: &Harness) {
        let refused = t.db.read_now("test.read", |conn| put(conn, "a")).expect_err("no write");
        assert_eq!(refused.kind(), Kind::Unavailable, "{:?}", refused.cause());
        assert!(keys(t).is_empty());
    }

    fn a_swallowed_failure_is_never_a_silent_loss(t: &Harness) {
        t.db.write_now("test.put", |conn| put(conn, "a")).expect("a write");
        let swallow = |conn: &mut Conn| {
            put(conn, "b")?;
            drop(put(conn, "a"));
            Ok(())
        };
        let told = t.db.write_now("test.swallow", swallow).is_ok();
        // PostgreSQL undoes all of it, SQLite only the statement that failed.
        assert_eq!((told, keys(t).contains(&"b".into())), match t.side {
            Side::Sqlite => (true, true),
            Side::Postgres => (false, false),
        });
    }

    fn a_read_that_swallowed_a_failure_has_nothing_to_lose(t: &Harness) {
        let swallow = |conn: &mut Conn| {
            let found = count(conn)?;
            drop(put(conn, "a"));
            Ok(found)
        };
        for _ in 0..3 {
            assert_eq!(t.db.read_now("test.swallow", swallow).expect("a read"), 0);
        }
        t.db.write_now("test.put", |conn| put(conn, "b")).expect("the connection is whole");
        assert_eq!(keys(t), ["b"]);
    }

    fn a_savepoint_undoes_only_what_was_refused(t: &Harness) {
        let work = |conn: &mut Conn| {
            put(conn, "a")?;
            let refused = savepoint(conn, |conn| {
                put(conn, "b")?;
                savepoint(conn, |conn| put(conn, "c"))?;
                put(conn, "a")
            });
            let refused = refused.expect_err("a is there already");
            assert_eq!(constraint(&refused).as_deref(), Some("meta_key_key"));
            savepoint(conn, |conn| put(conn, "d"))?;
            put(conn, "e")
        };
        t.db.write_now("test.savepoint", work).expect("a write");
        assert_eq!(keys(t), ["a", "d", "e"]);
    }

    fn a_transaction_inside_another_is_refused(t: &Harness) {
        let nested = |_: &mut Conn| t.db.read_now("test.inner", count);
        for refused in [t.db.write_now("test.outer", nested), t.db.read_now("test.outer", nested)] {
            assert_eq!(refused.expect_err("would wait for itself").kind(), Kind::Internal);
        }
        assert_eq!(t.db.read_now("test.after", count).expect("free again"), 0);
    }

    fn a_transaction_ended_behind_our_back_is_an_error(t: &Harness) {
        let end = |conn: &mut Conn| {
            put(conn, "a")?;
            Ok(conn.batch_execute("ROLLBACK")?)
        };
        let refused = t.db.write_now("test.end", end).expect_err("nothing was committed");
        assert_eq!(refused.kind(), Kind::Unavailable);
        t.db.write_now("test.put", |conn| put(conn, "b")).expect("the connection is replaced");
        assert_eq!(keys(t), ["b"]);
    }

    fn a_panic_reaches_who_asked_and_nobody_else(t: &Harness) {
        let panics = |conn: &mut Conn| -> Result<(), Problem> {
            put(conn, "lost")?;
            panic!("on purpose")
        };
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            t.db.write_now("test.panic", panics)
        }));
        assert!(caught.is_err(), "who waits on its own thread sees the panic");
        let told = block_on(t.db.write("test.panic", panics)).expect_err("an internal problem");
        assert_eq!(told.kind(), Kind::Internal);
        let told = block_on(t.db.read("test.panic", panics)).expect_err("an internal problem");
        assert!(matches!(told.kind(), Kind::Internal | Kind::Unavailable));
        t.db.write_now("test.put", |conn| put(conn, "kept")).expect("the next one works");
        assert_eq!(keys(t), ["kept"]);
    }

    fn transactions_are_named_and_measured(t: &Harness) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let notes = seen.clone();
        t.db.observe(move |f| notes.lock().expect("no panic").push((f.name, f.committed)));
        t.db.read_now("test.one", count).expect("a read");
        drop(t.db.write_now("test.two", |_| Err::<(), _>(refuse())));
        block_on(t.db.write("test.three", |conn| put(conn, "a"))).expect("a write");
        let seen = seen.lock().expect("no panic").clone();
        assert_eq!(seen, [("test.one", true), ("test.two", false), ("test.three", true)]);
    }

    fn it_answers_and_is_ready(t: &Harness) {
        t.db.ping().expect("it answers");
        t.db.ready().expect("the schema is the newest");
        assert_eq!(t.db.is_postgres(), t.side == Side::Postgres);
    }

    fn writes_of_many_threads_are_all_kept(t: &Harness) {
        let (failed, failures) = mpsc::channel();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let failed = failed.clone();
                scope.spawn(move || {
                    for i in 0..25 {
                        let key = format!("{thread}-{i}");
                        let done = if i % 2 == 0 {
                            t.db.write_now("test.put", |conn| put(conn, &key))
                        } else {
                            block_on(t.db.write("test.put", move |conn| put(conn, &key)))
                        };
                        done.unwrap_or_else(|p| failed.send(p).expect("the test listens"));
                    }
                });
            }
        });
        drop(failed);
        assert_eq!(failures.iter().map(|p| p.to_string()).collect::<Vec<_>>(), [""; 0]);
        assert_eq!(keys(t).len(), 200);
    }
}
