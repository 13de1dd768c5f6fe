//! Calls: invitations to apply, with a last day (dated) or without one (rolling).
//!
//! ```text
//! draft → open → closed
//! ```
//! Invariants:
//! - Applications begin only in an open call, from `opens_on` to `closes_on` (both inclusive, days
//!   of UTC). A call that is closed early gets that day as its last.
//! - Whoever names no fund lets every fund spend in the call; named funds exist.
//! - A private call is not listed; whoever is signed in and has its address can apply in it.
//! - What applicants were promised (the decision time) is copied into each application when it is
//!   submitted: editing the call changes no promise that was given.

pub mod api;
pub mod events;
pub mod jobs;
pub mod model;
pub mod rules;
pub mod service;
mod store;
