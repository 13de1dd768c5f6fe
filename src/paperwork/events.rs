//! What others may hear of paperwork.

use crate::kernel::Result;
use crate::kernel::ids::GrantId;
use crate::paperwork::model::RequirementView;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;

/// Both sides have signed.
pub const AGREEMENT_SIGNED: &str = "agreement_signed";
/// A requirement has another status.
pub const REQUIREMENT_CHANGED: &str = "requirement_changed";

/// Tells that both sides have signed.
pub(super) fn signed(conn: &mut Conn, ctx: &Ctx, grant: GrantId, sha256: &str) -> Result<()> {
    let data = json!({ "v": 1, "grant_id": grant, "sha256": sha256 });
    outbox::emit(conn, ctx, AGREEMENT_SIGNED, data).map(drop)
}

/// Tells that a requirement has another status.
pub(super) fn changed(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    now: &RequirementView,
) -> Result<()> {
    let data = json!({ "v": 1, "grant_id": grant, "kind": now.kind, "status": now.status });
    outbox::emit(conn, ctx, REQUIREMENT_CHANGED, data).map(drop)
}
