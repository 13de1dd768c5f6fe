//! Threads that work, and jobs that recur.

use super::*;
use crate::support::Side;
use diesel::connection::SimpleConnection as _;

const STALE: Kinds = &[&[Kind::new("test.stale", stale).every(60)]];

/// The first run loses its lease; the second ends well; the third is still at it when the first
/// says what became of it.
fn stale(desk: &Desk, job: &Job) -> Outcome {
    let tag = desk.env.config.auth.issuer.clone();
    BEGUN.lock().expect("not poisoned").entry(tag.clone()).or_default().push(job.attempts);
    let other = || Runner::new(desk.db.clone(), desk.env.clone(), STALE);
    match begun(&tag).len() {
        1 => {
            desk.env.clock.advance_seconds(desk.env.config.jobs.lease_seconds + 1);
            assert!(other().run_one().expect("claimed"));
            desk.env.clock.advance_seconds(60);
            let third = other();
            std::thread::spawn(move || third.run_one());
            while begun(&tag).len() < 3 {
                std::thread::sleep(Duration::from_millis(5));
            }
            Outcome::GiveUp("too late to say so".into())
        }
        2 => Outcome::Done,
        _ => loop {
            std::thread::park();
        },
    }
}

both! {
    fn are_done_once_by_many_workers(t: &Harness) {
        let q = Queue::with(t, |c| c.jobs.workers = 3);
        let ctx = q.ctx();
        let tag = q.tag.clone();
        let fill = move |conn: &mut _| {
            for n in 0..150 {
                let payload = json!({ "tag": format!("{tag}-{n}"), "does": ["done"] });
                let run_at = ctx.env.clock.now();
                let job = NewJob { kind: "test.act", payload, run_at, dedupe: None };
                jobs::enqueue(conn, &ctx, job)?;
            }
            Ok(())
        };
        q.t.db.write_now("fill", fill).expect("enqueued");
        let processes: Vec<_> = (0..2).map(|_| q.runner(KINDS).start().expect("started")).collect();
        q.wait_for("all done", || q.unfinished().is_empty());
        processes.into_iter().for_each(jobs::Workers::stop);
        for n in 0..150 {
            assert_eq!(begun(&format!("{}-{n}", q.tag)), [1], "{n}");
        }
    }
}

both! {
    fn start_soon_and_end_well(t: &Harness) {
        let q = Queue::with(t, |c| c.jobs.poll_ms = 60_000);
        let workers = q.runner(KINDS).start().expect("started");
        // Asleep for the next minute, unless woken.
        std::thread::sleep(Duration::from_millis(300));
        q.act(&["be slow"]);
        q.wait_for("woken", || begun(&q.tag) == [1]);
        q.act(&["be slow"]);
        workers.stop();
        // What was begun has ended, whether or not the second was.
        let (begun, unfinished) = (begun(&q.tag), q.unfinished());
        assert_eq!(begun.iter().filter(|n| **n == 1).count() * 2, begun.len(), "{begun:?}");
        assert!(unfinished.iter().all(|(s, _)| *s == JobStatus::Ready), "{unfinished:?}");
    }
}

both! {
    fn that_cannot_write_wait_before_they_look_again(t: &Harness) {
        let q = Queue::with(t, |c| c.jobs.poll_ms = 200);
        // One that waits for longer than it should, which workers put right before all else.
        let right = q.env.clock.now();
        q.env.clock.advance_seconds(400 * 86_400);
        assert_eq!(q.runner(PERIODIC).run_until_idle().expect("the queue works"), 1);
        q.env.clock.set(right);
        let spoil = match t.side {
            Side::Sqlite => {
                "CREATE TRIGGER spoilt BEFORE UPDATE ON jobs \
                 BEGIN SELECT RAISE(ABORT, 'spoilt'); END"
            }
            Side::Postgres => {
                "CREATE FUNCTION spoilt() RETURNS trigger LANGUAGE plpgsql AS \
                 'BEGIN RAISE ''spoilt''; END'; \
                 CREATE TRIGGER spoilt BEFORE UPDATE ON jobs \
                 FOR EACH ROW EXECUTE FUNCTION spoilt()"
            }
        };
        t.db.write_now("test.spoil", |conn| Ok(conn.batch_execute(spoil)?)).expect("spoilt");
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = tries.clone();
        t.db.observe(move |done| {
            if done.name == "jobs.periodic" {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        let workers = q.runner(PERIODIC).start().expect("started");
        std::thread::sleep(Duration::from_secs(1));
        workers.stop();
        let tries = tries.load(Ordering::SeqCst);
        assert!((1..=20).contains(&tries), "{tries} tries in a second");
    }
}

both! {
    fn that_recur_are_one_row(t: &Harness) {
        let q = Queue::new(t);
        let runner = q.runner(PERIODIC);
        let run = || runner.run_until_idle().expect("the queue works");
        assert_eq!((run(), run()), (1, 0));
        q.env.clock.advance_seconds(59);
        assert_eq!(run(), 0);
        q.env.clock.advance_seconds(1);
        assert_eq!((run(), run()), (1, 0));
        // However long nobody worked, it is made up for once.
        q.env.clock.advance_seconds(3600);
        assert_eq!((run(), run()), (1, 0));
        assert_eq!(begun(&q.tag), [1, 1, 1]);
        // Four processes do not make more of it.
        q.env.clock.advance_seconds(60);
        let start = |_| q.runner(PERIODIC).start().expect("started");
        let processes: Vec<_> = (0..4).map(start).collect();
        q.wait_for("ran", || begun(&q.tag).len() == 4);
        std::thread::sleep(Duration::from_millis(200));
        processes.into_iter().for_each(jobs::Workers::stop);
        assert_eq!(begun(&q.tag).len(), 4);
    }
}

both! {
    fn that_recur_go_on_when_a_clock_that_was_ahead_is_put_right(t: &Harness) {
        let q = Queue::new(t);
        let runner = q.runner(PERIODIC);
        let run = || runner.run_until_idle().expect("the queue works");
        let right = q.env.clock.now();
        q.env.clock.advance_seconds(400 * 86_400);
        assert_eq!((run(), run()), (1, 0));
        q.env.clock.set(right);
        assert_eq!((run(), run()), (1, 0));
        q.env.clock.advance_seconds(60);
        assert_eq!((run(), run()), (1, 0));
        assert_eq!(begun(&q.tag), [1, 1, 1]);
    }
}

both! {
    fn that_recur_are_never_given_up(t: &Harness) {
        let q = Queue::with(t, |c| {
            c.auth.issuer += "-fails";
            c.jobs.max_attempts = 2;
        });
        let runner = q.runner(PERIODIC);
        for n in 1..=5 {
            assert_eq!(runner.run_until_idle().expect("the queue works"), 1, "{n}");
            q.env.clock.advance_seconds(60);
        }
        assert_eq!(begun(&format!("{}-fails", q.tag)), [1, 2, 3, 4, 5]);
        assert_eq!(q.unfinished(), [(JobStatus::Ready, "it never works".into())]);
    }
}

both! {
    fn that_recur_are_left_to_who_has_the_lease_now(t: &Harness) {
        let q = Queue::new(t);
        assert_eq!(q.runner(STALE).run_until_idle().expect("the queue works"), 1);
        // The third is the first try of its round, as the first was of its own.
        assert_eq!(begun(&q.tag), [1, 2, 1]);
        assert_eq!(q.unfinished(), [(JobStatus::Running, String::new())]);
    }
}
