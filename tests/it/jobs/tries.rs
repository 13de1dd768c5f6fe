//! What fails is tried again, and given up in the end.

use super::*;

both! {
    fn are_tried_again_at_growing_intervals(t: &Harness) {
        let q = Queue::with(t, |c| {
            (c.jobs.max_attempts, c.jobs.backoff_seconds, c.jobs.backoff_max_seconds) = (8, 4, 20);
        });
        q.act(&["retry"]);
        let mut pauses = Vec::new();
        while q.stats().dead == 0 {
            let mut pause = 0;
            while q.run() == 0 {
                q.env.clock.advance_seconds(1);
                pause += 1;
            }
            pauses.push(pause);
        }
        assert_eq!(begun(&q.tag), (1..=8).collect::<Vec<_>>());
        assert_eq!(pauses[0], 0);
        for (pause, whole) in pauses[1..].iter().zip([4, 8, 16, 20, 20, 20, 20]) {
            assert!((whole / 2..=whole).contains(pause), "{pauses:?}");
        }
        assert_eq!(q.unfinished(), [(JobStatus::Dead, "the network is away".into())]);
    }
}

both! {
    fn given_up_wait_for_an_admin(t: &Harness) {
        let q = Queue::new(t);
        q.act(&["give up", "give up"]);
        q.run();
        let dead = q.dead();
        let [job] = dead.as_slice() else { panic!("{dead:?}") };
        assert_eq!((job.attempts, job.last_error.as_deref()), (1, Some("no such thing")));
        // What it was to work with is not shown.
        assert!(!serde_json::to_string(job).expect("JSON").contains(&q.tag));

        let retry = |ctx: Ctx, id| {
            let retry = move |conn: &mut _| jobs::retry_dead(conn, &ctx, id).map(|j| j.attempts);
            q.t.db.write_now("retry", retry)
        };
        let kind = |result: Result<i32, Problem>| result.map_err(|e| e.kind());
        for other in [vec![], vec![Role::Finance], vec![Role::Auditor, Role::Regrantor]] {
            let refused = kind(retry(q.person(&other), job.id));
            assert_eq!(refused, Err(ProblemKind::Forbidden), "{other:?}");
        }
        assert_eq!(kind(retry(q.admin(), q.ctx().id())), Err(ProblemKind::NotFound));
        assert_eq!(kind(retry(q.admin(), job.id)), Ok(0));
        assert_eq!(kind(retry(q.admin(), job.id)), Err(ProblemKind::WrongState));
        assert_eq!((q.run(), begun(&q.tag)), (1, vec![1, 1]));
        assert_eq!(q.dead().len(), 1);
    }
}

both! {
    fn survive_panics(t: &Harness) {
        let q = Queue::new(t);
        q.act(&["panic", "done"]);
        q.run();
        assert_eq!(q.stats(), Stats { scheduled: 1, ..Stats::default() });
        q.env.clock.advance_seconds(60);
        assert_eq!((q.run(), begun(&q.tag), q.unfinished()), (1, vec![1, 2], vec![]));
    }
}

both! {
    fn are_taken_over_from_the_dead(t: &Harness) {
        let q = Queue::new(t);
        q.act(&["die", "done"]);
        let dying = q.runner(KINDS);
        std::thread::spawn(move || dying.run_one());
        q.wait_for("begun", || begun(&q.tag) == [1]);
        assert_eq!(q.run(), 0, "the lease still holds");
        q.env.clock.advance_seconds(q.env.config.jobs.lease_seconds);
        assert_eq!((q.run(), begun(&q.tag), q.unfinished()), (1, vec![1, 2], vec![]));
    }
}

both! {
    fn that_kill_every_worker_are_given_up(t: &Harness) {
        let q = Queue::new(t);
        q.put(q.job("test.act_twice", &["die"]));
        for n in 1..=2 {
            let dying = q.runner(KINDS);
            std::thread::spawn(move || dying.run_one());
            q.wait_for("begun", || begun(&q.tag).len() == n);
            q.env.clock.advance_seconds(q.env.config.jobs.lease_seconds);
        }
        assert_eq!((q.run(), begun(&q.tag)), (1, vec![1, 2]));
        assert_eq!(q.dead()[0].attempts, 3);
        assert!(q.unfinished()[0].1.contains("never ended"));
    }
}

both! {
    fn are_not_ended_by_who_lost_the_lease(t: &Harness) {
        let q = Queue::new(t);
        q.act(&["lose the lease", "done"]);
        q.run();
        assert_eq!((begun(&q.tag), q.unfinished()), (vec![1, 2], vec![]));
    }
}

both! {
    fn are_left_to_who_has_the_lease_now(t: &Harness) {
        let q = Queue::new(t);
        q.act(&["lose the lease", "die", "done"]);
        q.run();
        assert_eq!(begun(&q.tag), [1, 2]);
        assert_eq!(q.unfinished(), [(JobStatus::Running, String::new())]);
        q.env.clock.advance_seconds(q.env.config.jobs.lease_seconds);
        assert_eq!((q.run(), begun(&q.tag), q.unfinished()), (1, vec![1, 2, 3], vec![]));
    }
}
