//! Grants: the relation after the award: who funds it, in which tranches it is paid, how it ends.
//!
//! An award turns the placed offers of an application into commitments and plans tranches that
//! sum exactly to it. A tranche is released when its condition holds, paid by a disbursement, and
//! what is never released goes back to the budgets that it came from, to the cent. A grant that was
//! closed winds down again when the bank gives a payment back, until that is paid or taken back.
//!
//! Invariants:
//! - Whoever writes a grant or one of its tranches holds the grant's row first: what is committed
//!   and spent, per budget, is read by one at a time.
//! - Whoever awards holds the application first, then keeps who made its offers and themselves as
//!   they are, and only then decides: who suspends one of them or takes a role waits.
//! - A status changes by an update that names the status before; the movement of the ledger is
//!   in the same transaction, once.
//! - Account 8400 of a grant is the sum of its planned tranches; 2000 is the sum of what is
//!   released and not yet instructed; 8500 is what was released, less refunds. Per budget as well:
//!   `tranche_parts` keeps which budget paid how much of which tranche.

pub mod api;
pub mod events;
pub mod jobs;
pub mod model;
pub mod rules;
pub mod service;
mod store;
