//! Looking at offers: who sees which.

use super::super::model::{OfferStatus, OfferView, OneOffer};
use super::super::store::{self, Filter, Sight};
use crate::applications;
use crate::budgets;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, BudgetId, Id, OfferId, of};
use crate::kernel::money::Currency;
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::BTreeMap;
use uuid::Uuid;

/// One offer, with what it is about. The applicant's side sees it once it was promised.
///
/// # Errors
/// 404 if there is none in sight.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: OfferId) -> Result<OneOffer> {
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
    if budget.as_ref().is_some_and(|b| ctx.actor.is(b.holder_id)) {
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
    let all = reads_all(conn, ctx, offer.application_id)?;
    // With a stake their role is none: what waits is nobody's on the application to see.
    if relations.is_empty() && !all && offer.placed_at.is_none() {
        return Err(missing());
    }
    let reads_budget = authz::require(ctx, Action::GetBudget, &relations).is_ok();
    let offer = named(ctx, all, offer);
    let budget = budget.filter(|_| reads_budget && offer.budget_id.is_some());
    Ok(OneOffer {
        application_title: title(conn, ctx, offer.application_id)?,
        budget_name: budget.map(|budget| budget.name),
        offer,
    })
}

/// What an application was called when it was handed in, for who may see it.
fn title(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Option<String>> {
    // A token sees what its scopes reach.
    if authz::gate(ctx, Action::GetApplication).is_err() {
        return Ok(None);
    }
    match applications::service::visible(conn, ctx, id) {
        Ok(_) => {
            let found = applications::service::as_handed_in(conn, id)?;
            Ok(found.map(|application| application.title))
        }
        Err(problem) if problem.kind() == Kind::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Whether the actor runs the service and is neither on the application nor in a conflict with it:
/// otherwise they read of its offers what every applicant does.
pub fn reads_all(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<bool> {
    Ok(applications::service::offers_read(conn, ctx, &[id])?.contains(&id))
}

/// As this actor reads it: without whose it is where that is private.
fn named(ctx: &Ctx, all: bool, offer: OfferView) -> OfferView {
    let own = offer.regrantor_id.is_some_and(|id| ctx.actor.is(id));
    if offer.private && !own && !all { offer.nameless() } else { offer }
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
    let all = reads_all(conn, ctx, id)?;
    let sight = if all { Sight::All } else { Sight::Promised(ctx.actor.person()) };
    let filter = Filter { sight, application: Some(id), status: None };
    let page = Page::cut(store::list(conn, &filter, page)?, page.limit, |offer| offer.id);
    Ok(page.map(|offer| named(ctx, all, offer)))
}

/// The actor's own offers, newest first; those who approve, pay or audit see everybody's, but for
/// those on applications in which they have a stake: a page may be shorter than it could be.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    status: Option<OfferStatus>,
    page: &PageOf<of::Offer>,
) -> Result<Page<OfferView>> {
    authz::require(ctx, Action::ListOffers, &[])?;
    let sight = if ctx.actor.is_sponsor() { Sight::All } else { Sight::Own(ctx.me()?) };
    let filter = Filter { sight, application: None, status };
    let mut page = Page::cut(store::list(conn, &filter, page)?, page.limit, |offer| offer.id);
    if let (Some(me), true) = (ctx.actor.person(), ctx.actor.is_sponsor()) {
        let ids: Vec<ApplicationId> = page.items.iter().map(|o| o.application_id).collect();
        let theirs = applications::service::stakes(conn, me, &ids)?;
        page.items.retain(|o| o.regrantor_id == Some(me) || !theirs.contains(&o.application_id));
    }
    Ok(page)
}

/// What the ledger must hold reserved, by budget and currency (invariant 4).
pub fn expected_reserved(conn: &mut Conn) -> Result<Vec<(BudgetId, Currency, i64)>> {
    store::reserved(conn)
}

/// The application of each of these offers, by its id; those that are not there are left out.
pub fn of_which(conn: &mut Conn, ids: &[Uuid]) -> Result<BTreeMap<Uuid, ApplicationId>> {
    let ids: Vec<_> = ids.iter().map(|id| Id::from_uuid(*id)).collect();
    let found = if ids.is_empty() { Vec::new() } else { store::of_which(conn, &ids)? };
    Ok(found.into_iter().map(|(id, application)| (id.uuid(), application)).collect())
}
