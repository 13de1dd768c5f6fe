//! Who may vote, and what votes amount to.

use super::model::{Approval, ApprovalStatus, Vote, VoteResult};
use crate::kernel::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::{Kind, Problem};

/// Most persons that an approval may need; the database repeats the rule.
pub const MOST_NEEDED: i32 = 5;

/// Whether `voter` may vote on this approval of an object that now has `hash`. Refuses whoever
/// asked for it and whoever is excluded (they gain from it or made it), and every vote on what is
/// concluded or was changed since.
pub fn may_vote(
    approval: &Approval,
    hash: &str,
    voter: PersonId,
    excluded: &[PersonId],
) -> Result<()> {
    still_pending(approval, hash)?;
    if approval.requested_by == Some(voter) {
        return Err(Problem::new(Kind::TwoPersons, "You asked for this approval yourself."));
    }
    if excluded.contains(&voter) {
        return Err(Problem::new(Kind::TwoPersons, "You made this or gain from it."));
    }
    Ok(())
}

/// Refuses what is concluded, and what is no longer what it was when the approval was opened.
pub fn still_pending(approval: &Approval, hash: &str) -> Result<()> {
    if approval.status != ApprovalStatus::Pending {
        return Err(Problem::wrong_state(format!("This was {} already.", done(approval.status))));
    }
    if approval.subject_hash != hash {
        return Err(Problem::wrong_state("It was changed since its approval was asked for."));
    }
    Ok(())
}

const fn done(status: ApprovalStatus) -> &'static str {
    match status {
        ApprovalStatus::Pending => "asked for",
        ApprovalStatus::Approved => "approved",
        ApprovalStatus::Denied => "denied",
        ApprovalStatus::Ended => "withdrawn or changed",
    }
}

/// What the votes amount to. Votes of the requester and of excluded persons do not count as
/// approval (somebody may have come to be excluded after they voted); a denial counts whoever
/// gave it.
pub fn outcome(
    approval: &Approval,
    votes: &[(PersonId, Vote)],
    excluded: &[PersonId],
) -> VoteResult {
    if votes.iter().any(|(_, vote)| *vote == Vote::Deny) {
        return VoteResult::Denied;
    }
    let mut voters: Vec<PersonId> = votes
        .iter()
        .map(|(person, _)| *person)
        .filter(|p| approval.requested_by != Some(*p) && !excluded.contains(p))
        .collect();
    voters.sort();
    voters.dedup();
    let enough = usize::try_from(approval.needed).is_ok_and(|n| n > 0 && voters.len() >= n);
    if enough { VoteResult::Approved } else { VoteResult::Pending }
}

#[cfg(test)]
mod tests;
