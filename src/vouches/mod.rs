//! Vouches: a named person's signed trust in an applicant.
//!
//! ```text
//! request  open → signed | declined | withdrawn
//!          (open: mailed again by who asks, reminded of once, taken back by who asked)
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
//! - A public vouch answers what its voucher was asked about that application, wherever it is
//!   signed; a private one only where it is signed as the answer: else who applies would hear of
//!   it. Whoever vouches already is waited for no more.
//! - Of the tokens that were mailed for one question the last is taken, and no other.
//! - A private vouch is read by its voucher, admins, auditors, and regrantors who could fund the
//!   application; not by the applicant, not by others, and it is in no count of theirs.

pub mod api;
pub mod jobs;
pub mod model;
pub mod rules;
pub mod service;
mod store;
