//! What is told once a transaction has committed.

use super::*;
use almoner::kernel::problem::Problem;
use almoner::platform::db::{once_committed, savepoint};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

type Told = Arc<Mutex<Vec<&'static str>>>;

fn note(told: &Told, what: &'static str) {
    let told = told.clone();
    once_committed(move || told.lock().expect("not poisoned").push(what));
}

both! {
    fn only_what_was_committed_is_told_and_once(t: &Harness) {
        let told = Told::default();
        let heard = || std::mem::take(&mut *told.lock().expect("not poisoned"));
        let (db, to) = (&t.db, &told);
        db.write_now("test.note", |_| { note(to, "now"); Ok(()) }).expect("it commits");
        assert_eq!(heard(), ["now"]);
        let undone = db.write_now("test.note", |_| {
            note(to, "undone");
            Err::<(), _>(Problem::wrong_state("no"))
        });
        assert!(undone.is_err());
        db.write_now("test.note", |_| Ok(())).expect("it commits");
        assert_eq!(heard(), [""; 0], "not told later either");
        db.write_now("test.note", |conn| {
            note(to, "before");
            let inner = savepoint(conn, |_| {
                note(to, "inside");
                Err::<(), _>(Problem::wrong_state("no"))
            });
            assert!(inner.is_err());
            note(to, "after");
            Ok(())
        }).expect("it commits");
        assert_eq!(heard(), ["before", "after"]);
        // What the database asks to repeat is told once.
        let runs = AtomicU32::new(0);
        db.write_now("test.note", |_| {
            note(to, "again");
            if runs.fetch_add(1, Ordering::SeqCst) == 0 && t.side == Side::Postgres {
                let busy = diesel::result::DatabaseErrorKind::SerializationFailure;
                let words = Box::new("again".to_owned());
                return Err(diesel::result::Error::DatabaseError(busy, words).into());
            }
            Ok(())
        }).expect("it commits");
        assert_eq!(heard(), ["again"]);
        // The same on the way of requests, many in one commit of SQLite, one of them refused.
        crate::support::block_on(async {
            let write = |number: u32| {
                let to = told.clone();
                db.write("test.note", move |_| {
                    note(&to, "one of many");
                    if number == 3 { Err(Problem::wrong_state("no")) } else { Ok(()) }
                })
            };
            let all = (0..8).map(write).collect::<Vec<_>>();
            let results = futures_util::future::join_all(all).await;
            assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 7);
        });
        assert_eq!(heard(), ["one of many"; 7]);
    }
}
