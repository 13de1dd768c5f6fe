//! What others may hear.

/// A call takes applications from now on: `{"call_id"}`.
pub const CALL_OPENED: &str = "call_opened";
/// A call takes no more applications: `{"call_id"}`.
pub const CALL_CLOSED: &str = "call_closed";
