//! What people and jobs do with offers, and what other domains may know of them.

mod books;
mod decide;
mod notify;
mod place;
mod read;
mod release;

pub use decide::{approve, deny};
pub use place::place;
pub use read::{expected_reserved, get, list, list_of_application};
pub use release::{
    end_of_application, end_of_impartiality, lapse, overdue, release_rest, withdraw,
};

use super::model::{OfferFacts, OfferStatus, OfferView, Step};
use super::store::{self, Row};
use crate::applications;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, GrantId, OfferId};
use crate::kernel::problem::Problem;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::{Value, json};

/// The placed offers of an application, oldest first. Those whose time is over are among them:
/// look at `expires_at`.
pub fn placed_on(conn: &mut Conn, application: ApplicationId) -> Result<Vec<OfferFacts>> {
    let open = store::open_of(conn, application)?;
    let placed = open.iter().filter(|row| row.status == OfferStatus::Placed);
    Ok(placed.map(Row::facts).collect())
}

/// Gives a placed offer to a grant. The caller holds the application's row and posts the
/// movement of the ledger.
pub fn commit(conn: &mut Conn, ctx: &Ctx, offer: &OfferFacts, grant: GrantId) -> Result<()> {
    possible(offer.status, Step::Commit)?;
    if store::commit(conn, offer.id, grant, ctx.now)? { Ok(()) } else { Err(changed()) }
}

/// One offer, for other domains.
pub fn facts(conn: &mut Conn, id: OfferId) -> Result<Option<OfferFacts>> {
    Ok(store::find(conn, id)?.map(|row| row.facts()))
}

/// The offer, with its application's row held until the transaction ends: from here on nobody
/// else writes an offer of that application.
fn held(conn: &mut Conn, id: OfferId) -> Result<Option<Row>> {
    let Some(row) = store::find(conn, id)? else { return Ok(None) };
    applications::service::lock(conn, row.application_id)?;
    store::find(conn, id)
}

fn shown(conn: &mut Conn, id: OfferId) -> Result<OfferView> {
    store::view(conn, id)?.ok_or_else(|| Problem::not_found("offer"))
}

fn possible(status: OfferStatus, step: Step) -> Result<OfferStatus> {
    status.after(step).ok_or_else(|| {
        let detail = match status {
            OfferStatus::AwaitingApproval => "The offer waits for approval.",
            OfferStatus::Placed => "The offer is placed.",
            OfferStatus::Committed => "The offer is part of a grant.",
            OfferStatus::Released => "The offer was released.",
        };
        Problem::wrong_state(detail)
    })
}

fn changed() -> Problem {
    Problem::wrong_state("The offer was changed at the same moment.")
}

/// An offer in the audit log.
fn logged(row: &Row) -> Value {
    json!({
        "application_id": row.application_id,
        "budget_id": row.budget_id,
        "amount": row.money(),
        "status": row.status,
        "version": row.version,
    })
}
