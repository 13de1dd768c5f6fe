//! What people and jobs do with offers, and what other domains may know of them.

mod books;
mod decide;
mod earmarked;
mod funding;
mod heard;
mod joins;
mod notify;
mod place;
mod preview;
mod read;
mod release;
mod remind;
mod walk;

pub use decide::{approve, deny, still_approved};
pub use earmarked::{grant_cancelled, hold_earmarks, settle_earmark};
pub use funding::{awardable, firm, funding, standing_on, tell_awardable};
pub use heard::{makers_hear, makers_hear_of_member};
pub use joins::{keeps_off, may_be_asked, may_join};
pub use place::place;
pub use preview::preview;
pub use read::{expected_reserved, get, list, list_of_application, of_which, reads_all};
pub use release::{
    end_of_application, end_of_former, end_of_impartiality, end_of_insider, end_of_route,
    is_unrouted, lapse, lapse_application, may_offer, open_by, open_on, overdue, reach,
    release_rest, withdraw,
};
pub use remind::{approvals_due, remind_approvers};
pub use walk::{end_of_unfit, unfit, walked, walked_to};

use super::model::{OfferFacts, OfferStatus, OfferView, Step};
use super::rules::{self, Promise};
use super::store::{self, Row};
use crate::applications;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, GrantId, OfferId};
use crate::kernel::money::Money;
use crate::kernel::problem::Problem;
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
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

/// What offers come to together, each with its share; those that come to nothing are left out.
pub fn come_to(offers: Vec<OfferFacts>) -> Vec<(OfferFacts, i64)> {
    let promises: Vec<Promise> = offers.iter().map(OfferFacts::promise).collect();
    let granted = rules::resolve(&promises);
    let share = |offer: OfferFacts| granted.get(&offer.id).map(|share| (offer, *share));
    offers.into_iter().filter_map(share).filter(|(_, share)| *share > 0).collect()
}

/// Gives so much of a placed offer to a grant, and the rest back to its budget. The caller holds
/// the application's row and posts the movement of what is given.
pub fn commit(
    conn: &mut Conn,
    ctx: &Ctx,
    offer: &OfferFacts,
    (effective, grant): (i64, GrantId),
) -> Result<()> {
    possible(offer.status, Step::Commit)?;
    if !(1..=offer.amount).contains(&effective) {
        return Err(Problem::internal("an offer gives something, and no more than it promised"));
    }
    if !store::commit(conn, offer.id, (effective, grant), ctx.now)? {
        return Err(changed());
    }
    let change = Change::by(Action::AwardApplication, "offer", offer.id.uuid())
        .from(json!({ "status": offer.status, "amount": offer.money() }))
        .to(json!({
            "status": OfferStatus::Committed, "grant_id": grant,
            "effective": Money::new(effective, offer.currency),
        }));
    audit::record(conn, ctx, change)?;
    let rest = offer.amount - effective;
    if rest > 0 {
        applications::service::take_offered(conn, offer.application_id, rest, true)?;
        books::rest_freed(conn, ctx, offer, rest)?;
    }
    notify::committed(conn, ctx, offer, (effective, grant))
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
    Problem::changed_meanwhile("offer")
}

/// An offer in the audit log.
fn logged(row: &Row) -> Value {
    json!({
        "application_id": row.application_id,
        "budget_id": row.budget_id,
        "amount": row.money(),
        "kind": row.kind,
        "others_minimum": row.others_minimum,
        "private": row.private,
        "status": row.status,
        "version": row.version,
    })
}
