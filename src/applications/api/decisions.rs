//! What the sponsor does with applications, and who keeps out of it.

use super::changed;
use crate::applications::model::{
    Application, Conflict, ConflictException, ConflictExceptionForm, DeclineForm, ReasonForm,
};
use crate::applications::service;
use crate::kernel::ids::ApplicationId;
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(open_application)
        .service(request_changes)
        .service(decline_application)
        .service(declare_conflict)
        .service(list_conflicts)
        .service(except_conflict)
        .service(list_conflict_exceptions);
}

/// Shows a submitted application to regrantors.
#[utoipa::path(tag = "applications", operation_id = "open_application",
    params(("id" = ApplicationId, Path)), request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Open", body = Application), Problems))]
#[post("/api/v1/applications/{id}/open")]
async fn open_application(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::OpenApplication, body, move |conn, ctx, _| {
        changed(&service::open(conn, ctx, *id)?)
    })
    .await
}

/// Sends an application back to its applicant, who reads the reason.
#[utoipa::path(tag = "applications", operation_id = "request_changes",
    params(("id" = ApplicationId, Path)), request_body = ReasonForm, security(("bearer" = [])),
    responses((status = 200, description = "Sent back", body = Application), Problems))]
#[post("/api/v1/applications/{id}/request-changes")]
async fn request_changes(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<ReasonForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::RequestChanges, body, move |conn, ctx, form| {
        changed(&service::request_changes(conn, ctx, *id, form)?)
    })
    .await
}

/// Declines an application; the applicant reads the reason, and offers on it are released.
#[utoipa::path(tag = "applications", operation_id = "decline_application",
    params(("id" = ApplicationId, Path)), request_body = DeclineForm, security(("bearer" = [])),
    responses((status = 200, description = "Declined", body = Application), Problems))]
#[post("/api/v1/applications/{id}/decline")]
async fn decline_application(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<DeclineForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::DeclineApplication, body, move |conn, ctx, form| {
        changed(&service::decline(conn, ctx, *id, form)?)
    })
    .await
}

/// Declares that you have a conflict of interest with an application.
#[utoipa::path(tag = "applications", operation_id = "declare_conflict",
    params(("id" = ApplicationId, Path)), request_body = ReasonForm, security(("bearer" = [])),
    responses((status = 201, description = "Declared", body = Conflict), Problems))]
#[post("/api/v1/applications/{id}/conflicts")]
async fn declare_conflict(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<ReasonForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::DeclareConflict, body, move |conn, ctx, form| {
        let made = service::declare_conflict(conn, ctx, *id, &form.reason)?;
        Done::created(&made, format!("/api/v1/applications/{}/conflicts", *id))
    })
    .await
}

/// The conflicts of interest declared with an application, newest first; also those that were
/// lifted since, with who lifted them, when and why.
#[utoipa::path(tag = "applications", operation_id = "list_conflicts",
    params(("id" = ApplicationId, Path), PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Conflict>), Problems))]
#[get("/api/v1/applications/{id}/conflicts")]
async fn list_conflicts(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    page: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListConflicts, move |conn, ctx| {
        let page = page.read()?;
        Done::ok(&service::conflicts(conn, ctx, *id, &page.checked()?)?)
    })
    .await
}

/// Records why what was found between somebody and an application is no conflict of interest, or
/// lifts one that they declared (`ground` is `declared`): they may fund it from then on. Who
/// declared it is told. What ended by it stays ended, and they may declare one anew.
#[utoipa::path(tag = "applications", operation_id = "except_conflict",
    params(("id" = ApplicationId, Path)), request_body = ConflictExceptionForm,
    security(("bearer" = [])),
    responses((status = 201, description = "Recorded", body = ConflictException), Problems))]
#[post("/api/v1/applications/{id}/conflict-exceptions")]
async fn except_conflict(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<ConflictExceptionForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::ExceptConflict, body, move |conn, ctx, form| {
        let made = service::except_conflict(conn, ctx, *id, form)?;
        Done::created(&made, format!("/api/v1/applications/{}/conflict-exceptions", *id))
    })
    .await
}

/// What was found or declared, looked at, and is no conflict of interest, newest first.
#[utoipa::path(tag = "applications", operation_id = "list_conflict_exceptions",
    params(("id" = ApplicationId, Path), PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<ConflictException>), Problems))]
#[get("/api/v1/applications/{id}/conflict-exceptions")]
async fn list_conflict_exceptions(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    page: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListConflictExceptions, move |conn, ctx| {
        let page = page.read()?;
        Done::ok(&service::conflict_exceptions(conn, ctx, *id, &page.checked()?)?)
    })
    .await
}
