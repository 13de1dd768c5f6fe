//! The need-to-know lane: what could do harm, looked at by few.
//!
//! ```text
//! screening  waiting → cleared → (changes requested, or stopped and reopened) waiting
//! concern    open → (asked → answered) → closed: cleared | conditions | stopped
//! ```
//! A group of people, named by admins one by one, sees what applicants answer about harm and what
//! others raise. It is no role: who is in it is not thereby an admin, and no admin is thereby in
//! it. Once somebody is in it, every application waits for its screening before it is awarded.
//!
//! Invariants:
//! - Nobody outside the group learns of a concern, whatever roles they hold: an application with
//!   one is held back by the very words that hold every application back whose screening is not
//!   done, and nothing else about it differs. The check comes last in an award, so that a refusal
//!   for another reason never shows that screening was done.
//! - The applicant reads a summary that the group wrote; who raised it is named to nobody outside
//!   the group.
//! - Whoever is on an application, or in a conflict with it (declared or found), sees nothing of
//!   its lane though they are in the group. Who raised a concern does not decide it.
//! - Nothing is stopped or tied to conditions before the applicant could answer: they did, or seven
//!   days are over.
//! - Texts are sealed in the database. The audit log names acts, neither texts, applications nor
//!   people; who did what stands in the lane's own log.
//! - What was stopped and came back by an appeal is held until the group clears it, or decides
//!   anew; what a concern came to stays as it was recorded.
//! - Once there is a group it is never empty: an admin cannot lift the hold by emptying it.

pub mod api;
pub mod events;
pub mod jobs;
pub mod model;
pub mod rules;
pub mod service;
mod store;
