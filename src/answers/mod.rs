//! Forms: what a call asks, and what people answered.
//!
//! A form has questions, an eligibility quiz, and the rubric that reviewers score by. Invariants:
//! - A form is never changed: an edit makes the next version, and an application keeps the one
//!   that it was written under.
//! - A question is shown by a condition on an *earlier* question, so that there is no circle.
//! - What [`rules::check`] takes and what the form's JSON Schema takes is the same.
//! - A call without a form asks nothing: its form is version 0, and empty.

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
mod store;
