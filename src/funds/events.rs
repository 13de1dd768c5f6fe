//! What others may hear.

/// A fund was made: `{"v":1,"fund_id"}`.
pub const FUND_CREATED: &str = "fund_created";
/// A fund was closed: `{"v":1,"fund_id"}`.
pub const FUND_CLOSED: &str = "fund_closed";
/// Money came in: `{"v":1,"fund_id","contribution_id"}`.
pub const CONTRIBUTION_RECEIVED: &str = "contribution_received";
