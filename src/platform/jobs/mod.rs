//! Background work: a queue in the database, so that work is lost with no process and enqueued
//! with its reason in one transaction.
//!
//! A use-case calls [`enqueue`]. A [`Runner`] in any process takes one job after another: claims
//! it with a lease, runs its handler *outside* of every transaction (the network is allowed
//! there), and notes the outcome.
//!
//! Invariants:
//! - A job runs at least once. It runs again when its process died before noting the outcome, or
//!   its lease ran out; so handlers do no harm when they run twice.
//! - Of several workers one has a job. Who lost the lease can no longer note an outcome: the count
//!   of attempts, with the end of the lease, is the fencing token.
//! - Payloads are a wire format between versions of the program: an object with `"v": 1`.
//! - A periodic job is one row for good; so it is never waiting or running twice.

pub mod api;
mod bell;
mod kind;
mod model;
mod purge;
mod rewrap;
pub mod rules;
mod runner;
mod service;
mod store;

pub use bell::Bell;
pub use kind::{Handler, Kind, Kinds};
pub use model::{DeadJob, Job, JobStatus, NewJob, Outcome, Stats, Unfinished};
pub use purge::{PURGE, purge};
pub use rewrap::{REWRAP, Use, outdated, rewrap, uses};
pub use runner::{Desk, Runner, Workers};
pub(crate) use service::enqueue_as;
pub use service::{enqueue, list_dead, retry_dead, stats, unfinished};
