//! A form, and what is in one.

mod form;

pub use form::{
    Choice, Column, ColumnKind, Condition, Criterion, Form, Question, QuestionKind, QuizQuestion,
};
