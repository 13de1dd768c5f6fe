//! What others may hear.

/// A fund was made: `{"v":1,"fund_id"}`.
pub const FUND_CREATED: &str = "fund_created";
/// A fund was closed: `{"v":1,"fund_id"}`.
pub const FUND_CLOSED: &str = "fund_closed";
/// A closed fund was opened again: `{"v":1,"fund_id"}`.
pub const FUND_REOPENED: &str = "fund_reopened";
/// Money came in: `{"v":1,"fund_id","contribution_id"}`.
pub const CONTRIBUTION_RECEIVED: &str = "contribution_received";
/// It did not, or not so: `{"v":1,"fund_id","contribution_id"}`.
pub const CONTRIBUTION_UNDONE: &str = "contribution_undone";
/// A bank took its charge of a fund: `{"v":1,"fund_id","charge_id"}`.
pub const BANK_CHARGE_RECORDED: &str = "bank_charge_recorded";
/// It did not, or not so: `{"v":1,"fund_id","charge_id"}`.
pub const BANK_CHARGE_UNDONE: &str = "bank_charge_undone";
/// Money moved between two own accounts: `{"v":1,"transfer_id"}`.
pub const BANK_TRANSFER_RECORDED: &str = "bank_transfer_recorded";
/// It did not, or not so: `{"v":1,"transfer_id"}`.
pub const BANK_TRANSFER_UNDONE: &str = "bank_transfer_undone";
