//! Each reason to hold, to refuse, and to decide.

use super::*;

fn at(seconds: i64) -> Instant {
    Instant::from_micros((1_800_000_000 + seconds) * 1_000_000).expect("in range")
}

#[test]
fn what_is_held_is_held_by_the_same_words() {
    let hold = |group, screening, open_concern| {
        may_be_awarded(Hold { group, screening, open_concern })
            .map_err(|problem| (problem.kind(), problem.detail().to_owned()))
    };
    let (waiting, cleared) = (Some(ScreeningStatus::Waiting), Some(ScreeningStatus::Cleared));
    assert_eq!(hold(false, None, false), Ok(()));
    assert_eq!(hold(true, cleared, false), Ok(()));
    let words = hold(true, None, false).expect_err("held");
    for (screening, concern) in [(waiting, false), (waiting, true), (cleared, true), (None, true)] {
        assert_eq!(hold(true, screening, concern), Err(words.clone()));
    }
}

fn form(outcome: ConcernOutcome) -> DecideConcern {
    let text = |wanted: bool| wanted.then(|| "x".to_owned());
    DecideConcern {
        outcome,
        reason: "Because".into(),
        conditions: text(outcome == ConcernOutcome::Conditions),
        public_reason: text(outcome == ConcernOutcome::Stopped),
    }
}

#[test]
fn nothing_is_decided_against_somebody_who_was_not_heard() {
    let case = Case {
        status: ConcernStatus::Open,
        own: false,
        asked_at: None,
        answered: false,
        application: ApplicationStatus::Open,
    };
    let week = ANSWER_DAYS * 86_400;
    let ok = |case: Case, outcome, now| decide(&case, &form(outcome), at(now)).is_ok();
    use ConcernOutcome as O;
    assert!(ok(case, O::Cleared, 0));
    for outcome in [O::Conditions, O::Stopped] {
        assert!(!ok(case, outcome, 10 * week));
        let asked = Case { asked_at: Some(at(0)), ..case };
        assert!(!ok(asked, outcome, week - 1));
        assert!(ok(asked, outcome, week));
        assert!(ok(Case { answered: true, ..asked }, outcome, 1));
        assert!(!ok(Case { answered: true, own: true, ..asked }, outcome, 1));
        let closed = ConcernStatus::Closed;
        assert!(!ok(Case { answered: true, status: closed, ..asked }, outcome, 1));
    }
    let answered = Case { asked_at: Some(at(0)), answered: true, ..case };
    for status in ApplicationStatus::ALL {
        use ApplicationStatus as S;
        let stops = matches!(status, S::Submitted | S::Open);
        assert_eq!(ok(Case { application: *status, ..answered }, O::Stopped, 1), stops);
        let binds = stops || *status == S::ChangesRequested;
        assert_eq!(ok(Case { application: *status, ..answered }, O::Conditions, 1), binds);
        assert!(ok(Case { application: *status, ..answered }, O::Cleared, 1));
    }
}

#[test]
fn texts_go_with_their_outcome() {
    let case = Case {
        status: ConcernStatus::Open,
        own: false,
        asked_at: Some(at(0)),
        answered: true,
        application: ApplicationStatus::Open,
    };
    for outcome in ConcernOutcome::ALL {
        let all = DecideConcern {
            outcome: *outcome,
            reason: " ".into(),
            conditions: Some("x".into()),
            public_reason: Some("x".into()),
        };
        let wrong = decide(&case, &all, at(1)).expect_err("wrong");
        let found: Vec<&str> = wrong.fields().iter().map(|f| f.pointer.as_str()).collect();
        let expected: &[&str] = match outcome {
            ConcernOutcome::Cleared => &["/reason", "/conditions", "/public_reason"],
            ConcernOutcome::Conditions => &["/reason", "/public_reason"],
            ConcernOutcome::Stopped => &["/reason", "/conditions"],
        };
        assert_eq!(found, expected);
    }
}
