//! Vouches: a named person's signed trust in an applicant.
//!
//! ```text
//! request  open → signed | declined
//! vouch    signed → withdrawn
//! ```
//! Whoever may see an application may vouch for it; whom the applicant asked by mail, also for one
//! that they do not see. They need an account with the address that was asked.
//!
//! Invariants:
//! - Nobody vouches for what they are on. A conflict that they declared, or that is found, has to
//!   stand in the vouch itself; then it is taken, and read with it.
//! - One vouch that stands, of one person for one application; so many a quarter of one person as
//!   the service is set to. What was withdrawn counts: a vouch is not lent around.
//! - What was signed is never edited. Withdrawn ones stay, with the reason, in the voucher's record
//!   and on the application.
//! - A private vouch is read by its voucher, admins, auditors, and regrantors who could fund the
//!   application; not by the applicant, not by others, and it is in no count of theirs.

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
mod store;
