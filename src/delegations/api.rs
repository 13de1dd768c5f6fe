//! Routes of delegations.

use super::model::{AnswerDelegation, AppointDelegate, Delegation};
use super::service;
use crate::kernel::ids::DelegationId;
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(appoint_delegate)
        .service(list_delegates)
        .service(list_delegations)
        .service(get_delegation)
        .service(accept_delegation)
        .service(decline_delegation)
        .service(revoke_delegation);
}

/// Lets somebody do paperwork for you, once they have said yes: they are asked by mail.
#[utoipa::path(tag = "me", operation_id = "appoint_delegate", request_body = AppointDelegate,
    security(("bearer" = [])),
    responses((status = 201, description = "Asked", body = Delegation), Problems))]
#[post("/api/v1/me/delegates")]
async fn appoint_delegate(app: App, caller: Caller, body: Body<AppointDelegate>) -> HttpResponse {
    http::command(&app, caller, Action::AppointDelegate, body, |conn, ctx, form| {
        let made = service::appoint(conn, ctx, form)?;
        Done::created(&made, format!("/api/v1/delegations/{}", made.id))
    })
    .await
}

/// Who acts for you, acted, or was asked to, newest first.
#[utoipa::path(tag = "me", operation_id = "list_delegates", params(PageQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Delegation>), Problems))]
#[get("/api/v1/me/delegates")]
async fn list_delegates(app: App, caller: Caller, page: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListDelegates, move |conn, ctx| {
        let page = page.read()?;
        Done::ok(&service::delegates(conn, ctx, &page.checked()?)?)
    })
    .await
}

/// For whom you act, acted, or are asked to, newest first.
#[utoipa::path(tag = "me", operation_id = "list_delegations", params(PageQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Delegation>), Problems))]
#[get("/api/v1/me/delegations")]
async fn list_delegations(app: App, caller: Caller, page: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListDelegations, move |conn, ctx| {
        let page = page.read()?;
        Done::ok(&service::delegations(conn, ctx, &page.checked()?)?)
    })
    .await
}

/// One delegation, for the two whom it concerns.
#[utoipa::path(tag = "delegations", operation_id = "get_delegation",
    params(("id" = DelegationId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Delegation), Problems))]
#[get("/api/v1/delegations/{id}")]
async fn get_delegation(app: App, caller: Caller, id: Path<DelegationId>) -> HttpResponse {
    http::query(&app, caller, Action::GetDelegation, move |conn, ctx| {
        Done::ok(&service::get(conn, ctx, *id)?)
    })
    .await
}

/// Says yes to acting for somebody.
#[utoipa::path(tag = "delegations", operation_id = "accept_delegation",
    params(("id" = DelegationId, Path)), request_body = AnswerDelegation,
    security(("bearer" = [])),
    responses((status = 200, description = "In force", body = Delegation), Problems))]
#[post("/api/v1/delegations/{id}/accept")]
async fn accept_delegation(
    app: App,
    caller: Caller,
    id: Path<DelegationId>,
    body: Body<AnswerDelegation>,
) -> HttpResponse {
    http::command(&app, caller, Action::AcceptDelegation, body, move |conn, ctx, form| {
        Done::ok(&service::accept(conn, ctx, *id, form)?)
    })
    .await
}

/// Says no to acting for somebody.
#[utoipa::path(tag = "delegations", operation_id = "decline_delegation",
    params(("id" = DelegationId, Path)), request_body = AnswerDelegation,
    security(("bearer" = [])),
    responses((status = 204, description = "Declined"), Problems))]
#[post("/api/v1/delegations/{id}/decline")]
async fn decline_delegation(
    app: App,
    caller: Caller,
    id: Path<DelegationId>,
    body: Body<AnswerDelegation>,
) -> HttpResponse {
    http::command(&app, caller, Action::DeclineDelegation, body, move |conn, ctx, form| {
        service::decline(conn, ctx, *id, form).map(|()| Done::nothing())
    })
    .await
}

/// Ends a delegation, or takes the invitation back, at once.
#[utoipa::path(tag = "delegations", operation_id = "revoke_delegation",
    params(("id" = DelegationId, Path)), request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Ended", body = Delegation), Problems))]
#[post("/api/v1/delegations/{id}/revoke")]
async fn revoke_delegation(
    app: App,
    caller: Caller,
    id: Path<DelegationId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::RevokeDelegation, body, move |conn, ctx, _| {
        Done::ok(&service::revoke(conn, ctx, *id)?)
    })
    .await
}
