//! What others may hear.

/// Somebody's word is needed: `{"v":1,"approval_id","subject_kind","subject_id"}`.
pub const APPROVAL_OPENED: &str = "approval_opened";
/// It was approved or denied: `{"v":1,"approval_id","subject_kind","subject_id","outcome"}`.
pub const APPROVAL_CONCLUDED: &str = "approval_concluded";
