//! Tier 1: what any service needs and knows nothing of grants.

pub mod auth;
pub mod config;
pub mod db;
