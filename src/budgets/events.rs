//! What others may hear.

/// A budget was made: `{"v":1,"budget_id","holder_id"}`.
pub const BUDGET_CREATED: &str = "budget_created";
/// Money was allocated: `{"v":1,"budget_id","allocation_id"}`.
pub const BUDGET_ALLOCATED: &str = "budget_allocated";
/// Money was recalled: `{"v":1,"budget_id","allocation_id"}`.
pub const BUDGET_RECALLED: &str = "budget_recalled";
/// A budget was closed: `{"v":1,"budget_id"}`.
pub const BUDGET_CLOSED: &str = "budget_closed";
