//! Transactions that collide are run again.

use super::{count, keys, put, sql};
use crate::support::{Harness, Side};
use almoner::platform::config::Secret;
use almoner::platform::db::schema::meta;
use almoner::platform::db::{Conn, Db, DbOptions};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

both! {
    fn a_deadlock_is_run_again(t: &Harness) {
        for key in ["a", "b"] {
            t.db.write_now("test.put", |conn| put(conn, key)).expect("a row");
        }
        let runs = AtomicU32::new(0);
        let barrier = std::sync::Barrier::new(2);
        let cross = |first: &'static str, second: &'static str| {
            let touch = |conn: &mut Conn, key: &str| {
                let row = meta::table.find(key);
                diesel::update(row).set(meta::value.eq(first)).execute(conn)
            };
            let work = |conn: &mut Conn| {
                touch(conn, first)?;
                let both_hold_one = runs.fetch_add(1, Ordering::SeqCst) < 2;
                if both_hold_one && t.side == Side::Postgres {
                    barrier.wait();
                }
                touch(conn, second)?;
                Ok(())
            };
            t.db.write_now("test.cross", work)
        };
        std::thread::scope(|scope| {
            let one = scope.spawn(|| cross("a", "b"));
            let two = scope.spawn(|| cross("b", "a"));
            one.join().expect("no panic").expect("in the end");
            two.join().expect("no panic").expect("in the end");
        });
        // The loser may take its first row again before the winner, which waits for it, gets it:
        // then they stand before each other once more, and one of them runs once more.
        let runs = runs.load(Ordering::SeqCst);
        match t.side {
            Side::Sqlite => assert_eq!(runs, 2, "one after the other"),
            Side::Postgres => assert!(runs >= 3, "the loser ran again: {runs}"),
        }
    }

    fn lost_connections_are_replaced(t: &Harness) {
        if t.side == Side::Sqlite {
            return;
        }
        let db = t.open_again(3);
        let barrier = std::sync::Barrier::new(3);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    db.read_now("test.fill", |_| {
                        barrier.wait();
                        Ok(())
                    })
                });
            }
        });
        let kill = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        sql(t, "", kill);
        db.write_now("test.put", |conn| put(conn, "a")).expect("a new connection");
        assert_eq!(db.read_now("test.count", count).expect("a new connection"), 1);
    }

    fn a_server_that_lets_nobody_in_is_told_as_such(t: &Harness) {
        if t.side == Side::Sqlite {
            return;
        }
        let role = format!("shut_out_{}", std::process::id());
        sql(t, "", &format!("CREATE ROLE {role} LOGIN"));
        let url = t.url.replacen("postgres@", &format!("{role}@"), 1);
        assert_ne!(url, t.url);
        let (url, pool_wait) = (Secret::new(url), Duration::from_secs(2));
        let db = Db::open(DbOptions { url, pool_size: 1, pool_wait }).expect("it is let in");
        let nothing = || db.read_now("test.nothing", |_| Ok(()));
        nothing().expect("it is let in");
        let kill = format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '{role}'"
        );
        sql(t, "", &format!("ALTER ROLE {role} NOLOGIN"));
        sql(t, "", &kill);
        let refused = nothing().expect_err("it is not let in");
        assert_eq!(refused.detail(), "The database cannot be reached: nothing was done.");
        sql(t, "", &format!("ALTER ROLE {role} LOGIN"));
        assert!((0..5).any(|_| nothing().is_ok()), "it is let in again");
        drop(db);
        sql(t, "", &format!("DROP ROLE {role}"));
    }

    fn a_connection_lost_in_the_middle_is_told(t: &Harness) {
        if t.side == Side::Sqlite {
            return;
        }
        let runs = AtomicU32::new(0);
        let die = |conn: &mut Conn| {
            runs.fetch_add(1, Ordering::SeqCst);
            put(conn, "lost")?;
            Ok(conn.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())")?)
        };
        let refused = t.db.write_now("test.die", die).expect_err("the connection is gone");
        assert_eq!(refused.kind(), almoner::kernel::problem::Kind::Unavailable);
        assert_eq!(runs.load(Ordering::SeqCst), 1, "who knows what was done: not run again");
        t.db.write_now("test.put", |conn| put(conn, "kept")).expect("a new connection");
        assert_eq!(keys(t), ["kept"]);
    }
}
