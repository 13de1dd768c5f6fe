//! Approvals: a second person's word, bound to exactly what they looked at.
//!
//! A domain that needs it opens an approval on its object with a hash of what is to be approved
//! (amount, budget, payee…), and hands each vote here; what follows from the outcome is its own.
//!
//! Invariants:
//! - One pending approval to an object (a unique index says so). Votes are only ever added, one to
//!   a person (a unique index again): a double click, also at once from two sides, counts once.
//! - A vote is taken only under the hash that the approval was opened with. After any change of
//!   the object the old approval is ended and a new one opened.
//! - Approved means: as many different persons as needed have said so, none of them the one who
//!   asked and none of those excluded when it was concluded. One denial denies.
//! - Whoever votes is still who they were when their request was let in, and stays so until the
//!   vote is committed: who suspends them or takes a role waits.
//! - It is concluded once: the row is locked before votes are counted, so that two last votes at
//!   the same moment see each other.
//! - The service itself (imports of what was approved elsewhere) concludes at once, without votes.

pub mod events;
pub mod model;
pub mod rules;
pub mod service;
mod store;
