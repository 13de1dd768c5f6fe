//! What others may hear.

/// Somebody acts for another from now on: `{"v":1,"principal_id","delegate_id"}`.
pub const ACCEPTED: &str = "delegation_accepted";
