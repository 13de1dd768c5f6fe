//! Budgets: ceilings delegated to regrantors, each from one fund, with terms.
//!
//! Invariants:
//! - A budget is in its fund's currency; what it holds is what the ledger says is available,
//!   reserved, committed or spent on it, and can never be overdrawn: the ledger refuses.
//! - Its holder had the role regrantor when it was made; what a holder may do with it is asked
//!   again with each offer.
//! - Allocating and recalling are movements of the ledger, each with its own row here. Nothing is
//!   allocated to a closed or expired budget. What is available can be recalled from every budget,
//!   also a closed one: money returns to it when a grant is wound down or refunded.
//! - A budget closes when nothing is reserved; what was available goes back to the fund. What is
//!   committed or spent stays on record.
//! - A change of terms binds offers from then on, never those that are placed: its last day is not
//!   moved before the end of an open offer.

pub mod api;
pub mod events;
pub mod jobs;
pub mod model;
pub mod rules;
pub mod service;
mod store;
