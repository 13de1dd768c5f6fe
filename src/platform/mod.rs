//! Tier 1: what any service needs and knows nothing of grants.

pub mod audit;
pub mod auth;
pub mod authz;
pub mod config;
pub mod context;
pub mod db;
pub mod files;
pub mod http;
pub mod idempotency;
pub mod jobs;
pub mod mail;
pub mod outbox;
pub mod panics;
pub mod search;
