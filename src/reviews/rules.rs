//! Decisions about reviews, from facts alone.

pub mod balance;
pub mod sums;

use super::model::{Aside, Content, Criterion, EditReview, Recommendation, ReviewStatus, Score};
use crate::applications::model::{ApplicationStatus, Ground, found_conflict};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::patch::Patch;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
use std::collections::BTreeMap;

/// Longest reason, and comment on a criterion, in characters.
pub const REASON_MAX: usize = 5_000;
/// Longest comment on the whole, in characters.
pub const COMMENT_MAX: usize = 20_000;
/// Most reviewers ever asked about one application.
pub const REVIEWERS_MAX: usize = 20;
/// Most versions of one review.
pub const SUBMISSIONS_MAX: i32 = 20;
/// Most reviews of each application that one run assigns.
pub const PER_APPLICATION_MAX: i64 = 10;
/// Most reviews that may wait for one reviewer, as an admin can set it.
pub const PER_REVIEWER_MAX: i64 = 1_000;
/// Most reviewers that one run chooses among.
pub const POOL_MAX: usize = 200;

/// Days that a reviewer has where nobody says otherwise.
const DUE_DAYS: i32 = 14;
/// Days before the promised decision on which reviews should be in.
const BEFORE_PROMISE: i32 = 7;
/// Days that a reviewer has at least.
const LEAST_DAYS: i32 = 3;

/// The day by which a review is asked for where nobody says otherwise.
pub fn due(today: Date, promised_on: Option<Date>) -> Date {
    let day = today.plus_days(DUE_DAYS);
    let day = promised_on.map_or(day, |promised| day.min(promised.plus_days(-BEFORE_PROMISE)));
    day.max(today.plus_days(LEAST_DAYS))
}

/// The rubric of calls that define none.
pub fn default_rubric() -> Vec<Criterion> {
    let criterion = |key: &str, label: &str, help: &str| Criterion {
        key: key.into(),
        label: label.into(),
        help: help.into(),
        weight: 25,
        max_score: 5,
    };
    vec![
        criterion("merit", "Merit", "How much would it matter if it worked?"),
        criterion("feasibility", "Feasibility", "How likely is it to work as described?"),
        criterion("team", "Team", "Are these the people to do it?"),
        criterion("value", "Value for money", "Is the money in proportion to what comes of it?"),
    ]
}

/// What decides on an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where the application stands.
    pub application: ApplicationStatus,
    /// Whether it was ever open to those who fund: they have read since who applies.
    pub opened: bool,
    /// Whether it was decided on the reviews.
    pub decided: bool,
    /// How many reviewers were ever asked.
    pub asked: usize,
    /// Whether a review is in.
    pub any_in: bool,
    /// Whether names are hidden from reviewers of the call.
    pub blind: bool,
    /// Their review, if they were asked before: where it stands, why it does not count, and how
    /// often it was submitted.
    pub before: Option<(ReviewStatus, Option<Aside>, i32)>,
    /// Whether they are a reviewer, and may act.
    pub reviewer: bool,
    /// Whether their other roles let them read reviews.
    pub reads_reviews: bool,
    /// Whether their other roles show them who applies.
    pub sees_names: bool,
    /// Whether names are hidden, and they know who applies for what they did for this application
    /// before.
    pub knows_names: bool,
    /// Whether they are on the application.
    pub on_team: bool,
    /// Whether they declared a conflict.
    pub conflict: bool,
    /// What they have in common with the team, and no admin has looked at.
    pub found: Vec<Ground>,
}

/// Whether the application takes reviewers at all; where names are `shown`, though its call hides
/// them from reviewers, it is too late.
///
/// # Errors
/// 409 where it does not.
pub fn takes_reviewers(status: ApplicationStatus, decided: bool, shown: bool) -> Result<()> {
    under_review(status, decided)?;
    if shown {
        let detail = "The call is reviewed without names, and the application is open, or was: who \
                      applies is known to those who fund, or to everybody. Assign reviewers \
                      before that.";
        return Err(Problem::wrong_state(detail));
    }
    Ok(())
}

/// Whether reviews of it may still change.
///
/// # Errors
/// 409 where it has ended, or was decided on.
pub fn under_review(status: ApplicationStatus, decided: bool) -> Result<()> {
    use ApplicationStatus as S;
    if decided {
        return Err(Problem::wrong_state("It was decided on the reviews: they stay as they are."));
    }
    match status {
        S::Submitted | S::Open | S::ChangesRequested => Ok(()),
        S::Draft => Err(Problem::wrong_state("The application is still being written.")),
        S::Awarded | S::Declined | S::Withdrawn | S::Lapsed => {
            Err(Problem::wrong_state(format!("The application is {status}: reviewing is over.")))
        }
    }
}

/// Whether somebody may be assigned.
///
/// # Errors
/// 409 where the application's state, a limit or what was found forbids it; 422 for a person who
/// cannot be its reviewer.
pub fn may_assign(candidate: &Candidate) -> Result<()> {
    let shown = candidate.blind && candidate.opened;
    takes_reviewers(candidate.application, candidate.decided, shown)?;
    let wrong = |code, message| Err(Problem::field("/person_id", code, message));
    if !candidate.reviewer {
        return wrong("not_a_reviewer", "this has to be somebody with the role of a reviewer");
    }
    if candidate.on_team {
        return wrong("on_application", "they are on this application");
    }
    if candidate.conflict {
        return wrong("conflict", "they declared a conflict of interest with this application");
    }
    if !candidate.found.is_empty() {
        return Err(found_conflict("They and somebody on this application", &candidate.found));
    }
    if candidate.blind && candidate.sees_names {
        return wrong("sees_names", "the call hides names, and their other roles show them");
    }
    if candidate.blind && candidate.knows_names {
        return wrong(
            "knows_names",
            "the call hides names, and they nominated it, said no to it, or were asked to vouch",
        );
    }
    if candidate.reads_reviews && candidate.any_in {
        return wrong("reads_reviews", "their role has let them read reviews that are in");
    }
    match candidate.before {
        None => {}
        Some((ReviewStatus::Assigned | ReviewStatus::Submitted, _, _)) => {
            return Err(Problem::new(Kind::AlreadyExists, "They review this application already."));
        }
        // Of a conflict that holds it was asked above: here it was lifted.
        Some((ReviewStatus::SetAside, _, 0)) => return Ok(()),
        Some(_) => return wrong("set_aside", "their review of it was set aside for good"),
    }
    if candidate.asked >= REVIEWERS_MAX {
        let detail = format!("{REVIEWERS_MAX} people were asked, and no more can be.");
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    Ok(())
}

/// How a reviewer stands to what they are about to submit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partiality {
    /// They are on it by now.
    pub on_team: bool,
    /// They declared a conflict.
    pub conflict: bool,
    /// What was found, and no admin has looked at.
    pub found: Vec<Ground>,
}

impl Partiality {
    /// Whether a review of theirs counts.
    pub fn is_none(&self) -> bool {
        !self.on_team && !self.conflict && self.found.is_empty()
    }
}

/// Whether a review may be submitted by somebody who stands like this. To whom names are hidden,
/// what was found would tell something of them.
///
/// # Errors
/// 403 on the application or with a declared conflict, 409 with what was found.
pub fn impartial(partiality: &Partiality, blind: bool) -> Result<()> {
    let conflict = |detail: &str| Err(Problem::new(Kind::ConflictOfInterest, detail));
    if partiality.on_team {
        return conflict("You are on this application.");
    }
    if partiality.conflict {
        return conflict("You declared a conflict with this application.");
    }
    if blind && !partiality.found.is_empty() {
        let detail = "A possible conflict of interest was found: an admin has to look at it.";
        return Err(Problem::new(Kind::ConflictFound, detail));
    }
    if !partiality.found.is_empty() {
        return Err(found_conflict("You and somebody on this application", &partiality.found));
    }
    Ok(())
}

/// The content with the changes asked for; what is wrong goes to `fields`.
pub fn edit(
    fields: &mut Fields,
    rubric: &[Criterion],
    old: &Content,
    form: &EditReview,
) -> Content {
    let mut new = old.clone();
    match &form.scores {
        Patch::Leave => {}
        Patch::Clear => new.scores.clear(),
        Patch::Set(sent) if sent.len() > rubric.len() => {
            let message = format!("there are {} criteria: score each once", rubric.len());
            fields.push("/scores", "too_many", message);
        }
        Patch::Set(sent) => {
            let mut scores: BTreeMap<usize, Score> = BTreeMap::new();
            for (i, score) in sent.iter().enumerate() {
                let pointer = format!("/scores/{i}");
                let comment = &score.comment;
                let comment =
                    fields.paragraphs(&format!("{pointer}/comment"), comment, 0, REASON_MAX);
                let Some(place) = rubric.iter().position(|c| c.key == score.key) else {
                    let message = "the rubric has no such criterion";
                    fields.push(&format!("{pointer}/key"), "unknown", message);
                    continue;
                };
                let (most, key) = (rubric[place].max_score, score.key.clone());
                fields.range(&format!("{pointer}/score"), score.score.into(), 0, most.into());
                if scores.insert(place, Score { key, score: score.score, comment }).is_some() {
                    let message = "this criterion was scored above";
                    fields.push(&format!("{pointer}/key"), "twice", message);
                }
            }
            new.scores = scores.into_values().collect();
        }
    }
    match &form.comment {
        Patch::Leave => {}
        Patch::Clear => new.comment.clear(),
        Patch::Set(text) => new.comment = fields.paragraphs("/comment", text, 0, COMMENT_MAX),
    }
    match form.recommendation {
        Patch::Leave => {}
        Patch::Clear => new.recommendation = None,
        Patch::Set(recommendation) => new.recommendation = Some(recommendation),
    }
    new
}

/// What is still missing before it can be submitted, all at once.
pub fn complete(fields: &mut Fields, rubric: &[Criterion], content: &Content) {
    for criterion in rubric {
        if !content.scores.iter().any(|score| score.key == criterion.key) {
            let message = format!("“{}” is not scored yet", criterion.label);
            fields.push("/scores", "required", message);
        }
    }
    fields.check(!content.comment.is_empty(), "/comment", "required", "say what you think of it");
    let recommended = content.recommendation.is_some();
    fields.check(recommended, "/recommendation", "required", "say what should be done");
}

/// The recommendation of a complete review.
///
/// # Errors
/// An internal problem where there is none: it was not complete.
pub fn recommended(content: &Content) -> Result<Recommendation> {
    let missing = || Problem::internal("a review was submitted without a recommendation");
    content.recommendation.ok_or_else(missing)
}

#[cfg(test)]
mod tests;
