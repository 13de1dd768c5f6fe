//! Exact sums, fair shares, and each reason to refuse.

use super::balance::{Able, Need, plan};
use super::sums::{mean, summary, total};
use super::*;
use crate::kernel::ids::{ApplicationId, Id, PersonId};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn criterion(key: &str, weight: i32, max_score: i32) -> Criterion {
    Criterion { key: key.into(), label: key.into(), help: String::new(), weight, max_score }
}

fn content(rubric: &[Criterion], scores: &[i32], recommendation: Recommendation) -> Content {
    let score = |(c, s): (&Criterion, &i32)| Score {
        key: c.key.clone(),
        score: *s,
        comment: String::new(),
    };
    Content {
        scores: rubric.iter().zip(scores).map(score).collect(),
        comment: "x".into(),
        recommendation: Some(recommendation),
    }
}

fn fund(rubric: &[Criterion], scores: &[i32]) -> Content {
    content(rubric, scores, Recommendation::Fund)
}

#[test]
fn totals_are_exact_and_rounded_once() {
    // 1/3 is 33.33 %, 2/3 is 66.67 %; both together are exactly 50 %, not 50.00 of 33.33 and 66.67.
    let thirds = [criterion("a", 1, 3)];
    let of = |scores: &[i32]| total(&thirds, &fund(&thirds, scores).scores).expect("a total");
    assert_eq!((of(&[0]), of(&[1]), of(&[2]), of(&[3])), (0, 3333, 6667, 10_000));
    let both = [fund(&thirds, &[1]), fund(&thirds, &[2])];
    assert_eq!(mean(&thirds, &both).expect("a mean"), 5000);
    let all = [fund(&thirds, &[1]), fund(&thirds, &[1]), fund(&thirds, &[2])];
    // 4/9 = 44.444…; of the rounded ones it would be 44.443…
    assert_eq!(mean(&thirds, &all).expect("a mean"), 4444);
    // 70 × 3/7 + 30 × 1/2, of 100: 45 exactly.
    let two = [criterion("a", 70, 7), criterion("b", 30, 2)];
    assert_eq!(total(&two, &fund(&two, &[3, 1]).scores).expect("a total"), 4500);
    // 1/8 = 12.5 %: half a hundredth does not occur there; 1/2 of 0.01 % does with 1 of 32.
    let eighth = [criterion("a", 1, 8), criterion("b", 3, 8)];
    assert_eq!(total(&eighth, &fund(&eighth, &[1, 0]).scores).expect("a total"), 313, "3.125 up");
    assert!(total(&two, &[]).is_err(), "a missing score is no zero");
}

#[test]
fn disagreement_is_half_a_scale_a_quarter_in_total_or_yes_and_no() {
    let rubric = [criterion("a", 50, 4), criterion("b", 50, 10)];
    let two = |one: &[i32], other: &[i32]| {
        let reviews = [fund(&rubric, one), fund(&rubric, other)];
        summary(&rubric, &reviews).expect("a summary")
    };
    let found = two(&[1, 5], &[2, 9]);
    assert_eq!(found.criteria.iter().map(|c| c.disagreement).collect::<Vec<_>>(), [false, false]);
    assert_eq!(found.total.as_ref().map(|t| t.spread.as_str()), Some("32.50"));
    assert!(found.disagreement, "in total");
    assert!(!two(&[1, 5], &[2, 6]).disagreement);
    let found = two(&[1, 5], &[3, 5]);
    assert_eq!(found.criteria.iter().map(|c| c.disagreement).collect::<Vec<_>>(), [true, false]);
    assert_eq!(found.criteria[0].scores.mean, "2.00");
    let reviews = [fund(&rubric, &[2, 5]), content(&rubric, &[2, 5], Recommendation::Decline)];
    let found = summary(&rubric, &reviews).expect("a summary");
    assert!(found.disagreement);
    assert_eq!((found.fund, found.unsure, found.decline), (1, 0, 1));
    let none = summary(&rubric, &[]).expect("a summary");
    assert_eq!((none.total, none.criteria.len(), none.disagreement), (None, 0, false));
}

fn able() -> Candidate {
    Candidate {
        application: ApplicationStatus::Submitted,
        opened: false,
        decided: false,
        asked: 0,
        any_in: false,
        blind: false,
        before: None,
        reviewer: true,
        reads_reviews: false,
        sees_names: false,
        knows_names: false,
        on_team: false,
        conflict: false,
        found: Vec::new(),
    }
}

#[test]
fn each_reason_not_to_assign() {
    let with = |change: &dyn Fn(&mut Candidate)| {
        let mut candidate = able();
        change(&mut candidate);
        match may_assign(&candidate) {
            Ok(()) => "yes".to_owned(),
            Err(problem) => match problem.fields().first() {
                Some(field) => field.code.to_owned(),
                None => problem.kind().entry().code.to_owned(),
            },
        }
    };
    assert_eq!(with(&|_| ()), "yes");
    assert_eq!(with(&|c| c.decided = true), "wrong_state");
    for status in ApplicationStatus::ALL {
        use ApplicationStatus as S;
        let takes = matches!(status, S::Submitted | S::Open | S::ChangesRequested);
        assert_eq!(with(&|c| c.application = *status) == "yes", takes, "{status}");
    }
    assert_eq!(with(&|c| c.reviewer = false), "not_a_reviewer");
    assert_eq!(with(&|c| c.on_team = true), "on_application");
    assert_eq!(with(&|c| c.conflict = true), "conflict");
    assert_eq!(with(&|c| c.found = vec![Ground::BankAccount]), "conflict_found");
    assert_eq!(with(&|c| c.sees_names = true), "yes");
    assert_eq!(with(&|c| (c.blind, c.sees_names) = (true, true)), "sees_names");
    assert_eq!(with(&|c| c.opened = true), "yes");
    assert_eq!(with(&|c| (c.blind, c.opened) = (true, true)), "wrong_state");
    assert_eq!(with(&|c| c.reads_reviews = true), "yes");
    assert_eq!(with(&|c| (c.reads_reviews, c.any_in) = (true, true)), "reads_reviews");
    assert_eq!(with(&|c| c.asked = REVIEWERS_MAX), "limit_reached");
    let before = |status, aside, count| with(&|c| c.before = Some((status, aside, count)));
    use ReviewStatus as R;
    assert_eq!(before(R::Assigned, None, 0), "already_exists");
    assert_eq!(before(R::Submitted, None, 1), "already_exists");
    assert_eq!(before(R::SetAside, Some(Aside::Declined), 0), "yes");
    assert_eq!(before(R::SetAside, Some(Aside::Removed), 0), "yes");
    assert_eq!(before(R::SetAside, Some(Aside::Removed), 1), "set_aside");
    assert_eq!(before(R::SetAside, Some(Aside::Conflict), 0), "yes", "it was lifted");
    assert_eq!(before(R::SetAside, Some(Aside::Conflict), 1), "set_aside");
}

fn id<T>(n: u128) -> Id<T> {
    Id::from_uuid(Uuid::from_u128(n))
}

proptest! {
    #[test]
    fn totals_stay_between_nothing_and_all(
        shape in proptest::collection::vec((1..=100i32, 2..=10i32, 0..=10i32), 1..12),
        others in proptest::collection::vec(0..=10i32, 12),
    ) {
        let rubric: Vec<Criterion> = shape.iter().enumerate()
            .map(|(n, (weight, max, _))| criterion(&n.to_string(), *weight, *max)).collect();
        let one: Vec<i32> = shape.iter().map(|(_, max, score)| *score.min(max)).collect();
        let other: Vec<i32> =
            shape.iter().zip(&others).map(|((_, max, _), score)| *score.min(max)).collect();
        let reviews = [fund(&rubric, &one), fund(&rubric, &other)];
        let totals = [0, 1].map(|n| total(&rubric, &reviews[n].scores).expect("a total"));
        prop_assert!(totals.iter().all(|t| (0..=10_000).contains(t)));
        let best: Vec<i32> = rubric.iter().map(|c| c.max_score).collect();
        prop_assert_eq!(total(&rubric, &fund(&rubric, &best).scores).expect("a total"), 10_000);
        let mean = mean(&rubric, &reviews).expect("a mean");
        let (low, high) = (totals[0].min(totals[1]), totals[0].max(totals[1]));
        prop_assert!((low..=high).contains(&mean), "{} of {:?}", mean, totals);
        // Within one of the mean of the rounded ones: it was rounded once, not three times.
        prop_assert!((2 * mean - totals[0] - totals[1]).abs() <= 2);
    }

    #[test]
    fn plans_are_fair_repeatable_and_keep_conflicts_out(
        needs in proptest::collection::vec((0..4usize, 0..4usize), 1..20),
        loads in proptest::collection::vec(0..5usize, 1..8),
        barred in proptest::collection::btree_set((0..20u128, 0..8u128), 0..30),
        turn in any::<usize>(),
    ) {
        let needs: Vec<Need> = needs.iter().enumerate()
            .map(|(n, (more, room))| Need { id: id(n as u128), more: *more, room: *room })
            .collect();
        let pool: Vec<Able> = loads.iter().enumerate()
            .map(|(n, load)| Able { id: id(n as u128), load: *load }).collect();
        let may = |a: ApplicationId, p: PersonId| {
            Ok(!barred.contains(&(a.uuid().as_u128(), p.uuid().as_u128())))
        };
        let made = plan(&needs, (&pool, usize::MAX), |_, _| 0, may).expect("a plan");
        let (mut turned_needs, mut turned_pool) = (needs.clone(), pool.clone());
        let (n, p) = (turn % needs.len(), turn % pool.len());
        turned_needs.rotate_left(n);
        turned_pool.rotate_left(p);
        let again = plan(&turned_needs, (&turned_pool, usize::MAX), |_, _| 0, may).expect("a plan");
        prop_assert_eq!(&again, &made, "the order of the facts does not matter");
        let pairs: BTreeSet<_> = made.pairs.iter().collect();
        prop_assert_eq!(pairs.len(), made.pairs.len(), "nobody twice");
        let mut given: BTreeMap<ApplicationId, usize> = BTreeMap::new();
        for (application, person) in &made.pairs {
            prop_assert!(may(*application, *person).expect("known"));
            *given.entry(*application).or_default() += 1;
        }
        for need in &needs {
            let got = given.get(&need.id).copied().unwrap_or(0);
            let could = pool.iter().filter(|a| may(need.id, a.id).expect("known")).count();
            let could = could.min(need.room);
            prop_assert_eq!(got, need.more.min(could), "as many as could be had");
            prop_assert_eq!(got < need.more, made.short.contains(&need.id));
        }
        if barred.is_empty() {
            let mut after: BTreeMap<PersonId, usize> =
                pool.iter().map(|able| (able.id, able.load)).collect();
            made.pairs.iter().for_each(|(_, p)| *after.entry(*p).or_default() += 1);
            // Where somebody was chosen last, nobody who had less to do was passed over.
            let last: BTreeMap<PersonId, ApplicationId> =
                made.pairs.iter().map(|(application, p)| (*p, *application)).collect();
            for (person, application) in last {
                let passed = pool.iter().filter(|able| !pairs.contains(&(application, able.id)));
                for other in passed {
                    let fair = after[&person] <= after[&other.id] + 1;
                    prop_assert!(fair, "{} over {}", person, other.id);
                }
            }
        }
    }
}
