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
