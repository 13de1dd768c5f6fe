//! The ledger: double entry in two self-balancing books, in one journal that only grows.
//!
//! The *general* book says what is owned, owed, earned and spent; the *budget* book what may
//! still be spent. Tier 2: it knows accounts and movements, not grants; dimensions are ids that
//! others gave it. Domains build a [`movements`] value and call [`service::post`]: nobody else
//! inserts postings.
//!
//! Invariants (proven by `almoner check`): docs/LEDGER.md.

pub mod api;
pub mod export;
pub mod jobs;
pub mod model;
pub mod movements;
pub mod rules;
pub mod service;
mod store;
