//! Reminds those who may approve of the offers that wait for them, and hold money until they lapse.

use super::super::model::OfferStatus;
use super::super::store;
use super::{held, notify};
use crate::applications;
use crate::applications::model::ApplicationStatus;
use crate::kernel::Result;
use crate::kernel::ids::OfferId;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Seconds after which they are reminded, and reminded again.
const REMIND_SECONDS: i64 = 7 * 24 * 3600;

/// Offers that have waited for approval so long that somebody is reminded, up to `limit`.
pub fn approvals_due(conn: &mut Conn, ctx: &Ctx, limit: i64) -> Result<Vec<OfferId>> {
    store::approvals_due(conn, (ctx.now, ctx.now.plus_seconds(-REMIND_SECONDS)), limit)
}

/// Reminds of one, if it still waits.
pub fn remind_approvers(conn: &mut Conn, ctx: &Ctx, id: OfferId) -> Result<()> {
    let Some(row) = held(conn, id)? else { return Ok(()) };
    if row.status != OfferStatus::AwaitingApproval || row.expires_at <= ctx.now {
        return Ok(());
    }
    let facts = applications::service::facts(conn, row.application_id)?;
    let Some(application) = facts else { return Ok(()) };
    store::approvers_told(conn, id, ctx.now)?;
    // While changes are asked for, nothing can be approved.
    if application.status != ApplicationStatus::Open {
        return Ok(());
    }
    notify::approvers(conn, ctx, (&row, None), &application)
}
