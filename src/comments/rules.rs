//! Who reads and writes which comments.

use super::model::CommentVisibility;
use crate::kernel::time::Instant;

/// Longest text, in characters.
pub const BODY_MAX: usize = 5_000;
/// People mentioned in one comment.
pub const MENTIONS_MAX: usize = 20;
/// People mentioned by one person in a day, on all applications, each time that they are.
pub const MENTIONS_A_DAY: i64 = 50;
/// Comments of one person in an hour, on all applications.
pub const HOURLY_MAX: i64 = 30;
/// Seconds for which whoever said something hears of what is said then.
pub const THREAD_SECONDS: i64 = 90 * 24 * 3_600;
/// Of those who said something, how many hear of it, the last first.
pub const SPEAKERS_MAX: i64 = 50;
/// Comments on one application, removed ones included, beyond which only its team and those who
/// may fund or decide on it say something.
pub const COMMENTS_MAX: i64 = 2_000;
/// Seconds in which a text can be changed.
pub const EDIT_SECONDS: i64 = 15 * 60;
/// Comments that are told of in one mail.
pub const TOLD_MAX: usize = 10;

/// How somebody stands to an application that they see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stand {
    /// They apply, are on the team or were, are invited to it, or may do paperwork for who applies,
    /// or might since it was begun.
    pub inside: bool,
    /// They apply, said yes to being on the team, or do paperwork for who applies.
    pub team: bool,
    /// They run the service, pay or audit.
    pub sponsor: bool,
    /// They are a regrantor who could fund it.
    pub backer: bool,
    /// They keep out, for a conflict that they declared.
    pub conflict: bool,
}

/// Which comments they read.
pub fn readable(stand: Stand) -> Vec<CommentVisibility> {
    let funds = stand.sponsor || stand.backer;
    let mut all = vec![CommentVisibility::Public];
    if stand.team || funds {
        all.push(CommentVisibility::ApplicantAndFunders);
    }
    if funds && !stand.inside && !stand.conflict {
        all.push(CommentVisibility::Internal);
    }
    all
}

/// Whether a text can still be changed.
pub fn is_fresh(said_at: Instant, now: Instant) -> bool {
    now <= said_at.plus_seconds(EDIT_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use CommentVisibility::{ApplicantAndFunders, Internal, Public};

    #[test]
    fn who_reads_what() {
        let nobody = Stand::default();
        let team = Stand { inside: true, team: true, ..nobody };
        let (sponsor, backer) =
            (Stand { sponsor: true, ..nobody }, Stand { backer: true, ..nobody });
        for (stand, all) in [
            (nobody, vec![Public]),
            (Stand { inside: true, ..nobody }, vec![Public]),
            (team, vec![Public, ApplicantAndFunders]),
            (sponsor, vec![Public, ApplicantAndFunders, Internal]),
            (backer, vec![Public, ApplicantAndFunders, Internal]),
            (Stand { sponsor: true, ..team }, vec![Public, ApplicantAndFunders]),
            (Stand { inside: true, ..sponsor }, vec![Public, ApplicantAndFunders]),
            (Stand { conflict: true, ..sponsor }, vec![Public, ApplicantAndFunders]),
        ] {
            assert_eq!(readable(stand), all, "{stand:?}");
        }
    }
}
