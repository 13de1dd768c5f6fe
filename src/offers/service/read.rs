//! Looking at offers: who sees which.

use super::super::model::{OfferStatus, OfferView};
use super::super::store::{self, Filter, Sight};
use crate::applications;
use crate::budgets;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, BudgetId, OfferId, of};
use crate::kernel::money::Currency;
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::Problem;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// One offer. The applicant's side sees it once it was promised.
///
/// # Errors
/// 404 if there is none in sight.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: OfferId) -> Result<OfferView> {
    let missing = || Problem::not_found("offer");
    let offer = store::view(conn, id)?.ok_or_else(missing)?;
    let mut relations = Vec::new();
    if offer.regrantor_id.is_some_and(|id| ctx.actor.is(id)) {
        relations.push(Relation::Own);
    }
    let budget = match offer.budget_id {
        Some(budget) => budgets::service::terms(conn, budget)?,
        None => None,
    };
    if budget.is_some_and(|b| ctx.actor.is(b.holder_id)) {
        relations.push(Relation::Holder);
    }
    if offer.placed_at.is_some() {
        let application = applications::service::facts(conn, offer.application_id)?;
        let application = application.ok_or_else(missing)?;
        let theirs = applications::service::relations(conn, ctx, &application)?;
        if theirs.contains(&Relation::Own) || theirs.contains(&Relation::Team) {
            relations.push(Relation::Recipient);
        }
    }
    authz::require(ctx, Action::GetOffer, &relations)?;
    Ok(named(ctx, offer))
}

/// As this actor reads it: without whose it is where that is private.
fn named(ctx: &Ctx, offer: OfferView) -> OfferView {
    let own = offer.regrantor_id.is_some_and(|id| ctx.actor.is(id));
    if offer.private && !own && !ctx.actor.is_sponsor() { offer.nameless() } else { offer }
}

/// The offers on an application, newest first.
///
/// # Errors
/// 404 for an application out of sight, or whose offers are not the actor's to see.
pub fn list_of_application(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    page: &PageOf<of::Offer>,
) -> Result<Page<OfferView>> {
    let application = applications::service::visible(conn, ctx, id)?;
    let relations = applications::service::relations(conn, ctx, &application)?;
    authz::require(ctx, Action::ListApplicationOffers, &relations)?;
    let sight =
        if ctx.actor.is_sponsor() { Sight::All } else { Sight::Promised(ctx.actor.person()) };
    let filter = Filter { sight, application: Some(id), status: None };
    let page = Page::cut(store::list(conn, &filter, page)?, page.limit, |offer| offer.id);
    Ok(page.map(|offer| named(ctx, offer)))
}

/// The actor's own offers, newest first; those who approve, pay or audit see everybody's.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    status: Option<OfferStatus>,
    page: &PageOf<of::Offer>,
) -> Result<Page<OfferView>> {
    authz::require(ctx, Action::ListOffers, &[])?;
    let sight = if ctx.actor.is_sponsor() { Sight::All } else { Sight::Own(ctx.me()?) };
    let filter = Filter { sight, application: None, status };
    Ok(Page::cut(store::list(conn, &filter, page)?, page.limit, |offer| offer.id))
}

/// What the ledger must hold reserved, by budget and currency (invariant 4).
pub fn expected_reserved(conn: &mut Conn) -> Result<Vec<(BudgetId, Currency, i64)>> {
    store::reserved(conn)
}
