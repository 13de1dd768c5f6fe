//! What others may hear of grants.

use crate::grants::model::TrancheFacts;
use crate::kernel::Result;
use crate::kernel::ids::GrantId;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;

/// An application became a grant: `{"v", "grant_id"}`.
pub const AWARDED: &str = "grant_awarded";
/// Agreement and payee are settled: `{"v", "grant_id"}`.
pub const ACTIVATED: &str = "grant_activated";
/// Everything is held: `{"v", "grant_id"}`.
pub const PAUSED: &str = "grant_paused";
/// It goes on: `{"v", "grant_id"}`.
pub const RESUMED: &str = "grant_resumed";
/// Nothing more is released: `{"v", "grant_id"}`.
pub const WINDING_DOWN: &str = "grant_winding_down";
/// It is done: `{"v", "grant_id"}`.
pub const CLOSED: &str = "grant_closed";
/// It ended before it began: `{"v", "grant_id"}`.
pub const CANCELLED: &str = "grant_cancelled";
/// A part of it came back: `{"v", "grant_id"}`.
pub const REFUNDED: &str = "grant_refunded";
/// A part of it did not come back after all: `{"v", "grant_id"}`.
pub const REFUND_UNDONE: &str = "grant_refund_undone";
/// A tranche is to be paid: `{"v", "grant_id", "tranche_id"}`.
pub const TRANCHE_RELEASED: &str = "tranche_released";
/// A tranche is not to be paid after all: `{"v", "grant_id", "tranche_id"}`.
pub const RELEASE_UNDONE: &str = "release_undone";

/// Tells of a grant.
pub(super) fn tell(conn: &mut Conn, ctx: &Ctx, name: &'static str, grant: GrantId) -> Result<()> {
    outbox::emit(conn, ctx, name, json!({ "v": 1, "grant_id": grant }))?;
    Ok(())
}

/// Tells of a tranche.
pub(super) fn tell_tranche(
    conn: &mut Conn,
    ctx: &Ctx,
    name: &'static str,
    tranche: &TrancheFacts,
) -> Result<()> {
    let data = json!({ "v": 1, "grant_id": tranche.grant_id, "tranche_id": tranche.id });
    outbox::emit(conn, ctx, name, data)?;
    Ok(())
}
