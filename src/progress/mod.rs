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
//! - What is decided is what was read: a decision names the version, and so does who writes over
//!   what was seen. Who hands a report in or sends it back may name it.
//! - What changes a report or a checkpoint holds its grant first.
//! - Who owes a report or what was seen is reminded before its day and after it, who has to answer
//!   hears of it at once and is reminded; what is late or unanswered for long, admins hear of.
//! - While a grant is wound down its reports and checkpoints are still heard, and release nothing;
//!   of one that has ended nothing is written or decided any more.

pub mod api;
pub mod jobs;
pub mod model;
mod rules;
pub mod service;
mod store;
