//! What people send.

use super::ConcernOutcome;
use crate::kernel::ids::ConcernId;
use serde::Deserialize;

/// Why somebody is added to the group, or leaves it.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LaneReason {
    /// In up to 2,000 characters.
    pub reason: String,
}

/// A question, as sent.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionForm {
    /// Names it in answers: small letters, digits and `_`, up to 40.
    pub key: String,
    /// The question, in up to 1,000 characters.
    pub text: String,
}

/// What applicants are asked from now on.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetQuestions {
    /// 1 to 20, in their order.
    pub questions: Vec<QuestionForm>,
}

/// An answer, as sent.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreeningAnswerForm {
    /// The question.
    pub key: String,
    /// In up to 5,000 characters.
    pub answer: String,
}

/// The answers to all questions.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerScreening {
    /// Each question once.
    pub answers: Vec<ScreeningAnswerForm>,
}

/// What somebody is worried about.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RaiseConcern {
    /// In up to 10,000 characters. Only the need-to-know group reads it.
    pub concern: String,
    /// true: the group may tell the applicant who raised it.
    #[serde(default)]
    pub may_name_me: bool,
}

/// What the applicant is asked.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskForm {
    /// A summary for the applicant, in up to 5,000 characters: in your words, so that it does not
    /// show who raised it.
    pub summary: String,
}

/// The applicant's answer.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RespondForm {
    /// What it answers.
    pub concern_id: ConcernId,
    /// In up to 10,000 characters.
    pub response: String,
}

/// What comes of a concern.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideConcern {
    // What comes of it. A doc comment here would make it an object as well.
    #[schema(inline)]
    pub outcome: ConcernOutcome,
    /// Why, in up to 5,000 characters; the group alone reads it.
    pub reason: String,
    /// With `conditions`: what is asked, in up to 2,000 characters. Those who may fund the
    /// application and its applicant read it, and it goes into the agreement.
    #[serde(default)]
    pub conditions: Option<String>,
    /// With `stopped`: why it is declined, in up to 5,000 characters, as the applicant reads it.
    #[serde(default)]
    pub public_reason: Option<String>,
}
