//! Published figures: how long decisions take.
//!
//! Invariants:
//! - Only of public calls, and never of fewer than five: nobody can be told from them.
//! - All months asked for are told of together as well, unless that would give a month away.
//! - Percentiles are nearest-rank, on whole days: the smallest number of days within which at least
//!   so many of a hundred were done.
//! - What is published is counted as it happens: its cost grows with calls and months, not with
//!   applications.

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
