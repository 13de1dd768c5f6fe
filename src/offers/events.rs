//! What others may hear of offers.

use crate::kernel::Result;
use crate::offers::model::OfferFacts;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;

/// An offer stands: placed at once, or approved.
pub const PLACED: &str = "offer_placed";
/// An offer waits for a second person.
pub const AWAITING_APPROVAL: &str = "offer_awaiting_approval";
/// An offer's money went back to its budget.
pub const RELEASED: &str = "offer_released";

/// Tells one of them.
pub(super) fn tell(
    conn: &mut Conn,
    ctx: &Ctx,
    name: &'static str,
    offer: &OfferFacts,
) -> Result<()> {
    let payload = json!({
        "v": 1,
        "offer_id": offer.id,
        "application_id": offer.application_id,
        "budget_id": offer.budget_id,
    });
    outbox::emit(conn, ctx, name, payload)?;
    Ok(())
}
