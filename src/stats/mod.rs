//! Published figures: how long decisions take.
//!
//! Invariants:
//! - Only of public calls, and never of fewer than five: nobody can be told from them.
//! - Percentiles are nearest-rank, on whole days: the smallest number of days within which at least
//!   so many of a hundred were done.
//! - What is published is counted as it happens: its cost grows with calls and months, not with
//!   applications.

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
