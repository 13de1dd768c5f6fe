//! Routes of a grant's life after the award.

use super::shown;
use crate::grants::model::{Because, MaybeBecause};
use crate::grants::service::{self, GrantDetail};
use crate::kernel::ids::GrantId;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Problems, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, post};

/// Registers them.
pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(pause_grant)
        .service(resume_grant)
        .service(wind_down_grant)
        .service(close_grant)
        .service(cancel_grant);
}

/// Hold everything: nothing is released or instructed until it is resumed.
#[utoipa::path(tag = "grants", operation_id = "pause_grant", request_body = Because,
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "The grant", body = GrantDetail), Problems))]
#[post("/api/v1/grants/{id}/pause")]
async fn pause_grant(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    body: Body<Because>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::PauseGrant, body, move |conn, ctx, form| {
        service::pause(conn, ctx, id, &form.reason)?;
        shown(conn, ctx, id)
    })
    .await
}

/// Go on with a paused grant.
#[utoipa::path(tag = "grants", operation_id = "resume_grant", request_body = MaybeBecause,
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "The grant", body = GrantDetail), Problems))]
#[post("/api/v1/grants/{id}/resume")]
async fn resume_grant(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    body: Body<MaybeBecause>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::ResumeGrant, body, move |conn, ctx, form| {
        service::resume(conn, ctx, id, form.reason.as_deref())?;
        shown(conn, ctx, id)
    })
    .await
}

/// Release nothing more: what is planned is cancelled and goes back to the budgets that it came
/// from. What was released may still be paid. Needs an Idempotency-Key.
#[utoipa::path(tag = "grants", operation_id = "wind_down_grant", request_body = Because,
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "The grant", body = GrantDetail), Problems))]
#[post("/api/v1/grants/{id}/wind-down")]
async fn wind_down_grant(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    body: Body<Because>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::WindDownGrant, body, move |conn, ctx, form| {
        service::wind_down(conn, ctx, id, &form.reason)?;
        shown(conn, ctx, id)
    })
    .await
}

/// End a grant of which nothing is left to release or to pay. Needs an Idempotency-Key.
#[utoipa::path(tag = "grants", operation_id = "close_grant", request_body = MaybeBecause,
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "The grant", body = GrantDetail), Problems))]
#[post("/api/v1/grants/{id}/close")]
async fn close_grant(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    body: Body<MaybeBecause>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::CloseGrant, body, move |conn, ctx, form| {
        service::close(conn, ctx, id, form.reason.as_deref())?;
        shown(conn, ctx, id)
    })
    .await
}

/// End a grant before it is active: everything goes back to the budgets that it came from. Needs
/// an Idempotency-Key.
#[utoipa::path(tag = "grants", operation_id = "cancel_grant", request_body = Because,
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "The grant", body = GrantDetail), Problems))]
#[post("/api/v1/grants/{id}/cancel")]
async fn cancel_grant(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    body: Body<Because>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::CancelGrant, body, move |conn, ctx, form| {
        service::cancel(conn, ctx, id, &form.reason)?;
        shown(conn, ctx, id)
    })
    .await
}
