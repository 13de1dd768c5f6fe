//! Applications: a request for money, from the first draft to the decision.
//!
//! ```text
//! draft → submitted → open → awarded
//!         submitted/open ⇄ changes_requested
//!         submitted/open/changes_requested → declined
//!         submitted/open → lapsed
//! draft/submitted/open/changes_requested → withdrawn
//! ```
//! A draft can be withdrawn (nobody else has seen it), and so can one that waits for its
//! applicant's changes: nobody is held to a request. Whose applicant never answers is declined.
//!
//! Invariants:
//! - Only the applicant edits, only in a draft or when changes were requested; each edit names the
//!   version that it is based on, so that two windows cannot overwrite each other.
//! - What is submitted is complete, its budget lines add up to what is requested, and everybody
//!   who was invited has answered for themselves. People are asked onto the team until it ends; who
//!   has a say in it keeps off it (`offers` knows who: [`service::MayJoin`]), and who has not said
//!   yes is bound by nothing.
//! - Submitting promises a day: that of the submission plus the call's decision time. While
//!   changes are asked for the clock stands.
//! - `offered ≤ amount_requested`, kept by guarded updates and by the database; nothing is offered
//!   on an application that is not open.
//! - Nobody decides on an application that they are on, or have a declared conflict with.
//! - A private application and a draft answer to strangers exactly like a missing one; a draft is
//!   seen by its team alone, not by admins either.
//! - What has been decided stays decided: awarded, declined, withdrawn and lapsed are ends. One
//!   way leads back: an appeal, where the call allows it, that another person than who declined
//!   found right.
//! - One that is in further calls can be declined in its own alone, and goes on in these; once all
//!   of its calls have declined it, it is declined. It is in its own call no more then, whatever
//!   `call_id` says: see [`model::ApplicationFacts::own_call`].
//! - What its applicant deletes is gone: a draft with all that hangs on it, and the words of one
//!   that was handed in, or merged, and ended without a grant. What others wrote, decided or paid
//!   stays.
//! - No promised day passes in silence: it is moved, with a reason, and the applicant told, two
//!   days before (`rules::clock`).
//!
//! An application lapses when its call ended longer ago than the call's decision time, its own
//! promised day is over, and the offers on it do not reach its minimum. One whose offers do reach
//! it waits for the award, however late: the delay is ours. In a rolling call that was never
//! closed nothing lapses.

pub mod api;
pub mod events;
pub mod jobs;
pub mod model;
pub mod rules;
pub mod service;
mod store;
