//! Decisions of the lane, from facts alone.

use super::model::{
    Answer, ConcernOutcome, ConcernStatus, DecideConcern, QuestionForm, QuestionSet,
    ScreeningAnswerForm, ScreeningQuestion, ScreeningStatus,
};
use crate::applications::model::ApplicationStatus;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use std::collections::BTreeSet;

/// Longest concern or response, in characters.
pub const CONCERN_MAX: usize = 10_000;
/// Longest answer, summary, or reason, in characters.
pub const TEXT_MAX: usize = 5_000;
/// Longest conditions, or reason of an admin, in characters.
pub const SHORT_MAX: usize = 2_000;
/// Most questions in a set.
pub const QUESTIONS_MAX: usize = 20;
/// Most people in the group.
pub const MEMBERS_MAX: usize = 20;
/// Most open concerns about one application.
pub const OPEN_MAX: i64 = 500;
/// Most open concerns of one person about one application.
pub const OPEN_EACH: i64 = 3;
/// Most concerns about one application that are read at once.
pub const CONCERNS_MAX: i64 = 2_000;
/// Most concerns that one person raises in a day.
pub const CONCERNS_A_DAY: i64 = 10;
/// Days that the applicant has to answer before it is decided without.
pub const ANSWER_DAYS: i64 = 7;
/// Days without their answer after which an applicant is reminded, once.
pub const REMIND_DAYS: i64 = 5;
/// Days with the answers after which the group is reminded of a screening, each day.
pub const SCREEN_DAYS: i64 = 3;
/// Seconds after the answers before the group is told that they are others now.
pub const TELL_AGAIN_SECONDS: i64 = 3_600;
/// Days after which the group is reminded of a concern, each day.
pub const DECIDE_DAYS: i64 = 7;

/// The questions of services that set none.
pub fn default_set() -> QuestionSet {
    let question = |key: &str, text: &str| ScreeningQuestion { key: key.into(), text: text.into() };
    QuestionSet {
        number: 0,
        questions: vec![
            question(
                "misuse",
                "How could somebody who means harm use what you make or publish, and what do you \
                 do about it?",
            ),
            question(
                "accident",
                "What is the worst that could happen by mistake, and who would be hurt?",
            ),
            question("publication", "What will you not publish, and who decides that?"),
        ],
    }
}

/// The questions that were sent; what is wrong goes to `fields`.
pub fn questions(fields: &mut Fields, sent: &[QuestionForm]) -> Vec<ScreeningQuestion> {
    if sent.is_empty() || sent.len() > QUESTIONS_MAX {
        let message = format!("write 1 to {QUESTIONS_MAX} questions");
        fields.push("/questions", "out_of_range", message);
        return Vec::new();
    }
    let mut keys = BTreeSet::new();
    let mut all = Vec::with_capacity(sent.len());
    for (i, question) in sent.iter().enumerate() {
        let key = fields.line(&format!("/questions/{i}/key"), &question.key, 1, 40);
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let fits = key.is_empty() || (key.chars().all(word) && keys.insert(key.clone()));
        if !fits {
            let message = "write small letters, digits and _, each key once";
            fields.push(&format!("/questions/{i}/key"), "malformed", message);
        }
        let text = fields.paragraphs(&format!("/questions/{i}/text"), &question.text, 1, 1_000);
        all.push(ScreeningQuestion { key, text });
    }
    all
}

/// The answers that were sent, in the order of the questions; what is wrong goes to `fields`.
pub fn answers(
    fields: &mut Fields,
    set: &QuestionSet,
    sent: &[ScreeningAnswerForm],
) -> Vec<Answer> {
    for (i, answer) in sent.iter().enumerate() {
        let known = set.questions.iter().any(|question| question.key == answer.key);
        let first = sent[..i].iter().all(|other| other.key != answer.key);
        let pointer = format!("/answers/{i}/key");
        fields.check(known, &pointer, "unknown", "there is no such question");
        fields.check(first || !known, &pointer, "twice", "this was answered above");
    }
    let mut all = Vec::with_capacity(set.questions.len());
    for question in &set.questions {
        match sent.iter().enumerate().find(|(_, answer)| answer.key == question.key) {
            Some((i, answer)) => {
                let pointer = format!("/answers/{i}/answer");
                let answer = fields.paragraphs(&pointer, &answer.answer, 1, TEXT_MAX);
                all.push(Answer { key: question.key.clone(), answer });
            }
            None => {
                let message = format!("“{}” is not answered", question.key);
                fields.push("/answers", "required", message);
            }
        }
    }
    all
}

/// Whether a concern can be raised about an application.
///
/// # Errors
/// 409 for a draft, and for what has ended without a grant.
pub fn may_be_raised(status: ApplicationStatus) -> Result<()> {
    use ApplicationStatus as S;
    match status {
        S::Submitted | S::Open | S::ChangesRequested | S::Awarded => Ok(()),
        S::Draft => Err(Problem::wrong_state("The application is still being written.")),
        S::Declined | S::Withdrawn | S::Lapsed => {
            Err(Problem::wrong_state(format!("The application is {status}: nothing comes of it.")))
        }
    }
}

/// What decides on an award, as far as screening goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Whether there is a group: without one nothing is screened.
    pub group: bool,
    /// Where the screening stands; none where it has not begun.
    pub screening: Option<ScreeningStatus>,
    /// Whether a concern is open, or it is stopped still.
    pub open_concern: bool,
}

/// Whether an application may be awarded. The same words whether it waits for its turn or for a
/// concern: so they tell nobody of one.
///
/// # Errors
/// 409 while it is being screened.
pub fn may_be_awarded(hold: Hold) -> Result<()> {
    let cleared = hold.screening == Some(ScreeningStatus::Cleared);
    if !hold.group || (cleared && !hold.open_concern) {
        return Ok(());
    }
    let detail = "The application is being screened: it can be awarded when that is done.";
    Err(Problem::wrong_state(detail))
}

/// What decides on a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Where the concern stands.
    pub status: ConcernStatus,
    /// Whether it is their own.
    pub own: bool,
    /// When the applicant was asked.
    pub asked_at: Option<Instant>,
    /// Whether they answered.
    pub answered: bool,
    /// Where the application stands.
    pub application: ApplicationStatus,
}

/// What is decided, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Why.
    pub reason: String,
    /// Under which conditions.
    pub conditions: Option<String>,
    /// What the applicant reads, where it is stopped.
    pub public_reason: Option<String>,
}

/// Whether a concern may be decided like this.
///
/// # Errors
/// 403 for who raised it, 409 where it was decided or the applicant was not heard, 422 with all
/// that is wrong.
pub fn decide(case: &Case, form: &DecideConcern, now: Instant) -> Result<Decided> {
    if case.own {
        let detail = "You raised it: somebody else in the group decides.";
        return Err(Problem::new(Kind::TwoPersons, detail));
    }
    if case.status == ConcernStatus::Closed {
        return Err(Problem::wrong_state("It was decided already."));
    }
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", &form.reason, 1, TEXT_MAX);
    let mut only = |pointer: &str, text: &Option<String>, wanted: bool, most: usize| match text {
        Some(text) if wanted => Some(fields.paragraphs(pointer, text, 1, most)),
        Some(_) => {
            fields.push(pointer, "not_allowed", "this does not go with the outcome");
            None
        }
        None => {
            fields.check(!wanted, pointer, "required", "this is needed for the outcome");
            None
        }
    };
    let tied = form.outcome == ConcernOutcome::Conditions;
    let stopped = form.outcome == ConcernOutcome::Stopped;
    let conditions = only("/conditions", &form.conditions, tied, SHORT_MAX);
    let public_reason = only("/public_reason", &form.public_reason, stopped, TEXT_MAX);
    fields.finish()?;
    let late = |asked: Instant| asked.plus_seconds(ANSWER_DAYS * 86_400) <= now;
    let heard = case.answered || case.asked_at.is_some_and(late);
    if form.outcome != ConcernOutcome::Cleared && !heard {
        let detail = format!(
            "The applicant has a right to answer first: ask them; they have {ANSWER_DAYS} days."
        );
        return Err(Problem::wrong_state(detail));
    }
    use ApplicationStatus as S;
    if stopped && !matches!(case.application, S::Submitted | S::Open) {
        let detail = format!(
            "The application is {}: only a submitted or an open one can be stopped.",
            case.application
        );
        return Err(Problem::wrong_state(detail));
    }
    if tied && !matches!(case.application, S::Submitted | S::Open | S::ChangesRequested) {
        let instead = match case.application {
            S::Awarded => "its agreement is written. Ask an admin to pause the grant",
            _ => "it has ended. If it may come again, leave this open: it goes on with it",
        };
        let detail = format!(
            "The application is {}: conditions would bind nothing, {instead}.",
            case.application
        );
        return Err(Problem::wrong_state(detail));
    }
    Ok(Decided { reason, conditions, public_reason })
}

#[cfg(test)]
mod tests;
