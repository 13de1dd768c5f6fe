//! Rows of forms and answers.

mod forms;

pub(super) use forms::*;
