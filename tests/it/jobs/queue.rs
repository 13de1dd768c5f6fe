//! What runs, when, and what is told.

use super::*;

both! {
    fn run_once_after_the_commit(t: &Harness) {
        let q = Queue::new(t);
        q.act(&["done"]);
        assert_eq!(q.stats(), Stats { ready: 1, oldest_seconds: 0, dead: 0, ..Stats::default() });
        q.env.clock.advance_seconds(7);
        assert_eq!(q.stats(), Stats { ready: 1, oldest_seconds: 7, dead: 0, ..Stats::default() });
        assert_eq!((q.run(), q.run()), (1, 0));
        assert_eq!((begun(&q.tag), q.unfinished()), (vec![1], vec![]));
        assert_eq!(q.stats(), Stats::default());
    }
}

both! {
    fn of_a_rolled_back_change_never_run(t: &Harness) {
        let q = Queue::new(t);
        let (ctx, job) = (q.ctx(), q.job("test.act", &["done"]));
        let result = q.t.db.write_now("put", move |conn| {
            jobs::enqueue(conn, &ctx, job.clone())?;
            outbox::emit(conn, &ctx, "told", json!({ "tag": "x" }))?;
            Err::<(), _>(Problem::wrong_state("not now"))
        });
        assert!(result.is_err());
        assert_eq!((q.run(), begun(&q.tag)), (0, vec![]));
    }
}

both! {
    fn wait_for_their_time(t: &Harness) {
        let q = Queue::new(t);
        let run_at = q.env.clock.now().plus_seconds(60);
        q.put(NewJob { run_at, ..q.job("test.act", &["done"]) });
        q.env.clock.advance_seconds(59);
        let waits = Stats { scheduled: 1, ..Stats::default() };
        assert_eq!((q.run(), q.stats()), (0, waits));
        q.env.clock.advance_seconds(1);
        assert_eq!(q.run(), 1);
    }
}

both! {
    fn with_one_key_are_one_job(t: &Harness) {
        let q = Queue::new(t);
        let job = || NewJob { dedupe: Some("the same".into()), ..q.job("test.act", &["done"]) };
        assert_eq!((q.put(job()), q.put(job())), (true, false));
        assert_eq!((q.run(), q.put(job()), q.run()), (1, false, 0));
    }
}

both! {
    fn of_other_versions_are_not_guessed_at(t: &Harness) {
        let q = Queue::new(t);
        let with = |payload: Value| NewJob { payload, ..q.job("test.act", &[]) };
        q.put(with(json!({ "v": 2, "tag": q.tag, "does": ["done"] })));
        q.put(with(json!({ "v": "1", "tag": q.tag, "does": ["done"] })));
        q.put(with(json!({ "tag": q.tag, "secret": "s3cret" })));
        q.put(NewJob { kind: "test.of_tomorrow", ..q.job("test.act", &["done"]) });
        assert_eq!(q.run(), 4);
        let mut errors: Vec<_> = q.dead().into_iter().filter_map(|j| j.last_error).collect();
        errors.sort();
        assert_eq!(
            errors,
            [
                "the payload has a wrong or missing field",
                "version of the payload: 2; this program reads 1",
                "version of the payload: none; this program reads 1",
            ]
        );
        // A kind that this program does not know is left to others for a while.
        assert_eq!(q.stats(), Stats { dead: 3, scheduled: 1, ..Stats::default() });
        assert_eq!(begun(&q.tag), [] as [i32; 0]);
    }
}

both! {
    fn tell_each_listener_of_an_event(t: &Harness) {
        let q = Queue::new(t);
        let (ctx, tag) = (q.ctx(), q.tag.clone());
        let tell = move |conn: &mut _| {
            outbox::emit(conn, &ctx, "told", json!({ "tag": tag }))?;
            outbox::emit(conn, &ctx, "told_to_nobody", json!({ "tag": tag }))
        };
        q.t.db.write_now("tell", tell).expect("told");
        assert_eq!((q.run(), begun(&q.tag)), (2, vec![1, 1]));
    }
}

both! {
    fn and_keys_are_forgotten_in_time(t: &Harness) {
        let q = Queue::new(t);
        let person = q.ctx().id();
        let keyed = move |n: i32| {
            let key = format!("key-{n}");
            Keyed { person, key, operation: "test", hash: vec![1] }
        };
        let begin = |from: i32, to: i32, now: Instant| {
            let all = move |conn: &mut _| {
                let mut new = 0;
                for n in from..to {
                    let begun = idempotency::begin(conn, &keyed(n), now);
                    new += i32::from(matches!(begun, Ok(None)));
                }
                Ok(new)
            };
            q.t.db.write_now("keys", all).expect("written")
        };
        // More than one bite of both, and some that stay.
        let key = |n: i32| NewJob { dedupe: Some(format!("{n}")), ..q.job("test.act", &["done"]) };
        for n in 0..3 {
            q.put(key(n));
        }
        q.act(&["give up"]);
        q.run();
        q.env.clock.advance_seconds(30 * 86_400 - 7 * 86_400);
        assert_eq!(begin(0, 1100, q.env.clock.now()), 1100);
        q.env.clock.advance_seconds(7 * 86_400);
        assert_eq!(begin(2000, 2010, q.env.clock.now()), 10);
        q.put(key(10));
        q.run();
        q.put(NewJob { kind: "jobs.purge", ..q.job("test.act", &[]) });
        q.run();
        let put = || [0, 1, 10].map(|n| q.put(key(n)));
        assert_eq!(put(), [false, false, false], "30 days are not over");
        q.env.clock.advance_seconds(1);
        q.put(NewJob { kind: "jobs.purge", ..q.job("test.act", &[]) });
        q.run();
        assert_eq!(put(), [true, true, false]);
        assert_eq!(q.dead().len(), 1, "what waits for a person stays");
        let now = q.env.clock.now();
        assert_eq!((begin(0, 1100, now), begin(2000, 2010, now)), (1100, 0));
    }
}
