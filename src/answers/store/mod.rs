//! Rows of forms and answers.

mod bank;
mod forms;
mod papers;

pub(super) use bank::*;
pub(super) use forms::*;
pub(super) use papers::*;

use super::model::QuestionKind;

crate::db_text!(QuestionKind);
