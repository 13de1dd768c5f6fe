//! What others may hear of the lane: nothing of concerns, nor who did it.

use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;

/// Screening holds an application back no longer: `{"v", "application_id"}`.
pub const CLEARED: &str = "screening_cleared";

/// Tells it.
pub(super) fn tell_cleared(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    outbox::emit(conn, ctx, CLEARED, json!({ "v": 1, "application_id": id }))
}
