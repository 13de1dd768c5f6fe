//! Offers: a regrantor's promise of an amount from one budget to one application.
//!
//! An offer holds a reservation of its budget from the moment it is placed until it is committed
//! to a grant or released; above the budget's threshold it first waits for a second person, with
//! the money held all the same.
//!
//! Invariants:
//! - Whoever writes an offer holds its application's row first (`applications::service`), so the
//!   sums that decide (requested amount, per-grant cap, threshold) are read by one at a time, and
//!   nobody waits for another in a ring.
//! - Whoever places or approves one then keeps its budget's terms as they are
//!   (`budgets::service::kept_terms`), and whoever changes these looks at what is open
//!   (`service::reach`). Last they keep who offers (`people::service::kept`): who is suspended or
//!   loses the role has made no offer since.
//! - A status changes by an update that names the status before; the reservation moves in the
//!   same transaction, once.
//! - An offer on a condition holds all that it may give. What offers come to is decided in one pass
//!   (`rules::resolve`); the award commits that and gives the rest back.
//! - Account 8300 of a budget is the sum of its open offers; `applications.offered` is the sum of
//!   the open offers of an application and of what was committed.

pub mod api;
pub mod events;
pub mod jobs;
pub mod model;
#[cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]
pub mod rules;
pub mod service;
mod store;
