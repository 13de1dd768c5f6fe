//! Where applications stand in time.

use crate::applications::model::{DecisionClock, ExtendForm};
use crate::applications::service;
use crate::kernel::ids::ApplicationId;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Problems, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(get_clock).service(extend_application);
}

/// The promised day, how many wait before this one, and what happens next.
#[utoipa::path(tag = "applications", operation_id = "get_clock",
    params(("id" = ApplicationId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = DecisionClock), Problems))]
#[get("/api/v1/applications/{id}/clock")]
async fn get_clock(app: App, caller: Caller, id: Path<ApplicationId>) -> HttpResponse {
    http::query(&app, caller, Action::GetClock, move |conn, ctx| {
        Done::ok(&service::clock(conn, ctx, *id)?)
    })
    .await
}

/// Promises a later day for the decision; the applicant is told, with the reason.
#[utoipa::path(tag = "applications", operation_id = "extend_application",
    params(("id" = ApplicationId, Path)), request_body = ExtendForm, security(("bearer" = [])),
    responses((status = 200, description = "Promised", body = DecisionClock), Problems))]
#[post("/api/v1/applications/{id}/extend")]
async fn extend_application(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<ExtendForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::ExtendApplication, body, move |conn, ctx, form| {
        Done::ok(&service::extend(conn, ctx, *id, form)?)
    })
    .await
}
