//! What others may hear.

/// The team of an application, or who does paperwork for it, said something that its funders read,
/// or such words were moved there: `{"v": 1, "application_id", "hour"}`, the hour counted from
/// 1970.
pub const SAID_TO_FUNDERS: &str = "comment_said_to_funders";
