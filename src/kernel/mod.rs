//! Tier 0: values and their rules, without I/O and without async.
//!
//! Everything else in the crate may use this; this uses nothing of it. Money is whole minor units
//! with a currency, time comes from a [`time::Clock`] that is handed in, ids from an
//! [`ids::IdSource`], and every refusal is a [`problem::Problem`] out of one catalogue.

pub mod actor;
pub mod fields;
pub mod ids;
pub mod money;
pub mod page;
pub mod patch;
pub mod problem;
pub mod split;
pub mod text;
mod text_enum;
pub mod time;

/// What a use-case returns: a value, or a problem that the caller can act on.
pub type Result<T> = std::result::Result<T, problem::Problem>;
