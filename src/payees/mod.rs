//! Payees: whom the bank pays, and into which account.
//!
//! A payee belongs to a person, who writes it and submits it; somebody of finance verifies it by a
//! second way (a call, a letter of the bank), or rejects it.
//!
//! Invariants:
//! - Account numbers are sealed at field level, bound to table, row and column. They are shown
//!   masked only; [`service::open_details`] opens them for the payment file, and every opening is
//!   in the audit log. No answer, log line, event, job or mail holds them.
//! - Who verifies is neither who wrote the details nor who owns them, and has no payee with the
//!   same account. An account that also belongs to somebody else's payee is verified only when the
//!   verifier says that this is right.
//! - Every change of the details raises `details_version` and drops the verification. A person
//!   who had a verified payee waits: the new details are paid to only after the cooling period,
//!   and changing back, or adding another payee instead, does not shorten it. Another town or
//!   address of what was handed in is verified anew as well, without that wait. The owner is told.
//! - What a verifier confirms is the version that they looked at.

pub mod api;
pub mod events;
pub mod model;
pub mod rules;
pub mod service;
mod store;
