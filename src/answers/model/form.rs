//! What a call asks. The same shape is sent, kept and shown: a form is written as a whole.

use super::decimal::{DECIMALS_MAX, Decimal};
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// What kind of answer a question takes.
    pub enum QuestionKind {
        /// One line.
        ShortText = "short_text",
        /// Paragraphs, up to a number of words.
        LongText = "long_text",
        /// A number: a whole one, or with as many decimals as the question says.
        Number = "number",
        /// An amount in the question's currency.
        Money = "money",
        /// A day.
        Date = "date",
        /// One of the options.
        Choice = "choice",
        /// Some of the options.
        Choices = "choices",
        /// A file that hangs on the application, by its id.
        File = "file",
        /// Rows of typed columns.
        Table = "table",
    }
}

text_enum! {
    /// What stands in a column.
    pub enum ColumnKind {
        /// One line.
        Text = "text",
        /// A number: a whole one, or with as many decimals as the column says.
        Number = "number",
        /// An amount in the column's currency.
        Money = "money",
        /// A day.
        Date = "date",
        /// One of the options.
        Choice = "choice",
    }
}

/// One of the answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is kept.
    pub key: String,
    /// What is shown.
    pub label: String,
}

/// When a question is asked: if an earlier one was answered so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The key of an earlier question.
    pub question: String,
    /// Of a choice or choices: one of these options was chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<String>,
    /// Of a number: it is at least this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Decimal>,
    /// Of a number: it is at most this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Decimal>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name in an answer.
    pub key: String,
    /// What is shown.
    pub label: String,
    /// What stands in it.
    pub kind: ColumnKind,
    /// Whether every row needs it.
    #[serde(default)]
    pub required: bool,
    /// Of a number: the most digits after the point, 0 to 6; 0 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 6)]
    pub decimals: Option<i64>,
    /// The currency of a money column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What a choice is made from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
}

/// A question of a form. Which of the limits it may have depends on its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name in answers: small letters, digits and `_`, up to 40.
    pub key: String,
    /// What is asked, up to 300 characters.
    pub label: String,
    /// How to answer, up to 2,000 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// What kind of answer it takes.
    pub kind: QuestionKind,
    /// Whether it has to be answered where it is shown.
    #[serde(default)]
    pub required: bool,
    /// Whether its answer is shown with a public application; others see answers only where they
    /// work with the application.
    #[serde(default)]
    pub public: bool,
    /// When it is asked; always where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_if: Option<Condition>,
    /// Under which name its answer is remembered for the next form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reuse_key: Option<String>,
    /// Of a short text: the most characters, 1 to 500; 200 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<i64>,
    /// Of a long text: the most words, 1 to 2,000; 500 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_words: Option<i64>,
    /// Of a number: the most digits after the point, 0 to 6; 0 where absent. It has at most 15
    /// digits in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 6)]
    pub decimals: Option<i64>,
    /// Of a number: the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Decimal>,
    /// Of a number: the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Decimal>,
    /// Of money: its currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Of a choice or choices: 1 to 100 options.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Of choices: the most; all where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_choices: Option<i64>,
    /// Of a table: 1 to 12 columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
    /// Of a table: the most rows, 1 to 50; 20 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rows: Option<i64>,
}

fn digits(decimals: Option<i64>) -> u32 {
    decimals.and_then(|n| u32::try_from(n).ok()).map_or(0, |n| n.min(DECIMALS_MAX))
}

impl Question {
    /// Digits after the point that its numbers may have.
    pub fn digits(&self) -> u32 {
        digits(self.decimals)
    }
}
impl Column {
    /// Digits after the point that its numbers may have.
    pub fn digits(&self) -> u32 {
        digits(self.decimals)
    }
}

/// A question that decides whether somebody can apply at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuizQuestion {
    /// Its name in answers; no question of the form has the same.
    pub key: String,
    /// What is asked, up to 300 characters.
    pub label: String,
    /// How to answer, up to 2,000 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// What can be answered.
    pub options: Vec<Choice>,
    /// The options with which somebody can apply.
    pub eligible: Vec<String>,
    /// What everybody else is told: why they cannot, up to 1,000 characters.
    pub refusal: String,
}

/// What reviewers score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Its name in reviews.
    pub key: String,
    /// What is shown, up to 300 characters.
    pub label: String,
    /// What to look at, up to 2,000 characters.
    #[serde(default)]
    pub help: String,
    /// How much it counts, 1 to 100.
    #[schema(minimum = 1, maximum = 100)]
    pub weight: i32,
    /// The best score, 2 to 10.
    #[schema(minimum = 2, maximum = 10)]
    pub max_score: i32,
}

/// The whole of what a call asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// In their order, up to 200.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// Who can apply, up to 30 questions.
    #[serde(default)]
    pub eligibility: Vec<QuizQuestion>,
    /// What reviewers score, up to 20 criteria; none: the service's own.
    #[serde(default)]
    pub rubric: Vec<Criterion>,
}
