//! What others may hear.

/// There is a new agenda, or a retired one is back: `{"v": 1, "agenda_id", "slug"}`.
pub const AGENDA_CREATED: &str = "agenda_created";
