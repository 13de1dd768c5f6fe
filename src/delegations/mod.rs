//! Delegations: who may do paperwork for whom.
//!
//! ```text
//! invited → accepted → revoked | expired
//! invited → declined | revoked | expired
//! ```
//! Invariants:
//! - A delegate does what the delegation names (draft, submit, report) for one person, from their
//!   own yes to its last day. Either side ends it at once: what was begun before and is not
//!   written yet is refused, because whoever acts for somebody holds the delegation's row.
//! - Nobody is a delegate for themselves, and of one person at most once at a time.
//! - A delegate stands to the applications of the one they act for as if they were on them: they
//!   decide on none of those that lived during the delegation ([`service::stood_for_whom`]).
//! - What they do is done in two names: the audit log has theirs and whom they acted for
//!   ([`service::acting`]). Signing, payees, invitations and further delegates are in nobody's name
//!   but one's own: no row of the policy table lets a delegate.

pub mod api;
pub mod events;
pub mod jobs;
pub mod model;
pub mod rules;
pub mod service;
mod store;
