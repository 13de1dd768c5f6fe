//! Routes that move the money of a grant.

use super::shown;
use crate::grants::model::{MaybeBecause, RecordRefund, UndoRefund};
use crate::grants::service::{self, GrantDetail, RefundUndone, RefundView};
use crate::kernel::ids::GrantId;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Problems, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, post};

/// Registers them.
pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(release_tranche).service(undo_release).service(record_refund).service(undo_refund);
}

/// Release a tranche whose condition holds: on activation, or its day has come. Tranches that
/// wait for a report or a checkpoint are released by deciding those. Needs an Idempotency-Key.
#[utoipa::path(tag = "grants", operation_id = "release_tranche", request_body = MaybeBecause,
    params(("id" = GrantId, Path, description = "The grant"),
        ("number" = i32, Path, description = "The tranche's place in the plan, from 1 on")),
    security(("bearer" = [])),
    responses((status = 200, description = "The grant", body = GrantDetail), Problems))]
#[post("/api/v1/grants/{id}/tranches/{number}/release")]
async fn release_tranche(
    app: App,
    caller: Caller,
    path: Path<(GrantId, i32)>,
    body: Body<MaybeBecause>,
) -> HttpResponse {
    let (id, number) = path.into_inner();
    http::command(&app, caller, Action::ReleaseTranche, body, move |conn, ctx, form| {
        service::release_number(conn, ctx, id, number, form.reason.as_deref())?;
        shown(conn, ctx, id)
    })
    .await
}

/// Take the release of an unpaid tranche back. Only a person releases it again; where the grant
/// winds down its money goes back to the budgets at once. Needs an Idempotency-Key.
#[utoipa::path(tag = "grants", operation_id = "undo_release", request_body = MaybeBecause,
    params(("id" = GrantId, Path, description = "The grant"),
        ("number" = i32, Path, description = "The tranche's place in the plan, from 1 on")),
    security(("bearer" = [])),
    responses((status = 200, description = "The grant", body = GrantDetail), Problems))]
#[post("/api/v1/grants/{id}/tranches/{number}/undo-release")]
async fn undo_release(
    app: App,
    caller: Caller,
    path: Path<(GrantId, i32)>,
    body: Body<MaybeBecause>,
) -> HttpResponse {
    let (id, number) = path.into_inner();
    http::command(&app, caller, Action::UndoRelease, body, move |conn, ctx, form| {
        service::undo_number(conn, ctx, id, number, form.reason.as_deref())?;
        shown(conn, ctx, id)
    })
    .await
}

/// Record money that came back from the recipient: it goes to the budgets in proportion to what
/// they paid, never more than was paid. Needs an Idempotency-Key.
#[utoipa::path(tag = "grants", operation_id = "record_refund", request_body = RecordRefund,
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "The refund", body = RefundView), Problems))]
#[post("/api/v1/grants/{id}/refunds")]
async fn record_refund(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    body: Body<RecordRefund>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::RecordRefund, body, move |conn, ctx, form| {
        Done::ok(&service::record_refund(conn, ctx, id, form)?)
    })
    .await
}

/// Take a refund that was recorded in error out of the books again: its entries are reversed, and
/// it can be recorded anew. Needs an Idempotency-Key.
#[utoipa::path(tag = "grants", operation_id = "undo_refund", request_body = UndoRefund,
    params(("id" = GrantId, Path, description = "The grant")), security(("bearer" = [])),
    responses((status = 200, description = "Undone", body = RefundUndone), Problems))]
#[post("/api/v1/grants/{id}/refunds/undo")]
async fn undo_refund(
    app: App,
    caller: Caller,
    id: Path<GrantId>,
    body: Body<UndoRefund>,
) -> HttpResponse {
    let id = id.into_inner();
    http::command(&app, caller, Action::UndoRefund, body, move |conn, ctx, form| {
        Done::ok(&service::undo_refund(conn, ctx, id, form)?)
    })
    .await
}
