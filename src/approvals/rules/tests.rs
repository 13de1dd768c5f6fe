use super::*;
use crate::kernel::ids::{Id, PersonId};
use crate::kernel::time::Instant;
use proptest::prelude::*;

fn person(n: u8) -> PersonId {
    Id::from_uuid(uuid::Uuid::from_u128(u128::from(n)))
}

fn approval(needed: i32, requested_by: Option<u8>) -> Approval {
    Approval {
        id: Id::from_uuid(uuid::Uuid::nil()),
        subject_hash: "h".into(),
        needed,
        status: ApprovalStatus::Pending,
        requested_by: requested_by.map(person),
        created_at: Instant::from_micros(0).expect("in range"),
        concluded_at: None,
    }
}

fn kind(result: Result<()>) -> Option<Kind> {
    result.err().map(|p| p.kind())
}

#[test]
fn nobody_decides_on_what_they_asked_for_or_gain_from() {
    let it = approval(1, Some(1));
    assert_eq!(kind(may_vote(&it, "h", person(1), &[])), Some(Kind::TwoPersons));
    assert_eq!(kind(may_vote(&it, "h", person(2), &[person(2)])), Some(Kind::TwoPersons));
    assert_eq!(kind(may_vote(&it, "h", person(2), &[person(3)])), None);
}

#[test]
fn a_vote_is_bound_to_what_was_asked() {
    let mut it = approval(1, Some(1));
    assert_eq!(kind(may_vote(&it, "other", person(2), &[])), Some(Kind::WrongState));
    for status in [ApprovalStatus::Approved, ApprovalStatus::Denied, ApprovalStatus::Ended] {
        it.status = status;
        assert_eq!(kind(may_vote(&it, "h", person(2), &[])), Some(Kind::WrongState));
    }
}

#[test]
fn one_denial_denies() {
    let votes = [(person(2), Vote::Approve), (person(3), Vote::Deny)];
    assert_eq!(outcome(&approval(1, Some(1)), &votes, &[]), VoteResult::Denied);
}

#[test]
fn needing_nobody_is_never_enough() {
    assert_eq!(outcome(&approval(0, None), &[], &[]), VoteResult::Pending);
    assert_eq!(
        outcome(&approval(-1, None), &[(person(2), Vote::Approve)], &[]),
        VoteResult::Pending
    );
}

proptest! {
    /// Whatever votes there are: approved only by enough different persons who may, and always
    /// once they are enough and nobody denies.
    #[test]
    fn approved_means_enough_different_persons(
        needed in 1..=MOST_NEEDED,
        requester in proptest::option::of(0u8..8),
        votes in proptest::collection::vec((0u8..8, prop::bool::weighted(0.9)), 0..12),
        excluded in proptest::collection::vec(0u8..8, 0..4),
    ) {
        let it = approval(needed, requester);
        let cast: Vec<_> = votes
            .iter()
            .map(|(n, yes)| (person(*n), if *yes { Vote::Approve } else { Vote::Deny }))
            .collect();
        let barred: Vec<_> = excluded.iter().map(|n| person(*n)).collect();
        let valid: std::collections::BTreeSet<u8> = votes
            .iter()
            .map(|(n, _)| *n)
            .filter(|n| Some(*n) != requester && !excluded.contains(n))
            .collect();
        let enough = i32::try_from(valid.len()).is_ok_and(|n| n >= needed);
        let denied = votes.iter().any(|(_, yes)| !yes);
        let expected = match (denied, enough) {
            (true, _) => VoteResult::Denied,
            (false, true) => VoteResult::Approved,
            (false, false) => VoteResult::Pending,
        };
        prop_assert_eq!(outcome(&it, &cast, &barred), expected);
    }
}
