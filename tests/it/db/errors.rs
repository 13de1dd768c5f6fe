//! What a database refuses is told apart, by the same names.

use super::sql;
use crate::support::{Harness, Side};
use almoner::kernel::problem::Kind;
use almoner::platform::db::errors::FOREIGN_KEY;
use almoner::platform::db::{Conn, constraint, is_lock_timeout, is_transient};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use std::sync::mpsc;

fn tables(t: &Harness) {
    sql(
        t,
        "CREATE TABLE parents (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, a INTEGER, \
         b INTEGER, nick TEXT, CONSTRAINT parents_pair_rule UNIQUE (a, b), \
         CONSTRAINT parents_code_ck CHECK (length(code) < 4)) STRICT; \
         CREATE UNIQUE INDEX parents_lower_ix ON parents (lower(nick)); \
         CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL \
         REFERENCES parents (id)) STRICT",
        "CREATE TABLE parents (id bigint PRIMARY KEY, code text NOT NULL UNIQUE, a bigint, \
         b bigint, nick text, CONSTRAINT parents_pair_rule UNIQUE (a, b), \
         CONSTRAINT parents_code_ck CHECK (length(code) < 4)); \
         CREATE UNIQUE INDEX parents_lower_ix ON parents (lower(nick)); \
         CREATE TABLE children (id bigint PRIMARY KEY, parent bigint NOT NULL \
         REFERENCES parents (id))",
    );
}

both! {
    fn broken_constraints_have_one_name(t: &Harness) {
        tables(t);
        let rows = "INSERT INTO parents VALUES (1, 'abc', 1, 2, 'Nick'); \
                    INSERT INTO children VALUES (1, 1)";
        sql(t, rows, rows);
        let cases = [
            ("INSERT INTO parents VALUES (1, 'x', 3, 3, NULL)", "parents_id_key"),
            ("INSERT INTO parents VALUES (2, 'abc', 3, 3, NULL)", "parents_code_key"),
            ("INSERT INTO parents VALUES (2, 'x', 1, 2, NULL)", "parents_a_b_key"),
            ("INSERT INTO parents VALUES (2, 'x', 3, 3, 'nICK')", "parents_lower_ix"),
            ("INSERT INTO parents VALUES (2, 'long', 3, 3, NULL)", "parents_code_ck"),
            ("INSERT INTO parents VALUES (2, NULL, 3, 3, NULL)", "parents_code_not_null"),
            ("INSERT INTO children VALUES (2, 9)", FOREIGN_KEY),
            ("DELETE FROM parents", FOREIGN_KEY),
        ];
        for (statement, name) in cases {
            let run = |conn: &mut Conn| Ok(diesel::sql_query(statement).execute(conn)?);
            let refused = t.db.write_now("test.break", run).expect_err(statement);
            assert_eq!(constraint(&refused).as_deref(), Some(name), "{:?}", refused.cause());
            assert_eq!(refused.kind(), Kind::Internal, "nobody has turned it into a refusal yet");
            assert!(!is_transient(&refused));
        }
        let nonsense = |conn: &mut Conn| Ok(diesel::sql_query("SELECT nonsense").execute(conn)?);
        let fault = t.db.read_now("test.fault", nonsense).expect_err("no such column");
        assert_eq!((constraint(&fault), fault.kind()), (None, Kind::Internal));
    }

    fn foreign_keys_hold_on_each_connection(t: &Harness) {
        tables(t);
        let db = t.open_again(4);
        let barrier = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let on = |conn: &mut Conn| {
                        barrier.wait();
                        let Conn::Sqlite(conn) = conn else { return Ok(()) };
                        let on = "SELECT CASE foreign_keys WHEN 1 THEN 1 ELSE abs(-1 << 63) END \
                                  FROM pragma_foreign_keys";
                        Ok(conn.batch_execute(on)?)
                    };
                    db.read_now("test.pragma", on).expect("foreign keys are on");
                });
            }
        });
        for db in [&db, &t.db] {
            let orphan = |conn: &mut Conn| {
                Ok(diesel::sql_query("INSERT INTO children VALUES (1, 9)").execute(conn)?)
            };
            let refused = db.write_now("test.orphan", orphan).expect_err("there is no parent 9");
            assert_eq!(constraint(&refused).as_deref(), Some(FOREIGN_KEY));
        }
    }

    fn no_free_connection_is_unavailable(t: &Harness) {
        let db = t.open_again(1);
        let (held, holds) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let other = db.clone();
        let holder = std::thread::spawn(move || {
            let hold = |_: &mut Conn| {
                held.send(()).expect("the test waits");
                released.recv().expect("the test lets go");
                Ok(())
            };
            other.read_now("test.hold", hold)
        });
        holds.recv().expect("it is held");
        let refused = db.read_now("test.read", |_| Ok(())).expect_err("all are held");
        assert_eq!((refused.kind(), refused.wait()), (Kind::Unavailable, Some(1)));
        release.send(()).expect("the holder waits");
        holder.join().expect("no panic").expect("a read");
        db.read_now("test.read", |_| Ok(())).expect("free again");
    }

    fn a_full_database_is_told_and_recovers(t: &Harness) {
        if t.side == Side::Postgres {
            return;
        }
        let fill = |conn: &mut Conn| {
            conn.batch_execute("PRAGMA max_page_count = 1")?;
            super::put_value(conn, "big", &"x".repeat(1 << 20))
        };
        let refused = t.db.write_now("test.fill", fill).expect_err("there is no room");
        assert_eq!(refused.kind(), Kind::StorageFull, "{:?}", refused.cause());
        let space = |conn: &mut Conn| Ok(conn.batch_execute("PRAGMA max_page_count = 1000000")?);
        t.db.write_now("test.space", space).expect("room again");
        t.db.write_now("test.put", |conn| super::put(conn, "small")).expect("room again");
        assert_eq!(super::keys(t), ["small"]);
    }

    fn a_statement_ends_in_time_on_each_connection(t: &Harness) {
        if t.side == Side::Sqlite {
            return;
        }
        #[derive(diesel::QueryableByName)]
        struct Limit {
            #[diesel(sql_type = diesel::sql_types::Text)]
            limit: String,
        }
        let db = t.open_again(4);
        let together = std::sync::Barrier::new(4);
        let shown = |conn: &mut Conn| {
            together.wait();
            let sql = "SELECT current_setting('statement_timeout') AS limit";
            Ok(diesel::sql_query(sql).get_result::<Limit>(conn)?.limit)
        };
        let limits = crate::support::desk::threads(4, |_| {
            db.read_now("test.limit", shown).expect("each has a connection of its own")
        });
        assert_eq!(limits, ["30s"; 4]);
        for write in [false, true] {
            let sleeps = |conn: &mut Conn| {
                Ok(conn.batch_execute("SET LOCAL statement_timeout = 100; SELECT pg_sleep(40)")?)
            };
            let cut = match write {
                false => db.read_now("test.sleep", sleeps),
                true => db.write_now("test.sleep", sleeps),
            };
            let cut = cut.expect_err("it takes too long");
            let told = (cut.kind(), cut.status(), cut.wait());
            assert_eq!(told, (Kind::Unavailable, 503, Some(1)), "{:?}", cut.cause());
            let cause = cut.cause().map(ToString::to_string).unwrap_or_default();
            assert!(cause.contains("statement timeout"), "{cause}");
        }
        db.read_now("test.after", |_| Ok(())).expect("the connection is of use again");
    }

    fn a_lock_held_too_long_is_told(t: &Harness) {
        if t.side == Side::Sqlite {
            return;
        }
        t.db.write_now("test.put", |conn| super::put(conn, "a")).expect("a row");
        let (held, holds) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let other = t.db.clone();
        let holder = std::thread::spawn(move || {
            let hold = |conn: &mut Conn| {
                conn.batch_execute("UPDATE meta SET value = 'held'")?;
                held.send(()).expect("the test waits");
                released.recv().expect("the test lets go");
                Ok(())
            };
            other.write_now("test.hold", hold)
        });
        holds.recv().expect("it is held");
        let wait = |conn: &mut Conn| {
            Ok(conn.batch_execute("SET LOCAL lock_timeout = '50ms'; UPDATE meta SET value = 'w'")?)
        };
        let refused = t.db.write_now("test.wait", wait).expect_err("the row is locked");
        assert!(is_lock_timeout(&refused) && !is_transient(&refused), "{:?}", refused.cause());
        assert_eq!(refused.kind(), Kind::Unavailable);
        release.send(()).expect("the holder waits");
        holder.join().expect("no panic").expect("a write");
    }
}
