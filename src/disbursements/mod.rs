//! Paying: a disbursement is one instruction to pay a payee for one released tranche.
//!
//! ```text
//! drafted → approved → instructed → settled
//!                      instructed/settled → returned → drafted again (a new attempt)
//! drafted/approved → voided
//! ```
//! Invariants:
//! - One live disbursement to a tranche (a unique index says so, not a check before an insert).
//! - Who approves did not draft it; who puts it into a batch or fetches the file did not approve
//!   it. Who gains from it (recipient, team, who has a payee with the same account) does nothing to
//!   it. Persons are compared, not roles.
//! - Whoever approved it may still approve when it goes to the bank, and its recipient is not
//!   suspended. What has no account here (an import) goes to no bank.
//! - Whoever approves, confirms a double, makes a batch or fetches its file holds the grants first,
//!   in the order of their ids, then the batch, then keeps all who have a hand in the payments or
//!   are paid by them (`people::service::keep_all`), and only then decides: who suspends one of
//!   them or takes a role waits. Approvals and the ledger's accounts come after.
//! - The approval is bound to a hash of amount, currency, payee, the version of its details, the
//!   try and the release: when one changes, what was approved is held, and has to be drafted anew.
//! - A release that is taken back takes its disbursement with it, unless the bank was told.
//! - Money leaves only through a batch; a payment that was instructed waits for the bank's word,
//!   given once. What is recorded as settled was in a file that somebody was given, or it is said
//!   how else it was paid. Every try is kept.

pub mod api;
pub mod jobs;
pub mod model;
pub mod rules;
pub mod service;
mod store;
