//! Group commit: many writes share one commit, and none another's misfortune.

use super::{keys, put, sql};
use crate::support::{Harness, Side, block_on};
use almoner::kernel::Result;
use almoner::kernel::problem::{Kind, Problem};
use almoner::platform::db::errors::FOREIGN_KEY;
use almoner::platform::db::{Conn, Db, constraint};
use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use futures_util::future::{join, join_all};
use std::sync::{Arc, mpsc};

/// What a write of [`together`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Put,
    Refuse,
    Panic,
    /// Takes the whole batch down.
    Break,
    /// Fails only when everything is committed.
    Late,
}

fn act(conn: &mut Conn, number: usize, deed: Deed) -> Result<()> {
    put(conn, &format!("{number:03}"))?;
    match deed {
        Deed::Put => Ok(()),
        Deed::Refuse => Err(Problem::wrong_state("on purpose")),
        Deed::Panic => panic!("on purpose"),
        Deed::Break => Ok(conn.batch_execute("ROLLBACK")?),
        Deed::Late => {
            diesel::sql_query("INSERT INTO late VALUES (9)").execute(conn)?;
            Ok(())
        }
    }
}

/// Sends these at once while the writer is held up, so that SQLite takes them as one batch.
fn together(db: &Db, deeds: &[Deed]) -> Vec<Result<()>> {
    let (held, holds) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let holder = db.clone();
    let thread = std::thread::spawn(move || {
        holder.write_now("test.hold", |_| {
            held.send(()).expect("the test waits");
            released.recv().expect("the test lets go");
            Ok(())
        })
    });
    holds.recv().expect("the writer is held up");
    let writes = deeds.iter().copied().enumerate();
    let writes = writes.map(|(i, deed)| db.write("test.deed", move |conn| act(conn, i, deed)));
    // The joined futures are polled in order: all have been sent when the last one lets go.
    let all = join(join_all(writes), async { release.send(()).expect("the holder waits") });
    let (results, ()) = block_on(all);
    thread.join().expect("no panic").expect("nothing to commit");
    results
}

fn deeds(bad: &[(usize, Deed)]) -> Vec<Deed> {
    let mut deeds = vec![Deed::Put; 50];
    bad.iter().for_each(|(place, deed)| deeds[*place] = *deed);
    deeds
}

fn check(t: &Harness, deeds: &[Deed]) {
    let results = together(&t.db, deeds);
    let mut expected = Vec::new();
    for (i, (result, deed)) in results.iter().zip(deeds).enumerate() {
        let kind = result.as_ref().err().map(Problem::kind);
        let wanted = match deed {
            Deed::Put => None,
            Deed::Refuse => Some(Kind::WrongState),
            Deed::Panic | Deed::Late => Some(Kind::Internal),
            Deed::Break => Some(Kind::Unavailable),
        };
        assert_eq!(kind, wanted, "{i} {deed:?}: {result:?}");
        if *deed == Deed::Put {
            expected.push(format!("{i:03}"));
        }
        if *deed == Deed::Late {
            let problem = result.as_ref().expect_err("refused");
            assert_eq!(constraint(problem).as_deref(), Some(FOREIGN_KEY));
        }
    }
    assert_eq!(keys(t), expected);
}

both! {
    fn refusals_and_panics_touch_nobody_else(t: &Harness) {
        let bad = [(0, Deed::Panic), (1, Deed::Refuse), (20, Deed::Panic), (21, Deed::Panic)];
        check(t, &deeds(&[&bad[..], &[(48, Deed::Refuse), (49, Deed::Panic)]].concat()));
    }

    fn who_breaks_the_transaction_is_alone_with_it(t: &Harness) {
        let broken = [(0, Deed::Break), (30, Deed::Break), (49, Deed::Break)];
        check(t, &deeds(&[&broken[..], &[(7, Deed::Refuse)]].concat()));
    }

    fn who_fails_at_the_commit_is_alone_with_it(t: &Harness) {
        sql(
            t,
            "CREATE TABLE late (id INTEGER REFERENCES late_parents (id) DEFERRABLE INITIALLY \
             DEFERRED) STRICT; CREATE TABLE late_parents (id INTEGER PRIMARY KEY) STRICT",
            "CREATE TABLE late_parents (id bigint PRIMARY KEY); CREATE TABLE late (id bigint \
             REFERENCES late_parents (id) DEFERRABLE INITIALLY DEFERRED)",
        );
        check(t, &deeds(&[(3, Deed::Late), (4, Deed::Panic), (30, Deed::Late), (31, Deed::Break)]));
    }

    fn many_writes_share_a_commit(t: &Harness) {
        if t.side == Side::Postgres {
            return;
        }
        // SQLite counts commits in the file's header once they are moved out of the log.
        let commits = || {
            let conn = t.open_again(1);
            let log = t.dir().join("almoner.db-wal");
            let size = std::fs::metadata(&log).map_or(0, |m| m.len());
            drop(conn);
            size
        };
        let before = commits();
        together(&t.db, &deeds(&[])).into_iter().for_each(|r| r.expect("a write"));
        let grown = commits() - before;
        // One commit writes each changed page once; fifty would write at least fifty pages.
        assert!(grown < 25 * 4096, "the log grew by {grown} bytes");
    }

    fn more_than_can_wait_are_sent_away(t: &Harness) {
        if t.side == Side::Postgres {
            return;
        }
        let results = together(&t.db, &vec![Deed::Put; 1100]);
        let refused: Vec<&Problem> = results.iter().filter_map(|r| r.as_ref().err()).collect();
        assert_eq!(refused.len(), 1100 - 1024);
        assert!(refused.iter().all(|p| (p.kind(), p.wait()) == (Kind::Unavailable, Some(1))));
        assert_eq!(keys(t).len(), 1024);
    }

    fn what_waits_is_finished_before_the_end(t: &Harness) {
        let db = t.open_again(2);
        let sent = Arc::new(std::sync::Barrier::new(2));
        let waits = sent.clone();
        let last = db.clone();
        let thread = std::thread::spawn(move || {
            block_on(last.write("test.slow", move |conn| {
                sent.wait();
                std::thread::sleep(std::time::Duration::from_millis(50));
                put(conn, "slow")
            }))
        });
        waits.wait();
        drop(db);
        thread.join().expect("no panic").expect("a write");
        assert_eq!(keys(t), ["slow"]);
    }
}
