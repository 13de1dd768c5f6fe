//! What leaves for accountants and registers and comes from elsewhere: ledger exports, awards in
//! the 360Giving standard, the whole check, imports.
//!
//! The rightmost domain: it sees all others, and gives the ledger what it cannot know by itself,
//! names and what the domains expect it to hold.

pub mod api;
pub mod jobs;
pub mod model;
pub mod service;
mod store;
