//! Discovery: how applications are found by those who may fund them.
//!
//! - **Search**: words and filters over what was handed in. Those found in the title come first,
//!   then those in title and summary, then all others; the newest first among each. The index is
//!   kept by triggers, in the transaction of the edit (migrations `0032_search`).
//! - **Saved searches** with a digest of what is new, by mail.
//! - **The queue** of a regrantor: what their budgets may fund, sorted by what is most likely lost
//!   by waiting.
//!
//! Invariants:
//! - Who asks decides in SQL what is found: every page goes through the branches of lists
//!   (`applications::service::among`); marks in the index only spare looking at what they would
//!   drop.
//! - A page costs a bounded number of looks, whatever is asked: where they do not fill it, it is
//!   short and tells where to go on.
//! - A digest is told once a period: the row moves on in the transaction that writes the mail.
//!   Where more was opened than one mail is made of, it moves on to the last that it was made of.
//! - What a call asks that has become private finds nothing from that moment on, though the index
//!   follows later (`discovery.refresh`).

pub mod api;
pub mod jobs;
pub mod model;
pub mod pages;
pub mod rules;
pub mod service;
mod store;
