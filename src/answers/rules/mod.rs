//! Decisions about forms and answers, from facts alone.

mod answers;
mod carry;
mod files;
mod form;
mod kinds;
mod labelled;
mod schema;

pub use answers::{check, eligibility, fits, merge, prune, unanswered};
pub use carry::{carry, common, fills};
pub use files::{files, point};
pub use form::form;
pub use labelled::labelled;
pub use schema::schema;

/// Most questions of a form.
pub const QUESTIONS_MAX: usize = 200;
/// Most questions of an eligibility quiz.
pub const QUIZ_MAX: usize = 30;
/// Most criteria of a rubric.
pub const CRITERIA_MAX: usize = 20;
/// Most options of a choice.
pub const OPTIONS_MAX: usize = 100;
/// Most columns of a table.
pub const COLUMNS_MAX: usize = 12;
/// Most rows of a table.
pub const ROWS_MAX: i64 = 50;
/// Longest key, in characters.
pub const KEY_MAX: usize = 40;
/// Longest label, in characters.
pub const LABEL_MAX: usize = 300;
/// Longest help, in characters.
pub const HELP_MAX: usize = 2_000;
/// Longest refusal of a quiz, in characters.
pub const REFUSAL_MAX: usize = 1_000;
/// Longest short text, in characters.
pub const SHORT_MAX: i64 = 500;
/// Most words of a long text.
pub const WORDS_MAX: i64 = 2_000;
/// Longest long text, in characters.
pub const LONG_MAX: usize = 20_000;
/// The largest number, and with a minus the smallest: all programs read it exactly.
pub const NUMBER_MAX: i64 = 1_000_000_000_000_000;
/// Most bytes of all answers of an application together, as JSON.
pub const ANSWERS_BYTES_MAX: usize = 400_000;

#[cfg(test)]
mod tests;
