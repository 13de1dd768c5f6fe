//! Funds: pools of money with their own balance, currency and restriction, the contributions that
//! fill them, and what banks do on their own: charges, and transfers between own accounts.
//!
//! Invariants:
//! - All amounts of a fund are in its currency, which is that of its bank account.
//! - A contribution and its two ledger entries (the receipt, and the sponsor's fee as an entry of
//!   its own) are written together. The fee is the fund's basis points of the amount, rounded half
//!   up, at the rate of the moment: a later change of the rate touches no earlier contribution.
//! - A contribution that was recorded in error is undone by the opposite of its entries, once, and
//!   only while its fund has what it brought in no budget and holds it for nobody else. It stays on
//!   record, and counts nowhere: not as received, not for what its giver sees, not as recorded
//!   already.
//! - What a bank took of a fund's money is no more than the fund has in no budget and holds for
//!   nobody else. It is undone as a contribution is.
//! - Money that moved between two own accounts is no fund's: it changes what lies where, and not
//!   what may be spent. Within one currency as much arrives as left; between two, what the bank
//!   made of it.
//! - What money was given for cannot be changed afterwards: currency, bank account and restriction
//!   are fixed, and so is the purpose of a restricted fund once there is a contribution.
//! - A fund closes only when nothing is left that could still be spent and nothing is owed: nothing
//!   unallocated, available, reserved, committed, payable or in transit. What was spent stays on
//!   record. Closing ends contributions, new budgets and offers; a refund that arrives later still
//!   lands in the budget that it came from, and can be spent once the fund is opened again.
//! - An earmark is what a contribution for one application leaves after the fee. While it is
//!   *held*, nobody allocates it to a budget: what a fund has free is its unallocated money less
//!   what it holds. It leaves that state by being offered on its application, or, once that takes
//!   no offers any more, by an admin who says why (`publishing` has those use-cases).
//! - Contributor relation: a person who is named as the funder of a contribution sees the fund with
//!   its totals and statement, and their own contributions, not those of others.
//!
//! A regrantor sees what they need of a fund (name, restriction, purpose) on their budget.

pub mod api;
pub mod events;
pub mod model;
pub mod rules;
pub mod service;
mod store;
