//! What others may hear. Each tells `{"v": 1, "application_id"}`.

/// Came in, or came back after changes.
pub const SUBMITTED: &str = "application_submitted";
/// Regrantors may offer from now on.
pub const OPENED: &str = "application_opened";
/// Went back to the applicant.
pub const CHANGES_REQUESTED: &str = "application_changes_requested";
/// Ended: it was declined.
pub const DECLINED: &str = "application_declined";
/// Ended: the applicant took it back.
pub const WITHDRAWN: &str = "application_withdrawn";
/// Is looked at again, after an appeal; tells `call_id` as well where that is in one call alone.
pub const REOPENED: &str = "application_reopened";
/// Ended: its time was over.
pub const LAPSED: &str = "application_lapsed";
/// Somebody declared a conflict of interest; tells `person_id` as well.
pub const CONFLICT_DECLARED: &str = "conflict_declared";
/// Somebody said yes to being on its team, also after it was handed in; tells `person_id` as well.
pub const JOINED: &str = "application_joined";
/// Its applicant took somebody off its team who was on it, after it was handed in.
pub const PUT_OUT: &str = "application_put_out";
/// Came into a further call; tells `call_id` as well.
pub const ROUTED: &str = "application_routed";
/// Left one of its calls: taken out of a further one, or declined there, or in its own alone; tells
/// `call_id` as well.
pub const UNROUTED: &str = "application_unrouted";
/// Its applicant deleted what it said.
pub const EMPTIED: &str = "application_emptied";
/// Was taken up by another application, and ended; tells `into_id` as well.
pub const MERGED: &str = "application_merged";
