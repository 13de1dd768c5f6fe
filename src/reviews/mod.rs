//! Reviews: scores under a rubric, and what is decided on them.
//!
//! ```text
//! assigned → submitted → (further versions)
//! assigned/submitted → set_aside (conflict | declined | removed)
//! ```
//! An admin assigns reviewers, one by one or for a whole call by load. A reviewer reads the
//! application through their review ([`service::application`]), not at the application's own
//! address: that stays hidden from them. In a *blind* call they read it without applicant and team.
//!
//! Invariants:
//! - Nobody sees anybody's scores on an application on which their own review is still open,
//!   whatever other roles they hold: no sum, no count, no recommendation. So who may read reviews
//!   by their role (admins, auditors) is assigned only while none is in, and the audit log names
//!   acts, never scores.
//! - Nobody reviews what they are on, or have a declared or a found conflict with, nor reads what
//!   others said of it. A conflict that is declared while reviews are open sets the review aside;
//!   it counts no more. Where it is lifted, whoever never handed theirs in may be asked again.
//! - All reviews of one application are under one rubric: the one that its call had when the first
//!   reviewer was assigned. It is kept with each review.
//! - What was submitted stays: a change is a new version, which notes how many others were in.
//! - Totals are exact: a fraction of whole numbers, rounded once, half up, to hundredths.
//! - After the decision, or the application's end, nothing changes any more.
//! - In a blind call reviewers are assigned before the application is open, and only those whose
//!   other roles do not show them its names. What everybody may read can be hidden from nobody.

pub mod api;
pub mod jobs;
pub mod model;
pub mod rules;
pub mod service;
mod store;
