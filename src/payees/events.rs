//! What others may hear of payees. None of it tells an account.

use crate::kernel::Result;
use crate::payees::model::PayeeFacts;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;

/// Its owner has handed it in.
pub const SUBMITTED: &str = "payee_submitted";
/// A second person has found it right.
pub const VERIFIED: &str = "payee_verified";
/// A second person has found it wrong.
pub const REJECTED: &str = "payee_rejected";
/// Its details were changed: what waits to be paid to it is held.
pub const CHANGED: &str = "payee_changed";

/// Tells that its details were changed, and whether that makes it somebody else to look up: another
/// name, another country.
pub(super) fn changed(
    conn: &mut Conn,
    ctx: &Ctx,
    was: &PayeeFacts,
    payee: &PayeeFacts,
) -> Result<()> {
    let data = json!({
        "v": 1,
        "payee_id": payee.id,
        "person_id": payee.person_id,
        "details_version": payee.details_version,
        "somebody_else": was.name != payee.name || was.country != payee.country,
    });
    outbox::emit(conn, ctx, CHANGED, data)
}

/// Tells one of the others.
pub(super) fn tell(
    conn: &mut Conn,
    ctx: &Ctx,
    name: &'static str,
    payee: &PayeeFacts,
) -> Result<()> {
    let data = json!({
        "v": 1,
        "payee_id": payee.id,
        "person_id": payee.person_id,
        "details_version": payee.details_version,
    });
    outbox::emit(conn, ctx, name, data).map(drop)
}
