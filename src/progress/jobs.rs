//! What happens later: reports and checkpoints opened after an award.

use super::service;
use crate::kernel::Result;
use crate::kernel::ids::GrantId;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde::Deserialize;

/// Job kind: opens the reports and checkpoints of a new grant.
pub const OPEN: &str = "progress.open";

/// Payload of the event `grant_awarded`.
#[derive(Debug, Deserialize)]
pub struct GrantAwarded {
    /// Which grant.
    pub grant_id: GrantId,
}

/// Opens the reports and checkpoints of a new grant. Running it twice changes nothing.
pub fn open(conn: &mut Conn, ctx: &Ctx, payload: &GrantAwarded) -> Result<()> {
    service::open_for_tranches(conn, ctx, payload.grant_id)
}
