//! Routes of offers, and of what is done with a view to them: terms of a budget are changed, people
//! asked onto the team of an application, and two applications become one.

use super::model::{
    ApproveOffer, DenyOffer, Funding, OfferPreview, OfferStatus, OfferView, OneOffer, PlaceOffer,
    WithdrawOffer,
};
use super::service;
use crate::applications;
use crate::applications::model::{
    AnswerForm, Application, InviteMember, Member, Merge, ProposeMerge,
};
use crate::budgets;
use crate::budgets::model::BudgetView;
use crate::budgets::service::BudgetChange;
use crate::kernel::ids::{ApplicationId, BudgetId, MemberId, MergeId, OfferId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, patch, post};
use serde::Deserialize;

/// Registers them.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(place_offer)
        .service(preview_offer)
        .service(get_funding)
        .service(list_application_offers)
        .service(list_offers)
        .service(get_offer)
        .service(approve_offer)
        .service(deny_offer)
        .service(withdraw_offer)
        .service(edit_budget)
        .service(invite_member)
        .service(accept_membership)
        .service(propose_merge)
        .service(accept_merge);
}

/// Asks somebody onto the team, by mail, until the application ends: also once it was handed in.
/// Refused where they nominated it, or where everybody reads that they vouch for it or have an
/// offer on it.
#[utoipa::path(tag = "applications", operation_id = "invite_member",
    params(("id" = ApplicationId, Path)), request_body = InviteMember, security(("bearer" = [])),
    responses((status = 201, description = "Invited", body = Member), Problems))]
#[post("/api/v1/applications/{id}/members")]
async fn invite_member(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<InviteMember>,
) -> HttpResponse {
    http::command(&app, caller, Action::InviteMember, body, move |conn, ctx, form| {
        let may = service::may_be_asked;
        let made = applications::service::invite(conn, ctx, *id, form, may)?;
        Done::created(&made, format!("/api/v1/applications/{}/members", *id))
    })
    .await
}

/// Says yes to an invitation, for oneself. Refused where they nominated the application, offer to
/// it, vouch for it, review it, or decided on it; once it was handed in, those who do are told.
#[utoipa::path(tag = "applications", operation_id = "accept_membership",
    params(("id" = ApplicationId, Path), ("member_id" = MemberId, Path)),
    request_body = AnswerForm, security(("bearer" = [])),
    responses((status = 200, description = "On the team", body = Member), Problems))]
#[post("/api/v1/applications/{id}/members/{member_id}/accept")]
async fn accept_membership(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, MemberId)>,
    body: Body<AnswerForm>,
) -> HttpResponse {
    let place = path.into_inner();
    http::command(&app, caller, Action::AcceptMembership, body, move |conn, ctx, form| {
        let may = service::may_join;
        Done::ok(&applications::service::accept(conn, ctx, place, form, may)?)
    })
    .await
}

/// Proposes that this application takes up another one of the same call, for who applies with one
/// of them and sees both; the other applicant is asked. Who applies with the other joins the team,
/// and may not where they keep off it; nor may the two become one where another on its team does.
#[utoipa::path(tag = "applications", operation_id = "propose_merge",
    params(("id" = ApplicationId, Path, description = "The application that goes on")),
    request_body = ProposeMerge, security(("bearer" = [])),
    responses((status = 201, description = "Proposed", body = Merge), Problems))]
#[post("/api/v1/applications/{id}/merge")]
async fn propose_merge(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<ProposeMerge>,
) -> HttpResponse {
    http::command(&app, caller, Action::ProposeMerge, body, move |conn, ctx, form| {
        let may = service::may_join;
        let made = applications::service::propose_merge(conn, ctx, *id, form, may)?;
        Done::created(&made, format!("/api/v1/merges/{}", made.id))
    })
    .await
}

/// Says yes: the two become one, which is the answer; the other ends as withdrawn.
#[utoipa::path(tag = "applications", operation_id = "accept_merge", params(("id" = MergeId, Path)),
    request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Merged", body = Application), Problems))]
#[post("/api/v1/merges/{id}/accept")]
async fn accept_merge(
    app: App,
    caller: Caller,
    id: Path<MergeId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::AcceptMerge, body, move |conn, ctx, _| {
        let may = service::may_join;
        let made = applications::service::accept_merge(conn, ctx, *id, may)?;
        Ok(Done::ok(&made)?.version(made.version))
    })
    .await
}

/// Changes the terms of a budget for offers from now on, and for the approval of those that wait;
/// send its ETag as If-Match. Its last day stays on or after the end of each open offer.
#[utoipa::path(tag = "budgets", operation_id = "edit_budget",
    params(("id" = BudgetId, Path), ("If-Match" = String, Header)),
    request_body = BudgetChange, security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = BudgetView), Problems))]
#[patch("/api/v1/budgets/{id}")]
async fn edit_budget(
    app: App,
    caller: Caller,
    id: Path<BudgetId>,
    body: Body<BudgetChange>,
) -> HttpResponse {
    http::command(&app, caller, Action::EditBudget, body, move |conn, ctx, form| {
        let view = budgets::service::edit(conn, ctx, *id, form, service::reach)?;
        Ok(Done::ok(&view)?.version(view.budget.version))
    })
    .await
}

/// Place an offer: its amount is reserved at once. Above the budget's threshold it then waits
/// for a second person. Needs an Idempotency-Key.
#[utoipa::path(tag = "offers", operation_id = "place_offer", request_body = PlaceOffer,
    params(("id" = ApplicationId, Path, description = "The application")),
    security(("bearer" = [])),
    responses((status = 201, description = "Placed, or waiting", body = OfferView), Problems))]
#[post("/api/v1/applications/{id}/offers")]
async fn place_offer(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<PlaceOffer>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::PlaceOffer, body, move |conn, ctx, form| {
        let offer = service::place(conn, ctx, id, form)?;
        let location = format!("/api/v1/offers/{}", offer.id);
        Ok(Done::created(&offer, location)?.version(offer.version))
    })
    .await
}

/// What an offer would come to, and what the application would have with and without it; nothing
/// is placed or reserved.
#[utoipa::path(tag = "offers", operation_id = "preview_offer", request_body = PlaceOffer,
    params(("id" = ApplicationId, Path, description = "The application")),
    security(("bearer" = [])),
    responses((status = 200, description = "What it would do", body = OfferPreview), Problems))]
#[post("/api/v1/applications/{id}/offers/preview")]
async fn preview_offer(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<PlaceOffer>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::PreviewOffer, body, move |conn, ctx, form| {
        Done::ok(&service::preview(conn, ctx, id, form)?)
    })
    .await
}

/// How an application is funded: what offers come to with their conditions, what is missing, by
/// whom unless that is private, and when they lapse. Open to whoever sees the application.
#[utoipa::path(tag = "offers", operation_id = "get_funding",
    params(("id" = ApplicationId, Path, description = "The application")),
    responses((status = 200, description = "How it is funded", body = Funding), Problems))]
#[get("/api/v1/applications/{id}/funding")]
async fn get_funding(app: App, caller: Caller, id: Path<ApplicationId>) -> HttpResponse {
    let id = id.into_inner();
    http::query(&app, caller, Action::GetFunding, move |conn, ctx| {
        Done::ok(&service::funding(conn, ctx, id)?)
    })
    .await
}

/// `?limit=50&after=<cursor>`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListOffers {
    /// Only those that stand here.
    status: Option<OfferStatus>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// The offers on an application, newest first. Its own side and other regrantors see those that
/// were promised; who made one sees it in any state.
#[utoipa::path(tag = "offers", operation_id = "list_application_offers",
    params(("id" = ApplicationId, Path, description = "The application"), PageQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<OfferView>), Problems))]
#[get("/api/v1/applications/{id}/offers")]
async fn list_application_offers(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    query: Query<PageQuery>,
) -> HttpResponse {
    let id = id.into_inner();
    http::query(&app, caller, Action::ListApplicationOffers, move |conn, ctx| {
        let query = query.read()?;
        Done::ok(&service::list_of_application(conn, ctx, id, &query.checked()?)?)
    })
    .await
}

/// Your offers, newest first; all offers for those who approve, pay or audit.
#[utoipa::path(tag = "offers", operation_id = "list_offers", params(ListOffers),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<OfferView>), Problems))]
#[get("/api/v1/offers")]
async fn list_offers(app: App, caller: Caller, query: Query<ListOffers>) -> HttpResponse {
    http::query(&app, caller, Action::ListOffers, move |conn, ctx| {
        let ListOffers { status, limit, after } = query.read()?;
        let page = PageQuery { limit, after };
        Done::ok(&service::list(conn, ctx, status, &page.checked()?)?)
    })
    .await
}

/// One offer.
#[utoipa::path(tag = "offers", operation_id = "get_offer",
    params(("id" = OfferId, Path, description = "The offer")), security(("bearer" = [])),
    responses((status = 200, description = "The offer", body = OneOffer), Problems))]
#[get("/api/v1/offers/{id}")]
async fn get_offer(app: App, caller: Caller, id: Path<OfferId>) -> HttpResponse {
    let id = id.into_inner();
    http::query(&app, caller, Action::GetOffer, move |conn, ctx| {
        let one = service::get(conn, ctx, id)?;
        Ok(Done::ok(&one)?.version(one.offer.version))
    })
    .await
}

/// Approve an offer that waits; never by who made it or is on the application. Needs an
/// Idempotency-Key.
#[utoipa::path(tag = "offers", operation_id = "approve_offer", request_body = ApproveOffer,
    params(("id" = OfferId, Path, description = "The offer")), security(("bearer" = [])),
    responses((status = 200, description = "The offer", body = OfferView), Problems))]
#[post("/api/v1/offers/{id}/approve")]
async fn approve_offer(
    app: App,
    caller: Caller,
    id: Path<OfferId>,
    body: Body<ApproveOffer>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::ApproveOffer, body, move |conn, ctx, form| {
        let offer = service::approve(conn, ctx, id, form)?;
        Ok(Done::ok(&offer)?.version(offer.version))
    })
    .await
}

/// Deny an offer that waits: the money goes back to its budget. Needs an Idempotency-Key.
#[utoipa::path(tag = "offers", operation_id = "deny_offer", request_body = DenyOffer,
    params(("id" = OfferId, Path, description = "The offer")), security(("bearer" = [])),
    responses((status = 200, description = "The offer", body = OfferView), Problems))]
#[post("/api/v1/offers/{id}/deny")]
async fn deny_offer(
    app: App,
    caller: Caller,
    id: Path<OfferId>,
    body: Body<DenyOffer>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::DenyOffer, body, move |conn, ctx, form| {
        let offer = service::deny(conn, ctx, id, form)?;
        Ok(Done::ok(&offer)?.version(offer.version))
    })
    .await
}

/// Take your offer back, while it is not committed; an admin does it for whoever cannot, with a
/// reason. Needs an Idempotency-Key.
#[utoipa::path(tag = "offers", operation_id = "withdraw_offer", request_body = WithdrawOffer,
    params(("id" = OfferId, Path, description = "The offer")), security(("bearer" = [])),
    responses((status = 200, description = "The offer", body = OfferView), Problems))]
#[post("/api/v1/offers/{id}/withdraw")]
async fn withdraw_offer(
    app: App,
    caller: Caller,
    id: Path<OfferId>,
    body: Body<WithdrawOffer>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::WithdrawOffer, body, move |conn, ctx, form| {
        let offer = service::withdraw(conn, ctx, id, form)?;
        Ok(Done::ok(&offer)?.version(offer.version))
    })
    .await
}
