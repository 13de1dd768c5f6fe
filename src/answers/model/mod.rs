//! A form, what is in one, and what people answered.

mod decimal;
mod form;

pub use decimal::{DECIMALS_MAX, Decimal};
pub use form::{
    Choice, Column, ColumnKind, Condition, Criterion, Form, Question, QuestionKind, QuizQuestion,
};

use crate::kernel::ids::{ApplicationId, CallId};
use crate::kernel::time::Instant;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Answers by the keys of their questions.
pub type Answers = Map<String, Value>;

/// Where an answer came from that was filled in from the bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Origin {
    /// Under which name it was remembered.
    pub reuse_key: String,
    /// The application that it was given in.
    pub application_id: ApplicationId,
    /// When that was handed in.
    pub answered_at: Instant,
}

/// What was filled in from the bank and not confirmed, by the keys of its questions.
pub type Suggested = BTreeMap<String, Origin>;

/// The answers of an application, as kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paper {
    /// The version of the call's form that they are written under; 0: the call has none.
    pub form_version: i32,
    /// By question.
    pub answers: Answers,
    /// What of them nobody has confirmed yet.
    pub suggested: Suggested,
}

/// An answer as others read it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Answered {
    /// The question's name in the form.
    pub key: String,
    /// What was asked.
    pub label: String,
    /// What kind of answer it takes.
    pub kind: QuestionKind,
    /// What was answered: options by their labels, a file by its id.
    #[schema(value_type = Object)]
    pub answer: Value,
}

/// A version of a call's form.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FormView {
    /// The call.
    pub call_id: CallId,
    /// Counts from 1; 0 is the empty form of a call that has none.
    pub version: i32,
    /// The newest version that there is.
    pub newest_version: i32,
    /// When it was written.
    pub created_at: Option<Instant>,
    /// What it asks.
    #[serde(flatten)]
    pub form: Form,
}

/// Answers to try on a call's eligibility quiz.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryEligibility {
    /// Options by the keys of the quiz.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub answers: Answers,
}

/// Why somebody cannot apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Ineligible {
    /// The key of the quiz's question.
    pub key: String,
    /// As the call puts it.
    pub reason: String,
}

/// Whether somebody can apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Eligibility {
    /// All is answered, and nothing stands against it.
    pub eligible: bool,
    /// What stands against it.
    pub reasons: Vec<Ineligible>,
    /// What is not answered yet.
    pub missing: Vec<String>,
}

/// An answer that is remembered for the next form.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Remembered {
    /// Its name in forms.
    pub reuse_key: String,
    /// What kind of question it answered.
    pub kind: QuestionKind,
    /// What was answered.
    #[schema(value_type = Object)]
    pub answer: Value,
    /// What had been asked.
    pub label: String,
    /// The application that it was given in.
    pub application_id: ApplicationId,
    /// When that was handed in.
    pub answered_at: Instant,
}
