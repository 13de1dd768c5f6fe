//! Watching: dated reports and checkpoints of a grant, and what each person has to do next.
//!
//! ```text
//! report      due → draft → submitted → accepted | changes_requested → submitted
//! checkpoint  due → reported → decided (continue | rescope | pause | wind_down)
//! ```
//! Invariants:
//! - A tranche that waits for a report is released when that report is accepted; one that waits
//!   for a checkpoint, when its decision is *continue*; in the same transaction, once.
//! - Nobody decides about their own grant; who wrote down what was seen does not decide on it.
//! - While a grant is wound down its reports and checkpoints are still heard, and release nothing;
//!   of one that has ended nothing is written or decided any more.

pub mod api;
pub mod jobs;
pub mod model;
pub mod service;
mod store;
