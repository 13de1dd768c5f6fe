//! What others may hear.

/// A person confirmed their address: `{"person_id"}`.
pub const PERSON_CONFIRMED: &str = "person_confirmed";
/// A person was suspended: `{"person_id"}`.
pub const PERSON_SUSPENDED: &str = "person_suspended";
/// A person who was suspended may act again: `{"person_id"}`.
pub const PERSON_REACTIVATED: &str = "person_reactivated";
/// A person got or lost a role: `{"person_id", "role", "granted"}`.
pub const ROLE_CHANGED: &str = "role_changed";
